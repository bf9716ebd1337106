"""Journey 19, QR payment: one tap shows the code; the bank's call comes, comes twice, comes short, comes after the end.

The same calls come for an order of the web, whose page follows them by itself.
"""

import re
import time

from banking import NUMBERS, ask, call
from playwright.sync_api import Page, expect
from shoppers import Shopper
from tills import CENTRE, COUNT_TAPS, PIN, Goods, goods_at

from stage import Stage

HERE = "SG01"
CLOSES_MS = 2_000


def run(stage: Stage) -> None:
    """Play one round."""
    till = stage.till("A", f"{HERE}-1")
    stage.sign_in_at_till(till, PIN)
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    office.goto("/office/payments")
    goods = goods_at(stage, till, HERE, at_least=6)[0]

    closes_by_itself(stage, till, goods)
    asks_for_the_rest(stage, till, goods)
    survives_a_reload(stage, till, goods)
    waits_in_the_office(stage, till, office, goods)
    by_hand(stage, till, goods)
    shopper = Shopper(stage)
    bought = goods_at(stage, till, CENTRE, at_least=6)[0]
    confirms_an_order(stage, shopper, bought)
    comes_after_the_order(stage, shopper, office, bought)
    every_payment_is_used_once(stage)


def closes_by_itself(stage: Stage, page: Page, goods: Goods) -> None:
    """One tap; the call closes the sale, the same call again changes nothing."""
    ring(stage, page, goods)
    page.evaluate(COUNT_TAPS)
    code = ask(stage, page)
    stage.shot(page, "A-qr")
    number = next(NUMBERS)
    called = time.monotonic()
    call(stage, goods.price_vnd, f"MBVCB.{number}.{code}.CT tu 0123", number)
    expect(page.get_by_test_id("pos.done")).to_be_visible(timeout=CLOSES_MS)
    stage.measure("bank's call to done strip", (time.monotonic() - called) * 1000, limit=CLOSES_MS)
    stage.check("a QR payment is one tap", holds=page.evaluate("window.taps") == 1)
    stage.shot(page, "A-qr-done")
    call(stage, goods.price_vnd, f"MBVCB.{number}.{code}.CT tu 0123", number)
    kept = stage.rows("SELECT count(*) FROM bank_credit WHERE provider_ref = %s", str(number))
    stage.check("a repeated call is one credit", holds=kept == [(1,)])


def asks_for_the_rest(stage: Stage, page: Page, goods: Goods) -> None:
    """1.000 đồng short: the till asks for them under another code, and both credits make the tender."""
    ring(stage, page, goods)
    code = ask(stage, page)
    call(stage, goods.price_vnd - 1_000, code, next(NUMBERS))
    panel = page.get_by_test_id("pos.pay.qr")
    expect(panel).to_have_attribute("data-step", "short")
    stage.shot(page, "A-qr-short")
    page.get_by_test_id("pos.pay.qr.renew").click()
    expect(page.get_by_test_id("pos.pay.qr.code")).not_to_have_text(code)
    rest = page.get_by_test_id("pos.pay.qr.code").inner_text()
    call(stage, 1_000, rest, next(NUMBERS))
    expect(page.get_by_test_id("pos.done")).to_be_visible(timeout=CLOSES_MS)
    paid = stage.rows(
        "SELECT y.amount_vnd, (SELECT count(*) FROM credit_match m WHERE m.request_id = y.payment_id) FROM payment y "
        "JOIN sale s ON s.id = y.sale_id WHERE s.receipt_code = %s",
        receipt(page),
    )
    stage.check("two credits make up one tender", holds=paid == [(goods.price_vnd, 2)])


def survives_a_reload(stage: Stage, page: Page, goods: Goods) -> None:
    """The money comes while the till's page is being loaded again: the sale is closed all the same."""
    ring(stage, page, goods)
    code = ask(stage, page)
    page.reload()
    call(stage, goods.price_vnd, code, next(NUMBERS))
    page.get_by_test_id("pos.done").wait_for()


def waits_in_the_office(stage: Stage, page: Page, office: Page, goods: Goods) -> None:
    """The customer leaves, the code is given up, then the money comes: it waits in the office beside its request."""
    ring(stage, page, goods)
    code = ask(stage, page)
    page.get_by_test_id("pos.pay.method").get_by_role("radio").first.click()
    expect(page.get_by_test_id("pos.pay.change")).to_be_visible()
    until_cancelled(stage, code)
    call(stage, goods.price_vnd, f"{code} thanh toan", next(NUMBERS))
    row = office.get_by_test_id("office.payments.open").get_by_role("row").filter(has_text=code)
    expect(row).to_contain_text("đã hủy", timeout=5_000)
    stage.shot(office, "M-unmatched")
    row.get_by_test_id("office.payments.return").click()
    office.get_by_test_id("office.payments.reason").fill("Khách đã đi, chuyển trả lại")
    office.get_by_test_id("office.payments.submit").click()
    expect(row).to_have_count(0)
    page.get_by_test_id("pos.sale.clear").click()


def by_hand(stage: Stage, page: Page, goods: Goods) -> None:
    """No call comes: a manager confirms by PIN; the second tap of two."""
    ring(stage, page, goods)
    page.evaluate(COUNT_TAPS)
    ask(stage, page)
    page.get_by_test_id("pos.pay.qr.confirm").click()
    stage.check("showing the code and confirming are two taps", holds=page.evaluate("window.taps") == 2)
    done, people = page.get_by_test_id("pos.done"), page.get_by_test_id("pos.approval.person").first
    expect(done.or_(people)).to_be_visible()
    if people.is_visible():
        people.click()
        stage.shot(page, "A-confirm")
        for digit in PIN:
            page.keyboard.press(digit)
    expect(page.get_by_test_id("pos.done")).to_be_visible()
    stage.check(
        "who confirmed is written down",
        holds=stage.rows("SELECT count(*) FROM audit_log WHERE action = 'payment.confirmed'") == [(stage.round,)],
    )


def confirms_an_order(stage: Stage, shopper: Shopper, goods: Goods) -> None:
    """1.000 đồng short asks for the rest, which confirms it, the page by itself; the same call again changes nothing."""
    code = waits_for_transfer(shopper, goods)
    stage.shot(shopper.page, "W-qr")
    call(stage, goods.price_vnd - 1_000, code, next(NUMBERS))
    expect(shopper.find("shop.order.short")).to_contain_text("còn thiếu 1.000", timeout=20_000)
    stage.shot(shopper.page, "W-qr-short")
    stage.check("too little confirms nothing", holds=shopper.order["state"] == "held")
    number = next(NUMBERS)
    called = time.monotonic()
    call(stage, 1_000, f"MBVCB.{number}.{code}.CT tu 0123", number)
    shopper.await_state("confirmed")
    stage.measure("bank's call to the order's page", (time.monotonic() - called) * 1000)
    stage.shot(shopper.page, "W-qr-done")
    call(stage, 1_000, f"MBVCB.{number}.{code}.CT tu 0123", number)
    paid = stage.rows(
        "SELECT count(*), sum(amount_vnd) FROM online_payment WHERE order_id = %s::uuid AND state = 'received'",
        shopper.order["id"],
    )
    stage.check("a repeated call pays once", holds=paid == [(1, goods.price_vnd)])


def comes_after_the_order(stage: Stage, shopper: Shopper, office: Page, goods: Goods) -> None:
    """The shopper calls the order off, then the money comes: it waits in the office beside its request."""
    code = waits_for_transfer(shopper, goods)
    shopper.find("shop.order.cancel").click()
    shopper.find("shop.order.cancel_sure").click()
    shopper.await_state("cancelled")
    call(stage, goods.price_vnd, f"{code} thanh toan", next(NUMBERS))
    office.goto("/office/payments")
    row = office.get_by_test_id("office.payments.open").get_by_role("row").filter(has_text=code)
    expect(row.first).to_be_visible(timeout=5_000)
    stage.shot(office, "M-unmatched-web")


def waits_for_transfer(shopper: Shopper, goods: Goods) -> str:
    """An order that is to be paid by transfer; answers the code of its message."""
    shopper.add(goods)
    shopper.check_out()
    shopper.find("shop.checkout.method.transfer").check()
    shopper.find("shop.checkout.pay").click()
    return str(shopper.find("shop.order.message").inner_text())


def every_payment_is_used_once(stage: Stage) -> None:
    """Received payments of tills and tenders are the same thing seen from two sides; an order's waits for its parcel."""
    left = stage.rows(
        "SELECT count(*) FROM payment_request WHERE state = 'received' AND sale_id IS NULL AND till_id IS NOT NULL"
    )
    stage.check("no money is left without its sale", holds=left == [(0,)])


def ring(stage: Stage, page: Page, goods: Goods) -> None:
    """Scan one piece into an empty invoice, paid in cash unless somebody chooses otherwise."""
    stage.scan(page, goods.barcode)
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(1)
    page.wait_for_timeout(450)  # the guard of the pay panel against taps that were meant for the cart


def until_cancelled(stage: Stage, code: str) -> None:
    """The server has heard that the code was given up."""
    query = "SELECT r.state FROM payment_request r JOIN payment_code k ON k.request_id = r.id WHERE k.code = %s"
    stage.until("the code is given up", lambda: stage.rows(query, code) == [("cancelled",)], within_s=5)


def receipt(page: Page) -> str:
    """The receipt's code on the done strip."""
    found = re.search(rf"{HERE}-\d+-\d+-\d{{7}}", page.get_by_test_id("pos.done").inner_text())
    assert found is not None, "the done strip names the receipt"
    return found[0]
