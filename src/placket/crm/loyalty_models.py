"""Tables of points and store credit: dated rules, lots, two ledgers, and the holds that keep a part for one sale."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    SmallInteger,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key, Money


class LoyaltyRule(Base):
    """How points are earned and spent from a day on; the youngest rule that has begun is in force."""

    __tablename__ = "loyalty_rule"

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    earn_per_vnd: Mapped[Money]
    point_vnd: Mapped[Money]
    pending_days: Mapped[int]
    expire_days: Mapped[int]
    spend_points_min: Mapped[int]
    spend_share_bp_max: Mapped[int]
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    written_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("earn_per_vnd > 0 AND point_vnd > 0", name="worth"),
        CheckConstraint("pending_days >= 0 AND expire_days > pending_days", name="days"),
        CheckConstraint("spend_points_min >= 1 AND spend_share_bp_max BETWEEN 0 AND 10000", name="spending"),
    )


class LoyaltyLot(Base):
    """Points that were earned together and expire together. What a sale earns is a lot with the sale's id.

    ``left_points`` are the sum of the lot's entries; ``held`` of them are kept for sales that are being paid.
    """

    __tablename__ = "loyalty_lot"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    points: Mapped[int]
    left_points: Mapped[int]
    held: Mapped[int] = mapped_column(server_default="0")
    earned_at: Mapped[datetime]
    pending_until: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("points > 0", name="points"),
        CheckConstraint("held >= 0 AND left_points BETWEEN held AND points", name="left"),
        CheckConstraint("expires_at > pending_until", name="period"),
        Index("ix_loyalty_lot_open", "customer_id", "expires_at", postgresql_where=text("left_points > 0")),
        Index("ix_loyalty_lot_expires_at", "expires_at", postgresql_where=text("left_points > 0")),
    )


class LoyaltyEntry(Base):
    """A line of the point ledger: one lot, a number of points, why, and by which sale. Append only."""

    __tablename__ = "loyalty_entry"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("loyalty_lot.id", ondelete="RESTRICT"))
    kind: Mapped[str]
    points: Mapped[int]
    ref: Mapped[UUID | None]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))

    __table_args__ = (
        CheckConstraint("kind IN ('earn', 'spend', 'reverse', 'expire', 'merge')", name="kind"),
        CheckConstraint(
            "points <> 0 AND (kind <> 'earn' OR points > 0) AND (kind NOT IN ('spend', 'expire') OR points < 0)",
            name="points",
        ),
        Index("ix_loyalty_entry_customer_id", "customer_id", "id"),
        Index("ix_loyalty_entry_ref", "ref", postgresql_where=text("ref IS NOT NULL")),
        Index("ix_loyalty_entry_lot_id", "lot_id"),
    )


class CreditEntry(Base):
    """A line of the store-credit ledger. Append only."""

    __tablename__ = "credit_entry"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    kind: Mapped[str]
    amount_vnd: Mapped[Money]
    ref: Mapped[UUID]
    reason: Mapped[str | None]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))

    __table_args__ = (
        CheckConstraint("kind IN ('issue', 'spend', 'reverse', 'merge')", name="kind"),
        CheckConstraint(
            "amount_vnd <> 0 AND (kind <> 'issue' OR amount_vnd > 0) AND (kind <> 'spend' OR amount_vnd < 0)", name="amount"
        ),
        Index("ix_credit_entry_customer_id", "customer_id", "id"),
        Index("ix_credit_entry_ref", "ref"),
        Index("uq_credit_entry_issue", "ref", unique=True, postgresql_where=text("kind = 'issue'")),
    )


class RightHold(Base):
    """A part of somebody's points or credit, kept for one sale of one till, or for one line of an order of the web.

    No timer frees it: a till's ends with its sale, a line's with its order (docs/rules/loyalty.md).
    """

    __tablename__ = "right_hold"

    id: Mapped[Key]
    resource_type: Mapped[str]
    resource_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    amount: Mapped[Big]
    value_vnd: Mapped[Money]
    share_bp_max: Mapped[int]
    till_id: Mapped[UUID | None]
    epoch: Mapped[int | None]
    request_no: Mapped[int | None]
    sale_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    state: Mapped[str] = mapped_column(server_default="held")
    held_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    order_id: Mapped[UUID | None]
    line_no: Mapped[int | None] = mapped_column(SmallInteger)

    __table_args__ = (
        CheckConstraint("resource_type IN ('points', 'store_credit')", name="resource_type"),
        CheckConstraint("state IN ('held', 'spent', 'freed')", name="state"),
        CheckConstraint("(state = 'held') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("amount > 0 AND value_vnd > 0", name="amount"),
        CheckConstraint(
            "(till_id IS NULL) = (order_id IS NOT NULL) AND (order_id IS NULL) = (line_no IS NULL) "
            "AND (till_id IS NULL) = (epoch IS NULL) AND (till_id IS NULL) = (request_no IS NULL) "
            "AND (till_id IS NULL) = (staff_id IS NULL) AND (till_id IS NULL OR sale_id IS NOT NULL)",
            name="owner",
        ),
        ForeignKeyConstraint(
            ["order_id", "line_no"], ["web_order_line.order_id", "web_order_line.line_no"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(["till_id", "epoch"], ["till_epoch.till_id", "till_epoch.epoch"], ondelete="RESTRICT"),
        Index("uq_right_hold_request", "till_id", "epoch", "request_no", unique=True),
        Index("uq_right_hold_order", "order_id", "line_no", unique=True, postgresql_where=text("order_id IS NOT NULL")),
        Index("ix_right_hold_held", "resource_id", postgresql_where=text("state = 'held'")),
        Index("ix_right_hold_sale_id", "sale_id"),
    )


class RightHoldLot(Base):
    """Which lots a hold of points keeps: those that expire first."""

    __tablename__ = "right_hold_lot"

    hold_id: Mapped[UUID] = mapped_column(ForeignKey("right_hold.id", ondelete="RESTRICT"), primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("loyalty_lot.id", ondelete="RESTRICT"), primary_key=True)
    points: Mapped[int]

    __table_args__ = (CheckConstraint("points > 0", name="points"), Index("ix_right_hold_lot_lot_id", "lot_id"))
