"""Counting itself: scans come in from several people and devices, late ones too, and a person decides what is unclear.

What a device sends has its id and says by how much its tallies have changed, so a lost answer or a day off line does no
harm: sent again it counts once. See docs/rules/stock.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from placket.core.refusals import NotFound
from placket.inventory.count_models import CountAct, CountLine, CountMerge, CountTally, CountZone, StockCount
from placket.inventory.refusals import CountedBelowZero, DocumentIdReused
from placket.inventory.service.exceptions import end_matter
from placket.inventory.service.moves import refuse_unknown
from placket.inventory.service.stocktakes import COUNTABLE, REVIEWED, locked_count, must_be, tell_count


@dataclass(frozen=True, slots=True)
class Scanned:
    """By how many pieces a tally has changed (an undo is negative), and between which moments it was scanned."""

    variant_id: UUID
    qty: int
    first_at: datetime
    last_at: datetime
    round: int = 1


def enter(
    tx: Session,
    *,
    count_id: UUID,
    act_id: UUID,
    zone_no: int,
    lines: Sequence[Scanned],
    unknown: Sequence[tuple[str, int]],
    staff_id: UUID,
    device_id: UUID,
    now: datetime,
) -> StockCount:
    """Add scans to the tallies of a person and device in a zone; the same act again changes nothing.

    A count that waits for approval is looked at anew. Refuses ``NotFound``, ``CountState``, ``UnknownGoods``,
    ``CountedBelowZero``, ``DocumentIdReused``.
    """
    count = locked_count(tx, count_id)
    told = [_told(line) for line in lines] + [{"code": code, "qty": qty} for code, qty in unknown]
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:ref, 0))"), {"ref": str(act_id)})
    known = tx.get(CountAct, act_id)
    if known is not None:
        if (known.count_id, known.zone_no, known.staff_id, known.lines) != (count_id, zone_no, staff_id, told):
            raise DocumentIdReused
        return count
    must_be(count, COUNTABLE)
    if tx.get(CountZone, (count_id, zone_no)) is None:
        raise NotFound
    refuse_unknown(tx, [line.variant_id for line in lines])
    act = CountAct(
        id=act_id, count_id=count_id, zone_no=zone_no, staff_id=staff_id, device_id=device_id, recorded_at=now, lines=told
    )
    tx.add(act)
    for line in sorted(lines, key=lambda line: line.variant_id):
        _add(tx, count, zone_no, line, staff_id, device_id, now)
    for code, qty in unknown:
        _add_unknown(tx, count_id, zone_no, code, qty)
    look_again(tx, count, now=now)
    tell_count(tx, count)
    return count


def look_again(tx: Session, count: StockCount, *, now: datetime) -> None:
    """What waited for approval has changed: nobody approves figures that they have not seen."""
    if count.state == "waiting":
        count.state = "review"
        end_matter(tx, belongs_to=count.id, now=now)


def _told(line: Scanned) -> dict[str, Any]:
    return {
        "variant_id": str(line.variant_id),
        "qty": line.qty,
        "first_at": line.first_at.isoformat(),
        "last_at": line.last_at.isoformat(),
        "round": line.round,
    }


def _add(
    tx: Session, count: StockCount, zone_no: int, line: Scanned, staff_id: UUID, device_id: UUID, now: datetime
) -> None:
    assert count.opened_at is not None, "a count that takes scans was opened"
    at = tx.get(CountLine, (count.id, line.variant_id), populate_existing=True)
    if at is None:
        at = CountLine(count_id=count.id, variant_id=line.variant_id, in_scope=False, round=1)
        tx.add(at)
        tx.flush()
    at.decision = None
    first_at, last_at = (min(max(moment, count.opened_at), now) for moment in (line.first_at, line.last_at))
    key = (count.id, line.variant_id, min(line.round, at.round), zone_no, staff_id, device_id)
    tally = tx.get(CountTally, key, populate_existing=True)
    if tally is None:
        names = ("count_id", "variant_id", "round", "zone_no", "staff_id", "device_id")
        tally = CountTally(**dict(zip(names, key, strict=True)), pieces=0, first_at=first_at, last_at=last_at)
        tx.add(tally)
    if tally.pieces + line.qty < 0:
        raise CountedBelowZero(variant_id=str(line.variant_id), counted=tally.pieces)
    tally.pieces += line.qty
    tally.first_at, tally.last_at = min(tally.first_at, first_at), max(tally.last_at, last_at)
    tx.flush()


def _add_unknown(tx: Session, count_id: UUID, zone_no: int, code: str, qty: int) -> None:
    tx.execute(
        text(
            "INSERT INTO count_unknown (count_id, zone_no, code, pieces) VALUES (:count, :zone, :code, :qty) "
            "ON CONFLICT (count_id, zone_no, code) DO UPDATE SET pieces = greatest(0, count_unknown.pieces + :qty)"
        ),
        {"count": count_id, "zone": zone_no, "code": code, "qty": qty},
    )


def count_again(tx: Session, *, count_id: UUID, variant_ids: Sequence[UUID], now: datetime) -> StockCount:
    """Have some lines counted anew, everywhere: what was counted before stays on record and holds no more.

    Refuses ``NotFound``, ``CountState``.
    """
    count = _reviewed(tx, count_id, now)
    tx.execute(
        update(CountLine)
        .where(CountLine.count_id == count_id, CountLine.variant_id.in_(variant_ids))
        .values(round=CountLine.round + 1, decision=None)
    )
    tell_count(tx, count)
    return count


def decide(
    tx: Session,
    *,
    count_id: UUID,
    variant_ids: Sequence[UUID],
    decision: str | None,
    reason: str | None,
    now: datetime,
) -> StockCount:
    """Say what becomes of some lines (count as none, leave the books, post all the same), or why they differ.

    Refuses ``NotFound``, ``CountState``.
    """
    count = _reviewed(tx, count_id, now)
    said = {name: value for name, value in (("decision", decision), ("reason", reason)) if value is not None}
    if said:
        lines = update(CountLine).where(CountLine.count_id == count_id, CountLine.variant_id.in_(variant_ids))
        tx.execute(lines.values(**said))
    tell_count(tx, count)
    return count


def merge(
    tx: Session,
    *,
    count_id: UUID,
    zone_no: int,
    variant_ids: Sequence[UUID],
    holds: tuple[UUID, UUID] | None,
    decided_by: UUID,
    now: datetime,
) -> StockCount:
    """Where two have counted the same in one zone: the figure of one of them holds (person, device), or both together.

    Refuses ``NotFound``, ``CountState``.
    """
    count = _reviewed(tx, count_id, now)
    found = tx.query(CountLine).filter(CountLine.count_id == count_id, CountLine.variant_id.in_(variant_ids))
    for line in found.order_by(CountLine.variant_id):
        staff_id, device_id = holds or (None, None)
        tx.merge(
            CountMerge(
                count_id=count_id,
                variant_id=line.variant_id,
                round=line.round,
                zone_no=zone_no,
                staff_id=staff_id,
                device_id=device_id,
                decided_by=decided_by,
            )
        )
    tell_count(tx, count)
    return count


def _reviewed(tx: Session, count_id: UUID, now: datetime) -> StockCount:
    count = locked_count(tx, count_id)
    must_be(count, REVIEWED)
    look_again(tx, count, now=now)
    return count
