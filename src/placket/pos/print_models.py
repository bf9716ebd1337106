"""Tables of paper that the office sends to a branch: its print bridges, and the jobs that wait for one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Key


class PrintBridge(Base):
    """A bridge that asks for jobs of its branch, known by its key."""

    __tablename__ = "print_bridge"

    id: Mapped[Key]
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    state: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('ready', 'paper_out', 'cover_open', 'fault', 'offline')", name="state"),
        Index("ix_print_bridge_location", "location_id"),
    )


class PrintJob(Base):
    """A picture on its way to a branch's printer: taken by one bridge, then printed or dropped."""

    __tablename__ = "print_job"

    id: Mapped[Key]
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    kind: Mapped[str]
    title: Mapped[str]
    width: Mapped[int] = mapped_column(SmallInteger)
    height: Mapped[int]
    bits: Mapped[bytes] = mapped_column(LargeBinary)
    copies: Mapped[int] = mapped_column(SmallInteger)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    bridge_id: Mapped[UUID | None] = mapped_column(ForeignKey("print_bridge.id", ondelete="RESTRICT"))
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("kind IN ('tag', 'bag')", name="kind"),
        CheckConstraint("copies BETWEEN 1 AND 50", name="copies"),
        CheckConstraint("width BETWEEN 1 AND 576 AND height BETWEEN 1 AND 20000", name="measures"),
        CheckConstraint("octet_length(bits) = (width + 7) / 8 * height", name="bits"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended"),
        CheckConstraint("outcome IN ('printed', 'dropped')", name="outcome"),
        Index("ix_print_job_open", "location_id", "created_at", postgresql_where=text("ended_at IS NULL")),
    )
