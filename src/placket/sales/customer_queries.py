"""Questions about what one customer has done over both channels: value, where and what they buy, and everything in order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

Rows = Sequence[Row[Any]]


def branches_of(tx: Session, customer_ids: Sequence[UUID]) -> Rows:
    """Where somebody buys, the place with most purchases first; the web is its channel, not the place that packs."""
    return tx.execute(
        text(
            """
            SELECT CASE WHEN s.channel = 'store' THEN l.name END AS location_name, s.channel, count(*) AS purchases
              FROM sale s JOIN location l ON l.id = s.location_id
             WHERE s.customer_id = ANY(CAST(:ids AS uuid[])) AND s.state = 'posted' AND s.pieces > 0
             GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 3
            """
        ),
        {"ids": list(customer_ids)},
    ).all()


def colours_of(tx: Session, customer_ids: Sequence[UUID]) -> Rows:
    """The colours somebody keeps most."""
    return tx.execute(
        text(
            """
            SELECT c.name_vi, c.name_en, c.hex, sum(n.qty)::int AS pieces
              FROM sale s JOIN sale_line n ON n.sale_id = s.id JOIN variant v ON v.id = n.variant_id
              JOIN colour c ON c.id = v.colour_id
             WHERE s.customer_id = ANY(CAST(:ids AS uuid[])) AND s.state = 'posted'
             GROUP BY c.id HAVING sum(n.qty) > 0 ORDER BY 4 DESC, 1 LIMIT 4
            """
        ),
        {"ids": list(customer_ids)},
    ).all()


def spent_last_year(tx: Session, customer_ids: Sequence[UUID], *, on: object) -> int:
    """What somebody bought in the last 365 days, net of returns: what tiers go by."""
    return int(
        tx.scalar(
            text(
                "SELECT coalesce(sum(s.total_vnd), 0) FROM sale s WHERE s.customer_id = ANY(CAST(:ids AS uuid[])) "
                "AND s.state = 'posted' AND s.sold_on > CAST(:on AS date) - 365 AND s.sold_on <= :on"
            ),
            {"ids": list(customer_ids), "on": on},
        )
        or 0
    )


def open_orders_of(tx: Session, customer_ids: Sequence[UUID]) -> Rows:
    """The orders of the web that wait for money, for their goods or for being collected, the newest first."""
    return tx.execute(
        text(
            """
            SELECT o.id AS order_id, o.code, o.kind, l.name AS location_name, o.placed_at, o.total_vnd,
                   CASE WHEN o.state = 'held' THEN 'to_pay'
                        WHEN EXISTS (SELECT 1 FROM web_order_ready r WHERE r.order_id = o.id) THEN 'ready'
                        ELSE 'in_work' END AS step
              FROM web_order o LEFT JOIN location l ON l.id = o.location_id
             WHERE o.customer_id = ANY(CAST(:ids AS uuid[])) AND o.state IN ('held', 'confirmed')
             ORDER BY o.placed_at DESC LIMIT 5
            """
        ),
        {"ids": list(customer_ids)},
    ).all()


_TIMELINE: Final = """
SELECT * FROM (
    SELECT s.sold_at AS at,
           CASE WHEN s.state = 'void' THEN 'void' WHEN r.back = 0 THEN 'sale'
                WHEN r.sold > 0 THEN 'exchange' ELSE 'return' END AS kind,
           s.id::text AS ref, s.channel, l.name AS location_name, s.total_vnd AS amount_vnd, NULL::int AS points,
           s.receipt_code AS label, r.goods_vi, r.goods_en
      FROM sale s JOIN location l ON l.id = s.location_id
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(n.qty) FILTER (WHERE n.qty > 0), 0) AS sold,
                  coalesce(-sum(n.qty) FILTER (WHERE n.qty < 0), 0) AS back,
                  string_agg(y.name_vi || ' ' || z.code || CASE WHEN abs(n.qty) > 1 THEN ' ×' || abs(n.qty) ELSE '' END, ', '
                             ORDER BY n.line_no) AS goods_vi,
                  string_agg(y.name_en || ' ' || z.code || CASE WHEN abs(n.qty) > 1 THEN ' ×' || abs(n.qty) ELSE '' END, ', '
                             ORDER BY n.line_no) AS goods_en
             FROM sale_line n JOIN variant v ON v.id = n.variant_id JOIN style y ON y.id = v.style_id
             JOIN size z ON z.id = v.size_id WHERE n.sale_id = s.id) r
     WHERE s.customer_id = ANY(CAST(:ids AS uuid[])) AND s.sold_at < :before
     UNION ALL
    SELECT k.given_at, CASE WHEN k.granted THEN 'agreed' ELSE 'withdrew' END, NULL, k.channel, NULL, NULL, NULL, k.purpose,
           NULL, NULL
      FROM consent k WHERE k.customer_id = ANY(CAST(:ids AS uuid[])) AND k.given_at < :before
     UNION ALL
    SELECT e.occurred_at, 'expired', NULL, NULL, NULL, NULL, sum(e.points)::int, NULL, NULL, NULL
      FROM loyalty_entry e WHERE e.customer_id = ANY(CAST(:ids AS uuid[])) AND e.kind = 'expire' AND e.occurred_at < :before
     GROUP BY e.occurred_at
     UNION ALL
    SELECT e.occurred_at, 'credit', NULL, NULL, NULL, e.amount_vnd, NULL, e.reason, NULL, NULL
      FROM credit_entry e WHERE e.customer_id = ANY(CAST(:ids AS uuid[])) AND e.kind = 'issue' AND e.occurred_at < :before
     UNION ALL
    SELECT (m.on_date + 1)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' - interval '1 second', 'moved', NULL, NULL, NULL, NULL,
           NULL, m.to_group, m.from_group, NULL
      FROM customer_move m WHERE m.customer_id = ANY(CAST(:ids AS uuid[])) AND m.from_group IS NOT NULL
       AND m.on_date + 1 <= (CAST(:before AS timestamptz) AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
     UNION ALL
    SELECT m.ended_at, 'told', NULL, m.channel, NULL, NULL, NULL, m.kind, w.what, w.what
      FROM message m CROSS JOIN LATERAL (SELECT coalesce(m.facts ->> 'subject', m.facts ->> 'code') AS what) w
     WHERE m.id IN (SELECT a.id FROM message a WHERE a.customer_id = ANY(CAST(:ids AS uuid[]))
                     UNION ALL
                    SELECT b.id FROM web_order o JOIN message b ON b.subject_id = o.id
                     WHERE o.customer_id = ANY(CAST(:ids AS uuid[]))
                     UNION ALL
                    SELECT b.id FROM courier_return o JOIN message b ON b.subject_id = o.id
                     WHERE o.customer_id = ANY(CAST(:ids AS uuid[])))
       AND m.state = 'sent' AND m.ended_at < :before
     UNION ALL
    SELECT c.created_at, 'known', NULL, NULL, l.name, NULL, NULL, NULL, NULL, NULL
      FROM customer c LEFT JOIN location l ON l.id = c.home_location_id
     WHERE c.id = ANY(CAST(:ids AS uuid[])) AND c.created_at < :before) told
 ORDER BY at DESC, kind, ref LIMIT :limit
"""


def timeline_of(tx: Session, customer_ids: Sequence[UUID], *, before: datetime, limit: int) -> Rows:
    """Everything that happened with somebody before a moment, the last first."""
    return tx.execute(text(_TIMELINE), {"ids": list(customer_ids), "before": before, "limit": limit}).all()


def vouchers_of(tx: Session, customer_ids: Sequence[UUID], *, now: datetime) -> Rows:
    """The vouchers given to somebody, those that are still good first."""
    return tx.execute(
        text(
            """
            SELECT v.id, p.name_vi, p.name_en, b.ends_at, v.state, b.starts_at <= :now AND b.ends_at > :now
                   AND v.state = 'issued' AS good
              FROM voucher v JOIN voucher_batch b ON b.id = v.batch_id JOIN promotion p ON p.id = b.promotion_id
             WHERE v.customer_id = ANY(CAST(:ids AS uuid[]))
             ORDER BY good DESC, b.ends_at DESC, v.id LIMIT 20
            """
        ),
        {"ids": list(customer_ids), "now": now},
    ).all()
