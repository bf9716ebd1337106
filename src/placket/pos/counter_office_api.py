"""Routes by which the office tells the counters something, and says what branches are to sell."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Id, Page, Strict, refuses
from placket.core.refusals import NotFound
from placket.pos import day

router = APIRouter(prefix="/api/messages", tags=["counter"])

Writer = Annotated[identity.Principal, Depends(identity.Permit("message.write"))]
Planner = Annotated[identity.Principal, Depends(identity.Permit("target.write"))]
MOST_DAYS: Final = timedelta(days=62)


class MessageWish(Strict):
    """Words for one branch, or for all."""

    title: Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S")]
    body: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
    location_id: Id | None = None
    until_on: date | None = Field(default=None, strict=False)


class MessageWritten(Answer):
    """A message as the office sees it."""

    id: UUID
    title: str
    body: str
    location_id: UUID | None
    location_name: str | None
    until_on: date | None
    written_at: datetime
    written_by_name: str
    readers: int


class TargetWish(Strict):
    """What is to be sold on a day, by a branch or by one of its people."""

    location_id: Id
    staff_id: Id | None = None
    on: date = Field(strict=False)
    target_vnd: Annotated[int, Field(ge=1, le=10**12)]


class TargetShown(Answer):
    """What a branch is to sell on a day."""

    location_id: UUID
    on_date: date
    target_vnd: int


class TargetPlanned(Strict):
    """What a branch is to sell on a day; nothing takes its target away."""

    location_id: Id
    on: date = Field(strict=False)
    target_vnd: Annotated[int, Field(ge=1, le=10**12)] | None


class TargetPlan(Strict):
    """Days of branches, as they were changed together."""

    targets: Annotated[list[TargetPlanned], Field(min_length=1, max_length=5000)]


@router.get("")
def list_messages(who: Writer, request: Request) -> Page[MessageWritten]:
    """What was told to the branches one writes to."""
    with identity.database_of(request).transaction() as tx:
        rows = day.messages_written(tx, scope=who.scope("message.write"))
    return Page(items=[MessageWritten.model_validate(row, from_attributes=True) for row in rows], next_cursor=None)


@router.post("", status_code=204, responses=refuses(NotFound, identity.NotPermitted))
def write(body: MessageWish, who: Writer, request: Request) -> None:
    """Tell the counters something."""
    with identity.database_of(request).transaction() as tx:
        day.write_message(
            tx,
            title=body.title.strip(),
            body=body.body.strip(),
            location_id=body.location_id,
            until_on=body.until_on,
            who=who,
            now=clock.now(),
        )


@router.post("/{message_id}/withdraw", status_code=204, responses=refuses(NotFound))
def withdraw(message_id: UUID, who: Writer, request: Request) -> None:
    """The counters show it no more."""
    with identity.database_of(request).transaction() as tx:
        day.withdraw_message(tx, message_id=message_id, who=who, on=clock.business_day(clock.now()))


@router.get("/targets")
def list_targets(who: Planner, request: Request, from_on: date, to_on: date) -> Page[TargetShown]:
    """What the branches one plans for are to sell, day by day; at most two months of days are answered."""
    last = min(to_on, from_on + MOST_DAYS)
    with identity.database_of(request).transaction() as tx:
        rows = day.targets_of(tx, scope=who.scope("target.write"), from_on=from_on, to_on=last)
    return Page(items=[TargetShown.model_validate(row, from_attributes=True) for row in rows], next_cursor=None)


@router.put("/targets/plan", status_code=204, responses=refuses(NotFound, identity.NotPermitted))
def plan(body: TargetPlan, who: Planner, request: Request) -> None:
    """Set many days of branches at once, all or none; the last word about a day counts."""
    targets = {(one.location_id, one.on): one.target_vnd for one in body.targets}
    with identity.database_of(request).transaction() as tx:
        day.set_targets(tx, targets=targets, who=who)


@router.put("/targets", status_code=204, responses=refuses(NotFound, identity.NotPermitted))
def set_target(body: TargetWish, who: Planner, request: Request) -> None:
    """Set what a branch or a person is to sell on a day."""
    with identity.database_of(request).transaction() as tx:
        day.set_target(
            tx, location_id=body.location_id, staff_id=body.staff_id, on=body.on, target_vnd=body.target_vnd, who=who
        )
