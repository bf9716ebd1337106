"""What a carrier's calls mean: stored once, applied in any order and any number of times, they lead to the same state."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket.carriers import rules
from placket.carriers.models import CarrierEvent, Shipment


@dataclass(frozen=True, slots=True)
class Changed:
    """A parcel is somewhere else now; ``failed`` may come several times."""

    shipment: Shipment
    kind: str
    at: datetime
    reason: str | None


def keep_event(tx: Session, *, carrier: str, call: rules.Call, body: bytes, now: datetime) -> bool:
    """Store what a carrier told us, once; answers whether it is new."""
    statement = (
        insert(CarrierEvent)
        .values(
            carrier=carrier,
            event_id=call.id,
            tracking_no=call.tracking_no,
            kind=call.kind,
            reason=call.reason,
            body=body,
            made_at=call.at,
            received_at=now,
        )
        .on_conflict_do_update(index_elements=["carrier", "event_id"], set_={"heard": CarrierEvent.heard + 1})
        .returning(CarrierEvent.heard)
    )
    return tx.execute(statement).scalar_one() == 1


def subject_of(tx: Session, *, carrier: str, event_id: str) -> UUID | None:
    """Whose parcel a stored call is about, nothing locked: whoever applies it locks that first."""
    event = tx.get_one(CarrierEvent, (carrier, event_id))
    return tx.scalar(_parcel(event).with_only_columns(Shipment.subject_id))


def apply(tx: Session, *, carrier: str, event_id: str, now: datetime) -> Changed | None:
    """Apply a stored call; answers what it has changed. Applied again it changes nothing."""
    event = tx.get_one(CarrierEvent, (carrier, event_id), with_for_update=True, populate_existing=True)
    if event.applied_at is not None:
        return None
    shipment = tx.scalar(_parcel(event).with_for_update().execution_options(populate_existing=True))
    event.applied_at = now
    if shipment is None:
        event.outcome = "unknown"
        tx.flush()
        return None
    again = event.kind == shipment.state == "failed"
    moved = again or rules.rises(shipment.state, event.kind)
    event.outcome = "applied" if moved else "known"
    if moved:
        shipment.state, shipment.state_at = event.kind, event.made_at
        shipment.version += 1
    tx.flush()
    return Changed(shipment, event.kind, event.made_at, event.reason) if moved else None


def _parcel(event: CarrierEvent) -> Select[Shipment]:
    return select(Shipment).where(Shipment.carrier == event.carrier, Shipment.tracking_no == event.tracking_no)
