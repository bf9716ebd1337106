"""Scores, tiers and segments kept up: at once for whoever has changed, at night for everybody (docs/rules/rfm.md).

Who has changed is told by the accounts themselves, whose ``changed_xid`` is compared with the snapshot of last time, and
what they bought by the events of their sales: nothing is lost to a slow writer, and no sale is added twice.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket import events
from placket.core import clock
from placket.crm.segments import refresh_segments
from placket.crm.service.accounts import locked_accounts

Thing = TypeVar("Thing")

BATCH: Final = 1_000
MOST_AT_ONCE: Final = 50_000
"""When more have changed than this (a fill, a restore), everybody is scored as a whole."""
EVENTS_LAST: Final = timedelta(days=6)
"""Events are kept for seven days. Whose sales came longer ago than this is counted anew."""

_CURSOR: Final = """
SELECT c.snapshot, c.recounted, c.scored_at
  FROM score_cursor c JOIN company k ON k.incarnation = c.incarnation WHERE c.id = 1 FOR UPDATE OF c
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
# What commits while a round runs is heard of in the next: only events that its own snapshot sees are folded, each once.
_CHANGED: Final = """
SELECT customer_id, profiled, earns, sale_ids, anew
  FROM changed_between(CAST(:before AS pg_snapshot), CAST(:until AS pg_snapshot), CAST(:recounted AS uuid[]), :most)
"""
_FOLD: Final = """
SELECT moved, anew
  FROM fold_sales(CAST(:ids AS uuid[]), CAST(:profiled AS boolean[]), CAST(:earns AS boolean[]), CAST(:sales AS uuid[]),
                  :on, :now)
"""
_KEEP: Final = """
INSERT INTO score_cursor (id, incarnation, snapshot, scored_at, recounted)
SELECT 1, incarnation, :snapshot, :now, CAST(:recounted AS uuid[]) FROM company
ON CONFLICT (id) DO UPDATE
   SET incarnation = excluded.incarnation, snapshot = excluded.snapshot, scored_at = excluded.scored_at,
       recounted = excluded.recounted
"""
_NEW_TIERS: Final = """
SELECT EXISTS (SELECT 1 FROM tier_rule WHERE valid_from <= :on
                  AND valid_from > (SELECT max(on_date) FROM rfm_borders WHERE on_date < :on))
"""


def catch_up(tx: Session, *, now: datetime) -> int:
    """Score whoever has changed since last time; answers how many people that were. Without a last time: everybody."""
    if not tx.scalar(text(_ANY)):
        return 0
    last = tx.execute(text(_CURSOR)).one_or_none()
    # Taken before anything is read: what commits meanwhile is read again next time, never missed.
    position = tx.scalar(text("SELECT pg_current_snapshot()::text"))
    on = clock.business_day(now)
    changed = None if last is None else _changed(tx, last, until=position, now=now)
    if changed is None or len(changed) > MOST_AT_ONCE:
        recounted = None
        moved = _counted(tx, None, on=on, now=now)
        moved += refresh_segments(tx, only=None, on=on, now=now)
    else:
        recounted = [one.customer_id for one in changed if one.anew]
        moved = []
        for some in _slices([one for one in changed if not one.anew]):
            elsewhere, left = _folded(tx, some, on=on, now=now)
            moved += elsewhere
            recounted += left
        moved += [one for some in _slices(recounted) for one in _counted(tx, some, on=on, now=now)]
        for ids in _slices([one.customer_id for one in changed]):
            moved += refresh_segments(tx, only=ids, on=on, now=now)
    tell_all(tx, moved)
    tx.execute(text(_KEEP), {"snapshot": position, "now": now, "recounted": recounted})
    return tx.scalar(text("SELECT count(*) FROM customer_account")) or 0 if changed is None else len(changed)


def score_by_night(tx: Session, *, now: datetime) -> dict[str, int]:
    """Take the borders anew, score everybody by them, look at the tiers whose year is over, and count the segments.

    Nobody's sales are read again: the sums are kept with every sale.
    """
    catch_up(tx, now=now)
    tx.execute(text(_CURSOR))
    on = clock.business_day(now)
    facts = {"on": on, "now": now}
    tx.execute(text("SET LOCAL work_mem = '256MB'"))
    tx.execute(text("SELECT follow_styles()"))
    buyers = tx.scalar(text("SELECT take_borders(:on, :now)"), facts) or 0
    moved: list[UUID] = tx.scalar(text("SELECT rescore_everybody(:on, :now)"), facts) or []
    if tx.scalar(text(_NEW_TIERS), facts):
        reviewed = _reviewed(tx, None, on=on)
    else:
        due = tx.scalars(text("SELECT customer_id FROM customer_tier WHERE review_on <= :on ORDER BY 1"), facts).all()
        reviewed = [one for some in _slices(due) for one in _reviewed(tx, some, on=on)]
    joined = refresh_segments(tx, only=None, on=on, now=now)
    tell_all(tx, moved + reviewed + joined)
    return {"buyers": buyers, "moved": len(moved), "reviewed": len(reviewed), "joined_or_left": len(joined)}


def _slices(things: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    """As many at once as a statement is quickest with."""
    return (things[at : at + BATCH] for at in range(0, len(things), BATCH))


def _changed(tx: Session, last: Row[Any], *, until: str | None, now: datetime) -> Sequence[Row[Any]]:
    """Whoever has changed since last time. After so long that events may be forgotten, all of them to be counted anew."""
    forgotten = now - last.scored_at > EVENTS_LAST
    asked = {
        "before": last.snapshot,
        "until": until,
        "recounted": None if forgotten else last.recounted,
        "most": MOST_AT_ONCE + 1,
    }
    return tx.execute(text(_CHANGED), asked).all()


def _folded(tx: Session, folded: Sequence[Row[Any]], *, on: date, now: datetime) -> tuple[list[UUID], list[UUID]]:
    """Add people's new sales to their sums and goods, and score them.

    Answers who is now in another group or tier, and who is to be counted anew after all.
    """
    asked = {
        "ids": [one.customer_id for one in folded],
        "profiled": [one.profiled for one in folded],
        "earns": [one.earns for one in folded],
        "sales": [sale_id for one in folded for sale_id in one.sale_ids],
        "on": on,
        "now": now,
    }
    if asked["sales"]:
        tx.execute(text("SELECT add_bought(CAST(:sales AS uuid[]))"), asked)
    row = tx.execute(text(_FOLD), asked).one()
    return list(row.moved), list(row.anew)


def _counted(tx: Session, only: Sequence[UUID] | None, *, on: date, now: datetime) -> list[UUID]:
    """Count anew what people (none named: everybody) have bought, goods too; answers who is now in another group or tier."""
    tx.execute(text("SELECT keep_bought(CAST(:ids AS uuid[]))"), {"ids": None if only is None else list(only)})
    return _scored(tx, only, on=on, now=now)


def _scored(tx: Session, only: Sequence[UUID] | None, *, on: date, now: datetime) -> list[UUID]:
    asked = {"ids": None if only is None else list(only), "on": on, "now": now}
    return list(tx.scalar(text("SELECT score_customers(CAST(:ids AS uuid[]), :on, :now)"), asked) or [])


def _reviewed(tx: Session, only: Sequence[UUID] | None, *, on: date) -> list[UUID]:
    """Look at the tiers of people (none named: everybody) by the sums that are kept; answers who is now in another."""
    asked = {"ids": None if only is None else list(only), "on": on}
    tx.execute(text("SELECT sum_for_tiers(CAST(:ids AS uuid[]), :on)"), asked)
    return list(tx.scalar(text("SELECT keep_tiers(CAST(:ids AS uuid[]), :on)"), asked) or [])


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
