"""Rows into PostgreSQL as fast as it takes them: COPY from a thread of its own, into tables without their indexes.

Indexes and foreign keys are dropped and made again in the same transaction, so they are checked over the whole and a
fill that fails leaves an empty database as it was.
"""

import queue
from collections.abc import Callable, Iterable, Mapping
from threading import Thread
from typing import Any, Final

import psycopg
from psycopg import sql

COLUMNS: Final[Mapping[str, str]] = {
    "sale": "id, channel, location_id, till_id, epoch, opening, receipt_no, receipt_code, staff_id, state, customer_id, "
    "pieces, list_vnd, discount_vnd, total_vnd, vat_vnd, rounding_vnd, price_version, promo_version, sold_at, sold_on, "
    "recorded_at, voided_at",
    "sale_line": "sale_id, line_no, variant_id, source_id, qty, unit_vnd, discount_vnd, total_vnd, vat_bp, vat_vnd, "
    "adviser_id, returns_sale_id, returns_line_no, return_reason, condition",
    "sale_discount": "sale_id, line_no, no, kind, amount_vnd, promotion_id, promotion_version, shares_vnd",
    "promotion_use": "sale_id, promotion_id, version, customer_id, uses, pieces, amount_vnd",
    "payment": "sale_id, no, kind, amount_vnd, tendered_vnd, change_vnd, reference, received_at",
    "sale_timeline": "sale_id, at, verb, staff_id, till_id, facts",
    "stock_document": "id, kind, reason, staff_id, created_at",
    "goods_receipt": "id, number, supplier_id, location_id, staff_id, received_at, note, fingerprint",
    "receipt_line": "receipt_id, variant_id, accepted, rejected, unit_cost_vnd, pieces_before, cost_before_vnd, "
    "cost_after_vnd",
    "stock_ledger": "location_id, variant_id, qty, kind, ref, staff_id, till_id, epoch, occurred_at, recorded_at",
    "till_opening": "till_id, opening, location_id, epoch, state, attached_at, ended_at, end_reason",
}
NULL: Final = r"\N"
HEAVY: Final = ("customer", "sale", "sale_line", "payment", "stock", "stock_ledger", "till_opening")
ROWS_OF_CHUNK: Final = 10_000


class Writer:
    """Takes rows of several tables and copies them, in the order they came, while its caller makes more."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._rows: dict[str, list[str]] = {table: [] for table in COLUMNS}
        self._chunks: queue.Queue[tuple[str, list[str]] | None] = queue.Queue(maxsize=16)
        self._failure: Exception | None = None
        self._thread = Thread(target=self._copy, name="demo writer", daemon=True)
        self._thread.start()

    def rows(self, table: str) -> Callable[[str], None]:
        """The function that takes one row of a table, its columns (``COLUMNS``) parted by tabs."""
        return self._rows[table].append

    def flush(self, *, at_least: int = ROWS_OF_CHUNK) -> None:
        """Hand over what has gathered, when it is enough. Sales go before what belongs to them."""
        if len(self._rows["stock_ledger"]) >= at_least:
            for table, rows in self._rows.items():
                if rows:
                    self._chunks.put((table, rows.copy()))
                    rows.clear()
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Copy the rest and wait until all is written."""
        try:
            self.flush(at_least=0)
        finally:
            self._chunks.put(None)
            self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _copy(self) -> None:
        while (chunk := self._chunks.get()) is not None:
            if self._failure is None:
                try:
                    copy_rows(self._connection, chunk[0], COLUMNS[chunk[0]], chunk[1])
                except Exception as failure:  # noqa: BLE001 - raised again in the caller's thread
                    self._failure = failure


def copy_rows(connection: psycopg.Connection[Any], table: str, columns: str, rows: Iterable[str]) -> None:
    """Copy rows whose columns are parted by tabs; ``NULL`` stands for nothing."""
    text = "\n".join(rows)
    if text:
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
            copy.write(text + "\n")


def row_of(*values: object) -> str:
    """One row in COPY's text form, for tables that are not worth more care."""
    return "\t".join(_text(value) for value in values)


def _text(value: object) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    return str(value).replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n")


def strip(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Drop the foreign keys and secondary indexes of the heavy tables; answers what makes them again, table by table."""
    tables = list(HEAVY)
    indexes = connection.execute(
        "SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        "WHERE i.indrelid = ANY(%s::regclass[]) "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 1, 2",
        [tables],
    ).fetchall()
    keys = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY 1, 2",
        [tables],
    ).fetchall()
    again: dict[str, list[str]] = {table: [] for table in HEAVY}
    for table, index, definition in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index)))
        again[table].append(definition)
    for table, key, definition in keys:
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(key)))
        again[table].append(f"ALTER TABLE {table} ADD CONSTRAINT {key} {definition}")
    # History touches no day: there are no sums yet that it could make wrong.
    connection.execute("ALTER TABLE sale DISABLE TRIGGER touch_day_late")
    again["sale"].append("ALTER TABLE sale ENABLE TRIGGER touch_day_late")
    return again
