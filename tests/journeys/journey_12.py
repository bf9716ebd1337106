"""Journey 12, voucher double spend, till against till: one voucher on two invoices, both pay together.

One redemption; the other till sees where and when, and its total again before anybody pays. A void gives the voucher back,
once. A phone at its checkout keeps the voucher from the tills; an order that is given up gives it back, once.
"""

import re
import time

from offering import dong, expect_due, issue, publish, race
from playwright.sync_api import Page, expect
from shoppers import Shopper
from tills import CENTRE, PIN, Goods, goods_at, set_balance

from stage import Stage

HERE = "HN01"
PRESSES = 3
OFF_VND = 50_000
SHELF = 20


def run(stage: Stage) -> None:
    """Play one round: several vouchers, one after the other."""
    a, b = stage.till("A", f"{HERE}-1"), stage.till("B", f"{HERE}-2")
    for page in (a, b):
        stage.sign_in_at_till(page, PIN)
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    goods = next(one for one in goods_at(stage, a, HERE) if one.price_vnd % 1_000 == 0)
    set_balance(stage, office, place=HERE, goods=goods, pieces=SHELF)
    terms = {"group": 9, "voucher": True, "reward": {"kind": "amount", "vnd": OFF_VND}}
    promotion_id = publish(office, "Tri ân khách quen", terms)
    codes = issue(office, promotion_id, PRESSES + 2)
    for code in codes[:PRESSES]:
        pay_together(stage, a, b, goods, code)
    comes_back(stage, a, goods, codes[PRESSES])
    kept_by_the_web(stage, a, goods_at(stage, a, CENTRE)[stage.round], codes[PRESSES + 1])


def pay_together(stage: Stage, a: Page, b: Page, goods: Goods, code: str) -> None:
    """The same voucher by scan on A and by typing on B."""
    for page in (a, b):
        stage.scan(page, goods.barcode)
        expect_due(page, goods.price_vnd)
    stage.scan(a, code)
    type_in(b, code)
    for page in (a, b):
        expect(page.get_by_test_id("pos.sale.voucher")).to_contain_text(dong(OFF_VND))
        expect_due(page, goods.price_vnd - OFF_VND)
    sold, told = race(stage, [a, b], (time.time() + 1) * 1000)
    notice = told.get_by_test_id("pos.pay.notice")
    expect(notice).to_contain_text(re.compile(r"đã dùng ở .+ lúc \d\d:\d\d \d\d/\d\d/\d{4}"))
    expect(notice).to_contain_text(f"{dong(goods.price_vnd - OFF_VND)}")
    expect(notice).to_contain_text(f"{dong(goods.price_vnd)}")
    expect(told.get_by_test_id("pos.sale.voucher")).to_have_count(0)
    expect_due(told, goods.price_vnd)
    stage.shot(told, "told-where-and-when")
    (entries,) = zip(*stage.rows(LEDGER, code), strict=True)
    stage.check(f"one redemption, not {entries}", holds=entries == ("issue", "redeem"))
    sold.get_by_test_id("pos.done.close").click()
    told.get_by_test_id("pos.sale.clear").click()


def comes_back(stage: Stage, a: Page, goods: Goods, code: str) -> None:
    """A sale that is void has used no voucher."""
    stage.scan(a, goods.barcode)
    stage.scan(a, code)
    expect_due(a, goods.price_vnd - OFF_VND)
    a.wait_for_timeout(600)  # paying waits a moment after a change of the cart
    a.keyboard.press("F9")
    a.get_by_test_id("pos.done.void").click()
    a.get_by_test_id("pos.void.submit").click()
    expect(a.get_by_test_id("pos.void.submit")).to_have_count(0)
    stage.scan(a, goods.barcode)
    stage.scan(a, code)
    expect_due(a, goods.price_vnd - OFF_VND)
    (entries,) = zip(*stage.rows(LEDGER, code), strict=True)
    stage.check(f"restored once, not {entries}", holds=entries == ("issue", "redeem", "restore"))
    a.get_by_test_id("pos.sale.clear").click()


def kept_by_the_web(stage: Stage, a: Page, goods: Goods, code: str) -> None:
    """The phone has it on its order; the till is told so, and has it as soon as the order is given up."""
    shopper = Shopper(stage)
    shopper.add(goods)
    shopper.page.goto("/cart")
    shopper.find("shop.cart.voucher").click()
    shopper.find("shop.cart.code").fill(code)
    shopper.find("shop.cart.code").press("Enter")
    shopper.find(f"shop.cart.voucher.{code}").wait_for()
    shopper.check_out()
    expect(shopper.find("shop.checkout.total")).to_contain_text(dong(goods.price_vnd - OFF_VND))
    stage.scan(a, goods.barcode)
    stage.scan(a, code)
    expect(a.get_by_text("Voucher không dùng được").first).to_be_visible()
    expect(a.get_by_test_id("pos.sale.voucher")).to_have_count(0)
    stage.shot(a, "kept-by-the-web")
    shopper.order_cod()
    shopper.find("shop.order.cancel").click()
    shopper.find("shop.order.cancel_sure").click()
    shopper.await_state("cancelled")
    stage.scan(a, code)
    expect(a.get_by_test_id("pos.sale.voucher")).to_contain_text(dong(OFF_VND))
    (entries,) = zip(*stage.rows(LEDGER, code), strict=True)
    stage.check(f"given back once, not {entries}", holds=entries.count("release") == 1 and "redeem" not in entries)
    a.get_by_test_id("pos.sale.clear").click()


LEDGER = "SELECT e.kind FROM voucher_entry e JOIN voucher v ON v.id = e.voucher_id WHERE v.code = %s ORDER BY e.id"


def type_in(page: Page, code: str) -> None:
    """F7 and the fifteen digits."""
    page.keyboard.press("F7")
    page.get_by_test_id("pos.offers.code").fill(code)
    page.get_by_test_id("pos.offers.add").click()
    expect(page.get_by_test_id("pos.offers.voucher")).to_contain_text(code)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("pos.offers")).to_have_count(0)
