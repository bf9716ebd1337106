"""Reports other than of sales, each one table: discounts, returns, people, cash, how long stock lies, how well it sells.

A table is rows under columns of whole numbers; shares are basis points. docs/rules/metrics.md says what each figure is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket.analytics.queries import Span
from placket.analytics.rules import margin_bp
from placket.core.money import rounded_quotient

Kind = Literal["discounts", "returns", "margin", "staff", "cash", "ageing", "sell_through", "heat"]
Unit = Literal["vnd", "count", "bp", "weeks10"]

ROWS_MAX: Final = 500
_BP: Final = 10_000
_HERE: Final = "(CAST(:places AS uuid[]) IS NULL OR {place} = ANY(CAST(:places AS uuid[])))"
MADE: Final = f"s.state = 'posted' AND s.sold_at >= :starts AND s.sold_at < :ends AND {_HERE.format(place='s.location_id')}"
LOCAL: Final = "s.sold_at AT TIME ZONE 'Asia/Ho_Chi_Minh'"
DAYS: Final = (30, 60, 90, 180)
"""Where the ages of stock are parted, in days."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: what it is of, what that is called where the database knows it, and a number under every column."""

    key: str
    name_vi: str | None
    name_en: str | None
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Table:
    """A report: columns with their units, rows in the order they are read, and what all of them come to."""

    columns: Sequence[tuple[str, Unit]]
    rows: Sequence[Row]
    total: Sequence[int | None]


def table_of(tx: Session, kind: Kind, span: Span, *, at: datetime) -> Table:
    """A report of a period at some places; stock is as it is at ``at``."""
    columns, query, finish = _REPORTS[kind]
    bound = span.bound() | {"at": at, "most": ROWS_MAX}
    found = [Row(row[0], row[1], row[2], list(row[3:])) for row in tx.execute(text(query), bound)]
    total: list[int | None] = (
        [_sum(row.values[place] for row in found) for place in range(len(found[0].values))] if found else []
    )
    weeks10 = max(1, rounded_quotient(10 * (span.ends - span.starts).days, 7))
    return finish(columns, found, total, weeks10)


def _sum(values: Iterable[int | None]) -> int:
    return sum(value or 0 for value in values)


Columns = Sequence[tuple[str, Unit]]
Finish = Callable[[Columns, list[Row], list[int | None], int], Table]


def _plain(columns: Columns, rows: list[Row], total: list[int | None], weeks10: int) -> Table:
    del weeks10
    return Table(columns, rows, total)


def _with_share(columns: Columns, rows: list[Row], total: list[int | None], weeks10: int) -> Table:
    """The first column's share of its total stands at the end."""
    del weeks10
    whole = total[0] if total else 0
    shared = [Row(row.key, row.name_vi, row.name_en, [*row.values, share_bp(row.values[0], whole)]) for row in rows]
    return Table(columns, shared, [*total, share_bp(whole, whole)] if total else [])


def _with_rate(columns: Columns, rows: list[Row], total: list[int | None], weeks10: int) -> Table:
    """Sell-through and weeks of cover, from pieces sold and pieces on hand."""

    def rated(values: Sequence[int | None]) -> list[int | None]:
        sold, on_hand = values[0] or 0, values[1] or 0
        return [
            sold,
            on_hand,
            share_bp(sold, sold + on_hand),
            rounded_quotient(on_hand * weeks10, sold) if sold > 0 else None,
        ]

    return Table(
        columns, [Row(row.key, row.name_vi, row.name_en, rated(row.values)) for row in rows], rated(total or [0, 0])
    )


def _with_margin(columns: Columns, rows: list[Row], total: list[int | None], weeks10: int) -> Table:
    """The margin stands behind the gross profit, before what has no cost and is in none of the three."""
    del weeks10

    def rated(values: Sequence[int | None]) -> list[int | None]:
        net_vnd, cost_vnd, profit_vnd, uncosted_vnd = (value or 0 for value in values)
        return [net_vnd, cost_vnd, profit_vnd, margin_bp(net_vnd, cost_vnd) if net_vnd > 0 else None, uncosted_vnd]

    rated_rows = [Row(row.key, row.name_vi, row.name_en, rated(row.values)) for row in rows]
    return Table(columns, rated_rows, rated(total) if total else [])


def share_bp(part: int | None, whole: int | None) -> int | None:
    """A part of a whole in basis points; of nothing there is none."""
    return None if not whole or part is None else rounded_quotient(part * _BP, whole)


DISCOUNT_KEY: Final = """
CASE d.kind WHEN 'promotion' THEN 'promotion:' || d.promotion_id WHEN 'manual' THEN 'manual:' || d.reason ELSE d.kind END
"""
# History that was loaded keeps its discounts without their parts.
_DISCOUNTS: Final = f"""
WITH part AS (
    SELECT {DISCOUNT_KEY} AS key, d.promotion_id, d.amount_vnd, d.sale_id
      FROM sale s JOIN sale_discount d ON d.sale_id = s.id WHERE {MADE}
     UNION ALL
    SELECT 'unexplained', NULL, sum(l.discount_vnd - coalesce(d.vnd, 0)), s.id
      FROM sale s JOIN sale_line l ON l.sale_id = s.id
      LEFT JOIN LATERAL (SELECT sum(amount_vnd) AS vnd FROM sale_discount
                          WHERE sale_id = l.sale_id AND line_no = l.line_no) d ON true
     WHERE {MADE} AND l.discount_vnd <> coalesce(d.vnd, 0) GROUP BY s.id)
SELECT p.key, m.name_vi, m.name_en, sum(p.amount_vnd)::bigint, count(DISTINCT p.sale_id)
  FROM part p LEFT JOIN promotion m ON m.id = p.promotion_id
 GROUP BY p.key, m.name_vi, m.name_en ORDER BY 4 DESC, 1
"""
_RETURNS: Final = f"""
SELECT coalesce(l.return_reason, 'unknown'), CAST(NULL AS text), CAST(NULL AS text), -sum(l.qty), -sum(l.total_vnd)::bigint,
       count(DISTINCT s.id), -coalesce(sum(l.qty) FILTER (WHERE l.condition = 'sell'), 0),
       -coalesce(sum(l.qty) FILTER (WHERE l.condition = 'damaged'), 0),
       -coalesce(sum(l.qty) FILTER (WHERE l.condition = 'scrap'), 0)
  FROM sale s JOIN sale_line l ON l.sale_id = s.id AND l.qty < 0
 WHERE {MADE} GROUP BY 1 ORDER BY 4 DESC, 1
"""
# What a piece costs on average now; what is sold without a known cost would only mislead, and stands apart.
_MARGIN: Final = f"""
SELECT y.category_id::text, c.name_vi, c.name_en,
       coalesce(sum(l.total_vnd - l.vat_vnd) FILTER (WHERE k.average_vnd IS NOT NULL), 0)::bigint,
       coalesce(sum(l.qty * k.average_vnd), 0)::bigint,
       coalesce(sum(l.total_vnd - l.vat_vnd - l.qty * k.average_vnd), 0)::bigint,
       coalesce(sum(l.total_vnd - l.vat_vnd) FILTER (WHERE k.average_vnd IS NULL), 0)::bigint
  FROM sale s JOIN sale_line l ON l.sale_id = s.id
  JOIN variant v ON v.id = l.variant_id JOIN style y ON y.id = v.style_id JOIN category c ON c.id = y.category_id
  LEFT JOIN variant_cost k ON k.variant_id = l.variant_id
 WHERE {MADE} GROUP BY 1, 2, 3 ORDER BY 6 DESC, 1
"""
# Sales are an adviser's or the seller's; what was given by hand, and what was voided, is the seller's.
_STAFF: Final = f"""
WITH sold AS (
    SELECT coalesce(l.adviser_id, s.staff_id) AS staff_id, sum(l.total_vnd) AS vnd,
           count(DISTINCT s.id) FILTER (WHERE l.qty > 0) AS bills, sum(l.qty) FILTER (WHERE l.qty > 0) AS pieces,
           -sum(l.qty) FILTER (WHERE l.qty < 0) AS returned
      FROM sale s JOIN sale_line l ON l.sale_id = s.id WHERE {MADE} GROUP BY 1),
given AS (
    SELECT s.staff_id, sum(d.amount_vnd) AS vnd
      FROM sale s JOIN sale_discount d ON d.sale_id = s.id AND d.kind = 'manual' WHERE {MADE} GROUP BY 1),
voided AS (
    SELECT s.staff_id, count(*) AS sales, sum(s.total_vnd) AS vnd
      FROM sale s WHERE {MADE.replace("'posted'", "'void'")} AND s.pieces <> 0 GROUP BY 1)
SELECT p.id::text, p.full_name, p.full_name, coalesce(sold.vnd, 0)::bigint, coalesce(sold.bills, 0),
       coalesce(sold.pieces, 0), coalesce(sold.returned, 0), coalesce(given.vnd, 0)::bigint, coalesce(voided.sales, 0),
       coalesce(voided.vnd, 0)::bigint
  FROM staff p
  LEFT JOIN sold ON sold.staff_id = p.id
  LEFT JOIN given ON given.staff_id = p.id
  LEFT JOIN voided ON voided.staff_id = p.id
 WHERE coalesce(sold.staff_id, given.staff_id, voided.staff_id) IS NOT NULL ORDER BY 4 DESC, 2
"""
_CASH: Final = f"""
SELECT p.id::text, p.name, p.name, count(*), sum(z.cash_sales_vnd)::bigint, sum(z.cash_refunds_vnd)::bigint,
       sum(z.in_vnd)::bigint, sum(z.out_vnd)::bigint, sum(z.expected_vnd)::bigint, sum(z.counted_vnd)::bigint,
       sum(z.variance_vnd)::bigint, count(*) FILTER (WHERE z.variance_vnd <> 0)
  FROM z_report z JOIN shift h ON h.id = z.shift_id JOIN location p ON p.id = h.location_id
 WHERE z.closed_at >= :starts AND z.closed_at < :ends AND {_HERE.format(place="h.location_id")}
 GROUP BY p.id, p.name, p.position ORDER BY p.position, 1
"""
# Pieces on hand are the last that came in: newest arrivals first, until what lies there is accounted for.
LIES: Final = f"""
SELECT c.location_id, c.variant_id, least(c.qty, c.on_hand - c.later) AS qty,
       extract(day FROM CAST(:at AS timestamptz) - c.occurred_at)::int AS days
  FROM (SELECT k.location_id, k.variant_id, k.on_hand, g.qty, g.occurred_at,
               sum(g.qty) OVER (PARTITION BY k.location_id, k.variant_id ORDER BY g.id DESC) - g.qty AS later
          FROM stock k
          JOIN location p ON p.id = k.location_id AND p.kind IN ('branch', 'depot')
          JOIN stock_ledger g USING (location_id, variant_id)
         WHERE k.on_hand > 0 AND g.qty > 0 AND {_HERE.format(place="k.location_id")}) c
 WHERE c.later < c.on_hand
"""
_AGES: Final = ", ".join(
    f"coalesce(sum(a.qty) FILTER (WHERE a.days >= {low}{f' AND a.days < {high}' if high else ''}), 0)::bigint"
    for low, high in zip((0, *DAYS), (*DAYS, None), strict=True)
)
_AGEING: Final = f"""
SELECT y.category_id::text, c.name_vi, c.name_en, sum(a.qty)::bigint, {_AGES}
  FROM ({LIES}) a JOIN variant v ON v.id = a.variant_id JOIN style y ON y.id = v.style_id
  JOIN category c ON c.id = y.category_id
 GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1
"""
_SELL_THROUGH: Final = f"""
SELECT y.id::text, y.name_vi, coalesce(y.name_en, y.name_vi), coalesce(sold.qty, 0)::bigint, coalesce(here.qty, 0)::bigint
  FROM style y
  LEFT JOIN (SELECT v.style_id, sum(l.qty) AS qty
               FROM sale s JOIN sale_line l ON l.sale_id = s.id JOIN variant v ON v.id = l.variant_id
              WHERE {MADE} GROUP BY 1) sold ON sold.style_id = y.id
  LEFT JOIN (SELECT v.style_id, sum(k.on_hand) AS qty
               FROM stock k JOIN variant v ON v.id = k.variant_id
               JOIN location p ON p.id = k.location_id AND p.kind IN ('branch', 'depot')
              WHERE k.on_hand > 0 AND {_HERE.format(place="k.location_id")} GROUP BY 1) here ON here.style_id = y.id
 WHERE coalesce(sold.qty, 0) <> 0 OR coalesce(here.qty, 0) <> 0
 ORDER BY 4 DESC, 5 DESC, 1 LIMIT :most
"""
_WEEK: Final = ", ".join(
    f"coalesce(sum(s.total_vnd) FILTER (WHERE extract(isodow FROM {LOCAL}) = {day}), 0)::bigint" for day in range(1, 8)
)
_HEAT: Final = f"""
SELECT extract(hour FROM {LOCAL})::int::text, CAST(NULL AS text), CAST(NULL AS text), {_WEEK}
  FROM sale s WHERE {MADE} GROUP BY 1 ORDER BY min(extract(hour FROM {LOCAL}))
"""
_REPORTS: Final[Mapping[Kind, tuple[Columns, str, Finish]]] = {
    "discounts": ((("vnd", "vnd"), ("bills", "count"), ("share", "bp")), _DISCOUNTS, _with_share),
    "returns": (
        (
            ("pieces", "count"),
            ("vnd", "vnd"),
            ("bills", "count"),
            ("sell", "count"),
            ("damaged", "count"),
            ("scrap", "count"),
            ("share", "bp"),
        ),
        _RETURNS,
        _with_share,
    ),
    "margin": (
        (("net", "vnd"), ("cost", "vnd"), ("profit", "vnd"), ("margin", "bp"), ("uncosted", "vnd")),
        _MARGIN,
        _with_margin,
    ),
    "staff": (
        (
            ("revenue", "vnd"),
            ("bills", "count"),
            ("sold", "count"),
            ("returned", "count"),
            ("by_hand", "vnd"),
            ("voids", "count"),
            ("voided", "vnd"),
        ),
        _STAFF,
        _plain,
    ),
    "cash": (
        (
            ("shifts", "count"),
            ("cash_sales", "vnd"),
            ("cash_refunds", "vnd"),
            ("cash_in", "vnd"),
            ("cash_out", "vnd"),
            ("expected", "vnd"),
            ("counted", "vnd"),
            ("variance", "vnd"),
            ("off", "count"),
        ),
        _CASH,
        _plain,
    ),
    "ageing": (
        (("pieces", "count"), *((f"days_{low}", "count") for low in (0, *DAYS))),
        _AGEING,
        _plain,
    ),
    "sell_through": (
        (("net_sold", "count"), ("on_hand", "count"), ("sell_through", "bp"), ("cover", "weeks10")),
        _SELL_THROUGH,
        _with_rate,
    ),
    "heat": (tuple((f"d{day}", "vnd") for day in range(1, 8)), _HEAT, _plain),
}
