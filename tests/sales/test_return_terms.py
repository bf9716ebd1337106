"""Rules of returns are written for a day to come, and a sale keeps those of its own day."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

import builders
from placket.core.ids import new_id
from placket.sales import return_queries, return_terms
from placket.sales.return_rules import policy_for
from placket.sales.return_terms import RuleInForce

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
TODAY, TOMORROW, NEW_YEAR = date(2026, 11, 26), date(2026, 11, 27), date(2027, 1, 1)


def write(tx: Session, by: UUID, valid_from: date, days: int) -> UUID:
    policy_id = new_id()
    return_terms.write_policy(
        tx,
        policy_id=policy_id,
        valid_from=valid_from,
        category_id=None,
        off_bp_min=0,
        days=days,
        forms=["exchange", "original"],
        actor_id=by,
        now=NOW,
    )
    return policy_id


def days_for(tx: Session, sold_on: date) -> int:
    return policy_for(return_queries.policies(tx), sold_on=sold_on, categories=[], off_bp=0).days


def test_a_new_rule_holds_for_what_is_sold_from_its_day_on(tx: Session) -> None:
    by = builders.a_person(tx, "owner").id
    write(tx, by, NEW_YEAR, 14)
    assert [days_for(tx, day) for day in (TODAY, date(2026, 12, 31), NEW_YEAR)] == [30, 30, 14]
    shown = [(row["valid_from"], row["days"], row["state"]) for row in return_terms.written_policies(tx, today=TODAY)]
    assert (NEW_YEAR, 14, "planned") in shown
    later = return_terms.written_policies(tx, today=NEW_YEAR)
    assert [(row["days"], row["state"]) for row in later if row["off_bp_min"] == 0] == [(14, "in_force"), (30, "replaced")]
    assert [row["written_by"] for row in later if row["days"] == 14] == ["Nguyễn Thị owner"]


def test_what_holds_today_is_not_rewritten(tx: Session) -> None:
    by = builders.a_person(tx, "owner").id
    with pytest.raises(RuleInForce):
        write(tx, by, TODAY, 14)
    with pytest.raises(RuleInForce):
        return_terms.write_tender(tx, kind="cash", valid_from=TODAY, back_by=["card"], actor_id=by, now=NOW)
    (founding,) = [row for row in return_terms.written_policies(tx, today=TODAY) if row["off_bp_min"] == 0]
    with pytest.raises(RuleInForce):
        return_terms.drop_policy(tx, policy_id=founding["id"], now=NOW)
    assert days_for(tx, TODAY) == 30


def test_a_planned_rule_gives_way_to_another_for_its_day_and_can_be_dropped(tx: Session) -> None:
    by = builders.a_person(tx, "owner").id
    first = write(tx, by, TOMORROW, 14)
    write(tx, by, TOMORROW, 21)
    assert days_for(tx, TOMORROW) == 21
    return_terms.drop_policy(tx, policy_id=first, now=NOW)
    assert days_for(tx, TOMORROW) == 30


def test_a_tender_goes_back_another_way_from_a_day_on(tx: Session) -> None:
    by = builders.a_person(tx, "owner").id
    return_terms.write_tender(tx, kind="cash", valid_from=NEW_YEAR, back_by=["transfer", "cash"], actor_id=by, now=NOW)
    assert return_queries.back_by(tx, TODAY)["cash"] == frozenset({"cash"})
    assert return_queries.back_by(tx, NEW_YEAR)["cash"] == frozenset({"cash", "transfer"})
    return_terms.drop_tender(tx, kind="cash", valid_from=NEW_YEAR, now=NOW)
    assert return_queries.back_by(tx, NEW_YEAR)["cash"] == frozenset({"cash"})
