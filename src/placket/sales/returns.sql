-- What a return does beside the lines that the posting desk writes: the guard against a second return of the same piece, the
-- points that the returned goods had earned or were paid with, the store credit and transfers that go out
-- (docs/rules/returns.md). Everything is reckoned from the lines themselves, so it is the same in any order.

-- The sales that a batch takes goods back from; `turn` counts those of the batch that name the same one.
CREATE OR REPLACE FUNCTION returns_of(p_sales jsonb)
RETURNS TABLE (ord int, id uuid, mode text, sale_id uuid, pieces_before int, turn int)
LANGUAGE sql AS $$
    SELECT x.ord, x.id, x.mode, r.sale_id, r.pieces_before,
           (row_number() OVER (PARTITION BY r.sale_id ORDER BY x.ord))::int
      FROM jsonb_to_recordset(p_sales) AS x(ord int, id uuid, mode text, returns jsonb)
     CROSS JOIN jsonb_to_recordset(coalesce(x.returns, '[]')) AS r(sale_id uuid, pieces_before int)
$$;

-- How many pieces of a sale have come back, by sales that stand.
CREATE OR REPLACE FUNCTION pieces_returned(p_sale uuid) RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT coalesce(-sum(l.qty), 0)::int
      FROM sale_line l JOIN sale s ON s.id = l.sale_id AND s.state = 'posted'
     WHERE l.returns_sale_id = p_sale
$$;

-- How many pieces that were swapped for pieces of a sale are still with the customer.
CREATE OR REPLACE FUNCTION pieces_standing(p_sale uuid) RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(l.qty + coalesce(b.qty, 0)), 0)::int
      FROM sale_line l JOIN sale s ON s.id = l.sale_id AND s.state = 'posted'
      LEFT JOIN LATERAL (SELECT sum(r.qty) AS qty FROM sale_line r JOIN sale x ON x.id = r.sale_id AND x.state = 'posted'
                          WHERE r.returns_sale_id = l.sale_id AND r.returns_line_no = l.line_no) b ON true
     WHERE l.stands_for_sale_id = p_sale
$$;

-- Whose goods they were: their accounts are locked with those of the buyers.
CREATE OR REPLACE FUNCTION returned_buyers(p_sales jsonb) RETURNS uuid[]
LANGUAGE sql AS $$
    SELECT coalesce(array_agg(DISTINCT coalesce(c.merged_into, c.id)), '{}')
      FROM returns_of(p_sales) r JOIN sale b ON b.id = r.sale_id JOIN customer c ON c.id = b.customer_id
$$;

-- The rights of everything that the accepted sales of a batch take back, and what goes out for it.
CREATE OR REPLACE FUNCTION post_returns(p_sales jsonb, p_buyers uuid[], p_outcomes text[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    r record;
    t record;
    lacking int;
BEGIN
    FOR r IN SELECT n.ord, n.id, n.sale_id FROM returns_of(p_sales) n WHERE p_outcomes[n.ord] = 'accepted' ORDER BY n.ord LOOP
        lacking := reclaim_points(r.sale_id, r.id);
        IF lacking > 0 THEN
            INSERT INTO exception_log (id, kind, severity, refs, location_id, qty, actor_id)
            SELECT gen_random_uuid(), 'points_spent', 'warning',
                   jsonb_build_object('sale', s.id, 'customer', o.customer_id, 'returned', o.id), s.location_id, lacking, s.staff_id
              FROM sale s, sale o WHERE s.id = r.id AND o.id = r.sale_id;
        END IF;
        PERFORM give_points_back(r.sale_id, r.id);
        PERFORM restore_vouchers(r.sale_id, r.id);
    END LOOP;
    FOR t IN
        SELECT s.id, p_buyers[n.ord] AS customer_id, s.location_id, s.till_id, s.staff_id, s.sold_at, y.no, y.kind,
               -y.amount_vnd AS amount_vnd
          FROM (SELECT DISTINCT m.ord, m.id FROM returns_of(p_sales) m WHERE p_outcomes[m.ord] = 'accepted') n
          JOIN sale s ON s.id = n.id
          JOIN payment y ON y.sale_id = s.id AND y.amount_vnd < 0 AND y.kind IN ('store_credit', 'transfer')
         ORDER BY n.ord, y.no
    LOOP
        IF t.kind = 'store_credit' THEN
            INSERT INTO credit_entry (customer_id, kind, amount_vnd, ref, reason, staff_id, occurred_at)
            VALUES (t.customer_id, 'issue', t.amount_vnd, t.id, 'return', t.staff_id, t.sold_at);
            UPDATE customer_account SET credit_vnd = credit_vnd + t.amount_vnd WHERE customer_id = t.customer_id;
        ELSE
            PERFORM owe_transfer(t.id, t.no, t.location_id, t.till_id, t.staff_id, t.amount_vnd, t.sold_at);
        END IF;
    END LOOP;
    PERFORM tell_customer(a.customer_id)
       FROM (SELECT DISTINCT l.customer_id FROM loyalty_entry e JOIN loyalty_lot l ON l.id = e.lot_id
              WHERE e.ref IN (SELECT n.id FROM returns_of(p_sales) n WHERE p_outcomes[n.ord] = 'accepted')
             UNION
             SELECT c.customer_id FROM credit_entry c
              WHERE c.ref IN (SELECT n.id FROM returns_of(p_sales) n WHERE p_outcomes[n.ord] = 'accepted')) a;
END
$$;

-- What a sale's points come to after so much of its goods' money has gone back: what the rule of its day gives for the rest.
CREATE OR REPLACE FUNCTION points_unearned(p_sale uuid, p_refunded bigint) RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT coalesce(least(e.points, g.vnd / r.earn_per_vnd - greatest(g.vnd - p_refunded, 0) / r.earn_per_vnd), 0)::int
      FROM sale s
      JOIN (SELECT ref, sum(points) AS points FROM loyalty_entry WHERE kind = 'earn' AND ref = p_sale GROUP BY ref) e ON e.ref = s.id
      JOIN (SELECT sale_id, sum(total_vnd)::bigint AS vnd FROM sale_line WHERE sale_id = p_sale AND qty > 0 GROUP BY sale_id) g
        ON g.sale_id = s.id
      JOIN LATERAL (SELECT * FROM loyalty_rule r WHERE r.valid_from <= s.sold_on ORDER BY r.valid_from DESC LIMIT 1) r ON true
     WHERE s.id = p_sale
$$;

-- Take back what the goods had earned: of the lot of their sale, then of the customer's others; answers what nobody has any more.
CREATE OR REPLACE FUNCTION reclaim_points(p_sale uuid, p_return uuid) RETURNS int
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    refunded bigint; refunded_before bigint; wanted int; part int; lot record; at timestamptz;
BEGIN
    SELECT coalesce(-sum(l.total_vnd), 0), coalesce(-sum(l.total_vnd) FILTER (WHERE l.sale_id <> p_return), 0)
      INTO refunded, refunded_before
      FROM sale_line l JOIN sale s ON s.id = l.sale_id AND s.state = 'posted' WHERE l.returns_sale_id = p_sale;
    wanted := coalesce(points_unearned(p_sale, refunded), 0) - coalesce(points_unearned(p_sale, refunded_before), 0);
    IF wanted <= 0 THEN
        RETURN 0;
    END IF;
    SELECT sold_at INTO at FROM sale WHERE id = p_return;
    FOR lot IN
        SELECT o.id, o.customer_id, o.left_points - o.held AS free
          FROM loyalty_lot own JOIN loyalty_lot o ON o.customer_id = own.customer_id
         WHERE own.id = p_sale AND o.left_points > o.held
         ORDER BY o.id <> p_sale, o.expires_at, o.id
    LOOP
        part := least(wanted, lot.free);
        UPDATE loyalty_lot l SET left_points = l.left_points - part WHERE l.id = lot.id;
        INSERT INTO loyalty_entry (customer_id, lot_id, kind, points, ref, occurred_at)
        VALUES (lot.customer_id, lot.id, 'reverse', -part, p_return, at);
        UPDATE customer_account a SET points = a.points - part WHERE a.customer_id = lot.customer_id;
        wanted := wanted - part;
        EXIT WHEN wanted = 0;
    END LOOP;
    RETURN wanted;
END
$$;

-- Give back the points that paid for the returned goods, to the lots they came from, those first that are good longest.
CREATE OR REPLACE FUNCTION give_points_back(p_sale uuid, p_return uuid) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    spent int; worth bigint; back bigint; back_before bigint; wanted int; part int; lot record; at timestamptz;
BEGIN
    SELECT -sum(points) INTO spent FROM loyalty_entry WHERE ref = p_sale AND kind = 'spend';
    SELECT sum(d.amount_vnd) INTO worth FROM sale_discount d WHERE d.sale_id = p_sale AND d.kind = 'points' AND d.amount_vnd > 0;
    IF coalesce(spent, 0) = 0 OR coalesce(worth, 0) = 0 THEN
        RETURN;
    END IF;
    SELECT coalesce(-sum(d.amount_vnd), 0), coalesce(-sum(d.amount_vnd) FILTER (WHERE l.sale_id <> p_return), 0)
      INTO back, back_before
      FROM sale_line l
      JOIN sale s ON s.id = l.sale_id AND s.state = 'posted'
      JOIN sale_discount d ON d.sale_id = l.sale_id AND d.line_no = l.line_no AND d.kind = 'points'
     WHERE l.returns_sale_id = p_sale;
    -- Rounded down until the last piece is back, which brings the rest.
    wanted := (spent * least(back, worth) / worth - spent * least(back_before, worth) / worth)::int;
    SELECT sold_at INTO at FROM sale WHERE id = p_return;
    FOR lot IN
        SELECT l.id, l.customer_id, least(-m.points, l.points - l.left_points) AS room
          FROM (SELECT e.lot_id, sum(e.points) AS points FROM loyalty_entry e
                 WHERE (e.ref = p_sale AND e.kind = 'spend')
                    OR (e.points > 0 AND e.kind = 'reverse'
                        AND e.ref IN (SELECT b.sale_id FROM sale_line b JOIN sale s ON s.id = b.sale_id AND s.state = 'posted'
                                       WHERE b.returns_sale_id = p_sale))
                 GROUP BY e.lot_id) m
          JOIN loyalty_lot l ON l.id = m.lot_id
         WHERE m.points < 0
         ORDER BY l.expires_at DESC, l.id
    LOOP
        EXIT WHEN wanted <= 0;
        part := least(wanted, lot.room);
        CONTINUE WHEN part <= 0;
        UPDATE loyalty_lot l SET left_points = l.left_points + part WHERE l.id = lot.id;
        INSERT INTO loyalty_entry (customer_id, lot_id, kind, points, ref, occurred_at)
        VALUES (lot.customer_id, lot.id, 'reverse', part, p_return, at);
        UPDATE customer_account a SET points = a.points + part WHERE a.customer_id = lot.customer_id;
        wanted := wanted - part;
    END LOOP;
END
$$;

-- With the last piece of a sale, swapped ones included, its vouchers may be used once more; what its promotions' limits counted stays counted.
CREATE OR REPLACE FUNCTION restore_vouchers(p_sale uuid, p_return uuid) RETURNS void
LANGUAGE sql AS $$
    WITH restored AS (
        UPDATE voucher v SET state = 'issued', sale_id = NULL
         WHERE v.sale_id = p_sale AND v.state = 'redeemed'
           AND pieces_returned(p_sale) - pieces_standing(p_sale) >= (SELECT sum(l.qty) FROM sale_line l WHERE l.sale_id = p_sale AND l.qty > 0)
        RETURNING v.id)
    INSERT INTO voucher_entry (voucher_id, kind, sale_id, at)
    SELECT x.id, 'restore', p_sale, s.sold_at FROM restored x, sale s WHERE s.id = p_return
$$;

-- A refund by transfer is written on the office's list: somebody sends it, and says so there (docs/rules/payments.md).
CREATE OR REPLACE FUNCTION owe_transfer(
    p_sale uuid, p_no int, p_location uuid, p_till uuid, p_staff uuid, p_amount bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    owed uuid := gen_random_uuid();
BEGIN
    INSERT INTO payment_request (id, kind, state, location_id, till_id, cart_id, staff_id, amount_vnd, reference, reason,
                                 created_at, expires_at, received_at)
    VALUES (owed, 'transfer', 'returning', p_location, p_till, p_sale,
            CASE WHEN p_till IS NULL THEN NULL ELSE p_staff END, p_amount,   -- a parcel's return has no till and no cashier
            (SELECT y.reference FROM payment y WHERE y.sale_id = p_sale AND y.no = p_no), 'return', p_at, p_at, p_at);
    UPDATE payment y SET payment_id = owed WHERE y.sale_id = p_sale AND y.no = p_no;
    INSERT INTO event (topic, key, key_version, location_id, payload)
    VALUES ('payment.changed', owed::text, 1, p_location,
            jsonb_build_object('id', owed, 'location_id', p_location, 'till_id', p_till, 'cart_id', p_sale, 'kind', 'transfer',
                               'state', 'returning', 'amount_vnd', p_amount, 'received_vnd', 0, 'sale_id', NULL));
END
$$;

-- Tell the branches that know a customer that something of theirs has changed.
CREATE OR REPLACE FUNCTION tell_customer(p_customer uuid) RETURNS void
LANGUAGE sql AS $$
    WITH account AS (
        UPDATE customer_account a SET version = a.version + 1, changed_xid = pg_current_xact_id()
         WHERE a.customer_id = p_customer RETURNING a.customer_id, a.version)
    INSERT INTO event (topic, key, key_version, payload)
    SELECT 'customer.changed', a.customer_id, a.version,
           jsonb_build_object('customer_id', a.customer_id, 'location_ids',
               (SELECT coalesce(jsonb_agg(k.location_id ORDER BY k.location_id), '[]') FROM customer_branch k
                 WHERE k.customer_id = a.customer_id))
      FROM account a
$$;
