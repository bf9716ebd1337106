"""Tables of money taken online: attempts to pay an order, refunds, disputes, and what the provider told us."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key, Money

PAYMENT_STATES = ("opening", "open", "processing", "received", "failed", "expired")
REFUND_STATES = ("requested", "pending", "succeeded", "failed", "settled")


class OnlinePayment(Base):
    """One attempt to pay an order. opening → open → processing → received | failed | expired.

    ``amount_minor`` is what the provider is asked for, in the smallest unit of ``currency``. A transfer's money is told of
    by its ``request_id``.
    """

    __tablename__ = "online_payment"

    id: Mapped[Key]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("web_order.id", ondelete="RESTRICT"))
    attempt: Mapped[int] = mapped_column(SmallInteger)
    method: Mapped[str]
    state: Mapped[str]
    amount_vnd: Mapped[Money]
    currency: Mapped[str]
    amount_minor: Mapped[Money]
    session_id: Mapped[str | None] = mapped_column(unique=True)
    intent_id: Mapped[str | None]
    url: Mapped[str | None]
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_request.id", ondelete="RESTRICT"))
    failure: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[Big] = mapped_column(server_default="1")

    __table_args__ = (
        UniqueConstraint("order_id", "attempt"),
        CheckConstraint("method IN ('card', 'transfer')", name="method"),
        CheckConstraint(f"state IN {PAYMENT_STATES}", name="state"),
        CheckConstraint("amount_vnd > 0 AND amount_minor > 0", name="amount"),
        CheckConstraint("currency ~ '^[a-z]{3}$'", name="currency"),
        CheckConstraint("(received_at IS NOT NULL) = (state = 'received')", name="received"),
        CheckConstraint("(method = 'transfer') = (request_id IS NOT NULL)", name="request"),
        Index("uq_online_payment_live", "order_id", unique=True, postgresql_where=text("state IN ('opening', 'open')")),
        Index("ix_online_payment_intent_id", "intent_id", postgresql_where=text("intent_id IS NOT NULL")),
        Index("ix_online_payment_request_id", "request_id", postgresql_where=text("request_id IS NOT NULL")),
    )


class OnlineRefund(Base):
    """Money of a payment that goes back. requested → pending → succeeded | failed; a failed one is settled another way.

    ``key`` says what it is for, so that it is asked for once: an order's line, a return, a payment that came too late.
    """

    __tablename__ = "online_refund"

    id: Mapped[Key]
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("online_payment.id", ondelete="RESTRICT"))
    key: Mapped[str] = mapped_column(unique=True)
    reason: Mapped[str]
    state: Mapped[str]
    amount_vnd: Mapped[Money]
    amount_minor: Mapped[Money]
    provider_id: Mapped[str | None] = mapped_column(unique=True)
    failure: Mapped[str | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    requested_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    settled_note: Mapped[str | None]
    version: Mapped[Big] = mapped_column(server_default="1")

    __table_args__ = (
        CheckConstraint(f"state IN {REFUND_STATES}", name="state"),
        CheckConstraint(
            "reason IN ('cancelled', 'short', 'late', 'returned', 'no_show', 'twice')",
            name="reason",
        ),
        CheckConstraint("amount_vnd > 0 AND amount_minor >= 0", name="amount"),
        CheckConstraint("(state = 'settled') = (settled_by IS NOT NULL)", name="settled"),
        Index("ix_online_refund_payment_id", "payment_id"),
        Index("ix_online_refund_open", "state", postgresql_where=text("state IN ('requested', 'pending', 'failed')")),
    )


class OnlineDispute(Base):
    """A cardholder's bank asks for the money of a payment back."""

    __tablename__ = "online_dispute"

    provider_id: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("online_payment.id", ondelete="RESTRICT"))
    state: Mapped[str]
    reason: Mapped[str]
    amount_minor: Mapped[Money]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('open', 'won', 'lost')", name="state"),
        Index("ix_online_dispute_payment_id", "payment_id"),
    )


class ProviderEvent(Base):
    """What a provider told us: signed, stored once as it came, applied from the queue, and kept to be applied again."""

    __tablename__ = "provider_event"

    provider: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    object_id: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    received_at: Mapped[datetime]
    heard: Mapped[int] = mapped_column(server_default="1")
    applied_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")

    __table_args__ = (
        Index("ix_provider_event_received_at", "received_at"),
        Index("ix_provider_event_object_id", "object_id"),
        Index("ix_provider_event_waiting", "received_at", postgresql_where=text("applied_at IS NULL")),
    )
