"""Tables of files that come in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Key


class ImportFile(Base):
    """A file somebody uploaded, how far it has been read, and what is wrong with it."""

    __tablename__ = "import_file"

    id: Mapped[Key]
    kind: Mapped[str]
    filename: Mapped[str]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str]
    rows_total: Mapped[int | None]
    rows_read: Mapped[int] = mapped_column(server_default="0")
    rows_wrong: Mapped[int] = mapped_column(server_default="0")
    summary: Mapped[dict[str, Any] | None]
    errors: Mapped[list[Any]] = mapped_column(server_default="[]")
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('catalogue', 'customers', 'stock')", name="kind"),
        CheckConstraint("state IN ('checking', 'checked', 'applying', 'applied', 'failed')", name="state"),
    )
