"""The link out: no signing in, one click or one button, at once, written down, confirmed once, and nobody else's."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from campaigns.crowd import NOON, Crowd, people
from placket import messages
from serving import serving


@pytest.fixture
def link(crowd: Crowd) -> str:
    """The way out of the mail that somebody got."""
    with crowd.database.transaction() as tx:
        people(tx, 1, 1)
    crowd.campaign()
    crowd.round()
    (mail,) = crowd.inbox.mails
    return "/u/" + str(mail["list-unsubscribe"]).strip("<>").partition("/u/")[2]


def test_looking_does_nothing_one_click_ends_it_and_is_confirmed_once(crowd: Crowd, link: str) -> None:
    with serving(crowd.database.url) as server, httpx.Client(base_url=server.url) as client:
        page = client.get(link)
        assert (page.status_code, "Ngừng nhận qua e-mail" in page.text) == (200, True)
        with crowd.database.transaction() as tx:
            assert tx.scalar(text("SELECT count(*) FROM marketing_consent")) == 4

        one_click = {
            "content": "List-Unsubscribe=One-Click",
            "headers": {"content-type": "application/x-www-form-urlencoded"},
        }
        for _ in range(2):
            assert client.post(link, **one_click).status_code == 200
        forged = link[:-1] + ("A" if link[-1] != "A" else "B")
        assert client.post(forged, **one_click).status_code == 404
        assert client.get("/u/sample").status_code == 200

    with crowd.database.transaction() as tx:
        words = tx.execute(text("SELECT granted, channel, way, text_version FROM consent ORDER BY id")).all()
        assert tuple(words[-1]) == (False, "web", "email", "opt-out-2026-11")
        assert len(words) == 2
        kept = tx.scalars(text("SELECT channel FROM marketing_consent ORDER BY 1"))
        assert list(kept) == ["push", "sms", "zalo"]
        logged = tx.scalars(text("SELECT after FROM audit_log WHERE action = 'customer.opted_out' ORDER BY id")).all()
        assert [(one["channel"], one["one_click"]) for one in logged] == [("email", True)] * 2
    messages.send_waiting(crowd.database, now=NOON + timedelta(days=365))
    with crowd.database.transaction() as tx:
        confirmed = "SELECT address, purpose FROM message WHERE kind = 'opted_out'"
        assert [tuple(row) for row in tx.execute(text(confirmed))] == [("khach1@example.com", "service")]


def test_the_second_button_ends_every_channel_and_nobody_is_written_to_again(crowd: Crowd, link: str) -> None:
    with serving(crowd.database.url) as server, httpx.Client(base_url=server.url) as client:
        assert "bất kỳ kênh nào" in client.post(link, content="every=1").text
    with crowd.database.transaction() as tx:
        assert tx.scalar(text("SELECT count(*) FROM marketing_consent")) == 0
        people(tx, 2, 2)
    crowd.campaign(at=NOON + timedelta(days=2))
    crowd.round(NOON + timedelta(days=2))
    assert sorted(str(mail["to"]) for mail in crowd.inbox.mails if mail["list-unsubscribe"]) == [
        "khach1@example.com",
        "khach2@example.com",
    ]
