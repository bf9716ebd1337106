"""A line that no single place has whole: cut over places, kept, sent, given back and paid for part by part."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from builders import stocked
from placket import inventory
from placket.core import clock
from placket.core.ids import new_id
from placket.core.money import vat_within
from placket.sales import order_fulfilling
from placket.sales.order_rules import OrderedLine, Source, Wanted, cover
from placket.sales.order_splitting import cut
from sales.test_web_orders import word
from served import own_database
from shopping import WebShop, a_web_shop

PLACES = [UUID(int=place) for place in range(1, 6)]
GOODS = [UUID(int=100 + each) for each in range(3)]


@st.composite
def ordered(draw: st.DrawFn) -> tuple[OrderedLine, int]:
    """A line with promotions piece by piece and points over all of them, and its VAT."""
    qty, unit_vnd = draw(st.integers(2, 9)), draw(st.integers(1_000, 2_000_000))
    left = [unit_vnd] * qty
    discounts: list[dict[str, Any]] = []
    for no in range(draw(st.integers(0, 2))):
        shares = [draw(st.integers(0, vnd)) for vnd in left]
        if sum(shares):
            left = [vnd - share for vnd, share in zip(left, shares, strict=True)]
            who = {"promotion_id": str(UUID(int=no)), "promotion_version": 1}
            discounts.append({"kind": "promotion", "amount_vnd": sum(shares), "shares_vnd": shares, **who})
    by_points = draw(st.integers(0, sum(left)))
    if by_points:
        discounts.append({"kind": "points", "amount_vnd": by_points})
    numbered = [{"no": no, **part} for no, part in enumerate(discounts, start=1)]
    off = sum(part["amount_vnd"] for part in discounts)
    total_vnd = qty * unit_vnd - off
    return OrderedLine(1, GOODS[0], qty, unit_vnd, off, total_vnd, 800, numbered), vat_within(total_vnd, 800)


@given(ordered(), st.data())
def test_the_parts_of_a_line_sum_to_it(made: tuple[OrderedLine, int], data: st.DataObject) -> None:
    line, vat_vnd = made
    first = data.draw(st.integers(1, line.qty - 1))
    parts = cut(line, vat_vnd=vat_vnd, first=first)

    assert [part.qty for part in parts] == [first, line.qty - first]
    assert sum(part.total_vnd for part in parts) == line.total_vnd
    assert sum(part.vat_vnd for part in parts) == vat_vnd
    for part in parts:
        assert part.total_vnd == part.qty * line.unit_vnd - part.discount_vnd >= 0
        assert part.discount_vnd == sum(each["amount_vnd"] for each in part.discounts)
        assert all(len(each["shares_vnd"]) == part.qty for each in part.discounts if each["kind"] == "promotion")
        assert [each["no"] for each in part.discounts] == list(range(1, len(part.discounts) + 1))
    for whole in line.discounts:
        name = (whole["kind"], whole.get("promotion_id"))
        of_parts = [each for part in parts for each in part.discounts if (each["kind"], each.get("promotion_id")) == name]
        assert sum(each["amount_vnd"] for each in of_parts) == whole["amount_vnd"]


free = st.dictionaries(st.sampled_from(GOODS), st.integers(-1, 4))
wishes = st.lists(
    st.tuples(st.sampled_from(GOODS), st.integers(1, 6)), min_size=1, max_size=3, unique_by=lambda each: each[0]
)


@given(st.lists(free, min_size=1, max_size=5), wishes)
def test_what_the_places_have_together_is_found_and_nobody_is_asked_for_more_than_they_have(
    shelves: list[dict[UUID, int]], wished: list[tuple[UUID, int]]
) -> None:
    sources = [Source(PLACES[no], no == 0, no % 3, no, shelf) for no, shelf in enumerate(shelves)]
    wanted = [Wanted(variant_id, qty) for variant_id, qty in wished]
    asked, lacking = cover(wanted, sources)

    for variant_id, qty in wished:
        there = sum(max(0, shelf.get(variant_id, 0)) for shelf in shelves)
        parts = [part.qty for of_place in asked.values() for part in of_place if part.variant_id == variant_id]
        assert (sum(parts), lacking.count(Wanted(variant_id, qty))) == ((qty, 0) if there >= qty else (0, 1))
        if any(shelf.get(variant_id, 0) >= qty for shelf in shelves):
            assert len(parts) == 1, "what one place has whole is not cut"
    for source in sources:
        for part in asked.get(source.location_id, []):
            assert 0 < part.qty <= source.free[part.variant_id]


@pytest.fixture(scope="module")
def shop() -> Iterator[WebShop]:
    with own_database("cut_lines") as database, a_web_shop(database) as made:
        with database.transaction() as tx:
            tx.execute(text("UPDATE location SET opening_hours = '{}' WHERE kind = 'branch'"))
        yield made


def picked(shop: WebShop, order: dict[str, Any]) -> None:
    """Everything that is kept for an order lies in bags."""
    for place in (shop.depot_id, shop.branch_id, shop.far_id):
        picked_at(shop, order, place)


def picked_at(shop: WebShop, order: dict[str, Any], place: UUID) -> None:
    """Everything that a place keeps for an order lies in bags."""
    for promise in [each for each in shop.promises(order) if each.location_id == place and each.phase == "confirmed"]:
        with shop.database.transaction() as tx:
            order_fulfilling.pick(
                tx, order_id=UUID(order["id"]), promise_id=promise.id, staff_id=shop.owner.id, now=clock.now()
            )


def kept(shop: WebShop, order: dict[str, Any]) -> list[tuple[UUID, int, str]]:
    """Where how many pieces are kept for an order."""
    return sorted(((each.location_id, each.qty, each.phase) for each in shop.promises(order)), key=lambda each: each[1])


def missing(shop: WebShop, order: dict[str, Any], promise: Any) -> None:
    """Somebody looked and did not find a part."""
    by = inventory.By(shop.owner.id)
    with shop.database.transaction() as tx:
        order_fulfilling.short(tx, order_id=UUID(order["id"]), promise_id=promise.id, by=by, now=clock.now())
    with shop.database.transaction() as tx:
        inventory.move_on(tx, promise_id=promise.id, now=clock.now())


def test_the_depot_and_a_branch_send_their_parts_and_the_customer_pays_once(shop: WebShop) -> None:
    shirt = shop.goods(price_vnd=100_001, depot=2, far=2)  # the branch keeps one piece for itself
    quote = shop.quote((shirt, 3)).json()
    order = shop.confirmed((shirt, 3))

    assert (quote["can_order"], quote["lines"][0]["stock"], quote["lines"][0]["left"]) == (True, "few", 3)
    assert kept(shop, order) == [(shop.far_id, 1, "confirmed"), (shop.depot_id, 2, "confirmed")]
    assert [(line["qty"], line["total_vnd"]) for line in order["lines"]] == [(2, 200_002), (1, 100_001)]
    assert {parcel["location_name"]: parcel["lines"] for parcel in order["parcels"]} == {
        "Kho trung tâm": [{"line_no": 1, "qty": 2}],
        "Chi nhánh SG01": [{"line_no": 2, "qty": 1}],
    }
    picked(shop, order)
    for place in (shop.depot_id, shop.far_id):
        sale = shop.ship(order, place=place)
        assert shop.ship(order, place=place) == sale
    done = shop.seen(order)
    assert (done["state"], [parcel["state"] for parcel in done["parcels"]]) == ("done", ["shipped", "shipped"])
    assert (shop.stock(shop.depot_id, shirt), shop.stock(shop.far_id, shirt)) == ((0, 0), (1, 0))
    shop.prove()


def test_what_the_places_together_have_not_got_is_not_ordered(shop: WebShop) -> None:
    shirt = shop.goods(depot=2, far=2)

    refused = shop.order((shirt, 4))

    assert (refused.json()["code"], refused.json()["facts"]["lines"]) == (
        "out_of_stock",
        [{"variant_id": str(shirt), "asked": 4}],
    )
    assert (
        shop.order((shirt, 3), fulfilment={"kind": "collect", "location_id": str(shop.far_id)}).json()["code"]
        == "out_of_stock"
    )
    assert (shop.stock(shop.depot_id, shirt), shop.stock(shop.far_id, shirt)) == ((2, 0), (2, 0))


def test_asked_again_a_cut_order_is_the_same_and_it_costs_the_same(shop: WebShop) -> None:
    shirt, order_id = shop.goods(depot=1, far=2), new_id()
    first, again = shop.order((shirt, 2), order_id=order_id), shop.order((shirt, 2), order_id=order_id)

    assert (again.status_code, again.json()) == (200, first.json())
    assert shop.pay(first.json()).json()["state"] == "confirmed", "its price is that of one line of two pieces"
    shop.prove()


def test_a_branch_that_does_not_answer_leaves_its_part_to_the_next(shop: WebShop) -> None:
    shirt = shop.goods(depot=2, branch=3, far=3)
    order = shop.order((shirt, 4)).json()
    assert (order["state"], order["waiting"]["location_name"]) == ("asking", "Chi nhánh HN01")

    shop.work(later_s=2)

    assert shop.seen(order)["state"] == "held"
    phases = {(each.location_id, each.phase, each.qty) for each in shop.promises(order)}
    assert {each for each in phases if each[1] == "confirmed"} == {
        (shop.depot_id, "confirmed", 2),
        (shop.far_id, "confirmed", 2),
    }
    shop.prove()


def test_parts_that_are_let_go_of_together_are_asked_for_at_one_place_part_by_part(shop: WebShop) -> None:
    shirt = shop.goods(depot=2, far=2)
    order = shop.held((shirt, 3))
    with shop.database.transaction() as tx:  # as if both places had declined in the same moment
        stocked(tx, shop.branch_id, {shirt: 4})
        ids = {"order": order["id"], "now": clock.now()}
        for ref in tx.scalars(text("SELECT ref FROM web_order_question WHERE order_id = :order"), ids).all():
            inventory.release(tx, ref=ref)
        tx.execute(text("UPDATE web_order_question SET state = 'declined' WHERE order_id = :order"), ids)
        tx.execute(text("UPDATE web_order SET state = 'asking', placed_at = :now WHERE id = :order"), ids)
    shop.work()
    word(shop)

    assert shop.seen(order)["state"] == "held"
    here = [each for each in shop.promises(order) if each.location_id == shop.branch_id]
    assert sorted((each.qty, each.phase) for each in here) == [(1, "confirmed"), (2, "confirmed")]
    assert shop.pay(order).json()["state"] == "confirmed"
    picked_at(shop, order, shop.branch_id)
    shop.ship(order, place=shop.branch_id)
    assert (shop.seen(order)["state"], shop.stock(shop.branch_id, shirt)) == ("done", (1, 0))
    shop.prove()


def test_cancelled_every_part_is_free_again(shop: WebShop) -> None:
    shirt = shop.goods(depot=2, far=2)
    order = shop.confirmed((shirt, 3))

    assert shop.act(order, "cancel").json()["state"] == "cancelled"
    assert (shop.stock(shop.depot_id, shirt), shop.stock(shop.far_id, shirt)) == ((2, 0), (2, 0))
    shop.prove()


def test_a_part_that_is_nowhere_goes_back_alone(shop: WebShop) -> None:
    shirt = shop.goods(depot=2, far=2)
    order = shop.confirmed((shirt, 3))
    missing(shop, order, next(each for each in shop.promises(order) if each.location_id == shop.depot_id))
    shop.work()

    seen = shop.seen(order)
    assert [(line["qty"], line["state"]) for line in seen["lines"]] == [(2, "cancelled"), (1, "held")]
    with shop.database.transaction() as tx:
        (left,) = [each for each in shop.promises(order) if each.phase == "confirmed"]
        order_fulfilling.pick(tx, order_id=UUID(order["id"]), promise_id=left.id, staff_id=shop.owner.id, now=clock.now())
    shop.ship(order, place=shop.far_id)
    assert shop.seen(order)["state"] == "done"
    shop.prove()


def test_two_parts_that_meet_at_one_place_leave_in_one_parcel_and_come_back_as_two_lines(shop: WebShop) -> None:
    shirt = shop.goods(depot=2, far=5)
    order = shop.confirmed((shirt, 6))
    assert kept(shop, order) == [(shop.depot_id, 2, "confirmed"), (shop.far_id, 4, "confirmed")]
    with shop.database.transaction() as tx:  # a delivery to the branch, then nobody finds the depot's part
        by = inventory.By(shop.owner.id)
        inventory.adjust(
            tx,
            document_id=new_id(),
            kind="receipt",
            reason="found",
            location_id=shop.far_id,
            lines=[inventory.Move(shirt, 3)],
            by=by,
            now=clock.now(),
        )
    missing(shop, order, next(each for each in shop.promises(order) if each.location_id == shop.depot_id))

    assert kept(shop, order) == [(shop.far_id, 2, "confirmed"), (shop.far_id, 4, "confirmed")]
    picked(shop, order)
    shop.ship(order, place=shop.far_id)
    done = shop.seen(order)

    assert (done["state"], [parcel["lines"] for parcel in done["parcels"]]) == (
        "done",
        [[{"line_no": 1, "qty": 2}, {"line_no": 2, "qty": 4}]],
    )
    assert [line["returned"] for line in done["lines"]] == [0, 0]
    shop.prove()
