"""Questions about adjustments: who corrected the books by how much, and which of it waits for somebody."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.core.refusals import NotFound

Which = Literal["waiting", "booked", "declined", "all"]

_ROW = """
SELECT a.id, a.number, a.location_id, l.name AS location_name, a.cause, a.note, a.state, a.value_vnd, a.asked_at,
       q.full_name AS asked_by, b.code || '-' || t.number AS till_code, a.decided_at, d.full_name AS decided_by,
       n.pieces_in, n.pieces_out
  FROM stock_adjustment a
  JOIN location l ON l.id = a.location_id JOIN staff q ON q.id = a.asked_by
  LEFT JOIN staff d ON d.id = a.decided_by
  LEFT JOIN till t ON t.id = a.till_id LEFT JOIN location b ON b.id = t.location_id
  JOIN LATERAL (SELECT coalesce(sum(qty) FILTER (WHERE qty > 0), 0)::int AS pieces_in,
                       coalesce(-sum(qty) FILTER (WHERE qty < 0), 0)::int AS pieces_out
                  FROM adjustment_line WHERE adjustment_id = a.id) n ON true
 WHERE (CAST(:scope AS uuid[]) IS NULL OR a.location_id = ANY(CAST(:scope AS uuid[])))
"""


def adjustments(
    tx: Session, *, which: Which, place_id: UUID | None, scope: Sequence[UUID] | None, before: UUID | None, limit: int
) -> Sequence[Row[Any]]:
    """A page of adjustments of places where one may look, newest first."""
    return tx.execute(
        text(
            _ROW
            + " AND (CAST(:place AS uuid) IS NULL OR a.location_id = :place) AND (:which = 'all' OR a.state = :which)"
            + " AND (CAST(:before AS uuid) IS NULL OR a.id < :before) ORDER BY a.id DESC LIMIT :limit"
        ),
        {"which": which, "place": place_id, "scope": _listed(scope), "before": before, "limit": limit},
    ).all()


def access_adjustment(tx: Session, *, adjustment_id: UUID, scope: Sequence[UUID] | None) -> Row[Any]:
    """An adjustment, for whoever may look at its place. Refuses ``NotFound``."""
    facts = {"id": adjustment_id, "scope": _listed(scope)}
    row = tx.execute(text(f"{_ROW} AND a.id = :id"), facts).one_or_none()
    if row is None:
        raise NotFound
    return row


def lines(tx: Session, *, adjustment_id: UUID) -> Sequence[Row[Any]]:
    """The lines of an adjustment, by style, colour and size."""
    return tx.execute(
        text(
            """
            SELECT n.variant_id, n.qty, n.unit_vnd, v.sku, s.name_vi, s.name_en, c.name_vi AS colour_vi,
                   c.name_en AS colour_en, z.code AS size
              FROM adjustment_line n
              JOIN variant v ON v.id = n.variant_id JOIN style s ON s.id = v.style_id
              JOIN colour c ON c.id = v.colour_id JOIN size z ON z.id = v.size_id
             WHERE n.adjustment_id = :adjustment ORDER BY s.code, c.name_vi, z.position
            """
        ),
        {"adjustment": adjustment_id},
    ).all()


def _listed(scope: Sequence[UUID] | None) -> list[UUID] | None:
    return None if scope is None else list(scope)
