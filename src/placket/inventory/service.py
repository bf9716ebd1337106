"""Verbs of stock outside the sale's path: promise, release, adjust, receive, attach and sign off a till.

Each statement carries its rule in its WHERE clause and its change in its SET, rows are taken in (variant, location)
order, and the ledger row and the event stand in the same transaction. See docs/rules/stock.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from placket import events
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.inventory.models import Location, Promise, Stock, StockDocument, StockLedger, TillOpening
from placket.inventory.refusals import (
    DocumentIdReused,
    NeedsWord,
    OpeningPassed,
    OutOfStock,
    PromiseIdReused,
    UnknownGoods,
    WouldBreakPromise,
)


@dataclass(frozen=True, slots=True)
class Move:
    """Some pieces of a variant."""

    variant_id: UUID
    qty: int


@dataclass(frozen=True, slots=True)
class By:
    """Who moves stock, and at which device."""

    staff_id: UUID | None
    till_id: UUID | None = None
    epoch: int | None = None


PromiseKind = Literal["ship", "collect", "hold"]

# FOR NO KEY UPDATE: a sale under way names the branch in its rows, and must not wait for who waits for the sale.
HERE_ALONE: Final = {"key_share": True}


def reserve(
    tx: Session,
    *,
    ref: UUID,
    kind: PromiseKind,
    location_id: UUID,
    lines: Sequence[Move],
    pay_by: datetime,
    now: datetime,
) -> list[Promise]:
    """Promise every line at a depot, or refuse them all; asked again with the same ref it answers the same promise.

    Refuses ``NeedsWord``, ``OutOfStock``, ``PromiseIdReused``.
    """
    location = tx.get(Location, location_id, with_for_update={"read": True})
    if location is None or location.status != "active":
        raise NotFound
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:ref, 0))"), {"ref": str(ref)})
    made = list(tx.scalars(select(Promise).where(Promise.ref == ref).order_by(Promise.variant_id)))
    if made:
        same = [(row.variant_id, row.qty) for row in made] == [(m.variant_id, m.qty) for m in _summed(lines)]
        if not same or made[0].location_id != location_id:
            raise PromiseIdReused
        return made
    if location.kind != "depot":
        raise NeedsWord
    moves = _summed(lines)
    for move in moves:
        _set_aside(tx, location_id, move)
    promises = [
        Promise(
            id=new_id(),
            ref=ref,
            kind=kind,
            location_id=location_id,
            variant_id=move.variant_id,
            qty=move.qty,
            phase="confirmed",
            paid=False,
            pay_by=pay_by,
            created_at=now,
            version=1,
        )
        for move in moves
    ]
    tx.add_all(promises)
    tx.flush()
    for promise in promises:
        _tell_promise(tx, promise)
    return promises


def _set_aside(tx: Session, location_id: UUID, move: Move) -> None:
    """Promise pieces of one balance, while they are free and nobody doubts it. Refuses ``OutOfStock``."""
    row = tx.execute(
        update(Stock)
        .where(
            Stock.location_id == location_id,
            Stock.variant_id == move.variant_id,
            Stock.on_hand - Stock.promised - Stock.asked >= move.qty,
            text(
                "NOT EXISTS (SELECT 1 FROM stock_doubt d WHERE d.location_id = stock.location_id "
                "AND (d.variant_id IS NULL OR d.variant_id = stock.variant_id) AND d.closed_at IS NULL)"
            ),
        )
        .values(promised=Stock.promised + move.qty, version=Stock.version + 1)
        .returning(*_STATE)
    ).one_or_none()
    if row is None:
        left = tx.get(Stock, (location_id, move.variant_id))
        free = 0 if left is None else max(0, left.on_hand - left.promised - left.asked)
        raise OutOfStock(variant_id=str(move.variant_id), asked=move.qty, free=free)
    _tell_stock(tx, row)


def release(tx: Session, *, ref: UUID, scope: Sequence[UUID] | None = None) -> None:
    """Give the pieces of an unpaid order back; releasing again changes nothing.

    ``scope`` are the locations the asker may promise at, none means all. Refuses ``NotFound``, also beyond the scope.
    """
    promises = list(tx.scalars(select(Promise).where(Promise.ref == ref)))
    if not promises or (scope is not None and not {promise.location_id for promise in promises} <= set(scope)):
        raise NotFound
    _release(tx, [promise.id for promise in promises if not promise.paid])


def release_expired(tx: Session, *, now: datetime, limit: int = 500) -> int:
    """Release promises that nobody paid for in time; answers how many."""
    due = select(Promise.id).where(Promise.phase == "confirmed", Promise.paid.is_(False), Promise.pay_by <= now)
    return _release(tx, list(tx.scalars(due.order_by(Promise.variant_id, Promise.location_id).limit(limit))))


def adjust(
    tx: Session,
    *,
    document_id: UUID,
    kind: Literal["opening", "receipt", "adjustment"],
    reason: str,
    location_id: UUID,
    lines: Sequence[Move],
    by: By,
    now: datetime,
) -> None:
    """Book goods in (positive) or out (negative) under one document; asked again it changes nothing.

    Refuses ``WouldBreakPromise`` when pieces that are promised would go, ``DocumentIdReused``, ``UnknownGoods``,
    ``NotFound``.
    """
    if tx.get(Location, location_id) is None:
        raise NotFound
    moves = _summed(lines)
    print_of = sha256(repr((kind, str(location_id), [(str(m.variant_id), m.qty) for m in moves])).encode()).digest()
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:ref, 0))"), {"ref": str(document_id)})
    known = tx.get(StockDocument, document_id)
    if known is not None:
        if known.fingerprint != print_of:
            raise DocumentIdReused
        return
    tx.execute(
        insert(StockDocument).values(
            id=document_id, kind=kind, reason=reason, staff_id=by.staff_id, created_at=now, fingerprint=print_of
        )
    )
    known_variants = set(
        tx.scalars(text("SELECT id FROM variant WHERE id = ANY(:ids)"), {"ids": [move.variant_id for move in moves]})
    )
    for move in moves:
        if move.variant_id not in known_variants:
            raise UnknownGoods(variant_id=str(move.variant_id))
        if move.qty:
            _move(tx, location_id=location_id, move=move, kind=kind, ref=document_id, by=by, at=now)


def attach(tx: Session, *, till_id: UUID, epoch: int, opening: int, location_id: UUID, now: datetime) -> TillOpening:
    """Open a till for selling on line; the board of a branch is empty until promises on branches exist.

    Under the branch's lock. Asked again for the opening in force it changes nothing; a former opening of the same epoch
    ends as replaced. Refuses ``OpeningPassed``.
    """
    tx.get_one(Location, location_id, with_for_update=HERE_ALONE)
    attached = tx.scalar(
        select(TillOpening).where(TillOpening.till_id == till_id, TillOpening.state == "attached").with_for_update()
    )
    if attached is not None and attached.opening == opening and attached.epoch == epoch:
        return attached
    last = tx.scalar(
        text("SELECT last_opening FROM till WHERE id = :till AND epoch = :epoch FOR NO KEY UPDATE"),
        {"till": till_id, "epoch": epoch},
    )
    if last is None or opening <= last:
        raise OpeningPassed(last_opening=last)
    if attached is not None:
        attached.state, attached.ended_at, attached.end_reason = "ended", now, "replaced"
        tx.flush()
    made = TillOpening(
        till_id=till_id,
        opening=opening,
        location_id=location_id,
        epoch=epoch,
        state="attached",
        posted_seq=0,
        attached_at=now,
    )
    tx.add(made)
    tx.execute(
        text("UPDATE till SET last_opening = :opening, last_seen_at = :now WHERE id = :till"),
        {"opening": opening, "now": now, "till": till_id},
    )
    tx.flush()
    return made


def sign_off(tx: Session, *, till_id: UUID, opening: int, location_id: UUID, now: datetime) -> None:
    """End a till's opening by its own act; ending it again changes nothing."""
    tx.get_one(Location, location_id, with_for_update=HERE_ALONE)
    tx.execute(
        update(TillOpening)
        .where(TillOpening.till_id == till_id, TillOpening.opening == opening, TillOpening.state == "attached")
        .values(state="closed", ended_at=now, end_reason="signed_off")
    )


def put_back(tx: Session, *, ref: UUID, by: By, now: datetime) -> None:
    """Reverse every ledger row of a sale that is voided: the goods are on the shelf again."""
    taken = tx.execute(
        text(
            "SELECT location_id, variant_id, -sum(qty)::int AS qty FROM stock_ledger WHERE ref = :ref "
            "GROUP BY location_id, variant_id HAVING sum(qty) <> 0 ORDER BY variant_id, location_id"
        ),
        {"ref": ref},
    ).all()
    for row in taken:
        _move(tx, location_id=row.location_id, move=Move(row.variant_id, row.qty), kind="void", ref=ref, by=by, at=now)


_STATE = (
    Stock.location_id,
    Stock.variant_id,
    Stock.on_hand,
    Stock.promised,
    Stock.asked,
    Stock.short,
    Stock.version,
)


def _move(tx: Session, *, location_id: UUID, move: Move, kind: str, ref: UUID, by: By, at: datetime) -> None:
    """Change one balance by a document and tell everybody."""
    if move.qty > 0:
        tx.execute(
            text("INSERT INTO stock (location_id, variant_id) VALUES (:l, :v) ON CONFLICT DO NOTHING"),
            {"l": location_id, "v": move.variant_id},
        )
    row = tx.execute(
        update(Stock)
        .where(
            Stock.location_id == location_id,
            Stock.variant_id == move.variant_id,
            Stock.on_hand + move.qty >= Stock.promised if move.qty < 0 else text("true"),
        )
        .values(
            on_hand=Stock.on_hand + move.qty,
            short=text("greatest(0, promised - (on_hand + :moved))").bindparams(moved=move.qty),
            version=Stock.version + 1,
        )
        .returning(*_STATE)
    ).one_or_none()
    if row is None:
        left = tx.get(Stock, (location_id, move.variant_id))
        raise WouldBreakPromise(
            variant_id=str(move.variant_id),
            on_hand=0 if left is None else left.on_hand,
            promised=0 if left is None else left.promised,
        )
    tx.execute(
        insert(StockLedger).values(
            location_id=location_id,
            variant_id=move.variant_id,
            qty=move.qty,
            kind=kind,
            ref=ref,
            staff_id=by.staff_id,
            till_id=by.till_id,
            epoch=by.epoch,
            occurred_at=at,
        )
    )
    _tell_stock(tx, row)


def _release(tx: Session, promise_ids: Sequence[UUID]) -> int:
    released = 0
    # Stock rows before promises, in (variant, location) order: the lock order of docs/rules/stock.md.
    rows = tx.execute(
        select(Promise.id, Promise.location_id, Promise.variant_id)
        .where(Promise.id.in_(promise_ids))
        .order_by(Promise.variant_id, Promise.location_id)
    ).all()
    for row in rows:
        tx.execute(
            select(Stock.version)
            .where(Stock.location_id == row.location_id, Stock.variant_id == row.variant_id)
            .with_for_update()
        )
        promise = tx.get_one(Promise, row.id, with_for_update=True, populate_existing=True)
        if promise.phase != "confirmed" or promise.paid:
            continue
        promise.phase = "released"
        promise.version += 1
        state = tx.execute(
            update(Stock)
            .where(Stock.location_id == row.location_id, Stock.variant_id == row.variant_id)
            .values(
                promised=Stock.promised - promise.qty,
                short=text("greatest(0, promised - :freed - on_hand)").bindparams(freed=promise.qty),
                version=Stock.version + 1,
            )
            .returning(*_STATE)
        ).one()
        _tell_stock(tx, state)
        tx.flush()
        _tell_promise(tx, promise)
        released += 1
    return released


def _summed(lines: Sequence[Move]) -> list[Move]:
    """One move per variant, in the lock order."""
    sums: dict[UUID, int] = {}
    for move in lines:
        sums[move.variant_id] = sums.get(move.variant_id, 0) + move.qty
    return [Move(variant_id, sums[variant_id]) for variant_id in sorted(sums)]


def _tell_stock(tx: Session, row: Any) -> None:  # noqa: ANN401 - a row of _STATE
    events.publish(
        tx,
        events.STOCK_CHANGED,
        key=f"{row.location_id}:{row.variant_id}",
        key_version=row.version,
        payload={
            "location_id": str(row.location_id),
            "variant_id": str(row.variant_id),
            "on_hand": row.on_hand,
            "promised": row.promised,
            "asked": row.asked,
            "short": row.short,
        },
    )


def _tell_promise(tx: Session, promise: Promise) -> None:
    events.publish(
        tx,
        events.PROMISE_CHANGED,
        key=str(promise.id),
        key_version=promise.version,
        location_id=promise.location_id,
        payload={
            "id": str(promise.id),
            "ref": str(promise.ref),
            "location_id": str(promise.location_id),
            "variant_id": str(promise.variant_id),
            "qty": promise.qty,
            "phase": promise.phase,
        },
    )
