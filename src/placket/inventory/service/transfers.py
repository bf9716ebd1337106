"""Transfers until they leave: asked for, picked, shipped, or cancelled. See docs/rules/stock.md.

Lock order: the transfer, stock rows by (variant, location). Nothing here takes a branch's lock: what is shipped was free,
and a question that is being asked looks at the books again before it is confirmed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from placket import events
from placket.core.codes import own_code
from placket.core.refusals import NotFound
from placket.inventory.models import Location, StockDocument
from placket.inventory.refusals import (
    DocumentIdReused,
    DraftChanged,
    LookFirst,
    NothingMoves,
    NotOnTransfer,
    PickedTooMany,
    ShippedTooMany,
    TransferState,
)
from placket.inventory.service.moves import By, Move, book, refuse_unknown, summed
from placket.inventory.transfer_models import Transfer, TransferAct, TransferLine

TRANSFER_CODE: Final = "08"
NUMBER_DIGITS: Final = 10
# Where goods are that have left one place and not arrived at another, and those that arrived damaged: places of the books,
# the same in every company, made when they are first needed.
TRANSIT_ID: Final = UUID("00000000-0000-7000-8000-000000000001")
DAMAGED_ID: Final = UUID("00000000-0000-7000-8000-000000000002")
BOOK_PLACES: Final = (
    {"id": TRANSIT_ID, "code": "CHUYEN", "name": "Đang chuyển", "kind": "transit"},
    {"id": DAMAGED_ID, "code": "HONG", "name": "Hàng hỏng", "kind": "damaged"},
)
PREPARING: Final = frozenset({"requested", "picking"})
CANCELLABLE: Final = PREPARING | {"draft"}


def request_transfer(
    tx: Session,
    *,
    transfer_id: UUID,
    from_id: UUID,
    to_id: UUID,
    lines: Sequence[Move],
    note: str | None,
    staff_id: UUID,
    now: datetime,
    draft: bool = False,
) -> Transfer:
    """Ask one place to send goods to another, or write down that it shall be asked; again it answers the same transfer.

    Nothing is promised: whoever picks takes what is there. Refuses ``NotFound``, ``NothingMoves``, ``UnknownGoods``,
    ``DocumentIdReused``.
    """
    moves = summed(lines)
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:ref, 0))"), {"ref": str(transfer_id)})
    known = tx.get(Transfer, transfer_id, with_for_update=True)
    if known is not None:
        asked = {line.variant_id: line.asked for line in lines_of(tx, transfer_id=transfer_id) if line.asked}
        if (known.from_id, known.to_id, asked) != (from_id, to_id, {move.variant_id: move.qty for move in moves}):
            raise DocumentIdReused
        return known
    _refuse_nonsense(tx, from_id, to_id, moves)
    number = tx.scalars(text("SELECT nextval('transfer_no')")).one()
    transfer = Transfer(
        id=transfer_id,
        code=own_code(TRANSFER_CODE, number, digits=NUMBER_DIGITS),
        from_id=from_id,
        to_id=to_id,
        state="draft" if draft else "requested",
        note=note,
        requested_by=staff_id,
        created_at=now,
        version=0,
    )
    tx.add(transfer)
    tx.flush()
    _ask_for(tx, transfer_id, moves)
    tell_transfer(tx, transfer)
    return transfer


def redraft(
    tx: Session,
    *,
    transfer_id: UUID,
    from_id: UUID,
    to_id: UUID,
    lines: Sequence[Move],
    note: str | None,
    version: int,
) -> Transfer:
    """Write a draft anew, as whoever saw its ``version`` wants it.

    Refuses ``NotFound``, ``TransferState``, ``DraftChanged``, ``NothingMoves``, ``UnknownGoods``.
    """
    transfer = locked_transfer(tx, transfer_id)
    must_be(transfer, frozenset({"draft"}))
    if transfer.version != version:
        raise DraftChanged
    moves = summed(lines)
    _refuse_nonsense(tx, from_id, to_id, moves)
    tx.execute(delete(TransferLine).where(TransferLine.transfer_id == transfer_id))
    transfer.from_id, transfer.to_id, transfer.note = from_id, to_id, note
    _ask_for(tx, transfer_id, moves)
    tell_transfer(tx, transfer)
    return transfer


def submit_draft(tx: Session, *, transfer_id: UUID, act_id: UUID, by: By, now: datetime) -> Transfer:
    """Ask for what a draft says. Refuses ``NotFound``, ``TransferState``, ``DocumentIdReused``."""
    transfer = locked_transfer(tx, transfer_id)
    if known_act(tx, act_id=act_id, transfer=transfer, act="submit", lines=None):
        return transfer
    must_be(transfer, frozenset({"draft"}))
    note_act(tx, act_id=act_id, transfer=transfer, act="submit", lines=[], by=by, now=now)
    transfer.state = "requested"
    tell_transfer(tx, transfer)
    return transfer


def _refuse_nonsense(tx: Session, from_id: UUID, to_id: UUID, moves: Sequence[Move]) -> None:
    places = select(Location.id).where(Location.id.in_((from_id, to_id)), Location.status == "active")
    if from_id == to_id or set(tx.scalars(places)) != {from_id, to_id}:
        raise NotFound
    for move in moves:
        if move.qty <= 0:
            raise NothingMoves(variant_id=str(move.variant_id))
    refuse_unknown(tx, [move.variant_id for move in moves])


def _ask_for(tx: Session, transfer_id: UUID, moves: Sequence[Move]) -> None:
    tx.add_all(TransferLine(transfer_id=transfer_id, variant_id=move.variant_id, asked=move.qty) for move in moves)


def pick(tx: Session, *, transfer_id: UUID, act_id: UUID, lines: Sequence[Move], by: By, now: datetime) -> Transfer:
    """Put pieces into the boxes of a transfer (negative: take them out); several people may pick at once.

    Picking moves nothing in the books. Refuses ``NotFound``, ``TransferState``, ``NotOnTransfer``, ``PickedTooMany``,
    ``DocumentIdReused``.
    """
    transfer = locked_transfer(tx, transfer_id)
    moves = summed(lines)
    if known_act(tx, act_id=act_id, transfer=transfer, act="pick", lines=told(moves)):
        return transfer
    must_be(transfer, PREPARING)
    at = {line.variant_id: line for line in lines_of(tx, transfer_id=transfer_id)}
    for move in moves:
        line = at.get(move.variant_id)
        if line is None:
            raise NotOnTransfer(variant_id=str(move.variant_id))
        if not 0 <= line.picked + move.qty <= line.asked:
            raise PickedTooMany(variant_id=str(move.variant_id), asked=line.asked, picked=line.picked)
        line.picked += move.qty
    note_act(tx, act_id=act_id, transfer=transfer, act="pick", lines=told(moves), by=by, now=now)
    transfer.state = "picking"
    tell_transfer(tx, transfer)
    return transfer


def ship(tx: Session, *, transfer_id: UUID, act_id: UUID, looked_for: Mapping[UUID, int], by: By, now: datetime) -> Transfer:
    """Send off what was picked: it leaves the sender's stock and is on the way, in one transaction.

    ``looked_for`` says how many promised pieces of a variant somebody has seen to be still there, as at a till. Refuses
    ``NotFound``, ``TransferState``, ``NothingMoves``, ``ShippedTooMany``, ``LookFirst``, ``DocumentIdReused``.
    """
    transfer = locked_transfer(tx, transfer_id)
    if known_act(tx, act_id=act_id, transfer=transfer, act="ship", lines=None):
        return transfer
    must_be(transfer, PREPARING)
    picked = [line for line in lines_of(tx, transfer_id=transfer_id) if line.picked]
    if not picked:
        raise NothingMoves
    moves = [Move(line.variant_id, line.picked) for line in picked]
    lock_cells(tx, [move.variant_id for move in moves], (transfer.from_id, TRANSIT_ID))
    _refuse_unfree(tx, transfer, moves, looked_for)
    document(tx, document_id=act_id, kind="transfer_out", transfer=transfer, by=by, now=now)
    carry(tx, moves, source=transfer.from_id, target=TRANSIT_ID, kind="transfer_out", ref=act_id, by=by, now=now)
    for line in picked:
        line.shipped = line.picked
    note_act(tx, act_id=act_id, transfer=transfer, act="ship", lines=told(moves), by=by, now=now)
    transfer.state, transfer.shipped_by, transfer.shipped_at = "in_transit", by.staff_id, now
    tell_transfer(tx, transfer)
    return transfer


def cancel_transfer(tx: Session, *, transfer_id: UUID, act_id: UUID, by: By, now: datetime) -> Transfer:
    """Give up a transfer that has not left: what lies in its boxes goes back to the shelf. Refuses ``TransferState``."""
    transfer = locked_transfer(tx, transfer_id)
    if known_act(tx, act_id=act_id, transfer=transfer, act="cancel", lines=None):
        return transfer
    must_be(transfer, CANCELLABLE)
    note_act(tx, act_id=act_id, transfer=transfer, act="cancel", lines=[], by=by, now=now)
    transfer.state, transfer.closed_at = "cancelled", now
    tell_transfer(tx, transfer)
    return transfer


def locked_transfer(tx: Session, transfer_id: UUID) -> Transfer:
    """A transfer, locked before its stock. Refuses ``NotFound``."""
    transfer = tx.get(Transfer, transfer_id, with_for_update=True, populate_existing=True)
    if transfer is None:
        raise NotFound
    return transfer


def lines_of(tx: Session, *, transfer_id: UUID) -> list[TransferLine]:
    """The lines of a transfer, in the lock order of their stock."""
    found = select(TransferLine).where(TransferLine.transfer_id == transfer_id).order_by(TransferLine.variant_id)
    return list(tx.scalars(found.execution_options(populate_existing=True)))


def must_be(transfer: Transfer, states: frozenset[str]) -> None:
    """Refuse ``TransferState`` unless the transfer is in one of these."""
    if transfer.state not in states:
        raise TransferState(state=transfer.state)


def told(moves: Sequence[Move]) -> list[dict[str, Any]]:
    """Moves as an act keeps them."""
    return [{"variant_id": str(move.variant_id), "qty": move.qty} for move in moves]


def known_act(tx: Session, *, act_id: UUID, transfer: Transfer, act: str, lines: list[dict[str, Any]] | None) -> bool:
    """Whether this was done already. Refuses ``DocumentIdReused`` when the id stands for something else."""
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:ref, 0))"), {"ref": str(act_id)})
    known = tx.get(TransferAct, act_id)
    if known is None:
        if tx.get(StockDocument, act_id) is not None:
            raise DocumentIdReused
        return False
    if (known.transfer_id, known.act) != (transfer.id, act) or (lines is not None and known.lines != lines):
        raise DocumentIdReused
    return True


def note_act(
    tx: Session, *, act_id: UUID, transfer: Transfer, act: str, lines: list[dict[str, Any]], by: By, now: datetime
) -> None:
    """Write an act down."""
    tx.add(
        TransferAct(
            id=act_id, transfer_id=transfer.id, act=act, staff_id=by.staff_id, till_id=by.till_id, at=now, lines=lines
        )
    )


def document(
    tx: Session,
    *,
    document_id: UUID,
    kind: Literal["transfer_out", "transfer_in", "adjustment"],
    transfer: Transfer,
    by: By,
    now: datetime,
    reason: str = "",
) -> None:
    """The stock document of a transfer's moves."""
    tx.execute(
        insert(StockDocument).values(
            id=document_id,
            kind=kind,
            reason=f"{transfer.code} {reason}".strip(),
            staff_id=by.staff_id,
            created_at=now,
            fingerprint=None,
            belongs_to=transfer.id,
        )
    )


def carry(
    tx: Session,
    moves: Sequence[Move],
    *,
    source: UUID,
    target: UUID,
    kind: Literal["transfer_out", "transfer_in"],
    ref: UUID,
    by: By,
    now: datetime,
) -> None:
    """Book pieces from one place to another under one document: none is lost, whatever happens in between."""
    for move in moves:
        out = Move(move.variant_id, -move.qty)
        book(tx, location_id=source, move=out, kind=kind, ref=ref, by=by, at=now)
        book(tx, location_id=target, move=move, kind=kind, ref=ref, by=by, at=now)


def lock_cells(tx: Session, variant_ids: Sequence[UUID], places: Sequence[UUID]) -> None:
    """Lock the balances of some goods at some places, in the order in which sales lock them; new ones are made first."""
    cells = {"variants": sorted(set(variant_ids)), "places": sorted(set(places))}
    for place in BOOK_PLACES:
        if place["id"] in places:
            tx.execute(
                text(
                    "INSERT INTO location (id, code, name, kind, city, position, opening_hours, opened_on, status) "
                    "VALUES (:id, :code, :name, :kind, '', 0, '{}', now(), 'books') ON CONFLICT (id) DO NOTHING"
                ),
                place,
            )
    tx.execute(
        text(
            "INSERT INTO stock (location_id, variant_id) SELECT p, v FROM unnest(CAST(:variants AS uuid[])) v, "
            "unnest(CAST(:places AS uuid[])) p ORDER BY v, p ON CONFLICT DO NOTHING"
        ),
        cells,
    )
    tx.execute(
        text(
            "SELECT 1 FROM stock WHERE variant_id = ANY(:variants) AND location_id = ANY(:places) "
            "ORDER BY variant_id, location_id FOR UPDATE"
        ),
        cells,
    )


def tell_transfer(tx: Session, transfer: Transfer) -> None:
    """Publish how a transfer stands, to both of its ends."""
    transfer.version += 1
    tx.flush()
    state = {
        "id": str(transfer.id),
        "state": transfer.state,
        "from_id": str(transfer.from_id),
        "to_id": str(transfer.to_id),
    }
    for place in (transfer.from_id, transfer.to_id):
        events.publish(
            tx,
            events.TRANSFER_CHANGED,
            key=str(transfer.id),
            key_version=transfer.version,
            payload=state,
            location_id=place,
        )


def _refuse_unfree(tx: Session, transfer: Transfer, moves: Sequence[Move], looked_for: Mapping[UUID, int]) -> None:
    """What is promised stays; where tills sell, somebody has looked for it, for a dark till's sale is not in the books."""
    rows = tx.execute(
        text(
            "SELECT s.variant_id, s.on_hand, s.promised, s.bagged, l.kind "
            "FROM stock s JOIN location l ON l.id = s.location_id "
            "WHERE s.location_id = :place AND s.variant_id = ANY(:variants) ORDER BY s.variant_id"
        ),
        {"place": transfer.from_id, "variants": [move.variant_id for move in moves]},
    ).all()
    wanted = {move.variant_id: move.qty for move in moves}
    lacking = [
        {"variant_id": str(row.variant_id), "picked": wanted[row.variant_id], "free": max(0, row.on_hand - row.promised)}
        for row in rows
        if row.on_hand - row.promised < wanted[row.variant_id]
    ]
    if lacking:
        raise ShippedTooMany(lines=lacking)
    unseen = [
        {"variant_id": str(row.variant_id), "promised": row.promised - row.bagged}
        for row in rows
        if row.kind == "branch" and row.promised - row.bagged > looked_for.get(row.variant_id, 0)
    ]
    if unseen:
        raise LookFirst(lines=unseen)
