"""Urgent searches: books alone never move a promise, so when they may be wrong somebody is asked to look for its piece.

The posting desk and the journal note the variants (``search_due``) while they hold stock rows; the question itself changes
the board, so it is put under the branch's lock, in a transaction of its own. See docs/rules/offline.md.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from placket.inventory.models import Location, Promise, SearchDue
from placket.inventory.rules import after

# No answer within so much time that the branch is open: the promise moves as well, the only move without a search.
ANSWER_WITHIN: Final = timedelta(minutes=30)


def due(tx: Session, *, location_id: UUID, variant_id: UUID) -> None:
    """Have the promised pieces of a variant looked for, soon."""
    tx.execute(
        text("INSERT INTO search_due (location_id, variant_id) VALUES (:location, :variant) ON CONFLICT DO NOTHING"),
        {"location": location_id, "variant": variant_id},
    )


def ask_due(tx: Session, *, location_id: UUID) -> list[Promise]:
    """Ask for the newest unbagged promise of each variant that is due; the caller holds the branch's lock and tells."""
    variants = tx.scalars(
        delete(SearchDue).where(SearchDue.location_id == location_id).returning(SearchDue.variant_id)
    ).all()
    asked = []
    for variant_id in sorted(variants):
        newest = tx.scalar(
            select(Promise)
            .where(
                Promise.location_id == location_id,
                Promise.variant_id == variant_id,
                Promise.phase == "confirmed",
                Promise.search_at.is_(None),
            )
            .order_by(Promise.created_at.desc(), Promise.id.desc())
            .limit(1)
            .with_for_update()
        )
        if newest is not None:
            newest.search_at = tx.scalars(select(func.clock_timestamp())).one()
            newest.version += 1
            asked.append(newest)
    return asked


def places_due(tx: Session) -> list[UUID]:
    """The places where something is to be looked for."""
    return list(tx.scalars(select(SearchDue.location_id).distinct().order_by(SearchDue.location_id)))


def unanswered(tx: Session, *, now: datetime) -> list[UUID]:
    """The promises whose search nobody has answered in time."""
    rows = tx.execute(
        select(Promise.id, Promise.search_at, Location.opening_hours)
        .join(Location, Location.id == Promise.location_id)
        .where(Promise.search_at.is_not(None), Promise.phase == "confirmed")
        .order_by(Promise.id)
    ).all()
    return [row.id for row in rows if after(row.search_at, ANSWER_WITHIN, hours=row.opening_hours) <= now]
