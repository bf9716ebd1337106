"""Tables of messages: what is told to whom, with which files, what became of it; the house's rule for advertising."""

from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Key

Channel = Literal["email", "sms", "zalo", "push"]
Purpose = Literal["service", "marketing"]
CHANNELS = get_args(Channel)
OPEN = ("waiting", "held")
STATES = (*OPEN, "sent", "failed", "too_late", "withdrawn", "cancelled")


class Message(Base):
    """A message for one address. ``key`` says what it tells, so that it is told once; ``facts`` fill its words.

    ``subject_id`` is what it is about (an order, a campaign); ``use_until`` is when nobody wants it any more.

    What advertises names its customer, and as long as it waits it points at their consent: without one it cannot be written,
    and when the consent is taken back it ends in the same transaction (``follow_marketing``).
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
    purpose: Mapped[Purpose] = mapped_column(Text, server_default="service")
    customer_id: Mapped[UUID | None]
    consent_channel: Mapped[str | None] = mapped_column(
        # as PostgreSQL prints it, so that the schema can be compared with this
        Computed(
            "CASE WHEN purpose = 'marketing'::text AND (state = ANY (ARRAY['waiting'::text, 'held'::text])) "
            "THEN channel ELSE NULL::text END",
            persisted=True,
        )
    )

    __table_args__ = (
        ForeignKeyConstraint(
            ["customer_id", "consent_channel"],
            ["marketing_consent.customer_id", "marketing_consent.channel"],
            ondelete="RESTRICT",
        ),
        CheckConstraint(f"channel IN {CHANNELS}", name="channel"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        CheckConstraint(f"(state IN {OPEN}) = (ended_at IS NULL)", name="ended"),
        CheckConstraint("purpose = 'service' OR (purpose = 'marketing' AND customer_id IS NOT NULL)", name="purpose"),
        Index("uq_message_key", "key", "channel", unique=True),
        Index("ix_message_subject_id", "subject_id", postgresql_where=text("subject_id IS NOT NULL")),
        Index("ix_message_next_try_at", "next_try_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_message_customer_id", "customer_id", "ended_at", postgresql_where=text("customer_id IS NOT NULL")),
        Index("ix_message_address", "channel", "address", "ended_at", postgresql_where=text("purpose = 'marketing'")),
        Index("ix_message_ended_at", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    )


class MessageFile(Base):
    """A file that goes with a mail; it is forgotten with it."""

    __tablename__ = "message_file"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    media: Mapped[str]
    content: Mapped[bytes]


class PushDevice(Base):
    """A browser that is told of something by push; its id is its address. It alone reads what is encrypted for its keys."""

    __tablename__ = "push_device"

    id: Mapped[Key]
    subject_id: Mapped[UUID]
    endpoint: Mapped[str]
    p256dh: Mapped[str]
    auth: Mapped[str]
    made_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_push_device_subject_id", "subject_id", "endpoint", unique=True),
        Index("ix_push_device_made_at", "made_at"),
    )


class MessageTerms(Base):
    """When the house advertises (minutes of the day), and how often at most to one person; the law may ask for more."""

    __tablename__ = "message_terms"

    id: Mapped[int] = mapped_column(primary_key=True, server_default="1", autoincrement=False)
    from_minute: Mapped[int]
    until_minute: Mapped[int]
    day_max: Mapped[int]
    week_max: Mapped[int]
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    written_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("id = 1", name="one"),
        CheckConstraint("from_minute >= 0 AND from_minute < until_minute AND until_minute <= 1440", name="hours"),
        CheckConstraint("day_max >= 1 AND week_max >= day_max AND week_max <= 50", name="caps"),
    )
