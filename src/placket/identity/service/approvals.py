"""Somebody else agrees to what is done at a till: their PIN or badge, checked there, under the limits of signing in."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from placket.core.db import Database
from placket.core.ids import StaffId, new_id
from placket.core.refusals import Refusal
from placket.identity import badges, secrets
from placket.identity.access import Grant, NotPermitted, Principal, TillFacts, grants_of
from placket.identity.models import Approval, Staff
from placket.identity.service.sessions import WrongBadge, WrongPin, attempts_at_till, audit, clear_attempts, count_attempt

LASTS: Final = timedelta(minutes=10)
# A till's clock may be a little behind ours.
CLOCK_SLACK: Final = timedelta(minutes=2)


class ApprovalNotLive(Refusal):
    """No approval of that person for that at this till, or it has run out."""

    code = "approval_not_live"
    status = 403
    vi = "Duyệt của quản lý không còn hiệu lực. Nhờ quản lý duyệt lại."
    en = "The manager's approval is no longer valid. Ask them to approve again."


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
    return StaffId(staff_id)


def approve_by_badge(database: Database, *, till: TillFacts, code: str, verb: str, now: datetime) -> StaffId:
    """The same by the code on a badge. Refuses ``WrongBadge``; attempts count like those of that person's PIN."""
    number, secret = badges.read_code(code) or ("", "")
    with database.transaction() as tx:
        subject = attempts_at_till(tx, till_id=till.id, number=number)
        left = count_attempt(tx, subject=subject, now=now)
    with database.transaction() as tx:
        staff = tx.scalar(select(Staff).where(Staff.code == number, Staff.status == "active"))
        grants = {} if staff is None else grants_of(tx, staff.id, at=till.location_id)
        if staff is None or not grants or not secrets.pin_fits(staff.badge_hash, secret):
            raise WrongBadge(attempts_left=left)
        clear_attempts(tx, subject=subject)
        staff_id = StaffId(staff.id)
    if verb not in grants:
        raise NotPermitted(verb=verb)
    return staff_id


def give_approval(
    tx: Session, *, till: TillFacts, staff_id: UUID, verb: str, about: str, asker: Principal, now: datetime
) -> tuple[Approval, str]:
    """Write down that somebody agreed, and answer it with their name; it holds at this till for ten minutes."""
    staff = tx.get_one(Staff, staff_id)
    grant = grants_of(tx, staff_id, at=till.location_id)[verb]
    given = Approval(
        id=new_id(),
        till_id=till.id,
        staff_id=staff_id,
        asked_by=asker.staff_id,
        verb=verb,
        about=about,
        discount_bp_max=grant.discount_bp_max,
        refund_vnd_max=grant.refund_vnd_max,
        given_at=now,
        expires_at=now + LASTS,
    )
    tx.add(given)
    after = {"verb": verb, "about": about, "approved_by": str(staff_id)}
    audit(tx, action="approval.given", subject_type="approval", subject_id=given.id, actor=asker, after=after)
    return given, staff.full_name


def approval_of(tx: Session, *, approval_id: UUID | None, staff_id: UUID, till_id: UUID, verb: str, at: datetime) -> Grant:
    """How far somebody agreed for a verb at this till, at the moment of what they agreed to. Refuses ``ApprovalNotLive``.

    What is asked again later, because its answer was lost, was still agreed to when it was done.
    """
    given = None if approval_id is None else tx.get(Approval, approval_id)
    if (
        given is None
        or (given.staff_id, given.till_id, given.verb) != (staff_id, till_id, verb)
        or not given.given_at - CLOCK_SLACK <= at <= given.expires_at
    ):
        raise ApprovalNotLive(verb=verb)
    return Grant(None, given.discount_bp_max, given.refund_vnd_max)
