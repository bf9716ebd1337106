"""Journey 6, buy online, return in store: two dresses by card with 3-D Secure, one comes back at till B by QR in three taps.

The money is on its way until the provider says that it has arrived: on the till, on the phone and in the office. The piece
can be sold at B at once, and what the provider tells twice changes nothing.
"""

import time

from parcels import on_hand, refunds, send, simulator
from playwright.sync_api import Page, expect
from shoppers import Shopper
from tills import CENTRE, COUNT_TAPS, PIN, Goods, goods_at, person

from stage import Stage

HERE = "HN01"
TAPS = 3


def run(stage: Stage) -> None:
    """Play one round."""
    till = stage.till("B", f"{HERE}-1")
    stage.sign_in_at_till(till, PIN, person(stage, "cashier", HERE))
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    goods = goods_at(stage, till, CENTRE, at_least=4)[stage.round * 2]
    shopper = bought(stage, office, goods)
    order = shopper.order
    before = on_hand(stage, HERE, goods.id)
    with simulator(stage) as stripe:
        stripe.post("/control", json={"held": True})
        comes_back(stage, till, shopper)
        stage.until("the refund waits for the provider", lambda: refunds(stage, order["id"]) == ["pending"])
        expect(till.get_by_test_id("pos.done.refund")).to_have_attribute("data-state", "pending")
        expect(shopper.find("shop.order.refund")).to_contain_text("đang", timeout=20_000)
        stage.shot(till, "B-on-its-way")
        stripe.post("/control", json={"held": False})
        arrives(stage, till, office, shopper, order["id"])
        stripe.post("/control/resend", json={})
        stage.until("everything is told again", lambda: stripe.get("/control").json()["waiting"] == 0, within_s=20)
    stage.check("one refund", holds=refunds(stage, order["id"]) == ["succeeded"])
    stage.check("the piece is on the shelf of B", holds=on_hand(stage, HERE, goods.id) == before + 1)
    sold_again(stage, till, goods)


def bought(stage: Stage, office: Page, goods: Goods) -> Shopper:
    """Two pieces by card with 3-D Secure, sent by the depot."""
    shopper = Shopper(stage)
    for _ in range(2):
        shopper.add(goods)
    shopper.check_out()
    shopper.pay()
    send(stage, office, shopper.order["id"], CENTRE)
    shopper.await_state("done")
    return shopper


def comes_back(stage: Stage, till: Page, shopper: Shopper) -> None:
    """The customer shows the order's QR code: line, reason, refund."""
    code = shopper.find("shop.order.return").locator(".num").inner_text()
    till.evaluate(COUNT_TAPS)
    began = time.monotonic()
    stage.scan(till, code)
    till.get_by_test_id("pos.returns.take").click()
    till.get_by_test_id("pos.returns.reason.unsuitable").click()
    till.get_by_test_id("pos.sale.returned.net").wait_for()
    till.wait_for_timeout(450)  # the pay button's own guard against a stray tap
    stage.shot(till, "B-return")
    till.get_by_test_id("pos.pay.submit").click()
    till.get_by_test_id("pos.done").wait_for()
    stage.measure("taps to return", till.evaluate("window.taps"), limit=TAPS, unit="taps")
    stage.measure("scan to refund asked", (time.monotonic() - began) * 1_000)


def arrives(stage: Stage, till: Page, office: Page, shopper: Shopper, order_id: str) -> None:
    """The provider's word is told on the till, on the phone and in the office, without anybody asking."""
    expect(till.get_by_test_id("pos.done.refund")).to_have_attribute("data-state", "succeeded", timeout=20_000)
    stage.shot(till, "B-arrived")
    expect(shopper.find("shop.order.refund")).to_contain_text("đã hoàn", timeout=20_000)
    stage.shot(shopper.page, "W-refunded")
    office.goto(f"/office/online-orders/{order_id}")
    expect(office.get_by_test_id("office.weborder.refunds")).to_contain_text("Đã hoàn")
    stage.shot(office, "M-refunded")


def sold_again(stage: Stage, till: Page, goods: Goods) -> None:
    """What came back is sold at B at once."""
    till.get_by_test_id("pos.done.close").click()
    stage.scan(till, goods.barcode)
    expect(till.get_by_test_id("pos.sale.line")).to_have_count(1)
    till.wait_for_timeout(450)
    till.keyboard.press("F9")
    till.get_by_test_id("pos.done").wait_for()
