"""The office in a real browser: the plain sign-in, sales that arrive by themselves, and a session that ends."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from builders import PASSWORD, Person, TillAtWork, a_branch, a_cart, a_person, a_style, a_till, stocked
from journeys.stage import chromium
from placket.core.db import Database
from served import own_database
from serving import serving

EMAIL = "chu@lua.vn"
ENDED = "Phiên đã hết. Đăng nhập lại để làm tiếp."


@dataclass
class Office:
    """A served branch with a till, its owner, and a browser nobody has used yet."""

    http: httpx.Client
    database: Database
    browser: Browser
    owner: Person
    till: TillAtWork
    shirt: UUID
    contexts: list[BrowserContext] = field(default_factory=list)

    def visit(self, path: str = "/office/") -> Page:
        """The office in a browser of its own."""
        context = self.browser.new_context(base_url=str(self.http.base_url), locale="vi-VN")
        self.contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    def sign_in(self, path: str) -> Page:
        """A screen, with the owner signed in."""
        page = self.visit(path)
        page.get_by_test_id("office.sign_in.email").fill(EMAIL)
        page.get_by_test_id("office.sign_in.password").fill(PASSWORD)
        page.get_by_test_id("office.sign_in.submit").click()
        page.get_by_test_id("office.rail.profile").wait_for()
        return page

    def sell(self) -> dict[str, Any]:
        """A shirt is sold at the till."""
        answer = self.http.post("/api/sales", headers=self.till.bearer, json=a_cart(self.till, (self.shirt, 1, 199_000)))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def close(self) -> None:
        """Close the browsers of a test."""
        while self.contexts:
            self.contexts.pop().close()


@pytest.fixture(scope="module")
def served() -> Iterator[Office]:
    with own_database("office") as database:
        with database.transaction() as tx:
            here, shirt = a_branch(tx, "HN01"), a_style(tx).one
            stocked(tx, here, {shirt: 50})
            owner, till = a_person(tx, "owner", email=EMAIL, password=PASSWORD), a_till(tx, here)
        with (
            serving(database.url) as server,
            httpx.Client(base_url=server.url, timeout=30) as http,
            chromium() as (_, browser),
        ):
            yield Office(http, database, browser, owner, till, shirt)


@pytest.fixture
def office(served: Office) -> Iterator[Office]:
    yield served
    served.close()


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
    expect(table.get_by_text(second["receipt_code"])).to_be_visible(timeout=5_000)
    assert page.evaluate("window.untouched"), "the page was never loaded anew"


def test_a_session_ended_elsewhere_leads_to_the_sign_in_and_back(office: Office) -> None:
    page = office.sign_in("/office/sales")
    page.get_by_test_id("office.sales.table").wait_for()
    sessions = office.http.get("/api/sessions", headers=office.owner.bearer).json()["items"]
    browsers = [session["id"] for session in sessions if session["id"] != str(office.owner.session_id)]
    for session_id in browsers:
        assert office.http.delete(f"/api/sessions/{session_id}", headers=office.owner.bearer).status_code == 204
    expect(page.get_by_test_id("office.sign_in.ended")).to_have_text(ENDED, timeout=5_000)
    page.get_by_test_id("office.sign_in.email").fill(EMAIL)
    page.get_by_test_id("office.sign_in.password").fill(PASSWORD)
    page.get_by_test_id("office.sign_in.submit").click()
    expect(page.get_by_test_id("office.sales.table")).to_be_visible()
