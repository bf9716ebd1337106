"""Verbs that move goods under a document: adjust, put back; and the one way a balance is changed outside the desk.

Each statement carries its rule in its WHERE clause and its change in its SET, rows are taken in (variant, location)
order, and the ledger row and the event stand in the same transaction. See docs/rules/stock.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from placket import events
from placket.core.refusals import NotFound
from placket.inventory.models import Location, Stock, StockDocument, StockLedger
from placket.inventory.refusals import DocumentIdReused, NothingMoves, UnknownGoods, WouldBreakPromise


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


STATE = (
    Stock.location_id,
    Stock.variant_id,
    Stock.on_hand,
    Stock.promised,
    Stock.bagged,
    Stock.asked,
    Stock.short,
    Stock.version,
)


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

    Refuses ``WouldBreakPromise`` when pieces that are promised would go, ``NothingMoves``, ``DocumentIdReused``,
    ``UnknownGoods``, ``NotFound``.
    """
    location = tx.get(Location, location_id)
    if location is None or location.status == "books":
        raise NotFound
    moves = summed(lines)
    for move in moves:
        if not move.qty:
            raise NothingMoves(variant_id=str(move.variant_id))
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
    refuse_unknown(tx, [move.variant_id for move in moves])
    for move in moves:
        book(tx, location_id=location_id, move=move, kind=kind, ref=document_id, by=by, at=now)


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
        book(tx, location_id=row.location_id, move=Move(row.variant_id, row.qty), kind="void", ref=ref, by=by, at=now)


def book(tx: Session, *, location_id: UUID, move: Move, kind: str, ref: UUID, by: By, at: datetime) -> None:
    """Change one balance by a document and tell everybody. Refuses ``WouldBreakPromise``."""
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
        .returning(*STATE)
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
    tell_stock(tx, row)


def refuse_unknown(tx: Session, variant_ids: Sequence[UUID]) -> None:
    """Refuse ``UnknownGoods`` for the first variant that the catalogue does not have."""
    known = set(tx.scalars(text("SELECT id FROM variant WHERE id = ANY(:ids)"), {"ids": list(variant_ids)}))
    for variant_id in variant_ids:
        if variant_id not in known:
            raise UnknownGoods(variant_id=str(variant_id))


def summed(lines: Sequence[Move]) -> list[Move]:
    """One move per variant, in the lock order."""
    sums: dict[UUID, int] = {}
    for move in lines:
        sums[move.variant_id] = sums.get(move.variant_id, 0) + move.qty
    return [Move(variant_id, sums[variant_id]) for variant_id in sorted(sums)]


def tell_stock(tx: Session, *rows: Any) -> None:  # noqa: ANN401 - tuples that ``STATE`` returns
    """Publish the full state of balances; each row holds the columns of ``STATE``."""
    events.publish_all(
        tx,
        [
            {
                "topic": events.STOCK_CHANGED,
                "key": f"{row.location_id}:{row.variant_id}",
                "key_version": row.version,
                "payload": {
                    "location_id": str(row.location_id),
                    "variant_id": str(row.variant_id),
                    "on_hand": row.on_hand,
                    "promised": row.promised,
                    "bagged": row.bagged,
                    "asked": row.asked,
                    "short": row.short,
                },
            }
            for row in rows
        ],
    )
