"""recommendations: everybody's last basket left out, ten styles shown; how often one was bought, beside popularity."""

import psycopg

from bench.report import Result, say
from bench.stage import stage
from placket.core import clock

SHOWN = 10
DAYS = 30
PEOPLE_MAX = 2_000
# Everybody's last purchase, when it was in these days, with what came back since: to the product none of it has happened.
LEAVE_OUT = """
CREATE TABLE left_out AS
SELECT DISTINCT ON (s.customer_id) s.customer_id, s.id AS sale_id, s.sold_on, s.sold_at
  FROM sale s WHERE s.state = 'posted' AND s.customer_id IS NOT NULL AND s.pieces > 0
 ORDER BY s.customer_id, s.sold_at DESC, s.id DESC;
DELETE FROM left_out WHERE sold_on <= %(on)s - %(days)s;
UPDATE sale s SET state = 'void' FROM left_out o WHERE s.customer_id = o.customer_id AND s.sold_at >= o.sold_at;
ANALYZE left_out
"""
# Those who had kept something before, with the styles in that purchase that they had never bought.
BASKETS = """
SELECT o.customer_id, o.sold_on, array_agg(DISTINCT v.style_id)
  FROM left_out o
  JOIN sale_line l ON l.sale_id = o.sale_id AND l.qty > 0
  JOIN variant v ON v.id = l.variant_id
 WHERE EXISTS (SELECT 1 FROM sale s JOIN sale_line k ON k.sale_id = s.id
                WHERE s.customer_id = o.customer_id AND s.state = 'posted' HAVING sum(k.qty) > 0)
   AND NOT EXISTS (SELECT 1 FROM sale s JOIN sale_line k ON k.sale_id = s.id JOIN variant w ON w.id = k.variant_id
                    WHERE s.customer_id = o.customer_id AND s.state = 'posted' AND w.style_id = v.style_id)
 GROUP BY 1, 2 ORDER BY md5(o.customer_id::text) LIMIT %(most)s
"""
OURS = "SELECT style_id FROM recommended(ARRAY[%(id)s]::uuid[], NULL, %(on)s, %(shown)s)"
POPULAR = """
SELECT r.style_id FROM style_rank r JOIN style y ON y.id = r.style_id AND y.status = 'active'
 WHERE NOT EXISTS (SELECT 1 FROM sale s JOIN sale_line l ON l.sale_id = s.id JOIN variant v ON v.id = l.variant_id
                    WHERE s.customer_id = %(id)s AND s.state = 'posted' AND v.style_id = r.style_id)
 ORDER BY r.people DESC, r.style_id LIMIT %(shown)s
"""


def recommendations() -> Result:
    """The share of people who bought one of the ten styles shown, by pairs and by popularity alone."""
    with stage("recommendations") as at, at.connect() as connection:
        on = clock.business_day(clock.now())
        for statement in LEAVE_OUT.split(";"):
            connection.execute(statement.encode(), {"on": on, "days": DAYS})
        connection.execute("SELECT pair_styles(%(on)s)", {"on": on})
        baskets = connection.execute(BASKETS, {"most": PEOPLE_MAX}).fetchall()
        (alone,) = connection.execute("SELECT count(*) FROM left_out").fetchone() or (0,)
        rates = {name: _rate(connection, query, baskets) for name, query in (("ours", OURS), ("popular", POPULAR))}
    people = len(baskets)
    error = 1.96 * (rates["ours"] * (1 - rates["ours"]) / max(1, people)) ** 0.5
    say(f"{alone:,} last purchases left out; of {people:,} people who had kept something and then bought something new,")
    say(f"one of {SHOWN} shown was bought by {rates['ours']:.4f} (± {error:.4f}), a popular one by {rates['popular']:.4f}")
    return Result(
        name="recommendations",
        value=round(rates["ours"], 4),
        unit=f"hit rate at {SHOWN}",
        floor=round(rates["popular"], 4),
        ratio=round(rates["ours"] / rates["popular"], 2) if rates["popular"] else None,
        target="not below popularity",
        ok=rates["ours"] >= rates["popular"],
    )


def _rate(connection: psycopg.Connection[tuple[object, ...]], query: str, baskets: list[tuple[object, ...]]) -> float:
    hits = 0
    for customer_id, on, bought in baskets:
        shown = connection.execute(query.encode(), {"id": customer_id, "on": on, "shown": SHOWN}).fetchall()
        assert isinstance(bought, list)
        hits += not {row[0] for row in shown}.isdisjoint(bought)
    return hits / max(1, len(baskets))
