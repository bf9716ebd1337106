"""Kept sums of days: whatever happens to the sales of a day, reports say what they say, at once and after summing again."""

import random
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import Line, a_sale, kinds, post, raw
from builders import a_branch, a_person, a_style, a_till, stocked
from placket import analytics, identity, sales, verify
from placket.analytics import queries
from placket.analytics.queries import KEYS, By, Span
from placket.analytics.rules import Figures
from placket.analytics.summing import last_settled
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id

NOW = clock.now()
DAYS = 5


class History:
    """Two branches that sell, take back and void on some days that are over, and today."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database, self.dice = database, random.Random(seed)
        with database.transaction() as tx:
            places = [a_branch(tx, f"HN0{no}") for no in (1, 2)]
            self.goods = [a_style(tx, f"AO{no:04d}", price_vnd=100_000).one for no in range(3)]
            for place in places:
                stocked(tx, place, dict.fromkeys(self.goods, 500))
            self.tills = [a_till(tx, place) for place in places]
            owner = a_person(tx).id
            grants = identity.access.grants_of(tx, owner, at=None)
            self.who = identity.Principal(new_id(), owner, "Chủ", grants, None, NOW)
        self.sold: list[tuple[UUID, datetime, UUID]] = []

    def at(self) -> datetime:
        """A moment of the last days."""
        return NOW - timedelta(days=self.dice.randrange(DAYS), minutes=self.dice.randrange(1, 600))

    def step(self) -> None:
        """Something happens: a sale, often late; goods come back; a sale is voided; sums are made."""
        what = self.dice.choice(["sell", "sell", "sell", "return", "void", "sum"])
        if what == "sum":
            analytics.sum_days(self.database, now=NOW)
            return
        with self.database.transaction() as tx:
            if what == "void" and self.sold:
                sale_id, at, _ = self.sold.pop(self.dice.randrange(len(self.sold)))
                sales.void_sale(tx, sale_id=sale_id, receipt_no=None, reason="Nhầm", who=self.who, now=at)
                return
            till, good, at = self.dice.choice(self.tills), self.dice.choice(self.goods), self.at()
            line = Line(good, self.dice.randrange(1, 4))
            if what == "return" and self.sold:
                first, _, back = self.sold.pop()
                line, at = Line(back, -1, returns=(first, 1)), NOW
            sale = a_sale(till, line, at=at)
            assert kinds(post(tx, sale)) == ["accepted"]
            if line.qty > 0:
                self.sold.append((sale.id, at, good))

    def told(self, by: By) -> dict[str | None, Figures]:
        """What a report says of all of it."""
        first = clock.business_day(NOW) - timedelta(days=DAYS + 1)
        with self.database.transaction() as tx:
            return queries.sales_by(tx, Span(clock.day_bounds(first)[0], NOW, None), by)

    def kept(self) -> list[Any]:
        """The sums as they are kept."""
        with self.database.transaction() as tx:
            return [tuple(row) for row in tx.execute(text("SELECT * FROM day_sum ORDER BY 1, 2, 3, 4, 5"))]

    def from_sales(self, by: By) -> dict[str | None, Figures]:
        """The same report when no sum counts."""
        with self.database.engine.connect() as connection, connection.begin() as undone:
            connection.execute(text("DELETE FROM day_summed"))
            first = clock.business_day(NOW) - timedelta(days=DAYS + 1)
            with Session(connection) as tx:
                told = queries.sales_by(tx, Span(clock.day_bounds(first)[0], NOW, None), by)
            undone.rollback()
        return told


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_any_history_reports_are_the_sales_and_made_again_is_made_once(fresh: Database, seed: int) -> None:
    history = History(fresh, seed)
    for _ in range(30):
        history.step()
    for by in KEYS:
        assert history.told(by) == history.from_sales(by), f"before summing, by {by}"
    while analytics.sum_days(fresh, now=NOW):
        pass
    for by in KEYS:
        assert history.told(by) == history.from_sales(by), f"after summing, by {by}"
    made_once = history.kept()
    assert max(row[0] for row in made_once) <= last_settled(NOW)
    with fresh.transaction() as tx:
        tx.execute(text("DELETE FROM day_sum"))
        tx.execute(text("DELETE FROM day_summed"))
    analytics.sum_days(fresh, now=NOW, for_s=60)
    assert history.kept() == made_once
    with fresh.transaction() as tx:
        assert verify.prove(raw(tx)) == []


def test_a_category_that_moves_takes_its_history_along(fresh: Database) -> None:
    history = History(fresh, 7)
    for _ in range(12):
        history.step()
    analytics.sum_days(fresh, now=NOW, for_s=60)
    with fresh.transaction() as tx:
        other = new_id()
        made = "INSERT INTO category (id, slug, name_vi, name_en, position) VALUES (:id, 'khac', 'Khác', 'Other', 99)"
        tx.execute(text(made), {"id": other})
        tx.execute(text("UPDATE style SET category_id = :other WHERE code = 'AO0000'"), {"other": other})
    assert history.told("category") == history.from_sales("category")
    assert str(other) in history.told("category")


def test_a_day_is_kept_only_when_nothing_of_it_can_be_under_way() -> None:
    midnight = clock.day_bounds(date(2026, 11, 26))[0]
    assert last_settled(midnight + timedelta(minutes=59)) == date(2026, 11, 24)
    assert last_settled(midnight + timedelta(minutes=60)) == date(2026, 11, 25)
