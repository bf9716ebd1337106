"""Returns and their carrier, outside of transactions: booking a parcel, calling it off, and trying again later."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select

from placket import carriers
from placket.core.db import Database
from placket.sales import courier_returning, couriers
from placket.sales.courier_models import CourierReturn
from placket.sales.order_refusals import CarrierNeeded

log = structlog.get_logger()


def book(database: Database, return_id: UUID, *, now: datetime, carrier: carriers.Carrier | None = None) -> None:
    """Have the carrier come for a return, once. Refuses ``carriers.CarrierAway``, ``CarrierNeeded``."""
    with database.transaction() as tx:
        back = courier_returning.locked(tx, return_id)
        if back.state != "asked":
            return
        connected = carrier or couriers.carrier(tx)
        wish = courier_returning.wish_of(tx, back, to=couriers.place_of(tx, back.location_id))
    if connected is None:
        raise CarrierNeeded
    parcel = carriers.book(database, connected, wish, now=now)
    with database.transaction() as tx:
        courier_returning.booked(tx, return_id=return_id, shipment_id=parcel.id, now=now)


def book_soon(database: Database, return_id: UUID, *, now: datetime, carrier: carriers.Carrier | None = None) -> bool:
    """Have the carrier come, or leave it to the worker when nobody answers; answers whether it is booked."""
    try:
        book(database, return_id, now=now, carrier=carrier)
    except (carriers.CarrierAway, CarrierNeeded):
        log.warning("a return waits for the carrier", courier_return=str(return_id))
        return False
    return True


def book_waiting(database: Database, *, now: datetime, carrier: carriers.Carrier | None = None) -> int:
    """Book what the carrier did not answer for; answers how many parcels that were."""
    with database.transaction() as tx:
        waiting = tx.scalars(select(CourierReturn.id).where(CourierReturn.state == "asked").limit(50)).all()
    return sum(book_soon(database, return_id, now=now, carrier=carrier) for return_id in waiting)


def cancel(database: Database, return_id: UUID, *, now: datetime) -> None:
    """Call a return off, as long as its parcel was not fetched.

    Refuses ``carriers.CarrierAway``, ``courier_returning.ReturnOver``.
    """
    with database.transaction() as tx:
        back = courier_returning.locked(tx, return_id)
        shipment_id, connected, is_open = back.shipment_id, couriers.carrier(tx), back.state == "booked"
    if is_open and shipment_id is not None:
        carriers.drop(database, connected, shipment_id, now=now)
    with database.transaction() as tx:
        courier_returning.cancelled(tx, return_id=return_id, now=now)
