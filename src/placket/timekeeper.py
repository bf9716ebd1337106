"""Keeps time: starts each job of the clock when it is due, in one of all workers.

The clock needs no queue (decision 11). Whoever holds a lock of the database keeps time; when its session ends, another
worker takes over within a second. A job that fails, or dies with its worker, is due again by itself.
"""

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NoReturn

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError

from placket import events
from placket.clockwork import PERIODIC, Outcome, Periodic
from placket.core import clock, jobs
from placket.tables import Database

log = structlog.get_logger()

NIGHT_HOUR = 3  # in Vietnam, when shops and web are quiet
HANDS = 4  # jobs of the clock at the same time; those of the night come one after the other, beside them
LOCK = 7_283_554  # the advisory lock of whoever keeps time
# A timekeeper whose machine is gone without a word is given up by the database after ten seconds, not after two hours.
KEEPALIVES = "-c tcp_keepalives_idle=4 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000"


class Clock:
    """The jobs of the clock: each is run when it is due, and never beside itself."""

    def __init__(self, database: Database, periodic: Mapping[str, Periodic] = PERIODIC) -> None:
        self._database = database
        self._jobs = [ClockJob(name, one, database) for name, one in periodic.items()]
        self._hands, self._night = ThreadPoolExecutor(HANDS), ThreadPoolExecutor(1)

    def take_over(self) -> None:
        """Learn how the jobs went last under whoever kept time before."""
        with self._database.transaction() as tx:
            ill = {outcome.name for outcome in jobs.outcomes(tx) if not outcome.healthy}
        for job in self._jobs:
            job.well = job.name not in ill

    def strike(self, now: float) -> None:
        """Start what is due at this second of the epoch and not under way. Moments that were missed are not made up for."""
        for job in self._jobs:
            if now >= job.due_s and not job.busy:
                job.due_s = now - now % job.periodic.every_s + job.periodic.every_s
                job.busy = True
                (self._night if job.periodic.nightly else self._hands).submit(job.run)

    def stop(self) -> None:
        """Start nothing any more; what is under way ends by itself."""
        for hands in (self._hands, self._night):
            hands.shutdown(wait=False, cancel_futures=True)


class ClockJob:
    """One job of the clock in this worker."""

    def __init__(self, name: str, periodic: Periodic, database: Database) -> None:
        self.name, self.periodic, self._database = name, periodic, database
        self.due_s = time.time() // periodic.every_s * periodic.every_s + periodic.every_s
        self.busy, self.well = False, True

    def run(self) -> None:
        """Run it if it is due tonight; what it came to, or why it failed, is kept where people see it. Raises nothing."""
        try:
            self._run(clock.now())
        except Exception:  # whatever it is, the thread goes on and the job is due again; the database may be away
            log.exception("a job of the clock could not be noted", job=self.name)
        finally:
            self.busy = False

    def _run(self, now: datetime) -> None:
        if self.periodic.nightly and self._done_since(last_night(now)):
            return
        began = time.monotonic()
        cause = None
        try:
            outcome = self.periodic.work(self._database, now)
        except Exception as failure:  # a job may raise anything; the screen of jobs shows it, and where is logged once
            log.warning("job failed", job=self.name, exc_info=self.well)
            outcome, cause = Outcome({}, healthy=False), jobs.cause_of(failure)
        took_ms = int((time.monotonic() - began) * 1000)
        turned, self.well = self.well is not outcome.healthy, outcome.healthy
        if not (turned or self.periodic.nightly or any(outcome.facts.values())):
            return
        log.info("job done", job=self.name, took_ms=took_ms, healthy=outcome.healthy, **outcome.facts)
        with self._database.transaction() as tx:
            jobs.note_outcome(
                tx, name=self.name, ran_at=now, took_ms=took_ms, healthy=outcome.healthy, facts=outcome.facts, cause=cause
            )
            if turned:
                events.publish(tx, events.JOBS_CHANGED, key="jobs", key_version=int(now.timestamp()), payload={})

    def _done_since(self, moment: datetime) -> bool:
        with self._database.transaction() as tx:
            last = jobs.outcome_of(tx, self.name)
        return last is not None and last.cause is None and last.ran_at >= moment


def last_night(now: datetime) -> datetime:
    """The latest moment at which nightly jobs fell due."""
    local = now.astimezone(clock.VIETNAM)
    due = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return due if due <= local else due - timedelta(days=1)


async def keep_time(url: str, hours: Clock) -> NoReturn:
    """Strike every second while this worker holds the lock; the next one takes over when its session has ended."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True, options=KEEPALIVES) as session:
                mine = False
                while True:
                    await asyncio.sleep(1 - time.time() % 1)  # this is the clock: until the next full second
                    # Asked even when the lock is ours: the answer proves that the session, and the lock with it, still is.
                    asked = await session.execute("SELECT %s OR pg_try_advisory_lock(%s)", (mine, LOCK))
                    (holds,) = await asked.fetchone() or (False,)
                    if holds and not mine:
                        await asyncio.to_thread(hours.take_over)
                    mine = holds
                    if mine:
                        hours.strike(time.time())
        except (psycopg.OperationalError, DBAPIError) as away:
            log.warning("the clock stands still", why=str(away))
            await asyncio.sleep(1)  # a database that is away is not asked more often than one that is there
