"""Questions about e-invoices, and the two counters that give numbers out."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from placket.core import clock
from placket.einvoices.models import Einvoice, EinvoiceBuyer, EinvoiceDelivery, EinvoiceTerms
from placket.einvoices.rules import Terms

LOOKS_BACK: Final = timedelta(days=45)
"""A till that was off line for longer hands its sales to a person anyway."""

# Sales whose document is due: the buyer's time is over or a buyer has asked, and everything they return has one already.
# A voided sale is due as long as its documents still say something.
DUE: Final = text(
    """
    SELECT s.id FROM sale s
      JOIN LATERAL (SELECT * FROM einvoice_terms t WHERE t.from_on <= s.sold_on ORDER BY t.from_on DESC LIMIT 1) t ON true
     WHERE s.sold_at >= :since AND s.sold_at <= :now
       AND CASE s.state
             WHEN 'void' THEN
               (SELECT sum(e.total_vnd) FROM einvoice e JOIN einvoice_delivery d ON d.einvoice_id = e.id
                 WHERE e.sale_id = s.id AND d.state <> 'replaced') <> 0
             ELSE
               NOT EXISTS (SELECT 1 FROM einvoice e WHERE e.sale_id = s.id)
               AND (least(s.sold_at + make_interval(mins => t.buyer_minutes),
                          (s.sold_on + t.closes_at::time) AT TIME ZONE 'Asia/Ho_Chi_Minh') <= :now
                    OR EXISTS (SELECT 1 FROM einvoice_buyer b WHERE b.sale_id = s.id))
               AND EXISTS (SELECT 1 FROM sale_line n WHERE n.sale_id = s.id
                            AND (n.qty > 0 OR EXISTS (SELECT 1 FROM einvoice e WHERE e.sale_id = n.returns_sale_id)))
               AND NOT EXISTS (SELECT 1 FROM sale_line n JOIN sale o ON o.id = n.returns_sale_id
                                WHERE n.sale_id = s.id AND o.sold_at >= :since
                                  AND EXISTS (SELECT 1 FROM einvoice_terms x WHERE x.from_on <= o.sold_on)
                                  AND NOT EXISTS (SELECT 1 FROM einvoice e WHERE e.sale_id = o.id))
           END
     ORDER BY s.sold_at, s.id LIMIT :most
    """
)
SALE: Final = text(
    """
    SELECT s.*, l.code AS location_code, l.name AS location_name, coalesce(l.address, l.city) AS location_address
      FROM sale s JOIN location l ON l.id = s.location_id WHERE s.id = :sale
    """
)
LINES: Final = text(
    """
    SELECT n.line_no, n.qty, n.discount_vnd, n.total_vnd, n.vat_bp, n.vat_vnd, n.returns_sale_id, v.sku, y.name_vi,
           c.name_vi AS colour_vi, z.code AS size
      FROM sale_line n JOIN variant v ON v.id = n.variant_id JOIN style y ON y.id = v.style_id
      JOIN colour c ON c.id = v.colour_id JOIN size z ON z.id = v.size_id
     WHERE n.sale_id = :sale ORDER BY n.line_no
    """
)


def due(tx: Session, *, now: datetime, most: int) -> Sequence[UUID]:
    """The sales whose documents are to be made now, the oldest first."""
    return tx.scalars(DUE, {"now": now, "since": now - LOOKS_BACK, "most": most}).all()


def sale_of(tx: Session, sale_id: UUID) -> Row[Any]:
    """A sale with its place."""
    return tx.execute(SALE, {"sale": sale_id}).one()


def lines_of(tx: Session, sale_id: UUID) -> list[dict[str, Any]]:
    """Its lines, as an invoice names the goods."""
    return [dict(row) for row in tx.execute(LINES, {"sale": sale_id}).mappings()]


def terms_on(tx: Session, on: date) -> Terms | None:
    """What counts on a day; nothing before the first terms."""
    row = tx.scalar(select(EinvoiceTerms).where(EinvoiceTerms.from_on <= on).order_by(EinvoiceTerms.from_on.desc()).limit(1))
    if row is None:
        return None
    return Terms(
        row.form, row.letter_store, row.letter_web, row.own_signs, row.authority_signs, row.buyer_minutes, row.closes_at
    )


def terms_since(tx: Session, on: date) -> Sequence[EinvoiceTerms]:
    """The terms that count on a day, and those to come."""
    rows = tx.scalars(select(EinvoiceTerms).order_by(EinvoiceTerms.from_on.desc())).all()
    to_come = [row for row in rows if row.from_on > on]
    return [*to_come, *rows[len(to_come) : len(to_come) + 1]]


def documents_of(tx: Session, sale_id: UUID) -> Sequence[Einvoice]:
    """Every document of a sale, in their order."""
    return tx.scalars(select(Einvoice).where(Einvoice.sale_id == sale_id).order_by(Einvoice.made_at, Einvoice.id)).all()


def standing_of(tx: Session, sale_id: UUID) -> Einvoice | None:
    """The document of what a sale sold, as it stands: the one that has replaced the first, if one has."""
    standing = tx.scalar(select(Einvoice).where(Einvoice.sale_id == sale_id, Einvoice.kind == "original"))
    while standing is not None:
        by = tx.scalar(select(Einvoice).where(Einvoice.refers_to == standing.id, Einvoice.kind == "replacing"))
        if by is None:
            return standing
        standing = by
    return None


def is_replaced(tx: Session, einvoice_id: UUID) -> bool:
    """Whether another document stands for this one."""
    return tx.get_one(EinvoiceDelivery, einvoice_id).state == "replaced"


def buyer_of(tx: Session, sale_id: UUID) -> dict[str, Any] | None:
    """The company that asked for a sale's document."""
    asked = tx.get(EinvoiceBuyer, sale_id)
    if asked is None:
        return None
    return {"name": asked.name, "tax_code": asked.tax_code, "address": asked.address, "email": asked.email}


def day_of(now: datetime) -> date:
    """The business day of a moment."""
    return clock.business_day(now)


def next_number(tx: Session, serial: str) -> int:
    """The next number of a serial; its row's lock keeps the numbers without a gap."""
    query = text(
        "INSERT INTO einvoice_serial (serial, last) VALUES (:serial, 1) "
        "ON CONFLICT (serial) DO UPDATE SET last = einvoice_serial.last + 1 RETURNING last"
    )
    return int(tx.scalars(query, {"serial": serial}).one())


def block_of(tx: Session, owner: str) -> int:
    """The block of numbers that somebody gives out; a new owner gets the next one."""
    query = text("SELECT block FROM einvoice_block WHERE owner = :owner")
    known = tx.scalar(query, {"owner": owner})
    if known is not None:
        return int(known)
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('einvoice_block', 0))"))
    made = text(
        "INSERT INTO einvoice_block (owner, block) SELECT :owner, coalesce(max(block), -1) + 1 FROM einvoice_block "
        "ON CONFLICT (owner) DO UPDATE SET used = einvoice_block.used RETURNING block"
    )
    return int(tx.scalars(made, {"owner": owner}).one())


def next_in_block(tx: Session, owner: str) -> tuple[int, int]:
    """The next number of a block that the server gives out itself; a block that is full is followed by another."""
    query = text("UPDATE einvoice_block SET used = used + 1 WHERE owner = :owner AND used < 999999 RETURNING block, used")
    part = 0
    while True:
        block_of(tx, f"{owner}/{part}")
        row = tx.execute(query, {"owner": f"{owner}/{part}"}).one_or_none()
        if row is not None:
            return int(row.block), int(row.used)
        part += 1
