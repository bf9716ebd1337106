"""The demo is the same for the same seed, whole or not there at all, and its books are right."""

from datetime import timedelta
from hashlib import sha256

import psycopg
import pytest
from argon2 import PasswordHasher

from demo.conftest import ENDS_AT, a_database, rows, silent, value
from placket import demo, verify
from placket.demo.loading import HEAVY

# What no two fills share: see ``demo.fill``.
DIFFERS = {"company": ["incarnation"], "staff": ["password_hash", "pin_hash"], "customer_account": ["changed_xid"]}
SCHEMA = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
 WHERE c.relnamespace = 'public'::regnamespace
 UNION ALL
SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace ORDER BY 1
"""


def tables(url: str) -> list[str]:
    return [name for (name,) in rows(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]


def digests(url: str) -> dict[str, str]:
    """A hash of the rows of every table."""
    found = {}
    for table in tables(url):
        less = "".join(f" - '{column}'" for column in DIFFERS.get(table, []))
        text = rows(url, f"SELECT (to_jsonb(t){less})::text FROM {table} t ORDER BY 1")
        found[table] = sha256(repr(text).encode()).hexdigest()
    return found


def test_the_same_seed_and_minute_give_the_same_rows_in_every_table(small_url: str) -> None:
    with a_database() as again:
        demo.fill(again, size="small", ends_at=ENDS_AT + timedelta(seconds=29), say=silent)
        first, second = digests(small_url), digests(again)
    assert len(first) > 30
    assert first == second


def test_what_a_fill_says_fits_a_screen() -> None:
    said: list[str] = []
    with a_database() as url:
        demo.fill(url, size="small", ends_at=ENDS_AT, say=said.append)
    assert len(said) <= 24
    assert [line for line in said if line.startswith("indexes")] == [f"indexes and keys of {table}" for table in HEAVY]


def test_another_seed_gives_another_history(small_url: str) -> None:
    with a_database() as other:
        demo.fill(other, size="small", seed=8, ends_at=ENDS_AT, say=silent)
        first, second = digests(small_url), digests(other)
    for table in ("customer", "style", "variant", "sale", "stock", "stock_ledger"):
        assert first[table] != second[table], table


def test_the_books_are_right(small_url: str, years_url: str) -> None:
    for url in (small_url, years_url):
        with psycopg.connect(url) as connection:
            assert verify.prove(connection) == []


@pytest.mark.parametrize("order", ["id", "occurred_at, id"])
def test_no_shelf_was_ever_below_nothing(years_url: str, order: str) -> None:
    running = f"SELECT sum(qty) OVER (PARTITION BY location_id, variant_id ORDER BY {order}) AS left_there FROM stock_ledger"
    assert value(years_url, f"SELECT min(left_there) FROM ({running}) moves") == 0


def test_loaded_history_has_no_events_and_ends_at_its_minute(small_url: str) -> None:
    assert value(small_url, "SELECT count(*) FROM event") == 0
    assert value(small_url, "SELECT max(sold_at) FROM sale") < ENDS_AT
    assert value(small_url, "SELECT max(occurred_at) FROM stock_ledger") < ENDS_AT
    assert value(small_url, f"SELECT max(sold_at) > '{ENDS_AT - timedelta(hours=2)}' FROM sale")


def test_every_size_of_the_small_chain(small_url: str) -> None:
    count = {table: value(small_url, f"SELECT count(*) FROM {table}") for table in ("location", "style", "till", "customer")}
    assert count == {"location": 13, "style": 40, "till": 48, "customer": 400}
    assert 500 <= value(small_url, "SELECT count(*) FROM variant") <= 800
    assert 1_350 <= value(small_url, "SELECT count(*) FROM sale") <= 1_650


def test_indexes_and_keys_are_what_they_were(small_url: str) -> None:
    with a_database() as untouched:
        assert rows(small_url, SCHEMA) == rows(untouched, SCHEMA)


def test_a_database_with_a_company_is_left_alone(small_url: str) -> None:
    before = digests(small_url)
    with pytest.raises(demo.DatabaseNotEmpty):
        demo.fill(small_url, size="small", ends_at=ENDS_AT, say=silent)
    assert digests(small_url) == before


def test_a_fill_that_breaks_off_leaves_an_empty_database() -> None:
    class BrokenOffError(Exception):
        """The machine went away."""

    def break_off(step: str) -> None:
        if "lines" in step:
            raise BrokenOffError

    with a_database() as url:
        empty, schema = digests(url), rows(url, SCHEMA)
        with pytest.raises(BrokenOffError):
            demo.fill(url, size="small", ends_at=ENDS_AT, say=break_off)
        assert digests(url) == empty
        assert rows(url, SCHEMA) == schema


def test_everybody_listed_can_log_in_and_belongs_where_it_says(small_url: str) -> None:
    held = rows(
        small_url,
        "SELECT r.role, s.full_name, s.email, l.code, s.password_hash, s.pin_hash "
        "FROM staff s JOIN staff_role r ON r.staff_id = s.id LEFT JOIN location l ON l.id = r.location_id",
    )
    assert {row[:4] for row in held} == {(who.role, who.full_name, who.email, who.place) for who in demo.LOGINS}
    assert {who.role for who in demo.LOGINS} == {
        "owner", "accountant", "marketer", "it", "warehouse", "store_manager", "cashier",
    }  # fmt: skip
    hashes = {row[4:] for row in held}
    assert len(hashes) == 1
    password_hash, pin_hash = hashes.pop()
    assert PasswordHasher().verify(password_hash, demo.PASSWORD)
    assert PasswordHasher().verify(pin_hash, demo.PIN)


def test_every_branch_has_four_tills_a_manager_and_cashiers(small_url: str) -> None:
    branches = rows(
        small_url,
        "SELECT l.code, (SELECT count(*) FROM till t WHERE t.location_id = l.id AND t.paired_at IS NULL), "
        "(SELECT count(*) FROM staff_role r WHERE r.location_id = l.id AND r.role = 'store_manager'), "
        "(SELECT count(*) FROM staff_role r WHERE r.location_id = l.id AND r.role = 'cashier') "
        "FROM location l WHERE l.kind = 'branch'",
    )
    assert len(branches) == 12
    for code, tills, store_managers, cashiers in branches:
        assert (tills, store_managers) == (4, 1), code
        assert 4 <= cashiers <= 6, code


def test_sales_lie_in_a_closed_opening_of_their_till(small_url: str) -> None:
    outside = (
        "SELECT count(*) FROM sale s LEFT JOIN till_opening o ON o.till_id = s.till_id AND o.opening = s.opening "
        "AND o.epoch = s.epoch AND o.location_id = s.location_id AND s.sold_at BETWEEN o.attached_at AND o.ended_at "
        "WHERE s.till_id IS NOT NULL AND o.till_id IS NULL"
    )
    assert value(small_url, outside) == 0
    assert rows(small_url, "SELECT DISTINCT state, end_reason FROM till_opening") == [("closed", "signed_off")]
    ahead = (
        "SELECT count(*) FROM till t WHERE t.last_opening <> coalesce((SELECT max(opening) FROM till_opening o "
        "WHERE o.till_id = t.id), 0)"
    )
    assert value(small_url, ahead) == 0


def test_nothing_comes_back_twice_where_visits_fall_on_one_second() -> None:
    crowded = demo.Size("crowded", styles=12, customers=50, sales=20_000, days=2)
    with a_database() as url:
        demo.fill(url, size=crowded, ends_at=ENDS_AT, say=silent)
        seconds = "SELECT count(*) - count(DISTINCT (location_id, sold_at)) FROM sale"
        assert value(url, seconds) > 100
        with psycopg.connect(url) as connection:
            assert verify.prove(connection) == []
