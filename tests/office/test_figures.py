"""The dashboard and the reports in a real browser: they tell what was sold, as it is sold."""

import re
from io import BytesIO

from openpyxl import load_workbook
from playwright.sync_api import expect
from sqlalchemy import text

from office.conftest import Office
from office.test_promotions import axe
from placket import verify
from placket.core import clock


def test_a_sale_moves_the_day_by_itself(office: Office) -> None:
    page = office.sign_in("/office/")
    bills = page.get_by_test_id("office.dashboard.figure.bills")
    expect(bills).to_be_visible()
    before = int(bills.inner_text())
    revenue = office.http.get("/api/dashboard", headers=office.owner.bearer).json()["sums"]["today"]["revenue_vnd"]
    sold = office.sell()
    expect(bills).to_have_text(str(before + 1))
    shown = office.http.get("/api/dashboard", headers=office.owner.bearer).json()
    assert shown["sums"]["today"]["revenue_vnd"] == revenue + sold["total_vnd"]
    assert shown["today_vnd"][-1] == shown["sums"]["today"]["revenue_vnd"]
    page.get_by_test_id("office.dashboard.table").click()
    expect(page.get_by_test_id("office.dashboard.hours").get_by_role("row").last).to_be_visible()
    page.get_by_test_id("office.dashboard.compare").get_by_role("radio", name="Âm lịch").click()
    expect(page).to_have_url(re.compile("compare=lunar"))
    axe(page)
    page.get_by_test_id("office.figures.means").click()
    expect(page.get_by_test_id("office.figures.definitions")).to_contain_text("Doanh thu không gồm VAT")
    axe(page)


def test_a_report_adds_up_and_opens_its_bills(office: Office) -> None:
    office.sell()
    page = office.sign_in("/office/reports")
    table = page.get_by_test_id("office.report.table")
    first, total = table.get_by_role("row").nth(1), table.get_by_role("row").last
    expect(total).to_contain_text("Tổng")
    assert first.inner_text().split("\t")[1:] == total.inner_text().split("\t")[1:], "there is one branch"
    axe(page)
    first.click()
    documents = page.get_by_test_id("office.report.documents")
    expect(documents.get_by_role("link").first).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    with page.expect_download() as saved:
        page.get_by_test_id("office.report.xlsx").click()
    book = load_workbook(BytesIO(saved.value.path().read_bytes()))
    assert [cell.value for cell in book.active["A"]][0::2] == ["Chi nhánh", "Tổng"]
    page.get_by_test_id("office.report.tab.heat").click()
    page.get_by_test_id("office.report.number").filter(has_text=re.compile("[1-9]")).first.click()
    documents.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/office/sales/[0-9a-f-]{36}"))


def test_the_wall_shows_a_sale_as_it_is_made(office: Office) -> None:
    page = office.sign_in("/office/wall")
    ticker = page.get_by_test_id("office.wall.ticker").get_by_role("listitem")
    expect(page.get_by_test_id("office.wall.sum")).to_be_visible()
    before = page.get_by_test_id("office.wall.branch.HN01").inner_text()
    sold = office.sell()
    code = f"{sold['total_vnd']:,}".replace(",", ".")
    expect(ticker.first).to_contain_text(code)
    expect(page.get_by_test_id("office.wall.branch.HN01")).not_to_have_text(before)
    axe(page)


def test_the_badge_of_the_books_opens_the_document_that_is_wrong(office: Office) -> None:
    sold = office.sell()
    verify.look(office.database, now=clock.now())
    page = office.sign_in("/office/profile")
    badge = page.get_by_test_id("office.books.badge")
    expect(badge).to_have_text("Sổ sách khớp")
    pay = text("UPDATE payment SET amount_vnd = :paid, tendered_vnd = NULL, change_vnd = NULL WHERE sale_id = :id")
    with office.database.transaction() as tx:
        tx.execute(pay, {"paid": 1, "id": sold["id"]})
    verify.look(office.database, now=clock.now())
    expect(badge).to_have_text("Sổ lệch 1 chỗ")
    badge.click()
    axe(page)
    page.get_by_test_id("office.books.open").click()
    expect(page).to_have_url(re.compile(sold["id"]))
    with office.database.transaction() as tx:
        tx.execute(pay, {"paid": sold["total_vnd"], "id": sold["id"]})
    verify.look(office.database, now=clock.now())
    expect(badge).to_have_text("Sổ sách khớp")


def test_a_period_that_ends_before_it_begins_is_refused(office: Office) -> None:
    period = {"from_on": "2026-11-26", "to_on": "2026-11-25", "by": "branch"}
    answer = office.http.get("/api/reports/sales", headers=office.owner.bearer, params=period)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_period")
