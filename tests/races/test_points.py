"""One balance, many tills at once: what one holds the others do not get, and nobody spends it twice."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import msgspec
from sqlalchemy import text

from books import Line, a_sale, kinds, post
from crowd import Ask, Crowd, Reply, tally
from loyal import less
from members import a_member
from placket import crm, inventory, payments
from placket.core import clock
from placket.core.ids import new_id
from placket.sales import order_fulfilling, order_paying


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


def test_a_hundred_times_a_till_and_the_web_want_the_same_points_and_one_redeems_them(chain) -> None:
    rounds = 100
    (variant_id,) = chain.variants(1, pieces=4 * rounds)
    till = chain.tills[50]
    with chain.database.transaction() as tx:
        members = [a_member(tx, points=300) for _ in range(rounds)]
    line = {"variant_id": str(variant_id), "qty": 1}
    cart = {"lines": [line], "fulfilment": {"kind": "ship", "province_code": "01"}, "points": 300}

    async def play() -> tuple[list[Reply], list[Reply]]:
        held, ordered = [], []
        async with Crowd(chain.ports, 2) as crowd:
            for no, member in enumerate(members, start=1):
                order = cart | {"id": str(new_id()), "expected_total_vnd": 70_000}
                at_till = hold(till, member.id, 300, right="points", no=no)
                web = Ask("POST", "/api/shop/v1/checkout", member.bearer, order)
                one, other = await crowd.all_at_once([at_till, web] if no % 2 else [web, at_till])
                held.append(one if no % 2 else other)
                ordered.append(other if no % 2 else one)
        return held, ordered

    held, ordered = asyncio.run(play())
    won = [(one.status == 201, other.status == 201) for one, other in zip(held, ordered, strict=True)]
    assert set(won) <= {(True, False), (False, True)}, Counter(won)
    assert set(tally(held)) <= {"201", "not_enough"}
    refused = {reply.body["code"] for reply in ordered if reply.status != 201}
    assert refused <= {"not_enough", "price_changed"}

    for member, one, other in zip(members, held, ordered, strict=True):
        if one.status == 201:
            sells_under(chain, till, member.id, variant_id, one.body)
        else:
            leaves(chain, other.body)
    spent = "SELECT customer_id, sum(points) FROM loyalty_entry WHERE kind = 'spend' GROUP BY customer_id"
    with chain.database.transaction() as tx:
        redeemed = dict(tx.execute(text(spent)).all())
    assert [redeemed.get(member.id) for member in members] == [-300] * rounds
    chain.prove()


def sells_under(chain, till, customer_id: UUID, variant_id: UUID, held: dict) -> None:
    """The till that has the points sells a shirt for them and cash."""
    sale = a_sale(till, Line(variant_id, 1, chain.depot_id), customer_id=customer_id, sale_id=UUID(held["sale_id"]))
    spend = {"hold_id": held["hold_id"], "type": "points", "amount": 300, "value_vnd": 30_000}
    with chain.database.transaction() as tx:
        assert kinds(post(tx, msgspec.structs.replace(less(sale, 30_000), spends=[spend]))) == ["accepted"]


def leaves(chain, order: dict) -> None:
    """The order that has them is paid on delivery, picked and sent."""
    order_id, now = UUID(order["id"]), clock.now()
    address = {"province_code": "01", "ward": "Phường Cửa Nam", "street": "12 Tràng Tiền", "old_address": None}
    recipient = order_paying.Recipient("+84901234567", "Trần Bảo Ngọc", None, None, address)
    means = order_paying.Means(None, payments.Currency("vnd", 1))
    order_paying.pay(chain.database, order_id=order_id, recipient=recipient, method="cod", means=means, back_url="", now=now)
    with chain.database.transaction() as tx:
        (promise,) = order_paying.promises_of_order(tx, order_id)
        order_fulfilling.pick(tx, order_id=order_id, promise_id=promise.id, staff_id=chain.web.id, now=now)
        by = inventory.By(chain.web.id)
        order_fulfilling.ship(
            tx, order_id=order_id, location_id=chain.depot_id, carrier="GHN", tracking_no=None, by=by, now=now
        )
