"""Tables of online orders: what was asked for, where it was asked for, and which sales it became."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key, Money

STATES = ("asking", "held", "confirmed", "done", "refused", "expired", "cancelled")
OPEN = ("asking", "held")


class WebOrder(Base):
    """An order of the web: priced lines, where they go, how they are paid. It holds no stock itself and is no revenue.

    ``offers`` and ``vouchers`` are what its price used, as the desk's routine takes them, ``points_vnd`` what points took
    off; ``held_until`` is when an order
    that nobody pays for ends.
    """

    __tablename__ = "web_order"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    kind: Mapped[str]
    language: Mapped[str]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    province_code: Mapped[str | None]
    phone: Mapped[str | None]
    name: Mapped[str | None]
    email: Mapped[str | None]
    address: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    note: Mapped[str | None]
    method: Mapped[str | None]
    list_vnd: Mapped[Money]
    discount_vnd: Mapped[Money]
    total_vnd: Mapped[Money]
    price_version: Mapped[Big]
    promo_version: Mapped[Big]
    offers: Mapped[list[Any]] = mapped_column(JSONB)
    vouchers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    points: Mapped[int] = mapped_column(server_default="0")
    points_vnd: Mapped[Money] = mapped_column(server_default="0")
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    lacking: Mapped[list[Any] | None] = mapped_column(JSONB)
    placed_at: Mapped[datetime]
    held_until: Mapped[datetime]
    extensions: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    version: Mapped[Big] = mapped_column(server_default="1")

    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("kind IN ('ship', 'collect')", name="kind"),
        CheckConstraint("(kind = 'collect') = (location_id IS NOT NULL)", name="location"),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        CheckConstraint("method IN ('card', 'transfer', 'cod')", name="method"),
        CheckConstraint("method <> 'cod' OR kind = 'ship'", name="cod"),
        CheckConstraint("total_vnd = list_vnd - discount_vnd AND total_vnd >= 0", name="total"),
        CheckConstraint("state NOT IN ('confirmed', 'done') OR confirmed_at IS NOT NULL", name="confirmed"),
        CheckConstraint("(ended_at IS NOT NULL) = (state IN ('done', 'refused', 'expired', 'cancelled'))", name="ended"),
        CheckConstraint("points >= 0 AND points_vnd >= 0 AND (points = 0 OR customer_id IS NOT NULL)", name="points"),
        CheckConstraint("code ~ '^W-[0-9]{8}$'", name="code"),
        Index("ix_web_order_placed_at", "placed_at", "id"),
        Index("ix_web_order_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        Index("ix_web_order_phone", "phone", postgresql_where=text("phone IS NOT NULL")),
        Index("ix_web_order_open", "state", postgresql_where=text("state IN ('asking', 'held', 'confirmed')")),
    )


class WebOrderLine(Base):
    """A variant of an order with its money; ``ref`` names the question that keeps it, ``sale_id`` the sale it became."""

    __tablename__ = "web_order_line"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("web_order.id", ondelete="RESTRICT"), primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"))
    qty: Mapped[int]
    unit_vnd: Mapped[Money]
    discount_vnd: Mapped[Money]
    total_vnd: Mapped[Money]
    vat_bp: Mapped[int] = mapped_column(SmallInteger)
    vat_vnd: Mapped[Money]
    discounts: Mapped[list[Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default="open")
    ref: Mapped[UUID | None] = mapped_column(ForeignKey("web_order_question.ref", ondelete="RESTRICT"))
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"))

    __table_args__ = (
        CheckConstraint("qty > 0", name="qty"),
        CheckConstraint("total_vnd = qty * unit_vnd - discount_vnd", name="total"),
        CheckConstraint("state IN ('open', 'sold', 'cancelled')", name="state"),
        CheckConstraint("(state = 'sold') = (sale_id IS NOT NULL)", name="sold"),
        Index("ix_web_order_line_ref", "ref", postgresql_where=text("ref IS NOT NULL")),
        Index("ix_web_order_line_sale_id", "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
    )


class WebOrderQuestion(Base):
    """A place that was asked to keep some lines of an order; ``ref`` is the reference of the promises there."""

    __tablename__ = "web_order_question"

    ref: Mapped[Key]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("web_order.id", ondelete="RESTRICT"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    state: Mapped[str]
    asked_at: Mapped[datetime]
    until: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("state IN ('asked', 'kept', 'declined')", name="state"),
        Index("ix_web_order_question_order_id", "order_id"),
    )


class WebOrderSale(Base):
    """A parcel that has left: the sale that it became. The first sale of an order bears its code."""

    __tablename__ = "web_order_sale"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("web_order.id", ondelete="RESTRICT"), primary_key=True)
    no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    sale_id: Mapped[UUID] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"), unique=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    carrier: Mapped[str | None]
    tracking_no: Mapped[str | None]
    left_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("no BETWEEN 1 AND 9", name="no"),)


class WebOrderReady(Base):
    """A branch has everything of an order in bags, and its customer was told so; kept until a moment."""

    __tablename__ = "web_order_ready"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("web_order.id", ondelete="RESTRICT"), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"), primary_key=True)
    ready_at: Mapped[datetime]
    keep_until: Mapped[datetime]


class WebOrderTimeline(Base):
    """What happened to an order, in order; append only."""

    __tablename__ = "web_order_timeline"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("web_order.id", ondelete="RESTRICT"))
    at: Mapped[datetime]
    verb: Mapped[str]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    facts: Mapped[dict[str, Any]]

    __table_args__ = (Index("ix_web_order_timeline_order_id", "order_id", "id"),)
