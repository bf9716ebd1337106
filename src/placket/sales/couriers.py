"""Parcels of online orders on the road: booked with the carrier when they leave, followed by what it tells of them.

Cash on delivery is paid when the carrier says that the parcel was delivered. One that comes back undelivered is expected at
the place it left, as a return (``courier_returning``).
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import carriers, identity
from placket.core import clock
from placket.core.db import Database
from placket.core.refusals import NotFound
from placket.sales import courier_returning, ordering
from placket.sales import order_fulfilling as fulfilling
from placket.sales.courier_models import CourierReturn
from placket.sales.order_models import WebOrder
from placket.sales.order_refusals import NotAllPicked, OrderState

VERBS: Final = {
    "picked_up": "in_transit",
    "failed": "delivery_failed",
    "delivered": "delivered",
    "returned": "sent_back",
}
_PLACE: Final = text(
    "SELECT name, coalesce(address, city) AS address, coalesce(phone, '') AS phone FROM location WHERE id = :id"
)


def wish_of(tx: Session, *, order_id: UUID, location_id: UUID) -> carriers.Wish | None:
    """The parcel that is to leave a place for an order; none when nothing of it is there any more.

    Refuses ``NotFound``, ``OrderState``, ``NotAllPicked``.
    """
    order = ordering.order_of(tx, order_id)
    here = [] if order.state != "confirmed" else fulfilling.kept_here(tx, order, location_id)
    if not here:
        return None
    if order.kind != "ship" or order.address is None:
        raise OrderState(code=order.code, state=order.kind)
    left = sum(promise.qty for promise in here if promise.phase == "confirmed")
    if left:
        raise NotAllPicked(left=left)
    lines = fulfilling.lines_for(tx, order.id, here)
    before = [sale for sale in fulfilling.sales_of(tx, order.id) if sale.location_id == location_id]
    address = order.address
    return carriers.Wish(
        key=f"order-{order.id}-{location_id}-{len(before) + 1}",
        direction="out",
        subject_id=order.id,
        location_id=location_id,
        sender=place_of(tx, location_id),
        recipient=carriers.Party(
            order.name or "", order.phone or "", f"{address['street']}, {address['ward']}, {address['province']}"
        ),
        contents=f"{order.code}: {sum(line.qty for line in lines)} món",
        cod_vnd=sum(line.total_vnd for line in lines) if order.method == "cod" else 0,
    )


def place_of(tx: Session, location_id: UUID) -> carriers.Party:
    """One of our places, as a carrier finds it. Refuses ``NotFound``."""
    place = tx.execute(_PLACE, {"id": location_id}).one_or_none()
    if place is None:
        raise NotFound
    return carriers.Party(place.name, place.phone, place.address)


def hear(database: Database, *, carrier: str, event_id: str) -> None:
    """Apply what a carrier told us, and do what follows for its order or return, in one transaction."""
    with database.transaction() as tx:
        apply(tx, carrier=carrier, event_id=event_id, now=clock.now())


def apply(tx: Session, *, carrier: str, event_id: str, now: datetime) -> None:
    """The same in the caller's transaction."""
    subject_id = carriers.subject_of(tx, carrier=carrier, event_id=event_id)
    if subject_id is None:  # not a parcel of ours, or not yet: it is kept, and shown nowhere
        carriers.apply(tx, carrier=carrier, event_id=event_id, now=now)
        return
    order = tx.get(WebOrder, subject_id, with_for_update=True, populate_existing=True)
    back = None if order is not None else tx.get(CourierReturn, subject_id, with_for_update=True, populate_existing=True)
    change = carriers.apply(tx, carrier=carrier, event_id=event_id, now=now)
    if change is None:
        return
    if order is not None:
        _follow(tx, order, change)
    elif back is not None:
        back.version += 1


def _follow(tx: Session, order: WebOrder, change: carriers.Changed) -> None:
    parcel = change.shipment
    ordering.note(
        tx,
        order,
        VERBS[change.kind],
        at=change.at,
        tracking_no=parcel.tracking_no,
        carrier=parcel.carrier,
        cause=change.reason,
        cod_vnd=parcel.cod_vnd or None,
        event=f"{parcel.id}-{parcel.version}",
    )
    if change.kind == "returned":
        courier_returning.expect_undelivered(tx, order, parcel, now=change.at)
    ordering.changed(tx, order)


def carrier(tx: Session) -> carriers.Carrier | None:
    """Who brings this company's parcels."""
    return carriers.carrier_of(in_demo=identity.is_demo(tx))
