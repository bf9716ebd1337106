"""Verbs of messages: asked for in the caller's transaction, claimed and ended by whoever sends."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket.core.ids import new_id
from placket.messages import rules
from placket.messages.models import Channel, Message, MessageFile
from placket.messages.ways import File

KEPT: Final = timedelta(days=90)
SOON: Final = timedelta(seconds=20)
"""For so long the worker leaves a message alone that somebody waits for: whoever asked for it sends it."""


def ask(
    tx: Session,
    *,
    key: str,
    kind: str,
    channel: Channel,
    address: str,
    language: str,
    facts: Mapping[str, Any],
    now: datetime,
    subject_id: UUID | None = None,
    not_before: datetime | None = None,
    use_until: datetime | None = None,
    files: Sequence[File] = (),
) -> UUID | None:
    """Ask for a message as part of what it tells: if that is rolled back, so is this. The same key again asks nothing.

    Answers its id, or none if it was asked for before.
    """
    row = {
        "id": new_id(),
        "key": key,
        "kind": kind,
        "channel": channel,
        "address": address,
        "language": "en" if language == "en" else "vi",
        "facts": dict(facts),
        "subject_id": subject_id,
        "asked_at": now,
        "next_try_at": not_before or now,
        "use_until": use_until,
    }
    made: UUID | None = tx.scalar(insert(Message).values(row).on_conflict_do_nothing().returning(Message.id))
    if made is not None and files:
        told = [{"message_id": made, "name": one.name, "media": one.media, "content": one.content} for one in files]
        tx.execute(insert(MessageFile), told)
    return made


def is_asked(tx: Session, *, key: str, channel: Channel) -> bool:
    """Whether a message of this key was asked for already: who has to make much before asking looks first."""
    return tx.scalar(select(Message.id).where(Message.key == key, Message.channel == channel)) is not None


def files_of(tx: Session, message_id: UUID) -> list[File]:
    """The files that go with a message."""
    rows = tx.scalars(select(MessageFile).where(MessageFile.message_id == message_id).order_by(MessageFile.name))
    return [File(row.name, row.media, row.content) for row in rows]


def claim(tx: Session, *, now: datetime) -> Message | None:
    """The message that has waited longest, for this transaction alone: another worker passes it over."""
    due = select(Message).where(Message.state == "waiting", Message.next_try_at <= now)
    return tx.scalar(due.order_by(Message.next_try_at, Message.id).limit(1).with_for_update(skip_locked=True))


def claim_one(tx: Session, message_id: UUID) -> Message | None:
    """One message, if it waits still and nobody else sends it just now."""
    this = select(Message).where(Message.id == message_id, Message.state == "waiting")
    return tx.scalar(this.with_for_update(skip_locked=True))


def end(
    message: Message, state: Literal["sent", "failed", "too_late"], *, now: datetime, failure: str | None = None
) -> None:
    """It is sent, or never will be. What it said is forgotten where it was a secret."""
    message.state, message.ended_at, message.failure = state, now, failure
    if message.kind == "sign_in_code":
        message.facts = {}


def put_off(message: Message, *, now: datetime, failure: str) -> None:
    """Nobody took it: try again later, or give it up."""
    wait = rules.wait_after(message.tries)
    if wait is None:
        end(message, "failed", now=now, failure=failure)
    else:
        message.next_try_at, message.failure = now + wait, failure


def prune(tx: Session, *, now: datetime) -> dict[str, int]:
    """Forget messages that ended long ago; what they said of people goes with them."""
    gone = tx.execute(delete(Message).where(Message.ended_at < now - KEPT).returning(Message.id)).all()
    return {"messages": len(gone)}
