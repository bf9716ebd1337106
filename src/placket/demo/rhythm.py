"""When people buy: the weekday, the season, Tết and the fashion holidays, and the hours of a day.

Weights, not money: an ordinary Wednesday in spring is near 0.85.
"""

from bisect import bisect_right
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Final

TET: Final = tuple(
    date(*day)
    for day in ((2023, 1, 22), (2024, 2, 10), (2025, 1, 29), (2026, 2, 17), (2027, 2, 6), (2028, 1, 26), (2029, 2, 13))
)
_WEEKDAYS: Final = (0.82, 0.80, 0.85, 0.92, 1.08, 1.36, 1.30)
_MONTHS: Final = (1.05, 0.92, 1.0, 0.95, 0.93, 0.88, 0.90, 0.90, 0.97, 1.08, 1.12, 1.20)
_DAYS: Final = {(3, 8): 1.5, (4, 30): 1.2, (9, 2): 1.25, (10, 20): 1.55, (11, 11): 1.3, (11, 20): 1.2, (12, 12): 1.3,
                (12, 24): 1.35}  # fmt: skip
# Days from Tết: the rush before, the closed day, the slow return.
_BEFORE_TET: Final = ((-1, 0.75), (-2, 1.7), (-7, 2.4), (-14, 2.0), (-21, 1.55), (-28, 1.25))
_AFTER_TET: Final = ((0, 0.0), (1, 0.15), (2, 0.3), (6, 0.6), (14, 0.8))
_GROWTH_A_YEAR: Final = 1.12
_FRIDAY: Final = 4
_NOVEMBER: Final = 11

DAY_S: Final = 86_400
SLOT_S: Final = 60
# Weights of the half hours of a street shop from 09:00, of a mall from 09:30, of the web from midnight.
_STREET: Final = (18, (3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 5, 5, 6, 7, 8, 9, 10, 12, 14, 14, 13, 11, 9, 6, 3))
_MALL: Final = (19, (3, 4, 5, 6, 7, 7, 7, 6, 6, 6, 6, 7, 8, 9, 10, 11, 13, 15, 16, 16, 15, 13, 10, 6, 2))
_WEB: Final = (0, (4, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 7, 7, 7, 7, 7, 8, 9, 10, 10, 9, 8, 7, 7, 7, 7, 7, 7, 7,
                   7, 7, 8, 9, 10, 12, 14, 16, 17, 16, 14, 11, 7))  # fmt: skip


class Hours:
    """The pattern of one kind of place over the day, from which seconds are drawn."""

    def __init__(self, first_half_hour: int, weights: tuple[int, ...]) -> None:
        slots_of_half_hour = 1800 // SLOT_S
        self.opens_s = first_half_hour * 1800
        self.closes_s = self.opens_s + len(weights) * 1800
        self._upto = list(accumulate(weight for weight in weights for _ in range(slots_of_half_hour)))

    def share_before(self, second: int) -> float:
        """Which part of a day's sales is made before a second of it."""
        slots = (min(max(second, self.opens_s), self.closes_s) - self.opens_s) // SLOT_S
        return self._upto[slots - 1] / self._upto[-1] if slots else 0.0

    def second(self, throw: Random, from_s: int = 0, to_s: int = DAY_S) -> int:
        """A second of the day in ``[from_s, to_s)`` when somebody buys; the period must hold one of our slots."""
        low, high = self.share_before(from_s), self.share_before(to_s)
        assert low < high, "somebody buys in this period"
        at = (low + (high - low) * throw.random()) * self._upto[-1]
        return self.opens_s + min(bisect_right(self._upto, at), len(self._upto) - 1) * SLOT_S + int(throw.random() * SLOT_S)


STREET: Final = Hours(*_STREET)
MALL: Final = Hours(*_MALL)
WEB: Final = Hours(*_WEB)


def weight_of(on: date, since: date) -> float:
    """How much is sold on a day, with the growth since the beginning; nothing on the day of Tết."""
    growth: float = _GROWTH_A_YEAR ** ((on - since).days / 365)
    return _WEEKDAYS[on.weekday()] * _MONTHS[on.month - 1] * _feast(on) * _tet(on) * growth


def _feast(on: date) -> float:
    # Presents are bought in the days before, and Black Friday lasts a week-end.
    if on.month == _NOVEMBER and (black_friday := _last_friday(on.year)) <= on <= black_friday + timedelta(days=2):
        return 1.6
    for ahead in range(3):
        day = on + timedelta(days=ahead)
        if (day.month, day.day) in _DAYS:
            return 1 + (_DAYS[day.month, day.day] - 1) * (1 - ahead / 4)
    return 1.0


def _last_friday(year: int) -> date:
    last = date(year, 11, 30)
    return last - timedelta(days=(last.weekday() - _FRIDAY) % 7)


def _tet(on: date) -> float:
    for tet in TET:
        away = (on - tet).days
        if 0 <= away <= _AFTER_TET[-1][0]:
            return next(weight for upto, weight in _AFTER_TET if away <= upto)
        if _BEFORE_TET[-1][0] <= away < 0:
            return next(weight for upto, weight in _BEFORE_TET if away >= upto)
    return 1.0
