"""recommendations: the last basket left out, ten styles shown; how often one of them was bought, beside popularity."""

from datetime import timedelta

import psycopg

from bench.report import Result, say
from bench.stage import stage
from placket.core import clock

SHOWN = 10
DAYS = 30
PEOPLE_MAX = 2_000
# Who bought styles in the days left out that they had never bought before, and had kept something earlier.
BASKETS = """
SELECT b.customer_id, array_agg(DISTINCT b.style_id)
  FROM (SELECT s.customer_id, v.style_id FROM sale s JOIN sale_line l ON l.sale_id = s.id AND l.qty > 0
          JOIN variant v ON v.id = l.variant_id
         WHERE s.state = 'posted' AND s.sold_on > %(on)s AND s.customer_id IS NOT NULL) b
 WHERE EXISTS (SELECT 1 FROM sale s WHERE s.customer_id = b.customer_id AND s.state = 'posted' AND s.sold_on <= %(on)s)
   AND NOT EXISTS (SELECT 1 FROM sale s JOIN sale_line l ON l.sale_id = s.id JOIN variant v ON v.id = l.variant_id
                    WHERE s.customer_id = b.customer_id AND s.sold_on <= %(on)s AND v.style_id = b.style_id)
 GROUP BY 1 ORDER BY md5(b.customer_id::text) LIMIT %(most)s
"""
OURS = "SELECT style_id FROM recommended(ARRAY[%(id)s]::uuid[], NULL, %(on)s, %(shown)s)"
POPULAR = """
SELECT r.style_id FROM style_rank r
 WHERE NOT EXISTS (SELECT 1 FROM sale s JOIN sale_line l ON l.sale_id = s.id JOIN variant v ON v.id = l.variant_id
                    WHERE s.customer_id = %(id)s AND s.sold_on <= %(on)s AND v.style_id = r.style_id)
 ORDER BY r.people DESC, r.style_id LIMIT %(shown)s
"""


def recommendations() -> Result:
    """The share of people who bought one of the ten styles shown, by pairs and by popularity alone."""
    with stage("recommendations") as at, at.connect() as connection:
        on = clock.business_day(clock.now()) - timedelta(days=DAYS)
        connection.execute("SELECT pair_styles(%(on)s)", {"on": on})
        baskets = connection.execute(BASKETS, {"on": on, "most": PEOPLE_MAX}).fetchall()
        rates = {name: _rate(connection, query, baskets, on) for name, query in (("ours", OURS), ("popular", POPULAR))}
    say(f"{len(baskets):,} people; hit rate at {SHOWN}: {rates['ours']:.3f}, popularity {rates['popular']:.3f}")
    return Result(
        name="recommendations",
        value=round(rates["ours"], 4),
        unit=f"hit rate at {SHOWN}",
        floor=round(rates["popular"], 4),
        ratio=round(rates["ours"] / rates["popular"], 2) if rates["popular"] else None,
        target="not below popularity",
        ok=rates["ours"] >= rates["popular"],
    )


def _rate(
    connection: psycopg.Connection[tuple[object, ...]], query: str, baskets: list[tuple[object, ...]], on: object
) -> float:
    hits = 0
    for customer_id, bought in baskets:
        shown = connection.execute(query.encode(), {"id": customer_id, "on": on, "shown": SHOWN}).fetchall()
        assert isinstance(bought, list)
        hits += not {row[0] for row in shown}.isdisjoint(bought)
    return hits / max(1, len(baskets))
