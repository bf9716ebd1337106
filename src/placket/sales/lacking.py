"""Pieces that a till sold from a depot and that are not there: looked for elsewhere like those of web orders, or given back.

The sale stands. What is found elsewhere is carried on the books from there to the place that sold it; what is found nowhere
goes back as a return without a till. Nobody waits in silence: the customer is told, and it is a matter of the branch.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket import carriers, crm, events, identity, inventory, messages
from placket.core.ids import new_id
from placket.core.refusals import NotFound, Refusal
from placket.sales import courier_queries, courier_returning, order_view, returning, sending
from placket.sales.courier_models import CourierReturn
from placket.sales.sending_models import DepotSending, SendingLack

Form = Literal["card", "transfer", "store_credit"]
How = Literal["sent", "handed_over"]
NEWS_FOR: Final = timedelta(days=3)

_HEAD: Final = text(
    """
    SELECT s.id, s.receipt_code, s.location_id, s.customer_id, n.variant_id, n.qty, n.total_vnd, c.phone, c.email
      FROM sale s JOIN sale_line n ON n.sale_id = s.id AND n.line_no = :line
      LEFT JOIN customer c ON c.id = s.customer_id
     WHERE s.id = :sale
    """
)
# What waits for the clock: nothing was found anywhere; or its sale was voided, or its pieces came back, meanwhile.
_TO_DO: Final = text(
    """
    SELECT m.id, CASE WHEN s.state <> 'posted' OR k.qty > n.qty - b.qty THEN 'over' ELSE 'nowhere' END AS what
      FROM sending_lack m
      JOIN sale s ON s.id = m.sale_id
      JOIN sale_line n ON n.sale_id = m.sale_id AND n.line_no = m.line_no
      JOIN promise p ON p.ref = m.id AND NOT EXISTS (SELECT 1 FROM promise x WHERE x.moved_from = p.id)
     CROSS JOIN LATERAL (
           SELECT coalesce(-sum(r.qty), 0)::int AS qty
             FROM sale_line r JOIN sale x ON x.id = r.sale_id AND x.state = 'posted'
            WHERE r.returns_sale_id = n.sale_id AND r.returns_line_no = n.line_no) b
     CROSS JOIN LATERAL (
           SELECT sum(o.qty)::int AS qty FROM sending_lack o
            WHERE o.sale_id = n.sale_id AND o.line_no = n.line_no AND o.state NOT IN ('refunded', 'over')) k
     WHERE m.state IN ('moving', 'nowhere') AND p.phase NOT IN ('asked', 'moved', 'declined')
       AND (CAST(:lack AS uuid) IS NULL OR m.id = CAST(:lack AS uuid))
       AND (s.state <> 'posted' OR k.qty > n.qty - b.qty OR (m.state = 'moving' AND p.phase IN ('refunded', 'released')))
     ORDER BY m.missed_at DESC, m.id LIMIT 50
    """
)


class LackOver(Refusal):
    """It has been sent, handed over or given back, or is being looked for at another place."""

    code = "lack_over"
    vi = "Món này đã được xử lý xong, hoặc đang được tìm ở nơi khác. Tải lại danh sách."
    en = "This has been dealt with, or is being looked for elsewhere. Reload the list."


class NotGivenBack(Refusal):
    """Its money cannot go back this way."""

    code = "lack_form"
    vi = "Tiền của món này không hoàn theo cách đó được ({reason}). Chọn cách khác."
    en = "The money cannot go back this way ({reason}). Choose another."


@dataclass(frozen=True, slots=True)
class Parcel:
    """With whom something travels, and to whom."""

    carrier: str
    tracking_no: str | None
    recipient: carriers.Party


def missing(
    tx: Session, *, sale_id: UUID, location_id: UUID, line_no: int, qty: int, by: inventory.By, now: datetime
) -> UUID:
    """Pieces to be sent are not there; answers the promise that looks for them elsewhere (``inventory.move_on``).

    Refuses ``NotFound``, and ``sending.AlreadySent`` unless so many of the line are still to be sent.
    """
    task = tx.get(DepotSending, (sale_id, location_id), with_for_update=True, populate_existing=True)
    if task is None:
        raise NotFound
    lines = [line for each in sending.open_sendings(tx, scope=[location_id], sale_id=sale_id) for line in each["lines"]]
    if not any(line["line_no"] == line_no and line["qty"] >= qty for line in lines):
        raise sending.AlreadySent
    head = _head(tx, sale_id, line_no)
    lack = SendingLack(
        id=new_id(), sale_id=sale_id, location_id=location_id, line_no=line_no, qty=qty, state="moving", missed_at=now
    )
    lack.missed_by, lack.version = by.staff_id, 0
    tx.add(lack)
    _changed(tx, lack, head.location_id)
    return inventory.look_elsewhere(
        tx,
        ref=lack.id,
        location_id=location_id,
        move=inventory.Move(head.variant_id, qty),
        asked_from=head.location_id,
        customer_id=head.customer_id,
        sale_id=sale_id,
        by=by,
        now=now,
    )


def missing_again(tx: Session, *, lack_id: UUID, location_id: UUID, by: inventory.By, now: datetime) -> UUID:
    """They are not there either; answers the promise that goes on. Refuses ``NotFound``, ``LackOver``."""
    lack = locked(tx, lack_id)
    kept = _kept_at(tx, lack, location_id)
    if kept is None:
        raise LackOver
    inventory.not_found(tx, promise_id=kept, by=by, now=now)
    return kept


def leave(
    tx: Session, *, lack_id: UUID, location_id: UUID, how: How, parcel: Parcel | None, by: inventory.By, now: datetime
) -> SendingLack:
    """The pieces leave the place that found them: by parcel, or into their customer's hands. Told again it stays as it was.

    What was found nowhere may turn up all the same, wherever somebody holds it in their hands. Refuses ``NotFound``,
    ``LackOver``, ``inventory.WouldBreakPromise``.
    """
    lack = locked(tx, lack_id)
    if (lack.state, lack.from_id) == (how, location_id):
        return lack
    # A till that takes the pieces back holds their sale, and so does a void: they leave, or nobody waits for them any more.
    tx.execute(text("SELECT 1 FROM sale WHERE id = :sale FOR NO KEY UPDATE"), {"sale": lack.sale_id})
    if (lack_id, "over") in to_do(tx, lack_id=lack_id):
        raise LackOver
    kept = _kept_at(tx, lack, location_id)
    head = _head(tx, lack.sale_id, lack.line_no)
    booked: dict[str, Any] = {
        "to_id": lack.location_id, "document_id": lack.id, "reason": head.receipt_code, "by": by, "now": now
    }  # fmt: skip
    if kept is not None:
        inventory.carry_promised(tx, promise_id=kept, **booked)
    elif lack.state != "nowhere":
        raise LackOver
    elif location_id != lack.location_id:
        inventory.carry(tx, from_id=location_id, move=inventory.Move(head.variant_id, lack.qty), **booked)
    lack.from_id = location_id
    if parcel is not None:
        lack.carrier, lack.tracking_no, lack.recipient = parcel.carrier, parcel.tracking_no, asdict(parcel.recipient)
    _end(tx, lack, how, by=by, now=now)
    return lack


def forms_of(tx: Session, lack: SendingLack, reckoned: returning.ReturnQuote) -> dict[Form, str | None]:
    """How its money can go back, each with why it cannot. No rule of returns stands against it."""
    head = _head(tx, lack.sale_id, lack.line_no)
    by_card = reckoned.tender_limits.get("card", 0) >= reckoned.refund_vnd
    return {
        "card": None if by_card and courier_queries.paid_by_card_online(tx, lack.sale_id) else "other_tender",
        "transfer": None,
        "store_credit": None if head.customer_id is not None else "no_customer",
    }


def reckon(tx: Session, lack: SendingLack, *, now: datetime) -> returning.ReturnQuote:
    """What was paid for it. Refuses what ``returning.quote`` refuses."""
    return returning.quote(tx, [returning.Wanted(lack.sale_id, lack.line_no, lack.qty)], now=now)


def give_back(
    tx: Session, *, lack_id: UUID, form: Form, pay_to: Mapping[str, str] | None, by: inventory.By, now: datetime
) -> CourierReturn:
    """What was paid for pieces that are nowhere goes back, as a return without a till. Asked again it is the same one.

    Refuses ``NotFound``, ``LackOver``, ``NotGivenBack``, ``returning.AlreadyReturned``, ``returning.ReturnOfVoid``.
    """
    lack = locked(tx, lack_id)
    if lack.return_id is not None:
        return tx.get_one(CourierReturn, lack.return_id)
    if lack.state != "nowhere":
        raise LackOver
    why = forms_of(tx, lack, reckon(tx, lack, now=now))[form]
    if why is not None or (form == "transfer" and pay_to is None):
        raise NotGivenBack(reason=why or "account")
    back = courier_returning.give_back_unsent(
        tx,
        return_id=new_id(),
        of=returning.Wanted(lack.sale_id, lack.line_no, lack.qty),
        customer_id=_head(tx, lack.sale_id, lack.line_no).customer_id,
        location_id=lack.location_id,
        form=form,
        pay_to=pay_to if form == "transfer" else None,
        by=by,
        now=now,
    )
    lack.return_id = back.id
    _end(tx, lack, "refunded", by=by, now=now)
    tell(tx, lack, "sending_refunded", at=now, form=form, amount_vnd=given_of(tx, back.id))
    return back


def to_do(tx: Session, *, lack_id: UUID | None = None) -> list[tuple[UUID, str]]:
    """Lacks, or one of them, that wait for the clock, and what has to be done about each."""
    return [(row.id, row.what) for row in tx.execute(_TO_DO, {"lack": lack_id})]


def come_to(tx: Session, *, lack_id: UUID, what: str, now: datetime) -> None:
    """Nothing was found anywhere: somebody has to decide. Or nobody waits for it any more. Again it changes nothing."""
    lack = locked(tx, lack_id)
    if (lack_id, what) not in to_do(tx, lack_id=lack_id):
        return
    if what == "over":
        for promise in inventory.promises_of(tx, ref=lack.id):
            if promise.phase in {"confirmed", "bagged"}:
                inventory.undo(tx, promise_id=promise.id)
        _end(tx, lack, "over", by=inventory.By(None), now=now)
        return
    lack.state = "nowhere"
    head = _head(tx, lack.sale_id, lack.line_no)
    _changed(tx, lack, head.location_id)
    inventory.note_exception(
        tx,
        kind="sending_nowhere",
        severity="urgent",
        refs={"sale": str(lack.sale_id), "code": head.receipt_code},
        location_id=head.location_id,
        variant_id=head.variant_id,
        qty=lack.qty,
        now=now,
        charge=inventory.Charge(belongs_to=lack.id),
    )
    tell(tx, lack, "sending_nowhere", at=now)


def tell(tx: Session, lack: SendingLack, kind: str, *, at: datetime, **more: str | int) -> None:
    """A mail to a customer who gave an address, an SMS to one who did not; whoever is unknown is told at the branch."""
    head = _head(tx, lack.sale_id, lack.line_no)
    ways: dict[messages.Channel, str | None] = {"email": head.email, "sms": None if head.email else head.phone}
    place = tx.execute(order_view.PLACES, {"places": [head.location_id]}).one()
    seen = order_view.goods_of(tx, [head.variant_id])[head.variant_id]
    goods = {
        "name": {"vi": seen["name_vi"], "en": seen["name_en"]},
        "colour": {"vi": seen["colour_vi"], "en": seen["colour_en"]},
        "size": seen["size"],
        "qty": lack.qty,
        "total_vnd": head.total_vnd * lack.qty // head.qty,
    }
    facts = {
        "code": head.receipt_code,
        "lines": [goods],
        "place": {"name": place.name, "address": place.address or place.city, "phone": place.phone},
    }
    for channel, address in ways.items():
        if address is not None and messages.can_reach(channel, in_demo=identity.is_demo(tx)):
            messages.ask(
                tx,
                key=f"{lack.id}-{kind}",
                kind=kind,
                channel=channel,
                address=address,
                language=crm.language_of(tx, head.customer_id),
                facts=facts | more,
                subject_id=lack.id,
                use_until=at + NEWS_FOR,
                now=at,
            )


def given_of(tx: Session, return_id: UUID) -> int:
    """What a return gave."""
    return sum(line.refund_vnd for line in courier_queries.lines_of(tx, return_id))


def locked(tx: Session, lack_id: UUID) -> SendingLack:
    """A lack, under its lock. Refuses ``NotFound``."""
    found = tx.get(SendingLack, lack_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def _kept_at(tx: Session, lack: SendingLack, location_id: UUID) -> UUID | None:
    """The promise by which a place keeps it, if one does."""
    for promise in inventory.promises_of(tx, ref=lack.id) if lack.state == "moving" else ():
        if promise.location_id == location_id and promise.phase in {"confirmed", "bagged"}:
            return promise.id
    return None


def _end(tx: Session, lack: SendingLack, state: str, *, by: inventory.By, now: datetime) -> None:
    lack.state, lack.ended_at, lack.ended_by = state, now, by.staff_id
    _changed(tx, lack, _head(tx, lack.sale_id, lack.line_no).location_id)
    inventory.end_matter(tx, belongs_to=lack.id, now=now)


def _changed(tx: Session, lack: SendingLack, branch_id: UUID) -> None:
    """Tell the place that lacks it, the branch that sold it and the place it left from to look again."""
    lack.version += 1
    tx.flush()
    payload = {"id": str(lack.id), "state": lack.state, "sale_id": str(lack.sale_id)}
    for place in sorted({lack.location_id, branch_id, lack.from_id or branch_id}):
        events.publish(
            tx, events.LACK_CHANGED, key=str(lack.id), key_version=lack.version, location_id=place, payload=payload
        )


def _head(tx: Session, sale_id: UUID, line_no: int) -> Row[Any]:
    return tx.execute(_HEAD, {"sale": sale_id, "line": line_no}).one()
