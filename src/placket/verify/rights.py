"""The rules of points, store credit and holds, each as one query for what breaks it (docs/rules/loyalty.md)."""

from typing import Final

POINTS_ARE_THEIR_LEDGER: Final = """
SELECT 'customer ' || a.customer_id, coalesce(e.points, 0), a.points
  FROM customer_account a
  LEFT JOIN (SELECT customer_id, sum(points) AS points FROM loyalty_entry GROUP BY 1) e USING (customer_id)
 WHERE a.points <> coalesce(e.points, 0)
"""

LOTS_ARE_THEIR_ENTRIES: Final = """
SELECT 'lot ' || l.id, concat_ws(' ', coalesce(e.points, 0), 'left,', coalesce(h.points, 0), 'held'),
       concat_ws(' ', l.left_points, 'left,', l.held, 'held')
  FROM loyalty_lot l
  LEFT JOIN (SELECT lot_id, sum(points) AS points FROM loyalty_entry GROUP BY 1) e ON e.lot_id = l.id
  LEFT JOIN (SELECT k.lot_id, sum(k.points) AS points
               FROM right_hold_lot k JOIN right_hold r ON r.id = k.hold_id AND r.state = 'held' GROUP BY 1) h
    ON h.lot_id = l.id
 WHERE (l.left_points, l.held) <> (coalesce(e.points, 0), coalesce(h.points, 0))
"""

LOTS_ARE_THE_BALANCE: Final = """
SELECT 'customer ' || a.customer_id, coalesce(l.points, 0), a.points
  FROM customer_account a
  LEFT JOIN (SELECT customer_id, sum(left_points) AS points FROM loyalty_lot GROUP BY 1) l USING (customer_id)
 WHERE a.points <> coalesce(l.points, 0)
"""

CREDIT_IS_ITS_LEDGER: Final = """
SELECT 'customer ' || a.customer_id, concat_ws(' ', coalesce(e.vnd, 0), coalesce(h.vnd, 0)),
       concat_ws(' ', a.credit_vnd, a.credit_held_vnd)
  FROM customer_account a
  LEFT JOIN (SELECT customer_id, sum(amount_vnd) AS vnd FROM credit_entry GROUP BY 1) e USING (customer_id)
  LEFT JOIN (SELECT resource_id, sum(amount) AS vnd FROM right_hold
              WHERE resource_type = 'store_credit' AND state = 'held' GROUP BY 1) h ON h.resource_id = a.customer_id
 WHERE (a.credit_vnd, a.credit_held_vnd) <> (coalesce(e.vnd, 0), coalesce(h.vnd, 0))
"""

VOIDS_GIVE_RIGHTS_BACK: Final = """
SELECT coalesce(s.receipt_code, s.id::text), '0 points, 0 ₫', p.points || ' points, ' || p.credit_vnd || ' ₫'
  FROM sale s
  JOIN (SELECT ref, sum(points) AS points, sum(credit_vnd) AS credit_vnd
          FROM (SELECT ref, points, 0 AS credit_vnd FROM loyalty_entry WHERE ref IS NOT NULL
                UNION ALL SELECT ref, 0, amount_vnd FROM credit_entry WHERE kind IN ('spend', 'reverse', 'issue')) moved
         GROUP BY ref) p ON p.ref = s.id
 WHERE s.state = 'void' AND (p.points, p.credit_vnd) <> (0, 0)
   AND NOT EXISTS (SELECT 1 FROM exception_log x WHERE x.kind = 'points_spent' AND x.refs ->> 'sale' = s.id::text)
"""

HOLDS_ARE_SPENT_ONCE: Final = """
SELECT 'hold ' || h.id, 'a posted sale', coalesce(s.state, 'none')
  FROM right_hold h LEFT JOIN sale s ON s.id = h.sale_id
 WHERE h.state = 'spent' AND s.state IS DISTINCT FROM 'posted'
 UNION ALL
SELECT 'sale ' || s.id, 'nothing held', count(*) || ' held'
  FROM right_hold h JOIN sale s ON s.id = h.sale_id WHERE h.state = 'held' GROUP BY s.id
 UNION ALL
SELECT 'sale ' || h.sale_id, sum(h.amount)::text, coalesce(-min(e.points), 0)::text
  FROM right_hold h
  LEFT JOIN (SELECT ref, sum(points) AS points FROM loyalty_entry WHERE kind = 'spend' GROUP BY 1) e ON e.ref = h.sale_id
 WHERE h.state = 'spent' AND h.resource_type = 'points'
 GROUP BY h.sale_id HAVING sum(h.amount) <> coalesce(-min(e.points), 0)
"""

ORDERS_KEEP_THEIR_POINTS: Final = """
SELECT o.code, concat_ws(' ', o.points, 'points,', o.points_vnd, '₫'),
       concat_ws(' ', coalesce(h.points, 0), 'points,', coalesce(d.vnd, 0), '₫')
  FROM web_order o
  LEFT JOIN (SELECT order_id, sum(amount) AS points FROM right_hold GROUP BY order_id) h ON h.order_id = o.id
  LEFT JOIN (SELECT l.order_id, sum((part ->> 'amount_vnd')::bigint) AS vnd
               FROM web_order_line l CROSS JOIN jsonb_array_elements(l.discounts) part
              WHERE part ->> 'kind' = 'points' GROUP BY l.order_id) d ON d.order_id = o.id
 WHERE (o.points, o.points_vnd) <> (coalesce(h.points, 0), coalesce(d.vnd, 0))
 UNION ALL
SELECT o.code, 'line ' || l.line_no || ' ' || l.state, h.state
  FROM right_hold h
  JOIN web_order_line l ON l.order_id = h.order_id AND l.line_no = h.line_no
  JOIN web_order o ON o.id = l.order_id
  LEFT JOIN sale s ON s.id = l.sale_id
 WHERE h.state <> CASE WHEN l.state = 'open' THEN 'held'
                       WHEN l.state = 'sold' AND s.state = 'posted' THEN 'spent' ELSE 'freed' END
    OR h.state = 'spent' AND h.sale_id IS DISTINCT FROM l.sale_id
"""

ALIASES_HAVE_NOTHING: Final = """
SELECT 'alias ' || c.id, 'a survivor who has everything', concat_ws(' ', a.points, a.credit_vnd, 'for', c.merged_into)
  FROM customer c
  JOIN customer_account a ON a.customer_id = c.id
  LEFT JOIN customer s ON s.id = c.merged_into AND s.merged_into IS NULL
 WHERE c.merged_into IS NOT NULL AND (s.id IS NULL OR (a.points, a.credit_vnd) <> (0, 0) OR a.earns)
"""

CONSENT_IS_THE_LAST_WORD: Final = """
SELECT 'customer ' || a.customer_id, coalesce(k.granted, false), a.earns
  FROM customer_account a
  JOIN customer c ON c.id = a.customer_id AND c.merged_into IS NULL
  LEFT JOIN (SELECT DISTINCT ON (customer_id) customer_id, granted FROM consent WHERE purpose = 'loyalty'
              ORDER BY customer_id, id DESC) k ON k.customer_id = a.customer_id
 WHERE a.earns <> coalesce(k.granted, false)
"""
