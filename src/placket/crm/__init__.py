"""Customers: who buys here, known by a phone number."""

from placket.crm.queries import customer_of_phone
from placket.crm.rules import phone_of

__all__ = ["customer_of_phone", "phone_of"]
