"""Verbs for price lists and prices; docs/rules/prices.md says which price applies."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket.catalog.models import Price, PriceHeard, PriceList, Style, Variant
from placket.catalog.service.versions import UnknownReference, add, known, raise_versions
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
    """Add an empty price list; docs/rules/prices.md says when it decides.

    May refuse ``CodeTaken``, ``UnknownReference`` (the location).
    """
    raise_versions(tx, goods=False, prices=True)
    place = text("SELECT 1 FROM location WHERE id = :id")
    if location_id is not None and tx.scalar(place, {"id": location_id}) is None:
        raise UnknownReference(kind="location", id=str(location_id))
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

    Of a price said twice the last word counts. May refuse ``UnknownReference`` (the list, a style, a variant of it).
    """
    raise_versions(tx, goods=False, prices=True)
    known(tx, PriceList, price_list_id)
    wanted = {(style, variant): vnd for style, variant, vnd in prices}
    _demand_goods(tx, wanted)
    rows = [
        {"id": new_id(), "price_list_id": price_list_id, "style_id": style, "variant_id": variant, "price_vnd": vnd}
        for (style, variant), vnd in wanted.items()
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


def note_heard(tx: Session, *, till_id: UUID, price_version: int, now: datetime) -> None:
    """A till holds these prices; an older word changes nothing."""
    told = insert(PriceHeard).values(till_id=till_id, price_version=price_version, at=now)
    tx.execute(
        told.on_conflict_do_update(
            index_elements=["till_id"],
            set_={name: told.excluded[name] for name in ("price_version", "at")},
            where=PriceHeard.price_version <= told.excluded.price_version,
        )
    )


def _demand_goods(tx: Session, wanted: Iterable[tuple[UUID, UUID | None]]) -> None:
    """Refuse ``UnknownReference`` unless every style is there, and every variant is of the style beside it."""
    styles = {style for style, _ in wanted}
    variants = {variant: style for style, variant in wanted if variant is not None}
    known_styles = set(tx.scalars(select(Style.id).where(Style.id == func.any(list(styles)))))
    owners = tx.execute(select(Variant.id, Variant.style_id).where(Variant.id == func.any(list(variants))))
    of_variant = {row.id: row.style_id for row in owners}
    if styles - known_styles:
        raise UnknownReference(kind="style", id=str(min(styles - known_styles)))
    for variant, style in variants.items():
        if of_variant.get(variant) != style:
            raise UnknownReference(kind="variant", id=str(variant))
