"""Verbs of a confirmed order at its places: picked, missing, ready, handed over, shipped, not fetched. docs/rules/orders.md.

What leaves is sold: one sale for each parcel, posted by the desk's routine in the verb's own transaction. Which goods, at
which price, was agreed when the order was placed.
"""

import contextlib
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket import inventory, payments, promotions
from placket.core import clock
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.sales import desk, order_points, records
from placket.sales import order_rules as rules
from placket.sales.order_models import WebOrder, WebOrderLine, WebOrderReady, WebOrderSale
from placket.sales.order_paying import close_if_over, give_back, promises_of_order
from placket.sales.order_refusals import NotAllPicked, NothingToHandOver, OrderState, TooLateToCancel
from placket.sales.order_splitting import agreed
from placket.sales.ordering import KEPT, changed, lines_of, locked, note


def pick(tx: Session, *, order_id: UUID, promise_id: UUID, staff_id: UUID, now: datetime) -> WebOrder:
    """A line's pieces lie in a bag of their own. The last one of a collected order makes it ready: its customer is told.

    Refuses ``OrderState``, ``NotFound``, ``inventory.WrongPhase``.
    """
    order = _confirmed(tx, order_id)
    promise = _promise(tx, order, promise_id)
    if promise.phase != "bagged":
        inventory.bag(tx, promise_id=promise_id)
        note(tx, order, "picked", at=now, staff_id=staff_id, location=str(promise.location_id))
    ready_if_picked(tx, order, promise.location_id, now=now)
    changed(tx, order)
    return order


def short(tx: Session, *, order_id: UUID, promise_id: UUID, by: inventory.By, now: datetime) -> WebOrder:
    """Somebody looked and a line's pieces are not there: the balance is doubted, and the promise goes on to another place.

    It moves in a transaction of its own (``inventory.move_on``); where no place has it, what was paid for it goes back.
    Refuses ``OrderState``, ``NotFound``, ``inventory.WrongPhase``.
    """
    order = _confirmed(tx, order_id)
    promise = _promise(tx, order, promise_id)
    inventory.not_found(tx, promise_id=promise_id, by=by, now=now)
    note(tx, order, "moved", at=now, staff_id=by.staff_id, location=str(promise.location_id))
    changed(tx, order)
    return order


def ready_if_picked(tx: Session, order: WebOrder, location_id: UUID, *, now: datetime) -> bool:
    """Note that a branch has all of a collected order in bags, once; answers whether that is new."""
    here = kept_here(tx, order, location_id)
    if order.kind != "collect" or not here or any(promise.phase != "bagged" for promise in here):
        return False
    if tx.get(WebOrderReady, (order.id, location_id)) is not None:
        return False
    until = now + rules.KEEP_READY
    tx.add(WebOrderReady(order_id=order.id, location_id=location_id, ready_at=now, keep_until=until))
    note(tx, order, "ready", at=now, location=str(location_id), until=until.isoformat())
    return True


def hand_over(tx: Session, *, order_id: UUID, location_id: UUID, by: inventory.By, now: datetime) -> UUID:
    """The customer takes what is ready at a branch; answers the sale. Asked again it is the same sale.

    Refuses ``OrderState``, ``NotAllPicked``, ``NothingToHandOver``.
    """
    order = locked(tx, order_id)
    return _leave(tx, order, location_id, by=by, now=now, verb="collected")


def record_hand_over(tx: Session, *, promise_id: UUID, by: inventory.By, at: datetime) -> None:
    """A till tells that a bag was given to its customer, also without network: what was ordered is sold by it.

    Refuses ``NotFound``, ``OrderState``, ``NotAllPicked``: such an entry is a person's matter.
    """
    found = tx.execute(text(_BAG), {"promise": promise_id}).one_or_none()
    if found is None:  # it was promised to no order of ours
        inventory.let_go(tx, promise_id=promise_id, becomes="collected", by=by, at=at)
    else:
        hand_over(tx, order_id=found.order_id, location_id=found.location_id, by=by, now=at)


_BAG: Final = """
SELECT q.order_id, p.location_id FROM promise p JOIN web_order_question q ON q.ref = p.ref WHERE p.id = :promise
"""


def ship(
    tx: Session,
    *,
    order_id: UUID,
    location_id: UUID,
    carrier: str,
    tracking_no: str | None,
    by: inventory.By,
    now: datetime,
) -> UUID:
    """A parcel leaves with its carrier; answers the sale. Asked again it is the same sale.

    Refuses ``OrderState``, ``NotAllPicked``, ``NothingToHandOver``.
    """
    order = locked(tx, order_id)
    return _leave(tx, order, location_id, by=by, now=now, verb="shipped", carrier=carrier, tracking_no=tracking_no)


def _leave(
    tx: Session,
    order: WebOrder,
    location_id: UUID,
    *,
    by: inventory.By,
    now: datetime,
    verb: Literal["collected", "shipped"],
    carrier: str | None = None,
    tracking_no: str | None = None,
) -> UUID:
    before = sales_of(tx, order.id)
    here = [] if order.state != "confirmed" else kept_here(tx, order, location_id)
    if not here:
        known = [sale.sale_id for sale in before if sale.location_id == location_id]
        if known:
            return known[-1]
        if order.state != "confirmed":
            raise OrderState(code=order.code, state=order.state)
        raise NothingToHandOver
    if (order.kind == "ship") != (verb == "shipped"):
        raise OrderState(code=order.code, state=order.kind)
    left = sum(promise.qty for promise in here if promise.phase == "confirmed")
    if left:
        raise NotAllPicked(left=left)
    lines = lines_for(tx, order.id, here)
    ids = {(promise.ref, promise.variant_id): promise.id for promise in here}
    promise_of = {line.line_no: ids[line.ref, line.variant_id] for line in lines}
    sale_id = _post(tx, order, lines, location_id, promise_of, before, now)
    sale = WebOrderSale(
        order_id=order.id,
        no=len(before) + 1,
        sale_id=sale_id,
        location_id=location_id,
        carrier=carrier,
        tracking_no=tracking_no,
        left_at=now,
    )
    tx.add(sale)
    for line in lines:
        line.state, line.sale_id = "sold", sale_id
    tx.flush()
    note(tx, order, verb, at=now, staff_id=by.staff_id, sale=str(sale_id), carrier=carrier, tracking_no=tracking_no)
    close_if_over(tx, order, reason=None, now=now)
    changed(tx, order)
    return sale_id


def _post(
    tx: Session,
    order: WebOrder,
    lines: Sequence[WebOrderLine],
    location_id: UUID,
    promise_of: dict[int, UUID],
    before: Sequence[WebOrderSale],
    now: datetime,
) -> UUID:
    """Sell what leaves: a record, since it is paid for and was priced when it was ordered."""
    gone = [line for line in lines_of(tx, order.id) if line.state == "sold"]
    parcel = rules.parcel(
        [agreed(line) for line in lines],
        source_id=location_id,
        promise_of=promise_of,
        offers=order.offers,
        begun=frozenset(
            (part["promotion_id"], part["promotion_version"])
            for line in gone
            for part in line.discounts
            if part["kind"] == "promotion"
        ),
    )
    opened = _vouchers_of(tx, order, parcel)
    total_vnd = parcel.sum_of("total_vnd")
    sale_id = new_id()
    _pass_on(tx, order, opened, sale_id, now)
    posted = desk.SaleToPost(
        id=sale_id,
        mode="record",
        channel="web",
        location_id=location_id,
        till_id=None,
        epoch=None,
        opening=None,
        receipt_no=None,
        staff_id=None,
        customer_id=order.customer_id,
        pieces=parcel.pieces,
        list_vnd=sum(line["qty"] * line["unit_vnd"] for line in parcel.lines),
        discount_vnd=parcel.sum_of("discount_vnd"),
        total_vnd=total_vnd,
        vat_vnd=parcel.vat_vnd,
        rounding_vnd=0,
        price_version=order.price_version,
        promo_version=order.promo_version,
        exception=None,
        fingerprint=sha256(f"{order.id}|{location_id}|{len(before)}".encode()).hexdigest(),
        sold_at=now.isoformat(),
        sold_on=clock.business_day(now).isoformat(),
        lines=parcel.lines,
        tenders=_tenders(tx, order, total_vnd),
        spends=order_points.spends(tx, order, lines),
        offers=parcel.offers,
        vouchers=opened,
        order_code=order.code if not before else f"{order.code}-{len(before) + 1}",
    )
    (outcome,) = records.post(tx, [posted])
    assert outcome.kind == "accepted", outcome.kind
    return sale_id


def _pass_on(tx: Session, order: WebOrder, codes: Sequence[str], sale_id: UUID, now: datetime) -> None:
    """Vouchers were kept for the order until now, and are from now on for the sale that uses them."""
    for code in codes:
        if promotions.release_voucher(tx, code=code, sale_id=order.id, actor_id=None, now=now):
            with contextlib.suppress(promotions.VoucherNotUsable):
                promotions.hold_voucher(
                    tx,
                    code=code,
                    sale_id=sale_id,
                    customer_id=order.customer_id,
                    until=now + rules.GRACE,
                    actor_id=None,
                    now=now,
                )


def _vouchers_of(tx: Session, order: WebOrder, parcel: rules.Parcel) -> list[str]:
    """The vouchers whose promotion is in this parcel; one is redeemed with the first parcel that has any of it."""
    if not order.vouchers:
        return []
    fresh = {offer["promotion_id"] for offer in parcel.offers if offer["uses"]}
    return [code for code, promotion in promotions.opened_by(tx, order.vouchers).items() if promotion in fresh]


def _tenders(tx: Session, order: WebOrder, total_vnd: int) -> list[dict[str, Any]]:
    if not total_vnd:
        return []
    paid = payments.online.received(tx, order_id=order.id)
    reference = (paid[0].intent_id or order.code) if paid else order.code
    tender = {"no": 1, "kind": order.method, "amount_vnd": total_vnd, "tendered_vnd": None, "change_vnd": None}
    return [tender | {"reference": reference[:80], "payment_id": None}]


def no_show(tx: Session, *, order_id: UUID, now: datetime) -> WebOrder:
    """Nobody has fetched an order in time: its bags are to be scanned back, and what was paid goes back."""
    order = _confirmed(tx, order_id)
    note(tx, order, "no_show", at=now)
    _undo_open(tx, order, reason="no_show", now=now)
    return order


def cancel(tx: Session, *, order_id: UUID, now: datetime, staff_id: UUID | None = None) -> WebOrder:
    """Cancel a confirmed order: what was paid goes back. Its customer may as long as nothing is picked; staff may longer.

    Refuses ``OrderState``, ``TooLateToCancel``.
    """
    if staff_id is None and locked(tx, order_id).state == "done":
        raise TooLateToCancel
    order = _confirmed(tx, order_id)
    open_promises = promises_of_order(tx, order.id)
    is_untouched = all(line.state == "open" for line in lines_of(tx, order.id))
    if staff_id is None and not (is_untouched and {promise.phase for promise in open_promises} <= {"confirmed"}):
        raise TooLateToCancel
    _undo_open(tx, order, reason="cancelled", now=now, staff_id=staff_id)
    return order


def _undo_open(
    tx: Session,
    order: WebOrder,
    *,
    reason: Literal["cancelled", "no_show"],
    now: datetime,
    staff_id: UUID | None = None,
) -> None:
    order.reason = reason  # what is on its way to another place follows when it has arrived (``order_jobs``)
    standing = promises_of_order(tx, order.id)
    for promise in sorted(standing, key=lambda each: (each.location_id, each.variant_id)):
        if promise.phase in {"confirmed", "bagged"}:
            inventory.undo(tx, promise_id=promise.id)
    still = [promise for promise in standing if promise.phase not in {"asked", "moved", "declined"}]
    lines = lines_for(tx, order.id, still)
    give_back(tx, order, lines, reason=reason, now=now, staff_id=staff_id)


def go_on_ending(tx: Session, *, order_id: UUID, now: datetime) -> WebOrder:
    """An order that was cancelled while something of it was on its way between places: give that back as well."""
    order = _confirmed(tx, order_id)
    _undo_open(tx, order, reason="no_show" if order.reason == "no_show" else "cancelled", now=now)
    return order


def broken(tx: Session, *, order_id: UUID, now: datetime) -> WebOrder:
    """Lines whose promise has ended without another place: what was paid for them goes back, and the customer is told."""
    order = _confirmed(tx, order_id)
    ended = [promise for promise in promises_of_order(tx, order.id) if promise.phase in {"refunded", "released"}]
    lines = lines_for(tx, order.id, ended)
    if lines:
        give_back(tx, order, lines, reason="short", now=now)
    return order


def lines_for(tx: Session, order_id: UUID, promises: Sequence[Any]) -> list[WebOrderLine]:
    """The open lines that some promises stand for."""
    wanted = {(promise.ref, promise.variant_id) for promise in promises}
    return [line for line in lines_of(tx, order_id) if line.state == "open" and (line.ref, line.variant_id) in wanted]


def sales_of(tx: Session, order_id: UUID) -> Sequence[WebOrderSale]:
    """The parcels of an order that have left, in their order."""
    return tx.scalars(select(WebOrderSale).where(WebOrderSale.order_id == order_id).order_by(WebOrderSale.no)).all()


def sent(tx: Session, sale_id: UUID) -> WebOrderSale:
    """The parcel that a sale was."""
    return tx.scalars(select(WebOrderSale).where(WebOrderSale.sale_id == sale_id)).one()


def _confirmed(tx: Session, order_id: UUID) -> WebOrder:
    order = locked(tx, order_id)
    if order.state != "confirmed":
        raise OrderState(code=order.code, state=order.state)
    return order


def _promise(tx: Session, order: WebOrder, promise_id: UUID) -> Any:  # noqa: ANN401 - a row of inventory, whose table is not on its front door
    found = next((each for each in promises_of_order(tx, order.id) if each.id == promise_id), None)
    if found is None:
        raise NotFound
    return found


def kept_here(tx: Session, order: WebOrder, location_id: UUID) -> list[Any]:
    """The promises of an order that a place still keeps for it."""
    standing = promises_of_order(tx, order.id)
    return [each for each in standing if each.location_id == location_id and each.phase in KEPT]
