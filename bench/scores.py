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
                connection.execute(
                    "UPDATE customer_score SET last_sold_on = last_sold_on + 30 "
                    "WHERE customer_id IN (SELECT customer_id FROM customer_score TABLESAMPLE BERNOULLI (0.1))"
                )
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
    """Customers scored anew from their sales, a thousand at a time, tiers and all: microseconds a sale that caused it."""
    with stage("scores", LARGE) as at:
        k = floor.slowness(at)
        took_us = []
        with at.connect() as connection:
            for batch in range(BATCHES):
                rows = connection.execute(
                    "SELECT customer_id FROM customer_score TABLESAMPLE BERNOULLI (0.5) LIMIT %s", (BATCH,)
                ).fetchall()
                facts = {"ids": [row[0] for row in rows], "on": clock.business_day(clock.now()), "at": clock.now()}
                began = time.perf_counter()
                with connection.transaction():
                    connection.execute("SELECT score_customers(%(ids)s, %(on)s, %(at)s)", facts)
                if batch:  # the first one finds nothing in memory and plans
                    took_us.append((time.perf_counter() - began) * 1e6 / len(rows))
    spread = Spread(took_us)
    say(f"{spread} µs a customer; k = {k:.2f}")
    return Result(
        name="rfm_incremental",
        value=round(spread.middle, 1),
        unit="us a sale",
        target=f"<= {SALE_US_MAX:.0f} us x max(1, k), k = {k:.2f}",
        ok=spread.middle <= SALE_US_MAX * max(1.0, k),
    )


def _one(connection: psycopg.Connection[tuple[object, ...]], query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(str(row[0]))
