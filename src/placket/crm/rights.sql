-- What a sale does to its customer's account: points earned, points and store credit spent (docs/rules/loyalty.md).
--
-- The posting desk calls these in its own transaction, after the stock rows: buyers are locked in the order of their ids,
-- holds are looked at under those locks, and everything is written set-based. `p_sales` is the desk's batch, its sales with
-- `spends` [{hold_id, type, amount, value_vnd, order_id}]; `p_buyers` and `p_outcomes` go by the sales' ord.

-- Lock the accounts of a batch and of others it touches; answers who buys, aliases resolved. An unknown id stays: the sale's
-- foreign key refuses it.
CREATE OR REPLACE FUNCTION lock_buyers(p_sales jsonb, p_others uuid[]) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    found uuid[];
    again uuid[];
    named uuid[];
BEGIN
    again := buyers_of(p_sales);
    named := p_others || ARRAY(SELECT x.customer_id FROM jsonb_to_recordset(p_sales) AS x(customer_id uuid));
    LOOP
        found := again;
        PERFORM 1 FROM customer_account a
          WHERE a.customer_id = ANY(found || named) ORDER BY a.customer_id FOR NO KEY UPDATE;
        -- Under the locks nobody is merged any more: what is read now holds.
        again := buyers_of(p_sales);
        EXIT WHEN again IS NOT DISTINCT FROM found;
    END LOOP;
    RETURN found;
END
$$;

CREATE OR REPLACE FUNCTION buyers_of(p_sales jsonb) RETURNS uuid[]
LANGUAGE sql AS $$
    SELECT array_agg(coalesce(c.merged_into, x.customer_id) ORDER BY x.ord)
      FROM jsonb_to_recordset(p_sales) AS x(ord int, customer_id uuid)
      LEFT JOIN customer c ON c.id = x.customer_id
$$;

-- The spends of a batch beside the holds they name. A hold is good for its own sale, till, customer, kind and amount only; one
-- of an order (`order_id`, which no till can name) for the parcel that its line leaves in.
CREATE OR REPLACE FUNCTION spends_of(p_sales jsonb, p_buyers uuid[])
RETURNS TABLE (ord int, mode text, sale_id uuid, customer_id uuid, staff_id uuid, location_id uuid, till_id uuid,
               sold_at timestamptz, hold_id uuid, kind text, amount bigint, value_vnd bigint, good boolean, over boolean)
LANGUAGE sql AS $$
    SELECT x.ord, x.mode, x.id, p_buyers[x.ord], x.staff_id, x.location_id, x.till_id, x.sold_at,
           n.hold_id, n.type, n.amount, n.value_vnd,
           coalesce(h.state = 'held'
                    AND CASE WHEN n.order_id IS NULL THEN h.sale_id = x.id AND h.till_id = x.till_id AND h.epoch = x.epoch
                             ELSE h.order_id = n.order_id END
                    AND h.resource_id = p_buyers[x.ord] AND h.resource_type = n.type
                    AND h.amount = n.amount AND h.value_vnd = n.value_vnd, false),
           n.type = 'points' AND n.value_vnd * 10000 > (coalesce(x.goods_vnd, x.total_vnd) + n.value_vnd) * coalesce(h.share_bp_max, 10000)
      FROM jsonb_to_recordset(p_sales)
           AS x(ord int, id uuid, mode text, staff_id uuid, location_id uuid, till_id uuid, epoch int, total_vnd bigint,
                goods_vnd bigint, sold_at timestamptz, spends jsonb)
     CROSS JOIN jsonb_to_recordset(coalesce(x.spends, '[]')) AS n(hold_id uuid, type text, amount bigint, value_vnd bigint, order_id uuid)
      LEFT JOIN right_hold h ON h.id = n.hold_id
     ORDER BY x.ord
$$;

-- The lots that so many points come from, those that expire first; fewer when there are not so many.
CREATE OR REPLACE FUNCTION lots_to_burn(p_customer uuid, p_points bigint, p_at timestamptz)
RETURNS TABLE (lot_id uuid, points int)
LANGUAGE sql AS $$
    SELECT id, least(free, p_points - before)::int
      FROM (SELECT l.id, l.left_points - l.held AS free,
                   sum(l.left_points - l.held) OVER (ORDER BY l.expires_at, l.id) - (l.left_points - l.held) AS before
              FROM loyalty_lot l
             WHERE l.customer_id = p_customer AND l.left_points > l.held AND l.pending_until <= p_at AND l.expires_at > p_at) lots
     WHERE before < p_points
$$;

-- Write what the accepted sales of a batch earn and spend.
CREATE OR REPLACE FUNCTION post_rights(p_sales jsonb, p_buyers uuid[], p_outcomes text[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    s record;
    taken bigint;
BEGIN
    -- Most batches spend nothing, and then nobody looks.
    FOR s IN SELECT * FROM spends_of(p_sales, p_buyers) n
              WHERE jsonb_path_exists(p_sales, '$[*].spends[*]') AND p_outcomes[n.ord] = 'accepted' LOOP
        IF s.good THEN
            UPDATE right_hold h SET state = 'spent', ended_at = s.sold_at, sale_id = s.sale_id WHERE h.id = s.hold_id;
            taken := spend_right(s.kind, s.customer_id, s.sale_id, s.amount, s.hold_id, s.sold_at);
        ELSE
            -- A record whose hold is gone (its till was given up): the shop has given the money all the same.
            taken := spend_right(s.kind, s.customer_id, s.sale_id, s.amount, NULL, s.sold_at);
        END IF;
        IF taken < s.amount THEN
            INSERT INTO exception_log (id, kind, severity, refs, location_id, qty, actor_id)
            VALUES (gen_random_uuid(), 'unheld', 'urgent',
                    jsonb_build_object('sale', s.sale_id, 'till', s.till_id, 'customer', s.customer_id, 'right', s.kind),
                    s.location_id, s.amount - taken, s.staff_id);
        END IF;
    END LOOP;

    WITH bought AS MATERIALIZED (
        SELECT x.ord, x.id AS sale_id, p_buyers[x.ord] AS customer_id, x.location_id, x.sold_at,
               (greatest(coalesce(x.goods_vnd, x.total_vnd), 0) / r.earn_per_vnd)::int AS points,
               (x.sold_on + 1 + r.pending_days)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' AS pending_until,
               (x.sold_on + 1 + r.expire_days)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' AS expires_at
          FROM jsonb_to_recordset(p_sales) AS x(ord int, id uuid, location_id uuid, total_vnd bigint, goods_vnd bigint,
                                                sold_at timestamptz, sold_on date)
          LEFT JOIN LATERAL (SELECT * FROM loyalty_rule r WHERE r.valid_from <= x.sold_on
                              ORDER BY r.valid_from DESC LIMIT 1) r ON true
         WHERE p_outcomes[x.ord] = 'accepted' AND p_buyers[x.ord] IS NOT NULL),
    earned AS MATERIALIZED (
        SELECT b.* FROM bought b JOIN customer_account a ON a.customer_id = b.customer_id WHERE a.earns AND b.points > 0),
    new_lot AS (
        INSERT INTO loyalty_lot (id, customer_id, points, left_points, earned_at, pending_until, expires_at)
        SELECT sale_id, customer_id, points, points, sold_at, pending_until, expires_at FROM earned),
    new_entry AS (
        INSERT INTO loyalty_entry (customer_id, lot_id, kind, points, ref, occurred_at)
        SELECT customer_id, sale_id, 'earn', points, sale_id, sold_at FROM earned ORDER BY ord),
    met AS (
        INSERT INTO customer_branch AS k (location_id, customer_id, last_sold_at)
        SELECT location_id, customer_id, max(sold_at) FROM bought GROUP BY location_id, customer_id
        ON CONFLICT (location_id, customer_id)
        DO UPDATE SET last_sold_at = greatest(k.last_sold_at, excluded.last_sold_at)),
    account AS (
        UPDATE customer_account a
           SET points = a.points + d.points, version = a.version + 1, changed_xid = pg_current_xact_id()
          FROM (SELECT b.customer_id, coalesce(sum(e.points), 0)::int AS points
                  FROM bought b LEFT JOIN earned e ON e.ord = b.ord GROUP BY b.customer_id) d
         WHERE a.customer_id = d.customer_id
        RETURNING a.customer_id, a.version)
    INSERT INTO event (topic, key, key_version, payload)
    SELECT 'customer.changed', a.customer_id, a.version,
           jsonb_build_object('customer_id', a.customer_id, 'location_ids',
               (SELECT jsonb_agg(DISTINCT k.location_id)
                  FROM (SELECT location_id FROM customer_branch WHERE customer_id = a.customer_id
                        UNION ALL SELECT location_id FROM bought WHERE customer_id = a.customer_id) k))
      FROM account a;
END
$$;

-- Take points or credit for a sale, from what its hold keeps or else from what is free; answers how much there was.
CREATE OR REPLACE FUNCTION spend_right(
    p_kind text, p_customer uuid, p_sale uuid, p_amount bigint, p_hold uuid, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    taken bigint;
BEGIN
    IF p_kind = 'store_credit' THEN
        SELECT CASE WHEN p_hold IS NULL THEN least(p_amount, credit_vnd - credit_held_vnd) ELSE p_amount END
          INTO taken FROM customer_account WHERE customer_id = p_customer;
        UPDATE customer_account
           SET credit_vnd = credit_vnd - taken,
               credit_held_vnd = credit_held_vnd - CASE WHEN p_hold IS NULL THEN 0 ELSE taken END
         WHERE customer_id = p_customer;
        INSERT INTO credit_entry (customer_id, kind, amount_vnd, ref, occurred_at)
        SELECT p_customer, 'spend', -taken, p_sale, p_at WHERE taken > 0;
        RETURN taken;
    END IF;
    WITH burnt AS MATERIALIZED (
        SELECT k.lot_id, k.points FROM right_hold_lot k WHERE k.hold_id = p_hold
        UNION ALL
        SELECT b.lot_id, b.points FROM lots_to_burn(p_customer, p_amount, p_at) b WHERE p_hold IS NULL),
    lot AS (
        UPDATE loyalty_lot l
           SET left_points = l.left_points - b.points,
               held = l.held - CASE WHEN p_hold IS NULL THEN 0 ELSE b.points END
          FROM burnt b WHERE l.id = b.lot_id
        RETURNING l.id, l.expires_at, b.points),
    entry AS (
        INSERT INTO loyalty_entry (customer_id, lot_id, kind, points, ref, occurred_at)
        SELECT p_customer, id, 'spend', -points, p_sale, p_at FROM lot ORDER BY expires_at, id)
    UPDATE customer_account a SET points = a.points - d.points
      FROM (SELECT coalesce(sum(points), 0)::int AS points FROM burnt) d
     WHERE a.customer_id = p_customer
    RETURNING d.points INTO taken;
    RETURN taken;
END
$$;

-- What a receipt says of a sale's points: earned, spent, taken and given back by returns, and the balance that they led to;
-- nothing when no point moved.
CREATE OR REPLACE FUNCTION points_told(p_sale uuid) RETURNS jsonb
LANGUAGE sql AS $$
    SELECT jsonb_build_object('earned', m.earned, 'spent', m.spent, 'balance',
               (SELECT sum(b.points) FROM loyalty_entry b WHERE b.customer_id = m.customer_id AND b.id <= m.last_id))
           || CASE WHEN m.reclaimed + m.restored = 0 THEN '{}'
                   ELSE jsonb_build_object('reclaimed', m.reclaimed, 'restored', m.restored) END
      FROM (SELECT e.customer_id, max(e.id) AS last_id, coalesce(sum(e.points) FILTER (WHERE e.kind = 'earn'), 0) AS earned,
                   -coalesce(sum(e.points) FILTER (WHERE e.kind = 'spend'), 0) AS spent,
                   -coalesce(sum(e.points) FILTER (WHERE e.kind = 'reverse' AND e.points < 0), 0) AS reclaimed,
                   coalesce(sum(e.points) FILTER (WHERE e.kind = 'reverse' AND e.points > 0), 0) AS restored
              FROM loyalty_entry e
             WHERE e.ref = p_sale AND e.kind IN ('earn', 'spend', 'reverse') GROUP BY e.customer_id) m
$$;
