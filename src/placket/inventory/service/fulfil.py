"""What becomes of a promise once it is confirmed: bagged, handed over or shipped, undone, or not found.

A bagged piece is still on the books; it lies apart, so a cashier cannot take it for another. See docs/rules/offline.md.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from placket.core.codes import own_code
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.inventory.models import Location, Promise, Stock, StockDoubt, StockLedger
from placket.inventory.refusals import NotPaid, WrongPhase
from placket.inventory.service.board import tell
from placket.inventory.service.exceptions import note_exception, taker_of
from placket.inventory.service.moves import STATE, By, Move, tell_stock
from placket.inventory.service.promises import locked, promises_of, promises_of_all, turn
from placket.inventory.service.searches import due

OWED = ("confirmed", "bagged", "to_scan_back")
BAG_CODE = "07"
BAG_DIGITS = 10


def pay(tx: Session, *, ref: UUID) -> None:
    """Note that an order is paid: its promises expire no more. Refuses ``NotFound``, and ``WrongPhase`` before the word."""
    promises = promises_of(tx, ref=ref)
    if not promises:
        raise NotFound
    location = locked(tx, promises[0].location_id)
    _lock(tx, promises)
    for promise in promises:
        if promise.phase not in OWED:
            raise WrongPhase(phase=promise.phase)
        promise.paid = True
        promise.version += 1
    tell(tx, location, promises)


def _lock(tx: Session, promises: Sequence[Promise]) -> None:
    """Lock promises, and see them as they are under the lock."""
    wanted = select(Promise).where(Promise.id.in_([promise.id for promise in promises])).order_by(Promise.id)
    tx.scalars(wanted.with_for_update().execution_options(populate_existing=True)).all()


def extend(tx: Session, *, refs: Sequence[UUID], pay_by: datetime) -> None:
    """Keep unpaid promises for longer; the boards that show until when are told."""
    promises = promises_of_all(tx, refs=refs)
    places = {place: locked(tx, place) for place in sorted({promise.location_id for promise in promises})}
    for place, location in places.items():
        here = [promise for promise in promises if promise.location_id == place]
        _lock(tx, here)
        extended = [promise for promise in here if promise.phase in {"asked", "confirmed"} and not promise.paid]
        for promise in extended:
            promise.pay_by = pay_by
            promise.version += 1
        if extended:
            tell(tx, location, extended)


def bag(tx: Session, *, promise_id: UUID) -> Promise:
    """Put the piece into a bag of its own, which gets a code; a piece that was searched for is found by this.

    Asked again it answers the same bag. Refuses ``WrongPhase``.
    """
    location, promise = of_phase(tx, promise_id, ("confirmed", "bagged"))
    if promise.phase == "bagged":
        return promise
    short = change_balance(tx, promise, bagged=promise.qty)
    number = tx.scalars(text("SELECT nextval('bag_no')")).one()
    promise.bag_code = own_code(BAG_CODE, number, digits=BAG_DIGITS)
    if promise.search_at is not None and short:
        due(tx, location_id=promise.location_id, variant_id=promise.variant_id)  # one is found, the books still lack others
    promise.search_at = None
    turn(promise, "bagged")
    tell(tx, location, [promise])
    return promise


def let_go(tx: Session, *, promise_id: UUID, becomes: Literal["shipped", "collected"], by: By, at: datetime) -> Promise:
    """The piece leaves with its customer or its carrier. Refuses ``WrongPhase``, ``NotPaid``."""
    location, promise = of_phase(tx, promise_id, OWED)
    if not promise.paid:
        raise NotPaid
    in_bag = promise.qty if promise.phase != "confirmed" else 0
    change_balance(tx, promise, on_hand=-promise.qty, promised=-promise.qty, bagged=-in_bag)
    tx.execute(
        insert(StockLedger).values(
            location_id=promise.location_id,
            variant_id=promise.variant_id,
            qty=-promise.qty,
            kind="sale",
            ref=promise.ref,
            staff_id=by.staff_id,
            till_id=by.till_id,
            epoch=by.epoch,
            occurred_at=at,
        )
    )
    turn(promise, becomes)
    tell(tx, location, [promise])
    return promise


def undo(tx: Session, *, promise_id: UUID) -> Promise:
    """Cancel a confirmed promise; a bagged pick-up must be scanned back first, for it may be in a customer's hands.

    Shipping is an act on line, so a bagged shipment is undone at once. Refuses ``WrongPhase``.
    """
    location, promise = of_phase(tx, promise_id, ("confirmed", "bagged"))
    if promise.phase == "bagged" and promise.kind in {"collect", "hold"}:
        turn(promise, "to_scan_back")
    else:
        _free(tx, promise)
    tell(tx, location, [promise])
    return promise


def scan_back(tx: Session, *, promise_id: UUID) -> Promise:
    """The bag of a cancelled pick-up is found: its piece goes back on the shelf. Refuses ``WrongPhase``."""
    location, promise = of_phase(tx, promise_id, ("to_scan_back",))
    _free(tx, promise)
    tell(tx, location, [promise])
    return promise


def unbag(tx: Session, *, promise_id: UUID) -> Promise:
    """Take a piece out of its bag again: the promise stands, its piece is to be picked anew. Refuses ``WrongPhase``."""
    location, promise = of_phase(tx, promise_id, ("bagged",))
    change_balance(tx, promise, bagged=-promise.qty)
    promise.bag_code = None
    turn(promise, "confirmed")
    tell(tx, location, [promise])
    return promise


def bags_overdue(tx: Session, *, now: datetime) -> Sequence[UUID]:
    """Bagged promises that nobody paid for in time."""
    late = select(Promise.id).where(Promise.phase == "bagged", Promise.paid.is_(False), Promise.pay_by <= now)
    return tx.scalars(late.order_by(Promise.id)).all()


def not_found(tx: Session, *, promise_id: UUID, by: By, now: datetime) -> Promise:
    """Somebody looked and the piece is not there: nobody trusts this balance, and the promise moves on.

    Whoever owns the order sources it elsewhere or refunds it when it hears that the promise has ``moved``.
    """
    location, promise = of_phase(tx, promise_id, ("confirmed",))
    move = Move(promise.variant_id, promise.qty)
    refs = {"promise": str(promise.id), "order": str(promise.ref)}
    note_not_there(tx, location_id=promise.location_id, move=move, refs=refs, by=by, now=now)
    change_balance(tx, promise, promised=-promise.qty)
    promise.search_at = None
    turn(promise, "moved")
    tell(tx, location, [promise])
    return promise


def note_not_there(tx: Session, *, location_id: UUID, move: Move, refs: dict[str, str], by: By, now: datetime) -> None:
    """Somebody looked for pieces and they are not there: nobody trusts the balance until it is counted."""
    tx.add(
        StockDoubt(
            id=new_id(),
            location_id=location_id,
            variant_id=move.variant_id,
            reason="not_found",
            ref=refs.get("promise", refs["order"]),
            opened_at=now,
        )
    )
    taker = taker_of(tx, location_id=location_id, variant_id=move.variant_id)
    note_exception(
        tx,
        kind="not_found",
        severity="urgent",
        refs=({} if taker is None else {"sale": taker}) | refs,
        location_id=location_id,
        variant_id=move.variant_id,
        qty=move.qty,
        actor_id=by.staff_id,
        now=now,
    )


def of_phase(tx: Session, promise_id: UUID, phases: tuple[str, ...]) -> tuple[Location, Promise]:
    """Lock place, balance and promise in this order; refuse ``NotFound``, ``WrongPhase``."""
    promise = tx.get(Promise, promise_id)
    if promise is None:
        raise NotFound
    location = locked(tx, promise.location_id)
    tx.execute(
        select(Stock.version)
        .where(Stock.location_id == promise.location_id, Stock.variant_id == promise.variant_id)
        .with_for_update()
    )
    tx.refresh(promise, with_for_update=True)
    if promise.phase not in phases:
        raise WrongPhase(phase=promise.phase)
    return location, promise


def _free(tx: Session, promise: Promise) -> None:
    in_bag = promise.qty if promise.phase != "confirmed" else 0
    change_balance(tx, promise, promised=-promise.qty, bagged=-in_bag)
    turn(promise, "refunded" if promise.paid else "released")


def change_balance(tx: Session, promise: Promise, *, on_hand: int = 0, promised: int = 0, bagged: int = 0) -> int:
    """Change the balance under a promise; answers what is short in it now."""
    row = tx.execute(
        update(Stock)
        .where(Stock.location_id == promise.location_id, Stock.variant_id == promise.variant_id)
        .values(
            on_hand=Stock.on_hand + on_hand,
            promised=Stock.promised + promised,
            bagged=Stock.bagged + bagged,
            short=func.greatest(0, Stock.promised + promised - Stock.on_hand - on_hand),
            version=Stock.version + 1,
        )
        .returning(*STATE)
    ).one()
    tell_stock(tx, row)
    return int(row.short)
