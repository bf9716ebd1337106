"""The documents behind a number of a report: the sales, shifts or balances that it is the sum of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.analytics.queries import KEYS, Span
from placket.analytics.tables import DISCOUNT_KEY, LIES, LOCAL, MADE

Of = Literal[
    "branch",
    "channel",
    "staff",
    "category",
    "hour",
    "weekday",
    "day",
    "discounts",
    "returns",
    "margin",
    "voids",
    "cash",
    "ageing",
    "sell_through",
    "heat",
]

MOST: Final = 200
_SALE: Final = "'sale' AS kind, s.id::text AS id, s.receipt_code AS label, s.sold_at AS at, s.location_id, s.staff_id"


def _sales(amount: str, pieces: str, condition: str) -> str:
    """Sales with lines that match, and what those lines come to."""
    return f"""
        SELECT {_SALE}, sum({amount})::bigint AS vnd, sum({pieces})::bigint AS pieces
          FROM sale s JOIN sale_line l ON l.sale_id = s.id
         WHERE {MADE} AND {condition} GROUP BY s.id
    """


_BALANCES: Final = """
SELECT 'balance' AS kind, b.location_id || ':' || v.id AS id, v.sku AS label, CAST(NULL AS timestamptz) AS at, b.location_id,
       CAST(NULL AS uuid) AS staff_id, CAST(NULL AS bigint) AS vnd, b.qty AS pieces
  FROM ({of}) b JOIN variant v ON v.id = b.variant_id JOIN style y ON y.id = v.style_id
"""
_ON_HAND: Final = """
SELECT k.location_id, k.variant_id, k.on_hand AS qty FROM stock k JOIN location p ON p.id = k.location_id
 WHERE k.on_hand > 0 AND p.kind IN ('branch', 'depot')
   AND (CAST(:places AS uuid[]) IS NULL OR k.location_id = ANY(CAST(:places AS uuid[])))
"""
_OLD: Final = f"SELECT location_id, variant_id, sum(qty)::bigint AS qty FROM ({LIES}) a GROUP BY 1, 2"
_HEAT_KEY: Final = f"extract(hour FROM {LOCAL})::int || ':' || extract(isodow FROM {LOCAL})::int"
_QUERIES: Final[Mapping[Of, str]] = {
    **{by: _sales("l.total_vnd", "l.qty", f"({key}) IS NOT DISTINCT FROM CAST(:key AS text)") for by, key in KEYS.items()},
    "heat": _sales("l.total_vnd", "l.qty", f"{_HEAT_KEY} = :key"),
    "returns": _sales("-l.total_vnd", "-l.qty", "l.qty < 0 AND coalesce(l.return_reason, 'unknown') = :key"),
    "margin": _sales(
        "l.total_vnd - l.vat_vnd",
        "l.qty",
        f"{KEYS['category']} = :key AND EXISTS (SELECT 1 FROM variant_cost k WHERE k.variant_id = l.variant_id)",
    ),
    "discounts": f"""
        SELECT {_SALE}, sum(d.amount_vnd)::bigint AS vnd, CAST(s.pieces AS bigint) AS pieces
          FROM sale s JOIN sale_discount d ON d.sale_id = s.id
         WHERE {MADE} AND {DISCOUNT_KEY} = :key GROUP BY s.id
    """,
    "voids": f"""
        SELECT {_SALE}, s.total_vnd AS vnd, CAST(s.pieces AS bigint) AS pieces
          FROM sale s WHERE {MADE.replace("'posted'", "'void'")} AND s.pieces <> 0 AND s.staff_id::text = :key
    """,
    "cash": """
        SELECT 'shift' AS kind, h.id::text AS id, t.code || ' · Z' || z.number AS label, z.closed_at AS at, h.location_id,
               h.staff_id, z.variance_vnd AS vnd, CAST(NULL AS bigint) AS pieces
          FROM z_report z JOIN shift h ON h.id = z.shift_id JOIN till t ON t.id = h.till_id
         WHERE z.closed_at >= :starts AND z.closed_at < :ends AND h.location_id::text = :key
           AND (CAST(:places AS uuid[]) IS NULL OR h.location_id = ANY(CAST(:places AS uuid[])))
    """,
    "ageing": _BALANCES.format(of=_OLD) + " WHERE y.category_id::text = :key",
    "sell_through": _BALANCES.format(of=_ON_HAND) + " WHERE y.id::text = :key",
}
UNEXPLAINED: Final = f"""
SELECT {_SALE}, sum(l.discount_vnd - coalesce(d.vnd, 0))::bigint AS vnd, CAST(s.pieces AS bigint) AS pieces
  FROM sale s JOIN sale_line l ON l.sale_id = s.id
  LEFT JOIN LATERAL (SELECT sum(amount_vnd) AS vnd FROM sale_discount
                      WHERE sale_id = l.sale_id AND line_no = l.line_no) d ON true
 WHERE {MADE} AND l.discount_vnd <> coalesce(d.vnd, 0) GROUP BY s.id
"""


@dataclass(frozen=True, slots=True)
class Documents:
    """The newest of them, and what all of them come to."""

    items: Sequence[Row[Any]]
    many: int
    vnd: int
    pieces: int


def documents_of(tx: Session, of: Of, key: str | None, span: Span, *, at: datetime) -> Documents:
    """What a row of a report is the sum of."""
    query = UNEXPLAINED if (of, key) == ("discounts", "unexplained") else _QUERIES[of]
    bound = span.bound() | {"key": key, "at": at, "most": MOST}
    items = tx.execute(
        text(
            f"""
            WITH found AS ({query})
            SELECT f.*, p.full_name AS staff_name, count(*) OVER () AS many,
                   coalesce(sum(f.vnd) OVER (), 0)::bigint AS all_vnd,
                   coalesce(sum(f.pieces) OVER (), 0)::bigint AS all_pieces
              FROM found f LEFT JOIN staff p ON p.id = f.staff_id ORDER BY f.at DESC, f.pieces DESC, f.id LIMIT :most
            """
        ),
        bound,
    ).all()
    first = items[0] if items else None
    return Documents(items, first.many if first else 0, first.all_vnd if first else 0, first.all_pieces if first else 0)
