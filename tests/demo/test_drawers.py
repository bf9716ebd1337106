"""The demo's drawers are closed as the shifts' verbs would have closed them."""

from datetime import timedelta

from demo.conftest import ENDS_AT, rows, silent, value
from placket import demo

PAID = """
    SELECT count(*) FROM payment y JOIN sale s ON s.id = y.sale_id
     WHERE s.till_id IS NOT NULL AND s.state = 'posted' AND s.sold_on >= DATE '2026-11-11' AND s.sold_on < DATE '{until}'
"""


def test_every_payment_of_the_last_fortnight_lies_in_one_closed_shift(small_url: str) -> None:
    assert value(small_url, "SELECT count(DISTINCT (sold_on, till_id)) FROM sale WHERE till_id IS NOT NULL") > 20
    in_z = value(small_url, "SELECT count(*) FROM z_payment z JOIN sale s ON s.id = z.sale_id WHERE s.state = 'posted'")
    assert in_z == value(small_url, PAID.format(until="2026-11-25"))
    assert value(small_url, "SELECT count(*) FROM shift WHERE state = 'open'") == 0


def test_z_numbers_have_no_gap_and_some_drawers_differ(small_url: str) -> None:
    numbers = rows(small_url, "SELECT max(number), count(*), min(number) FROM z_report GROUP BY till_id")
    assert all((greatest, least) == (many, 1) for greatest, many, least in numbers)
    differing, right = rows(
        small_url,
        "SELECT count(*) FILTER (WHERE abs(variance_vnd) >= 1000), count(*) FILTER (WHERE variance_vnd = 0) FROM z_report",
    )[0]
    assert 0 < differing < right


def test_a_day_that_has_passed_is_closed_when_the_demo_catches_up(told_url: str) -> None:
    before = value(told_url, "SELECT count(*) FROM z_report")
    demo.catch_up(told_url, now=ENDS_AT + timedelta(days=1), say=silent)
    assert value(told_url, "SELECT count(*) FROM z_report") > before
    in_z = value(told_url, "SELECT count(*) FROM z_payment z JOIN sale s ON s.id = z.sale_id WHERE s.state = 'posted'")
    assert in_z == value(told_url, PAID.format(until="2026-11-26"))
