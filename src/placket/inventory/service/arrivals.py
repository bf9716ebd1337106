"""Transfers that arrive: received piece by piece, and what differs is settled by a person. See docs/rules/stock.md.

Receiving records what lies on the table, so it never refuses for stock. Every difference becomes a task with an owner and
a day; none is closed in silence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from placket.core import clock
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.inventory.count_queries import PriceOf
from placket.inventory.models import ExceptionLog
from placket.inventory.refusals import BeyondLimit, DifferenceSettled, NothingMoves, OutcomeDoesNotFit
from placket.inventory.service.exceptions import Charge, note_exception
from placket.inventory.service.moves import By, Move, book, refuse_unknown
from placket.inventory.service.transfers import (
    DAMAGED_ID,
    TRANSIT_ID,
    carry,
    document,
    known_act,
    lines_of,
    lock_cells,
    locked_transfer,
    must_be,
    note_act,
    tell_transfer,
)
from placket.inventory.transfer_models import Transfer, TransferLine

ON_THE_WAY: Final = frozenset({"in_transit", "part_received"})
DUE_IN: Final = timedelta(days=3)
Outcome = Literal["lost", "at_source", "arrived", "written_off", "restocked", "from_source", "unexplained"]
OUTCOMES: Final[dict[str, frozenset[str]]] = {
    "transfer_missing": frozenset({"lost", "at_source", "arrived"}),
    "transfer_damaged": frozenset({"written_off", "restocked"}),
    "transfer_extra": frozenset({"from_source", "unexplained"}),
}
# By these goods leave the books, or stay in them without a cause, which counts against a limit. Others say where goods are.
CHANGES_WORTH: Final = frozenset({"lost", "written_off", "from_source", "unexplained"})


@dataclass(frozen=True, slots=True)
class Arrived:
    """Pieces of a variant that came out of the boxes, and how many of them are damaged."""

    variant_id: UUID
    good: int
    damaged: int


@dataclass(frozen=True, slots=True)
class _Shares:
    """What arrived of a variant: of what was on the way, good and damaged, and the same beyond it."""

    accepted: int
    damaged: int
    extra: int
    extra_damaged: int


def receive(
    tx: Session, *, transfer_id: UUID, act_id: UUID, lines: Sequence[Arrived], complete: bool, by: By, now: datetime
) -> Transfer:
    """Book what came out of the boxes; received again under the same id it changes nothing.

    Good pieces are free at the receiver at once. What is beyond the shipped comes in all the same. ``complete`` says that
    every box has been opened: what has not come by then is missing. Refuses ``NotFound``, ``TransferState``,
    ``NothingMoves``, ``UnknownGoods``, ``DocumentIdReused``.
    """
    transfer = locked_transfer(tx, transfer_id)
    counted = _summed(lines)
    acted = [{"variant_id": str(one.variant_id), "good": one.good, "damaged": one.damaged} for one in counted]
    if known_act(tx, act_id=act_id, transfer=transfer, act="receive", lines=acted):
        return transfer
    must_be(transfer, ON_THE_WAY)
    if not counted and not complete:
        raise NothingMoves
    at = _lines_for(tx, transfer, counted)
    shares = {one.variant_id: _share(at[one.variant_id], one) for one in counted}
    _book_arrival(tx, transfer, shares, act_id=act_id, by=by, now=now)
    for variant_id, share in shares.items():
        line = at[variant_id]
        line.accepted += share.accepted
        line.damaged += share.damaged
        line.extra += share.extra + share.extra_damaged
        _task(tx, transfer, "transfer_damaged", variant_id, share.damaged + share.extra_damaged, by=by, now=now)
        _task(tx, transfer, "transfer_extra", variant_id, share.extra + share.extra_damaged, by=by, now=now)
    missing = [(line.variant_id, line.on_the_way) for line in at.values() if line.on_the_way]
    if complete:
        for variant_id, qty in missing:
            _task(tx, transfer, "transfer_missing", variant_id, qty, by=by, now=now)
    note_act(tx, act_id=act_id, transfer=transfer, act="receive", lines=acted, by=by, now=now)
    if missing and not complete:
        transfer.state = "part_received"
    else:
        _close_if_clear(tx, transfer, now)
    tell_transfer(tx, transfer)
    return transfer


def settle_difference(
    tx: Session,
    *,
    transfer_id: UUID,
    difference_id: UUID,
    act_id: UUID,
    outcome: Outcome,
    qty: int,
    note: str,
    limit_vnd: int | None,
    price_of: PriceOf,
    by: By,
    now: datetime,
) -> Transfer:
    """Say what became of pieces that differed, and book it. The last one closes the transfer.

    What takes pieces out of the books or leaves them in without a cause may be worth ``limit_vnd`` (none: whatever it is
    worth); what somebody has no price for is beyond any limit.

    Refuses ``NotFound``, ``DifferenceSettled`` (fewer are open), ``OutcomeDoesNotFit``, ``BeyondLimit``,
    ``WouldBreakPromise``, ``DocumentIdReused``.
    """
    transfer = locked_transfer(tx, transfer_id)
    acted: list[dict[str, Any]] = [{"difference": str(difference_id), "outcome": outcome, "qty": qty, "note": note}]
    if known_act(tx, act_id=act_id, transfer=transfer, act="settle", lines=acted):
        return transfer
    task = tx.get(ExceptionLog, difference_id, with_for_update=True, populate_existing=True)
    if task is None or task.belongs_to != transfer_id or task.variant_id is None or task.qty is None:
        raise NotFound
    if outcome not in OUTCOMES[task.kind]:
        raise OutcomeDoesNotFit(kind=task.kind, outcome=outcome)
    if task.state == "closed" or qty > task.qty:
        raise DifferenceSettled(left=0 if task.state == "closed" else task.qty)
    if outcome in CHANGES_WORTH:
        before = sum(one["qty"] for one in task.refs.get("outcomes", []) if one["outcome"] in CHANGES_WORTH)
        _refuse_beyond(price_of(task.variant_id), before + qty, limit_vnd)
    move = Move(task.variant_id, qty)
    _book_outcome(tx, transfer, move, outcome, act_id=act_id, note=note, by=by, now=now)
    line = next(line for line in lines_of(tx, transfer_id=transfer_id) if line.variant_id == task.variant_id)
    if outcome == "arrived":
        line.accepted += qty
    elif outcome in {"lost", "at_source"}:
        line.settled += qty
    task.refs = {**task.refs, "outcomes": [*task.refs.get("outcomes", []), *acted]}
    if qty == task.qty:
        task.state, task.closed_at = "closed", now
    else:
        task.qty -= qty
    note_act(tx, act_id=act_id, transfer=transfer, act="settle", lines=acted, by=by, now=now)
    tx.flush()
    if transfer.state == "differs":
        _close_if_clear(tx, transfer, now)
    tell_transfer(tx, transfer)
    return transfer


def _refuse_beyond(unit_vnd: int, qty: int, limit_vnd: int | None) -> None:
    """Refuse ``BeyondLimit`` where pieces are worth more than somebody may stand for, one by one or at once."""
    if limit_vnd is not None and (unit_vnd == 0 or unit_vnd * qty > limit_vnd):
        raise BeyondLimit(limit_vnd=limit_vnd, value_vnd=unit_vnd * qty)


def _summed(lines: Sequence[Arrived]) -> list[Arrived]:
    """One line a variant, in the lock order; lines of nothing are left out."""
    sums: dict[UUID, tuple[int, int]] = {}
    for one in lines:
        good, damaged = sums.get(one.variant_id, (0, 0))
        sums[one.variant_id] = good + one.good, damaged + one.damaged
    return [Arrived(variant_id, *sums[variant_id]) for variant_id in sorted(sums) if sum(sums[variant_id])]


def _share(line: TransferLine, arrived: Arrived) -> _Shares:
    """Whatever comes is taken for the shipped pieces as long as some are on the way."""
    damaged = min(arrived.damaged, line.on_the_way)
    accepted = min(arrived.good, line.on_the_way - damaged)
    return _Shares(accepted, damaged, arrived.good - accepted, arrived.damaged - damaged)


def _lines_for(tx: Session, transfer: Transfer, counted: Sequence[Arrived]) -> dict[UUID, TransferLine]:
    """The lines of a transfer, with a new one for each variant that nobody asked for. Refuses ``UnknownGoods``."""
    at = {line.variant_id: line for line in lines_of(tx, transfer_id=transfer.id)}
    strange = [one.variant_id for one in counted if one.variant_id not in at]
    refuse_unknown(tx, strange)
    for variant_id in strange:
        zero = {"asked": 0, "picked": 0, "shipped": 0, "accepted": 0, "damaged": 0, "settled": 0, "extra": 0}
        at[variant_id] = TransferLine(transfer_id=transfer.id, variant_id=variant_id, **zero)
        tx.add(at[variant_id])
    return at


def _book_arrival(
    tx: Session, transfer: Transfer, shares: dict[UUID, _Shares], *, act_id: UUID, by: By, now: datetime
) -> None:
    is_damaged = any(share.damaged or share.extra_damaged for share in shares.values())
    lock_cells(tx, list(shares), [transfer.to_id, TRANSIT_ID, *([DAMAGED_ID] if is_damaged else [])])
    document(tx, document_id=act_id, kind="transfer_in", transfer=transfer, by=by, now=now)
    for part, target in (("accepted", transfer.to_id), ("damaged", DAMAGED_ID)):
        moves = _part(shares, part)
        carry(tx, moves, source=TRANSIT_ID, target=target, kind="transfer_in", ref=act_id, by=by, now=now)
    if any(share.extra or share.extra_damaged for share in shares.values()):
        found_id = new_id()
        document(tx, document_id=found_id, kind="adjustment", transfer=transfer, by=by, now=now, reason="thừa khi nhận")
        for part, target in (("extra", transfer.to_id), ("extra_damaged", DAMAGED_ID)):
            for move in _part(shares, part):
                book(tx, location_id=target, move=move, kind="adjustment", ref=found_id, by=by, at=now)


def _part(shares: dict[UUID, _Shares], part: str) -> list[Move]:
    """Some part of what arrived, as moves."""
    return [Move(variant_id, getattr(share, part)) for variant_id, share in shares.items() if getattr(share, part)]


def _book_outcome(
    tx: Session, transfer: Transfer, move: Move, outcome: Outcome, *, act_id: UUID, note: str, by: By, now: datetime
) -> None:
    carried = {
        "at_source": (TRANSIT_ID, transfer.from_id),
        "arrived": (TRANSIT_ID, transfer.to_id),
        "restocked": (DAMAGED_ID, transfer.to_id),
    }
    gone = {"lost": TRANSIT_ID, "written_off": DAMAGED_ID, "from_source": transfer.from_id}
    if outcome in carried:
        source, target = carried[outcome]
        lock_cells(tx, [move.variant_id], (source, target))
        document(tx, document_id=act_id, kind="transfer_in", transfer=transfer, by=by, now=now, reason=note)
        carry(tx, [move], source=source, target=target, kind="transfer_in", ref=act_id, by=by, now=now)
    elif outcome in gone:
        document(tx, document_id=act_id, kind="adjustment", transfer=transfer, by=by, now=now, reason=note)
        less = Move(move.variant_id, -move.qty)
        book(tx, location_id=gone[outcome], move=less, kind="adjustment", ref=act_id, by=by, at=now)


def _task(tx: Session, transfer: Transfer, kind: str, variant_id: UUID, qty: int, *, by: By, now: datetime) -> None:
    """Somebody has to explain this: whoever shipped it, within three days."""
    if not qty:
        return
    note_exception(
        tx,
        kind=kind,
        severity="warning",
        refs={"transfer": transfer.code},
        location_id=transfer.to_id,
        variant_id=variant_id,
        qty=qty,
        actor_id=by.staff_id,
        charge=Charge(transfer.id, transfer.shipped_by, clock.business_day(now + DUE_IN)),
        now=now,
    )


def _close_if_clear(tx: Session, transfer: Transfer, now: datetime) -> None:
    """Everything has come, or somebody has said where it is: the transfer is over."""
    tx.flush()
    open_tasks = select(func.count()).where(ExceptionLog.belongs_to == transfer.id, ExceptionLog.state == "open")
    transfer.state = "differs" if tx.scalars(open_tasks).one() else "done"
    transfer.closed_at = now if transfer.state == "done" else None
