"""Journey 3, last unit, till against web: a phone in 3-D Secure holds the last dress of a branch, whose till scans it.

The till is told for whom it is held. Somebody answers for selling it all the same: one sale, a search, the shopper's money
goes back, and the shopper and the office are told. Never two sales.
"""

from parcels import refunds
from playwright.sync_api import Page, expect
from shoppers import ASKS, Shopper
from tills import PIN, Goods, goods_at, person, set_balance

from stage import Stage

A = "SG02"
SOLD = (
    "SELECT count(*) FROM sale_line n JOIN sale s ON s.id = n.sale_id AND s.state = 'posted' WHERE n.variant_id = %s::uuid"
)
KINDS = (
    "SELECT x.kind FROM exception_log x JOIN location l ON l.id = x.location_id "
    "WHERE l.code = %s AND x.variant_id = %s::uuid AND x.state = 'open'"
)


def run(stage: Stage) -> None:
    """Play one round."""
    till = stage.till("A", f"{A}-1")
    stage.sign_in_at_till(till, PIN, person(stage, "store_manager", A))
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    dress = goods_at(stage, till, A)[stage.round]
    set_balance(stage, office, place=A, goods=dress, pieces=1)
    ((sold_before,),) = stage.rows(SOLD, dress.id)
    shopper = Shopper(stage)
    shopper.add(dress)
    shopper.check_out(at=A)
    shopper.go_to_pay()
    shopper.type_card(ASKS)
    expect(shopper.page.get_by_role("button", name="Đồng ý thanh toán")).to_be_visible()
    told_for_whom(stage, till, dress)
    taken_all_the_same(stage, till)
    shopper.answer_bank()
    expect(shopper.find("shop.order.state")).to_be_visible(timeout=20_000)
    not_found(stage, till)
    order = shopper.order
    stage.until("the money goes back", lambda: refunds(stage, order["id"]) == ["succeeded"], within_s=40)
    shopper.await_state("cancelled")
    expect(shopper.find("shop.order.refund")).to_contain_text("đã hoàn", timeout=20_000)
    stage.shot(shopper.page, "W-honest")
    ((sold,),) = stage.rows(SOLD, dress.id)
    kinds = {row[0] for row in stage.rows(KINDS, A, dress.id)}
    stage.check(f"the dress is sold once ({sold - sold_before})", holds=sold - sold_before == 1)
    stage.check(f"the office has its tasks ({kinds})", holds="not_found" in kinds)
    office.goto("/office/matters")
    stage.shot(office, "M-matters")


def told_for_whom(stage: Stage, till: Page, dress: Goods) -> None:
    """The till asks the cashier before it sells what is held; "no" leaves it to the shopper."""
    stage.scan(till, dress.barcode)
    expect(till.get_by_test_id("pos.sale.line")).to_have_count(1)
    till.wait_for_timeout(450)  # the pay button's own guard against a stray tap
    till.keyboard.press("F9")
    expect(till.get_by_test_id("pos.sale.line.refused")).to_contain_text("Đang giữ cho đơn online")
    stage.shot(till, "A-told")


def taken_all_the_same(stage: Stage, till: Page) -> None:
    """A manager answers for it."""
    till.get_by_test_id("pos.sale.line.override").click()
    till.get_by_test_id("pos.override.reason.customer").click()
    till.get_by_test_id("pos.override.submit").click()
    till.wait_for_timeout(450)
    till.keyboard.press("F9")
    till.get_by_test_id("pos.done").wait_for()
    stage.shot(till, "A-taken")


def not_found(stage: Stage, till: Page) -> None:
    """The search ends with nothing: what was promised is paid back."""
    expect(till.get_by_test_id("pos.holds.news")).to_contain_text("Tìm giúp", timeout=20_000)
    till.get_by_test_id("pos.holds.look").click()
    till.get_by_test_id("pos.holds.missing").click()
    expect(till.get_by_test_id("pos.holds.row")).to_have_count(0)
    till.keyboard.press("Escape")
    stage.shot(till, "A-not-found")
