"""The table of subscriptions: who gets which pack of reports how often."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Key


class ReportSubscription(Base):
    """Somebody gets a pack once a week or a month; their own roles say of which places it tells."""

    __tablename__ = "report_subscription"

    id: Mapped[Key]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    pack: Mapped[str]
    cadence: Mapped[str]
    language: Mapped[str]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("pack IN ('sales', 'marketing')", name="pack"),
        CheckConstraint("cadence IN ('weekly', 'monthly')", name="cadence"),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        Index("uq_report_subscription", "staff_id", "pack", "cadence", unique=True),
        Index("ix_report_subscription_made_by", "made_by"),
    )
