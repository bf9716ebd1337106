"""Sums of days that are over: kept by the query that sums any day, and thrown away when one of their sales changes."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Money


class DaySum(Base):
    """What a day took at a place, by one of three things; each of them divides the whole day."""

    __tablename__ = "day_sum"

    on_date: Mapped[date] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    revenue_vnd: Mapped[Money]
    net_vnd: Mapped[Money]
    bills: Mapped[Big]
    sold: Mapped[Big]
    returned: Mapped[Big]

    __table_args__ = (CheckConstraint("by IN ('hour', 'staff', 'category')", name="by"),)


class DaySummed(Base):
    """A day whose sums are kept, those of a day without sales too."""

    __tablename__ = "day_summed"

    on_date: Mapped[date] = mapped_column(primary_key=True)
    summed_at: Mapped[datetime]


class DayTouched(Base):
    """A day one of whose sales came late or changed, noted in the sale's own transaction: its sums do not count."""

    __tablename__ = "day_touched"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    on_date: Mapped[date]

    __table_args__ = (Index("ix_day_touched_on_date", "on_date"),)
