"""The rules of the books, each as one query that answers the rows which break it (docs/rules/stock.md, sales.md).

Every query answers (subject, expected, found) as text and reads whole tables once, by hash or in index order: seconds at
320,000 sale lines, minutes at ten million. A rule that a constraint of the schema already keeps does not stand here.
"""

from dataclasses import dataclass

from placket.verify import figures, goods, offers, orders, rights


@dataclass(frozen=True, slots=True)
class Check:
    """A rule: its stable name, what it says, and the query for what breaks it."""

    name: str
    says: str
    query: str


BALANCE_IS_LEDGER = """
SELECT s.location_id || ':' || s.variant_id, coalesce(g.qty, 0), s.on_hand
  FROM stock s
  LEFT JOIN (SELECT location_id, variant_id, sum(qty) AS qty FROM stock_ledger GROUP BY 1, 2) g
    USING (location_id, variant_id)
 WHERE s.on_hand <> coalesce(g.qty, 0)
"""

PROMISED_IS_PROMISES = """
SELECT s.location_id || ':' || s.variant_id, coalesce(p.promised, 0) || ' promised, ' || coalesce(p.asked, 0) || ' asked',
       s.promised || ' promised, ' || s.asked || ' asked'
  FROM stock s
  LEFT JOIN (SELECT location_id, variant_id, coalesce(sum(qty) FILTER (WHERE phase <> 'asked'), 0) AS promised,
                    coalesce(sum(qty) FILTER (WHERE phase = 'asked'), 0) AS asked
               FROM promise WHERE phase IN ('asked', 'confirmed', 'bagged', 'to_scan_back') GROUP BY 1, 2) p
    USING (location_id, variant_id)
 WHERE (s.promised, s.asked) <> (coalesce(p.promised, 0), coalesce(p.asked, 0))
"""

SHORT_IS_WHAT_LACKS = """
SELECT location_id || ':' || variant_id, greatest(0, promised - on_hand), short
  FROM stock WHERE short <> greatest(0, promised - on_hand)
"""

SHORT_HAS_EXCEPTION = """
SELECT s.location_id || ':' || s.variant_id, 'an open exception', s.short || ' short'
  FROM stock s
 WHERE s.short > 0
   AND NOT EXISTS (SELECT 1 FROM exception_log x
                    WHERE x.kind = 'short' AND x.state = 'open'
                      AND x.location_id = s.location_id AND x.variant_id = s.variant_id)
"""

MOVES_HAVE_DOCUMENTS = """
SELECT 'ledger ' || g.id, CASE WHEN g.kind IN ('sale', 'return', 'void') THEN 'a sale' ELSE 'a stock document' END,
       g.kind || ' of ' || g.ref
  FROM stock_ledger g
  LEFT JOIN sale s ON s.id = g.ref AND g.kind IN ('sale', 'return', 'void')
  LEFT JOIN stock_document d ON d.id = g.ref AND g.kind = d.kind
 WHERE s.id IS NULL AND d.id IS NULL
"""

MOVES_NAME_THEIR_SELLER = """
SELECT 'ledger ' || g.id, concat_ws(' at ', s.staff_id, s.till_id), concat_ws(' at ', g.staff_id, g.till_id)
  FROM stock_ledger g JOIN sale s ON s.id = g.ref
 WHERE g.kind IN ('sale', 'return')
   AND (g.staff_id, g.till_id, g.epoch) IS DISTINCT FROM (s.staff_id, s.till_id, s.epoch)
"""

SALES_MOVE_THEIR_GOODS = """
SELECT ref || ' ' || location_id || ':' || variant_id, sum(sold), sum(moved)
  FROM (SELECT ref, location_id, variant_id, 0 AS sold, -qty AS moved
          FROM stock_ledger WHERE kind IN ('sale', 'return')
         UNION ALL
        SELECT sale_id, source_id, variant_id, qty, 0 FROM sale_line) both_sides
 GROUP BY ref, location_id, variant_id
HAVING sum(sold) <> sum(moved)
"""

VOIDS_PUT_GOODS_BACK = """
SELECT g.ref || ' ' || g.location_id || ':' || g.variant_id, CASE WHEN s.state = 'void' THEN '0' ELSE 'no void move' END,
       sum(g.qty)
  FROM stock_ledger g JOIN sale s ON s.id = g.ref
 WHERE s.state = 'void' OR g.kind = 'void'
 GROUP BY g.ref, g.location_id, g.variant_id, s.state
HAVING sum(g.qty) <> 0 OR s.state <> 'void'
"""

LINES_ARE_THE_SALE = """
SELECT coalesce(s.receipt_code, s.id::text),
       concat_ws(' ', l.pieces, l.list_vnd, l.discount_vnd, l.total_vnd, l.vat_vnd),
       concat_ws(' ', s.pieces, s.list_vnd, s.discount_vnd, s.total_vnd, s.vat_vnd)
  FROM sale s
  LEFT JOIN (SELECT sale_id, sum(qty) AS pieces, sum(qty * unit_vnd) AS list_vnd, sum(discount_vnd) AS discount_vnd,
                    sum(total_vnd) AS total_vnd, sum(vat_vnd) AS vat_vnd
               FROM sale_line GROUP BY sale_id) l ON l.sale_id = s.id
 WHERE (l.sale_id IS NULL AND s.state = 'posted')
    OR (s.pieces, s.list_vnd, s.discount_vnd, s.total_vnd, s.vat_vnd)
       <> (coalesce(l.pieces, 0), coalesce(l.list_vnd, 0), coalesce(l.discount_vnd, 0), coalesce(l.total_vnd, 0),
           coalesce(l.vat_vnd, 0))
"""

# A sale that came in live has a fingerprint; history that was loaded keeps its discounts without their parts.
DISCOUNTS_ARE_THEIR_PARTS = """
SELECT coalesce(s.receipt_code, s.id::text) || ' line ' || n.line_no, n.discount_vnd, coalesce(d.amount_vnd, 0)
  FROM sale_line n
  JOIN sale s ON s.id = n.sale_id
  LEFT JOIN (SELECT sale_id, line_no, sum(amount_vnd) AS amount_vnd FROM sale_discount GROUP BY 1, 2) d
    USING (sale_id, line_no)
 WHERE s.fingerprint IS NOT NULL AND (n.discount_vnd <> 0 OR d.amount_vnd IS NOT NULL)
   AND n.discount_vnd <> coalesce(d.amount_vnd, 0)
"""

PAYMENTS_PAY_THE_SALE = """
SELECT coalesce(s.receipt_code, s.id::text), CASE s.state WHEN 'void' THEN 0 ELSE s.total_vnd + s.rounding_vnd END,
       coalesce(p.paid_vnd, 0)
  FROM sale s
  LEFT JOIN (SELECT sale_id, sum(amount_vnd) AS paid_vnd FROM payment GROUP BY sale_id) p ON p.sale_id = s.id
 WHERE coalesce(p.paid_vnd, 0) <> CASE s.state WHEN 'void' THEN 0 ELSE s.total_vnd + s.rounding_vnd END
"""

# numeric round() is half away from zero, as core.money is.
VAT_IS_INSIDE = """
SELECT sale_id || ' at ' || vat_bp || ' bp', within_vnd || ', no line beyond its total', vat_vnd
  FROM (SELECT sale_id, vat_bp, sum(vat_vnd) AS vat_vnd, min(qty) AS fewest,
               sum(total_vnd) - round(sum(total_vnd) * 10000.0 / (10000 + vat_bp)) AS within_vnd,
               bool_or(vat_vnd NOT BETWEEN least(total_vnd, 0) AND greatest(total_vnd, 0)) AS beyond
          FROM sale_line GROUP BY sale_id, vat_bp) rates
 WHERE beyond OR (fewest > 0 AND vat_vnd <> within_vnd)
"""

RECEIPTS_ARE_GAPLESS = """
SELECT e.receipt_prefix, e.last_receipt_no || ' numbers from 1 to ' || e.last_receipt_no,
       coalesce(n.many, 0) || ' numbers from ' || coalesce(n.first, 0) || ' to ' || coalesce(n.last, 0)
  FROM till_epoch e
  LEFT JOIN (SELECT till_id, epoch, count(*) AS many, min(receipt_no) AS first, max(receipt_no) AS last
               FROM sale WHERE till_id IS NOT NULL GROUP BY till_id, epoch) n USING (till_id, epoch)
  LEFT JOIN (SELECT till_id, epoch, count(*) AS many -- an entry in quarantine, or set aside, has its number all the same
               FROM sync_entry WHERE status <> 'posted' GROUP BY till_id, epoch) w USING (till_id, epoch)
 WHERE e.last_receipt_no - coalesce(n.many, 0) NOT BETWEEN 0 AND coalesce(w.many, 0)
    OR coalesce(n.last, 0) <> e.last_receipt_no OR n.first > 1 + coalesce(w.many, 0)
 UNION ALL
SELECT s.id::text, coalesce(e.receipt_prefix || '-' || lpad(s.receipt_no::text, 7, '0'), 'a till with this epoch'),
       s.receipt_code
  FROM sale s LEFT JOIN till_epoch e USING (till_id, epoch)
 WHERE s.till_id IS NOT NULL
   AND s.receipt_code IS DISTINCT FROM e.receipt_prefix || '-' || lpad(s.receipt_no::text, 7, '0')
"""

DAYS_ARE_THE_MOMENTS = """
SELECT coalesce(receipt_code, id::text), (sold_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, sold_on
  FROM sale WHERE sold_on <> (sold_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
"""

# A journal may tell of a second return of the same piece: it has happened, and somebody has been told.
RETURNS_WERE_SOLD = """
SELECT r.returns_sale_id || ' line ' || r.returns_line_no, coalesce(l.qty, 0) || ' at most', r.qty
  FROM (SELECT b.returns_sale_id, b.returns_line_no, b.variant_id, -sum(b.qty) AS qty
          FROM sale_line b JOIN sale s ON s.id = b.sale_id AND s.state = 'posted'
         WHERE b.returns_sale_id IS NOT NULL GROUP BY 1, 2, 3) r
  LEFT JOIN sale_line l ON l.sale_id = r.returns_sale_id AND l.line_no = r.returns_line_no AND l.variant_id = r.variant_id
 WHERE r.qty > coalesce(l.qty, 0)
   AND NOT EXISTS (SELECT 1 FROM exception_log x
                    WHERE x.kind = 'returned_twice' AND x.refs ->> 'returned' = r.returns_sale_id::text)
"""

# A piece that was swapped for another stands for it: what was paid and given back for both counts with the first sale.
REFUNDS_WERE_PAID = """
SELECT r.returns_sale_id || ' returned', coalesce(p.paid_vnd, 0) || ' at most', r.refunded_vnd
  FROM (SELECT coalesce(l.stands_for_sale_id, b.returns_sale_id) AS returns_sale_id, -sum(b.total_vnd) AS refunded_vnd
          FROM sale_line b JOIN sale s ON s.id = b.sale_id AND s.state = 'posted'
          LEFT JOIN sale_line l ON l.sale_id = b.returns_sale_id AND l.line_no = b.returns_line_no
         WHERE b.returns_sale_id IS NOT NULL GROUP BY 1) r
  LEFT JOIN LATERAL (SELECT sum(l.total_vnd) AS paid_vnd FROM sale_line l JOIN sale s ON s.id = l.sale_id
                      WHERE l.qty > 0 AND (l.sale_id = r.returns_sale_id AND l.stands_for_sale_id IS NULL
                                           OR l.stands_for_sale_id = r.returns_sale_id AND s.state = 'posted')) p ON true
 WHERE r.refunded_vnd NOT BETWEEN 0 AND coalesce(p.paid_vnd, 0)
   AND NOT EXISTS (SELECT 1 FROM exception_log x
                    WHERE x.kind = 'returned_twice' AND x.refs ->> 'returned' = r.returns_sale_id::text)
"""

# What was earned on goods that came back whole is gone, what they were paid with in points is back.
RETURNS_SETTLE_POINTS = """
SELECT o.id || ' came back whole', '0 points', d.points || ' points'
  FROM sale o
  JOIN (SELECT ref, sum(points) AS points
          FROM (SELECT e.ref, e.points FROM loyalty_entry e WHERE e.kind IN ('earn', 'spend')
                UNION ALL
                SELECT b.of_id, e.points
                  FROM (SELECT DISTINCT l.sale_id, l.returns_sale_id AS of_id FROM sale_line l
                          JOIN sale s ON s.id = l.sale_id AND s.state = 'posted' WHERE l.returns_sale_id IS NOT NULL) b
                  JOIN loyalty_entry e ON e.ref = b.sale_id AND e.kind = 'reverse') m
         GROUP BY ref) d ON d.ref = o.id
 WHERE o.fingerprint IS NOT NULL AND o.state = 'posted'
   AND pieces_returned(o.id) = (SELECT sum(qty) FROM sale_line WHERE sale_id = o.id AND qty > 0)
   AND d.points <> 0
   AND NOT EXISTS (SELECT 1 FROM exception_log x WHERE x.kind IN ('points_spent', 'returned_twice')
                      AND x.refs ->> 'returned' = o.id::text)
   -- A return of several receipts settles the points of all of them in one go.
   AND NOT EXISTS (SELECT 1 FROM sale_line l JOIN sale_line other ON other.sale_id = l.sale_id
                    WHERE l.returns_sale_id = o.id AND other.returns_sale_id <> o.id)
"""

# A sale that came in live has a fingerprint, loaded history has none; events are kept seven days.
SALES_HAVE_EVENTS = """
SELECT coalesce(s.receipt_code, s.id::text), 'the event ' || t.topic, 'none'
  FROM sale s
  JOIN (VALUES ('sale.completed'), ('sale.voided')) AS t(topic)
    ON CASE t.topic WHEN 'sale.voided' THEN s.voided_at > now() - interval '7 days'
                    ELSE s.recorded_at > now() - interval '7 days' END
 WHERE s.fingerprint IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM event e WHERE e.topic = t.topic AND e.key = s.id::text)
"""

EVENTS_TELL_THE_BALANCE = """
SELECT e.key, concat_ws(' ', 'version', s.version, s.on_hand, s.promised, s.asked, s.short),
       concat_ws(' ', 'version', e.key_version, e.payload ->> 'on_hand', e.payload ->> 'promised', e.payload ->> 'asked',
                 e.payload ->> 'short')
  FROM (SELECT DISTINCT ON (key) key, key_version, payload FROM event
         WHERE topic = 'stock.changed' ORDER BY key, key_version DESC, id DESC) e
  LEFT JOIN stock s ON s.location_id = split_part(e.key, ':', 1)::uuid AND s.variant_id = split_part(e.key, ':', 2)::uuid
 WHERE s.version IS NULL OR e.key_version > s.version
    OR (e.key_version = s.version
        AND ((e.payload ->> 'on_hand')::int, (e.payload ->> 'promised')::int, (e.payload ->> 'asked')::int,
             (e.payload ->> 'short')::int) IS DISTINCT FROM (s.on_hand, s.promised, s.asked, s.short))
"""

# What a Z froze is what it names: its payments, its shift's float and moves, its last count.
Z_IS_ITS_PAYMENTS = """
SELECT 'Z ' || z.number || ' of till ' || z.till_id,
       concat_ws(' ', h.float_vnd, coalesce(p.sales_vnd, 0), coalesce(p.refunds_vnd, 0), coalesce(m.in_vnd, 0),
                 coalesce(m.out_vnd, 0), c.counted_vnd, coalesce(p.total_vnd, 0)),
       concat_ws(' ', z.float_vnd, z.cash_sales_vnd, z.cash_refunds_vnd, z.in_vnd, z.out_vnd, z.counted_vnd, t.total_vnd)
  FROM z_report z
  JOIN shift h ON h.id = z.shift_id
  JOIN shift_count c ON c.shift_id = z.shift_id AND c.no = z.count_no
  JOIN LATERAL (SELECT coalesce(sum(value::bigint), 0) AS total_vnd FROM jsonb_each_text(z.tenders)) t ON true
  LEFT JOIN (SELECT n.shift_id, sum(y.amount_vnd) AS total_vnd,
                    coalesce(sum(y.amount_vnd) FILTER (WHERE y.kind = 'cash' AND y.amount_vnd > 0), 0) AS sales_vnd,
                    -coalesce(sum(y.amount_vnd) FILTER (WHERE y.kind = 'cash' AND y.amount_vnd < 0), 0) AS refunds_vnd
               FROM z_payment n JOIN payment y ON y.sale_id = n.sale_id AND y.no = n.no GROUP BY n.shift_id) p
    ON p.shift_id = z.shift_id
  LEFT JOIN (SELECT shift_id, coalesce(sum(amount_vnd) FILTER (WHERE kind = 'in'), 0) AS in_vnd,
                    coalesce(sum(amount_vnd) FILTER (WHERE kind = 'out'), 0) AS out_vnd
               FROM cash_move GROUP BY shift_id) m ON m.shift_id = z.shift_id
 WHERE (z.float_vnd, z.cash_sales_vnd, z.cash_refunds_vnd, z.in_vnd, z.out_vnd, z.counted_vnd, t.total_vnd)
       IS DISTINCT FROM (h.float_vnd, coalesce(p.sales_vnd, 0), coalesce(p.refunds_vnd, 0), coalesce(m.in_vnd, 0),
                         coalesce(m.out_vnd, 0), c.counted_vnd, coalesce(p.total_vnd, 0))
"""

Z_IS_GAPLESS = """
SELECT 'till ' || h.till_id, count(h.id) || ' closed shifts, numbers from 1 to ' || count(h.id),
       count(z.number) || ' Zs from ' || coalesce(min(z.number), 0) || ' to ' || coalesce(max(z.number), 0)
  FROM shift h LEFT JOIN z_report z ON z.shift_id = h.id
 WHERE h.state = 'closed'
 GROUP BY h.till_id
HAVING count(z.number) <> count(h.id) OR min(z.number) <> 1 OR max(z.number) <> count(h.id)
"""

SHIFTS_DO_NOT_OVERLAP = """
SELECT 'shift ' || id, 'not before ' || ended_at, opened_at
  FROM (SELECT id, opened_at, lag(coalesce(closed_at, 'infinity')) OVER (PARTITION BY till_id ORDER BY opened_at) AS ended_at
          FROM shift) followed
 WHERE opened_at < ended_at
"""

# A payment taken before its sale, and the tender it paid, name each other; what banks sent is what the request received.
PAYMENTS_ARE_TAKEN_ONCE = """
SELECT 'payment ' || q.id, coalesce(concat_ws(' ', y.sale_id, y.kind, y.amount_vnd), 'no tender'),
       coalesce(concat_ws(' ', q.sale_id, q.kind, q.amount_vnd), 'no sale')
  FROM payment_request q
  LEFT JOIN payment y ON y.payment_id = q.id AND y.amount_vnd > 0
 WHERE (q.sale_id, q.kind, q.amount_vnd) IS DISTINCT FROM (y.sale_id, y.kind, y.amount_vnd)
   AND (q.sale_id IS NOT NULL OR y.sale_id IS NOT NULL)
"""

CREDITS_ARE_WHAT_CAME = """
SELECT 'payment ' || q.id, coalesce(m.vnd, 0), q.received_vnd
  FROM payment_request q
  LEFT JOIN (SELECT n.request_id, sum(c.amount_vnd)::bigint AS vnd
               FROM credit_match n JOIN bank_credit c ON c.id = n.credit_id GROUP BY n.request_id) m ON m.request_id = q.id
 WHERE q.kind = 'transfer' AND q.received_vnd <> coalesce(m.vnd, 0)
"""

CHECKS = (
    Check("balance_is_ledger", "every balance is the sum of its ledger", BALANCE_IS_LEDGER),
    Check("promised_is_promises", "promised and asked are the open promises", PROMISED_IS_PROMISES),
    Check("short_is_what_lacks", "a balance below its promises, or below zero, is booked as short", SHORT_IS_WHAT_LACKS),
    Check("short_has_exception", "every shortage has somebody looking at it", SHORT_HAS_EXCEPTION),
    Check("moves_have_documents", "every stock move has its document", MOVES_HAVE_DOCUMENTS),
    Check("moves_name_their_seller", "moves of a sale name its person and till", MOVES_NAME_THEIR_SELLER),
    Check("sales_move_their_goods", "every sale moved what its lines say", SALES_MOVE_THEIR_GOODS),
    Check("voids_put_goods_back", "a voided sale has put everything back", VOIDS_PUT_GOODS_BACK),
    Check("transfers_lose_nothing", "a transfer's documents carry and lose nothing", goods.TRANSFERS_LOSE_NOTHING),
    Check("in_transit_is_not_there", "on the way is what has not arrived", goods.IN_TRANSIT_IS_NOT_THERE),
    Check("transfers_end_clear", "a transfer that is over has nothing on the way", goods.TRANSFERS_END_CLEAR),
    Check("receipts_are_their_moves", "a receipt moved what it accepted", goods.RECEIPTS_ARE_THEIR_MOVES),
    Check("cost_is_its_receipts", "a cost is the moving average of its receipts", goods.COST_IS_ITS_RECEIPTS),
    Check("orders_are_their_receipts", "what came of an order is in its receipts", goods.ORDERS_ARE_THEIR_RECEIPTS),
    Check("counts_are_their_moves", "a count moved what it found other than expected", goods.COUNTS_ARE_THEIR_MOVES),
    Check("counts_are_their_lines", "a posted count is the sum of its lines", goods.COUNTS_ARE_THEIR_LINES),
    Check("adjustments_are_their_moves", "an adjustment moved what it says once", goods.ADJUSTMENTS_ARE_THEIR_MOVES),
    Check("lines_are_the_sale", "lines add up to their sale", LINES_ARE_THE_SALE),
    Check("discounts_are_their_parts", "a line's discount is the sum of its parts", DISCOUNTS_ARE_THEIR_PARTS),
    Check(
        "offers_explain_discounts", "what promotions took is the same by line and in all", offers.OFFERS_EXPLAIN_DISCOUNTS
    ),
    Check("shares_are_the_part", "what the pieces got of a promotion is what the line got", offers.SHARES_ARE_THE_PART),
    Check("limits_are_their_uses", "limits have used what sales took", offers.LIMITS_ARE_THEIR_USES),
    Check("vouchers_are_their_ledger", "a voucher pays once, in a posted sale", offers.VOUCHERS_ARE_THEIR_LEDGER),
    Check("payments_pay_the_sale", "payments add up to the sale and its rounding", PAYMENTS_PAY_THE_SALE),
    Check("payments_are_taken_once", "a payment taken before its sale pays for one tender", PAYMENTS_ARE_TAKEN_ONCE),
    Check("credits_are_what_came", "a transfer has received what its bank credits say", CREDITS_ARE_WHAT_CAME),
    Check("orders_owe_what_was_paid", "captured less refunded is what orders deliver", orders.ORDERS_OWE_WHAT_WAS_PAID),
    Check("refunds_are_within", "no payment online gives back more than it was", orders.REFUNDS_ARE_WITHIN),
    Check("returns_ask_the_provider", "a return to a card online has its refund", orders.RETURNS_ASK_THE_PROVIDER),
    Check("parcels_are_their_lines", "a parcel is the sale of its lines", orders.PARCELS_ARE_THEIR_LINES),
    Check("promises_of_orders_are_legal", "an order's lines and promises agree", orders.PROMISES_OF_ORDERS_ARE_LEGAL),
    Check("lacks_are_carried_once", "what was sent in another's stead left once", orders.LACKS_ARE_CARRIED_ONCE),
    Check("vat_is_inside", "VAT is inside its lines, by one reckoning a rate", VAT_IS_INSIDE),
    Check("receipts_are_gapless", "receipt numbers of a till have no gap", RECEIPTS_ARE_GAPLESS),
    Check("days_are_the_moments", "the business day of a sale is that of its moment", DAYS_ARE_THE_MOMENTS),
    Check("returns_were_sold", "no more comes back than was sold", RETURNS_WERE_SOLD),
    Check("refunds_were_paid", "no more money goes back than was paid", REFUNDS_WERE_PAID),
    Check("returns_settle_points", "goods that came back whole have earned and spent no points", RETURNS_SETTLE_POINTS),
    Check("sales_have_events", "recent sales have their events", SALES_HAVE_EVENTS),
    Check("events_tell_the_balance", "the newest event of a balance tells its state", EVENTS_TELL_THE_BALANCE),
    Check("z_is_its_payments", "a Z holds the sums of the payments, moves and count it names", Z_IS_ITS_PAYMENTS),
    Check("z_is_gapless", "every closed shift has its Z, numbered without a gap", Z_IS_GAPLESS),
    Check("shifts_do_not_overlap", "a till has one shift at a time", SHIFTS_DO_NOT_OVERLAP),
    Check("points_are_their_ledger", "points are the sum of their ledger", rights.POINTS_ARE_THEIR_LEDGER),
    Check("lots_are_their_entries", "a lot holds what its entries and holds say", rights.LOTS_ARE_THEIR_ENTRIES),
    Check("lots_are_the_balance", "a customer's lots are their points", rights.LOTS_ARE_THE_BALANCE),
    Check("credit_is_its_ledger", "store credit is the sum of its ledger, held what is held", rights.CREDIT_IS_ITS_LEDGER),
    Check("voids_give_rights_back", "a voided sale has earned and spent nothing", rights.VOIDS_GIVE_RIGHTS_BACK),
    Check("holds_are_spent_once", "a hold is spent by its posted sale, once", rights.HOLDS_ARE_SPENT_ONCE),
    Check(
        "orders_keep_their_points", "an open line keeps its points, a sold one spends them", rights.ORDERS_KEEP_THEIR_POINTS
    ),
    Check("aliases_have_nothing", "an alias names a survivor who has everything", rights.ALIASES_HAVE_NOTHING),
    Check("figures_are_their_sales", "kept sums of days are what their sales come to", figures.FIGURES_ARE_THEIR_SALES),
    Check("consent_is_the_last_word", "points are collected while consent stands", rights.CONSENT_IS_THE_LAST_WORD),
)
