"""Questions about messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from placket.messages.models import Message
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
