"""Questions about what waits for a person: open exceptions, and balances that nobody trusts."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

MATTERS_MAX: Final = 200


def open_exceptions(tx: Session, *, scope: Sequence[UUID] | None) -> Sequence[Row[Any]]:
    """What the books could not keep silent about, the urgent first, then the oldest; quarantine speaks for itself.

    Where a sale took promised pieces, both documents are named: the sale and the order that lacks them.
    """
    return tx.execute(
        text(
            r"""
            SELECT x.id, x.kind, x.severity, x.location_id, l.name AS location_name, x.variant_id, v.sku, s.name_vi,
                   s.name_en, x.qty, coalesce(x.refs ->> 'sale', x.refs -> 'sales' ->> 0)::uuid AS sale_id,
                   x.refs ->> 'reason' AS reason, p.full_name AS staff_name, x.opened_at,
                   CASE WHEN x.kind LIKE 'transfer%' THEN x.belongs_to END AS transfer_id,
                   CASE WHEN x.kind = 'count_approval' THEN x.belongs_to END AS count_id,
                   CASE WHEN x.kind = 'adjustment_approval' THEN x.belongs_to END AS adjustment_id,
                   CASE WHEN x.kind LIKE '%\_approval' THEN CAST(x.refs ->> 'number' AS bigint) END AS number,
                   CAST(x.refs ->> 'amount_vnd' AS bigint) AS amount_vnd,
                   CASE WHEN x.refs ->> 'right' = 'store_credit' THEN x.qty
                        WHEN x.kind = 'points_spent' OR x.refs ->> 'right' = 'points' THEN x.qty * (
                        SELECT r.point_vnd FROM loyalty_rule r WHERE r.valid_from <= x.opened_at::date
                         ORDER BY r.valid_from DESC LIMIT 1) END AS right_vnd,
                   (SELECT abs(b.total_vnd) FROM sale b
                     WHERE b.id = coalesce(x.refs ->> 'sale', x.refs -> 'sales' ->> 0)::uuid) AS sale_vnd,
                   (SELECT w.id FROM web_order w WHERE w.id::text = x.refs ->> 'order') AS web_order_id,
                   x.refs ->> 'transfer' AS transfer_code, w.full_name AS owner_name, x.due_on,
                   (SELECT o.code FROM promise o WHERE o.id = coalesce(
                       CAST(x.refs ->> 'promise' AS uuid),
                       (SELECT CAST(n.refs ->> 'promise' AS uuid) FROM exception_log n
                         WHERE n.state = 'open' AND n.kind = 'not_found' AND n.opened_at >= lack.opened_at
                           AND n.location_id = lack.location_id AND n.variant_id = lack.variant_id
                         ORDER BY n.opened_at LIMIT 1),
                       (SELECT q.id FROM promise q
                         WHERE q.location_id = lack.location_id AND q.variant_id = lack.variant_id
                           AND q.phase = 'confirmed' AND q.created_at <= lack.opened_at
                         ORDER BY q.search_at DESC NULLS LAST, q.created_at DESC LIMIT 1))) AS order_code
              FROM exception_log x
              LEFT JOIN LATERAL (
                   SELECT k.location_id, k.variant_id, k.opened_at FROM exception_log k
                    WHERE k.state = 'open' AND k.kind = 'short' AND k.location_id = x.location_id
                      AND (k.id = x.id OR jsonb_exists(k.refs -> 'sales', x.refs ->> 'sale'))
                    ORDER BY k.opened_at LIMIT 1) lack ON true
              LEFT JOIN location l ON l.id = x.location_id
              LEFT JOIN variant v ON v.id = x.variant_id LEFT JOIN style s ON s.id = v.style_id
              LEFT JOIN staff p ON p.id = x.actor_id LEFT JOIN staff w ON w.id = x.owner_id
             WHERE x.state = 'open' AND x.kind <> 'quarantine'
               AND (CAST(:scope AS uuid[]) IS NULL OR x.location_id = ANY(CAST(:scope AS uuid[])))
             ORDER BY array_position(ARRAY['urgent', 'warning', 'info'], x.severity), x.opened_at, x.id
             LIMIT :most
            """
        ),
        {"scope": None if scope is None else list(scope), "most": MATTERS_MAX},
    ).all()


def open_doubts(tx: Session, *, scope: Sequence[UUID] | None) -> Sequence[Row[Any]]:
    """Balances nobody trusts, one row for each cause at a place, the oldest first; those of quarantine are its entries'."""
    return tx.execute(
        text(
            """
            SELECT (array_agg(d.id ORDER BY d.id))[1] AS id, d.reason, d.location_id, l.name AS location_name,
                   max(b.code || '-' || t.number) AS till_code, count(*) AS balances, max(v.sku) AS sku,
                   max(s.name_vi) AS name_vi, max(s.name_en) AS name_en, min(d.opened_at) AS opened_at,
                   (array_agg(d.variant_id))[1] AS variant_id, max(k.on_hand) AS on_hand
              FROM stock_doubt d
              JOIN location l ON l.id = d.location_id
              LEFT JOIN variant v ON v.id = d.variant_id LEFT JOIN style s ON s.id = v.style_id
              LEFT JOIN stock k ON k.location_id = d.location_id AND k.variant_id = d.variant_id
              LEFT JOIN till t ON d.reason = 'lost_till' AND t.id::text = d.ref
              LEFT JOIN location b ON b.id = t.location_id
             WHERE d.closed_at IS NULL AND d.reason <> 'quarantine'
               AND (CAST(:scope AS uuid[]) IS NULL OR d.location_id = ANY(CAST(:scope AS uuid[])))
             GROUP BY d.reason, d.location_id, l.name, d.ref
             ORDER BY opened_at, id
             LIMIT :most
            """
        ),
        {"scope": None if scope is None else list(scope), "most": MATTERS_MAX},
    ).all()


def at_risk(row: Row[Any], price_of: Callable[[UUID], int]) -> int | None:
    """How much money it is about: what it says itself, the price of its goods, its points or credit, its whole sale."""
    if row.amount_vnd is not None:
        return int(row.amount_vnd)
    if row.variant_id is not None and row.qty is not None:
        return abs(row.qty) * price_of(row.variant_id) or None
    other: int | None = row.right_vnd if row.right_vnd is not None else row.sale_vnd
    return other


def in_doubt(row: Row[Any], price_of: Callable[[UUID], int]) -> int | None:
    """What the pieces are worth that a doubt about one kind of goods is about; of many kinds nobody says a figure."""
    if row.balances != 1 or row.variant_id is None or row.on_hand is None:
        return None
    return max(row.on_hand, 0) * price_of(row.variant_id) or None
