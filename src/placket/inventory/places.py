"""The locations of the chain, remembered by each process: a dozen rows that change once a year.

``refresh`` is called at the start and whenever the tail hears ``location.changed``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from placket import events
from placket.core.db import Database
from placket.core.ids import new_id
from placket.core.refusals import NotFound, Refusal
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
    opening_hours: Mapping[str, str]


class Places:
    """All active locations, by id, in the order of the chain."""

    def __init__(self) -> None:
        self._by_id: Mapping[UUID, Place] = {}

    def refresh(self, database: Database) -> None:
        """Read them anew."""
        with database.transaction() as tx:
            rows = tx.scalars(select(Location).where(Location.status == "active").order_by(Location.position)).all()
        self._by_id = {
            row.id: Place(row.id, row.code, row.name, row.kind, row.city, row.position, row.opening_hours) for row in rows
        }

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


class LocationCodeTaken(Refusal):
    """Another branch or depot has this code; codes stand on receipts and never change hands."""

    code = "location_code_taken"
    vi = "Mã chi nhánh {taken} đã được dùng. Hãy chọn mã khác."
    en = "The branch code {taken} is taken. Choose another one."


class LocationInUse(Refusal):
    """It still has stock, promises, transfers or paired tills."""

    code = "location_in_use"
    vi = "Chi nhánh còn tồn kho, hàng đang giữ, phiếu chuyển hoặc máy bán hàng đang dùng. Hãy xử lý hết rồi mới đóng."
    en = "The branch still has stock, promises, transfers or tills in use. Clear them before you close it."


CHANGEABLE: Final = frozenset({"name", "city", "address", "phone", "position", "opening_hours", "status"})
IN_USE: Final = text(
    "SELECT EXISTS (SELECT 1 FROM stock WHERE location_id = :location AND (on_hand <> 0 OR promised <> 0 OR asked <> 0)) "
    "OR EXISTS (SELECT 1 FROM transfer WHERE :location IN (from_id, to_id) AND state NOT IN ('done', 'cancelled')) "
    "OR EXISTS (SELECT 1 FROM till WHERE location_id = :location AND status = 'active' AND token_hash IS NOT NULL)"
)


def open_location(
    tx: Session,
    *,
    code: str,
    name: str,
    kind: str,
    city: str,
    now: datetime,
    location_id: UUID | None = None,
    address: str | None = None,
    phone: str | None = None,
) -> Location:
    """A new branch or depot, the last in the order of the chain. Refuses ``LocationCodeTaken``."""
    # One at a time: the place in the order below is the next free one.
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('placket.open_location'))"))
    if tx.scalar(select(Location.id).where((Location.code == code) | (Location.id == location_id))) is not None:
        raise LocationCodeTaken(taken=code)
    location = Location(
        id=location_id or new_id(),
        code=code,
        name=name,
        kind=kind,
        city=city,
        address=address,
        phone=phone,
        position=(tx.scalar(select(func.max(Location.position))) or 0) + 1,
        opening_hours={},
        opened_on=now,
    )
    tx.add(location)
    tx.flush()
    _tell(tx, location)
    return location


def change_location(tx: Session, *, location_id: UUID, changes: Mapping[str, Any]) -> Location:
    """Change name, city, address, phone, position, opening hours or status of a branch or depot; never code or kind.

    Closing needs it empty. Refuses ``NotFound``, ``LocationInUse``.
    """
    assert changes.keys() <= CHANGEABLE, "only these fields change"
    location = tx.get(Location, location_id, with_for_update=True)
    if location is None or location.status == "books":
        raise NotFound
    if changes.get("status") == "closed" and tx.scalar(IN_USE, {"location": location_id}):
        raise LocationInUse
    for field, value in changes.items():
        setattr(location, field, value)
    tx.flush()
    _tell(tx, location)
    return location


def _tell(tx: Session, location: Location) -> None:
    version = tx.scalar(text("SELECT pg_current_xact_id()::text::bigint")) or 0
    state = {"location_id": str(location.id)}
    events.publish(tx, events.LOCATION_CHANGED, key=str(location.id), key_version=version, payload=state)
