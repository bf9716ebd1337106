"""Questions about parcels: those of a subject, and the way each has come."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from placket.carriers.models import Shipment


def shipments_of(tx: Session, subject_id: UUID) -> Sequence[Shipment]:
    """The parcels of an order or a return, the oldest first."""
    query = select(Shipment).where(Shipment.subject_id == subject_id).order_by(Shipment.booked_at, Shipment.id)
    return tx.scalars(query.execution_options(populate_existing=True)).all()


def track_of(tx: Session, shipment: Shipment) -> Sequence[Row[Any]]:
    """What its carrier has told of a parcel, in the order in which it happened."""
    query = text(
        "SELECT made_at AS at, kind, reason FROM carrier_event WHERE carrier = :carrier AND tracking_no = :no "
        "AND applied_at IS NOT NULL ORDER BY made_at, event_id"
    )
    return tx.execute(query, {"carrier": shipment.carrier, "no": shipment.tracking_no}).all()
