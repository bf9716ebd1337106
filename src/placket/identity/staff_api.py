"""Routes of staff: the people, their roles, the log of what they did, and what the company has set."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from placket.core import clock
from placket.core.http import PAGE, Answer, Cursor, Id, Limit, Page, Strict, decode_cursor, page, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.identity import queries
from placket.identity.access import NotPermitted, Permit, Principal, database_of
from placket.identity.api import Email, Name, Password, Pin, Reach, Role, RoleShown, reach
from placket.identity.models import Staff
from placket.identity.roles import ROLE_NAMES, VERBS
from placket.identity.service import people
from placket.identity.service.settings import CASH_ROUNDING, DRAWER_MAX, set_setting

router = APIRouter(prefix="/api", tags=["identity"])


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
    """What to change of a person, as read at ``version``; a null e-mail takes theirs away."""

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


class BadgeMade(Answer):
    """What stands on the badge as a barcode."""

    code: str


class StaffShown(Answer):
    """A person in the list of staff."""

    id: UUID
    code: str
    full_name: str
    email: str | None
    status: str
    roles: list[RoleShown]
    has_pin: bool
    has_badge: bool
    has_password: bool
    totp: bool
    version: int


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


class SettingsChange(Strict):
    """The step to which cash is rounded (0 leaves it as it is), and the most cash in a drawer that sells off line."""

    cash_rounding_vnd: Literal[0, 100, 500, 1000]
    drawer_vnd_max: Annotated[int, Field(ge=1_000_000, le=1_000_000_000)] | None = None


class CompanySettings(Answer):
    """What the company has set."""

    cash_rounding_vnd: int
    drawer_vnd_max: int


@router.get("/staff", responses=refuses(BadCursor))
def list_staff(
    who: Annotated[Principal, Depends(Permit("staff.read"))],
    request: Request,
    q: Annotated[str | None, Query(max_length=100)] = None,
    location_id: UUID | None = None,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> Page[StaffShown]:
    """People who work here, where one may look."""
    after = decode_cursor(cursor, str, UUID)
    scope = who.scope("staff.read")
    if location_id is not None:
        scope = [location_id] if scope is None or location_id in scope else []
    with database_of(request).transaction() as tx:
        place = None if after is None else (str(after[0]), UUID(str(after[1])))
        rows = queries.list_staff(tx, q=q, scope=scope, after=place, limit=limit)
        shown, next_cursor = page(rows, limit, lambda staff: (staff.full_name, staff.id))
        held = people.roles_of(tx, [staff.id for staff in shown])
        return Page(items=[_staff(staff, held.get(staff.id, [])) for staff in shown], next_cursor=next_cursor)


ManageStaff = Annotated[Principal, Depends(Permit("staff.manage"))]


@router.post(
    "/staff",
    status_code=201,
    responses=refuses(people.StaffIdTaken, people.EmailTaken, people.UnknownLocation, NotPermitted),
)
def create_staff(body: StaffNew, who: ManageStaff, request: Request) -> StaffShown:
    """Take somebody on."""
    roles = _roles(body.roles)
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
    responses=refuses(
        NotFound, people.AlreadyChanged, people.EmailTaken, people.LastOwner, people.UnknownLocation, NotPermitted
    ),
)
def update_staff(staff_id: UUID, body: StaffChange, who: ManageStaff, request: Request) -> StaffShown:
    """Change a person's record."""
    roles = None if body.roles is None else _roles(body.roles)
    with database_of(request).transaction() as tx:
        staff = people.update_staff(
            tx,
            staff_id=staff_id,
            version=body.version,
            full_name=body.full_name,
            email=body.email if "email" in body.model_fields_set else people.KEPT,
            status=body.status,
            roles=roles,
            actor=who,
            now=clock.now(),
        )
        return _staff(staff, people.roles_of(tx, [staff_id]).get(staff_id, []))


@router.post("/staff/{staff_id}/pin", status_code=204, responses=refuses(NotFound, NotPermitted))
def set_pin(staff_id: UUID, body: PinNew, who: ManageStaff, request: Request) -> None:
    """Give somebody a new PIN."""
    with database_of(request).transaction() as tx:
        people.set_pin(tx, staff_id=staff_id, pin=body.pin, actor=who)


@router.post("/staff/{staff_id}/badge", status_code=201, responses=refuses(NotFound, NotPermitted))
def issue_badge(staff_id: UUID, who: ManageStaff, request: Request) -> BadgeMade:
    """A new badge for somebody: its code is shown once, to be printed. The one before it is worth nothing."""
    with database_of(request).transaction() as tx:
        return BadgeMade(code=people.issue_badge(tx, staff_id=staff_id, actor=who))


@router.post("/staff/{staff_id}/password", status_code=204, responses=refuses(NotFound, NotPermitted))
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
                grants={verb: reach(grant) for verb, grant in grants.get(role, {}).items()},
            )
            for role, (vi, en) in ROLE_NAMES.items()
        ],
    )


@router.get("/settings")
def read_settings(_who: Annotated[Principal, Depends(Permit(None))], request: Request) -> CompanySettings:
    """What the company has set."""
    with database_of(request).transaction() as tx:
        return CompanySettings(
            cash_rounding_vnd=queries.setting(tx, CASH_ROUNDING), drawer_vnd_max=queries.setting(tx, DRAWER_MAX)
        )


@router.put("/settings", status_code=204)
def change_settings(
    body: SettingsChange, who: Annotated[Principal, Depends(Permit("settings.write"))], request: Request
) -> None:
    """Change what the company has set; tills and processes hear of it."""
    with database_of(request).transaction() as tx:
        for key, value in body.model_dump(exclude_none=True).items():
            set_setting(tx, key=key, value=value, actor=who, now=clock.now())


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


def _staff(staff: Staff, held: list[people.RoleHeld]) -> StaffShown:
    return StaffShown(
        id=staff.id,
        code=staff.code,
        full_name=staff.full_name,
        email=staff.email,
        status=staff.status,
        roles=[RoleShown(role=role.role, location_id=role.location_id) for role in held],
        has_pin=staff.pin_hash is not None,
        has_badge=staff.badge_hash is not None,
        has_password=staff.password_hash is not None,
        totp=staff.totp_confirmed_at is not None,
        version=staff.version,
    )


def _roles(given: list[RoleGiven]) -> list[people.RoleHeld]:
    return [people.RoleHeld(role.role, role.location_id) for role in given]
