"""Online orders in the office, in a real browser: cancelled by amount, paid back by hand, an event applied again."""

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from builders import PASSWORD, a_person
from journeys.stage import chromium
from sales.test_order_tasks import to_collect
from served import own_database
from shopping import WebShop, a_web_shop
from standin import KEY, SECRET, signed
from waiting import until

EMAIL = "chu@lua.vn"
EVENT = {
    "id": "evt_dispute_of_nobody",
    "object": "event",
    "type": "charge.dispute.created",
    "data": {"object": {"id": "dp_1", "object": "dispute", "payment_intent": "pi_of_nobody", "status": "needs_response"}},
}


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[WebShop, Page]]:
    given = {"STRIPE_SECRET_KEY": KEY, "STRIPE_WEBHOOK_SECRET": SECRET}
    with (
        own_database("office_orders") as database,
        a_web_shop(database, **given) as made,
        chromium() as (_, browser),
    ):
        with database.transaction() as tx:
            a_person(tx, "owner", email=EMAIL, password=PASSWORD)
        page = browser.new_context(base_url=made.server.url, locale="vi-VN").new_page()
        page.goto("/office/online-orders")
        page.get_by_test_id("office.sign_in.email").fill(EMAIL)
        page.get_by_test_id("office.sign_in.password").fill(PASSWORD)
        page.get_by_test_id("office.sign_in.submit").click()
        page.get_by_test_id("office.rail.profile").wait_for()
        yield made, page
        page.context.close()


def test_an_order_is_cancelled_paid_back_by_hand_and_an_event_applied_again(shop: tuple[WebShop, Page]) -> None:
    made, page = shop
    order = to_collect(made)
    page.get_by_test_id("office.weborders.search").fill(order["code"])
    page.get_by_test_id("office.weborders.table").get_by_text(order["code"]).click()
    page.get_by_test_id("office.weborder.cancel").click()
    expect(page.get_by_test_id("office.weborder.submit")).to_have_text("Hủy và hoàn 100.000\u00a0₫")
    page.get_by_test_id("office.weborder.submit").click()
    expect(page.get_by_text("Viết ít nhất 3 ký tự.")).to_be_visible()
    page.get_by_test_id("office.weborder.reason").fill("Khách gọi hủy")
    page.get_by_test_id("office.weborder.submit").click()
    expect(page.get_by_test_id("office.weborder.state")).to_have_text("Đã hủy")
    page.get_by_test_id("office.refund.settle").click()
    page.get_by_test_id("office.refund.note").fill("Đã chuyển khoản FT123")
    page.get_by_test_id("office.refund.submit").click()
    expect(page.get_by_test_id("office.weborder.refunds")).to_contain_text("Đã chuyển khoản FT123")
    assert made.seen(order)["refunded_vnd"] == 100_000

    body = json.dumps(EVENT | {"created": int(time.time())}).encode()
    assert made.client.post("/api/hooks/stripe", content=body, headers=signed(body)).status_code == 200
    page.goto("/office/payments?part=online")
    page.get_by_test_id("office.payments.replay").first.click()
    expect(page.get_by_text("Đã áp dụng lại.", exact=True)).to_be_visible()
    tries = "SELECT tries FROM provider_event WHERE event_id = 'evt_dispute_of_nobody'"
    with made.database.transaction() as tx:
        assert tx.scalar(text(tries)) == 1
    until(lambda: page.get_by_test_id("office.payments.events").get_by_text("Chờ biết khoản trả").count() == 1)
    made.prove()
