"""Pure rules of a sale: what a cart costs, what is taken off, what cash can pay, what makes two sales the same.

Amounts are đồng, prices and totals include VAT; see docs/rules/sales.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal
from uuid import UUID

from placket.core.money import WHOLE_BP, part_of, rounded_to, split, vat_within


@dataclass(frozen=True, slots=True)
class Adjust:
    """What somebody takes off a line by hand.

    ``price`` is the new price of a piece, ``percent`` basis points of the line, ``amount`` đồng off the line.
    """

    kind: Literal["price", "percent", "amount"]
    value: int
    reason: str


@dataclass(frozen=True, slots=True)
class PointsSpent:
    """Points that pay part of a cart: its last discount."""

    hold_id: UUID
    points: int
    value_vnd: int


@dataclass(frozen=True, slots=True)
class OfferPart:
    """What one version of a promotion takes off a line, piece by piece in the canonical order."""

    promotion_id: str
    version: int
    shares: tuple[int, ...]

    @property
    def vnd(self) -> int:
        """All of it."""
        return sum(self.shares)


@dataclass(frozen=True, slots=True)
class CartLine:
    """Some pieces of a variant, taken from one location."""

    variant_id: UUID
    source_id: UUID
    qty: int
    adjust: Adjust | None = None


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its money: ``total_vnd = qty × unit_vnd − discount_vnd``, VAT inside.

    Of the discount, promotions took off their ``offers``, ``manual_vnd`` was taken off by hand and ``points_vnd`` is the
    line's share of points.
    """

    line: CartLine
    unit_vnd: int
    discount_vnd: int
    total_vnd: int
    vat_bp: int
    vat_vnd: int
    manual_vnd: int = 0
    points_vnd: int = 0
    offers: tuple[OfferPart, ...] = ()


@dataclass(frozen=True, slots=True)
class VatShare:
    """What the sale holds of one rate."""

    rate_bp: int
    net_vnd: int
    vat_vnd: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A priced cart, with the versions it was priced by."""

    price_version: int
    promo_version: int
    lines: tuple[PricedLine, ...]
    list_vnd: int
    discount_vnd: int
    total_vnd: int
    vat: tuple[VatShare, ...]

    @property
    def vat_vnd(self) -> int:
        """All VAT inside the total."""
        return sum(share.vat_vnd for share in self.vat)


def price_cart(
    lines: Sequence[CartLine],
    *,
    price_of: Callable[[UUID], tuple[int, int]],
    price_version: int,
    points: PointsSpent | None = None,
    offers: Sequence[tuple[OfferPart, ...]] | None = None,
    promo_version: int = 0,
) -> Quote:
    """Price a cart: list, then promotions, then what is taken off by hand, then points.

    ``price_of`` answers a price and VAT rate, ``offers`` is what promotions take off each line. Points are shared over the
    lines in proportion to what they still cost. VAT is reckoned once for all lines of a rate, as an invoice does, and
    shared over them by largest remainder.
    """
    known = [price_of(line.variant_id) for line in lines]
    given = offers or [()] * len(lines)
    lists = [unit_vnd * line.qty for (unit_vnd, _), line in zip(known, lines, strict=True)]
    offered = [list_vnd - sum(part.vnd for part in parts) for list_vnd, parts in zip(lists, given, strict=True)]
    by_hand = [
        taken_off(line.adjust, owed_vnd=owed_vnd, qty=line.qty) for owed_vnd, line in zip(offered, lines, strict=True)
    ]
    owed = [offered_vnd - manual_vnd for offered_vnd, manual_vnd in zip(offered, by_hand, strict=True)]
    by_points = points_of_lines(owed, points)
    totals = [owed_vnd - points_vnd for owed_vnd, points_vnd in zip(owed, by_points, strict=True)]
    vat_of, shares = vat_of_lines(totals, [rate_bp for _, rate_bp in known])
    priced = tuple(
        PricedLine(
            line,
            unit_vnd,
            lists[place] - totals[place],
            totals[place],
            rate_bp,
            vat_of[place],
            by_hand[place],
            by_points[place],
            given[place],
        )
        for place, (line, (unit_vnd, rate_bp)) in enumerate(zip(lines, known, strict=True))
    )
    return Quote(
        price_version=price_version,
        promo_version=promo_version,
        lines=priced,
        list_vnd=sum(lists),
        discount_vnd=sum(line.discount_vnd for line in priced),
        total_vnd=sum(totals),
        vat=shares,
    )


def taken_off(adjust: Adjust | None, *, owed_vnd: int, qty: int) -> int:
    """What an adjustment takes off a line that costs ``owed_vnd``: never less than nothing, never more than that."""
    if adjust is None or owed_vnd <= 0:
        return 0
    match adjust.kind:
        case "price":
            off_vnd = owed_vnd - adjust.value * qty
        case "percent":
            off_vnd = part_of(owed_vnd, min(adjust.value, WHOLE_BP))
        case "amount":
            off_vnd = adjust.value
    return min(max(off_vnd, 0), owed_vnd)


def points_of_lines(owed: Sequence[int], points: PointsSpent | None) -> list[int]:
    """Share what points pay over lines, by largest remainder in proportion to what each still costs."""
    weights = [max(owed_vnd, 0) for owed_vnd in owed]
    value_vnd = 0 if points is None else min(points.value_vnd, sum(weights))
    return split(value_vnd, weights) if value_vnd else [0] * len(weights)


def vat_of_lines(totals: Sequence[int], rates: Sequence[int]) -> tuple[list[int], tuple[VatShare, ...]]:
    """The VAT inside each line and in each rate: reckoned once a rate, shared over its lines by largest remainder."""
    vat_of = [0] * len(totals)
    shares = []
    for rate_bp in sorted(set(rates)):
        places = [place for place, rate in enumerate(rates) if rate == rate_bp]
        gross_vnd = sum(totals[place] for place in places)
        vat_vnd = vat_within(gross_vnd, rate_bp)
        shares.append(VatShare(rate_bp, gross_vnd - vat_vnd, vat_vnd))
        for place, part_vnd in zip(places, split(vat_vnd, [totals[place] for place in places]), strict=True):
            vat_of[place] = part_vnd
    return vat_of, tuple(shares)


def cash_rounding(total_vnd: int, *, other_vnd: int, by_cash: bool, step_vnd: int) -> int:
    """The rounding line: what cash pays is rounded to notes, what ``other_vnd`` of cards and transfers pay is exact."""
    cash_due_vnd = total_vnd - other_vnd
    return rounded_to(cash_due_vnd, step_vnd) - cash_due_vnd if by_cash else 0


def fingerprint(
    *,
    till_id: UUID | None,
    lines: Sequence[PricedLine],
    tenders: Sequence[Mapping[str, object]],
    customer_id: UUID | None,
    total_vnd: int,
    points: PointsSpent | None = None,
) -> str:
    """What makes a repeated request the same sale: till, lines, prices, discounts, tenders, customer.

    Not times, opening, note, or who approved what.
    """
    parts = [str(till_id), str(customer_id), str(total_vnd)]
    for priced in lines:
        line, adjust = priced.line, priced.line.adjust
        parts.append(f"{line.variant_id}|{line.source_id}|{line.qty}|{priced.unit_vnd}|{priced.discount_vnd}")
        if adjust is not None:
            parts.append(f"{adjust.kind}|{adjust.value}|{adjust.reason}")
    parts += [
        f"{tender['kind']}|{tender['amount_vnd']}|{tender['tendered_vnd']}|{tender['reference']}" for tender in tenders
    ]
    if points is not None:
        parts.append(f"points|{points.hold_id}|{points.points}|{points.value_vnd}")
    parts += [f"taken|{tender['payment_id']}" for tender in tenders if tender.get("payment_id") is not None]
    return sha256("\n".join(parts).encode()).hexdigest()


def receipt_barcode(*, till_no: int, epoch: int, receipt_no: int) -> str:
    """The 16 digits under a receipt: type 2, till 4, epoch 2, number 7, check digit (EAN-13's rule, from the right)."""
    digits = f"02{till_no:04d}{epoch:02d}{receipt_no:07d}"
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return digits + str(-weighed % 10)
