"""The office in a real browser: the plain sign-in, sales that arrive by themselves, and a session that ends."""

import pytest
from playwright.sync_api import expect

from builders import PASSWORD
from office.conftest import EMAIL, Office

ENDED = "Phiên đã hết. Đăng nhập lại để làm tiếp."


@pytest.mark.parametrize("path", ["/office/", "/office/sales"])
def test_a_first_visit_shows_the_plain_sign_in(office: Office, path: str) -> None:
    page = office.visit(path)
    expect(page.get_by_test_id("office.sign_in.email")).to_be_visible()
    expect(page.get_by_test_id("office.sign_in.ended")).to_have_count(0)
    expect(page.get_by_test_id("office.sign_in.error")).to_have_count(0)


def test_a_sale_arrives_on_the_list_by_itself(office: Office) -> None:
    first = office.sell()
    page = office.sign_in("/office/sales")
    table = page.get_by_test_id("office.sales.table")
    expect(table.get_by_text(first["receipt_code"])).to_be_visible()
    page.evaluate("window.untouched = true")
    second = office.sell()
    expect(table.get_by_text(second["receipt_code"])).to_be_visible()
    assert page.evaluate("window.untouched"), "the page was never loaded anew"


def test_a_session_ended_elsewhere_leads_to_the_sign_in_and_back(office: Office) -> None:
    page = office.sign_in("/office/sales")
    page.get_by_test_id("office.sales.table").wait_for()
    sessions = office.http.get("/api/sessions", headers=office.owner.bearer).json()["items"]
    browsers = [session["id"] for session in sessions if session["id"] != str(office.owner.session_id)]
    for session_id in browsers:
        assert office.http.delete(f"/api/sessions/{session_id}", headers=office.owner.bearer).status_code == 204
    expect(page.get_by_test_id("office.sign_in.ended")).to_have_text(ENDED)
    page.get_by_test_id("office.sign_in.email").fill(EMAIL)
    page.get_by_test_id("office.sign_in.password").fill(PASSWORD)
    page.get_by_test_id("office.sign_in.submit").click()
    expect(page.get_by_test_id("office.sales.table")).to_be_visible()
