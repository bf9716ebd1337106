"""Questions about shifts: which is open, which payments belong to it, what a Z froze and what came later."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from placket.core.clock import day_bounds
from placket.pos import shift_rules as rules
from placket.pos.shift_models import CashMove, Shift, ShiftCount, ZReport

Rows = Sequence[Row[Any]]

# Whose drawer a payment went into, or out of: the till that took it; of a void the till that voided, else the sale's own.
# Sales are voided at their own branch and within two days: that keeps the question inside one index.
PAYMENTS: Final = """
    SELECT y.sale_id, y.no, y.kind, y.amount_vnd, y.received_at, s.receipt_code, s.recorded_at, s.state
      FROM payment y
      JOIN sale s ON s.id = y.sale_id
      LEFT JOIN LATERAL (SELECT v.till_id FROM sale_timeline v
                          WHERE v.sale_id = s.id AND v.verb = 'voided' AND v.at = y.received_at
                          ORDER BY v.id LIMIT 1) voided ON s.voided_at = y.received_at
     WHERE s.location_id = :location AND coalesce(voided.till_id, s.till_id) = :till
       AND s.sold_at >= CAST(:starts AS timestamptz) - interval '2 days'
       AND s.sold_at < coalesce(CAST(:ends AS timestamptz), 'infinity')
       AND y.received_at >= :starts AND y.received_at < coalesce(CAST(:ends AS timestamptz), 'infinity')
"""

PAYMENTS_OF_ROW: Final = (
    PAYMENTS.replace(":location", "h.location_id")
    .replace(":till", "h.till_id")
    .replace(":starts", "h.opened_at")
    .replace(":ends", "h.closed_at")
)

LATE: Final = """
    SELECT p.* FROM (payments) p LEFT JOIN z_payment z ON z.sale_id = p.sale_id AND z.no = p.no
     WHERE z.sale_id IS NULL ORDER BY p.received_at, p.sale_id, p.no LIMIT 500
""".replace("payments", PAYMENTS)

LIST: Final = """
    SELECT h.id, h.state, h.location_id, l.name AS location_name, l.code || '-' || t.number AS till_code,
           p.full_name AS staff_name, h.opened_at, h.closed_at, h.float_vnd, z.number, z.expected_vnd, z.counted_vnd,
           z.variance_vnd, z.sales, z.approved_by IS NOT NULL AS approved,
           coalesce(late.amount_vnd, 0) AS late_vnd, coalesce(late.many, 0) AS late
      FROM shift h
      JOIN location l ON l.id = h.location_id
      JOIN till t ON t.id = h.till_id
      JOIN staff p ON p.id = h.staff_id
      LEFT JOIN z_report z ON z.shift_id = h.id
      LEFT JOIN LATERAL (
            SELECT sum(y.amount_vnd)::bigint AS amount_vnd, count(*) AS many
              FROM (payments) y
              LEFT JOIN z_payment n ON n.sale_id = y.sale_id AND n.no = y.no
             WHERE n.sale_id IS NULL) late ON h.state = 'closed'
     WHERE (CAST(:scope AS uuid[]) IS NULL OR h.location_id = ANY(CAST(:scope AS uuid[])))
       AND (CAST(:location AS uuid) IS NULL OR h.location_id = CAST(:location AS uuid))
       AND (CAST(:from AS timestamptz) IS NULL OR h.opened_at >= CAST(:from AS timestamptz))
       AND (CAST(:to AS timestamptz) IS NULL OR h.opened_at < CAST(:to AS timestamptz))
       AND (CAST(:before_at AS timestamptz) IS NULL OR (h.opened_at, h.id) < (:before_at, :before_id))
     ORDER BY h.opened_at DESC, h.id DESC LIMIT :limit
""".replace("payments", PAYMENTS_OF_ROW)


def open_shift_of(tx: Session, till_id: UUID, *, lock: bool = False) -> Shift | None:
    """The open shift of a till."""
    query = select(Shift).where(Shift.till_id == till_id, Shift.state == "open")
    return tx.scalar(query.with_for_update() if lock else query)


def last_close_of(tx: Session, till_id: UUID) -> Row[Any] | None:
    """When a till's last shift was closed, and what was counted then."""
    query = text("SELECT closed_at, counted_vnd, number FROM z_report WHERE till_id = :till ORDER BY number DESC LIMIT 1")
    return tx.execute(query, {"till": till_id}).one_or_none()


def payments_of(tx: Session, shift: Shift) -> Rows:
    """The payments that belong to a shift by till and moment, whether its Z counted them or not."""
    return tx.execute(text(PAYMENTS + " ORDER BY y.received_at, y.sale_id, y.no"), _period(shift)).all()


def amendments_of(tx: Session, shift: Shift) -> Rows:
    """The payments of a closed shift that arrived after its Z."""
    return tx.execute(text(LATE), _period(shift)).all()


def _period(shift: Shift) -> dict[str, object]:
    return {
        "location": shift.location_id,
        "till": shift.till_id,
        "starts": shift.opened_at,
        "ends": shift.closed_at,
    }


def moves_of(tx: Session, shift_id: UUID) -> list[CashMove]:
    """Cash moved in and out during a shift, in order."""
    return list(tx.scalars(select(CashMove).where(CashMove.shift_id == shift_id).order_by(CashMove.moved_at, CashMove.id)))


def counts_of(tx: Session, shift_id: UUID) -> list[ShiftCount]:
    """The counts of a shift, in order."""
    return list(tx.scalars(select(ShiftCount).where(ShiftCount.shift_id == shift_id).order_by(ShiftCount.no)))


def z_of(tx: Session, shift_id: UUID) -> ZReport | None:
    """The Z of a closed shift."""
    return tx.get(ZReport, shift_id)


def figures_of(tx: Session, shift: Shift, payments: Rows | None = None) -> rules.Figures:
    """A shift in sums as the books stand now."""
    rows = payments_of(tx, shift) if payments is None else payments
    return rules.figures(
        shift.float_vnd,
        [rules.Payment(row.kind, row.amount_vnd, row.sale_id) for row in rows],
        [(move.kind, move.amount_vnd) for move in moves_of(tx, shift.id)],
    )


def page_of_shifts(
    tx: Session,
    *,
    scope: Sequence[UUID] | None,
    location_id: UUID | None,
    from_on: date | None,
    to_on: date | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Rows:
    """Shifts by the day they were opened, the newest first, each with its Z and whether something came after it."""
    return tx.execute(
        text(LIST),
        {
            "scope": None if scope is None else list(scope),
            "location": location_id,
            "from": None if from_on is None else day_bounds(from_on)[0],
            "to": None if to_on is None else day_bounds(to_on)[1],
            "before_at": None if before is None else before[0],
            "before_id": None if before is None else before[1],
            "limit": limit,
        },
    ).all()


def variances(
    tx: Session, *, scope: Sequence[UUID] | None, location_id: UUID | None, from_on: date | None, to_on: date | None
) -> Rows:
    """How far the drawers of closed shifts were off, by who closed them and at which till, the farthest first."""
    return tx.execute(
        text(
            """
            SELECT p.full_name AS staff_name, l.code || '-' || t.number AS till_code, l.name AS location_name,
                   count(*) AS shifts, sum(z.variance_vnd)::bigint AS variance_vnd,
                   -coalesce(sum(z.variance_vnd) FILTER (WHERE z.variance_vnd < 0), 0)::bigint AS short_vnd,
                   coalesce(sum(z.variance_vnd) FILTER (WHERE z.variance_vnd > 0), 0)::bigint AS over_vnd
              FROM shift h
              JOIN z_report z ON z.shift_id = h.id
              JOIN location l ON l.id = h.location_id
              JOIN till t ON t.id = h.till_id
              JOIN staff p ON p.id = z.closed_by
             WHERE (CAST(:scope AS uuid[]) IS NULL OR h.location_id = ANY(CAST(:scope AS uuid[])))
               AND (CAST(:location AS uuid) IS NULL OR h.location_id = CAST(:location AS uuid))
               AND (CAST(:from AS timestamptz) IS NULL OR h.opened_at >= CAST(:from AS timestamptz))
               AND (CAST(:to AS timestamptz) IS NULL OR h.opened_at < CAST(:to AS timestamptz))
             GROUP BY p.id, p.full_name, t.id, l.id
             ORDER BY sum(abs(z.variance_vnd)) DESC, p.full_name, l.code, t.number LIMIT 200
            """
        ),
        {
            "scope": None if scope is None else list(scope),
            "location": location_id,
            "from": None if from_on is None else day_bounds(from_on)[0],
            "to": None if to_on is None else day_bounds(to_on)[1],
        },
    ).all()


def names_of(tx: Session, staff_ids: Sequence[UUID | None]) -> dict[UUID, str]:
    """The names of people by id."""
    rows = tx.execute(text("SELECT id, full_name FROM staff WHERE id = ANY(:ids)"), {"ids": [i for i in staff_ids if i]})
    return {row.id: row.full_name for row in rows}


def place_of(tx: Session, shift: Shift) -> Row[Any]:
    """The branch's name and the till's code of a shift."""
    query = text(
        "SELECT l.name AS location_name, l.code || '-' || t.number AS till_code FROM till t "
        "JOIN location l ON l.id = t.location_id WHERE t.id = :till"
    )
    return tx.execute(query, {"till": shift.till_id}).one()
