"""Bringing in the customers and the opening stock of a shop that moves to Placket: planned by whole tables, then written.

Opening points, credit and stock are opened once. The same customers again change nothing; pieces that have moved since are
no opening stock any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import catalog, crm, inventory
from placket.core.ids import new_id
from placket.imports.moving_rules import CustomerRow, StockRow

OPENING: Final = UUID("6f8a1c52-94d0-5b7e-8f43-2a9c0e7d1b60")
REASON: Final = "Số dư chuyển sang"
REASON_STOCK: Final = "Tồn đầu kỳ"
CONSENT: Final = "chuyển sang từ hệ thống cũ"


@dataclass(frozen=True, slots=True)
class CustomersIn:
    """What a file of customers changes."""

    new_customers: int
    known_customers: int
    points: int
    credit_vnd: int


@dataclass(frozen=True, slots=True)
class StockIn:
    """What a file of opening stock changes."""

    places: int
    variants: int
    pieces: int


def points_id(phone: str) -> UUID:
    """The lot of a customer's opening points."""
    return uuid5(OPENING, f"points {phone}")


def credit_id(phone: str) -> UUID:
    """The issue of a customer's opening credit."""
    return uuid5(OPENING, f"credit {phone}")


def plan_customers(tx: Session, rows: Sequence[CustomerRow]) -> tuple[CustomersIn | None, list[catalog.Fault]]:
    """What the rows would change, or what is wrong with them."""
    places, known = _places(tx), _known(tx, rows)
    before = _opened(tx, rows)
    faults = [*_repeated([(row.row_no, row.phone) for row in rows], "phone", "phone_repeated")]
    points = credit_vnd = 0
    for row in rows:
        if row.branch is not None and row.branch.casefold() not in places:
            faults.append(catalog.Fault(row.row_no, "branch", "unknown_branch", {"given": row.branch[:60]}))
        for column, key, wanted in (
            ("points", points_id(row.phone), row.points),
            ("credit_vnd", credit_id(row.phone), row.credit_vnd),
        ):
            was = before.get(key)
            if wanted and was is not None and was != wanted:
                faults.append(catalog.Fault(row.row_no, column, "opened_before", {"was": was}))
            elif wanted and was is None:
                points += wanted if column == "points" else 0
                credit_vnd += wanted if column == "credit_vnd" else 0
    if faults:
        return None, faults
    news = sum(row.phone not in known for row in rows)
    return CustomersIn(news, len(rows) - news, points, credit_vnd), []


def write_customers(
    tx: Session, rows: Sequence[CustomerRow], *, staff_id: UUID, now: datetime
) -> tuple[CustomersIn | None, list[catalog.Fault]]:
    """Bring the rows in, unless something is wrong with one."""
    changes, faults = plan_customers(tx, rows)
    if faults:
        return None, faults
    places, known, before = _places(tx), _known(tx, rows), _opened(tx, rows)
    by = crm.By(staff_id)
    for row in rows:
        customer_id = known.get(row.phone) or _made(tx, row, places, by, now)
        if row.points and points_id(row.phone) not in before:
            crm.open_points(tx, lot_id=points_id(row.phone), customer_id=customer_id, points=row.points, now=now)
        if row.credit_vnd:
            crm.issue_credit(
                tx,
                issue_id=credit_id(row.phone),
                customer_id=customer_id,
                amount_vnd=row.credit_vnd,
                reason=REASON,
                by=by,
                now=now,
            )
    return changes, []


def plan_stock(tx: Session, rows: Sequence[StockRow]) -> tuple[StockIn | None, list[catalog.Fault]]:
    """What the rows would change, or what is wrong with them."""
    moves, faults = _resolved(tx, rows)
    if faults:
        return None, faults
    places = {place for place, _, _ in moves}
    return StockIn(len(places), len({variant for _, variant, _ in moves}), sum(qty for _, _, qty in moves)), []


def write_stock(
    tx: Session, rows: Sequence[StockRow], *, staff_id: UUID, now: datetime
) -> tuple[StockIn | None, list[catalog.Fault]]:
    """Book the rows as opening stock, a document a place, unless something is wrong with one."""
    changes, faults = plan_stock(tx, rows)
    if faults:
        return None, faults
    moves, _ = _resolved(tx, rows)
    for place in sorted({place for place, _, _ in moves}):
        inventory.adjust(
            tx,
            document_id=new_id(),
            kind="opening",
            reason=REASON_STOCK,
            location_id=place,
            lines=[inventory.Move(variant, qty) for there, variant, qty in moves if there == place],
            by=inventory.By(staff_id),
            now=now,
        )
    return changes, []


def _made(tx: Session, row: CustomerRow, places: dict[str, UUID], by: crm.By, now: datetime) -> UUID:
    customer_id = new_id()
    crm.create_customer(
        tx,
        customer_id=customer_id,
        details=crm.Details(
            full_name=row.full_name,
            phone=row.phone,
            birthday=None if row.birthday is None else crm.Birthday(*row.birthday),
            note=row.note,
            language=row.language,
        ),
        home_location_id=None if row.branch is None else places[row.branch.casefold()],
        agreed=[
            *([] if row.loyalty is None else [crm.Agreed("loyalty", row.loyalty, CONSENT)]),
            *([] if row.marketing is None else [crm.Agreed("marketing", row.marketing, CONSENT)]),
        ],
        channel="import",
        by=by,
        now=now,
    )
    return customer_id


def _places(tx: Session) -> dict[str, UUID]:
    """Branches and depots by code and by name."""
    rows = tx.execute(text("SELECT id, code, name FROM location WHERE status <> 'books'"))
    return {word.casefold(): row.id for row in rows for word in (row.code, row.name)}


def _known(tx: Session, rows: Sequence[CustomerRow]) -> dict[str, UUID]:
    found = text("SELECT phone, id FROM customer WHERE phone = ANY(:phones) AND merged_into IS NULL")
    return {row.phone: row.id for row in tx.execute(found, {"phones": [row.phone for row in rows]})}


def _opened(tx: Session, rows: Sequence[CustomerRow]) -> dict[UUID, int]:
    """Opening points and credit that were brought in before."""
    found = text(
        "SELECT id, points AS amount FROM loyalty_lot WHERE id = ANY(:lots) UNION ALL "
        "SELECT ref, amount_vnd FROM credit_entry WHERE ref = ANY(:issues) AND kind = 'issue'"
    )
    keys = {"lots": [points_id(row.phone) for row in rows], "issues": [credit_id(row.phone) for row in rows]}
    return {row.id: row.amount for row in tx.execute(found, keys)}


def _resolved(tx: Session, rows: Sequence[StockRow]) -> tuple[list[tuple[UUID, UUID, int]], list[catalog.Fault]]:
    """The rows as (place, variant, pieces), or what is wrong with them."""
    places = _places(tx)
    codes = {"codes": [row.code.upper() for row in rows], "barcodes": [catalog.barcode_of(row.code) for row in rows]}
    variants: dict[str, tuple[UUID, str]] = {}
    for found in tx.execute(
        text(
            "SELECT upper(sku) AS code, id, sku FROM variant WHERE upper(sku) = ANY(:codes) UNION ALL "
            "SELECT b.code, v.id, v.sku FROM barcode b JOIN variant v ON v.id = b.variant_id WHERE b.code = ANY(:barcodes)"
        ),
        codes,
    ):
        variants[found.code] = (found.id, found.sku)
    faults: list[catalog.Fault] = []
    moves: list[tuple[int, UUID, UUID, str, int]] = []
    for row in rows:
        place = places.get(row.branch.casefold())
        goods = variants.get(row.code.upper()) or variants.get(catalog.barcode_of(row.code) or "")
        if place is None:
            faults.append(catalog.Fault(row.row_no, "branch", "unknown_branch", {"given": row.branch[:60]}))
        if goods is None:
            faults.append(catalog.Fault(row.row_no, "code", "unknown_code", {"given": row.code[:60]}))
        if place is not None and goods is not None:
            moves.append((row.row_no, place, *goods, row.qty))
    faults += _repeated([(row_no, (place, variant)) for row_no, place, variant, _, _ in moves], "code", "goods_repeated")
    moved = _moved(tx, [(place, variant) for _, place, variant, _, _ in moves])
    faults += [
        catalog.Fault(row_no, "code", "has_moved", {"sku": sku})
        for row_no, place, variant, sku, _ in moves
        if (place, variant) in moved
    ]
    return [(place, variant, qty) for _, place, variant, _, qty in moves], faults


def _moved(tx: Session, wanted: Sequence[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    rows = tx.execute(
        text(
            "SELECT w.place, w.variant FROM unnest(CAST(:places AS uuid[]), CAST(:variants AS uuid[])) AS w(place, variant) "
            "WHERE EXISTS (SELECT 1 FROM stock_ledger l WHERE l.location_id = w.place AND l.variant_id = w.variant)"
        ),
        {"places": [place for place, _ in wanted], "variants": [variant for _, variant in wanted]},
    )
    return {(row.place, row.variant) for row in rows}


def _repeated(rows: Sequence[tuple[int, Any]], column: str, code: str) -> list[catalog.Fault]:
    first: dict[Any, int] = {}
    faults = []
    for row_no, key in rows:
        if key in first:
            faults.append(catalog.Fault(row_no, column, code, {"first": first[key]}))
        first.setdefault(key, row_no)
    return faults
