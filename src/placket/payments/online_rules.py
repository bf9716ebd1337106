"""Pure rules of money taken online: currencies, states that only rise, parts of a payment (docs/rules/orders.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from placket.core.money import rounded_quotient

MINOR_UNITS: Final[Mapping[str, int]] = {"vnd": 1, "usd": 100}
"""How many of the smallest unit make one; đồng have none."""
CARD_LEAST_VND: Final = 15_000
"""Providers take no card for less than about half a dollar."""

# A state is never left for one of a lower rank, so the provider's words may come in any order, and any number of times.
PAYMENT_RANK: Final[Mapping[str, int]] = {
    "opening": 0,
    "open": 1,
    "processing": 2,
    "failed": 3,
    "expired": 4,
    "received": 5,
}
REFUND_STATES: Final = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
}
"""The provider's words for a refund, and ours."""
REFUND_RANK: Final[Mapping[str, int]] = {"requested": 0, "pending": 1, "succeeded": 2, "failed": 3, "settled": 4}
DISPUTE_RANK: Final[Mapping[str, int]] = {"open": 0, "won": 1, "lost": 2}


@dataclass(frozen=True, slots=True)
class Currency:
    """What shoppers' cards are charged in; ``vnd_a_unit`` is what one unit is worth (1 for đồng themselves)."""

    code: str
    vnd_a_unit: int

    def minor_of(self, amount_vnd: int) -> int:
        """An amount in the smallest unit, rounded half away from zero."""
        return rounded_quotient(amount_vnd * MINOR_UNITS[self.code], self.vnd_a_unit)


def rises(ranks: Mapping[str, int], now: str, then: str) -> bool:
    """Whether a provider's word moves a state on; a word that is older than what is known changes nothing."""
    return ranks[then] > ranks[now]


def part_minor(*, amount_vnd: int, amount_minor: int, gone_vnd: int, gone_minor: int, part_vnd: int) -> int:
    """What a part of a payment is in the provider's unit: parts may be rounded, the whole never is.

    ``gone`` is what went back before. In đồng it is the part itself.
    """
    whole_gone = rounded_quotient(amount_minor * (gone_vnd + part_vnd), amount_vnd)
    return max(0, min(amount_minor, whole_gone) - gone_minor)


def refundable(amount_vnd: int, refunds: Sequence[tuple[str, int]]) -> int:
    """What is left of a payment to give back; a refund that failed is still owed, so it counts as well."""
    return amount_vnd - sum(vnd for _, vnd in refunds)
