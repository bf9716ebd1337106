"""What selling without network may cost is said where it costs more."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import a_branch, a_style, a_till, stocked
from placket import verify
from placket.core import clock

NOW = clock.now()
ASKED = text(
    "INSERT INTO promise (id, ref, kind, location_id, variant_id, qty, phase, asked_no, created_at, search_at) "
    "SELECT uuidv7(), uuidv7(), 'collect', :place, :variant, 1, 'released', n, :at, NULL "
    "FROM generate_series(1, :count) AS n RETURNING id"
)
SOLD = text(
    "INSERT INTO sale (id, channel, state, location_id, till_id, epoch, opening, receipt_no, pieces, list_vnd, "
    "discount_vnd, total_vnd, vat_vnd, price_version, promo_version, exception, sold_at, sold_on) "
    "SELECT uuidv7(), 'store', 'posted', :place, :till, 1, 1, n, 1, 0, 0, 0, 0, 1, 0, "
    "CASE WHEN n <= :odd THEN :exception END, :at, current_date FROM generate_series(1, :count) AS n"
)


def passed(tx: Session) -> Mapping[str, tuple[str, ...]]:
    return {budget.name: budget.passed_at for budget in verify.budgets(tx, now=NOW) if budget.passed_at}


def asked(tx: Session, place: UUID, variant: UUID, count: int, *, ago: timedelta) -> list[UUID]:
    return list(tx.scalars(ASKED, {"place": place, "variant": variant, "count": count, "at": NOW - ago}))


@pytest.mark.parametrize(
    ("count", "answered", "ago", "said"),
    [
        (20, 18, timedelta(minutes=5), ("Trần Phú: 18 of 20",)),
        (20, 19, timedelta(minutes=5), ()),
        (4, 0, timedelta(minutes=5), ()),
        (20, 0, timedelta(minutes=16), ()),
        (20, 0, timedelta(seconds=1), ()),
    ],
)
def test_questions_that_a_branch_left_unanswered(
    tx: Session, count: int, answered: int, ago: timedelta, said: tuple[str, ...]
) -> None:
    branch_id, shirt = a_branch(tx, name="Trần Phú"), a_style(tx).one
    stocked(tx, branch_id, {shirt: 1})
    till = a_till(tx, branch_id)
    for promise_id in asked(tx, branch_id, shirt, count, ago=ago)[:answered]:
        tx.execute(
            text("INSERT INTO promise_word (promise_id, till_id, opening, head_seq) VALUES (:promise, :till, 1, 0)"),
            {"promise": promise_id, "till": till.id},
        )
    assert passed(tx).get("Questions to branches answered in the last 15 minutes", ()) == said


@pytest.mark.parametrize(
    ("exception", "odd", "name"),
    [
        ("override", 1, None),
        ("override", 2, "Sales that were overridden this week"),
        ("amber_refused", 2, "Sales that were overridden this week"),
        ("blind", 1, None),
        ("blind", 2, "Sales that were blind this week"),
        ("ended_opening", 9, None),
    ],
)
def test_sales_against_the_books(tx: Session, exception: str, odd: int, name: str | None) -> None:
    branch_id = a_branch(tx, name="Trần Phú")
    facts = {"place": branch_id, "till": a_till(tx, branch_id).id, "odd": odd, "exception": exception, "count": 500}
    tx.execute(SOLD, facts | {"at": NOW - timedelta(days=6)})
    assert passed(tx) == ({} if name is None else {name: (f"Trần Phú: {odd} of 500 sales",)})
    tx.execute(text("UPDATE sale SET sold_at = :at"), {"at": NOW - timedelta(days=8)})
    assert passed(tx) == {}


@pytest.mark.parametrize(("looked", "said"), [(10, ()), (11, ("Trần Phú: 11 of 500 sales",))])
def test_sales_before_which_somebody_had_to_look(tx: Session, looked: int, said: tuple[str, ...]) -> None:
    branch_id, shirt = a_branch(tx, name="Trần Phú"), a_style(tx).one
    facts = {"place": branch_id, "till": a_till(tx, branch_id).id, "odd": 0, "exception": None, "count": 500}
    tx.execute(SOLD, facts | {"at": NOW - timedelta(days=6)})
    tx.execute(
        text(
            "INSERT INTO sale_line (sale_id, line_no, variant_id, source_id, qty, unit_vnd, discount_vnd, total_vnd, "
            "vat_bp, vat_vnd, looked_for) "
            "SELECT id, 1, :shirt, :place, 1, 0, 0, 0, 0, 0, CASE WHEN receipt_no <= :looked THEN 2 ELSE 0 END FROM sale"
        ),
        {"shirt": shirt, "place": branch_id, "looked": looked},
    )
    assert passed(tx).get("Sales this week before which somebody had to look", ()) == said


def test_doubts_and_searches_that_stay_open(tx: Session) -> None:
    branch_id, shirt = a_branch(tx, name="Trần Phú"), a_style(tx).one
    stocked(tx, branch_id, {shirt: 1})
    tx.execute(
        text(
            "INSERT INTO stock_doubt (id, location_id, variant_id, reason, opened_at) "
            "VALUES (uuidv7(), :place, :shirt, 'quarantine', :at)"
        ),
        {"place": branch_id, "shirt": shirt, "at": NOW - timedelta(hours=5)},
    )
    (sought,) = asked(tx, branch_id, shirt, 1, ago=timedelta(days=1))
    tx.execute(
        text("UPDATE promise SET phase = 'confirmed', search_at = :at WHERE id = :id"),
        {"id": sought, "at": NOW - timedelta(minutes=20)},
    )
    assert passed(tx) == {
        "Doubts closed within 4 hours": ("a tenth stays open for 5:00:00",),
        "Searches answered within 15 minutes": ("Trần Phú: 1 open for longer",),
    }
    tx.execute(text("UPDATE stock_doubt SET closed_at = opened_at + interval '1 hour', closed_by = 'count'"))
    tx.execute(text("UPDATE promise SET search_at = NULL"))
    assert passed(tx) == {}
