"""Tills as devices: a locked one still hears its board, one that was paired anew is not waited for."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import LONG_AGO, TillAtWork, a_branch, a_style, a_till, stocked
from placket import inventory
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from served import own_database
from serving import serving
from terminals import a_terminal, hang_up_all


@dataclass(frozen=True)
class Served:
    """A served chain with one branch and its till."""

    http: httpx.Client
    database: Database
    place: UUID
    shirt: UUID
    till: TillAtWork

    def device(self) -> dict[str, str]:
        """The header of the device itself."""
        return {"authorization": f"Bearer {self.till.device_token}"}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with own_database("devices") as database:
        with database.transaction() as tx:
            place = a_branch(tx)
            shirt = a_style(tx).one
            stocked(tx, place, {shirt: 5})
            till = a_till(tx, place)
        with serving(database.url) as server, httpx.Client(base_url=server.url) as http:
            yield Served(http, database, place, shirt, till)
            hang_up_all()


def test_a_locked_till_hears_its_board_and_its_word_confirms(served: Served) -> None:
    issued = served.http.post("/api/till/ticket", headers=served.device())
    assert issued.status_code == 201
    line = a_terminal(str(served.http.base_url).rstrip("/"), served.till.cashier, ticket=issued.json()["ticket"])
    with served.database.transaction() as tx:
        (asked,) = inventory.reserve(
            tx,
            ref=new_id(),
            kind="ship",
            location_id=served.place,
            lines=[inventory.Move(served.shirt, 1)],
            pay_by=None,
            now=clock.now(),
        )
    line.listen(lambda it: bool(it.heard("board.changed")))
    (board,) = line.heard("board.changed")
    assert [entry["id"] for entry in board["payload"]["board"]] == [str(asked.id)]
    word = {"opening": 1, "board_no": board["version"], "head_seq": 0}
    assert served.http.post("/api/till/word", headers=served.device(), json=word).status_code == 204
    with served.database.transaction() as tx:
        assert inventory.promises_of(tx, ref=asked.ref)[0].phase == "confirmed"


def test_a_ticket_of_a_device_needs_its_token(served: Served) -> None:
    assert served.http.post("/api/till/ticket").status_code == 401
    assert served.http.post("/api/till/ticket", headers=served.till.cashier.bearer).status_code == 401


@dataclass(frozen=True)
class Anew:
    """A till whose device was paired anew while its opening was attached."""

    tx: Session
    place: UUID
    till: TillAtWork

    def state(self) -> tuple[str, str | None]:
        """How its first opening stands."""
        row = self.tx.execute(
            text("SELECT state, end_reason FROM till_opening WHERE till_id = :t"), {"t": self.till.id}
        ).one()
        return row.state, row.end_reason

    def doubts(self) -> int:
        """Balances nobody trusts."""
        return int(self.tx.scalars(text("SELECT count(*) FROM stock_doubt WHERE closed_at IS NULL")).one())


@pytest.fixture
def anew(tx: Session) -> Anew:
    place = a_branch(tx)
    stocked(tx, place, {a_style(tx).one: 2})
    till = a_till(tx, place)
    tx.execute(text("UPDATE till SET epoch = 2 WHERE id = :t"), {"t": till.id})
    tx.execute(
        text("INSERT INTO till_epoch (till_id, epoch, receipt_prefix, started_at) VALUES (:t, 2, 'HN01-1-2', :now)"),
        {"t": till.id, "now": LONG_AGO},
    )
    return Anew(tx, place, till)


def test_a_device_that_was_paired_anew_is_not_waited_for(anew: Anew) -> None:
    assert inventory.paired_anew(anew.tx) == [(anew.till.id, anew.place)]
    inventory.end_replaced(anew.tx, till_id=anew.till.id, location_id=anew.place, now=LONG_AGO)
    assert (anew.state(), anew.doubts()) == (("ended", "replaced"), 0)
    assert inventory.paired_anew(anew.tx) == []
    inventory.end_replaced(anew.tx, till_id=anew.till.id, location_id=anew.place, now=LONG_AGO)
    assert anew.state() == ("ended", "replaced")


def test_what_the_old_device_keeps_back_puts_its_branch_in_doubt(anew: Anew) -> None:
    anew.tx.execute(
        text("UPDATE till_epoch SET reported_head_seq = 3 WHERE till_id = :t AND epoch = 1"), {"t": anew.till.id}
    )
    inventory.end_replaced(anew.tx, till_id=anew.till.id, location_id=anew.place, now=LONG_AGO)
    assert (anew.state(), anew.doubts()) == (("ended", "lost"), 1)


def test_whoever_sees_to_a_branch_hears_of_every_exception_and_doubt(anew: Anew) -> None:
    def heard() -> list[tuple[str, str]]:
        rows = anew.tx.execute(text("SELECT topic, key FROM event WHERE topic = 'matters.changed' ORDER BY id"))
        return [(row.topic, row.key) for row in rows]

    inventory.note_exception(anew.tx, kind="short", severity="urgent", refs={}, location_id=anew.place, now=LONG_AGO)
    anew.tx.flush()
    assert heard() == [("matters.changed", str(anew.place))]
    inventory.lose(anew.tx, till_id=anew.till.id, location_id=anew.place, now=LONG_AGO)
    assert heard() == [("matters.changed", str(anew.place))] * 2, "one event, however many balances"
    inventory.close_doubts(anew.tx, reason="lost_till", ref=str(anew.till.id), closed_by="journal", now=LONG_AGO)
    assert len(heard()) >= 3
