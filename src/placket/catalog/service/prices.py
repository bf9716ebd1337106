"""Verbs for price lists and prices; docs/rules/prices.md says which price applies."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket.catalog.models import Price, PriceList
from placket.catalog.service.versions import add, known, raise_versions
from placket.core.ids import new_id


def create_price_list(
    tx: Session,
    *,
    price_list_id: UUID,
    code: str,
    name: str,
    starts_at: datetime,
    now: datetime,
    ends_at: datetime | None = None,
    channel: str | None = None,
    location_id: UUID | None = None,
    priority: int = 0,
) -> None:
    """Add an empty price list; docs/rules/prices.md says when it decides. May refuse ``CodeTaken``."""
    raise_versions(tx, goods=False, prices=True)
    row = {
        "code": code,
        "name": name,
        "channel": channel,
        "location_id": location_id,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "priority": priority,
        "created_at": now,
    }
    add(tx, PriceList, price_list_id, code, row)


def set_prices(tx: Session, *, price_list_id: UUID, prices: Iterable[tuple[UUID, UUID | None, int]]) -> None:
    """Set prices in đồng, VAT included, of styles or of single variants in a list: (style, variant or none, price).

    May refuse ``UnknownReference`` (the list).
    """
    raise_versions(tx, goods=False, prices=True)
    known(tx, PriceList, price_list_id)
    rows = [
        {"id": new_id(), "price_list_id": price_list_id, "style_id": style, "variant_id": variant, "price_vnd": vnd}
        for style, variant, vnd in prices
    ]
    if rows:
        statement = insert(Price)
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=["price_list_id", "style_id", "variant_id"],
                set_={"price_vnd": statement.excluded.price_vnd},
            ),
            rows,
        )
