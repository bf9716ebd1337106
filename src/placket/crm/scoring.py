"""Scores, tiers and segments kept up: at once for whoever has changed, at night for everybody (docs/rules/rfm.md).

What has changed is told by the accounts themselves, whose ``changed_xid`` is compared with the snapshot of last time:
nothing is lost to a slow writer, and doing it twice changes nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import events
from placket.core import clock
from placket.crm.segments import refresh_segments
from placket.crm.service.accounts import locked_accounts

BATCH: Final = 1_000
MOST_AT_ONCE: Final = 50_000
"""When more have changed than this (a fill, a restore), everybody is scored as a whole."""

_CURSOR: Final = """
SELECT c.snapshot FROM score_cursor c JOIN company k ON k.incarnation = c.incarnation WHERE c.id = 1 FOR UPDATE OF c
"""
# Asked every second and mostly answered no: it locks and writes nothing.
_ANY: Final = """
SELECT coalesce(
    (SELECT EXISTS (SELECT 1 FROM customer_account a
                     WHERE a.changed_xid = pg_current_xact_id_if_assigned()
                        OR (a.changed_xid >= pg_snapshot_xmin(CAST(c.snapshot AS pg_snapshot))
                            AND NOT pg_visible_in_snapshot(a.changed_xid, CAST(c.snapshot AS pg_snapshot))))
       FROM score_cursor c JOIN company k ON k.incarnation = c.incarnation WHERE c.id = 1), true)
"""
# A snapshot does not list the transaction that took it: what this one has changed itself is named beside it.
_CHANGED: Final = """
SELECT customer_id FROM customer_account
 WHERE changed_xid = pg_current_xact_id_if_assigned()
    OR (changed_xid >= pg_snapshot_xmin(CAST(:snapshot AS pg_snapshot))
        AND NOT pg_visible_in_snapshot(changed_xid, CAST(:snapshot AS pg_snapshot)))
 ORDER BY customer_id LIMIT :most
"""
_KEEP: Final = """
INSERT INTO score_cursor (id, incarnation, snapshot, scored_at) SELECT 1, incarnation, :snapshot, :now FROM company
ON CONFLICT (id) DO UPDATE
   SET incarnation = excluded.incarnation, snapshot = excluded.snapshot, scored_at = excluded.scored_at
"""
_NEW_TIERS: Final = """
SELECT EXISTS (SELECT 1 FROM tier_rule WHERE valid_from <= :on
                  AND valid_from > (SELECT max(on_date) FROM rfm_borders WHERE on_date < :on))
"""


def catch_up(tx: Session, *, now: datetime) -> int:
    """Score whoever has changed since last time; answers how many people that were. Without a last time: everybody."""
    if not tx.scalar(text(_ANY)):
        return 0
    before = tx.scalar(text(_CURSOR))
    # Taken before anything is read: what commits meanwhile is read again next time, never missed.
    position = tx.scalar(text("SELECT pg_current_snapshot()::text"))
    on = clock.business_day(now)
    changed = None
    if before is not None:
        changed = tx.scalars(text(_CHANGED), {"snapshot": before, "most": MOST_AT_ONCE + 1}).all()
    if changed is None or len(changed) > MOST_AT_ONCE:
        moved = _scored(tx, None, on=on, now=now)
        moved += refresh_segments(tx, only=None, on=on, now=now)
    else:
        moved = []
        for some in _slices(changed):
            moved += _scored(tx, some, on=on, now=now)
            moved += refresh_segments(tx, only=some, on=on, now=now)
    tell_all(tx, moved)
    tx.execute(text(_KEEP), {"snapshot": position, "now": now})
    return len(changed) if changed is not None else -1


def score_by_night(tx: Session, *, now: datetime) -> dict[str, int]:
    """Take the borders anew, score everybody by them, look at the tiers whose year is over, and count the segments.

    What everybody has bought is gathered anew, too: styles may have moved to other categories.
    """
    catch_up(tx, now=now)
    tx.execute(text(_CURSOR))
    on = clock.business_day(now)
    facts = {"on": on, "now": now}
    tx.execute(text("SET LOCAL work_mem = '256MB'"))
    buyers = tx.scalar(text("SELECT take_borders(:on, :now)"), facts) or 0
    moved: list[UUID] = tx.scalar(text("SELECT rescore_everybody(:on, :now)"), facts) or []
    if tx.scalar(text(_NEW_TIERS), facts):
        reviewed = _scored(tx, None, on=on, now=now)
    else:
        due = tx.scalars(text("SELECT customer_id FROM customer_tier WHERE review_on <= :on ORDER BY 1"), facts).all()
        reviewed = [one for some in _slices(due) for one in _scored(tx, some, on=on, now=now)]
    tx.execute(text("SELECT keep_bought(NULL)"))
    joined = refresh_segments(tx, only=None, on=on, now=now)
    tell_all(tx, moved + reviewed + joined)
    return {"buyers": buyers, "moved": len(moved), "reviewed": len(reviewed), "joined_or_left": len(joined)}


def _slices(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (ids[at : at + BATCH] for at in range(0, len(ids), BATCH))


def _scored(tx: Session, only: Sequence[UUID] | None, *, on: date, now: datetime) -> list[UUID]:
    asked = {"ids": None if only is None else list(only), "on": on, "now": now}
    tx.execute(text("SELECT keep_bought(CAST(:ids AS uuid[]))"), asked)
    return list(tx.scalar(text("SELECT score_customers(CAST(:ids AS uuid[]), :on, :now)"), asked) or [])


def tell_all(tx: Session, customer_ids: Sequence[UUID]) -> None:
    """Note that these people are another group, tier or segment: tills that keep them fetch them. One event for all."""
    ids = sorted(set(customer_ids))
    if not ids:
        return
    locked_accounts(tx, ids)
    tx.execute(
        text(
            "UPDATE customer_account SET version = version + 1, changed_xid = pg_current_xact_id() "
            "WHERE customer_id = ANY(CAST(:ids AS uuid[]))"
        ),
        {"ids": ids},
    )
    places = tx.scalars(
        text("SELECT DISTINCT location_id FROM customer_branch WHERE customer_id = ANY(CAST(:ids AS uuid[])) ORDER BY 1"),
        {"ids": ids},
    ).all()
    version = tx.scalar(text("SELECT pg_current_xact_id()::text::bigint"))
    events.publish(
        tx,
        events.CUSTOMER_CHANGED,
        key="scores",
        key_version=version or 0,
        payload={"customer_id": None, "location_ids": [str(place) for place in places]},
    )
