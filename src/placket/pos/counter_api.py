"""Routes of the counter: parked carts, the branch's own sales for the device, the day's targets and messages.

What the office says of targets and messages has its routes in ``counter_office_api``.
"""

from datetime import date, datetime
from typing import Annotated, Any, Final, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field, model_validator

from placket import identity, sales
from placket.core import clock
from placket.core.http import Answer, Id, Page, Strict, refuses
from placket.core.refusals import NotFound
from placket.pos import day, parking

router = APIRouter(prefix="/api/till", tags=["tills"])

AtTill = Annotated[identity.Principal, Depends(identity.Permit("sale.sell"))]
Reader = Annotated[identity.Principal, Depends(identity.Permit("sale.read"))]
FOUND_MAX: Final = 50


class ParkWish(Strict):
    """A cart as the till keeps it, and why it waits."""

    id: Id
    reason: Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S")]
    cart: dict[str, Any]
    pieces: Annotated[int, Field(ge=1, le=100_000)]
    total_vnd: Annotated[int, Field(ge=0, le=10**12)]


class ParkedShown(Answer):
    """A cart that waits."""

    id: UUID
    reason: str
    pieces: int
    total_vnd: int
    parked_at: datetime
    till_id: UUID
    till_name: str
    staff_name: str


class ParkedTaken(Answer):
    """The cart is this till's."""

    id: UUID
    cart: dict[str, Any]


class MessageShown(Answer):
    """What head office says."""

    id: UUID
    title: str
    body: str
    written_at: datetime
    written_by_name: str
    read: bool


class DayShown(Answer):
    """The day of the branch and of whoever asks; no target is none."""

    on: date
    revenue_vnd: int
    sales: int
    target_vnd: int | None
    my_revenue_vnd: int
    my_sales: int
    my_pieces: int
    my_target_vnd: int | None
    messages: list[MessageShown]


@router.get("/parked", responses=refuses(identity.NotPermitted))
def list_parked(who: AtTill, request: Request) -> Page[ParkedShown]:
    """The carts that wait at this till's branch, the oldest first."""
    with identity.database_of(request).transaction() as tx:
        rows = parking.parked_at(tx, location_id=_till_of(who).location_id)
    return Page(items=[ParkedShown.model_validate(row, from_attributes=True) for row in rows], next_cursor=None)


@router.post("/parked", status_code=204, responses=refuses(parking.ParkedFull, identity.NotPermitted))
def park(body: ParkWish, who: AtTill, request: Request) -> None:
    """Put a cart aside for any till of the branch."""
    till = _till_of(who)
    with identity.database_of(request).transaction() as tx:
        parking.park(
            tx,
            cart_id=body.id,
            who=who,
            till=till,
            reason=body.reason.strip(),
            cart=body.cart,
            pieces=body.pieces,
            total_vnd=body.total_vnd,
            now=clock.now(),
        )


@router.post("/parked/{cart_id}/take", responses=refuses(parking.ParkedGone, NotFound, identity.NotPermitted))
def take_parked(cart_id: UUID, who: AtTill, request: Request) -> ParkedTaken:
    """Take a cart over to this till: exactly one till gets it."""
    with identity.database_of(request).transaction() as tx:
        taken = parking.end(tx, cart_id=cart_id, who=who, till=_till_of(who), becomes="taken", now=clock.now())
        return ParkedTaken(id=taken.id, cart=taken.cart)


@router.post(
    "/parked/{cart_id}/drop", status_code=204, responses=refuses(parking.ParkedGone, NotFound, identity.NotPermitted)
)
def drop_parked(cart_id: UUID, who: AtTill, request: Request) -> None:
    """Throw a parked cart away."""
    with identity.database_of(request).transaction() as tx:
        parking.end(tx, cart_id=cart_id, who=who, till=_till_of(who), becomes="dropped", now=clock.now())


@router.get("/orders", responses=refuses(identity.NotPermitted))
def orders(
    who: Reader,
    request: Request,
    after: datetime | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 500,
) -> Page[sales.OrderKept]:
    """The branch's sales of the last fourteen days as a device keeps them, changed after a moment, in that order."""
    till = _till_of(who)
    with identity.database_of(request).transaction() as tx:
        kept = sales.orders_to_keep(
            tx, location_id=till.location_id, after=after, now=clock.now(), limit=limit, names=who.may("customer.read")
        )
    full = len(kept) == limit
    return Page(items=kept, next_cursor=kept[-1].changed_at.isoformat() if full else None)


class OrdersWanted(BaseModel):
    """Which sales: ``q`` as everywhere (a receipt's code, barcode or number, a phone), what was paid, days inclusive."""

    q: Annotated[str | None, Field(max_length=60)] = None
    paid_vnd: Annotated[int | None, Field(ge=0, le=10**12)] = None
    from_on: date | None = None
    to_on: date | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.q is None and self.paid_vnd is None and self.from_on is None:
            raise ValueError("say which sales are looked for")
        return self


@router.get("/orders/found", responses=refuses(identity.NotPermitted))
def find_orders(who: Reader, request: Request, wanted: Annotated[OrdersWanted, Query()]) -> Page[sales.OrderKept]:
    """Sales of any day where one may look, as a device keeps them; the newest fifty."""
    _till_of(who)
    with identity.database_of(request).transaction() as tx:
        found = sales.find_orders(
            tx, scope=who.scope("sale.read"), limit=FOUND_MAX, names=who.may("customer.read"), **wanted.model_dump()
        )
    return Page(items=list(found), next_cursor=None)


@router.get("/day", responses=refuses(identity.NotPermitted))
def show_day(who: AtTill, request: Request) -> DayShown:
    """Target and actual of the branch and of oneself, and what head office says."""
    here = _till_of(who).location_id
    on = clock.business_day(clock.now())
    with identity.database_of(request).transaction() as tx:
        row = day.day_at(tx, location_id=here, staff_id=who.staff_id, on=on)
        told = day.messages_for(tx, location_id=here, staff_id=who.staff_id, on=on)
    messages = [MessageShown.model_validate(one, from_attributes=True) for one in told]
    return DayShown(on=on, **row._asdict(), messages=messages)


@router.post("/messages/{message_id}/read", status_code=204, responses=refuses(NotFound, identity.NotPermitted))
def read(message_id: UUID, who: AtTill, request: Request) -> None:
    """One has read it."""
    here = _till_of(who).location_id
    with identity.database_of(request).transaction() as tx:
        day.read_message(tx, message_id=message_id, location_id=here, staff_id=who.staff_id, now=clock.now())


def _till_of(who: identity.Principal) -> identity.TillFacts:
    if who.till is None:
        raise identity.NotPermitted(verb="sale.sell")
    return who.till
