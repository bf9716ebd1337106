"""Sales of a period in sums, by whatever they are grouped by: from the sales, and for days that are over from kept sums.

A sale counts at the moment it was made, whenever it arrived; what came back counts on the day it came back; a void sale
never was. An adviser's lines are the adviser's, the others those of whoever sold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.analytics.rules import Figures, margin_bp, total
from placket.core.clock import VIETNAM, day_bounds

By = Literal["branch", "channel", "staff", "category", "hour", "weekday", "day"]

_LOCAL: Final = "s.sold_at AT TIME ZONE 'Asia/Ho_Chi_Minh'"
KEYS: Final[Mapping[By, str]] = {
    "branch": "s.location_id::text",
    "channel": "s.channel",
    "staff": "coalesce(l.adviser_id, s.staff_id)::text",
    "category": "(SELECT y.category_id::text FROM variant v JOIN style y ON y.id = v.style_id WHERE v.id = l.variant_id)",
    "hour": f"extract(hour FROM {_LOCAL})::int::text",
    "weekday": f"extract(isodow FROM {_LOCAL})::int::text",
    "day": f"({_LOCAL})::date::text",
}
SUMS: Final = """
       coalesce(sum(l.total_vnd), 0)::bigint AS revenue_vnd,
       coalesce(sum(l.total_vnd - l.vat_vnd), 0)::bigint AS net_vnd,
       count(DISTINCT s.id) FILTER (WHERE l.qty > 0) AS bills,
       coalesce(sum(l.qty) FILTER (WHERE l.qty > 0), 0)::bigint AS sold,
       coalesce(-sum(l.qty) FILTER (WHERE l.qty < 0), 0)::bigint AS returned
"""
_HERE: Final = "(CAST(:places AS uuid[]) IS NULL OR {place} = ANY(CAST(:places AS uuid[])))"
_MADE: Final = f"""
  FROM sale s JOIN sale_line l ON l.sale_id = s.id
 WHERE s.state = 'posted' AND s.sold_at >= :starts AND s.sold_at < :ends AND {_HERE.format(place="s.location_id")}
"""
_MADE_WITHIN: Final = f"""
  FROM sale s JOIN sale_line l ON l.sale_id = s.id
 WHERE s.state = 'posted' AND ({{parts}}) AND {_HERE.format(place="s.location_id")}
"""
_KEPT: Final[Mapping[By, tuple[str, str]]] = {
    "branch": ("hour", "location_id::text"),
    "channel": ("hour", "channel"),
    "staff": ("staff", "nullif(key, '')"),
    "category": ("category", "nullif(key, '')"),
    "hour": ("hour", "key"),
    "weekday": ("hour", "extract(isodow FROM on_date)::int::text"),
    "day": ("hour", "on_date::text"),
}
"""By which kept sums a period is divided, and by what of them."""
_KEPT_SUMS: Final = """
       sum(revenue_vnd)::bigint AS revenue_vnd, sum(net_vnd)::bigint AS net_vnd, sum(bills)::bigint AS bills,
       sum(sold)::bigint AS sold, sum(returned)::bigint AS returned
"""
HOURS: Final = f"""
SELECT s.location_id, s.channel, {KEYS["hour"]}::int AS hour, s.sold_at < :cut AS early, {SUMS} {_MADE}
 GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open period of time at some places; none named means all of them."""

    starts: datetime
    ends: datetime
    places: Sequence[UUID] | None

    def bound(self) -> dict[str, object]:
        """As the queries take it."""
        places = None if self.places is None else list(self.places)
        return {"starts": self.starts, "ends": self.ends, "places": places}


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of a place and a channel; ``early`` is what was sold before the moment that is compared."""

    location_id: UUID
    channel: str
    hour: int
    early: bool
    figures: Figures


def hours_of(tx: Session, span: Span, *, cut: datetime) -> list[Hour]:
    """A day by hour, place and channel. Sums of bills are right: a sale lies in one hour of one place."""
    rows = tx.execute(text(HOURS), span.bound() | {"cut": cut}).all()
    return [Hour(row.location_id, row.channel, row.hour, row.early, _figures(row)) for row in rows]


def sales_by(tx: Session, span: Span, by: By) -> dict[str | None, Figures]:
    """A period by one key. A bill counts wherever one of its lines does, so bills of staff and categories do not add up."""
    days, between = _kept_days(tx, span)
    found = {row.key: _figures(row) for row in _summed_now(tx, by, between, span)}
    of, key = _KEPT[by]
    kept = f"""
        SELECT {key} AS key, {_KEPT_SUMS} FROM day_sum
         WHERE on_date = ANY(:days) AND by = :of AND {_HERE.format(place="location_id")} GROUP BY 1
    """
    for row in tx.execute(text(kept), {"days": days, "of": of, "places": span.bound()["places"]}).all():
        found[row.key] = found.get(row.key, Figures()) + _figures(row)
    return found


def sales_of(tx: Session, span: Span) -> Figures:
    """A period as a whole."""
    return total(sales_by(tx, span, "channel").values())


def _summed_now(tx: Session, by: By, between: Sequence[tuple[datetime, datetime]], span: Span) -> Sequence[Row[Any]]:
    """The sales of some periods, summed.

    Each period is a condition of its own: from a table of them the planner cannot see how short they are, and reads all the
    lines there ever were (3.1 s instead of 0.07 at ten million).
    """
    if not between:
        return []
    bound: dict[str, object] = {}
    for no, (starts, ends) in enumerate(between):
        bound |= {f"from_{no}": starts, f"to_{no}": ends}
    parts = " OR ".join(f"(s.sold_at >= :from_{no} AND s.sold_at < :to_{no})" for no in range(len(between)))
    query = f"SELECT {KEYS[by]} AS key, {SUMS} {_MADE_WITHIN.format(parts=parts)} GROUP BY 1"
    return tx.execute(text(query), bound | {"places": span.bound()["places"]}).all()


def _kept_days(tx: Session, span: Span) -> tuple[list[date], list[tuple[datetime, datetime]]]:
    """The days of a period whose kept sums count, and the periods between them, of which the sales are summed.

    A sale that comes late, or changes, touches its day in its own transaction: from then on its sums do not count.
    """
    first, end = span.starts.astimezone(VIETNAM).date(), span.ends.astimezone(VIETNAM).date()
    days = [
        on
        for on in tx.scalars(
            text(
                """
                SELECT on_date FROM day_summed d WHERE on_date >= :first AND on_date < :end
                   AND NOT EXISTS (SELECT 1 FROM day_touched t WHERE t.on_date = d.on_date) ORDER BY on_date
                """
            ),
            {"first": first, "end": end},
        )
        if day_bounds(on)[0] >= span.starts
    ]
    edges = [span.starts, *(edge for on in days for edge in day_bounds(on)), span.ends]
    return days, [(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True) if start < stop]


def branches(tx: Session, *, on: date, places: Sequence[UUID] | None) -> Sequence[Row[Any]]:
    """The branches and depots one may look at, in the chain's order, with the target of a day."""
    return tx.execute(
        text(
            """
            SELECT p.id, p.code, p.name, p.city, p.kind, p.opened_on, t.target_vnd
              FROM location p
              LEFT JOIN sales_target t ON t.location_id = p.id AND t.on_date = :on AND t.staff_id IS NULL
             WHERE p.kind IN ('branch', 'depot') AND (CAST(:places AS uuid[]) IS NULL OR p.id = ANY(CAST(:places AS uuid[])))
             ORDER BY p.position, p.code
            """
        ),
        {"on": on, "places": None if places is None else list(places)},
    ).all()


def names_of(tx: Session, by: By, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
    """What the keys of a report are called, in Vietnamese and English; those that are words themselves are left out."""
    names = {
        "branch": "SELECT id::text, name, name FROM location WHERE id = ANY(CAST(:keys AS uuid[]))",
        "staff": "SELECT id::text, full_name, full_name FROM staff WHERE id = ANY(CAST(:keys AS uuid[]))",
        "category": "SELECT id::text, name_vi, name_en FROM category WHERE id = ANY(CAST(:keys AS uuid[]))",
    }
    if by not in names:
        return {}
    return {key: (vi, en) for key, vi, en in tx.execute(text(names[by]), {"keys": list(keys)}).all()}


def running_flash(tx: Session, *, at: datetime) -> Sequence[Row[Any]]:
    """Promotions of today with so many pieces and no more, how many are gone, and when they begin and end."""
    midnight = at.astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0)
    return tx.execute(
        text(
            """
            SELECT p.id, p.name_vi, p.name_en, m.pieces_max, m.pieces, coalesce(u.sales, 0) AS sales,
                   coalesce(u.given_vnd, 0)::bigint AS given_vnd,
                   greatest(to_timestamp((p.terms #>> '{when,starts_ms}')::bigint / 1000),
                            CAST(:today AS timestamptz) + (p.terms #>> '{when,minutes,0}')::int * interval '1 minute')
                     AS starts_at,
                   least(to_timestamp((p.terms #>> '{when,ends_ms}')::bigint / 1000),
                         CAST(:today AS timestamptz) + (p.terms #>> '{when,minutes,1}')::int * interval '1 minute')
                     AS ends_at
              FROM promotion p
              JOIN promotion_limit m ON m.promotion_id = p.id AND m.pieces_max IS NOT NULL
              LEFT JOIN LATERAL (SELECT count(*) AS sales, sum(amount_vnd) AS given_vnd FROM promotion_use
                                  WHERE promotion_id = p.id) u ON true
             WHERE p.state = 'live'
               AND coalesce((p.terms #>> '{when,starts_ms}')::bigint, 0) <= :at_ms
               AND coalesce((p.terms #>> '{when,ends_ms}')::bigint, 9e15) > :at_ms
               AND (p.terms #>> '{when,weekdays}' IS NULL
                    OR p.terms #> '{when,weekdays}' @> to_jsonb(CAST(:weekday AS int)))
             ORDER BY ends_at NULLS LAST, p.id LIMIT 3
            """
        ),
        {"at_ms": int(at.timestamp() * 1_000), "today": midnight, "weekday": midnight.isoweekday()},
    ).all()


def margins_of(tx: Session, promotion_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The gross margin in basis points of the lines that promotions made cheaper, by what pieces cost on average now.

    None for a promotion of which a piece's cost is not known: half a margin would mislead.
    """
    rows = tx.execute(
        text(
            """
            SELECT u.promotion_id, sum(l.total_vnd - l.vat_vnd)::bigint AS net_vnd,
                   sum(l.qty * c.average_vnd)::bigint AS cost_vnd
              FROM promotion_use u
              JOIN sale s ON s.id = u.sale_id AND s.state = 'posted'
              JOIN sale_line l ON l.sale_id = s.id
              LEFT JOIN variant_cost c ON c.variant_id = l.variant_id
             WHERE u.promotion_id = ANY(CAST(:ids AS uuid[]))
               AND EXISTS (SELECT 1 FROM sale_discount d WHERE d.sale_id = l.sale_id AND d.line_no = l.line_no
                                                           AND d.promotion_id = u.promotion_id)
             GROUP BY 1 HAVING bool_and(c.variant_id IS NOT NULL) AND sum(l.total_vnd - l.vat_vnd) > 0
            """
        ),
        {"ids": list(promotion_ids)},
    ).all()
    return {row.promotion_id: margin_bp(row.net_vnd, row.cost_vnd) for row in rows}


def _figures(row: Row[Any]) -> Figures:
    return Figures(row.revenue_vnd, row.net_vnd, row.bills, row.sold, row.returned)
