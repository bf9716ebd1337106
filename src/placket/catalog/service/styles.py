"""Verbs for styles and their variants: what is counted, priced and sold."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from placket.catalog.models import Barcode, Category, Colour, Season, Size, SizeScale, Style, Variant, VatClass
from placket.catalog.rules import STYLE_CODE, search_text, sku_of, tags_of
from placket.catalog.service.barcodes import take_own_barcodes
from placket.catalog.service.versions import StaleVersion, UnknownReference, add, known, raise_versions
from placket.core.db import Base
from placket.core.ids import new_id
from placket.core.refusals import NotFound, Refusal

VARIANTS_OF_STYLE_MAX: Final = 400


class BadStyleCode(Refusal):
    """A style code that no label could carry."""

    code = "bad_style_code"
    status = 422
    vi = "Mã kiểu {given} không hợp lệ: 2 đến 24 ký tự A-Z, 0-9 và dấu gạch nối."
    en = "The style code {given} is not valid: 2 to 24 characters of A-Z, 0-9 and hyphen."


class TooManyVariants(Refusal):
    """More colours × sizes than a style may have."""

    code = "too_many_variants"
    vi = "Một kiểu có nhiều nhất {most} biến thể."
    en = "A style has at most {most} variants."


def create_style(  # noqa: PLR0913 - one argument per column
    tx: Session,
    *,
    style_id: UUID,
    code: str,
    name_vi: str,
    name_en: str,
    category_id: UUID,
    size_scale_id: UUID,
    vat_class_id: UUID,
    colour_ids: Sequence[UUID],
    size_ids: Sequence[UUID] | None,
    now: datetime,
    season_id: UUID | None = None,
    description_vi: str | None = None,
    material: str | None = None,
    tags: Sequence[str] = (),
    status: str = "active",
) -> list[UUID]:
    """Add a style with a variant, and an own barcode, for every colour × size; answers the variants' ids.

    No sizes given means every size of the scale. May refuse ``BadStyleCode``, ``CodeTaken``, ``UnknownReference``,
    ``TooManyVariants``.
    """
    if not STYLE_CODE.fullmatch(code):
        raise BadStyleCode(given=code)
    raise_versions(tx, goods=True, prices=True)
    for table, key in ((Category, category_id), (SizeScale, size_scale_id), (VatClass, vat_class_id)):
        known(tx, table, key)
    if season_id is not None:
        known(tx, Season, season_id)
    row = {
        "code": code,
        "name_vi": name_vi,
        "name_en": name_en,
        "category_id": category_id,
        "season_id": season_id,
        "size_scale_id": size_scale_id,
        "vat_class_id": vat_class_id,
        "description_vi": description_vi,
        "material": material,
        "tags": tags_of(tags),
        "status": status,
        "created_at": now,
    }
    add(tx, Style, style_id, code, row)
    return _add_variants(tx, style_id, colour_ids, size_ids)


def add_variants(tx: Session, *, style_id: UUID, colour_ids: Sequence[UUID], size_ids: Sequence[UUID] | None) -> list[UUID]:
    """Add the colour × size combinations that the style does not have yet; answers the new ids.

    May refuse ``NotFound`` (the style), ``UnknownReference``, ``TooManyVariants``.
    """
    raise_versions(tx, goods=True, prices=True)
    if tx.get(Style, style_id) is None:
        raise NotFound(style_id=str(style_id))
    return _add_variants(tx, style_id, colour_ids, size_ids)


def update_style(tx: Session, *, style_id: UUID, version: int, changes: Mapping[str, Any]) -> int:
    """Change fields of a style that the asker read at ``version``; answers the new version.

    ``changes`` holds any of name_vi, name_en, category_id, season_id, vat_class_id, description_vi, material, tags, status.
    May refuse ``NotFound``, ``StaleVersion``, ``UnknownReference``.
    """
    assert changes.keys() <= _CHANGEABLE.keys(), "only these fields change"
    raise_versions(tx, goods=True, prices="vat_class_id" in changes)
    for field, table in _CHANGEABLE.items():
        if table is not None and changes.get(field) is not None:
            known(tx, table, changes[field])
    if "tags" in changes:
        changes = {**changes, "tags": tags_of(changes["tags"])}
    changed: int | None = tx.scalar(
        update(Style)
        .where(Style.id == style_id, Style.version == version)
        .values({**changes, "version": Style.version + 1})
        .returning(Style.version)
    )
    if changed is None:
        raise NotFound(style_id=str(style_id)) if tx.get(Style, style_id) is None else StaleVersion()
    if {"name_vi", "name_en"} & changes.keys():
        _rewrite_search_text(tx, style_id)
    return changed


_CHANGEABLE: Final[Mapping[str, type[Base] | None]] = {
    "name_vi": None,
    "name_en": None,
    "category_id": Category,
    "season_id": Season,
    "vat_class_id": VatClass,
    "description_vi": None,
    "material": None,
    "tags": None,
    "status": None,
}


def _add_variants(tx: Session, style_id: UUID, colour_ids: Sequence[UUID], size_ids: Sequence[UUID] | None) -> list[UUID]:
    style = tx.get_one(Style, style_id)
    colours = list(tx.scalars(select(Colour).where(Colour.id.in_(colour_ids)).order_by(Colour.code)))
    if len(colours) < len(set(colour_ids)):
        raise UnknownReference(kind="colour")
    sizes_wanted = select(Size).where(Size.size_scale_id == style.size_scale_id).order_by(Size.position)
    sizes = list(tx.scalars(sizes_wanted if size_ids is None else sizes_wanted.where(Size.id.in_(size_ids))))
    if size_ids is not None and len(sizes) < len(set(size_ids)):
        raise UnknownReference(kind="size")
    held = {(v.colour_id, v.size_id) for v in tx.scalars(select(Variant).where(Variant.style_id == style_id))}
    wanted = [(colour, size) for colour in colours for size in sizes if (colour.id, size.id) not in held]
    if len(held) + len(wanted) > VARIANTS_OF_STYLE_MAX:
        raise TooManyVariants(most=VARIANTS_OF_STYLE_MAX)
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "style_id": style_id,
            "colour_id": colour.id,
            "size_id": size.id,
            "sku": sku_of(style.code, colour.code, size.code),
            "search_text": variant_search_text(style, colour, size.code),
        }
        for colour, size in wanted
    ]
    if rows:
        tx.execute(insert(Variant), rows)
        codes = take_own_barcodes(tx, len(rows))
        tx.execute(
            insert(Barcode),
            [{"code": code, "variant_id": row["id"]} for code, row in zip(codes, rows, strict=True)],
        )
    return [row["id"] for row in rows]


def variant_search_text(style: Style, colour: Colour, size_code: str) -> str:
    """Everything a cashier may type to find a variant, as the index wants it."""
    return search_text(style.name_vi, style.name_en, style.code, colour.name_vi, colour.name_en, colour.code, size_code)


def _rewrite_search_text(tx: Session, style_id: UUID) -> None:
    tx.flush()
    style = tx.get_one(Style, style_id, populate_existing=True)
    variants = tx.execute(
        select(Variant.id, Colour, Size.code)
        .join(Colour, Colour.id == Variant.colour_id)
        .join(Size, Size.id == Variant.size_id)
        .where(Variant.style_id == style_id)
    ).all()
    tx.execute(
        update(Variant),
        [{"id": id_, "search_text": variant_search_text(style, colour, size)} for id_, colour, size in variants],
    )
