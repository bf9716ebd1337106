"""Orders for whoever placed them: how one stands, cancelling it; and the provinces that addresses are made of. Public."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response

from placket import identity, payments, sales
from placket.core import clock
from placket.core.http import refuses
from placket.core.refusals import NotFound
from placket.shop import order_shapes as shapes
from placket.shop.checkout_api import PUBLIC, shown
from placket.shop.pace import TooFast, paced

router = APIRouter(prefix="/api/shop/v1", tags=["shop"], dependencies=[Depends(paced)])

Key = Annotated[str, Header(alias="x-order-key", max_length=64)]


@router.get("/orders/{order_id}", responses=refuses(TooFast, NotFound), openapi_extra=PUBLIC)
def order(order_id: UUID, request: Request, x_order_key: Key) -> shapes.ShopOrder:
    """How an order stands. One that waits for a place is brought on by asking."""
    seen = shown(request, order_id, x_order_key)
    if seen.state != "asking":
        return seen
    sales.order_jobs.ask_on(identity.database_of(request), order_id)
    return shown(request, order_id, x_order_key)


@router.post(
    "/orders/{order_id}/cancel",
    responses=refuses(TooFast, NotFound, sales.order_refusals.TooLateToCancel, payments.ProviderAway),
    openapi_extra=PUBLIC,
)
def cancel(order_id: UUID, request: Request, x_order_key: Key) -> shapes.ShopOrder:
    """Give the order up: unpaid goods are free again, what was paid goes back. Doing it again changes nothing."""
    database, now = identity.database_of(request), clock.now()
    with database.transaction() as tx:
        state = sales.ordering.keyed(tx, order_id, x_order_key).state
        means = sales.order_jobs.means_of(tx)
    if state in {"asking", "held"}:
        sales.order_jobs.end_unpaid(database, order_id, means, state="cancelled", reason="customer", now=now)
    with database.transaction() as tx:
        if sales.ordering.locked(tx, order_id).state in {"confirmed", "done"}:  # by now the house may have ended it
            sales.order_fulfilling.cancel(tx, order_id=order_id, now=now)
    return shown(request, order_id, x_order_key)


@router.get("/provinces", responses=refuses(TooFast), openapi_extra=PUBLIC)
def provinces(response: Response) -> shapes.Provinces:
    """The provinces and cities since July 2025."""
    response.headers["cache-control"] = "public, max-age=86400"
    items = [shapes.ProvinceShown(code=code, name=name, full_name=full) for code, (name, full) in sales.PROVINCES.items()]
    return shapes.Provinces(items=items)
