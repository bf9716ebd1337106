"""The same thing asked many times at once happens once, and verbs that undo each other never both win."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from books import balance
from crowd import Ask, Crowd, Reply, tally
from placket import inventory
from placket.core import clock


def all_at_once(chain, *asks: Ask) -> list[Reply]:
    async def run() -> list[Reply]:
        async with Crowd(chain.ports, len(asks)) as crowd:
            return await crowd.all_at_once(asks)

    return asyncio.run(run())


@pytest.mark.parametrize("attempt", range(5))
def test_one_sale_posted_fifty_times_is_one_sale_with_fifty_equal_answers(chain, attempt: int) -> None:
    (variant_id,) = chain.variants(1, pieces=100)
    ask = chain.sale(chain.tills[attempt], (variant_id, 1))
    replies = all_at_once(chain, *[ask] * 50)
    assert tally(replies) == {"201": 50}
    assert len({str(reply.body) for reply in replies}) == 1
    with chain.database.transaction() as tx:
        assert balance(tx, chain.depot_id, variant_id) == (99, 0, 0)
        assert tx.scalar(text("SELECT count(*) FROM sale WHERE id = :id"), {"id": UUID(ask.body["id"])}) == 1
    chain.prove()


def test_one_id_with_two_carts_is_one_sale_and_clear_refusals(chain) -> None:
    (variant_id,) = chain.variants(1, pieces=100)
    one, two = (chain.sale(chain.tills[0], (variant_id, qty)) for qty in (1, 2))
    two.body.update(id=one.body["id"], receipt_no=one.body["receipt_no"])
    chain.tills[0].last_receipt_no -= 1
    replies = all_at_once(chain, *[one, two] * 10)
    assert tally(replies) == {"201": 10, "sale_id_reused": 10}
    chain.prove()


def test_one_promise_asked_twenty_times_is_one_promise(chain) -> None:
    (variant_id,) = chain.variants(1, pieces=5)
    replies = all_at_once(chain, *[chain.promise((variant_id, 2))] * 20)
    assert tally(replies) == {"201": 20}
    assert len({str(reply.body) for reply in replies}) == 1
    with chain.database.transaction() as tx:
        assert balance(tx, chain.depot_id, variant_id) == (5, 2, 0)
    chain.prove()


@pytest.mark.parametrize("attempt", range(5))
def test_a_promise_let_go_by_its_owner_and_by_the_clock_is_let_go_once(chain, attempt: int) -> None:
    (variant_id,) = chain.variants(1, pieces=3)
    ask = chain.promise((variant_id, 2))
    with chain.database.transaction() as tx:  # what earlier tests have left is not what is counted here
        inventory.release_expired(tx, now=clock.now() + timedelta(days=1))
    assert tally(all_at_once(chain, ask)) == {"201": 1}
    expired_at = clock.now() + timedelta(hours=1 + attempt)

    def by_the_clock() -> int:
        with chain.database.transaction() as tx:
            return inventory.release_expired(tx, now=expired_at)

    with ThreadPoolExecutor(4) as pool:
        by_clock = [pool.submit(by_the_clock) for _ in range(4)]
        replies = all_at_once(chain, *[chain.release(ask)] * 20)
        for run in by_clock:
            run.result()
    assert tally(replies) == {"204": 20}
    with chain.database.transaction() as tx:
        assert balance(tx, chain.depot_id, variant_id) == (3, 0, 0)
        told = "SELECT count(*) FROM event WHERE payload ->> 'ref' = :ref AND payload ->> 'phase' = 'released'"
        assert tx.scalar(text(told), {"ref": ask.body["id"]}) == 1
    chain.prove()


@pytest.mark.parametrize("attempt", range(8))
def test_a_sale_and_the_void_of_its_id_never_both_win(chain, attempt: int) -> None:
    """Either the sale came first and was undone, or the id was buried and the sale is refused."""
    (variant_id,) = chain.variants(1, pieces=3)
    till = chain.tills[100 + attempt]
    sale = chain.sale(till, (variant_id, 1))
    voids = [void(sale) for _ in range(3)]
    replies = all_at_once(chain, *(voids[: attempt % 3] + [sale] * 3 + voids[attempt % 3 :]))
    assert set(tally(replies)) <= {"200", "201", "sale_voided"}
    with chain.database.transaction() as tx:
        state = tx.scalar(text("SELECT state FROM sale WHERE id = :id"), {"id": UUID(sale.body["id"])})
        assert state == "void"
        assert balance(tx, chain.depot_id, variant_id) == (3, 0, 0)
    chain.prove()


def void(sale: Ask) -> Ask:
    path = f"/api/sales/{sale.body['id']}/void"
    return Ask("POST", path, sale.headers, {"reason": "Khách đổi ý", "receipt_no": sale.body["receipt_no"]})


def test_a_sign_off_and_a_sale_never_both_win(chain) -> None:
    """A sale is either in the books before the till signs off, or it is refused."""
    (variant_id,) = chain.variants(1, pieces=100)
    for till in chain.tills[50:60]:
        sale = chain.sale(till, (variant_id, 1))
        sign_off = Ask("POST", "/api/till/sign-off", till.bearer, {"opening": 1})
        sold, _ = all_at_once(chain, sale, sign_off)
        assert sold.code in {"201", "not_attached"}
        chain.take_numbers_back([sale], [sold])
        (late,) = all_at_once(chain, again := chain.sale(till, (variant_id, 1)))
        assert late.code == "not_attached"
        chain.take_numbers_back([again], [late])
        attach = Ask("POST", "/api/till/attach", till.bearer, {"opening": till.opening + 1})
        assert tally(all_at_once(chain, attach)) == {"200": 1}
        till.opening += 1
    chain.prove()


def test_ten_documents_of_one_id_are_booked_once(chain) -> None:
    (variant_id,) = chain.variants(1, pieces=1)
    gate = threading.Barrier(10)
    document_id = UUID(chain.promise((variant_id, 1)).body["id"])

    def book() -> None:
        gate.wait()
        with chain.database.transaction() as tx:
            inventory.adjust(
                tx,
                document_id=document_id,
                kind="receipt",
                reason="Hàng về",
                location_id=chain.depot_id,
                lines=[inventory.Move(variant_id, 4)],
                by=inventory.By(chain.web.id),
                now=clock.now(),
            )

    with ThreadPoolExecutor(10) as pool:
        runs: list[Any] = [pool.submit(book) for _ in range(10)]
        assert [run.result() for run in runs] == [None] * 10
    with chain.database.transaction() as tx:
        assert balance(tx, chain.depot_id, variant_id) == (5, 0, 0)
    chain.prove()
