"""Who is asking, and may they: tokens, the principal behind them, and the permission every route declares.

Tokens are opaque; the database holds their SHA-256. A process remembers principals for at most a minute and forgets one
within a second of its revocation, because the event tail calls ``forget``.
"""

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from fastapi import Request
from sqlalchemy import ColumnElement, or_, select, text
from sqlalchemy.orm import Session

from placket.core import clock
from placket.core.db import Database
from placket.core.ids import LocationId, StaffId, TillId
from placket.core.refusals import Refusal
from placket.identity.models import RoleGrant, Staff, StaffRole, StaffSession, Till

COOKIE = "placket_session"
REMEMBER_S = 60.0
REMEMBER_MAX = 10_000


class NotSignedIn(Refusal):
    """No token, or one that is unknown, expired or revoked."""

    code = "not_signed_in"
    status = 401
    vi = "Bạn chưa đăng nhập hoặc phiên đã hết hạn. Hãy đăng nhập lại."
    en = "You are not signed in, or the session has ended. Sign in again."


class NotPermitted(Refusal):
    """The signed-in person may not do this here."""

    code = "not_permitted"
    status = 403
    vi = "Bạn không có quyền làm việc này ở đây. Hãy nhờ quản lý."
    en = "You may not do this here. Ask a manager."


class ForeignRequest(Refusal):
    """A browser session's change that did not come from our own pages."""

    code = "foreign_request"
    status = 403
    vi = "Yêu cầu không đến từ trang của Placket."
    en = "The request did not come from Placket's own pages."


@dataclass(frozen=True, slots=True)
class Grant:
    """How far one verb reaches: at which locations (none: all) and up to which limits."""

    location_ids: frozenset[UUID] | None
    discount_bp_max: int | None
    refund_vnd_max: int | None


@dataclass(frozen=True, slots=True)
class TillFacts:
    """The device a session sits at."""

    id: TillId
    location_id: LocationId
    code: str
    till_no: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody signed in, with what they may do. At a till their reach is that till's branch."""

    session_id: UUID
    staff_id: StaffId
    staff_name: str
    grants: Mapping[str, Grant]
    till: TillFacts | None
    expires_at: datetime

    def may(self, verb: str, location_id: UUID | None = None) -> bool:
        """Whether the verb is granted (there, if a location is given)."""
        grant = self.grants.get(verb)
        if grant is None:
            return False
        return location_id is None or grant.location_ids is None or location_id in grant.location_ids

    def demand(self, verb: str, location_id: UUID) -> None:
        """Refuse ``NotPermitted`` unless the verb is granted at the location."""
        if not self.may(verb, location_id):
            raise NotPermitted(verb=verb)

    def scope(self, verb: str) -> list[UUID] | None:
        """The locations a query for this verb may show; none means all of them."""
        grant = self.grants[verb]
        return None if grant.location_ids is None else sorted(grant.location_ids)


def new_token() -> str:
    """256 random bits, for a person who is signed in or a device that is paired."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What the database keeps of a token."""
    return sha256(token.encode()).digest()


class Doorkeeper:
    """Turns tokens into principals and remembers them for a while."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, tuple[Principal, float]] = {}
        self._forgotten = 0

    def admit(self, token: str | None) -> Principal:
        """The principal behind a token; blocks on the database when it is not remembered. Refuses ``NotSignedIn``."""
        if not token:
            raise NotSignedIn
        digest = token_hash(token)
        remembered = self._remembered(digest)
        if remembered is not None:
            return remembered
        now = clock.now()
        forgotten = self._forgotten
        with self._database.transaction() as tx:
            principal = find_principal(tx, digest, now=now)
        if principal is None:
            raise NotSignedIn
        if forgotten != self._forgotten:
            return principal  # somebody's rights ended while these were read: true a moment ago, not to be remembered
        if len(self._known) >= REMEMBER_MAX:
            self._known.clear()
        self._known[digest] = (principal, time.monotonic() + REMEMBER_S)
        return principal

    async def admit_soon(self, token: str | None) -> Principal:
        """The same for asynchronous callers: no I/O when remembered, a thread when not."""
        if token:
            remembered = self._remembered(token_hash(token))
            if remembered is not None:
                return remembered
        return await asyncio.to_thread(self.admit, token)

    def forget(self, session_id: UUID | None = None) -> None:
        """Drop what is remembered of a session, or of everybody when roles have changed."""
        self._forgotten += 1
        for digest, (principal, _) in list(self._known.items()):
            if session_id is None or principal.session_id == session_id:
                self._known.pop(digest, None)

    def _remembered(self, digest: bytes) -> Principal | None:
        entry = self._known.get(digest)
        if entry is None or time.monotonic() > entry[1] or clock.now() >= entry[0].expires_at:
            return None
        return entry[0]


def find_principal(tx: Session, digest: bytes, *, now: datetime) -> Principal | None:
    """The principal of the live session a token belongs to, or none."""
    return _principal(tx, StaffSession.token_hash == digest, now)


def principal_of_session(tx: Session, session_id: UUID, *, now: datetime) -> Principal | None:
    """The principal of a live session, or none."""
    return _principal(tx, StaffSession.id == session_id, now)


def _principal(tx: Session, which: ColumnElement[bool], now: datetime) -> Principal | None:
    row = tx.execute(
        select(StaffSession, Staff, Till)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .outerjoin(Till, Till.id == StaffSession.till_id)
        .where(
            which,
            StaffSession.revoked_at.is_(None),
            StaffSession.expires_at > now,
            Staff.status == "active",
        )
    ).one_or_none()
    if row is None:
        return None
    session, staff, till = row
    if till is not None and till.status != "active":
        return None
    session.last_seen_at = now
    return Principal(
        session_id=session.id,
        staff_id=StaffId(staff.id),
        staff_name=staff.full_name,
        grants=grants_of(tx, staff.id, at=None if till is None else till.location_id),
        till=None if till is None else till_facts(tx, till),
        expires_at=session.expires_at,
    )


def till_facts(tx: Session, till: Till) -> TillFacts:
    """The facts of a device, its code as printed on receipts (``HN03-2``)."""
    branch = tx.scalar(text("SELECT code FROM location WHERE id = :id"), {"id": till.location_id})
    return TillFacts(
        id=TillId(till.id),
        location_id=LocationId(till.location_id),
        code=f"{branch}-{till.number}",
        till_no=till.till_no,
        epoch=till.epoch,
    )


def grants_of(tx: Session, staff_id: UUID, *, at: UUID | None) -> dict[str, Grant]:
    """What somebody may do; at a till only there. Several roles add up, the higher limit wins."""
    rows = tx.execute(
        select(RoleGrant, StaffRole.location_id)
        .join(StaffRole, StaffRole.role == RoleGrant.role)
        .where(StaffRole.staff_id == staff_id)
    ).all()
    grants: dict[str, Grant] = {}
    for grant, location_id in rows:
        if at is not None and location_id not in (None, at):
            continue
        place = at or location_id
        here = None if place is None else frozenset({place})
        known = grants.get(grant.verb)
        if known is None:
            grants[grant.verb] = Grant(here, grant.discount_bp_max, grant.refund_vnd_max)
            continue
        grants[grant.verb] = Grant(
            None if here is None or known.location_ids is None else here | known.location_ids,
            _higher(known.discount_bp_max, grant.discount_bp_max),
            _higher(known.refund_vnd_max, grant.refund_vnd_max),
        )
    return grants


def grants_at(tx: Session, location_id: UUID) -> dict[UUID, dict[str, Grant]]:
    """What everybody of a branch may do there, by person."""
    rows = tx.execute(
        select(RoleGrant, StaffRole.staff_id)
        .join(StaffRole, StaffRole.role == RoleGrant.role)
        .where(or_(StaffRole.location_id.is_(None), StaffRole.location_id == location_id))
    ).all()
    people: dict[UUID, dict[str, Grant]] = {}
    here = frozenset({location_id})
    for grant, staff_id in rows:
        held = people.setdefault(staff_id, {})
        known = held.get(grant.verb) or Grant(here, grant.discount_bp_max, grant.refund_vnd_max)
        held[grant.verb] = Grant(
            here,
            _higher(known.discount_bp_max, grant.discount_bp_max),
            _higher(known.refund_vnd_max, grant.refund_vnd_max),
        )
    return people


def _higher(one: int | None, other: int | None) -> int | None:
    """The wider of two limits; none is no limit."""
    return None if one is None or other is None else max(one, other)


def token_of(request: Request) -> str | None:
    """The bearer token, or the cookie's together with the header that only our own pages send.

    Refuses ``ForeignRequest`` when a browser session changes something without that header.
    """
    bearer = request.headers.get("authorization", "")
    if bearer.lower().startswith("bearer "):
        return bearer[7:].strip()
    cookie = request.cookies.get(COOKIE)
    if cookie and request.method not in {"GET", "HEAD", "OPTIONS"} and request.headers.get("x-placket") != "1":
        raise ForeignRequest
    return cookie


class Permit:
    """A route's declaration of who may call it: ``who: Annotated[Principal, Depends(Permit("stock.read"))]``."""

    def __init__(self, verb: str | None) -> None:
        self.verb = verb

    def __call__(self, request: Request) -> Principal:
        """The principal, or a refusal."""
        principal = doorkeeper_of(request).admit(token_of(request))
        self.check(principal)
        return principal

    def check(self, principal: Principal) -> None:
        """Refuse ``NotPermitted`` unless the verb is granted somewhere; where exactly is the query's business."""
        if self.verb is not None and not principal.may(self.verb):
            raise NotPermitted(verb=self.verb)


def paired_till(request: Request) -> TillFacts:
    """A route's declaration that a paired device may call it, whoever stands before it. Refuses ``NotSignedIn``."""
    with database_of(request).transaction() as tx:
        till = tx.scalar(select(Till).where(Till.token_hash == token_hash(token_of(request) or ""), Till.status == "active"))
        if till is None:
            raise NotSignedIn
        return till_facts(tx, till)


def doorkeeper_of(request: Request) -> Doorkeeper:
    """The process's doorkeeper."""
    keeper = request.app.state.doorkeeper
    assert isinstance(keeper, Doorkeeper)
    return keeper


def database_of(request: Request) -> Database:
    """The process's database."""
    database = request.app.state.database
    assert isinstance(database, Database)
    return database
