"""The tail on a real PostgreSQL: nothing lost, nothing doubled, nobody waits for a slow writer."""

import os
import signal
import threading
from collections import Counter

from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import a_company
from conftest import migrate
from placket import events
from placket.core import postgres
from placket.core.db import Database
from tailing import tailing

WRITERS = 6
EACH = 60


def tell(tx: Session, key: str, version: int = 1) -> None:
    """Write an event."""
    events.publish(tx, events.STOCK_CHANGED, key=key, key_version=version, payload={"on_hand": version})


def test_hears_each_event_once_whatever_order_writers_commit_in(fresh: Database):
    told = {f"{writer}:{number}" for writer in range(WRITERS) for number in range(EACH)}

    def write(writer: int) -> None:
        for number in range(EACH):
            with fresh.transaction() as tx:
                tell(tx, f"{writer}:{number}")
                if number % 7 == writer:  # some stay open while others overtake them
                    tx.execute(text("SELECT pg_sleep(0.03)"))

    with tailing(fresh.url) as ear:
        threads = [threading.Thread(target=write, args=[writer]) for writer in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ear.until(lambda: len(ear.events) >= len(told))

    assert Counter(ear.keys) == dict.fromkeys(told, 1)


def test_a_writer_that_stays_open_delays_nobody_and_is_heard_when_it_commits(fresh: Database):
    with tailing(fresh.url) as ear:
        with fresh.transaction() as slow:
            tell(slow, "slow")
            slow.flush()
            for number in range(20):
                with fresh.transaction() as tx:
                    tell(tx, f"quick {number}")
                ear.until(lambda number=number: f"quick {number}" in ear.keys)
            assert "slow" not in ear.keys
        ear.until(lambda: "slow" in ear.keys)

    assert ear.keys == [*(f"quick {number}" for number in range(20)), "slow"]


def test_what_is_rolled_back_is_never_heard(fresh: Database):
    with tailing(fresh.url) as ear:
        with Session(fresh.engine) as undone:
            tell(undone, "undone")
            undone.rollback()
        with fresh.transaction() as tx:
            tell(tx, "done")
        ear.until(lambda: "done" in ear.keys)

    assert ear.keys == ["done"]


def test_versions_of_a_key_are_heard_in_order(fresh: Database):
    with fresh.transaction() as tx:
        tx.execute(text("CREATE TABLE counter (key text PRIMARY KEY, version int)"))
        tx.execute(text("INSERT INTO counter VALUES ('a', 0), ('b', 0)"))

    def write() -> None:
        for _ in range(EACH):
            for key in ("a", "b"):
                with fresh.transaction() as tx:
                    raised = text("UPDATE counter SET version = version + 1 WHERE key = :key RETURNING version")
                    tell(tx, key, tx.scalars(raised, {"key": key}).one())

    with tailing(fresh.url) as ear:
        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ear.until(lambda: len(ear.events) >= 8 * EACH)

    for key in ("a", "b"):
        assert [heard.version for heard in ear.events if heard.key == key] == list(range(1, 4 * EACH + 1))


def test_says_that_the_thread_is_lost_rather_than_tell_too_much_at_once(fresh: Database):
    with tailing(fresh.url) as ear:
        with fresh.transaction() as tx:
            tx.execute(
                text(
                    "INSERT INTO event (topic, key, key_version, payload) "
                    "SELECT 'stock.changed', n::text, 1, '{}' FROM generate_series(1, 20001) n"
                )
            )
        ear.until(lambda: any(batch.lost for batch in ear.batches))
        with fresh.transaction() as tx:
            tell(tx, "after")
        ear.until(lambda: "after" in ear.keys)

    assert ear.keys == ["after"]


def test_another_life_of_the_data_loses_the_thread(fresh: Database):
    with fresh.transaction() as tx:
        a_company(tx)
    with tailing(fresh.url) as ear:
        with fresh.transaction() as tx:
            tx.execute(text("UPDATE company SET incarnation = gen_random_uuid()"))
        ear.until(lambda: any(batch.lost for batch in ear.batches))


def test_a_killed_and_restarted_database_loses_and_doubles_nothing():
    of = postgres.cluster(f"test-tail-{os.getpid()}")
    server = postgres.start(of)
    try:
        migrate(of.url("postgres"))
        database = Database(of.url("postgres"), pool_size=2)
        with tailing(database.url) as ear:
            for number in range(10):
                with database.transaction() as tx:
                    tell(tx, f"before {number}")
            server.send_signal(signal.SIGQUIT)  # as a power cut: no checkpoint, recovery from the log
            server.wait(timeout=30)
            database.dispose()
            server = postgres.start(of)
            for number in range(10):
                with database.transaction() as tx:
                    tell(tx, f"after {number}")
            ear.until(lambda: len(ear.events) >= 20)
        database.dispose()
    finally:
        postgres.stop(server)
        postgres.remove(of)

    assert ear.keys == [f"{when} {number}" for when in ("before", "after") for number in range(10)]
    assert not any(batch.lost for batch in ear.batches)
