"""Tables of shifts and their cash. Everything but an open shift is append only: triggers of the schema refuse changes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Key, Money


class Shift(Base):
    """One person's responsibility for a till's drawer. A till has at most one open shift; a closed one never changes."""

    __tablename__ = "shift"

    id: Mapped[Key]
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    till_id: Mapped[UUID] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    state: Mapped[str] = mapped_column(server_default="open")
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    opened_at: Mapped[datetime]
    float_pieces: Mapped[dict[str, Any]]
    float_vnd: Mapped[Money]
    note: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[Money] = mapped_column(server_default="1")

    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("closed_at > opened_at", name="period"),
        CheckConstraint("float_vnd >= 0", name="float"),
        Index("uq_shift_open", "till_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_shift_location_opened_at", "location_id", "opened_at"),
        Index("ix_shift_till_opened_at", "till_id", "opened_at"),
    )


class CashMove(Base):
    """Cash put into a drawer or taken out of it, other than by a sale."""

    __tablename__ = "cash_move"

    id: Mapped[Key]
    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"))
    kind: Mapped[str]
    amount_vnd: Mapped[Money]
    reason: Mapped[str]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    moved_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("kind IN ('in', 'out')", name="kind"),
        CheckConstraint("amount_vnd > 0", name="amount"),
        CheckConstraint("kind = 'in' OR amount_vnd <= 500000 OR approved_by IS NOT NULL", name="approval"),
        Index("ix_cash_move_shift_id", "shift_id"),
    )


class ShiftCount(Base):
    """A drawer counted by somebody who had not been told what it should hold."""

    __tablename__ = "shift_count"

    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"), primary_key=True)
    no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    pieces: Mapped[dict[str, Any]]
    counted_vnd: Mapped[Money]
    expected_vnd: Mapped[Money]
    variance_vnd: Mapped[Money]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    counted_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("no >= 1", name="no"),
        CheckConstraint("counted_vnd >= 0", name="counted"),
        CheckConstraint("variance_vnd = counted_vnd - expected_vnd", name="variance"),
    )


class ZReport(Base):
    """A closed shift in figures that never change; ``number`` counts from 1 for each till, without a gap."""

    __tablename__ = "z_report"

    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shift.id", ondelete="RESTRICT"), primary_key=True)
    till_id: Mapped[UUID] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    number: Mapped[int]
    count_no: Mapped[int] = mapped_column(SmallInteger)
    float_vnd: Mapped[Money]
    cash_sales_vnd: Mapped[Money]
    cash_refunds_vnd: Mapped[Money]
    in_vnd: Mapped[Money]
    out_vnd: Mapped[Money]
    expected_vnd: Mapped[Money]
    counted_vnd: Mapped[Money]
    variance_vnd: Mapped[Money]
    sales: Mapped[int]
    refunds: Mapped[int]
    tenders: Mapped[dict[str, Any]]
    reason: Mapped[str | None]
    deposit_bag: Mapped[str | None]
    closed_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    closed_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("expected_vnd = float_vnd + cash_sales_vnd - cash_refunds_vnd + in_vnd - out_vnd", name="expected"),
        CheckConstraint("variance_vnd = counted_vnd - expected_vnd", name="variance"),
        CheckConstraint("abs(variance_vnd) <= 50000 OR (reason IS NOT NULL AND approved_by IS NOT NULL)", name="approval"),
        ForeignKeyConstraint(["shift_id", "count_no"], ["shift_count.shift_id", "shift_count.no"], ondelete="RESTRICT"),
        Index("uq_z_report_till_number", "till_id", "number", unique=True),
    )


class ZPayment(Base):
    """A payment that a Z has counted: in one Z at most, and for ever."""

    __tablename__ = "z_payment"

    sale_id: Mapped[UUID] = mapped_column(primary_key=True)
    no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    shift_id: Mapped[UUID] = mapped_column(ForeignKey("z_report.shift_id", ondelete="RESTRICT"))

    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "no"], ["payment.sale_id", "payment.no"], ondelete="RESTRICT"),
        Index("ix_z_payment_shift_id", "shift_id"),
    )
