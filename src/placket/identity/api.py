"""Routes of people: signing in, oneself, staff, roles, sessions, audit."""

import io
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import segno
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from sqlalchemy.orm import Session

from placket.core import clock
from placket.core.http import (
    PAGE,
    Answer,
    Cursor,
    Id,
    Limit,
    Page,
    Strict,
    client_address,
    decode_cursor,
    page,
    refuses,
)
from placket.core.refusals import BadCursor, NotFound
from placket.core.settings import settings
from placket.identity import queries
from placket.identity.access import (
    COOKIE,
    Grant,
    NotPermitted,
    Permit,
    Principal,
    database_of,
    doorkeeper_of,
)
from placket.identity.models import Staff
from placket.identity.roles import ROLE_NAMES, VERBS
from placket.identity.service import people, sessions

router = APIRouter(prefix="/api", tags=["identity"])

Anybody = Annotated[Principal, Depends(Permit(None))]
Role = Literal["cashier", "store_manager", "warehouse", "marketer", "accountant", "owner", "it"]
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S")]
Email = Annotated[str, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Password = Annotated[str, Field(min_length=10, max_length=200)]
Pin = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class SignIn(Strict):
    """An office sign-in; ``totp`` for those who use one-time codes."""

    email: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=200)]
    totp: Annotated[str, Field(pattern=r"^[0-9]{6}$")] | None = None


class RoleGiven(Strict):
    """A role at one location, or (null) in the whole chain."""

    role: Role
    location_id: Id | None


class StaffNew(Strict):
    """Somebody to take on; the id is made by the client."""

    id: Id
    full_name: Name
    email: Email | None = None
    roles: Annotated[list[RoleGiven], Field(max_length=50)]
    pin: Pin | None = None
    password: Password | None = None


class StaffChange(Strict):
    """What to change of a person, as read at ``version``."""

    version: Annotated[int, Field(ge=1, le=2**53)]
    full_name: Name | None = None
    email: Email | None = None
    status: Literal["active", "left"] | None = None
    roles: Annotated[list[RoleGiven], Field(max_length=50)] | None = None


class PinNew(Strict):
    """Six digits."""

    pin: Pin


class PasswordNew(Strict):
    """At least ten characters."""

    password: Password


class PasswordChange(Strict):
    """One's own password."""

    current: Annotated[str, Field(max_length=200)]
    new: Password


class Code(Strict):
    """A one-time code."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class PasswordGiven(Strict):
    """One's password, again."""

    password: Annotated[str, Field(max_length=200)]


class Reach(Answer):
    """Where a verb may be used (null: everywhere) and up to which limits."""

    location_ids: list[UUID] | None
    discount_bp_max: int | None
    refund_vnd_max: int | None


class RoleShown(Answer):
    """A role somebody holds."""

    role: str
    location_id: UUID | None


class Myself(Answer):
    """Who I am to the system."""

    id: UUID
    code: str
    full_name: str
    email: str | None
    totp: bool


class TillShown(Answer):
    """The device I sit at."""

    id: UUID
    code: str
    location_id: UUID


class Me(Answer):
    """Oneself, with what one may do."""

    staff: Myself
    company: str
    roles: list[RoleShown]
    permissions: dict[str, Reach]
    till: TillShown | None


class StaffShown(Answer):
    """A person in the list of staff."""

    id: UUID
    code: str
    full_name: str
    email: str | None
    status: str
    roles: list[RoleShown]
    has_pin: bool
    has_password: bool
    totp: bool
    version: int


class SessionShown(Answer):
    """An open session."""

    id: UUID
    staff_id: UUID
    staff_name: str
    till_code: str | None
    created_at: datetime
    last_seen_at: datetime
    ip: str | None
    user_agent: str | None
    current: bool


class TotpStart(Answer):
    """A new secret, as text, as an address and as a picture."""

    secret: str
    uri: str
    svg: str


class AuditShown(Answer):
    """A line of the audit log."""

    id: int
    at: datetime
    staff_id: UUID | None
    till_id: UUID | None
    action: str
    subject_type: str
    subject_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class VerbShown(Answer):
    """A verb of the business."""

    verb: str
    name_vi: str
    name_en: str


class RoleGrants(Answer):
    """A role and how far each of its verbs goes."""

    role: str
    name_vi: str
    name_en: str
    grants: dict[str, Reach]


class RolesTable(Answer):
    """Seven roles × verbs × limits."""

    verbs: list[VerbShown]
    roles: list[RoleGrants]


SIGN_IN_REFUSALS = refuses(sessions.WrongCredentials, sessions.TotpRequired, sessions.TooManyAttempts)


@router.post("/auth/sign-in", responses=SIGN_IN_REFUSALS, openapi_extra={"x-permission": "public"})
def sign_in(body: SignIn, request: Request, response: Response) -> Me:
    """Sign in to the office. Public."""
    now = clock.now()
    database = database_of(request)
    address = client_address(request.scope)
    subject = f"email:{body.email.strip().lower()}:{address}"
    with database.transaction() as tx:
        sessions.count_attempt(tx, subject=subject, now=now)
    with database.transaction() as tx:
        token, staff = sessions.sign_in(
            tx,
            email=body.email,
            password=body.password,
            totp=body.totp,
            ip=address,
            agent=request.headers.get("user-agent"),
            now=now,
        )
        sessions.clear_attempts(tx, subject=subject)
    with database.transaction() as tx:
        me = _me(tx, doorkeeper_of(request).admit(token))
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(sessions.OFFICE_SESSION.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=settings().secure_cookies,
    )
    assert me.staff.id == staff.id
    return me


@router.post("/auth/sign-out", status_code=204)
def sign_out(who: Anybody, request: Request, response: Response) -> None:
    """End this session."""
    with database_of(request).transaction() as tx:
        sessions.end_session(tx, session_id=who.session_id, now=clock.now())
    doorkeeper_of(request).forget(who.session_id)
    response.delete_cookie(COOKIE)


@router.get("/me")
def me(who: Anybody, request: Request) -> Me:
    """Oneself."""
    with database_of(request).transaction() as tx:
        return _me(tx, who)


@router.post("/me/password", status_code=204, responses=refuses(sessions.WrongCredentials, sessions.TooManyAttempts))
def change_own_password(body: PasswordChange, who: Anybody, request: Request) -> None:
    """Change one's own password; other sessions end."""
    now = clock.now()
    database = database_of(request)
    with database.transaction() as tx:
        sessions.count_attempt(tx, subject=f"own:{who.staff_id}", now=now)
    with database.transaction() as tx:
        people.change_own_password(tx, actor=who, current=body.current, new=body.new, now=now)
        sessions.clear_attempts(tx, subject=f"own:{who.staff_id}")


@router.post("/me/totp")
def start_totp(who: Anybody, request: Request) -> TotpStart:
    """Begin to use one-time codes: a secret for the authenticator app, not yet in force."""
    with database_of(request).transaction() as tx:
        secret, uri = people.start_totp(tx, actor=who)
    picture = io.BytesIO()
    segno.make(uri, error="m").save(picture, kind="svg", scale=4, border=2, xmldecl=False)
    return TotpStart(secret=secret, uri=uri, svg=picture.getvalue().decode())


@router.post("/me/totp/confirm", status_code=204, responses=refuses(sessions.WrongCredentials, sessions.TooManyAttempts))
def confirm_totp(body: Code, who: Anybody, request: Request) -> None:
    """Put one-time codes in force."""
    now = clock.now()
    database = database_of(request)
    with database.transaction() as tx:
        sessions.count_attempt(tx, subject=f"own:{who.staff_id}", now=now)
    with database.transaction() as tx:
        people.confirm_totp(tx, actor=who, code=body.code, now=now)
        sessions.clear_attempts(tx, subject=f"own:{who.staff_id}")


@router.post("/me/totp/drop", status_code=204, responses=refuses(sessions.WrongCredentials, sessions.TooManyAttempts))
def drop_totp(body: PasswordGiven, who: Anybody, request: Request) -> None:
    """Stop using one-time codes."""
    now = clock.now()
    database = database_of(request)
    with database.transaction() as tx:
        sessions.count_attempt(tx, subject=f"own:{who.staff_id}", now=now)
    with database.transaction() as tx:
        people.drop_totp(tx, actor=who, password=body.password)
        sessions.clear_attempts(tx, subject=f"own:{who.staff_id}")


@router.get("/sessions")
def list_sessions(who: Anybody, request: Request, staff_id: UUID | None = None) -> Page[SessionShown]:
    """One's own sessions; somebody else's for those who may read sessions."""
    if staff_id not in (None, who.staff_id) and not who.may("session.read"):
        raise NotPermitted(verb="session.read")
    with database_of(request).transaction() as tx:
        rows = queries.live_sessions(tx, staff_id=staff_id or who.staff_id, now=clock.now())
    items = [SessionShown(**row._asdict(), current=row.id == who.session_id) for row in rows]
    return Page(items=items, next_cursor=None)


@router.delete("/sessions/{session_id}", status_code=204, responses=refuses(NotFound))
def revoke_session(session_id: UUID, who: Anybody, request: Request) -> None:
    """End a session: one's own, or anybody's for those who manage staff."""
    with database_of(request).transaction() as tx:
        session = queries.session_of(tx, session_id)
        if session is None or (session.staff_id != who.staff_id and not who.may("staff.manage")):
            raise NotFound
        sessions.end_session(tx, session_id=session_id, now=clock.now())
    doorkeeper_of(request).forget(session_id)


@router.get("/staff", responses=refuses(BadCursor))
def list_staff(
    who: Annotated[Principal, Depends(Permit("staff.read"))],
    request: Request,
    q: Annotated[str | None, Query(max_length=100)] = None,
    location_id: UUID | None = None,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> Page[StaffShown]:
    """People who work here; a manager of one branch sees that branch."""
    after = decode_cursor(cursor, str, UUID)
    scope = who.scope("staff.read")
    if scope is not None and location_id not in scope:
        location_id = scope[0]
    with database_of(request).transaction() as tx:
        place = None if after is None else (str(after[0]), UUID(str(after[1])))
        rows = queries.list_staff(tx, q=q, location_id=location_id, after=place, limit=limit)
        shown, next_cursor = page(rows, limit, lambda staff: (staff.full_name, staff.id))
        held = people.roles_of(tx, [staff.id for staff in shown])
        return Page(items=[_staff(staff, held.get(staff.id, [])) for staff in shown], next_cursor=next_cursor)


ManageStaff = Annotated[Principal, Depends(Permit("staff.manage"))]


@router.post("/staff", status_code=201, responses=refuses(people.EmailTaken, NotPermitted))
def create_staff(body: StaffNew, who: ManageStaff, request: Request) -> StaffShown:
    """Take somebody on."""
    roles = _roles(body.roles, who)
    with database_of(request).transaction() as tx:
        staff = people.create_staff(
            tx,
            staff_id=body.id,
            full_name=body.full_name.strip(),
            email=body.email,
            roles=roles,
            password=body.password,
            pin=body.pin,
            actor=who,
            now=clock.now(),
        )
        return _staff(staff, roles)


@router.patch(
    "/staff/{staff_id}",
    responses=refuses(NotFound, people.AlreadyChanged, people.EmailTaken, people.LastOwner, NotPermitted),
)
def update_staff(staff_id: UUID, body: StaffChange, who: ManageStaff, request: Request) -> StaffShown:
    """Change a person's record."""
    roles = None if body.roles is None else _roles(body.roles, who)
    with database_of(request).transaction() as tx:
        staff = people.update_staff(
            tx,
            staff_id=staff_id,
            version=body.version,
            full_name=body.full_name,
            email=body.email,
            status=body.status,
            roles=roles,
            actor=who,
            now=clock.now(),
        )
        return _staff(staff, people.roles_of(tx, [staff_id]).get(staff_id, []))


@router.post("/staff/{staff_id}/pin", status_code=204, responses=refuses(NotFound))
def set_pin(staff_id: UUID, body: PinNew, who: ManageStaff, request: Request) -> None:
    """Give somebody a new PIN."""
    with database_of(request).transaction() as tx:
        people.set_pin(tx, staff_id=staff_id, pin=body.pin, actor=who)


@router.post("/staff/{staff_id}/password", status_code=204, responses=refuses(NotFound))
def set_password(staff_id: UUID, body: PasswordNew, who: ManageStaff, request: Request) -> None:
    """Give somebody a new password; their sessions end."""
    with database_of(request).transaction() as tx:
        people.set_password(tx, staff_id=staff_id, password=body.password, actor=who, now=clock.now())


@router.get("/roles")
def roles_table(_who: Annotated[Principal, Depends(Permit("staff.read"))], request: Request) -> RolesTable:
    """Who may do what, as it stands now."""
    with database_of(request).transaction() as tx:
        grants = queries.grants_by_role(tx)
    return RolesTable(
        verbs=[VerbShown(verb=verb, name_vi=vi, name_en=en) for verb, (vi, en) in VERBS.items()],
        roles=[
            RoleGrants(
                role=role,
                name_vi=vi,
                name_en=en,
                grants={verb: _reach(grant) for verb, grant in grants.get(role, {}).items()},
            )
            for role, (vi, en) in ROLE_NAMES.items()
        ],
    )


@router.get("/audit", responses=refuses(BadCursor))
def audit_log(
    _who: Annotated[Principal, Depends(Permit("audit.read"))],
    request: Request,
    subject_type: Annotated[str | None, Query(max_length=40)] = None,
    subject_id: Annotated[str | None, Query(max_length=80)] = None,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> Page[AuditShown]:
    """Who did what, newest first."""
    after = decode_cursor(cursor, int)
    with database_of(request).transaction() as tx:
        rows = queries.audit_rows(
            tx,
            subject_type=subject_type,
            subject_id=subject_id,
            before_id=None if after is None else after[0],
            limit=limit,
        )
        shown, next_cursor = page(rows, limit, lambda row: (row.id,))
        return Page(items=[AuditShown.model_validate(row, from_attributes=True) for row in shown], next_cursor=next_cursor)


def _me(tx: Session, who: Principal) -> Me:
    staff = tx.get_one(Staff, who.staff_id)
    company = queries.company(tx)
    return Me(
        staff=Myself(
            id=staff.id,
            code=staff.code,
            full_name=staff.full_name,
            email=staff.email,
            totp=staff.totp_confirmed_at is not None,
        ),
        company="" if company is None else company.name,
        roles=[
            RoleShown(role=held.role, location_id=held.location_id)
            for held in people.roles_of(tx, [staff.id]).get(staff.id, [])
        ],
        permissions={verb: _reach(grant) for verb, grant in who.grants.items()},
        till=None if who.till is None else TillShown(id=who.till.id, code=who.till.code, location_id=who.till.location_id),
    )


def _reach(grant: Grant) -> Reach:
    return Reach(
        location_ids=None if grant.location_ids is None else sorted(grant.location_ids),
        discount_bp_max=grant.discount_bp_max,
        refund_vnd_max=grant.refund_vnd_max,
    )


def _staff(staff: Staff, held: list[people.RoleHeld]) -> StaffShown:
    return StaffShown(
        id=staff.id,
        code=staff.code,
        full_name=staff.full_name,
        email=staff.email,
        status=staff.status,
        roles=[RoleShown(role=role.role, location_id=role.location_id) for role in held],
        has_pin=staff.pin_hash is not None,
        has_password=staff.password_hash is not None,
        totp=staff.totp_confirmed_at is not None,
        version=staff.version,
    )


def _roles(given: list[RoleGiven], who: Principal) -> list[people.RoleHeld]:
    """The roles to give. Nobody makes an owner but an owner."""
    if any(role.role == "owner" for role in given) and not who.may("price.override"):
        raise NotPermitted(verb="staff.manage")
    return [people.RoleHeld(role.role, role.location_id) for role in given]
