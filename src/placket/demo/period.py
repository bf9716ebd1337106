"""The days of a history and how much each weighs; the last day counts only as far as it has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final, Self

from placket.core.clock import VIETNAM
from placket.demo.chain import DEPOT, PLACES
from placket.demo.customers import hours_of, visit
from placket.demo.dice import about
from placket.demo.rhythm import DAY_S, STREET, weight_of
from placket.demo.sizes import Size

_WEB_OF_UNKNOWN: Final = 0.05
_CALM: Final = 0.15  # how far a shop's day is off its expectation, mostly


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of ``starts_on`` to the second ``to_s`` of ``ends_on``."""

    starts_on: date
    ends_on: date
    to_s: int

    @classmethod
    def of(cls, size: Size, ends_at: datetime) -> Self:
        """The history that ends at a moment (at its minute)."""
        local = ends_at.astimezone(VIETNAM)
        ends_on = local.date()
        starts_on = _months_before(ends_on, size.months) - timedelta(days=size.days)
        return cls(starts_on, ends_on, local.hour * 3600 + local.minute * 60)

    def days(self) -> list[date]:
        """Every day of it."""
        return [self.starts_on + timedelta(days=n) for n in range((self.ends_on - self.starts_on).days + 1)]

    def weights(self) -> list[float]:
        """What each day weighs."""
        weights = [weight_of(on, self.starts_on) for on in self.days()]
        weights[-1] *= STREET.share_before(self.to_s)
        return weights


def is_open(on: date) -> bool:
    """Whether the chain sells on a day at all."""
    return weight_of(on, on) > 0


def unknown_visits(
    throw: Random, on: date, *, since: date, expected: float, from_s: int = 0, to_s: int = DAY_S
) -> Sequence[int]:
    """The visits of a day by people who give no phone number, ``expected`` of them in a whole day."""
    years = (on - since).days / 365
    weights = [place.weight * (1 + place.growth) ** years for place in PLACES]
    shops = sum(weights)
    found = []
    for place, weight in enumerate(weights):
        share = _WEB_OF_UNKNOWN if place == DEPOT else (1 - _WEB_OF_UNKNOWN) * weight / shops
        hours = hours_of(place)
        part = hours.share_before(to_s) - hours.share_before(from_s)
        if part > 0:
            mean = max(expected * share * part * throw.gauss(1, _CALM), 0)
            found += [visit(hours.second(throw, from_s, to_s), place, 0) for _ in range(about(throw, mean))]
    return found


def _months_before(on: date, months: int) -> date:
    count = on.year * 12 + on.month - 1 - months
    return date(count // 12, count % 12 + 1, min(on.day, 28))
