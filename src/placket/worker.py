"""Runs the jobs: what the clock starts, and what the contexts asked for in their transactions.

Two tables say which function a name stands for: ``PERIODIC`` in ``placket.clockwork``, and ``ASKED``. A job may run
twice, so each is idempotent. The queue is procrastinate on the same database. A worker that is killed stops its
heartbeat, and the next one takes its jobs up again.
"""

import asyncio
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import procrastinate
import structlog
from procrastinate.jobs import Status

from placket import events
from placket.carriers import hook_api as carrier_hook_api
from placket.clockwork import PERIODIC, Periodic
from placket.core import clock, jobs
from placket.core.http import configure_logging
from placket.core.settings import settings
from placket.imports import jobs as imports_jobs
from placket.inventory import jobs as inventory_jobs
from placket.payments import online_hook_api
from placket.sales import couriers, order_jobs
from placket.tables import Database

log = structlog.get_logger()

NIGHT_HOUR = 3  # in Vietnam, when shops and web are quiet
ATTEMPTS = 5
HEARTBEAT_S = 5.0
STALLED_S = 20.0
MISSED_S = 5.0
CONCURRENCY = 4
GRACE_S = 5.0
FRAMES_KEPT = 3


ASKED: Mapping[str, Callable[..., None]] = {
    "import_check": imports_jobs.check,
    "import_apply": imports_jobs.apply,
    online_hook_api.APPLY: order_jobs.hear,
    carrier_hook_api.APPLY: couriers.hear,
    "post_count": inventory_jobs.post_count,
}


def queue(database: Database, asked: Mapping[str, Callable[..., None]] = ASKED) -> procrastinate.App:
    """The queue with every job of the two tables."""
    connector = procrastinate.PsycopgConnector(conninfo=database.url, min_size=1, max_size=CONCURRENCY + 2)
    # A worker that comes up does not run what the clock struck before: the first minutes belong to whoever started it.
    app = procrastinate.App(connector=connector, periodic_defaults={"max_delay": MISSED_S})
    for name, periodic in PERIODIC.items():
        work = _noting(by_clock(name, periodic, database), database)
        task = app.task(name=name, queue=jobs.QUEUE, lock=name, queueing_lock=name, pass_context=True)(work)
        app.periodic(cron=periodic.cron)(task)
    for name, wanted in asked.items():
        retry = procrastinate.RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=4)
        noting = _noting(partial(wanted, database), database)
        app.task(name=name, queue=jobs.QUEUE, retry=retry, pass_context=True)(noting)
    app.periodic(cron="* * * * * */10")(
        app.task(name="rescue", queue=jobs.QUEUE, queueing_lock="rescue", pass_context=True)(_rescue)
    )
    return app


def by_clock(name: str, periodic: Periodic, database: Database) -> Callable[[int], None]:
    """The job as the queue calls it: runs when it is due, and notes what it came to."""

    def work(timestamp: int) -> None:
        del timestamp  # when the clock struck; what counts is when we run
        now = clock.now()
        if periodic.nightly:
            with database.transaction() as tx:
                last = jobs.outcome_of(tx, name)
            if last is not None and last.ran_at >= last_night(now):
                return
        began = time.monotonic()
        outcome = periodic.work(database, now)
        took_ms = int((time.monotonic() - began) * 1000)
        if periodic.nightly or any(outcome.facts.values()):
            log.info("job done", job=name, took_ms=took_ms, healthy=outcome.healthy, **outcome.facts)
            with database.transaction() as tx:
                jobs.note_outcome(tx, name=name, ran_at=now, took_ms=took_ms, healthy=outcome.healthy, facts=outcome.facts)

    return work


def last_night(now: datetime) -> datetime:
    """The latest moment at which nightly jobs fell due."""
    local = now.astimezone(clock.VIETNAM)
    due = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return due if due <= local else due - timedelta(days=1)


async def rescue(app: procrastinate.App) -> int:
    """Take up the jobs whose worker has died; one that has died with it too often is given up. Answers how many."""
    rescued = 0
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        rescued += 1
        log.warning("job rescued", job=job.task_name, id=job.id, attempts=job.attempts)
        if job.task_name in PERIODIC or job.task_name == "rescue":
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)  # the clock asks again
        elif job.attempts >= ATTEMPTS:
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
        else:
            await app.job_manager.retry_job(job)
    return rescued


async def _rescue(context: procrastinate.JobContext, timestamp: int) -> None:
    del timestamp
    await rescue(context.app)


def run(url: str, asked: Mapping[str, Callable[..., None]] = ASKED) -> None:
    """Run jobs until SIGTERM; jobs under way get a moment to finish."""
    configure_logging(settings().log_level)
    database = Database(url, pool_size=CONCURRENCY)
    try:
        asyncio.run(_run(queue(database, asked)))
    finally:
        database.dispose()


async def _run(app: procrastinate.App) -> None:
    async with app.open_async():
        log.info("worker ready")
        await app.run_worker_async(
            queues=[jobs.QUEUE],
            concurrency=CONCURRENCY,
            delete_jobs="successful",
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=STALLED_S,
            shutdown_graceful_timeout=GRACE_S,
        )


def _noting(work: Callable[..., None], database: Database) -> Callable[..., None]:
    """The work as the queue calls it; why it failed is kept where people see it, and the failure rises all the same."""

    def noting(context: procrastinate.JobContext, **arguments: Any) -> None:  # noqa: ANN401 - as they were asked for
        try:
            work(**arguments)
        except Exception as failure:
            if context.job.id is not None:
                cause = "".join(traceback.format_exception(failure, limit=-FRAMES_KEPT))
                with database.transaction() as tx:
                    jobs.note_failure(tx, job_id=context.job.id, at=clock.now(), cause=cause)
                    events.publish(tx, events.JOBS_CHANGED, key="jobs", key_version=context.job.id, payload={})
            raise

    return noting
