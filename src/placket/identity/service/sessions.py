"""Verbs of being signed in: attempts, passwords and PINs checked, sessions opened and ended; and the audit log."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket import events
from placket.core import origin
from placket.core.ids import new_id
from placket.core.refusals import Refusal
from placket.identity import secrets
from placket.identity.access import Principal, new_token, token_hash
from placket.identity.models import AttemptLimit, AuditLog, Staff, StaffRole, StaffSession, Till

OFFICE_SESSION = timedelta(hours=12)
TILL_SESSION = timedelta(hours=14)
ATTEMPTS = 5
# An e-mail from everywhere, and an address for every e-mail: guessing is slow however it is spread.
ATTEMPTS_OF_EMAIL = 20
ATTEMPTS_OF_ADDRESS = 100
ATTEMPT_WINDOW = timedelta(minutes=15)
LOCK = timedelta(seconds=60)


class WrongCredentials(Refusal):
    """Unknown e-mail, wrong password or wrong code: the same answer for each."""

    code = "wrong_credentials"
    status = 401
    vi = "E-mail, mật khẩu hoặc mã xác thực chưa đúng."
    en = "The e-mail, password or code is wrong."


class TotpRequired(Refusal):
    """The password is right; this person also uses one-time codes."""

    code = "totp_required"
    status = 401
    vi = "Nhập mã 6 số trong ứng dụng xác thực."
    en = "Enter the 6-digit code of your authenticator app."


class TooManyAttempts(Refusal):
    """Guessing is slowed down."""

    code = "too_many_attempts"
    status = 429
    vi = "Sai quá nhiều lần. Thử lại sau {retry_after_s} giây."
    en = "Too many wrong attempts. Try again in {retry_after_s} seconds."


class WrongPin(Refusal):
    """The PIN does not fit this person at this till."""

    code = "wrong_pin"
    status = 401
    vi = "Mã PIN chưa đúng, còn {attempts_left} lần thử."
    en = "The PIN is wrong, {attempts_left} attempts left."


class WrongBadge(Refusal):
    """No badge that is in use has this code, or its person does not work here."""

    code = "wrong_badge"
    status = 401
    vi = "Thẻ này không dùng được ở đây, còn {attempts_left} lần thử."
    en = "This badge cannot be used here, {attempts_left} attempts left."


def audit(
    tx: Session,
    *,
    action: str,
    subject_type: str,
    subject_id: object,
    actor: Principal | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write down who did what. Secrets never stand in ``before`` or ``after``."""
    tx.add(
        AuditLog(
            staff_id=None if actor is None else actor.staff_id,
            till_id=None if actor is None or actor.till is None else actor.till.id,
            action=action,
            subject_type=subject_type,
            subject_id=str(subject_id),
            before=None if before is None else dict(before),
            after=None if after is None else dict(after),
            ip=origin.address.get(),
            request_id=origin.request_id.get(),
        )
    )


def count_sign_in(tx: Session, *, email: str, address: str | None, now: datetime) -> None:
    """Count an office sign-in before it is checked, as ``count_attempt`` does, for its e-mail and its address."""
    for subject, most in _subjects(email, address):
        count_attempt(tx, subject=subject, now=now, most=most)


def clear_sign_in(tx: Session, *, email: str, address: str | None) -> None:
    """Forget the attempts of somebody who got in; their address is forgiven this one only."""
    for subject, most in _subjects(email, address):
        if most != ATTEMPTS_OF_ADDRESS:
            clear_attempts(tx, subject=subject)
    tx.execute(
        update(AttemptLimit)
        .where(AttemptLimit.subject == f"address:{address}", AttemptLimit.failures > 0)
        .values(failures=AttemptLimit.failures - 1)
    )


def _subjects(email: str, address: str | None) -> list[tuple[str, int]]:
    """What an office sign-in is counted under, always in one order, and how often each may fail."""
    name = email.strip().lower()
    return [
        (f"address:{address}", ATTEMPTS_OF_ADDRESS),
        (f"email:{name}", ATTEMPTS_OF_EMAIL),
        (f"email:{name}:{address}", ATTEMPTS),
    ]


def count_attempt(tx: Session, *, subject: str, now: datetime, most: int = ATTEMPTS) -> int:
    """Count an attempt before it is checked; commit this, whatever becomes of it. Refuses ``TooManyAttempts``.

    Counting first makes a hundred parallel guesses count a hundred times. Answers how many are left.
    """
    kept = tx.execute(
        insert(AttemptLimit)
        .values(subject=subject, failures=0, window_starts_at=now)
        .on_conflict_do_update(index_elements=["subject"], set_={"subject": subject})
        .returning(AttemptLimit.failures, AttemptLimit.window_starts_at, AttemptLimit.locked_until)
    ).one()
    if kept.locked_until is not None and now < kept.locked_until:
        raise TooManyAttempts(retry_after_s=int((kept.locked_until - now).total_seconds()) + 1)
    fresh = kept.locked_until is not None or now - kept.window_starts_at > ATTEMPT_WINDOW
    failures = 1 if fresh else kept.failures + 1
    tx.execute(
        update(AttemptLimit)
        .where(AttemptLimit.subject == subject)
        .values(
            failures=failures,
            window_starts_at=now if fresh else kept.window_starts_at,
            locked_until=now + LOCK if failures >= most else None,
        )
    )
    return most - failures


def clear_attempts(tx: Session, *, subject: str) -> None:
    """Forget the attempts of somebody who got in."""
    tx.execute(delete(AttemptLimit).where(AttemptLimit.subject == subject))


def sign_in(
    tx: Session, *, email: str, password: str, totp: str | None, ip: str | None, agent: str | None, now: datetime
) -> tuple[str, Staff]:
    """Open an office session; answers its token. Refuses ``WrongCredentials``, ``TotpRequired``."""
    staff = tx.scalar(select(Staff).where(Staff.email == email.strip().lower(), Staff.status == "active").with_for_update())
    if not secrets.password_fits(None if staff is None else staff.password_hash, password):
        raise WrongCredentials
    assert staff is not None, "nobody has a password that fits"
    if staff.totp_confirmed_at is not None and staff.totp_secret is not None:
        if totp is None:
            raise TotpRequired
        step = secrets.totp_step(staff.totp_secret, totp, at_s=int(now.timestamp()), last_step=staff.totp_last_step)
        if step is None:
            raise WrongCredentials
        staff.totp_last_step = step
    token = _open_session(tx, staff_id=staff.id, till_id=None, life=OFFICE_SESSION, ip=ip, agent=agent, now=now)
    return token, staff


def sign_in_with_pin(
    tx: Session, *, till: Till, staff_id: UUID, pin: str, attempts_left: int, now: datetime
) -> tuple[str, Staff]:
    """Open a session at a paired till; answers its token. Refuses ``WrongPin``, also for people of other branches."""
    staff = tx.scalar(_at_work(till).where(Staff.id == staff_id))
    if staff is None or not secrets.pin_fits(staff.pin_hash, pin):
        raise WrongPin(attempts_left=attempts_left)
    return _open_session(tx, staff_id=staff.id, till_id=till.id, life=TILL_SESSION, ip=None, agent=None, now=now), staff


def sign_in_with_badge(
    tx: Session, *, till: Till, number: str, secret: str, attempts_left: int, now: datetime
) -> tuple[str, Staff]:
    """The same by the number and the secret on a badge. Refuses ``WrongBadge``."""
    staff = tx.scalar(_at_work(till).where(Staff.code == number))
    if staff is None or not secrets.pin_fits(staff.badge_hash, secret):
        raise WrongBadge(attempts_left=attempts_left)
    return _open_session(tx, staff_id=staff.id, till_id=till.id, life=TILL_SESSION, ip=None, agent=None, now=now), staff


def attempts_at_till(tx: Session, *, till_id: UUID, number: str) -> str:
    """What attempts of a badge count under: the same as attempts of that person's PIN at the till."""
    staff_id = tx.scalar(select(Staff.id).where(Staff.code == number))
    return f"pin:{till_id}:{staff_id or 'nobody'}"


def _at_work(till: Till) -> Select[Staff]:
    """Who works at a till's branch or in the whole chain."""
    return (
        select(Staff)
        .join(StaffRole, StaffRole.staff_id == Staff.id)
        .where(Staff.status == "active", StaffRole.location_id.is_(None) | (StaffRole.location_id == till.location_id))
        .limit(1)
    )


def end_sessions(tx: Session, *, staff_id: UUID, but: UUID | None, now: datetime) -> None:
    """End every session of a person, but one."""
    ended = tx.scalars(
        update(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.revoked_at.is_(None), StaffSession.id != (but or new_id()))
        .values(revoked_at=now)
        .returning(StaffSession.id)
    ).all()
    for session_id in ended:
        tell_revoked(tx, session_id)
    if but is not None:
        tell_revoked(tx, but, ends=False)


def end_session(tx: Session, *, session_id: UUID, now: datetime) -> None:
    """End one session; ending it again changes nothing."""
    tx.execute(
        update(StaffSession).where(StaffSession.id == session_id, StaffSession.revoked_at.is_(None)).values(revoked_at=now)
    )
    tell_revoked(tx, session_id)


def _open_session(
    tx: Session,
    *,
    staff_id: UUID,
    till_id: UUID | None,
    life: timedelta,
    ip: str | None,
    agent: str | None,
    now: datetime,
) -> str:
    token = new_token()
    tx.add(
        StaffSession(
            id=new_id(),
            token_hash=token_hash(token),
            staff_id=staff_id,
            till_id=till_id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + life,
            ip=ip,
            user_agent=None if agent is None else agent[:300],
        )
    )
    return token


def tell_revoked(tx: Session, session_id: UUID, *, ends: bool = True) -> None:
    """Processes forget the session; ``ends`` false means only that its rights are to be read anew."""
    version = tx.scalar(text("SELECT pg_current_xact_id()::text::bigint")) or 0
    events.publish(
        tx,
        events.SESSION_REVOKED,
        key=str(session_id),
        key_version=version,
        payload={"session_id": str(session_id), "ends": ends},
    )
