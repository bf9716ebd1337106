"""Routes of the protocol between a till and the server: push, word, heartbeat (docs/rules/offline.md).

They speak for the device, not for a person: a till hands in its journal also when nobody is signed in. A journal's
transaction holds balances, so what its arrival makes answerable is settled in a transaction of its own after it.
"""

import time
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import crm, identity, inventory
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound
from placket.pos import journal, queries, recovery

router = APIRouter(prefix="/api/till", tags=["tills"])

Device = Annotated[identity.TillFacts, Depends(identity.paired_till)]
BY_DEVICE = {"x-permission": "till"}
AT_ONCE = 10
REST = 0.25
Seq = Annotated[int, Field(ge=0, le=2**53)]


class EntryText(Strict):
    """An entry: the text that the till hashed, and its hash."""

    seq: Annotated[int, Field(ge=1, le=2**53)]
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    text: Annotated[str, Field(min_length=2, max_length=60_000)]


class Push(Strict):
    """The entries of one epoch from the watermark on; ``head_seq`` is how many there are in all."""

    epoch: Annotated[int, Field(ge=1, le=99)]
    head_seq: Seq
    entries: Annotated[list[EntryText], Field(max_length=200)]


class EpochKept(Answer):
    """An epoch of this till: up to where its journal is posted, and whether it has ended."""

    epoch: int
    posted_seq: int
    ended: bool


class Epochs(Answer):
    """The epochs of a till, the first one first."""

    items: list[EpochKept]


class EntryResult(Answer):
    """What became of an entry."""

    seq: int
    status: str
    result: dict[str, Any]


class Pushed(Answer):
    """Everything up to ``posted_seq`` is safe."""

    posted_seq: int
    results: list[EntryResult]


class Pieces(Strict):
    """Pieces in the till's open carts."""

    variant_id: Id
    qty: Annotated[int, Field(ge=1, le=9999)]


class Word(Strict):
    """The till holds this board, and its journal had ``head_seq`` entries when it stored it."""

    opening: Annotated[int, Field(ge=1, le=2**31 - 1)]
    board_no: Seq
    head_seq: Seq
    in_hand: Annotated[tuple[Pieces, ...], Field(max_length=500, strict=False)] = ()


class Heartbeat(Strict):
    """How the till is; every five seconds."""

    epoch: Annotated[int, Field(ge=1, le=99)]
    opening: Annotated[int, Field(ge=0, le=2**31 - 1)]
    board_no: Annotated[int, Field(ge=-1, le=2**53)]
    head_seq: Seq
    pending: Annotated[int, Field(ge=0, le=10**6)]
    settled_no: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    clock: datetime = Field(strict=False)


class Board(Answer):
    """The open promises of the branch, whole."""

    incarnation: int
    board_no: int
    board: list[dict[str, Any]]


class Silent(Answer):
    """Another till of the branch that has not been heard for a while, so that the branch promises nothing."""

    till_name: str
    since: datetime


class Pulse(Answer):
    """What the server knows; ``board`` when the till's is older."""

    silent: list[Silent]

    server_time: datetime
    posted_seq: int
    attached: bool
    board: Board | None


@router.post(
    "/push",
    openapi_extra=BY_DEVICE,
    responses=refuses(journal.JournalGap, journal.JournalForked, NotFound, identity.NotSignedIn),
)
def push(body: Push, till: Device, request: Request) -> Pushed:
    """Hand in journal entries, a few at a time. Safe to repeat; never refused for stock."""
    now = clock.now()
    database = identity.database_of(request)
    sent = [journal.Sent(entry.seq, entry.hash, entry.text) for entry in body.entries]
    taken: list[journal.Taken] = []
    try:
        # Each few entries are a transaction, with a rest after it: their balances are free again before another till waits
        # for long, and a till that comes back with a thousand sales leaves the database to those that are selling.
        for at in range(0, max(1, len(sent)), AT_ONCE):
            began = time.perf_counter()
            with database.transaction() as tx:
                posted_seq, some = journal.take_over(
                    tx, till=till, epoch=body.epoch, entries=sent[at : at + AT_ONCE], head_seq=body.head_seq, now=now
                )
            taken += some
            if at + AT_ONCE < len(sent):
                time.sleep(REST * (time.perf_counter() - began))
    except journal.JournalForked:
        with database.transaction() as tx:
            journal.end_forked(tx, till=till, epoch=body.epoch, now=now)
        raise
    if sent:
        _settle(request, till.location_id)
    results = [EntryResult(seq=one.seq, status=one.status, result=dict(one.result)) for one in taken]
    return Pushed(posted_seq=posted_seq, results=results)


@router.get("/epochs", openapi_extra=BY_DEVICE, responses=refuses(identity.NotSignedIn))
def epochs(till: Device, request: Request) -> Epochs:
    """What the server has of this till's journals: what a second copy holds beyond it can be recovered."""
    with identity.database_of(request).transaction() as tx:
        rows = queries.epochs_of(tx, till_id=till.id)
    return Epochs(items=[EpochKept.model_validate(row, from_attributes=True) for row in rows])


@router.post(
    "/recovered-entries",
    responses=refuses(
        journal.JournalGap,
        journal.JournalForked,
        recovery.EpochInForce,
        NotFound,
        identity.NotPermitted,
        identity.NotSignedIn,
    ),
)
def recover(
    body: Push, who: Annotated[identity.Principal, Depends(identity.Permit("till.pair"))], request: Request
) -> Pushed:
    """Hand in what a second copy kept of an epoch that has ended. Safe to repeat; each entry counts once."""
    if who.till is None:
        raise identity.NotPermitted(verb="till.pair")
    now = clock.now()
    sent = [journal.Sent(entry.seq, entry.hash, entry.text) for entry in body.entries]
    with identity.database_of(request).transaction() as tx:
        posted_seq, taken = recovery.recover(
            tx, till=who.till, epoch=body.epoch, entries=sent, head_seq=body.head_seq, by=who, now=now
        )
    _settle(request, who.till.location_id)
    results = [EntryResult(seq=one.seq, status=one.status, result=dict(one.result)) for one in taken]
    return Pushed(posted_seq=posted_seq, results=results)


@router.post("/word", status_code=204, openapi_extra=BY_DEVICE, responses=refuses(identity.NotSignedIn))
def word(body: Word, till: Device, request: Request) -> None:
    """Give the branch's word for every question on the board that the till has stored."""
    in_hand: dict[UUID, int] = {}
    for pieces in body.in_hand:
        in_hand[pieces.variant_id] = in_hand.get(pieces.variant_id, 0) + pieces.qty
    with identity.database_of(request).transaction() as tx:
        asked = inventory.give_word(
            tx,
            till_id=till.id,
            opening=body.opening,
            board_no=body.board_no,
            head_seq=body.head_seq,
            in_hand=in_hand,
        )
        if asked is not None:  # under the same lock: the branch comes before its balances
            inventory.settle(tx, location_id=asked)


@router.post("/heartbeat", openapi_extra=BY_DEVICE, responses=refuses(identity.NotSignedIn))
def heartbeat(body: Heartbeat, till: Device, request: Request) -> Pulse:
    """Show that the till lives; answers the board when the socket has not brought it."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        state = queries.note_heartbeat(
            tx, till_id=till.id, epoch=body.epoch, opening=body.opening, head_seq=body.head_seq, now=now
        )
        # While entries wait, the sale that a hold is for may be one of them: only a journal handed in settles anything.
        if state.posted_seq >= body.head_seq and state.settled_no < body.settled_no and body.epoch == till.epoch:
            crm.settle_holds(tx, till_id=till.id, epoch=till.epoch, settled_no=body.settled_no, now=now)
        board = None
        if state.attached and state.board_no != body.board_no:
            entries = inventory.board_of(tx, location_id=till.location_id)
            board = Board(incarnation=state.incarnation, board_no=state.board_no, board=entries)
        silent = queries.silent_beside(tx, till_id=till.id, location_id=till.location_id, now=now)
    beside = [Silent.model_validate(row, from_attributes=True) for row in silent]
    return Pulse(server_time=now, posted_seq=state.posted_seq, attached=state.attached, board=board, silent=beside)


def _settle(request: Request, location_id: UUID) -> None:
    with identity.database_of(request).transaction() as tx:
        inventory.settle(tx, location_id=location_id)
