"""Verbs of a parcel before it travels: booked with its carrier, and not wanted any more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket.carriers.models import Shipment
from placket.carriers.provider import Booked, Carrier, Parcel, Party
from placket.core.db import Database
from placket.core.ids import new_id


@dataclass(frozen=True, slots=True)
class Wish:
    """A parcel to be booked: what for, our end of its way, from whom to whom, and what is taken at the door."""

    key: str
    direction: Literal["out", "back"]
    subject_id: UUID
    location_id: UUID
    sender: Party
    recipient: Party
    contents: str
    cod_vnd: int = 0


def book(database: Database, carrier: Carrier, wish: Wish, *, now: datetime) -> Shipment:
    """Have a parcel fetched, once for each key; nothing of ours is locked while the carrier is asked.

    Refuses ``CarrierAway``.
    """
    with database.transaction() as tx:
        known = _of_key(tx, wish.key)
    if known is not None:
        return known
    booked = carrier.book(Parcel(wish.key, wish.direction, wish.sender, wish.recipient, wish.contents[:200], wish.cod_vnd))
    with database.transaction() as tx:
        return written(tx, wish, carrier=carrier.name, booked=booked, now=now)


def written(tx: Session, wish: Wish, *, carrier: str, booked: Booked, now: datetime) -> Shipment:
    """Write down what a carrier has agreed to; of two who asked at once the first one's words stay."""
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": wish.key})
    known = _of_key(tx, wish.key)
    if known is not None:
        return known
    made = Shipment(
        id=new_id(),
        key=wish.key,
        direction=wish.direction,
        subject_id=wish.subject_id,
        location_id=wish.location_id,
        carrier=carrier,
        tracking_no=booked.tracking_no,
        label_url=booked.label_url,
        cod_vnd=wish.cod_vnd,
        state="booked",
        booked_at=now,
        state_at=now,
        version=1,
    )
    tx.add(made)
    tx.flush()
    return made


def drop(database: Database, carrier: Carrier | None, shipment_id: UUID, *, now: datetime) -> bool:
    """Have a parcel fetched no more; answers whether that was in time. Refuses ``CarrierAway``."""
    with database.transaction() as tx:
        shipment = tx.get_one(Shipment, shipment_id)
    if shipment.state != "booked" or (carrier is not None and not carrier.cancel(shipment.key)):
        return shipment.state == "cancelled"
    with database.transaction() as tx:
        shipment = tx.get_one(Shipment, shipment_id, with_for_update=True, populate_existing=True)
        if shipment.state == "booked":
            shipment.state, shipment.state_at = "cancelled", now
            shipment.version += 1
        return shipment.state == "cancelled"


def _of_key(tx: Session, key: str) -> Shipment | None:
    return tx.scalar(select(Shipment).where(Shipment.key == key))
