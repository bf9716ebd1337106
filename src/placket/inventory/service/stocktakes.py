"""A count from its plan to its close: planned, opened, closed, given up. See docs/rules/stock.md.

Lock order: the count, then stock rows by (variant, location). Counting moves nothing and holds no lock of a balance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket import events
from placket.core.refusals import NotFound
from placket.inventory.count_models import CountZone, StockCount
from placket.inventory.models import Location
from placket.inventory.refusals import CountState, DocumentIdReused

COUNTABLE: Final = frozenset({"counting", "review", "waiting"})
"""Scans still come in: also those of a device that was away while the count was closed."""
REVIEWED: Final = frozenset({"review", "waiting"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which goods a count is about; nothing chosen means all of them. ``only``: those the books have none of, or less."""

    category_ids: Sequence[UUID] = ()
    style_ids: Sequence[UUID] = ()
    variant_ids: Sequence[UUID] = ()
    only: str | None = None

    def as_kept(self) -> dict[str, Any]:
        """As the count keeps it."""
        ids = {name: [str(one) for one in getattr(self, name)] for name in ("category_ids", "style_ids", "variant_ids")}
        return {name: value for name, value in (ids | {"only": self.only}).items() if value}


def plan_count(
    tx: Session,
    *,
    count_id: UUID,
    location_id: UUID,
    kind: str,
    chosen: Chosen,
    zones: Sequence[str],
    blind: bool,
    recount_vnd: int,
    note: str | None,
    planned_for: date | None,
    staff_id: UUID,
    now: datetime,
) -> StockCount:
    """Plan a count of a place; asked again it answers the same one. Refuses ``NotFound``, ``DocumentIdReused``."""
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:ref, 0))"), {"ref": str(count_id)})
    known = tx.get(StockCount, count_id)
    if known is not None:
        if (known.location_id, known.kind, known.chosen) != (location_id, kind, chosen.as_kept()):
            raise DocumentIdReused
        return known
    location = tx.get(Location, location_id)
    if location is None or location.status != "active":
        raise NotFound
    count = StockCount(
        id=count_id,
        number=tx.scalars(text("SELECT nextval('count_no')")).one(),
        location_id=location_id,
        kind=kind,
        state="planned",
        blind=blind,
        chosen=chosen.as_kept(),
        recount_vnd=recount_vnd,
        note=note,
        planned_for=planned_for,
        created_by=staff_id,
        created_at=now,
        version=0,
    )
    tx.add(count)
    tx.flush()
    tx.add_all(CountZone(count_id=count_id, no=no, name=name) for no, name in enumerate(zones, start=1))
    tell_count(tx, count)
    return count


def open_count(tx: Session, *, count_id: UUID, staff_id: UUID, now: datetime) -> StockCount:
    """Begin to count: what the books have here in scope becomes its lines. Again, it changes nothing.

    Sales go on. Refuses ``NotFound``, ``CountState``.
    """
    count = locked_count(tx, count_id)
    if count.state == "counting":
        return count
    must_be(count, frozenset({"planned"}))
    count.ledger_from = tx.scalars(text("SELECT coalesce(max(id), 0) FROM stock_ledger")).one()
    count.state, count.opened_by, count.opened_at = "counting", staff_id, now
    if count.kind != "zone":
        tx.execute(text(_SCOPE), {"count": count_id, "location": count.location_id} | _chosen(count.chosen))
    tell_count(tx, count)
    return count


_SCOPE = """
INSERT INTO count_line (count_id, variant_id, in_scope)
SELECT :count, k.variant_id, true
  FROM stock k JOIN variant v ON v.id = k.variant_id JOIN style s ON s.id = v.style_id
 WHERE k.location_id = :location
   AND ((CAST(:categories AS uuid[]) IS NULL AND CAST(:styles AS uuid[]) IS NULL AND CAST(:variants AS uuid[]) IS NULL)
        OR s.category_id IN (WITH RECURSIVE below AS (
               SELECT unnest(CAST(:categories AS uuid[])) AS id
                UNION SELECT g.id FROM category g JOIN below ON g.parent_id = below.id) SELECT id FROM below)
        OR s.id = ANY(CAST(:styles AS uuid[])) OR v.id = ANY(CAST(:variants AS uuid[])))
   AND CASE CAST(:only AS text) WHEN 'zero_negative' THEN k.on_hand <= 0 ELSE true END
"""


def _chosen(kept: Mapping[str, Any]) -> dict[str, Any]:
    ids = {"categories": "category_ids", "styles": "style_ids", "variants": "variant_ids"}
    return {name: kept.get(key) for name, key in ids.items()} | {"only": kept.get("only")}


def close_count(tx: Session, *, count_id: UUID, staff_id: UUID, now: datetime) -> StockCount:
    """Everything is counted that will be: what differs is looked at now. Again, it changes nothing.

    A device that was away may still hand in what it scanned. Refuses ``NotFound``, ``CountState``.
    """
    count = locked_count(tx, count_id)
    if count.state == "review":
        return count
    must_be(count, frozenset({"counting"}))
    count.state, count.closed_by, count.closed_at = "review", staff_id, now
    tell_count(tx, count)
    return count


def finish_zone(tx: Session, *, count_id: UUID, zone_no: int, done: bool, staff_id: UUID, now: datetime) -> StockCount:
    """Say that a zone is counted, or that it is not after all. Refuses ``NotFound``, ``CountState``."""
    count = locked_count(tx, count_id)
    must_be(count, COUNTABLE)
    zone = tx.get(CountZone, (count_id, zone_no), populate_existing=True)
    if zone is None:
        raise NotFound
    if done != (zone.done_at is not None):
        zone.done_by, zone.done_at = (staff_id, now) if done else (None, None)
        tell_count(tx, count)
    return count


def cancel_count(tx: Session, *, count_id: UUID) -> StockCount:
    """Give up a count that has booked nothing. Refuses ``NotFound``, ``CountState``."""
    count = locked_count(tx, count_id)
    if count.state == "cancelled":
        return count
    must_be(count, frozenset({"planned", "counting", "review"}))
    count.state = "cancelled"
    tell_count(tx, count)
    return count


def locked_count(tx: Session, count_id: UUID) -> StockCount:
    """A count, locked before anything of it. Refuses ``NotFound``."""
    found = select(StockCount).where(StockCount.id == count_id).with_for_update(key_share=True)
    count = tx.scalar(found.execution_options(populate_existing=True))
    if count is None:
        raise NotFound
    return count


def must_be(count: StockCount, states: frozenset[str]) -> None:
    """Refuse ``CountState`` unless the count is in one of these."""
    if count.state not in states:
        raise CountState(state=count.state)


def tell_count(tx: Session, count: StockCount) -> None:
    """Publish how a count stands, to whoever may see stock at its place."""
    count.version += 1
    tx.flush()
    events.publish(
        tx,
        events.COUNT_CHANGED,
        key=str(count.id),
        key_version=count.version,
        payload={"id": str(count.id), "state": count.state, "location_id": str(count.location_id)},
        location_id=count.location_id,
    )


def place_of(tx: Session, *, count_id: UUID) -> UUID:
    """Where a count takes place. Refuses ``NotFound``."""
    count = tx.get(StockCount, count_id)
    if count is None:
        raise NotFound
    return count.location_id
