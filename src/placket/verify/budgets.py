"""The budgets of selling without network (docs/rules/offline.md), held against what the books say of the last days.

They are no rules: a passed budget makes nothing wrong, it says where somebody should look.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

WEEK: Final = timedelta(days=7)
LATELY: Final = timedelta(minutes=15)
ABANDONED: Final = timedelta(seconds=1.5)
FEW: Final = 5
"""One question of two that nobody heard is no trend."""
LATELY_BP_MIN: Final = 9_500
AMBER_BP_MAX: Final = 200
OVERRIDDEN_BP_MAX: Final = 20
BLIND_BP_MAX: Final = 10
DOUBT_OPEN: Final = timedelta(hours=4)
SEARCH_OPEN: Final = timedelta(minutes=15)

# A question has been answered when every till has, or at least one: what nobody has said anything to was not heard.
QUESTIONS = """
SELECT l.name, count(*) AS asked,
       count(*) FILTER (WHERE EXISTS (SELECT 1 FROM promise_word w WHERE w.promise_id = p.id)) AS answered
  FROM promise p JOIN location l ON l.id = p.location_id
 WHERE p.asked_no IS NOT NULL AND p.created_at > :since AND p.created_at <= :until
 GROUP BY l.name HAVING count(*) >= :few ORDER BY l.name
"""
LIGHTS = """
SELECT l.name, count(*) AS sales,
       count(*) FILTER (WHERE s.exception = 'amber_refused' OR s.id IN (SELECT sale_id FROM sale_line WHERE looked_for > 0))
           AS amber,
       count(*) FILTER (WHERE s.exception IN ('amber_refused', 'override')) AS overridden,
       count(*) FILTER (WHERE s.exception = 'blind') AS blind
  FROM sale s JOIN location l ON l.id = s.location_id
 WHERE s.till_id IS NOT NULL AND s.sold_at > :since
 GROUP BY l.name ORDER BY l.name
"""
DOUBTS = """
SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY coalesce(closed_at, :now) - opened_at)
  FROM stock_doubt WHERE closed_at IS NULL OR closed_at > :since
"""
SEARCHES = """
SELECT l.name, count(*) AS open FROM promise p JOIN location l ON l.id = p.location_id
 WHERE p.phase = 'confirmed' AND p.search_at < :before GROUP BY l.name ORDER BY l.name
"""


@dataclass(frozen=True, slots=True)
class Budget:
    """What is kept within limits, where it is not, and in which figures."""

    name: str
    passed_at: tuple[str, ...]


def budgets(tx: Session, *, now: datetime) -> Iterator[Budget]:
    """Each budget that the books can show, with the places that have passed it."""
    yield _questions(tx, now)
    yield from _lights(tx, now)
    longest: timedelta | None = tx.scalar(text(DOUBTS), {"now": now, "since": now - WEEK})
    late = longest is not None and longest > DOUBT_OPEN
    yield Budget("Doubts closed within 4 hours", (f"a tenth stays open for {longest}",) if late else ())
    searches = tx.execute(text(SEARCHES), {"before": now - SEARCH_OPEN}).all()
    yield Budget("Searches answered within 15 minutes", tuple(f"{row.name}: {row.open} open for longer" for row in searches))


def _questions(tx: Session, now: datetime) -> Budget:
    asked = tx.execute(text(QUESTIONS), {"since": now - LATELY, "until": now - ABANDONED, "few": FEW}).all()
    unheard = tuple(
        f"{row.name}: {row.answered} of {row.asked}" for row in asked if row.answered * 10_000 < row.asked * LATELY_BP_MIN
    )
    return Budget("Questions to branches answered in the last 15 minutes", unheard)


def _lights(tx: Session, now: datetime) -> Iterator[Budget]:
    """Sales of a week against the books; a single one passes no budget, however few there were."""
    rows = tx.execute(text(LIGHTS), {"since": now - WEEK}).all()
    amber = [(row.name, row.amber, row.sales) for row in rows]
    yield Budget("Sales this week before which somebody had to look", _above(amber, AMBER_BP_MAX))
    overridden = [(row.name, row.overridden, row.sales) for row in rows]
    yield Budget("Sales that were overridden this week", _above(overridden, OVERRIDDEN_BP_MAX))
    yield Budget("Sales that were blind this week", _above([(row.name, row.blind, row.sales) for row in rows], BLIND_BP_MAX))


def _above(counted: Sequence[tuple[str, int, int]], most_bp: int) -> tuple[str, ...]:
    return tuple(
        f"{name}: {count} of {sales} sales"
        for name, count, sales in counted
        if count > 1 and count * 10_000 > sales * most_bp
    )
