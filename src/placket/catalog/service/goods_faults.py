"""What can be wrong with goods from outside once their rows stand before the catalogue: questions, each by whole tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket.catalog.service.styles import VARIANTS_OF_STYLE_MAX

FAULTS_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in which row; ``column`` is the field's name."""

    row_no: int
    column: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


UNKNOWN: Final = """
SELECT g.row_no, '{name}' AS column, 'unknown_{name}' AS code, jsonb_build_object('given', g.{name}) AS facts
  FROM goods_in g WHERE g.{name} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM in_{name} r WHERE r.given = g.{name})
"""
NEEDED: Final = """
SELECT s.row_no, '{name}' AS column, 'needed' AS code, jsonb_build_object('style', s.code) AS facts
  FROM in_style s
 WHERE s.old_id IS NULL AND s.{column} IS NULL
   AND NOT EXISTS (SELECT 1 FROM goods_in g WHERE g.style_code = s.code AND g.{name} IS NOT NULL)
"""
# Two rows of one style that say different things: the later one is wrong.
DIFFERS: Final = """
SELECT g.row_no, '{name}' AS column, 'differs' AS code, jsonb_build_object('given', g.{name}, 'first', s.row_no) AS facts
  FROM goods_in g JOIN in_style s ON s.code = g.style_code
 WHERE g.{name} IS NOT NULL AND g.{name} <> s.{name}
"""
DIFFERS_BY_ID: Final = """
SELECT g.row_no, '{name}' AS column, 'differs' AS code, jsonb_build_object('given', g.{name}, 'first', s.row_no) AS facts
  FROM goods_in g JOIN in_style s ON s.code = g.style_code JOIN in_{name} r ON r.given = g.{name}
 WHERE r.id <> s.{name}_id
"""
OF_REFERENCES: Final = (
    *(UNKNOWN.format(name=name) for name in ("category", "season", "vat_class", "size_scale", "colour")),
    *(
        NEEDED.format(name=name, column=column)
        for name, column in (
            ("name_vi", "name_vi"),
            ("category", "category_id"),
            ("size_scale", "size_scale_id"),
            ("vat_class", "vat_class_id"),
        )
    ),
    *(DIFFERS.format(name=name) for name in ("name_vi", "name_en", "material")),
    *(DIFFERS_BY_ID.format(name=name) for name in ("category", "season", "vat_class", "size_scale")),
    """
    SELECT s.row_no, 'size_scale' AS column, 'scale_is_fixed' AS code, jsonb_build_object('style', s.code) AS facts
      FROM in_style s WHERE s.size_scale_id <> s.old_scale_id
    """,
    """
    SELECT r.row_no, 'size' AS column, 'unknown_size' AS code, jsonb_build_object('given', g.size) AS facts
      FROM in_row r JOIN goods_in g ON g.row_no = r.row_no
      JOIN in_style s ON s.code = g.style_code AND coalesce(s.old_scale_id, s.size_scale_id) IS NOT NULL
     WHERE r.size_id IS NULL
    """,
    """
    SELECT row_no, 'size' AS column, 'repeated' AS code, jsonb_build_object('first', first) AS facts
      FROM (SELECT row_no, min(row_no) OVER same AS first FROM in_row WHERE size_id IS NOT NULL
            WINDOW same AS (PARTITION BY style_id, colour_id, size_id)) rows
     WHERE row_no > first
    """,
)
OF_GOODS: Final = (
    """
    SELECT m.row_no, 'size' AS column, 'sku_taken' AS code, jsonb_build_object('sku', m.sku) AS facts
      FROM in_made m JOIN variant v ON v.sku = m.sku
    """,
    """
    SELECT row_no, 'size' AS column, 'sku_taken' AS code, jsonb_build_object('sku', sku) AS facts
      FROM (SELECT row_no, sku, min(row_no) OVER (PARTITION BY sku) AS first FROM in_made) made WHERE row_no > first
    """,
    """
    SELECT b.row_no, 'barcodes' AS column, 'barcode_taken' AS code,
           jsonb_build_object('barcode', b.code, 'sku', v.sku) AS facts
      FROM in_barcode b JOIN variant v ON v.id = b.owner_id
     WHERE b.owner_id <> b.variant_id
    """,
    """
    SELECT row_no, 'barcodes' AS column, 'barcode_repeated' AS code,
           jsonb_build_object('barcode', code, 'first', first) AS facts
      FROM (SELECT row_no, code, min(row_no) OVER (PARTITION BY code) AS first FROM in_barcode) rows WHERE row_no > first
    """,
    """
    SELECT min(r.row_no) AS row_no, 'style_code' AS column, 'too_many_variants' AS code,
           jsonb_build_object('most', CAST(:most AS int)) AS facts
      FROM in_row r
      LEFT JOIN (SELECT style_id, count(*) AS held FROM variant GROUP BY style_id) v ON v.style_id = r.style_id
     WHERE r.is_new GROUP BY r.style_id, v.held HAVING coalesce(v.held, 0) + count(*) > :most
    """,
)


def of_references(tx: Session) -> list[Fault]:
    """Words that mean nothing, things a new style needs, rows that contradict or repeat each other."""
    return _asked(tx, OF_REFERENCES)


def of_goods(tx: Session) -> list[Fault]:
    """Codes that belong to other goods, and styles that would grow too large."""
    return _asked(tx, OF_GOODS)


def _asked(tx: Session, questions: tuple[str, ...]) -> list[Fault]:
    """Every question at once; the faults in the order of the rows, at most a thousand."""
    union = " UNION ALL ".join(f"({question})" for question in questions)
    query = text(f"SELECT * FROM ({union}) faults ORDER BY row_no, 2 LIMIT :faults")  # noqa: S608 - questions of our own
    rows = tx.execute(query, {"most": VARIANTS_OF_STYLE_MAX, "faults": FAULTS_MAX})
    return [Fault(row.row_no, row.column, row.code, row.facts) for row in rows]
