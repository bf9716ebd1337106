-- Recommendations from what people kept, over both channels (docs/rules/recommendations.md). Statistics: floating point.

-- What everybody who wants a profile kept in the days before a day: returned pieces and void sales are not kept.
CREATE OR REPLACE FUNCTION kept_styles(p_on date, p_days int) RETURNS TABLE (person_id uuid, style_id uuid, last_on date)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(k.merged_into, k.id), v.style_id, max(s.sold_on)
      FROM sale s
      JOIN customer k ON k.id = s.customer_id
      JOIN customer_account a ON a.customer_id = coalesce(k.merged_into, k.id) AND a.profiled
      JOIN sale_line l ON l.sale_id = s.id
      JOIN variant v ON v.id = l.variant_id
     WHERE s.state = 'posted' AND s.sold_on <= p_on AND s.sold_on > p_on - p_days
     GROUP BY 1, 2 HAVING sum(l.qty) > 0
$$;

-- Take the pairs and ranks of a night; answers how many pairs. Of a person their last forty styles count, of a style its
-- twenty best pairs, and a pair of fewer than three people says nothing.
CREATE OR REPLACE FUNCTION pair_styles(p_on date) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    pairs int;
BEGIN
    DELETE FROM style_pair;
    DELETE FROM style_rank;
    INSERT INTO style_rank (style_id, people)
    SELECT k.style_id, count(*) FROM kept_styles(p_on, 90) k GROUP BY 1;
    WITH kept AS MATERIALIZED (
        SELECT person_id, style_id
          FROM (SELECT k.*, row_number() OVER (PARTITION BY k.person_id ORDER BY k.last_on DESC, k.style_id) AS no
                  FROM kept_styles(p_on, 365) k) n WHERE no <= 40),
    owners AS MATERIALIZED (SELECT style_id, count(*) AS n FROM kept GROUP BY 1),
    both_kept AS (
        SELECT a.style_id, b.style_id AS other_id, count(*) AS n
          FROM kept a JOIN kept b ON b.person_id = a.person_id AND b.style_id <> a.style_id
         GROUP BY 1, 2 HAVING count(*) >= 3),
    scored AS (
        SELECT p.style_id, p.other_id, p.n, p.n / sqrt(x.n::float8 * y.n) * p.n / (p.n + 5) AS score
          FROM both_kept p JOIN owners x ON x.style_id = p.style_id JOIN owners y ON y.style_id = p.other_id)
    INSERT INTO style_pair (style_id, other_id, people, score)
    SELECT style_id, other_id, n, score
      FROM (SELECT s.*, row_number() OVER (PARTITION BY s.style_id ORDER BY s.score DESC, s.other_id) AS no FROM scored s) r
     WHERE no <= 20;
    GET DIAGNOSTICS pairs = ROW_COUNT;
    RETURN pairs;
END
$$;

-- What to show somebody: what most people keep, and all the more what is next to what they kept, the lately kept ones counting
-- more. By nearness alone it was bought less often than what is popular is: 0.12 against 0.20 of ten shown.
-- Never what they have bought, also when it came back. `because_id` is the kept style that speaks for it most; none is popularity
-- alone.
-- At a place only what it has in their size: the one of the scale that they kept most, any where none is known.
CREATE OR REPLACE FUNCTION recommended(p_ids uuid[], p_place uuid, p_on date, p_most int)
RETURNS TABLE (style_id uuid, because_id uuid, score float8, variant_id uuid, free int)
LANGUAGE sql STABLE AS $$
    WITH bought AS MATERIALIZED (
        SELECT v.style_id, v.size_id, y.size_scale_id, sum(l.qty) AS kept, max(s.sold_on) FILTER (WHERE l.qty > 0) AS last_on
          FROM sale s JOIN sale_line l ON l.sale_id = s.id
          JOIN variant v ON v.id = l.variant_id JOIN style y ON y.id = v.style_id
         WHERE s.customer_id = ANY(p_ids) AND s.state = 'posted' AND s.sold_on <= p_on GROUP BY 1, 2, 3),
    size_kept AS (
        SELECT DISTINCT ON (b.size_scale_id) b.size_scale_id, b.size_id FROM bought b
         GROUP BY 1, 2 HAVING sum(b.kept) > 0 ORDER BY 1, sum(b.kept) DESC, max(b.last_on) DESC, 2),
    seeds AS (
        SELECT b.style_id, exp(-(p_on - max(b.last_on)) / 180.0) AS weight FROM bought b
         GROUP BY 1 HAVING sum(b.kept) > 0),
    near AS (
        SELECT p.other_id AS style_id, sum(p.score * e.weight) AS score,
               (array_agg(p.style_id ORDER BY p.score * e.weight DESC, p.style_id))[1] AS because_id
          FROM seeds e JOIN style_pair p ON p.style_id = e.style_id GROUP BY 1),
    candidates AS (
        SELECT style_id, n.because_id, (1 + coalesce(r.people, 0)) * (1 + 5 * coalesce(n.score, 0)) AS score
          FROM near n FULL JOIN style_rank r USING (style_id))
    SELECT c.style_id, c.because_id, c.score, f.variant_id, f.free
      FROM candidates c
      JOIN style y ON y.id = c.style_id AND y.status = 'active'
      LEFT JOIN size_kept k ON k.size_scale_id = y.size_scale_id
      LEFT JOIN LATERAL (
           SELECT v.id AS variant_id, (t.on_hand - t.promised)::int AS free
             FROM variant v JOIN stock t ON t.variant_id = v.id AND t.location_id = p_place AND t.on_hand - t.promised > 0
            WHERE v.style_id = c.style_id AND v.status = 'active' AND (k.size_id IS NULL OR v.size_id = k.size_id)
            ORDER BY t.on_hand - t.promised DESC, v.id LIMIT 1) f ON true
     WHERE NOT EXISTS (SELECT 1 FROM bought b WHERE b.style_id = c.style_id)
       AND (p_place IS NULL OR f.variant_id IS NOT NULL)
     ORDER BY c.score DESC, c.style_id LIMIT p_most
$$;
