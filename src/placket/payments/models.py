"""Tables of money received and given back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Money

TENDERS = ("cash", "card", "transfer", "cod", "store_credit")


class Payment(Base):
    """One tender of a sale; negative when money goes back. Cash keeps what was handed over and the change."""

    __tablename__ = "payment"

    sale_id: Mapped[UUID] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"), primary_key=True)
    no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str]
    amount_vnd: Mapped[Money]
    tendered_vnd: Mapped[Money | None]
    change_vnd: Mapped[Money | None]
    reference: Mapped[str | None]
    received_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(f"kind IN {TENDERS}", name="kind"),
        CheckConstraint(
            "(tendered_vnd IS NULL AND change_vnd IS NULL) OR "
            "(kind = 'cash' AND change_vnd >= 0 AND tendered_vnd - change_vnd = amount_vnd)",
            name="change",
        ),
        Index("ix_payment_received_at", "received_at"),
    )
