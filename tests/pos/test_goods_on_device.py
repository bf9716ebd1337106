"""The catalogue on the device: part by part with progress, on after a cut, by changes from then on, cold without network."""

import re
from collections import Counter as Tally
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, expect

from builders import PIN, a_style
from placket import catalog
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from pos.conftest import Counter

STYLES = 15
COLOURS = [f"MAU{number:03d}" for number in range(100)]
GOODS = re.compile(r"/api/catalogue/(parts/\d+|changes)")


@pytest.fixture(scope="module")
def chain(counted: Counter) -> Iterator[Counter]:
    """More goods than travel at a time: 6,000 variants and the two shirts."""
    with counted.database.transaction() as tx:
        for number in range(STYLES):
            a_style(tx, f"VAY{number:02d}", name_vi=f"Váy xếp ly {number}", colours=COLOURS, sizes=("S", "M", "L", "XL"))
    yield counted
    counted.close()


def asked_of(page: Page) -> Tally[str]:
    """What the page asks of the catalogue from now on."""
    asked: Tally[str] = Tally()

    def note(request: Request) -> None:
        found = GOODS.search(request.url)
        if found is not None:
            asked[found[1]] += 1

    page.on("request", note)
    return asked


def sign_in(page: Page) -> None:
    """The cashier's PIN."""
    page.get_by_test_id("pos.pin.staff").first.click()
    page.keyboard.type(PIN)


def reprice(database: Database, style: str, price_vnd: int) -> None:
    """Another price for a style, by a list that beats the others."""
    with database.transaction() as tx:
        list_id, now = new_id(), clock.now()
        (style_id,) = tx.connection().exec_driver_sql("SELECT id FROM style WHERE code = %s", (style,)).one()
        catalog.create_price_list(
            tx, price_list_id=list_id, code=f"L{list_id.hex[-8:]}", name="Giá mới", starts_at=now, priority=9, now=now
        )
        catalog.set_prices(tx, price_list_id=list_id, prices=[(style_id, None, price_vnd)])


def test_the_first_sync_shows_how_far_it_is_and_goes_on_after_a_cut(chain: Counter) -> None:
    page = chain.till()
    asked = asked_of(page)
    page.route("**/api/catalogue/parts/2?**", lambda route: route.abort())
    sign_in(page)
    page.get_by_test_id("pos.start.retry").wait_for()
    assert asked == Tally(["parts/0", "parts/1", "parts/2"])
    asked.clear()
    page.unroute("**/api/catalogue/parts/2?**")

    seen = page.evaluate_handle("""() => {
      const seen = []
      new MutationObserver(() => {
        const said = document.querySelector('[data-testid="pos.goods.progress"] p')?.textContent.trim()
        if (said && said !== seen.at(-1)) seen.push(said)
      }).observe(document.body, { subtree: true, childList: true, characterData: true })
      return seen
    }""")
    page.get_by_test_id("pos.start.retry").click()
    page.get_by_test_id("pos.sale.search").wait_for()
    assert asked == Tally(["parts/2"]), "what had arrived before the cut is not fetched again"
    assert seen.json_value() == ["Đang tải danh mục: 5.000/6.002 biến thể"]
    page.get_by_test_id("pos.sale.search").fill("vay mau042 xl 7")
    expect(page.get_by_test_id("pos.sale.tile.VAY07")).to_be_visible()
    chain.close()


def test_a_new_price_travels_as_a_change_of_one_style(chain: Counter) -> None:
    page = chain.open_till()
    page.get_by_test_id("pos.sale.search").fill("vay03")
    tile = page.get_by_test_id("pos.sale.tile.VAY03")
    expect(tile).to_contain_text("199.000")
    asked = asked_of(page)
    reprice(chain.database, "VAY03", 149_000)
    expect(tile).to_contain_text("149.000", timeout=15_000)
    assert asked == Tally(["changes"])
    chain.close()


def test_signing_in_again_fetches_nothing_that_is_here_already(chain: Counter) -> None:
    page = chain.open_till()
    page.reload()
    asked = asked_of(page)
    page.get_by_test_id("pos.sale.search").wait_for()
    page.get_by_test_id("pos.sale.search").fill("vay01")
    expect(page.get_by_test_id("pos.sale.tile.VAY01")).to_be_visible()
    assert "parts/0" not in asked
    chain.close()


def test_a_till_starts_cold_without_network_and_sells_by_scan_and_by_search(chain: Counter) -> None:
    page = chain.open_till()
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.wait_for_function("caches.keys().then(names => names.some(name => name.includes('precache')))")
    page.context.set_offline(True)
    page.reload()
    page.get_by_test_id("pos.sale.search").fill("vay xep 11 mau007 xl")
    page.get_by_test_id("pos.sale.search").press("Enter")
    expect(page.get_by_test_id("pos.sale.line")).to_have_count(1)
    expect(page.get_by_test_id("pos.sale.line")).to_contain_text("VAY11")
    page.get_by_test_id("pos.sale.search").fill("vay xep")
    expect(page.get_by_test_id("pos.sale.tile.VAY01")).to_be_visible()
    first = page.locator("[data-tile]:visible").first.get_attribute("data-testid")
    second = page.locator("[data-tile]:visible").nth(1).get_attribute("data-testid")
    for key, focused in (
        ("Enter", first),
        ("ArrowRight", second),
        ("ArrowUp", "pos.sale.search"),
        ("ArrowDown", first),
    ):
        page.keyboard.press(key)
        expect(page.locator(":focus")).to_have_attribute("data-testid", str(focused))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    chain.close()
