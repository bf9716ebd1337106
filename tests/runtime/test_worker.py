"""Jobs: run after the commit that asked for them, and taken up again when their worker has died."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from placket import clockwork, worker
from placket.core import jobs
from placket.core.db import Database
from placket.core.settings import ROOT
from waiting import until

# A job that notes that it began, waits for a lock that the test holds, and notes that it ended.
PROGRAM = """
import sys
from placket import clockwork, worker
from sqlalchemy import text

def slow(database, name):
    with database.transaction() as tx:
        tx.execute(text("INSERT INTO noted VALUES (:name, 'began')"), {"name": name})
    with database.transaction() as tx:
        tx.execute(text("SELECT pg_advisory_xact_lock(1)"))
        tx.execute(text("INSERT INTO noted VALUES (:name, 'ended')"), {"name": name})

worker.run(sys.argv[1], {"slow": slow})
"""


@contextmanager
def working(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of its own process."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, url], env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def notes(database: Database) -> list[tuple[str, str]]:
    """What the jobs have noted."""
    with database.transaction() as tx:
        return [(row.name, row.what) for row in tx.execute(text("SELECT name, what FROM noted ORDER BY at"))]


@pytest.fixture
def noting(fresh: Database) -> Database:
    """A database in which the slow job can note."""
    with fresh.transaction() as tx:
        tx.execute(text("CREATE TABLE noted (name text, what text, at timestamptz DEFAULT clock_timestamp())"))
    return fresh


def test_a_job_of_a_killed_worker_is_taken_up_and_ends_once(noting: Database) -> None:
    with noting.transaction() as tx:
        jobs.enqueue(tx, "slow", {"name": "one"})
    with psycopg.connect(noting.url) as holder:
        holder.execute("SELECT pg_advisory_lock(1)")
        with working(noting.url) as first:
            until(lambda: notes(noting) == [("one", "began")])
            first.send_signal(signal.SIGKILL)
            first.wait()
    assert asyncio.run(rescued(noting)) == 0  # its heart may still be beating
    with noting.transaction() as tx:
        tx.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"))
    assert asyncio.run(rescued(noting)) >= 1
    with working(noting.url):
        until(lambda: ("one", "ended") in notes(noting))
    assert notes(noting) == [("one", "began"), ("one", "began"), ("one", "ended")]


async def rescued(database: Database) -> int:
    """How many jobs a rescue takes up now."""
    app = worker.queue(database, {"slow": print})
    async with app.open_async():
        return await worker.rescue(app)


def test_a_job_asked_for_in_a_transaction_that_fails_is_never_run(noting: Database) -> None:
    def fail_after_asking() -> None:
        with noting.transaction() as tx:
            jobs.enqueue(tx, "slow", {"name": "never"})
            tx.execute(text("SELECT 1 / 0"))

    with pytest.raises(DBAPIError, match="division by zero"):
        fail_after_asking()
    with noting.transaction() as tx:
        jobs.enqueue(tx, "slow", {"name": "yes"})
    with working(noting.url):
        until(lambda: ("yes", "ended") in notes(noting))
    assert [name for name, _ in notes(noting)] == ["yes", "yes"]


def test_a_job_that_has_died_too_often_is_given_up_where_people_see_it(noting: Database) -> None:
    with noting.transaction() as tx:
        number = jobs.enqueue(tx, "slow", {"name": "poison"})
        dead = tx.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES ('2026-01-01') RETURNING id"))
        tx.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :dead, attempts = :attempts WHERE id = :id"),
            {"dead": dead.scalar_one(), "attempts": worker.ATTEMPTS, "id": number},
        )
    assert asyncio.run(rescued(noting)) == 1
    with noting.transaction() as tx:
        assert jobs.backlog(tx).failed == 1
        assert jobs.backlog(tx).waiting == 0


def test_the_books_of_an_empty_database_are_right(fresh: Database) -> None:
    outcome = clockwork.prove_books(fresh, datetime.now(UTC))
    assert outcome == clockwork.Outcome({"findings": 0, "checks": []}, healthy=True)


def test_the_budgets_of_an_empty_database_are_kept(fresh: Database) -> None:
    outcome = clockwork.hold_budgets(fresh, datetime(2026, 11, 26, tzinfo=UTC))

    assert (outcome.healthy, len(outcome.facts), set(map(len, outcome.facts.values()))) == (True, 6, {0})
