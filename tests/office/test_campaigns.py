"""Campaigns in the office: what is new is written before anybody asks for it."""

from playwright.sync_api import expect

from office.conftest import Office


def test_a_new_campaign_asks_for_nothing_that_is_not_there(office: Office) -> None:
    page = office.sign_in("/office/campaigns")
    missing: list[str] = []
    page.on("response", lambda answer: missing.append(answer.url) if answer.status == 404 else None)
    page.get_by_test_id("office.campaigns.new").first.click()
    expect(page.get_by_test_id("office.campaign.name")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert missing == []
