"""Exceptions: what the books could not keep silent about. They are opened by what happened and closed by a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.inventory.models import ExceptionLog, Stock
from placket.inventory.refusals import NeedsItsDocument, NeedsItsEntry, StillShort


@dataclass(frozen=True, slots=True)
class Charge:
    """What a matter comes from, who has to see to it, and by which day."""

    belongs_to: UUID | None = None
    owner_id: UUID | None = None
    due_on: date | None = None


NOBODYS: Final = Charge()


def note_exception(
    tx: Session,
    *,
    kind: str,
    severity: Literal["info", "warning", "urgent"],
    refs: dict[str, Any],
    location_id: UUID | None,
    now: datetime,
    variant_id: UUID | None = None,
    qty: int | None = None,
    actor_id: UUID | None = None,
    approved_by: UUID | None = None,
    charge: Charge = NOBODYS,
) -> None:
    """Open an exception for a person to look at, or for one in particular who is charged with it."""
    tx.add(
        ExceptionLog(
            id=new_id(),
            kind=kind,
            severity=severity,
            refs=refs,
            location_id=location_id,
            variant_id=variant_id,
            qty=qty,
            actor_id=actor_id,
            approved_by=approved_by,
            belongs_to=charge.belongs_to,
            owner_id=charge.owner_id,
            due_on=charge.due_on,
            state="open",
            opened_at=now,
        )
    )


def taker_of(tx: Session, *, location_id: UUID, variant_id: UUID) -> str | None:
    """The sale that last took pieces of this balance although they were promised."""
    newest = (
        select(ExceptionLog.refs["sales"][0].astext)
        .where(
            ExceptionLog.kind == "short",
            ExceptionLog.location_id == location_id,
            ExceptionLog.variant_id == variant_id,
            ExceptionLog.refs.has_key("sales"),
        )
        .order_by(ExceptionLog.opened_at.desc())
        .limit(1)
    )
    return tx.scalar(newest)


def close_exceptions(tx: Session, *, kind: str, ref: str, now: datetime) -> None:
    """Close the open exceptions of one kind about one thing (``refs.entry``)."""
    tx.execute(
        update(ExceptionLog)
        .where(ExceptionLog.kind == kind, ExceptionLog.refs["entry"].astext == ref, ExceptionLog.state == "open")
        .values(state="closed", closed_at=now)
    )


def end_matter(tx: Session, *, belongs_to: UUID, now: datetime) -> None:
    """What a document was waiting for has been decided."""
    tx.execute(
        update(ExceptionLog)
        .where(ExceptionLog.belongs_to == belongs_to, ExceptionLog.state == "open")
        .values(state="closed", closed_at=now)
    )


def close_exception(tx: Session, *, exception_id: UUID, scope: Sequence[UUID] | None, now: datetime) -> ExceptionLog:
    """Somebody has looked and done what was to do; closing again changes nothing.

    ``scope`` are the locations the closer may see to, none means all. Refuses ``NotFound``, ``StillShort``,
    ``NeedsItsEntry``, ``NeedsItsDocument``.
    """
    found = tx.get(ExceptionLog, exception_id, with_for_update=True)
    if found is None or (scope is not None and found.location_id not in scope):
        raise NotFound
    if found.state == "closed":
        return found
    if found.kind == "quarantine":
        raise NeedsItsEntry
    if found.belongs_to is not None:
        raise NeedsItsDocument
    if found.kind == "short" and found.location_id is not None and found.variant_id is not None:
        left = tx.get(Stock, (found.location_id, found.variant_id), with_for_update={"read": True})
        if left is not None and left.short:
            raise StillShort(short=left.short)
    found.state, found.closed_at = "closed", now
    return found


def take_on(
    tx: Session, *, exception_id: UUID, owner_id: UUID, due_on: date | None, scope: Sequence[UUID] | None
) -> ExceptionLog:
    """Somebody sees to it from now on, by a day. Refuses ``NotFound``, also for what is closed."""
    found = tx.get(ExceptionLog, exception_id, with_for_update=True)
    if found is None or found.state == "closed" or (scope is not None and found.location_id not in scope):
        raise NotFound
    found.owner_id = owner_id
    found.due_on = due_on or found.due_on
    return found
