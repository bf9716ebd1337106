"""Tables of counts and adjustments: who counted how many pieces where and when, what was decided, and what was booked."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key, Money

CAUSES = ("damaged", "lost", "found", "sample", "internal", "correction", "other")
"""Why the books are corrected by hand."""
REASONS = ("theft", "miscount", "swap", "receiving", "damaged", "unknown")
"""Why a count differs from the books."""


class StockCount(Base):
    """One counting of a place. ``ledger_from`` is how far the ledger had come when it was opened.

    ``pieces_expected``, ``pieces_off`` and ``off_vnd`` (both gross) are those of the lines that it booked.
    """

    __tablename__ = "stock_count"

    id: Mapped[Key]
    number: Mapped[Big] = mapped_column(unique=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="planned")
    blind: Mapped[bool] = mapped_column(Boolean, server_default="true")
    # Which goods a cycle is about: {category_ids, style_ids, variant_ids, only}.
    chosen: Mapped[dict[str, Any]]
    recount_vnd: Mapped[Money]
    note: Mapped[str | None]
    planned_for: Mapped[date | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    opened_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    opened_at: Mapped[datetime | None]
    ledger_from: Mapped[int | None] = mapped_column(BigInteger)
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    closed_at: Mapped[datetime | None]
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    approved_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]
    pieces_expected: Mapped[int | None]
    pieces_off: Mapped[int | None]
    off_vnd: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[Big] = mapped_column(server_default="1")

    __table_args__ = (
        CheckConstraint("kind IN ('full', 'zone', 'cycle')", name="kind"),
        CheckConstraint(
            "state IN ('planned', 'counting', 'review', 'waiting', 'posting', 'posted', 'cancelled')", name="state"
        ),
        CheckConstraint("(state = 'planned') <= (opened_at IS NULL)", name="opened"),
        Index("ix_stock_count_location_id", "location_id", "id"),
        Index("ix_stock_count_open", "state", postgresql_where=text("state NOT IN ('posted', 'cancelled')")),
    )


class CountZone(Base):
    """A part of the place that somebody walks through; ``done_at`` says that nothing is left to count in it."""

    __tablename__ = "count_zone"

    count_id: Mapped[UUID] = mapped_column(ForeignKey("stock_count.id", ondelete="RESTRICT"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    done_at: Mapped[datetime | None]


class CountLine(Base):
    """A variant of a count: which counting of it holds (``round``), what a person decided, and what was booked."""

    __tablename__ = "count_line"

    count_id: Mapped[UUID] = mapped_column(ForeignKey("stock_count.id", ondelete="RESTRICT"), primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"), primary_key=True)
    in_scope: Mapped[bool]
    round: Mapped[int] = mapped_column(server_default="1")
    decision: Mapped[str | None]
    reason: Mapped[str | None]
    counted: Mapped[int | None]
    expected: Mapped[int | None]
    difference: Mapped[int | None]
    unit_vnd: Mapped[int | None] = mapped_column(BigInteger)
    booked_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("decision IN ('zero', 'keep', 'post')", name="decision"),
        CheckConstraint(f"reason IN {REASONS}", name="reason"),
        CheckConstraint("difference = counted - expected", name="difference"),
        Index("ix_count_line_variant_id", "variant_id"),
    )


class CountTally(Base):
    """What one person with one device has counted of a variant in a zone, and from when to when."""

    __tablename__ = "count_tally"

    count_id: Mapped[UUID] = mapped_column(primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    zone_no: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), primary_key=True)
    # The till; all zeros for the office.
    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    pieces: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("pieces >= 0", name="pieces"),
        ForeignKeyConstraint(
            ["count_id", "variant_id"], ["count_line.count_id", "count_line.variant_id"], ondelete="RESTRICT"
        ),
        ForeignKeyConstraint(["count_id", "zone_no"], ["count_zone.count_id", "count_zone.no"], ondelete="RESTRICT"),
    )


class CountMerge(Base):
    """What holds where two have counted the same variant in one zone: both together, or one of them."""

    __tablename__ = "count_merge"

    count_id: Mapped[UUID] = mapped_column(primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    zone_no: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID | None]
    device_id: Mapped[UUID | None]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))

    __table_args__ = (
        CheckConstraint("(staff_id IS NULL) = (device_id IS NULL)", name="one"),
        ForeignKeyConstraint(
            ["count_id", "variant_id"], ["count_line.count_id", "count_line.variant_id"], ondelete="RESTRICT"
        ),
    )


class CountAct(Base):
    """Scans as a device has sent them. Its id is the device's, so what is sent again counts once."""

    __tablename__ = "count_act"

    id: Mapped[Key]
    count_id: Mapped[UUID] = mapped_column(ForeignKey("stock_count.id", ondelete="RESTRICT"))
    zone_no: Mapped[int]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    device_id: Mapped[UUID]
    recorded_at: Mapped[datetime]
    lines: Mapped[list[Any]]

    __table_args__ = (Index("ix_count_act_count_id", "count_id"),)


class CountUnknown(Base):
    """A code that nobody knows, with how many pieces bear it: somebody has to see what these are."""

    __tablename__ = "count_unknown"

    count_id: Mapped[UUID] = mapped_column(ForeignKey("stock_count.id", ondelete="RESTRICT"), primary_key=True)
    zone_no: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    pieces: Mapped[int]


class StockAdjustment(Base):
    """The books corrected by hand: at once within what somebody may, else when somebody who may has said so."""

    __tablename__ = "stock_adjustment"

    id: Mapped[Key]
    number: Mapped[Big] = mapped_column(unique=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    cause: Mapped[str]
    note: Mapped[str]
    state: Mapped[str]
    value_vnd: Mapped[Money]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    till_id: Mapped[UUID | None] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(f"cause IN {CAUSES}", name="cause"),
        CheckConstraint("state IN ('booked', 'waiting', 'declined')", name="state"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        Index("ix_stock_adjustment_location_id", "location_id", "id"),
    )


class AdjustmentLine(Base):
    """Pieces of a variant that came in (positive) or are gone, and what one sold for then."""

    __tablename__ = "adjustment_line"

    adjustment_id: Mapped[UUID] = mapped_column(ForeignKey("stock_adjustment.id", ondelete="RESTRICT"), primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"), primary_key=True)
    qty: Mapped[int]
    unit_vnd: Mapped[Money]

    __table_args__ = (
        CheckConstraint("qty <> 0", name="moves"),
        Index("ix_adjustment_line_variant_id", "variant_id"),
    )
