"""Goods that were sold from one place and leave from another, since they were not where the books had them.

What leaves is booked from the place that has it to the place that sold it, under one document: so the sale stands as it is,
and the place where nothing was found has its balance back, doubted until somebody counts it. See docs/rules/parcels.md.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from placket.core.ids import new_id
from placket.inventory.models import Promise, StockDocument
from placket.inventory.service.board import tell
from placket.inventory.service.fulfil import change_balance, note_not_there, of_phase
from placket.inventory.service.moves import By, Move, book
from placket.inventory.service.promises import locked, turn

_LOCK = """
SELECT 1 FROM stock WHERE variant_id = :variant AND location_id = ANY(CAST(:places AS uuid[]))
 ORDER BY location_id FOR NO KEY UPDATE
"""


def look_elsewhere(
    tx: Session,
    *,
    ref: UUID,
    location_id: UUID,
    move: Move,
    asked_from: UUID,
    customer_id: UUID | None,
    sale_id: UUID,
    by: By,
    now: datetime,
) -> UUID:
    """Nothing is there of what a place sold: nobody trusts its balance, and a promise sets out for other places.

    ``asked_from`` is the branch whose customer waits: it hears how the promise fares. Answers the promise, which has
    ``moved``: ``move_on`` brings it to the next place that has the goods, or to its end.
    """
    locked(tx, location_id)
    refs = {"order": str(ref), "sale": str(sale_id)}
    note_not_there(tx, location_id=location_id, move=move, refs=refs, by=by, now=now)
    promise = Promise(
        id=new_id(),
        ref=ref,
        kind="ship",
        location_id=location_id,
        variant_id=move.variant_id,
        qty=move.qty,
        phase="moved",
        paid=True,
        created_at=now,
        customer_id=customer_id,
        asked_from=asked_from,
        version=1,
    )
    tx.add(promise)
    tx.flush()
    return promise.id


def carry_promised(
    tx: Session, *, promise_id: UUID, to_id: UUID, document_id: UUID, reason: str, by: By, now: datetime
) -> None:
    """What a promise kept leaves its place for what ``to_id`` sold. Refuses ``NotFound``, ``WrongPhase``."""
    found = tx.get_one(Promise, promise_id)
    locked(tx, found.location_id)
    _lock(tx, found.variant_id, [found.location_id, to_id])
    location, promise = of_phase(tx, promise_id, ("confirmed", "bagged"))
    move = Move(promise.variant_id, promise.qty)
    _document(tx, document_id, reason, by, now)
    in_bag = promise.qty if promise.phase == "bagged" else 0
    change_balance(tx, promise, promised=-promise.qty, bagged=-in_bag)
    _book(tx, from_id=promise.location_id, to_id=to_id, move=move, document_id=document_id, by=by, now=now)
    turn(promise, "shipped")
    tell(tx, location, [promise])


def carry(
    tx: Session, *, from_id: UUID, to_id: UUID, move: Move, document_id: UUID, reason: str, by: By, now: datetime
) -> None:
    """The same from the shelf, by whoever holds the goods in their hands. Refuses ``WouldBreakPromise``."""
    _lock(tx, move.variant_id, [from_id, to_id])
    _document(tx, document_id, reason, by, now)
    _book(tx, from_id=from_id, to_id=to_id, move=move, document_id=document_id, by=by, now=now)


def _lock(tx: Session, variant_id: UUID, places: Sequence[UUID]) -> None:
    """In the order of everybody who takes stock rows."""
    tx.execute(text(_LOCK), {"variant": variant_id, "places": list(places)})


def _document(tx: Session, document_id: UUID, reason: str, by: By, now: datetime) -> None:
    tx.execute(
        insert(StockDocument).values(
            id=document_id, kind="transfer_out", reason=reason, staff_id=by.staff_id, created_at=now, fingerprint=None
        )
    )


def _book(tx: Session, *, from_id: UUID, to_id: UUID, move: Move, document_id: UUID, by: By, now: datetime) -> None:
    out = Move(move.variant_id, -move.qty)
    book(tx, location_id=from_id, move=out, kind="transfer_out", ref=document_id, by=by, at=now)
    book(tx, location_id=to_id, move=move, kind="transfer_out", ref=document_id, by=by, at=now)
