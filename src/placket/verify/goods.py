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
