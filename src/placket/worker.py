"""Runs the jobs: what the clock starts, and what the contexts asked for in their transactions.

One table says which function a name stands for; a job may run twice, so each is idempotent. The queue is procrastinate
on the same database. A worker that is killed stops its heartbeat; the next one puts its jobs back.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import procrastinate
import structlog

from placket import inventory
from placket.core import clock
from placket.core.db import Database
from placket.core.http import configure_logging
from placket.core.jobs import QUEUE
from placket.core.settings import settings

log = structlog.get_logger()

RETRIES = 3
HEARTBEAT_S = 5.0
STALLED_S = 20.0
CONCURRENCY = 4
GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job of the clock: when (cron with seconds last), and what. It never runs beside itself."""

    cron: str
    work: Callable[[Database], Mapping[str, Any]]


def release_expired(database: Database) -> Mapping[str, Any]:
    """Give back the pieces of promises that have run out."""
    with database.transaction() as tx:
        return {"released": inventory.release_expired(tx, now=clock.now())}


PERIODIC: Mapping[str, Periodic] = {
    "release_expired": Periodic("* * * * * */5", release_expired),
}

ASKED: Mapping[str, Callable[..., None]] = {}


def queue(database: Database) -> procrastinate.App:
    """The queue with every job of the two tables."""
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=database.url, min_size=1, max_size=CONCURRENCY + 2)
    )
    for name, periodic in PERIODIC.items():
        task = app.task(name=name, queue=QUEUE, lock=name, queueing_lock=name, pass_context=False)(
            _timed(name, periodic, database)
        )
        app.periodic(cron=periodic.cron)(task)
    for name, work in ASKED.items():
        app.task(name=name, queue=QUEUE, retry=procrastinate.RetryStrategy(max_attempts=RETRIES, exponential_wait=4))(
            _bound(work, database)
        )
    app.periodic(cron="* * * * * */10")(
        app.task(name="rescue", queue=QUEUE, queueing_lock="rescue", pass_context=True)(rescue)
    )
    return app


async def rescue(context: procrastinate.JobContext, timestamp: int) -> None:
    """Put back the jobs whose worker has died."""
    del timestamp
    for job in await context.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        log.warning("job rescued", job=job.id, task=job.task_name)
        await context.app.job_manager.retry_job(job)


def run(url: str) -> None:
    """Run jobs until SIGTERM; jobs under way get a moment to finish."""
    configure_logging(settings().log_level)
    database = Database(url, pool_size=CONCURRENCY)
    try:
        asyncio.run(_run(queue(database)))
    finally:
        database.dispose()


async def _run(app: procrastinate.App) -> None:
    async with app.open_async():
        await app.run_worker_async(
            queues=[QUEUE],
            concurrency=CONCURRENCY,
            fetch_job_polling_interval=5.0,
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=STALLED_S,
            shutdown_graceful_timeout=GRACE_S,
        )


def _timed(name: str, periodic: Periodic, database: Database) -> Callable[[int], None]:
    def work(timestamp: int) -> None:
        del timestamp
        done = periodic.work(database)
        if any(done.values()):
            log.info("job done", task=name, **done)

    return work


def _bound(work: Callable[..., None], database: Database) -> Callable[..., None]:
    def bound(**arguments: Any) -> None:  # noqa: ANN401 - as they were asked for
        work(database, **arguments)

    return bound
