"""The checkout before any of its scripts is there, in a real browser: read, typed into, and taken over as it stands."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from builders import a_depot, a_style, stocked
from journeys.stage import chromium
from served import own_database
from serving import serving
from shop.test_buying import HANDSET
from waiting import until

TEXT = "document.querySelector('#app').innerText"
FIELD = "document.querySelector('#phone')"


class Gate:
    """Holds back what a page asks for until it is opened."""

    def __init__(self, page: Page, what: str) -> None:
        self._held: list[Route] = []
        self._is_open = False
        page.route(what, self._come)

    def _come(self, route: Route) -> None:
        if self._is_open:
            route.continue_()
        else:
            self._held.append(route)

    def open(self) -> None:
        """Let through what waits and all that comes."""
        self._is_open = True
        for route in self._held:
            route.continue_()


@dataclass
class Visitor:
    """Somebody with a piece in the cart; what the console complained of."""

    page: Page
    complaints: list[str]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Browser]]:
    with own_database("first_look") as database:
        with database.transaction() as tx:
            dress = a_style(tx, "DM2041", name_vi="Đầm lụa cổ đổ", price_vnd=890_000, sizes=("S",))
            stocked(tx, a_depot(tx), dict.fromkeys(dress.all, 30))
        with serving(database.url) as server, chromium() as (_, browser):
            yield server.url, browser


@pytest.fixture
def visitor(served: tuple[str, Browser]) -> Iterator[Visitor]:
    address, browser = served
    # Without the service worker: it would answer the second page's scripts past the gate.
    context = browser.new_context(base_url=address, service_workers="block", **HANDSET)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda answer: complaints.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    page.goto("/p/dm2041")
    page.get_by_test_id("shop.product.size.S").click()
    page.get_by_test_id("shop.product.add").click()
    page.get_by_test_id("shop.toast.link").wait_for()
    yield Visitor(page, complaints)
    context.close()
    assert complaints == []


@pytest.mark.parametrize("path", ["/checkout", "/en/checkout"])
def test_what_is_typed_before_the_scripts_are_there_stays_with_its_caret_and_the_words_stay_the_same(
    visitor: Visitor, path: str
):
    page = visitor.page
    scripts, answers = Gate(page, "**/shop/assets/*.js"), Gate(page, "**/api/**")
    page.goto(path, wait_until="commit")
    field = page.get_by_test_id("shop.checkout.phone")
    page.get_by_test_id("shop.checkout.method.cod").check()
    field.focus()
    page.keyboard.type("0901234567")
    page.keyboard.press("ArrowLeft")
    page.evaluate(f"{FIELD}.isTheSame = true")
    before = page.evaluate(TEXT)

    scripts.open()
    until(lambda: page.evaluate("document.querySelector('#app').__vue_app__ !== undefined"), within_s=10)
    assert page.evaluate(TEXT) == before
    answers.open()
    page.get_by_test_id("shop.checkout.hold").wait_for()

    kept = page.evaluate(f"[{FIELD}.isTheSame, {FIELD} === document.activeElement, {FIELD}.selectionStart]")
    assert kept == [True, True, 9]
    expect(page.get_by_test_id("shop.checkout.method.cod")).to_be_checked()
    page.keyboard.type("8")
    expect(field).to_have_value("09012345687")
    page.get_by_test_id("shop.checkout.email").fill("ngoc@gmail.con")
    field.focus()
    expect(page.locator(".group .hint .more")).to_be_visible()


def test_an_empty_cart_never_shows_the_form_also_after_it_was_emptied_elsewhere(visitor: Visitor):
    page = visitor.page
    page.goto("/cart")
    page.get_by_test_id("shop.cart.total").wait_for()
    assert "cart=1" in page.evaluate("document.cookie")
    other = page.context.new_page()
    other.goto("/stores")
    other.evaluate("localStorage.removeItem('placket.shop.cart')")
    until(lambda: page.evaluate("document.cookie === ''"), within_s=10)

    scripts = Gate(page, "**/shop/assets/*.js")
    page.goto("/checkout", wait_until="commit")
    page.locator("#app h1").wait_for()
    assert page.locator("#app form").count() == 0
    scripts.open()
    page.locator("#app .empty").wait_for()
