"""Posting a count: a person who may stand for its differences says so, and the books follow in short transactions.

What is booked is the difference at the moment of counting, so sales before and after it do not matter. Each step locks a
hundred balances at most, in (variant, location) order: no sale waits for the whole count. See docs/rules/stock.md.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, insert, select, text
from sqlalchemy.orm import Session

from placket.core import jobs
from placket.core.clock import business_day
from placket.inventory import count_rules
from placket.inventory.count_models import CountLine, StockCount
from placket.inventory.count_queries import PriceOf, line_of, line_rows, lines_of
from placket.inventory.models import StockDocument
from placket.inventory.refusals import BranchRecovering, CountUndecided
from placket.inventory.service.counts import note_short, refuse_undrained
from placket.inventory.service.exceptions import Charge, end_matter, note_exception
from placket.inventory.service.moves import By
from placket.inventory.service.promises import is_recovering, locked
from placket.inventory.service.stocktakes import REVIEWED, locked_count, must_be, tell_count

STEP: Final = 100
DECIDED_WITHIN: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a count comes to: pieces expected and off (gross) in the lines that it books, and what these are worth."""

    expected: int
    off: int
    off_vnd: int


def sums_of(lines: Sequence[count_rules.Line]) -> Sums:
    """The sums of the lines that are booked."""
    booked = [line for line in lines if line.books]
    return Sums(
        expected=sum(max(0, line.expected) for line in booked),
        off=sum(abs(line.difference) for line in booked),
        off_vnd=sum(line.off_vnd for line in booked),
    )


def approve_count(
    tx: Session, *, count_id: UUID, limit_vnd: int | None, may_approve: bool, price_of: PriceOf, by: By, now: datetime
) -> StockCount:
    """Have a count posted, or leave it to somebody who may: then it waits in the list of what needs a person.

    ``limit_vnd`` is how far somebody may go (none: as far as needed). Refuses ``NotFound``, ``CountState``,
    ``CountUndecided``, ``BranchRecovering``, ``TillsUndrained``.
    """
    count = locked_count(tx, count_id)
    if count.state in {"posting", "posted"}:
        return count
    must_be(count, REVIEWED)
    lines = lines_of(tx, count=count, price_of=price_of)
    flags = Counter(count_rules.flag_of(line, kind=count.kind, recount_vnd=count.recount_vnd) for line in lines)
    flags.pop(None, None)
    if flags:
        raise CountUndecided(lines=sum(flags.values()), flags=dict(flags))
    locked(tx, count.location_id)
    if is_recovering(tx, location_id=count.location_id):
        raise BranchRecovering
    refuse_undrained(tx, count.location_id)
    sums = sums_of(lines)
    if may_approve and (limit_vnd is None or sums.off_vnd <= limit_vnd):
        count.state, count.approved_by, count.approved_at = "posting", by.staff_id, now
        end_matter(tx, belongs_to=count.id, now=now)
        document = {"id": count.id, "kind": "count", "reason": count.note or "", "staff_id": by.staff_id}
        tx.execute(insert(StockDocument).values(document | {"created_at": now, "fingerprint": None}))
        jobs.enqueue(tx, "post_count", {"count_id": str(count.id)}, lock=f"count {count.id}")
    elif count.state == "review":
        _leave_to_others(tx, count, sums, by, now)
    tell_count(tx, count)
    return count


def _leave_to_others(tx: Session, count: StockCount, sums: Sums, by: By, now: datetime) -> None:
    count.state, count.asked_by = "waiting", by.staff_id
    note_exception(
        tx,
        kind="count_approval",
        severity="warning",
        refs={"number": count.number, "amount_vnd": sums.off_vnd},
        location_id=count.location_id,
        qty=sums.off,
        actor_id=by.staff_id,
        now=now,
        charge=Charge(count.id, None, business_day(now + DECIDED_WITHIN)),
    )


def book_some(
    tx: Session, *, count_id: UUID, after: UUID | None, price_of: PriceOf, now: datetime, step: int = STEP
) -> UUID | None:
    """Book the next lines of a count that is being posted, in order; answers the last one, or none when all are done.

    Begun anew without ``after`` it leaves alone what is booked already.
    """
    count = locked_count(tx, count_id)
    if count.state != "posting":
        return None
    waiting = select(CountLine.variant_id).where(CountLine.count_id == count_id, CountLine.booked_at.is_(None))
    if after is not None:
        waiting = waiting.where(CountLine.variant_id > after)
    variant_ids = list(tx.scalars(waiting.order_by(CountLine.variant_id).limit(step)))
    if variant_ids:
        _book(tx, count, variant_ids, price_of, now)
    if len(variant_ids) == step:
        return variant_ids[-1]
    _finish(tx, count, now)
    return None


def _book(tx: Session, count: StockCount, variant_ids: Sequence[UUID], price_of: PriceOf, now: datetime) -> None:
    cells = {"place": count.location_id, "variants": list(variant_ids)}
    tx.execute(text(_MAKE), cells)
    # Locked first, read after: what was sold until now is in the figures, and nothing is sold until they are booked.
    tx.execute(text(_LOCK), cells)
    rows = [(row, line_of(row, price_of)) for row in line_rows(tx, count_id=count.id, only=variant_ids)]
    booked = sorted((pair for pair in rows if pair[1].books), key=lambda pair: pair[1].variant_id)
    facts = {
        "count": count.id,
        "place": count.location_id,
        "staff": count.approved_by,
        "now": now,
        "variants": [line.variant_id for _, line in booked],
        "counted": [line.figure for _, line in booked],
        "expected": [line.expected for _, line in booked],
        "units": [line.unit_vnd for _, line in booked],
        "moments": [_moment(row, count, now) for row, _ in booked],
    }
    for cell in tx.execute(text(_BOOK), facts).all():
        note_short(tx, ref=count.id, location_id=count.location_id, variant_id=cell.variant_id, qty=cell.short, now=now)


def _moment(row: Row[Any], count: StockCount, now: datetime) -> datetime:
    """When the figure of a line was true."""
    until: datetime | None = row.until
    return until or count.closed_at or now


def _finish(tx: Session, count: StockCount, now: datetime) -> None:
    sums = tx.execute(
        text(
            "SELECT coalesce(sum(greatest(0, expected)), 0)::int AS expected, "
            "coalesce(sum(abs(difference)), 0)::int AS off, "
            "coalesce(sum(abs(difference) * unit_vnd), 0)::bigint AS off_vnd "
            "FROM count_line WHERE count_id = :count AND booked_at IS NOT NULL"
        ),
        {"count": count.id},
    ).one()
    count.state, count.posted_at = "posted", now
    count.pieces_expected, count.pieces_off, count.off_vnd = sums.expected, sums.off, sums.off_vnd
    tell_count(tx, count)


_MAKE = """
INSERT INTO stock (location_id, variant_id)
SELECT :place, v FROM unnest(CAST(:variants AS uuid[])) v ORDER BY v ON CONFLICT DO NOTHING
"""
_LOCK = """
SELECT 1 FROM stock WHERE location_id = :place AND variant_id = ANY(CAST(:variants AS uuid[]))
 ORDER BY variant_id FOR NO KEY UPDATE
"""
# Everything that a step writes, as one statement. A balance that was right is counted too, but has not changed: it gets no
# new version and tells nobody.
_BOOK = """
WITH told AS (
    SELECT * FROM unnest(CAST(:variants AS uuid[]), CAST(:counted AS int[]), CAST(:expected AS int[]),
                         CAST(:units AS bigint[]), CAST(:moments AS timestamptz[]))
                  AS d(variant_id, counted, expected, unit_vnd, counted_at)
), lines AS (
    UPDATE count_line n
       SET counted = d.counted, expected = d.expected, difference = d.counted - d.expected, unit_vnd = d.unit_vnd,
           booked_at = :now
      FROM told d WHERE n.count_id = :count AND n.variant_id = d.variant_id
), doubts AS (
    UPDATE stock_doubt x SET closed_at = :now, closed_by = 'count'
      FROM told d WHERE x.location_id = :place AND x.variant_id = d.variant_id AND x.closed_at IS NULL
), changed AS (
    UPDATE stock s
       SET on_hand = s.on_hand + d.counted - d.expected,
           short = greatest(0, s.promised - s.on_hand - d.counted + d.expected),
           version = s.version + (d.counted <> d.expected)::int, count_no = s.count_no + 1, counted_at = d.counted_at
      FROM told d WHERE s.location_id = :place AND s.variant_id = d.variant_id
    RETURNING s.*, d.counted - d.expected AS qty
), ledger AS (
    INSERT INTO stock_ledger (location_id, variant_id, qty, kind, ref, staff_id, occurred_at)
    SELECT location_id, variant_id, qty, 'count', :count, :staff, :now FROM changed WHERE qty <> 0 ORDER BY variant_id
), events AS (
    INSERT INTO event (topic, key, key_version, payload)
    SELECT 'stock.changed', location_id || ':' || variant_id, version,
           jsonb_build_object('location_id', location_id, 'variant_id', variant_id, 'on_hand', on_hand,
                              'promised', promised, 'bagged', bagged, 'asked', asked, 'short', short)
      FROM changed WHERE qty <> 0 ORDER BY variant_id
)
SELECT variant_id, short FROM changed WHERE qty <> 0 AND short > 0 ORDER BY variant_id
"""
