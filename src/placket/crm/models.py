"""Tables of customers."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Key


class Customer(Base):
    """A person who buys, known by a verified phone or e-mail. ``merged_into`` makes this id an alias."""

    __tablename__ = "customer"

    id: Mapped[Key]
    full_name: Mapped[str]
    given_name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    birthday: Mapped[date | None]
    home_location_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(r"phone ~ '^\+[0-9]{8,15}$'", name="phone_e164"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        Index("uq_customer_phone", "phone", unique=True, postgresql_where=text("merged_into IS NULL")),
    )
