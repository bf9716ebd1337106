"""One balance, many tills at once: what one holds the others do not get, and nobody spends it twice."""

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from books import Line, a_sale, kinds, post
from crowd import Ask, Crowd, Reply, tally
from placket import crm
from placket.core import clock
from placket.core.ids import new_id


def all_at_once(chain, asks: list[Ask]) -> list[Reply]:
    async def run() -> list[Reply]:
        async with Crowd(chain.ports, len(asks)) as crowd:
            return await crowd.all_at_once(asks)

    return asyncio.run(run())


def somebody(chain, *, shirts: int = 0, credit_vnd: int = 0) -> UUID:
    """A customer with the points of some shirts bought a month ago, and credit."""
    (variant_id,) = chain.variants(1, pieces=shirts + 1)
    till, now = chain.tills[0], clock.now()
    with chain.database.transaction() as tx:
        made = crm.create_customer(
            tx,
            customer_id=new_id(),
            details=crm.Details("Trần Bảo Ngọc", f"09{new_id().int % 10**8:08d}"),
            home_location_id=till.location_id,
            agreed=[crm.Agreed("loyalty", granted=True, text_version="v1")],
            channel="till",
            by=crm.By(None),
            now=now,
        )
        if shirts:
            line = Line(variant_id, shirts, chain.depot_id)
            assert kinds(post(tx, a_sale(till, line, customer_id=made.id, at=now - timedelta(days=30)))) == ["accepted"]
        if credit_vnd:
            issued = {"customer_id": made.id, "reason": "Đền bù", "by": crm.By(None), "now": now}
            crm.issue_credit(tx, issue_id=new_id(), amount_vnd=credit_vnd, **issued)
        return made.id


def hold(till, customer_id: UUID, amount: int, *, right: str, no: int = 1, sale_id: UUID | None = None) -> Ask:
    body = {"type": right, "id": str(customer_id), "amount": amount, "request_no": no, "sale_id": str(sale_id or new_id())}
    return Ask("POST", "/api/holds", till.bearer, body)


def test_ten_tills_ask_for_the_same_points_and_as_many_get_them_as_there_are(chain) -> None:
    customer_id = somebody(chain, shirts=10)
    replies = all_at_once(chain, [hold(till, customer_id, 30, right="points") for till in chain.tills[20:30]])
    assert tally(replies) == {"201": 3, "not_enough": 7}
    chain.prove()


def test_one_request_sent_twenty_times_is_one_hold(chain) -> None:
    customer_id = somebody(chain, credit_vnd=500_000)
    ask = hold(chain.tills[31], customer_id, 200_000, right="store_credit")
    replies = all_at_once(chain, [ask] * 20)
    assert tally(replies) == {"201": 20}
    assert len({reply.body["hold_id"] for reply in replies}) == 1
    chain.prove()


def test_two_tills_spend_one_credit_at_once_and_it_is_spent_once(chain) -> None:
    customer_id = somebody(chain, credit_vnd=100_000)
    (variant_id,) = chain.variants(1, pieces=10)
    tills = chain.tills[40:42]
    asks = [chain.sale(till, (variant_id, 1)) for till in tills]
    held = all_at_once(
        chain,
        [
            hold(till, customer_id, 100_000, right="store_credit", sale_id=UUID(ask.body["id"]))
            for till, ask in zip(tills, asks, strict=True)
        ],
    )
    assert tally(held) == {"201": 1, "not_enough": 1}
    (won,) = [reply.body["hold_id"] for reply in held if reply.status == 201]
    for ask in asks:  # the one that was refused tries with the other's hold
        tender = {"kind": "store_credit", "amount_vnd": 100_000, "reference": won}
        ask.body.update(customer_id=str(customer_id), tenders=[tender], rounding_vnd=0)
    replies = all_at_once(chain, asks)
    chain.take_numbers_back(asks, replies)
    assert tally(replies) == {"201": 1, "hold_gone": 1}
    with chain.database.transaction() as tx:
        row = tx.execute(
            text("SELECT credit_vnd, credit_held_vnd FROM customer_account WHERE customer_id = :id"), {"id": customer_id}
        ).one()
    assert tuple(row) == (0, 0)
    chain.prove()
