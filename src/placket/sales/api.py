"""Routes that read sales, and the one that voids a sale. Selling itself is in ``selling_api``."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import Row

from placket import identity, inventory
from placket.core import clock
from placket.core.http import PAGE, PAGE_MAX, Answer, Id, Page, Strict, decode_cursor, encode_cursor, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.sales import queries, service
from placket.sales.return_api import CameBack

router = APIRouter(prefix="/api/sales", tags=["sales"])

Read = Annotated[identity.Principal, Depends(identity.Permit("sale.read"))]


class SalesWanted(BaseModel):
    """Which sales; ``q`` is a receipt's code, barcode or number, a web order's code, or a phone. Days are inclusive."""

    location_id: UUID | None = None
    from_on: date | None = None
    to_on: date | None = None
    q: Annotated[str | None, Field(max_length=60)] = None
    state: Literal["posted", "void"] | None = None
    channel: Literal["store", "web"] | None = None
    staff_id: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE
    cursor: Annotated[str | None, Field(max_length=500)] = None


class SaleListed(Answer):
    """A sale in a list."""

    id: UUID
    receipt_code: str | None
    channel: str
    state: str
    location_id: UUID
    location_name: str
    till_code: str | None
    staff_name: str | None
    customer_name: str | None
    pieces: int
    total_vnd: int
    tenders: list[str]
    sold_at: datetime


class DiscountShown(Answer):
    """A part of a line's discount."""

    kind: str
    amount_vnd: int
    reason: str | None
    note: str | None
    approved_by_name: str | None
    promotion_vi: str | None
    promotion_en: str | None


class LineShown(Answer):
    """A line, with the goods as a person recognises them."""

    line_no: int
    variant_id: UUID
    style_id: UUID
    name_vi: str
    name_en: str
    sku: str
    colour_code: str
    colour_vi: str
    colour_en: str
    size: str
    picture: str | None
    source_id: UUID
    source_name: str
    qty: int
    unit_vnd: int
    discount_vnd: int
    total_vnd: int
    vat_bp: int
    vat_vnd: int
    adviser_name: str | None
    discounts: list[DiscountShown]
    gift: str | None
    note: str | None
    returns_sale_id: UUID | None
    returns_line_no: int | None
    returns_receipt_code: str | None
    return_reason: str | None
    condition: str | None
    came_back: list[CameBack]


class PaymentShown(Answer):
    """A tender; negative when money went back."""

    no: int
    kind: str
    amount_vnd: int
    tendered_vnd: int | None
    change_vnd: int | None
    reference: str | None
    received_at: datetime


class VatOfSale(Answer):
    """What the sale holds of one rate."""

    rate_bp: int
    net_vnd: int
    vat_vnd: int


class Happening(Answer):
    """A line of the timeline: ``posted``, ``voided``, ``buried``."""

    at: datetime
    verb: str
    staff_name: str | None
    till_code: str | None
    facts: dict[str, Any]


class StockMoved(Answer):
    """A row of the ledger."""

    id: int
    at: datetime
    recorded_at: datetime
    kind: str
    location_id: UUID
    location_name: str
    variant_id: UUID
    sku: str
    qty: int
    staff_name: str | None
    till_code: str | None


class EventShown(Answer):
    """An event as every terminal heard it."""

    id: int
    topic: str
    key: str
    key_version: int
    payload: dict[str, Any]
    recorded_at: datetime


class SaleShown(SaleListed):
    """A sale with everything it caused."""

    list_vnd: int
    discount_vnd: int
    vat_vnd: int
    rounding_vnd: int
    price_version: int
    exception: str | None
    recorded_at: datetime
    voided_at: datetime | None
    lines: list[LineShown]
    payments: list[PaymentShown]
    vat: list[VatOfSale]
    timeline: list[Happening]
    stock_moves: list[StockMoved]
    events: list[EventShown]


class VoidWish(Strict):
    """Why; and the receipt number when the server may never have seen the sale."""

    reason: Annotated[str, Field(min_length=3, max_length=300, pattern=r"\S")]
    receipt_no: Annotated[int, Field(ge=1, le=9_999_999)] | None = None
    approved_by: Id | None = None
    approval_id: Id | None = None


class Voided(Answer):
    """The number stays, the sale is undone."""

    id: UUID
    receipt_code: str | None
    state: str
    voided_at: datetime


@router.get("", responses=refuses(BadCursor))
def list_sales(who: Read, request: Request, wanted: Annotated[SalesWanted, Query()]) -> Page[SaleListed]:
    """Sales where one may look, the newest first."""
    with identity.database_of(request).transaction() as tx:
        sale_ids = queries.page_of_sales(
            tx,
            scope=who.scope("sale.read"),
            before=_place(wanted.cursor),
            limit=wanted.limit + 1,
            **wanted.model_dump(exclude={"limit", "cursor"}),
        )
        faces = queries.sale_faces(tx, sale_ids[: wanted.limit])
    items = [SaleListed(**_face(face, who)) for face in faces]
    last = items[-1] if len(sale_ids) > wanted.limit else None
    return Page(items=items, next_cursor=None if last is None else encode_cursor(last.sold_at.isoformat(), last.id))


@router.get("/{sale_id}", responses=refuses(NotFound))
def sale(sale_id: UUID, who: Read, request: Request) -> SaleShown:
    """A sale with its lines, money, timeline, stock moves and events."""
    with identity.database_of(request).snapshot() as tx:
        face = queries.sale_seen(tx, sale_id=sale_id, scope=who.scope("sale.read"))
        if face is None:
            raise NotFound
        discounts = queries.discounts_of(tx, sale_id)
        return SaleShown(
            **_face(face, who),
            lines=[
                LineShown(
                    **row._asdict(),
                    discounts=[DiscountShown.model_validate(part) for part in discounts.get(row.line_no, [])],
                )
                for row in queries.lines_of(tx, sale_id)
            ],
            payments=[PaymentShown(**row._asdict()) for row in queries.payments_of(tx, sale_id)],
            vat=[VatOfSale(**row._asdict()) for row in queries.vat_of(tx, sale_id)],
            timeline=[Happening(**row._asdict()) for row in queries.timeline_of(tx, sale_id)],
            stock_moves=[StockMoved(**row._asdict()) for row in queries.stock_moves_of(tx, sale_id)],
            events=[EventShown(**row._asdict()) for row in queries.events_of(tx, sale_id)],
        )


@router.post(
    "/{sale_id}/void",
    responses=refuses(
        NotFound,
        service.VoidTooLate,
        service.VoidOverLimit,
        service.VoidWithReturns,
        service.VoidNumberWrong,
        inventory.WouldBreakPromise,
        identity.ApprovalNotLive,
        identity.NotPermitted,
    ),
)
def void(
    sale_id: UUID,
    body: VoidWish,
    who: Annotated[identity.Principal, Depends(identity.Permit("sale.void"))],
    request: Request,
) -> Voided:
    """Undo a sale of today, or bury an id that will never become one. Doing it again changes nothing."""
    with identity.database_of(request).transaction() as tx:
        voided = service.void_sale(
            tx,
            sale_id=sale_id,
            receipt_no=body.receipt_no,
            reason=body.reason.strip(),
            who=who,
            approved_by=body.approved_by,
            approval_id=body.approval_id,
            now=clock.now(),
        )
        return Voided.model_validate(voided, from_attributes=True)


def _place(cursor: str | None) -> tuple[datetime, UUID] | None:
    place = decode_cursor(cursor, str, str)
    if place is None:
        return None
    try:
        return datetime.fromisoformat(place[0]), UUID(place[1])
    except ValueError as error:
        raise BadCursor from error


def _face(row: Row[Any], who: identity.Principal) -> dict[str, Any]:
    face = row._asdict()
    if not who.may("customer.read"):
        face["customer_name"] = None
    return face
