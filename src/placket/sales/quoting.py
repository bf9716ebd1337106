"""Pricing a cart as the server prices it now: lists, promotions, discounts by hand, points; one place for all channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from placket import catalog, crm, promotions
from placket.sales.offers import Wishes, facts_of, offered
from placket.sales.rules import CartLine, PointsSpent, Quote, price_cart
from placket.sales.shapes import VatShown

NO_WISHES = Wishes()


@dataclass(frozen=True, slots=True)
class Priced:
    """A priced cart: what its promotions take of their limits, as the desk books it; the vouchers and points it uses."""

    quote: Quote
    applied: list[dict[str, Any]]
    vouchers: Sequence[str] = ()
    points: PointsSpent | None = None


def price(
    lines: Sequence[CartLine],
    *,
    channel: str,
    location_id: UUID,
    at: datetime,
    points: PointsSpent | None = None,
    wishes: Wishes = NO_WISHES,
) -> Priced:
    """Price a cart by the books in force. Refuses ``UnknownVariant`` and ``NoPrice``."""
    prices = catalog.price_books.current()
    known = {
        line.variant_id: prices.price_at(line.variant_id, channel=channel, location_id=location_id, at=at) for line in lines
    }
    offer = offered(
        lines,
        prices=prices,
        book=promotions.promo_books.current(),
        unit_of={variant_id: unit_vnd for variant_id, (unit_vnd, _) in known.items()},
        channel=channel,
        location_id=location_id,
        at=at,
        wishes=wishes,
    )
    quote = price_cart(
        lines,
        price_of=known.__getitem__,
        price_version=prices.price_version,
        points=points,
        offers=offer.of_lines,
        promo_version=offer.promo_version,
    )
    return Priced(quote, offer.applied, offer.vouchers, points)


def wishes_of(
    tx: Session,
    *,
    customer_id: UUID | None,
    codes: Sequence[str],
    now: datetime,
    skipped: Sequence[UUID] = (),
    sale_id: UUID | None = None,
) -> Wishes:
    """What promotions ask of a customer and of vouchers, also of those held for this sale.

    Refuses ``UnknownVoucher``, ``VoucherNotUsable``.
    """
    buyer = None if customer_id is None else crm.buyer(tx, customer_id)
    buyer_id = None if buyer is None else buyer.id
    found = [promotions.find(tx, code=code, customer_id=buyer_id, now=now, sale_id=sale_id) for code in codes]
    return Wishes(
        customer=None if buyer is None else facts_of(buyer),
        opened={voucher.code: str(voucher.promotion_id) for voucher in found},
        had={} if buyer is None else promotions.had_by(tx, buyer.id),
        skipped=frozenset(map(str, skipped)),
    )


def shown(priced: Quote) -> Mapping[str, Any]:
    """A priced cart as JSON."""
    return {
        "price_version": priced.price_version,
        "promo_version": priced.promo_version,
        "lines": [
            {
                "variant_id": str(line.line.variant_id),
                "source_id": str(line.line.source_id),
                "qty": line.line.qty,
                "unit_vnd": line.unit_vnd,
                "discount_vnd": line.discount_vnd,
                "manual_vnd": line.manual_vnd,
                "points_vnd": line.points_vnd,
                "offers": [
                    {"promotion_id": part.promotion_id, "version": part.version, "vnd": part.vnd, "shares": part.shares}
                    for part in line.offers
                ],
                "total_vnd": line.total_vnd,
                "vat_bp": line.vat_bp,
                "vat_vnd": line.vat_vnd,
            }
            for line in priced.lines
        ],
        "list_vnd": priced.list_vnd,
        "discount_vnd": priced.discount_vnd,
        "total_vnd": priced.total_vnd,
        "vat": [msgspec.structs.asdict(VatShown(s.rate_bp, s.net_vnd, s.vat_vnd)) for s in priced.vat],
    }
