"""The shop's checkout, version 1: price a cart, order it, hold it for longer, pay. Public; docs/rules/orders.md explains it.

No client sends a price: only the total that it expects. Whoever shows an order's key may change it. A member who is signed
in orders as one: their own vouchers and offers count, and the purchase is theirs.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from sqlalchemy.orm import Session

from placket import catalog, crm, identity, payments, promotions, sales
from placket.core import clock
from placket.core.http import refuses
from placket.core.refusals import NotFound
from placket.core.settings import settings
from placket.shop import order_shapes as shapes
from placket.shop.account_api import Anybody
from placket.shop.pace import TooFast, paced

router = APIRouter(prefix="/api/shop/v1/checkout", tags=["shop"], dependencies=[Depends(paced)])

PUBLIC: dict[str, Any] = {"x-permission": "public"}
Key = Annotated[str, Header(alias="x-order-key", max_length=64)]
NEW = 201
BACK = "/checkout/processing"


@router.post(
    "/quote",
    responses=refuses(TooFast, catalog.UnknownVariant, catalog.NoPrice, identity.ForeignRequest, NotFound),
    openapi_extra=PUBLIC,
)
def quote(body: shapes.ShopQuoteAsked, member: Anybody, request: Request) -> shapes.CartShown:
    """Price a cart as it would be ordered now, and say what is free of it."""
    now = clock.now()
    wish = _wish(body, UUID(int=0), "vi", member)
    with identity.database_of(request).transaction() as tx:
        if body.replaces is not None:
            sales.ordering.keyed(tx, body.replaces.id, body.replaces.key)
        given_up = None if body.replaces is None else body.replaces.id
        return _quoted(tx, wish, body.expected_total_vnd, now, given_up=given_up)


@router.post(
    "",
    status_code=NEW,
    responses={
        200: {"model": shapes.ShopOrder, "description": "The order was made before"},
        **refuses(
            TooFast,
            sales.order_refusals.OrderPriceChanged,
            sales.order_refusals.OutOfReach,
            sales.order_refusals.OrderIdReused,
            crm.NotEnough,
            promotions.UnknownVoucher,
            promotions.VoucherNotUsable,
            catalog.UnknownVariant,
            catalog.NoPrice,
            payments.ProviderAway,
            identity.ForeignRequest,
            NotFound,
        ),
    },
    openapi_extra=PUBLIC,
)
def order(body: shapes.CheckoutAsked, member: Anybody, request: Request, response: Response) -> shapes.ShopOrder:
    """Order a cart: its goods are asked for at once. Safe to repeat with the same id."""
    database, now = identity.database_of(request), clock.now()
    if body.replaces is not None:
        _give_up(request, body.replaces, now)
    wish = _wish(body, body.id, body.language, member)
    with database.transaction() as tx:
        key = identity.order_key(tx, body.id)
        known = sales.ordering.known(tx, wish)
        if known is None:
            priced = sales.order_quote.priced(tx, wish, now=now)
            if priced.quote.total_vnd != body.expected_total_vnd:
                quoted = _quoted(tx, wish, body.expected_total_vnd, now)
                raise sales.order_refusals.OrderPriceChanged(
                    total_vnd=priced.quote.total_vnd, quote=quoted.model_dump(mode="json")
                )
            lacking = sales.order_quote.lacking(tx, wish, now=now)
            if lacking:
                raise sales.order_refusals.OutOfReach(lines=lacking)
            sales.ordering.place(tx, wish=wish, priced=priced, now=now)
        else:
            response.status_code = 200
    if known is None and member is not None:
        with database.transaction() as tx:
            crm.note_language(tx, customer_id=member, language=body.language)
    sales.order_jobs.ask_on(database, body.id)
    return shown(request, body.id, key)


@router.post(
    "/{order_id}/extend",
    responses=refuses(TooFast, NotFound, sales.order_refusals.HoldOver, sales.order_refusals.NoMoreExtensions),
    openapi_extra=PUBLIC,
)
def extend(order_id: UUID, request: Request, x_order_key: Key) -> shapes.ShopOrder:
    """Hold the goods for ten minutes more."""
    with identity.database_of(request).transaction() as tx:
        sales.ordering.keyed(tx, order_id, x_order_key)
        sales.order_paying.extend(tx, order_id=order_id, now=clock.now())
    return shown(request, order_id, x_order_key)


@router.post(
    "/{order_id}/pay",
    responses=refuses(
        TooFast,
        NotFound,
        sales.order_refusals.NotHeld,
        sales.order_refusals.HoldOver,
        sales.order_refusals.OrderPriceChanged,
        sales.order_refusals.PaymentUnderWay,
        sales.order_refusals.MethodNotOffered,
        sales.order_refusals.AddressNeeded,
        crm.PhoneInvalid,
        payments.ProviderAway,
    ),
    openapi_extra=PUBLIC,
)
def pay(order_id: UUID, body: shapes.PayAsked, request: Request, x_order_key: Key) -> shapes.ShopOrder:
    """Begin to pay: the answer says where to go, or what to transfer. Cash on delivery confirms the order."""
    database, now = identity.database_of(request), clock.now()
    phone = crm.phone_of(body.recipient.phone)
    if phone is None:
        raise crm.PhoneInvalid
    with database.transaction() as tx:
        order = sales.ordering.keyed(tx, order_id, x_order_key)
        means = sales.order_jobs.means_of(tx)
        again = sales.order_quote.again(tx, order, now=now)
        if not again.quote.total_vnd == body.expected_total_vnd == order.total_vnd:
            wish = sales.ordering.wish_again(tx, order)
            quoted = _quoted(tx, wish, body.expected_total_vnd, now, given_up=order_id)
            raise sales.order_refusals.OrderPriceChanged(
                total_vnd=again.quote.total_vnd, quote=quoted.model_dump(mode="json")
            )
    given = body.recipient
    recipient = sales.order_paying.Recipient(
        phone,
        given.name.strip(),
        given.email,
        (given.note or "").strip() or None,
        None if given.address is None else given.address.model_dump(),
    )
    home = (settings().public_address or str(request.base_url)).rstrip("/")
    sales.order_paying.pay(
        database,
        order_id=order_id,
        recipient=recipient,
        method=body.method,
        means=means,
        back_url=f"{home}{BACK}?order={order_id}&key={x_order_key}",
        now=now,
    )
    return shown(request, order_id, x_order_key)


def shown(request: Request, order_id: UUID, key: str) -> shapes.ShopOrder:
    """An order as whoever shows its key sees it now. Refuses ``NotFound``."""
    with identity.database_of(request).snapshot() as tx:
        order = sales.ordering.keyed(tx, order_id, key)
        seen = sales.order_view.order_shown(tx, order, key=key, now=clock.now())
    return shapes.ShopOrder.model_validate(seen)


def _give_up(request: Request, replaced: shapes.Replaced, now: datetime) -> None:
    database = identity.database_of(request)
    with database.transaction() as tx:
        sales.ordering.keyed(tx, replaced.id, replaced.key)
        means = sales.order_jobs.means_of(tx)
    sales.order_jobs.end_unpaid(database, replaced.id, means, state="cancelled", reason="replaced", now=now)


def _wish(body: shapes.Cart, order_id: UUID, language: str, customer_id: UUID | None) -> sales.Wish:
    return sales.order_quote.wish_of(
        order_id,
        [(line.variant_id, line.qty) for line in body.lines],
        kind=body.fulfilment.kind,
        province_code=body.fulfilment.province_code if body.fulfilment.kind == "ship" else None,
        location_id=body.fulfilment.location_id,
        vouchers=tuple(dict.fromkeys(body.vouchers)),
        language=language,
        customer_id=customer_id,
        points=body.points,
    )


def _quoted(
    tx: Session,
    wish: sales.Wish,
    expected_vnd: int | None,
    now: datetime,
    *,
    given_up: UUID | None = None,
) -> shapes.CartShown:
    seen = sales.order_quote.quoted(
        tx,
        wish,
        expected_vnd=expected_vnd,
        card=payments.takes_cards(in_demo=identity.is_demo(tx)),
        given_up=given_up,
        now=now,
    )
    return shapes.CartShown.model_validate(seen)
