"""The rules of promotions, their limits and vouchers, each as one query for what breaks it (docs/rules/pricing.md)."""

from typing import Final

# What a promotion took off a sale stands twice: by line, explaining the discount, and in all, as its limits count it.
OFFERS_EXPLAIN_DISCOUNTS: Final = """
SELECT coalesce(s.receipt_code, s.id::text) || ' promotion ' || o.promotion_id, coalesce(u.vnd, 0), coalesce(d.vnd, 0)
  FROM (SELECT sale_id, promotion_id FROM sale_discount WHERE kind = 'promotion'
        UNION SELECT sale_id, promotion_id FROM promotion_use) o
  JOIN sale s ON s.id = o.sale_id
  LEFT JOIN (SELECT sale_id, promotion_id, version, sum(amount_vnd) AS vnd FROM promotion_use GROUP BY 1, 2, 3) u
    USING (sale_id, promotion_id)
  LEFT JOIN (SELECT c.sale_id, c.promotion_id, c.promotion_version AS version, sum(c.amount_vnd) AS vnd
               FROM sale_discount c JOIN sale_line n USING (sale_id, line_no)
              WHERE c.kind = 'promotion' AND n.qty > 0 GROUP BY 1, 2, 3) d
    USING (sale_id, promotion_id)
 WHERE CASE s.state WHEN 'void' THEN u.vnd IS NOT NULL
                    ELSE (u.version, u.vnd) IS DISTINCT FROM (d.version, d.vnd) END
"""

SHARES_ARE_THE_PART: Final = """
SELECT d.sale_id || ' line ' || d.line_no || ' part ' || d.no, d.amount_vnd || ' ₫ over ' || n.qty,
       coalesce(p.vnd, 0) || ' ₫ over ' || cardinality(d.shares_vnd)
  FROM sale_discount d
  JOIN sale_line n USING (sale_id, line_no)
 CROSS JOIN LATERAL (SELECT sum(vnd) AS vnd, min(vnd) AS least_vnd FROM unnest(d.shares_vnd) AS vnd) p
 WHERE d.kind = 'promotion' AND n.qty > 0
   AND (p.vnd IS DISTINCT FROM d.amount_vnd OR cardinality(d.shares_vnd) <> n.qty OR p.least_vnd < 0)
"""

LIMITS_ARE_THEIR_USES: Final = """
SELECT 'promotion ' || l.promotion_id, concat_ws(' ', coalesce(u.uses, 0), coalesce(u.pieces, 0), coalesce(u.vnd, 0)),
       concat_ws(' ', l.uses, l.pieces, l.spent_vnd)
  FROM promotion_limit l
  LEFT JOIN (SELECT promotion_id, sum(uses) AS uses, sum(pieces) AS pieces, sum(amount_vnd) AS vnd
               FROM promotion_use GROUP BY 1) u USING (promotion_id)
 WHERE (l.uses, l.pieces, l.spent_vnd) <> (coalesce(u.uses, 0), coalesce(u.pieces, 0), coalesce(u.vnd, 0))
"""

VOUCHERS_ARE_THEIR_LEDGER: Final = """
SELECT 'voucher ' || v.code, e.state, v.state
  FROM voucher v
  JOIN LATERAL (SELECT CASE kind WHEN 'redeem' THEN 'redeemed' WHEN 'hold' THEN 'held' WHEN 'block' THEN 'blocked'
                                 ELSE 'issued' END AS state
                  FROM voucher_entry WHERE voucher_id = v.id ORDER BY id DESC LIMIT 1) e ON true
 WHERE v.state <> e.state
 UNION ALL
SELECT 'voucher ' || v.code, 'a posted sale that used its promotion', concat_ws(' ', s.state, 'sale', v.sale_id)
  FROM voucher v
  JOIN voucher_batch b ON b.id = v.batch_id
  JOIN sale s ON s.id = v.sale_id
  LEFT JOIN promotion_use u ON u.sale_id = s.id AND u.promotion_id = b.promotion_id
 WHERE s.state <> 'posted' OR u.sale_id IS NULL
 UNION ALL
SELECT 'voucher ' || v.code, 'one redemption', r.times || ' redemptions'
  FROM voucher v
  JOIN LATERAL (SELECT sum(CASE kind WHEN 'redeem' THEN 1 WHEN 'restore' THEN -1 ELSE 0 END) AS times
                  FROM voucher_entry WHERE voucher_id = v.id) r ON true
 WHERE r.times NOT BETWEEN 0 AND 1
"""
