"""Routes of people: signing in, oneself, staff, roles, sessions, audit."""

import io
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import segno
from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from sqlalchemy.orm import Session

from placket.core import clock
from placket.core.http import (
    Answer,
    Page,
    Strict,
    client_address,
    refuses,
)
from placket.core.refusals import NotFound
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


SIGN_IN_REFUSALS = refuses(sessions.WrongCredentials, sessions.TotpRequired, sessions.TooManyAttempts)


@router.post("/auth/sign-in", responses=SIGN_IN_REFUSALS, openapi_extra={"x-permission": "public"})
def sign_in(body: SignIn, request: Request, response: Response) -> Me:
    """Sign in to the office. Public."""
    now = clock.now()
    database = database_of(request)
    address = client_address(request.scope)
    with database.transaction() as tx:
        sessions.count_sign_in(tx, email=body.email, address=address, now=now)
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
        sessions.clear_sign_in(tx, email=body.email, address=address)
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
    """Sign out here."""
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


@router.post("/me/totp", responses=refuses(people.TotpInForce))
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
        permissions={verb: reach(grant) for verb, grant in who.grants.items()},
        till=None if who.till is None else TillShown(id=who.till.id, code=who.till.code, location_id=who.till.location_id),
    )


def reach(grant: Grant) -> Reach:
    """A grant as clients see it."""
    return Reach(
        location_ids=None if grant.location_ids is None else sorted(grant.location_ids),
        discount_bp_max=grant.discount_bp_max,
        refund_vnd_max=grant.refund_vnd_max,
    )
