"""Posting batches of a test's own making, and looking at what the books say afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import LONG_AGO, TillAtWork
from placket import inventory, verify
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.core.money import vat_within
from placket.sales import CartLine, Outcome, SaleToPost, fingerprint, price_cart
from placket.sales.desk import POST, arguments, outcomes_of

UNIT_VND = 100_000
VAT_BP = 800

BOOKS = (
    "stock",
    "stock_ledger",
    "stock_document",
    "promise",
    "sale",
    "sale_line",
    "sale_timeline",
    "payment",
    "till_epoch",
    "till_opening",
    "exception_log",
    "event",
)


@dataclass(frozen=True)
class Line:
    """Some pieces of a variant; from the till's own branch unless a source is given; negative when they come back."""

    variant_id: UUID
    qty: int
    source_id: UUID | None = None
    returns: tuple[UUID, int] | None = None
    looked_for: int = 0
    promise_id: UUID | None = None


def a_sale(
    till: TillAtWork,
    *lines: Line,
    mode: str = "ask",
    sale_id: UUID | None = None,
    receipt_no: int | None = None,
    opening: int | None = None,
    customer_id: UUID | None = None,
    exception: str | None = None,
    at: datetime = LONG_AGO,
) -> SaleToPost:
    """A sale on its way to the desk: every piece costs 100.000 ₫ with 8 % VAT in it, paid by card."""
    priced = [
        price_cart(
            [CartLine(line.variant_id, line.source_id or till.location_id, abs(line.qty))],
            price_of=lambda _variant_id: (UNIT_VND, VAT_BP),
            price_version=1,
        ).lines[0]
        for line in lines
    ]
    vat_of = _shared_vat(lines)
    total_vnd = sum(line.qty * UNIT_VND for line in lines)
    tenders = [
        {"no": 1, "kind": "card", "amount_vnd": total_vnd, "tendered_vnd": None, "change_vnd": None, "reference": None}
    ]
    return SaleToPost(
        id=sale_id or new_id(),
        mode=mode,
        channel="store",
        location_id=till.location_id,
        till_id=till.id,
        epoch=till.epoch,
        opening=opening or till.opening,
        receipt_no=receipt_no or till.next_receipt_no(),
        staff_id=till.cashier.id,
        customer_id=customer_id,
        pieces=sum(line.qty for line in lines),
        list_vnd=total_vnd,
        discount_vnd=0,
        total_vnd=total_vnd,
        vat_vnd=sum(vat_of),
        rounding_vnd=0,
        price_version=1,
        promo_version=0,
        exception=exception,
        fingerprint=fingerprint(
            till_id=till.id, lines=priced, tenders=tenders, customer_id=customer_id, total_vnd=total_vnd
        ),
        sold_at=at.isoformat(),
        sold_on=clock.business_day(at).isoformat(),
        lines=[
            {
                "line_no": line_no,
                "variant_id": str(line.variant_id),
                "source_id": str(line.source_id or till.location_id),
                "qty": line.qty,
                "unit_vnd": UNIT_VND,
                "discount_vnd": 0,
                "total_vnd": line.qty * UNIT_VND,
                "vat_bp": VAT_BP,
                "vat_vnd": vat_of[line_no - 1],
                "adviser_id": None,
                "returns_sale_id": None if line.returns is None else str(line.returns[0]),
                "returns_line_no": None if line.returns is None else line.returns[1],
                "looked_for": line.looked_for,
                "promise_id": None if line.promise_id is None else str(line.promise_id),
            }
            for line_no, line in enumerate(lines, start=1)
        ],
        tenders=tenders,
    )


def _shared_vat(lines: Sequence[Line]) -> list[int]:
    """VAT of the pieces sold is reckoned once and shared; each line that comes back takes its own."""
    sold = [place for place, line in enumerate(lines) if line.qty > 0]
    shared = price_cart(
        [CartLine(lines[place].variant_id, lines[place].variant_id, lines[place].qty) for place in sold],
        price_of=lambda _variant_id: (UNIT_VND, VAT_BP),
        price_version=1,
    )
    vat_of = [vat_within(line.qty * UNIT_VND, VAT_BP) for line in lines]
    for place, line in zip(sold, shared.lines, strict=True):
        vat_of[place] = line.vat_vnd
    return vat_of


def raw(tx: Session) -> Connection[Any]:
    """The driver's own connection under a session, in the same transaction."""
    tx.flush()
    connection = tx.connection().connection.driver_connection
    assert isinstance(connection, Connection)
    return connection


def post(tx: Session, *sales: SaleToPost) -> list[Outcome]:
    """Post one batch in the caller's transaction."""
    return outcomes_of(raw(tx).execute(POST, arguments(sales)).fetchall())


def kinds(outcomes: Sequence[Outcome]) -> list[str]:
    """What became of each sale of a batch."""
    return [outcome.kind for outcome in outcomes]


def on_hand(tx: Session, location_id: UUID, variant_id: UUID) -> int:
    """Pieces on hand by the books; none is nothing."""
    return balance(tx, location_id, variant_id)[0]


def balance(tx: Session, location_id: UUID, variant_id: UUID) -> tuple[int, int, int]:
    """(on hand, promised, short) of a cell; nothing anywhere is (0, 0, 0)."""
    row = tx.execute(
        text("SELECT on_hand, promised, short FROM stock WHERE location_id = :l AND variant_id = :v"),
        {"l": location_id, "v": variant_id},
    ).one_or_none()
    return (0, 0, 0) if row is None else (row.on_hand, row.promised, row.short)


def fingerprints(tx: Session) -> dict[str, str]:
    """A checksum of every table of the books: equal means that nothing has changed."""
    tx.flush()
    query = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
    return {table: tx.scalars(text(query.format(table))).one() for table in BOOKS}


def count(tx: Session, table: str) -> int:
    """Rows of a table."""
    return int(tx.scalars(text(f"SELECT count(*) FROM {table}")).one())


def prove(database: Database) -> None:
    """The books of a database are right."""
    with database.snapshot() as tx:
        findings = verify.prove(raw(tx))
        assert findings == [], findings


def count_shelf(tx: Session, location_id: UUID, counted: dict[UUID, int], *, by: UUID, now: datetime) -> None:
    """Somebody counts what lies on the shelf. Refuses like ``record_count``."""
    inventory.record_count(
        tx, document_id=new_id(), location_id=location_id, counted=counted, reason="Kiểm kê", by=inventory.By(by), now=now
    )
