"""A campaign reaches each who agrees once and nobody else, holds some out, keeps its hours, and can be held at any time."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from campaigns.crowd import DAY, NOON, Crowd, people
from placket import campaigns, crm, messages
from placket.campaigns import queries, refusals
from placket.campaigns.service import running, writing
from placket.core.ids import new_id
from placket.crm.privacy_api import everything_of

NIGHT = datetime.fromisoformat("2026-11-26T23:30+07:00")
MORNING = datetime.fromisoformat("2026-11-27T08:00+07:00")


def test_each_who_agrees_is_told_once_and_nobody_else(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 30, silent_every=3)
        tx.execute(text("UPDATE customer SET email = NULL WHERE given_name IN ('1', '2')"))
        tx.execute(text("UPDATE customer SET email = 'chung@example.com' WHERE given_name IN ('4', '5', '6')"))
    campaign_id = crowd.campaign()

    for _ in range(3):
        crowd.round()

    alone = {f"khach{n}@example.com" for n in range(7, 31) if n % 3}
    assert crowd.addresses() == sorted({*alone, "chung@example.com"})
    assert len(crowd.inbox.mails) == len(alone) + 1
    assert (crowd.state(campaign_id), crowd.states(campaign_id)) == ("done", {"sent": len(alone) + 1})
    with crowd.database.transaction() as tx:
        kept = tx.scalar(text("SELECT audience FROM campaign WHERE id = :id"), {"id": campaign_id})
    assert kept == {"people": 30, "no_consent": 10, "no_address": 2, "same_address": 1}
    mail = next(mail for mail in crowd.inbox.mails if mail["to"] == "khach7@example.com")
    assert mail["subject"] == "[QC] Quà cho 7"
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert "Mời bạn ghé xem hàng mới.\n\nBạn có 0 điểm." in plain.get_content()


def test_who_reads_english_is_told_in_english_where_somebody_has_written_it(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 3)
        first, second, _ = tx.scalars(text("SELECT id FROM customer ORDER BY given_name")).all()
        crm.note_language(tx, customer_id=first, language="en")
        crm.note_language(tx, customer_id=second, language="vi")
    english = {"subject": "A gift for {given_name}", "heading": "New in", "body": "Come and see."}
    crowd.campaign(template_en=english)
    crowd.round()

    assert {mail["to"]: mail["subject"] for mail in crowd.inbox.by_id().values()} == {
        "khach1@example.com": "[QC] A gift for 1",
        "khach2@example.com": "[QC] Quà cho 2",
        "khach3@example.com": "[QC] Quà cho 3",
    }


def test_english_words_that_are_not_whole_are_not_sent(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 2)
    with pytest.raises(refusals.TemplateUnknownField):
        crowd.campaign(template_en={"subject": "{nonsense}", "heading": "New in", "body": "Come."})
    with pytest.raises(refusals.TemplateIncomplete):
        crowd.campaign(template_en={"subject": "A gift", "heading": "", "body": "Come."})


def test_what_somebody_was_told_or_spared_is_in_the_file_of_their_own_data(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 2)
        lan, minh = tx.scalars(text("SELECT id FROM customer ORDER BY given_name")).all()
    crowd.campaign()
    crowd.round()
    with crowd.database.transaction() as tx:
        tx.execute(
            text("UPDATE campaign_recipient SET state = 'held_out', message_id = NULL WHERE customer_id = :id"), {"id": minh}
        )
        theirs, spared = everything_of(tx, lan), everything_of(tx, minh)
    (told,) = theirs["messages"]
    assert (told["kind"], told["channel"], told["address"], told["state"]) == (
        "campaign",
        "email",
        "khach1@example.com",
        "sent",
    )
    assert told["says"]["subject"] == "Quà cho 1"
    assert "opt_out_url" not in told["says"]
    assert [(one["name"], one["state"]) for one in theirs["campaigns"]] == [("Hàng mới", "sent")]
    assert [(one["name"], one["state"]) for one in spared["campaigns"]] == [("Hàng mới", "held_out")]


def test_who_is_held_out_is_drawn_at_random_and_stays_so(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 120)
    campaign_id = crowd.campaign(holdout_bp=2_500)
    for _ in range(9):  # a round sends for a limited time
        crowd.round()

    with crowd.database.transaction() as tx:
        rows = tx.execute(text("SELECT customer_id, state FROM campaign_recipient")).all()
    drawn = {row.customer_id for row in rows if campaigns.is_held_out(campaign_id, row.customer_id, 2_500)}
    assert {row.customer_id for row in rows if row.state == "held_out"} == drawn
    assert 12 <= len(drawn) <= 50
    assert len(crowd.inbox.by_id()) == 120 - len(drawn)
    other = new_id()
    assert drawn != {row.customer_id for row in rows if campaigns.is_held_out(other, row.customer_id, 2_500)}


def test_everybody_has_a_voucher_of_their_own_in_the_transaction_of_their_message(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 5)
    crowd.campaign(gift=True)
    crowd.round()

    with crowd.database.transaction() as tx:
        rows = tx.execute(
            text(
                "SELECT c.email, v.code FROM campaign_recipient r JOIN voucher v ON v.id = r.voucher_id "
                "JOIN customer c ON c.id = v.customer_id AND c.id = r.customer_id"
            )
        ).all()
        assert tx.scalar(text("SELECT count(*) FROM voucher")) == 5
    codes = {str(row.email): str(row.code) for row in rows}
    for mail in crowd.inbox.mails:
        plain = mail.get_body(("plain",))
        assert plain is not None
        assert codes[str(mail["to"])] in re.sub(r"(?<=\d) (?=\d)", "", plain.get_content())


def test_quiet_hours_put_it_off_and_a_second_campaign_waits_for_the_day_s_cap(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 3)
    first = crowd.campaign(at=NIGHT)
    crowd.round(NIGHT)
    assert (crowd.state(first), crowd.states(first), crowd.inbox.mails) == ("sending", {"planned": 3}, [])
    crowd.round(MORNING)
    assert len(crowd.inbox.mails) == 3
    second = crowd.campaign(at=MORNING)
    crowd.round(MORNING + timedelta(hours=3))
    assert (crowd.states(second), len(crowd.inbox.mails)) == ({"asked": 3}, 3)
    crowd.round(MORNING + DAY)
    assert (crowd.states(second), len(crowd.inbox.mails)) == ({"sent": 3}, 6)


def test_a_pause_holds_what_was_asked_for_already_and_it_goes_on_where_it_was(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 6)
    campaign_id = crowd.campaign()
    with crowd.database.transaction() as tx:
        assert running.start(tx, campaign_id=campaign_id, now=NOON)
        assert running.ask_batch(tx, campaign_id=campaign_id, now=NOON) == 6
    messages.send_waiting(crowd.database, now=NOON, most=2)
    with crowd.database.transaction() as tx:
        writing.pause(tx, campaign_id=campaign_id)
    crowd.round()
    assert (len(crowd.inbox.mails), crowd.state(campaign_id)) == (2, "paused")
    with crowd.database.transaction() as tx:
        writing.resume(tx, campaign_id=campaign_id, now=NOON)
    crowd.round()
    assert (len(crowd.inbox.by_id()), crowd.state(campaign_id)) == (6, "done")


def test_what_is_cancelled_goes_to_nobody_any_more(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 450)
    campaign_id = crowd.campaign()
    with crowd.database.transaction() as tx:
        running.start(tx, campaign_id=campaign_id, now=NOON)
        running.ask_batch(tx, campaign_id=campaign_id, now=NOON)
    messages.send_waiting(crowd.database, now=NOON, most=1)
    with crowd.database.transaction() as tx:
        writing.cancel(tx, campaign_id=campaign_id, by=crowd.marketer, now=NOON)
    crowd.round()
    assert (len(crowd.inbox.mails), crowd.states(campaign_id)) == (1, {"sent": 1, "cancelled": 449})


def test_who_has_taken_their_word_back_or_was_merged_is_passed_over(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 4)
    campaign_id = crowd.campaign()
    with crowd.database.transaction() as tx:
        running.start(tx, campaign_id=campaign_id, now=NOON)
        ids = dict(tx.execute(text("SELECT given_name, id FROM customer")).all())
        crm.stop_advertising(tx, customer_id=ids["1"], way="email", text_version="x", channel="web", at=NOON)
        crm.merge_customers(tx, loser_id=ids["2"], survivor_id=ids["3"], at=NOON)
    crowd.round()
    assert crowd.addresses() == ["khach3@example.com", "khach4@example.com"]
    assert crowd.states(campaign_id) == {"sent": 2, "skipped": 2}


def test_nobody_sends_to_other_people_than_they_have_seen(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 2)
    campaign_id = crowd.campaign()
    with crowd.database.transaction() as tx:
        tx.execute(text("UPDATE campaign SET state = 'draft'"))
        with pytest.raises(refusals.AudienceMoved):
            writing.schedule(tx, campaign_id=campaign_id, version=2, at=NOON, people=3, by=crowd.marketer)
        with pytest.raises(refusals.CampaignChanged):
            writing.schedule(tx, campaign_id=campaign_id, version=1, at=NOON, people=2, by=crowd.marketer)


def test_a_promotion_that_ended_gives_the_campaign_back_to_its_writer(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 2)
    campaign_id = crowd.campaign(gift=True)
    with crowd.database.transaction() as tx:
        tx.execute(text("UPDATE promotion SET state = 'stopped'"))
    crowd.round()
    with crowd.database.transaction() as tx:
        row = queries.campaign(tx, campaign_id)
        assert row is not None
        assert (row.state, row.trouble, crowd.inbox.mails) == ("draft", "promotion_over", [])


def test_a_template_that_nobody_can_fill_is_refused(crowd: Crowd) -> None:
    with pytest.raises(refusals.TemplateUnknownField) as refused:
        crowd.campaign(template={"subject": "Chào {ten}", "heading": "x", "body": "{voucher}", "line": ""})
    assert refused.value.facts == {"fields": "ten, voucher"}
    with pytest.raises(refusals.TemplateIncomplete):
        crowd.campaign(template={"subject": "Chào", "heading": "", "body": "", "line": ""})


def journey(crowd: Crowd, kind: str) -> UUID:
    with crowd.database.transaction() as tx:
        campaign_id = tx.scalar(text("SELECT id FROM campaign WHERE kind = :kind"), {"kind": kind})
        tx.execute(text("UPDATE campaign SET holdout_bp = 0"))
        writing.switch_on(tx, campaign_id=campaign_id, by=crowd.marketer, now=NOON)
        return UUID(str(campaign_id))


def test_whoever_agrees_is_welcomed_once(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 3)
    journey(crowd, "welcome")
    crowd.round(NOON + timedelta(minutes=1))
    assert crowd.inbox.mails == []  # they have agreed long ago
    with crowd.database.transaction() as tx:
        newcomer = tx.scalar(text("SELECT id FROM customer WHERE given_name = '2'"))
        for granted in (False, True):
            word = crm.Agreed("marketing", granted=granted, text_version="x")
            crm.service.customers.note_consent(
                tx, customer_id=newcomer, word=word, channel="web", by=crm.By(None), at=NOON + timedelta(minutes=2)
            )
    for minutes in (3, 4):
        crowd.round(NOON + timedelta(minutes=minutes))
    (mail,) = crowd.inbox.mails
    assert (mail["to"], mail["subject"]) == ("khach2@example.com", "[QC] Chào mừng 2 đến với Lụa")


def test_birthdays_are_kept_once_a_year_and_leap_days_on_the_28th(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 3)
        tx.execute(text("UPDATE customer SET birth_day = 26, birth_month = 11 WHERE given_name = '1'"))
        tx.execute(text("UPDATE customer SET birth_day = 29, birth_month = 2 WHERE given_name = '2'"))
    journey(crowd, "birthday")
    leap = datetime.fromisoformat("2027-02-28T12:00+07:00")
    for now in (NOON, NOON + timedelta(hours=1), NOON + DAY, leap, NOON + 365 * DAY):
        crowd.round(now)
    assert [str(mail["to"]).partition("@")[0] for mail in crowd.inbox.mails] == ["khach1", "khach2", "khach1"]


def test_who_has_not_come_for_so_long_is_asked_back_once_for_each_lapse(crowd: Crowd) -> None:
    with crowd.database.transaction() as tx:
        people(tx, 1, 3)
        lapsed = (
            "INSERT INTO customer_score (customer_id, orders, net_vnd, first_sold_on, last_sold_on, scored_at, profiled) "
            "SELECT id, 1, 1, DATE '2026-11-26' - :days, DATE '2026-11-26' - :days, :now, true FROM customer "
            "WHERE given_name = :name"
        )
        for name, days in (("1", 119), ("2", 121), ("3", 300)):
            tx.execute(text(lapsed), {"name": name, "days": days, "now": NOON})
    journey(crowd, "win_back")
    for days in (0, 0, 1, 2):
        crowd.round(NOON + days * DAY)
    assert [str(mail["to"]).partition("@")[0] for mail in crowd.inbox.mails] == ["khach2", "khach1"]
