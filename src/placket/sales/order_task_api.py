"""Routes of branches and depots (P13): what is to be picked for online orders, what is ready, handing over, shipping.

A till sees its own branch's tasks, the office every place it may pick at. Every verb is safe to repeat.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from sqlalchemy.orm import Session

from placket import carriers, identity, inventory
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound
from placket.sales import couriers, lacking_api, order_jobs, order_tasks, sending_api
from placket.sales import order_fulfilling as fulfilling
from placket.sales.order_refusals import CarrierNeeded, NotAllPicked, NothingToHandOver, OrderState, WrongCode

router = APIRouter(prefix="/api/order-tasks", tags=["orders"])
# Their routes themselves: a router inside a router is not looked into by what lists permissions.
router.routes.extend([*sending_api.router.routes, *lacking_api.router.routes])

Picker = Annotated[identity.Principal, Depends(identity.Permit("stock.pick"))]
Text = Annotated[str, Field(min_length=2, max_length=60, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]


class TaskLine(Answer):
    """Pieces to pick, as people recognise them; ``phase`` is confirmed (to pick), bagged, or being looked for elsewhere."""

    promise_id: UUID
    line_no: int
    variant_id: UUID
    name_vi: str
    name_en: str
    sku: str
    colour_vi: str
    colour_en: str
    size: str
    picture: str | None
    qty: int
    phase: str
    bag_code: str | None
    search_at: datetime | None


class TaskShown(Answer):
    """What one place has to do for one order, and by when."""

    order_id: UUID
    code: str
    kind: Literal["ship", "collect"]
    state: Literal["to_pick", "picked", "ready", "overdue"]
    location_id: UUID
    location_name: str
    name: str | None
    phone_tail: str | None
    note: str | None
    address: str | None
    method: str | None
    due_vnd: int
    confirmed_at: datetime
    due_at: datetime
    ready_at: datetime | None
    keep_until: datetime | None
    pick_up_code: str | None
    lines: list[TaskLine]


class PromiseNamed(Strict):
    """The pieces that were picked, or are not there."""

    promise_id: Id


class HandedOver(Strict):
    """The code that the customer shows: thirteen digits under the QR code of the order."""

    location_id: Id
    code: Annotated[str, Field(pattern=r"^05[0-9]{11}$")]


class Shipped(Strict):
    """Who carries the parcel, and the number it travels under; without a carrier the connected one is asked to."""

    location_id: Id
    carrier: Text | None = None
    tracking_no: Text | None = None


class Left(Answer):
    """The sale that a parcel became."""

    sale_id: UUID


class Sent(Left):
    """A parcel that was sent, with its carrier's label."""

    carrier: str
    tracking_no: str | None
    label_url: str | None


class CarrierShown(Answer):
    """Who fetches parcels when nobody is named; none where number and carrier are typed by hand."""

    name: str | None


@router.get("", responses=refuses(identity.NotPermitted))
def tasks(who: Picker, request: Request, location_id: UUID | None = None) -> list[TaskShown]:
    """What is to be done, the most urgent first: at a till for its branch."""
    here = who.till.location_id if who.till is not None else location_id
    with identity.database_of(request).snapshot() as tx:
        found = order_tasks.tasks(tx, scope=who.scope("stock.pick"), location_id=here, now=clock.now())
    return [TaskShown.model_validate(task) for task in found]


@router.post("/{order_id}/pick", responses=refuses(NotFound, OrderState, inventory.WrongPhase, identity.NotPermitted))
def pick(order_id: UUID, body: PromiseNamed, who: Picker, request: Request) -> TaskShown:
    """The pieces lie in a bag of their own, whose code the answer names; the last of a collected order makes it ready."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        place = order_tasks.place_of(tx, order_id=order_id, promise_id=body.promise_id)
        _demand(who, place)
        fulfilling.pick(tx, order_id=order_id, promise_id=body.promise_id, staff_id=who.staff_id, now=now)
        return _task(tx, order_id, place, now)


@router.post("/{order_id}/short", responses=refuses(NotFound, OrderState, inventory.WrongPhase, identity.NotPermitted))
def short(order_id: UUID, body: PromiseNamed, who: Picker, request: Request) -> list[TaskShown]:
    """Somebody looked and the pieces are not there: the balance is doubted, the order goes on elsewhere or is paid back."""
    now, database = clock.now(), identity.database_of(request)
    by = inventory.By(who.staff_id, None if who.till is None else who.till.id)
    with database.transaction() as tx:
        place = order_tasks.place_of(tx, order_id=order_id, promise_id=body.promise_id)
        _demand(who, place)
        fulfilling.short(tx, order_id=order_id, promise_id=body.promise_id, by=by, now=now)
    with database.transaction() as tx:
        inventory.move_on(tx, promise_id=body.promise_id, now=now)
    order_jobs.see_to(database, now=now)
    with database.snapshot() as tx:
        found = order_tasks.tasks(tx, scope=who.scope("stock.pick"), location_id=place, now=now)
    return [TaskShown.model_validate(task) for task in found]


@router.post(
    "/{order_id}/hand-over",
    responses=refuses(NotFound, OrderState, NotAllPicked, NothingToHandOver, WrongCode, identity.NotPermitted),
)
def hand_over(order_id: UUID, body: HandedOver, who: Picker, request: Request) -> Left:
    """The customer shows the code and takes what is ready."""
    _demand(who, body.location_id)
    with identity.database_of(request).transaction() as tx:
        if body.code not in order_tasks.codes_of(tx, order_id=order_id, location_id=body.location_id):
            raise WrongCode
        return Left(
            sale_id=fulfilling.hand_over(tx, order_id=order_id, location_id=body.location_id, by=_by(who), now=clock.now())
        )


@router.get("/carrier")
def carrier(_who: Picker, request: Request) -> CarrierShown:
    """Who brings parcels."""
    with identity.database_of(request).transaction() as tx:
        found = couriers.carrier(tx)
    return CarrierShown(name=None if found is None else found.name)


@router.post(
    "/{order_id}/ship",
    responses=refuses(
        NotFound, OrderState, NotAllPicked, NothingToHandOver, CarrierNeeded, carriers.CarrierAway, identity.NotPermitted
    ),
)
def ship(order_id: UUID, body: Shipped, who: Picker, request: Request) -> Sent:
    """The parcel is with its carrier: with the one that is named, else with the connected one, which gives it a number."""
    _demand(who, body.location_id)
    database, now = identity.database_of(request), clock.now()
    name, tracking_no, label_url = body.carrier, body.tracking_no, None
    if name is None:
        with database.transaction() as tx:
            wish, connected = couriers.wish_of(tx, order_id=order_id, location_id=body.location_id), couriers.carrier(tx)
        if wish is not None:
            if connected is None:
                raise CarrierNeeded
            parcel = carriers.book(database, connected, wish, now=now)
            name, tracking_no, label_url = parcel.carrier, parcel.tracking_no, parcel.label_url
    with database.transaction() as tx:
        sale_id = fulfilling.ship(
            tx,
            order_id=order_id,
            location_id=body.location_id,
            carrier=(name or "").strip(),
            tracking_no=tracking_no,
            by=_by(who),
            now=now,
        )
        sent = fulfilling.sent(tx, sale_id)
    return Sent(sale_id=sale_id, carrier=sent.carrier or "", tracking_no=sent.tracking_no, label_url=label_url)


def _by(who: identity.Principal) -> inventory.By:
    return inventory.By(who.staff_id, None if who.till is None else who.till.id)


def _demand(who: identity.Principal, location_id: UUID) -> None:
    if not who.may("stock.pick", location_id):
        raise NotFound


def _task(tx: Session, order_id: UUID, place: UUID, now: datetime) -> TaskShown:
    found = order_tasks.tasks(tx, scope=[place], location_id=place, now=now, order_id=order_id)
    return TaskShown.model_validate(found[0])
