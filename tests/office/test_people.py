"""Who buys here and what they are told, in a real browser: tiers planned, a mail seen before it goes, no barrier."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from builders import a_cart
from office.conftest import Office
from office.test_promotions import axe
from placket import crm
from placket.core import clock
from placket.core.ids import new_id

NAME = "Trần Bảo Ngọc"


@pytest.fixture(scope="module")
def ngoc(served: Office) -> UUID:
    """Somebody who collects points and has bought for 398.000 ₫."""
    with served.database.transaction() as tx:
        made = crm.create_customer(
            tx,
            customer_id=new_id(),
            details=crm.Details(NAME, "0912345678"),
            home_location_id=served.till.location_id,
            agreed=[crm.Agreed("loyalty", granted=True, text_version="v1")],
            channel="till",
            by=crm.By(served.till.cashier.id, served.till.id),
            now=clock.now(),
        )
    cart = a_cart(served.till, (served.shirt, 2, 199_000), customer_id=made.id)
    answer = served.http.post("/api/sales", headers=served.till.bearer, json=cart)
    assert answer.status_code == 201, answer.text
    with served.database.transaction() as tx:
        crm.score_by_night(tx, now=clock.now())
    return made.id


def test_tiers_are_planned_after_seeing_who_would_move(office: Office, ngoc: UUID) -> None:
    page = office.sign_in("/office/customer-groups?part=tiers")
    expect(page.get_by_test_id("office.tiers")).to_contain_text("Kim Cương")
    axe(page)
    page.get_by_test_id("office.tiers.edit").click()
    moves = page.get_by_test_id("office.tiers.moves")
    expect(moves).to_have_text("Không ai đổi hạng.")
    silver = page.get_by_test_id("office.tiers.spend.1")
    silver.fill("16tr")
    silver.press("Enter")
    expect(page.get_by_test_id("office.tiers.fault")).to_be_visible()
    silver.fill("300k")
    silver.press("Enter")
    expect(moves).to_have_text("1 khách lên hạng, 0 khách xuống hạng.")
    axe(page)
    page.get_by_test_id("office.tiers.plan").click()
    tomorrow = clock.business_day(clock.now()) + timedelta(days=1)
    expect(page.get_by_test_id("office.tiers.planned")).to_contain_text(f"{tomorrow:%d/%m/%Y}")
    with office.database.transaction() as tx:
        sql = text("SELECT tier, spend_vnd_min, written_by FROM tier_rule WHERE valid_from = :on ORDER BY rank")
        planned = tx.execute(sql, {"on": tomorrow}).all()
        kept = tx.scalars(text("SELECT tier FROM customer_tier WHERE customer_id = :id"), {"id": ngoc}).one()
    assert [tuple(row) for row in planned][1] == ("silver", 300_000, office.owner.id)
    assert (len(planned), kept) == (4, "member")
    page.get_by_test_id("office.tiers.drop").click()
    expect(page.get_by_test_id("office.tiers.planned")).to_have_count(0)

    page.get_by_test_id("office.points.edit").click()
    page.get_by_test_id("office.points.earn_per_vnd").fill("5.000")
    expect(page.get_by_test_id("office.points.then")).to_have_text(re.compile(r"^8.nghìn ₫$"))
    axe(page)


def test_a_mail_is_seen_whole_as_one_person_gets_it(office: Office) -> None:
    page = office.sign_in(f"/office/campaigns/{new_id()}")
    page.get_by_test_id("office.campaign.language").get_by_role("radio", name="Tiếng Anh").click()
    page.get_by_test_id("office.campaign.subject").fill("New in, ")
    page.get_by_test_id("office.campaign.gap.given_name").click()
    page.get_by_test_id("office.campaign.heading").fill("Autumn is here")
    page.get_by_test_id("office.campaign.body").fill("Come and see.\n\nYou have {points} points.")
    page.get_by_test_id("office.campaign.button_label").fill("See them")
    expect(page.get_by_text("Nút cần cả chữ và địa chỉ.")).to_be_visible()
    page.get_by_test_id("office.campaign.button_url").fill("https://lua.vn/new")
    expect(page.get_by_test_id("office.campaign.look.subject")).to_have_text(re.compile("New in, Mai$"))
    mail = page.frame_locator("[data-testid='office.campaign.look.page']")
    expect(mail.get_by_role("heading", name="Autumn is here")).to_be_visible()
    expect(mail.get_by_text("You have 120 points.")).to_be_visible()
    expect(mail.get_by_role("link", name="See them")).to_have_attribute("href", "https://lua.vn/new")
    expect(mail.get_by_role("link", name="Unsubscribe")).to_be_visible()
    axe(page)


def test_every_screen_of_people_can_be_used_by_everybody(office: Office, ngoc: UUID) -> None:
    page = office.sign_in(f"/office/customers/{ngoc}")
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    axe(page)
    page.get_by_test_id("office.person.export").click()
    expect(page.get_by_test_id("office.person.export_submit")).to_be_disabled()
    page.get_by_test_id("office.person.way").select_option("in_person")
    page.get_by_test_id("office.person.proof").select_option("identity_card")
    axe(page)
    with page.expect_download() as saved:
        page.get_by_test_id("office.person.export_submit").click()
    assert NAME in saved.value.path().read_text(encoding="utf-8")
    for path, shown in (
        ("data-requests", "office.privacy.table"),
        ("customers", "office.customers.table"),
        ("customer-groups", "office.rfm.grid"),
        (f"customer-groups/{new_id()}", "office.segment.name"),
        ("campaigns?part=journeys", "office.journeys"),
        ("jobs", "office.jobs.clock"),
    ):
        page.goto(f"/office/{path}")
        expect(page.get_by_test_id(shown)).to_be_visible()
        axe(page)
