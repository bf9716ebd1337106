"""Routes of a till at work: attach when somebody has signed in, sign off at the end."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import ConfigDict, Field

from placket import identity, inventory, sales
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.pos import queries

router = APIRouter(prefix="/api/till", tags=["tills"])

AtTill = Annotated[identity.Principal, Depends(identity.Permit("sale.sell"))]


class PromiseHeld(Strict):
    """A promise as the board of a till shows it; what else a board of another version says is passed over."""

    model_config = ConfigDict(extra="ignore")

    id: Id
    ref: Id
    kind: Literal["ship", "collect", "transfer", "hold"]
    variant_id: Id
    qty: Annotated[int, Field(ge=1, le=9999)]
    phase: Literal["asked", "confirmed", "bagged", "to_scan_back"]
    bag_code: Annotated[str | None, Field(max_length=100)] = None
    paid: bool
    pay_by: datetime | None = Field(default=None, strict=False)
    code: Annotated[str | None, Field(max_length=100)] = None
    held_for: Annotated[str | None, Field(max_length=80)] = None
    customer_id: Id | None = None
    asked_from: Id | None = None


class BoardHeld(Strict):
    """The last board that a till has stored; a server that was restored from a backup learns from it."""

    incarnation: Annotated[int, Field(ge=1, le=2**31 - 1)]
    board_no: Annotated[int, Field(ge=0, le=2**53)]
    board: Annotated[list[PromiseHeld], Field(max_length=2000)]


class Attach(Strict):
    """The opening the till has numbered: one more than its last; ``head_seq`` is how many entries its journal has."""

    opening: Annotated[int, Field(ge=1, le=2**31 - 1)]
    head_seq: Annotated[int, Field(ge=0, le=2**53)] = 0
    held: BoardHeld | None = None


class Attached(Answer):
    """The till may sell on line. ``cursor`` continues the event stream from this moment."""

    opening: int
    epoch: int
    incarnation: int
    board_no: int
    board: list[dict[str, Any]]
    last_receipt_no: int
    posted_seq: int
    receipt_prefix: str
    cursor: str
    attached_at: datetime


class Today(Answer):
    """The branch's day so far; styles by pieces sold, the best first."""

    revenue_vnd: int
    sales: int
    best_styles: list[UUID]


@router.post("/attach", responses=refuses(inventory.OpeningPassed, inventory.JournalNotDrained, identity.NotPermitted))
def attach(body: Attach, who: AtTill, request: Request) -> Attached:
    """Open the till for selling on line; asked again for the opening in force it answers the same."""
    till = _till_of(who)
    database = identity.database_of(request)
    with database.transaction() as tx:
        opening = inventory.attach(
            tx,
            till_id=till.id,
            epoch=till.epoch,
            opening=body.opening,
            head_seq=body.head_seq,
            location_id=till.location_id,
            now=clock.now(),
            held=None if body.held is None else _as_held(body.held),
        )
    with database.snapshot() as tx:
        cursor = inventory.event_position(tx)
        state = queries.till_state(tx, till_id=till.id, epoch=till.epoch)
        board = inventory.board_of(tx, location_id=till.location_id)
    return Attached(
        opening=opening.opening,
        epoch=till.epoch,
        incarnation=state.incarnation,
        board_no=state.board_no,
        board=board,
        last_receipt_no=state.last_receipt_no,
        posted_seq=state.posted_seq,
        receipt_prefix=state.receipt_prefix,
        cursor=cursor,
        attached_at=opening.attached_at,
    )


@router.post("/sign-off", status_code=204, responses=refuses(inventory.JournalNotDrained, identity.NotPermitted))
def sign_off(body: Attach, who: AtTill, request: Request) -> None:
    """End the opening: from here on the till sells nothing until it attaches again."""
    till = _till_of(who)
    with identity.database_of(request).transaction() as tx:
        inventory.sign_off(
            tx,
            till_id=till.id,
            opening=body.opening,
            location_id=till.location_id,
            now=clock.now(),
            head_seq=body.head_seq,
        )


@router.get("/today", responses=refuses(identity.NotPermitted))
def today(who: AtTill, request: Request) -> Today:
    """What this till's branch has sold today."""
    till = _till_of(who)
    with identity.database_of(request).transaction() as tx:
        row = sales.today_at(tx, location_id=till.location_id, on=clock.business_day(clock.now()))
    return Today.model_validate(row, from_attributes=True)


def _as_held(told: BoardHeld) -> inventory.HeldBoard:
    promises = [inventory.HeldPromise(**shown.model_dump()) for shown in told.board]
    return inventory.HeldBoard(told.incarnation, told.board_no, promises)


def _till_of(who: identity.Principal) -> identity.TillFacts:
    if who.till is None:
        raise identity.NotPermitted(verb="sale.sell")
    return who.till
