"""Questions about messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket.messages.models import Message, MessageTerms
from placket.messages.policy import House
from placket.messages.rules import masked


@dataclass(frozen=True, slots=True)
class MessageSeen:
    """A message as staff see it: what, by which way, to whom (masked), and what has become of it."""

    kind: str
    channel: str
    address: str
    state: str
    asked_at: datetime
    ended_at: datetime | None
    failure: str | None


def of_subject(tx: Session, subject_id: UUID) -> Sequence[MessageSeen]:
    """What was told about something, in order."""
    rows = tx.scalars(select(Message).where(Message.subject_id == subject_id).order_by(Message.asked_at, Message.id))
    return [
        MessageSeen(row.kind, row.channel, masked(row.address), row.state, row.asked_at, row.ended_at, row.failure)
        for row in rows
    ]


def house(tx: Session) -> House:
    """The house's rule for advertising."""
    terms = tx.get_one(MessageTerms, 1)
    return House(terms.from_minute, terms.until_minute, terms.day_max, terms.week_max)


def told_lately(tx: Session, message: Message, *, since: datetime) -> tuple[list[datetime], list[datetime]]:
    """When advertising last went to a message's person by any channel, and to its address by its channel."""
    lately = (
        "SELECT ended_at FROM message WHERE state = 'sent' AND purpose = 'marketing' AND ended_at > :since "
        "AND id <> :id AND "
    )
    facts = {"since": since, "id": message.id, "customer": message.customer_id}
    person = tx.scalars(text(f"{lately} customer_id = :customer"), facts).all()
    facts = {"since": since, "id": message.id, "channel": message.channel, "address": message.address}
    address = tx.scalars(text(f"{lately} channel = :channel AND address = :address"), facts).all()
    return list(person), list(address)
