"""The desk answers everybody: a bad sale never fails its neighbours, a full desk says so, a closing desk keeps its word."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from books import Line, a_sale, count, on_hand, prove
from builders import TillAtWork, a_branch, a_style, a_till, stocked
from placket.core.db import Database
from placket.core.ids import new_id
from placket.sales import Busy, Outcome, PostingDesk, SaleToPost, UnknownReference
from placket.sales import desk as desk_module

TILLS = 12


@dataclass
class Room:
    """A desk's database, with a dozen tills of one branch and a hundred shirts."""

    database: Database
    branch_id: UUID
    tills: list[TillAtWork]
    shirt: UUID

    def post(self, *sales: SaleToPost) -> list[Outcome | BaseException]:
        """Hand all of them to a desk in one moment; answers what each caller got."""

        async def handed_in() -> list[Outcome | BaseException]:
            desk = PostingDesk(self.database.url)
            await desk.start()
            answers = await asyncio.gather(*(desk.post(sale) for sale in sales), return_exceptions=True)
            await desk.stop()
            return answers

        return asyncio.run(handed_in())


@pytest.fixture
def room(fresh: Database) -> Iterator[Room]:
    with fresh.transaction() as tx:
        branch_id = a_branch(tx)
        shirt = a_style(tx, price_vnd=100_000).one
        first = a_till(tx, branch_id)
        tills = [first, *(a_till(tx, branch_id, cashier=first.cashier.id) for _ in range(TILLS - 1))]
        stocked(tx, branch_id, {shirt: 100})
    room = Room(fresh, branch_id, tills, shirt)
    yield room
    prove(fresh)


def test_sales_that_wait_together_are_all_posted(room: Room) -> None:
    answers = room.post(*(a_sale(till, Line(room.shirt, 2)) for till in room.tills))
    assert [answer.kind for answer in answers] == ["accepted"] * TILLS
    with room.database.transaction() as tx:
        assert on_hand(tx, room.branch_id, room.shirt) == 100 - 2 * TILLS


def test_a_bad_sale_never_fails_its_neighbours(room: Room) -> None:
    sales = [a_sale(till, Line(room.shirt, 1)) for till in room.tills]
    sales[3] = a_sale(room.tills[3], Line(room.shirt, 1), customer_id=new_id(), receipt_no=1)
    sales[7] = a_sale(room.tills[7], Line(new_id(), -1, returns=(new_id(), 1)), receipt_no=1)
    answers = room.post(*sales)
    assert isinstance(answers[3], UnknownReference)
    assert isinstance(answers[7], UnknownReference)
    accepted = [place for place, answer in enumerate(answers) if isinstance(answer, Outcome) and answer.kind == "accepted"]
    assert accepted == [0, 1, 2, 4, 5, 6, 8, 9, 10, 11]


def test_a_refused_sale_is_answered_among_accepted_ones(room: Room) -> None:
    answers = room.post(
        a_sale(room.tills[0], Line(room.shirt, 99)),
        a_sale(room.tills[1], Line(room.shirt, 2)),
        a_sale(room.tills[2], Line(room.shirt, 1)),
    )
    assert [answer.kind for answer in answers] == ["accepted", "out_of_stock", "accepted"]


def test_sales_of_one_till_are_posted_in_their_order(room: Room) -> None:
    answers = room.post(*(a_sale(room.tills[0], Line(room.shirt, 1)) for _ in range(10)))
    assert [answer.facts["receipt_code"][-2:] for answer in answers] == [f"{number:02d}" for number in range(1, 11)]


def test_a_refused_sale_holds_up_the_numbers_behind_it(room: Room) -> None:
    """The till gave number 1 to a sale that was refused: number 2 must not be written before 1 is used."""
    answers = room.post(a_sale(room.tills[0], Line(room.shirt, 101)), a_sale(room.tills[0], Line(room.shirt, 1)))
    assert [answer.kind for answer in answers] == ["out_of_stock", "receipt_gap"]


def test_a_full_desk_says_that_it_is_busy(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "WAITING_MAX", 5)
    answers = room.post(*(a_sale(till, Line(room.shirt, 1)) for till in room.tills))
    busy = [answer for answer in answers if isinstance(answer, Busy)]
    assert len(busy) == TILLS - 5
    assert all(refusal.facts == {"retry_after_s": 1} for refusal in busy)
    with room.database.transaction() as tx:
        assert count(tx, "sale") == 5


def test_a_closed_desk_refuses(room: Room) -> None:
    async def late() -> None:
        desk = PostingDesk(room.database.url)
        await desk.start()
        await desk.stop()
        await desk.post(a_sale(room.tills[0], Line(room.shirt, 1)))

    with pytest.raises(Busy):
        asyncio.run(late())


def test_a_closing_desk_answers_everybody_truly(room: Room) -> None:
    """Whoever was accepted is in the books, whoever was told "busy" is not."""

    async def closing() -> list[Outcome | BaseException]:
        desk = PostingDesk(room.database.url)
        await desk.start()
        waiting = [asyncio.create_task(desk.post(a_sale(till, Line(room.shirt, 1)))) for till in room.tills]
        await asyncio.sleep(0)
        await desk.stop()
        return await asyncio.gather(*waiting, return_exceptions=True)

    answers = asyncio.run(closing())
    accepted = [answer for answer in answers if isinstance(answer, Outcome)]
    assert all(isinstance(answer, Busy) for answer in answers if not isinstance(answer, Outcome))
    with room.database.transaction() as tx:
        assert count(tx, "sale") == len(accepted)


def test_a_caller_who_has_gone_disturbs_nobody(room: Room) -> None:
    async def impatient() -> Outcome:
        desk = PostingDesk(room.database.url)
        await desk.start()
        gone = asyncio.create_task(desk.post(a_sale(room.tills[0], Line(room.shirt, 1))))
        await asyncio.sleep(0)
        gone.cancel()
        outcome = await desk.post(a_sale(room.tills[1], Line(room.shirt, 1)))
        await desk.stop()
        return outcome

    assert asyncio.run(impatient()).kind == "accepted"
    with room.database.transaction() as tx:
        assert count(tx, "sale") == 2


def test_a_lost_connection_is_made_anew_and_the_sale_is_posted_once(room: Room) -> None:
    async def interrupted() -> list[str]:
        desk = PostingDesk(room.database.url)
        await desk.start()
        kinds = [(await desk.post(a_sale(room.tills[0], Line(room.shirt, 1)))).kind]
        with psycopg.connect(room.database.url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        kinds.append((await desk.post(a_sale(room.tills[0], Line(room.shirt, 1)))).kind)
        await desk.stop()
        return kinds

    assert asyncio.run(interrupted()) == ["accepted", "accepted"]
    with room.database.transaction() as tx:
        assert count(tx, "sale") == 2


def test_a_row_that_stays_locked_delays_a_sale_and_does_not_lose_it(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is let go when the desk, tired of waiting, has told its log that it tries again."""
    tired = threading.Event()
    monkeypatch.setattr(desk_module.log, "warning", lambda *_args, **_facts: tired.set())
    monkeypatch.setattr(desk_module, "PAUSES_S", (0.01,) * 3)

    def hold(locked: threading.Event) -> None:
        with psycopg.connect(room.database.url) as other:
            other.execute("SELECT 1 FROM stock FOR UPDATE")
            locked.set()
            assert tired.wait(30)

    locked = threading.Event()
    holding = threading.Thread(target=hold, args=[locked])
    holding.start()
    assert locked.wait(30)
    (answer,) = room.post(a_sale(room.tills[0], Line(room.shirt, 1)))
    holding.join()
    assert answer.kind == "accepted"
    assert tired.is_set()


def test_without_a_database_the_desk_says_busy(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "PAUSES_S", (0.0, 0.0))

    async def nowhere() -> None:
        desk = PostingDesk("postgresql://nobody@127.0.0.1:1/nothing")
        await desk.start()
        try:
            await desk.post(a_sale(room.tills[0], Line(room.shirt, 1)))
        finally:
            await desk.stop()

    with pytest.raises(Busy):
        asyncio.run(nowhere())


def test_two_tills_with_one_id_are_answered_one_after_the_other(room: Room) -> None:
    """An id is claimed by whoever is first in the batch; the other hears that it is taken."""
    sale_id = new_id()
    answers = room.post(
        a_sale(room.tills[0], Line(room.shirt, 1), sale_id=sale_id),
        a_sale(room.tills[1], Line(room.shirt, 1), sale_id=sale_id),
        a_sale(room.tills[2], Line(room.shirt, 1)),
    )
    assert [answer.kind for answer in answers] == ["accepted", "sale_id_reused", "accepted"]
    with room.database.transaction() as tx:
        assert tx.scalar(text("SELECT pieces FROM sale WHERE id = :id"), {"id": sale_id}) == 1
