"""The shop on a phone, in a real browser: bought by keyboard alone, shown to everybody, at hand without network."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page
from sqlalchemy import text

from builders import a_depot, a_person, a_style, stocked
from journeys.stage import EXPECTED, chromium
from placket import promotions
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.core.settings import ROOT
from placket.shop.service import accounts
from served import own_database
from serving import serving
from shop.test_account import a_customer
from waiting import until

RECIPIENT = {"phone": "0901234567", "name": "Nguyễn Bảo Ngọc", "ward": "Xuân Hòa", "street": "214/8 Võ Thị Sáu"}
SERIOUS = {"serious", "critical"}
HANDSET = {"viewport": {"width": 390, "height": 844}, "locale": "vi-VN", "has_touch": True, "is_mobile": True}
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
# Everything that moved since a page was opened, also right after a press: on a slow phone that is no recent one any more.
SHIFTS = """() => {
    window.moved = 0
    const sum = list => { for (const one of list.getEntries()) window.moved += one.value }
    new PerformanceObserver(sum).observe({ type: 'layout-shift', buffered: true })
}"""
SHIFT_MAX = 0.02


@dataclass
class Handset:
    """A phone in a shopper's hand, and what its console complained of."""

    page: Page
    database: Database
    complaints: list[str]

    def find(self, testid: str) -> Locator:
        """A part of the page."""
        return self.page.get_by_test_id(testid)

    def press(self, testid: str) -> None:
        """Use a part of the page by the keyboard."""
        self.find(testid).first.press("Enter")

    def fill_in(self) -> None:
        """Say who gets it and where, by the keyboard."""
        for field, value in RECIPIENT.items():
            self.find(f"shop.checkout.{field}").focus()
            self.page.keyboard.press("Control+a")
            self.page.keyboard.insert_text(value)
        self.find("shop.checkout.province").select_option("79")

    def faults(self) -> list[str]:
        """What axe finds seriously wrong on the page."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("async () => (await axe.run(document)).violations")
        return [
            f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found if each["impact"] in ("serious", "critical")
        ]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Database, Browser]]:
    with own_database("buying") as database:
        with database.transaction() as tx:
            depot = a_depot(tx)
            dress = a_style(
                tx, "DM2041", name_vi="Đầm lụa cổ đổ", price_vnd=890_000, colours=("DEN", "KEM"), sizes=("S", "M")
            )
            shirt = a_style(tx, "SM1180", name_vi="Áo sơ mi linen", price_vnd=690_000, sizes=("M",))
            stocked(tx, depot, dict.fromkeys([*dress.all, *shirt.all], 30))
            a_customer(tx, phone="+84901234567")
        with serving(database.url) as server, chromium() as (_, browser):
            yield server.url, database, browser


@pytest.fixture
def handset(served: tuple[str, Database, Browser]) -> Iterator[Handset]:
    address, database, browser = served
    context = browser.new_context(base_url=address, **HANDSET)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield Handset(page, database, complaints)
    context.close()
    assert [said for said in complaints if not EXPECTED.match(said)] == []


def test_a_dress_is_bought_by_keyboard_alone_and_the_order_survives_a_reload(handset: Handset):
    page, find, press = handset.page, handset.find, handset.press
    page.goto("/p/dm2041")
    press("shop.product.add")
    press("shop.product.sheet.M")
    press("shop.toast.link")
    press("shop.cart.more")
    until(lambda: find("shop.cart.total").inner_text() == "1.780.000\u00a0₫", within_s=10)
    press("shop.cart.checkout")
    find("shop.checkout.hold").wait_for()
    press("shop.checkout.pay")
    assert page.evaluate("document.activeElement.id") == "errors"
    handset.fill_in()
    assert handset.faults() == []
    find("shop.checkout.method.cod").press("Space")
    page.reload()
    find("shop.checkout.hold").wait_for()
    handset.fill_in()
    find("shop.checkout.method.cod").press("Space")
    press("shop.checkout.pay")

    find("shop.order.state").wait_for()
    until(lambda: find("shop.order.state").get_attribute("data-state") == "confirmed", within_s=10)
    page.add_init_script(f"({SHIFTS})()")
    page.reload()
    assert find("shop.order.total").inner_text() == "1.780.000\u00a0₫"
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.moved") <= SHIFT_MAX
    assert page.locator("#cart-count").is_hidden()
    with handset.database.transaction() as tx:
        assert tx.scalar(text("SELECT count(*) FROM web_order")) == 1


def test_a_flash_sale_comes_to_an_open_page_by_the_shops_clock_and_a_double_tap_is_one_piece(handset: Handset):
    find = handset.find
    # Published before the page is opened: how soon an open page hears of a new one is no matter of seconds.
    with handset.database.transaction() as tx:
        person, style_id = a_person(tx, "owner"), tx.scalar(text("SELECT id FROM style WHERE code = 'SM1180'"))
        starts_at = clock.now() + timedelta(seconds=8)
        terms = {
            "group": 1,
            "goods": {"styles": [str(style_id)]},
            "when": {"starts_ms": int(starts_at.timestamp() * 1000)},
            "reward": {"kind": "percent", "bp": 4_000},
        }
        facts = {"promotion_id": new_id(), "staff_id": person.id, "now": clock.now()}
        names = ("Giờ vàng", "Golden hour")
        promotions.keep_draft(tx, names=names, terms=terms, limits={}, row_version=None, **facts)
        promotions.publish(tx, row_version=1, **facts)
    handset.page.goto("/p/sm1180")
    assert "690.000" in find("shop.product.price").inner_text()

    until(lambda: "414.000" in find("shop.product.price").inner_text(), within_s=15)

    assert clock.now() >= starts_at
    find("shop.product.add").dblclick()
    find("shop.toast.link").click()
    until(lambda: "414.000" in find("shop.cart.total").inner_text(), within_s=10)


def test_every_page_reads_well_for_everybody(handset: Handset):
    found = {}
    for path in ("/", "/c/ao?size=M", "/p/dm2041", "/search?q=dam", "/stores", "/cart", "/account"):
        handset.page.goto(path, wait_until="networkidle")
        found[path] = handset.faults()

    assert found == {path: [] for path in found}


def test_what_somebody_types_is_found_while_they_type(handset: Handset):
    page = handset.page
    page.goto("/search")
    handset.find("shop.search.words").press_sequentially("so mi", delay=20)

    until(lambda: page.locator("#found .card").count() == 1, within_s=10)
    assert page.locator("#found .name").inner_text() == "Áo sơ mi linen"
    page.reload()
    assert page.locator("#found .name").inner_text() == "Áo sơ mi linen"


def test_the_account_comes_whole_and_nothing_on_it_moves(handset: Handset):
    page, find = handset.page, handset.find
    with handset.database.transaction() as tx:
        made = accounts.make_code(tx, address="+84901234567", place="a phone", now=clock.now())
    said = {"code_id": str(made.id), "code": made.code}
    member = page.request.post("/api/shop/v1/account/session", data=said, headers={"x-placket": "1"}).json()
    page.goto("/")
    card = {name: member[name] for name in ("full_name", "member_no", "code")}
    page.evaluate("card => localStorage.setItem('placket.shop.card', JSON.stringify(card))", card)
    page.add_init_script(f"({SHIFTS})()")
    page.goto("/account")
    find("shop.account.points").wait_for()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.moved") <= SHIFT_MAX


def test_a_member_has_card_and_cart_at_hand_without_network(handset: Handset):
    page, find = handset.page, handset.find
    page.goto("/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    card = {"full_name": "Nguyễn Bảo Ngọc", "member_no": 100_000_001, "code": "041000000016"}
    page.evaluate("card => localStorage.setItem('placket.shop.card', JSON.stringify(card))", card)
    page.context.set_offline(True)

    page.goto("/account/card")
    find("shop.card").wait_for()
    page.goto("/cart")
    find("shop.cart.empty").wait_for()
    page.goto("/stores")
    assert page.locator("h1").inner_text() == "Mất kết nối"
    page.context.set_offline(False)
    page.goto("/stores")
    assert page.locator("h1").inner_text() == "Cửa hàng"
