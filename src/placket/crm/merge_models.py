"""The table of merges: who became whose alias, and what moved with them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Identity, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Money


class CustomerMerge(Base):
    """One id became an alias of a person. What moved is kept for whoever undoes it within thirty days.

    ``words`` are the consents that the survivor has only through the other: they were said again in their name.
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
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))

    __table_args__ = (
        CheckConstraint("loser_id <> survivor_id", name="two"),
        Index("ix_customer_merge_survivor_id", "survivor_id"),
    )
