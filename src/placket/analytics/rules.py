"""Which day a day is compared with, what both say, and of which days a pack tells. Pure; see docs/rules/metrics.md."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Final, Literal, Self

from lunar_vn import LunarDate, lunar_to_solar, solar_to_lunar

from placket.core.money import rounded_quotient

Compare = Literal["date", "weekday", "lunar"]
Cadence = Literal["weekly", "monthly"]
# The days whose lunar day of the year before is known.
FIRST_DAY: Final = date(1902, 1, 1)
LAST_DAY: Final = date(2099, 12, 30)
_WEEKS: Final = timedelta(days=364)
_LEAP_DAY: Final = (2, 29)
_ONE_BP: Final = 10_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Sales of a time and place in sums, in đồng and pieces; what came back is taken off ``revenue_vnd`` and ``net_vnd``."""

    revenue_vnd: int = 0
    net_vnd: int = 0
    bills: int = 0
    sold: int = 0
    returned: int = 0

    def __add__(self, other: Self) -> "Figures":
        """Both together."""
        return Figures(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def total(parts: Iterable[Figures]) -> Figures:
    """All of them together."""
    return sum(parts, Figures())


def margin_bp(net_vnd: int, cost_vnd: int) -> int:
    """What is left of net revenue after what the goods cost, in basis points of it; below zero when they cost more."""
    return rounded_quotient((net_vnd - cost_vnd) * _ONE_BP, net_vnd)


def day_before(on: date, compare: Compare) -> date:
    """The day of the year before: the same date, the same weekday 52 weeks ago, or the same Vietnamese lunar day.

    The 29th of February is compared with the 28th. A leap month is compared with the month it repeats, and the 30th of a
    lunar month that had 29 days with its last: New Year's Eve is always compared with New Year's Eve.
    """
    if compare == "weekday":
        return on - _WEEKS
    if compare == "date":
        return on.replace(year=on.year - 1, day=28 if (on.month, on.day) == _LEAP_DAY else on.day)
    return _lunar_year_before(on)


def _lunar_year_before(on: date) -> date:
    tomorrow = solar_to_lunar(on + timedelta(days=1))
    if tomorrow.day == 1:  # the last day of its month, which has 29 or 30
        return _first_of(tomorrow.month, tomorrow.year - 1) - timedelta(days=1)
    lunar = solar_to_lunar(on)
    return _first_of(lunar.month, lunar.year - 1) + timedelta(days=lunar.day - 1)


def _first_of(month: int, year: int) -> date:
    return lunar_to_solar(LunarDate(day=1, month=month, year=year))


def growth_bp(now: int, before: int) -> int | None:
    """How much more than before, in basis points of before; nothing to compare with has no answer."""
    return None if before <= 0 else rounded_quotient((now - before) * _ONE_BP, before)


def due_by_now(target_vnd: int, early_vnd: int, whole_vnd: int) -> int | None:
    """How much of a target should be here by now: as much of it as the other day had taken by the same minute."""
    if whole_vnd <= 0:
        return None
    return rounded_quotient(target_vnd * min(max(early_vnd, 0), whole_vnd), whole_vnd)


def period_before(on: date, cadence: Cadence) -> tuple[date, date]:
    """The last whole week (Monday to Sunday) or month that was over before a day, both days inclusive."""
    if cadence == "weekly":
        ended = on - timedelta(days=on.isoweekday())
        return ended - timedelta(days=6), ended
    ended = on.replace(day=1) - timedelta(days=1)
    return ended.replace(day=1), ended
