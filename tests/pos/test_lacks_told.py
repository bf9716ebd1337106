"""What the depot cannot find, on a till: the stream tells of each step, and nobody has to look again."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from builders import PIN, a_cart, a_person, a_style
from journeys.stage import chromium
from pos.conftest import Counter, a_member
from served import own_database
from shopping import WebShop, a_web_shop

TOLD_MS = 10_000


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[WebShop, Counter]]:
    with own_database("lacks_told") as database, a_web_shop(database) as shop, chromium() as (_, browser):
        with database.transaction() as tx:
            tx.execute(text("UPDATE location SET opening_hours = '{}' WHERE kind = 'branch'"))
            cashier = a_person(tx, "cashier", at=shop.branch_id, pin=PIN)
            shirts = a_style(tx)
            member = a_member(tx, shop.branch_id, shirts, cashier.id)
        yield shop, Counter(shop.server.url, database, browser, shop.branch_id, shop.far_id, shirts, member)


def missing(shop: WebShop, shirt: UUID) -> dict[str, Any]:
    """The till sells a piece of the depot, and whoever looks there does not find it."""
    cart = a_cart(shop.till, (shirt, 1, 100_000), source_id=shop.depot_id)
    assert shop.client.post("/api/sales", json=cart, headers=shop.till.bearer).status_code == 201
    route = f"/api/order-tasks/sendings/{cart['id']}/{shop.depot_id}/short"
    answer = shop.client.post(route, json={"line_no": 1, "qty": 1}, headers=shop.owner.bearer)
    assert answer.status_code == 204, answer.text
    return cart


def test_a_till_is_told_at_once_of_what_is_nowhere_what_was_found_and_what_was_seen_to(
    told: tuple[WebShop, Counter],
) -> None:
    shop, counter = told
    page = counter.open_till()
    button = page.get_by_test_id("pos.shell.pickups")
    expect(button).to_have_count(0)

    cart = missing(shop, shop.goods(depot=1))
    button.click(timeout=TOLD_MS)
    rows = page.get_by_test_id("pos.pickups.lacks").locator("li")
    expect(rows).to_have_attribute("data-state", "nowhere", timeout=TOLD_MS)
    (lack,) = shop.client.get("/api/order-tasks/lacks", headers=shop.owner.bearer).json()
    assert lack["sale_id"] == cart["id"]
    pay_to = {"bank": "Vietcombank", "account_no": "0123456789", "account_name": "NGUYEN BAO NGOC"}
    refund = {"form": "transfer", "pay_to": pay_to}
    given = shop.client.post(f"/api/order-tasks/lacks/{lack['id']}/refund", json=refund, headers=shop.owner.bearer)
    assert given.status_code == 200, given.text
    expect(rows).to_have_count(0, timeout=TOLD_MS)

    missing(shop, shop.goods(depot=1, far=1))
    expect(rows).to_have_attribute("data-state", "found", timeout=TOLD_MS)
    counter.close()
    shop.prove()


def test_the_branch_that_sold_it_hears_what_another_place_promises_for_it(told: tuple[WebShop, Counter]) -> None:
    shop, _ = told
    cart = missing(shop, shop.goods(depot=1, far=1))
    query = text(
        """
        SELECT e.topic, e.location_id, e.payload ->> 'phase' AS phase
          FROM event e JOIN sending_lack m ON e.payload ->> 'ref' = m.id::text OR e.key = m.id::text
         WHERE m.sale_id = :sale ORDER BY e.id
        """
    )
    with shop.database.transaction() as tx:
        heard = {tuple(row) for row in tx.execute(query, {"sale": cart["id"]})}
    assert heard == {
        ("lack.changed", shop.branch_id, None),
        ("lack.changed", shop.depot_id, None),
        ("promise.changed", shop.branch_id, "confirmed"),
        ("promise.changed", shop.far_id, "confirmed"),
    }
