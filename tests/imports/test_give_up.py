"""A file whose job failed for good does not wait for ever."""

import asyncio

from sqlalchemy import text

from imports.conftest import Desk, as_csv, row
from placket import clockwork, imports, worker
from placket.core import clock
from placket.imports import service

GIVEN_UP = {
    "row": 1,
    "column": "",
    "field": "",
    "code": "given_up",
    "vi": "Máy chủ đã thử nhiều lần mà không xử lý xong tệp; chưa có gì thay đổi. Hãy tải tệp lên lại.",
    "en": "The server tried several times and could not finish the file; nothing was changed. Upload it again.",
}


def give_up(desk: Desk) -> int:
    with desk.database.transaction() as tx:
        return imports.give_up(tx, now=clock.now())


def fails_for_good(desk: Desk, status: str = "failed") -> None:
    """What the queue does with a job after its last attempt."""
    with desk.database.transaction() as tx:
        tx.execute(text("UPDATE procrastinate_jobs SET status = CAST(:to AS procrastinate_job_status)"), {"to": status})


def test_a_file_whose_check_failed_for_good_says_so_and_everybody_hears(desk: Desk) -> None:
    import_id = desk.take(as_csv(row("DM0001", name="Đầm")))
    before = desk.counts()
    fails_for_good(desk)
    assert give_up(desk) == 1
    failed = desk.read(import_id)
    assert (failed.state, failed.errors, failed.body) == ("failed", [GIVEN_UP], None)
    assert failed.finished_at is not None
    with desk.database.transaction() as tx:
        last = "SELECT payload->>'state' FROM event WHERE topic = 'import.changed' AND key = :key ORDER BY id DESC LIMIT 1"
        assert tx.scalar(text(last), {"key": str(import_id)}) == "failed"
    assert give_up(desk) == 0
    assert desk.counts() == before


def test_a_file_whose_application_failed_for_good_says_so(desk: Desk) -> None:
    checked = desk.check(as_csv(row("DM0001", name="Đầm")))
    with desk.database.transaction() as tx:
        service.ask_to_apply(tx, import_id=checked.id, who=desk.who)
    assert (give_up(desk), desk.read(checked.id).state) == (0, "applying")
    fails_for_good(desk)
    assert (give_up(desk), desk.read(checked.id).state) == (1, "failed")


def test_a_file_whose_job_waits_or_runs_is_left_alone(desk: Desk) -> None:
    import_id = desk.take(as_csv(row("DM0001", name="Đầm")))
    for status in ("todo", "doing"):
        fails_for_good(desk, status)
        assert (give_up(desk), desk.read(import_id).state) == (0, "checking")


def test_a_file_whose_worker_died_too_often_is_given_up_by_the_clock(desk: Desk) -> None:
    import_id = desk.take(as_csv(row("DM0001", name="Đầm")))
    with desk.database.transaction() as tx:
        dead = tx.scalar(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES ('2026-01-01') RETURNING id"))
        doing = text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :dead, attempts = :attempts")
        tx.execute(doing, {"dead": dead, "attempts": worker.ATTEMPTS})
    assert clockwork.PERIODIC["give_up_imports"].work(desk.database, clock.now()) == clockwork.Outcome({"given_up": 0})
    assert asyncio.run(rescued(desk)) == 1
    assert clockwork.PERIODIC["give_up_imports"].work(desk.database, clock.now()) == clockwork.Outcome({"given_up": 1})
    assert desk.read(import_id).state == "failed"


async def rescued(desk: Desk) -> int:
    """How many jobs a rescue takes up now."""
    app = worker.queue(desk.database)
    async with app.open_async():
        return await worker.rescue(app)
