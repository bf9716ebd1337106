"""Tables of the event tail's readers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base


class EventCursor(Base):
    """How far a durable reader of the tail has come: the snapshot it last read under."""

    __tablename__ = "event_cursor"

    name: Mapped[str] = mapped_column(primary_key=True)
    snapshot: Mapped[str]
    updated_at: Mapped[datetime]


class SocketTicket(Base):
    """A one-time ticket with which a browser opens a socket, for a person or for a paired device; lives half a minute."""

    __tablename__ = "socket_ticket"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_session.id", ondelete="CASCADE"))
    till_id: Mapped[UUID | None] = mapped_column(ForeignKey("till.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("num_nonnulls(session_id, till_id) = 1", name="holder"),)
