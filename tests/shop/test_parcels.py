"""Parcels with a carrier, out and back: labels, tracking, cash on delivery, and returns by courier of both channels."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from builders import Person, a_cart, a_person
from parcelling import SECRET, Van, a_van
from placket.carriers import rules
from placket.carriers.provider import HttpCarrier
from placket.core import clock
from placket.core.ids import new_id
from placket.sales import courier_jobs
from placket.shop.service import accounts
from served import own_database
from shop.test_account import a_customer
from shopping import WebShop, a_web_shop

HOME = {"province_code": "01", "ward": "Phường Cửa Nam", "street": "12 Tràng Tiền"}
SENDER = {"name": "Nguyễn Bảo Ngọc", "phone": "0901234567", "address": HOME}
ACCOUNT = {"bank": "Vietcombank", "account_no": "0123456789", "account_name": "NGUYEN BAO NGOC"}
MEMBER = "+84901234567"


@pytest.fixture(scope="module")
def van(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Van]:
    with a_van(Path(tmp_path_factory.mktemp("van"))) as made:
        yield made


@pytest.fixture(scope="module")
def shop(van: Van) -> Iterator[WebShop]:
    with (
        own_database("parcels") as database,
        a_web_shop(database, CARRIER_URL=van.url, CARRIER_SECRET=SECRET) as made,
    ):
        van.depot.hook, van.database = f"{made.server.url}/api/hooks/carrier", database
        with database.transaction() as tx:
            a_customer(tx)
        yield made


@pytest.fixture(scope="module")
def depot_hand(shop: WebShop) -> Person:
    with shop.database.transaction() as tx:
        return a_person(tx, "warehouse", at=shop.depot_id)


@pytest.fixture(scope="module")
def member(shop: WebShop) -> Iterator[httpx.Client]:
    with shop.database.transaction() as tx:
        made = accounts.make_code(tx, address=MEMBER, place=str(uuid4()), now=clock.now())
    with httpx.Client(base_url=shop.server.url, headers={"x-placket": "1"}, timeout=20) as client:
        client.post("/api/shop/v1/account/session", json={"code_id": str(made.id), "code": made.code})
        yield client


def picked(shop: WebShop, who: Person, order: dict[str, Any]) -> None:
    """All of an order lies in bags at the depot."""
    for task in shop.client.get("/api/order-tasks", headers=who.bearer).json():
        for line in task["lines"] if task["order_id"] == order["id"] else ():
            body = {"promise_id": line["promise_id"]}
            shop.client.post(f"/api/order-tasks/{order['id']}/pick", json=body, headers=who.bearer)


def sent(shop: WebShop, who: Person, order: dict[str, Any]) -> dict[str, Any]:
    """An order leaves the depot with the connected carrier."""
    picked(shop, who, order)
    body = {"location_id": str(shop.depot_id)}
    answer = shop.client.post(f"/api/order-tasks/{order['id']}/ship", json=body, headers=who.bearer)
    assert answer.status_code == 200, answer.text
    return answer.json()


def bought_in_store(shop: WebShop, shirt: UUID, qty: int, tender: str = "card") -> UUID:
    """The member buys at the till."""
    with shop.database.transaction() as tx:
        customer_id = tx.scalars(text("SELECT id FROM customer WHERE phone = :phone"), {"phone": MEMBER}).one()
    cart = a_cart(shop.till, (shirt, qty, 100_000), customer_id=customer_id)
    if tender != "cash":
        cart["tenders"] = [{"kind": tender, "amount_vnd": cart["total_vnd"], "reference": "123456"}]
    answer = shop.client.post("/api/sales", json=cart, headers=shop.till.cashier.bearer)
    assert answer.status_code == 201, answer.text
    return UUID(cart["id"])


def asked_back(member: httpx.Client, sale_id: UUID | str, **more: Any) -> httpx.Response:
    """One piece of a purchase is to be fetched."""
    lines = [{"line_no": 1, "qty": 1, "reason": "size"}]
    body = {"id": str(new_id()), "sale_id": str(sale_id), "lines": lines, "form": "transfer", "pay_to": ACCOUNT}
    return member.post("/api/shop/v1/account/returns", json=body | {"sender": SENDER} | more)


def received(shop: WebShop, who: Person, return_id: str, **line: Any) -> httpx.Response:
    """The depot opens the parcel."""
    body = {"lines": [{"line_no": 1, "qty": 1, "condition": "sell"} | line]}
    return shop.client.post(f"/api/courier-returns/{return_id}/receive", json=body, headers=who.bearer)


def test_an_order_leaves_with_a_label_and_its_customer_follows_it(shop: WebShop, van: Van, depot_hand: Person) -> None:
    order = shop.confirmed((shop.goods(depot=3), 1))
    left = sent(shop, depot_hand, order)
    again = shop.client.post(
        f"/api/order-tasks/{order['id']}/ship", json={"location_id": str(shop.depot_id)}, headers=depot_hand.bearer
    ).json()
    key = f"order-{order['id']}-{shop.depot_id}-1"

    label = httpx.get(left["label_url"]).text
    van.move(key, "picked_up")
    van.move(key, "failed")
    van.move(key, "failed")
    van.move(key, "delivered")

    seen = shop.seen(order)
    (parcel,) = seen["parcels"]
    assert (again["sale_id"], again["tracking_no"]) == (left["sale_id"], left["tracking_no"])
    assert left["tracking_no"] in label
    assert "100.000 ₫" in label, "the courier takes what is due"
    assert (parcel["state"], [step["kind"] for step in parcel["track"]]) == (
        "delivered",
        ["picked_up", "failed", "failed", "delivered"],
    )
    assert seen["payment"]["state"] == "received", "cash on delivery is paid when the carrier says so"
    verbs = [line["verb"] for line in seen["timeline"]]
    assert verbs[-5:] == ["shipped", "in_transit", "delivery_failed", "delivery_failed", "delivered"]
    shop.prove()


def test_nobody_carries_what_is_not_picked(shop: WebShop, van: Van, depot_hand: Person) -> None:
    order, before = shop.confirmed((shop.goods(depot=1), 1)), van.keys()

    answer = shop.client.post(
        f"/api/order-tasks/{order['id']}/ship", json={"location_id": str(shop.depot_id)}, headers=depot_hand.bearer
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "not_all_picked")
    assert van.keys() == before


def test_a_parcel_that_nobody_takes_comes_back_and_no_money_was_taken(shop: WebShop, van: Van, depot_hand: Person) -> None:
    shirt = shop.goods(depot=2)
    order = shop.confirmed((shirt, 1))
    sent(shop, depot_hand, order)
    van.move(f"order-{order['id']}-{shop.depot_id}-1", "returned")

    (back,) = [
        one
        for one in shop.client.get("/api/courier-returns", headers=depot_hand.bearer).json()
        if one["of_code"] == order["code"]
    ]
    answer = received(shop, depot_hand, back["id"]).json()

    assert (back["kind"], back["state"], back["parcel_state"]) == ("undelivered", "booked", "returned")
    assert (answer["state"], answer["form"], answer["refund_vnd"]) == ("done", "cod", 100_000)
    assert shop.stock(shop.depot_id, shirt) == (2, 0)
    assert shop.seen(order)["parcels"][0]["state"] == "sent_back"
    shop.prove()


def test_what_a_member_bought_in_a_store_is_fetched_and_paid_back(
    shop: WebShop, van: Van, depot_hand: Person, member: httpx.Client
) -> None:
    shirt = shop.goods(branch=3, depot=1)
    sale_id = bought_in_store(shop, shirt, 2)
    choice = member.get(f"/api/shop/v1/account/returns/of/{sale_id}").json()
    wanted = {"sale_id": str(sale_id), "lines": [{"line_no": 1, "qty": 1}]}
    quote = member.post("/api/shop/v1/account/returns/quote", json=wanted).json()

    back = asked_back(member, sale_id).json()
    van.move(f"return-{back['id']}", "picked_up")
    van.move(f"return-{back['id']}", "delivered")
    by_number = shop.client.get(
        "/api/courier-returns", params={"q": back["parcel"]["tracking_no"]}, headers=depot_hand.bearer
    ).json()
    taken = received(shop, depot_hand, back["id"]).json()
    again = received(shop, depot_hand, back["id"]).json()

    assert [(line["returnable"], line["reason"]) for line in choice["lines"]] == [(2, None)]
    assert (quote["refund_vnd"], {form["kind"]: form["reason"] for form in quote["forms"]}) == (
        100_000,
        {"card": "other_tender", "transfer": None, "store_credit": None},
    )
    assert (back["code"][:2], back["state"], back["parcel"]["state"]) == ("R-", "booked", "booked")
    assert [one["id"] for one in by_number] == [back["id"]]
    assert (taken["state"], taken["refund_vnd"], taken["refund_state"], again) == ("done", 100_000, "returning", taken)
    assert shop.stock(shop.depot_id, shirt) == (2, 0), "it can be sold at the depot at once"
    with shop.database.transaction() as tx:
        told = tx.execute(text("SELECT kind FROM message WHERE subject_id = :id ORDER BY asked_at"), {"id": back["id"]})
        owed = tx.execute(text("SELECT amount_vnd, reference FROM payment WHERE sale_id = :s"), {"s": taken["sale_id"]})
        assert {row.kind for row in told} == {"return_booked", "return_done"}
        assert [tuple(row) for row in owed] == [(-100_000, "Vietcombank 0123456789 NGUYEN BAO NGOC")]
    (listed,) = [
        one
        for one in shop.client.get("/api/bank/returns", headers=shop.owner.bearer).json()
        if one["till_code"] == back["code"]
    ]
    assert (listed["amount_vnd"], listed["reference"]) == (100_000, "Vietcombank 0123456789 NGUYEN BAO NGOC")
    shop.prove()


def test_an_order_of_the_web_comes_back_damaged_for_store_credit(
    shop: WebShop, depot_hand: Person, member: httpx.Client
) -> None:
    shirt = shop.goods(depot=2)
    order = shop.confirmed((shirt, 1))
    left = sent(shop, depot_hand, order)

    back = asked_back(member, left["sale_id"], form="store_credit", pay_to=None).json()
    taken = received(shop, depot_hand, back["id"], condition="damaged").json()

    assert (taken["state"], taken["refund_vnd"], taken["lines"][0]["condition"]) == ("done", 100_000, "damaged")
    assert shop.stock(shop.depot_id, shirt) == (1, 0), "nobody sells what is damaged"
    assert member.get("/api/shop/v1/account").json()["credit_vnd"] == 100_000
    seen = shop.seen(order)
    assert ([line["returned"] for line in seen["lines"]], seen["timeline"][-1]["verb"]) == ([1], "returned")
    shop.prove()


def test_cash_goes_back_over_a_counter_only(shop: WebShop, member: httpx.Client) -> None:
    sale_id = bought_in_store(shop, shop.goods(branch=1), 1, "cash")

    refused = asked_back(member, sale_id)
    taken = asked_back(member, sale_id, form="store_credit", pay_to=None)

    assert (refused.status_code, refused.json()["code"], refused.json()["facts"]["reason"]) == (
        409,
        "not_by_courier",
        "other_tender",
    )
    assert taken.status_code == 201


def test_a_piece_is_asked_back_once_and_can_be_kept_after_all(shop: WebShop, van: Van, member: httpx.Client) -> None:
    sale_id = bought_in_store(shop, shop.goods(branch=1), 1)
    first = asked_back(member, sale_id).json()
    second = asked_back(member, sale_id)
    kept = member.post(f"/api/shop/v1/account/returns/{first['id']}/cancel").json()
    third = asked_back(member, sale_id).json()
    van.move(f"return-{third['id']}", "picked_up")
    too_late = member.post(f"/api/shop/v1/account/returns/{third['id']}/cancel")

    assert (second.status_code, second.json()["code"]) == (409, "return_already_asked")
    assert (kept["state"], kept["parcel"]["state"]) == ("cancelled", "cancelled")
    assert third["state"] == "booked"
    assert (too_late.status_code, too_late.json()["code"]) == (409, "courier_return_over")


def test_a_piece_that_is_back_at_a_store_gives_no_second_refund(
    shop: WebShop, depot_hand: Person, member: httpx.Client
) -> None:
    sale_id = bought_in_store(shop, shop.goods(branch=1), 1)
    first = asked_back(member, sale_id).json()
    received(shop, depot_hand, first["id"])
    with shop.database.transaction() as tx:
        tx.execute(text("UPDATE courier_return SET state = 'booked', ended_at = NULL WHERE id = :id"), {"id": first["id"]})

    answer = received(shop, depot_hand, first["id"])

    assert (answer.status_code, answer.json()["code"]) == (409, "already_returned")
    with shop.database.transaction() as tx:  # as it was
        tx.execute(text("UPDATE courier_return SET state = 'done', ended_at = now() WHERE id = :id"), {"id": first["id"]})
    shop.prove()


def test_nobody_sends_back_what_another_member_bought(shop: WebShop, depot_hand: Person, member: httpx.Client) -> None:
    stranger = new_id()
    answer = asked_back(member, stranger)

    assert answer.status_code == 404
    elsewhere = shop.client.get(f"/api/courier-returns/{stranger}", headers=depot_hand.bearer)
    assert elsewhere.status_code == 404


def test_a_return_is_booked_later_when_the_carrier_does_not_answer(shop: WebShop, van: Van, member: httpx.Client) -> None:
    sale_id = bought_in_store(shop, shop.goods(branch=1), 1)
    van.depot.is_open = False
    back = asked_back(member, sale_id).json()
    van.depot.is_open = True

    booked = courier_jobs.book_waiting(shop.database, now=clock.now(), carrier=HttpCarrier(van.url))

    assert (back["state"], back["parcel"], booked) == ("asked", None, 1)
    (seen,) = [one for one in member.get("/api/shop/v1/account/returns").json() if one["id"] == back["id"]]
    assert (seen["state"], seen["parcel"]["state"]) == ("booked", "booked")


def test_whoever_is_forgotten_leaves_no_name_on_orders_and_returns(shop: WebShop, van: Van, depot_hand: Person) -> None:
    with shop.database.transaction() as tx:
        guest = a_customer(tx, "+84901234599", "Trần Thị Sen")
    recipient = {"phone": "0901234599", "name": "Trần Thị Sen", "email": "sen@example.com", "note": "Gọi trước"}
    order = shop.held((shop.goods(depot=1), 1))
    shop.pay(order, recipient=recipient | {"address": HOME})
    sent(shop, depot_hand, order)
    route = f"/api/customers/{guest}/erase"
    asked = {"asked_on": clock.business_day(clock.now()).isoformat(), "way": "email", "proof": "own_address"}

    early = shop.client.post(route, json=asked, headers=shop.owner.bearer)
    van.move(f"order-{order['id']}-{shop.depot_id}-1", "delivered")
    done = shop.client.post(route, json=asked, headers=shop.owner.bearer)

    assert (early.status_code, early.json()["facts"]) == (409, {"code": order["code"]})
    assert done.status_code == 200, done.text
    with shop.database.transaction() as tx:
        left = tx.execute(
            text("SELECT name, phone, email, address, note, province_code, total_vnd, state FROM web_order WHERE id = :id"),
            {"id": order["id"]},
        ).one()
        told = tx.scalars(text("SELECT count(*) FROM message WHERE subject_id = :id"), {"id": order["id"]}).one()
    assert tuple(left) == (None, None, None, None, None, "01", 100_000, "done")
    assert told == 0
    assert shop.seen(order)["recipient"] is None
    shop.prove()


def test_what_a_till_sells_from_the_depot_is_a_task_of_the_depot(shop: WebShop, van: Van, depot_hand: Person) -> None:
    shirt = shop.goods(depot=3, branch=1)
    cart = a_cart(shop.till, (shirt, 2, 100_000), source_id=shop.depot_id)
    here = a_cart(shop.till, (shirt, 1, 100_000))
    for each in (cart, here):
        assert shop.client.post("/api/sales", json=each, headers=shop.till.cashier.bearer).status_code == 201

    def tasks() -> list[dict[str, Any]]:
        return shop.client.get("/api/order-tasks/sendings", headers=depot_hand.bearer).json()

    (task,) = tasks()
    route = f"/api/order-tasks/sendings/{task['sale_id']}/{task['location_id']}"
    wanted = {"recipient": {"name": "Chi nhánh HN01", "phone": "", "address": "Hà Nội"}}
    gone = shop.client.post(route, json=wanted, headers=depot_hand.bearer)
    again = shop.client.post(route, json=wanted, headers=depot_hand.bearer)
    by_another = shop.client.post(route, json=wanted, headers=shop.till.cashier.bearer)

    assert (task["sale_id"], [(line["variant_id"], line["qty"]) for line in task["lines"]]) == (
        cart["id"],
        [(str(shirt), 2)],
    )
    assert task["branch"]["name"] == "Chi nhánh HN01"
    assert (gone.status_code, gone.json()["tracking_no"][:2]) == (200, "GN")
    assert van.keys()[0] == f"sending-{cart['id']}-{shop.depot_id}"
    assert (again.json()["code"], by_another.status_code, tasks()) == ("already_sent", 404, [])
    assert shop.stock(shop.depot_id, shirt) == (1, 0)
    shop.prove()


def test_forged_stale_and_repeated_calls_change_nothing(shop: WebShop, depot_hand: Person) -> None:
    order = shop.confirmed((shop.goods(depot=1), 1))
    tracking_no = sent(shop, depot_hand, order)["tracking_no"]
    now = datetime.now(UTC)
    body = f'{{"id": "evt-x", "tracking_no": "{tracking_no}", "kind": "delivered", "at": "{now.isoformat()}"}}'.encode()

    def told(signed: str) -> int:
        headers = {"x-carrier-signature": signed}
        return shop.client.post("/api/hooks/carrier", content=body, headers=headers).status_code

    codes = [told(""), told(rules.signature(body, secret="another", at=now))]
    codes += [told(rules.signature(body, secret=SECRET, at=now)) for _ in range(2)]

    with shop.database.transaction() as tx:
        kept = tx.execute(text("SELECT heard FROM carrier_event WHERE event_id = 'evt-x'")).all()
    assert (codes, [tuple(row) for row in kept]) == ([401, 401, 200, 200], [(2,)])
