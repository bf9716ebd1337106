"""A later start tells the demo's history on: the gap, all of it, and nothing that people hold in their hands."""

from datetime import timedelta

import psycopg

from demo.conftest import ENDS_AT, rows, silent, value
from placket import demo, inventory, verify
from placket.core.db import Database
from placket.core.ids import new_id

SINCE = f"sold_at >= '{ENDS_AT.isoformat()}'"


def test_fills_the_gap_and_keeps_the_books_right(told_url: str) -> None:
    now = ENDS_AT + timedelta(days=3, hours=2)
    made = demo.catch_up(told_url, now=now, say=silent)
    assert made == value(told_url, f"SELECT count(*) FROM sale WHERE {SINCE}")
    by_day = dict(rows(told_url, f"SELECT sold_on::text, count(*) FROM sale WHERE {SINCE} GROUP BY 1"))
    assert by_day.keys() == {"2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28"}
    assert value(told_url, "SELECT max(sold_at) FROM sale") < now
    with psycopg.connect(told_url) as connection:
        assert verify.prove(connection) == []
    assert value(told_url, "SELECT count(*) FROM sale_line WHERE qty < 0") > 0
    assert value(told_url, "SELECT count(*) FROM event WHERE topic = 'stock.changed'") > made
    assert value(told_url, "SELECT count(*) FROM event WHERE topic <> 'stock.changed'") == 0


def test_a_second_start_at_once_finds_nothing_to_do(told_url: str) -> None:
    assert demo.catch_up(told_url, now=ENDS_AT + timedelta(hours=6), say=silent) > 0
    assert demo.catch_up(told_url, now=ENDS_AT + timedelta(hours=6, minutes=9), say=silent) == 0
    assert demo.catch_up(told_url, now=ENDS_AT, say=silent) == 0


def test_two_gaps_make_no_sale_twice_and_leave_no_number_out(told_url: str) -> None:
    demo.catch_up(told_url, now=ENDS_AT + timedelta(hours=2), say=silent)
    demo.catch_up(told_url, now=ENDS_AT + timedelta(hours=5), say=silent)
    with psycopg.connect(told_url) as connection:
        assert verify.prove(connection) == []
    late = "SELECT count(*) FROM sale a JOIN sale b USING (till_id, epoch) WHERE b.receipt_no = a.receipt_no + 1 "
    assert value(told_url, late + "AND b.sold_at < a.sold_at") == 0


def test_paired_tills_keep_their_numbers_to_themselves(told_url: str) -> None:
    with psycopg.connect(told_url) as connection:
        connection.execute("UPDATE till SET paired_at = now() WHERE number <= 2")
        connection.execute(
            "UPDATE till SET paired_at = now() FROM location l WHERE l.id = till.location_id AND l.code = 'HN01'"
        )
    demo.catch_up(told_url, now=ENDS_AT + timedelta(days=2), say=silent)
    used = rows(
        told_url,
        f"SELECT DISTINCT l.code = 'HN01', t.number <= 2 FROM sale s JOIN till t ON t.id = s.till_id "
        f"JOIN location l ON l.id = t.location_id WHERE {SINCE}",
    )
    assert used == [(False, False)]
    assert value(told_url, f"SELECT count(*) FROM sale WHERE channel = 'web' AND {SINCE}") > 0
    orders = "SELECT max(receipt_code) = 'W-' || lpad(count(*)::text, 8, '0') FROM sale WHERE channel = 'web'"
    assert value(told_url, orders), "the numbers of the orders go on"
    following = "SELECT nextval('web_order_no') = (SELECT count(*) + 1 FROM sale WHERE channel = 'web')"
    assert value(told_url, following)


def test_pieces_promised_to_somebody_are_not_sold(told_url: str) -> None:
    depot, *_ = rows(told_url, "SELECT id FROM location WHERE code = 'KHO'")[0]
    best = (
        "SELECT k.variant_id, k.on_hand FROM stock k JOIN variant v ON v.id = k.variant_id "
        f"JOIN style t ON t.id = v.style_id WHERE k.location_id = '{depot}' AND t.code IN ('AT0560', 'KL0310') ORDER BY 1"
    )
    moves = [inventory.Move(variant_id, on_hand) for variant_id, on_hand in rows(told_url, best)]
    database = Database(told_url, pool_size=1)
    with database.transaction() as tx:
        later = ENDS_AT + timedelta(days=9)
        inventory.reserve(tx, ref=new_id(), kind="hold", location_id=depot, lines=moves, pay_by=later, now=ENDS_AT)
    database.dispose()
    demo.catch_up(told_url, now=ENDS_AT + timedelta(days=4), say=silent)
    sold = f"SELECT count(*) FROM sale_line l JOIN sale s ON s.id = l.sale_id WHERE {SINCE} AND l.qty > 0"
    assert value(told_url, f"{sold} AND l.source_id = '{depot}'") > 20
    assert value(told_url, "SELECT count(*) FROM stock WHERE on_hand < promised OR short > 0") == 0


def test_what_people_closed_or_archived_stays_so(told_url: str) -> None:
    with psycopg.connect(told_url) as connection:
        connection.execute("UPDATE location SET status = 'closed' WHERE code = 'HN02'")
        connection.execute("UPDATE variant SET status = 'archived' WHERE sku LIKE 'AT0560-%'")
    demo.catch_up(told_url, now=ENDS_AT + timedelta(days=6), say=silent)
    closed = "SELECT count(*) FROM stock_ledger g JOIN location l ON l.id = g.location_id WHERE l.code = 'HN02'"
    assert value(told_url, f"{closed} AND g.occurred_at >= '{ENDS_AT.isoformat()}'") == 0
    archived = "SELECT count(*) FROM stock_ledger g JOIN variant v ON v.id = g.variant_id WHERE v.sku LIKE 'AT0560-%'"
    assert value(told_url, f"{archived} AND g.kind <> 'return' AND g.occurred_at >= '{ENDS_AT.isoformat()}'") == 0
    with psycopg.connect(told_url) as connection:
        assert verify.prove(connection) == []


def test_the_new_year_brings_its_vat_and_prices(told_url: str) -> None:
    demo.catch_up(told_url, now=ENDS_AT + timedelta(days=39), say=silent)
    rates = rows(
        told_url,
        f"SELECT DISTINCT s.sold_on >= '2027-01-01', l.vat_bp FROM sale s JOIN sale_line l ON l.sale_id = s.id "
        f"WHERE {SINCE} AND l.qty > 0 ORDER BY 1",
    )
    assert rates == [(False, 800), (True, 1_000)]
    with psycopg.connect(told_url) as connection:
        assert verify.prove(connection) == []


def test_a_chain_of_somebody_s_own_is_left_alone(told_url: str) -> None:
    with psycopg.connect(told_url) as connection:
        connection.execute("UPDATE company SET demo_seed = NULL")
    assert demo.catch_up(told_url, now=ENDS_AT + timedelta(days=5), say=silent) == 0
    assert value(told_url, f"SELECT count(*) FROM sale WHERE {SINCE}") == 0
