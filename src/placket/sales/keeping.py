"""The sales of a branch as its tills keep them on the device: to find, show and print again without the server."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket.core.http import Answer
from placket.sales.rules import receipt_barcode

DAYS: Final = timedelta(days=14)


class OrderDiscount(Answer):
    """A part of a line's discount; a promotion's has its name and says what each piece got."""

    kind: str
    name: str | None
    amount_vnd: int
    shares_vnd: list[int] | None


class OrderLine(Answer):
    """A line, as a receipt prints it, and what a till needs to take it back without the server.

    History that was loaded names no parts of its discount.
    """

    name: str
    sku: str
    qty: int
    unit_vnd: int
    discount_vnd: int
    discounts: list[OrderDiscount]
    total_vnd: int
    adviser: str | None
    source_name: str | None
    note: str | None
    line_no: int
    variant_id: UUID
    style_id: UUID
    colour: str
    size: str
    vat_bp: int
    returned: int
    refunded_vnd: int
    returns_code: str | None


class OrderOffer(Answer):
    """What the sale used of a promotion's limits."""

    promotion_id: UUID
    uses: int
    pieces: int
    amount_vnd: int


class OrderTender(Answer):
    """A tender, as a receipt prints it."""

    kind: str
    amount_vnd: int
    tendered_vnd: int | None
    change_vnd: int | None


class OrderVat(Answer):
    """What the sale holds of one rate."""

    rate_bp: int
    vat_vnd: int


class OrderKept(Answer):
    """A sale with what stands on its receipt; of the customer's phone only the end.

    ``promo_version``, ``offers`` and ``opened`` are what its promotions are reckoned by again when goods of it come back;
    ``swapped`` says that other sales belong to that, which only the server knows.
    """

    id: UUID
    receipt_code: str | None
    barcode: str | None
    channel: str
    state: str
    till_code: str | None
    till_id: UUID | None
    location_id: UUID
    staff_name: str | None
    customer_id: UUID | None
    customer_name: str | None
    phone_end: str | None
    pieces: int
    total_vnd: int
    rounding_vnd: int
    sold_at: datetime
    changed_at: datetime
    promo_version: int
    offers: list[OrderOffer]
    opened: list[UUID]
    swapped: bool
    lines: list[OrderLine]
    tenders: list[OrderTender]
    vat: list[OrderVat]


CHANGED: Final = """
    SELECT s.*, greatest(s.recorded_at, s.voided_at) AS changed_at
      FROM sale s
     WHERE s.location_id = :here AND s.sold_at >= :since AND (s.pieces <> 0 OR s.fingerprint IS NOT NULL)
       AND (CAST(:after AS timestamptz) IS NULL OR greatest(s.recorded_at, s.voided_at) > CAST(:after AS timestamptz))
     ORDER BY greatest(s.recorded_at, s.voided_at), s.id LIMIT :limit
"""

NAMED: Final = """
    SELECT s.*, greatest(s.recorded_at, s.voided_at) AS changed_at
      FROM sale s WHERE s.id = ANY(CAST(:sales AS uuid[])) AND s.pieces <> 0
"""

KEPT: Final = """
SELECT s.id, s.receipt_code, s.channel, s.state, s.till_id, s.location_id, s.promo_version, s.epoch, s.receipt_no, s.pieces,
       s.total_vnd, s.rounding_vnd,
       s.sold_at, s.changed_at, t.till_no, b.code || '-' || t.number AS till_code, p.full_name AS staff_name,
       s.customer_id, CASE WHEN :names THEN c.full_name END AS customer_name, right(c.phone, 4) AS phone_end,
       (SELECT json_agg(json_build_object('name', y.name_vi, 'sku', v.sku, 'qty', n.qty, 'unit_vnd', n.unit_vnd,
                 'discount_vnd', n.discount_vnd, 'discounts', (
                   SELECT coalesce(json_agg(json_build_object('kind', d.kind, 'name', w.name_vi, 'amount_vnd', d.amount_vnd,
                                                              'shares_vnd', d.shares_vnd) ORDER BY d.no), '[]')
                     FROM sale_discount d
                     LEFT JOIN promotion_version w ON w.promotion_id = d.promotion_id AND w.version = d.promotion_version
                    WHERE d.sale_id = n.sale_id AND d.line_no = n.line_no), 'total_vnd', n.total_vnd, 'adviser', a.full_name,
                 'note', n.note, 'source_name', CASE WHEN n.source_id <> s.location_id THEN o.name END,
                 'line_no', n.line_no, 'variant_id', n.variant_id, 'style_id', v.style_id,
                 'colour', k.name_vi, 'size', z.code, 'vat_bp', n.vat_bp, 'returned', coalesce(b.qty, 0),
                 'refunded_vnd', coalesce(b.refunded_vnd, 0),
                 'returns_code', w.receipt_code) ORDER BY n.line_no)
          FROM sale_line n JOIN variant v ON v.id = n.variant_id JOIN style y ON y.id = v.style_id
          JOIN colour k ON k.id = v.colour_id JOIN size z ON z.id = v.size_id
          JOIN location o ON o.id = n.source_id LEFT JOIN staff a ON a.id = n.adviser_id
          LEFT JOIN sale w ON w.id = n.returns_sale_id
          LEFT JOIN LATERAL (SELECT -sum(r.qty)::int AS qty, -sum(r.total_vnd)::bigint AS refunded_vnd
                               FROM sale_line r JOIN sale x ON x.id = r.sale_id
                              WHERE r.returns_sale_id = n.sale_id AND r.returns_line_no = n.line_no AND x.state = 'posted') b
            ON true
         WHERE n.sale_id = s.id) AS lines,
       (SELECT coalesce(json_agg(json_build_object('promotion_id', u.promotion_id, 'uses', u.uses, 'pieces', u.pieces,
                 'amount_vnd', u.amount_vnd) ORDER BY u.promotion_id), '[]')
          FROM promotion_use u WHERE u.sale_id = s.id) AS offers,
       ARRAY(SELECT DISTINCT b.promotion_id FROM voucher_entry e JOIN voucher v ON v.id = e.voucher_id
               JOIN voucher_batch b ON b.id = v.batch_id WHERE e.sale_id = s.id AND e.kind = 'redeem') AS opened,
       EXISTS (SELECT 1 FROM sale_line n WHERE n.stands_for_sale_id = s.id)
         OR EXISTS (SELECT 1 FROM sale_line n WHERE n.sale_id = s.id AND n.stands_for_sale_id IS NOT NULL) AS swapped,
       (SELECT coalesce(json_agg(json_build_object('kind', y.kind, 'amount_vnd', y.amount_vnd,
                 'tendered_vnd', y.tendered_vnd, 'change_vnd', y.change_vnd) ORDER BY y.no), '[]')
          FROM payment y WHERE y.sale_id = s.id AND (y.amount_vnd > 0 OR s.total_vnd < 0)) AS tenders,
       (SELECT json_agg(json_build_object('rate_bp', r.vat_bp, 'vat_vnd', r.vat_vnd) ORDER BY r.vat_bp)
          FROM (SELECT vat_bp, sum(vat_vnd)::bigint AS vat_vnd FROM sale_line WHERE sale_id = s.id GROUP BY vat_bp) r) AS vat
  FROM kept s
  LEFT JOIN till t ON t.id = s.till_id LEFT JOIN location b ON b.id = t.location_id
  LEFT JOIN staff p ON p.id = s.staff_id
  LEFT JOIN customer c ON c.id = s.customer_id
 ORDER BY s.changed_at, s.id
"""


def orders_to_keep(
    tx: Session, *, location_id: UUID, after: datetime | None, now: datetime, limit: int, names: bool
) -> Sequence[OrderKept]:
    """The sales of a branch of the last fourteen days that changed after a moment, in the order they changed.

    Without the right to see customers (``names``) nobody is named.
    """
    values = {"here": location_id, "since": now - DAYS, "after": after, "limit": limit, "names": names}
    return _kept(tx, CHANGED, values)


def orders_named(tx: Session, sale_ids: Sequence[UUID], *, names: bool) -> Sequence[OrderKept]:
    """Some sales, whenever they were, in the same shape; the newest first."""
    found = _kept(tx, NAMED, {"sales": list(sale_ids), "names": names})
    return sorted(found, key=lambda order: (order.sold_at, order.id), reverse=True)


def _kept(tx: Session, which: str, values: Mapping[str, Any]) -> list[OrderKept]:
    return [
        OrderKept(
            barcode=None
            if row.till_no is None
            else receipt_barcode(till_no=row.till_no, epoch=row.epoch, receipt_no=row.receipt_no),
            **{name: value for name, value in row._asdict().items() if name not in {"till_no", "epoch", "receipt_no"}},
        )
        for row in tx.execute(text(f"WITH kept AS ({which}) {KEPT}"), values)
    ]
