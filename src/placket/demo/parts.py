"""What a sale of the history is made of: the shop and its tills, the seller, the lines, and the VAT inside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from placket.core.money import split, vat_within
from placket.sales import OfferPart


@dataclass(slots=True)
class Till:
    """A till's numbers as they run: the last opening and the last receipt of its epoch."""

    id: str
    number: int
    epoch: int
    prefix: str
    opening: int = 0
    receipt_no: int = 0
    is_open: bool = False


@dataclass(slots=True)
class Shop:
    """A place as the history needs it: ids, tills (none at the depot), who sells and who receives goods, web orders so far.

    A place that somebody has closed since has no id: nothing is sold, brought back or delivered there.
    """

    place: int
    id: str
    tills: list[Till]
    cashiers: Sequence[str]
    keeper: str
    orders: int = 0


class Piece(NamedTuple):
    """One piece of a sold line that somebody will bring back."""

    shop: int
    source: int
    customer: int
    sale_id: str
    line_no: int
    variant: int
    unit_vnd: int
    vat_bp: int
    vat_vnd: int


class Seller(NamedTuple):
    """Who and which device sells: the sale's columns from channel to staff, and those of its moves."""

    head: str
    staff: str
    till: str
    epoch: str


class Line(NamedTuple):
    """A line to write: negative when it returns ``piece``. Promotions took ``off_vnd`` off it, by ``offers``."""

    source: int
    variant: int
    qty: int
    unit_vnd: int
    vat_bp: int
    vat_vnd: int
    piece: Piece | None = None
    off_vnd: int = 0
    offers: tuple[OfferPart, ...] = ()


def vat_shares(totals_vnd: Sequence[int], rates_bp: Sequence[int]) -> list[int]:
    """The VAT inside each line, reckoned once per rate and shared by largest remainder, as ``sales.price_cart`` does."""
    if len(totals_vnd) == 1:
        return [vat_within(totals_vnd[0], rates_bp[0])]
    shares = [0] * len(totals_vnd)
    for rate_bp in set(rates_bp):
        places = [place for place, bp in enumerate(rates_bp) if bp == rate_bp]
        weights = [totals_vnd[place] for place in places]
        for place, part_vnd in zip(places, split(vat_within(sum(weights), rate_bp), weights), strict=True):
            shares[place] = part_vnd
    return shares
