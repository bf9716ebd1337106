"""Tables of the counter: carts parked for any till of the branch, targets of the day, messages from head office."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Key, Money


class ParkedCart(Base):
    """A cart put aside, for any till of its branch; it holds no stock. Exactly one till takes it."""

    __tablename__ = "parked_cart"

    id: Mapped[Key]
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    till_id: Mapped[UUID] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    reason: Mapped[str]
    cart: Mapped[dict[str, Any]]
    pieces: Mapped[int]
    total_vnd: Mapped[Money]
    parked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="parked")
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    taken_till_id: Mapped[UUID | None] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    taken_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('parked', 'taken', 'dropped')", name="state"),
        CheckConstraint("(state = 'parked') = (taken_at IS NULL)", name="taken"),
        CheckConstraint("pieces > 0", name="pieces"),
        Index("ix_parked_cart_open", "location_id", "parked_at", postgresql_where=sql("state = 'parked'")),
    )


class SalesTarget(Base):
    """What a branch, or one of its people, is to sell on a business day."""

    __tablename__ = "sales_target"

    id: Mapped[Key]
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    on_date: Mapped[date]
    target_vnd: Mapped[Money]

    __table_args__ = (
        CheckConstraint("target_vnd > 0", name="target"),
        Index(
            "uq_sales_target_whole", "location_id", "on_date", "staff_id", unique=True, postgresql_nulls_not_distinct=True
        ),
    )


class HeadMessage(Base):
    """What head office tells the counters, of one branch or of all."""

    __tablename__ = "head_message"

    id: Mapped[Key]
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    title: Mapped[str]
    body: Mapped[str]
    until_on: Mapped[date | None]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    written_at: Mapped[datetime]

    __table_args__ = (Index("ix_head_message_written_at", "written_at"),)


class HeadMessageRead(Base):
    """Somebody has read a message."""

    __tablename__ = "head_message_read"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("head_message.id", ondelete="RESTRICT"), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"), primary_key=True)
    read_at: Mapped[datetime]
