"""Journey 11, a flash sale starts with carts open: −40 %, a cap, two a customer, an end by the server's clock.

Till A's own clock is two hours wrong. A phone has the piece in its cart, too; two tills are the crowd.
"""

import time

from offering import WHEN, dong, expect_due, publish, race
from playwright.sync_api import Page, expect
from shoppers import Shopper
from tills import PIN, PRESS_AT, Goods, goods_at, set_balance

from stage import Stage

HERE = "HN01"
SHELF = 20
CAP = 4
A_CUSTOMER = 2
STARTS_IN_S = 5
LASTS_S = 45
ENDS_IN_S = 10
REPRICED_MS = 1_000
BEFORE_END_MS = 200
WRONG_CLOCK = """
    const skew = 2 * 3_600_000, Real = Date
    globalThis.Date = class extends Real {
        constructor(...given) { if (given.length === 0) super(Real.now() + skew); else super(...given) }
        static now() { return Real.now() + skew }
    }
"""


def run(stage: Stage) -> None:
    """Play one round."""
    a = stage.till("A", f"{HERE}-1")
    stage.contexts["A"].add_init_script(WRONG_CLOCK)
    a.reload()
    a.get_by_test_id("pos.pin.staff").first.wait_for()
    b = stage.till("B", f"{HERE}-2")
    for page in (a, b):
        stage.sign_in_at_till(page, PIN)
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    shelf = [one for one in goods_at(stage, a, HERE) if one.price_vnd % 5_000 == 0]
    flash, last = shelf[stage.round * 2 - 2], shelf[stage.round * 2 - 1]
    for goods in (flash, last):
        set_balance(stage, office, place=HERE, goods=goods, pieces=SHELF)
    begins(stage, office, a, Shopper(stage), flash)
    runs_out(stage, a, b, flash)
    ends(stage, office, a, b, last)


def begins(stage: Stage, office: Page, a: Page, shopper: Shopper, goods: Goods) -> None:
    """The piece is in both carts before the flash sale; at its second they have another price, the till's line a tag."""
    shopper.add(goods)
    shopper.page.goto("/cart")
    expect(shopper.find("shop.cart.total")).to_contain_text(dong(goods.price_vnd))
    stage.scan(a, goods.barcode)
    expect_due(a, goods.price_vnd)
    starts_ms = int((time.time() + STARTS_IN_S) * 1000)
    terms = {
        "when": {"starts_ms": starts_ms, "ends_ms": starts_ms + LASTS_S * 1000},
        "goods": {"variants": [goods.id]},
        "reward": {"kind": "percent", "bp": 4_000},
    }
    publish(office, "Flash sale −40 %", terms, pieces_max=CAP, pieces_a_customer=A_CUSTOMER)
    seen_ms = float(a.evaluate(WHEN, ["pos.sale.line.offer", 1]))
    stage.measure("start to the tag on the open cart", seen_ms - starts_ms, limit=REPRICED_MS)
    stage.check("not before its second", holds=seen_ms >= starts_ms)
    expect_due(a, goods.price_vnd * 6 // 10)
    expect(shopper.find("shop.cart.total")).to_contain_text(dong(goods.price_vnd * 6 // 10), timeout=3_000)
    stage.shot(shopper.page, "W-flipped")
    a.get_by_test_id("pos.sale.line.offer").click()
    expect(a.get_by_test_id("pos.offers.applied")).to_contain_text("Flash sale −40 %")
    stage.shot(a, "A-why")
    a.keyboard.press("Escape")


def runs_out(stage: Stage, a: Page, b: Page, goods: Goods) -> None:
    """Two a customer, four in all: the fifth piece costs what it cost before, and is asked about first."""
    stage.scan(a, goods.barcode)
    stage.scan(a, goods.barcode)
    expect_due(a, goods.price_vnd * (6 + 6 + 10) // 10)
    a.get_by_test_id("pos.sale.line.less").click()
    sell(a, goods.price_vnd * 12 // 10)
    stage.scan(b, goods.barcode)
    sell(b, goods.price_vnd * 6 // 10)
    for page in (a, b):
        stage.scan(page, goods.barcode)
        expect_due(page, goods.price_vnd * 6 // 10)
    sold, told = race(stage, [a, b], (time.time() + 1) * 1000)
    notice = told.get_by_test_id("pos.pay.notice")
    expect(notice).to_contain_text(dong(goods.price_vnd * 6 // 10))
    expect(notice).to_contain_text(dong(goods.price_vnd))
    expect(told.get_by_test_id("pos.sale.line.offer")).to_have_count(0)
    stage.shot(told, "told-it-has-run-out")
    sold.get_by_test_id("pos.done.close").click()
    sell(told, goods.price_vnd)
    ((pieces, off_vnd),) = stage.rows(
        "SELECT l.pieces, l.spent_vnd FROM promotion_limit l JOIN promotion p ON p.id = l.promotion_id "
        "WHERE p.terms #>> '{goods,variants,0}' = %s",
        goods.id,
    )
    stage.check(f"exactly {CAP} pieces at the flash price ({pieces}, {off_vnd} ₫)", holds=pieces == CAP)
    stage.check("each of them 40 % cheaper", holds=off_vnd == CAP * goods.price_vnd * 4 // 10)


def ends(stage: Stage, office: Page, a: Page, b: Page, goods: Goods) -> None:
    """Pressed before the end a cart keeps its price, though its till's clock is wrong; the open one has the old one back."""
    ends_ms = int((time.time() + ENDS_IN_S) * 1000)
    terms = {
        "when": {"ends_ms": ends_ms},
        "goods": {"variants": [goods.id]},
        "reward": {"kind": "percent", "bp": 4_000},
    }
    publish(office, "Flash sale −40 %", terms)
    for page in (a, b):
        stage.scan(page, goods.barcode)
        expect(page.get_by_test_id("pos.sale.line.offer")).to_have_count(1)
    a.evaluate(PRESS_AT, ends_ms - BEFORE_END_MS)
    gone_ms = float(b.evaluate(WHEN, ["pos.sale.line.offer", 0]))
    stage.measure("end to the old price on the open cart", gone_ms - ends_ms, limit=REPRICED_MS)
    stage.check("not before its last second is over", holds=gone_ms >= ends_ms)
    expect_due(b, goods.price_vnd)
    a.get_by_test_id("pos.done").wait_for()
    (kept,) = stage.rows(
        "SELECT s.total_vnd FROM sale s JOIN sale_line n ON n.sale_id = s.id WHERE n.variant_id = %s::uuid "
        "ORDER BY s.recorded_at DESC LIMIT 1",
        goods.id,
    )
    stage.check(f"who pressed in time keeps the price ({kept[0]})", holds=kept[0] == goods.price_vnd * 6 // 10)
    a.get_by_test_id("pos.done.close").click()
    b.get_by_test_id("pos.sale.clear").click()


def sell(page: Page, due_vnd: int) -> None:
    """Take the exact cash."""
    expect_due(page, due_vnd)
    page.wait_for_timeout(600)  # paying waits a moment after a change of the cart
    page.keyboard.press("F9")
    page.get_by_test_id("pos.done").wait_for()
    page.get_by_test_id("pos.done.close").click()
