"""Questions about goods that may come back: what was sold and paid, what has come back of it, by which rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from placket.sales import pieces
from placket.sales.models import ReturnPolicy, ReturnTender, Sale
from placket.sales.queries import meant
from placket.sales.return_rules import Part, Policy, SoldLine

FOUND_MAX: Final = 10

HEADS: Final = """
SELECT s.id, s.receipt_code, s.state, s.channel, s.sold_at, s.sold_on, s.total_vnd, s.promo_version, s.location_id,
       l.name AS location_name, s.customer_id, c.full_name AS customer_name, right(c.phone, 4) AS phone_end,
       pieces_returned(s.id) AS pieces_before,
       (SELECT coalesce(json_agg(json_build_object('kind', y.kind, 'amount_vnd', y.vnd) ORDER BY y.vnd DESC, y.kind), '[]')
          FROM (SELECT kind, sum(amount_vnd)::bigint AS vnd FROM payment WHERE sale_id = s.id GROUP BY kind) y
         WHERE y.vnd > 0) AS tenders
  FROM sale s JOIN location l ON l.id = s.location_id LEFT JOIN customer c ON c.id = s.customer_id
 WHERE s.id = ANY(CAST(:sales AS uuid[]))
"""

LINES: Final = """
SELECT n.sale_id, n.line_no, n.stands_for_sale_id, n.stands_for_line_no,
       (SELECT b.sold_on FROM sale b WHERE b.id = coalesce(n.stands_for_sale_id, n.sale_id)) AS first_sold_on,
       n.variant_id, n.source_id, n.qty, n.unit_vnd, n.discount_vnd, n.total_vnd, n.vat_bp, n.vat_vnd,
       v.style_id, v.sku, y.name_vi, y.name_en, y.category_id, k.name_vi AS colour_vi, k.name_en AS colour_en,
       z.code AS size,
       (SELECT p.sha256 FROM picture p WHERE p.style_id = y.id
         ORDER BY (p.colour_id = v.colour_id) DESC NULLS LAST, p.position LIMIT 1) AS picture,
       (SELECT coalesce(json_agg(json_build_object('kind', d.kind, 'amount_vnd', d.amount_vnd, 'reason', d.reason,
                                 'promotion_id', d.promotion_id, 'version', d.promotion_version, 'shares', d.shares_vnd)
                                 ORDER BY d.no), '[]')
          FROM sale_discount d WHERE d.sale_id = n.sale_id AND d.line_no = n.line_no) AS parts,
       coalesce(b.qty, 0) AS returned, coalesce(b.refunded_vnd, 0) AS refunded_vnd,
       coalesce(b.vat_vnd, 0) AS vat_reversed_vnd,
       (SELECT d.location_id FROM depot_sending d
         WHERE d.sale_id = n.sale_id AND d.location_id = n.source_id AND d.sent_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM sending_lack k WHERE k.sale_id = n.sale_id AND k.line_no = n.line_no
                              AND k.state IN ('sent', 'handed_over'))) AS unsent_at
  FROM sale_line n
  JOIN variant v ON v.id = n.variant_id JOIN style y ON y.id = v.style_id
  JOIN colour k ON k.id = v.colour_id JOIN size z ON z.id = v.size_id
  LEFT JOIN LATERAL (
       SELECT -sum(r.qty)::int AS qty, -sum(r.total_vnd)::bigint AS refunded_vnd, -sum(r.vat_vnd)::bigint AS vat_vnd
         FROM sale_line r JOIN sale x ON x.id = r.sale_id AND x.state = 'posted'
        WHERE r.returns_sale_id = n.sale_id AND r.returns_line_no = n.line_no) b ON true
 WHERE n.sale_id = ANY(CAST(:sales AS uuid[])) AND n.qty > 0
 ORDER BY n.sale_id, n.line_no
"""

# What goods of a sale had earned, taken back when so much more of its money goes back, and what its customer has free.
POINTS: Final = """
SELECT l.customer_id,
       points_unearned(:sale, b.vnd + :refund) - points_unearned(:sale, b.vnd) AS earned,
       (SELECT coalesce(sum(o.left_points - o.held), 0)::int FROM loyalty_lot o
         WHERE o.customer_id = l.customer_id AND o.left_points > o.held) AS free
  FROM loyalty_lot l
 CROSS JOIN LATERAL (
       SELECT coalesce(-sum(r.total_vnd), 0)::bigint AS vnd
         FROM sale_line r JOIN sale x ON x.id = r.sale_id AND x.state = 'posted' WHERE r.returns_sale_id = l.id) b
 WHERE l.id = :sale
"""

# The sales that goods were first sold by, and those by which they were swapped: what is kept of all of them counts together.
FAMILIES: Final = """
WITH first AS (
    SELECT unnest(CAST(:sales AS uuid[])) AS id
    UNION SELECT stands_for_sale_id FROM sale_line
           WHERE sale_id = ANY(CAST(:sales AS uuid[])) AND stands_for_sale_id IS NOT NULL)
SELECT id FROM first
UNION SELECT n.sale_id FROM first f JOIN sale_line n ON n.stands_for_sale_id = f.id
        JOIN sale s ON s.id = n.sale_id AND s.state = 'posted'
"""

BACK: Final = """
SELECT r.returns_sale_id AS sale_id, r.returns_line_no AS line_no, -r.qty AS qty, x.id AS by_sale_id, x.receipt_code,
       x.sold_at AS at, l.name AS location_name
  FROM sale_line r
  JOIN sale x ON x.id = r.sale_id AND x.state = 'posted' JOIN location l ON l.id = x.location_id
 WHERE r.returns_sale_id = ANY(CAST(:sales AS uuid[]))
 ORDER BY x.sold_at, x.id, r.line_no
"""

# What the sales were paid with, also where they were exchanges: then what the sales behind them were paid with counts, too.
PAID: Final = """
WITH RECURSIVE chain AS (
    SELECT unnest(CAST(:sales AS uuid[])) AS id
    UNION SELECT n.returns_sale_id FROM chain c JOIN sale_line n ON n.sale_id = c.id AND n.returns_sale_id IS NOT NULL),
back AS (
    SELECT DISTINCT n.sale_id AS id FROM chain c JOIN sale_line n ON n.returns_sale_id = c.id)
SELECT y.kind, sum(y.amount_vnd)::bigint AS left_vnd
  FROM (SELECT id FROM chain UNION SELECT id FROM back) m
  JOIN sale s ON s.id = m.id AND s.state = 'posted' JOIN payment y ON y.sale_id = s.id
 WHERE y.amount_vnd < 0 OR m.id IN (SELECT id FROM chain)
 GROUP BY y.kind
"""

CATEGORIES: Final = """
WITH RECURSIVE above AS (
    SELECT id AS own, id, parent_id, 0 AS far FROM category WHERE id = ANY(CAST(:categories AS uuid[]))
    UNION ALL SELECT a.own, c.id, c.parent_id, a.far + 1 FROM above a JOIN category c ON c.id = a.parent_id)
SELECT own, array_agg(id ORDER BY far) AS ids FROM above GROUP BY own
"""

# Marked down is what once stood at a higher price: a list of the company has named one for it since.
TOP_PRICES: Final = """
SELECT v.id AS variant_id, max(p.price_vnd) AS top_vnd
  FROM variant v
  JOIN price p ON p.style_id = v.style_id AND (p.variant_id IS NULL OR p.variant_id = v.id)
  JOIN price_list l ON l.id = p.price_list_id AND l.starts_at <= :sold_at
 WHERE v.id = ANY(CAST(:variants AS uuid[]))
 GROUP BY v.id
"""


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale that goods may come back from: its head, its lines as rows and as the rules take them."""

    head: Row[Any]
    rows: Sequence[Row[Any]]
    lines: tuple[SoldLine, ...]
    back: Sequence[Row[Any]]


REFUNDS: Final = text(
    """
    SELECT r.amount_vnd, r.state FROM online_refund r
     WHERE starts_with(r.key, 'return-' || CAST(:sale AS uuid) || '-')
       AND EXISTS (SELECT 1 FROM sale s WHERE s.id = CAST(:sale AS uuid)
                      AND (CAST(:scope AS uuid[]) IS NULL OR s.location_id = ANY(CAST(:scope AS uuid[]))))
     ORDER BY r.key
    """
)


def refunds_by(tx: Session, sale_id: UUID, *, scope: Sequence[UUID] | None) -> Sequence[Row[Any]]:
    """What a return sends back to cards online, and how the provider says it stands."""
    return tx.execute(REFUNDS, {"sale": sale_id, "scope": None if scope is None else list(scope)}).all()


def sales_meant(tx: Session, q: str) -> list[UUID]:
    """The posted sales that a code, barcode or number means, the newest first."""
    query = select(Sale.id).where(meant(tx, q.strip().upper()), Sale.state == "posted")
    return list(tx.scalars(query.order_by(Sale.sold_at.desc()).limit(FOUND_MAX)))


def sold(tx: Session, sale_ids: Sequence[UUID]) -> dict[UUID, Sold]:
    """Sales with everything that a return needs to know of them."""
    named = {"sales": list(sale_ids)}
    rows = tx.execute(text(LINES), named).all()
    back = tx.execute(text(BACK), named).all()
    return {
        head.id: Sold(
            head,
            [row for row in rows if row.sale_id == head.id],
            tuple(_line(row) for row in rows if row.sale_id == head.id),
            [row for row in back if row.sale_id == head.id],
        )
        for head in tx.execute(text(HEADS), named)
    }


def families_of(tx: Session, sale_ids: Sequence[UUID]) -> list[UUID]:
    """These sales, those whose goods were swapped by them, and those that swapped theirs."""
    return list(tx.scalars(text(FAMILIES), {"sales": list(sale_ids)}))


def _line(row: Row[Any]) -> SoldLine:
    told = [pieces.Part(part["kind"], part["amount_vnd"], _id(part["promotion_id"]), part["shares"]) for part in row.parts]
    of_pieces = pieces.pieces_of_line(
        qty=row.qty, unit_vnd=row.unit_vnd, total_vnd=row.total_vnd, vat_vnd=row.vat_vnd, parts=told
    )
    reason = next((part["reason"] for part in row.parts if part["kind"] == "manual"), "other")
    parts = [
        Part("promotion", tuple(part["shares"]), None, _id(part["promotion_id"]), part["version"])
        for part in row.parts
        if part["kind"] == "promotion"
    ]
    parts.append(Part("manual", tuple(piece.manual_vnd for piece in of_pieces), reason))
    parts.append(Part("points", tuple(piece.points_vnd for piece in of_pieces)))
    return SoldLine(
        line_no=row.line_no,
        variant_id=row.variant_id,
        qty=row.qty,
        unit_vnd=row.unit_vnd,
        total_vnd=row.total_vnd,
        vat_bp=row.vat_bp,
        vat_vnd=row.vat_vnd,
        parts=tuple(part for part in parts if part.amount_vnd),
        returned=row.returned,
        refunded_vnd=row.refunded_vnd,
        vat_reversed_vnd=row.vat_reversed_vnd,
    )


def _id(text_of: str | None) -> UUID | None:
    return None if text_of is None else UUID(text_of)


def used_of_limits(tx: Session, sale_id: UUID) -> dict[str, tuple[int, int, int]]:
    """What a sale has used of its promotions: uses, pieces, đồng."""
    rows = tx.execute(
        text("SELECT promotion_id, uses, pieces, amount_vnd FROM promotion_use WHERE sale_id = :sale"), {"sale": sale_id}
    )
    return {str(row.promotion_id): (row.uses, row.pieces, row.amount_vnd) for row in rows}


def opened_by_vouchers(tx: Session, sale_id: UUID) -> dict[str, str]:
    """The promotions that the vouchers of a sale opened, by code; also those that have been given back since."""
    rows = tx.execute(
        text(
            "SELECT DISTINCT v.code, b.promotion_id FROM voucher_entry e JOIN voucher v ON v.id = e.voucher_id "
            "JOIN voucher_batch b ON b.id = v.batch_id WHERE e.sale_id = :sale AND e.kind = 'redeem'"
        ),
        {"sale": sale_id},
    )
    return {row.code: str(row.promotion_id) for row in rows}


def left_of_tenders(tx: Session, sale_ids: Sequence[UUID]) -> dict[str, int]:
    """What each kind of tender has paid for these sales and not yet been given back."""
    return {row.kind: row.left_vnd for row in tx.execute(text(PAID), {"sales": list(sale_ids)})}


@dataclass(frozen=True, slots=True)
class PointsBack:
    """Points that goods of a sale had earned and that go with them; ``spent`` are those that nobody has any more."""

    sale_id: UUID
    earned: int
    spent: int


def points_back(tx: Session, refunds: Mapping[UUID, int]) -> list[PointsBack]:
    """The points that go when so much money of each sale goes back; those of one customer are there only once."""
    free: dict[UUID, int] = {}
    found = []
    for sale_id, refund_vnd in refunds.items():
        row = tx.execute(text(POINTS), {"sale": sale_id, "refund": refund_vnd}).one_or_none()
        if row is None or not row.earned:
            continue
        left = free.get(row.customer_id, row.free)
        found.append(PointsBack(sale_id, row.earned, max(row.earned - left, 0)))
        free[row.customer_id] = max(left - row.earned, 0)
    return found


def policies(tx: Session) -> list[Policy]:
    """Every rule that was ever written."""
    return [
        Policy(row.valid_from, row.category_id, row.off_bp_min, row.days, frozenset(row.forms))
        for row in tx.scalars(select(ReturnPolicy))
    ]


def back_by(tx: Session, on: date) -> dict[str, frozenset[str]]:
    """By which forms each kind of tender goes back on a day."""
    rows = tx.scalars(select(ReturnTender).where(ReturnTender.valid_from <= on).order_by(ReturnTender.valid_from))
    return {row.kind: frozenset(row.back_by) for row in rows}


def categories_of(tx: Session, category_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Each category with those above it, the nearest first."""
    return {row.own: row.ids for row in tx.execute(text(CATEGORIES), {"categories": list(set(category_ids))})}


def top_prices(tx: Session, variant_ids: Sequence[UUID], *, sold_at: datetime) -> dict[UUID, int]:
    """The highest list price of each variant up to a sale."""
    rows = tx.execute(text(TOP_PRICES), {"variants": list(set(variant_ids)), "sold_at": sold_at})
    return {row.variant_id: row.top_vnd for row in rows}
