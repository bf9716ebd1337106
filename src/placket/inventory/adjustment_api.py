"""Routes of adjustments: correct the books with a cause and a reason; beyond what one may stand for, others decide."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from sqlalchemy import Row
from sqlalchemy.orm import Session

from placket import catalog, identity
from placket.core import clock
from placket.core.http import PAGE, Answer, Cursor, Id, Limit, Page, Strict, decode_cursor, page, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.inventory import adjustment_queries, refusals
from placket.inventory.prices import price_of
from placket.inventory.service import adjustments, moves

router = APIRouter(prefix="/api/stock/adjustments", tags=["stock"])

VERB = "stock.adjust"
Keeper = Annotated[identity.Principal, Depends(identity.Permit(VERB))]
BOOKING = (NotFound, refusals.WouldBreakPromise, identity.NotPermitted)


class Change(Strict):
    """Pieces that came in (positive) or are gone (negative)."""

    variant_id: Id
    qty: Annotated[int, Field(ge=-9999, le=9999)]


class AdjustmentAsked(Strict):
    """A correction of the books, with its cause and its reason in words."""

    id: Id
    location_id: Id
    cause: Literal["damaged", "lost", "found", "sample", "internal", "correction", "other"] = "correction"
    reason: Annotated[str, Field(min_length=3, max_length=300, pattern=r"\S")]
    lines: Annotated[list[Change], Field(min_length=1, max_length=200)]


class AdjustmentRow(Answer):
    """An adjustment in a list; ``value_vnd`` is what its pieces are worth, whichever way they go."""

    id: UUID
    number: int
    location_id: UUID
    location_name: str
    cause: str
    note: str
    state: str
    value_vnd: int
    pieces_in: int
    pieces_out: int
    asked_at: datetime
    asked_by: str
    till_code: str | None
    decided_at: datetime | None
    decided_by: str | None


class AdjustmentLineShown(Answer):
    """A line of an adjustment."""

    variant_id: UUID
    sku: str
    name_vi: str
    name_en: str
    colour_vi: str
    colour_en: str
    size: str
    qty: int
    unit_vnd: int


class AdjustmentShown(AdjustmentRow):
    """An adjustment with its lines, and whether whoever asks may decide it."""

    may_decide: bool
    lines: list[AdjustmentLineShown]


@router.get("", responses=refuses(BadCursor))
def list_adjustments(
    who: Keeper,
    request: Request,
    which: Annotated[adjustment_queries.Which, Query()] = "all",
    place_id: UUID | None = None,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> Page[AdjustmentRow]:
    """The adjustments of places where one may correct the books, newest first."""
    after = decode_cursor(cursor, UUID)
    with identity.database_of(request).transaction() as tx:
        before = None if after is None else after[0]
        rows = adjustment_queries.adjustments(
            tx, which=which, place_id=place_id, scope=who.scope(VERB), before=before, limit=limit + 1
        )
    shown, next_cursor = page(rows, limit, lambda row: (row.id,))
    return Page(items=[AdjustmentRow.model_validate(row, from_attributes=True) for row in shown], next_cursor=next_cursor)


@router.post(
    "",
    status_code=201,
    responses=refuses(*BOOKING, refusals.NothingMoves, refusals.DocumentIdReused, refusals.UnknownGoods),
)
def adjust(body: AdjustmentAsked, who: Keeper, request: Request) -> AdjustmentShown:
    """Correct the books; what is worth more than one may stand for waits for somebody who may."""
    who.demand(VERB, body.location_id)
    now, database = clock.now(), identity.database_of(request)
    book = catalog.price_books.refresh(database)  # a limit in đồng is held against today's prices, the newest ones too
    with database.transaction() as tx:
        made = adjustments.ask_adjustment(
            tx,
            adjustment_id=body.id,
            location_id=body.location_id,
            cause=body.cause,
            note=body.reason.strip(),
            lines=[moves.Move(line.variant_id, line.qty) for line in body.lines],
            limit_vnd=who.grants[VERB].refund_vnd_max,
            price_of=price_of(book, body.location_id, now),
            by=_by(who),
            now=now,
        )
        action = "stock.adjusted" if made.state == "booked" else "stock.adjustment_asked"
        after = {"document": str(body.id), "reason": body.reason, "cause": body.cause, "lines": len(body.lines)}
        identity.audit(tx, action=action, subject_type="location", subject_id=body.location_id, actor=who, after=after)
        return _shown(tx, body.id, who)


@router.get("/{adjustment_id}", responses=refuses(NotFound))
def adjustment(adjustment_id: UUID, who: Keeper, request: Request) -> AdjustmentShown:
    """An adjustment with its lines."""
    with identity.database_of(request).transaction() as tx:
        return _shown(tx, adjustment_id, who)


@router.post("/{adjustment_id}/approve", responses=refuses(*BOOKING, refusals.AdjustmentDecided, refusals.BeyondLimit))
def approve(adjustment_id: UUID, who: Keeper, request: Request) -> AdjustmentShown:
    """Stand for an adjustment that waits."""
    return _decide(adjustment_id, who, request, approved=True)


@router.post(
    "/{adjustment_id}/decline",
    responses=refuses(NotFound, identity.NotPermitted, refusals.AdjustmentDecided, refusals.BeyondLimit),
)
def decline(adjustment_id: UUID, who: Keeper, request: Request) -> AdjustmentShown:
    """Turn an adjustment down that waits: nothing is booked."""
    return _decide(adjustment_id, who, request, approved=False)


def _decide(adjustment_id: UUID, who: identity.Principal, request: Request, *, approved: bool) -> AdjustmentShown:
    with identity.database_of(request).transaction() as tx:
        row = adjustment_queries.access_adjustment(tx, adjustment_id=adjustment_id, scope=who.scope(VERB))
        made = adjustments.decide_adjustment(
            tx,
            adjustment_id=adjustment_id,
            approved=approved,
            limit_vnd=who.grants[VERB].refund_vnd_max,
            by=_by(who),
            now=clock.now(),
        )
        identity.audit(
            tx,
            action="stock.adjusted" if approved else "stock.adjustment_declined",
            subject_type="location",
            subject_id=row.location_id,
            actor=who,
            after={"document": str(adjustment_id), "reason": made.note, "asked_by": row.asked_by},
        )
        return _shown(tx, adjustment_id, who)


def _by(who: identity.Principal) -> moves.By:
    return moves.By(who.staff_id, None if who.till is None else who.till.id)


def _shown(tx: Session, adjustment_id: UUID, who: identity.Principal) -> AdjustmentShown:
    tx.flush()
    row: Row[Any] = adjustment_queries.access_adjustment(tx, adjustment_id=adjustment_id, scope=who.scope(VERB))
    limit = who.grants[VERB].refund_vnd_max
    return AdjustmentShown(
        **AdjustmentRow.model_validate(row, from_attributes=True).model_dump(),
        may_decide=row.state == "waiting" and (limit is None or row.value_vnd <= limit),
        lines=[
            AdjustmentLineShown.model_validate(line, from_attributes=True)
            for line in adjustment_queries.lines(tx, adjustment_id=adjustment_id)
        ],
    )
