"""Routes that open and change branches and depots. Reading them is in ``api``: everybody signed in may."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound
from placket.inventory.places import LocationCodeTaken, LocationInUse, change_location, open_location, places

router = APIRouter(prefix="/api/locations", tags=["locations"])

Write = Annotated[identity.Principal, Depends(identity.Permit("location.write"))]
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$")]
Hours = dict[
    Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    Annotated[str, Field(pattern=r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$")],
]


class LocationNew(Strict):
    """A branch (has tills) or a depot (has none). Its code stands on receipts and never changes."""

    id: Id
    code: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,8}$")]
    name: Line
    kind: Literal["branch", "depot"]
    city: Line
    address: Line | None = None
    phone: Line | None = None


class LocationChange(Strict):
    """What to change; what is not sent stays. Address and phone may be null."""

    name: Line | None = None
    city: Line | None = None
    address: Line | None = None
    phone: Line | None = None
    position: Annotated[int, Field(ge=1, le=10_000)] | None = None
    opening_hours: Hours | None = None
    status: Literal["active", "closed"] | None = None

    @model_validator(mode="after")
    def says_something_possible(self) -> Self:
        """Refuse a change of nothing, and null where a location always has a value."""
        if not self.model_fields_set:
            raise ValueError("nothing to change")
        for field in self.model_fields_set - {"address", "phone"}:
            if getattr(self, field) is None:
                raise ValueError(f"{field} cannot be null")
        return self


class LocationShown(Answer):
    """A branch or depot with everything receipts and the office say of it."""

    id: UUID
    code: str
    name: str
    kind: str
    city: str
    address: str | None
    phone: str | None
    position: int
    opening_hours: dict[str, Any]
    status: str


@router.post("", status_code=201, responses=refuses(LocationCodeTaken))
def new_location(body: LocationNew, who: Write, request: Request) -> LocationShown:
    """Open a branch or a depot, the last in the order of the chain."""
    database = identity.database_of(request)
    with database.transaction() as tx:
        fields = body.model_dump(exclude={"id"})
        location = open_location(tx, location_id=body.id, now=clock.now(), **fields)
        _audit(tx, "location.opened", body.id, who, fields)
        shown = LocationShown.model_validate(location, from_attributes=True)
    places.refresh(database)
    return shown


@router.patch("/{location_id}", responses=refuses(NotFound, LocationInUse))
def changed_location(location_id: UUID, body: LocationChange, who: Write, request: Request) -> LocationShown:
    """Change a branch or depot, or close it once it is empty."""
    database = identity.database_of(request)
    with database.transaction() as tx:
        changes = body.model_dump(exclude_unset=True)
        location = change_location(tx, location_id=location_id, changes=changes)
        _audit(tx, "location.changed", location_id, who, changes)
        shown = LocationShown.model_validate(location, from_attributes=True)
    places.refresh(database)
    return shown


def _audit(tx: Session, action: str, location_id: UUID, who: identity.Principal, after: dict[str, Any]) -> None:
    identity.audit(tx, action=action, subject_type="location", subject_id=location_id, actor=who, after=after)
