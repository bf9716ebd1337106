"""Tables of the tills' journals as the server has taken them over."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, SmallInteger
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big


class SyncEntry(Base):
    """One entry of a till's journal: the text it hashed, and what became of it. Quarantined ones wait for a person."""

    __tablename__ = "sync_entry"

    till_id: Mapped[UUID] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[Big] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID | None]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    kind: Mapped[str]
    schema_v: Mapped[int | None] = mapped_column(SmallInteger)
    text: Mapped[str]
    status: Mapped[str]
    result: Mapped[dict[str, Any]]
    occurred_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=sql("clock_timestamp()"))
    resolved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    resolved_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("status IN ('posted', 'quarantined', 'resolved')", name="status"),
        CheckConstraint("octet_length(hash) = 32", name="hash"),
        ForeignKeyConstraint(["till_id", "epoch"], ["till_epoch.till_id", "till_epoch.epoch"], ondelete="RESTRICT"),
        Index("uq_sync_entry_entry_id", "entry_id", unique=True),
        Index("ix_sync_entry_quarantined", "recorded_at", postgresql_where=sql("status = 'quarantined'")),
    )
