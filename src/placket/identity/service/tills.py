"""Verbs of devices: pairing codes, tills and their epochs."""

import secrets as randomness
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from placket import events
from placket.core.ids import new_id
from placket.core.refusals import NotFound, Refusal
from placket.identity.access import Principal, new_token, token_hash
from placket.identity.models import PairingCode, StaffSession, Till, TillEpoch
from placket.identity.service.sessions import audit, tell_revoked

PAIRING = timedelta(minutes=10)

# FOR NO KEY UPDATE, and the epoch before the till itself changes: a sale under way holds the epoch and names the till.
IN_TURN: Final = {"key_share": True}


class PairingCodeInvalid(Refusal):
    """Unknown, used or expired."""

    code = "pairing_code_invalid"
    vi = "Mã ghép máy sai hoặc đã hết hạn. Lấy mã mới ở văn phòng, mục Nhân sự & máy."
    en = "The pairing code is wrong or has expired. Get a new one in the office under Staff & devices."


def make_pairing_code(
    tx: Session, *, location_id: UUID, till_name: str, till_id: UUID | None, actor: Principal | None, now: datetime
) -> tuple[str, datetime]:
    """A code of eight digits that pairs one device within ten minutes; of a till there is already, or a new one.

    No actor means the server's own command line.
    """
    if till_id is not None:
        till = tx.get(Till, till_id)
        if till is None or till.location_id != location_id:
            raise NotFound
    code = f"{randomness.randbelow(10**8):08d}"
    tx.add(
        PairingCode(
            code_hash=token_hash(code),
            location_id=location_id,
            till_id=till_id,
            till_name=till_name,
            created_by=None if actor is None else actor.staff_id,
            created_at=now,
            expires_at=now + PAIRING,
        )
    )
    audit(tx, action="till.pairing_code", subject_type="location", subject_id=location_id, actor=actor)
    return code, now + PAIRING


def pair(tx: Session, *, code: str, public_key: str | None, app_version: str | None, now: datetime) -> tuple[str, Till]:
    """Make the device that knows the code a till; answers its token. Refuses ``PairingCodeInvalid``.

    A till that is paired again begins a new epoch: its storage is empty or belongs to another device, so its receipt
    numbers start a new series and no journal of the old epoch can follow. Whoever was signed in at the old device is out.
    """
    pairing = tx.get(PairingCode, token_hash(code), with_for_update=True)
    if pairing is None or pairing.used_at is not None or pairing.expires_at <= now:
        raise PairingCodeInvalid
    pairing.used_at = now
    token = new_token()
    if pairing.till_id is None:
        till = create_till(tx, location_id=pairing.location_id, name=pairing.till_name, now=now)
    else:
        till = tx.get_one(Till, pairing.till_id, with_for_update=IN_TURN)
        _end_epoch(tx, till, reason="replaced", now=now)
        _end_sessions(tx, till.id, now=now)
        till.epoch += 1
        till.name = pairing.till_name
        till.status = "active"
        till.version += 1
        _start_epoch(tx, till, now=now)
    till.token_hash = token_hash(token)
    till.public_key = public_key
    till.app_version = app_version
    till.paired_at = till.last_seen_at = now
    tx.flush()
    audit(tx, action="till.paired", subject_type="till", subject_id=till.id, actor=None, after={"epoch": till.epoch})
    _tell_till(tx, till)
    return token, till


def create_till(tx: Session, *, location_id: UUID, name: str, now: datetime, till_id: UUID | None = None) -> Till:
    """A till of a branch with its first epoch, not yet paired with a device."""
    # One till at a time: the two numbers below are the next free ones.
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('placket.create_till'))"))
    till = Till(
        id=till_id or new_id(),
        location_id=location_id,
        number=(tx.scalar(select(func.max(Till.number)).where(Till.location_id == location_id)) or 0) + 1,
        till_no=(tx.scalar(select(func.max(Till.till_no))) or 0) + 1,
        name=name,
        epoch=1,
        last_opening=0,
        status="active",
        version=1,
    )
    tx.add(till)
    tx.flush()
    _start_epoch(tx, till, now=now)
    return till


def revoke_till(tx: Session, *, till_id: UUID, status: str, reason: str, actor: Principal, now: datetime) -> None:
    """Take a device out of use (``lost`` or ``retired``): its token and everybody signed in at it end at once."""
    till = tx.get(Till, till_id, with_for_update=IN_TURN)
    if till is None or not actor.may("till.revoke", till.location_id):
        raise NotFound
    _end_epoch(tx, till, reason=status, now=now)
    till.status = status
    till.token_hash = None
    till.version += 1
    _end_sessions(tx, till_id, now=now)
    audit(
        tx,
        action=f"till.{status}",
        subject_type="till",
        subject_id=till_id,
        actor=actor,
        after={"status": status, "reason": reason},
    )
    _tell_till(tx, till)


def _end_sessions(tx: Session, till_id: UUID, *, now: datetime) -> None:
    ended = tx.scalars(
        update(StaffSession)
        .where(StaffSession.till_id == till_id, StaffSession.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(StaffSession.id)
    ).all()
    for session_id in ended:
        tell_revoked(tx, session_id)


def _start_epoch(tx: Session, till: Till, *, now: datetime) -> None:
    branch = tx.scalar(text("SELECT code FROM location WHERE id = :id"), {"id": till.location_id})
    prefix = f"{branch}-{till.number}-{till.epoch}"
    tx.add(TillEpoch(till_id=till.id, epoch=till.epoch, receipt_prefix=prefix, last_receipt_no=0, started_at=now))


def _end_epoch(tx: Session, till: Till, *, reason: str, now: datetime) -> None:
    tx.execute(
        update(TillEpoch)
        .where(TillEpoch.till_id == till.id, TillEpoch.epoch == till.epoch, TillEpoch.ended_at.is_(None))
        .values(ended_at=now, end_reason=reason)
    )


def _tell_till(tx: Session, till: Till) -> None:
    events.publish(
        tx,
        events.TILL_CHANGED,
        key=str(till.id),
        key_version=till.version,
        location_id=till.location_id,
        payload={"till_id": str(till.id), "location_id": str(till.location_id), "status": till.status},
    )
