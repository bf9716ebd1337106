"""Orders of the web: asked for place by place, held, confirmed, sold parcel by parcel; all of it over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from placket import inventory
from placket.core import clock
from placket.core.ids import new_id
from placket.sales import order_fulfilling, ordering
from served import own_database
from shopping import WebShop, a_web_shop


@pytest.fixture(scope="module")
def shop() -> Iterator[WebShop]:
    with own_database("orders") as database, a_web_shop(database) as made:
        yield made


def test_a_cart_costs_what_the_till_would_say_and_says_what_is_left(shop: WebShop) -> None:
    shirt, dress = shop.goods(price_vnd=199_000, depot=5), shop.goods(price_vnd=350_000, depot=2)

    said = shop.quote((shirt, 1), (dress, 3)).json()

    assert (said["total_vnd"], said["list_vnd"], said["can_order"]) == (1_249_000, 1_249_000, False)
    assert [(line["stock"], line["left"]) for line in said["lines"]] == [("in_stock", None), ("gone", 2)]
    assert [(one["kind"], one["allowed"], one["reason"]) for one in said["methods"]] == [
        ("card", False, "not_offered"),
        ("transfer", True, None),
        ("cod", True, None),
    ]


def test_the_depot_promises_at_once(shop: WebShop) -> None:
    shirt = shop.goods(depot=2)

    made = shop.order((shirt, 2))

    assert made.status_code == 201
    assert (made.json()["state"], made.json()["total_vnd"]) == ("held", 200_000)
    assert shop.stock(shop.depot_id, shirt) == (2, 2)
    assert [p.held_for for p in shop.promises(made.json())] == [made.json()["code"]]


def test_asked_again_it_is_the_same_order(shop: WebShop) -> None:
    shirt, order_id = shop.goods(depot=3), new_id()
    first, again = shop.order((shirt, 1), order_id=order_id), shop.order((shirt, 1), order_id=order_id)

    assert (again.status_code, again.json()) == (200, first.json())
    assert shop.order((shirt, 2), order_id=order_id).json()["code"] == "order_id_reused"
    assert shop.stock(shop.depot_id, shirt) == (3, 1)


def test_another_total_than_expected_orders_nothing_and_tells_the_price(shop: WebShop) -> None:
    shirt = shop.goods(price_vnd=120_000, depot=1)

    refused = shop.order((shirt, 1), total_vnd=100_000)

    assert (refused.status_code, refused.json()["code"]) == (409, "price_changed")
    assert refused.json()["facts"]["quote"]["total_vnd"] == 120_000
    assert shop.stock(shop.depot_id, shirt) == (1, 0)


def test_nobody_sees_an_order_without_its_key(shop: WebShop) -> None:
    order = shop.held((shop.goods(depot=1), 1))

    assert shop.client.get(f"/api/shop/v1/orders/{order['id']}", headers={"x-order-key": "x" * 24}).status_code == 404


def test_what_no_place_has_is_not_ordered(shop: WebShop) -> None:
    shirt, dress = shop.goods(depot=1), shop.goods(depot=1)
    shop.held((dress, 1))

    refused = shop.order((shirt, 1), (dress, 1))

    assert (refused.status_code, refused.json()["code"]) == (409, "out_of_stock")
    assert refused.json()["facts"]["lines"] == [{"variant_id": str(dress), "asked": 1}]
    assert shop.stock(shop.depot_id, shirt) == (1, 0)


def word(shop: WebShop) -> None:
    """The branch's till says that it holds its board."""
    with shop.database.transaction() as tx:
        board_no = tx.scalars(text("SELECT board_no FROM location WHERE id = :l"), {"l": shop.branch_id}).one()
        branch = inventory.give_word(tx, till_id=shop.till.id, opening=1, board_no=board_no, head_seq=0, in_hand={})
    if branch is not None:
        with shop.database.transaction() as tx:
            inventory.settle(tx, location_id=branch)


def test_a_branch_is_asked_for_its_word_and_keeps_one_piece_for_itself(shop: WebShop) -> None:
    shirt = shop.goods(branch=2)

    order = shop.order((shirt, 1)).json()
    assert (order["state"], order["waiting"]["location_name"]) == ("asking", "Chi nhánh HN01")
    word(shop)
    held = shop.seen(order)

    assert (held["state"], held["waiting"]) == ("held", None)
    assert shop.stock(shop.branch_id, shirt) == (2, 1)
    assert shop.order((shirt, 1)).json()["code"] == "out_of_stock"


def test_a_branch_that_does_not_answer_is_left_for_the_next_place(shop: WebShop) -> None:
    shirt = shop.goods(branch=3, far=3)  # the branch in Saigon has no till: while it is closed its books are enough

    order = shop.order((shirt, 1)).json()
    shop.work(later_s=2)

    assert shop.seen(order)["state"] == "held"
    assert (shop.stock(shop.branch_id, shirt), shop.stock(shop.far_id, shirt)) == ((3, 0), (3, 1))


def test_a_place_is_let_go_of_before_the_next_is_locked(shop: WebShop) -> None:
    """Two orders that leave for each other's place would wait in a circle if both places were locked at once."""
    order = shop.order((shop.goods(branch=3, far=3), 1)).json()
    later = clock.now() + timedelta(seconds=2)

    def step() -> tuple[bool, list[str]]:
        with shop.database.transaction() as tx:
            more = ordering.step(tx, order_id=UUID(order["id"]), floor=1, now=later)
            return more, [question.state for question in ordering.questions_of(tx, UUID(order["id"]))]

    assert step() == (True, ["declined"])
    assert step() == (False, ["declined", "kept"])


def test_an_order_nobody_could_promise_whole_gives_everything_back(shop: WebShop) -> None:
    shirt, dress = shop.goods(depot=1), shop.goods(branch=5)

    order = shop.order((shirt, 1), (dress, 1)).json()
    assert order["state"] == "asking"
    shop.work(later_s=5)
    refused = shop.seen(order)

    assert (refused["state"], refused["refused"]) == ("refused", [{"variant_id": str(dress), "asked": 1}])
    assert (shop.stock(shop.depot_id, shirt), shop.stock(shop.branch_id, dress)) == ((1, 0), (5, 0))


def test_a_hold_is_extended_three_times_and_then_ends(shop: WebShop) -> None:
    shirt = shop.goods(depot=1)
    order = shop.held((shirt, 1))

    left = [shop.act(order, "extend").json()["extensions_left"] for _ in range(3)]
    assert (left, shop.act(order, "extend").json()["code"]) == ([2, 1, 0], "no_more_extensions")
    shop.work(later_s=39 * 60)
    assert shop.seen(order)["state"] == "held"
    shop.work(later_s=41 * 60)

    assert shop.seen(order)["state"] == "expired"
    assert shop.stock(shop.depot_id, shirt) == (1, 0)
    assert shop.pay(order).json()["code"] == "hold_over"


def test_a_changed_cart_gives_back_what_the_first_one_held(shop: WebShop) -> None:
    shirt = shop.goods(depot=1)
    first = shop.held((shirt, 1))

    second = shop.order((shirt, 1), total_vnd=100_000, replaces={"id": first["id"], "key": first["key"]})

    assert (second.json()["state"], shop.seen(first)["state"]) == ("held", "cancelled")
    assert shop.stock(shop.depot_id, shirt) == (1, 1)


def test_a_parcel_that_leaves_is_a_sale_under_the_orders_code(shop: WebShop) -> None:
    shirt, dress = shop.goods(price_vnd=100_000, depot=2), shop.goods(price_vnd=150_000, far=3)
    order = shop.confirmed((shirt, 2), (dress, 1))
    for promise in shop.promises(order):
        with shop.database.transaction() as tx:
            order_fulfilling.pick(
                tx, order_id=UUID(order["id"]), promise_id=promise.id, staff_id=shop.owner.id, now=clock.now()
            )
    for place in (shop.depot_id, shop.far_id):
        sale = shop.ship(order, place=place, tracking_no="GHN123")
        assert shop.ship(order, place=place) == sale  # asked again it is the same parcel

    done = shop.seen(order)
    assert done["state"] == "done"
    assert [(parcel["location_name"], parcel["state"]) for parcel in done["parcels"]] == [
        ("Kho trung tâm", "shipped"),
        ("Chi nhánh SG01", "shipped"),
    ]
    assert (shop.stock(shop.depot_id, shirt), shop.stock(shop.far_id, dress)) == ((0, 0), (2, 0))
    with shop.database.transaction() as tx:
        sales = tx.execute(
            text(
                "SELECT s.receipt_code, s.channel, s.total_vnd, y.kind FROM web_order_sale w "
                "JOIN sale s ON s.id = w.sale_id "
                "JOIN payment y ON y.sale_id = s.id WHERE w.order_id = :order ORDER BY w.no"
            ),
            {"order": order["id"]},
        ).all()
    assert [tuple(sale) for sale in sales] == [
        (order["code"], "web", 200_000, "cod"),
        (f"{order['code']}-2", "web", 150_000, "cod"),
    ]
    shop.prove()


def test_a_customer_cancels_until_something_is_picked(shop: WebShop) -> None:
    shirt = shop.goods(depot=2)
    early, late = shop.confirmed((shirt, 1)), shop.confirmed((shirt, 1))
    with shop.database.transaction() as tx:
        (promise,) = shop.promises(late)
        order_fulfilling.pick(tx, order_id=UUID(late["id"]), promise_id=promise.id, staff_id=shop.owner.id, now=clock.now())

    assert shop.act(early, "cancel").json()["state"] == "cancelled"
    assert shop.act(late, "cancel").json()["code"] == "too_late_to_cancel"
    assert shop.stock(shop.depot_id, shirt) == (2, 1)
    assert shop.act(early, "cancel").json()["state"] == "cancelled"
    shop.ship(late)
    assert shop.act(late, "cancel").json()["code"] == "too_late_to_cancel"
    shop.prove()
