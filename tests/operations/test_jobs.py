"""The jobs screen: what failed for good is seen with its cause, runs again when somebody says so, and is noted."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from builders import Person, a_branch, a_person
from placket import worker
from placket.clockwork import PERIODIC, Outcome, Periodic
from placket.core import jobs
from placket.core.db import Database
from placket.core.settings import ROOT
from placket.timekeeper import ClockJob
from served import own_database
from serving import serving


class Poisoned(RuntimeError):
    """What the job of these tests fails of."""


def poison(_database: Database, *, order: str) -> None:
    raise Poisoned(order)


@dataclass
class Room:
    """A served machine room, and the people who may look in."""

    http: httpx.Client
    database: Database
    branch: Any
    it: Person

    def work(self, work: Callable[..., None]) -> None:
        """Let a worker run what waits, then stop."""

        async def once() -> None:
            app = worker.queue(self.database, {"poison": work})
            async with app.open_async():
                await app.run_worker_async(
                    queues=[jobs.QUEUE], wait=False, delete_jobs="successful", install_signal_handlers=False
                )

        asyncio.run(once())

    def failed(self, order: str) -> int:
        """A job that has failed with its last try."""
        with self.database.transaction() as tx:
            number = jobs.enqueue(tx, "poison", {"order": order})
            last = text("UPDATE procrastinate_jobs SET attempts = :tries WHERE id = :id")
            tx.execute(last, {"tries": worker.ATTEMPTS, "id": number})
        self.work(poison)
        return number

    def shown(self) -> dict[str, Any]:
        """What the screen shows."""
        return dict(self.http.get("/api/jobs", headers=self.it.bearer).json())

    def ids(self) -> list[int]:
        """The jobs that are shown as failed."""
        return [job["id"] for job in self.shown()["failed"]]


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with own_database("jobs") as database:
        with database.transaction() as tx:
            branch, it = a_branch(tx), a_person(tx, "it")
        with serving(database.url) as server, httpx.Client(base_url=server.url) as http:
            yield Room(http, database, branch, it)


def test_a_job_that_failed_for_good_shows_its_cause_and_what_it_was_asked(room: Room) -> None:
    number = room.failed("W-1")
    shown = room.shown()
    (job,) = [one for one in shown["failed"] if one["id"] == number]
    assert (job["task"], job["arguments"]) == ("poison", {"order": "W-1"})
    assert job["attempts"] == worker.ATTEMPTS + 1
    assert job["cause"].strip().endswith("Poisoned: W-1")
    (queue,) = [one for one in shown["queues"] if one["task"] == "poison"]
    assert (queue["waiting"], queue["running"], queue["failed"]) == (0, 0, 1)


def test_a_job_that_is_replayed_runs_again_and_is_gone(room: Room) -> None:
    number, ran = room.failed("W-2"), []
    assert room.http.post(f"/api/jobs/{number}/replay", headers=room.it.bearer).status_code == 204
    room.work(lambda _database, order: ran.append(order))
    assert ran == ["W-2"]
    assert number not in room.ids()
    assert room.http.post(f"/api/jobs/{number}/replay", headers=room.it.bearer).status_code == 404
    with room.database.transaction() as tx:
        noted = "SELECT action, staff_id FROM audit_log WHERE subject_type = 'job' AND subject_id = :id"
        assert [tuple(row) for row in tx.execute(text(noted), {"id": str(number)})] == [("job.replayed", room.it.id)]


def test_a_job_that_is_let_go_never_runs(room: Room) -> None:
    number = room.failed("W-3")
    assert room.http.delete(f"/api/jobs/{number}", headers=room.it.bearer).status_code == 204
    with room.database.transaction() as tx:
        assert tx.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE id = :id"), {"id": number}) == 0
        assert tx.scalar(text("SELECT count(*) FROM job_failure WHERE job_id = :id"), {"id": number}) == 0


def test_why_a_job_of_the_clock_fails_is_shown_beside_it(room: Room) -> None:
    def fail(_database: Database, _now: datetime) -> Outcome:
        raise Poisoned("away")

    ClockJob("see_to_orders", Periodic(1, fail), room.database).run()
    (shown,) = [one for one in room.shown()["clock"] if one["name"] == "see_to_orders"]
    assert (shown["healthy"], shown["facts"]) == (False, {})
    assert shown["cause"].strip().endswith("Poisoned: away")


@pytest.mark.parametrize("name", sorted({*PERIODIC, *worker.ASKED}))
def test_every_job_has_a_name_in_both_languages(name: str) -> None:
    words = (ROOT / "web/apps/office/src/i18n/books.ts").read_text()
    assert len(re.findall(rf"\b{name}: '", words)) == 2


@pytest.mark.parametrize("role", ["cashier", "store_manager", "warehouse", "marketer", "accountant"])
def test_jobs_are_for_whoever_looks_after_the_system(room: Room, role: str) -> None:
    with room.database.transaction() as tx:
        who = a_person(tx, role, at=room.branch)
    assert room.http.get("/api/jobs", headers=who.bearer).status_code == 403
    assert room.http.post("/api/jobs/1/replay", headers=who.bearer).status_code == 403
