"""A served branch with its office in a real browser."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from builders import PASSWORD, Person, TillAtWork, a_branch, a_cart, a_person, a_style, a_till, stocked
from journeys.stage import chromium
from placket.core.db import Database
from served import own_database
from serving import serving

EMAIL = "chu@lua.vn"


@dataclass
class Office:
    """A served branch with a till, its owner, a browser nobody has used yet, and what its pages have thrown."""

    http: httpx.Client
    database: Database
    browser: Browser
    owner: Person
    till: TillAtWork
    shirt: UUID
    contexts: list[BrowserContext] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def visit(self, path: str = "/office/") -> Page:
        """The office in a browser of its own."""
        context = self.browser.new_context(base_url=str(self.http.base_url), locale="vi-VN")
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
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


# Of a module, not of the session: the browser's driver keeps an event loop running in this thread, and the tests of other
# folders start their own.
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
    served.errors.clear()
    yield served
    served.close()
    assert served.errors == [], "nothing fell over in the office's own code"
