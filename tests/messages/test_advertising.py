"""Advertising goes only to whoever agrees, by the database's own rule; within hours and caps; and stops at once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from builders import LONG_AGO, a_branch
from messages.inbox import Inbox
from placket import crm, messages
from placket.core.db import Database
from placket.core.ids import new_id
from placket.crm.service.customers import note_consent
from placket.messages import policy

NOON = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
HOUSE = messages.House(8 * 60, 21 * 60, day_max=1, week_max=3)
FACTS = {
    "subject": "Hàng mới",
    "heading": "Hàng mới về",
    "paragraphs": ["Mời bạn ghé xem."],
    "line": "Hàng mới về, mời bạn ghé xem.",
    "opt_out_url": "https://lua.example/u/x",
}
TO = "ngoc@example.com"


def a_customer(tx: Session, *, agrees: bool = True, phone: str | None = None) -> UUID:
    made = crm.create_customer(
        tx,
        customer_id=new_id(),
        details=crm.Details("Trần Bảo Ngọc", phone),
        home_location_id=None,
        agreed=[],
        channel="web",
        by=crm.By(None),
        now=LONG_AGO,
    )
    if agrees:
        says(tx, made.id, granted=True)
    return made.id


def says(tx: Session, customer_id: UUID, *, granted: bool, way: str | None = None) -> None:
    word = crm.Agreed("marketing", granted=granted, text_version="ads-2026-11", way=way)
    note_consent(tx, customer_id=customer_id, word=word, channel="web", by=crm.By(None), at=NOON)


def advertised(tx: Session, customer_id: UUID, *, channel: str = "email", address: str = TO, until: datetime | None = None):
    return messages.ask(
        tx,
        key=str(new_id()),
        kind="campaign",
        channel=channel,
        address=address,
        language="vi",
        facts=FACTS,
        advertises_to=customer_id,
        use_until=until,
        now=NOON,
    )


def states(database: Database) -> list[str]:
    with database.transaction() as tx:
        return list(tx.scalars(text("SELECT state FROM message ORDER BY asked_at, id")))


@pytest.fixture
def house(fresh: Database) -> Database:
    with fresh.transaction() as tx:
        a_branch(tx)
    return fresh


RAW = """
INSERT INTO message (id, key, kind, address, language, facts, asked_at, next_try_at, purpose, channel, customer_id, state,
                     ended_at)
VALUES (gen_random_uuid(), gen_random_uuid()::text, 'campaign', 'a@b.vn', 'vi', '{}', now(), now(), 'marketing', %s, %s, %s,
        %s)
"""


def refused(database: Database, channel: str, customer_id: UUID | None, state: str = "waiting") -> str | None:
    """The constraint that keeps a message out, written past all of our code; none when it went in."""
    with psycopg.connect(database.url) as connection:
        try:
            connection.execute(RAW, (channel, customer_id, state, None if state == "waiting" else NOON))
        except psycopg.errors.IntegrityError as no:
            return no.diag.constraint_name or no.diag.message_primary
        return None


def test_the_database_takes_no_advertising_without_a_consent_in_force(house: Database) -> None:
    consent = "fk_message_customer_id_consent_channel_marketing_consent"
    with house.transaction() as tx:
        willing, silent = a_customer(tx), a_customer(tx, agrees=False)
        only_mail, no_more = a_customer(tx, agrees=False), a_customer(tx)
        says(tx, only_mail, granted=True, way="email")
        says(tx, no_more, granted=False)

    assert refused(house, "email", willing) is None
    assert refused(house, "sms", willing) is None
    assert refused(house, "email", silent) == consent
    assert refused(house, "email", only_mail) is None
    assert refused(house, "sms", only_mail) == consent
    assert refused(house, "email", no_more) == consent
    assert refused(house, "email", None) == "ck_message_purpose"
    assert refused(house, "email", silent, "sent") == "advertising begins by waiting, under a consent in force"
    with psycopg.connect(house.url) as connection, pytest.raises(psycopg.errors.IntegrityError):
        connection.execute("DELETE FROM marketing_consent WHERE customer_id = %s AND channel = 'email'", (willing,))


def test_the_last_word_about_a_channel_counts(house: Database) -> None:
    def by_channel(customer_id: UUID) -> list[str]:
        kept = "SELECT channel FROM marketing_consent WHERE customer_id = :id ORDER BY 1"
        return list(tx.scalars(text(kept), {"id": customer_id}))

    with house.transaction() as tx:
        customer_id = a_customer(tx)
        assert by_channel(customer_id) == ["email", "push", "sms", "zalo"]
        says(tx, customer_id, granted=False, way="sms")
        assert by_channel(customer_id) == ["email", "push", "zalo"]
        says(tx, customer_id, granted=False)
        assert by_channel(customer_id) == []
        says(tx, customer_id, granted=True, way="zalo")
        assert by_channel(customer_id) == ["zalo"]


def test_taking_consent_back_ends_what_waits_in_the_same_moment(house: Database, inbox: Inbox) -> None:
    with house.transaction() as tx:
        customer_id = a_customer(tx)
        advertised(tx, customer_id)
        advertised(tx, customer_id, channel="sms", address="+84901234567")
    with house.transaction() as tx:
        crm.stop_advertising(tx, customer_id=customer_id, way="email", text_version="x", channel="web", at=NOON)
        crm.stop_advertising(tx, customer_id=customer_id, way="email", text_version="x", channel="web", at=NOON)
        assert tx.scalar(text("SELECT count(*) FROM consent WHERE NOT granted")) == 1

    assert states(house) == ["withdrawn", "waiting"]
    messages.send_waiting(house, now=NOON)
    assert inbox.mails == []
    with house.transaction() as tx, pytest.raises(IntegrityError):
        advertised(tx, customer_id)


def test_who_was_merged_is_taken_back_with_the_person_they_are(house: Database, inbox: Inbox) -> None:
    with house.transaction() as tx:
        survivor, loser = a_customer(tx), a_customer(tx)
        says(tx, loser, granted=False, way="sms")
        advertised(tx, loser)
        crm.merge_customers(tx, loser_id=loser, survivor_id=survivor, at=NOON)
        kept = tx.scalars(text("SELECT channel FROM marketing_consent WHERE customer_id = :id ORDER BY 1"), {"id": survivor})
        assert list(kept) == ["email", "push", "zalo"]
    with house.transaction() as tx:
        crm.stop_advertising(tx, customer_id=loser, way=None, text_version="x", channel="web", at=NOON)

    assert states(house) == ["withdrawn"]
    with house.transaction() as tx:
        assert tx.scalar(text("SELECT count(*) FROM marketing_consent")) == 0
    assert inbox.mails == []


def test_advertising_is_labelled_and_can_be_ended_with_one_click(house: Database, inbox: Inbox) -> None:
    with house.transaction() as tx:
        advertised(tx, a_customer(tx))
    messages.send_waiting(house, now=NOON)

    (mail,) = inbox.mails
    assert mail["subject"] == "[QC] Hàng mới"
    assert (mail["list-unsubscribe"], mail["list-unsubscribe-post"]) == (
        "<https://lua.example/u/x>",
        "List-Unsubscribe=One-Click",
    )
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert "Ngừng nhận: https://lua.example/u/x" in plain.get_content()


def test_an_sms_keeps_its_label_and_its_way_out_however_long_it_is() -> None:
    facts = FACTS | {"line": "Đầm lụa mới về " * 20}
    letter = messages.previewed(facts, channel="sms", address="+84901234567", language="vi", company=None)
    assert letter.text.startswith("[QC] Dam lua moi ve")
    assert letter.text.endswith("... Tu choi: https://lua.example/u/x")
    assert len(letter.text) <= 160


@pytest.mark.parametrize(
    ("channel", "at", "opens"),
    [
        ("email", (1, 0), None),  # 08:00 in Hanoi
        ("email", (0, 59), (26, 1, 0)),
        ("email", (13, 59), None),
        ("email", (14, 0), (27, 1, 0)),
        ("sms", (14, 30), (27, 1, 0)),
    ],
)
def test_the_stricter_of_law_and_house_says_when(channel: str, at: tuple[int, int], opens: tuple[int, ...] | None) -> None:
    now = datetime(2026, 11, 26, *at, tzinfo=UTC)
    expected = None if opens is None else datetime(2026, 11, *opens, tzinfo=UTC)
    assert policy.opens_at(channel, HOUSE, now=now) == expected
    late = messages.House(0, 1440, day_max=1, week_max=3)
    assert policy.hours("sms", late) == (7 * 60, 22 * 60)
    assert policy.hours("email", late) == (0, 1440)


def test_caps_free_when_the_oldest_that_counts_leaves_the_span() -> None:
    told = [NOON - timedelta(hours=hours) for hours in (100, 60, 30)]
    assert policy.cap_ends("email", HOUSE, to_person=told, to_address=[], now=NOON) == told[0] + policy.WEEK
    assert policy.cap_ends("email", HOUSE, to_person=told[1:], to_address=[], now=NOON) is None
    house = messages.House(0, 1440, day_max=9, week_max=9)
    three = [NOON - timedelta(hours=hours) for hours in (20, 5, 1)]
    assert policy.cap_ends("sms", house, to_person=three, to_address=three, now=NOON) == three[0] + policy.DAY
    assert policy.cap_ends("zalo", house, to_person=[], to_address=three[2:], now=NOON) == three[2] + policy.DAY


def test_quiet_hours_and_the_day_s_cap_are_kept_when_it_is_sent_and_news_goes_first(house: Database, inbox: Inbox) -> None:
    with house.transaction() as tx:
        customer_id = a_customer(tx)
        first, second = advertised(tx, customer_id), advertised(tx, customer_id, until=NOON + timedelta(days=1))
        news = {"code": "W-00000007", "amount_vnd": 350_000}
        messages.ask(tx, key="n", kind="order_refunded", channel="email", address=TO, language="vi", facts=news, now=NOON)
    night = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
    assert messages.send_waiting(house, now=night) == {"sent": 1, "put_off": 2, "failed": 0}
    assert inbox.mails[0]["subject"].startswith("Đã hoàn")
    morning = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
    assert messages.send_waiting(house, now=morning) == {"sent": 1, "put_off": 1, "failed": 0}
    assert messages.send_waiting(house, now=morning + timedelta(hours=23)) == {"sent": 0, "put_off": 0, "failed": 0}
    assert messages.send_waiting(house, now=morning + timedelta(hours=24)) == {"sent": 0, "put_off": 0, "failed": 1}
    with house.transaction() as tx:
        ended = dict(tx.execute(text("SELECT id, state FROM message WHERE purpose = 'marketing'")).all())
        assert sorted(ended.values()) == ["sent", "too_late"]
        assert set(ended) == {first, second}


def test_what_is_held_back_waits_until_it_is_let_go(house: Database, inbox: Inbox) -> None:
    subject_id = new_id()
    with house.transaction() as tx:
        message_id = advertised(tx, a_customer(tx))
        tx.execute(text("UPDATE message SET subject_id = :id"), {"id": subject_id})
        assert messages.hold_back(tx, subject_id=subject_id) == 1
    assert messages.send_waiting(house, now=NOON)["sent"] == 0
    with house.transaction() as tx:
        assert messages.let_go(tx, subject_id=subject_id, now=NOON) == 1
    assert messages.send_waiting(house, now=NOON)["sent"] == 1
    assert str(message_id) in str(inbox.mails[0]["message-id"])
    with house.transaction() as tx:
        assert messages.cancel(tx, subject_id=subject_id, now=NOON) == 0
