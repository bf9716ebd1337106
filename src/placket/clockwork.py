"""What the clock starts: each job of the contexts with its hour, and what it came to.

A composition root, below ``placket.timekeeper`` which starts them. A job may run twice, so each is idempotent.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from placket import analytics, crm, einvoices, identity, imports, inventory, messages, promotions, realtime, sales, verify
from placket.campaigns import jobs as campaigns_jobs
from placket.core import clock, jobs
from placket.payments import jobs as payments_jobs
from placket.sales import courier_jobs, lacking_jobs, order_jobs
from placket.tables import Database

log = structlog.get_logger()

JOB_HISTORY = timedelta(days=30)
ANSWER_WITHIN = timedelta(seconds=4)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job of the clock came to; unhealthy means that a person should look."""

    facts: Mapping[str, Any]
    healthy: bool = True


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job of the clock, due every so many seconds; ``nightly`` means once after three at night, or when next up."""

    every_s: int
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
    """Bring online orders on: ask places, end holds that are over, give back what is not delivered; and what tills sold."""
    return Outcome({"orders": order_jobs.see_to(database, now=now), "lacks": lacking_jobs.see_to(database, now=now)})


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
    "release_expired": Periodic(5, release_expired),
    "give_up_imports": Periodic(10, give_up_imports),
    "see_to_cards": Periodic(3, see_to_cards),
    "decline_unanswered": Periodic(2, decline_unanswered),
    "see_to_orders": Periodic(1, see_to_orders),
    "book_returns": Periodic(10, book_returns),
    "send_refunds": Periodic(2, send_refunds),
    "ask_after_refunds": Periodic(60, ask_after_refunds),
    "send_messages": Periodic(2, send_messages),
    "run_campaigns": Periodic(2, lambda database, now: Outcome(campaigns_jobs.run(database, now=now))),
    "issue_einvoices": Periodic(30, issue_einvoices),
    "send_einvoices": Periodic(5, send_einvoices),
    "end_replaced": Periodic(2, end_replaced),
    "move_orders": Periodic(2, move_orders),
    "free_ended_holds": Periodic(10, free_ended_holds),
    "expire_points": Periodic(300, expire_points, nightly=True),
    "score_changed": Periodic(1, score_changed),
    "score_everybody": Periodic(300, score_everybody, nightly=True),
    "sum_days": Periodic(5, sum_days),
    "send_packs": Periodic(60, send_packs),
    "watch_books": Periodic(15, watch_books),
    "verify": Periodic(300, prove_books, nightly=True),
    jobs.BUDGETS: Periodic(300, hold_budgets),
    "prune": Periodic(300, prune, nightly=True),
}
