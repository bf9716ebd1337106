"""The locations of the chain, remembered by each process: a dozen rows that change once a year.

``refresh`` is called at the start and whenever the tail hears ``location.changed``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from placket import events
from placket.core.db import Database
from placket.core.ids import new_id
from placket.inventory.models import Location


@dataclass(frozen=True, slots=True)
class Place:
    """A branch or a depot."""

    id: UUID
    code: str
    name: str
    kind: str
    city: str
    position: int


class Places:
    """All active locations, by id, in the order of the chain."""

    def __init__(self) -> None:
        self._by_id: Mapping[UUID, Place] = {}

    def refresh(self, database: Database) -> None:
        """Read them anew."""
        with database.transaction() as tx:
            rows = tx.scalars(select(Location).where(Location.status == "active").order_by(Location.position)).all()
        self._by_id = {row.id: Place(row.id, row.code, row.name, row.kind, row.city, row.position) for row in rows}

    def all(self) -> list[Place]:
        """In the order of the chain."""
        return list(self._by_id.values())

    def is_depot(self, location_id: UUID) -> bool:
        """Whether goods may be sold from there by every till."""
        place = self._by_id.get(location_id)
        return place is not None and place.kind == "depot"

    def city_of(self, location_id: UUID) -> str | None:
        """The city of a location; none if it is not in use."""
        place = self._by_id.get(location_id)
        return None if place is None else place.city


places = Places()


def is_depot(location_id: UUID) -> bool:
    """Whether goods may be sold from there by every till."""
    return places.is_depot(location_id)


def open_location(tx: Session, *, code: str, name: str, kind: str, city: str, now: datetime) -> Location:
    """A new branch or depot, the last in the order of the chain."""
    location = Location(
        id=new_id(),
        code=code,
        name=name,
        kind=kind,
        city=city,
        position=(tx.scalar(select(func.max(Location.position))) or 0) + 1,
        opening_hours={},
        opened_on=now,
    )
    tx.add(location)
    tx.flush()
    events.publish(
        tx,
        events.LOCATION_CHANGED,
        key=str(location.id),
        key_version=1,
        payload={"location_id": str(location.id)},
    )
    return location
