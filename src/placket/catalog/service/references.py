"""Verbs for what styles refer to: categories, seasons, colours, size scales, VAT."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket.catalog.models import Category, Colour, Season, Size, SizeScale, VatClass, VatRate
from placket.catalog.rules import sku_of
from placket.catalog.service.versions import CodeTaken, add, known, raise_versions


def create_category(
    tx: Session,
    *,
    category_id: UUID,
    slug: str,
    name_vi: str,
    name_en: str,
    position: int,
    parent_id: UUID | None = None,
) -> None:
    """Add a category. May refuse ``CodeTaken``, ``UnknownReference`` (parent)."""
    raise_versions(tx, goods=True, prices=False)
    if parent_id is not None:
        known(tx, Category, parent_id)
    row = {"slug": slug, "name_vi": name_vi, "name_en": name_en, "position": position, "parent_id": parent_id}
    add(tx, Category, category_id, slug, row)


def create_season(
    tx: Session, *, season_id: UUID, code: str, name_vi: str, name_en: str, starts_on: date, ends_on: date
) -> None:
    """Add a season. May refuse ``CodeTaken``."""
    raise_versions(tx, goods=True, prices=False)
    row = {"code": code, "name_vi": name_vi, "name_en": name_en, "starts_on": starts_on, "ends_on": ends_on}
    add(tx, Season, season_id, code, row)


def create_colour(tx: Session, *, colour_id: UUID, code: str, name_vi: str, name_en: str, hex_value: str) -> None:
    """Add a colour; ``hex_value`` is ``#RRGGBB``. May refuse ``CodeTaken``."""
    raise_versions(tx, goods=True, prices=False)
    add(tx, Colour, colour_id, code, {"code": code, "name_vi": name_vi, "name_en": name_en, "hex": hex_value})


def create_size_scale(
    tx: Session, *, size_scale_id: UUID, code: str, name_vi: str, name_en: str, sizes: Sequence[tuple[UUID, str]]
) -> None:
    """Add a size scale with its sizes (id, code) in their order.

    May refuse ``CodeTaken``, also for two sizes that an SKU would write alike.
    """
    raise_versions(tx, goods=True, prices=False)
    written: set[str] = set()
    for _, size in sizes:
        if (in_sku := sku_of("", "", size)) in written:
            raise CodeTaken(taken=size)
        written.add(in_sku)
    add(tx, SizeScale, size_scale_id, code, {"code": code, "name_vi": name_vi, "name_en": name_en})
    rows = [
        {"id": size_id, "size_scale_id": size_scale_id, "code": size_code, "position": position}
        for position, (size_id, size_code) in enumerate(sizes, 1)
    ]
    tx.execute(insert(Size), rows)


def create_vat_class(tx: Session, *, vat_class_id: UUID, code: str, name_vi: str, name_en: str) -> None:
    """Add a VAT class; it sells nothing until ``set_vat_rate`` has given it a rate. May refuse ``CodeTaken``."""
    raise_versions(tx, goods=False, prices=True)
    add(tx, VatClass, vat_class_id, code, {"code": code, "name_vi": name_vi, "name_en": name_en})


def set_vat_rate(tx: Session, *, vat_class_id: UUID, starts_on: date, rate_bp: int, legal_basis: str) -> None:
    """Set the rate of a class from a business day on. May refuse ``UnknownReference``."""
    raise_versions(tx, goods=False, prices=True)
    known(tx, VatClass, vat_class_id)
    row = {"vat_class_id": vat_class_id, "starts_on": starts_on, "rate_bp": rate_bp, "legal_basis": legal_basis}
    tx.execute(insert(VatRate).values(row).on_conflict_do_update(index_elements=["vat_class_id", "starts_on"], set_=row))
