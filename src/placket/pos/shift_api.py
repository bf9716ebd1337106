"""Routes of shifts: a till opens, counts and closes them; the office reads them."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from sqlalchemy.orm import Session

from placket import identity
from placket.core import clock
from placket.core.http import Cursor, Id, Limit, Page, Strict, newest_moment_first, page, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.pos import shift_queries as queries
from placket.pos import shift_rules as rules
from placket.pos import shift_shapes as shapes
from placket.pos import shifts
from placket.pos.shift_models import Shift

router = APIRouter(prefix="/api/till/shift", tags=["shifts"])
office = APIRouter(prefix="/api/shifts", tags=["shifts"])

Runner = Annotated[identity.Principal, Depends(identity.Permit("shift.run"))]
Reader = Annotated[identity.Principal, Depends(identity.Permit("shift.read"))]
Reason = Annotated[str, Field(min_length=3, max_length=300, pattern=r"\S")]
Denomination = Literal[500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000]


class Notes(Strict):
    """So many notes of one denomination."""

    value_vnd: Denomination
    count: Annotated[int, Field(ge=0, le=9999)]


Pieces = Annotated[list[Notes], Field(max_length=len(rules.DENOMINATIONS))]


class Approval(Strict):
    """Somebody else has just agreed at this till."""

    approved_by: Id
    approval_id: Id


class OpenWish(Strict):
    """The float, counted."""

    id: Id
    pieces: Pieces
    note: Annotated[str, Field(max_length=300)] | None = None


class TakeOver(Strict):
    """Which shift, and who agrees."""

    shift_id: Id
    approval: Approval | None = None


class MoveWish(Strict):
    """Cash in or out, and why."""

    id: Id
    shift_id: Id
    kind: Literal["in", "out"]
    amount_vnd: Annotated[int, Field(ge=1, le=1_000_000_000)]
    reason: Reason
    approval: Approval | None = None


class CountWish(Strict):
    """What is in the drawer."""

    id: Id
    shift_id: Id
    pieces: Pieces


class CloseWish(Strict):
    """Close on the last count."""

    shift_id: Id
    reason: Reason | None = None
    deposit_bag: Annotated[str, Field(max_length=60)] | None = None
    approval: Approval | None = None


@router.get("", responses=refuses(identity.NotPermitted))
def shift_now(who: Runner, request: Request) -> shapes.ShiftNow:
    """The till's open shift, or what the last one left."""
    till = shifts.till_of(who)
    with identity.database_of(request).transaction() as tx:
        shift = queries.open_shift_of(tx, till.id)
        last = queries.last_close_of(tx, till.id)
        return shapes.ShiftNow(
            shift=None if shift is None else shapes.face_of(tx, shift),
            last=None if last is None else shapes.LastClose.model_validate(last, from_attributes=True),
            may_approve=who.may(shifts.APPROVE),
            cash_out_vnd_max=rules.CASH_OUT_VND_MAX,
            variance_vnd_max=rules.VARIANCE_VND_MAX,
        )


@router.post("", status_code=201, responses=refuses(shifts.ShiftOpen, NotFound, identity.NotPermitted))
def open_shift(body: OpenWish, who: Runner, request: Request) -> shapes.ShiftFace:
    """Open a shift with a counted float."""
    with identity.database_of(request).transaction() as tx:
        shift = shifts.open_shift(
            tx, shift_id=body.id, pieces=_pieces(body.pieces), note=body.note, who=who, now=clock.now()
        )
        return shapes.face_of(tx, shift)


@router.post("/take-over", responses=refuses(shifts.NoOpenShift, shifts.ApprovalNeeded, identity.ApprovalNotLive))
def take_over(body: TakeOver, who: Runner, request: Request) -> shapes.ShiftFace:
    """Become responsible for the drawer."""
    with identity.database_of(request).transaction() as tx:
        approved_by = _approved(tx, who, body.approval, clock.now())
        return shapes.face_of(tx, shifts.take_over(tx, shift_id=body.shift_id, who=who, approved_by=approved_by))


@router.post(
    "/moves",
    status_code=201,
    responses=refuses(shifts.NoOpenShift, shifts.ApprovalNeeded, identity.ApprovalNotLive, NotFound),
)
def move_cash(body: MoveWish, who: Runner, request: Request) -> shapes.CashMoveShown:
    """Put cash into the drawer or take it out."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        approved_by = _approved(tx, who, body.approval, now)
        move = shifts.move_cash(
            tx,
            move_id=body.id,
            shift_id=body.shift_id,
            kind=body.kind,
            amount_vnd=body.amount_vnd,
            reason=body.reason.strip(),
            who=who,
            approved_by=approved_by,
            now=now,
        )
        return shapes.moves_shown(tx, [move])[0]


@router.get("/x", responses=refuses(shifts.NoOpenShift))
def x_report(who: Runner, request: Request) -> shapes.XReport:
    """How the shift stands, without resetting anything."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        shift = queries.open_shift_of(tx, shifts.till_of(who).id)
        if shift is None:
            raise shifts.NoOpenShift
        return shapes.x_of(queries.figures_of(tx, shift), now, blind=not who.may(shifts.APPROVE))


@router.post("/counts", status_code=201, responses=refuses(shifts.NoOpenShift, shifts.RecountUsed))
def count(body: CountWish, who: Runner, request: Request) -> shapes.CountShown:
    """Store what was counted; only the answer tells what it should have been."""
    with identity.database_of(request).transaction() as tx:
        made = shifts.count(
            tx, count_id=body.id, shift_id=body.shift_id, pieces=_pieces(body.pieces), who=who, now=clock.now()
        )
        return shapes.counts_shown(tx, queries.counts_of(tx, body.shift_id))[made.no - 1]


@router.post(
    "/close",
    responses=refuses(
        shifts.NoOpenShift,
        shifts.NotCounted,
        shifts.CountStale,
        shifts.ReasonNeeded,
        shifts.ApprovalNeeded,
        identity.ApprovalNotLive,
    ),
)
def close(body: CloseWish, who: Runner, request: Request) -> shapes.ZShown:
    """Close the shift on its last count; answers its Z, to be printed."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        approved_by = _approved(tx, who, body.approval, now)
        z = shifts.close(
            tx,
            shift_id=body.shift_id,
            reason=None if body.reason is None else body.reason.strip(),
            deposit_bag=body.deposit_bag or None,
            who=who,
            approved_by=approved_by,
            now=now,
        )
        return shapes.z_shown(tx, tx.get_one(Shift, body.shift_id), z)


@office.get("", responses=refuses(BadCursor))
def list_shifts(
    who: Reader,
    request: Request,
    location_id: UUID | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[shapes.ShiftListed]:
    """Shifts by the day they were opened, the newest first."""
    with identity.database_of(request).transaction() as tx:
        rows = queries.page_of_shifts(
            tx,
            scope=who.scope("shift.read"),
            location_id=location_id,
            from_on=from_on,
            to_on=to_on,
            before=newest_moment_first(cursor),
            limit=limit + 1,
        )
    found = [shapes.ShiftListed.model_validate(row, from_attributes=True) for row in rows]
    items, following = page(found, limit, lambda one: (one.opened_at.isoformat(), one.id))
    return Page(items=items, next_cursor=following)


@office.get("/variances")
def list_variances(
    who: Reader,
    request: Request,
    location_id: UUID | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> list[shapes.Variance]:
    """Over and short by person and till, the farthest off first."""
    with identity.database_of(request).transaction() as tx:
        rows = queries.variances(tx, scope=who.scope("shift.read"), location_id=location_id, from_on=from_on, to_on=to_on)
    return [shapes.Variance.model_validate(row, from_attributes=True) for row in rows]


@office.get("/{shift_id}", responses=refuses(NotFound))
def show_shift(shift_id: UUID, who: Reader, request: Request) -> shapes.ShiftShown:
    """One shift with its moves, counts, Z and what came after it."""
    with identity.database_of(request).transaction() as tx:
        shift = tx.get(Shift, shift_id)
        if shift is None or not who.may("shift.read", shift.location_id):
            raise NotFound
        return shapes.shift_shown(tx, shift, clock.now())


def _approved(tx: Session, who: identity.Principal, approval: Approval | None, now: datetime) -> UUID | None:
    """Who agrees: somebody who has just said so here, or the signed-in person if they may; none when nobody does."""
    if approval is None:
        return who.staff_id if who.may(shifts.APPROVE) else None
    identity.approval_of(
        tx,
        approval_id=approval.approval_id,
        staff_id=approval.approved_by,
        till_id=shifts.till_of(who).id,
        verb=shifts.APPROVE,
        at=now,
    )
    return approval.approved_by


def _pieces(notes: list[Notes]) -> dict[int, int]:
    pieces: dict[int, int] = {}
    for note in notes:
        pieces[note.value_vnd] = pieces.get(note.value_vnd, 0) + note.count
    return pieces
