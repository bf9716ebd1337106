"""The people who buy at the demo chain, and when they come: a few often, many once, some no more.

Frequencies are skewed (gamma) and people stop coming (exponential lives), which is what makes RFM groups look like a
shop's. Visits fall on days by the chain's rhythm: a customer's time runs faster before Tết.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Final

from placket.demo import chain
from placket.demo.chain import DEPOT, PLACES
from placket.demo.rhythm import DAY_S, MALL, STREET, WEB, Hours

KNOWN: Final = 0.62  # of the sales are made to somebody who gives a phone number
WEB_OF_KNOWN: Final = (0.13, 0.23)  # at the beginning and at the end
OLD_CUSTOMERS: Final = 0.3  # were there before the history begins
WEB_FIRST: Final = 0.1
AGREED: Final = 0.93  # collect points
BIRTHDAY_TOLD: Final = 0.8  # say when their birthday is
SKEW: Final = 0.4  # the gamma's shape: small is unequal
LIFE: Final = 0.45  # of the history, on average, before somebody stops coming

PREFIXES: Final = ("32", "33", "34", "35", "36", "37", "38", "39", "70", "76", "77", "78", "79", "81", "82", "83", "84",
                   "85", "86", "88", "89", "90", "91", "93", "94", "96", "97", "98", "58", "56")  # fmt: skip
# A visit is one number, so that a day's visits sort by time: second, place, and the customer's number (0 is unknown).
SECOND_SHIFT: Final = 28
PLACE_SHIFT: Final = 24
CUSTOMER_MASK: Final = (1 << PLACE_SHIFT) - 1
PLACE_MASK: Final = 15

_STEPS: Final = 24
_HOURS: Final = [(MALL if facts.mall else STREET) if facts.is_branch else WEB for facts in PLACES]
_SAME_CITY: Final = [[n for n, other in enumerate(PLACES[:-1]) if other.city == facts.city] for facts in PLACES]


@dataclass(slots=True)
class Customers:
    """Where the customers are at home, since when (in seconds from the beginning), and every day's visits."""

    homes: list[int]
    since: list[int]
    visits: list[list[int]]


def hours_of(place: int) -> Hours:
    """When a place sells."""
    return _HOURS[place]


def visit(second: int, place: int, customer: int) -> int:
    """A visit as one number; ``customer`` counts from 1, none is 0."""
    return (second << SECOND_SHIFT) | (place << PLACE_SHIFT) | customer


def customers_of(throw: Random, *, count: int, visits_wanted: int, day_weights: Sequence[float], last_s: int) -> Customers:
    """Who comes when. The last day's visits lie before its second ``last_s``."""
    upto = list(accumulate(day_weights))
    last = len(upto) - 1
    homes = _homes(len(upto) / 365)
    made = Customers([], [], [[] for _ in day_weights])
    for number, (joined, visits) in enumerate(_buyers(throw, count, visits_wanted), 1):
        home = DEPOT
        if throw.random() > WEB_FIRST:
            home = bisect_right(homes[int(joined * _STEPS)], throw.random())
        since = last * DAY_S if joined else (10 * 3600 + int(36_000 * throw.random())) - throw.randint(1, 900) * DAY_S
        for at in visits:
            day = min(bisect_right(upto, at * upto[-1]), last)
            place = place_of_visit(throw, home, at)
            hours = hours_of(place)
            to_s = last_s if day == last else DAY_S
            if day < last or hours.share_before(to_s) > 0.0:
                second = hours.second(throw, 0, to_s)
                made.visits[day].append(visit(second, place, number))
                since = min(since, day * DAY_S + second)
        made.homes.append(home)
        made.since.append(since)
    return made


def _homes(years: float) -> list[list[float]]:
    """The branches' shares, summed up, as they grow over the history; what is told of a growth is told by new customers."""
    tables = []
    for step in range(_STEPS + 1):
        grown = [place.weight * (1 + place.growth) ** (2 * years * step / _STEPS) for place in PLACES[:DEPOT]]
        whole = sum(grown)
        tables.append([upto / whole for upto in accumulate(grown)][:-1])
    return tables


def _buyers(throw: Random, count: int, visits_wanted: int) -> Iterator[tuple[float, list[float]]]:
    """When everybody joined and came, as parts of the history's sales.

    Whoever joins buys, and comes again at a rate of their own for as long as they stay; those who were there before only
    come again. Lives are such that as many people stay at the end as in the beginning, so what grows is the chain's doing.
    """
    rate_of_all = max(visits_wanted / count - (1 - OLD_CUSTOMERS), 0.1) / ((1 - OLD_CUSTOMERS) * LIFE)
    for _ in range(count):
        joined = 0.0 if throw.random() < OLD_CUSTOMERS else throw.random()
        ends = min(joined + throw.expovariate(1 / LIFE), 1.0)
        rate = throw.gammavariate(SKEW, rate_of_all / SKEW)
        visits = [joined] if joined else []
        at = joined
        while rate > 0 and (at := at + throw.expovariate(rate)) < ends:
            visits.append(at)
        yield joined, visits


def place_of_visit(throw: Random, home: int, at: float) -> int:
    """Where somebody buys: mostly at home, on the web more and more (``at`` of the history), or nearby."""
    dice = throw.random()
    if home == DEPOT:
        return DEPOT if dice < 0.85 else throw.randrange(DEPOT)  # noqa: PLR2004 - mostly
    if dice < WEB_OF_KNOWN[0] + (WEB_OF_KNOWN[1] - WEB_OF_KNOWN[0]) * at:
        return DEPOT
    if dice < 0.9:  # noqa: PLR2004 - people keep to their shop
        return home
    return throw.choice(_SAME_CITY[home])


@dataclass(frozen=True, slots=True)
class Person:
    """A customer's own facts."""

    full_name: str
    given_name: str
    phone: str | None
    email: str | None
    birth_day: int | None
    birth_month: int | None
    agreed: bool


def persons(throw: Random, count: int, today: date) -> Iterator[Person]:
    """As many people, every phone number once."""
    for number in range(count):
        name = chain.full_name(throw, woman=throw.random() < chain.MOSTLY_WOMEN)
        row, column = divmod(number, len(PREFIXES))
        # 7,368,787 and ten million have no factor in common, so no number comes twice under a prefix.
        phone = f"+84{PREFIXES[column]}{(row * 7_368_787 + column * 1_234_567 + 2_403_811) % 10_000_000:07d}"
        email = f"khach{number + 1}@example.com" if throw.random() < 0.3 else None  # noqa: PLR2004 - a third
        born = today - timedelta(days=int(throw.triangular(17, 62, 29) * 365.25))
        told = throw.random() < BIRTHDAY_TOLD
        agreed = throw.random() < AGREED
        given = name.rsplit(" ", 1)[1]
        yield Person(name, given, phone, email, born.day if told else None, born.month if told else None, agreed)
