"""Journey 9, exchange with difference: one of two shirts bought with 10 % off comes back, a dearer dress goes out for it.

Three taps; what is kept is priced again by the receipt's own promotion and the till says so; today's promotions apply to the
new piece; the difference comes by QR, to the đồng; both receipts name each other.
"""

from banking import NUMBERS, ask, call
from offering import dong, expect_due, publish
from playwright.sync_api import Page, expect
from tills import COUNT_TAPS, PIN, Goods, goods_at, newest_receipt, set_balance

from stage import Stage

HERE = "HN01"
SHELF = 20
TAPS = 3
TWO_OFF_BP = 1_000
DRESS_OFF_BP = 2_000


def run(stage: Stage) -> None:
    """Play one round."""
    till = stage.till("A", f"{HERE}-1")
    stage.sign_in_at_till(till, PIN)
    office = stage.office("M", "owner@lua.example", "lua-demo-2026")
    shirt, dress = cheap_and_dear(stage, office, till)
    two_off = {"goods": {"variants": [shirt.id]}, "need": {"qty": 2}, "reward": {"kind": "percent", "bp": TWO_OFF_BP}}
    publish(office, "Mua 2 giảm 10%", two_off)
    dress_off = {"goods": {"variants": [dress.id]}, "reward": {"kind": "percent", "bp": DRESS_OFF_BP}}
    publish(office, "Ưu đãi Thu-Đông 20%", dress_off)

    paid_vnd = shirt.price_vnd - part(shirt.price_vnd, TWO_OFF_BP)
    sold, receipt = two_shirts(stage, till, shirt, 2 * paid_vnd)
    refund_vnd = 2 * paid_vnd - shirt.price_vnd
    dress_vnd = dress.price_vnd - part(dress.price_vnd, DRESS_OFF_BP)
    exchanged = exchange(stage, till, receipt, dress, (paid_vnd, shirt.price_vnd - paid_vnd, dress_vnd - refund_vnd))

    booked = stage.rows(
        "SELECT n.qty, n.total_vnd, n.returns_sale_id::text FROM sale_line n WHERE n.sale_id = %s::uuid ORDER BY n.line_no",
        exchanged,
    )
    stage.check(f"one receipt holds both ({booked})", holds=booked == [(1, dress_vnd, None), (-1, -refund_vnd, sold)])
    parts = stage.rows(
        "SELECT d.kind, d.amount_vnd FROM sale_discount d JOIN sale_line n USING (sale_id, line_no) "
        "WHERE d.sale_id = %s::uuid AND n.qty < 0 ORDER BY d.no",
        exchanged,
    )
    lost_vnd = shirt.price_vnd - paid_vnd
    explained = [("promotion", -lost_vnd), ("recalculated", -lost_vnd)]
    stage.check(f"the books explain it ({parts})", holds=parts == explained)
    paid = stage.rows("SELECT kind, amount_vnd FROM payment WHERE sale_id = %s::uuid", exchanged)
    stage.check(f"the difference was paid by QR ({paid})", holds=paid == [("transfer", dress_vnd - refund_vnd)])
    both_documents(stage, till, office, receipt, sold, exchanged)


def part(amount_vnd: int, bp: int) -> int:
    """A share, half away from zero."""
    return (amount_vnd * bp + 5_000) // 10_000


def cheap_and_dear(stage: Stage, office: Page, page: Page) -> tuple[Goods, Goods]:
    """Two pieces of different styles, the second dearer by more than its promotion takes off; enough of both."""
    shelf = [one for one in goods_at(stage, page, HERE) if one.price_vnd % 10_000 == 0]
    dress, *others = sorted(shelf, key=lambda one: -one.price_vnd)
    shirt = next(one for one in others if one.style != dress.style and one.price_vnd * 2 < dress.price_vnd)
    for goods in (shirt, dress):
        set_balance(stage, office, place=HERE, goods=goods, pieces=SHELF)
    return shirt, dress


def two_shirts(stage: Stage, page: Page, shirt: Goods, total_vnd: int) -> tuple[str, str]:
    """A cash sale of two with the promotion; its id and the digits under its receipt."""
    for _ in range(2):
        stage.scan(page, shirt.barcode)
    expect_due(page, total_vnd)
    page.wait_for_timeout(450)
    page.keyboard.press("F9")
    page.get_by_test_id("pos.done").wait_for()
    page.get_by_test_id("pos.done.close").click()
    return newest_receipt(stage)


def exchange(stage: Stage, page: Page, receipt: str, dress: Goods, amounts: tuple[int, int, int]) -> str:
    """Scan, tap the line, scan the dress, tap the reason, tap QR; the bank's call closes it. Answers the new sale's id."""
    paid_vnd, lost_vnd, due_vnd = amounts
    page.evaluate(COUNT_TAPS)
    stage.scan(page, receipt)
    page.get_by_test_id("pos.returns.take").first.click()
    stage.scan(page, dress.barcode)
    page.get_by_test_id("pos.returns.reason.unsuitable").click()
    expect(page.get_by_test_id("pos.sale.returned.net")).to_have_text(f"−{dong(paid_vnd)}")
    lost = page.get_by_test_id("pos.sale.recalculated")
    expect(lost).to_contain_text("Mua 2 giảm 10% không còn")
    expect(lost).to_contain_text(f"+{dong(lost_vnd)}")
    expect(page.get_by_test_id("pos.sale.line.offer")).to_contain_text("Ưu đãi Thu-Đông 20%")
    expect_due(page, due_vnd)
    expect(page.get_by_test_id("pos.pay.submit")).to_contain_text("Thu thêm")
    stage.shot(page, "A-exchange")
    page.wait_for_timeout(450)
    code = ask(stage, page)
    stage.check("an exchange with difference is three taps", holds=page.evaluate("window.taps") == TAPS)
    stage.shot(page, "A-exchange-qr")
    call(stage, due_vnd, code, next(NUMBERS))
    page.get_by_test_id("pos.done").wait_for()
    stage.shot(page, "A-exchanged")
    page.get_by_test_id("pos.done.close").click()
    return newest_receipt(stage)[0]


def both_documents(stage: Stage, page: Page, office: Page, receipt: str, sold: str, exchanged: str) -> None:
    """Scanned again, the old receipt says what came back where; in the office the two receipts lead to each other."""
    ((old_code, new_code),) = stage.rows(
        "SELECT o.receipt_code, x.receipt_code FROM sale o, sale x WHERE o.id = %s::uuid AND x.id = %s::uuid",
        sold,
        exchanged,
    )
    stage.scan(page, receipt)
    expect(page.get_by_test_id("pos.returns.came_back")).to_contain_text(new_code)
    page.get_by_test_id("pos.returns.drop").click()
    office.goto(f"/office/sales/{exchanged}")
    expect(office.get_by_test_id("office.sale.returns")).to_have_text(old_code)
    office.goto(f"/office/sales/{sold}")
    expect(office.get_by_test_id("office.sale.came_back")).to_contain_text(new_code)
