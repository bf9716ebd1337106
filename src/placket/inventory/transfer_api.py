"""Routes of transfers: ask, pick, ship, receive, settle what differs. Both ends see a transfer; each acts at its own."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field
from sqlalchemy import Row
from sqlalchemy.orm import Session

from placket import identity
from placket.core import clock
from placket.core.http import PAGE, Answer, Cursor, Id, Limit, Page, Strict, newest_first, page_by_id, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.inventory import refusals, transfer_queries
from placket.inventory.service import arrivals, moves, transfers

router = APIRouter(prefix="/api/transfers", tags=["transfers"])

READ = "stock.read"
Read = Annotated[identity.Principal, Depends(identity.Permit(READ))]
Ask = Annotated[identity.Principal, Depends(identity.Permit("stock.transfer"))]
Handle = Annotated[identity.Principal, Depends(identity.Permit("stock.handle"))]
Settle = Annotated[identity.Principal, Depends(identity.Permit("stock.adjust"))]
ACTING = (NotFound, refusals.TransferState, refusals.DocumentIdReused, identity.NotPermitted)
Pieces = Annotated[int, Field(ge=0, le=9999)]
Note = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")]


class Wanted(Strict):
    """Pieces of a variant to send."""

    variant_id: Id
    qty: Annotated[int, Field(ge=1, le=9999)]


class TransferAsked(Strict):
    """Goods that one place is to send to another; the id is made by the client and makes repeats harmless."""

    id: Id
    from_id: Id
    to_id: Id
    note: Note | None = None
    lines: Annotated[list[Wanted], Field(min_length=1, max_length=300)]


class Picked(Strict):
    """Pieces put into the boxes (positive) or taken out again (negative)."""

    variant_id: Id
    qty: Annotated[int, Field(ge=-9999, le=9999)]


class Picking(Strict):
    """What somebody has put into the boxes since they last said so."""

    id: Id
    lines: Annotated[list[Picked], Field(min_length=1, max_length=300)]


class Shipping(Strict):
    """The boxes leave. ``looked_for``: promised pieces that somebody has seen to be still there, by variant."""

    id: Id
    looked_for: Annotated[list[Wanted], Field(max_length=300, default_factory=list)]


class Giving(Strict):
    """An act without further facts."""

    id: Id


class Unpacked(Strict):
    """Pieces that came out of the boxes: good ones, and damaged ones."""

    variant_id: Id
    good: Pieces = 0
    damaged: Pieces = 0


class Receiving(Strict):
    """What came out of the boxes; ``complete`` when all of them have been opened."""

    id: Id
    complete: bool
    lines: Annotated[list[Unpacked], Field(max_length=600)]


class Settling(Strict):
    """What became of pieces that differed, in a word and in a sentence."""

    id: Id
    outcome: Literal["lost", "at_source", "arrived", "written_off", "restocked", "from_source", "unexplained"]
    qty: Annotated[int, Field(ge=1, le=9999)]
    note: Annotated[str, Field(min_length=3, max_length=300, pattern=r"\S")]


class TransferRow(Answer):
    """A transfer in a list: how many pieces are asked for, picked, shipped, arrived and on the way."""

    id: UUID
    code: str
    state: str
    from_id: UUID
    from_name: str
    to_id: UUID
    to_name: str
    note: str | None
    created_at: datetime
    shipped_at: datetime | None
    closed_at: datetime | None
    requested_by: str
    shipped_by: str | None
    asked: int
    picked: int
    shipped: int
    arrived: int
    on_the_way: int
    differences: int


class TransferLineShown(Answer):
    """A line of a transfer; ``free`` is what its sender may send now."""

    variant_id: UUID
    sku: str
    name_vi: str
    name_en: str
    colour_vi: str
    colour_en: str
    size: str
    picture: str | None
    asked: int
    picked: int
    shipped: int
    accepted: int
    damaged: int
    settled: int
    extra: int
    on_the_way: int
    free: int


class OutcomeShown(Answer):
    """What somebody said of some pieces of a difference."""

    outcome: str
    qty: int
    note: str


class DifferenceShown(Answer):
    """Pieces that differed on arrival, with who has to explain them by when."""

    id: UUID
    kind: str
    state: str
    qty: int
    variant_id: UUID
    sku: str
    name_vi: str
    name_en: str
    owner_id: UUID | None
    owner_name: str | None
    due_on: date | None
    opened_at: datetime
    closed_at: datetime | None
    outcomes: list[OutcomeShown]


class TransferActShown(Answer):
    """Something that was done to a transfer."""

    id: UUID
    act: str
    at: datetime
    staff_name: str | None
    till_code: str | None
    pieces: int


class TransferShown(TransferRow):
    """A transfer with everything about it."""

    lines: list[TransferLineShown]
    differences_shown: list[DifferenceShown]
    acts: list[TransferActShown]


@router.get("", responses=refuses(BadCursor))
def list_transfers(
    who: Read,
    request: Request,
    which: Annotated[transfer_queries.Which, Query()] = "open",
    place_id: UUID | None = None,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> Page[TransferRow]:
    """The transfers that begin or end where one may look, newest first."""
    before = newest_first(cursor)
    with identity.database_of(request).transaction() as tx:
        rows = transfer_queries.transfers(
            tx,
            which=which,
            place_id=place_id,
            scope=who.scope(READ),
            before=before,
            limit=limit + 1,
        )
    return page_by_id(rows, limit, lambda row: TransferRow.model_validate(row, from_attributes=True))


@router.post(
    "",
    status_code=201,
    responses=refuses(
        NotFound, refusals.NothingMoves, refusals.UnknownGoods, refusals.DocumentIdReused, identity.NotPermitted
    ),
)
def ask(body: TransferAsked, who: Ask, request: Request) -> TransferShown:
    """Ask one place to send goods to another; whoever may do so at either end."""
    if not who.may("stock.transfer", body.from_id):
        who.demand("stock.transfer", body.to_id)
    with identity.database_of(request).transaction() as tx:
        transfers.request_transfer(
            tx,
            transfer_id=body.id,
            from_id=body.from_id,
            to_id=body.to_id,
            lines=[moves.Move(line.variant_id, line.qty) for line in body.lines],
            note=(body.note or "").strip() or None,
            staff_id=who.staff_id,
            now=clock.now(),
        )
        return _shown(tx, body.id, who)


@router.get("/by-code/{code}", responses=refuses(NotFound))
def transfer_by_code(code: Annotated[str, Path(pattern=r"^[0-9]{13}$")], who: Read, request: Request) -> TransferShown:
    """The transfer whose code stands on a box."""
    with identity.database_of(request).transaction() as tx:
        row = transfer_queries.access_transfer(tx, transfer_id=None, code=code, scope=who.scope(READ))
        return _whole(tx, row)


@router.get("/{transfer_id}", responses=refuses(NotFound))
def transfer(transfer_id: UUID, who: Read, request: Request) -> TransferShown:
    """A transfer with everything about it."""
    with identity.database_of(request).transaction() as tx:
        return _shown(tx, transfer_id, who)


@router.post(
    "/{transfer_id}/pick", responses=refuses(*ACTING, refusals.NotOnTransfer, refusals.PickedTooMany, refusals.NothingMoves)
)
def pick(transfer_id: UUID, body: Picking, who: Handle, request: Request) -> TransferShown:
    """Say what lies in the boxes now, by how much it has changed."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, transfer_id, who, "stock.handle", ends=("from_id",))
        transfers.pick(
            tx,
            transfer_id=transfer_id,
            act_id=body.id,
            lines=[moves.Move(line.variant_id, line.qty) for line in body.lines],
            by=_by(who),
            now=clock.now(),
        )
        return _shown(tx, transfer_id, who)


@router.post(
    "/{transfer_id}/ship",
    responses=refuses(*ACTING, refusals.NothingMoves, refusals.ShippedTooMany, refusals.LookFirst),
)
def ship(transfer_id: UUID, body: Shipping, who: Handle, request: Request) -> TransferShown:
    """The boxes leave: their pieces are nobody's to sell until they are received."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, transfer_id, who, "stock.handle", ends=("from_id",))
        looked_for = {line.variant_id: line.qty for line in body.looked_for}
        transfers.ship(tx, transfer_id=transfer_id, act_id=body.id, looked_for=looked_for, by=_by(who), now=clock.now())
        return _shown(tx, transfer_id, who)


@router.post("/{transfer_id}/cancel", responses=refuses(*ACTING))
def cancel(transfer_id: UUID, body: Giving, who: Ask, request: Request) -> TransferShown:
    """Give up a transfer that has not left."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, transfer_id, who, "stock.transfer", ends=("from_id", "to_id"))
        transfers.cancel_transfer(tx, transfer_id=transfer_id, act_id=body.id, by=_by(who), now=clock.now())
        return _shown(tx, transfer_id, who)


@router.post("/{transfer_id}/receive", responses=refuses(*ACTING, refusals.NothingMoves, refusals.UnknownGoods))
def receive(transfer_id: UUID, body: Receiving, who: Handle, request: Request) -> TransferShown:
    """Say what came out of the boxes."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, transfer_id, who, "stock.handle", ends=("to_id",))
        arrivals.receive(
            tx,
            transfer_id=transfer_id,
            act_id=body.id,
            lines=[arrivals.Arrived(line.variant_id, line.good, line.damaged) for line in body.lines],
            complete=body.complete,
            by=_by(who),
            now=clock.now(),
        )
        return _shown(tx, transfer_id, who)


@router.post(
    "/{transfer_id}/differences/{difference_id}/settle",
    responses=refuses(
        *ACTING, refusals.DifferenceSettled, refusals.OutcomeDoesNotFit, refusals.WouldBreakPromise, refusals.NothingMoves
    ),
)
def settle(transfer_id: UUID, difference_id: UUID, body: Settling, who: Settle, request: Request) -> TransferShown:
    """Say what became of pieces that differed; stands in the ledger and in the audit log."""
    with identity.database_of(request).transaction() as tx:
        row = _demand(tx, transfer_id, who, "stock.adjust", ends=("from_id", "to_id"))
        arrivals.settle_difference(
            tx,
            transfer_id=transfer_id,
            difference_id=difference_id,
            act_id=body.id,
            outcome=body.outcome,
            qty=body.qty,
            note=body.note.strip(),
            by=_by(who),
            now=clock.now(),
        )
        after = {"code": row.code, "outcome": body.outcome, "pieces": body.qty, "reason": body.note.strip()}
        identity.audit(
            tx, action="transfer.settled", subject_type="transfer", subject_id=transfer_id, actor=who, after=after
        )
        return _shown(tx, transfer_id, who)


def _by(who: identity.Principal) -> moves.By:
    return moves.By(who.staff_id, None if who.till is None else who.till.id)


def _demand(tx: Session, transfer_id: UUID, who: identity.Principal, verb: str, *, ends: tuple[str, ...]) -> Row[Any]:
    """The transfer, for whoever may do this at one of these ends. Refuses ``NotFound``, ``NotPermitted``."""
    row = transfer_queries.access_transfer(tx, transfer_id=transfer_id, code=None, scope=who.scope(READ))
    if not any(who.may(verb, getattr(row, end)) for end in ends):
        raise identity.NotPermitted(verb=verb)
    return row


def _shown(tx: Session, transfer_id: UUID, who: identity.Principal) -> TransferShown:
    return _whole(tx, transfer_queries.access_transfer(tx, transfer_id=transfer_id, code=None, scope=who.scope(READ)))


def _whole(tx: Session, row: Row[Any]) -> TransferShown:
    tx.flush()
    transfer_id = row.id
    return TransferShown(
        **TransferRow.model_validate(row, from_attributes=True).model_dump(),
        lines=[
            TransferLineShown.model_validate(line, from_attributes=True)
            for line in transfer_queries.lines(tx, transfer_id=transfer_id)
        ],
        differences_shown=[
            DifferenceShown.model_validate(one, from_attributes=True)
            for one in transfer_queries.differences(tx, transfer_id=transfer_id)
        ],
        acts=[
            TransferActShown.model_validate(act, from_attributes=True)
            for act in transfer_queries.acts(tx, transfer_id=transfer_id)
        ],
    )
