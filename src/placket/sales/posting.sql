-- The posting desk's routine: posts a list of sales in one transaction (docs/rules/stock.md, docs/rules/sales.md).
--
-- It claims the receipt numbers, locks every stock row in one order, decides each sale in order of arrival and writes
-- everything set-based: sales, lines, payments, stock, ledger, events. It never prices and never asks who may: that has
-- been done in Python. Sales are asks (may be refused), overrides (asked on line, but somebody answers for the stock) or
-- records (journal entries: they have happened); lines may be negative.
--
-- p_sales   [{ord, id, mode, channel, location_id, till_id, epoch, opening, receipt_no, staff_id, customer_id, pieces,
--             list_vnd, discount_vnd, total_vnd, vat_vnd, rounding_vnd, price_version, promo_version, exception,
--             reason, approved_by,
--             fingerprint (hex), sold_at, sold_on,
--             order_code what a sale of the web is called,
--             goods_vnd what the goods sold cost, without what came back,
--             spends [{hold_id, type, amount, value_vnd, order_id}] points and credit under their holds,
--             offers [{promotion_id, version, uses, pieces, amount_vnd}], vouchers [code],
--             returns [{sale_id, pieces_before}] the sales it takes goods back from, each with the pieces that had come back
--             when the refund was reckoned: an ask is refused unless it is still so many (docs/rules/returns.md)}]
-- p_lines   [{sale (its ord), line_no, variant_id, source_id, qty, unit_vnd, discount_vnd, total_vnd, vat_bp, vat_vnd,
--             adviser_id, returns_sale_id, returns_line_no, return_reason, condition, looked_for, discounts, promise_id,
--             gift, note, to_send, stands_for_sale_id, stands_for_line_no}]  ordered by (sale, line_no);
--             looked_for is how many promised pieces of the variant the cashier has seen to be still there
--             (docs/rules/offline.md); discounts [{no, kind, amount_vnd, reason, note, approved_by, promotion_id,
--             promotion_version, shares_vnd}] are the parts of discount_vnd; promise_id names the hold whose piece this is, or the promise
--             of an online order (channel web, paid for): the sale fulfils it
-- p_tenders [{sale, no, kind, amount_vnd, tendered_vnd, change_vnd, reference, payment_id}]     payment_id names a payment
--             taken before the sale: an ask is refused unless it is received, of this till and amount, and unused
-- Answers one row a sale: accepted | repeated | a refusal's code, with its facts.
CREATE OR REPLACE FUNCTION post_sales(p_sales jsonb, p_lines jsonb, p_tenders jsonb)
RETURNS TABLE (ord int, outcome text, facts jsonb)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    outcome_of text[] := array_fill('accepted'::text, ARRAY[jsonb_array_length(p_sales)]);
    facts_of jsonb[] := array_fill(NULL::jsonb, ARRAY[jsonb_array_length(p_sales)]);
    next_no jsonb := '{}';      -- till and epoch -> the next receipt number, as this batch uses them up
    series text;
    s record;
    line_sale int[]; line_no int[]; line_qty int[]; line_cell int[]; line_left int[];
    line_variant uuid[]; line_asks boolean[]; line_unseen int[]; line_promise uuid[]; line_kept boolean[];
    left_of int[] := '{}';      -- cell -> pieces free to sell, as this batch uses them up
    fulfilled uuid[] := '{}';   -- holds whose pieces are sold to whom they were kept for
    lacking jsonb; amber jsonb; gone jsonb;
    first_line int; i int := 1; j int; n int;
    buyers uuid[];              -- ord -> who buys, their accounts locked (crm/rights.sql)
    has_buyers boolean := jsonb_path_exists(p_sales, '$[*] ? (@.customer_id != null || exists (@.spends[*]) || exists (@.returns[*]))');
    offers_left jsonb;          -- what limits and vouchers have left, as this batch uses them up (promotions/offers.sql)
    rest jsonb;
    has_offers boolean := jsonb_path_exists(p_sales, '$[*] ? (exists (@.offers[*]) || exists (@.vouchers[*]))');
    records boolean := jsonb_path_exists(p_sales, '$[*] ? (@.mode != "ask")');   -- overrides too
    by_promise boolean := jsonb_path_exists(p_lines, '$[*] ? (@.promise_id != null)');
    has_returns boolean := jsonb_path_exists(p_sales, '$[*] ? (exists (@.returns[*]))');
    may_be_new boolean := records OR jsonb_path_exists(p_lines, '$[*] ? (@.qty < 0)');
BEGIN
    -- 0. A promise changes the board of its branch, whose lock comes before everything else.
    IF by_promise THEN
        PERFORM 1 FROM location p
          WHERE p.id IN (SELECT l.source_id FROM jsonb_to_recordset(p_lines) AS l(source_id uuid, promise_id uuid)
                          WHERE l.promise_id IS NOT NULL)
          ORDER BY p.id FOR NO KEY UPDATE;
    END IF;

    -- 1. The tills: numbers are given one after the other, and nobody signs off under a sale.
    PERFORM 1 FROM till_epoch e
       JOIN (SELECT DISTINCT x.till_id, x.epoch
               FROM jsonb_to_recordset(p_sales) AS x(till_id uuid, epoch int)) d
         ON e.till_id = d.till_id AND e.epoch = d.epoch
      ORDER BY e.till_id, e.epoch FOR NO KEY UPDATE OF e;
    PERFORM 1 FROM till_opening o
      WHERE o.state = 'attached'
        AND o.till_id IN (SELECT x.till_id FROM jsonb_to_recordset(p_sales) AS x(till_id uuid))
      ORDER BY o.till_id FOR SHARE;
    -- The sales that goods come back from: one return after the other, and none beside a void.
    IF has_returns THEN
        PERFORM 1 FROM sale b
          WHERE b.id IN (SELECT r.sale_id FROM returns_of(p_sales) r) ORDER BY b.id FOR NO KEY UPDATE;
    END IF;
    -- The payments taken for these sales: nobody gives one back, and no other sale uses it, while this one is posted.
    PERFORM 1 FROM payment_request q
      WHERE q.id IN (SELECT t.payment_id FROM jsonb_to_recordset(p_tenders) AS t(payment_id uuid))
      ORDER BY q.id FOR NO KEY UPDATE;

    -- 2. What is known before any stock is looked at: repeats, voided ids, sign-offs, gaps in the numbers.
    FOR s IN
        WITH untaken AS (        -- tenders that name a payment which is not theirs to use; the first sale to name one has it
            SELECT t.sale, t.amount_vnd
              FROM (SELECT y.*, row_number() OVER (PARTITION BY y.payment_id ORDER BY y.sale, y.no) AS turn
                      FROM jsonb_to_recordset(p_tenders) AS y(sale int, no int, kind text, amount_vnd bigint, payment_id uuid)
                     WHERE y.payment_id IS NOT NULL) t
              JOIN jsonb_to_recordset(p_sales) AS x(ord int, till_id uuid) ON x.ord = t.sale
              LEFT JOIN payment_request q ON q.id = t.payment_id
             WHERE t.turn > 1 OR q.id IS NULL OR q.state <> 'received' OR q.sale_id IS NOT NULL OR q.kind <> t.kind
                OR q.till_id IS DISTINCT FROM x.till_id OR q.amount_vnd <> t.amount_vnd),
        moved_on AS (            -- their refund was reckoned on another state of a sale they return; the first in a batch has it
            SELECT DISTINCT r.ord
              FROM returns_of(p_sales) r LEFT JOIN sale b ON b.id = r.sale_id
             WHERE b.state IS DISTINCT FROM 'posted' OR r.turn > 1 OR r.pieces_before <> pieces_returned(r.sale_id)
                OR EXISTS (   -- what was to be back on the depot's shelf has left: from there, or from where it was found
                   SELECT 1 FROM jsonb_to_recordset(p_lines)
                              AS l(sale int, source_id uuid, returns_sale_id uuid, returns_line_no int)
                     JOIN depot_sending d ON d.sale_id = l.returns_sale_id AND d.location_id = l.source_id
                    WHERE l.sale = r.ord AND l.returns_sale_id = r.sale_id
                      AND (d.sent_at IS NOT NULL
                           OR EXISTS (SELECT 1 FROM sending_lack k
                                       WHERE k.sale_id = l.returns_sale_id AND k.line_no = l.returns_line_no
                                         AND k.state IN ('sent', 'handed_over')))))
        SELECT x.*, e.last_receipt_no, e.receipt_prefix, e.ended_at, o.opening AS attached,
               p.state AS known_state, p.fingerprint AS known_fingerprint, p.receipt_code AS known_code,
               p.sold_at AS known_sold_at, p.recorded_at AS known_recorded_at,
               (SELECT min(u.amount_vnd) FROM untaken u WHERE u.sale = x.ord) AS untaken_vnd,
               EXISTS (SELECT 1 FROM moved_on m WHERE m.ord = x.ord) AS return_changed
          FROM jsonb_to_recordset(p_sales) AS x(ord int, id uuid, mode text, till_id uuid, epoch int, opening int,
                                                receipt_no int, fingerprint text)
          LEFT JOIN till_epoch e ON e.till_id = x.till_id AND e.epoch = x.epoch
          LEFT JOIN till_opening o ON o.till_id = x.till_id AND o.state = 'attached'
          LEFT JOIN sale p ON p.id = x.id
         ORDER BY x.ord
    LOOP
        IF s.known_state = 'void' THEN
            outcome_of[s.ord] := 'sale_voided';
        ELSIF s.known_state IS NOT NULL THEN
            IF s.known_fingerprint IS DISTINCT FROM decode(s.fingerprint, 'hex') THEN
                outcome_of[s.ord] := 'sale_id_reused';
            ELSE
                outcome_of[s.ord] := 'repeated';
                facts_of[s.ord] := jsonb_build_object('receipt_code', s.known_code, 'sold_at', s.known_sold_at,
                                                      'recorded_at', s.known_recorded_at);
                IF has_buyers THEN
                    facts_of[s.ord] := facts_of[s.ord] || jsonb_build_object('points', points_told(s.id));
                END IF;
            END IF;
        ELSIF s.till_id IS NOT NULL THEN
            series := s.till_id || '/' || s.epoch;
            n := coalesce((next_no ->> series)::int, s.last_receipt_no + 1);
            IF s.mode <> 'record' AND s.attached IS NULL THEN
                outcome_of[s.ord] := 'not_attached';
            ELSIF s.mode <> 'record' AND (s.attached <> s.opening OR s.ended_at IS NOT NULL) THEN
                outcome_of[s.ord] := 'opening_ended';
                facts_of[s.ord] := jsonb_build_object('opening', s.attached);
            -- A record may jump over the number of an entry that is in quarantine, and fill it when that is resolved.
            ELSIF n IS DISTINCT FROM s.receipt_no AND s.mode <> 'record' THEN
                outcome_of[s.ord] := 'receipt_gap';
                facts_of[s.ord] := jsonb_build_object('expected', n);
            ELSIF s.untaken_vnd IS NOT NULL AND s.mode <> 'record' THEN
                outcome_of[s.ord] := 'payment_not_taken';
                facts_of[s.ord] := jsonb_build_object('amount_vnd', s.untaken_vnd);
            ELSIF s.return_changed AND s.mode <> 'record' THEN
                outcome_of[s.ord] := 'return_changed';
            ELSE
                next_no := next_no || jsonb_build_object(series, greatest(n, s.receipt_no + 1));
            END IF;
        END IF;
    END LOOP;

    -- 3. Returned and recorded goods may be the first of their kind here.
    IF may_be_new THEN
        INSERT INTO location (id, code, name, kind, city, position, opening_hours, opened_on, status)
        SELECT '00000000-0000-7000-8000-000000000002', 'HONG', 'Hàng hỏng', 'damaged', '', 0, '{}', now(), 'books'
         WHERE jsonb_path_exists(p_lines, '$[*] ? (@.condition == "damaged" || @.condition == "scrap")')
        ON CONFLICT (id) DO NOTHING;
        INSERT INTO stock (location_id, variant_id)
        SELECT DISTINCT l.source_id, l.variant_id
          FROM jsonb_to_recordset(p_lines) AS l(sale int, source_id uuid, variant_id uuid, qty int)
          JOIN jsonb_to_recordset(p_sales) AS x(ord int, mode text) ON x.ord = l.sale
         WHERE (x.mode <> 'ask' OR l.qty < 0) AND outcome_of[l.sale] = 'accepted'
         ORDER BY 2, 1
        ON CONFLICT DO NOTHING;
    END IF;

    -- 4. Lock the stock rows of all lines in one order, number their cells, and decide in order of arrival on small
    -- arrays: `left_of` holds what is free to sell in each cell.
    WITH wanted AS MATERIALIZED (
        SELECT l.sale, l.line_no, l.qty, l.variant_id, l.source_id, x.mode = 'ask' AS asks,
               l.source_id = x.location_id AS at_hand, coalesce(l.looked_for, 0) AS looked_for, l.promise_id,
               x.channel = 'web' AS of_order
          FROM jsonb_to_recordset(p_lines)
               AS l(sale int, line_no int, variant_id uuid, source_id uuid, qty int, looked_for int, promise_id uuid)
          JOIN jsonb_to_recordset(p_sales) AS x(ord int, mode text, location_id uuid, channel text) ON x.ord = l.sale
         WHERE outcome_of[l.sale] = 'accepted'),
    held AS MATERIALIZED (
        SELECT s.location_id, s.variant_id, s.on_hand - s.promised AS free, s.promised - s.bagged AS unbagged
          FROM stock s
          JOIN (SELECT DISTINCT w.source_id, w.variant_id FROM wanted w) d
            ON s.location_id = d.source_id AND s.variant_id = d.variant_id
         ORDER BY s.variant_id, s.location_id FOR NO KEY UPDATE OF s)
    SELECT array_agg(c.sale), array_agg(c.line_no), array_agg(c.qty), array_agg(c.cell), array_agg(c.free),
           array_agg(c.variant_id), array_agg(c.asks), array_agg(c.unseen), array_agg(c.promise_id), array_agg(c.kept)
      INTO line_sale, line_no, line_qty, line_cell, line_left, line_variant, line_asks, line_unseen, line_promise, line_kept
      FROM (SELECT w.*, dense_rank() OVER (ORDER BY w.variant_id, w.source_id)::int AS cell, coalesce(h.free, 0) AS free,
                   p.id IS NOT NULL AS kept,
                   -- A bag is no piece of the floor; a held piece that is not bagged leaves the others to be seen.
                   CASE WHEN NOT w.at_hand OR p.phase <> 'confirmed' THEN 0
                        ELSE coalesce(h.unbagged, 0) - coalesce(p.qty, 0) - w.looked_for END AS unseen
              FROM wanted w
              LEFT JOIN held h ON h.location_id = w.source_id AND h.variant_id = w.variant_id
              LEFT JOIN promise p ON p.id = w.promise_id AND p.location_id = w.source_id AND p.variant_id = w.variant_id
                   AND p.qty = w.qty AND w.at_hand
                   AND CASE WHEN w.of_order THEN p.kind IN ('ship', 'collect') AND p.paid ELSE p.kind = 'hold' AND NOT p.paid END
                   AND p.phase IN ('confirmed', 'bagged', 'to_scan_back')
             ORDER BY w.sale, w.line_no) c;
    n := coalesce(array_length(line_sale, 1), 0);
    FOR j IN 1..n LOOP
        left_of[line_cell[j]] := line_left[j];
    END LOOP;
    IF has_buyers THEN          -- accounts come after the stock rows: the lock order
        buyers := lock_buyers(p_sales, returned_buyers(p_sales));
        FOR s IN SELECT * FROM spends_of(p_sales, buyers) p
                  WHERE jsonb_path_exists(p_sales, '$[*].spends[*]') AND p.mode <> 'record' AND outcome_of[p.ord] = 'accepted' LOOP
            IF NOT s.good OR s.over THEN
                outcome_of[s.ord] := CASE WHEN s.good THEN 'points_over_limit' ELSE 'hold_gone' END;
                facts_of[s.ord] := jsonb_build_object('hold_id', s.hold_id);
            END IF;
        END LOOP;
    END IF;
    IF has_offers THEN
        offers_left := lock_offers(p_sales, buyers);
    END IF;
    WHILE i <= n LOOP
        first_line := i;
        lacking := '[]';
        amber := '[]';
        gone := '[]';
        WHILE i <= n AND line_sale[i] = line_sale[first_line] LOOP
            line_kept[i] := line_kept[i] AND line_promise[i] <> ALL (fulfilled);
            IF line_kept[i] THEN    -- its piece was never free to others
                fulfilled := fulfilled || line_promise[i];
                left_of[line_cell[i]] := left_of[line_cell[i]] + line_qty[i];
            ELSIF line_asks[i] AND line_promise[i] IS NOT NULL THEN
                gone := gone || jsonb_build_object('line_no', line_no[i], 'variant_id', line_variant[i]);
            ELSIF line_asks[i] AND line_qty[i] > 0 AND left_of[line_cell[i]] < line_qty[i] THEN
                lacking := lacking || jsonb_build_object('line_no', line_no[i], 'variant_id', line_variant[i],
                    'asked', line_qty[i], 'left', greatest(left_of[line_cell[i]], 0));
            END IF;
            IF line_asks[i] AND line_qty[i] > 0 AND line_unseen[i] > 0 THEN
                amber := amber || jsonb_build_object('line_no', line_no[i], 'variant_id', line_variant[i],
                    'promised', line_unseen[i]);
            END IF;
            left_of[line_cell[i]] := left_of[line_cell[i]] - line_qty[i];
            i := i + 1;
        END LOOP;
        IF jsonb_array_length(gone || lacking || amber) > 0 THEN
            outcome_of[line_sale[first_line]] := CASE WHEN jsonb_array_length(gone) > 0 THEN 'promise_gone'
                                                      WHEN jsonb_array_length(lacking) > 0 THEN 'out_of_stock'
                                                      ELSE 'amber' END;
            facts_of[line_sale[first_line]] :=
                jsonb_build_object('lines', CASE WHEN jsonb_array_length(gone) > 0 THEN gone
                                                 WHEN jsonb_array_length(lacking) > 0 THEN lacking
                                                 ELSE amber END);
        END IF;
        IF has_offers AND outcome_of[line_sale[first_line]] = 'accepted'
           AND p_sales -> (line_sale[first_line] - 1) ->> 'mode' <> 'record' THEN
            rest := take_offers(offers_left, p_sales, buyers, line_sale[first_line]);
            IF rest IS NULL THEN
                outcome_of[line_sale[first_line]] := 'offer_gone';
            END IF;
            offers_left := coalesce(rest, offers_left);
        END IF;
        IF outcome_of[line_sale[first_line]] <> 'accepted' THEN
            FOR j IN first_line..i - 1 LOOP     -- a refused sale takes nothing from those behind it
                IF line_kept[j] THEN
                    fulfilled := array_remove(fulfilled, line_promise[j]);
                ELSE
                    left_of[line_cell[j]] := left_of[line_cell[j]] + line_qty[j];
                END IF;
            END LOOP;
        END IF;
    END LOOP;

    -- 5. Write all that was accepted.
    IF has_buyers THEN
        PERFORM post_rights(p_sales, buyers, outcome_of);
    END IF;
    RETURN QUERY
    WITH sl AS MATERIALIZED (
        SELECT x.*, buyers[x.ord] AS customer_id, CASE WHEN x.till_id IS NULL THEN x.order_code
                         ELSE e.receipt_prefix || '-' || lpad(x.receipt_no::text, 7, '0') END AS receipt_code
          FROM jsonb_to_recordset(p_sales) AS x(ord int, id uuid, mode text, channel text, location_id uuid,
                   till_id uuid, epoch int, opening int, receipt_no int, staff_id uuid, pieces int,
                   list_vnd bigint, discount_vnd bigint, total_vnd bigint, vat_vnd bigint, rounding_vnd bigint,
                   price_version bigint, promo_version bigint, exception text, reason text, approved_by uuid,
                   fingerprint text,
                   sold_at timestamptz, sold_on date, order_code text)
          LEFT JOIN till_epoch e ON e.till_id = x.till_id AND e.epoch = x.epoch
         WHERE outcome_of[x.ord] = 'accepted'),
    ln AS MATERIALIZED (
        SELECT l.*, sl.id AS sale_id, sl.location_id, sl.staff_id, sl.till_id, sl.epoch, sl.sold_at
          FROM jsonb_to_recordset(p_lines) AS l(sale int, line_no int, variant_id uuid, source_id uuid, qty int,
                   unit_vnd bigint, discount_vnd bigint, total_vnd bigint, vat_bp int, vat_vnd bigint,
                   adviser_id uuid, returns_sale_id uuid, returns_line_no int, return_reason text, condition text, discounts jsonb,
                   promise_id uuid, looked_for int, gift text, note text, stands_for_sale_id uuid, stands_for_line_no int)
          JOIN sl ON sl.ord = l.sale),
    taken AS MATERIALIZED (      -- payments taken before their sale: each pays for one
        SELECT DISTINCT ON (q.id) q.id, sl.ord, t.no, sl.id AS sale_id
          FROM jsonb_to_recordset(p_tenders) AS t(sale int, no int, kind text, amount_vnd bigint, payment_id uuid)
          JOIN sl ON sl.ord = t.sale
          JOIN payment_request q ON q.id = t.payment_id AND q.state = 'received' AND q.sale_id IS NULL AND q.kind = t.kind
           AND q.till_id = sl.till_id AND q.amount_vnd = t.amount_vnd
         ORDER BY q.id, sl.ord, t.no),
    moved AS MATERIALIZED (
        SELECT ln.source_id, ln.variant_id, sum(ln.qty)::int AS qty, coalesce(sum(p.qty), 0)::int AS kept,
               coalesce(sum(p.qty) FILTER (WHERE p.phase <> 'confirmed'), 0)::int AS in_bag
          FROM ln LEFT JOIN promise p ON p.id = ln.promise_id AND p.id = ANY (fulfilled)
         GROUP BY ln.source_id, ln.variant_id),
    kept_promise AS (
        UPDATE promise p SET phase = CASE p.kind WHEN 'ship' THEN 'shipped' ELSE 'collected' END, sale_id = ln.sale_id, search_at = NULL, version = p.version + 1
          FROM ln WHERE p.id = ln.promise_id AND p.id = ANY (fulfilled)),
    new_sale AS (
        INSERT INTO sale (id, channel, state, location_id, till_id, epoch, opening, receipt_no, receipt_code, staff_id,
                          customer_id, pieces, list_vnd, discount_vnd, total_vnd, vat_vnd, rounding_vnd, price_version,
                          promo_version, exception, fingerprint, sold_at, sold_on)
        SELECT id, channel, 'posted', location_id, till_id, epoch, opening, receipt_no, receipt_code, staff_id,
               customer_id, pieces, list_vnd, discount_vnd, total_vnd, vat_vnd, rounding_vnd, price_version,
               promo_version, exception, decode(fingerprint, 'hex'), sold_at, sold_on
          FROM sl
        RETURNING id, recorded_at),
    new_line AS (
        INSERT INTO sale_line (sale_id, line_no, variant_id, source_id, qty, unit_vnd, discount_vnd, total_vnd, vat_bp,
                               vat_vnd, adviser_id, returns_sale_id, returns_line_no, return_reason, condition, gift,
                               note, looked_for, stands_for_sale_id, stands_for_line_no)
        SELECT sale_id, line_no, variant_id, source_id, qty, unit_vnd, discount_vnd, total_vnd, vat_bp, vat_vnd,
               adviser_id, returns_sale_id, returns_line_no, return_reason, condition, gift,
               note, coalesce(looked_for, 0), stands_for_sale_id, stands_for_line_no
          FROM ln),
    new_discount AS (
        INSERT INTO sale_discount (sale_id, line_no, no, kind, amount_vnd, reason, note, approved_by, promotion_id,
                                   promotion_version, shares_vnd)
        SELECT ln.sale_id, ln.line_no, d.no, d.kind, d.amount_vnd, d.reason, d.note, d.approved_by, d.promotion_id,
               d.promotion_version, d.shares_vnd
          FROM ln CROSS JOIN LATERAL jsonb_to_recordset(ln.discounts)
               AS d(no int, kind text, amount_vnd bigint, reason text, note text, approved_by uuid, promotion_id uuid,
                    promotion_version int, shares_vnd bigint[])),
    new_payment AS (
        INSERT INTO payment (sale_id, no, kind, amount_vnd, tendered_vnd, change_vnd, reference, received_at, payment_id)
        SELECT sl.id, t.no, t.kind, t.amount_vnd, t.tendered_vnd, t.change_vnd, t.reference, sl.sold_at, k.id
          FROM jsonb_to_recordset(p_tenders) AS t(sale int, no int, kind text, amount_vnd bigint, tendered_vnd bigint,
                   change_vnd bigint, reference text, payment_id uuid)
          JOIN sl ON sl.ord = t.sale
          LEFT JOIN taken k ON k.id = t.payment_id AND k.ord = t.sale AND k.no = t.no),
    used AS (
        UPDATE payment_request q SET sale_id = k.sale_id, version = q.version + 1 FROM taken k WHERE q.id = k.id
        RETURNING q.*),
    -- A record has happened: what it says of a payment that is not its own is written down for a person.
    new_doubt AS (
        INSERT INTO exception_log (id, kind, severity, refs, location_id, actor_id)
        SELECT gen_random_uuid(), 'payment_not_taken', 'urgent',
               jsonb_build_object('sale', sl.id, 'till', sl.till_id, 'payment', t.payment_id), sl.location_id, sl.staff_id
          FROM jsonb_to_recordset(p_tenders) AS t(sale int, no int, payment_id uuid)
          JOIN sl ON sl.ord = t.sale
          LEFT JOIN taken k ON k.id = t.payment_id AND k.ord = t.sale AND k.no = t.no
         WHERE t.payment_id IS NOT NULL AND k.id IS NULL),
    -- Only a record or an override can leave fewer pieces than are promised: that is booked openly, with somebody to look at it.
    shortage AS (
        INSERT INTO exception_log (id, kind, severity, refs, location_id, variant_id, qty)
        SELECT gen_random_uuid(), 'short', 'urgent',
               jsonb_build_object('sales', (SELECT jsonb_agg(DISTINCT ln.sale_id) FROM ln
                                             WHERE ln.source_id = s.location_id AND ln.variant_id = s.variant_id)),
               s.location_id, s.variant_id, s.promised - m.kept - (s.on_hand - m.qty) - s.short
          FROM moved m JOIN stock s ON s.location_id = m.source_id AND s.variant_id = m.variant_id
         WHERE (records OR m.kept > 0) AND s.promised - m.kept - (s.on_hand - m.qty) > s.short),
    -- Goods that went to a customer although they were promised, or blindly: somebody looks for what is promised of them.
    to_look_for AS (
        INSERT INTO search_due (location_id, variant_id)
        SELECT DISTINCT ln.source_id, ln.variant_id
          FROM ln JOIN sl ON sl.id = ln.sale_id
          JOIN stock s ON s.location_id = ln.source_id AND s.variant_id = ln.variant_id
          JOIN moved m ON m.source_id = ln.source_id AND m.variant_id = ln.variant_id
         WHERE sl.mode <> 'ask' AND ln.qty > 0 AND s.promised - m.kept - (s.bagged - m.in_bag) > 0
           AND (sl.exception IS NOT NULL OR s.promised - m.kept > s.on_hand - m.qty)
        ON CONFLICT DO NOTHING),
    -- A journal tells of a hold that was over by then: the piece has been sold all the same, and somebody should know.
    gone_promise AS (
        INSERT INTO exception_log (id, kind, severity, refs, location_id, variant_id, qty, actor_id)
        SELECT gen_random_uuid(), 'promise_gone', 'info', jsonb_build_object('sale', sale_id, 'promise', promise_id),
               source_id, variant_id, qty, staff_id
          FROM ln WHERE promise_id IS NOT NULL AND promise_id <> ALL (fulfilled)),
    -- Every sale that somebody has to answer for is written down beside itself.
    new_exception AS (
        INSERT INTO exception_log (id, kind, severity, refs, location_id, qty, actor_id, approved_by)
        SELECT gen_random_uuid(), exception, 'warning',
               jsonb_build_object('sale', id, 'till', till_id, 'reason', reason), location_id, pieces, staff_id, approved_by
          FROM sl WHERE exception IS NOT NULL),
    new_stock AS (
        UPDATE stock s
           SET on_hand = s.on_hand - m.qty, promised = s.promised - m.kept, bagged = s.bagged - m.in_bag,
               version = s.version + 1, short = greatest(0, s.promised - m.kept - (s.on_hand - m.qty))
          FROM moved m
         WHERE s.location_id = m.source_id AND s.variant_id = m.variant_id
        RETURNING s.*),
    new_ledger AS (
        INSERT INTO stock_ledger (location_id, variant_id, qty, kind, ref, staff_id, till_id, epoch, occurred_at)
        SELECT source_id, variant_id, -qty, CASE WHEN qty > 0 THEN 'sale' ELSE 'return' END, sale_id, staff_id, till_id,
               epoch, sold_at
          FROM ln),
    -- What came back damaged lies where nobody sells, until somebody decides what becomes of it.
    put_aside AS (
        INSERT INTO exception_log (id, kind, severity, refs, location_id, variant_id, qty, actor_id)
        SELECT gen_random_uuid(), 'return_damaged', 'info', jsonb_build_object('sale', sale_id, 'condition', condition),
               location_id, variant_id, -qty, staff_id
          FROM ln WHERE condition IN ('damaged', 'scrap')),
    new_number AS (
        UPDATE till_epoch e SET last_receipt_no = greatest(e.last_receipt_no, d.last)
          FROM (SELECT till_id, epoch, max(receipt_no) AS last FROM sl WHERE till_id IS NOT NULL GROUP BY 1, 2) d
         WHERE e.till_id = d.till_id AND e.epoch = d.epoch),
    new_event AS (
        INSERT INTO event (topic, key, key_version, location_id, payload)
        SELECT 'stock.changed', location_id || ':' || variant_id, version, NULL,
               jsonb_build_object('location_id', location_id, 'variant_id', variant_id, 'on_hand', on_hand,
                                  'promised', promised, 'bagged', bagged, 'asked', asked, 'short', short)
          FROM new_stock
        UNION ALL
        SELECT 'sale.completed', id::text, 1, location_id,
               jsonb_build_object('id', id, 'receipt_code', receipt_code, 'location_id', location_id,
                                  'till_id', till_id, 'staff_id', staff_id, 'customer_id', customer_id,
                                  'channel', channel, 'pieces', pieces, 'total_vnd', total_vnd, 'vat_vnd', vat_vnd,
                                  'sold_at', sold_at)
          FROM sl
        UNION ALL
        SELECT 'payment.changed', id::text, version, location_id,
               jsonb_build_object('id', id, 'location_id', location_id, 'till_id', till_id, 'cart_id', cart_id,
                                  'kind', kind, 'state', state, 'amount_vnd', amount_vnd, 'received_vnd', received_vnd,
                                  'sale_id', sale_id)
          FROM used)
    SELECT sl.ord, 'accepted'::text,
           jsonb_build_object('receipt_code', sl.receipt_code, 'sold_at', sl.sold_at, 'recorded_at', new_sale.recorded_at)
           || CASE WHEN sl.customer_id IS NULL THEN '{}' ELSE jsonb_build_object('points', points_told(sl.id)) END
      FROM sl JOIN new_sale ON new_sale.id = sl.id
    UNION ALL
    SELECT o.ord::int, o.outcome, facts_of[o.ord]
      FROM unnest(outcome_of) WITH ORDINALITY AS o(outcome, ord)
     WHERE o.outcome <> 'accepted';

    -- 6. What promotions and vouchers have given, and what returns do to points, credit, transfers and vouchers, now that the
    -- sales are there.
    IF has_offers THEN
        PERFORM post_offers(p_sales, buyers, outcome_of);
    END IF;
    IF has_returns THEN
        PERFORM post_returns(p_sales, buyers, outcome_of);
        PERFORM ask_online_refunds(p_sales, outcome_of);
    END IF;

    -- 7. What was sold at a till and lies in a depot: the depot is to send it.
    IF jsonb_path_exists(p_lines, '$[*] ? (@.to_send == true)') THEN
        INSERT INTO depot_sending (sale_id, location_id, asked_at)
        SELECT DISTINCT x.id, l.source_id, s.sold_at
          FROM jsonb_to_recordset(p_lines) AS l(sale int, source_id uuid, to_send boolean)
          JOIN jsonb_to_recordset(p_sales) AS x(ord int, id uuid) ON x.ord = l.sale
          JOIN sale s ON s.id = x.id
         WHERE l.to_send AND outcome_of[l.sale] = 'accepted'
        ON CONFLICT DO NOTHING;
    END IF;

    -- 8. The boards that held what has been fetched.
    IF cardinality(fulfilled) > 0 THEN
        PERFORM tell_promises(p.location_id, array_agg(p.id))
           FROM promise p WHERE p.id = ANY (fulfilled) GROUP BY p.location_id ORDER BY p.location_id;
    END IF;
END
$$;
