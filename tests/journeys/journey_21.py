"""Journey 21, a shift: float, sales, a void, cash out, a blind count that is 20.000 short, the Z, and the office beside it.

Then a shift without network: opened, sold in, counted and closed on the till alone, numbered when the network
is back. A sale of it that is handed in later is shown by tests/pos/test_shift_entries.py.
"""

from playwright.sync_api import Page, expect
from tills import COUNT_TAPS, PIN, Goods, goods_at, in_notes, person, type_notes

from stage import Stage

HERE = "SG02"
FLOAT = {500_000: 2, 100_000: 5, 50_000: 10}
FLOAT_VND = 2_000_000
OUT_VND = 50_000


def run(stage: Stage) -> None:
    """Play one round."""
    till = stage.till("A", f"{HERE}-1")
    stage.sign_in_at_till(till, PIN, person(stage, "cashier", HERE))
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    office.goto("/office/shifts")
    till.evaluate(COUNT_TAPS)

    goods = next(one for one in goods_at(stage, till, HERE, at_least=3) if one.price_vnd % 1_000 == 0)
    opens(stage, till)
    sell(stage, till, goods)
    sell(stage, till, goods)
    void_last(till)
    cash_out(stage, till)
    blind_x(stage, till)
    expected_vnd = FLOAT_VND + goods.price_vnd - OUT_VND
    closes_short(stage, till, expected_vnd)
    in_the_office(stage, office, expected_vnd)

    opens(stage, till)
    closes_far_off(stage, till)
    without_network(stage, till, goods)
    stage.shot(office, "M-shifts")


def opens(stage: Stage, page: Page) -> None:
    """The till offers it; two taps and the keys."""
    page.evaluate("window.taps = 0")
    page.get_by_test_id("pos.shell.shift").click()
    expect(page.get_by_test_id("pos.notes.500000")).to_be_focused()
    type_notes(page, FLOAT)
    expect(page.get_by_test_id("pos.notes.total")).to_have_text(vnd(FLOAT_VND))
    expect(page.get_by_test_id("pos.shift.open")).to_be_focused()
    stage.shot(page, "A-open")
    page.get_by_test_id("pos.shift.open").click()
    expect(page.get_by_test_id("pos.shift")).to_have_count(0)
    stage.check("a shift opens with two taps", holds=page.evaluate("window.taps") == 2)


def sell(stage: Stage, page: Page, goods: Goods) -> None:
    """One piece, exact cash, F9."""
    before = stage.rows("SELECT count(*) FROM sale")[0][0]
    stage.scan(page, goods.barcode)
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(1)
    page.keyboard.press("F9")
    expect(page.get_by_test_id("pos.done")).to_be_visible()
    stage.check("the sale is on the books", holds=stage.rows("SELECT count(*) FROM sale")[0][0] == before + 1)


def void_last(page: Page) -> None:
    """Undo the last sale: its cash goes back."""
    page.get_by_test_id("pos.done.void").click()
    page.get_by_test_id("pos.void.submit").click()
    expect(page.get_by_test_id("pos.void.submit")).to_have_count(0)


def cash_out(stage: Stage, page: Page) -> None:
    """Cash for supplies leaves the drawer, with a reason."""
    page.get_by_test_id("pos.shell.shift").click()
    page.get_by_test_id("pos.shift.out").click()
    page.get_by_test_id("pos.shift.amount").fill(str(OUT_VND))
    page.get_by_role("button", name="Mua vật dụng").click()
    stage.shot(page, "A-out")
    page.get_by_test_id("pos.shift.write").click()
    expect(page.get_by_test_id("pos.shift.moves")).to_contain_text("Mua vật dụng")
    stage.shot(page, "A-home")


def blind_x(stage: Stage, page: Page) -> None:
    """Whoever will count sees no cash in an X."""
    page.get_by_test_id("pos.shift.x").click()
    report = page.get_by_test_id("pos.shift.x_report")
    expect(report).to_contain_text("Hóa đơn")
    expect(report).not_to_contain_text("Tiền mặt")
    stage.shot(page, "A-x")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("pos.shift")).to_have_count(0)


def closes_short(stage: Stage, page: Page, expected_vnd: int) -> None:
    """Four taps and the keys; what should be there shows only after the count is compared."""
    page.evaluate("window.taps = 0")
    page.get_by_test_id("pos.shell.shift").click()
    page.get_by_test_id("pos.shift.close").click()
    expect(page.get_by_test_id("pos.notes.500000")).to_be_focused()
    type_notes(page, in_notes(expected_vnd - 20_000))
    expect(page.get_by_test_id("pos.notes.total")).to_have_text(vnd(expected_vnd - 20_000))
    sheet = page.get_by_test_id("pos.shift")
    expect(sheet).not_to_contain_text(vnd(expected_vnd))
    stage.shot(page, "A-count")
    page.get_by_test_id("pos.shift.compare").click()
    expect(page.get_by_test_id("pos.shift.expected")).to_have_text(vnd(expected_vnd))
    expect(page.get_by_test_id("pos.shift.variance")).to_have_text(f"Thiếu {vnd(20_000)}")
    stage.shot(page, "A-variance")
    page.get_by_test_id("pos.shift.close_submit").click()
    row = page.get_by_test_id("pos.shift").get_by_test_id("pos.receipt.row")
    expect(row.filter(has_text="CHÊNH LỆCH")).to_contain_text("−20.000")
    stage.check("a shift closes with four taps", holds=page.evaluate("window.taps") == 4)
    stage.shot(page, "A-z")
    page.get_by_test_id("pos.shift.done").click()


def in_the_office(stage: Stage, page: Page, expected_vnd: int) -> None:
    """B27 says what the Z says, and what the database says."""
    ((number, till_expected, variance),) = stage.rows(
        "SELECT z.number, z.expected_vnd, z.variance_vnd FROM z_report z ORDER BY z.closed_at DESC LIMIT 1"
    )
    stage.check("the Z holds what the drawer should", holds=(till_expected, variance) == (expected_vnd, -20_000))
    row = page.get_by_test_id("office.shifts.table").get_by_role("row").filter(has_text=f"Z {number}").first
    expect(row).to_contain_text("−20.000", timeout=5_000)
    row.click()
    expect(page.get_by_test_id("office.shift.expected")).to_have_text(vnd(expected_vnd))
    expect(page.get_by_test_id("office.shift.variance")).to_have_text(f"−{vnd(20_000)}")
    stage.shot(page, "M-shift")
    page.keyboard.press("Escape")


def closes_far_off(stage: Stage, page: Page) -> None:
    """60.000 short: counted once more, both kept, then only with a reason and a manager's PIN."""
    page.get_by_test_id("pos.shell.shift").click()
    page.get_by_test_id("pos.shift.close").click()
    for again in (False, True):
        if again:
            page.get_by_test_id("pos.shift.recount").click()
        expect(page.get_by_test_id("pos.notes.500000")).to_be_focused()
        type_notes(page, in_notes(FLOAT_VND - 60_000))
        page.get_by_test_id("pos.shift.compare").click()
        expect(page.get_by_test_id("pos.shift.variance")).to_have_text(f"Thiếu {vnd(60_000)}")
    expect(page.get_by_test_id("pos.shift.recount")).to_have_count(0)
    submit = page.get_by_test_id("pos.shift.close_submit")
    expect(submit).to_be_disabled()
    page.get_by_test_id("pos.shift.reason").fill("Thối nhầm cho khách")
    submit.click()
    expect(page.get_by_test_id("pos.approval.about")).to_contain_text("Thối nhầm cho khách")
    page.get_by_test_id("pos.approval.person").filter(has_text=person(stage, "store_manager", HERE)).click()
    page.keyboard.type("654321", delay=60)
    expect(page.get_by_test_id("pos.approval.message")).to_contain_text("PIN")
    expect(page.get_by_test_id("pos.shift.done")).to_have_count(0)
    stage.shot(page, "A-approval")
    page.keyboard.type(PIN, delay=60)
    expect(page.get_by_test_id("pos.shift.done")).to_be_visible()
    ((approved, counts),) = stage.rows(
        "SELECT z.approved_by IS NOT NULL, z.count_no FROM z_report z ORDER BY z.closed_at DESC LIMIT 1"
    )
    stage.check("a manager has approved, after two counts", holds=(approved, counts) == (True, 2))
    page.get_by_test_id("pos.shift.done").click()


def without_network(stage: Stage, page: Page, goods: Goods) -> None:
    """A whole shift on the till alone; the Z is provisional, and numbered once the journal is handed in."""
    ((last,),) = stage.rows("SELECT max(z.number) FROM z_report z JOIN shift h ON h.id = z.shift_id")
    page.context.set_offline(True)
    expect(page.get_by_test_id("pos.shell.line")).to_contain_text("Ngoại tuyến")
    opens(stage, page)
    stage.scan(page, goods.barcode)
    page.keyboard.press("F9")
    expect(page.get_by_test_id("pos.done")).to_be_visible()
    page.get_by_test_id("pos.shell.shift").click()
    expect(page.get_by_test_id("pos.shift.offline")).to_be_visible()
    page.get_by_test_id("pos.shift.close").click()
    expect(page.get_by_test_id("pos.shift.unsent")).to_be_visible()
    expect(page.get_by_test_id("pos.notes.500000")).to_be_focused()
    type_notes(page, in_notes(FLOAT_VND + goods.price_vnd))
    stage.shot(page, "A-offline-count")
    page.get_by_test_id("pos.shift.compare").click()
    expect(page.get_by_test_id("pos.shift.expected")).to_have_text(vnd(FLOAT_VND + goods.price_vnd))
    page.get_by_test_id("pos.shift.close_submit").click()
    row = page.get_by_test_id("pos.shift").get_by_test_id("pos.receipt.row")
    expect(row.filter(has_text="BÁO CÁO Z TẠM")).to_have_count(1)
    stage.shot(page, "A-offline-z")
    page.get_by_test_id("pos.shift.done").click()
    page.context.set_offline(False)
    expect(page.get_by_test_id("pos.shell.line")).to_contain_text("Trực tuyến", timeout=20_000)
    expect(page.get_by_test_id("pos.shell.shift")).to_contain_text("Chưa mở ca", timeout=20_000)
    newest = "SELECT z.number, z.expected_vnd, z.variance_vnd FROM z_report z ORDER BY z.closed_at DESC LIMIT 1"
    stage.until("the Z is numbered when it is handed in", lambda: stage.rows(newest)[0][0] == last + 1, within_s=20)
    ((_, expected, variance),) = stage.rows(newest)
    stage.check("its figures are the till's", holds=(expected, variance) == (FLOAT_VND + goods.price_vnd, 0))


def vnd(amount_vnd: int) -> str:
    """Money as the screens show it."""
    return f"{amount_vnd:,}".replace(",", ".") + "\u00a0₫"
