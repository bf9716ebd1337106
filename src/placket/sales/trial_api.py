"""Trying a promotion on a cart before anybody sells by it: the checkout's own engine, a draft beside what is in force."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, Field

from placket import catalog, identity, promotions
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.sales import quoting
from placket.sales.offers import Offered, offered
from placket.sales.rules import CartLine

router = APIRouter(prefix="/api/sales", tags=["sales"])

Text = Annotated[dict[str, Any], Field(max_length=20)]
Code = Annotated[str, Field(pattern=r"^03[0-9]{13}$")]


class TrialLine(Strict):
    """A line of the cart to try."""

    variant_id: Id
    qty: Annotated[int, Field(ge=1, le=999)]


class TrialDraft(Strict):
    """A text that is being written, tried instead of what is published of it; a voucher it asks for counts as there."""

    promotion_id: Id
    terms: Text
    limits: Text = Field(default_factory=dict)


class TrialAsked(Strict):
    """A cart at a place and a moment (none: now), for a customer or a stranger, with vouchers."""

    lines: Annotated[list[TrialLine], Field(min_length=1, max_length=200)]
    location_id: Id
    channel: Literal["store", "web"] = "store"
    at: Annotated[AwareDatetime, Field(strict=False)] | None = None
    customer_id: Id | None = None
    vouchers: Annotated[tuple[Code, ...], Field(max_length=10, strict=False)] = ()
    draft: TrialDraft | None = None


class TrialLineShown(Answer):
    """A line, priced."""

    variant_id: UUID
    qty: int
    list_vnd: int
    total_vnd: int


class TrialApplied(Answer):
    """A promotion that took something off."""

    promotion_id: UUID
    version: int
    times: int
    pieces: int
    vnd: int


class TrialRejected(Answer):
    """A promotion that means pieces of the cart and took nothing off: why, and what it would have taken by itself."""

    promotion_id: UUID
    reason: str
    would_vnd: int


class TrialNear(Answer):
    """What is missing for one more."""

    promotion_id: UUID
    lacks_qty: int
    lacks_vnd: int


class TrialShown(Answer):
    """What the cart costs, and why."""

    at: datetime
    lines: list[TrialLineShown]
    list_vnd: int
    total_vnd: int
    exact: bool
    applied: list[TrialApplied]
    rejected: list[TrialRejected]
    near: list[TrialNear]


@router.post(
    "/try",
    responses=refuses(
        catalog.UnknownVariant,
        catalog.NoPrice,
        promotions.UnknownVoucher,
        promotions.VoucherNotUsable,
        promotions.PromotionMalformed,
    ),
)
def try_cart(
    body: TrialAsked, _who: Annotated[identity.Principal, Depends(identity.Permit("promotion.read"))], request: Request
) -> TrialShown:
    """Price a cart by the promotions in force and a draft, with the whole explanation; nothing is sold or used up."""
    now = clock.now()
    at = body.at or now
    lines = [CartLine(line.variant_id, body.location_id, line.qty) for line in body.lines]
    prices = catalog.price_books.current()
    unit_of = {
        line.variant_id: prices.price_at(line.variant_id, channel=body.channel, location_id=body.location_id, at=at)[0]
        for line in lines
    }
    with identity.database_of(request).transaction() as tx:
        wishes = quoting.wishes_of(tx, customer_id=body.customer_id, codes=body.vouchers, now=at)
        book = promotions.promo_books.current()
        if body.draft is not None:
            draft = body.draft
            book = promotions.trying(tx, book, promotion_id=draft.promotion_id, terms=draft.terms, limits=draft.limits)
            wishes = replace(wishes, opened={**wishes.opened, "": str(draft.promotion_id)})
    offer = offered(
        lines,
        prices=prices,
        book=book,
        unit_of=unit_of,
        channel=body.channel,
        location_id=body.location_id,
        at=at,
        wishes=wishes,
    )
    return _shown(lines, unit_of, offer, at)


def _shown(lines: list[CartLine], unit_of: dict[UUID, int], offer: Offered, at: datetime) -> TrialShown:
    shown = [
        TrialLineShown(
            variant_id=line.variant_id,
            qty=line.qty,
            list_vnd=unit_of[line.variant_id] * line.qty,
            total_vnd=unit_of[line.variant_id] * line.qty - sum(part.vnd for part in parts),
        )
        for line, parts in zip(lines, offer.of_lines, strict=True)
    ]
    why = offer.quote or {"exact": True, "applied": [], "rejected": [], "near": []}
    return TrialShown(
        at=at,
        lines=shown,
        list_vnd=sum(line.list_vnd for line in shown),
        total_vnd=sum(line.total_vnd for line in shown),
        exact=why["exact"],
        applied=[TrialApplied.model_validate(row) for row in why["applied"]],
        rejected=[TrialRejected.model_validate(row) for row in why["rejected"]],
        near=[TrialNear.model_validate(row) for row in why["near"]],
    )
