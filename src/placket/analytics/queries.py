"""Sales of a period in sums, by whatever they are grouped by. Straight from the sales: there is no second book to be wrong.

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

from placket.analytics.rules import Figures

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
_SUMS: Final = """
       coalesce(sum(l.total_vnd), 0)::bigint AS revenue_vnd,
       coalesce(sum(l.total_vnd - l.vat_vnd), 0)::bigint AS net_vnd,
       count(DISTINCT s.id) FILTER (WHERE l.qty > 0) AS bills,
       coalesce(sum(l.qty) FILTER (WHERE l.qty > 0), 0)::bigint AS sold,
       coalesce(-sum(l.qty) FILTER (WHERE l.qty < 0), 0)::bigint AS returned
"""
_MADE: Final = """
  FROM sale s JOIN sale_line l ON l.sale_id = s.id
 WHERE s.state = 'posted' AND s.sold_at >= :starts AND s.sold_at < :ends
   AND (CAST(:places AS uuid[]) IS NULL OR s.location_id = ANY(CAST(:places AS uuid[])))
"""
HOURS: Final = f"""
SELECT s.location_id, s.channel, {KEYS["hour"]}::int AS hour, s.sold_at < :cut AS early, {_SUMS} {_MADE}
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
    rows = tx.execute(text(f"SELECT {KEYS[by]} AS key, {_SUMS} {_MADE} GROUP BY 1"), span.bound()).all()
    return {row.key: _figures(row) for row in rows}


def sales_of(tx: Session, span: Span) -> Figures:
    """A period as a whole."""
    return _figures(tx.execute(text(f"SELECT {_SUMS} {_MADE}"), span.bound()).one())


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
    """Promotions that run now with so many pieces and no more, and how many are gone."""
    return tx.execute(
        text(
            """
            SELECT p.id, p.name_vi, p.name_en, m.pieces_max, m.pieces, coalesce(u.sales, 0) AS sales,
                   coalesce(u.given_vnd, 0)::bigint AS given_vnd,
                   to_timestamp((p.terms #>> '{when,ends_ms}')::bigint / 1000) AS ends_at
              FROM promotion p
              JOIN promotion_limit m ON m.promotion_id = p.id AND m.pieces_max IS NOT NULL
              LEFT JOIN LATERAL (SELECT count(*) AS sales, sum(amount_vnd) AS given_vnd FROM promotion_use
                                  WHERE promotion_id = p.id) u ON true
             WHERE p.state = 'live'
               AND coalesce((p.terms #>> '{when,starts_ms}')::bigint, 0) <= :at_ms
               AND coalesce((p.terms #>> '{when,ends_ms}')::bigint, 9e15) > :at_ms
             ORDER BY ends_at NULLS LAST, p.id LIMIT 3
            """
        ),
        {"at_ms": int(at.timestamp() * 1_000)},
    ).all()


def _figures(row: Row[Any]) -> Figures:
    return Figures(row.revenue_vnd, row.net_vnd, row.bills, row.sold, row.returned)
