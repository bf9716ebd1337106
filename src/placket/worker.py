"""Runs the jobs: what the contexts asked for in their transactions, and beside it what the clock starts.

``ASKED`` says which function a name stands for. A job may run twice, so each is idempotent. The queue is procrastinate on
the same database. A worker that is killed stops its heartbeat, and the next one takes its jobs up again.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn

import procrastinate
import structlog
from procrastinate.jobs import Status

from placket import events
from placket.carriers import hook_api as carrier_hook_api
from placket.core import clock, jobs
from placket.core.http import configure_logging
from placket.core.settings import settings
from placket.imports import jobs as imports_jobs
from placket.inventory import jobs as inventory_jobs
from placket.payments import online_hook_api
from placket.sales import couriers, order_jobs
from placket.tables import Database
from placket.timekeeper import HANDS, Clock, keep_time

log = structlog.get_logger()

ATTEMPTS = 5
HEARTBEAT_S = 5.0
STALLED_S = 20.0
RESCUE_S = 10.0
CONCURRENCY = 4
GRACE_S = 5.0


ASKED: Mapping[str, Callable[..., None]] = {
    "import_check": imports_jobs.check,
    "import_apply": imports_jobs.apply,
    online_hook_api.APPLY: order_jobs.hear,
    carrier_hook_api.APPLY: couriers.hear,
    "post_count": inventory_jobs.post_count,
}


def queue(database: Database, asked: Mapping[str, Callable[..., None]] = ASKED) -> procrastinate.App:
    """The queue with every job that may be asked for."""
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=database.url, min_size=1, max_size=CONCURRENCY + 2)
    )
    retry = procrastinate.RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=4)
    for name, wanted in asked.items():
        app.task(name=name, queue=jobs.QUEUE, retry=retry, pass_context=True)(_noting(partial(wanted, database), database))
    return app


async def rescue(app: procrastinate.App) -> int:
    """Take up the jobs whose worker has died; one that has died with it too often is given up. Answers how many."""
    rescued = 0
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        rescued += 1
        log.warning("job rescued", job=job.task_name, id=job.id, attempts=job.attempts)
        if job.attempts >= ATTEMPTS:
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
        else:
            await app.job_manager.retry_job(job)
    return rescued


def run(url: str, asked: Mapping[str, Callable[..., None]] = ASKED) -> None:
    """Run jobs until SIGTERM; jobs under way get a moment to finish."""
    configure_logging(settings().log_level)
    database = Database(url, pool_size=CONCURRENCY + HANDS + 1)
    try:
        asyncio.run(_run(queue(database, asked), database))
    finally:
        database.dispose()


async def _run(app: procrastinate.App, database: Database) -> None:
    hours = Clock(database)
    async with app.open_async(), asyncio.TaskGroup() as beside:
        tasks = [beside.create_task(keep_time(database.url, hours)), beside.create_task(_keep_rescuing(app))]
        log.info("worker ready")
        await app.run_worker_async(
            queues=[jobs.QUEUE],
            concurrency=CONCURRENCY,
            delete_jobs="successful",
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=STALLED_S,
            shutdown_graceful_timeout=GRACE_S,
        )
        for task in tasks:
            task.cancel()
    hours.stop()


async def _keep_rescuing(app: procrastinate.App) -> NoReturn:
    while True:
        await asyncio.sleep(RESCUE_S)
        try:
            await rescue(app)
        except procrastinate.exceptions.ConnectorException as away:
            log.warning("nobody was rescued", why=str(away))


def _noting(work: Callable[..., None], database: Database) -> Callable[..., None]:
    """The work as the queue calls it; why it failed is kept where people see it, and the failure rises all the same."""

    def noting(context: procrastinate.JobContext, **arguments: Any) -> None:  # noqa: ANN401 - as they were asked for
        try:
            work(**arguments)
        except Exception as failure:
            if context.job.id is not None:
                with database.transaction() as tx:
                    jobs.note_failure(tx, job_id=context.job.id, at=clock.now(), cause=jobs.cause_of(failure))
                    events.publish(tx, events.JOBS_CHANGED, key="jobs", key_version=context.job.id, payload={})
            raise

    return noting
