"""What the watch over the books keeps: what was changed by hand, what it has found, and how far it has come."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big


class BooksTouched(Base):
    """A written row of the books that was changed or deleted, noted by a trigger, until the watch has looked at it."""

    __tablename__ = "books_touched"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    scope: Mapped[str]
    key: Mapped[str]


class BooksFinding(Base):
    """A discrepancy as it stands, with the document that shows it; gone when the books agree again."""

    __tablename__ = "books_finding"

    rule: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    expected: Mapped[str]
    found: Mapped[str]
    document: Mapped[str | None]
    document_key: Mapped[str | None]
    label: Mapped[str | None]
    location_id: Mapped[UUID | None]
    found_at: Mapped[datetime]


class BooksWatch(Base):
    """How far the watch has come: what it has read, and where its walk through all the books stands."""

    __tablename__ = "books_watch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seen_xid: Mapped[Big]
    looked_at: Mapped[datetime]
    took_ms: Mapped[int]
    walk: Mapped[dict[str, Any]]
    round_began_at: Mapped[datetime]
    round_ended_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("id = 1", name="one"),)
