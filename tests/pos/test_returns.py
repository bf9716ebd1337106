"""Goods come back at the till in a real browser: a return in three taps, an exchange in two."""

from playwright.sync_api import Page, expect
from sqlalchemy import text

from books import prove
from journeys.stage import BURST
from placket.sales.rules import receipt_barcode
from pos.conftest import Counter
from pos.test_taps import COUNT_TAPS, PAY_GUARD, scan, taps
from waiting import until

# The device has been told of a sale, holds the book of promotions it was made by, and a newer one.
HOLDS_ITS_BOOK = """async (barcode) => {
  const open = indexedDB.open('placket-till')
  const db = await new Promise((done) => { open.onsuccess = () => done(open.result) })
  const all = (name) => new Promise((done) => {
    const get = db.transaction(name).objectStore(name).getAll()
    get.onsuccess = () => done(get.result)
  })
  const [held, orders] = [await all('books'), await all('orders')]
  db.close()
  const sale = orders.find((order) => order.barcode === barcode)
  const versions = held.map(({ promoVersion }) => promoVersion)
  return sale !== undefined && versions.includes(sale.promo_version) && Math.max(...versions) > sale.promo_version
}"""
TWO_FOR_TEN = {"need": {"qty": 2}, "reward": {"kind": "percent", "bp": 1_000}}


def sells(counter: Counter, page: Page, *variants: str, due: str = "") -> str:
    """A cash sale; answers the digits under its receipt."""
    for variant in variants:
        scan(page, counter.barcode(variant))
    expect(page.get_by_test_id("pos.pay.due")).to_contain_text(due)
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
    return receipt_barcode(till_no=till_no, epoch=epoch, receipt_no=number)


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


def test_another_size_of_a_promotion_stays_even_and_keeps_it(counter: Counter) -> None:
    page = counter.open_till()
    with counter.promoted(TWO_FOR_TEN):
        receipt = sells(counter, page, "DEN-M", "DEN-L", due="358.000")
    page.evaluate(BURST, receipt)
    page.get_by_test_id("pos.returns.take").first.click()
    expect(page.get_by_test_id("pos.sale.recalculated")).to_contain_text("+19.900")
    scan(page, counter.barcode("DEN-L"))
    expect(page.get_by_test_id("pos.sale.recalculated")).to_have_count(0)
    expect(page.get_by_test_id("pos.sale.line.tag")).to_contain_text("giữ giá cũ")
    expect(page.get_by_test_id("pos.sale.line.net")).to_have_text("179.100")
    submit = page.get_by_test_id("pos.pay.submit")
    expect(submit).to_contain_text("Đổi ngang")
    page.evaluate(PAY_GUARD)
    submit.click()
    page.get_by_test_id("pos.done").wait_for()
    assert last_sale(counter) == (0, 0, 0)
    prove(counter.database)


def test_without_network_a_promotion_is_reckoned_by_the_book_of_its_sale(counter: Counter) -> None:
    page = counter.open_till()
    with counter.promoted(TWO_FOR_TEN):
        receipt = sells(counter, page, "DEN-M", "DEN-L", due="358.000")
    until(lambda: bool(page.evaluate(HOLDS_ITS_BOOK, receipt)), within_s=20)
    page.context.set_offline(True)
    expect(page.get_by_test_id("pos.shell.line")).to_contain_text("Ngoại tuyến", timeout=20_000)
    page.evaluate(BURST, receipt)
    page.get_by_test_id("pos.returns.take").first.click()
    page.get_by_test_id("pos.returns.reason.unsuitable").click()
    expect(page.get_by_test_id("pos.sale.recalculated")).to_contain_text("Mua 2 giảm 10% không còn")
    submit = page.get_by_test_id("pos.pay.submit")
    expect(submit).to_contain_text("Hoàn 159.000")
    page.evaluate(PAY_GUARD)
    submit.click()
    page.get_by_test_id("pos.done").wait_for()
    page.context.set_offline(False)
    until(lambda: last_sale(counter) == (-159_200, -1, -159_000), within_s=20)
    with counter.database.transaction() as tx:
        kinds = tx.scalars(text("SELECT kind FROM exception_log WHERE kind LIKE 'price%' OR kind LIKE 'approval%'")).all()
    assert kinds == []
    prove(counter.database)
