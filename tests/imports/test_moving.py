"""Moving in: customers with their points and credit, and opening stock, whole or not at all, and once."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import Goods, a_branch, a_person, a_style, stocked
from placket import crm
from placket.imports import moving
from placket.imports.moving_rules import CustomerRow, StockRow, birthday_of, customer_of, stock_of

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)


def a_customer(row_no: int = 2, **cells: str) -> CustomerRow:
    row = customer_of(row_no, {"full_name": "Nguyễn Thị Ngọc", "phone": "0912 345 678", **cells})
    assert isinstance(row, CustomerRow), row
    return row


def faults_of(found: Any) -> list[tuple[int, str, str]]:
    return [(fault.row_no, fault.column, fault.code) for fault in found]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0168 123 4567", "+84381234567"),
        ("01221234567", "+84771234567"),
        ("+84 199 123 4567", "+84591234567"),
        ("84 912 345 678", "+84912345678"),
        ("0912345678", "+84912345678"),
        ("01001234567", None),
        ("xin chào", None),
    ],
)
def test_old_numbers_become_what_they_have_been_since_2018(typed: str, stored: str | None) -> None:
    assert crm.modern_phone(typed) == stored


def test_a_birthday_is_a_day_and_a_month() -> None:
    assert birthday_of("23/11/1990") == birthday_of("1990-11-23 00:00:00") == birthday_of("23.11") == (23, 11)
    assert birthday_of("31/4/1990") is birthday_of("1990") is birthday_of("hôm qua") is None


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    cells = {"full_name": "", "phone": "12", "birthday": "32/1", "language": "Pháp", "loyalty": "chắc vậy"}
    cells["points"] = "nhiều"
    assert faults_of(customer_of(7, cells)) == [
        (7, "full_name", "empty"),
        (7, "phone", "bad_phone"),
        (7, "birthday", "bad_birthday"),
        (7, "language", "bad_language"),
        (7, "loyalty", "bad_word"),
        (7, "points", "bad_number"),
    ]
    assert faults_of(stock_of(3, {"branch": "HN01", "code": "X", "qty": "0"})) == [(3, "qty", "nothing")]


def test_customers_come_in_with_points_and_credit_and_the_same_again_changes_nothing(tx: Session) -> None:
    a_branch(tx, "HN01")
    by = a_person(tx, "owner").id
    rows = [
        a_customer(birthday="23/11/1990", branch="hn01", loyalty="Có", points="1.250", credit_vnd="200.000"),
        a_customer(3, full_name="Trần Lan", phone="01681234567", language="Tiếng Anh"),
    ]
    expected = moving.CustomersIn(new_customers=2, known_customers=0, points=1_250, credit_vnd=200_000)
    assert moving.plan_customers(tx, rows) == (expected, [])
    assert balances(tx) == []
    assert moving.write_customers(tx, rows, staff_id=by, now=NOW) == (expected, [])
    after = [("+84381234567", "Trần Lan", 0, 0, False), ("+84912345678", "Nguyễn Thị Ngọc", 1_250, 200_000, True)]
    assert balances(tx) == after
    read = tx.execute(text("SELECT phone, language FROM customer ORDER BY phone")).all()
    assert [tuple(row) for row in read] == [("+84381234567", "en"), ("+84912345678", None)]
    again = moving.CustomersIn(new_customers=0, known_customers=2, points=0, credit_vnd=0)
    assert moving.write_customers(tx, rows, staff_id=by, now=NOW) == (again, [])
    assert balances(tx) == after


def test_one_wrong_row_keeps_every_customer_out(tx: Session) -> None:
    by = a_person(tx, "owner").id
    moving.write_customers(tx, [a_customer(points="100")], staff_id=by, now=NOW)
    rows = [a_customer(points="200"), a_customer(3, phone="0987654321", branch="HN99"), a_customer(4, phone="0987 654 321")]
    changes, faults = moving.write_customers(tx, rows, staff_id=by, now=NOW)
    assert changes is None
    assert sorted(faults_of(faults)) == [
        (2, "points", "opened_before"),
        (3, "branch", "unknown_branch"),
        (4, "phone", "phone_repeated"),
    ]
    assert tx.scalar(text("SELECT count(*) FROM customer")) == 1


def test_opening_stock_is_booked_once_by_barcode_or_sku(tx: Session) -> None:
    branch, goods, by = a_branch(tx, "HN01"), a_style(tx, sizes=("S", "M")), a_person(tx, "owner").id
    sku, barcode = code_of(tx, goods, 0, "sku"), code_of(tx, goods, 1, "barcode")
    rows = [StockRow(2, "HN01", sku.lower(), 4), StockRow(3, "HN01", barcode, 12)]
    assert moving.plan_stock(tx, rows) == (moving.StockIn(places=1, variants=2, pieces=16), [])
    moving.write_stock(tx, rows, staff_id=by, now=NOW)
    held = tx.execute(text("SELECT variant_id, on_hand FROM stock WHERE location_id = :l"), {"l": branch})
    assert {row.variant_id: row.on_hand for row in held} == dict(zip(goods.all, (4, 12), strict=True))
    changes, faults = moving.write_stock(tx, rows, staff_id=by, now=NOW)
    assert (changes, faults_of(faults)) == (None, [(2, "code", "has_moved"), (3, "code", "has_moved")])


def test_stock_that_cannot_be_booked_is_not_booked_in_part(tx: Session) -> None:
    branch, goods, by = a_branch(tx, "HN01"), a_style(tx, sizes=("S", "M")), a_person(tx, "owner").id
    stocked(tx, branch, {goods.all[0]: 1})
    skus = [code_of(tx, goods, place, "sku") for place in (0, 1)]
    rows = [
        StockRow(2, "HN01", skus[0], 1),
        StockRow(3, "HN01", skus[1], 1),
        StockRow(4, "HN01", skus[1], 1),
        StockRow(5, "SG09", "?", 1),
    ]
    _, faults = moving.write_stock(tx, rows, staff_id=by, now=NOW)
    assert sorted(faults_of(faults)) == [
        (2, "code", "has_moved"),
        (4, "code", "goods_repeated"),
        (5, "branch", "unknown_branch"),
        (5, "code", "unknown_code"),
    ]
    assert tx.scalar(text("SELECT sum(on_hand) FROM stock")) == 1


def balances(tx: Session) -> list[tuple[Any, ...]]:
    rows = tx.execute(
        text(
            "SELECT c.phone, c.full_name, a.points, a.credit_vnd, a.earns "
            "FROM customer c JOIN customer_account a ON a.customer_id = c.id ORDER BY c.phone"
        )
    )
    return [tuple(row) for row in rows]


def code_of(tx: Session, goods: Goods, place: int, kind: str) -> str:
    query = "SELECT sku FROM variant WHERE id = :id" if kind == "sku" else "SELECT code FROM barcode WHERE variant_id = :id"
    variant: UUID = goods.all[place]
    return str(tx.execute(text(query), {"id": variant}).scalar_one())
