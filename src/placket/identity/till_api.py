"""Routes of devices: the office's list of tills, pairing, and signing in at a till by PIN.

Taking a till out of use touches stock too, so its route is the edge's (``pos``).
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from sqlalchemy.orm import Session

from placket.core import clock
from placket.core.http import Answer, Id, Page, Strict, client_address, refuses
from placket.core.refusals import NotFound
from placket.core.settings import settings
from placket.identity import badges, queries
from placket.identity.access import (
    NotPermitted,
    NotSignedIn,
    Permit,
    Principal,
    database_of,
    doorkeeper_of,
    grants_at,
    token_of,
)
from placket.identity.models import Till
from placket.identity.receipts import receipt_key
from placket.identity.service import sessions, tills

router = APIRouter(prefix="/api", tags=["tills"])


class TillListed(Answer):
    """A till in the office's list."""

    id: UUID
    code: str
    location_id: UUID
    location_name: str
    number: int
    name: str
    status: str
    epoch: int
    paired_at: datetime | None
    last_seen_at: datetime | None
    app_version: str | None
    attached: bool


class PairingWish(Strict):
    """Which branch the device will stand in; ``till_id`` when it takes the place of a till there is."""

    location_id: Id
    till_name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]
    till_id: Id | None = None


class PairingCodeMade(Answer):
    """Eight digits to type on the device."""

    code: str
    expires_at: datetime


class Pairing(Strict):
    """What the device sends."""

    code: Annotated[str, Field(pattern=r"^[0-9]{8}$")]
    public_key: Annotated[str, Field(max_length=2000)] | None = None
    app_version: Annotated[str, Field(max_length=40)] | None = None


class TillFace(Answer):
    """The device, as it knows itself."""

    id: UUID
    code: str
    till_no: int
    number: int
    name: str
    epoch: int
    last_opening: int


class Paired(Answer):
    """The device's own token, shown once."""

    till_token: str
    till: TillFace


class Branch(Answer):
    """The branch as it stands on receipts."""

    id: UUID
    code: str
    name: str
    city: str
    address: str | None
    phone: str | None


class CompanyFace(Answer):
    """The company as it stands on receipts."""

    name: str
    tax_code: str | None


class Reach(Answer):
    """How far somebody may go with a verb; none is no limit."""

    discount_bp_max: int | None
    refund_vnd_max: int | None


class StaffTile(Answer):
    """A face on the PIN screen, with what that person may do at this branch."""

    id: UUID
    full_name: str
    initials: str
    role: str
    verbs: dict[str, Reach]


class TillSettings(Answer):
    """What the company has set for tills."""

    cash_rounding_vnd: int
    drawer_vnd_max: int
    public_address: str | None


class TillStart(Answer):
    """Everything a paired device needs before somebody signs in; ``receipt_key`` signs the codes of its receipts."""

    till: TillFace
    branch: Branch
    company: CompanyFace
    staff: list[StaffTile]
    settings: TillSettings
    receipt_key: str
    server_time: datetime


class PinSignIn(Strict):
    """Who, and their six digits."""

    staff_id: Id
    pin: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class BadgeSignIn(Strict):
    """What a scanner read from a badge."""

    code: Annotated[str, Field(pattern=r"^06[0-9]{11}$")]


class StaffFace(Answer):
    """Who signed in."""

    id: UUID
    full_name: str
    code: str


class SignedIn(Answer):
    """A session at the till, with what may be done there."""

    token: str
    expires_at: datetime
    staff: StaffFace
    permissions: dict[str, Reach]


@router.get("/tills")
def list_tills(
    who: Annotated[Principal, Depends(Permit("till.read"))], request: Request, location_id: UUID | None = None
) -> Page[TillListed]:
    """The tills one may see."""
    with database_of(request).transaction() as tx:
        rows = queries.list_tills(tx, scope=who.scope("till.read"), location_id=location_id)
        items = [TillListed.model_validate(row, from_attributes=True) for row in rows]
    return Page(items=items, next_cursor=None)


@router.post("/tills/pairing-codes", status_code=201, responses=refuses(NotFound, NotPermitted))
def make_pairing_code(
    body: PairingWish, who: Annotated[Principal, Depends(Permit("till.pair"))], request: Request
) -> PairingCodeMade:
    """A code that makes a device a till of this branch."""
    who.demand("till.pair", body.location_id)
    with database_of(request).transaction() as tx:
        queries.demand_branch(tx, body.location_id)
        code, expires_at = tills.make_pairing_code(
            tx,
            location_id=body.location_id,
            till_name=body.till_name.strip(),
            till_id=body.till_id,
            actor=who,
            now=clock.now(),
        )
    return PairingCodeMade(code=code, expires_at=expires_at)


@router.post(
    "/tills/pair",
    status_code=201,
    responses=refuses(tills.PairingCodeInvalid, sessions.TooManyAttempts),
    openapi_extra={"x-permission": "public"},
)
def pair(body: Pairing, request: Request) -> Paired:
    """Make this device a till. Public: the code is the permission, and guessing is slowed down."""
    now = clock.now()
    database = database_of(request)
    subject = f"pair:{client_address(request.scope)}"
    with database.transaction() as tx:
        sessions.count_attempt(tx, subject=subject, now=now)
    with database.transaction() as tx:
        token, till = tills.pair(tx, code=body.code, public_key=body.public_key, app_version=body.app_version, now=now)
        sessions.clear_attempts(tx, subject=subject)
        paired = Paired(till_token=token, till=_face(tx, till))
    doorkeeper_of(request).forget()
    return paired


@router.get("/till", responses=refuses(NotSignedIn), openapi_extra={"x-permission": "till"})
def till_start(request: Request) -> TillStart:
    """What a paired device shows before somebody signs in. For device tokens."""
    now = clock.now()
    with database_of(request).transaction() as tx:
        till = _till(tx, request)
        branch = queries.branch_of(tx, till.location_id)
        company = queries.company(tx)
        grants = grants_at(tx, till.location_id)
        return TillStart(
            till=_face(tx, till),
            branch=Branch.model_validate(branch, from_attributes=True),
            company=CompanyFace(
                name="" if company is None else company.name, tax_code=None if company is None else company.tax_code
            ),
            staff=[
                StaffTile(
                    id=staff.id,
                    full_name=staff.full_name,
                    initials=_initials(staff.full_name),
                    role=staff.role,
                    verbs={
                        verb: Reach(discount_bp_max=grant.discount_bp_max, refund_vnd_max=grant.refund_vnd_max)
                        for verb, grant in grants.get(staff.id, {}).items()
                    },
                )
                for staff in queries.staff_at(tx, till.location_id)
            ],
            settings=TillSettings(
                cash_rounding_vnd=queries.setting(tx, "cash_rounding_vnd"),
                drawer_vnd_max=queries.setting(tx, "drawer_vnd_max"),
                public_address=settings().public_address,
            ),
            receipt_key=receipt_key(tx, till_no=till.till_no, epoch=till.epoch).hex(),
            server_time=now,
        )


@router.post(
    "/till/sign-in",
    responses=refuses(NotSignedIn, sessions.WrongPin, sessions.TooManyAttempts),
    openapi_extra={"x-permission": "till"},
)
def sign_in(body: PinSignIn, request: Request) -> SignedIn:
    """Sign in at a till by PIN. For device tokens."""
    now = clock.now()
    database = database_of(request)
    with database.transaction() as tx:
        till_id = _till(tx, request).id
        subject = f"pin:{till_id}:{body.staff_id}"
        left = sessions.count_attempt(tx, subject=subject, now=now)
    with database.transaction() as tx:
        till = _till(tx, request)
        token, staff = sessions.sign_in_with_pin(
            tx, till=till, staff_id=body.staff_id, pin=body.pin, attempts_left=left, now=now
        )
        sessions.clear_attempts(tx, subject=subject)
        face = StaffFace(id=staff.id, full_name=staff.full_name, code=staff.code)
    return _signed_in(request, token, face)


@router.post(
    "/till/sign-in/badge",
    responses=refuses(NotSignedIn, sessions.WrongBadge, sessions.TooManyAttempts),
    openapi_extra={"x-permission": "till"},
)
def sign_in_by_badge(body: BadgeSignIn, request: Request) -> SignedIn:
    """Sign in at a till by scanning one's badge; attempts count like those of a PIN. For device tokens."""
    now = clock.now()
    number, secret = badges.read_code(body.code) or ("", "")
    database = database_of(request)
    with database.transaction() as tx:
        subject = sessions.attempts_at_till(tx, till_id=_till(tx, request).id, number=number)
        left = sessions.count_attempt(tx, subject=subject, now=now)
    with database.transaction() as tx:
        till = _till(tx, request)
        token, staff = sessions.sign_in_with_badge(tx, till=till, number=number, secret=secret, attempts_left=left, now=now)
        sessions.clear_attempts(tx, subject=subject)
        face = StaffFace(id=staff.id, full_name=staff.full_name, code=staff.code)
    return _signed_in(request, token, face)


@router.post("/till/sign-out", status_code=204)
def sign_out(who: Annotated[Principal, Depends(Permit(None))], request: Request) -> None:
    """End one's session at the till; its cart stays."""
    with database_of(request).transaction() as tx:
        sessions.end_session(tx, session_id=who.session_id, now=clock.now())
    doorkeeper_of(request).forget(who.session_id)


def _signed_in(request: Request, token: str, face: StaffFace) -> SignedIn:
    principal = doorkeeper_of(request).admit(token)
    permissions = {
        verb: Reach(discount_bp_max=grant.discount_bp_max, refund_vnd_max=grant.refund_vnd_max)
        for verb, grant in principal.grants.items()
    }
    return SignedIn(token=token, expires_at=principal.expires_at, staff=face, permissions=permissions)


def _till(tx: Session, request: Request) -> Till:
    till = queries.till_of_token(tx, token_of(request) or "")
    if till is None:
        raise NotSignedIn
    return till


def _face(tx: Session, till: Till) -> TillFace:
    return TillFace(
        id=till.id,
        code=queries.till_facts_of(tx, till.id).code,
        till_no=till.till_no,
        number=till.number,
        name=till.name,
        epoch=till.epoch,
        last_opening=till.last_opening,
    )


def _initials(full_name: str) -> str:
    """Two letters for a tile, the given name's last: ``Phương Thảo`` → ``PT``."""
    words = full_name.split()
    return "".join(word[0].upper() for word in words[-2:]) or "?"
