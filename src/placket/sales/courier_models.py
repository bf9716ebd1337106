"""Tables of goods that come back by a carrier: what was asked for, what came, and the sale that took it back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key, Money


class CourierReturn(Base):
    """Goods of one sale on their way back to a depot: asked → booked with a carrier → done | cancelled.

    ``undelivered`` is a parcel that its carrier could not hand over, ``unsent`` what never left (``lacking``). ``form`` is
    how the money goes back, ``pay_to`` the account of a transfer, ``sender`` who hands the parcel over and where.
    """

    __tablename__ = "courier_return"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    state: Mapped[str]
    language: Mapped[str]
    of_sale_id: Mapped[UUID] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    shipment_id: Mapped[UUID | None] = mapped_column(ForeignKey("shipment.id", ondelete="RESTRICT"))
    form: Mapped[str]
    pay_to: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    sender: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    received_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[Big] = mapped_column(server_default="1")

    __table_args__ = (
        CheckConstraint("kind IN ('asked', 'undelivered', 'unsent')", name="kind"),
        CheckConstraint("state IN ('asked', 'booked', 'done', 'cancelled')", name="state"),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        CheckConstraint("form IN ('card', 'transfer', 'store_credit', 'cod')", name="form"),
        CheckConstraint("code ~ '^R-[0-9]{8}$'", name="code"),
        CheckConstraint("(ended_at IS NOT NULL) = (state IN ('done', 'cancelled'))", name="ended"),
        CheckConstraint("pay_to IS NULL OR form = 'transfer'", name="pay_to"),
        Index("ix_courier_return_open", "location_id", "asked_at", postgresql_where=text("state IN ('asked', 'booked')")),
        Index("ix_courier_return_of_sale_id", "of_sale_id"),
        Index("ix_courier_return_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
    )


class CourierReturnLine(Base):
    """Pieces of a sold line that come back, what is given for them, and what of them came in which condition."""

    __tablename__ = "courier_return_line"

    return_id: Mapped[UUID] = mapped_column(ForeignKey("courier_return.id", ondelete="RESTRICT"), primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    qty: Mapped[int]
    reason: Mapped[str]
    refund_vnd: Mapped[Money]
    came: Mapped[int | None]
    condition: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("qty > 0", name="qty"),
        CheckConstraint("came BETWEEN 0 AND qty", name="came"),
        CheckConstraint("condition IN ('sell', 'damaged', 'scrap')", name="condition"),
    )
