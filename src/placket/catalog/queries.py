"""Questions about what is sold: faces for lists and search, and what a till holds of the catalogue."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from placket.catalog.models import (
    Category,
    Colour,
    PictureBlob,
    PriceList,
    Season,
    Size,
    SizeScale,
    Style,
    VatClass,
    VatRate,
)
from placket.catalog.search import styles_matching, variant_of_code
from placket.core.refusals import NotFound

Rows = Sequence[Row[Any]]

PRICE_LISTS_MAX = 500


def demand_location(tx: Session, location_id: UUID) -> None:
    """Refuse ``NotFound`` unless this is a location in use."""
    query = text("SELECT 1 FROM location WHERE id = :id AND status = 'active'")
    if tx.scalar(query, {"id": location_id}) is None:
        raise NotFound


def categories(tx: Session) -> Sequence[Category]:
    """Every category, in the shop's order."""
    return tx.scalars(select(Category).order_by(Category.position, Category.slug)).all()


def seasons(tx: Session) -> Sequence[Season]:
    """Every season, the latest first."""
    return tx.scalars(select(Season).order_by(Season.starts_on.desc(), Season.code)).all()


def colours(tx: Session) -> Sequence[Colour]:
    """Every colour, by code."""
    return tx.scalars(select(Colour).order_by(Colour.code)).all()


def size_scales(tx: Session) -> Sequence[SizeScale]:
    """Every size scale, by code."""
    return tx.scalars(select(SizeScale).order_by(SizeScale.code)).all()


def sizes(tx: Session) -> Sequence[Size]:
    """Every size, in the order of its scale."""
    return tx.scalars(select(Size).order_by(Size.size_scale_id, Size.position)).all()


def tags(tx: Session) -> list[str]:
    """Every tag that a style has."""
    return list(tx.scalars(text("SELECT DISTINCT unnest(tags) AS tag FROM style ORDER BY tag")))


def vat_classes(tx: Session) -> Sequence[VatClass]:
    """Every VAT class, by code."""
    return tx.scalars(select(VatClass).order_by(VatClass.code)).all()


def vat_rates(tx: Session) -> Sequence[VatRate]:
    """Every dated rate, by class and day."""
    return tx.scalars(select(VatRate).order_by(VatRate.vat_class_id, VatRate.starts_on)).all()


def price_lists(tx: Session) -> Sequence[PriceList]:
    """The price lists, the latest start first."""
    return tx.scalars(select(PriceList).order_by(PriceList.starts_at.desc(), PriceList.code).limit(PRICE_LISTS_MAX)).all()


def picture(tx: Session, sha256: str) -> PictureBlob | None:
    """A picture by its address."""
    return tx.get(PictureBlob, sha256)


def till_styles(tx: Session) -> Rows:
    """The styles that are sold, the newest first, each with its pictures as (colour code or none, address)."""
    return tx.execute(
        text(
            """
            SELECT s.id, s.code, s.name_vi, s.name_en, s.category_id, season.code AS season, s.tags,
                   coalesce((SELECT json_agg(json_build_array(c.code, p.sha256) ORDER BY p.position)
                               FROM picture p LEFT JOIN colour c ON c.id = p.colour_id
                              WHERE p.style_id = s.id), '[]') AS pictures
              FROM style s LEFT JOIN season ON season.id = s.season_id
             WHERE s.status = 'active'
             ORDER BY s.id DESC
            """
        )
    ).all()


def till_variants(tx: Session) -> Sequence[tuple[UUID, UUID, UUID, UUID, str]]:
    """The variants that are sold: (id, style, colour, size, SKU). Plain tuples: a till holds a hundred thousand."""
    query = text("SELECT id, style_id, colour_id, size_id, sku FROM variant WHERE status = 'active'")
    return cast("Sequence[tuple[UUID, UUID, UUID, UUID, str]]", tx.execute(query).all())


def all_barcodes(tx: Session) -> Mapping[UUID, list[str]]:
    """The barcodes of every variant. Read whole: a join of it all is at the mercy of fresh statistics, this is not."""
    found: dict[UUID, list[str]] = {}
    for code, variant_id in tx.execute(text("SELECT code, variant_id FROM barcode ORDER BY code")):
        found.setdefault(variant_id, []).append(code)
    return found


def style_page(
    tx: Session,
    *,
    q: str | None,
    category_id: UUID | None,
    season_id: UUID | None,
    status: str | None,
    after: str | None,
    limit: int,
) -> list[UUID]:
    """A page of styles by code; ``q`` is words, an SKU or a barcode; a category holds its sub-categories too."""
    query = select(Style.id).order_by(Style.code).limit(limit)
    if q is not None and q.strip():
        variant_id = variant_of_code(tx, q)
        one = text("style.id = (SELECT style_id FROM variant WHERE id = :variant)").bindparams(variant=variant_id)
        query = query.where(Style.id.in_(styles_matching(tx, q)) if variant_id is None else one)
    if category_id is not None:
        below = select(Category.id).where((Category.id == category_id) | (Category.parent_id == category_id))
        query = query.where(Style.category_id.in_(below))
    if season_id is not None:
        query = query.where(Style.season_id == season_id)
    if status is not None:
        query = query.where(Style.status == status)
    if after is not None:
        query = query.where(Style.code > after)
    return list(tx.scalars(query))


def style_faces(tx: Session, style_ids: Sequence[UUID]) -> Rows:
    """Some styles in the order asked for, each with its first picture, its colours and its variants' ids."""
    return tx.execute(
        text(
            """
            SELECT s.*, c.name_vi AS category_vi, c.name_en AS category_en, season.code AS season,
                   (SELECT p.sha256 FROM picture p WHERE p.style_id = s.id ORDER BY p.position LIMIT 1) AS picture,
                   v.colours, coalesce(v.ids, '{}') AS variant_ids
              FROM unnest(CAST(:styles AS uuid[])) WITH ORDINALITY AS asked(id, place)
              JOIN style s ON s.id = asked.id
              JOIN category c ON c.id = s.category_id
              LEFT JOIN season ON season.id = s.season_id
              LEFT JOIN LATERAL (
                   SELECT array_agg(v.id) AS ids,
                          json_object_agg(o.code, json_build_object('code', o.code, 'name_vi', o.name_vi,
                                                                    'name_en', o.name_en, 'hex', o.hex)) AS colours
                     FROM variant v JOIN colour o ON o.id = v.colour_id
                    WHERE v.style_id = s.id AND v.status = 'active') v ON true
             ORDER BY asked.place
            """
        ),
        {"styles": list(style_ids)},
    ).all()


def style_variants(tx: Session, style_id: UUID) -> Rows:
    """Every variant of a style, archived ones too, by colour and size."""
    return tx.execute(
        text(
            """
            SELECT v.id, v.sku, v.status, v.colour_id, c.code AS colour_code, c.name_vi AS colour_vi,
                   c.name_en AS colour_en, c.hex, v.size_id, z.code AS size,
                   coalesce((SELECT array_agg(b.code ORDER BY b.code) FROM barcode b WHERE b.variant_id = v.id), '{}')
                     AS barcodes
              FROM variant v JOIN colour c ON c.id = v.colour_id JOIN size z ON z.id = v.size_id
             WHERE v.style_id = :style
             ORDER BY c.code, z.position
            """
        ),
        {"style": style_id},
    ).all()


def style_pictures(tx: Session, style_id: UUID) -> Rows:
    """The pictures of a style in their order."""
    return tx.execute(
        text(
            "SELECT p.id, p.sha256, p.colour_id, c.code AS colour_code, p.position FROM picture p "
            "LEFT JOIN colour c ON c.id = p.colour_id WHERE p.style_id = :style ORDER BY p.position"
        ),
        {"style": style_id},
    ).all()


def price_tills(tx: Session) -> Rows:
    """Which prices every paired till holds, by its own word."""
    return tx.execute(
        text(
            """
            SELECT t.id AS till_id, l.code || '-' || t.number AS code, l.id AS location_id, l.name AS location_name,
                   h.price_version, h.at,
                   EXISTS (SELECT 1 FROM till_opening o WHERE o.till_id = t.id AND o.state = 'attached') AS attached
              FROM till t JOIN location l ON l.id = t.location_id LEFT JOIN price_heard h ON h.till_id = t.id
             WHERE t.status = 'active' AND t.token_hash IS NOT NULL
             ORDER BY l.position, t.number
            """
        )
    ).all()


def style_prices(tx: Session, style_id: UUID) -> Rows:
    """Every price of a style and its variants, list by list."""
    return tx.execute(
        text(
            "SELECT p.price_list_id, l.code AS list_code, l.name AS list_name, p.variant_id, p.price_vnd FROM price p "
            "JOIN price_list l ON l.id = p.price_list_id WHERE p.style_id = :style ORDER BY l.starts_at DESC, p.variant_id"
        ),
        {"style": style_id},
    ).all()


def variant_faces(tx: Session, variant_ids: Sequence[UUID]) -> Rows:
    """Some variants in the order asked for, as a person recognises them. One query, whatever their number."""
    return tx.execute(
        text(
            """
            SELECT v.id, v.style_id, s.code AS style_code, s.name_vi, s.name_en, c.code AS colour_code,
                   c.name_vi AS colour_vi, c.name_en AS colour_en, c.hex, z.code AS size, v.sku,
                   (SELECT min(b.code) FROM barcode b WHERE b.variant_id = v.id) AS barcode,
                   (SELECT p.sha256 FROM picture p WHERE p.style_id = s.id
                     ORDER BY (p.colour_id = v.colour_id) DESC NULLS LAST, p.position LIMIT 1) AS picture
              FROM unnest(CAST(:variants AS uuid[])) WITH ORDINALITY AS asked(id, place)
              JOIN variant v ON v.id = asked.id
              JOIN style s ON s.id = v.style_id
              JOIN colour c ON c.id = v.colour_id
              JOIN size z ON z.id = v.size_id
             ORDER BY asked.place
            """
        ),
        {"variants": list(variant_ids)},
    ).all()
