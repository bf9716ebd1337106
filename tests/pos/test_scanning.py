"""Scanning in a real browser: whatever has the focus, whatever a Vietnamese typing tool does to the keys, and by camera."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pos.conftest import Counter, film

# A scanner on a machine with a typing tool: the physical keys are right, `key` is whatever the tool made of it. All keys
# carry one stamp, so that a busy test machine cannot tear the burst apart.
TYPED = """([text, mangle, end]) => {
  const key = mangle === 'process' ? () => 'Process'
    : mangle === 'marks' ? (_, at) => ['â', 'Đ', 'ư', 'ấ', 'ă'][at % 5]
    : (character) => character
  const code = character => mangle === 'soft' ? '' : /[0-9]/.test(character) ? `Digit${character}` : character
  const keys = [...text].map((character, at) => [key(character, at), code(character), character])
  if (end) keys.push(['Enter', mangle === 'soft' ? '' : 'Enter', ''])
  const timeStamp = performance.now()
  for (const [pressed, physical, character] of keys) {
    const target = document.activeElement ?? document.body
    const told = { key: pressed, code: physical, bubbles: true, cancelable: true }
    const down = Object.defineProperty(new KeyboardEvent('keydown', told), 'timeStamp', { value: timeStamp })
    const passed = target.dispatchEvent(down)
    if (passed && character && target instanceof HTMLInputElement) {
      target.value += mangle === 'marks' ? pressed : character
      target.dispatchEvent(new Event('input', { bubbles: true }))
    }
    target.dispatchEvent(new KeyboardEvent('keyup', told))
  }
}"""


def lines(page: Page, count: int) -> None:
    """The invoice holds so many lines."""
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(count)


@pytest.mark.parametrize("mangle", ["plain", "process", "marks", "soft"])
def test_a_scan_is_read_from_any_focus_and_presses_nothing(counter: Counter, mangle: str) -> None:
    page = counter.open_till()
    first, second = counter.barcode("DEN-M"), counter.barcode("DEN-L")
    search = page.get_by_test_id("pos.sale.search")
    search.fill("lua")
    search.focus()
    page.evaluate(TYPED, [first, mangle, True])
    lines(page, 1)
    expect(search).to_have_value("lua")
    page.get_by_test_id("pos.pay.submit").focus()
    page.evaluate(TYPED, [second, mangle, True])
    lines(page, 2)
    page.wait_for_timeout(200)
    expect(page.get_by_test_id("pos.pay.submit")).to_be_visible()
    lines(page, 2)


def test_each_kind_of_code_that_leads_nowhere_says_what_it_is(counter: Counter) -> None:
    page = counter.open_till()
    said = page.get_by_test_id("pos.sale.unknown")
    page.evaluate(TYPED, ["030000000000070", "plain", True])
    expect(said).to_contain_text("Không có voucher nào mang mã 030000000000070.")
    page.evaluate(TYPED, ["8936012345670", "plain", True])
    expect(said).to_contain_text("Đọc sai mã 8936012345670. Hãy quét lại.")
    page.evaluate(TYPED, [counter.barcode("DEN-M"), "plain", True])
    lines(page, 1)
    expect(said).to_have_count(0)


def test_the_camera_reads_a_barcode_into_the_invoice_once(counter: Counter, tmp_path: Path) -> None:
    picture = film(tmp_path / "barcode.y4m", counter.barcode("DEN-M"))
    browser = counter.launch(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={picture}",
    )
    page = counter.open_till(browser)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_test_id("pos.sale.camera").click()
    expect(page.get_by_test_id("pos.camera.last")).to_contain_text("AO0001-DEN-M")
    page.wait_for_timeout(1_500)  # held before the camera for longer than a repeat would take to count
    assert [url for url in asked if not url.startswith((counter.url, "blob:"))] == [], "nothing comes from elsewhere"
    page.get_by_test_id("pos.camera.close").click()
    lines(page, 1)
    expect(page.get_by_test_id("pos.sale.line.qty")).to_have_text("1")
    counter.close()
    browser.close()


def test_without_a_camera_the_layer_says_so(counter: Counter) -> None:
    page = counter.open_till()
    page.get_by_test_id("pos.sale.camera").click()
    expect(page.get_by_test_id("pos.camera.fault")).to_contain_text("Máy này không có camera.")


def test_in_the_stock_sheet_an_item_is_looked_up_and_not_sold(counter: Counter) -> None:
    page = counter.open_till()
    page.get_by_test_id("pos.browse.stock.AO0001").click()
    page.get_by_test_id("pos.stock.table").wait_for()
    page.evaluate(TYPED, [counter.barcode("DEN-L"), "plain", True])
    page.wait_for_timeout(200)
    expect(page.get_by_test_id("pos.stock.table")).to_be_visible()
    lines(page, 0)


def test_a_badge_signs_in_and_takes_over_with_the_invoice_kept(counter: Counter) -> None:
    page = counter.till()
    mine, others = counter.badge("cashier"), counter.badge("store_manager")
    page.get_by_test_id("pos.pin.staff").first.click()
    page.evaluate(TYPED, [counter.barcode("DEN-M"), "process", True])
    expect(page.get_by_test_id("pos.pin.message")).to_have_text("Ở đây chỉ nhận thẻ nhân viên.")
    page.evaluate(TYPED, [mine, "process", True])
    expect(page.get_by_test_id("pos.shell.person")).to_contain_text("Nguyễn Thị cashier")
    page.evaluate(TYPED, [counter.barcode("DEN-M"), "plain", True])
    lines(page, 1)
    page.evaluate(TYPED, [others, "marks", True])
    expect(page.get_by_test_id("pos.shell.person")).to_contain_text("Nguyễn Thị store_manager")
    lines(page, 1)
    page.context.set_offline(True)
    page.evaluate(TYPED, [mine, "soft", True])
    expect(page.get_by_test_id("pos.shell.person")).to_contain_text("Nguyễn Thị cashier")
    lines(page, 1)


def test_a_badge_agrees_to_a_discount_beyond_the_limit_on_line_and_off(counter: Counter) -> None:
    page = counter.till()
    manager, mine = counter.badge("store_manager"), counter.badge("cashier")
    for badge in (manager, mine):
        page.evaluate(TYPED, [badge, "process", True])
        page.get_by_test_id("pos.shell.person").wait_for()
    expect(page.get_by_test_id("pos.shell.person")).to_contain_text("Nguyễn Thị cashier")
    page.evaluate(TYPED, [counter.barcode("DEN-M"), "plain", True])
    lines(page, 1)

    ask_for(page, percent=15)
    page.evaluate(TYPED, [counter.barcode("DEN-M"), "plain", True])
    expect(page.get_by_test_id("pos.approval.message")).to_have_text("Ở đây chỉ nhận thẻ nhân viên.")
    page.evaluate(TYPED, [mine, "plain", True])
    expect(page.get_by_test_id("pos.approval.message")).to_have_text("Nguyễn Thị cashier không có quyền duyệt việc này.")
    page.evaluate(TYPED, [manager, "marks", True])
    expect(page.get_by_test_id("pos.approval")).to_have_count(0)
    expect(page.get_by_test_id("pos.sale.line")).to_contain_text("15%")
    expect(page.get_by_test_id("pos.shell.person")).to_contain_text("Nguyễn Thị cashier")

    page.context.set_offline(True)
    ask_for(page, percent=20)
    page.evaluate(TYPED, [manager, "plain", False])
    expect(page.get_by_test_id("pos.approval")).to_have_count(0)
    expect(page.get_by_test_id("pos.sale.line")).to_contain_text("20%")
    lines(page, 1)


def ask_for(page: Page, *, percent: int) -> None:
    """So much off the last line, which the cashier may not give alone."""
    page.get_by_test_id("pos.sale.line.edit").last.click()
    page.get_by_test_id("pos.terms.mode").get_by_role("radio").nth(1).click()
    page.get_by_test_id(f"pos.terms.percent.{percent}").click()
    page.get_by_test_id("pos.terms.reason.faulty").click()
    page.get_by_test_id("pos.terms.apply").click()
    page.get_by_test_id("pos.approval").wait_for()


def test_twelve_pieces_are_typed_once_and_scanned_once(counter: Counter) -> None:
    page = counter.open_till()
    page.keyboard.press("F3")
    page.keyboard.type("*12", delay=80)
    page.evaluate(TYPED, [counter.barcode("DEN-M"), "plain", True])
    expect(page.get_by_test_id("pos.sale.line.qty")).to_have_text("12")
    expect(page.get_by_test_id("pos.sale.search")).to_have_value("")
    page.evaluate(TYPED, [counter.barcode("DEN-L"), "plain", True])
    expect(page.get_by_test_id("pos.sale.line.qty").nth(1)).to_have_text("1")
