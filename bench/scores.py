"""rfm_nightly, rfm_incremental: scores of a million customers, at night and sale by sale. Straight in the database."""

import time
from datetime import timedelta

import psycopg

from bench import floor
from bench.report import Result, Spread, say
from bench.stage import stage
from placket import demo
from placket.core import clock

LARGE = demo.SIZES["large"]
NIGHTS = 5
BATCH = 1_000
BATCHES = 15
NIGHT_S_MAX = 3.0
SALE_US_MAX = 20.0
SETTINGS = "SET LOCAL work_mem = '256MB'"
# Some seven in a thousand buy on a day, as they do at `large`: the borders of days move on by it.
A_DAY = """
UPDATE customer_score SET last_sold_on = %(on)s, orders = orders + 1, net_vnd = net_vnd + 300000
 WHERE customer_id IN (SELECT customer_id FROM customer_score TABLESAMPLE BERNOULLI (0.7))
"""
FIRST_CODE = 80_000_000
# People who have bought lately buy again, as often as they do, two pieces each: what the posting desk leaves behind of it.
SELL = """
WITH people AS (
    SELECT customer_id, row_number() OVER () AS n
      FROM (SELECT DISTINCT s.customer_id FROM sale s TABLESAMPLE SYSTEM (5) JOIN customer_score USING (customer_id)
             WHERE s.sold_on > %(on)s - 120 LIMIT %(people)s) p),
place AS (SELECT location_id, staff_id FROM sale WHERE till_id IS NOT NULL LIMIT 1),
goods AS (SELECT array_agg(id) AS ids FROM (SELECT id FROM variant LIMIT 2000) v),
sold AS (
    INSERT INTO sale (id, channel, state, location_id, staff_id, customer_id, pieces, list_vnd, discount_vnd, total_vnd,
                      vat_vnd, rounding_vnd, price_version, promo_version, sold_at, sold_on, receipt_code)
    SELECT uuidv7(), 'web', 'posted', location_id, staff_id, customer_id, 2, 300000, 0, 300000, 0, 0, 1, 0, now(), %(on)s,
           'W-' || (%(from)s + n) FROM people, place
    RETURNING id, customer_id),
lines AS (
    INSERT INTO sale_line (sale_id, line_no, variant_id, source_id, qty, unit_vnd, discount_vnd, total_vnd, vat_bp, vat_vnd)
    SELECT s.id, no, ids[1 + (random() * (cardinality(ids) - 1))::int], location_id, 1, 150000, 0, 150000, 0, 0
      FROM sold s, place, goods, generate_series(1, 2) AS no),
told AS (
    INSERT INTO event (topic, key, key_version, payload)
    SELECT topic, s.id, 1, '{}'
      FROM sold s, unnest('{stock.changed,stock.changed,sale.completed,customer.changed}'::text[]) AS topic)
UPDATE customer_account a SET version = a.version + 1, changed_xid = pg_current_xact_id()
  FROM sold s WHERE s.customer_id = a.customer_id
"""
FOLD = "SELECT anew FROM fold_sales(%(ids)s, %(profiled)s, %(earns)s, %(sales)s, %(on)s, %(at)s)"


def rfm_nightly() -> Result:
    """Borders taken anew and changed scores rewritten, one night after the other; what moved is told on the way."""
    with stage("scores", LARGE) as at:
        k = floor.slowness(at)
        with at.connect() as connection:
            buyers = _one(connection, "SELECT count(*) FROM customer_score")
            say(f"{buyers:,} buyers, {_one(connection, 'SELECT count(*) FROM sale_line'):,} lines")
            took = []
            for night in range(1, NIGHTS + 1):
                on = clock.business_day(clock.now()) + timedelta(days=night)
                facts = {"on": on, "at": clock.now()}
                connection.execute(A_DAY, facts)
                began = time.perf_counter()
                with connection.transaction():
                    connection.execute(SETTINGS)
                    connection.execute("SELECT take_borders(%(on)s, %(at)s)", facts)
                    connection.execute("SELECT rescore_everybody(%(on)s, %(at)s)", facts)
                took.append(time.perf_counter() - began)
                say(f"night {night}: {took[-1]:.2f} s")
    spread = Spread(took)
    say(f"{spread} s; k = {k:.2f}")
    return Result(
        name="rfm_nightly",
        value=round(spread.middle, 2),
        unit="s",
        target=f"<= {NIGHT_S_MAX:.0f} s x max(1, k), k = {k:.2f}",
        ok=spread.middle <= NIGHT_S_MAX * max(1.0, k),
    )


def rfm_incremental() -> Result:
    """A thousand sales at a time found among the events and added to their buyers' sums, scores and tiers kept.

    What adds the goods to what was bought is printed beside. The first batch finds nothing in memory and plans.
    """
    with stage("scores", LARGE) as at:
        k = floor.slowness(at)
        with at.connect() as connection, at.connect() as shop:
            took_us = [_folded_us(connection, shop, batch) for batch in range(BATCHES)][1:]
    scored, goods = (Spread([one[part] for one in took_us]) for part in range(2))
    say(f"{scored} µs a sale; its goods {goods} µs; k = {k:.2f}")
    return Result(
        name="rfm_incremental",
        value=round(scored.middle, 1),
        unit="us a sale",
        target=f"<= {SALE_US_MAX:.0f} us x max(1, k), k = {k:.2f}",
        ok=scored.middle <= SALE_US_MAX * max(1.0, k),
    )


Connection = psycopg.Connection[tuple[object, ...]]


def _folded_us(connection: Connection, shop: Connection, batch: int) -> tuple[float, float]:
    """Sell to a thousand people, in a transaction of somebody else; answers what scoring and goods took, a sale."""
    on = clock.business_day(clock.now())
    (before,) = connection.execute("SELECT pg_current_snapshot()::text").fetchone() or ("",)
    shop.execute(SELL, {"on": on, "people": BATCH, "from": FIRST_CODE + batch * BATCH})
    with connection.transaction():
        began = time.perf_counter()
        rows = connection.execute(
            "SELECT customer_id, sale_ids, profiled, earns"
            "  FROM changed_between(CAST(%s AS pg_snapshot), pg_current_snapshot(), '{}', %s) WHERE NOT anew",
            (before, BATCH),
        ).fetchall()
        facts = {
            "ids": [row[0] for row in rows],
            "sales": [sale for row in rows if isinstance(row[1], list) for sale in row[1]],
            "profiled": [row[2] for row in rows],
            "earns": [row[3] for row in rows],
            "on": on,
            "at": clock.now(),
        }
        left = connection.execute(FOLD, facts).fetchall()
        scored = time.perf_counter()
        connection.execute("SELECT add_bought(%(sales)s)", facts)
        added = time.perf_counter()
    assert len(rows) == BATCH, f"{len(rows)} people were to be folded"
    assert left == [([],)], f"left to be counted anew: {left}"
    return (scored - began) * 1e6 / BATCH, (added - scored) * 1e6 / BATCH


def _one(connection: psycopg.Connection[tuple[object, ...]], query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(str(row[0]))
