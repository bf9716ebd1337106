"""What one customer has done over both channels, for whoever serves them."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from placket import crm, identity
from placket.core import clock
from placket.core.http import Answer, Cursor, Page, decode_cursor, encode_cursor, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.sales import customer_queries, queries, recommending

router = APIRouter(prefix="/api/customers", tags=["customers"])

Read = Annotated[identity.Principal, Depends(identity.Permit("customer.read"))]
TIMELINE_PAGE: Final = 40
RECOMMENDED: Final = 6


class Purchase(Answer):
    """A sale to them, its goods in one line."""

    sale_id: UUID
    receipt_code: str | None
    sold_at: datetime
    channel: str
    location_name: str
    pieces: int
    total_vnd: int
    goods_vi: str
    goods_en: str


class OpenOrder(Answer):
    """An order of the web that is not over; ``step`` is what it waits for, ``location_name`` where it is collected."""

    order_id: UUID
    code: str
    step: Literal["to_pay", "in_work", "ready"]
    kind: str
    location_name: str | None
    placed_at: datetime
    total_vnd: int


class UsualSize(Answer):
    """A size they have kept most often in a category."""

    category_vi: str
    category_en: str
    size: str
    pieces: int


class Purchases(Answer):
    """The last purchases, newest first, orders of the web that are open, and usual sizes."""

    purchases: list[Purchase]
    open_orders: list[OpenOrder]
    sizes: list[UsualSize]


@router.get("/{customer_id}/purchases", responses=refuses(NotFound))
def purchases(
    customer_id: UUID,
    who: Annotated[identity.Principal, Depends(identity.Permit("customer.read"))],
    request: Request,
) -> Purchases:
    """What somebody whom a branch in reach knows has bought, under every id they had."""
    with identity.database_of(request).snapshot() as tx:
        if not crm.is_known(tx, customer_id=customer_id, scope=who.scope("customer.read")):
            raise NotFound
        ids = crm.ids_of(tx, customer_id)
        return Purchases(
            purchases=[Purchase(**row._asdict()) for row in queries.purchases_of(tx, ids)],
            open_orders=[OpenOrder(**row._asdict()) for row in customer_queries.open_orders_of(tx, ids)],
            sizes=[UsualSize(**row._asdict()) for row in queries.sizes_of(tx, ids)],
        )


class BuysAt(Answer):
    """A place, or the web, and how often they bought there."""

    location_name: str | None
    channel: str
    purchases: int


class Liking(Answer):
    """A colour they keep."""

    name_vi: str
    name_en: str
    hex: str
    pieces: int


class VoucherHad(Answer):
    """A voucher that was given to them; ``good`` says that it can be used now."""

    id: UUID
    name_vi: str
    name_en: str
    ends_at: datetime
    state: str
    good: bool


class Overview(Answer):
    """One person at a glance: tier, group, value net of returns, where, in which sizes and colours they buy, vouchers."""

    profiled: bool
    orders: int
    net_vnd: int
    first_sold_on: date | None
    last_sold_on: date | None
    year_vnd: int
    r: int | None
    f: int | None
    m: int | None
    group: str | None
    tier: str | None
    tier_vi: str | None
    tier_en: str | None
    review_on: date | None
    next_vi: str | None
    next_en: str | None
    next_vnd: int | None
    segments: list[str]
    places: list[BuysAt]
    sizes: list[UsualSize]
    colours: list[Liking]
    vouchers: list[VoucherHad]


class CustomerHappening(Answer):
    """Something that happened: a purchase, a return, a message, a consent, points that expired, credit, another group."""

    at: datetime
    kind: str
    ref: str | None
    channel: str | None
    location_name: str | None
    amount_vnd: int | None
    points: int | None
    label: str | None
    goods_vi: str | None
    goods_en: str | None


class Recommended(Answer):
    """A style for them, and why; the piece is one in their size that is there now. Without a reason most people keep it."""

    style_id: UUID
    style_code: str
    name_vi: str
    name_en: str
    variant_id: UUID | None
    colour_vi: str | None
    colour_en: str | None
    size: str | None
    free: int | None
    because_id: UUID | None
    because_vi: str | None
    because_en: str | None


@router.get("/{customer_id}/overview", responses=refuses(NotFound))
def overview(customer_id: UUID, who: Read, request: Request) -> Overview:
    """One person at a glance, under every id they had."""
    now = clock.now()
    on = clock.business_day(now)
    with identity.database_of(request).snapshot() as tx:
        if not crm.is_known(tx, customer_id=customer_id, scope=who.scope("customer.read")):
            raise NotFound
        ids = crm.ids_of(tx, customer_id)
        found = crm.buyer(tx, customer_id)
        stands = None if found is None else crm.standing(tx, found.id, on=on)
        if stands is None:
            raise NotFound
        return Overview(
            profiled=stands.profiled,
            orders=stands.orders or 0,
            net_vnd=stands.net_vnd or 0,
            first_sold_on=stands.first_sold_on,
            last_sold_on=stands.last_sold_on,
            year_vnd=customer_queries.spent_last_year(tx, ids, on=on),
            r=stands.r,
            f=stands.f,
            m=stands.m,
            group=stands.group_key,
            tier=stands.tier,
            tier_vi=stands.tier_vi,
            tier_en=stands.tier_en,
            review_on=stands.review_on,
            next_vi=stands.next_vi,
            next_en=stands.next_en,
            next_vnd=stands.next_vnd,
            segments=stands.segments,
            places=[BuysAt(**row._asdict()) for row in customer_queries.branches_of(tx, ids)],
            sizes=[UsualSize(**row._asdict()) for row in queries.sizes_of(tx, ids)],
            colours=[Liking(**row._asdict()) for row in customer_queries.colours_of(tx, ids)],
            vouchers=[VoucherHad(**row._asdict()) for row in customer_queries.vouchers_of(tx, ids, now=now)],
        )


@router.get("/{customer_id}/timeline", responses=refuses(NotFound, BadCursor))
def timeline(customer_id: UUID, who: Read, request: Request, cursor: Cursor = None) -> Page[CustomerHappening]:
    """Everything that happened with somebody, the last first."""
    place = decode_cursor(cursor, datetime.fromisoformat)
    before = clock.now() + timedelta(minutes=5) if place is None else place[0]
    with identity.database_of(request).snapshot() as tx:
        if not crm.is_known(tx, customer_id=customer_id, scope=who.scope("customer.read")):
            raise NotFound
        ids = crm.ids_of(tx, customer_id)
        rows = customer_queries.timeline_of(tx, ids, before=before, limit=TIMELINE_PAGE + 1)
    more = len(rows) > TIMELINE_PAGE
    return Page(
        items=[CustomerHappening(**row._asdict()) for row in rows[:TIMELINE_PAGE]],
        next_cursor=encode_cursor(rows[TIMELINE_PAGE - 1].at.isoformat()) if more else None,
    )


@router.get("/{customer_id}/recommendations", responses=refuses(NotFound))
def recommendations(
    customer_id: UUID,
    who: Read,
    request: Request,
    location_id: Annotated[UUID | None, Query(description="Only what this place has in their size")] = None,
) -> list[Recommended]:
    """What may suit somebody who wants a profile; at a till only what its branch has in their size."""
    place = who.till.location_id if who.till is not None else location_id
    on = clock.business_day(clock.now())
    with identity.database_of(request).snapshot() as tx:
        if not crm.is_known(tx, customer_id=customer_id, scope=who.scope("customer.read")):
            raise NotFound
        found = crm.buyer(tx, customer_id)
        stands = None if found is None else crm.standing(tx, found.id, on=on)
        if stands is None or not stands.profiled:
            return []
        ids = crm.ids_of(tx, customer_id)
        rows = recommending.recommended_to(tx, ids, location_id=place, on=on, most=RECOMMENDED)
    return [Recommended(**row._asdict()) for row in rows]
