"""Sales folded in as they come equal everything counted anew, whatever happened meanwhile; and none is counted twice."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from books import UNIT_VND
from builders import a_branch, a_style, a_till, stocked
from loyal import DAY, NOON, TEXT, Shop
from placket import catalog, crm, promotions
from placket.core import clock
from placket.core.db import Database
from placket.crm.segment_terms import people_sql
from placket.crm.segments import terms_of
from placket.crm.service.customers import merge_customers, note_consent
from placket.crm.service.undoing import undo_merge
from scored import borders_of, goods_bought, goods_kept, kept, people_meant, reference

BEGAN = NOON - 800 * DAY
A_CATEGORY = "INSERT INTO category (id, slug, name_vi, name_en, position) VALUES (uuidv7(), 'x', 'X', 'X', 9) RETURNING id"
VERBS = ["buy"] * 8 + ["late"] * 2 + ["return"] * 3 + ["void", "merge", "undo", "off", "on", "night", "slow", "slow"]


class History:
    """A shop whose every step is a transaction of its own, and which scores its customers every few steps."""

    def __init__(self, fresh: Database, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
        """Six people; some buy much, so that tiers change."""
        self.database, self.throw, self.at = fresh, random.Random(seed), BEGAN
        with fresh.transaction() as tx:
            branch_id = a_branch(tx)
            shirt = a_style(tx, price_vnd=UNIT_VND).one
            self.skirt = a_style(tx, "VAY", price_vnd=UNIT_VND).one
            skirts = tx.scalars(text(A_CATEGORY)).one()
            tx.execute(text("UPDATE style SET category_id = :id WHERE code = 'VAY'"), {"id": skirts})
            stocked(tx, branch_id, {shirt: 100_000, self.skirt: 100_000})
            monkeypatch.setattr(catalog.price_books, "_book", catalog.load_price_book(tx))
            monkeypatch.setattr(promotions.promo_books, "_book", promotions.read_book(tx))
            self.shop = Shop(tx, branch_id, a_till(tx, branch_id), a_till(tx, branch_id), shirt)
            self.people = [self.shop.customer(f"09123456{n:02d}", agrees=n % 3 > 0) for n in range(6)]
        self.sold: list[tuple[UUID, UUID, UUID]] = []
        self.merges: list[tuple[int, UUID]] = []

    def steps(self, count: int) -> None:
        """Live through some steps."""
        for _ in range(count):
            self.at += timedelta(days=self.throw.choice([0, 0, 1, 5]), minutes=1)
            self.step(self.throw.choice(VERBS))
            if self.throw.random() < 0.6:
                self.round()

    def step(self, verb: str) -> None:
        """Something happens."""
        if verb == "night":
            self.night()
            return
        who = self.throw.choice(self.people)
        if verb == "slow":  # somebody sells, and has not committed when others have, and are scored
            self.round()
            quick = self.throw.choice([one for one in self.people if one != who])
            with self.database.transaction() as slow:
                self.buy(replace(self.shop, tx=slow, shirt=self.skirt), who, till=self.shop.other)
                with self.database.transaction() as tx:
                    self.buy(replace(self.shop, tx=tx), quick)
                self.round()
            return
        with self.database.transaction() as tx:
            shop = replace(self.shop, tx=tx)
            if verb in {"buy", "late"}:
                self.buy(shop, who, at=self.at - (self.throw.randint(1, 500) * DAY if verb == "late" else 0 * DAY))
            elif verb == "return" and self.sold:
                customer_id, sale_id, goods = self.sold.pop(self.throw.randrange(len(self.sold)))
                replace(shop, shirt=goods).takes_back(customer_id, sale_id, 1, at=self.at)
            elif verb == "void" and self.sold and self.sold[-1][2] == shop.shirt:  # a skirt is the other till's
                shop.voids_late(self.sold.pop()[1], at=self.at)
            elif verb == "merge" and who != self.people[0] and len(self.people) > 3:
                merge_customers(tx, loser_id=who, survivor_id=self.people[0], at=self.at)
                self.merges.append((tx.scalars(text("SELECT max(id) FROM customer_merge")).one(), who))
                self.people.remove(who)
            elif verb == "undo" and self.merges and self.at - self.merged_at(tx) < 30 * DAY:
                merge_id, loser = self.merges.pop()
                undo_merge(tx, merge_id=merge_id, by=crm.By(shop.one.cashier.id), at=self.at)
                self.people.append(loser)
            elif verb in {"off", "on"}:
                word = crm.Agreed("personalisation", granted=verb == "on", text_version=TEXT)
                note_consent(tx, customer_id=who, word=word, channel="office", by=crm.By(None), at=self.at)
                tx.execute(text("SELECT tell_customer(:id)"), {"id": who})

    def buy(self, shop: Shop, who: UUID, *, at=None, till=None) -> None:
        """Somebody buys some shirts, or very many; one in five of them on the web."""
        shirts = self.throw.choice([1, 2, 3, 40, 70])
        sale_id, outcome = shop.sells(who, shirts, at=at or self.at, till=till)
        assert outcome.kind == "accepted"
        if self.throw.random() < 0.2:
            shop.tx.execute(text("UPDATE sale SET channel = 'web' WHERE id = :id"), {"id": sale_id})
        self.sold.append((who, sale_id, shop.shirt))

    def a_condition(self, goods: Sequence[str]) -> dict[str, Any]:
        """Something a segment may say of purchases."""
        kind = self.throw.choice(["orders", "spent", "bought", "channel"])
        number, days = self.throw.choice([1, 2, 5, 12]), self.throw.choice([1, 2, 7, 30, 90, 365, 2_000])
        said: dict[str, Any] = {"kind": kind} | ({"days": days} if kind != "channel" and self.throw.random() < 0.8 else {})
        if kind == "orders":
            return said | {self.throw.choice(["least", "most"]): number}
        if kind == "spent":
            return said | {self.throw.choice(["least_vnd", "under_vnd"]): number * 10 * UNIT_VND}
        named = (
            {"categories": [self.throw.choice(goods)]}
            if kind == "bought"
            else {"channel": self.throw.choice(["store", "web"])}
        )
        return said | named | {"isnt": self.throw.random() < 0.3}

    def merged_at(self, tx):
        """When the last merge was."""
        return tx.scalars(text("SELECT merged_at FROM customer_merge WHERE id = :id"), {"id": self.merges[-1][0]}).one()

    def round(self) -> None:
        """The job that runs every second."""
        with self.database.transaction() as tx:
            crm.catch_up(tx, now=self.at)

    def night(self) -> None:
        """The job of the night."""
        with self.database.transaction() as tx:
            crm.score_by_night(tx, now=self.at)


def sums(tx) -> list[tuple[object, ...]]:
    rows = tx.execute(
        text("SELECT customer_id, first_sold_on, orders, last_sold_on, net_vnd, group_key FROM customer_score")
    )
    return sorted(map(tuple, rows))


def days_kept(tx) -> dict[UUID, tuple[object, ...]]:
    query = "SELECT customer_id, sold_days, orders_until, vnd_until, in_shops, on_web FROM customer_score"
    return {row.customer_id: tuple(row) for row in tx.execute(text(query))}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_any_history_what_was_folded_in_equals_what_is_counted_anew(
    fresh: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    history = History(fresh, monkeypatch, seed)
    folded: list[str] = []
    event.listen(
        fresh.engine, "before_cursor_execute", lambda *call: folded.append(call[2]) if "fold_sales" in call[2] else None
    )
    history.round()
    history.night()
    with fresh.transaction() as tx:
        goods = [str(one) for one in tx.scalars(text("SELECT DISTINCT category_id FROM style"))]
    for _ in range(6):
        history.steps(25)
        history.round()
        with fresh.transaction() as tx:
            by_sale = sums(tx), goods_kept(tx), days_kept(tx)
            assert kept(tx) == reference(tx, borders_of(tx))
            assert by_sale[1] == goods_bought(tx)
            on = clock.business_day(history.at)
            for condition in [history.a_condition(goods) for _ in range(40)]:
                sql, bound = people_sql(terms_of({"every": [condition]}), on=on)
                assert set(tx.scalars(text(sql), bound)) == people_meant(tx, condition, on), condition
            facts = {"on": on, "at": history.at}
            tx.execute(text("SELECT keep_bought(NULL)"))
            # Nobody is in another group or tier when everybody is counted anew.
            assert tx.scalar(text("SELECT score_customers(NULL, :on, :at)"), facts) == []
            assert (sums(tx), goods_kept(tx), days_kept(tx)) == by_sale
    assert len(folded) > 20


def test_a_sale_that_comes_while_its_buyer_is_counted_anew_counts_once(
    fresh: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(fresh, monkeypatch, 1)
    ngoc = history.people[1]
    with fresh.transaction() as tx:
        shop = replace(history.shop, tx=tx)
        first, _ = shop.sells(ngoc, 1, at=BEGAN)
        shop.sells(ngoc, 2, at=BEGAN)
    history.night()
    history.at = BEGAN + DAY
    history.round()
    with fresh.transaction() as tx:
        replace(history.shop, tx=tx).voids_late(first, at=history.at)

    def meanwhile(*call: object) -> None:
        if "score_customers" in str(call[2]) and not sold:
            sold.append(True)
            with fresh.transaction() as other:
                replace(history.shop, tx=other).sells(ngoc, 3, at=history.at)

    sold: list[bool] = []
    event.listen(fresh.engine, "before_cursor_execute", meanwhile)
    history.round()
    assert sold == [True]
    for _ in range(2):
        with fresh.transaction() as tx:
            assert tx.execute(text("SELECT orders, net_vnd FROM customer_score")).all() == [(2, 5 * UNIT_VND)]
        history.round()


def test_who_was_not_heard_of_for_longer_than_events_are_kept_is_counted_anew(
    fresh: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(fresh, monkeypatch, 1)
    with fresh.transaction() as tx:
        replace(history.shop, tx=tx).sells(history.people[1], 1, at=BEGAN)
    history.night()
    history.round()
    with fresh.transaction() as tx:
        replace(history.shop, tx=tx).sells(history.people[1], 1, at=BEGAN + DAY)
        tx.execute(text("DELETE FROM event"))
    history.at += 9 * DAY
    history.round()
    with fresh.transaction() as tx:
        assert tx.scalar(text("SELECT orders FROM customer_score")) == 2


def test_a_style_that_moves_takes_what_was_bought_of_it_along_that_night(shop) -> None:
    customer_id = shop.customer()
    shop.sells(customer_id, 1)
    crm.score_by_night(shop.tx, now=NOON)
    other = shop.tx.scalars(text(A_CATEGORY)).one()
    shop.tx.execute(text("UPDATE style SET category_id = :id"), {"id": other})
    crm.catch_up(shop.tx, now=NOON)
    crm.score_by_night(shop.tx, now=NOON + DAY)
    assert goods_kept(shop.tx) == goods_bought(shop.tx)
    assert set(goods_kept(shop.tx)[customer_id][0]) == {other}
