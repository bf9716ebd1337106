"""News for the counters and targets of a month, in a real browser."""

import re

from playwright.sync_api import expect
from sqlalchemy import text

from office.conftest import Office

PASTE = """(cell, text) => {
  const carried = new DataTransfer()
  carried.setData('text', text)
  cell.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }))
}"""


def test_news_is_written_read_at_the_counter_and_withdrawn(office: Office) -> None:
    page = office.sign_in("/office/counter")
    expect(page).to_have_title(re.compile("^Tin và mục tiêu · "))
    expect(page.get_by_text("Chưa viết tin nào cho quầy.")).to_be_visible()
    page.get_by_test_id("office.counter.new").click()
    page.get_by_test_id("office.message.submit").click()
    expect(page.get_by_text("Hãy viết tiêu đề và nội dung.").first).to_be_visible()
    page.get_by_test_id("office.message.title").fill("Kiểm kê tối nay")
    page.get_by_test_id("office.message.body").fill("Đóng cửa lúc 21 giờ, mọi người ở lại đến 22 giờ.")
    page.get_by_test_id("office.message.submit").click()
    row = page.get_by_test_id("office.counter.messages").get_by_role("row").filter(has_text="Kiểm kê tối nay")
    expect(row).to_contain_text("Mọi chi nhánh")
    expect(row).to_contain_text("Đang hiện")
    shown = office.http.get("/api/till/day", headers=office.till.bearer).json()["messages"]
    assert [one["title"] for one in shown] == ["Kiểm kê tối nay"]
    row.get_by_test_id("office.counter.withdraw").click()
    expect(row).to_contain_text("Không hiện nữa")
    assert office.http.get("/api/till/day", headers=office.till.bearer).json()["messages"] == []


def test_targets_of_a_month_are_pasted_checked_and_saved(office: Office) -> None:
    page = office.sign_in("/office/counter?part=targets")
    table = page.get_by_test_id("office.targets.table")
    first = table.locator('[data-cell="0/0"]')
    first.evaluate(PASTE, "12.000.000\n12,5tr\nnhiều\n9.000.000\n")
    expect(page.get_by_text("Đã dán 3 ô, 1 ô không phải số tiền.", exact=True)).to_be_visible()
    second = table.locator('[data-cell="1/0"]')
    expect(second).to_have_value("12.500.000")
    second.fill("mười triệu")
    second.press("Enter")
    expect(table.locator('[data-cell="2/0"]')).to_be_focused()
    expect(page.get_by_test_id("office.targets.save")).to_be_disabled()
    second.fill("10tr")
    second.press("Tab")
    page.get_by_test_id("office.targets.save").click()
    expect(page.get_by_text("Đã lưu 3 mục tiêu.", exact=True)).to_be_visible()
    expect(page.get_by_test_id("office.targets.total.HN01")).to_contain_text("31.000.000")
    page.reload()
    expect(first).to_have_value("12.000.000")
    first.fill("")
    first.press("Tab")
    page.get_by_test_id("office.targets.save").click()
    expect(page.get_by_text("Đã lưu 1 mục tiêu.", exact=True)).to_be_visible()
    expect(page.get_by_test_id("office.targets.total.HN01")).to_contain_text("19.000.000")
    with office.database.transaction() as tx:
        kept = tx.scalars(text("SELECT target_vnd FROM sales_target ORDER BY on_date")).all()
    assert kept == [10_000_000, 9_000_000]
