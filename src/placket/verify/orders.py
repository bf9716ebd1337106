"""The rules of online orders and their money, each as one query for what breaks it (docs/rules/orders.md)."""

from typing import Final

# What was captured and not given back is what the order delivers or has delivered; returns give back of that.
ORDERS_OWE_WHAT_WAS_PAID: Final = """
SELECT 'order ' || o.code, coalesce(n.vnd, 0), coalesce(y.vnd, 0) - coalesce(b.vnd, 0)
  FROM web_order o
  LEFT JOIN (SELECT order_id, sum(amount_vnd) AS vnd FROM online_payment WHERE state = 'received' GROUP BY 1) y
    ON y.order_id = o.id
  LEFT JOIN (SELECT p.order_id, sum(r.amount_vnd) AS vnd FROM online_refund r JOIN online_payment p ON p.id = r.payment_id
              WHERE r.reason <> 'returned' GROUP BY 1) b ON b.order_id = o.id
  LEFT JOIN (SELECT order_id, sum(total_vnd) AS vnd FROM web_order_line WHERE state <> 'cancelled' GROUP BY 1) n
    ON n.order_id = o.id AND (o.state IN ('confirmed', 'done') OR y.vnd IS NOT NULL)
 WHERE o.method IS DISTINCT FROM 'cod' AND coalesce(n.vnd, 0) <> coalesce(y.vnd, 0) - coalesce(b.vnd, 0)
"""

REFUNDS_ARE_WITHIN: Final = """
SELECT 'payment ' || p.id, concat_ws(' ', p.amount_vnd, p.amount_minor), concat_ws(' ', r.vnd, r.minor)
  FROM online_payment p
  JOIN (SELECT payment_id, sum(amount_vnd) AS vnd, sum(amount_minor) AS minor FROM online_refund GROUP BY 1) r
    ON r.payment_id = p.id
 WHERE p.state <> 'received' OR r.vnd > p.amount_vnd OR r.minor > p.amount_minor
    OR (r.vnd = p.amount_vnd AND r.minor <> p.amount_minor)
"""

# A return that gives a card its money names the refund that does.
RETURNS_ASK_THE_PROVIDER: Final = """
SELECT 'sale ' || y.sale_id || ' payment ' || y.no, -y.amount_vnd, coalesce(r.amount_vnd, 0)
  FROM payment y
  JOIN sale s ON s.id = y.sale_id AND s.state = 'posted'
  LEFT JOIN online_refund r ON r.key = 'return-' || y.sale_id || '-' || y.no
 WHERE y.kind = 'card' AND y.amount_vnd < 0 AND y.reference = 'ONLINE' AND -y.amount_vnd <> coalesce(r.amount_vnd, 0)
"""

PARCELS_ARE_THEIR_LINES: Final = """
SELECT 'order ' || o.code || ' parcel ' || w.no, coalesce(n.vnd, 0), coalesce(s.total_vnd, 0)
  FROM web_order_sale w
  JOIN web_order o ON o.id = w.order_id
  LEFT JOIN sale s ON s.id = w.sale_id AND s.state = 'posted'
  LEFT JOIN (SELECT sale_id, sum(total_vnd) AS vnd FROM web_order_line GROUP BY 1) n ON n.sale_id = w.sale_id
 WHERE n.vnd IS DISTINCT FROM s.total_vnd
"""

# A promise stands for a line that is open; what is over is let go of, unless its bag is still to be scanned back.
PROMISES_OF_ORDERS_ARE_LEGAL: Final = """
SELECT 'order ' || o.code || ' line ' || l.line_no,
       CASE l.state WHEN 'open' THEN 'a promise' WHEN 'sold' THEN 'a promise that left' ELSE 'no promise' END,
       coalesce(p.phase, 'none') || CASE WHEN p.paid THEN ' paid' ELSE '' END
  FROM web_order o
  JOIN web_order_line l ON l.order_id = o.id
  LEFT JOIN promise p ON p.ref = l.ref AND p.variant_id = l.variant_id
        AND NOT EXISTS (SELECT 1 FROM promise n WHERE n.moved_from = p.id)
 WHERE CASE
         WHEN l.state = 'sold' THEN p.phase IS NULL OR p.phase NOT IN ('shipped', 'collected')
         WHEN l.state = 'cancelled' THEN p.phase IN ('asked', 'confirmed', 'bagged', 'shipped', 'collected')
         WHEN o.state IN ('refused', 'expired', 'cancelled', 'done') THEN true
         WHEN o.state = 'confirmed' THEN p.phase IS NULL OR NOT p.paid OR p.phase IN ('shipped', 'collected')
         WHEN o.state = 'held' THEN p.phase IS NULL OR p.paid
         ELSE p.paid END
"""

# What left another place for a piece that was not there was carried from it once; of what is over, nothing is kept.
LACKS_ARE_CARRIED_ONCE: Final = """
SELECT 'lack ' || m.id, CASE WHEN m.from_id <> m.location_id THEN m.qty ELSE 0 END || ' carried',
       coalesce(g.came, 0) || ' came, ' || coalesce(g.gone, 0) || ' left'
  FROM sending_lack m
  LEFT JOIN (SELECT d.id, sum(g.qty) FILTER (WHERE g.location_id = d.location_id) AS came,
                    -sum(g.qty) FILTER (WHERE g.location_id = d.from_id) AS gone
               FROM sending_lack d JOIN stock_ledger g ON g.ref = d.id GROUP BY d.id) g ON g.id = m.id
 WHERE (coalesce(g.came, 0), coalesce(g.gone, 0)) IS DISTINCT FROM (
       CASE WHEN m.from_id <> m.location_id THEN m.qty ELSE 0 END,
       CASE WHEN m.from_id <> m.location_id THEN m.qty ELSE 0 END)
UNION ALL
SELECT 'lack ' || m.id, 'no promise while ' || m.state, p.phase
  FROM sending_lack m JOIN promise p ON p.ref = m.id
 WHERE m.state <> 'moving' AND p.phase IN ('asked', 'confirmed', 'bagged')
"""
