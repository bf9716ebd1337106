"""Counting: what is on the shelf becomes what is in the books, and doubts end. See docs/rules/offline.md."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from placket.core.ids import new_id
from placket.inventory.models import Stock, StockDocument, StockDoubt, StockLedger
from placket.inventory.refusals import BranchRecovering, TillsUndrained
from placket.inventory.service.exceptions import note_exception
from placket.inventory.service.moves import STATE, By, tell_stock
from placket.inventory.service.promises import is_recovering, locked
from placket.inventory.service.searches import due


def record_count(
    tx: Session,
    *,
    document_id: UUID,
    location_id: UUID,
    counted: Mapping[UUID, int],
    reason: str,
    by: By,
    now: datetime,
) -> None:
    """Make the books say what was counted (bags included), and close the doubts about it.

    Refuses ``TillsUndrained``, ``BranchRecovering``.

    Under the branch's lock and with every attached till drained, so that no sale made before the counting is posted
    after it. Sales of tills that were not attached are held against the time of the count when they turn up.
    """
    locked(tx, location_id)
    if is_recovering(tx, location_id=location_id):
        raise BranchRecovering
    refuse_undrained(tx, location_id)
    tx.execute(
        insert(StockDocument).values(
            id=document_id, kind="count", reason=reason, staff_id=by.staff_id, created_at=now, fingerprint=None
        )
    )
    for variant_id in sorted(counted):
        _set_counted(tx, document_id, location_id, variant_id, counted[variant_id], by, now)
    closing = (
        update(StockDoubt)
        .where(
            StockDoubt.location_id == location_id,
            StockDoubt.variant_id.in_(list(counted)),
            StockDoubt.closed_at.is_(None),
        )
        .values(closed_at=now, closed_by="count")
    )
    tx.execute(closing)


def in_a_count(tx: Session, *, sale_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these sales, just posted, happened before a count of their goods that is in the books already."""
    query = (
        "SELECT DISTINCT g.ref FROM stock_ledger g "
        "JOIN stock s ON s.location_id = g.location_id AND s.variant_id = g.variant_id AND s.counted_at > g.occurred_at "
        "WHERE g.ref = ANY(:sales)"
    )
    return set(tx.scalars(text(query), {"sales": list(sale_ids)}))


def absorb_counted(tx: Session, *, sale_id: UUID, sold_at: datetime, by: By, now: datetime) -> None:
    """A sale that turns up after a count it happened before is in the counted figure already: give its pieces back.

    It is a document of its own: were the sale voided, its goods would come back after the count. The times of two clocks
    decide, so the balances concerned fall in doubt until they are counted again.
    """
    rows = tx.execute(
        text(
            """
            SELECT g.location_id, g.variant_id, -sum(g.qty)::int AS qty
              FROM stock_ledger g JOIN stock s ON s.location_id = g.location_id AND s.variant_id = g.variant_id
             WHERE g.ref = :sale AND s.counted_at > :sold_at
             GROUP BY 1, 2 HAVING sum(g.qty) <> 0 ORDER BY 2, 1
            """
        ),
        {"sale": sale_id, "sold_at": sold_at},
    ).all()
    if not rows:
        return
    document_id = new_id()
    code = tx.scalar(text("SELECT receipt_code FROM sale WHERE id = :sale"), {"sale": sale_id})
    document = {"id": document_id, "kind": "count", "reason": code or "", "staff_id": None, "fingerprint": None}
    tx.execute(insert(StockDocument).values(document | {"created_at": now}))
    for row in rows:
        _book(tx, row.location_id, row.variant_id, row.qty, ref=document_id, by=by, at=now)
        tx.execute(
            text(
                "INSERT INTO stock_doubt (id, location_id, variant_id, reason, ref, opened_at) "
                "VALUES (gen_random_uuid(), :location, :variant, 'before_count', :ref, :now)"
            ),
            {"location": row.location_id, "variant": row.variant_id, "ref": str(sale_id), "now": now},
        )


def refuse_undrained(tx: Session, location_id: UUID) -> None:
    """Refuse ``TillsUndrained`` while an attached till keeps sales back, or an entry waits in quarantine."""
    waiting = tx.scalar(
        text(
            """
            SELECT EXISTS (SELECT 1 FROM till_opening o
                             JOIN till_epoch e ON e.till_id = o.till_id AND e.epoch = o.epoch
                            WHERE o.location_id = :location AND o.state = 'attached'
                              AND e.posted_seq < e.reported_head_seq)
                OR EXISTS (SELECT 1 FROM stock_doubt d WHERE d.location_id = :location
                              AND d.reason = 'quarantine' AND d.closed_at IS NULL)
            """
        ),
        {"location": location_id},
    )
    if waiting:
        raise TillsUndrained


def _set_counted(
    tx: Session, document_id: UUID, location_id: UUID, variant_id: UUID, pieces: int, by: By, now: datetime
) -> None:
    tx.execute(
        text("INSERT INTO stock (location_id, variant_id) VALUES (:l, :v) ON CONFLICT DO NOTHING"),
        {"l": location_id, "v": variant_id},
    )
    on_hand = tx.scalars(
        select(Stock.on_hand).where(Stock.location_id == location_id, Stock.variant_id == variant_id).with_for_update()
    ).one()
    if pieces != on_hand:
        _book(tx, location_id, variant_id, pieces - on_hand, ref=document_id, by=by, at=now)
    tx.execute(
        update(Stock)
        .where(Stock.location_id == location_id, Stock.variant_id == variant_id)
        .values(count_no=Stock.count_no + 1, counted_at=now)
    )


def _book(tx: Session, location_id: UUID, variant_id: UUID, qty: int, *, ref: UUID, by: By, at: datetime) -> None:
    row = tx.execute(
        update(Stock)
        .where(Stock.location_id == location_id, Stock.variant_id == variant_id)
        .values(
            on_hand=Stock.on_hand + qty,
            short=func.greatest(0, Stock.promised - Stock.on_hand - qty),
            version=Stock.version + 1,
        )
        .returning(*STATE)
    ).one()
    tx.execute(
        insert(StockLedger).values(
            location_id=location_id,
            variant_id=variant_id,
            qty=qty,
            kind="count",
            ref=ref,
            staff_id=by.staff_id,
            till_id=by.till_id,
            epoch=by.epoch,
            occurred_at=at,
        )
    )
    tell_stock(tx, row)
    if row.short:
        note_short(tx, ref=ref, location_id=location_id, variant_id=variant_id, qty=row.short, now=at)


def note_short(tx: Session, *, ref: UUID, location_id: UUID, variant_id: UUID, qty: int, now: datetime) -> None:
    """A document leaves fewer pieces than are promised: they are looked for, and somebody sees to it."""
    due(tx, location_id=location_id, variant_id=variant_id)
    note_exception(
        tx,
        kind="short",
        severity="urgent",
        refs={"document": str(ref)},
        location_id=location_id,
        variant_id=variant_id,
        qty=qty,
        now=now,
    )
