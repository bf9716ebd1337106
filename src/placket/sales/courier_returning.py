"""Verbs of goods that come back by a carrier: asked for in the account, booked, scanned in at the depot and paid back.

Taking them back is the sale with returns that a till makes: the same reckoning, the same posting, the same refunds
(docs/rules/parcels.md). Cash goes back over a counter only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from placket import carriers, crm, inventory
from placket.core.ids import new_id
from placket.core.refusals import NotFound, Refusal
from placket.sales import courier_messages, courier_posting, courier_queries, ordering, returning
from placket.sales.courier_models import CourierReturn, CourierReturnLine
from placket.sales.order_models import WebOrder
from placket.sales.return_shapes import Condition, Reason, ReturnAsked

Form = Literal["card", "transfer", "store_credit", "cod"]
FORMS: Final[Sequence[Form]] = ("card", "transfer", "store_credit")


class NotByCourier(Refusal):
    """The rules of returns do not give these goods back by themselves, or their money only over a counter."""

    code = "not_by_courier"
    vi = "Món này không trả qua bưu tá được ({reason}). Mang đến cửa hàng bất kỳ, chúng tôi xem cùng bạn."
    en = "This cannot come back by courier ({reason}). Bring it to any store and we look at it together."


class AlreadyAsked(Refusal):
    """These pieces are on their way back already."""

    code = "return_already_asked"
    vi = "Món này đã có yêu cầu trả {code}."
    en = "Return {code} has been asked for this already."


class ReturnOver(Refusal):
    """The parcel is on its way, or has been dealt with."""

    code = "courier_return_over"
    vi = "Yêu cầu trả {code} đã được lấy hàng hoặc đã xong."
    en = "Return {code} has been picked up or is over."


class NothingCame(Refusal):
    """A parcel without goods gives nothing back."""

    code = "nothing_came"
    vi = "Kiện không có món nào thì không hoàn tiền. Ghi số món thực nhận."
    en = "A parcel without goods gives nothing back. Enter what came."


@dataclass(frozen=True, slots=True)
class Asked:
    """Pieces of a sold line that a member sends back."""

    line_no: int
    qty: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Request:
    """A return as it is asked for; the id makes asking twice one return."""

    id: UUID
    sale_id: UUID
    customer_id: UUID
    lines: tuple[Asked, ...]
    form: Form
    pay_to: Mapping[str, str] | None
    sender: Mapping[str, str]
    language: str

    @property
    def fingerprint(self) -> bytes:
        """What makes a repeated request the same return."""
        lines = [f"{line.line_no}|{line.qty}|{line.reason}" for line in self.lines]
        return sha256("\n".join([str(self.sale_id), str(self.customer_id), self.form, *lines]).encode()).digest()


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a line, and how it looks."""

    line_no: int
    qty: int
    condition: Condition


def forms_of(tx: Session, sale_id: UUID, reckoned: returning.ReturnQuote) -> dict[Form, str | None]:
    """By which forms a return's money can go back without a counter, each with why it cannot."""
    back_vnd, limits = reckoned.refund_vnd, reckoned.tender_limits
    by_policy = None if reckoned.form_limit("original") >= back_vnd else "policy"
    credit = None if reckoned.form_limit("original", "store_credit") >= back_vnd else "policy"
    card = limits.get("card", 0) >= back_vnd and courier_queries.paid_by_card_online(tx, sale_id)
    return {
        "card": by_policy or (None if card else "other_tender"),
        "transfer": by_policy or (None if limits.get("transfer", 0) >= back_vnd else "other_tender"),
        "store_credit": credit,
    }


def reckon(tx: Session, sale_id: UUID, lines: Sequence[Asked], *, now: datetime) -> returning.ReturnQuote:
    """What is given for some pieces. Refuses ``NotByCourier``, and what ``returning.quote`` refuses."""
    reckoned = returning.quote(tx, [returning.Wanted(sale_id, line.line_no, line.qty) for line in lines], now=now)
    reasons = returning.needs(reckoned, {}, limit_vnd=None)
    if reasons:
        raise NotByCourier(reason=reasons[0])
    return reckoned


def ask(tx: Session, *, request: Request, now: datetime) -> CourierReturn:
    """Ask for a return; its parcel is booked afterwards. Asked again it is the same return.

    Refuses ``NotFound``, ``NotByCourier``, ``AlreadyAsked``, ``returning.AlreadyReturned``.
    """
    _lock_sale(tx, request.sale_id)
    known = tx.get(CourierReturn, request.id)
    if known is not None:
        if known.fingerprint != request.fingerprint:
            raise AlreadyAsked(code=known.code)
        return known
    depot_id = courier_queries.depot(tx)
    if depot_id is None:
        raise NotByCourier(reason="depot")
    for open_one in _open_of(tx, request.sale_id):
        under_way = {line.line_no for line in courier_queries.lines_of(tx, open_one.id)}
        if under_way & {line.line_no for line in request.lines}:
            raise AlreadyAsked(code=open_one.code)
    reckoned = reckon(tx, request.sale_id, request.lines, now=now)
    why = forms_of(tx, request.sale_id, reckoned)[request.form]
    if why is not None:
        raise NotByCourier(reason=why)
    back = _made(
        tx,
        id_=request.id,
        kind="asked",
        of_sale_id=request.sale_id,
        customer_id=request.customer_id,
        location_id=depot_id,
        form=request.form,
        language=request.language,
        fingerprint=request.fingerprint,
        now=now,
    )
    back.pay_to = None if request.pay_to is None or request.form != "transfer" else dict(request.pay_to)
    back.sender = dict(request.sender)
    given = {refund.line_no: refund.refund_vnd for one in reckoned.sales for refund in one.refunds}
    _add_lines(tx, back, [(line.line_no, line.qty, line.reason, given[line.line_no]) for line in request.lines])
    return back


def wish_of(tx: Session, back: CourierReturn, *, to: carriers.Party) -> carriers.Wish:
    """The parcel of a return, fetched where its sender is."""
    assert back.sender is not None, "somebody asked for it"
    pieces = sum(line.qty for line in courier_queries.lines_of(tx, back.id))
    return carriers.Wish(
        key=f"return-{back.id}",
        direction="back",
        subject_id=back.id,
        location_id=back.location_id,
        sender=carriers.Party(back.sender["name"], back.sender["phone"], back.sender["address"]),
        recipient=to,
        contents=f"{back.code}: {pieces} món",
    )


def booked(tx: Session, *, return_id: UUID, shipment_id: UUID, now: datetime) -> CourierReturn:
    """The carrier comes for it: its sender is told."""
    back = locked(tx, return_id)
    if back.state == "asked":
        back.state, back.shipment_id = "booked", shipment_id
        back.version += 1
        tx.flush()
        courier_messages.tell(tx, back, "return_booked", at=now)
    return back


def cancelled(tx: Session, *, return_id: UUID, now: datetime) -> CourierReturn:
    """Its sender keeps the goods, and the carrier does not come. Refuses ``ReturnOver``."""
    back = locked(tx, return_id)
    parcel = None if back.shipment_id is None else tx.get_one(carriers.Shipment, back.shipment_id, populate_existing=True)
    if back.state == "done" or (parcel is not None and parcel.state != "cancelled"):
        raise ReturnOver(code=back.code)
    if back.state != "cancelled":
        back.state, back.ended_at = "cancelled", now
        back.version += 1
        tx.flush()
    return back


def expect_undelivered(tx: Session, order: WebOrder, parcel: carriers.Shipment, *, now: datetime) -> None:
    """A parcel comes back that nobody took: its place expects all of it, and what was paid for it goes back."""
    sale_id = tx.scalar(
        text("SELECT sale_id FROM web_order_sale WHERE order_id = :order AND carrier = :carrier AND tracking_no = :no"),
        {"order": order.id, "carrier": parcel.carrier, "no": parcel.tracking_no},
    )
    if sale_id is None or tx.scalar(select(CourierReturn.id).where(CourierReturn.shipment_id == parcel.id)) is not None:
        return
    reckoned = returning.quote(tx, _all_of(tx, sale_id), now=now)
    form: Form = "cod" if order.method == "cod" else "card" if order.method == "card" else "transfer"
    back = _made(
        tx,
        id_=new_id(),
        kind="undelivered",
        of_sale_id=sale_id,
        customer_id=order.customer_id,
        location_id=parcel.location_id,
        form=form,
        language=order.language,
        fingerprint=sha256(str(parcel.id).encode()).digest(),
        now=now,
    )
    back.state, back.shipment_id = "booked", parcel.id
    _add_lines(tx, back, [(one.line_no, one.qty, "other", one.refund_vnd) for of in reckoned.sales for one in of.refunds])


def give_back_unsent(
    tx: Session,
    *,
    return_id: UUID,
    of: returning.Wanted,
    customer_id: UUID | None,
    location_id: UUID,
    form: Form,
    pay_to: Mapping[str, str] | None,
    by: inventory.By,
    now: datetime,
) -> CourierReturn:
    """What was paid for pieces that never left goes back: they come back, on paper, to the place that sold them.

    Refuses what ``returning.quote`` refuses.
    """
    _lock_sale(tx, of.sale_id)
    reckoned = returning.quote(tx, [of], now=now)
    back = _made(
        tx,
        id_=return_id,
        kind="unsent",
        of_sale_id=of.sale_id,
        customer_id=customer_id,
        location_id=location_id,
        form=form,
        language=crm.language_of(tx, customer_id),
        fingerprint=sha256(str(return_id).encode()).digest(),
        now=now,
    )
    back.pay_to = None if pay_to is None else dict(pay_to)
    _add_lines(tx, back, [(of.line_no, of.qty, "other", reckoned.refund_vnd)])
    return receive(tx, return_id=back.id, came=[Came(of.line_no, of.qty, "sell")], by=by, now=now)


def receive(tx: Session, *, return_id: UUID, came: Sequence[Came], by: inventory.By, now: datetime) -> CourierReturn:
    """The depot scans a parcel in: what can be sold lies on its shelf at once, the money goes back, the customer is told.

    Done again it changes nothing. Refuses ``NotFound``, ``ReturnOver``, ``NothingCame``, ``returning.AlreadyReturned``.
    """
    back = locked(tx, return_id)
    if back.state == "done":
        return back
    if back.state == "cancelled":
        raise ReturnOver(code=back.code)
    lines = {line.line_no: line for line in courier_queries.lines_of(tx, back.id)}
    got = {one.line_no: one for one in came if one.qty}
    if not got:
        raise NothingCame
    if any(one.line_no not in lines or one.qty > lines[one.line_no].qty for one in got.values()):
        raise NotFound
    _lock_sale(tx, back.of_sale_id)
    reckoned = returning.quote(
        tx, [returning.Wanted(back.of_sale_id, one.line_no, one.qty) for one in got.values()], now=now
    )
    sale_id = courier_posting.post(
        tx, back, reckoned, [_said(reckoned, lines[no], one) for no, one in got.items()], by=by, now=now
    )
    for line in lines.values():
        here = got.get(line.line_no)
        line.came, line.condition = (0, None) if here is None else (here.qty, here.condition)
    back.state, back.sale_id, back.ended_at, back.received_by = "done", sale_id, now, by.staff_id
    back.version += 1
    tx.flush()
    _note_missing(tx, back, lines, now)
    _tell_order(tx, back, reckoned.refund_vnd, now)
    if back.kind != "unsent":  # of that ``lacking`` tells
        courier_messages.tell(tx, back, "return_done", at=now, amount_vnd=reckoned.refund_vnd)
    return back


def _said(reckoned: returning.ReturnQuote, line: CourierReturnLine, came: Came) -> ReturnAsked:
    (refund,) = (one for of in reckoned.sales for one in of.refunds if one.line_no == line.line_no)
    reason: Any = line.reason
    return ReturnAsked(reckoned.sales[0].sale_id, line.line_no, came.qty, refund.refund_vnd, reason, came.condition)


def _note_missing(tx: Session, back: CourierReturn, lines: Mapping[int, CourierReturnLine], now: datetime) -> None:
    lacking = sum(line.qty - (line.came or 0) for line in lines.values())
    if lacking:
        inventory.note_exception(
            tx,
            kind="return_short",
            severity="warning",
            refs={"return": str(back.id), "code": back.code, "sale": str(back.sale_id)},
            location_id=back.location_id,
            qty=lacking,
            actor_id=back.received_by,
            now=now,
        )


def _tell_order(tx: Session, back: CourierReturn, refund_vnd: int, now: datetime) -> None:
    order_id = courier_queries.order_of(tx, back.of_sale_id)
    if order_id is None:
        return
    order = ordering.locked(tx, order_id)
    ordering.note(tx, order, "returned", at=now, staff_id=back.received_by, code=back.code, amount_vnd=refund_vnd)
    ordering.changed(tx, order)


def locked(tx: Session, return_id: UUID) -> CourierReturn:
    """A return, under its lock. Refuses ``NotFound``."""
    back = tx.get(CourierReturn, return_id, with_for_update=True, populate_existing=True)
    if back is None:
        raise NotFound
    return back


def _lock_sale(tx: Session, sale_id: UUID) -> None:
    """Of two returns of one sale the second is reckoned when the first is through, as the posting desk does it."""
    tx.execute(text("SELECT 1 FROM sale WHERE id = :sale FOR NO KEY UPDATE"), {"sale": sale_id})


def _open_of(tx: Session, sale_id: UUID) -> Sequence[CourierReturn]:
    return tx.scalars(
        select(CourierReturn).where(CourierReturn.of_sale_id == sale_id, CourierReturn.state.in_(["asked", "booked"]))
    ).all()


def _all_of(tx: Session, sale_id: UUID) -> list[returning.Wanted]:
    rows = tx.execute(text("SELECT line_no, qty FROM sale_line WHERE sale_id = :sale AND qty > 0"), {"sale": sale_id})
    return [returning.Wanted(sale_id, row.line_no, row.qty) for row in rows]


def _made(
    tx: Session,
    *,
    id_: UUID,
    kind: str,
    of_sale_id: UUID,
    customer_id: UUID | None,
    location_id: UUID,
    form: Form,
    language: str,
    fingerprint: bytes,
    now: datetime,
) -> CourierReturn:
    number = tx.scalars(select(func.nextval("courier_return_no"))).one()
    back = CourierReturn(
        id=id_,
        code=f"R-{number:08d}",
        kind=kind,
        state="asked",
        language="en" if language == "en" else "vi",
        of_sale_id=of_sale_id,
        customer_id=customer_id,
        location_id=location_id,
        form=form,
        fingerprint=fingerprint,
        asked_at=now,
        version=1,
    )
    tx.add(back)
    tx.flush()
    return back


def _add_lines(tx: Session, back: CourierReturn, lines: Sequence[tuple[int, int, str, int]]) -> None:
    tx.add_all(
        CourierReturnLine(return_id=back.id, line_no=line_no, qty=qty, reason=reason, refund_vnd=refund_vnd)
        for line_no, qty, reason, refund_vnd in lines
    )
    tx.flush()
