"""What may be continued: cursors, retention, durable readers."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from builders import a_company, a_person
from placket import events, inventory
from placket.core import clock
from placket.core.db import Database
from placket.realtime import Position, prune, read_on
from placket.realtime.models import SocketTicket
from placket.realtime.queries import missed
from placket.realtime.service import issue_ticket, redeem_ticket
from waiting import until

NOW = clock.now()
QUIET_S = 240.0


@pytest.fixture
def books(fresh: Database) -> Database:
    """A database with a company."""
    with fresh.transaction() as tx:
        a_company(tx)
    return fresh


def tell(database: Database, *keys: str, days_ago: float = 0) -> None:
    """Publish events, each in a transaction of its own."""
    for key in keys:
        with database.transaction() as tx:
            events.publish(tx, events.STOCK_CHANGED, key=key, key_version=1, payload={})
            tx.flush()
            tx.execute(text("UPDATE event SET recorded_at = :at WHERE key = :key"), {"key": key, "at": _ago(days_ago)})


def here(database: Database) -> Position:
    """The position of the present, as a snapshot hands it out."""
    with database.snapshot() as tx:
        position = Position.parse(inventory.event_position(tx))
    assert position is not None
    return position


def quiet(database: Database) -> None:
    """Wait until nothing that is open now is open any more.

    Transactions are numbered for the whole server, and the tests of other workers have some open, which hold every
    position back.
    """
    with database.transaction() as tx:
        begun = tx.scalars(text("SELECT pg_current_xact_id()::text::bigint")).one()

    def over() -> bool:
        with database.transaction() as tx:
            return tx.scalars(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")).one() > begun

    until(over, within_s=QUIET_S, what="a transaction stays open on the server")


def since(database: Database, position: Position) -> list[str] | None:
    """The keys a terminal with this position is told."""
    upto = here(database)
    with database.transaction() as tx:
        told = missed(tx, since=position, upto=upto)
    return None if told is None else [heard.key for heard in told]


def test_a_position_reads_as_it_was_written(books: Database):
    position = here(books)

    assert Position.parse(str(position)) == position
    assert Position.parse("a/10:20:12,15") == Position("a", "10:20:12,15")
    for nonsense in ("", "/", "a/", "a/1", "a/2:1:", "a/1:5:7", "a/10:20:15,12", "a/0:1:", "a/10:20:9", "a/1:2:3;"):
        assert Position.parse(nonsense) is None


def test_tells_what_committed_in_between_though_it_began_before(books: Database):
    with Session(books.engine) as slow, Session(books.engine) as later:
        events.publish(slow, events.STOCK_CHANGED, key="began before", key_version=1, payload={})
        slow.flush()
        tell(books, "before")
        position = here(books)
        events.publish(later, events.STOCK_CHANGED, key="still open", key_version=1, payload={})
        later.flush()
        tell(books, "in between")
        slow.commit()

        assert since(books, position) == ["began before", "in between"]
        later.rollback()


def test_forgets_what_is_older_than_seven_days_and_nothing_else(books: Database):
    tell(books, "old", days_ago=7.001)
    tell(books, "young", days_ago=6.999)

    with books.transaction() as tx:
        assert prune(tx, now=NOW) == {"events": 1, "socket_tickets": 0}
        assert tx.scalars(select(events.Event.key)).all() == ["young"]
        assert prune(tx, now=NOW) == {"events": 0, "socket_tickets": 0}


def test_a_cursor_from_before_the_cut_cannot_be_continued_and_one_from_after_it_can(books: Database):
    too_old = here(books)
    tell(books, "old", days_ago=8)
    quiet(books)
    just_so = here(books)
    tell(books, "young")
    assert since(books, too_old) == ["old", "young"]

    with books.transaction() as tx:
        prune(tx, now=NOW)

    assert since(books, too_old) is None
    assert since(books, just_so) == ["young"]


def test_a_quiet_chain_keeps_its_cursors_although_nothing_is_left(books: Database):
    tell(books, "old", days_ago=8)
    quiet(books)
    position = here(books)

    with books.transaction() as tx:
        prune(tx, now=NOW)

    assert since(books, position) == []


def test_a_cursor_of_another_life_or_from_the_future_cannot_be_continued(books: Database):
    position = here(books)

    assert since(books, position) == []
    assert since(books, Position("another", position.snapshot)) is None
    assert since(books, Position(position.incarnation, "999999999999:999999999999:")) is None


def test_a_durable_reader_reads_each_event_once_and_goes_on_where_its_work_was_committed(books: Database):
    tell(books, "before it was there")

    def read(*, commit: bool) -> list[str]:
        with Session(books.engine) as tx:
            keys = [heard.key for heard in read_on(tx, name="fold", now=NOW)]
            tx.commit() if commit else tx.rollback()
        return keys

    assert read(commit=True) == []
    with Session(books.engine) as slow:
        events.publish(slow, events.STOCK_CHANGED, key="slow", key_version=1, payload={})
        slow.flush()
        tell(books, *(f"event {number}" for number in range(5)))
        assert read(commit=False) == [f"event {number}" for number in range(5)]
        assert read(commit=True) == [f"event {number}" for number in range(5)]
        assert read(commit=True) == []
        slow.commit()
    assert read(commit=True) == ["slow"]


def test_a_durable_reader_streams_more_than_fits_a_socket(books: Database):
    with books.transaction() as tx:
        assert list(read_on(tx, name="fold", now=NOW)) == []
    with books.transaction() as tx:
        tx.execute(
            text(
                "INSERT INTO event (topic, key, key_version, payload) "
                "SELECT 'stock.changed', n::text, 1, '{}' FROM generate_series(1, 25000) n"
            )
        )

    with books.transaction() as tx:
        told = [heard.key for heard in read_on(tx, name="fold", now=NOW)]

    assert told == [str(number) for number in range(1, 25_001)]


def test_never_cuts_what_a_durable_reader_has_not_read(books: Database):
    with books.transaction() as tx:
        list(read_on(tx, name="fold", now=NOW))
    tell(books, "old and unread", days_ago=30)

    with books.transaction() as tx:
        assert prune(tx, now=NOW)["events"] == 0
    quiet(books)
    with books.transaction() as tx:
        assert [heard.key for heard in read_on(tx, name="fold", now=NOW)] == ["old and unread"]
    with books.transaction() as tx:
        assert prune(tx, now=NOW)["events"] == 1


def test_tickets_nobody_used_are_forgotten(books: Database):
    with books.transaction() as tx:
        who = a_person(tx)
        issue_ticket(tx, session_id=who.session_id, now=NOW - timedelta(seconds=31))
        ticket, expires_at = issue_ticket(tx, session_id=who.session_id, now=NOW)
        assert expires_at == NOW + timedelta(seconds=30)

        assert prune(tx, now=NOW) == {"events": 0, "socket_tickets": 1}
        assert tx.query(SocketTicket).count() == 1
        listener = redeem_ticket(tx, ticket=ticket, now=NOW)
        assert listener is not None
        assert listener.id == who.session_id
        assert redeem_ticket(tx, ticket=ticket, now=NOW) is None


def _ago(days: float):
    return NOW - timedelta(days=days)
