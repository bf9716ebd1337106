"""Runs the jobs: what the clock starts, and what the contexts asked for in their transactions.

Two tables say which function a name stands for. A job may run twice, so each is idempotent. The queue is procrastinate
on the same database. A worker that is killed stops its heartbeat, and the next one takes its jobs up again.
"""

import asyncio
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import procrastinate
import structlog
from procrastinate.jobs import Status

from placket import (
    analytics,
    crm,
    einvoices,
    events,
    identity,
    imports,
    inventory,
    messages,
    promotions,
    realtime,
    sales,
    verify,
)
from placket.campaigns import jobs as campaigns_jobs
from placket.carriers import hook_api as carrier_hook_api
from placket.core import clock, jobs
from placket.core.http import configure_logging
from placket.core.settings import settings
from placket.imports import jobs as imports_jobs
from placket.inventory import jobs as inventory_jobs
from placket.payments import jobs as payments_jobs
from placket.payments import online_hook_api
from placket.sales import courier_jobs, couriers, order_jobs
from placket.tables import Database

log = structlog.get_logger()

NIGHT_HOUR = 3  # in Vietnam, when shops and web are quiet
ATTEMPTS = 5
HEARTBEAT_S = 5.0
STALLED_S = 20.0
MISSED_S = 5.0
CONCURRENCY = 4
GRACE_S = 5.0
JOB_HISTORY = timedelta(days=30)
FRAMES_KEPT = 3
ANSWER_WITHIN = timedelta(seconds=4)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job of the clock came to; unhealthy means that a person should look."""

    facts: Mapping[str, Any]
    healthy: bool = True


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job of the clock. ``cron`` has its seconds last; ``nightly`` means once after three at night, or when next up."""

    cron: str
    work: Callable[[Database, datetime], Outcome]
    nightly: bool = False


def release_expired(database: Database, now: datetime) -> Outcome:
    """Give back the pieces of promises that have run out."""
    with database.transaction() as tx:
        released = inventory.release_expired(tx, now=now)
        bags = inventory.bags_overdue(tx, now=now)
    for promise_id in bags:
        with database.transaction() as tx:
            inventory.unpack_overdue(tx, promise_id=promise_id)
    return Outcome({"released": released, "bags": len(bags)})


def give_up_imports(database: Database, now: datetime) -> Outcome:
    """End the files whose job has failed for good, so that nobody waits for them."""
    with database.transaction() as tx:
        return Outcome({"given_up": imports.give_up(tx, now=now)})


def decline_unanswered(database: Database, now: datetime) -> Outcome:
    """Decline the questions that tills have not answered in time: whoever asked sources elsewhere. Put due searches."""
    before = now - ANSWER_WITHIN
    with database.transaction() as tx:
        late = sorted({*inventory.places_asked_before(tx, before=before), *inventory.places_due(tx)})
    declined = 0
    for location_id in late:
        with database.transaction() as tx:
            declined += inventory.settle(tx, location_id=location_id, give_up_before=before)
    return Outcome({"declined": declined})


def end_replaced(database: Database, now: datetime) -> Outcome:
    """End the openings of devices that were paired anew: their branch does not wait for a word nobody gives any more."""
    with database.transaction() as tx:
        replaced = inventory.paired_anew(tx)
    for till_id, location_id in replaced:
        with database.transaction() as tx:
            inventory.end_replaced(tx, till_id=till_id, location_id=location_id, now=now)
        with database.transaction() as tx:
            inventory.settle(tx, location_id=location_id)
    return Outcome({"replaced": len(replaced)})


def move_orders(database: Database, now: datetime) -> Outcome:
    """Bring orders on whose piece was not found: to another place, or to their end. A search nobody answers is one."""
    with database.transaction() as tx:
        silent = inventory.unanswered(tx, now=now)
    for promise_id in silent:
        with database.transaction() as tx:
            inventory.not_found(tx, promise_id=promise_id, by=inventory.By(None), now=now)
    with database.transaction() as tx:
        waiting = inventory.to_move(tx)
    for promise_id in waiting:
        with database.transaction() as tx:
            inventory.move_on(tx, promise_id=promise_id, now=now)
    return Outcome({"unanswered": len(silent), "moved": len(waiting)})


def free_ended_holds(database: Database, now: datetime) -> Outcome:
    """Give back the points and credit that tills held whose epoch has ended, and let vouchers go whose time is over."""
    with database.transaction() as tx:
        freed, vouchers = crm.free_holds_of_ended(tx, now=now), promotions.release_expired(tx, now=now)
        return Outcome({"freed": freed, "vouchers": vouchers})


def expire_points(database: Database, now: datetime) -> Outcome:
    """Let points expire whose day has come, a slice in each transaction."""
    expired = 0
    more = True
    while more:
        with database.transaction() as tx:
            lots = crm.expire_points(tx, now=now)
        expired += lots
        more = lots > 0
    return Outcome({"lots": expired})


def score_changed(database: Database, now: datetime) -> Outcome:
    """Score the customers who have bought, returned or said something since last time."""
    with database.transaction() as tx:
        return Outcome({"scored": crm.catch_up(tx, now=now)})


def score_everybody(database: Database, now: datetime) -> Outcome:
    """Take the night's borders, score everybody by them, look at tiers that are due, count segments, pair styles."""
    with database.transaction() as tx:
        facts = crm.score_by_night(tx, now=now)
    with database.transaction() as tx:
        pairs = sales.pair_styles(tx, on=clock.business_day(now))
    return Outcome(facts | {"pairs": pairs})


def prove_books(database: Database, now: datetime) -> Outcome:
    """Prove the books; what is wrong is written into the log and shows in the metrics until the next run."""
    broken = [proof for proof in verify.prove_database(database.url) if proof.findings]
    wrong = {proof.check.name: len(proof.findings) for proof in broken}
    with database.transaction() as tx:
        verify.note(tx, [finding for proof in broken for finding in proof.findings], now=now)
    for check, findings in wrong.items():
        log.error("the books are wrong", check=check, findings=findings)
    return Outcome({"findings": sum(wrong.values()), "checks": sorted(wrong)}, healthy=not wrong)


def sum_days(database: Database, now: datetime) -> Outcome:
    """Keep the sums of days that are over, and make those anew whose sales came late or changed."""
    return Outcome({"days": analytics.sum_days(database, now=now)})


def send_packs(database: Database, now: datetime) -> Outcome:
    """Ask for the packs of reports whose week or month is over."""
    return Outcome({"packs": analytics.send_packs(database, now=now)})


def watch_books(database: Database, now: datetime) -> Outcome:
    """Prove what has moved in the books since the last look, and walk on through all of them."""
    told = verify.look(database, now=now)
    return Outcome({"wrong": len(told.wrong)}, healthy=not told.wrong)


def hold_budgets(database: Database, now: datetime) -> Outcome:
    """Hold the budgets of selling without network against the books; where they are passed shows in the metrics."""
    with database.transaction() as tx:
        passed = {budget.name: list(budget.passed_at) for budget in verify.budgets(tx, now=now)}
    return Outcome(passed)


def prune(database: Database, now: datetime) -> Outcome:
    """Forget what docs/retention.md says is to be forgotten, each kind in a transaction of its own."""
    forgotten: Counter[str] = Counter()
    for forget in (identity.prune, imports.prune, messages.prune):
        with database.transaction() as tx:
            forgotten.update(forget(tx, now=now))
    more = True
    while more:  # events are many: a slice at a time, so that no lock is held for long
        with database.transaction() as tx:
            gone = realtime.prune(tx, now=now)
        forgotten.update(gone)
        more = gone["events"] > 0
    with database.transaction() as tx:
        forgotten["jobs"] = jobs.prune_jobs(tx, before=now - JOB_HISTORY)
    return Outcome(dict(forgotten))


def see_to_cards(database: Database, now: datetime) -> Outcome:
    """Ask about card charges that no till asks about any more, and give back what is to go back."""
    return Outcome({"cards": payments_jobs.see_to_cards(database, now=now)})


def see_to_orders(database: Database, now: datetime) -> Outcome:
    """Bring online orders on: ask places, end holds that are over, give back what is not delivered."""
    return Outcome({"orders": order_jobs.see_to(database, now=now)})


def book_returns(database: Database, now: datetime) -> Outcome:
    """Ask the carrier for the parcels of returns that it did not answer for when they were asked for."""
    return Outcome({"booked": courier_jobs.book_waiting(database, now=now)})


def send_refunds(database: Database, now: datetime) -> Outcome:
    """Ask the provider to give back what goes back."""
    return Outcome({"turned_down": order_jobs.send_refunds(database, now=now)})


def ask_after_refunds(database: Database, now: datetime) -> Outcome:
    """Ask the provider about refunds whose event never came."""
    return Outcome({"ended": order_jobs.ask_after_refunds(database, now=now)})


def send_messages(database: Database, now: datetime) -> Outcome:
    """Send what people outside are to be told."""
    return Outcome(messages.send_waiting(database, now=now))


def issue_einvoices(database: Database, now: datetime) -> Outcome:
    """Make the e-invoices that are due."""
    return Outcome({"issued": einvoices.issue_due(database, now=now)})


def send_einvoices(database: Database, now: datetime) -> Outcome:
    """Bring e-invoices to the authority's provider."""
    return Outcome(einvoices.send_waiting(database, now=now))


PERIODIC: Mapping[str, Periodic] = {
    "release_expired": Periodic("* * * * * */5", release_expired),
    "give_up_imports": Periodic("* * * * * */10", give_up_imports),
    "see_to_cards": Periodic("* * * * * */3", see_to_cards),
    "decline_unanswered": Periodic("* * * * * */2", decline_unanswered),
    "see_to_orders": Periodic("* * * * * *", see_to_orders),
    "book_returns": Periodic("* * * * * */10", book_returns),
    "send_refunds": Periodic("* * * * * */2", send_refunds),
    "ask_after_refunds": Periodic("* * * * * 30", ask_after_refunds),
    "send_messages": Periodic("* * * * * */2", send_messages),
    "run_campaigns": Periodic("* * * * * */2", lambda database, now: Outcome(campaigns_jobs.run(database, now=now))),
    "issue_einvoices": Periodic("* * * * * */30", issue_einvoices),
    "send_einvoices": Periodic("* * * * * */5", send_einvoices),
    "end_replaced": Periodic("* * * * * */2", end_replaced),
    "move_orders": Periodic("* * * * * */2", move_orders),
    "free_ended_holds": Periodic("* * * * * */10", free_ended_holds),
    "expire_points": Periodic("*/5 * * * *", expire_points, nightly=True),
    "score_changed": Periodic("* * * * * *", score_changed),
    "score_everybody": Periodic("*/5 * * * *", score_everybody, nightly=True),
    "sum_days": Periodic("* * * * * */5", sum_days),
    "send_packs": Periodic("* * * * * 15", send_packs),
    "watch_books": Periodic("* * * * * */15", watch_books),
    "verify": Periodic("*/5 * * * *", prove_books, nightly=True),
    jobs.BUDGETS: Periodic("*/5 * * * *", hold_budgets),
    "prune": Periodic("*/5 * * * *", prune, nightly=True),
}

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
