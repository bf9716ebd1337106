"""Identifiers: UUIDv7 (RFC 9562), made by whoever creates the thing, tills without network included."""

from typing import NewType
from uuid import UUID

from uuid_utils.compat import uuid7

LocationId = NewType("LocationId", UUID)
StaffId = NewType("StaffId", UUID)
TillId = NewType("TillId", UUID)
StyleId = NewType("StyleId", UUID)
VariantId = NewType("VariantId", UUID)
CustomerId = NewType("CustomerId", UUID)
SaleId = NewType("SaleId", UUID)
PromiseId = NewType("PromiseId", UUID)

__all__ = [
    "CustomerId",
    "LocationId",
    "PromiseId",
    "SaleId",
    "StaffId",
    "StyleId",
    "TillId",
    "VariantId",
    "new_id",
]


def new_id() -> UUID:
    """A fresh UUIDv7: sorts by the millisecond it was made in."""
    return uuid7()
