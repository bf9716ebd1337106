"""What head office says of the days ahead: targets by branch, from how each has been selling, and one message."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

import psycopg

from placket.core.clock import day_bounds
from placket.core.money import part_of
from placket.demo.dice import make_id
from placket.demo.rhythm import weight_of

DAYS_AHEAD: Final = 14
_LOOKED_BACK: Final = timedelta(days=28)
# A target asks for a little more than an ordinary day of that weight brings, in round numbers.
_MORE_BP: Final = 10_500
_ROUND_VND: Final = 100_000
TITLE: Final = "Kiểm lại bảng giá trước cuối tuần"
BODY: Final = "Kiểm lại tem giá ở giá treo gần cửa. Gặp hàng sai giá thì báo quản lý, không tự sửa giá ở quầy."


def set_targets(connection: psycopg.Connection[Any], throw: Random, *, since: date, on: date) -> None:
    """Targets of the branches for a day and the fortnight after it; those that are set stay."""
    back_to = max(on - _LOOKED_BACK, since)
    brought = sum(weight_of(back_to + timedelta(days=day), since) for day in range((on - back_to).days))
    if not brought:
        return
    starts_at, ends_at = day_bounds(back_to)[0], day_bounds(on)[0]
    sold = connection.execute(
        "SELECT l.id, (SELECT coalesce(sum(s.total_vnd), 0)::bigint FROM sale s WHERE s.location_id = l.id "
        "AND s.sold_at >= %s AND s.sold_at < %s AND s.state = 'posted') "
        "FROM location l WHERE l.kind = 'branch' ORDER BY l.code",
        [starts_at, ends_at],
    ).fetchall()
    rows = []
    for location_id, sold_vnd in sold:
        for ahead in range(DAYS_AHEAD + 1):
            day = on + timedelta(days=ahead)
            wanted_vnd = part_of(sold_vnd, int(_MORE_BP * weight_of(day, since) / brought))
            target_vnd = wanted_vnd - wanted_vnd % _ROUND_VND
            if target_vnd > 0:
                rows.append((make_id(throw, int(starts_at.timestamp()) * 1_000), location_id, day, target_vnd))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO sales_target (id, location_id, on_date, target_vnd) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            rows,
        )


def tell(connection: psycopg.Connection[Any], throw: Random, *, on: date, at: datetime) -> None:
    """A message of the owner to every branch, until the fortnight is over."""
    connection.execute(
        "INSERT INTO head_message (id, title, body, until_on, written_by, written_at) "
        "SELECT %s, %s, %s, %s, id, %s FROM staff WHERE email = 'owner@lua.example'",
        [make_id(throw, int(at.timestamp()) * 1_000), TITLE, BODY, on + timedelta(days=DAYS_AHEAD), at],
    )
