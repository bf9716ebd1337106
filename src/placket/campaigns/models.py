"""Tables of campaigns: what is told to whom, and one row for each person and occasion."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from placket import messages
from placket.core.db import Base, Key

KINDS = ("once", "welcome", "birthday", "win_back")
STATES = ("draft", "scheduled", "sending", "paused", "done", "cancelled")
TOLD = ("asked", "sent", "failed", "too_late", "withdrawn")


class Campaign(Base):
    """What is told by one channel to the people of a segment, or (a journey) to whoever has an occasion.

    ``audience`` counts the segment as it was when it was frozen: who could be told, and why others could not. ``trouble``
    is the refusal that has paused it. ``template_en`` is what those get who read English, where somebody has written it.
    """

    __tablename__ = "campaign"

    id: Mapped[Key]
    kind: Mapped[str]
    name: Mapped[str]
    channel: Mapped[messages.Channel] = mapped_column(Text)
    language: Mapped[str]
    segment_id: Mapped[UUID | None] = mapped_column(ForeignKey("segment.id", ondelete="RESTRICT"))
    template: Mapped[dict[str, Any]] = mapped_column(JSONB)
    template_en: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    promotion_id: Mapped[UUID | None] = mapped_column(ForeignKey("promotion.id", ondelete="RESTRICT"))
    voucher_days: Mapped[int | None]
    holdout_bp: Mapped[int]
    window_days: Mapped[int]
    days: Mapped[int | None]
    suggests: Mapped[bool] = mapped_column(server_default="false")
    state: Mapped[str]
    trouble: Mapped[str | None]
    starts_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    audience: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    enrolled_on: Mapped[date | None]
    version: Mapped[int]
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    written_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint("channel IN ('email', 'sms', 'zalo')", name="channel"),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("state = 'draft' OR written_by IS NOT NULL", name="signed"),
        CheckConstraint("(kind = 'once') = (segment_id IS NOT NULL)", name="audience"),
        CheckConstraint("(promotion_id IS NULL) = (voucher_days IS NULL)", name="voucher"),
        CheckConstraint("holdout_bp BETWEEN 0 AND 5000", name="holdout"),
        CheckConstraint("window_days BETWEEN 1 AND 60", name="window"),
        Index("ix_campaign_segment_id", "segment_id", postgresql_where=text("segment_id IS NOT NULL")),
        Index("ix_campaign_promotion_id", "promotion_id", postgresql_where=text("promotion_id IS NOT NULL")),
        Index("uq_campaign_journey", "kind", unique=True, postgresql_where=text("kind <> 'once'")),
    )


class CampaignRecipient(Base):
    """Somebody who is told, or held out for comparison: once for each occasion, whatever becomes of the worker.

    ``planned_at`` begins the window in which what they buy counts. The message, the voucher and the state move together.
    """

    __tablename__ = "campaign_recipient"

    id: Mapped[Key]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id", ondelete="RESTRICT"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    occasion: Mapped[str]
    state: Mapped[str]
    planned_at: Mapped[datetime]
    message_id: Mapped[UUID | None]
    voucher_id: Mapped[UUID | None] = mapped_column(ForeignKey("voucher.id", ondelete="RESTRICT"))
    opted_out_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(f"state IN {('held_out', 'planned', 'skipped', 'cancelled', *TOLD)}", name="state"),
        CheckConstraint(f"(message_id IS NOT NULL) = (state IN {TOLD}) OR state = 'cancelled'", name="asked"),
        Index("uq_campaign_recipient_person", "campaign_id", "customer_id", "occasion", unique=True),
        Index("ix_campaign_recipient_customer_id", "customer_id"),
        Index(
            "ix_campaign_recipient_open",
            "campaign_id",
            "state",
            "id",
            postgresql_where=text("state IN ('planned', 'asked')"),
        ),
        Index("ix_campaign_recipient_voucher_id", "voucher_id", postgresql_where=text("voucher_id IS NOT NULL")),
    )
