"""What a piece at a place is worth, for limits and for looking at differences first that matter: its price of the day."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from placket import catalog


def price_of(book: catalog.PriceBook, location_id: UUID, at: datetime) -> Callable[[UUID], int]:
    """The price in đồng of a variant in the shop; what nobody has priced yet is worth nothing here."""

    def price(variant_id: UUID) -> int:
        try:
            return book.price_at(variant_id, channel="store", location_id=location_id, at=at)[0]
        except (catalog.NoPrice, catalog.UnknownVariant):
            return 0

    return price
