"""Goods come back at the till in a real browser: a return in three taps, an exchange in two."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from books import prove
from journeys.stage import BURST
from pos.conftest import Counter
from pos.test_taps import COUNT_TAPS, PAY_GUARD, scan, taps

pytestmark = pytest.mark.xdist_group("till")


def sells(counter: Counter, page: Page, *variants: str) -> str:
    """A cash sale; answers the digits under its receipt."""
    for variant in variants:
        scan(page, counter.barcode(variant))
    page.evaluate(PAY_GUARD)
    page.get_by_test_id("pos.pay.submit").click()
    page.get_by_test_id("pos.done").wait_for()
    query = (
        "SELECT t.till_no, s.epoch, s.receipt_no FROM sale s JOIN till t ON t.id = s.till_id "
        "ORDER BY s.recorded_at DESC LIMIT 1"
    )
    with counter.database.transaction() as tx:
        till_no, epoch, number = tx.execute(text(query)).one()
    page.get_by_test_id("pos.done.close").click()
    digits = f"02{till_no:04d}{epoch:02d}{number:07d}"
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return digits + str(-weighed % 10)


def last_sale(counter: Counter) -> tuple[int, int, int]:
    """Total, pieces and cash of the newest sale."""
    query = (
        "SELECT s.total_vnd, s.pieces, (SELECT sum(amount_vnd) FROM payment WHERE sale_id = s.id) FROM sale s "
        "ORDER BY s.recorded_at DESC LIMIT 1"
    )
    with counter.database.transaction() as tx:
        total, pieces, paid = tx.execute(text(query)).one()
    return int(total), int(pieces), int(paid or 0)


def test_a_return_with_receipt_is_three_taps(counter: Counter) -> None:
    page = counter.open_till()
    receipt = sells(counter, page, "DEN-M", "DEN-L")
    page.evaluate(COUNT_TAPS)
    page.evaluate(BURST, receipt)
    page.get_by_test_id("pos.returns.take").first.click()
    expect(page.get_by_test_id("pos.sale.returned.net")).to_have_text("−199.000")
    page.get_by_test_id("pos.returns.reason.unsuitable").click()
    submit = page.get_by_test_id("pos.pay.submit")
    expect(submit).to_contain_text("Hoàn 199.000")
    page.evaluate(PAY_GUARD)
    submit.click()
    page.get_by_test_id("pos.done").wait_for()
    assert taps(page) == 3
    assert last_sale(counter) == (-199_000, -1, -199_000)
    prove(counter.database)


def test_another_size_for_it_is_two_taps_and_even(counter: Counter) -> None:
    page = counter.open_till()
    receipt = sells(counter, page, "DEN-M")
    page.evaluate(COUNT_TAPS)
    page.evaluate(BURST, receipt)
    page.get_by_test_id("pos.returns.take").first.click()
    scan(page, counter.barcode("DEN-L"))
    expect(page.get_by_test_id("pos.returns.reason.size")).to_have_attribute("aria-pressed", "true")
    submit = page.get_by_test_id("pos.pay.submit")
    expect(submit).to_contain_text("Đổi ngang")
    page.evaluate(PAY_GUARD)
    submit.click()
    page.get_by_test_id("pos.done").wait_for()
    assert taps(page) == 2
    assert last_sale(counter) == (0, 0, 0)
    prove(counter.database)


def test_what_is_back_already_says_when_and_where(counter: Counter) -> None:
    page, other = counter.open_till(), counter.open_till()
    receipt = sells(counter, page, "DEN-M")
    for each in (page, other):
        each.evaluate(BURST, receipt)
        each.get_by_test_id("pos.returns.take").click()
        each.get_by_test_id("pos.returns.reason.other").click()
        expect(each.get_by_test_id("pos.pay.submit")).to_contain_text("Hoàn 199.000")
        each.evaluate(PAY_GUARD)
    page.get_by_test_id("pos.pay.submit").click()
    page.get_by_test_id("pos.done").wait_for()
    other.get_by_test_id("pos.pay.submit").click()
    expect(other.get_by_test_id("pos.pay.notice")).to_contain_text("Món này đã trả lúc")
    expect(other.get_by_test_id("pos.returns.came_back")).to_contain_text("Chi nhánh HN01")
    expect(other.get_by_test_id("pos.sale.returned")).to_have_count(0)
    prove(counter.database)
