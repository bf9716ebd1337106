"""Pure rules of campaigns: how a template is filled, who is held out, what a journey's occasion is called.

The figures of the report are statistics, so this file uses floats: what was extra, and how sure that is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import md5
from math import sqrt
from typing import Final
from uuid import UUID

WHOLE_BP: Final = 10_000
VOUCHER_DAYS: Final = 14
FIELDS: Final = ("given_name", "full_name", "points", "company", "voucher", "voucher_until")
"""What a template may say of the person it goes to; the last two only where a voucher comes with it."""
VOUCHER_FIELDS: Final = ("voucher", "voucher_until")
GAP: Final = re.compile(r"\{([^{}\s]*)\}")
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("subject", "heading", "body"),
    "sms": ("line",),
    "zalo": ("line",),
}
SURE: Final = 1.959964
"""The normal quantile of 95 %."""
ENOUGH: Final = 30
"""Fewer people in a group say nothing: their mean is not near normal."""


@dataclass(frozen=True, slots=True)
class Group:
    """What the people of one group have bought: how many they are, the sum, and the sum of squares."""

    people: int
    sum_vnd: int
    squares: float

    @property
    def mean(self) -> float:
        """What one of them has bought on average."""
        return self.sum_vnd / self.people if self.people else 0.0

    @property
    def variance(self) -> float:
        """The unbiased variance between them."""
        if self.people <= 1:
            return 0.0
        return max(0.0, (self.squares - self.people * self.mean**2) / (self.people - 1))


@dataclass(frozen=True, slots=True)
class Extra:
    """What each told person has bought more than one of those held out, with its 95 % interval, and what that comes to."""

    mean_vnd: int
    low_vnd: int
    high_vnd: int
    total_vnd: int


def extra_of(told: Group, held_out: Group) -> Extra | None:
    """What the campaign has brought: the difference of means of everybody told and everybody held out at random.

    Intention to treat: who was to be told counts as told also where the message was not delivered, or the comparison would
    choose its people. The error bar is the standard error for unequal variances of B. L. Welch, "The generalization of
    'Student's' problem", Biometrika 34 (1947), with the normal quantile, as R. Kohavi, D. Tang and Y. Xu, Trustworthy Online
    Controlled Experiments (2020), chapter 17, use it for large groups. None when a group is too small to say anything.
    """
    if min(told.people, held_out.people) < ENOUGH:
        return None
    mean = told.mean - held_out.mean
    error = SURE * sqrt(told.variance / told.people + held_out.variance / held_out.people)
    return Extra(round(mean), round(mean - error), round(mean + error), round(mean * told.people))


def is_held_out(campaign_id: UUID, customer_id: UUID, holdout_bp: int) -> bool:
    """Whether somebody is left out of a campaign for comparison: at random, and the same however often it is asked."""
    return (
        int(md5(f"{campaign_id}{customer_id}".encode(), usedforsecurity=False).hexdigest()[:7], 16) % WHOLE_BP < holdout_bp
    )


HELD_OUT_SQL: Final = (
    "('x' || left(md5(CAST(:campaign AS text) || {customer}::text), 7))::bit(28)::int % 10000 < CAST(:holdout_bp AS int)"
)
"""``is_held_out`` as the database says it, for a column named in the gap."""


def unknown_fields(template: Mapping[str, str], *, has_voucher: bool) -> list[str]:
    """What a template asks for that nobody can fill."""
    known = FIELDS if has_voucher else tuple(field for field in FIELDS if field not in VOUCHER_FIELDS)
    asked = {gap for words in template.values() for gap in GAP.findall(words)}
    return sorted(asked - set(known))


def missing_parts(template: Mapping[str, str], channel: str) -> list[str]:
    """The parts that a channel needs and nobody has written."""
    return [part for part in NEEDED[channel] if not template.get(part, "").strip()]


def filled(words: str, facts: Mapping[str, str]) -> str:
    """Words with their gaps filled; what nobody can fill stays as it was written."""
    return GAP.sub(lambda gap: facts.get(gap[1], gap[0]), words)


def paragraphs(body: str) -> list[str]:
    """The paragraphs of what was written, between empty lines."""
    return [part for part in (" ".join(part.split()) for part in re.split(r"\n\s*\n", body)) if part]
