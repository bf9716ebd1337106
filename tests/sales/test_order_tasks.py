"""Branches and depots see to online orders, and the office to those that need somebody; all of it over HTTP."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from builders import Person, a_cart, a_person
from members import a_member
from placket import inventory
from placket.core import clock
from placket.core.ids import new_id
from placket.payments.hook_rules import Credit
from placket.payments.service import incoming
from placket.sales import order_fulfilling
from served import own_database
from shopping import HERE, WebShop, a_web_shop
from waiting import until


@pytest.fixture(scope="module")
def shop() -> Iterator[WebShop]:
    with own_database("order_tasks") as database, a_web_shop(database) as made:
        yield made


@pytest.fixture(scope="module")
def depot_hand(shop: WebShop) -> Person:
    with shop.database.transaction() as tx:
        return a_person(tx, "warehouse", at=shop.depot_id)


def tasks(shop: WebShop, who: Person, order: dict[str, Any]) -> list[dict[str, Any]]:
    """What somebody has to do for an order."""
    found = shop.client.get("/api/order-tasks", headers=who.bearer).json()
    return [task for task in found if task["order_id"] == order["id"]]


def do(shop: WebShop, who: Person, order: dict[str, Any], verb: str, **body: Any) -> Any:
    """Do something about it."""
    return shop.client.post(f"/api/order-tasks/{order['id']}/{verb}", json=body, headers=who.bearer)


def held_at_branch(shop: WebShop, shirt: UUID, qty: int = 1) -> dict[str, Any]:
    """An order to be collected at the branch, whose till has given its word."""
    order = shop.order((shirt, qty), fulfilment={"kind": "collect", "location_id": str(shop.branch_id)}).json()
    with shop.database.transaction() as tx:
        board_no = tx.scalars(text("SELECT board_no FROM location WHERE id = :l"), {"l": shop.branch_id}).one()
        branch = inventory.give_word(tx, till_id=shop.till.id, opening=1, board_no=board_no, head_seq=0, in_hand={})
    if branch is not None:
        with shop.database.transaction() as tx:
            inventory.settle(tx, location_id=branch)
    seen = shop.seen(order)
    assert seen["state"] == "held", seen
    return seen


def to_collect(shop: WebShop, *, pieces: int = 1) -> dict[str, Any]:
    """An order that is paid by transfer and waits to be picked at the branch."""
    order = held_at_branch(shop, shop.goods(branch=pieces))
    asked = shop.pay(order, "transfer").json()
    pays(shop, asked)
    shop.work()
    seen = shop.seen(order)
    assert (seen["state"], seen["payment"]["state"]) == ("confirmed", "received"), seen
    return seen


def pays(shop: WebShop, order: dict[str, Any]) -> None:
    """The bank tells of an order's transfer."""
    credit = Credit(str(new_id()), "0123499999", order["total_vnd"], order["payment"]["qr"]["code"], None, None)
    with shop.database.transaction() as tx:
        assert incoming.record_credit(tx, provider="sepay", credit=credit, now=clock.now()) == "matched"


def test_a_collected_order_is_picked_made_ready_and_handed_over_by_its_code(shop: WebShop) -> None:
    order, cashier = to_collect(shop), shop.till.cashier
    (task,) = tasks(shop, cashier, order)
    (line,) = task["lines"]
    assert (task["state"], line["phase"]) == ("to_pick", "confirmed")
    assert (task["pick_up_code"][:2], len(task["pick_up_code"])) == ("05", 13)
    early = do(shop, cashier, order, "hand-over", location_id=str(shop.branch_id), code=task["pick_up_code"])

    picked = do(shop, cashier, order, "pick", promise_id=line["promise_id"]).json()
    wrong = do(shop, cashier, order, "hand-over", location_id=str(shop.branch_id), code="0500000000017")
    given = do(shop, cashier, order, "hand-over", location_id=str(shop.branch_id), code=task["pick_up_code"])
    again = do(shop, cashier, order, "hand-over", location_id=str(shop.branch_id), code=task["pick_up_code"])

    assert (early.json()["code"], wrong.json()["code"]) == ("not_all_picked", "wrong_code")
    assert (picked["state"], picked["lines"][0]["bag_code"][:2]) == ("ready", "07")
    assert (given.status_code, again.json()) == (200, given.json())
    done = shop.seen(order)
    assert (done["state"], [line["verb"] for line in done["timeline"]][-3:]) == ("done", ["picked", "ready", "collected"])
    sale = shop.client.get(f"/api/sales/{given.json()['sale_id']}", headers=shop.owner.bearer).json()
    assert (sale["receipt_code"], sale["channel"], sale["tenders"]) == (order["code"], "web", ["transfer"])
    shop.prove()


def test_what_nobody_fetches_is_scanned_back_and_paid_back(shop: WebShop) -> None:
    order, cashier = to_collect(shop), shop.till.cashier
    (task,) = tasks(shop, cashier, order)
    do(shop, cashier, order, "pick", promise_id=task["lines"][0]["promise_id"])
    shop.work(later_s=3 * 24 * 3600 + 60)

    over = shop.seen(order)

    assert (over["state"], over["reason"]) == ("cancelled", "no_show")
    assert [one["reason"] for one in over["refunds"]] == ["no_show"]
    assert [promise.phase for promise in shop.promises(order)] == ["to_scan_back"]
    shop.prove()


def test_a_short_pick_goes_on_from_another_place(shop: WebShop, depot_hand: Person) -> None:
    shirt = shop.goods(depot=1, far=3)
    order = shop.confirmed((shirt, 1))
    (task,) = tasks(shop, depot_hand, order)

    left = do(shop, depot_hand, order, "short", promise_id=task["lines"][0]["promise_id"]).json()

    assert [one for one in left if one["order_id"] == order["id"]] == []
    (there,) = tasks(shop, shop.owner, order)
    assert (there["location_name"], there["state"]) == ("Chi nhánh SG01", "to_pick")
    assert shop.seen(order)["state"] == "confirmed"
    assert (shop.stock(shop.depot_id, shirt), shop.stock(shop.far_id, shirt)) == ((1, 0), (3, 1))
    shop.prove()


def test_nobody_sees_to_another_places_orders(shop: WebShop, depot_hand: Person) -> None:
    order = to_collect(shop)
    (task,) = tasks(shop, shop.till.cashier, order)

    assert tasks(shop, depot_hand, order) == []
    assert do(shop, depot_hand, order, "pick", promise_id=task["lines"][0]["promise_id"]).status_code == 404
    assert shop.client.get(f"/api/web-orders/{order['id']}", headers=depot_hand.bearer).status_code == 404


def test_the_office_sees_an_order_whole_and_cancels_what_has_not_left(shop: WebShop) -> None:
    order = to_collect(shop)
    wanted = {"view": "to_do", "q": order["code"]}
    listed = shop.client.get("/api/web-orders", params=wanted, headers=shop.owner.bearer).json()
    whole = shop.client.get(f"/api/web-orders/{order['id']}", headers=shop.owner.bearer).json()

    gone = shop.client.post(
        f"/api/web-orders/{order['id']}/cancel", json={"reason": "Khách gọi hủy"}, headers=shop.owner.bearer
    ).json()

    assert [(one["code"], one["needs"], one["places"]) for one in listed["items"]] == [
        (order["code"], ["to_do"], ["Chi nhánh HN01"])
    ]
    assert (whole["back_vnd"], [one["method"] for one in whole["attempts"]]) == (100_000, ["transfer"])
    assert (gone["seen"]["state"], [(one["state"], one["reason"]) for one in gone["refunds"]]) == (
        "cancelled",
        [("requested", "cancelled")],
    )
    counts = shop.client.get("/api/web-orders/counts", headers=shop.owner.bearer).json()
    assert counts["payment_trouble"] >= 1  # a transfer goes back by somebody's hand
    refund = gone["refunds"][0]["id"]
    settled = shop.client.post(
        f"/api/web-orders/refunds/{refund}/settle", json={"note": "Đã chuyển khoản FT123"}, headers=shop.owner.bearer
    )
    assert (settled.status_code, shop.seen(order)["refunded_vnd"]) == (204, 100_000)
    shop.prove()


@pytest.mark.parametrize("who", ["customer", "office"])
def test_whoever_cancels_while_somebody_else_does_finds_it_cancelled(shop: WebShop, who: str) -> None:
    order = shop.confirmed((shop.goods(depot=1), 1))
    office = f"/api/web-orders/{order['id']}/cancel"

    def press() -> httpx.Response:
        if who == "customer":
            return shop.act(order, "cancel")
        return shop.client.post(office, json={"reason": "Khách gọi hủy"}, headers=shop.owner.bearer)

    with ThreadPoolExecutor(1) as pool:
        with shop.database.transaction() as tx:
            order_fulfilling.cancel(tx, order_id=UUID(order["id"]), now=clock.now(), staff_id=shop.owner.id)
            pressed = pool.submit(press)
            until(shop.is_waiting, within_s=10)
        answer = pressed.result(timeout=20)
    assert answer.status_code == 200, answer.text
    assert shop.seen(order)["state"] == "cancelled"
    shop.prove()


def test_a_transfer_that_is_not_paid_in_time_ends_with_its_order(shop: WebShop) -> None:
    order = held_at_branch(shop, shop.goods(branch=1))
    asked = shop.pay(order, "transfer").json()
    assert asked["payment"]["qr"]["account_no"] == "0123499999"
    shop.work(later_s=11 * 60)

    over = shop.seen(order)

    assert (over["state"], over["payment"]["state"], over["payment"]["qr"]) == ("expired", "expired", None)
    state = "SELECT state FROM payment_request WHERE cart_id = CAST(:order AS uuid)"
    with shop.database.transaction() as tx:
        assert tx.scalar(text(state), {"order": order["id"]}) == "cancelled"
    shop.prove()


def test_the_last_piece_goes_to_the_web_or_to_the_till_never_to_both(shop: WebShop) -> None:
    sold, promised = 0, 0
    for _ in range(6):
        shirt = shop.goods(depot=1)
        cart = a_cart(shop.till, (shirt, 1, 100_000), source_id=shop.depot_id)
        answers: dict[str, int] = {}
        barrier = threading.Barrier(2)

        def buy(cart: dict[str, Any], answers: dict[str, int], barrier: threading.Barrier) -> None:
            barrier.wait()
            answers["till"] = shop.client.post("/api/sales", json=cart, headers=shop.till.bearer).status_code

        def order(shirt: UUID, answers: dict[str, int], barrier: threading.Barrier) -> None:
            barrier.wait()
            made = shop.order((shirt, 1), total_vnd=100_000).json()
            answers["web"] = 201 if made.get("state") == "held" else 409

        both = [
            threading.Thread(target=buy, args=(cart, answers, barrier)),
            threading.Thread(target=order, args=(shirt, answers, barrier)),
        ]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        if answers["till"] != 201:
            shop.till.last_receipt_no -= 1
        sold += answers["till"] == 201
        promised += answers["web"] == 201
        assert sorted(answers.values()) == [201, 409], answers
    assert sold + promised == 6
    shop.prove()


def test_whoever_serves_a_customer_sees_what_they_have_ordered_on_the_web(shop: WebShop) -> None:
    with shop.database.transaction() as tx:
        ngoc = a_member(tx, points=0, phone="+84908111222").id
    recipient = {"phone": "0908111222", "name": "Nguyễn Bảo Ngọc", "address": None}
    order = held_at_branch(shop, shop.goods(branch=3))
    cashier = shop.till.cashier

    def seen() -> list[tuple[str, str, str | None]]:
        found = shop.client.get(f"/api/customers/{ngoc}/purchases", headers=shop.owner.bearer).json()["open_orders"]
        return [(one["code"], one["step"], one["location_name"]) for one in found]

    assert seen() == []  # nobody has said yet whose it is
    asked = shop.pay(order, "transfer", recipient=recipient).json()
    pays(shop, asked)
    shop.work()
    sent = shop.held((shop.goods(depot=1), 1))
    shop.pay(sent, recipient=recipient | {"address": HERE})
    assert seen() == [(sent["code"], "in_work", None), (order["code"], "in_work", "Chi nhánh HN01")]

    (task,) = tasks(shop, cashier, order)
    do(shop, cashier, order, "pick", promise_id=task["lines"][0]["promise_id"])
    assert seen()[1][1] == "ready"
    do(shop, cashier, order, "hand-over", location_id=str(shop.branch_id), code=task["pick_up_code"])
    shop.act(sent, "cancel")
    assert seen() == []
