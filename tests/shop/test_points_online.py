"""Points at the web checkout: kept for an order, spent with its parcels, the member's again when it is given up."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import raw
from builders import a_cart
from members import Member, a_member
from placket import inventory, verify
from placket.core import clock
from placket.core.ids import new_id
from placket.sales import order_fulfilling
from served import own_database
from shopping import WebShop, a_web_shop

SHIRT_VND = 100_000


class Bought:
    """A shop in which one member orders."""

    def __init__(self, shop: WebShop, points: int = 300) -> None:
        with shop.database.transaction() as tx:
            self.member: Member = a_member(tx, points=points)
        self.guest = shop
        self.client = httpx.Client(base_url=shop.server.url, timeout=20, headers=self.member.bearer)
        self.shop = replace(shop, client=self.client)

    def points(self) -> tuple[int, int]:
        """The member's balance, and how much of it is kept for an order."""
        query = text(
            "SELECT a.points, (SELECT coalesce(sum(held), 0)::int FROM loyalty_lot WHERE customer_id = :id) "
            "FROM customer_account a WHERE a.customer_id = :id"
        )
        with self.shop.database.transaction() as tx:
            row = tx.execute(query, {"id": self.member.id}).one()
        return row.points, row[1]

    def at_till(self, amount: int, no: int) -> httpx.Response:
        """A till asks for the member's points."""
        body = {"type": "points", "id": str(self.member.id), "amount": amount, "request_no": no, "sale_id": str(new_id())}
        return self.shop.client.post("/api/holds", json=body, headers=self.shop.till.bearer)

    def picked(self, order: dict[str, object]) -> None:
        """Everything of an order is in bags at the depot."""
        with self.shop.database.transaction() as tx:
            for promise in (each for each in self.shop.promises(order) if each.phase == "confirmed"):
                order_fulfilling.pick(
                    tx,
                    order_id=UUID(str(order["id"])),
                    promise_id=promise.id,
                    staff_id=self.shop.owner.id,
                    now=clock.now(),
                )


@pytest.fixture(scope="module")
def web() -> Iterator[WebShop]:
    with own_database("points") as database, a_web_shop(database) as made:
        yield made


@pytest.fixture
def bought(web: WebShop) -> Iterator[Bought]:
    made = Bought(web)
    yield made
    made.client.close()
    web.prove()


def test_a_member_is_told_what_their_points_come_to_and_a_guest_has_none(bought: Bought) -> None:
    shirt = bought.guest.goods(depot=3)

    told = bought.shop.quote((shirt, 1)).json()
    spent = bought.shop.quote((shirt, 1), points=1_000).json()
    little = bought.shop.quote((shirt, 1), points=120).json()
    guest = bought.guest.quote((shirt, 1), points=1_000).json()

    terms = {"free": 300, "least": 10, "most": 300, "point_vnd": 100}
    assert told["points"] == terms | {"used": 0, "value_vnd": 0}
    assert (spent["points"], spent["total_vnd"]) == (terms | {"used": 300, "value_vnd": 30_000}, 70_000)
    assert (little["points"]["used"], little["total_vnd"]) == (120, 88_000)
    assert (guest["points"], guest["total_vnd"]) == (None, SHIRT_VND)
    assert bought.shop.quote((bought.guest.goods(price_vnd=40_000, depot=1), 1)).json()["points"]["most"] == 200


def test_points_are_kept_for_the_order_and_no_till_spends_them(bought: Bought) -> None:
    order = bought.shop.held((bought.guest.goods(depot=1), 1), points=300)

    assert (order["total_vnd"], order["points"]) == (70_000, {"points": 300, "value_vnd": 30_000, "given_back": 0})
    assert bought.points() == (300, 300)
    assert bought.at_till(10, 1).json()["code"] == "not_enough"
    again = bought.shop.client.post("/api/shop/v1/checkout/quote", json=_cart(order)).json()
    assert (again["points"]["free"], again["total_vnd"]) == (300, 70_000)


def _cart(order: dict[str, Any]) -> dict[str, object]:
    """The same cart once more, to replace its order."""
    (line,) = order["lines"]
    return {
        "lines": [{"variant_id": line["variant_id"], "qty": 1}],
        "fulfilment": {"kind": "ship", "province_code": "01"},
        "points": 300,
        "replaces": {"id": order["id"], "key": order["key"]},
    }


@pytest.mark.parametrize("ends", ["cancelled", "expired"])
def test_they_are_free_again_when_nobody_pays(bought: Bought, ends: str) -> None:
    order = bought.shop.held((bought.guest.goods(depot=1), 1), points=200)

    if ends == "cancelled":
        bought.shop.act(order, "cancel")
    else:
        bought.shop.work(later_s=1_000)

    assert (bought.shop.seen(order)["state"], bought.points()) == (ends, (300, 0))
    assert bought.shop.seen(order)["points"] == {"points": 200, "value_vnd": 20_000, "given_back": 200}


def test_each_parcel_spends_its_own_and_a_line_that_is_nowhere_gives_its_own_back(bought: Bought) -> None:
    shirt, dress = bought.guest.goods(depot=1), bought.guest.goods(price_vnd=200_000, depot=1)
    order = bought.shop.confirmed((shirt, 1), (dress, 1), points=300)
    gone = next(promise for promise in bought.shop.promises(order) if promise.variant_id == dress)
    _is_nowhere(bought, order, gone.id)
    assert bought.points() == (300, 100)
    bought.picked(order)
    sale = bought.shop.ship(order)

    seen = bought.shop.seen(order)
    assert (seen["state"], seen["points"]["given_back"], bought.points()) == ("done", 200, (200 + 9, 0))
    assert _entries(bought, sale) == [("spend", -100), ("earn", 9)]  # 90.000 ₫ were really paid


def test_the_points_of_a_line_that_is_cut_go_with_its_parts(bought: Bought) -> None:
    with bought.shop.database.transaction() as tx:
        tx.execute(text("UPDATE location SET opening_hours = '{}' WHERE id = :far"), {"far": bought.shop.far_id})
    order = bought.shop.confirmed((bought.guest.goods(depot=2, far=2), 3), points=299)
    assert ([line["qty"] for line in order["lines"]], bought.points()) == ([2, 1], (300, 299))
    (gone,) = [promise for promise in bought.shop.promises(order) if promise.location_id == bought.shop.far_id]
    _is_nowhere(bought, order, gone.id)
    assert bought.points() == (300, 199)
    bought.picked(order)
    sale = bought.shop.ship(order)

    seen = bought.shop.seen(order)
    assert (seen["state"], seen["points"]["given_back"]) == ("done", 100)
    assert _entries(bought, sale) == [("spend", -199), ("earn", 18)]  # 180.067 ₫ were really paid


def _is_nowhere(bought: Bought, order: dict[str, Any], promise_id: UUID) -> None:
    """What was promised is not found where it should be, nor elsewhere."""
    with bought.shop.database.transaction() as tx:
        by = inventory.By(bought.shop.owner.id)
        order_fulfilling.short(tx, order_id=UUID(order["id"]), promise_id=promise_id, by=by, now=clock.now())
    with bought.shop.database.transaction() as tx:
        inventory.move_on(tx, promise_id=promise_id, now=clock.now())
    bought.shop.work()


def _entries(bought: Bought, sale: UUID) -> list[tuple[str, int]]:
    with bought.shop.database.transaction() as tx:
        rows = tx.execute(text("SELECT kind, points FROM loyalty_entry WHERE ref = :sale ORDER BY id"), {"sale": sale})
        return [(row.kind, row.points) for row in rows]


def test_what_comes_back_at_a_till_brings_its_points_back(bought: Bought) -> None:
    order = bought.shop.confirmed((bought.guest.goods(depot=3), 3), points=300)
    bought.picked(order)
    sale = bought.shop.ship(order)
    assert bought.points() == (27, 0)  # 270.000 ₫ were paid

    for pieces, balance in ((1, 100 + 18), (2, 300)):
        asked = {"lines": [{"sale_id": str(sale), "line_no": 1, "qty": pieces}]}
        quote = bought.shop.client.post("/api/returns/quote", json=asked, headers=bought.shop.till.bearer).json()
        refund_vnd = quote["lines"][0]["refund_vnd"]
        back = {"sale_id": str(sale), "line_no": 1, "qty": pieces, "refund_vnd": refund_vnd}
        body = a_cart(bought.shop.till) | {
            "total_vnd": -refund_vnd,
            "tenders": [{"kind": "cash", "amount_vnd": -refund_vnd}],
            "returns": [back | {"reason": "size", "condition": "sell"}],
        }
        answer = bought.shop.client.post("/api/sales", json=body, headers=bought.shop.till.bearer)
        assert answer.status_code == 201, answer.text
        assert (refund_vnd, bought.points()) == (pieces * 90_000, (balance, 0))


def test_verify_finds_an_order_whose_points_were_let_go(bought: Bought) -> None:
    order = bought.shop.held((bought.guest.goods(depot=1), 1), points=100)

    with Session(bought.shop.database.engine) as tx:
        tx.execute(
            text("UPDATE right_hold SET state = 'freed', ended_at = now() WHERE order_id = :order"), {"order": order["id"]}
        )
        found = {finding.check for finding in verify.prove(raw(tx))}
        tx.rollback()

    assert found == {"orders_keep_their_points", "lots_are_their_entries"}
