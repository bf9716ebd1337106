"""recommendations: everybody's last basket left out, ten styles shown; how often one was bought, beside popularity.

The demo's buyers have no taste, what they buy is drawn from what is popular. Here they are measured as they are, and once
they have been given tastes, as real ones have: the same baskets, bought by whom they suit.
"""

from dataclasses import dataclass
from math import sqrt

import psycopg

from bench.report import Result, say
from bench.stage import stage
from placket.core import clock

SHOWN = 10
DAYS = 30
PEOPLE_MAX = 2_000
# A category and a colour that somebody prefers, by the dice of their id; two in three purchases of a month at a place change
# hands so that they fit. Nobody buys more or less often for it, and no day sells anything else; whose goods came back stays.
TASTES = """
CREATE TABLE basket AS
SELECT s.id, s.customer_id, date_trunc('month', s.sold_on) AS month, s.location_id,
       (array_agg(y.category_id ORDER BY l.total_vnd DESC, l.line_no))[1] AS category,
       (array_agg(v.colour_id ORDER BY l.total_vnd DESC, l.line_no))[1] AS colour,
       ('x' || left(md5(s.customer_id::text), 6))::bit(24)::int / 16777216.0 AS likes_category,
       ('x' || right(md5(s.customer_id::text), 6))::bit(24)::int / 16777216.0 AS likes_colour
  FROM sale s
  JOIN sale_line l ON l.sale_id = s.id
  JOIN variant v ON v.id = l.variant_id
  JOIN style y ON y.id = v.style_id
 WHERE s.state = 'posted' AND s.customer_id IS NOT NULL AND uuid_hash(s.id) % 3 <> 0
   AND NOT EXISTS (SELECT 1 FROM sale_line b WHERE b.returns_sale_id = s.id OR (b.sale_id = s.id AND b.qty < 0))
 GROUP BY s.id;
UPDATE sale s SET customer_id = w.customer_id
  FROM (SELECT *, row_number() OVER (PARTITION BY month, location_id ORDER BY category, colour, id) AS n FROM basket) b
  JOIN (SELECT customer_id, month, location_id,
               row_number() OVER (PARTITION BY month, location_id
                                  ORDER BY floor(likes_category * 12), likes_colour, id) AS n
          FROM basket) w USING (month, location_id, n)
 WHERE b.id = s.id;
VACUUM (ANALYZE) sale
"""
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


@dataclass(frozen=True, slots=True)
class Rates:
    """Of how many people one of the styles shown was bought, by pairs and by popularity alone."""

    people: int
    ours: float
    popular: float

    @property
    def error(self) -> float:
        """Half of the 95 % interval of ours."""
        return 1.96 * sqrt(self.ours * (1 - self.ours) / max(1, self.people))

    def __str__(self) -> str:
        return (
            f"of {self.people:,} people who had kept something and then bought something new, one of {SHOWN} shown was "
            f"bought by {self.ours:.4f} (± {self.error:.4f}), a popular one by {self.popular:.4f}"
        )


def recommendations() -> Result:
    """The share of people who bought one of the ten styles shown, by pairs and by popularity; buyers with tastes count."""
    plain = _rates(with_tastes=False)
    say(f"as the demo's buyers are: {plain}")
    suited = _rates(with_tastes=True)
    say(f"with tastes: {suited}")
    return Result(
        name="recommendations",
        value=round(suited.ours, 4),
        unit=f"hit rate at {SHOWN}",
        floor=round(suited.popular, 4),
        ratio=round(suited.ours / suited.popular, 2) if suited.popular else None,
        target="not below popularity",
        ok=suited.ours >= suited.popular,
    )


def _rates(*, with_tastes: bool) -> Rates:
    with stage("recommendations") as at, at.connect() as connection:
        on = clock.business_day(clock.now())
        for statement in [*(TASTES.split(";") if with_tastes else []), *LEAVE_OUT.split(";")]:
            wanted = {"on": on, "days": DAYS} if "%(" in statement else None
            connection.execute(statement.encode(), wanted)
        connection.execute("SELECT pair_styles(%(on)s)", {"on": on})
        baskets = connection.execute(BASKETS, {"most": PEOPLE_MAX}).fetchall()
        return Rates(len(baskets), _rate(connection, OURS, baskets), _rate(connection, POPULAR, baskets))


def _rate(connection: psycopg.Connection[tuple[object, ...]], query: str, baskets: list[tuple[object, ...]]) -> float:
    hits = 0
    for customer_id, on, bought in baskets:
        shown = connection.execute(query.encode(), {"id": customer_id, "on": on, "shown": SHOWN}).fetchall()
        assert isinstance(bought, list)
        hits += not {row[0] for row in shown}.isdisjoint(bought)
    return hits / max(1, len(baskets))
