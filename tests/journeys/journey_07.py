"""Journey 7, the refund fails: as journey 6, with a card that its bank gives nothing back to.

The till, the phone and the office say so; the office has a task, tries again, and then notes how the customer was paid.
The money is owed until then and counts once.
"""

from parcels import refunds, send
from playwright.sync_api import Page, expect
from shoppers import REFUND_FAILS, Shopper
from tills import CENTRE, PIN, goods_at, person

from stage import Stage

HERE = "HN01"
NOTE = "Trả tiền mặt tại quầy"


def run(stage: Stage) -> None:
    """Play one round."""
    till = stage.till("B", f"{HERE}-1")
    stage.sign_in_at_till(till, PIN, person(stage, "cashier", HERE))
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    shopper = Shopper(stage)
    shopper.add(goods_at(stage, till, CENTRE, at_least=4)[stage.round * 2])
    shopper.check_out()
    shopper.pay(REFUND_FAILS)
    order = shopper.order
    send(stage, office, order["id"], CENTRE)
    shopper.await_state("done")
    comes_back(stage, till, shopper)
    stage.until("the bank refuses", lambda: refunds(stage, order["id"]) == ["failed"], within_s=30)
    expect(till.get_by_test_id("pos.done.refund")).to_have_attribute("data-state", "failed", timeout=20_000)
    stage.shot(till, "B-failed")
    expect(shopper.find("shop.order.refund")).to_contain_text("chưa", timeout=20_000)
    stage.shot(shopper.page, "W-failed")
    tried_again(stage, office, order["id"])
    paid_another_way(stage, office, order["id"])


def comes_back(stage: Stage, till: Page, shopper: Shopper) -> None:
    """The piece comes back by the order's QR code."""
    stage.scan(till, shopper.find("shop.order.return").locator(".num").inner_text())
    till.get_by_test_id("pos.returns.take").click()
    till.get_by_test_id("pos.returns.reason.unsuitable").click()
    till.get_by_test_id("pos.sale.returned.net").wait_for()
    till.wait_for_timeout(450)  # the pay button's own guard against a stray tap
    till.get_by_test_id("pos.pay.submit").click()
    till.get_by_test_id("pos.done").wait_for()


def tried_again(stage: Stage, office: Page, order_id: str) -> None:
    """The office has a task, sees the failed refund and asks for it anew; the bank refuses anew."""
    office.goto("/office/matters")
    expect(office.get_by_text("Hoàn tiền online lỗi").first).to_be_visible()
    stage.shot(office, "M-task")
    office.goto(f"/office/online-orders/{order_id}")
    expect(office.get_by_test_id("office.weborder.refunds")).to_contain_text("Hoàn lỗi")
    office.get_by_test_id("office.refund.retry").click()
    tries = (
        "SELECT max(r.tries) FROM online_refund r JOIN online_payment y ON y.id = r.payment_id WHERE y.order_id = %s::uuid"
    )
    stage.until("it is asked for anew", lambda: stage.rows(tries, order_id)[0][0] == 2, within_s=20)
    stage.until("the bank refuses anew", lambda: refunds(stage, order_id) == ["failed"], within_s=30)


def paid_another_way(stage: Stage, office: Page, order_id: str) -> None:
    """Somebody pays the customer by hand and says so: owed no more, counted once."""
    office.reload()
    office.get_by_test_id("office.refund.settle").click()
    office.get_by_test_id("office.refund.note").fill(NOTE)
    stage.shot(office, "M-settle")
    office.get_by_test_id("office.refund.submit").click()
    stage.until("it is settled", lambda: refunds(stage, order_id) == ["settled"])
    expect(office.get_by_test_id("office.weborder.refunds")).to_contain_text(NOTE)
