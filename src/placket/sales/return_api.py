"""The routes of returns: find the sale that goods came from, and reckon what is given for some of them.

The return itself is a sale with ``returns``: it goes the way of every sale (``selling_api``).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from sqlalchemy.orm import Session

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound
from placket.sales import return_queries, returning
from placket.sales.return_queries import Sold
from placket.sales.returning import Returned, ReturnQuote, Rule

router = APIRouter(prefix="/api/returns", tags=["returns"])

Taker = Annotated[identity.Principal, Depends(identity.Permit("sale.return"))]


class CameBack(Answer):
    """Pieces of a line that have come back."""

    qty: int
    at: datetime
    location_name: str
    receipt_code: str
    sale_id: UUID


class ReturnableLine(Answer):
    """A line of a sale, what of it can come back, and what the policy says of it.

    ``reason`` says why nobody may take it back without approval: ``never`` or ``too_late``; ``forms`` what is given for it.
    """

    line_no: int
    variant_id: UUID
    style_id: UUID
    name_vi: str
    name_en: str
    sku: str
    colour_vi: str
    colour_en: str
    size: str
    picture: str | None
    qty: int
    returnable: int
    unit_vnd: int
    total_vnd: int
    discount_vnd: int
    until: str
    reason: str | None
    forms: list[str]
    came_back: list[CameBack]


class TenderOfSale(Answer):
    """What a sale was paid with."""

    kind: str
    amount_vnd: int


class ReturnableSale(Answer):
    """A sale that goods may come back from."""

    id: UUID
    receipt_code: str
    channel: str
    location_name: str
    sold_at: datetime
    total_vnd: int
    customer_id: UUID | None
    customer_name: str | None
    phone_end: str | None
    tenders: list[TenderOfSale]
    lines: list[ReturnableLine]


class WantedLine(Strict):
    """Pieces of a line that come back; for ``swapped`` of them another size or colour of the style goes out."""

    sale_id: Id
    line_no: Annotated[int, Field(ge=1, le=32_767)]
    qty: Annotated[int, Field(ge=1, le=999)]
    swapped: Annotated[int, Field(ge=0, le=999)] = 0


class ReturnWanted(Strict):
    """What comes back in one go, of one or several receipts."""

    lines: Annotated[list[WantedLine], Field(min_length=1, max_length=100)]


class RefundShown(Answer):
    """What is given for pieces of a line: what was paid for them, less what the kept goods cost more by themselves.

    ``swap_vnd`` is what each piece costs that is swapped for one of them.
    """

    sale_id: UUID
    line_no: int
    qty: int
    share_vnd: int
    recalculated_vnd: int
    refund_vnd: int
    vat_bp: int
    vat_vnd: int
    points_vnd: int
    swap_vnd: list[int]


class LostShown(Answer):
    """A promotion that what is kept of a receipt no longer gets."""

    sale_id: UUID
    kept: int
    name_vi: str
    name_en: str


class PointsBackShown(Answer):
    """Points that goods of a receipt had earned and that go with them; ``spent`` of them the customer has no more."""

    sale_id: UUID
    earned: int
    spent: int


class LimitShown(Answer):
    """How much may go out by a form without approval."""

    kind: str
    up_to_vnd: int


class RefundStands(Answer):
    """Money on its way back to a card online: it has arrived only when the provider says so."""

    amount_vnd: int
    state: Literal["requested", "pending", "succeeded", "failed", "settled"]


class ReturnQuoted(Answer):
    """A return as it would be now. ``money_vnd`` and ``credit_vnd`` are what the policy lets go out as money, and at all."""

    refund_vnd: int
    money_vnd: int
    credit_vnd: int
    lines: list[RefundShown]
    lost: list[LostShown]
    points: list[PointsBackShown]
    limits: list[LimitShown]
    reasons: list[str]


@router.get("/sales", responses=refuses(NotFound))
def find_sales(who: Taker, request: Request, q: Annotated[str, Query(min_length=1, max_length=60)]) -> list[ReturnableSale]:
    """The sales that a receipt's code, barcode or number, or a phone means, of the whole chain; the newest first."""
    with identity.database_of(request).transaction() as tx:
        return _shown(tx, return_queries.sales_meant(tx, q), who)


@router.get("/sales/{sale_id}", responses=refuses(NotFound))
def sale(sale_id: UUID, who: Taker, request: Request) -> ReturnableSale:
    """One sale, with what of it can come back."""
    with identity.database_of(request).transaction() as tx:
        found = _shown(tx, [sale_id], who)
    if not found:
        raise NotFound
    return found[0]


@router.get("/{sale_id}/refunds")
def refunds(sale_id: UUID, who: Taker, request: Request) -> list[RefundStands]:
    """How the money stands that a return of this till's places sends back to cards online; none for other money."""
    with identity.database_of(request).snapshot() as tx:
        found = return_queries.refunds_by(tx, sale_id, scope=who.scope("sale.return"))
    return [RefundStands(amount_vnd=row.amount_vnd, state=row.state) for row in found]


@router.post("/quote", responses=refuses(NotFound, returning.AlreadyReturned, returning.ReturnOfVoid))
def quote(body: ReturnWanted, _who: Taker, request: Request) -> ReturnQuoted:
    """Reckon what is given for some pieces; nothing is written."""
    wanted = [returning.Wanted(line.sale_id, line.line_no, line.qty, line.swapped) for line in body.lines]
    with identity.database_of(request).snapshot() as tx:
        reckoned = returning.quote(tx, wanted, now=clock.now())
        points = return_queries.points_back(tx, {one.sale_id: one.refund_vnd for one in reckoned.sales})
    return _quoted(reckoned, points)


def _shown(tx: Session, sale_ids: Sequence[UUID], who: identity.Principal) -> list[ReturnableSale]:
    found = return_queries.sold(tx, sale_ids)
    rules = returning.rules_of(tx, list(found.values()), now=clock.now())
    return [
        _sale(found[sale_id], rules[sale_id], names=who.may("customer.read")) for sale_id in sale_ids if sale_id in found
    ]


def _sale(sold: Sold, rules: Mapping[int, Rule], *, names: bool) -> ReturnableSale:
    head = sold.head
    return ReturnableSale(
        id=head.id,
        receipt_code=head.receipt_code,
        channel=head.channel,
        location_name=head.location_name,
        sold_at=head.sold_at,
        total_vnd=head.total_vnd,
        customer_id=head.customer_id,
        customer_name=head.customer_name if names else None,
        phone_end=head.phone_end if names else None,
        tenders=[TenderOfSale(**tender) for tender in head.tenders],
        lines=[
            ReturnableLine(
                line_no=row.line_no,
                variant_id=row.variant_id,
                style_id=row.style_id,
                name_vi=row.name_vi,
                name_en=row.name_en,
                sku=row.sku,
                colour_vi=row.colour_vi,
                colour_en=row.colour_en,
                size=row.size,
                picture=row.picture,
                qty=row.qty,
                returnable=line.kept if head.state == "posted" else 0,
                unit_vnd=row.unit_vnd,
                total_vnd=row.total_vnd,
                discount_vnd=row.discount_vnd,
                until=rules[row.line_no].until,
                reason=rules[row.line_no].reason,
                forms=sorted(rules[row.line_no].policy.forms),
                came_back=[
                    CameBack(
                        qty=back.qty,
                        at=back.at,
                        location_name=back.location_name,
                        receipt_code=back.receipt_code,
                        sale_id=back.by_sale_id,
                    )
                    for back in sold.back
                    if back.line_no == row.line_no
                ],
            )
            for row, line in zip(sold.rows, sold.lines, strict=True)
        ],
    )


def _quoted(reckoned: ReturnQuote, points: Sequence[return_queries.PointsBack]) -> ReturnQuoted:
    return ReturnQuoted(
        refund_vnd=reckoned.refund_vnd,
        money_vnd=reckoned.form_limit("original"),
        credit_vnd=reckoned.form_limit("original", "store_credit"),
        lines=[shown for returned in reckoned.sales for shown in _refunds(returned)],
        lost=[
            LostShown(sale_id=returned.sale_id, kept=returned.kept, name_vi=lost.name_vi, name_en=lost.name_en)
            for returned in reckoned.sales
            for lost in returned.lost
        ],
        points=[PointsBackShown.model_validate(one, from_attributes=True) for one in points],
        limits=[LimitShown(kind=kind, up_to_vnd=vnd) for kind, vnd in sorted(reckoned.tender_limits.items())],
        reasons=returning.needs(reckoned, {}, limit_vnd=None),
    )


def _refunds(returned: Returned) -> list[RefundShown]:
    return [
        RefundShown(
            sale_id=returned.sale_id,
            line_no=refund.line_no,
            qty=refund.qty,
            share_vnd=refund.share_vnd,
            recalculated_vnd=refund.recalculated_vnd,
            refund_vnd=refund.refund_vnd,
            vat_bp=refund.vat_bp,
            vat_vnd=refund.vat_vnd,
            points_vnd=sum(part.amount_vnd for part in refund.parts if part.kind == "points"),
            swap_vnd=list(refund.swap_vnd),
        )
        for refund in returned.refunds
    ]
