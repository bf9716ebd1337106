"""Goods in, in a real browser: ordered from a new supplier, received by scan, on the shelf with what they cost."""

from playwright.sync_api import Route, expect
from sqlalchemy import text

from office.conftest import Office


def test_goods_are_ordered_and_taken_in_by_scan(office: Office) -> None:
    with office.database.transaction() as tx:
        barcode = tx.scalars(text("SELECT code FROM barcode WHERE variant_id = :id"), {"id": office.shirt}).one()
        before = tx.scalars(text("SELECT sum(on_hand) FROM stock WHERE variant_id = :id"), {"id": office.shirt}).one()
    page = office.sign_in("/office/goods-in")
    page.get_by_test_id("office.supply.order").click()
    page.get_by_test_id("office.supply.add_supplier").click()
    page.get_by_test_id("office.supply.supplier_name").fill("Xưởng may Bình Minh")
    page.get_by_test_id("office.supply.supplier_save").click()
    goods = page.get_by_test_id("office.order.goods")
    goods.fill(barcode)
    goods.press("Enter")
    page.locator("[data-testid^='office.order.qty.']").fill("10")
    page.locator("[data-testid^='office.order.cost.']").fill("120.000")
    page.get_by_test_id("office.order.submit").click()
    expect(page.get_by_test_id("office.order.state")).to_be_visible()
    scan = page.get_by_test_id("office.door.scan")
    for _ in range(2):
        scan.fill(barcode)
        scan.press("Enter")
    expect(page.get_by_test_id("office.door.take")).to_contain_text("2")
    page.get_by_test_id("office.door.all").click()
    expect(page.get_by_test_id("office.door.take")).to_contain_text("10")
    page.get_by_test_id("office.door.take").click()
    page.get_by_test_id("office.door.take_now").click()
    expect(page.get_by_test_id("office.order.state")).to_have_text("Đã đủ")
    with office.database.transaction() as tx:
        after = tx.scalars(text("SELECT sum(on_hand) FROM stock WHERE variant_id = :id"), {"id": office.shirt}).one()
    assert after - before == 10


def test_a_supplier_whose_answer_was_lost_is_added_once(office: Office) -> None:
    page = office.sign_in("/office/goods-in/orders/new")
    page.get_by_test_id("office.supply.add_supplier").click()
    page.get_by_test_id("office.supply.supplier_name").fill("Dệt Nam Định")
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    page.route("**/api/suppliers", lose)
    page.get_by_test_id("office.supply.supplier_save").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    page.get_by_test_id("office.supply.supplier_save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    with office.database.transaction() as tx:
        assert tx.scalars(text("SELECT count(*) FROM supplier WHERE name = 'Dệt Nam Định'")).one() == 1
