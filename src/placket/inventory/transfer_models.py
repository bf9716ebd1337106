"""Tables of transfers: goods that go from one place to another, line by line, and every act of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key


class Transfer(Base):
    """Goods that one place sends to another. ``code`` (type 08) is printed on its boxes."""

    __tablename__ = "transfer"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    from_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    state: Mapped[str] = mapped_column(server_default="requested")
    note: Mapped[str | None]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    shipped_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    shipped_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[Big] = mapped_column(server_default="1")

    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'requested', 'picking', 'in_transit', 'part_received', 'differs', 'done', 'cancelled')",
            name="state",
        ),
        CheckConstraint("from_id <> to_id", name="places"),
        Index("ix_transfer_from_id", "from_id", "id"),
        Index("ix_transfer_to_id", "to_id", "id"),
        Index("ix_transfer_open", "state", postgresql_where=text("state NOT IN ('done', 'cancelled')")),
    )


class TransferLine(Base):
    """Pieces of a variant on a transfer. On the way are ``shipped − accepted − damaged − settled``.

    ``settled`` were missing and somebody has said what became of them; ``extra`` came beyond what was shipped.
    """

    __tablename__ = "transfer_line"

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfer.id", ondelete="RESTRICT"), primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"), primary_key=True)
    asked: Mapped[int]
    picked: Mapped[int] = mapped_column(server_default="0")
    shipped: Mapped[int] = mapped_column(server_default="0")
    accepted: Mapped[int] = mapped_column(server_default="0")
    damaged: Mapped[int] = mapped_column(server_default="0")
    settled: Mapped[int] = mapped_column(server_default="0")
    extra: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (
        CheckConstraint("asked >= 0 AND picked BETWEEN 0 AND asked AND shipped BETWEEN 0 AND picked", name="picked"),
        CheckConstraint(
            "accepted >= 0 AND damaged >= 0 AND settled >= 0 AND extra >= 0 AND accepted + damaged + settled <= shipped",
            name="arrived",
        ),
        Index("ix_transfer_line_variant_id", "variant_id"),
    )

    @property
    def on_the_way(self) -> int:
        """Pieces that have left and of which nobody knows yet that they have arrived."""
        return self.shipped - self.accepted - self.damaged - self.settled


class TransferAct(Base):
    """Something done to a transfer: what was scanned, by whom. Its id is its device's, so a repeat changes nothing."""

    __tablename__ = "transfer_act"

    id: Mapped[Key]
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfer.id", ondelete="RESTRICT"))
    act: Mapped[str]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    till_id: Mapped[UUID | None] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    at: Mapped[datetime]
    lines: Mapped[list[Any]]

    __table_args__ = (
        CheckConstraint("act IN ('submit', 'pick', 'ship', 'receive', 'settle', 'cancel')", name="act"),
        Index("ix_transfer_act_transfer_id", "transfer_id"),
    )
