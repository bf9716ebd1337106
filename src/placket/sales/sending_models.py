"""Tables of what a till has sold from a depot: what the depot is to send, and what of it is not there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key


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


class SendingLack(Base):
    """Pieces of such a line that are not there; its id is the ``ref`` of the promise that looks for them elsewhere.

    moving → sent | handed_over, from wherever they were found; → nowhere → refunded, or handed over all the same. What was
    voided or returned meanwhile is ``over``.
    """

    __tablename__ = "sending_lack"

    id: Mapped[Key]
    sale_id: Mapped[UUID]
    location_id: Mapped[UUID]
    line_no: Mapped[int] = mapped_column(SmallInteger)
    qty: Mapped[int]
    state: Mapped[str]
    missed_at: Mapped[datetime]
    missed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    from_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    carrier: Mapped[str | None]
    tracking_no: Mapped[str | None]
    recipient: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    return_id: Mapped[UUID | None] = mapped_column(ForeignKey("courier_return.id", ondelete="RESTRICT"))
    version: Mapped[Big] = mapped_column(server_default="1")

    __table_args__ = (
        ForeignKeyConstraint(
            ["sale_id", "location_id"], ["depot_sending.sale_id", "depot_sending.location_id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(["sale_id", "line_no"], ["sale_line.sale_id", "sale_line.line_no"], ondelete="RESTRICT"),
        CheckConstraint("qty > 0", name="qty"),
        CheckConstraint("state IN ('moving', 'nowhere', 'sent', 'handed_over', 'refunded', 'over')", name="state"),
        CheckConstraint("(ended_at IS NULL) = (state IN ('moving', 'nowhere'))", name="ended"),
        CheckConstraint("(from_id IS NOT NULL) = (state IN ('sent', 'handed_over'))", name="from"),
        CheckConstraint("(carrier IS NOT NULL) = (state = 'sent')", name="carrier"),
        CheckConstraint("(return_id IS NOT NULL) = (state = 'refunded')", name="return"),
        Index("ix_sending_lack_sale_id", "sale_id", "line_no"),
        Index("ix_sending_lack_open", "missed_at", postgresql_where=text("state IN ('moving', 'nowhere')")),
    )
