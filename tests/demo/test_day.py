"""What the demo's head office says of the days ahead."""

from datetime import date

import psycopg

from demo.conftest import rows, value
from placket.demo import day
from placket.demo.dice import dice

TODAY = date(2026, 11, 25)


def test_every_branch_has_a_target_for_today_and_the_fortnight_near_what_it_sells(small_url: str) -> None:
    branches = value(small_url, "SELECT count(*) FROM location WHERE kind = 'branch'")
    days = rows(small_url, "SELECT on_date, count(*) FROM sales_target WHERE staff_id IS NULL GROUP BY 1 ORDER BY 1")
    assert (days[0], days[-1]) == ((TODAY, branches), (date(2026, 12, 9), branches))
    assert len(days) == day.DAYS_AHEAD + 1
    assert value(small_url, "SELECT bool_and(target_vnd % 100000 = 0) FROM sales_target") is True
    near = value(
        small_url,
        "SELECT (SELECT sum(target_vnd) FROM sales_target WHERE on_date = '2026-11-25') * 100 / (SELECT sum(total_vnd) "
        "FROM sale JOIN location l ON l.id = location_id "
        "WHERE l.kind = 'branch' AND state = 'posted' AND sold_on = '2026-11-18')",
    )
    assert 50 <= near <= 200


def test_the_owner_tells_every_branch_something(small_url: str) -> None:
    said = rows(small_url, "SELECT title, location_id, until_on FROM head_message")
    assert said == [(day.TITLE, None, date(2026, 12, 9))]


def test_a_target_that_is_set_stays(told_url: str) -> None:
    with psycopg.connect(told_url) as connection:
        connection.execute("UPDATE sales_target SET target_vnd = 1 WHERE on_date = %s", [TODAY])
        since = date(2026, 10, 1)
        day.set_targets(connection, dice(7, "again"), since=since, on=TODAY)
        assert connection.execute("SELECT DISTINCT target_vnd FROM sales_target WHERE on_date = %s", [TODAY]).fetchall() == [
            (1,)
        ]
