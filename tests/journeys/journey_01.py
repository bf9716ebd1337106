"""Journey 1, cash sale: two scans, a note chip, F9; another branch sees the stock drop, the office sees the sale.

The float of the shift and the pulse of the drawer come with the till's issue (#3), the dashboard with its own (#22).
"""

import re

from playwright.sync_api import Locator, Page, expect
from tills import COUNT_TAPS, PIN, Goods, committed_at_ms, goods_at, pair_worth, show_stock

from stage import Stage

HERE, THERE = "SG01", "HN01"
HANDED_VND = 3_000_000
PAINTED_MS = 1_000

# The dots of one row of the receipt: how many are ink, and whether any is neither ink nor paper.
INK = """(canvas, row) => {
    const { data } = canvas.getContext('2d').getImageData(0, row.top, canvas.width, row.height)
    const light = Array.from({ length: data.length / 4 }, (_, dot) => data[dot * 4])
    return { width: canvas.width, ink: light.filter((one) => one === 0).length, grey: light.some((one) => one % 255) }
}"""


def run(stage: Stage) -> None:
    """Play one round."""
    till = stage.till("A", f"{HERE}-1")
    stage.sign_in_at_till(till, PIN)
    other = stage.till("B", f"{THERE}-1")
    stage.sign_in_at_till(other, PIN)
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    office.goto("/office/sales")

    pieces = pair_worth(goods_at(stage, till, HERE), 2_550_000, 2_950_000)
    cell = watch(other, pieces[1])
    before = int(cell.inner_text())
    code = sell(stage, till, pieces)

    expect(cell).to_have_text(str(before - 1), timeout=PAINTED_MS)
    painted = max(stage.marks(other, "ws:painted"))
    stage.measure("commit to the other branch's paint", painted - committed_at_ms(stage, code), limit=PAINTED_MS)
    stage.shot(other, "B-stock")
    expect(office.get_by_test_id("office.sales.table")).to_contain_text(code, timeout=5_000)
    stage.shot(office, "M-sales")
    paper(stage, till)


def watch(page: Page, goods: Goods) -> Locator:
    """The cell of the selling branch on another branch's stock sheet."""
    show_stock(page, goods)
    return page.get_by_test_id(f"pos.stock.cell.{HERE}.{goods.sku}")


def sell(stage: Stage, page: Page, pieces: tuple[Goods, Goods]) -> str:
    """Two scans, the chip, F9: two taps. Answers the receipt's code."""
    total_vnd = sum(goods.price_vnd for goods in pieces)
    page.evaluate(COUNT_TAPS)
    for place, goods in enumerate(pieces, start=1):
        stage.scan(page, goods.barcode)
        expect(page.get_by_test_id("pos.sale.line")).to_have_count(place)
    page.wait_for_function("performance.getEntriesByName('scan:painted', 'mark').length === 2")
    # A PIN that is typed in a burst is a scan too: the last two are ours.
    for begun, painted in zip(stage.marks(page, "scan:in")[-2:], stage.marks(page, "scan:painted"), strict=True):
        stage.measure("scan to line painted", painted - begun)
    stage.shot(page, "A-scanned")
    page.get_by_test_id(f"pos.pay.chip.{HANDED_VND}").click()
    expect(page.get_by_test_id("pos.pay.change")).to_have_text(vnd(HANDED_VND - total_vnd))
    page.keyboard.press("F9")
    expect(page.get_by_test_id("pos.done.change")).to_have_text(vnd(HANDED_VND - total_vnd))
    stage.check("a cash sale in notes is two taps", holds=page.evaluate("window.taps") == 2)
    stored, answered = (stage.marks(page, name)[-1] for name in ("pay:stored", "pay:answered"))
    tapped, committed = (stage.marks(page, name)[-1] for name in ("pay:tap", "pay:committed"))
    stage.measure("pay pressed to committed", committed - tapped)
    stage.measure("of that, to the attempt on the disk", stored - tapped)
    stage.measure("of that, to the server's answer", answered - stored)
    stage.shot(page, "A-done")
    found = re.search(rf"{HERE}-\d+-\d+-\d{{7}}", page.get_by_test_id("pos.done").inner_text())
    assert found is not None, "the done strip names the receipt"
    return found[0]


def paper(stage: Stage, page: Page) -> None:
    """The receipt is a picture of 576 dots, black or white, and holds the change."""
    page.get_by_test_id("pos.done.preview").click()
    sheet = page.get_by_role("dialog")
    row = sheet.get_by_test_id("pos.receipt.row").filter(has_text="Tiền thối lại")
    expect(row).to_have_count(1)
    place = {name: int(row.get_attribute(f"data-{name}") or 0) for name in ("top", "height")}
    dots = sheet.get_by_test_id("pos.receipt.image").evaluate(INK, place)
    stage.check("the receipt is 576 dots wide", holds=dots["width"] == 576)
    stage.check("every dot is black or white", holds=not dots["grey"])
    stage.check("the change stands in the picture", holds=dots["ink"] > 500)
    stage.shot(page, "A-receipt")


def vnd(amount_vnd: int) -> str:
    """Money as the till shows it."""
    return f"{amount_vnd:,}".replace(",", ".") + "\u00a0₫"
