"""The shop's API for telling a browser of an order by push, version 1. Public: by the key of the order."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import identity, messages, sales
from placket.core import clock
from placket.core.http import Answer, Strict, refuses
from placket.core.refusals import NotFound
from placket.shop.checkout_api import PUBLIC, Key
from placket.shop.pace import TooFast, paced

router = APIRouter(prefix="/api/shop/v1", tags=["shop"], dependencies=[Depends(paced)])

Endpoint = Annotated[str, Field(max_length=1000, pattern=r"^https://[^\s]+$")]


class PushKey(Answer):
    """What a browser has to know us by; none where there is no push."""

    key: str | None


class DeviceTold(Strict):
    """A browser's own subscription."""

    endpoint: Endpoint
    p256dh: Annotated[str, Field(max_length=120, pattern=r"^[0-9A-Za-z_-]+$")]
    auth: Annotated[str, Field(max_length=40, pattern=r"^[0-9A-Za-z_-]+$")]


class DeviceStopped(Strict):
    """A browser that wants to hear no more."""

    endpoint: Endpoint


@router.get("/push", responses=refuses(TooFast), openapi_extra=PUBLIC)
def push_key(request: Request) -> PushKey:
    """The key to subscribe with."""
    with identity.database_of(request).transaction() as tx:
        return PushKey(key=messages.public_key(in_demo=identity.is_demo(tx)))


@router.post(
    "/orders/{order_id}/push", status_code=204, responses=refuses(TooFast, NotFound, messages.NoDevice), openapi_extra=PUBLIC
)
def tell(order_id: UUID, body: DeviceTold, request: Request, x_order_key: Key) -> None:
    """Tell this browser of the order from now on."""
    device = messages.Device(body.endpoint, body.p256dh, body.auth)
    with identity.database_of(request).transaction() as tx:
        sales.ordering.keyed(tx, order_id, x_order_key)
        messages.tell_device(tx, subject_id=order_id, device=device, now=clock.now())


@router.post("/orders/{order_id}/push/stop", status_code=204, responses=refuses(TooFast, NotFound), openapi_extra=PUBLIC)
def stop(order_id: UUID, body: DeviceStopped, request: Request, x_order_key: Key) -> None:
    """Tell it no more."""
    with identity.database_of(request).transaction() as tx:
        sales.ordering.keyed(tx, order_id, x_order_key)
        messages.stop_device(tx, subject_id=order_id, endpoint=body.endpoint)
