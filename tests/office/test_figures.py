"""The dashboard and the reports in a real browser: they tell what was sold, as it is sold."""

import re

import pytest
from playwright.sync_api import expect

from office.conftest import Office
from office.test_promotions import axe

pytestmark = pytest.mark.xdist_group("office")


def test_a_sale_moves_the_day_by_itself(office: Office) -> None:
    page = office.sign_in("/office/")
    bills = page.get_by_test_id("office.dashboard.figure.bills")
    expect(bills).to_be_visible()
    before = int(bills.inner_text())
    revenue = office.http.get("/api/dashboard", headers=office.owner.bearer).json()["sums"]["today"]["revenue_vnd"]
    sold = office.sell()
    expect(bills).to_have_text(str(before + 1), timeout=5_000)
    shown = office.http.get("/api/dashboard", headers=office.owner.bearer).json()
    assert shown["sums"]["today"]["revenue_vnd"] == revenue + sold["total_vnd"]
    assert shown["today_vnd"][-1] == shown["sums"]["today"]["revenue_vnd"]
    page.get_by_test_id("office.dashboard.table").click()
    expect(page.get_by_test_id("office.dashboard.hours").get_by_role("row").last).to_be_visible()
    page.get_by_test_id("office.dashboard.compare").get_by_role("radio", name="Âm lịch").click()
    expect(page).to_have_url(re.compile("compare=lunar"))
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
    expect(page.get_by_test_id("office.sales.table")).to_be_visible()


def test_a_period_that_ends_before_it_begins_is_refused(office: Office) -> None:
    period = {"from_on": "2026-11-26", "to_on": "2026-11-25", "by": "branch"}
    answer = office.http.get("/api/reports/sales", headers=office.owner.bearer, params=period)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_period")
