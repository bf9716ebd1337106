"""Somebody else agrees to what is done at a till: their PIN, checked there, under the limits of signing in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from placket.core.db import Database
from placket.core.ids import StaffId
from placket.identity import secrets
from placket.identity.access import NotPermitted, TillFacts, grants_of
from placket.identity.models import Staff
from placket.identity.service.sessions import WrongPin, clear_attempts, count_attempt


def approve_by_pin(database: Database, *, till: TillFacts, staff_id: UUID, pin: str, verb: str, now: datetime) -> StaffId:
    """Who approved. Refuses ``WrongPin``, ``TooManyAttempts``, and ``NotPermitted`` without the verb at this till's branch.

    In transactions of its own: an attempt counts whatever becomes of the caller's.
    """
    subject = f"pin:{till.id}:{staff_id}"
    with database.transaction() as tx:
        left = count_attempt(tx, subject=subject, now=now)
    with database.transaction() as tx:
        staff = tx.scalar(select(Staff).where(Staff.id == staff_id, Staff.status == "active"))
        grants = grants_of(tx, staff_id, at=till.location_id)
        if staff is None or not grants or not secrets.pin_fits(staff.pin_hash, pin):
            raise WrongPin(attempts_left=left)
        clear_attempts(tx, subject=subject)
        if verb not in grants:
            raise NotPermitted(verb=verb)
        return StaffId(staff.id)
