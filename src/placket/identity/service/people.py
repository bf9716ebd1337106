"""Verbs of people: the company, its staff, their roles, passwords, PINs and one-time codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

import pyotp
from sqlalchemy import BigInteger, cast, delete, func, select, text
from sqlalchemy.orm import Session

from placket import events
from placket.core.ids import new_id
from placket.core.refusals import NotFound, Refusal
from placket.identity import badges, secrets
from placket.identity.access import NotPermitted, Principal
from placket.identity.models import Company, Staff, StaffRole
from placket.identity.service.grants import seed_grants
from placket.identity.service.sessions import WrongCredentials, audit, end_sessions


class AlreadyChanged(Refusal):
    """Somebody else changed it since it was read."""

    code = "already_changed"
    vi = "Người khác vừa sửa mục này. Tải lại rồi sửa tiếp."
    en = "Somebody else has just changed this. Load it again."


class EmailTaken(Refusal):
    """Another member of staff has this e-mail."""

    code = "email_taken"
    vi = "E-mail này đã có người dùng."
    en = "This e-mail is already in use."


class StaffIdTaken(Refusal):
    """Somebody was taken on under this id already."""

    code = "staff_id_taken"
    vi = "Nhân viên này đã được tạo. Tải lại danh sách."
    en = "This person has been created already. Load the list again."


class UnknownLocation(Refusal):
    """A role at a place that is not there."""

    code = "unknown_location"
    vi = "Không có chi nhánh này. Hãy tải lại trang và chọn lại."
    en = "There is no such branch. Reload the page and choose again."


class TotpInForce(Refusal):
    """One-time codes are in force; dropping them needs the password."""

    code = "totp_in_force"
    vi = "Mã xác thực đang bật. Hãy tắt trước khi cài lại."
    en = "One-time codes are in force. Drop them before you start anew."


class LastOwner(Refusal):
    """The chain would be left without an owner who can sign in."""

    code = "last_owner"
    vi = "Phải còn ít nhất một chủ chuỗi đang làm việc."
    en = "At least one active owner must remain."


class Kept(Enum):
    """Stands for a value that is left as it is, where nothing (``None``) means something."""

    KEPT = "kept"


KEPT: Final = Kept.KEPT


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A role at one location, or (none) in the whole chain."""

    role: str
    location_id: UUID | None


def create_company(
    tx: Session, *, name: str, tax_code: str | None, address: str | None, phone: str | None, now: datetime
) -> Company:
    """Found the company of this database and seed its roles."""
    company = Company(id=1, name=name, tax_code=tax_code, address=address, phone=phone, incarnation=new_id(), created_at=now)
    tx.add(company)
    tx.flush()
    seed_grants(tx, now=now)
    return company


def begin_incarnation(tx: Session) -> Company:
    """The data begin another life, restored from a backup: what clients remember of the one before means nothing."""
    company = tx.get_one(Company, 1, with_for_update=True)
    company.incarnation = new_id()
    return company


def create_staff(
    tx: Session,
    *,
    staff_id: UUID,
    full_name: str,
    email: str | None,
    roles: Sequence[RoleHeld],
    password: str | None,
    pin: str | None,
    actor: Principal | None,
    now: datetime,
) -> Staff:
    """Take somebody on. Refuses ``StaffIdTaken``, ``EmailTaken``, ``UnknownLocation``, and what ``actor`` may not give."""
    # One person at a time: the number below is the next free one.
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('placket.create_staff'))"))
    _demand_reach(tx, actor, roles)
    if tx.get(Staff, staff_id) is not None:
        raise StaffIdTaken
    _refuse_taken_email(tx, email, staff_id)
    number = (tx.scalar(select(func.max(cast(Staff.code, BigInteger)))) or 1000) + 1
    staff = Staff(
        id=staff_id,
        code=str(number),
        full_name=full_name,
        email=None if email is None else email.lower(),
        password_hash=None if password is None else secrets.hash_password(password),
        pin_hash=None if pin is None else secrets.hash_pin(pin),
        status="active",
        created_at=now,
        version=1,
    )
    tx.add(staff)
    tx.flush()
    _set_roles(tx, staff_id, roles)
    audit(tx, action="staff.created", subject_type="staff", subject_id=staff_id, actor=actor, after=_face(staff, roles))
    _tell_staff(tx, staff)
    return staff


def update_staff(
    tx: Session,
    *,
    staff_id: UUID,
    version: int,
    full_name: str | None,
    email: str | Kept | None,
    status: str | None,
    roles: Sequence[RoleHeld] | None,
    actor: Principal,
    now: datetime,
) -> Staff:
    """Change a person's record; leaving, or other roles, end their sessions. No e-mail means no way into the office.

    Refuses ``AlreadyChanged``, ``EmailTaken``, ``LastOwner``, ``UnknownLocation``, ``NotPermitted``.
    """
    staff = _locked_staff(tx, staff_id)
    if staff.version != version:
        raise AlreadyChanged(version=staff.version)
    held = roles_of(tx, [staff_id]).get(staff_id, [])
    _demand_reach(tx, actor, [*held, *(roles or ())])
    before = _face(staff, held)
    if not isinstance(email, Kept):
        _refuse_taken_email(tx, email, staff_id)
        staff.email = None if email is None else email.lower()
    staff.full_name = full_name if full_name is not None else staff.full_name
    staff.status = status if status is not None else staff.status
    staff.version += 1
    if roles is not None:
        _set_roles(tx, staff_id, roles)
        held = list(roles)
    tx.flush()
    _refuse_no_owner(tx, who_signs_in=email is None)
    if staff.status == "left" or roles is not None:
        end_sessions(tx, staff_id=staff_id, but=actor.session_id if staff.status == "active" else None, now=now)
    audit(
        tx,
        action="staff.changed",
        subject_type="staff",
        subject_id=staff_id,
        actor=actor,
        before=before,
        after=_face(staff, held),
    )
    _tell_staff(tx, staff)
    return staff


def set_pin(tx: Session, *, staff_id: UUID, pin: str, actor: Principal | None) -> None:
    """Give somebody a new PIN. Refuses ``NotPermitted`` for people beyond the actor's reach."""
    staff = _locked_staff(tx, staff_id)
    _demand_reach(tx, actor, roles_of(tx, [staff_id]).get(staff_id, []))
    staff.pin_hash = secrets.hash_pin(pin)
    staff.version += 1
    audit(tx, action="staff.pin_set", subject_type="staff", subject_id=staff_id, actor=actor)
    _tell_staff(tx, staff)


def issue_badge(tx: Session, *, staff_id: UUID, actor: Principal | None) -> str:
    """A new badge for somebody; answers its code, which nobody can read again. The badge before it is worth nothing.

    Refuses ``NotPermitted`` for people beyond the actor's reach.
    """
    staff = _locked_staff(tx, staff_id)
    _demand_reach(tx, actor, roles_of(tx, [staff_id]).get(staff_id, []))
    code, secret = badges.new_code(int(staff.code))
    staff.badge_hash = secrets.hash_pin(secret)
    staff.version += 1
    audit(tx, action="staff.badge_issued", subject_type="staff", subject_id=staff_id, actor=actor)
    _tell_staff(tx, staff)
    return code


def set_password(tx: Session, *, staff_id: UUID, password: str, actor: Principal, now: datetime) -> None:
    """Give somebody a new password; every other session of theirs ends. Refuses ``NotPermitted`` as ``set_pin`` does."""
    staff = _locked_staff(tx, staff_id)
    _demand_reach(tx, actor, roles_of(tx, [staff_id]).get(staff_id, []))
    _put_password(tx, staff, password, actor=actor, now=now)


def _put_password(tx: Session, staff: Staff, password: str, *, actor: Principal, now: datetime) -> None:
    staff.password_hash = secrets.hash_password(password)
    staff.version += 1
    end_sessions(tx, staff_id=staff.id, but=actor.session_id if actor.staff_id == staff.id else None, now=now)
    audit(tx, action="staff.password_set", subject_type="staff", subject_id=staff.id, actor=actor)


def change_own_password(tx: Session, *, actor: Principal, current: str, new: str, now: datetime) -> None:
    """Change one's own password. Refuses ``WrongCredentials``."""
    staff = _locked_staff(tx, actor.staff_id)
    if not secrets.password_fits(staff.password_hash, current):
        raise WrongCredentials
    _put_password(tx, staff, new, actor=actor, now=now)


def start_totp(tx: Session, *, actor: Principal) -> tuple[str, str]:
    """Make a new secret, not yet in force; answers it and its ``otpauth://`` address. Refuses ``TotpInForce``.

    Codes in force stay in force until they are dropped with the password: a stolen session cannot replace them.
    """
    staff = _locked_staff(tx, actor.staff_id)
    if staff.totp_confirmed_at is not None:
        raise TotpInForce
    staff.totp_secret = pyotp.random_base32()
    staff.totp_confirmed_at = None
    staff.totp_last_step = None
    address = pyotp.TOTP(staff.totp_secret).provisioning_uri(name=staff.email or staff.code, issuer_name="Placket")
    return staff.totp_secret, address


def confirm_totp(tx: Session, *, actor: Principal, code: str, now: datetime) -> None:
    """Put the secret in force by proving that the app holds it. Refuses ``WrongCredentials``."""
    staff = _locked_staff(tx, actor.staff_id)
    step = (
        None
        if staff.totp_secret is None
        else secrets.totp_step(staff.totp_secret, code, at_s=int(now.timestamp()), last_step=None)
    )
    if step is None:
        raise WrongCredentials
    staff.totp_confirmed_at = now
    staff.totp_last_step = step
    audit(tx, action="staff.totp_on", subject_type="staff", subject_id=staff.id, actor=actor)


def drop_totp(tx: Session, *, actor: Principal, password: str) -> None:
    """Stop asking for codes. Refuses ``WrongCredentials``."""
    staff = _locked_staff(tx, actor.staff_id)
    if not secrets.password_fits(staff.password_hash, password):
        raise WrongCredentials
    staff.totp_secret = staff.totp_confirmed_at = staff.totp_last_step = None
    audit(tx, action="staff.totp_off", subject_type="staff", subject_id=staff.id, actor=actor)


def roles_of(tx: Session, staff_ids: Sequence[UUID]) -> dict[UUID, list[RoleHeld]]:
    """The roles of some people."""
    held: dict[UUID, list[RoleHeld]] = {}
    for row in tx.scalars(select(StaffRole).where(StaffRole.staff_id.in_(staff_ids)).order_by(StaffRole.role)):
        held.setdefault(row.staff_id, []).append(RoleHeld(row.role, row.location_id))
    return held


def _demand_reach(tx: Session, actor: Principal | None, roles: Sequence[RoleHeld]) -> None:
    """Refuse ``NotPermitted`` unless the actor may give, and manage people with, these roles.

    Only an owner touches owners, and who manages the staff of some branches touches no role beyond them. Refuses
    ``UnknownLocation`` for a role at a place that is not there.
    """
    wanted = {held.location_id for held in roles if held.location_id is not None}
    known = tx.scalar(text("SELECT count(*) FROM location WHERE id = ANY(:ids)"), {"ids": list(wanted)})
    if known != len(wanted):
        raise UnknownLocation
    if actor is None:
        return
    own = {held.role for held in roles_of(tx, [actor.staff_id]).get(actor.staff_id, [])}
    scope = actor.scope("staff.manage")
    beyond = scope is not None and any(held.location_id not in scope for held in roles)
    if beyond or ("owner" not in own and any(held.role == "owner" for held in roles)):
        raise NotPermitted(verb="staff.manage")


def _set_roles(tx: Session, staff_id: UUID, roles: Sequence[RoleHeld]) -> None:
    tx.execute(delete(StaffRole).where(StaffRole.staff_id == staff_id))
    for held in set(roles):
        tx.add(StaffRole(id=new_id(), staff_id=staff_id, role=held.role, location_id=held.location_id))


def _locked_staff(tx: Session, staff_id: UUID) -> Staff:
    staff = tx.get(Staff, staff_id, with_for_update=True)
    if staff is None:
        raise NotFound
    return staff


def _refuse_taken_email(tx: Session, email: str | None, staff_id: UUID) -> None:
    if email is not None and tx.scalar(select(Staff.id).where(Staff.email == email.lower(), Staff.id != staff_id)):
        raise EmailTaken


def _refuse_no_owner(tx: Session, *, who_signs_in: bool) -> None:
    owners = select(func.count()).select_from(StaffRole).join(Staff, Staff.id == StaffRole.staff_id)
    owners = owners.where(StaffRole.role == "owner", Staff.status == "active")
    if not tx.scalar(owners.where(Staff.email.is_not(None)) if who_signs_in else owners):
        raise LastOwner


def _face(staff: Staff, roles: Sequence[RoleHeld]) -> dict[str, Any]:
    return {
        "full_name": staff.full_name,
        "email": staff.email,
        "status": staff.status,
        "roles": [[held.role, None if held.location_id is None else str(held.location_id)] for held in roles],
    }


def _tell_staff(tx: Session, staff: Staff) -> None:
    events.publish(
        tx, events.STAFF_CHANGED, key=str(staff.id), key_version=staff.version, payload={"staff_id": str(staff.id)}
    )
