-- What customers have bought, in sums, and what follows from it: RFM scores and tiers (docs/rules/rfm.md, loyalty.md).
--
-- One routine scores a few people or everybody from the sales themselves, so doing it twice changes nothing, and what was
-- scored one by one equals what is scored as a whole. At night borders are taken anew and scores that change are rewritten.

-- What people bought until a day (and the next, which may have begun since it was asked), under every id they had: orders
-- are posted sales with a piece sold, money is net of returns. `sold_days` are the days with a sale, and `orders_until` and
-- `vnd_until` what had been bought by the end of each, so that any number of days is one subtraction (decision 0010).
-- `kept_vnd` is of the year before somebody's tier began, and since. NULL means everybody.
CREATE OR REPLACE FUNCTION bought_by(p_ids uuid[], p_on date)
RETURNS TABLE (customer_id uuid, orders int, first_sold_on date, last_sold_on date, net_vnd bigint, year_vnd bigint, kept_vnd bigint,
               sold_days date[], orders_until int[], vnd_until bigint[], in_shops boolean, on_web boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT d.person_id, sum(d.orders)::int, min(d.sold_on) FILTER (WHERE d.orders > 0),
               max(d.sold_on) FILTER (WHERE d.orders > 0), sum(d.vnd)::bigint,
               coalesce(sum(d.vnd) FILTER (WHERE d.sold_on > $2 - 365), 0)::bigint,
               coalesce(sum(d.vnd) FILTER (WHERE d.sold_on > t.qualified_on - 365), 0)::bigint,
               array_agg(d.sold_on ORDER BY d.sold_on), array_agg(d.orders_until ORDER BY d.sold_on),
               array_agg(d.vnd_until ORDER BY d.sold_on), bool_or(d.in_shops), bool_or(d.on_web)
          FROM (SELECT x.*, (sum(x.orders) OVER until)::int AS orders_until, (sum(x.vnd) OVER until)::bigint AS vnd_until
                  FROM (SELECT k.person_id, s.sold_on, count(*) FILTER (WHERE b.bought) AS orders, sum(s.total_vnd) AS vnd,
                               bool_or(b.bought AND s.channel = 'store') AS in_shops,
                               bool_or(b.bought AND s.channel = 'web') AS on_web
                          FROM (SELECT c.id AS person_id, c.id FROM customer c WHERE c.merged_into IS NULL %1$s
                                UNION ALL
                                SELECT c.merged_into, c.id FROM customer c WHERE c.merged_into IS NOT NULL %2$s) k
                          JOIN sale s ON s.customer_id = k.id AND s.state = 'posted' AND s.sold_on <= $2 + 1
                         CROSS JOIN LATERAL (
                               SELECT s.pieces > 0 OR coalesce((SELECT true FROM sale_line l
                                                                 WHERE l.sale_id = s.id AND l.qty > 0 LIMIT 1), false) AS bought) b
                         GROUP BY k.person_id, s.sold_on) x
                WINDOW until AS (PARTITION BY x.person_id ORDER BY x.sold_on)) d
          LEFT JOIN customer_tier t ON t.customer_id = d.person_id
         GROUP BY d.person_id HAVING sum(d.orders) > 0
        $query$,
        CASE WHEN p_ids IS NULL THEN '' ELSE 'AND c.id = ANY($1)' END,
        CASE WHEN p_ids IS NULL THEN '' ELSE 'AND c.merged_into = ANY($1)' END)
    USING p_ids, p_on;
END
$$;

-- A score under borders: one more than the borders that a value has reached.
CREATE OR REPLACE FUNCTION score_of(p_value anycompatible, p_from anycompatiblearray) RETURNS smallint
LANGUAGE sql IMMUTABLE AS $$ SELECT (1 + width_bucket(p_value, p_from))::smallint $$;

-- Put these sums into `bought_now`, a table of this transaction alone.
CREATE OR REPLACE FUNCTION sum_what_was_bought(p_ids uuid[], p_on date) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM clear_bought_now();
    INSERT INTO bought_now SELECT * FROM bought_by(p_ids, p_on);
END
$$;

CREATE OR REPLACE FUNCTION clear_bought_now() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass('pg_temp.bought_now') IS NULL THEN
        CREATE TEMP TABLE bought_now (
            customer_id uuid PRIMARY KEY, orders int, first_sold_on date, last_sold_on date, net_vnd bigint, year_vnd bigint,
            kept_vnd bigint, sold_days date[], orders_until int[], vnd_until bigint[], in_shops boolean, on_web boolean)
            ON COMMIT DELETE ROWS;
    END IF;
    DELETE FROM bought_now;
END
$$;

-- Score people (NULL: everybody) by the last borders, from all they have bought; answers who is now in another group or tier.
CREATE OR REPLACE FUNCTION score_customers(p_ids uuid[], p_on date, p_at timestamptz) RETURNS uuid[]
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sum_what_was_bought(p_ids, p_on);
    RETURN keep_scores(p_ids, p_on, p_at);
END
$$;

-- Keep the scores and tiers of people (NULL: everybody) whose sums stand in `bought_now`; answers who is now in another one.
CREATE OR REPLACE FUNCTION keep_scores(p_ids uuid[], p_on date, p_at timestamptz) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    borders rfm_borders;
    moved uuid[];
    tiered uuid[];
BEGIN
    SELECT * INTO borders FROM rfm_borders b WHERE b.on_date <= p_on ORDER BY b.on_date DESC LIMIT 1;

    WITH scored AS MATERIALIZED (
        SELECT b.customer_id, b.orders, b.first_sold_on, b.last_sold_on, b.net_vnd, b.sold_days, b.orders_until, b.vnd_until,
               b.in_shops, b.on_web, a.profiled,
               CASE WHEN a.profiled THEN score_of(b.last_sold_on, borders.r_from) END AS r,
               CASE WHEN a.profiled THEN score_of(b.orders, borders.f_from) END AS f,
               CASE WHEN a.profiled THEN score_of(b.net_vnd, borders.m_from) END AS m
          FROM bought_now b JOIN customer_account a USING (customer_id)),
    named AS MATERIALIZED (
        SELECT s.*, c.group_key FROM scored s LEFT JOIN rfm_cell c ON c.r = s.r AND c.f = s.f),
    before AS MATERIALIZED (
        SELECT o.customer_id, o.group_key FROM customer_score o WHERE p_ids IS NULL OR o.customer_id = ANY(p_ids)),
    gone AS (
        DELETE FROM customer_score o
         WHERE (p_ids IS NULL OR o.customer_id = ANY(p_ids))
           AND NOT EXISTS (SELECT 1 FROM named n WHERE n.customer_id = o.customer_id)),
    put AS (
        INSERT INTO customer_score AS o (customer_id, orders, first_sold_on, last_sold_on, net_vnd, sold_days, orders_until,
                                         vnd_until, in_shops, on_web, profiled, r, f, m, group_key, scored_at)
        SELECT n.customer_id, n.orders, n.first_sold_on, n.last_sold_on, n.net_vnd, n.sold_days, n.orders_until, n.vnd_until,
               n.in_shops, n.on_web, n.profiled, n.r, n.f, n.m, n.group_key, p_at
          FROM named n ORDER BY n.customer_id
        ON CONFLICT (customer_id) DO UPDATE
           SET orders = excluded.orders, first_sold_on = excluded.first_sold_on, last_sold_on = excluded.last_sold_on,
               net_vnd = excluded.net_vnd, sold_days = excluded.sold_days, orders_until = excluded.orders_until,
               vnd_until = excluded.vnd_until, in_shops = excluded.in_shops, on_web = excluded.on_web, profiled = excluded.profiled, r = excluded.r, f = excluded.f, m = excluded.m,
               group_key = excluded.group_key, scored_at = excluded.scored_at
         WHERE (o.orders, o.first_sold_on, o.last_sold_on, o.net_vnd, o.sold_days, o.orders_until, o.vnd_until, o.in_shops,
                o.on_web, o.profiled, o.r, o.f, o.m)
               IS DISTINCT FROM (excluded.orders, excluded.first_sold_on, excluded.last_sold_on, excluded.net_vnd,
                                 excluded.sold_days, excluded.orders_until, excluded.vnd_until, excluded.in_shops,
                                 excluded.on_web, excluded.profiled, excluded.r, excluded.f, excluded.m)),
    other AS MATERIALIZED (
        SELECT coalesce(n.customer_id, o.customer_id) AS customer_id, o.group_key AS from_group, n.group_key AS to_group,
               n.r, n.f, n.m
          FROM named n FULL JOIN before o ON o.customer_id = n.customer_id
         WHERE n.group_key IS DISTINCT FROM o.group_key),
    told AS (
        INSERT INTO customer_move AS v (customer_id, on_date, from_group, to_group, r, f, m)
        SELECT x.customer_id, p_on, x.from_group, x.to_group, x.r, x.f, x.m FROM other x ORDER BY x.customer_id
        ON CONFLICT (customer_id, on_date) DO UPDATE
           SET to_group = excluded.to_group, r = excluded.r, f = excluded.f, m = excluded.m)
    SELECT coalesce(array_agg(customer_id), '{}') INTO moved FROM other;

    tiered := keep_tiers(p_ids, p_on);
    RETURN ARRAY(SELECT DISTINCT unnest(moved || tiered) ORDER BY 1);
END
$$;

-- The tiers of people (NULL: everybody) who collect points, by a set of rules and the purchases in `bought_now`: the one they
-- have, the one a year's purchases come to, and whether they get that one now. Up at once; down when its year is over, or when
-- goods come back without which it would never have been reached.
CREATE OR REPLACE FUNCTION tiers_by(p_ids uuid[], p_on date, p_rules tier_rule[])
RETURNS TABLE (customer_id uuid, old text, earned text, anew boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH rules AS MATERIALIZED (SELECT * FROM unnest(p_rules)),
    held AS MATERIALIZED (
        SELECT t.*, coalesce(r.rank, -1) AS rank, coalesce(r.spend_vnd_min, 0) AS spend_vnd_min
          FROM customer_tier t LEFT JOIN rules r USING (tier) WHERE p_ids IS NULL OR t.customer_id = ANY(p_ids))
    SELECT a.customer_id, h.tier, e.tier,
           h.tier IS NULL OR e.rank > h.rank OR h.review_on <= p_on OR coalesce(b.kept_vnd, 0) < h.spend_vnd_min
      FROM customer_account a
      JOIN customer c ON c.id = a.customer_id AND c.merged_into IS NULL
      LEFT JOIN bought_now b ON b.customer_id = a.customer_id
      LEFT JOIN held h ON h.customer_id = a.customer_id
     CROSS JOIN LATERAL (SELECT r.tier, r.rank FROM rules r WHERE r.rank = 0 OR r.spend_vnd_min <= coalesce(b.year_vnd, 0)
                          ORDER BY r.rank DESC LIMIT 1) e
     WHERE a.earns AND (p_ids IS NULL OR a.customer_id = ANY(p_ids));
END
$$;

-- What of a sum came after a day, by its running sums at the ends of days.
CREATE OR REPLACE FUNCTION after_day(p_sum bigint, p_until bigint[], p_days date[], p_day date) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT p_sum - coalesce(p_until[width_bucket(p_day, p_days)], 0) $$;

-- Put into `bought_now` what tiers ask of people (NULL: everybody), from the sums that are kept of them: no sale is read.
CREATE OR REPLACE FUNCTION sum_for_tiers(p_ids uuid[], p_on date) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM clear_bought_now();
    INSERT INTO bought_now (customer_id, year_vnd, kept_vnd)
    SELECT s.customer_id, after_day(s.net_vnd, s.vnd_until, s.sold_days, p_on - 365),
           after_day(s.net_vnd, s.vnd_until, s.sold_days, t.qualified_on - 365)
      FROM customer_score s LEFT JOIN customer_tier t ON t.customer_id = s.customer_id
     WHERE p_ids IS NULL OR s.customer_id = ANY(p_ids);
END
$$;

-- Keep the tiers of people (NULL: everybody) whose purchases stand in `bought_now`; answers whose is another.
CREATE OR REPLACE FUNCTION keep_tiers(p_ids uuid[], p_on date) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    changed uuid[];
    rules tier_rule[];
BEGIN
    rules := ARRAY(SELECT r FROM tier_rule r
                    WHERE r.valid_from = (SELECT max(valid_from) FROM tier_rule WHERE valid_from <= p_on));
    WITH due AS MATERIALIZED (SELECT * FROM tiers_by(p_ids, p_on, rules)),
    gone AS (
        DELETE FROM customer_tier t
         WHERE (p_ids IS NULL OR t.customer_id = ANY(p_ids))
           AND NOT EXISTS (SELECT 1 FROM due d WHERE d.customer_id = t.customer_id)
        RETURNING t.customer_id),
    put AS (
        INSERT INTO customer_tier AS t (customer_id, tier, qualified_on, review_on)
        SELECT d.customer_id, d.earned, p_on, p_on + 365 FROM due d WHERE d.anew ORDER BY d.customer_id
        ON CONFLICT (customer_id) DO UPDATE
           SET tier = excluded.tier, qualified_on = excluded.qualified_on, review_on = excluded.review_on)
    SELECT coalesce(array_agg(x.customer_id), '{}') INTO changed
      FROM (SELECT g.customer_id FROM gone g
            UNION ALL SELECT d.customer_id FROM due d WHERE d.anew AND d.earned IS DISTINCT FROM d.old) x;
    RETURN changed;
END
$$;

-- Keep what people (NULL: everybody) have bought: categories with their last day, in the order of those days.
CREATE OR REPLACE FUNCTION keep_bought(p_ids uuid[]) RETURNS void
LANGUAGE plpgsql SET work_mem = '256MB' AS $$
BEGIN
    EXECUTE format($query$
        WITH lately AS (
            SELECT k.person_id, y.category_id, max(s.sold_on) AS last_on
              FROM (SELECT c.id AS person_id, c.id FROM customer c WHERE c.merged_into IS NULL %1$s
                    UNION ALL
                    SELECT c.merged_into, c.id FROM customer c WHERE c.merged_into IS NOT NULL %2$s) k
              JOIN sale s ON s.customer_id = k.id AND s.state = 'posted'
              JOIN sale_line l ON l.sale_id = s.id AND l.qty > 0
              JOIN variant v ON v.id = l.variant_id
              JOIN style y ON y.id = v.style_id
             GROUP BY k.person_id, y.category_id),
        named AS MATERIALIZED (
            SELECT person_id, array_agg(category_id ORDER BY last_on, category_id) AS categories,
                   array_agg(last_on ORDER BY last_on, category_id) AS last_on
              FROM lately GROUP BY person_id),
        gone AS (
            DELETE FROM customer_bought o
             WHERE %3$s AND NOT EXISTS (SELECT 1 FROM named n WHERE n.person_id = o.customer_id))
        INSERT INTO customer_bought AS o (customer_id, categories, last_on)
        SELECT n.person_id, n.categories, n.last_on FROM named n ORDER BY n.person_id
        ON CONFLICT (customer_id) DO UPDATE SET categories = excluded.categories, last_on = excluded.last_on
         WHERE (o.categories, o.last_on) IS DISTINCT FROM (excluded.categories, excluded.last_on)
        $query$,
        CASE WHEN p_ids IS NULL THEN '' ELSE 'AND c.id = ANY($1)' END,
        CASE WHEN p_ids IS NULL THEN '' ELSE 'AND c.merged_into = ANY($1)' END,
        CASE WHEN p_ids IS NULL THEN 'true' ELSE 'o.customer_id = ANY($1)' END)
    USING p_ids;
END
$$;

-- Take the borders of a night from the sums as they stand: fifths by day and by money, orders by fixed borders.
CREATE OR REPLACE FUNCTION take_borders(p_on date, p_at timestamptz) RETURNS int
LANGUAGE sql AS $$
    INSERT INTO rfm_borders AS b (on_date, r_from, f_from, m_from, buyers, taken_at)
    SELECT p_on, percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY last_sold_on), '{2,3,5,8}',
           percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY net_vnd), count(*), p_at
      FROM customer_score WHERE profiled HAVING count(*) > 0
    ON CONFLICT (on_date) DO UPDATE
       SET r_from = excluded.r_from, m_from = excluded.m_from, buyers = excluded.buyers, taken_at = excluded.taken_at
    RETURNING buyers
$$;

-- Score everybody anew by the borders of a night, from the sums as they stand; answers who is now in another group.
CREATE OR REPLACE FUNCTION rescore_everybody(p_on date, p_at timestamptz) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    borders rfm_borders;
    moved uuid[];
BEGIN
    SELECT * INTO borders FROM rfm_borders b WHERE b.on_date <= p_on ORDER BY b.on_date DESC LIMIT 1;
    WITH scored AS MATERIALIZED (
        SELECT x.*, c.group_key
          FROM (SELECT s.customer_id, s.group_key AS from_group, s.r AS old_r, s.f AS old_f, s.m AS old_m,
                       score_of(s.last_sold_on, borders.r_from) AS r, score_of(s.orders, borders.f_from) AS f,
                       score_of(s.net_vnd, borders.m_from) AS m
                  FROM customer_score s WHERE s.profiled) x
          JOIN rfm_cell c ON c.r = x.r AND c.f = x.f
         WHERE (x.r, x.f, x.m) IS DISTINCT FROM (x.old_r, x.old_f, x.old_m)),
    put AS (
        UPDATE customer_score s SET r = x.r, f = x.f, m = x.m, group_key = x.group_key, scored_at = p_at
          FROM scored x WHERE x.customer_id = s.customer_id),
    told AS (
        INSERT INTO customer_move AS v (customer_id, on_date, from_group, to_group, r, f, m)
        SELECT customer_id, p_on, from_group, group_key, r, f, m FROM scored
         WHERE from_group IS DISTINCT FROM group_key ORDER BY customer_id
        ON CONFLICT (customer_id, on_date) DO UPDATE
           SET to_group = excluded.to_group, r = excluded.r, f = excluded.f, m = excluded.m)
    SELECT coalesce(array_agg(customer_id ORDER BY customer_id) FILTER (WHERE from_group IS DISTINCT FROM group_key), '{}')
      INTO moved FROM scored;
    RETURN moved;
END
$$;
