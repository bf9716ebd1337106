"""The board of a branch: read whole, published whenever a promise changes; ``board.sql`` alone writes its text."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket.inventory.models import Location, Promise

ON_BOARD = ("asked", "confirmed", "bagged", "to_scan_back")


def board_of(tx: Session, *, location_id: UUID) -> list[dict[str, Any]]:
    """The open promises of a branch, as tills keep them."""
    board: list[dict[str, Any]] = tx.scalars(text("SELECT board_of(:location)"), {"location": location_id}).one()
    return board


def open_promises(tx: Session, *, location_id: UUID) -> list[Promise]:
    """The same as rows."""
    shown = select(Promise).where(Promise.location_id == location_id, Promise.phase.in_(ON_BOARD))
    return list(tx.scalars(shown.order_by(Promise.created_at, Promise.id)))


def tell(tx: Session, location: Location, promises: Sequence[Promise]) -> None:
    """Publish changed promises and, at a branch, its next board. The caller holds the location's lock."""
    tx.flush()
    tx.execute(
        text("SELECT tell_promises(:location, :promises)"),
        {"location": location.id, "promises": [promise.id for promise in promises]},
    )
    tx.expire(location, ["board_no"])
