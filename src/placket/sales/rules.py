"""Pure rules of a sale: what a cart costs, what VAT is in it, what cash can pay, what makes two sales the same.

Amounts are đồng, prices and totals include VAT; see docs/rules/sales.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from placket.core.money import rounded_to, split, vat_within


@dataclass(frozen=True, slots=True)
class CartLine:
    """Some pieces of a variant, taken from one location."""

    variant_id: UUID
    source_id: UUID
    qty: int


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its money: ``total_vnd = qty × unit_vnd − discount_vnd``, VAT inside."""

    line: CartLine
    unit_vnd: int
    discount_vnd: int
    total_vnd: int
    vat_bp: int
    vat_vnd: int


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


def price_cart(lines: Sequence[CartLine], *, price_of: Callable[[UUID], tuple[int, int]], price_version: int) -> Quote:
    """Price a cart by the list: ``price_of`` answers a variant's price and VAT rate at this place and moment.

    VAT is reckoned once for all lines of a rate, as an invoice does, and shared over them by largest remainder.
    """
    totals: list[int] = []
    units: list[int] = []
    by_rate: dict[int, list[int]] = {}
    for place, line in enumerate(lines):
        unit_vnd, rate_bp = price_of(line.variant_id)
        units.append(unit_vnd)
        totals.append(unit_vnd * line.qty)
        by_rate.setdefault(rate_bp, []).append(place)
    vat_of = [0] * len(lines)
    rate_of = [0] * len(lines)
    shares = []
    for rate_bp, places in sorted(by_rate.items()):
        gross_vnd = sum(totals[place] for place in places)
        vat_vnd = vat_within(gross_vnd, rate_bp)
        shares.append(VatShare(rate_bp, gross_vnd - vat_vnd, vat_vnd))
        for place, part_vnd in zip(places, split(vat_vnd, [totals[place] for place in places]), strict=True):
            vat_of[place] = part_vnd
            rate_of[place] = rate_bp
    total_vnd = sum(totals)
    return Quote(
        price_version=price_version,
        promo_version=0,
        lines=tuple(
            PricedLine(line, units[place], 0, totals[place], rate_of[place], vat_of[place])
            for place, line in enumerate(lines)
        ),
        list_vnd=total_vnd,
        discount_vnd=0,
        total_vnd=total_vnd,
        vat=tuple(shares),
    )


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
) -> str:
    """What makes a repeated request the same sale: till, lines, prices, tenders, customer. Not times, opening, override."""
    parts = [str(till_id), str(customer_id), str(total_vnd)]
    parts += [
        f"{line.line.variant_id}|{line.line.source_id}|{line.line.qty}|{line.unit_vnd}|{line.discount_vnd}" for line in lines
    ]
    parts += [
        f"{tender['kind']}|{tender['amount_vnd']}|{tender['tendered_vnd']}|{tender['reference']}" for tender in tenders
    ]
    return sha256("\n".join(parts).encode()).hexdigest()


def receipt_barcode(*, till_no: int, epoch: int, receipt_no: int) -> str:
    """The 16 digits under a receipt: type 2, till 4, epoch 2, number 7, check digit (EAN-13's rule, from the right)."""
    digits = f"02{till_no:04d}{epoch:02d}{receipt_no:07d}"
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return digits + str(-weighed % 10)
