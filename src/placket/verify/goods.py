"""The rules of goods on their way, as queries for ``checks``; docs/rules/stock.md says what they mean."""

# A transfer's own documents carry pieces from one place to another; what appears or is lost is an adjustment.
TRANSFERS_LOSE_NOTHING = """
SELECT 'document ' || ref || ' ' || variant_id, 0, sum(qty)
  FROM stock_ledger WHERE kind IN ('transfer_out', 'transfer_in')
 GROUP BY ref, variant_id HAVING sum(qty) <> 0
"""

# What lies on the way, by its documents, is what its lines say: shipped, less what arrived or was settled.
IN_TRANSIT_IS_NOT_THERE = """
SELECT coalesce('transfer ' || t.code, 'no transfer') || ' ' || variant_id, coalesce(w.qty, 0), coalesce(g.qty, 0)
  FROM (SELECT transfer_id, variant_id, shipped - accepted - damaged - settled AS qty FROM transfer_line) w
  FULL JOIN (SELECT d.belongs_to AS transfer_id, g.variant_id, sum(g.qty) AS qty
               FROM stock_ledger g
               JOIN location l ON l.id = g.location_id AND l.kind = 'transit'
               LEFT JOIN stock_document d ON d.id = g.ref
              GROUP BY d.belongs_to, g.variant_id) g USING (transfer_id, variant_id)
  LEFT JOIN transfer t ON t.id = transfer_id
 WHERE coalesce(w.qty, 0) <> coalesce(g.qty, 0)
"""

# Nothing is under way for a transfer that is over, and one that differs has somebody looking for its pieces.
TRANSFERS_END_CLEAR = """
SELECT 'transfer ' || t.code || ' ' || n.variant_id, 'nothing unexplained while ' || t.state,
       n.shipped - n.accepted - n.damaged - n.settled || ' on the way, ' || coalesce(x.qty, 0) || ' asked after'
  FROM transfer_line n
  JOIN transfer t ON t.id = n.transfer_id AND t.state IN ('differs', 'done', 'cancelled')
  LEFT JOIN (SELECT belongs_to, variant_id, sum(qty) AS qty FROM exception_log
              WHERE kind = 'transfer_missing' AND state = 'open' GROUP BY 1, 2) x
    ON x.belongs_to = t.id AND x.variant_id = n.variant_id
 WHERE n.shipped - n.accepted - n.damaged - n.settled <> coalesce(x.qty, 0)
    OR (t.state <> 'differs' AND x.qty IS NOT NULL)
"""

# What a receipt says it accepted is what it moved.
RECEIPTS_ARE_THEIR_MOVES = """
SELECT 'receipt ' || r.number || ' ' || coalesce(n.variant_id, g.variant_id), coalesce(n.accepted, 0), coalesce(g.qty, 0)
  FROM receipt_line n
  FULL JOIN (SELECT g.ref, g.variant_id, sum(g.qty) AS qty FROM stock_ledger g
               JOIN goods_receipt r ON r.id = g.ref GROUP BY 1, 2) g
    ON g.ref = n.receipt_id AND g.variant_id = n.variant_id
  JOIN goods_receipt r ON r.id = coalesce(n.receipt_id, g.ref)
 WHERE coalesce(n.accepted, 0) <> coalesce(g.qty, 0)
"""

# numeric round() is half away from zero, as core.money is; a cost that nobody knew before is the new one.
COST_IS_ITS_RECEIPTS = """
SELECT 'variant ' || variant_id, last.cost_after_vnd, c.average_vnd
  FROM (SELECT DISTINCT ON (n.variant_id) n.variant_id, n.cost_after_vnd
          FROM receipt_line n JOIN goods_receipt r ON r.id = n.receipt_id
         WHERE n.accepted > 0 AND n.unit_cost_vnd IS NOT NULL ORDER BY n.variant_id, r.number DESC) last
  FULL JOIN variant_cost c USING (variant_id)
 WHERE c.average_vnd IS DISTINCT FROM last.cost_after_vnd
 UNION ALL
SELECT 'receipt ' || number || ' ' || variant_id, expected_vnd, cost_after_vnd
  FROM (SELECT r.number, n.variant_id, n.cost_after_vnd, round((n.pieces_before * n.cost_before_vnd
                 + n.accepted * n.unit_cost_vnd)::numeric / (n.pieces_before + n.accepted)) AS expected_vnd
          FROM receipt_line n JOIN goods_receipt r ON r.id = n.receipt_id
         WHERE n.accepted > 0 AND n.unit_cost_vnd IS NOT NULL AND n.cost_before_vnd > 0) averaged
 WHERE cost_after_vnd <> expected_vnd
"""

# What came of an order is what its receipts say.
ORDERS_ARE_THEIR_RECEIPTS = """
SELECT 'order ' || o.number || ' ' || p.variant_id, concat_ws(' ', coalesce(n.accepted, 0), coalesce(n.rejected, 0)),
       concat_ws(' ', p.received, p.rejected)
  FROM purchase_line p
  JOIN purchase_order o ON o.id = p.order_id
  LEFT JOIN (SELECT r.order_id, n.variant_id, sum(n.accepted) AS accepted, sum(n.rejected) AS rejected
               FROM receipt_line n JOIN goods_receipt r ON r.id = n.receipt_id GROUP BY 1, 2) n
    ON n.order_id = p.order_id AND n.variant_id = p.variant_id
 WHERE (p.received, p.rejected) <> (coalesce(n.accepted, 0), coalesce(n.rejected, 0))
"""

# What a count says it found other than expected is what it moved, at its own place; each line adds up.
COUNTS_ARE_THEIR_MOVES = """
SELECT 'count ' || c.number || ' ' || coalesce(n.variant_id, g.variant_id), coalesce(n.difference, 0), coalesce(g.qty, 0)
  FROM (SELECT * FROM count_line WHERE booked_at IS NOT NULL) n
  FULL JOIN (SELECT g.ref, g.variant_id, sum(g.qty) AS qty, bool_and(g.location_id = o.location_id) AS here
               FROM stock_ledger g JOIN stock_count o ON o.id = g.ref GROUP BY 1, 2) g
    ON g.ref = n.count_id AND g.variant_id = n.variant_id
  JOIN stock_count c ON c.id = coalesce(n.count_id, g.ref)
 WHERE coalesce(n.difference, 0) <> coalesce(g.qty, 0) OR NOT coalesce(g.here, true)
"""

# A count that is posted has found in all what its lines say, and left nobody's work undone.
COUNTS_ARE_THEIR_LINES = """
SELECT 'count ' || c.number, concat_ws(' ', n.expected, n.off, n.off_vnd),
       concat_ws(' ', c.pieces_expected, c.pieces_off, c.off_vnd)
  FROM stock_count c
  LEFT JOIN LATERAL (
       SELECT coalesce(sum(greatest(0, expected)), 0) AS expected, coalesce(sum(abs(difference)), 0) AS off,
              coalesce(sum(abs(difference) * unit_vnd), 0) AS off_vnd
         FROM count_line WHERE count_id = c.id AND booked_at IS NOT NULL) n ON true
 WHERE (c.state = 'posted' AND (c.pieces_expected, c.pieces_off, c.off_vnd) IS DISTINCT FROM (n.expected, n.off, n.off_vnd))
    OR (c.state = 'cancelled' AND EXISTS (SELECT 1 FROM stock_ledger WHERE ref = c.id))
"""

ADJUSTMENTS_ARE_THEIR_MOVES = """
SELECT 'adjustment ' || a.number || ' ' || n.variant_id, CASE a.state WHEN 'booked' THEN n.qty ELSE 0 END, coalesce(g.qty, 0)
  FROM adjustment_line n
  JOIN stock_adjustment a ON a.id = n.adjustment_id
  LEFT JOIN (SELECT ref, location_id, variant_id, sum(qty) AS qty
               FROM stock_ledger WHERE kind = 'adjustment' GROUP BY 1, 2, 3) g
    ON g.ref = a.id AND g.location_id = a.location_id AND g.variant_id = n.variant_id
 WHERE CASE a.state WHEN 'booked' THEN n.qty ELSE 0 END <> coalesce(g.qty, 0)
"""
