"""A count in a real browser: planned, counted by two, decided, posted; an adjustment beyond a limit; axe on every screen."""

from datetime import datetime
from uuid import UUID

from playwright.sync_api import expect
from sqlalchemy import text

from builders import a_person, a_style, a_till, stocked
from office.conftest import Office
from office.test_promotions import axe
from placket.core import clock
from placket.core.ids import new_id
from placket.inventory.jobs import post_count


def scan(office: Office, address: str, who: dict[str, str], pieces: dict[UUID, int], at: datetime) -> None:
    """Somebody counts so many pieces in the first zone."""
    lines = [
        {"variant_id": str(one), "qty": qty, "first_at": at.isoformat(), "last_at": at.isoformat()}
        for one, qty in pieces.items()
    ]
    told = office.http.post(f"{address}/entries", headers=who, json={"id": str(new_id()), "zone_no": 1, "lines": lines})
    assert told.status_code == 200, told.text


def test_a_count_is_planned_decided_and_posted(office: Office) -> None:
    with office.database.transaction() as tx:
        goods = a_style(tx, "DAM01", name_vi="Đầm lụa suông", price_vnd=690_000, sizes=("S", "M", "L"))
        stocked(tx, office.till.location_id, dict.fromkeys(goods.all, 10))
        other = a_till(tx, office.till.location_id)
        gone = tx.scalars(text("SELECT sku FROM variant WHERE id = :id"), {"id": office.shirt}).one()
    small, medium, large = goods.all
    page = office.sign_in("/office/counts")
    axe(page)
    page.get_by_test_id("office.counts.plan").click()
    page.get_by_test_id("office.count.kind").get_by_text("Toàn bộ").click()
    page.get_by_test_id("office.count.zones").fill("Sàn bán hàng\nKho sau")
    page.get_by_test_id("office.count.recount").fill("5.000.000")
    page.get_by_test_id("office.count.begin").click()
    expect(page.get_by_test_id("office.count.state")).to_have_text("Đang đếm")
    address = f"/api/counts/{page.url.rsplit('/', 1)[1]}"
    now = clock.now()
    scan(office, address, office.till.bearer, {small: 6, medium: 9, large: 11}, now)
    scan(office, address, other.bearer, {small: 4}, now)
    expect(page.get_by_test_id("office.count.zone_list")).to_contain_text("30")
    page.get_by_test_id("office.count.close").click()
    page.get_by_test_id("office.count.close_now").click()
    page.get_by_test_id("office.count.filter").get_by_text("Cần quyết").click()
    page.get_by_test_id("office.count.merge_sum").click()
    page.get_by_test_id(f"office.count.keep.{gone}").click()
    expect(page.get_by_test_id("office.count.filter")).to_contain_text("Cần quyết 0")
    page.get_by_test_id("office.count.filter").get_by_text("Lệch", exact=False).first.click()
    page.get_by_test_id("office.count.swap_it").first.click()
    expect(page.get_by_test_id("office.count.swap_it")).to_have_count(0)
    axe(page)
    expect(page.get_by_test_id("office.count.post")).to_have_text("Ghi sổ 2 chiếc lệch")
    page.get_by_test_id("office.count.post").click()
    page.get_by_test_id("office.count.post_now").click()
    expect(page.get_by_test_id("office.count.state")).to_have_text("Đang ghi sổ")
    post_count(office.database, count_id=address.rsplit("/", 1)[1])
    expect(page.get_by_test_id("office.count.state")).to_have_text("Đã ghi sổ")
    page.goto("/office/counts?which=accuracy")
    expect(page.get_by_test_id("office.counts.accuracy")).to_contain_text("93,3%")
    axe(page)


def test_what_is_beyond_a_limit_is_decided_from_the_inbox(office: Office) -> None:
    with office.database.transaction() as tx:
        manager = a_person(tx, "store_manager", at=office.till.location_id)
    told = {"id": str(new_id()), "location_id": str(office.till.location_id), "cause": "damaged", "reason": "ngấm nước mưa"}
    lines = [{"variant_id": str(office.shirt), "qty": -26}]
    made = office.http.post("/api/stock/adjustments", headers=manager.bearer, json=told | {"lines": lines})
    assert made.json()["state"] == "waiting", made.text
    page = office.sign_in("/office/matters")
    expect(page.get_by_test_id("office.matters.at_risk").filter(has_text="5.174.000")).to_be_visible()
    page.get_by_test_id("office.matters.decide").click()
    expect(page.get_by_test_id("office.adjustment.approve")).to_have_text("Duyệt, ghi 26 chiếc")
    axe(page)
    page.get_by_test_id("office.adjustment.approve").click()
    expect(page.get_by_test_id("office.adjustments.table")).to_contain_text("Đã ghi sổ")
    axe(page)
