"""Tables of the tills' journals: how far the server has followed each of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big


class TillEpoch(Base):
    """One life of a till's storage. ``last_receipt_no`` is the highest number accepted or voided: gapless by rule."""

    __tablename__ = "till_epoch"

    till_id: Mapped[UUID] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    receipt_prefix: Mapped[str] = mapped_column(unique=True)
    last_receipt_no: Mapped[int] = mapped_column(server_default="0")
    posted_seq: Mapped[Big] = mapped_column(server_default="0")
    posted_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    reported_head_seq: Mapped[Big] = mapped_column(server_default="0")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
