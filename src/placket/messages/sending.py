"""Sends what waits: one message a transaction, under its row's lock, so that two workers never send the same.

A worker that is killed between the server's answer and its own commit sends again under the same id, by which mail programs
and gateways know it as one; killed at any other moment it has sent it once or not yet.
"""

import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from placket import identity
from placket.core.db import Database
from placket.core.refusals import Refusal
from placket.messages import devices, letters, service
from placket.messages.models import Message
from placket.messages.ways import Letter, Push, WayClosed, Ways

log = structlog.get_logger()

AT_ONCE: Final = 2_000
AT_ONCE_S: Final = 5.0
"""A round ends after so long: what was asked for meanwhile by others has its turn."""


class CannotSend(Refusal):
    """There is no way to such an address, or the way is closed just now."""

    code = "cannot_send"
    status = 503
    vi = "Chưa gửi được mã tới {address}. Thử lại sau, hoặc dùng cách khác."
    en = "The code could not be sent to {address}. Try again later, or use another way."


def send_waiting(database: Database, *, now: datetime, most: int = AT_ONCE) -> dict[str, int]:
    """Send what is due; answers how many messages were sent, put off, and given up."""
    done = {"sent": 0, "put_off": 0, "failed": 0}
    ends_s = time.monotonic() + AT_ONCE_S
    with closing(Ways()) as ways:
        for _ in range(most):
            with database.transaction() as tx:
                message = service.claim(tx, now=now)
                if message is None:
                    break
                _deliver(tx, message, ways, now)
                done[{"sent": "sent", "waiting": "put_off"}.get(message.state, "failed")] += 1
            if time.monotonic() > ends_s:
                break
    return done


def send_now(database: Database, *, message_id: UUID, now: datetime) -> None:
    """Send one message while somebody waits for it. Refuses ``CannotSend``: then it is not tried again."""
    with closing(Ways()) as ways, database.transaction() as tx:
        message = service.claim_one(tx, message_id)
        if message is None:
            return
        _deliver(tx, message, ways, now)
        went, address = message.state == "sent", message.address
        if not went:
            service.end(message, "failed", now=now, failure=message.failure)
    if not went:
        raise CannotSend(address=address)


def _deliver(tx: Session, message: Message, ways: Ways, now: datetime) -> None:
    if message.use_until is not None and message.use_until <= now:
        service.end(message, "too_late", now=now)
        return
    if message.purpose == "marketing" and (may_at := service.may_advertise_at(tx, message, now=now)) is not None:
        message.next_try_at = may_at
        return
    message.tries += 1
    company = identity.company(tx)
    way = ways.of(message.channel, in_demo=identity.is_demo(tx))
    if way is None:
        service.end(message, "failed", now=now, failure="no_way")
        return
    words = replace(letters.letter_of(message, company=company), files=service.files_of(tx, message.id))
    letter = _to_device(tx, message, words, now) if message.channel == "push" else words
    if letter is None:
        service.end(message, "failed", now=now, failure="no_device")
        return
    try:
        way.send(letter)
    except WayClosed as closed:
        log.warning("a message was not taken", message=str(message.id), kind=message.kind, why=closed.why)
        if closed.for_good and message.channel == "push":
            devices.forget_device(tx, message.address)
        if closed.for_good:
            service.end(message, "failed", now=now, failure=closed.why)
        else:
            service.put_off(message, now=now, failure=closed.why)
    else:
        service.end(message, "sent", now=now)


def _to_device(tx: Session, message: Message, letter: Letter, now: datetime) -> Letter | None:
    """A push with its browser; none when nobody wants to be told there any more."""
    device = devices.device_at(tx, message.address)
    return None if device is None else replace(letter, push=Push(device, message.facts.get("url"), now))
