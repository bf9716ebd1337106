"""Routes of transfers: ask, pick, ship, receive, settle what differs. Both ends see a transfer; each acts at its own."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy import Row
from sqlalchemy.orm import Session

from placket import catalog, identity
from placket.core import clock
from placket.core.http import PAGE, Cursor, Limit, Page, newest_first, page_by_id, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.inventory import refusals, transfer_queries
from placket.inventory.prices import price_of
from placket.inventory.service import arrivals, moves, transfers
from placket.inventory.transfer_shapes import (
    DifferenceShown,
    Giving,
    Picked,
    Picking,
    Receiving,
    Settling,
    Shipping,
    TransferActShown,
    TransferAsked,
    TransferLineShown,
    TransferRewritten,
    TransferRow,
    TransferShown,
    Wanted,
)

router = APIRouter(prefix="/api/transfers", tags=["transfers"])

READ = "stock.read"
Read = Annotated[identity.Principal, Depends(identity.Permit(READ))]
Ask = Annotated[identity.Principal, Depends(identity.Permit("stock.transfer"))]
Handle = Annotated[identity.Principal, Depends(identity.Permit("stock.handle"))]
Settle = Annotated[identity.Principal, Depends(identity.Permit("stock.adjust"))]
ACTING = (NotFound, refusals.TransferState, refusals.DocumentIdReused, identity.NotPermitted)
BOTH = ("from_id", "to_id")


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
            lines=_moves(body.lines),
            note=(body.note or "").strip() or None,
            staff_id=who.staff_id,
            now=clock.now(),
            draft=body.draft,
        )
        return _shown(tx, body.id, who)


@router.put(
    "/{transfer_id}/draft",
    responses=refuses(*ACTING, refusals.DraftChanged, refusals.NothingMoves, refusals.UnknownGoods),
)
def rewrite(transfer_id: UUID, body: TransferRewritten, who: Ask, request: Request) -> TransferShown:
    """Change what a draft says; whoever may ask at either of its ends, before and after."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, transfer_id, who, "stock.transfer", ends=BOTH)
        if not who.may("stock.transfer", body.from_id):
            who.demand("stock.transfer", body.to_id)
        transfers.redraft(
            tx,
            transfer_id=transfer_id,
            from_id=body.from_id,
            to_id=body.to_id,
            lines=_moves(body.lines),
            note=(body.note or "").strip() or None,
            version=body.version,
        )
        return _shown(tx, transfer_id, who)


@router.post("/{transfer_id}/submit", responses=refuses(*ACTING))
def submit(transfer_id: UUID, body: Giving, who: Ask, request: Request) -> TransferShown:
    """Ask for what a draft says."""
    with identity.database_of(request).transaction() as tx:
        _demand(tx, transfer_id, who, "stock.transfer", ends=BOTH)
        transfers.submit_draft(tx, transfer_id=transfer_id, act_id=body.id, by=_by(who), now=clock.now())
        return _shown(tx, transfer_id, who)


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
            lines=_moves(body.lines),
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
        _demand(tx, transfer_id, who, "stock.transfer", ends=BOTH)
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
        *ACTING,
        refusals.DifferenceSettled,
        refusals.OutcomeDoesNotFit,
        refusals.BeyondLimit,
        refusals.WouldBreakPromise,
        refusals.NothingMoves,
    ),
)
def settle(transfer_id: UUID, difference_id: UUID, body: Settling, who: Settle, request: Request) -> TransferShown:
    """Say what became of pieces that differed, within one's limit; stands in the ledger and in the audit log."""
    now, database = clock.now(), identity.database_of(request)
    book = catalog.price_books.refresh(database)  # the limit is held against the newest prices
    with database.transaction() as tx:
        row = _demand(tx, transfer_id, who, "stock.adjust", ends=BOTH)
        arrivals.settle_difference(
            tx,
            transfer_id=transfer_id,
            difference_id=difference_id,
            act_id=body.id,
            outcome=body.outcome,
            qty=body.qty,
            note=body.note.strip(),
            limit_vnd=who.grants["stock.adjust"].refund_vnd_max,
            price_of=price_of(book, row.from_id, now),
            by=_by(who),
            now=now,
        )
        after = {"code": row.code, "outcome": body.outcome, "pieces": body.qty, "reason": body.note.strip()}
        identity.audit(
            tx, action="transfer.settled", subject_type="transfer", subject_id=transfer_id, actor=who, after=after
        )
        return _shown(tx, transfer_id, who)


def _moves(lines: Sequence[Wanted | Picked]) -> list[moves.Move]:
    return [moves.Move(line.variant_id, line.qty) for line in lines]


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
        version=row.version,
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
