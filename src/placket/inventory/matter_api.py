"""Routes of what waits for a person in the stock: exceptions and doubts, and how they end."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import catalog, identity
from placket.core import clock
from placket.core.http import Answer, Page, Strict, refuses
from placket.core.refusals import NotFound
from placket.inventory import matters, refusals
from placket.inventory.prices import price_of
from placket.inventory.service import exceptions, openings, recovery

router = APIRouter(prefix="/api/stock", tags=["stock"])

VERB = "stock.adjust"
Keeper = Annotated[identity.Principal, Depends(identity.Permit(VERB))]


class ExceptionShown(Answer):
    """Something odd that happened, until somebody has looked."""

    id: UUID
    kind: str
    severity: str
    location_id: UUID | None
    location_name: str | None
    variant_id: UUID | None
    sku: str | None
    name_vi: str | None
    name_en: str | None
    qty: int | None
    sale_id: UUID | None
    order_code: str | None
    reason: str | None
    staff_name: str | None
    transfer_id: UUID | None
    transfer_code: str | None
    count_id: UUID | None
    adjustment_id: UUID | None
    number: int | None
    amount_vnd: int | None
    at_risk_vnd: int | None
    web_order_id: UUID | None
    owner_name: str | None
    due_on: date | None
    opened_at: datetime


class DoubtShown(Answer):
    """Balances of one place that one cause has made doubtful; goods are named when it is one."""

    id: UUID
    reason: str
    location_id: UUID
    location_name: str
    till_code: str | None
    balances: int
    sku: str | None
    name_vi: str | None
    name_en: str | None
    at_risk_vnd: int | None
    opened_at: datetime


class MissingTill(Answer):
    """A till its branch waits for since the server was restored: it takes no new promise until all of them are back."""

    location_id: UUID
    location_name: str
    till_id: UUID
    till_code: str
    till_name: str
    last_seen_at: datetime | None
    since: datetime


class TakenOn(Strict):
    """Until when it will be seen to, if that changes."""

    due_on: Annotated[date | None, Field(strict=False)] = None


class Signed(Strict):
    """What was found, in words; stands in the audit log."""

    reason: Annotated[str, Field(min_length=3, max_length=300, pattern=r"\S")]


@router.get("/recovery")
def list_recovering(who: Keeper, request: Request) -> Page[MissingTill]:
    """The branches that wait since the server was restored, one row for each till that has not come back."""
    with identity.database_of(request).transaction() as tx:
        rows = recovery.missing_tills(tx, scope=who.scope(VERB))
    return Page(items=[MissingTill.model_validate(row, from_attributes=True) for row in rows], next_cursor=None)


@router.get("/exceptions")
def list_exceptions(who: Keeper, request: Request) -> Page[ExceptionShown]:
    """The open exceptions where one may look, at most two hundred, the urgent first."""
    with identity.database_of(request).transaction() as tx:
        rows = matters.open_exceptions(tx, scope=who.scope(VERB))
    price_at = _prices()
    items = [
        ExceptionShown(
            at_risk_vnd=matters.at_risk(row, price_at(row.location_id)),
            **{name: value for name, value in row._asdict().items() if name in ExceptionShown.model_fields},
        )
        for row in rows
    ]
    return Page(items=items, next_cursor=None)


def _prices() -> Callable[[UUID], Callable[[UUID], int]]:
    """Today's prices, place by place."""
    book, now = catalog.price_books.current(), clock.now()
    return lambda location_id: price_of(book, location_id, now)


@router.post(
    "/exceptions/{exception_id}/close",
    status_code=204,
    responses=refuses(NotFound, refusals.StillShort, refusals.NeedsItsEntry, refusals.NeedsItsDocument),
)
def close_exception(exception_id: UUID, body: Signed, who: Keeper, request: Request) -> None:
    """Say that it has been seen to."""
    with identity.database_of(request).transaction() as tx:
        closed = exceptions.close_exception(tx, exception_id=exception_id, scope=who.scope(VERB), now=clock.now())
        after = {"kind": closed.kind, "reason": body.reason.strip()}
        identity.audit(
            tx, action="exception.closed", subject_type="exception", subject_id=exception_id, actor=who, after=after
        )


@router.post("/exceptions/{exception_id}/take", status_code=204, responses=refuses(NotFound))
def take_on(exception_id: UUID, body: TakenOn, who: Keeper, request: Request) -> None:
    """See to it oneself from now on."""
    with identity.database_of(request).transaction() as tx:
        found = exceptions.take_on(
            tx, exception_id=exception_id, owner_id=who.staff_id, due_on=body.due_on, scope=who.scope(VERB)
        )
        after = {"kind": found.kind, "due_on": None if found.due_on is None else found.due_on.isoformat()}
        identity.audit(
            tx, action="exception.taken", subject_type="exception", subject_id=exception_id, actor=who, after=after
        )


@router.get("/doubts")
def list_doubts(who: Keeper, request: Request) -> Page[DoubtShown]:
    """The open doubts where one may look, by cause, at most two hundred, the oldest first."""
    with identity.database_of(request).transaction() as tx:
        rows = matters.open_doubts(tx, scope=who.scope(VERB))
    price_at = _prices()
    nameless = {"sku": None, "name_vi": None, "name_en": None}
    items = [
        DoubtShown(
            at_risk_vnd=matters.in_doubt(row, price_at(row.location_id)),
            **{name: value for name, value in row._asdict().items() if name in DoubtShown.model_fields}
            | (nameless if row.balances > 1 else {}),
        )
        for row in rows
    ]
    return Page(items=items, next_cursor=None)


@router.post(
    "/doubts/{doubt_id}/close", status_code=204, responses=refuses(NotFound, refusals.NeedsItsEntry, refusals.NeedsCount)
)
def close_doubt(doubt_id: UUID, body: Signed, who: Keeper, request: Request) -> None:
    """Sign that no sale is missing: the balances of this cause are trusted again."""
    with identity.database_of(request).transaction() as tx:
        closed = openings.assert_sure(tx, doubt_id=doubt_id, scope=who.scope(VERB), now=clock.now())
        identity.audit(
            tx,
            action="doubt.closed",
            subject_type="location",
            subject_id=closed.location_id,
            actor=who,
            after={"cause": closed.reason, "ref": closed.ref, "reason": body.reason.strip()},
        )
