"""Recommendations: taken at night from what people kept, asked for somebody at a place (docs/rules/recommendations.md)."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from placket.sales.recommend_models import StylePair, StyleRank

MAPPED = (StylePair, StyleRank)


def pair_styles(tx: Session, *, on: date) -> int:
    """Take the pairs of a night; answers how many."""
    tx.execute(text("SET LOCAL work_mem = '256MB'"))
    return int(tx.scalar(text("SELECT pair_styles(:on)"), {"on": on}) or 0)


def recommended_to(
    tx: Session, customer_ids: Sequence[UUID], *, location_id: UUID | None, on: date, most: int
) -> Sequence[Row[Any]]:
    """Styles for somebody, the best first, each with the style that speaks for it and a piece in their size at the place."""
    return tx.execute(
        text(
            """
            SELECT r.style_id, y.code AS style_code, y.name_vi, y.name_en, r.variant_id, c.name_vi AS colour_vi,
                   c.name_en AS colour_en, z.code AS size, r.free, r.because_id, b.name_vi AS because_vi,
                   b.name_en AS because_en
              FROM recommended(CAST(:ids AS uuid[]), CAST(:place AS uuid), :on, :most) r
              JOIN style y ON y.id = r.style_id
              LEFT JOIN style b ON b.id = r.because_id
              LEFT JOIN variant v ON v.id = r.variant_id
              LEFT JOIN colour c ON c.id = v.colour_id
              LEFT JOIN size z ON z.id = v.size_id
             ORDER BY r.score DESC, r.style_id
            """
        ),
        {"ids": list(customer_ids), "place": location_id, "on": on, "most": most},
    ).all()


def suited_to(tx: Session, customer_ids: Sequence[UUID], *, on: date, most: int) -> Sequence[Row[Any]]:
    """Styles for somebody wherever they shop, the best first: what speaks for each, and the size of its scale they keep."""
    return tx.execute(
        text(
            """
            SELECT r.style_id, b.name_vi AS because_vi, b.name_en AS because_en, z.code AS size
              FROM recommended(CAST(:ids AS uuid[]), NULL, :on, :most) r
              JOIN style y ON y.id = r.style_id
              LEFT JOIN style b ON b.id = r.because_id
              LEFT JOIN LATERAL (
                   SELECT z.code FROM sale s JOIN sale_line l ON l.sale_id = s.id JOIN variant v ON v.id = l.variant_id
                     JOIN style k ON k.id = v.style_id JOIN size z ON z.id = v.size_id
                    WHERE s.customer_id = ANY(CAST(:ids AS uuid[])) AND s.state = 'posted'
                      AND k.size_scale_id = y.size_scale_id
                    GROUP BY z.id, z.code HAVING sum(l.qty) > 0
                    ORDER BY sum(l.qty) DESC, max(s.sold_on) DESC, z.id LIMIT 1) z ON true
             ORDER BY r.score DESC, r.style_id
            """
        ),
        {"ids": list(customer_ids), "on": on, "most": most},
    ).all()


def kept_with(tx: Session, style_id: UUID, *, most: int) -> list[UUID]:
    """Styles that the same people keep, the closest first."""
    pairs = select(StylePair.other_id).where(StylePair.style_id == style_id)
    return list(tx.scalars(pairs.order_by(StylePair.score.desc(), StylePair.other_id).limit(most)))
