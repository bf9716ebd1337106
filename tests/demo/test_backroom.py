"""The demo's day begins by the verbs of everybody."""

import psycopg

from demo.conftest import ENDS_AT, rows, value
from placket import demo, verify


def test_goods_come_and_go_in_every_state_and_the_books_stay_right(told_url: str) -> None:
    demo.begin(told_url, seed=7, now=ENDS_AT)
    states = dict(rows(told_url, "SELECT state, count(*) FROM transfer GROUP BY state"))
    assert states == {"requested": 1, "picking": 1, "in_transit": 1, "done": 1, "differs": 2}
    assert dict(rows(told_url, "SELECT state, count(*) FROM purchase_order GROUP BY state")) == {
        "done": 1,
        "part": 1,
        "open": 1,
    }
    assert value(told_url, "SELECT sum(rejected) FROM receipt_line") == 2
    by_month = rows(told_url, "SELECT count(*), sum(pieces_off), sum(pieces_expected) FROM stock_count GROUP BY location_id")
    assert by_month
    assert {counts for counts, _, _ in by_month} <= set(range(1, 7))
    assert 0 < sum(off for _, off, _ in by_month) < sum(expected for _, _, expected in by_month) * 0.05
    open_tasks = "SELECT kind, qty FROM exception_log WHERE closed_at IS NULL AND kind LIKE 'transfer_%' ORDER BY kind"
    assert rows(told_url, open_tasks) == [("transfer_damaged", 1), ("transfer_missing", 1)]
    with psycopg.connect(told_url) as connection:
        assert verify.prove(connection) == []


def test_the_webs_shoppers_order_and_their_orders_stand_in_every_state(told_url: str) -> None:
    demo.order(told_url, seed=7, now=ENDS_AT)
    states = dict(rows(told_url, "SELECT state, count(*) FROM web_order GROUP BY state"))
    assert states == {"confirmed": 4, "done": 2, "cancelled": 1}
    bagged = "SELECT count(DISTINCT ref) FROM promise WHERE phase = 'bagged'"
    assert value(told_url, bagged) == 1
    assert value(told_url, "SELECT count(*) FROM web_order_sale s JOIN sale ON sale.id = s.sale_id") == 2
    with psycopg.connect(told_url) as connection:
        assert verify.prove(connection) == []
