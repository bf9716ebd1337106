"""Routes of depots: parcels with goods that come back, and scanning them in."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from sqlalchemy.orm import Session

from placket import crm, identity, inventory
from placket.core import clock
from placket.core.http import Answer, Strict, refuses
from placket.core.refusals import NotFound
from placket.sales import courier_queries, courier_returning, returning
from placket.sales.courier_models import CourierReturn

router = APIRouter(prefix="/api/courier-returns", tags=["returns"])

Handler = Annotated[identity.Principal, Depends(identity.Permit("stock.handle"))]
LATELY = timedelta(days=2)


class BackListed(Answer):
    """A parcel that a depot waits for, or that has come lately."""

    id: UUID
    code: str
    kind: Literal["asked", "undelivered"]
    state: Literal["asked", "booked", "done", "cancelled"]
    location_name: str
    asked_at: datetime
    carrier: str | None
    tracking_no: str | None
    parcel_state: str | None
    of_code: str | None
    name: str | None
    pieces: int


class ParcelStep(Answer):
    """What the carrier has told of it."""

    at: datetime
    kind: str
    reason: str | None


class ParcelBack(Answer):
    """The parcel, and the way it has come."""

    carrier: str
    tracking_no: str
    label_url: str | None
    state: str
    booked_at: datetime
    cod_vnd: int
    track: list[ParcelStep]


class BackLine(Answer):
    """Pieces that come back, as people know them, and what of them came."""

    line_no: int
    variant_id: UUID
    name_vi: str
    name_en: str
    sku: str
    colour_vi: str
    colour_en: str
    size: str
    picture: str | None
    qty: int
    reason: str
    refund_vnd: int
    came: int | None
    condition: Literal["sell", "damaged", "scrap"] | None


class BackShown(Answer):
    """A return by courier whole."""

    id: UUID
    code: str
    kind: Literal["asked", "undelivered", "unsent"]
    state: Literal["asked", "booked", "done", "cancelled"]
    of_sale_id: UUID
    of_code: str | None
    location_name: str
    form: Literal["card", "transfer", "store_credit", "cod"]
    pay_to: dict[str, Any] | None
    sender: dict[str, Any] | None
    asked_at: datetime
    ended_at: datetime | None
    sale_id: UUID | None
    refund_vnd: int
    refund_state: str | None
    parcel: ParcelBack | None
    lines: list[BackLine]


class LineCame(Strict):
    """What came of a line."""

    line_no: Annotated[int, Field(ge=1, le=32_767)]
    qty: Annotated[int, Field(ge=0, le=999)]
    condition: Literal["sell", "damaged", "scrap"] = "sell"


class ParcelOpened(Strict):
    """What was in the parcel, every line of it once."""

    lines: Annotated[list[LineCame], Field(min_length=1, max_length=100)]


@router.get("")
def listed(who: Handler, request: Request, q: Annotated[str | None, Query(max_length=60)] = None) -> list[BackListed]:
    """What the places of somebody wait for, what has arrived first; ``q`` is the number on the parcel, or a code."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        rows = courier_queries.waiting(tx, scope=who.scope("stock.handle"), q=q, since=now - LATELY)
    return [BackListed.model_validate(row, from_attributes=True) for row in rows]


@router.get("/{return_id}", responses=refuses(NotFound))
def back(return_id: UUID, who: Handler, request: Request) -> BackShown:
    """One of them."""
    with identity.database_of(request).snapshot() as tx:
        return _shown(tx, return_id, who)


@router.post(
    "/{return_id}/receive",
    responses=refuses(
        NotFound,
        courier_returning.ReturnOver,
        courier_returning.NothingCame,
        returning.AlreadyReturned,
        returning.ReturnOfVoid,
        identity.NotPermitted,
    ),
)
def receive(return_id: UUID, body: ParcelOpened, who: Handler, request: Request) -> BackShown:
    """Take the goods in: what can be sold is on the shelf at once, the money goes back. Done again it changes nothing."""
    came = [courier_returning.Came(line.line_no, line.qty, line.condition) for line in body.lines]
    with identity.database_of(request).transaction() as tx:
        _demand(tx, return_id, who)
        by = inventory.By(who.staff_id, None if who.till is None else who.till.id)
        courier_returning.receive(tx, return_id=return_id, came=came, by=by, now=clock.now())
    with identity.database_of(request).snapshot() as tx:
        return _shown(tx, return_id, who)


def _demand(tx: Session, return_id: UUID, who: identity.Principal) -> None:
    if not who.may("stock.handle", courier_returning.locked(tx, return_id).location_id):
        raise NotFound


def _shown(tx: Session, return_id: UUID, who: identity.Principal) -> BackShown:
    found = tx.get(CourierReturn, return_id)
    if found is None or not who.may("stock.handle", found.location_id):
        raise NotFound
    seen = courier_queries.shown(tx, found)
    if not who.may("customer.reveal") and seen["sender"] is not None:
        seen["sender"] = seen["sender"] | {"phone": crm.masked_phone(seen["sender"]["phone"])}
    if not who.may("payment.read"):
        seen["pay_to"] = None
    return BackShown.model_validate(seen)
