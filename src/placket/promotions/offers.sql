-- What a sale takes of its promotions' limits and of its vouchers (docs/rules/pricing.md 5 and 8).
--
-- The posting desk calls these in its own transaction, after stock rows and accounts: limits are locked in the order of their
-- promotions, vouchers in the order of their ids. `p_sales` is the desk's batch, its sales with
-- `offers` [{promotion_id, version, uses, pieces, amount_vnd}] and `vouchers` [code]; `p_buyers` goes by the sales' ord.

-- What each sale of a batch takes, by key: a promotion, a promotion for one customer (or one receipt), a voucher.
CREATE OR REPLACE FUNCTION offers_of(p_sales jsonb, p_buyers uuid[])
RETURNS TABLE (ord int, sale_id uuid, mode text, promotion_id uuid, version int, customer_id uuid, uses int, pieces int,
               amount_vnd bigint)
LANGUAGE sql AS $$
    SELECT x.ord, x.id, x.mode, o.promotion_id, o.version, p_buyers[x.ord], o.uses, o.pieces, o.amount_vnd
      FROM jsonb_to_recordset(p_sales) AS x(ord int, id uuid, mode text, offers jsonb)
     CROSS JOIN jsonb_to_recordset(coalesce(x.offers, '[]'))
           AS o(promotion_id uuid, version int, uses int, pieces int, amount_vnd bigint)
$$;

-- Whether the time of a hold is over at a moment. A till that went dark while it held a voucher may have sold with it: its hold
-- lasts until it is heard again and has handed in its journal, or is out of use. Being heard means saying how long the journal is:
-- whatever writes `last_seen_at` has written `reported_head_seq` in the same transaction, or knows that nothing is unposted.
CREATE OR REPLACE FUNCTION voucher_hold_over(v voucher, p_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT v.held_until <= p_at AND NOT EXISTS (
        SELECT 1 FROM till t JOIN till_epoch e ON e.till_id = t.id AND e.epoch = t.epoch
         WHERE t.id = v.held_by AND t.status = 'active'
           AND (t.last_seen_at < v.held_until OR e.posted_seq < e.reported_head_seq))
$$;

-- Whether a sale may have a voucher at a moment: nobody has used or blocked it, and it is held for nobody else.
CREATE OR REPLACE FUNCTION voucher_free(v voucher, p_sale uuid, p_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT v.state = 'issued' OR (v.state = 'held' AND (v.held_for = p_sale OR voucher_hold_over(v, p_at)))
$$;

CREATE OR REPLACE FUNCTION vouchers_of(p_sales jsonb, p_buyers uuid[])
RETURNS TABLE (ord int, sale_id uuid, mode text, customer_id uuid, code text, sold_at timestamptz)
LANGUAGE sql AS $$
    SELECT x.ord, x.id, x.mode, p_buyers[x.ord], v.code, x.sold_at
      FROM jsonb_to_recordset(p_sales) AS x(ord int, id uuid, mode text, vouchers jsonb, sold_at timestamptz)
     CROSS JOIN jsonb_array_elements_text(coalesce(x.vouchers, '[]')) AS v(code)
$$;

-- Lock what a batch may use up; answers what is left of it: key -> {uses, pieces, vnd}, null where there is no limit.
CREATE OR REPLACE FUNCTION lock_offers(p_sales jsonb, p_buyers uuid[]) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM promotion_limit l
      WHERE l.promotion_id IN (SELECT o.promotion_id FROM offers_of(p_sales, p_buyers) o)
      ORDER BY l.promotion_id FOR NO KEY UPDATE;
    PERFORM 1 FROM voucher v
      WHERE v.code IN (SELECT n.code FROM vouchers_of(p_sales, p_buyers) n)
      ORDER BY v.id FOR NO KEY UPDATE;
    RETURN (
        SELECT coalesce(jsonb_object_agg(k.key, jsonb_build_object('uses', k.uses, 'pieces', k.pieces, 'vnd', k.vnd)), '{}')
          FROM (SELECT l.promotion_id::text AS key, l.uses_max - l.uses AS uses, l.pieces_max - l.pieces AS pieces,
                       l.budget_vnd - l.spent_vnd AS vnd
                  FROM promotion_limit l
                 WHERE l.promotion_id IN (SELECT o.promotion_id FROM offers_of(p_sales, p_buyers) o)
                UNION ALL
                SELECT l.promotion_id || '/' || w.who, l.uses_a_customer - coalesce(u.uses, 0),
                       l.pieces_a_customer - coalesce(u.pieces, 0), NULL
                  FROM promotion_limit l
                  JOIN (SELECT DISTINCT o.promotion_id, o.customer_id, coalesce(o.customer_id, o.sale_id) AS who
                          FROM offers_of(p_sales, p_buyers) o) w ON w.promotion_id = l.promotion_id
                  LEFT JOIN LATERAL (SELECT sum(h.uses)::int AS uses, sum(h.pieces)::int AS pieces FROM promotion_use h
                                      WHERE h.promotion_id = l.promotion_id  -- under every id that stands for them
                                        AND h.customer_id IN (SELECT c.id FROM customer c
                                                               WHERE c.id = w.customer_id OR c.merged_into = w.customer_id)) u
                         ON true
                 WHERE l.uses_a_customer IS NOT NULL OR l.pieces_a_customer IS NOT NULL
                UNION ALL
                SELECT DISTINCT n.code || '/' || coalesce(n.customer_id::text, ''),
                       CASE WHEN voucher_free(v, n.sale_id, n.sold_at)
                             AND (v.customer_id IS NULL OR n.customer_id = (  -- who was merged has brought their vouchers along
                                  SELECT coalesce(c.merged_into, c.id) FROM customer c WHERE c.id = v.customer_id))
                             AND b.starts_at <= n.sold_at AND n.sold_at < b.ends_at THEN 1 ELSE 0 END, NULL::int, NULL::bigint
                  FROM vouchers_of(p_sales, p_buyers) n
                  LEFT JOIN voucher v ON v.code = n.code
                  LEFT JOIN voucher_batch b ON b.id = v.batch_id
                UNION ALL
                SELECT DISTINCT n.code, 1, NULL::int, NULL::bigint FROM vouchers_of(p_sales, p_buyers) n) k);
END
$$;

-- Take what one sale of the batch takes from what is left; answers the rest, or none when something is not there any more.
CREATE OR REPLACE FUNCTION take_offers(p_left jsonb, p_sales jsonb, p_buyers uuid[], p_ord int) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    c record;
    rest jsonb := p_left;
    held jsonb;
BEGIN
    FOR c IN
        SELECT o.promotion_id::text AS key, o.uses, o.pieces, o.amount_vnd AS vnd
          FROM offers_of(p_sales, p_buyers) o WHERE o.ord = p_ord
        UNION ALL
        SELECT o.promotion_id || '/' || coalesce(o.customer_id, o.sale_id), o.uses, o.pieces, 0
          FROM offers_of(p_sales, p_buyers) o WHERE o.ord = p_ord
        UNION ALL
        SELECT n.code, 1, 0, 0 FROM vouchers_of(p_sales, p_buyers) n WHERE n.ord = p_ord
        UNION ALL
        SELECT n.code || '/' || coalesce(n.customer_id::text, ''), 1, 0, 0
          FROM vouchers_of(p_sales, p_buyers) n WHERE n.ord = p_ord
    LOOP
        held := rest -> c.key;
        CONTINUE WHEN held IS NULL;
        IF (held ->> 'uses')::bigint < c.uses OR (held ->> 'pieces')::bigint < c.pieces OR (held ->> 'vnd')::bigint < c.vnd THEN
            RETURN NULL;
        END IF;
        rest := jsonb_set(rest, ARRAY[c.key], jsonb_build_object(
            'uses', (held ->> 'uses')::bigint - c.uses, 'pieces', (held ->> 'pieces')::bigint - c.pieces,
            'vnd', (held ->> 'vnd')::bigint - c.vnd));
    END LOOP;
    RETURN rest;
END
$$;

-- Write what the accepted sales of a batch have taken. A record takes what is not there any more: somebody should know.
CREATE OR REPLACE FUNCTION post_offers(p_sales jsonb, p_buyers uuid[], p_outcomes text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO exception_log (id, kind, severity, refs, location_id, actor_id)
    SELECT gen_random_uuid(), 'offer_over', 'warning',
           jsonb_build_object('sale', n.sale_id, 'till', s.till_id, 'voucher', n.code), s.location_id, s.staff_id
      FROM vouchers_of(p_sales, p_buyers) n
      JOIN sale s ON s.id = n.sale_id
      LEFT JOIN voucher v ON v.code = n.code
     WHERE p_outcomes[n.ord] = 'accepted' AND n.mode = 'record'
       AND (v.id IS NULL OR NOT voucher_free(v, n.sale_id, n.sold_at));

    -- What records have taken beyond a limit is believed, and somebody looks at it.
    INSERT INTO exception_log (id, kind, severity, refs, location_id, actor_id)
    SELECT gen_random_uuid(), 'offer_over', 'warning',
           jsonb_build_object('sale', o.sale_id, 'till', s.till_id, 'promotion', o.promotion_id), s.location_id, s.staff_id
      FROM (SELECT t.*, sum(t.uses) OVER so_far AS uses_then, sum(t.pieces) OVER so_far AS pieces_then,
                   sum(t.amount_vnd) OVER so_far AS vnd_then
              FROM offers_of(p_sales, p_buyers) t WHERE p_outcomes[t.ord] = 'accepted'
            WINDOW so_far AS (PARTITION BY t.promotion_id ORDER BY t.ord)) o
      JOIN sale s ON s.id = o.sale_id
      JOIN promotion_limit l ON l.promotion_id = o.promotion_id
     WHERE o.mode = 'record'
       AND (l.uses + o.uses_then > l.uses_max OR l.pieces + o.pieces_then > l.pieces_max
            OR l.spent_vnd + o.vnd_then > l.budget_vnd);

    WITH redeemed AS (
        UPDATE voucher v SET state = 'redeemed', sale_id = n.sale_id, held_for = NULL, held_until = NULL, held_by = NULL
          FROM vouchers_of(p_sales, p_buyers) n, voucher_batch b, offers_of(p_sales, p_buyers) o
         WHERE v.code = n.code AND voucher_free(v, n.sale_id, n.sold_at) AND p_outcomes[n.ord] = 'accepted'
           AND b.id = v.batch_id AND o.ord = n.ord AND o.promotion_id = b.promotion_id
        RETURNING v.id, n.sale_id, n.sold_at)
    INSERT INTO voucher_entry (voucher_id, kind, sale_id, at)
    SELECT id, 'redeem', sale_id, sold_at FROM redeemed ORDER BY id;

    INSERT INTO promotion_use (sale_id, promotion_id, version, customer_id, uses, pieces, amount_vnd)
    SELECT o.sale_id, o.promotion_id, o.version, o.customer_id, o.uses, o.pieces, o.amount_vnd
      FROM offers_of(p_sales, p_buyers) o WHERE p_outcomes[o.ord] = 'accepted';

    PERFORM move_limits(array_agg(d.promotion_id), array_agg(d.uses), array_agg(d.pieces), array_agg(d.amount_vnd))
       FROM (SELECT o.promotion_id, sum(o.uses)::int AS uses, sum(o.pieces)::int AS pieces, sum(o.amount_vnd)::bigint AS amount_vnd
               FROM offers_of(p_sales, p_buyers) o WHERE p_outcomes[o.ord] = 'accepted' GROUP BY o.promotion_id) d;
END
$$;

-- Move what limits have used, and tell everybody.
CREATE OR REPLACE FUNCTION move_limits(p_promotions uuid[], p_uses int[], p_pieces int[], p_vnd bigint[]) RETURNS void
LANGUAGE sql AS $$
    WITH moved AS (
        UPDATE promotion_limit l
           SET uses = greatest(0, l.uses + d.uses), pieces = greatest(0, l.pieces + d.pieces),
               spent_vnd = greatest(0, l.spent_vnd + d.vnd), version = l.version + 1
          FROM unnest(p_promotions, p_uses, p_pieces, p_vnd) AS d(promotion_id, uses, pieces, vnd)
         WHERE l.promotion_id = d.promotion_id
        RETURNING l.*)
    INSERT INTO event (topic, key, key_version, payload)
    SELECT 'promotion.used', promotion_id::text, version,
           jsonb_build_object('promotion_id', promotion_id, 'uses', uses_max - uses, 'pieces', pieces_max - pieces,
                              'budget_vnd', budget_vnd - spent_vnd)
      FROM moved
$$;

-- A sale is void: its promotions' limits and its vouchers are free again.
CREATE OR REPLACE FUNCTION give_back_offers(p_sale uuid, p_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    promotions uuid[]; uses int[]; pieces int[]; vnd bigint[];
BEGIN
    PERFORM 1 FROM promotion_limit l
      WHERE l.promotion_id IN (SELECT u.promotion_id FROM promotion_use u WHERE u.sale_id = p_sale)
      ORDER BY l.promotion_id FOR NO KEY UPDATE;
    WITH gone AS (DELETE FROM promotion_use u WHERE u.sale_id = p_sale RETURNING u.*)
    SELECT array_agg(g.promotion_id), array_agg(-g.uses), array_agg(-g.pieces), array_agg(-g.amount_vnd)
      INTO promotions, uses, pieces, vnd FROM gone g;
    PERFORM move_limits(promotions, uses, pieces, vnd);
    WITH restored AS (
        UPDATE voucher v SET state = 'issued', sale_id = NULL WHERE v.sale_id = p_sale RETURNING v.id)
    INSERT INTO voucher_entry (voucher_id, kind, sale_id, at) SELECT id, 'restore', p_sale, p_at FROM restored;
END
$$;
