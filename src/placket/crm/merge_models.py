"""Tables of merging: who became whose alias and what moved with them, and who only look like one person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Identity, Index, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Money


class CustomerMerge(Base):
    """One id became an alias of a person. What moved is kept for whoever undoes it within thirty days.

    ``words`` are the consents that the survivor has only through the other: they were said again in their name. ``was`` is
    what the survivor's own details were, where the other's were taken.
    """

    __tablename__ = "customer_merge"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    loser_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    survivor_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    merged_at: Mapped[datetime]
    lots: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    aliases: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    words: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    points: Mapped[int]
    credit_vnd: Mapped[Money]
    loser_earns: Mapped[bool]
    survivor_earns: Mapped[bool]
    loser_profiled: Mapped[bool]
    survivor_profiled: Mapped[bool]
    was: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))

    __table_args__ = (
        CheckConstraint("loser_id <> survivor_id", name="two"),
        Index("ix_customer_merge_survivor_id", "survivor_id"),
    )


class CustomerApart(Base):
    """Two people of whom somebody has said that they only look alike: they are not suspected again."""

    __tablename__ = "customer_apart"

    one_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    said_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("one_id < other_id", name="order"),)
