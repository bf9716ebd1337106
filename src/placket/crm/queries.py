"""Questions about customers."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from placket.crm.models import Customer


def customer_of_phone(tx: Session, phone: str) -> UUID | None:
    """The customer a phone number (E.164) belongs to now; who was merged into another is not asked about."""
    return tx.scalar(select(Customer.id).where(Customer.phone == phone, Customer.merged_into.is_(None)))
