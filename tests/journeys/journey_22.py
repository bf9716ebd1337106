"""Journey 22, a promotion published while tills run: buy 2 get 1 for Hà Nội, written as a sentence in the office.

Hà Nội's tills confirm within seconds and price by it, Hồ Chí Minh's do not change, one without network catches up by itself.
"""

import time

from offering import dong, expect_due
from playwright.sync_api import Page, expect
from tills import PIN, Goods, goods_at

from stage import Stage

HANOI = "HN01"
SAIGON = "SG01"
HANOI_BRANCHES = 6  # they come first in every list of branches
CONFIRMED_MS = 5_000
NAME = "Mua 2 tặng 1"


def run(stage: Stage) -> None:
    """Play one round."""
    here, there = stage.till("HN", f"{HANOI}-1"), stage.till("SG", f"{SAIGON}-1")
    dark = stage.till("DARK", "HN02-1")
    for page in (here, there, dark):
        stage.sign_in_at_till(page, PIN)
    goods = common(stage, here, there, dark)
    scan_three(stage, dark, goods)
    dark.context.set_offline(True)
    office = stage.office("M", "marketer@lua.example", "lua-demo-2026")
    for page in (here, there):
        scan_three(stage, page, goods)
    write(office, goods)
    published_ms = publish(stage, office)
    expect(here.get_by_test_id("pos.sale.line.offer")).to_have_count(1)
    expect_due(here, 2 * goods.price_vnd)
    stage.measure("published to the open cart in Hà Nội", time.time() * 1000 - published_ms, limit=CONFIRMED_MS)
    expect_due(there, 3 * goods.price_vnd)
    expect_due(dark, 3 * goods.price_vnd)
    confirmed(stage, office, published_ms)
    catches_up(stage, office, dark, goods)
    expect_due(there, 3 * goods.price_vnd)
    stop(office)
    expect_due(here, 3 * goods.price_vnd)
    for page in (here, there, dark):
        page.get_by_test_id("pos.sale.clear").click()


def common(stage: Stage, here: Page, there: Page, dark: Page) -> Goods:
    """Something that all three places have and no promotion names."""
    elsewhere = {one.id for one in goods_at(stage, there, SAIGON, at_least=3)}
    elsewhere &= {one.id for one in goods_at(stage, dark, "HN02", at_least=3)}
    shared = [one for one in goods_at(stage, here, HANOI, at_least=3) if one.id in elsewhere]
    return shared[stage.round]


def scan_three(stage: Stage, page: Page, goods: Goods) -> None:
    """Three of one kind in the cart, at their list price."""
    for _ in range(3):
        stage.scan(page, goods.barcode)
    expect_due(page, 3 * goods.price_vnd)


def write(office: Page, goods: Goods) -> None:
    """The sentence: these goods, buy 2 get 1, at the branches of Hà Nội."""
    office.get_by_test_id("office.rail.promotions").click()
    office.get_by_test_id("office.promotions.new").click()
    office.get_by_test_id("office.promotions.new.buy_get").click()
    office.get_by_test_id("office.promotion.name").fill(NAME)
    office.get_by_test_id("office.promotion.name_en").fill("Buy 2 get 1")
    office.get_by_test_id("office.promotion.goods.add").click()
    office.get_by_role("radio", name="Kiểu").click()
    office.get_by_test_id("office.promotion.goods.add.search").fill(goods.style)
    office.get_by_role("listbox").get_by_role("option").filter(has_text=goods.style).click()
    office.keyboard.press("Escape")
    office.get_by_test_id("office.promotion.places").click()
    for index in range(HANOI_BRANCHES):
        office.get_by_role("listbox").get_by_role("option").nth(index).click()
    office.keyboard.press("Escape")
    office.get_by_test_id("office.trial.add").fill(goods.barcode)
    office.get_by_test_id("office.trial.add").press("Enter")
    office.get_by_test_id("office.trial.add").fill(goods.barcode)
    office.get_by_test_id("office.trial.add").press("Enter")
    expect(office.get_by_test_id("office.trial.result")).to_contain_text("Suýt được")
    office.get_by_test_id("office.trial.add").fill(goods.barcode)
    office.get_by_test_id("office.trial.add").press("Enter")
    expect(office.get_by_test_id("office.trial.total")).to_contain_text(dong(2 * goods.price_vnd))


def publish(stage: Stage, office: Page) -> float:
    """Published as version 1; answers when, by this machine's clock."""
    office.get_by_test_id("office.promotion.publish").click()
    expect(office.get_by_test_id("office.promotion.changes")).to_contain_text("mua 2 tặng 1")
    stage.shot(office, "M-what-changes")
    office.get_by_test_id("office.promotion.publish.confirm").click()
    at_ms = time.time() * 1000
    expect(office.get_by_test_id("office.promotion.stop")).to_be_visible()
    return at_ms


def confirmed(stage: Stage, office: Page, published_ms: float) -> None:
    """The office names the till that has not got it, by itself and within seconds."""
    bar = office.get_by_test_id("office.promotion.tills")
    expect(bar).to_contain_text("1/2 máy")
    stage.measure("published to confirmed in the office", time.time() * 1000 - published_ms, limit=CONFIRMED_MS + 2_500)
    bar.click()
    table = office.get_by_test_id("office.promotion.tills.table")
    expect(table.get_by_role("row").filter(has_text=f"{HANOI}-1")).to_contain_text("đã nhận")
    expect(table.get_by_role("row").filter(has_text="HN02-1")).not_to_contain_text("đã nhận")
    stage.shot(office, "M-who-has-it")
    office.keyboard.press("Escape")


def catches_up(stage: Stage, office: Page, dark: Page, goods: Goods) -> None:
    """Back on line the dark till takes the book, its open cart is priced by it, and the office sees that."""
    dark.context.set_offline(False)
    expect(dark.get_by_test_id("pos.sale.line.offer")).to_have_count(1, timeout=20_000)
    expect_due(dark, 2 * goods.price_vnd)
    expect(office.get_by_test_id("office.promotion.tills")).to_contain_text("2/2 máy", timeout=20_000)
    stage.shot(office, "M-all-have-it")


def stop(office: Page) -> None:
    """Out of force at once."""
    office.get_by_test_id("office.promotion.stop").click()
    office.get_by_test_id("office.promotion.stop.confirm").click()
    expect(office.get_by_test_id("office.promotion.stop")).to_have_count(0)
