"""The tap budget of the till, counted in a real browser: a tap is a deliberate touch or key that acts; scans are none."""

from playwright.sync_api import Page, expect

from journeys.stage import BURST
from pos.conftest import Counter

COUNT_TAPS = """() => {
  window.taps = 0
  addEventListener('pointerup', () => { window.taps += 1 }, { capture: true })
  addEventListener('keydown', event => { if (/^F\\d+$/.test(event.key)) window.taps += 1 }, { capture: true })
}"""
PAY_GUARD = "() => new Promise(done => setTimeout(done, 450))"
# What a finger meets at a point in the moment the sale is made, as far as it is anything to press.
UNDER_THE_FINGER = """([x, y]) => new Promise(done => {
  const look = () => {
    if (!document.querySelector('[data-testid="pos.done"]')) return
    watching.disconnect()
    done(document.elementFromPoint(x, y).closest('button')?.dataset.testid ?? 'nothing')
  }
  const watching = new MutationObserver(look)
  watching.observe(document.body, { subtree: true, childList: true })
  dispatchEvent(new KeyboardEvent('keydown', { key: 'F9', cancelable: true }))
})"""


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


def test_whoever_presses_twice_meets_nothing_under_the_finger_and_no_script_moves_the_screen(counter: Counter) -> None:
    page = counter.open_till()
    scan(page, counter.barcode("DEN-M"))
    page.evaluate(PAY_GUARD)
    box = page.get_by_test_id("pos.pay.submit").bounding_box()
    assert box is not None
    assert page.evaluate(UNDER_THE_FINGER, [box["x"] + box["width"] / 4, box["y"] + 20]) == "nothing"
    page.get_by_test_id("pos.done.close").click()
    expect(page.get_by_test_id("pos.pay.submit")).to_be_visible()
    scrolled = "() => { const app = document.querySelector('#app'); app.scrollTop = 40; return app.scrollTop }"
    assert page.evaluate(scrolled) == 0


def test_a_card_at_a_loose_terminal_is_two_taps(counter: Counter) -> None:
    page = counter.open_till()
    page.evaluate(COUNT_TAPS)
    scan(page, counter.barcode("DEN-M"))
    page.evaluate(PAY_GUARD)
    page.get_by_test_id("pos.pay.method").get_by_role("radio", name="Thẻ").click()
    expect(page.get_by_test_id("pos.pay.hand.hint")).to_contain_text("máy rời")
    page.get_by_test_id("pos.pay.submit").click()
    page.get_by_test_id("pos.done").wait_for()
    assert taps(page) == 2
    assert counter.tenders() == [("card", 199_000)]


def test_a_customer_and_cash_are_one_tap_with_a_card_to_scan_and_three_with_digits_to_type(counter: Counter) -> None:
    page = counter.open_till()
    page.evaluate(COUNT_TAPS)
    for scanned, most in ((True, 1), (False, 3)):
        page.evaluate("() => { window.taps = 0 }")
        scan(page, counter.barcode("DEN-M"))
        if scanned:
            page.evaluate(BURST, counter.member.code)
        else:
            page.get_by_test_id("pos.customer.open").click()
            page.keyboard.type(counter.member.phone[-4:], delay=60)
            page.get_by_test_id("pos.customer.row").click()
        expect(page.get_by_test_id("pos.customer.name_shown")).to_have_text(counter.member.name)
        page.evaluate(PAY_GUARD)
        page.get_by_test_id("pos.pay.submit").click()
        page.get_by_test_id("pos.done").wait_for()
        assert taps(page) == most


def test_points_and_store_credit_pay_with_cash_for_the_rest(counter: Counter) -> None:
    page = counter.open_till()
    scan(page, counter.barcode("DEN-M"))
    scan(page, counter.barcode("DEN-L"))
    page.evaluate(BURST, counter.member.code)
    expect(page.get_by_test_id("pos.customer.name_shown")).to_have_text(counter.member.name)
    page.get_by_test_id("pos.customer.open").click()
    page.get_by_test_id("pos.customer.points").fill("50")
    page.get_by_test_id("pos.customer.spend").click()
    page.get_by_test_id("pos.customer.spent").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("pos.pay.discount")).to_contain_text("−5.000")
    page.get_by_test_id("pos.pay.method").get_by_role("radio", name="Khác").click()
    page.get_by_test_id("pos.pay.credit").click()
    expect(page.get_by_test_id("pos.pay.parts")).to_contain_text("300.000")
    page.get_by_test_id("pos.pay.method").get_by_role("radio", name="Tiền mặt").click()
    page.keyboard.press("F9")
    page.get_by_test_id("pos.done").wait_for()
    assert sorted(counter.tenders()) == [("cash", 93_000), ("store_credit", 300_000)]
    assert counter.spent() == 50


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


def test_other_branches_stock_is_one_tap_and_holding_a_piece_there_for_the_customer_one_more(counter: Counter) -> None:
    counter.open_till(at=counter.far)
    page = counter.open_till()
    page.evaluate(BURST, counter.member.code)
    expect(page.get_by_test_id("pos.customer.name_shown")).to_have_text(counter.member.name)
    page.get_by_test_id("pos.sale.search").fill("lua")
    page.evaluate(COUNT_TAPS)
    page.locator("[data-testid^='pos.sale.stock.']").first.click()
    page.get_by_test_id("pos.stock.table").wait_for()
    assert taps(page) == 1
    page.get_by_test_id("pos.stock.hold").click()
    expect(page.get_by_test_id("pos.stock.code")).to_contain_text("05")
    assert taps(page) == 2


def test_a_shift_opens_with_two_taps_and_closes_with_four(counter: Counter) -> None:
    page = counter.open_till()
    page.evaluate(COUNT_TAPS)
    page.get_by_test_id("pos.shell.shift").click()
    expect(page.get_by_test_id("pos.notes.500000")).to_be_focused()
    page.keyboard.type("2", delay=60)
    page.get_by_test_id("pos.shift.open").click()
    expect(page.get_by_test_id("pos.shift")).to_have_count(0)
    assert taps(page) == 2
    page.get_by_test_id("pos.shell.shift").click()
    page.get_by_test_id("pos.shift.close").click()
    expect(page.get_by_test_id("pos.notes.500000")).to_be_focused()
    page.keyboard.type("2", delay=60)
    page.get_by_test_id("pos.shift.compare").click()
    expect(page.get_by_test_id("pos.shift.variance")).to_have_text("Khớp quỹ")
    page.get_by_test_id("pos.shift.close_submit").click()
    page.get_by_test_id("pos.shift.done").wait_for()
    assert taps(page) == 2 + 4
