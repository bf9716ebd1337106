"""The table of what a till has sold from a depot, and the depot is to send."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base


class DepotSending(Base):
    """The goods of a sale that lie in a depot: written with the sale, ended by the parcel that takes them away."""

    __tablename__ = "depot_sending"

    sale_id: Mapped[UUID] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"), primary_key=True)
    asked_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    carrier: Mapped[str | None]
    tracking_no: Mapped[str | None]
    recipient: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    __table_args__ = (
        CheckConstraint("(sent_at IS NOT NULL) = (carrier IS NOT NULL)", name="sent"),
        Index("ix_depot_sending_open", "location_id", "asked_at", postgresql_where=text("sent_at IS NULL")),
    )
