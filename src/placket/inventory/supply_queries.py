"""Questions about goods in: suppliers, orders with what has come of them, receipts, and what goods cost."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.core.refusals import NotFound

SUPPLIERS_MAX = 500

_ORDER = """
SELECT o.id, o.number, o.state, o.supplier_id, p.name AS supplier_name, o.location_id, l.name AS location_name, o.note,
       o.expected_on, o.created_at, o.closed_at, w.full_name AS ordered_by, s.ordered, s.received, s.rejected, s.cost_vnd
  FROM purchase_order o
  JOIN supplier p ON p.id = o.supplier_id JOIN location l ON l.id = o.location_id JOIN staff w ON w.id = o.ordered_by
  JOIN LATERAL (SELECT sum(ordered)::int AS ordered, sum(received)::int AS received, sum(rejected)::int AS rejected,
                       sum(ordered * unit_cost_vnd)::bigint AS cost_vnd
                  FROM purchase_line WHERE order_id = o.id) s ON true
"""
_GOODS = """
       v.sku, s.name_vi, s.name_en, c.name_vi AS colour_vi, c.name_en AS colour_en, z.code AS size
"""
_GOODS_JOIN = """
  JOIN variant v ON v.id = n.variant_id JOIN style s ON s.id = v.style_id
  JOIN colour c ON c.id = v.colour_id JOIN size z ON z.id = v.size_id
"""
_SEEN = "(CAST(:scope AS uuid[]) IS NULL OR {} = ANY(CAST(:scope AS uuid[])))"


def suppliers(tx: Session) -> Sequence[Row[Any]]:
    """All suppliers by name."""
    query = "SELECT id, name, phone, tax_code, note, created_at FROM supplier ORDER BY name LIMIT :most"
    return tx.execute(text(query), {"most": SUPPLIERS_MAX}).all()


def orders(
    tx: Session,
    *,
    which: Literal["open", "closed", "all"],
    place_id: UUID | None,
    scope: Sequence[UUID] | None,
    before: UUID | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """A page of orders for places where one may look, newest first."""
    return tx.execute(
        text(
            _ORDER
            + " WHERE "
            + _SEEN.format("o.location_id")
            + " AND (CAST(:place AS uuid) IS NULL OR o.location_id = :place)"
            + " AND CASE :which WHEN 'open' THEN o.state IN ('open', 'part')"
            + " WHEN 'closed' THEN o.state IN ('done', 'closed') ELSE true END"
            + " AND (CAST(:before AS uuid) IS NULL OR o.id < :before) ORDER BY o.id DESC LIMIT :limit"
        ),
        {"which": which, "place": place_id, "scope": _listed(scope), "before": before, "limit": limit},
    ).all()


def access_order(tx: Session, *, order_id: UUID, scope: Sequence[UUID] | None) -> Row[Any]:
    """An order, for whoever may look at its place. Refuses ``NotFound``."""
    query = _ORDER + " WHERE o.id = :id AND " + _SEEN.format("o.location_id")
    row = tx.execute(text(query), {"id": order_id, "scope": _listed(scope)}).one_or_none()
    if row is None:
        raise NotFound
    return row


def order_lines(tx: Session, *, order_id: UUID) -> Sequence[Row[Any]]:
    """The lines of an order, by style, colour and size."""
    query = (
        "SELECT n.variant_id, n.ordered, n.unit_cost_vnd, n.received, n.rejected,"
        + _GOODS
        + "FROM purchase_line n"
        + _GOODS_JOIN
        + "WHERE n.order_id = :order ORDER BY s.code, c.name_vi, z.position"
    )
    return tx.execute(text(query), {"order": order_id}).all()


def receipts(
    tx: Session,
    *,
    order_id: UUID | None,
    place_id: UUID | None,
    scope: Sequence[UUID] | None,
    before: UUID | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """A page of receipts at places where one may look, newest first; those of one order if it is named."""
    return tx.execute(
        text(
            """
            SELECT r.id, r.number, r.order_id, o.number AS order_number, p.name AS supplier_name, r.location_id,
                   l.name AS location_name, w.full_name AS staff_name, r.received_at, r.note, n.accepted, n.rejected,
                   n.cost_vnd
              FROM goods_receipt r
              JOIN location l ON l.id = r.location_id JOIN staff w ON w.id = r.staff_id
              LEFT JOIN supplier p ON p.id = r.supplier_id LEFT JOIN purchase_order o ON o.id = r.order_id
              JOIN LATERAL (SELECT sum(accepted)::int AS accepted, sum(rejected)::int AS rejected,
                                   sum(accepted * unit_cost_vnd)::bigint AS cost_vnd
                              FROM receipt_line WHERE receipt_id = r.id) n ON true
             WHERE (CAST(:order AS uuid) IS NULL OR r.order_id = :order)
               AND (CAST(:place AS uuid) IS NULL OR r.location_id = :place)
               AND (CAST(:scope AS uuid[]) IS NULL OR r.location_id = ANY(CAST(:scope AS uuid[])))
               AND (CAST(:before AS uuid) IS NULL OR r.id < :before)
             ORDER BY r.id DESC LIMIT :limit
            """
        ),
        {"order": order_id, "place": place_id, "scope": _listed(scope), "before": before, "limit": limit},
    ).all()


def receipt_lines(tx: Session, *, receipt_id: UUID, scope: Sequence[UUID] | None) -> Sequence[Row[Any]]:
    """The lines of a receipt, for whoever may look at its place. Refuses ``NotFound``."""
    query = (
        "SELECT n.variant_id, n.accepted, n.rejected, n.reason, n.unit_cost_vnd, n.cost_before_vnd, n.cost_after_vnd,"
        + _GOODS
        + "FROM receipt_line n JOIN goods_receipt r ON r.id = n.receipt_id"
        + _GOODS_JOIN
        + "WHERE n.receipt_id = :receipt AND "
        + _SEEN.format("r.location_id")
        + " ORDER BY s.code, c.name_vi, z.position"
    )
    rows = tx.execute(text(query), {"receipt": receipt_id, "scope": _listed(scope)}).all()
    if not rows:
        raise NotFound
    return rows


def _listed(scope: Sequence[UUID] | None) -> list[UUID] | None:
    return None if scope is None else list(scope)
