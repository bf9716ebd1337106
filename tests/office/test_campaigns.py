"""Campaigns in the office: what is new is written before anybody asks for it, what was sent is shown beside its result."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from campaigns.crowd import NOON, Crowd, people, segment_of_all
from messages.inbox import an_inbox
from office.conftest import Office
from placket.campaigns import jobs


@pytest.fixture(scope="module")
def crowd(served: Office) -> Iterator[Crowd]:
    """Forty people who agree, and a marketer."""
    with served.database.transaction() as tx:
        people(tx, 1, 40)
    with an_inbox() as inbox:
        yield Crowd(served.database, inbox, served.owner.id)


def test_a_new_campaign_asks_for_nothing_that_is_not_there(office: Office) -> None:
    page = office.sign_in("/office/campaigns")
    missing: list[str] = []
    page.on("response", lambda answer: missing.append(answer.url) if answer.status == 404 else None)
    page.get_by_test_id("office.campaigns.new").first.click()
    expect(page.get_by_test_id("office.campaign.name")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert missing == []


def test_an_address_typed_by_hand_begins_a_new_one_that_says_what_is_still_to_be_written(
    office: Office, crowd: Crowd
) -> None:
    with crowd.database.transaction() as tx:
        segment_of_all(tx)
    page = office.sign_in("/office/campaigns")
    failed: list[str] = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.goto("/office/campaigns/new")
    page.get_by_test_id("office.campaign.name").fill("Hàng mới")
    page.get_by_test_id("office.campaign.segment").select_option(index=1)
    expect(page.get_by_test_id("office.campaign.told")).to_be_visible()
    missing = page.get_by_test_id("office.campaign.missing")
    expect(missing).to_have_text("Còn phải viết: Tiêu đề thư, Lời chào, Nội dung.")
    expect(page.get_by_test_id("office.campaign.send")).to_be_disabled()
    for part in ("subject", "heading", "body"):
        page.get_by_test_id(f"office.campaign.{part}").fill("Mời bạn ghé")
    expect(missing).to_have_count(0)
    assert failed == []


def test_a_campaign_that_was_sent_shows_its_words_and_its_result(office: Office, crowd: Crowd) -> None:
    campaign_id = crowd.campaign(holdout_bp=2_000)
    jobs.run(crowd.database, now=NOON)
    page = office.sign_in(f"/office/campaigns/{campaign_id}")
    expect(page.get_by_test_id("office.campaign.report")).to_contain_text("Đối chứng")
    was = page.get_by_test_id("office.campaign.was")
    expect(was).to_contain_text("Mọi người")
    expect(was).to_contain_text("20%")
    expect(was.get_by_test_id("office.campaign.look.subject")).to_have_text("[QC] Quà cho Mai")
    expect(page.get_by_test_id("office.campaign.name")).to_have_count(0)
