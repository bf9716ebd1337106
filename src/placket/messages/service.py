"""Verbs of messages: asked for in the caller's transaction, claimed and ended by whoever sends."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket.core.ids import new_id
from placket.messages import devices, policy, queries, rules
from placket.messages.models import OPEN, Channel, Message, MessageFile, MessageTerms
from placket.messages.ways import File

KEPT: Final = timedelta(days=90)
SOON: Final = timedelta(seconds=20)
"""For so long the worker leaves a message alone that somebody waits for: whoever asked for it sends it."""


def ask(  # noqa: PLR0913 - keywords only, each a fact of the message
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
    advertises_to: UUID | None = None,
) -> UUID | None:
    """Ask for a message as part of what it tells: if that is rolled back, so is this. The same key again asks nothing.

    What advertises names the customer: the database takes it only under their consent in force (``IntegrityError``), and it
    is sent within the hours and caps of ``policy``. Answers its id, or none if it was asked for before.
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
        "purpose": "service" if advertises_to is None else "marketing",
        "customer_id": advertises_to,
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
    """The message that has waited longest, for this transaction alone: another worker passes it over.

    Advertising waits for everything else.
    """
    due = select(Message).where(Message.state == "waiting", Message.next_try_at <= now)
    in_turn = due.order_by(Message.purpose.desc(), Message.next_try_at, Message.id)
    return tx.scalar(in_turn.limit(1).with_for_update(skip_locked=True))


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


def may_advertise_at(tx: Session, message: Message, *, now: datetime) -> datetime | None:
    """When a message that advertises may be sent; none when it may now.

    Two workers with messages for one person look at it one after the other, so no cap is passed by both.
    """
    house = queries.house(tx)
    opens_at = policy.opens_at(message.channel, house, now=now)
    if opens_at is not None:
        return opens_at
    for lock in sorted((str(message.customer_id), message.address)):
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(lock, 0))))
    to_person, to_address = queries.told_lately(tx, message, since=now - policy.WEEK)
    return policy.cap_ends(message.channel, house, to_person=to_person, to_address=to_address, now=now)


def hold_back(tx: Session, *, subject_id: UUID) -> int:
    """Nothing that waits about a subject is sent until it is let go; answers how many."""
    return _move(tx, subject_id, "waiting", {"state": "held"})


def let_go(tx: Session, *, subject_id: UUID, now: datetime) -> int:
    """What was held back waits again; answers how many."""
    return _move(tx, subject_id, "held", {"state": "waiting", "next_try_at": now})


def cancel(tx: Session, *, subject_id: UUID, now: datetime) -> int:
    """Nothing more is told about a subject; answers how many had waited."""
    return sum(_move(tx, subject_id, state, {"state": "cancelled", "ended_at": now}) for state in OPEN)


def _move(tx: Session, subject_id: UUID, state: str, to: Mapping[str, Any]) -> int:
    moved = update(Message).where(Message.subject_id == subject_id, Message.state == state).values(**to)
    return len(tx.execute(moved.returning(Message.id)).all())


def write_terms(tx: Session, *, house: policy.House, by: UUID | None, now: datetime) -> None:
    """Set the hours in which the house advertises, and how often; what waits looks again."""
    terms = tx.get_one(MessageTerms, 1, with_for_update=True)
    terms.from_minute, terms.until_minute = house.from_minute, house.until_minute
    terms.day_max, terms.week_max = house.day_max, house.week_max
    terms.written_by, terms.written_at = by, now
    asleep = update(Message).where(Message.state == "waiting", Message.purpose == "marketing", Message.next_try_at > now)
    tx.execute(asleep.values(next_try_at=now))


def prune(tx: Session, *, now: datetime) -> dict[str, int]:
    """Forget messages that ended long ago; what they said of people goes with them."""
    gone = tx.execute(delete(Message).where(Message.ended_at < now - KEPT).returning(Message.id)).all()
    return {"messages": len(gone), "push_devices": devices.prune_devices(tx, now=now)}
