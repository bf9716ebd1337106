"""What promotions took off sales that tills tell of in their journals: by the book that the till had, and by the newest one.

See docs/rules/pricing.md 7.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import catalog, crm, promotions
from placket.sales.offers import Wishes, facts_of, offered
from placket.sales.shapes import LineAsked, SaleOfferTold, VoucherCode

IN_FORCE = text("SELECT max(promo_version) FROM promo_book_entry WHERE at <= :at")


class Told(Protocol):
    """What an entry says of a sale's promotions."""

    promo_version: int
    customer_id: UUID | None
    lines: list[LineAsked]
    vouchers: list[VoucherCode]
    offers: list[SaleOfferTold]
    skipped: list[UUID]


def differ(tx: Session, prices: catalog.PriceBook, location_id: UUID, sale: Told, at: datetime) -> bool:
    """Whether the book of promotions that the till had gives another price than the till's.

    Where promotions with limits run, what they had left at that moment is not known, and the till is believed.
    """
    return _differ(tx, _book(tx, sale.promo_version), prices, location_id, sale, at)


def newer_book(tx: Session, prices: catalog.PriceBook, location_id: UUID, sale: Told, at: datetime) -> int | None:
    """The number of the book in force when the sale was made, if the till had an older one and that priced otherwise."""
    number = tx.scalar(IN_FORCE, {"at": at})
    if number is None or number <= sale.promo_version:
        return None
    return int(number) if _differ(tx, _book(tx, number), prices, location_id, sale, at) else None


def _book(tx: Session, number: int) -> promotions.PromoBook:
    held = promotions.promo_books.current()
    return held if held.promo_version == number else promotions.read_book(tx, number)


def _differ(
    tx: Session,
    book: promotions.PromoBook,
    prices: catalog.PriceBook,
    location_id: UUID,
    sale: Told,
    at: datetime,
) -> bool:
    if book.limits or not (book.promotions or sale.offers):
        return False
    buyer = None if sale.customer_id is None else crm.buyer(tx, sale.customer_id)
    wishes = Wishes(
        customer=None if buyer is None else facts_of(buyer),
        opened=promotions.opened_by(tx, sale.vouchers),
        skipped=frozenset(map(str, sale.skipped)),
    )
    ours = offered(
        [line.to_price() for line in sale.lines],
        prices=prices,
        book=book,
        unit_of={line.variant_id: line.unit_vnd for line in sale.lines},
        channel="store",
        location_id=location_id,
        at=at,
        wishes=wishes,
    )
    return _told(sale.offers) != sorted((row["promotion_id"], row["version"], row["amount_vnd"]) for row in ours.applied)


def _told(offers: Sequence[SaleOfferTold]) -> list[tuple[Any, ...]]:
    return sorted((str(offer.promotion_id), offer.version, offer.vnd) for offer in offers)
