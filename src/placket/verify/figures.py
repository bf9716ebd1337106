"""The rule of kept figures, as a query for ``checks``: what days are said to have taken is what their sales come to."""

from typing import Final

# Only sums that count: a day whose sale came late is summed again first. Written apart from the query that made them.
FIGURES_ARE_THEIR_SALES: Final = """
SELECT 'day ' || on_date || ' by ' || by || ' ' || concat_ws(' ', location_id, channel, nullif(key, '')),
       concat_ws(' ', coalesce(r.vnd, 0), coalesce(r.net, 0), coalesce(r.bills, 0), coalesce(r.sold, 0),
                 coalesce(r.back, 0)),
       concat_ws(' ', coalesce(k.revenue_vnd, 0), coalesce(k.net_vnd, 0), coalesce(k.bills, 0), coalesce(k.sold, 0),
                 coalesce(k.returned, 0))
  FROM (SELECT t.* FROM day_sum t JOIN day_summed d USING (on_date)
         WHERE NOT EXISTS (SELECT 1 FROM day_touched n WHERE n.on_date = d.on_date)) k
  FULL JOIN (
       SELECT d.on_date, b.by, s.location_id, s.channel, coalesce(b.key, '') AS key, sum(l.total_vnd)::bigint AS vnd,
              sum(l.total_vnd)::bigint - sum(l.vat_vnd)::bigint AS net,
              count(DISTINCT CASE WHEN l.qty > 0 THEN s.id END) AS bills,
              sum(greatest(l.qty, 0)) AS sold, sum(greatest(-l.qty, 0)) AS back
         FROM day_summed d
         JOIN sale s ON s.sold_at >= d.on_date::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'
                    AND s.sold_at < (d.on_date + 1)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' AND s.state <> 'void'
         JOIN sale_line l ON l.sale_id = s.id
         JOIN variant v ON v.id = l.variant_id
         JOIN style y ON y.id = v.style_id
        CROSS JOIN LATERAL (VALUES ('hour', date_part('hour', s.sold_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::text),
                                   ('staff', coalesce(l.adviser_id, s.staff_id)::text),
                                   ('category', y.category_id::text)) AS b (by, key)
        WHERE NOT EXISTS (SELECT 1 FROM day_touched n WHERE n.on_date = d.on_date)
        GROUP BY 1, 2, 3, 4, 5) r USING (on_date, by, location_id, channel, key)
 WHERE (k.revenue_vnd, k.net_vnd, k.bills, k.sold, k.returned) IS DISTINCT FROM (r.vnd, r.net, r.bills, r.sold, r.back)
"""
