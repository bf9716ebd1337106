-- Sales folded into what their buyers had bought before (docs/rules/rfm.md): a sale is added once, and its buyer's history
-- is not read again for it. Whom that cannot be said of is counted anew from all their sales, by crm/scoring.sql.

-- The sales that were completed or voided between two snapshots, by whom they name.
CREATE OR REPLACE FUNCTION sold_between(p_before pg_snapshot, p_until pg_snapshot)
RETURNS TABLE (customer_id uuid, sale_ids uuid[], voided boolean)
LANGUAGE plpgsql STABLE ROWS 1000 AS $$
BEGIN
    RETURN QUERY
    SELECT s.customer_id, array_agg(s.id), bool_or(e.topic = 'sale.voided')
      FROM event e JOIN sale s ON s.id = e.key::uuid
     WHERE e.xid >= pg_snapshot_xmin(p_before) AND e.topic IN ('sale.completed', 'sale.voided')
       AND NOT pg_visible_in_snapshot(e.xid, p_before) AND pg_visible_in_snapshot(e.xid, p_until)
       AND s.customer_id IS NOT NULL
     GROUP BY s.customer_id;
END
$$;

-- The accounts that have changed since a snapshot, and whether this transaction did it, which is not in the snapshot it took.
CREATE OR REPLACE FUNCTION changed_since(p_before pg_snapshot, p_most int)
RETURNS TABLE (customer_id uuid, profiled boolean, earns boolean, own boolean)
LANGUAGE plpgsql STABLE ROWS 1000 AS $$
BEGIN
    RETURN QUERY
    SELECT a.customer_id, a.profiled, a.earns, coalesce(a.changed_xid = pg_current_xact_id_if_assigned(), false)
      FROM customer_account a
     WHERE a.changed_xid = pg_current_xact_id_if_assigned()
        OR (a.changed_xid >= pg_snapshot_xmin(p_before) AND NOT pg_visible_in_snapshot(a.changed_xid, p_before))
     ORDER BY a.customer_id LIMIT p_most;
END
$$;

-- Who has changed between two snapshots, what their account says, the sales that came meanwhile, and whether they are to be
-- counted anew: when a sale was voided, they are or were one with another id, this transaction changed them, or they were counted
-- anew in the last round (p_recounted; NULL: everybody was), when sales of this one may have been seen already.
-- Who was merged into another collects nothing, so the customer is looked at of few. Scalar subqueries and not EXISTS: nobody
-- may hash all customers for the few who have been merged.
CREATE OR REPLACE FUNCTION changed_between(p_before pg_snapshot, p_until pg_snapshot, p_recounted uuid[], p_most int)
RETURNS TABLE (customer_id uuid, profiled boolean, earns boolean, sale_ids uuid[], anew boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT c.customer_id, c.profiled, c.earns, coalesce(n.sale_ids, '{}'),
           c.own OR p_recounted IS NULL OR r.id IS NOT NULL OR coalesce(n.voided, false)
           OR (NOT c.earns AND (SELECT k.merged_into IS NOT NULL FROM customer k WHERE k.id = c.customer_id))
           OR coalesce((SELECT true FROM customer x WHERE x.merged_into = c.customer_id LIMIT 1), false)
           OR coalesce((SELECT true FROM customer_merge m WHERE m.survivor_id = c.customer_id LIMIT 1), false)
      FROM changed_since(p_before, p_most) c
      LEFT JOIN sold_between(p_before, p_until) n ON n.customer_id = c.customer_id
      LEFT JOIN unnest(p_recounted) AS r(id) ON r.id = c.customer_id
     ORDER BY c.customer_id;
END
$$;

-- Score people, of whom their accounts say whether they are profiled and collect points, by what is kept of them and by these
-- new sales of theirs; answers who is now in another group or tier, and who was left to be counted anew: those of whom nothing
-- is kept yet, and whose new sales are of several days, or of one that is before the last one kept or has not come.
-- The day stands behind those that are kept, or the last of them goes on.
-- Tiers are looked at where they may be another: a higher one is reached, goods came back, or the year is over.
CREATE OR REPLACE FUNCTION fold_sales(p_ids uuid[], p_profiled boolean[], p_earns boolean[], p_sales uuid[], p_on date,
                                      p_at timestamptz, OUT moved uuid[], OUT anew uuid[])
LANGUAGE plpgsql AS $$
DECLARE
    borders rfm_borders;
    tiers text[];       -- from the lowest, and from how much in a year each begins
    tiers_from bigint[];
BEGIN
    SELECT * INTO borders FROM rfm_borders b WHERE b.on_date <= p_on ORDER BY b.on_date DESC LIMIT 1;
    SELECT array_agg(r.tier ORDER BY r.rank), array_agg(r.spend_vnd_min ORDER BY r.rank) INTO tiers, tiers_from
      FROM tier_rule r WHERE r.valid_from = (SELECT max(valid_from) FROM tier_rule WHERE valid_from <= p_on);
    PERFORM clear_bought_now();

    WITH sold AS MATERIALIZED (
        SELECT s.customer_id, min(s.sold_on) AS first_day, max(s.sold_on) AS day, (count(*) FILTER (WHERE b.bought))::int AS orders,
               sum(s.total_vnd)::bigint AS vnd, bool_or(s.total_vnd < 0) AS returned,
               bool_or(b.bought AND s.channel = 'store') AS in_shops, bool_or(b.bought AND s.channel = 'web') AS on_web
          FROM sale s
         CROSS JOIN LATERAL (
               SELECT s.pieces > 0 OR coalesce((SELECT true FROM sale_line l
                                                 WHERE l.sale_id = s.id AND l.qty > 0 LIMIT 1), false) AS bought) b
         WHERE s.id = ANY(p_sales) AND s.state = 'posted' GROUP BY s.customer_id),
    summed AS MATERIALIZED (
        SELECT o.customer_id, o.group_key, o.orders, o.net_vnd, o.returned, o.in_shops, o.on_web,
               CASE WHEN o.bought THEN o.day ELSE o.last_sold_on END AS last_sold_on,
               CASE WHEN o.day > o.last_day THEN o.sold_days || o.day ELSE o.sold_days END AS sold_days,
               CASE WHEN o.day > o.last_day THEN o.orders_until || o.orders
                    WHEN o.day = o.last_day THEN o.orders_until[:o.days - 1] || o.orders ELSE o.orders_until END AS orders_until,
               CASE WHEN o.day > o.last_day THEN o.vnd_until || o.net_vnd
                    WHEN o.day = o.last_day THEN o.vnd_until[:o.days - 1] || o.net_vnd ELSE o.vnd_until END AS vnd_until
          FROM (SELECT o.customer_id, o.group_key, o.last_sold_on, o.sold_days, o.orders_until, o.vnd_until,
                       o.orders + coalesce(d.orders, 0) AS orders, o.net_vnd + coalesce(d.vnd, 0) AS net_vnd,
                       coalesce(d.returned, false) AS returned, coalesce(d.orders > 0, false) AS bought, d.first_day, d.day,
                       o.in_shops OR coalesce(d.in_shops, false) AS in_shops, o.on_web OR coalesce(d.on_web, false) AS on_web,
                       cardinality(o.sold_days) AS days, o.sold_days[cardinality(o.sold_days)] AS last_day
                  FROM customer_score o LEFT JOIN sold d ON d.customer_id = o.customer_id
                 WHERE o.customer_id = ANY(p_ids)) o
         WHERE o.day IS NULL OR (o.first_day = o.day AND o.day BETWEEN o.last_day AND p_on + 1)),
    scored AS MATERIALIZED (
        SELECT s.*, c.group_key AS to_group
          FROM (SELECT s.*, a.profiled, a.earns, after_day(s.net_vnd, s.vnd_until, s.sold_days, p_on - 365) AS year_vnd,
                       CASE WHEN a.profiled THEN score_of(s.last_sold_on, borders.r_from) END AS r,
                       CASE WHEN a.profiled THEN score_of(s.orders, borders.f_from) END AS f,
                       CASE WHEN a.profiled THEN score_of(s.net_vnd, borders.m_from) END AS m
                  FROM summed s JOIN unnest(p_ids, p_profiled, p_earns) AS a(customer_id, profiled, earns) USING (customer_id)) s
          LEFT JOIN rfm_cell c ON c.r = s.r AND c.f = s.f),
    put AS (
        UPDATE customer_score o
           SET orders = s.orders, last_sold_on = s.last_sold_on, net_vnd = s.net_vnd,
               sold_days = s.sold_days, orders_until = s.orders_until, vnd_until = s.vnd_until,
               in_shops = s.in_shops, on_web = s.on_web, profiled = s.profiled, r = s.r, f = s.f, m = s.m,
               group_key = s.to_group, scored_at = p_at
          FROM scored s WHERE o.customer_id = s.customer_id),
    told AS (
        INSERT INTO customer_move AS v (customer_id, on_date, from_group, to_group, r, f, m)
        SELECT s.customer_id, p_on, s.group_key, s.to_group, s.r, s.f, s.m FROM scored s
         WHERE s.to_group IS DISTINCT FROM s.group_key ORDER BY s.customer_id
        ON CONFLICT (customer_id, on_date) DO UPDATE
           SET to_group = excluded.to_group, r = excluded.r, f = excluded.f, m = excluded.m),
    to_look_at AS (
        INSERT INTO bought_now (customer_id, year_vnd, kept_vnd)
        SELECT s.customer_id, s.year_vnd, after_day(s.net_vnd, s.vnd_until, s.sold_days, t.qualified_on - 365)
          FROM scored s LEFT JOIN customer_tier t ON t.customer_id = s.customer_id
         WHERE CASE WHEN s.earns THEN s.returned OR t.review_on <= p_on
                                      OR width_bucket(s.year_vnd, tiers_from) > coalesce(array_position(tiers, t.tier), 0)
                    ELSE t.tier IS NOT NULL END)
    SELECT coalesce(array_agg(s.customer_id) FILTER (WHERE s.to_group IS DISTINCT FROM s.group_key), '{}'),
           ARRAY(SELECT unnest(p_ids) EXCEPT SELECT s.customer_id FROM scored s)
      INTO moved, anew FROM scored s;
    IF EXISTS (SELECT 1 FROM bought_now) THEN
        moved := moved || keep_tiers(ARRAY(SELECT b.customer_id FROM bought_now b), p_on);
    END IF;
END
$$;

-- Add the goods of these sales to what their buyers have bought, the categories in the order of their last days.
CREATE OR REPLACE FUNCTION add_bought(p_sales uuid[]) RETURNS void
LANGUAGE sql AS $$
    WITH added AS MATERIALIZED (
        SELECT s.customer_id, y.category_id, max(s.sold_on) AS last_on
          FROM sale s
          JOIN sale_line l ON l.sale_id = s.id AND l.qty > 0
          JOIN variant v ON v.id = l.variant_id
          JOIN style y ON y.id = v.style_id
         WHERE s.id = ANY(p_sales) AND s.state = 'posted' GROUP BY s.customer_id, y.category_id),
    whose AS MATERIALIZED (
        SELECT a.customer_id, o.categories, o.last_on
          FROM (SELECT DISTINCT customer_id FROM added) a JOIN customer_bought o USING (customer_id)),
    goods AS (
        SELECT customer_id, category_id, max(last_on) AS last_on
          FROM (SELECT customer_id, category_id, last_on FROM added
                UNION ALL
                SELECT w.customer_id, u.category_id, u.last_on
                  FROM whose w CROSS JOIN LATERAL unnest(w.categories, w.last_on) AS u(category_id, last_on)) x
         GROUP BY customer_id, category_id)
    INSERT INTO customer_bought AS o (customer_id, categories, last_on)
    SELECT customer_id, array_agg(category_id ORDER BY last_on, category_id), array_agg(last_on ORDER BY last_on, category_id)
      FROM goods GROUP BY customer_id ORDER BY customer_id
    ON CONFLICT (customer_id) DO UPDATE SET categories = excluded.categories, last_on = excluded.last_on
     WHERE (o.categories, o.last_on) IS DISTINCT FROM (excluded.categories, excluded.last_on)
$$;

-- Bring what was bought under the categories that styles have now: of the buyers of styles that have moved to another or are
-- new since the last night; of everybody when those are many, or when no night was before. Answers how many styles those are.
CREATE OR REPLACE FUNCTION follow_styles() RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    moved uuid[] := ARRAY(SELECT y.id FROM style y LEFT JOIN style_bought b ON b.style_id = y.id
                           WHERE b.category_id IS DISTINCT FROM y.category_id);
    buyers uuid[];
BEGIN
    IF cardinality(moved) = 0 THEN
        RETURN 0;
    END IF;
    IF EXISTS (SELECT 1 FROM style_bought) THEN
        buyers := ARRAY(SELECT DISTINCT coalesce(c.merged_into, c.id)
                          FROM variant v
                          JOIN sale_line l ON l.variant_id = v.id AND l.qty > 0
                          JOIN sale s ON s.id = l.sale_id AND s.state = 'posted'
                          JOIN customer c ON c.id = s.customer_id
                         WHERE v.style_id = ANY(moved) LIMIT 50001);
    END IF;
    PERFORM keep_bought(CASE WHEN cardinality(buyers) <= 50000 THEN buyers END);
    INSERT INTO style_bought AS b (style_id, category_id)
    SELECT y.id, y.category_id FROM style y WHERE y.id = ANY(moved) ORDER BY y.id
    ON CONFLICT (style_id) DO UPDATE SET category_id = excluded.category_id;
    RETURN cardinality(moved);
END
$$;
