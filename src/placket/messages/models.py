"""The tables of messages: what is to be told to whom, the files that go with it, and what has become of it."""

from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Key

Channel = Literal["email", "sms", "push"]
CHANNELS = get_args(Channel)
STATES = ("waiting", "sent", "failed", "too_late")


class Message(Base):
    """A message for one address. ``key`` says what it tells, so that it is told once; ``facts`` fill its words.

    ``subject_id`` is what it is about (an order, a campaign); ``use_until`` is when nobody wants it any more.
    """

    __tablename__ = "message"

    id: Mapped[Key]
    key: Mapped[str]
    kind: Mapped[str]
    channel: Mapped[Channel] = mapped_column(Text)
    address: Mapped[str]
    language: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    subject_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(server_default="waiting")
    asked_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    use_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default="0")
    ended_at: Mapped[datetime | None]
    failure: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(f"channel IN {CHANNELS}", name="channel"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended"),
        Index("uq_message_key", "key", "channel", unique=True),
        Index("ix_message_subject_id", "subject_id", postgresql_where=text("subject_id IS NOT NULL")),
        Index("ix_message_next_try_at", "next_try_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_message_ended_at", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    )


class MessageFile(Base):
    """A file that goes with a mail; it is forgotten with it."""

    __tablename__ = "message_file"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    media: Mapped[str]
    content: Mapped[bytes]
