"""An order whose piece was not found goes on from another place, or is given back: nobody is left waiting in silence.

Each step is a transaction of its own, since it takes the locks of two places. Whoever owns the order hears of every step.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, or_, select, text
from sqlalchemy.orm import Session, aliased

from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.inventory.models import Location, Promise
from placket.inventory.refusals import BranchSilent, OutOfStock
from placket.inventory.service.board import tell
from placket.inventory.service.moves import Move
from placket.inventory.service.promises import keep, locked, takes_word, turn

LIMIT: Final = 100

# Depots need nobody's word; then the same city, then where most are left. A place that was tried is not asked twice.
ELSEWHERE: Final = text(
    """
    SELECT l.id FROM stock s JOIN location l ON l.id = s.location_id JOIN location here ON here.id = :here
     WHERE s.variant_id = :variant AND l.status = 'active' AND s.on_hand - s.promised - s.asked >= :qty
       AND NOT EXISTS (SELECT 1 FROM promise p WHERE p.ref = :ref AND p.variant_id = :variant AND p.location_id = l.id)
     ORDER BY l.kind <> 'depot', l.city <> here.city, s.on_hand - s.promised - s.asked DESC, l.position
    """
)


def to_move(tx: Session) -> Sequence[UUID]:
    """Promises whose piece was not found, or that another place has declined since, and that wait for their next step."""
    later = aliased(Promise)
    waiting = or_(Promise.phase == "moved", (Promise.phase == "declined") & Promise.moved_from.is_not(None))
    ended = ~select(later.id).where(later.moved_from == Promise.id).exists()
    return tx.scalars(select(Promise.id).where(waiting, ended).order_by(Promise.id).limit(LIMIT)).all()


def move_on(tx: Session, *, promise_id: UUID, now: datetime) -> Promise:
    """Promise the piece at the next place, or end the promise when none is left; answers the promise that stands now.

    Only what is sent may come from elsewhere; a customer who wanted to come here is told. Refuses ``NotFound``.
    """
    promise = tx.get(Promise, promise_id)
    if promise is None:
        raise NotFound
    candidates = [row.id for row in _elsewhere(tx, promise)]
    places = {place: locked(tx, place) for place in sorted({promise.location_id, *candidates})}
    tx.refresh(promise, with_for_update=True)
    if not _waits(tx, promise):
        return promise
    for candidate in candidates:
        moved = _at(tx, promise, places[candidate], now)
        if moved is not None:
            return moved
    turn(promise, "refunded" if promise.paid else "released")
    tell(tx, places[promise.location_id], [promise])
    return promise


def _elsewhere(tx: Session, promise: Promise) -> Sequence[Row[Any]]:
    if promise.kind != "ship":
        return []
    asked = {"here": promise.location_id, "variant": promise.variant_id, "qty": promise.qty, "ref": promise.ref}
    return tx.execute(ELSEWHERE, asked).all()


def _waits(tx: Session, promise: Promise) -> bool:
    followed = tx.scalar(select(Promise.id).where(Promise.moved_from == promise.id))
    return followed is None and promise.phase in {"moved", "declined"}


def _at(tx: Session, promise: Promise, place: Location, now: datetime) -> Promise | None:
    try:
        needs_word = takes_word(tx, place, now)
        keep(tx, location_id=place.id, moves=[Move(promise.variant_id, promise.qty)], needs_word=needs_word)
    except (BranchSilent, OutOfStock):
        return None
    moved = Promise(
        id=new_id(),
        ref=promise.ref,
        kind=promise.kind,
        location_id=place.id,
        variant_id=promise.variant_id,
        qty=promise.qty,
        phase="asked" if needs_word else "confirmed",
        asked_no=place.board_no + 1 if needs_word else None,
        code=promise.code,
        paid=promise.paid,
        pay_by=promise.pay_by,
        created_at=now,
        customer_id=promise.customer_id,
        held_for=promise.held_for,
        held_phone=promise.held_phone,
        held_by=promise.held_by,
        asked_from=promise.asked_from,
        moved_from=promise.id,
        version=1,
    )
    tx.add(moved)
    tell(tx, place, [moved])
    return moved
