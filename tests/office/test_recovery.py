"""After a restore the office shows which branch waits for which till, in a real browser."""

from playwright.sync_api import expect

from office.conftest import Office
from placket import inventory
from placket.core import clock


def test_a_branch_waits_for_its_tills_until_the_last_is_back_or_declared_lost(office: Office) -> None:
    with office.database.transaction() as tx:
        inventory.begin_recovery(tx, now=clock.now())
    page = office.sign_in("/office/matters")
    panel = page.get_by_test_id("office.recovery")
    expect(panel.get_by_text("Đang khôi phục sau sự cố máy chủ")).to_be_visible()
    expect(panel.get_by_test_id("office.recovery.till")).to_contain_text("HN01-1")
    panel.get_by_test_id("office.recovery.lost").click()
    page.get_by_test_id("office.lost.submit").click()
    expect(page.get_by_text("Viết ít nhất 3 ký tự.")).to_be_visible()
    page.get_by_test_id("office.lost.reason").fill("Máy cháy cùng cửa hàng")
    page.get_by_test_id("office.lost.submit").click()
    expect(panel).to_have_count(0)
    expect(page.get_by_text("Máy bán hàng bị mất")).to_be_visible()
