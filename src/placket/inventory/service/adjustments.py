"""Correcting the books by hand: within what somebody may stand for at once, else when somebody else has said so."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket.core.clock import business_day
from placket.core.refusals import NotFound
from placket.inventory.count_models import AdjustmentLine, StockAdjustment
from placket.inventory.count_queries import PriceOf
from placket.inventory.models import Location
from placket.inventory.refusals import AdjustmentDecided, BeyondLimit, DocumentIdReused, NothingMoves
from placket.inventory.service.exceptions import Charge, end_matter, note_exception
from placket.inventory.service.moves import By, Move, adjust, refuse_unknown, summed

DECIDED_WITHIN: Final = timedelta(days=2)


def ask_adjustment(
    tx: Session,
    *,
    adjustment_id: UUID,
    location_id: UUID,
    cause: str,
    note: str,
    lines: Sequence[Move],
    limit_vnd: int | None,
    price_of: PriceOf,
    by: By,
    now: datetime,
) -> StockAdjustment:
    """Correct the books of a place, at once if what moves is worth no more than ``limit_vnd`` (none: whatever it is worth).

    Beyond it the adjustment waits for somebody who may. Asked again it answers the same one. Refuses ``NotFound``,
    ``NothingMoves``, ``UnknownGoods``, ``WouldBreakPromise``, ``DocumentIdReused``.
    """
    assert by.staff_id is not None, "a person corrects the books"
    moves = summed(lines)
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:ref, 0))"), {"ref": str(adjustment_id)})
    known = tx.get(StockAdjustment, adjustment_id)
    if known is not None:
        if (known.location_id, known.cause, _moves_of(tx, adjustment_id)) != (location_id, cause, moves):
            raise DocumentIdReused
        return known
    _refuse_nonsense(tx, location_id, moves)
    priced = [(move, price_of(move.variant_id)) for move in moves]
    value_vnd = sum(abs(move.qty) * unit_vnd for move, unit_vnd in priced)
    unpriced = any(unit_vnd == 0 for _, unit_vnd in priced)  # nobody can say that it is within a limit
    waits = limit_vnd is not None and (unpriced or value_vnd > limit_vnd)
    made = StockAdjustment(
        id=adjustment_id,
        number=tx.scalars(text("SELECT nextval('adjustment_no')")).one(),
        location_id=location_id,
        cause=cause,
        note=note,
        state="waiting" if waits else "booked",
        value_vnd=value_vnd,
        asked_by=by.staff_id,
        till_id=by.till_id,
        asked_at=now,
        decided_by=None if waits else by.staff_id,
        decided_at=None if waits else now,
    )
    tx.add(made)
    tx.flush()
    tx.add_all(
        AdjustmentLine(adjustment_id=adjustment_id, variant_id=move.variant_id, qty=move.qty, unit_vnd=unit_vnd)
        for move, unit_vnd in priced
    )
    if waits:
        _leave_to_others(tx, made, sum(abs(move.qty) for move in moves), by, now)
    else:
        _book(tx, made, moves, by, now)
    return made


def _refuse_nonsense(tx: Session, location_id: UUID, moves: Sequence[Move]) -> None:
    location = tx.get(Location, location_id)
    if location is None or location.status != "active":
        raise NotFound
    for move in moves:
        if not move.qty:
            raise NothingMoves(variant_id=str(move.variant_id))
    refuse_unknown(tx, [move.variant_id for move in moves])


def decide_adjustment(
    tx: Session, *, adjustment_id: UUID, approved: bool, limit_vnd: int | None, by: By, now: datetime
) -> StockAdjustment:
    """Stand for an adjustment that waits, or turn it down. Decided alike before, it answers what it came to.

    Refuses ``NotFound``, ``AdjustmentDecided``, ``BeyondLimit``, ``WouldBreakPromise``.
    """
    found = select(StockAdjustment).where(StockAdjustment.id == adjustment_id).with_for_update(key_share=True)
    made = tx.scalar(found.execution_options(populate_existing=True))
    if made is None:
        raise NotFound
    wanted = "booked" if approved else "declined"
    if made.state != "waiting":
        if made.state != wanted:
            raise AdjustmentDecided
        return made
    if limit_vnd is not None and made.value_vnd > limit_vnd:
        raise BeyondLimit(limit_vnd=limit_vnd, value_vnd=made.value_vnd)
    if approved:
        _book(tx, made, _moves_of(tx, adjustment_id), by, now)
    made.state, made.decided_by, made.decided_at = wanted, by.staff_id, now
    end_matter(tx, belongs_to=adjustment_id, now=now)
    tx.flush()
    return made


def _moves_of(tx: Session, adjustment_id: UUID) -> list[Move]:
    found = select(AdjustmentLine).where(AdjustmentLine.adjustment_id == adjustment_id)
    return [Move(line.variant_id, line.qty) for line in tx.scalars(found.order_by(AdjustmentLine.variant_id))]


def _book(tx: Session, made: StockAdjustment, moves: Sequence[Move], by: By, now: datetime) -> None:
    adjust(
        tx,
        document_id=made.id,
        kind="adjustment",
        reason=made.note,
        location_id=made.location_id,
        lines=moves,
        by=by,
        now=now,
    )


def _leave_to_others(tx: Session, made: StockAdjustment, pieces: int, by: By, now: datetime) -> None:
    note_exception(
        tx,
        kind="adjustment_approval",
        severity="warning",
        refs={"number": made.number, "amount_vnd": made.value_vnd, "reason": made.note},
        location_id=made.location_id,
        qty=pieces,
        actor_id=by.staff_id,
        now=now,
        charge=Charge(made.id, None, business_day(now + DECIDED_WITHIN)),
    )
