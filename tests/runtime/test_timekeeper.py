"""The clock: one worker of all keeps time, another takes over when it dies, and what a job came to is kept."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text

from placket import clockwork, timekeeper
from placket.clockwork import Outcome, Periodic
from placket.core import jobs
from placket.core.db import Database
from serving import working
from waiting import until

HOLDER = text(
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
Work = Callable[[Database, datetime], Outcome]


def job(database: Database, work: Work, *, nightly: bool = False) -> timekeeper.ClockJob:
    """A job of the clock, called ``job``."""
    return timekeeper.ClockJob("job", Periodic(1, work, nightly), database)


def kept(database: Database) -> jobs.JobOutcome | None:
    """What is kept of its last run."""
    with database.transaction() as tx:
        return jobs.outcome_of(tx, "job")


def told(database: Database) -> int:
    """How often screens were told that jobs have changed."""
    with database.transaction() as tx:
        return int(tx.execute(text("SELECT count(*) FROM event WHERE topic = 'jobs.changed'")).scalar_one())


def fail(_database: Database, _now: datetime) -> Outcome:
    raise RuntimeError("away")


def test_a_nightly_job_runs_once_a_night_and_notes_what_it_came_to(fresh: Database) -> None:
    runs = []

    def work(_database: Database, now: datetime) -> Outcome:
        runs.append(now)
        return Outcome({"findings": 2}, healthy=False)

    night = job(fresh, work, nightly=True)
    night.run()
    night.run()
    assert len(runs) == 1
    with fresh.transaction() as tx:
        outcome = jobs.outcome_of(tx, "job")
        assert outcome is not None
        assert (outcome.ran_at, outcome.healthy, outcome.facts, outcome.cause) == (runs[0], False, {"findings": 2}, None)
        outcome.ran_at = runs[0] - timedelta(days=1)
    night.run()
    assert len(runs) == 2


def test_a_nightly_job_that_failed_is_tried_again_the_same_night(fresh: Database) -> None:
    job(fresh, fail, nightly=True).run()
    job(fresh, lambda _database, _now: Outcome({"lots": 1}), nightly=True).run()
    outcome = kept(fresh)
    assert outcome is not None
    assert (outcome.healthy, outcome.facts, outcome.cause) == (True, {"lots": 1}, None)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 11, 25, 19, 59, tzinfo=UTC), datetime(2026, 11, 24, 20, 0, tzinfo=UTC)),
        (datetime(2026, 11, 25, 20, 0, tzinfo=UTC), datetime(2026, 11, 25, 20, 0, tzinfo=UTC)),
    ],
)
def test_nightly_jobs_fall_due_at_three_in_vietnam(now: datetime, due: datetime) -> None:
    assert timekeeper.last_night(now) == due


def test_why_a_job_fails_is_kept_until_it_ends_well_and_screens_are_told_of_each_turn_once(fresh: Database) -> None:
    away = [True, True, False, False]

    def work(database: Database, now: datetime) -> Outcome:
        return fail(database, now) if away.pop(0) else Outcome({"sent": 0})

    often = job(fresh, work)
    often.run()
    first = kept(fresh)
    assert first is not None
    assert first.cause is not None
    assert first.cause.endswith("RuntimeError: away\n")
    assert not first.healthy
    often.run()
    again = kept(fresh)
    assert again is not None
    assert (again.ran_at, told(fresh)) == (first.ran_at, 1)
    often.run()
    often.run()
    well = kept(fresh)
    assert well is not None
    assert (well.healthy, well.cause, told(fresh)) == (True, None, 2)


def test_who_takes_over_clears_what_failed_under_the_one_before(fresh: Database) -> None:
    job(fresh, fail).run()
    hours = timekeeper.Clock(fresh, {"job": Periodic(1, lambda _database, _now: Outcome({}))})
    hours.take_over()
    hours.strike(2**40)
    until(lambda: (outcome := kept(fresh)) is not None and outcome.healthy)
    hours.stop()


def test_a_job_is_never_run_beside_itself_and_comes_again_when_it_has_ended(fresh: Database) -> None:
    entered, leave, runs = threading.Event(), threading.Event(), []

    def slow(_database: Database, now: datetime) -> Outcome:
        runs.append(now)
        entered.set()
        assert leave.wait(30)
        return Outcome({})

    hours = timekeeper.Clock(fresh, {"job": Periodic(5, slow)})
    began = 2**40
    hours.strike(began)
    assert entered.wait(30)
    for second in range(1, 20):
        hours.strike(began + second)
    assert len(runs) == 1
    leave.set()

    def again() -> bool:
        hours.strike(began + 20)
        return len(runs) == 2

    until(again)
    hours.stop()


def test_nothing_is_due_before_its_time(fresh: Database) -> None:
    hours = timekeeper.Clock(fresh, {"job": Periodic(3_600, fail)})
    hours.strike(0)
    hours.stop()
    assert kept(fresh) is None


def test_one_worker_keeps_time_and_another_takes_over_when_it_is_killed(fresh: Database) -> None:
    def holder() -> int | None:
        with fresh.transaction() as tx:
            pid: int | None = tx.scalar(HOLDER, {"lock": timekeeper.LOCK})
            return pid

    with working(fresh.url) as first:
        until(lambda: holder() is not None)
        before = holder()
        with working(fresh.url), psycopg.connect(fresh.url) as other:
            assert other.execute("SELECT pg_try_advisory_lock(%s)", (timekeeper.LOCK,)).fetchone() == (False,)
            first.kill()
            until(lambda: holder() not in {None, before})


def test_the_clock_of_a_worker_writes_nothing_into_the_queue(fresh: Database) -> None:
    with fresh.transaction() as tx:
        failed_at = datetime(2026, 11, 26, tzinfo=UTC)
        jobs.note_outcome(tx, name="see_to_orders", ran_at=failed_at, took_ms=1, healthy=False, facts={}, cause="away")
    with working(fresh.url):
        until(lambda: well(fresh, "see_to_orders"))
    with fresh.transaction() as tx:
        assert tx.scalar(text("SELECT is_called FROM procrastinate_jobs_id_seq")) is False


def well(database: Database, name: str) -> bool:
    """Whether a job ended well when it last ran."""
    with database.transaction() as tx:
        outcome = jobs.outcome_of(tx, name)
        return outcome is not None and outcome.healthy


def test_every_job_of_the_clock_has_its_pace() -> None:
    assert {one.every_s for one in clockwork.PERIODIC.values() if one.nightly} == {300}
    assert min(one.every_s for one in clockwork.PERIODIC.values()) == 1
