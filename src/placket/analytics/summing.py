"""Keeps the sums of days that are over. Made again and made once are the same: a day is always summed as a whole."""

import time
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket.analytics.queries import KEYS, SUMS, By
from placket.core.clock import VIETNAM, day_bounds
from placket.core.db import Database

SETTLED: Final = timedelta(hours=1)
"""A day is summed when it has been over for so long: by then every transaction that began in it has ended."""
AT_ONCE_S: Final = 0.4
"""So long a run sums days; the others wait for the next."""

BYS: Final[tuple[By, ...]] = ("hour", "staff", "category")
_SUM: Final = """
INSERT INTO day_sum (on_date, by, location_id, channel, key, revenue_vnd, net_vnd, bills, sold, returned)
SELECT :on, :by, s.location_id, s.channel, coalesce({key}, ''), {sums}
  FROM sale s JOIN sale_line l ON l.sale_id = s.id
 WHERE s.state = 'posted' AND s.sold_at >= :starts AND s.sold_at < :ends
 GROUP BY 3, 4, 5
"""


def last_settled(now: datetime) -> date:
    """The last day that may be summed."""
    return (now - SETTLED).astimezone(VIETNAM).date() - timedelta(days=1)


def sum_days(database: Database, *, now: datetime, for_s: float = AT_ONCE_S) -> int:
    """Sum days whose sums do not count, touched ones first, then the newest; each in a transaction of its own. How many."""
    deadline = time.perf_counter() + for_s
    with database.transaction() as tx:
        wanted = days_to_sum(tx, now=now)
    for place, on in enumerate(wanted):
        if place > 0 and time.perf_counter() > deadline:
            return place
        with database.moment() as tx:
            sum_day(tx, on, now=now)
    return len(wanted)


def days_to_sum(tx: Session, *, now: datetime) -> list[date]:
    """Days that are over and whose sums do not count: touched ones first, then the newest."""
    wanted = """
        SELECT days.on_date FROM (
            SELECT on_date, 0 AS turn FROM day_touched
             UNION ALL
            SELECT every.at::date, 1
              FROM generate_series((SELECT min(sold_at) AT TIME ZONE 'Asia/Ho_Chi_Minh' FROM sale)::date,
                                   CAST(:last AS date), interval '1 day') AS every (at)
             WHERE NOT EXISTS (SELECT 1 FROM day_summed d WHERE d.on_date = every.at::date)) AS days
         WHERE days.on_date <= :last GROUP BY days.on_date ORDER BY min(days.turn), days.on_date DESC
    """
    return list(tx.scalars(text(wanted), {"last": last_settled(now)}))


def sum_day(tx: Session, on: date, *, now: datetime) -> None:
    """Sum a day anew, from one moment of the books; whoever touches it meanwhile keeps it touched."""
    starts, ends = day_bounds(on)
    seen = list(tx.scalars(text("SELECT id FROM day_touched WHERE on_date = :on"), {"on": on}))
    tx.execute(text("DELETE FROM day_sum WHERE on_date = :on"), {"on": on})
    for by in BYS:
        query = _SUM.format(key=KEYS[by], sums=SUMS)
        tx.execute(text(query), {"on": on, "by": by, "starts": starts, "ends": ends})
    tx.execute(
        text(
            "INSERT INTO day_summed (on_date, summed_at) VALUES (:on, :now) "
            "ON CONFLICT (on_date) DO UPDATE SET summed_at = excluded.summed_at"
        ),
        {"on": on, "now": now},
    )
    tx.execute(text("DELETE FROM day_touched WHERE id = ANY(:seen)"), {"seen": seen})
