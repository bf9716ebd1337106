"""Which flash sales the dashboard shows, and until when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import UNIT_VND, Line, a_sale, kinds, post
from builders import a_branch, a_person, a_style, a_till, stocked
from placket import promotions
from placket.analytics import queries
from placket.core.ids import new_id

THURSDAY_TEN = datetime(2026, 11, 26, 3, tzinfo=UTC)  # ten o'clock in Vietnam
IN_JANUARY = int(datetime(2027, 1, 24, 17, tzinfo=UTC).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("when", "ends_at"),
    [
        ({}, None),
        ({"ends_ms": IN_JANUARY}, datetime(2027, 1, 24, 17, tzinfo=UTC)),
        ({"ends_ms": IN_JANUARY, "minutes": [720, 780]}, datetime(2026, 11, 26, 6, tzinfo=UTC)),
        ({"weekdays": [4], "minutes": [720, 1440]}, datetime(2026, 11, 26, 17, tzinfo=UTC)),
    ],
)
def test_a_flash_sale_ends_with_its_hour_or_its_last_day(
    tx: Session, when: dict[str, object], ends_at: datetime | None
) -> None:
    publish(tx, when)
    assert [row.ends_at for row in queries.running_flash(tx, at=THURSDAY_TEN)] == [ends_at]


def test_a_flash_sale_of_an_hour_later_today_says_when_it_begins(tx: Session) -> None:
    publish(tx, {"starts_ms": IN_JANUARY - 90 * 86_400_000, "minutes": [720, 780]})
    (row,) = queries.running_flash(tx, at=THURSDAY_TEN)
    assert row.starts_at == datetime(2026, 11, 26, 5, tzinfo=UTC)


def test_a_flash_sale_of_another_weekday_is_not_one_of_today(tx: Session) -> None:
    publish(tx, {"weekdays": [5]})
    assert queries.running_flash(tx, at=THURSDAY_TEN) == []
    assert len(queries.running_flash(tx, at=THURSDAY_TEN + timedelta(hours=14))) == 1, "Friday began at midnight in Vietnam"


def test_a_flash_sale_tells_its_margin_where_all_costs_are_known(tx: Session) -> None:
    promotion_id = publish(tx, {})
    branch_id = a_branch(tx)
    shirt, skirt = a_style(tx, "AO0001", price_vnd=UNIT_VND).one, a_style(tx, "CV0001", price_vnd=UNIT_VND).one
    stocked(tx, branch_id, {shirt: 9, skirt: 9})
    sale = a_sale(a_till(tx, branch_id), Line(shirt, 3), Line(skirt, 1))
    assert kinds(post(tx, sale)) == ["accepted"]
    facts = {"sale": sale.id, "promotion": promotion_id, "shirt": shirt}
    tx.execute(text("INSERT INTO promotion_use VALUES (:sale, :promotion, 1, NULL, 1, 3, 30000)"), facts)
    part = (
        "INSERT INTO sale_discount (sale_id, line_no, no, kind, amount_vnd, promotion_id, promotion_version, shares_vnd) "
        "VALUES (:sale, 1, 1, 'promotion', 30000, :promotion, 1, '{10000,10000,10000}')"
    )
    tx.execute(text(part), facts)
    assert queries.margins_of(tx, [promotion_id]) == {}, "nobody knows what a shirt costs"
    tx.execute(text("INSERT INTO variant_cost VALUES (:shirt, 50000, now())"), facts)
    # 300.000 ₫ hold 22.222 ₫ of VAT; three shirts cost 150.000 ₫: 127.778 of 277.778 are left. The skirt took no part.
    assert queries.margins_of(tx, [promotion_id]) == {promotion_id: 4_600}


def publish(tx: Session, when: dict[str, object]) -> UUID:
    promotion_id, by = new_id(), a_person(tx).id
    promotions.keep_draft(
        tx,
        promotion_id=promotion_id,
        names=("Giảm", "Off"),
        terms={"group": 1, "when": when, "reward": {"kind": "percent", "bp": 1_000}},
        limits={"pieces_max": 50},
        row_version=None,
        staff_id=by,
        now=THURSDAY_TEN,
    )
    promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=THURSDAY_TEN)
    return promotion_id
