"""Promotions in the office: a sentence is written, tried, published and stopped; vouchers are issued and traced."""

import re
from pathlib import Path

from playwright.sync_api import APIResponse, Page, Route, expect

from office.conftest import Office

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
# What is still fading in has colours of no moment; a spinner turns for ever.
STILL = """() => Promise.all(document.getAnimations()
    .filter((each) => each.effect.getComputedTiming().iterations !== Infinity)
    .map((each) => each.finished.catch(() => undefined)))"""
SERIOUS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .filter((found) => ['serious', 'critical'].includes(found.impact))
    .map((found) => found.id + ' ' + found.nodes[0].html)"""


def axe(page: Page) -> None:
    """Nobody who reads the screen with something else than eyes is shut out."""
    page.evaluate(STILL)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(SERIOUS) == []


OTHER_REWARDS = (
    ("amount_each", "office.promotion.amount"),
    ("fixed_price", "office.promotion.amount"),
    ("amount", "office.promotion.amount"),
    ("buy_get", "office.promotion.buy"),
    ("bundle", "office.promotion.bundle"),
    ("tiers", "office.promotion.step.0.from"),
    ("gift", "office.promotion.gift.add"),
)


def begun(office: Office, pattern: str, name: str) -> Page:
    """A promotion of a pattern, named in both languages."""
    page = office.sign_in("/office/promotions")
    page.get_by_test_id("office.promotions.new").click()
    page.get_by_test_id(f"office.promotions.new.{pattern}").click()
    page.get_by_test_id("office.promotion.name").fill(name)
    page.get_by_test_id("office.promotion.name_en").fill("An offer")
    return page


def published(page: Page) -> None:
    """In force."""
    page.get_by_test_id("office.promotion.publish").click()
    page.get_by_test_id("office.promotion.publish.confirm").click()
    expect(page.get_by_test_id("office.promotion.stop")).to_be_visible()


def test_a_sentence_is_written_tried_published_changed_and_stopped(office: Office) -> None:
    page = begun(office, "percent", "Giảm giá áo")
    percent = page.get_by_test_id("office.promotion.percent")
    percent.fill("250")
    percent.press("Enter")
    expect(percent).to_have_attribute("aria-invalid", "true")
    percent.fill("20")
    percent.press("Enter")
    expect(percent).to_have_value("20%")
    page.get_by_test_id("office.trial.add").fill("AO0001")
    page.get_by_test_id("office.trial.found").first.click()
    total = page.get_by_test_id("office.trial.total")
    expect(total).to_have_text("159.200\u00a0₫")
    cap = page.get_by_test_id("office.promotion.cap")
    for most, left in (("15.000", "184.000"), ("", "159.200")):
        cap.fill(most)
        cap.press("Enter")
        expect(total).to_have_text(f"{left}\u00a0₫")
    for kind, control in OTHER_REWARDS:
        page.get_by_test_id("office.promotion.reward").select_option(kind)
        expect(page.get_by_test_id(control).first).to_be_visible()
    page.get_by_test_id("office.promotion.reward").select_option("percent")
    percent.fill("20")
    percent.press("Enter")
    expect(total).to_have_text("159.200\u00a0₫")
    expect(page.get_by_test_id("office.promotion.reach")).to_have_text("Đang khớp 1 kiểu, 1 biến thể.")
    axe(page)
    published(page)
    percent.fill("30%")
    percent.press("Enter")
    expect(page.get_by_test_id("office.promotion.note")).to_contain_text("Nháp đã lưu")
    page.get_by_test_id("office.promotion.publish").click()
    changes = page.get_by_test_id("office.promotion.changes")
    expect(changes.locator("del")).to_have_text("giảm 20% mỗi món")
    expect(changes.locator("ins")).to_have_text("giảm 30% mỗi món")
    page.get_by_test_id("office.promotion.publish.confirm").click()
    expect(page.get_by_text("Đang chạy bản 2")).to_be_visible()
    page.get_by_test_id("office.promotion.stop").click()
    page.get_by_test_id("office.promotion.stop.confirm").click()
    expect(page.get_by_text("Đã dừng ở bản 2")).to_be_visible()
    page.get_by_test_id("office.rail.promotions").click()
    expect(page.get_by_test_id("office.promotions.table").get_by_text("Giảm giá áo")).to_be_visible()
    axe(page)


def test_a_first_answer_that_is_late_never_hides_the_publication(office: Office) -> None:
    page = begun(office, "percent", "Ra mắt")
    first: list[tuple[Route, APIResponse]] = []

    def late(route: Route) -> None:
        if first or route.request.method != "GET":
            route.continue_()
        else:
            first.append((route, route.fetch()))

    page.route(re.compile(r"/api/promotions/[0-9a-f-]{36}$"), late)
    page.get_by_test_id("office.promotion.publish").click()
    with page.expect_response(lambda answer: answer.url.endswith("/publish")):
        page.get_by_test_id("office.promotion.publish.confirm").click()
    expect(page.get_by_text("Đã công bố.", exact=True)).to_be_visible()
    for route, answer in first:
        route.fulfill(response=answer)
    expect(page.get_by_test_id("office.promotion.stop")).to_be_visible()


def test_vouchers_come_as_a_file_once_and_any_of_them_is_traced(office: Office) -> None:
    page = begun(office, "voucher", "Tri ân")
    published(page)
    page.goto("/office/promotions?part=vouchers")
    page.get_by_test_id("office.vouchers.issue").click()
    page.get_by_test_id("office.vouchers.submit").click()
    expect(page.get_by_text("Chưa điền mục này.")).to_be_visible()
    page.get_by_test_id("office.vouchers.name").fill("Tháng 12")
    page.get_by_test_id("office.vouchers.to").fill("31/12/2036")
    page.get_by_test_id("office.vouchers.count").fill("3")
    with page.expect_download() as saved:
        page.get_by_test_id("office.vouchers.submit").click()
    lines = Path(saved.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 4
    page.keyboard.press("Escape")
    code = lines[1].split(",")[0]
    page.get_by_test_id("office.vouchers.trace").fill(code)
    page.get_by_test_id("office.vouchers.trace").press("Enter")
    expect(page.get_by_test_id("office.vouchers.ledger")).to_contain_text("phát hành")
    page.get_by_test_id("office.vouchers.block").click()
    page.get_by_test_id("office.vouchers.block.confirm").click()
    expect(page.get_by_text("Đã khóa 3 mã.", exact=True)).to_be_visible()
    axe(page)
