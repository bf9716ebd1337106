"""Goods from outside: many rows, one per variant, brought into the catalogue by whole tables. See docs/rules/imports.md.

The rows are copied into tables that end with the transaction and resolved there; what they would change stands in such
tables too. ``plan_goods`` counts it, ``write_goods`` writes exactly that, so a dry run cannot disagree with the real one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket.catalog.rules import search_text, sku_of
from placket.catalog.service import goods_faults
from placket.catalog.service.barcodes import take_own_barcodes
from placket.catalog.service.goods_faults import Fault
from placket.catalog.service.versions import raise_versions
from placket.core.ids import new_id

BASE_LIST: Final = "GOC"
BASE_LIST_NAME: Final = "Giá gốc"


@dataclass(frozen=True, slots=True)
class GoodsRow:
    """A variant as somebody outside writes it: codes or names, not ids. Nothing said means nothing changed."""

    row_no: int
    style_code: str
    colour: str
    size: str
    name_vi: str | None = None
    name_en: str | None = None
    category: str | None = None
    season: str | None = None
    material: str | None = None
    vat_class: str | None = None
    size_scale: str | None = None
    barcodes: list[str] = field(default_factory=list)
    price_vnd: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What the rows change, or would change."""

    new_styles: int
    changed_styles: int
    new_variants: int
    new_barcodes: int
    price_changes: int
    without_price: int

    def __bool__(self) -> bool:
        """Whether they change anything."""
        return any(count for name, count in asdict(self).items() if name != "without_price")


def plan_goods(tx: Session, rows: Iterable[GoodsRow]) -> tuple[Changes | None, list[Fault]]:
    """Put the rows before the catalogue and say what they would change, or what is wrong with them; changes nothing."""
    _stage(tx, rows)
    faults = goods_faults.of_references(tx)
    if faults:
        return None, faults
    _resolve(tx)
    faults = goods_faults.of_goods(tx)
    if faults:
        return None, faults
    _price(tx)
    return _count(tx), []


def write_goods(tx: Session, rows: Iterable[GoodsRow], *, now: datetime) -> tuple[Changes | None, list[Fault]]:
    """Bring the rows into the catalogue, all of them or (faults answered) none. Rows it holds already change nothing.

    Waits for whoever else is changing the catalogue, as long as the caller's lock timeout allows.
    """
    tx.execute(text("SELECT 1 FROM catalogue_state FOR UPDATE"))
    changes, faults = plan_goods(tx, rows)
    if changes:
        raise_versions(tx, goods=True, prices=True)
        _write(tx, now)
    return changes, faults


COLUMNS: Final = (
    "row_no",
    "style_code",
    "colour",
    "size",
    "name_vi",
    "name_en",
    "category",
    "season",
    "material",
    "vat_class",
    "size_scale",
    "barcodes",
    "price_vnd",
)

STAGE: Final = """
CREATE TEMPORARY TABLE goods_in (
    row_no int PRIMARY KEY, style_code text NOT NULL, colour text NOT NULL, size text NOT NULL, name_vi text, name_en text,
    category text, season text, material text, vat_class text, size_scale text, barcodes text[] NOT NULL, price_vnd bigint
) ON COMMIT DROP
"""

# What a word may mean: its code first, then its names, marks and case ignored.
MEANING: Final = """
CREATE TEMPORARY TABLE in_{name} ON COMMIT DROP AS
SELECT DISTINCT ON (given) given, r.id
  FROM (SELECT DISTINCT {name} AS given FROM goods_in WHERE {name} IS NOT NULL) g
  JOIN {name} r ON f_fold(r.{code}) = f_fold(given) OR f_fold(r.name_vi) = f_fold(given) OR f_fold(r.name_en) = f_fold(given)
 ORDER BY given, f_fold(r.{code}) = f_fold(given) DESC, r.{code}
"""
REFERENCES: Final = (
    ("category", "slug"),
    ("season", "code"),
    ("vat_class", "code"),
    ("size_scale", "code"),
    ("colour", "code"),
)

# One row a style: what its first row that says something says. The only VAT class there is need not be named.
STYLES: Final = """
CREATE TEMPORARY TABLE in_style ON COMMIT DROP AS
WITH told AS (
    SELECT g.style_code AS code, min(g.row_no) AS row_no,
           (array_agg(g.name_vi ORDER BY g.row_no) FILTER (WHERE g.name_vi IS NOT NULL))[1] AS name_vi,
           (array_agg(g.name_en ORDER BY g.row_no) FILTER (WHERE g.name_en IS NOT NULL))[1] AS name_en,
           (array_agg(g.material ORDER BY g.row_no) FILTER (WHERE g.material IS NOT NULL))[1] AS material,
           (array_agg(c.id ORDER BY g.row_no) FILTER (WHERE c.id IS NOT NULL))[1] AS category_id,
           (array_agg(s.id ORDER BY g.row_no) FILTER (WHERE s.id IS NOT NULL))[1] AS season_id,
           (array_agg(v.id ORDER BY g.row_no) FILTER (WHERE v.id IS NOT NULL))[1] AS vat_class_id,
           (array_agg(z.id ORDER BY g.row_no) FILTER (WHERE z.id IS NOT NULL))[1] AS size_scale_id
      FROM goods_in g
      LEFT JOIN in_category c ON c.given = g.category
      LEFT JOIN in_season s ON s.given = g.season
      LEFT JOIN in_vat_class v ON v.given = g.vat_class
      LEFT JOIN in_size_scale z ON z.given = g.size_scale
     GROUP BY g.style_code)
SELECT t.code, t.row_no, e.id AS old_id, e.size_scale_id AS old_scale_id, CAST(NULL AS uuid) AS new_id, t.name_vi,
       t.name_en, t.material, t.category_id, t.season_id, t.size_scale_id,
       coalesce(t.vat_class_id, CASE WHEN e.id IS NULL THEN
           (SELECT (array_agg(id))[1] FROM vat_class HAVING count(*) = 1) END) AS vat_class_id
  FROM told t LEFT JOIN style e ON e.code = t.code
"""

ROWS: Final = """
CREATE TEMPORARY TABLE in_row ON COMMIT DROP AS
SELECT g.row_no, coalesce(s.old_id, s.new_id) AS style_id, c.id AS colour_id, z.id AS size_id, v.id AS variant_id,
       v.id IS NULL AS is_new, g.barcodes, g.price_vnd
  FROM goods_in g
  JOIN in_style s ON s.code = g.style_code
  JOIN in_colour c ON c.given = g.colour
  LEFT JOIN size z ON z.size_scale_id = coalesce(s.old_scale_id, s.size_scale_id) AND upper(z.code) = upper(g.size)
  LEFT JOIN variant v ON v.style_id = s.old_id AND v.colour_id = c.id AND v.size_id = z.id
"""

NEW_VARIANTS: Final = """
SELECT r.row_no, s.code, coalesce(s.name_vi, e.name_vi) AS name_vi,
       coalesce(s.name_en, e.name_en, s.name_vi) AS name_en, c.code AS colour_code, c.name_vi AS colour_vi,
       c.name_en AS colour_en, z.code AS size
  FROM in_row r
  JOIN in_style s ON r.style_id = coalesce(s.old_id, s.new_id)
  LEFT JOIN style e ON e.id = s.old_id
  JOIN colour c ON c.id = r.colour_id
  JOIN size z ON z.id = r.size_id
 WHERE r.is_new
 ORDER BY r.row_no
"""

MADE: Final = """
CREATE TEMPORARY TABLE in_made (row_no int, id uuid, sku text, search_text text, barcode text) ON COMMIT DROP
"""

BARCODES: Final = """
CREATE TEMPORARY TABLE in_barcode ON COMMIT DROP AS
SELECT r.row_no, r.variant_id, said.code, b.variant_id AS owner_id
  FROM in_row r CROSS JOIN LATERAL unnest(r.barcodes) AS said(code) LEFT JOIN barcode b ON b.code = said.code
"""

# The chain's own list: for every place and channel, begun, without end; of several the one that everything else overrides.
LIST: Final = """
CREATE TEMPORARY TABLE in_list ON COMMIT DROP AS
SELECT id FROM price_list
 WHERE channel IS NULL AND location_id IS NULL AND ends_at IS NULL AND starts_at <= now()
 ORDER BY priority, starts_at, id LIMIT 1
"""

PRICES: Final = """
CREATE TEMPORARY TABLE in_price ON COMMIT DROP AS
SELECT r.row_no, r.style_id, r.variant_id, r.price_vnd, own.price_vnd AS own_vnd, whole.price_vnd AS style_vnd
  FROM in_row r
  LEFT JOIN price own ON own.variant_id = r.variant_id AND own.price_list_id = (SELECT id FROM in_list)
   AND own.style_id = r.style_id
  LEFT JOIN price whole ON whole.style_id = r.style_id AND whole.variant_id IS NULL
   AND whole.price_list_id = (SELECT id FROM in_list)
 WHERE r.price_vnd IS NOT NULL
"""

# A style whose every variant is priced by the rows gets the commonest of these prices; only the others stand alone.
STYLE_PRICES: Final = """
CREATE TEMPORARY TABLE in_style_price ON COMMIT DROP AS
WITH priced AS (
    SELECT style_id, count(*) AS rows, mode() WITHIN GROUP (ORDER BY price_vnd) AS price_vnd,
           bool_or(coalesce(own_vnd, style_vnd) IS DISTINCT FROM price_vnd) AS changes
      FROM in_price GROUP BY style_id),
unsaid AS (
    SELECT v.style_id FROM priced JOIN variant v USING (style_id) LEFT JOIN in_price p ON p.variant_id = v.id
     WHERE v.status = 'active' AND p.variant_id IS NULL)
SELECT p.style_id, p.price_vnd FROM priced p
 WHERE p.changes AND p.style_id NOT IN (SELECT style_id FROM unsaid)
   AND p.rows = (SELECT count(*) FROM in_row r WHERE r.style_id = p.style_id)
"""

CHANGED: Final = """
CREATE TEMPORARY TABLE in_changed ON COMMIT DROP AS
SELECT e.id, s.name_vi, s.name_en, s.material, s.category_id, s.season_id, s.vat_class_id,
       coalesce(s.name_vi, e.name_vi) <> e.name_vi OR coalesce(s.name_en, e.name_en) <> e.name_en AS renamed
  FROM in_style s JOIN style e ON e.id = s.old_id
 WHERE (coalesce(s.name_vi, e.name_vi), coalesce(s.name_en, e.name_en), coalesce(s.material, e.material),
        coalesce(s.category_id, e.category_id), coalesce(s.season_id, e.season_id), coalesce(s.vat_class_id, e.vat_class_id))
       IS DISTINCT FROM (e.name_vi, e.name_en, e.material, e.category_id, e.season_id, e.vat_class_id)
"""

COUNTS: Final = """
SELECT (SELECT count(*) FROM in_style WHERE old_id IS NULL) AS new_styles,
       (SELECT count(*) FROM in_changed) AS changed_styles,
       (SELECT count(*) FROM in_made) AS new_variants,
       (SELECT count(*) FROM in_barcode WHERE owner_id IS NULL)
         + (SELECT count(*) FROM in_row WHERE is_new AND barcodes = '{}') AS new_barcodes,
       (SELECT count(*) FROM in_price WHERE coalesce(own_vnd, style_vnd) IS DISTINCT FROM price_vnd) AS price_changes,
       (SELECT count(*) FROM in_row r
         WHERE r.is_new AND r.price_vnd IS NULL
           AND NOT EXISTS (SELECT 1 FROM price p WHERE p.style_id = r.style_id AND p.variant_id IS NULL)) AS without_price
"""


def _stage(tx: Session, rows: Iterable[GoodsRow]) -> None:
    tx.execute(text(STAGE))
    _copy(tx, "goods_in", COLUMNS, ([getattr(row, column) for column in COLUMNS] for row in rows))
    tx.execute(text("ANALYZE goods_in"))
    for name, code in REFERENCES:
        tx.execute(text(MEANING.format(name=name, code=code)))
    tx.execute(text(STYLES))
    new = tx.scalars(text("SELECT code FROM in_style WHERE old_id IS NULL ORDER BY row_no")).all()
    tx.execute(text("CREATE TEMPORARY TABLE in_style_id (code text PRIMARY KEY, id uuid) ON COMMIT DROP"))
    _copy(tx, "in_style_id", ("code", "id"), ((code, new_id()) for code in new))
    tx.execute(text("UPDATE in_style s SET new_id = i.id FROM in_style_id i WHERE i.code = s.code"))
    tx.execute(text(ROWS))
    tx.execute(text("CREATE INDEX ON in_row (style_id)"))
    tx.execute(text("ANALYZE in_style"))
    tx.execute(text("ANALYZE in_row"))


def _resolve(tx: Session) -> None:
    tx.execute(text(MADE))
    made = [
        (
            row.row_no,
            new_id(),
            sku_of(row.code, row.colour_code, row.size),
            search_text(row.name_vi, row.name_en, row.code, row.colour_vi, row.colour_en, row.colour_code, row.size),
        )
        for row in tx.execute(text(NEW_VARIANTS))
    ]
    _copy(tx, "in_made", ("row_no", "id", "sku", "search_text"), made)
    tx.execute(text("UPDATE in_row r SET variant_id = m.id FROM in_made m WHERE m.row_no = r.row_no"))
    tx.execute(text(BARCODES))
    tx.execute(text("ANALYZE in_row"))


def _price(tx: Session) -> None:
    for statement in (LIST, PRICES, "CREATE INDEX ON in_price (variant_id)", "ANALYZE in_price", STYLE_PRICES, CHANGED):
        tx.execute(text(statement))


def _count(tx: Session) -> Changes:
    return Changes(**tx.execute(text(COUNTS)).one()._asdict())


def _write(tx: Session, now: datetime) -> None:
    for statement in WRITES[:2]:
        tx.execute(text(statement), {"now": now})
    _reword_renamed(tx)
    bare = tx.scalars(text("SELECT row_no FROM in_row WHERE is_new AND barcodes = '{}' ORDER BY row_no")).all()
    tx.execute(text("CREATE TEMPORARY TABLE in_own (row_no int PRIMARY KEY, code text) ON COMMIT DROP"))
    _copy(tx, "in_own", ("row_no", "code"), zip(bare, take_own_barcodes(tx, len(bare)), strict=True))
    for statement in WRITES[2:]:
        tx.execute(text(statement), {"now": now, "code": BASE_LIST, "name": BASE_LIST_NAME, "list_id": new_id()})


WRITES: Final = (
    """
    INSERT INTO style (id, code, name_vi, name_en, category_id, season_id, size_scale_id, vat_class_id, material, status,
                       created_at)
    SELECT new_id, code, name_vi, coalesce(name_en, name_vi), category_id, season_id, size_scale_id, vat_class_id, material,
           'active', :now
      FROM in_style WHERE old_id IS NULL ORDER BY row_no
    """,
    """
    UPDATE style e
       SET name_vi = coalesce(c.name_vi, e.name_vi), name_en = coalesce(c.name_en, e.name_en),
           material = coalesce(c.material, e.material), category_id = coalesce(c.category_id, e.category_id),
           season_id = coalesce(c.season_id, e.season_id), vat_class_id = coalesce(c.vat_class_id, e.vat_class_id),
           version = e.version + 1
      FROM in_changed c WHERE c.id = e.id
    """,
    """
    INSERT INTO variant (id, style_id, colour_id, size_id, sku, search_text, status)
    SELECT m.id, r.style_id, r.colour_id, r.size_id, m.sku, m.search_text, 'active'
      FROM in_made m JOIN in_row r ON r.row_no = m.row_no ORDER BY m.row_no
    """,
    "INSERT INTO barcode (code, variant_id) SELECT code, variant_id FROM in_barcode WHERE owner_id IS NULL",
    "INSERT INTO barcode (code, variant_id) SELECT o.code, r.variant_id FROM in_own o JOIN in_row r ON r.row_no = o.row_no",
    """
    WITH made AS (
        INSERT INTO price_list (id, code, name, starts_at, priority, created_at)
        SELECT :list_id, :code, :name, :now, 0, :now
         WHERE EXISTS (SELECT 1 FROM in_price) AND NOT EXISTS (SELECT 1 FROM in_list) RETURNING id)
    INSERT INTO in_list SELECT id FROM made
    """,
    """
    INSERT INTO price (id, price_list_id, style_id, variant_id, price_vnd)
    SELECT gen_random_uuid(), (SELECT id FROM in_list), style_id, NULL, price_vnd FROM in_style_price
        ON CONFLICT (price_list_id, style_id, variant_id) DO UPDATE SET price_vnd = excluded.price_vnd
    """,
    """
    INSERT INTO price (id, price_list_id, style_id, variant_id, price_vnd)
    SELECT gen_random_uuid(), (SELECT id FROM in_list), p.style_id, p.variant_id, p.price_vnd
      FROM in_price p LEFT JOIN in_style_price s ON s.style_id = p.style_id
     WHERE coalesce(p.own_vnd, s.price_vnd, p.style_vnd) IS DISTINCT FROM p.price_vnd
        ON CONFLICT (price_list_id, style_id, variant_id) DO UPDATE SET price_vnd = excluded.price_vnd
    """,
)


def _reword_renamed(tx: Session) -> None:
    """Write anew what the variants of renamed styles are found by."""
    renamed = tx.execute(
        text(
            """
            SELECT v.id, s.name_vi, s.name_en, s.code, c.name_vi AS colour_vi, c.name_en AS colour_en, c.code AS colour_code,
                   z.code AS size
              FROM in_changed n JOIN style s ON s.id = n.id JOIN variant v ON v.style_id = s.id
              JOIN colour c ON c.id = v.colour_id JOIN size z ON z.id = v.size_id
             WHERE n.renamed
            """
        )
    ).all()
    tx.execute(text("CREATE TEMPORARY TABLE in_words (id uuid PRIMARY KEY, words text) ON COMMIT DROP"))
    _copy(tx, "in_words", ("id", "words"), ((row.id, search_text(*row[1:])) for row in renamed))
    tx.execute(text("UPDATE variant v SET search_text = w.words FROM in_words w WHERE w.id = v.id"))


def _copy(tx: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows into a table of this transaction by COPY: fifty times an INSERT's speed."""
    connection = tx.connection().connection.driver_connection
    assert connection is not None, "a transaction has a connection"
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
