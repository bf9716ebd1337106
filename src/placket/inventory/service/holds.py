"""Holds: pieces kept for a customer who will come and buy them, here or at another branch, for a day."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from placket.core.refusals import NotFound
from placket.inventory.models import Location, Promise
from placket.inventory.rules import after
from placket.inventory.service import fulfil
from placket.inventory.service.moves import Move
from placket.inventory.service.promises import Holder, promises_of, release, reserve


def hold(
    tx: Session,
    *,
    ref: UUID,
    location_id: UUID,
    line: Move,
    holder: Holder,
    rule: dict[str, Any],
    now: datetime,
) -> Promise:
    """Ask a branch to keep pieces for a customer; ``rule`` is the company's: how long, and whether closed hours count.

    Refuses as ``reserve`` does.
    """
    place = tx.get(Location, location_id)
    if place is None:
        raise NotFound
    hours = place.opening_hours if rule["opening_hours_only"] else None
    until = after(now, timedelta(hours=rule["hours"]), hours=hours)
    (promise,) = reserve(
        tx, ref=ref, kind="hold", location_id=location_id, lines=[line], pay_by=until, holder=holder, now=now
    )
    return promise


def access_hold(tx: Session, *, ref: UUID, places: Sequence[UUID] | None) -> Promise:
    """A hold that is kept at, or was asked for from, one of these places; none means all. Refuses ``NotFound``."""
    for promise in promises_of(tx, ref=ref):
        if promise.kind == "hold" and (places is None or {promise.location_id, promise.asked_from} & set(places)):
            return promise
    raise NotFound


def let_hold_go(tx: Session, *, promise: Promise) -> None:
    """The customer does not come: the piece is free again, once its bag is scanned back if it lies in one."""
    if promise.phase == "bagged":
        fulfil.undo(tx, promise_id=promise.id)
    else:
        release(tx, ref=promise.ref)


def unpack_overdue(tx: Session, *, promise_id: UUID) -> None:
    """Nobody came for a bag in time: somebody is asked to scan it back; until then it may still be sold to who comes."""
    promise = tx.get_one(Promise, promise_id)
    if promise.phase == "bagged":
        fulfil.undo(tx, promise_id=promise_id)
