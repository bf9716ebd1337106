"""Questions about sales. The branch scope is a condition of every query, never a filter afterwards."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, false, select, text, tuple_
from sqlalchemy.orm import Session

from placket import crm
from placket.core.clock import day_bounds
from placket.sales.keeping import OrderKept, orders_named
from placket.sales.models import Sale
from placket.sales.order_rules import receipts_of
from placket.sales.pieces import Part, Piece, pieces_of_line

Rows = Sequence[Row[Any]]

BEST_STYLES: Final = 20
RECEIPT_DIGITS: Final = 7
RECEIPT_CODE: Final = re.compile(r"([A-Z0-9]{2,8}-\d{1,3}-\d{1,2})-(\d{1,7})")
ORDER_CODE: Final = re.compile(r"W-?(\d{1,8})", re.ASCII)
ORDER_SCAN: Final = re.compile(r"09(\d{10})\d")
RECEIPT_BARCODE: Final = re.compile(r"02(\d{4})(\d{2})(\d{7})\d")


def page_of_sales(
    tx: Session,
    *,
    scope: Sequence[UUID] | None,
    location_id: UUID | None,
    from_on: date | None,
    to_on: date | None,
    q: str | None,
    state: str | None,
    channel: str | None,
    staff_id: UUID | None,
    paid_vnd: int | None = None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[UUID]:
    """A page of sales, the newest first. ``q`` is what ``meant`` understands."""
    query = select(Sale.id).order_by(Sale.sold_at.desc(), Sale.id.desc()).limit(limit)
    if scope is not None:
        query = query.where(Sale.location_id.in_(scope))
    exactly: tuple[tuple[ColumnElement[Any], object], ...] = (
        (Sale.location_id.expression, location_id),
        (Sale.state.expression, state),
        (Sale.channel.expression, channel),
        (Sale.staff_id.expression, staff_id),
        (Sale.total_vnd + Sale.rounding_vnd, paid_vnd),
    )
    for column, wanted in exactly:
        if wanted is not None:
            query = query.where(column == wanted)
    if from_on is not None:
        query = query.where(Sale.sold_at >= day_bounds(from_on)[0])
    if to_on is not None:
        query = query.where(Sale.sold_at < day_bounds(to_on)[1])
    if before is not None:
        query = query.where(tuple_(Sale.sold_at, Sale.id) < before)
    if q is not None and q.strip():
        query = query.where(meant(tx, q.strip().upper()))
    return list(tx.scalars(query))


def find_orders(
    tx: Session,
    *,
    scope: Sequence[UUID] | None,
    q: str | None,
    paid_vnd: int | None,
    from_on: date | None,
    to_on: date | None,
    limit: int,
    names: bool,
) -> Sequence[OrderKept]:
    """Sales of any day as devices keep them, the newest first."""
    sale_ids = page_of_sales(
        tx,
        scope=scope,
        location_id=None,
        from_on=from_on,
        to_on=to_on,
        q=q,
        state=None,
        channel=None,
        staff_id=None,
        paid_vnd=paid_vnd,
        before=None,
        limit=limit,
    )
    return orders_named(tx, sale_ids, names=names)


def meant(tx: Session, q: str) -> ColumnElement[bool]:
    """A receipt's code, barcode or number, a web order's code, or a customer's phone, as a condition for an index."""
    digits = re.sub(r"[ .]", "", q)
    if scanned := RECEIPT_BARCODE.fullmatch(digits):
        till_no, epoch, number = (int(part) for part in scanned.groups())
        till = text("(SELECT t.id FROM till t WHERE t.till_no = :till_no)").bindparams(till_no=till_no)
        return and_(Sale.till_id == till, Sale.epoch == epoch, Sale.receipt_no == number)
    if printed := RECEIPT_CODE.fullmatch(q):
        series = text("(SELECT e.till_id, e.epoch FROM till_epoch e WHERE e.receipt_prefix = :prefix)")
        here = tuple_(Sale.till_id, Sale.epoch) == series.bindparams(prefix=printed[1])
        return and_(here, Sale.receipt_no == int(printed[2]))
    if ordered := ORDER_CODE.fullmatch(q) or ORDER_SCAN.fullmatch(digits):
        return and_(Sale.till_id.is_(None), Sale.receipt_code.in_(receipts_of(int(ordered[1]))))
    if digits.isascii() and digits.isdigit() and len(digits) <= RECEIPT_DIGITS:
        return Sale.receipt_no == int(digits)
    if (phone := crm.phone_of(q)) is not None:
        customer_id = crm.customer_of_phone(tx, phone)
        return false() if customer_id is None else Sale.customer_id == customer_id
    return false()


def sale_faces(tx: Session, sale_ids: Sequence[UUID]) -> Rows:
    """Some sales in the order asked for, with the names of everybody and every place in them."""
    return tx.execute(
        text(
            """
            SELECT s.*, l.name AS location_name, l.code AS location_code, b.code || '-' || t.number AS till_code,
                   p.full_name AS staff_name, c.full_name AS customer_name,
                   coalesce((SELECT array_agg(DISTINCT y.kind ORDER BY y.kind) FROM payment y WHERE y.sale_id = s.id), '{}')
                     AS tenders
              FROM unnest(CAST(:sales AS uuid[])) WITH ORDINALITY AS asked(id, place)
              JOIN sale s ON s.id = asked.id
              JOIN location l ON l.id = s.location_id
              LEFT JOIN till t ON t.id = s.till_id LEFT JOIN location b ON b.id = t.location_id
              LEFT JOIN staff p ON p.id = s.staff_id
              LEFT JOIN customer c ON c.id = s.customer_id
             ORDER BY asked.place
            """
        ),
        {"sales": list(sale_ids)},
    ).all()


def sale_seen(tx: Session, *, sale_id: UUID, scope: Sequence[UUID] | None) -> Row[Any] | None:
    """A sale, or none when there is no such sale where one may look."""
    faces = sale_faces(tx, [sale_id])
    return faces[0] if faces and (scope is None or faces[0].location_id in scope) else None


def sale_of_barcode(tx: Session, barcode: str) -> Row[Any] | None:
    """The sale whose receipt bears these sixteen digits."""
    sale_id = tx.scalar(select(Sale.id).where(meant(tx, barcode)))
    return None if sale_id is None else sale_faces(tx, [sale_id])[0]


def lines_of(tx: Session, sale_id: UUID) -> Rows:
    """The lines of a sale, as a person recognises the goods."""
    return tx.execute(
        text(
            """
            SELECT n.line_no, n.variant_id, v.style_id, s.name_vi, s.name_en, v.sku, c.code AS colour_code,
                   c.name_vi AS colour_vi, c.name_en AS colour_en, z.code AS size,
                   (SELECT p.sha256 FROM picture p WHERE p.style_id = s.id
                     ORDER BY (p.colour_id = v.colour_id) DESC NULLS LAST, p.position LIMIT 1) AS picture,
                   n.source_id, l.name AS source_name, n.qty, n.unit_vnd, n.discount_vnd, n.total_vnd, n.vat_bp, n.vat_vnd,
                   a.full_name AS adviser_name, n.gift, n.note, n.returns_sale_id, n.returns_line_no, n.return_reason,
                   n.condition,
                   o.receipt_code AS returns_receipt_code,
                   (SELECT coalesce(json_agg(json_build_object('sale_id', x.id, 'receipt_code', x.receipt_code,
                             'at', x.sold_at, 'location_name', p.name, 'qty', -r.qty) ORDER BY x.sold_at, x.id), '[]')
                      FROM sale_line r JOIN sale x ON x.id = r.sale_id AND x.state = 'posted'
                      JOIN location p ON p.id = x.location_id
                     WHERE r.returns_sale_id = n.sale_id AND r.returns_line_no = n.line_no) AS came_back
              FROM sale_line n
              LEFT JOIN sale o ON o.id = n.returns_sale_id
              JOIN variant v ON v.id = n.variant_id
              JOIN style s ON s.id = v.style_id
              JOIN colour c ON c.id = v.colour_id
              JOIN size z ON z.id = v.size_id
              JOIN location l ON l.id = n.source_id
              LEFT JOIN staff a ON a.id = n.adviser_id
             WHERE n.sale_id = :sale
             ORDER BY n.line_no
            """
        ),
        {"sale": sale_id},
    ).all()


def discounts_of(tx: Session, sale_id: UUID) -> dict[int, list[dict[str, Any]]]:
    """The parts of the discounts of a sale, by line."""
    rows = tx.execute(
        text(
            """
            SELECT d.line_no, d.kind, d.amount_vnd, d.reason, d.note, p.full_name AS approved_by_name,
                   v.name_vi AS promotion_vi, v.name_en AS promotion_en
              FROM sale_discount d
              LEFT JOIN staff p ON p.id = d.approved_by
              LEFT JOIN promotion_version v ON v.promotion_id = d.promotion_id AND v.version = d.promotion_version
             WHERE d.sale_id = :sale
             ORDER BY d.line_no, d.no
            """
        ),
        {"sale": sale_id},
    )
    parts: dict[int, list[dict[str, Any]]] = {}
    for row in rows.mappings():
        parts.setdefault(row["line_no"], []).append(dict(row))
    return parts


def shares_of(tx: Session, *, sale_id: UUID) -> dict[int, tuple[Piece, ...]]:
    """What each piece of a sale cost, by line. Lines that brought goods back have no pieces of their own."""
    rows = tx.execute(
        text(
            """
            SELECT n.line_no, n.qty, n.unit_vnd, n.total_vnd, n.vat_vnd, d.kind, d.amount_vnd, d.promotion_id, d.shares_vnd
              FROM sale_line n LEFT JOIN sale_discount d USING (sale_id, line_no)
             WHERE n.sale_id = :sale AND n.qty > 0
             ORDER BY n.line_no, d.no
            """
        ),
        {"sale": sale_id},
    ).all()
    return {
        line_no: pieces_of_line(
            qty=of_line[0].qty,
            unit_vnd=of_line[0].unit_vnd,
            total_vnd=of_line[0].total_vnd,
            vat_vnd=of_line[0].vat_vnd,
            parts=[Part(r.kind, r.amount_vnd, r.promotion_id, r.shares_vnd) for r in of_line if r.kind is not None],
        )
        for line_no, group in groupby(rows, key=lambda row: row.line_no)
        for of_line in [list(group)]
    }


def vat_of(tx: Session, sale_id: UUID) -> Rows:
    """What the sale holds of each VAT rate."""
    return tx.execute(
        text(
            "SELECT vat_bp AS rate_bp, sum(total_vnd - vat_vnd)::bigint AS net_vnd, sum(vat_vnd)::bigint AS vat_vnd "
            "FROM sale_line WHERE sale_id = :sale GROUP BY vat_bp ORDER BY vat_bp"
        ),
        {"sale": sale_id},
    ).all()


def payments_of(tx: Session, sale_id: UUID) -> Rows:
    """The tenders of a sale, those that went back with a minus."""
    return tx.execute(
        text(
            "SELECT no, kind, amount_vnd, tendered_vnd, change_vnd, reference, received_at FROM payment "
            "WHERE sale_id = :sale ORDER BY no"
        ),
        {"sale": sale_id},
    ).all()


def timeline_of(tx: Session, sale_id: UUID) -> Rows:
    """What happened to the sale, in order; its posting comes first."""
    return tx.execute(
        text(
            """
            SELECT y.at, y.verb, p.full_name AS staff_name, b.code || '-' || t.number AS till_code, y.facts
              FROM (SELECT sold_at AS at, 'posted' AS verb, staff_id, till_id, '{}'::jsonb AS facts, 0 AS id
                      FROM sale WHERE id = :sale AND (pieces <> 0 OR fingerprint IS NOT NULL)
                    UNION ALL
                    SELECT at, verb, staff_id, till_id, facts, id FROM sale_timeline WHERE sale_id = :sale) y
              LEFT JOIN staff p ON p.id = y.staff_id
              LEFT JOIN till t ON t.id = y.till_id LEFT JOIN location b ON b.id = t.location_id
             ORDER BY y.id
            """
        ),
        {"sale": sale_id},
    ).all()


def stock_moves_of(tx: Session, sale_id: UUID) -> Rows:
    """The rows that the sale, and its void, wrote into the ledger."""
    return tx.execute(
        text(
            """
            SELECT g.id, g.occurred_at AS at, g.recorded_at, g.kind, g.location_id, l.name AS location_name, g.variant_id,
                   v.sku, g.qty, p.full_name AS staff_name, b.code || '-' || t.number AS till_code
              FROM stock_ledger g
              JOIN location l ON l.id = g.location_id
              JOIN variant v ON v.id = g.variant_id
              LEFT JOIN staff p ON p.id = g.staff_id
              LEFT JOIN till t ON t.id = g.till_id LEFT JOIN location b ON b.id = t.location_id
             WHERE g.ref = :sale
             ORDER BY g.id
            """
        ),
        {"sale": sale_id},
    ).all()


def events_of(tx: Session, sale_id: UUID) -> Rows:
    """The events of the sale and of the balances it moved, as long as they are kept; loaded history has none."""
    return tx.execute(
        text(
            """
            WITH own AS (
                SELECT * FROM event WHERE key = :key AND topic IN ('sale.completed', 'sale.voided')),
            cell AS (
                SELECT DISTINCT location_id || ':' || variant_id AS key FROM stock_ledger WHERE ref = :sale)
            SELECT id, topic, key, key_version, payload, recorded_at FROM own
            UNION ALL
            SELECT e.id, e.topic, e.key, e.key_version, e.payload, e.recorded_at
              FROM (SELECT DISTINCT xid FROM own) o JOIN event e ON e.xid = o.xid JOIN cell ON cell.key = e.key
             WHERE e.topic = 'stock.changed'
             ORDER BY id
            """
        ),
        {"sale": sale_id, "key": str(sale_id)},
    ).all()


def today_at(tx: Session, *, location_id: UUID, on: date) -> Row[Any]:
    """What a branch has sold on a business day: revenue, sales, and its best styles by pieces."""
    starts_at, ends_at = day_bounds(on)
    return tx.execute(
        text(
            """
            WITH today AS MATERIALIZED (
                SELECT id, total_vnd FROM sale
                 WHERE location_id = :location AND sold_at >= :starts AND sold_at < :ends AND state = 'posted'),
            best AS (
                SELECT v.style_id, sum(n.qty) AS pieces
                  FROM today JOIN sale_line n ON n.sale_id = today.id JOIN variant v ON v.id = n.variant_id
                 GROUP BY v.style_id HAVING sum(n.qty) > 0
                 ORDER BY pieces DESC, v.style_id LIMIT :most)
            SELECT (SELECT coalesce(sum(total_vnd), 0)::bigint FROM today) AS revenue_vnd,
                   (SELECT count(*) FROM today) AS sales,
                   coalesce((SELECT array_agg(style_id ORDER BY pieces DESC, style_id) FROM best), '{}') AS best_styles
            """
        ),
        {"location": location_id, "starts": starts_at, "ends": ends_at, "most": BEST_STYLES},
    ).one()


def purchases_of(tx: Session, customer_ids: Sequence[UUID]) -> Rows:
    """The last five sales to somebody, the newest first, each with its goods in one line."""
    return tx.execute(
        text(
            """
            SELECT s.id AS sale_id, s.receipt_code, s.sold_at, s.channel, l.name AS location_name, s.pieces, s.total_vnd,
                   (SELECT string_agg(y.name_vi || ' ' || z.code, ', ' ORDER BY n.line_no) FROM sale_line n
                      JOIN variant v ON v.id = n.variant_id JOIN style y ON y.id = v.style_id JOIN size z ON z.id = v.size_id
                     WHERE n.sale_id = s.id) AS goods_vi,
                   (SELECT string_agg(y.name_en || ' ' || z.code, ', ' ORDER BY n.line_no) FROM sale_line n
                      JOIN variant v ON v.id = n.variant_id JOIN style y ON y.id = v.style_id JOIN size z ON z.id = v.size_id
                     WHERE n.sale_id = s.id) AS goods_en
              FROM sale s JOIN location l ON l.id = s.location_id
             WHERE s.customer_id = ANY(CAST(:ids AS uuid[])) AND s.state = 'posted'
             ORDER BY s.sold_at DESC LIMIT 5
            """
        ),
        {"ids": list(customer_ids)},
    ).all()


def sizes_of(tx: Session, customer_ids: Sequence[UUID]) -> Rows:
    """In each category that somebody buys, the size they have kept most often; returned pieces do not count."""
    return tx.execute(
        text(
            """
            SELECT DISTINCT ON (c.position, c.id) c.name_vi AS category_vi, c.name_en AS category_en, z.code AS size,
                   sum(n.qty)::int AS pieces
              FROM sale s
              JOIN sale_line n ON n.sale_id = s.id
              JOIN variant v ON v.id = n.variant_id JOIN style y ON y.id = v.style_id
              JOIN category c ON c.id = y.category_id JOIN size z ON z.id = v.size_id
             WHERE s.customer_id = ANY(CAST(:ids AS uuid[])) AND s.state = 'posted'
             GROUP BY c.id, z.id HAVING sum(n.qty) > 0
             ORDER BY c.position, c.id, sum(n.qty) DESC, z.code
            """
        ),
        {"ids": list(customer_ids)},
    ).all()
