"""Pure rules: when a branch is open and when so much time has gone by for it, and what a piece costs on average."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from placket.core.clock import VIETNAM
from placket.core.money import rounded_quotient

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_AHEAD_MAX = 60

OpeningHours = Mapping[str, str]
"""Day → opening and closing time in Vietnam, ``{"mon": "09:00-22:00"}``; a day that is missing is closed."""


def is_open(hours: OpeningHours, at: datetime) -> bool:
    """Whether a branch is open at a moment; the closing minute is closed."""
    opens, closes = _period(hours, at.astimezone(VIETNAM))
    return opens <= at < closes


def after(start: datetime, span: timedelta, *, hours: OpeningHours | None) -> datetime:
    """The moment when so much time has gone by since ``start``; given opening hours, only they count.

    A branch that never opens counts every hour.
    """
    if not hours:
        return start + span
    day = start.astimezone(VIETNAM)
    for _ in range(DAYS_AHEAD_MAX):
        opens, closes = _period(hours, day)
        begins = max(start, opens)
        if begins < closes:
            if begins + span <= closes:
                return begins + span
            span -= closes - begins
        day += timedelta(days=1)
    return start + span


def average_cost(*, pieces: int, average_vnd: int | None, added: int, unit_cost_vnd: int) -> int:
    """What a piece costs on average after so many were added, in whole đồng, half away from zero.

    Pieces whose cost nobody knows yet are taken to have cost what the new ones do.
    """
    if average_vnd is None:
        return unit_cost_vnd
    return rounded_quotient(pieces * average_vnd + added * unit_cost_vnd, pieces + added)


def _period(hours: OpeningHours, local: datetime) -> tuple[datetime, datetime]:
    """When a branch opens and closes on a day; both at midnight when it stays closed."""
    period = hours.get(DAYS[local.weekday()])
    opens, closes = (time.fromisoformat(each) for each in period.split("-")) if period else (time.min, time.min)
    return (
        datetime.combine(local.date(), opens, tzinfo=VIETNAM),
        datetime.combine(local.date(), closes, tzinfo=VIETNAM),
    )
