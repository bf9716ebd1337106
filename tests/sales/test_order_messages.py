"""What the customer of an online order is told, by which way, and that it is told once and only of what happened."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from placket import inventory
from placket.core import clock
from placket.sales import order_fulfilling
from served import own_database
from shopping import HERE, PHONE, WebShop, a_web_shop

EMAIL = "bao.ngoc@example.com"


@pytest.fixture(scope="module")
def shop() -> Iterator[WebShop]:
    with own_database("order_messages") as database, a_web_shop(database) as made:
        yield made


def placed(shop: WebShop, *lines: tuple[UUID, int], email: str | None = None, **more: Any) -> dict[str, Any]:
    """An order that is confirmed: to be paid on delivery."""
    held = shop.held(*lines, **more)
    recipient = {"phone": PHONE, "name": "Nguyễn Bảo Ngọc", "address": HERE, "email": email}
    return shop.pay(held, recipient=recipient).json()


def told(shop: WebShop, order: dict[str, Any]) -> list[Any]:
    """What was asked for, in order."""
    with shop.database.transaction() as tx:
        query = text("SELECT * FROM message WHERE subject_id = :order ORDER BY asked_at, id")
        return list(tx.execute(query, {"order": order["id"]}).all())


def by(shop: WebShop) -> inventory.By:
    return inventory.By(shop.owner.id)


def pick_all(shop: WebShop, order: dict[str, Any]) -> None:
    for promise in shop.promises(order):
        with shop.database.transaction() as tx:
            order_fulfilling.pick(
                tx, order_id=UUID(order["id"]), promise_id=promise.id, staff_id=shop.owner.id, now=clock.now()
            )


def test_a_shipped_order_is_told_by_mail_when_it_is_placed_and_when_it_leaves(shop: WebShop) -> None:
    shirt, dress = shop.goods(price_vnd=100_000, depot=2), shop.goods(price_vnd=150_000, depot=1)
    order = placed(shop, (shirt, 2), (dress, 1), email=EMAIL)
    pick_all(shop, order)
    shop.ship(order, tracking_no="GHN123")
    shop.ship(order, tracking_no="GHN123")  # asked again it is the same parcel, and no second mail

    first, second = told(shop, order)
    assert [(one.kind, one.channel, one.address) for one in (first, second)] == [
        ("order_placed", "email", EMAIL),
        ("order_shipped", "email", EMAIL),
    ]
    assert (first.facts["code"], first.facts["total_vnd"], first.facts["method"]) == (order["code"], 350_000, "cod")
    assert first.facts["address"] == "Nguyễn Bảo Ngọc, 12 Tràng Tiền, Phường Cửa Nam, Hà Nội"
    assert [(line["qty"], line["total_vnd"]) for line in first.facts["lines"]] == [(2, 200_000), (1, 150_000)]
    assert first.facts["url"].endswith(f"/orders/{order['id']}?key={order['key']}")
    assert (second.facts["carrier"], second.facts["tracking_no"], second.facts["due_vnd"]) == ("GHN", "GHN123", 350_000)


def test_without_a_mail_address_it_is_an_sms(shop: WebShop) -> None:
    order = placed(shop, (shop.goods(depot=1), 1))

    assert [(one.kind, one.channel, one.address) for one in told(shop, order)] == [("order_placed", "sms", "+84901234567")]


def test_nothing_is_told_of_an_order_that_nobody_has_paid(shop: WebShop) -> None:
    order = shop.held((shop.goods(depot=1), 1))
    shop.act(order, "cancel")

    assert told(shop, order) == []


def test_a_piece_that_is_nowhere_is_told_and_so_is_the_end_of_the_order(shop: WebShop) -> None:
    dress = shop.goods(price_vnd=150_000, depot=1)
    order = placed(shop, (dress, 1), email=EMAIL)
    (promise,) = shop.promises(order)
    with shop.database.transaction() as tx:
        order_fulfilling.short(tx, order_id=UUID(order["id"]), promise_id=promise.id, by=by(shop), now=clock.now())
    with shop.database.transaction() as tx:
        inventory.move_on(tx, promise_id=promise.id, now=clock.now())
    shop.work()

    kinds = {one.kind: one.facts for one in told(shop, order)}
    assert list(kinds) == ["order_placed", "order_short", "order_cancelled"]
    assert "amount_vnd" not in kinds["order_short"]  # nothing was paid, so nothing goes back
    assert (kinds["order_cancelled"]["reason"], kinds["order_cancelled"]["is_paid"]) == ("short", False)


def test_the_code_to_fetch_an_order_with_goes_by_mail_and_by_sms(shop: WebShop) -> None:
    shirt = shop.goods(far=1)  # nobody's word is needed where there is no till
    collected = {"kind": "collect", "province_code": None, "location_id": str(shop.far_id)}
    order = shop.held((shirt, 1), fulfilment=collected)
    shop.pay(order, "transfer", recipient={"phone": PHONE, "name": "Ngọc", "address": None, "email": EMAIL})
    with shop.database.transaction() as tx:  # as the bank's call would say
        tx.execute(
            text("UPDATE online_payment SET state = 'received', received_at = now(), ended_at = now() WHERE order_id = :id"),
            {"id": order["id"]},
        )
    shop.work()
    pick_all(shop, order)

    ready = [one for one in told(shop, order) if one.kind == "order_ready"]
    (promise,) = shop.promises(order)
    assert [one.channel for one in ready] == ["email", "sms"]
    assert {one.facts["pick_up_code"] for one in ready} == {promise.code}
    assert ready[0].facts["place"]["name"] == "Chi nhánh SG01"


def test_the_office_sees_what_was_told_and_no_whole_address(shop: WebShop) -> None:
    order = placed(shop, (shop.goods(depot=1), 1), email=EMAIL)

    seen = shop.client.get(f"/api/web-orders/{order['id']}", headers=shop.owner.bearer).json()

    (message,) = seen["messages"]
    assert (message["kind"], message["channel"], message["address"]) == ("order_placed", "email", "ba…@example.com")
    assert message["state"] == "waiting"
