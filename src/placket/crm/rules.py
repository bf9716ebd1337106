"""Pure rules of customers: a phone number and how it is shown, names, member codes, what points are worth, tiers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from placket.core.money import part_of, steps_in

HOME: Final = "VN"
LONGEST: Final = 40
SHOWN_FIRST: Final = 3
SHOWN_LAST: Final = 4
OLD_DIGITS: Final = 11
# What became of the mobile prefixes of eleven-digit numbers in 2018.
OLD_PREFIXES: Final = {
    "0120": "070",
    "0121": "079",
    "0122": "077",
    "0126": "076",
    "0128": "078",
    "0123": "083",
    "0124": "084",
    "0125": "085",
    "0127": "081",
    "0129": "082",
    "0162": "032",
    "0163": "033",
    "0164": "034",
    "0165": "035",
    "0166": "036",
    "0167": "037",
    "0168": "038",
    "0169": "039",
    "0186": "056",
    "0188": "058",
    "0199": "059",
}


def phone_of(typed: str) -> str | None:
    """A phone number as it is stored (E.164), however it was typed; none when it is no valid number.

    ``0912 345 678``, ``+84 (0)912345678`` and ``0084912345678`` are ``+84912345678``. A number abroad needs its ``+``.
    """
    try:
        number = phonenumbers.parse(typed[:LONGEST], HOME)
    except NumberParseException:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else None


def modern_phone(typed: str) -> str | None:
    """``phone_of`` for old books too: an eleven-digit number of before 2018 becomes what it has been since."""
    digits = "".join(char for char in typed if char.isdecimal())
    national = "0" + digits.removeprefix("00").removeprefix("84").removeprefix("0")
    new = OLD_PREFIXES.get(national[:4]) if len(national) == OLD_DIGITS else None
    return phone_of(typed if new is None else new + national[4:])


def masked_phone(phone: str | None) -> str | None:
    """A phone number as screens and paper show it: ``090 ••• 3456``."""
    if phone is None:
        return None
    national = "0" + phone.removeprefix("+84") if phone.startswith("+84") else phone
    return f"{national[:SHOWN_FIRST]} ••• {national[-SHOWN_LAST:]}"


def given_name_of(full_name: str) -> str:
    """The name people are called by: the last word of a Vietnamese name."""
    return full_name.rsplit(maxsplit=1)[-1]


def member_code(member_no: int) -> str:
    """The digits of a member card: type 04, nine digits of the number, the check digit of EAN-13's rule."""
    digits = f"04{member_no:09d}"
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return digits + str(-weighed % 10)


@dataclass(frozen=True, slots=True)
class Terms:
    """The loyalty rule in force: how points are earned, what they are worth, how far they go (docs/rules/loyalty.md)."""

    earn_per_vnd: int
    point_vnd: int
    pending_days: int
    expire_days: int
    spend_points_min: int
    spend_share_bp_max: int

    def earned(self, total_vnd: int) -> int:
        """The points of a sale: whole ones only, none for what is given back."""
        return steps_in(max(0, total_vnd), self.earn_per_vnd)

    def most_for(self, total_vnd: int) -> int:
        """The most points that may pay for a cart of this total."""
        return steps_in(part_of(max(0, total_vnd), self.spend_share_bp_max), self.point_vnd)


@dataclass(frozen=True, slots=True)
class Purse:
    """Points that somebody may spend on a cart: all that are free, from how many on, at most how many, what one is worth."""

    free: int
    least: int
    most: int
    point_vnd: int

    def used(self, asked: int) -> int:
        """How many of the points that were asked for are used: none when that is too few."""
        used = min(asked, self.most)
        return used if used >= self.least else 0


@dataclass(frozen=True, slots=True)
class TierTerms:
    """A tier of a set: its key, which stays, what it is called, and what a year's purchases must come to."""

    tier: str
    name_vi: str
    name_en: str
    spend_vnd_min: int


@dataclass(frozen=True, slots=True)
class TierMove:
    """So many members go from one tier (none: they had none yet) to another, or stay."""

    from_tier: str | None
    to_tier: str
    people: int


@dataclass(frozen=True, slots=True)
class TierPreview:
    """What a set of tiers comes to: how many members each has, who moves, how many of them up and down."""

    people: dict[str, int]
    up: int
    down: int
    moves: list[TierMove]


def tier_preview(before: Sequence[TierTerms], after: Sequence[TierTerms], moves: Sequence[TierMove]) -> TierPreview:
    """Sum up who moves. Up and down are told by the order of the new set; from a tier that is no more, by its floor."""
    places = {one.tier: place for place, one in enumerate(after)}
    floors = {one.tier: one.spend_vnd_min for one in (*before, *after)}
    people = dict.fromkeys(places, 0)
    up = down = 0
    for move in moves:
        people[move.to_tier] += move.people
        if move.from_tier is None or move.from_tier == move.to_tier:
            continue
        if move.from_tier in places:
            is_up = places[move.to_tier] > places[move.from_tier]
        else:
            is_up = floors[move.to_tier] >= floors.get(move.from_tier, 0)
        up, down = (up + move.people, down) if is_up else (up, down + move.people)
    return TierPreview(people, up, down, [move for move in moves if move.from_tier != move.to_tier])
