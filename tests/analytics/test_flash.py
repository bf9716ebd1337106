"""Which flash sales the dashboard shows, and until when."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from builders import a_person
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


def test_a_flash_sale_of_another_weekday_is_not_one_of_today(tx: Session) -> None:
    publish(tx, {"weekdays": [5]})
    assert queries.running_flash(tx, at=THURSDAY_TEN) == []
    assert len(queries.running_flash(tx, at=THURSDAY_TEN + timedelta(hours=14))) == 1, "Friday began at midnight in Vietnam"


def publish(tx: Session, when: dict[str, object]) -> None:
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
