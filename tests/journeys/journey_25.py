"""Journey 25, the till's part: a cashier's day by keyboard alone, with axe on every screen in both themes.

A typing tool changes every key of a scan, and a short soak misses none; ``make bench NAME=soak`` is the long one. The
shopper's part comes with the web shop.
"""

from functools import cache

from playwright.sync_api import Page, expect
from tills import PIN, Goods, goods_at, in_notes, type_notes

from placket.core.settings import ROOT
from stage import Stage

HERE = "HN03"
FLOAT = {500_000: 2, 100_000: 10}
SOAK_SCANS = 60
SCAN_MS = 50.0
IMPACTS = ("serious", "critical")
TABS_MAX = 150
FAULTS: list[str] = []

# A finger or a mouse would be heard here; what a key sets off is no pointer.
COUNT_POINTERS = (
    "() => { window.pointers = 0; addEventListener('pointerdown', () => { window.pointers += 1 }, { capture: true }) }"
)
FOCUSED = "() => document.activeElement?.closest('[data-testid]')?.dataset.testid ?? ''"
# With Telex on, Windows hands out `Process` for every letter and marks for some; the physical key stays true.
TELEX = """barcode => {
  const target = document.activeElement ?? document.body
  const marks = ['Process', 'ư', 'Đ', 'â', 'Process', 'ấ']
  const press = (key, code) => new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true })
  const keys = [...barcode].map((character, at) => press(marks[at % marks.length], `Digit${character}`))
  for (const key of [...keys, press('Enter', 'Enter')]) target.dispatchEvent(key)
}"""


def run(stage: Stage) -> None:
    """Play one round."""
    FAULTS.clear()
    page = stage.open("A", "/pos/")
    page.evaluate(COUNT_POINTERS)
    axe(stage, page, "pair")
    begin(stage, page)
    goods = [one for one in goods_at(stage, page, HERE, at_least=3) if one.price_vnd % 1_000 == 0]

    opens_shift(stage, page)
    axe(stage, page, "sell-empty")
    cash_exact(stage, page, goods)
    cash_with_notes(stage, page, goods[0])
    by_card(stage, page, goods[1])
    parks_and_recalls(stage, page, goods)
    looks_up_other_branches(stage, page, goods[2])
    customer(stage, page, goods[3])
    telex(page, goods[4])
    line_and_bill(stage, page, goods[5])
    other_screens(stage, page)
    soak(stage, page, goods[6:])
    closes_shift(stage, page)
    stage.check(f"axe: {'; '.join(FAULTS)}", holds=not FAULTS)
    stage.check("nobody has touched the screen", holds=page.evaluate("window.pointers") == 0)


@cache
def axe_source() -> str:
    """The checker, as it lies among the web's packages."""
    return (ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def axe(stage: Stage, page: Page, screen: str) -> None:
    """Note serious faults, light and dark; the round fails at its end if there are any."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe_source())
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        page.wait_for_timeout(250)  # colours change over a fifth of a second
        found = page.evaluate("async () => (await axe.run(document)).violations")
        faults = [
            f"{rule['id']} at {node['target']}" for rule in found if rule["impact"] in IMPACTS for node in rule["nodes"][:3]
        ]
        FAULTS.extend(f"{screen}, {theme}: {fault}" for fault in faults)
        stage.shot(page, f"{screen}-{theme}")
    page.evaluate("() => { document.documentElement.dataset.theme = 'light' }")


def go_to(page: Page, testid: str, *, back: bool = False) -> None:
    """Press Tab until the focus is there."""
    for _ in range(TABS_MAX):
        if page.evaluate(FOCUSED) == testid:
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"the Tab key never reaches {testid}")


def press(page: Page, testid: str) -> None:
    """Go there by Tab, and press it by Enter."""
    go_to(page, testid)
    page.keyboard.press("Enter")


def begin(stage: Stage, page: Page) -> None:
    """The device becomes a till, and somebody signs in."""
    code = stage.server.placket("pairing-code", f"{HERE}-1").split()
    digits = next("".join(filter(str.isdigit, word)) for word in code if sum(map(str.isdigit, word)) == 8)
    go_to(page, "pos.pair.code")
    page.keyboard.type(digits, delay=60)
    page.keyboard.press("Enter")
    page.get_by_test_id("pos.pin.staff").first.wait_for()
    axe(stage, page, "pin")
    press(page, "pos.pin.staff")
    page.keyboard.type(PIN, delay=60)
    page.get_by_test_id("pos.sale.search").wait_for()


def opens_shift(stage: Stage, page: Page) -> None:
    """Flow 10 begins: the float by denomination."""
    press(page, "pos.shell.shift")
    expect(page.get_by_test_id("pos.notes.500000")).to_be_focused()
    type_notes(page, FLOAT)
    axe(stage, page, "shift-open")
    press(page, "pos.shift.open")
    expect(page.get_by_test_id("pos.shift")).to_have_count(0)


def cash_exact(stage: Stage, page: Page, goods: list[Goods]) -> None:
    """Flow 1, exact: scan, scan, F9."""
    stage.scan(page, goods[0].barcode)
    stage.scan(page, goods[1].barcode)
    lines(page, 2)
    axe(stage, page, "sell")
    pay(page)
    axe(stage, page, "done")


def cash_with_notes(stage: Stage, page: Page, piece: Goods) -> None:
    """Flow 1, with notes: F8, what the customer gives, F9; the change is right."""
    stage.scan(page, piece.barcode)
    lines(page, 1)
    page.keyboard.press("F8")
    expect(page.get_by_test_id("pos.pay.amount")).to_be_focused()
    given = piece.price_vnd + 50_000
    page.keyboard.type(str(given), delay=60)
    pay(page)
    expect(page.get_by_test_id("pos.done.change")).to_contain_text("50.000")


def by_card(stage: Stage, page: Page, piece: Goods) -> None:
    """Flow 3: arrow keys lead over QR, which is given up, to the card; the terminal says yes, and the sale closes."""
    stage.scan(page, piece.barcode)
    lines(page, 1)
    go_to(page, "pos.pay.method")
    page.keyboard.press("ArrowRight", delay=60)
    axe(stage, page, "pay-qr")
    page.keyboard.press("ArrowRight", delay=60)
    axe(stage, page, "pay-card")
    page.get_by_test_id("pos.done").wait_for()
    lines(page, 0)
    paid = stage.rows("SELECT kind FROM payment WHERE sale_id = (SELECT id FROM sale ORDER BY sold_at DESC LIMIT 1)")
    stage.check(f"the card has paid, not {paid}", holds=paid == [("card",)])


def parks_and_recalls(stage: Stage, page: Page, goods: list[Goods]) -> None:
    """Flow 7: F1 leaves an invoice as it is, F2 brings it back."""
    stage.scan(page, goods[0].barcode)
    lines(page, 1)
    page.keyboard.press("F1")
    lines(page, 0)
    stage.scan(page, goods[1].barcode)
    stage.scan(page, goods[2].barcode)
    lines(page, 2)
    page.keyboard.press("Shift+F2")
    lines(page, 1)
    expect(page.get_by_test_id("pos.sale.line")).to_contain_text(goods[0].style)
    pay(page)
    page.keyboard.press("F2")
    lines(page, 2)
    page.keyboard.press("Escape")  # out of the search, where Delete is a letter's
    page.keyboard.press("Insert")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Delete")
    lines(page, 1)
    pay(page)


def looks_up_other_branches(stage: Stage, page: Page, piece: Goods) -> None:
    """Flow 8: F3, the style, Tab to its stock, Enter; Escape leads back."""
    page.keyboard.press("F3")
    expect(page.get_by_test_id("pos.sale.search")).to_be_focused()
    page.keyboard.type(piece.style.lower(), delay=60)
    page.get_by_test_id(f"pos.sale.tile.{piece.style}").wait_for()
    axe(stage, page, "search")
    press(page, f"pos.sale.stock.{piece.style}")
    page.get_by_test_id("pos.stock.table").wait_for()
    axe(stage, page, "stock")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("pos.stock.table")).to_have_count(0)
    press(page, f"pos.sale.tile.{piece.style}")
    axe(stage, page, "variants")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")


def customer(stage: Stage, page: Page, piece: Goods) -> None:
    """Flow 4 without the voucher, which a later version brings: F4, four digits, the row, F9."""
    stage.scan(page, piece.barcode)
    lines(page, 1)
    ((last4,),) = stage.rows(
        "SELECT right(c.phone, 4) FROM customer c JOIN location l ON l.id = c.home_location_id "
        "WHERE l.code = %s AND c.phone IS NOT NULL AND c.merged_into IS NULL ORDER BY c.id LIMIT 1",
        HERE,
    )
    page.keyboard.press("F4")
    expect(page.get_by_test_id("pos.customer.search")).to_be_focused()
    page.keyboard.type(last4, delay=60)
    page.get_by_test_id("pos.customer.row").first.wait_for()
    axe(stage, page, "customer")
    press(page, "pos.customer.row")
    page.keyboard.press("F4")
    page.get_by_test_id("pos.customer.card").wait_for()
    axe(stage, page, "customer-card")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("pos.customer.card")).to_have_count(0)
    pay(page)
    page.keyboard.press("F4")
    press(page, "pos.customer.create")
    axe(stage, page, "customer-new")
    page.keyboard.press("Escape")


def telex(page: Page, piece: Goods) -> None:
    """Every key changed by a typing tool, the cursor in the search: the code is the code, the field is as it was."""
    page.keyboard.press("F3")
    page.evaluate(TELEX, piece.barcode)
    lines(page, 1)
    expect(page.get_by_test_id("pos.sale.search")).to_have_value("")
    pay(page)


def line_and_bill(stage: Stage, page: Page, piece: Goods) -> None:
    """Enter opens the line, F6 the bill, where half off needs somebody; the ways that are left; the sale looked at again."""
    page.keyboard.press("Escape")
    stage.scan(page, piece.barcode)
    lines(page, 1)
    page.keyboard.press("Enter")
    page.get_by_test_id("pos.terms").wait_for()
    axe(stage, page, "line")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("pos.terms")).to_have_count(0)
    page.keyboard.press("F6")
    page.get_by_test_id("pos.terms").wait_for()
    page.keyboard.type("50", delay=60)
    axe(stage, page, "bill")
    page.keyboard.press("Enter")
    page.get_by_test_id("pos.approval").wait_for()
    axe(stage, page, "approval")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("pos.approval")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("pos.terms")).to_have_count(0)
    go_to(page, "pos.pay.method")
    page.keyboard.press("ArrowLeft", delay=60)
    axe(stage, page, "pay-other")
    page.keyboard.press("ArrowRight", delay=60)
    pay(page)
    for button, screen in (("pos.done.void", "void"), ("pos.done.preview", "receipt")):
        press(page, button)
        axe(stage, page, screen)
        page.keyboard.press("Escape")


def other_screens(stage: Stage, page: Page) -> None:
    """What a day also shows: an unknown code, found and parked invoices, the day, the queue, the sheet of keys."""
    for button, screen in (
        ("pos.sale.orders", "orders"),
        ("pos.sale.parked", "parked"),
        ("pos.shell.today", "today"),
    ):
        press(page, button)
        axe(stage, page, screen)
        page.keyboard.press("Escape")
    stage.scan(page, "8936999999993")
    expect(page.get_by_test_id("pos.sale.unknown")).to_be_visible()
    axe(stage, page, "unknown")
    page.keyboard.press("Escape")
    press(page, "pos.shell.sync")
    axe(stage, page, "sync")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    axe(stage, page, "keys")
    page.keyboard.press("Escape")
    press(page, "pos.sale.camera")
    page.get_by_test_id("pos.camera.fault").wait_for()
    axe(stage, page, "camera")
    page.keyboard.press("Escape")


def soak(stage: Stage, page: Page, goods: list[Goods]) -> None:
    """Sixty scans, ten to a sale; not one is missed, and each is on the screen in time."""
    page.evaluate("() => { performance.clearMarks('scan:in'); performance.clearMarks('scan:painted') }")
    for number in range(SOAK_SCANS):
        stage.scan(page, goods[number % len(goods)].barcode)
        page.wait_for_function(
            "count => performance.getEntriesByName('scan:painted').length === count", arg=number + 1, polling=20
        )
        if number % 10 == 9:
            pieces = sum(map(int, page.get_by_test_id("pos.sale.line.qty").all_text_contents()))
            stage.check(f"ten scans are ten pieces, not {pieces}", holds=pieces == 10)
            pay(page)
    took = sorted(
        done - begun for begun, done in zip(stage.marks(page, "scan:in"), stage.marks(page, "scan:painted"), strict=True)
    )
    stage.measure("scan to line, p95", took[int(len(took) * 0.95)], limit=SCAN_MS)


def closes_shift(stage: Stage, page: Page) -> None:
    """Flow 10: the drawer counted right, compared, closed."""
    ((expected_vnd,),) = stage.rows(
        "SELECT sum(p.amount_vnd)::bigint FROM payment p JOIN sale s ON s.id = p.sale_id JOIN till t ON t.id = s.till_id "
        "JOIN location l ON l.id = t.location_id WHERE l.code = %s AND p.kind = 'cash' "
        "AND s.sold_at >= (SELECT max(opened_at) FROM shift)",
        HERE,
    )
    press(page, "pos.shell.shift")
    press(page, "pos.shift.close")
    expect(page.get_by_test_id("pos.notes.500000")).to_be_focused()
    type_notes(page, in_notes(sum(value * count for value, count in FLOAT.items()) + expected_vnd))
    axe(stage, page, "shift-count")
    press(page, "pos.shift.compare")
    axe(stage, page, "shift-variance")
    press(page, "pos.shift.close_submit")
    page.get_by_test_id("pos.shift.done").wait_for()
    axe(stage, page, "shift-z")
    press(page, "pos.shift.done")


def pay(page: Page) -> None:
    """F9 once the button is ready; the invoice is gone, and the done strip is this sale's."""
    page.wait_for_timeout(450)  # it sleeps after the last change
    expect(page.get_by_test_id("pos.pay.submit")).not_to_have_attribute("aria-disabled", "true")
    page.keyboard.press("F9")
    lines(page, 0)
    page.get_by_test_id("pos.done").wait_for()


def lines(page: Page, count: int) -> None:
    """The invoice has so many lines."""
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(count)
