"""Tables of sales and orders: one model for store and web."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key, Money


class Sale(Base):
    """A sale, or a tombstone of an id that will never become one (``void`` with no lines).

    ``total_vnd`` is what the lines add up to; ``rounding_vnd`` is what cash could not pay exactly, so the payments sum
    to ``total_vnd + rounding_vnd``. A voided sale keeps its lines and its number; its payments sum to nothing.
    """

    __tablename__ = "sale"

    id: Mapped[Key]
    channel: Mapped[str]
    state: Mapped[str]
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    till_id: Mapped[UUID | None] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    epoch: Mapped[int | None]
    opening: Mapped[int | None]
    receipt_no: Mapped[int | None]
    receipt_code: Mapped[str | None]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    pieces: Mapped[int]
    list_vnd: Mapped[Money]
    discount_vnd: Mapped[Money]
    total_vnd: Mapped[Money]
    vat_vnd: Mapped[Money]
    rounding_vnd: Mapped[Money] = mapped_column(server_default="0")
    price_version: Mapped[Big]
    promo_version: Mapped[Big]
    exception: Mapped[str | None]
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    sold_at: Mapped[datetime]
    sold_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    voided_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("channel IN ('store', 'web')", name="channel"),
        CheckConstraint("state IN ('posted', 'void')", name="state"),
        CheckConstraint("exception IN ('blind', 'amber_refused', 'override', 'ended_opening')", name="exception"),
        CheckConstraint("total_vnd = list_vnd - discount_vnd", name="total"),
        CheckConstraint("(till_id IS NULL) = (receipt_no IS NULL) AND (till_id IS NULL) = (epoch IS NULL)", name="receipt"),
        CheckConstraint("receipt_no BETWEEN 1 AND 9999999", name="receipt_no"),
        CheckConstraint(
            "till_id IS NOT NULL OR coalesce(receipt_code, '') ~ '^(W-[0-9]{8}(-[2-9])?|R-[0-9]{8})$'", name="order_code"
        ),
        Index("uq_sale_order_code", "receipt_code", unique=True, postgresql_where=text("till_id IS NULL")),
        Index("uq_sale_till_epoch_receipt", "till_id", "epoch", "receipt_no", unique=True),
        Index("ix_sale_sold_at", "sold_at"),
        Index("ix_sale_location_sold_at", "location_id", "sold_at"),
        # Holds all that sums of a person ask of a sale: six pages of theirs, years apart on the disk, are not read.
        Index(
            "ix_sale_customer_id",
            "customer_id",
            postgresql_include=["sold_on", "total_vnd", "pieces", "state", "id"],
            postgresql_where=text("customer_id IS NOT NULL"),
        ),
        # Sales come in the order of their days: a few kilobytes say where the last ninety are.
        Index("ix_sale_sold_on", "sold_on", postgresql_using="brin", postgresql_with={"pages_per_range": 32}),
    )


class SaleLine(Base):
    """Pieces of one variant in a sale; a returned line is negative, names what it returns, why, and in what condition.

    Money of single pieces follows from the line: list price each, discount and VAT shared by largest remainder.
    """

    __tablename__ = "sale_line"

    sale_id: Mapped[UUID] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"), primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"))
    source_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    qty: Mapped[int]
    unit_vnd: Mapped[Money]
    discount_vnd: Mapped[Money]
    total_vnd: Mapped[Money]
    vat_bp: Mapped[int] = mapped_column(SmallInteger)
    vat_vnd: Mapped[Money]
    adviser_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    returns_sale_id: Mapped[UUID | None]
    returns_line_no: Mapped[int | None] = mapped_column(SmallInteger)
    stands_for_sale_id: Mapped[UUID | None]
    stands_for_line_no: Mapped[int | None] = mapped_column(SmallInteger)
    gift: Mapped[str | None]
    note: Mapped[str | None]
    looked_for: Mapped[int] = mapped_column(server_default="0")
    return_reason: Mapped[str | None]
    condition: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("qty <> 0", name="qty"),
        CheckConstraint(
            "(condition IN ('sell', 'damaged', 'scrap') AND qty < 0) OR (condition IS NULL AND return_reason IS NULL)",
            name="condition",
        ),
        CheckConstraint("unit_vnd >= 0", name="unit"),
        CheckConstraint("total_vnd = qty * unit_vnd - discount_vnd", name="total"),
        CheckConstraint("vat_bp BETWEEN 0 AND 10000", name="vat"),
        CheckConstraint("(qty < 0) = (returns_sale_id IS NOT NULL)", name="returns"),
        CheckConstraint(
            "(stands_for_sale_id IS NULL) = (stands_for_line_no IS NULL) AND (stands_for_sale_id IS NULL OR qty > 0)",
            name="stands_for",
        ),
        Index("ix_sale_line_stands_for", "stands_for_sale_id", postgresql_where=text("stands_for_sale_id IS NOT NULL")),
        CheckConstraint("looked_for >= 0", name="looked_for"),
        Index("ix_sale_line_looked_for", "sale_id", postgresql_where=text("looked_for > 0")),
        Index("ix_sale_line_returns", "returns_sale_id", postgresql_where=text("returns_sale_id IS NOT NULL")),
    )


class SaleDiscount(Base):
    """A part of a line's discount: a promotion's, taken off by hand with a reason, or paid by points.

    The parts are the whole of it. A promotion's part says what each piece of the line got, in the canonical order of
    docs/rules/pricing.md; the other parts are shared over the pieces in proportion to what they still cost.
    On a returned line they are what its pieces had, with a minus, and ``recalculated``: what the customer gets less (minus)
    or more because of the goods that were kept (docs/rules/returns.md).
    """

    __tablename__ = "sale_discount"

    sale_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str]
    amount_vnd: Mapped[Money]
    reason: Mapped[str | None]
    note: Mapped[str | None]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    promotion_id: Mapped[UUID | None]
    promotion_version: Mapped[int | None]
    shares_vnd: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))

    __table_args__ = (
        CheckConstraint("kind IN ('manual', 'points', 'promotion', 'recalculated')", name="kind"),
        CheckConstraint(
            "(kind = 'promotion') = (promotion_id IS NOT NULL) AND (promotion_id IS NULL) = (promotion_version IS NULL) "
            "AND (promotion_id IS NULL) = (shares_vnd IS NULL)",
            name="promotion",
        ),
        ForeignKeyConstraint(
            ["promotion_id", "promotion_version"],
            ["promotion_version.promotion_id", "promotion_version.version"],
            ondelete="RESTRICT",
        ),
        CheckConstraint("amount_vnd <> 0", name="amount"),
        CheckConstraint("kind <> 'manual' OR reason IS NOT NULL", name="reason"),
        ForeignKeyConstraint(["sale_id", "line_no"], ["sale_line.sale_id", "sale_line.line_no"], ondelete="RESTRICT"),
    )


class SaleTimeline(Base):
    """What happened to a sale after it was posted; the posting itself is told by the sale's own row."""

    __tablename__ = "sale_timeline"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    sale_id: Mapped[UUID] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"))
    at: Mapped[datetime]
    verb: Mapped[str]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    till_id: Mapped[UUID | None] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    facts: Mapped[dict[str, Any]]

    __table_args__ = (Index("ix_sale_timeline_sale_id", "sale_id"),)


class ReturnPolicy(Base):
    """How goods come back: days after the sale, and what the customer may have for them.

    A row is for pieces that were sold with at least ``off_bp_min`` off the highest list price they ever had. Of the rows
    that had begun on the day of the sale, the nearest category counts, then the most off, then the youngest.
    ``original`` is money back the way it was paid.
    """

    __tablename__ = "return_policy"

    id: Mapped[Key]
    valid_from: Mapped[date]
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("category.id", ondelete="RESTRICT"))
    off_bp_min: Mapped[int]
    days: Mapped[int]
    forms: Mapped[list[str]] = mapped_column(ARRAY(Text))
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    written_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("off_bp_min BETWEEN 0 AND 10000", name="off"),
        CheckConstraint("days >= 0", name="days"),
        CheckConstraint("forms <@ ARRAY['original', 'store_credit', 'exchange']", name="forms"),
        Index(
            "uq_return_policy_rule",
            "valid_from",
            "category_id",
            "off_bp_min",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )


class ReturnTender(Base):
    """How money paid by one kind of tender goes back over the counter, from a day on."""

    __tablename__ = "return_tender"

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    back_by: Mapped[list[str]] = mapped_column(ARRAY(Text))
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    written_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('cash', 'card', 'transfer', 'cod', 'store_credit')", name="kind"),
        CheckConstraint("back_by <@ ARRAY['cash', 'card', 'transfer', 'store_credit']", name="back_by"),
    )
