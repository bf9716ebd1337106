"""Pricing a cart over HTTP, without selling it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import catalog, identity, promotions
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.sales import quoting
from placket.sales.offers import Wishes
from placket.sales.rules import Adjust, CartLine, PointsSpent

router = APIRouter(prefix="/api/sales", tags=["sales"])


class QuoteAdjust(Strict):
    """What is taken off a line by hand."""

    kind: Literal["price", "percent", "amount"]
    value: Annotated[int, Field(ge=0, le=10**12)]


class QuotePoints(Strict):
    """Points that pay part of the cart."""

    hold_id: Id
    points: Annotated[int, Field(ge=1, le=10**9)]
    value_vnd: Annotated[int, Field(ge=1, le=10**12)]


class QuoteLine(Strict):
    """A line to price."""

    variant_id: Id
    qty: Annotated[int, Field(ge=1, le=999)]
    source_id: Id
    adjust: QuoteAdjust | None = None


class QuoteAsked(Strict):
    """A cart to price, as of now."""

    channel: Literal["store", "web"]
    location_id: Id
    lines: Annotated[list[QuoteLine], Field(min_length=1, max_length=200)]
    points: QuotePoints | None = None
    customer_id: Id | None = None
    vouchers: Annotated[tuple[Annotated[str, Field(pattern=r"^03[0-9]{13}$")], ...], Field(max_length=10, strict=False)] = ()


class OfferShown(Answer):
    """What a version of a promotion takes off a line: in all, and piece by piece in the canonical order."""

    promotion_id: UUID
    version: int
    vnd: int
    shares: list[int]


class PricedLineShown(Answer):
    """A priced line."""

    variant_id: UUID
    source_id: UUID
    qty: int
    unit_vnd: int
    discount_vnd: int
    manual_vnd: int
    points_vnd: int
    offers: list[OfferShown]
    total_vnd: int
    vat_bp: int
    vat_vnd: int


class VatQuoted(Answer):
    """What the quote holds of one rate."""

    rate_bp: int
    net_vnd: int
    vat_vnd: int


class QuoteShown(Answer):
    """A priced cart."""

    price_version: int
    promo_version: int
    lines: list[PricedLineShown]
    list_vnd: int
    discount_vnd: int
    total_vnd: int
    vat: list[VatQuoted]


@router.post(
    "/quote",
    responses=refuses(catalog.UnknownVariant, catalog.NoPrice, promotions.UnknownVoucher, promotions.VoucherNotUsable),
)
def quote(
    body: QuoteAsked, _who: Annotated[identity.Principal, Depends(identity.Permit("catalog.read"))], request: Request
) -> QuoteShown:
    """Price a cart, as the server would price it now."""
    now = clock.now()
    points = None if body.points is None else PointsSpent(body.points.hold_id, body.points.points, body.points.value_vnd)
    priced = quoting.price(
        [_to_price(line) for line in body.lines],
        channel=body.channel,
        location_id=body.location_id,
        at=now,
        points=points,
        wishes=_wishes(request, body, now),
    )
    return QuoteShown.model_validate(quoting.shown(priced.quote))


def _wishes(request: Request, body: QuoteAsked, now: datetime) -> Wishes:
    if body.customer_id is None and not body.vouchers:
        return Wishes()
    with identity.database_of(request).transaction() as tx:
        return quoting.wishes_of(tx, customer_id=body.customer_id, codes=body.vouchers, now=now)


def _to_price(line: QuoteLine) -> CartLine:
    given = line.adjust
    adjust = None if given is None else Adjust(given.kind, given.value, "quote")
    return CartLine(line.variant_id, line.source_id, line.qty, adjust)
