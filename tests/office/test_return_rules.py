"""The rules of returns in a real browser: one is planned for a day to come, shown beside the one in force, and dropped."""

from playwright.sync_api import expect

from office.conftest import Office


def test_a_rule_is_planned_and_dropped(office: Office) -> None:
    page = office.sign_in("/office/return-rules")
    policies = page.get_by_test_id("office.returns.policies").get_by_role("row")
    expect(policies).to_have_count(3)
    page.get_by_test_id("office.returns.plan").click()
    page.get_by_test_id("office.returns.from").fill("01/01/2020")
    page.get_by_test_id("office.returns.days").fill("14")
    page.get_by_test_id("office.returns.form.original").uncheck()
    page.get_by_test_id("office.returns.save").click()
    expect(page.get_by_role("alert")).to_have_text("Chọn ngày từ ngày mai trở đi.")
    page.get_by_test_id("office.returns.from").fill("01/01/2099")
    page.get_by_test_id("office.returns.save").click()
    planned = policies.filter(has_text="01/01/2099")
    expect(planned).to_contain_text("14 ngày")
    expect(planned).to_contain_text("tín dụng, đổi hàng")
    expect(planned).to_contain_text("sắp áp dụng")
    page.get_by_test_id("office.returns.drop").click()
    expect(policies).to_have_count(3)
    page.get_by_test_id("office.returns.change.cash").click()
    page.get_by_test_id("office.returns.from").fill("01/01/2099")
    page.get_by_test_id("office.returns.back.transfer").check()
    page.get_by_test_id("office.returns.save").click()
    tenders = page.get_by_test_id("office.returns.tenders").get_by_role("row")
    expect(tenders.filter(has_text="01/01/2099")).to_contain_text("tiền mặt, chuyển khoản")
