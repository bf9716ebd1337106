"""The tap budget of the till, counted in a real browser: a tap is a deliberate touch or key that acts; scans are none."""

import pytest
from playwright.sync_api import Page, expect

from journeys.stage import BURST
from pos.conftest import Counter

pytestmark = pytest.mark.xdist_group("till")

COUNT_TAPS = """() => {
  window.taps = 0
  addEventListener('pointerup', () => { window.taps += 1 }, { capture: true })
  addEventListener('keydown', event => { if (/^F\\d+$/.test(event.key)) window.taps += 1 }, { capture: true })
}"""
PAY_GUARD = "() => new Promise(done => setTimeout(done, 450))"


def scan(page: Page, code: str) -> None:
    """A burst of a scanner."""
    before = page.get_by_test_id("pos.sale.line").count()
    page.evaluate(BURST, code)
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(before + 1)


def taps(page: Page) -> int:
    """How often somebody has touched the screen since the count began."""
    return int(page.evaluate("() => window.taps"))


def test_two_scanned_pieces_for_exact_cash_are_one_tap_and_with_a_note_two(counter: Counter) -> None:
    page = counter.open_till()
    page.evaluate(COUNT_TAPS)
    for note, most in ((False, 1), (True, 2)):
        page.evaluate("() => { window.taps = 0 }")
        scan(page, counter.barcode("DEN-M"))
        scan(page, counter.barcode("DEN-L"))
        page.evaluate(PAY_GUARD)
        if note:
            page.locator("[data-testid^='pos.pay.chip.']").nth(1).click()
        page.get_by_test_id("pos.pay.submit").click()
        page.get_by_test_id("pos.done").wait_for()
        assert taps(page) == most


def test_a_cart_is_set_aside_and_back_with_one_tap_each_and_from_another_till_with_two(counter: Counter) -> None:
    here, there = counter.open_till(), counter.open_till()
    for page in (here, there):
        page.evaluate(COUNT_TAPS)
    scan(here, counter.barcode("DEN-M"))
    here.get_by_test_id("pos.sale.tab.new").click()
    expect(here.get_by_test_id("pos.sale.line")).to_have_count(0)
    assert taps(here) == 1
    here.get_by_test_id("pos.sale.tab.1").click()
    expect(here.get_by_test_id("pos.sale.line")).to_have_count(1)
    assert taps(here) == 2
    here.get_by_test_id("pos.sale.parked").click()
    here.get_by_test_id("pos.parked.park.fitting").click()
    there.get_by_test_id("pos.sale.parked.count").wait_for()
    there.get_by_test_id("pos.sale.parked").click()
    there.get_by_test_id("pos.parked.take").click()
    expect(there.get_by_test_id("pos.sale.line")).to_have_count(1)
    assert taps(there) == 2
    expect(here.get_by_test_id("pos.sale.parked.count")).to_have_count(0)


def test_other_branches_stock_is_one_tap_from_the_tile(counter: Counter) -> None:
    page = counter.open_till()
    page.get_by_test_id("pos.sale.search").fill("lua")
    page.evaluate(COUNT_TAPS)
    page.locator("[data-testid^='pos.sale.stock.']").first.click()
    page.get_by_test_id("pos.stock.table").wait_for()
    assert taps(page) == 1
