"""Messages are asked for with what they tell, and sent once: by real SMTP, under kill, by two workers, with patience."""

from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import a_company
from messages.inbox import Inbox
from placket import messages
from placket.core.db import Database
from placket.core.ids import new_id
from placket.core.settings import settings
from placket.messages import service, ways
from placket.messages.models import Message

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
TO = "bao.ngoc@example.com"
BROWSER = messages.Device(
    endpoint="https://fcm.googleapis.com/fcm/send/a",
    p256dh="BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth="BTBZMqHH6r4Tts7J_aSIgg",
)


def asked(tx: Session, **more: Any) -> UUID:
    """A message that waits."""
    given = {
        "key": f"order-{new_id()}",
        "kind": "order_refunded",
        "channel": "email",
        "address": TO,
        "language": "vi",
        "facts": {"code": "W-00000007", "amount_vnd": 350_000},
    }
    made = messages.ask(tx, **given | more, now=NOW)
    assert made is not None
    return made


def state_of(database: Database, message_id: UUID) -> tuple[str, int, str | None]:
    with database.transaction() as tx:
        row = tx.get_one(Message, message_id)
        return row.state, row.tries, row.failure


@pytest.fixture
def house(fresh: Database) -> Database:
    with fresh.transaction() as tx:
        a_company(tx)
    return fresh


def test_a_mail_goes_out_once_in_words_and_as_a_page(house: Database, inbox: Inbox) -> None:
    with house.transaction() as tx:
        message_id = asked(tx)

    assert [messages.send_waiting(house, now=NOW)["sent"] for _ in range(3)] == [1, 0, 0]

    (mail,) = inbox.mails
    assert (mail["from"], mail["to"]) == ("Lụa <shop@lua.example>", TO)
    assert (mail["subject"], mail["message-id"]) == (
        "Đã hoàn 350.000\xa0₫ cho đơn W-00000007",
        f"<{message_id}@lua.example>",
    )
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert "Chúng tôi đã hoàn 350.000\xa0₫." in plain.get_content()
    assert '<html lang="vi">' in page.get_content()
    assert state_of(house, message_id) == ("sent", 1, None)


def test_what_is_rolled_back_is_told_to_nobody(house: Database, inbox: Inbox) -> None:
    with suppress(ZeroDivisionError), house.transaction() as tx:
        asked(tx)
        raise ZeroDivisionError

    assert messages.send_waiting(house, now=NOW)["sent"] == 0
    assert inbox.mails == []


def test_the_same_news_is_asked_for_once(house: Database, inbox: Inbox) -> None:
    with house.transaction() as tx:
        asked(tx, key="order-1-ready")
        again = {"kind": "order_refunded", "channel": "email", "address": TO, "language": "vi", "facts": {}}
        assert messages.ask(tx, key="order-1-ready", **again, now=NOW) is None

    messages.send_waiting(house, now=NOW)
    assert len(inbox.mails) == 1


def test_a_worker_killed_before_it_has_sent_leaves_it_to_the_next(house: Database, inbox: Inbox) -> None:
    with house.transaction() as tx:
        asked(tx)
    with suppress(KeyboardInterrupt), house.transaction() as tx:
        assert service.claim(tx, now=NOW) is not None
        raise KeyboardInterrupt

    assert messages.send_waiting(house, now=NOW)["sent"] == 1
    assert len(inbox.mails) == 1


def test_a_worker_killed_after_it_has_sent_sends_under_the_same_id(house: Database, inbox: Inbox) -> None:
    with house.transaction() as tx:
        asked(tx)
    with suppress(KeyboardInterrupt), house.transaction() as tx:
        message = service.claim(tx, now=NOW)
        assert message is not None
        with closing(ways.MailServer(inbox.url)) as server:
            server.send(ways.Letter(message.id, TO, "Lụa", "Đã hoàn tiền", "Đã hoàn tiền"))
        raise KeyboardInterrupt

    messages.send_waiting(house, now=NOW)
    assert (len(inbox.mails), len(inbox.by_id())) == (2, 1)


def test_two_workers_never_take_the_same_message(house: Database, inbox: Inbox) -> None:
    with house.transaction() as tx:
        first, second = asked(tx), asked(tx)
    with house.transaction() as one, house.transaction() as other:
        taken = [service.claim(tx, now=NOW) for tx in (one, other)]
        third = service.claim(other, now=NOW)

        assert {message.id for message in taken if message is not None} == {first, second}
        assert third is not None
        assert third.id == taken[1].id  # type: ignore[union-attr] - its own again: the other one's is passed over
    assert inbox.mails == []


def test_a_server_that_is_away_is_tried_again_and_at_last_given_up(house: Database, inbox: Inbox) -> None:
    with house.transaction() as tx:
        message_id = asked(tx)
    inbox.answer = "451 Try again later"

    moments = [NOW]
    for wait in (10, 60, 300, 1_800, 7_200, 21_600):
        assert messages.send_waiting(house, now=moments[-1])["put_off"] == 1
        assert messages.send_waiting(house, now=moments[-1] + timedelta(seconds=wait - 1))["put_off"] == 0
        moments.append(moments[-1] + timedelta(seconds=wait))
    assert messages.send_waiting(house, now=moments[-1])["failed"] == 1

    assert state_of(house, message_id) == ("failed", 7, "SMTPDataError")
    assert inbox.mails == []


def test_a_mailbox_that_does_not_exist_is_not_tried_again(house: Database, inbox: Inbox) -> None:
    inbox.unknown.add(TO)
    with house.transaction() as tx:
        message_id = asked(tx)

    messages.send_waiting(house, now=NOW)

    assert state_of(house, message_id) == ("failed", 1, "address_refused")


def test_what_is_no_news_any_more_is_not_sent(house: Database, inbox: Inbox) -> None:
    with house.transaction() as tx:
        message_id = asked(tx, use_until=NOW + timedelta(hours=1))

    messages.send_waiting(house, now=NOW + timedelta(hours=1))

    assert state_of(house, message_id)[0] == "too_late"
    assert inbox.mails == []


def test_a_code_that_cannot_be_sent_is_refused_and_forgotten(house: Database, inbox: Inbox) -> None:
    with house.transaction() as tx:
        message_id = asked(tx, kind="sign_in_code", facts={"code": "314159"}, not_before=NOW + messages.SOON)
    assert messages.send_waiting(house, now=NOW) == {"sent": 0, "put_off": 0, "failed": 0}
    inbox.answer = "451 Try again later"

    with pytest.raises(messages.CannotSend):
        messages.send_now(house, message_id=message_id, now=NOW)

    assert state_of(house, message_id)[0] == "failed"
    with house.transaction() as tx:
        assert tx.scalar(text("SELECT facts FROM message")) == {}


def test_without_a_server_a_developer_reads_it_in_a_folder(
    house: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLACKET_VAR", str(tmp_path))
    settings.cache_clear()
    with house.transaction() as tx:
        sms = asked(tx, channel="sms", address="+84901234567")
        mail = asked(tx)
        order_id = new_id()
        messages.tell_device(tx, subject_id=order_id, device=BROWSER, now=NOW)
        push = asked(tx, channel="push", address=str(messages.devices_of(tx, order_id)[0]))

    assert messages.send_waiting(house, now=NOW)["sent"] == 3
    settings.cache_clear()

    assert (tmp_path / "mail" / f"{sms}-sms.txt").read_text(encoding="utf-8") == (
        "+84901234567\nĐã hoàn 350.000\xa0₫ cho đơn W-00000007\n\n"
        "Lua: da hoan 350.000 d cho don W-00000007. Ngan hang co the can vai ngay de ghi co.\n"
    )
    assert b"Subject:" in (tmp_path / "mail" / f"{mail}-email.eml").read_bytes()
    assert (tmp_path / "mail" / f"{push}-push.txt").exists()


def test_a_real_company_without_a_gateway_says_so(house: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS", "1")
    settings.cache_clear()
    with house.transaction() as tx:
        message_id = asked(tx, channel="sms", address="+84901234567")

    assert not messages.can_reach("sms", in_demo=False)
    assert messages.send_waiting(house, now=NOW)["failed"] == 1
    settings.cache_clear()

    assert state_of(house, message_id) == ("failed", 1, "no_way")


def test_what_ended_long_ago_is_forgotten(house: Database, inbox: Inbox) -> None:
    with house.transaction() as tx:
        asked(tx)
        messages.tell_device(tx, subject_id=new_id(), device=BROWSER, now=NOW)
    messages.send_waiting(house, now=NOW)
    with house.transaction() as tx:
        assert messages.prune(tx, now=NOW + timedelta(days=89)) == {"messages": 0, "push_devices": 0}
        assert messages.prune(tx, now=NOW + timedelta(days=91)) == {"messages": 1, "push_devices": 1}
    assert len(inbox.mails) == 1
