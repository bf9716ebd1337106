"""Whatever happens between, a count leaves the books saying what lies on the shelf.

The test knows the shelf: what was sold at once, sold and told much later, brought, stolen. Only thefts since the last count
may be missing from books to which everything has been told; and a line during whose counting something moved is never
believed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from books import raw
from builders import a_branch, a_style, a_till, stocked
from counting import Shop
from placket import inventory, verify
from placket.core.db import Database
from placket.inventory.count_models import StockCount

PIECES = 30


@dataclass
class Floor:
    """The shop with what really lies in it."""

    shop: Shop
    shelf: dict[UUID, int] = field(default_factory=dict)
    stolen_since: dict[UUID, int] = field(default_factory=dict)
    untold: list[tuple[UUID, datetime]] = field(default_factory=list)
    open: StockCount | None = None
    since: dict[UUID, datetime] = field(default_factory=dict)
    moved: set[UUID] = field(default_factory=set)
    stolen_after_scan: dict[UUID, int] = field(default_factory=dict)

    def begin(self) -> None:
        """A full shelf that the books know."""
        self.shelf = dict.fromkeys(self.shop.goods.all, PIECES)
        self.stolen_since = dict.fromkeys(self.shop.goods.all, 0)

    def leaves(self, variant_id: UUID, qty: int = 1) -> None:
        """Pieces leave the shelf, or come to it."""
        self.shelf[variant_id] -= qty
        if variant_id in self.since:
            self.moved.add(variant_id)

    def do(self, act: str, variant_id: UUID) -> None:
        """Something happens to a size."""
        getattr(self, act)(variant_id)

    def sell(self, variant_id: UUID) -> None:
        """Sold and told at once."""
        self.leaves(variant_id)
        self.shop.sell(variant_id)

    def sell_alone(self, variant_id: UUID) -> None:
        """Sold by a till without network."""
        self.leaves(variant_id)
        self.untold.append((variant_id, self.shop.now))

    def tell(self, _variant_id: UUID) -> None:
        """The oldest of what that till sold is told."""
        if self.untold:
            variant_id, at = self.untold.pop(0)
            self.shop.sell(variant_id, at=at, late=True)

    def bring(self, variant_id: UUID) -> None:
        """A box comes in."""
        self.leaves(variant_id, -2)
        self.shop.bring(variant_id, 2)

    def steal(self, variant_id: UUID) -> None:
        """A piece goes and nobody knows."""
        self.shelf[variant_id] -= 1
        self.stolen_since[variant_id] += 1
        if variant_id in self.stolen_after_scan:
            self.stolen_after_scan[variant_id] += 1

    def start(self, variant_id: UUID) -> None:
        """Somebody begins to count a size, and is called away."""
        self._opened()
        self.since.setdefault(variant_id, self.shop.now)

    def count(self, variant_id: UUID) -> None:
        """A size is counted to its end, once a count."""
        count = self._opened()
        if self.shop.lines(count)[variant_id].counted is None:
            since = self.since.pop(variant_id, None)
            self.shop.scan(count, {variant_id: self.shelf[variant_id]}, since=since)
            self.stolen_after_scan[variant_id] = 0
            if variant_id in self.moved:
                assert self.shop.flags(count).get(variant_id) == "moved" or self._told_later(variant_id)

    def _told_later(self, variant_id: UUID) -> bool:
        """What moved was sold without network: the books cannot know yet."""
        return any(one == variant_id for one, _ in self.untold)

    def _opened(self) -> StockCount:
        if self.open is None:
            self.open = self.shop.plan()
        return self.open

    def post(self, _variant_id: UUID) -> None:
        """Whoever reviews has what moved counted again, leaves alone what nobody counted, and posts."""
        if self.open is None:
            return
        count = self.open
        self.shop.close(count)
        for variant_id in {*self.moved, *self.shop.flags(count)} & set(self.stolen_after_scan):
            inventory.count_again(self.shop.tx, count_id=count.id, variant_ids=[variant_id], now=self.shop.now)
            self.shop.scan(count, {variant_id: self.shelf[variant_id]}, round_no=2)
            self.stolen_after_scan[variant_id] = 0
        left = [one for one, flag in self.shop.flags(count).items() if flag == "uncounted"]
        inventory.decide(self.shop.tx, count_id=count.id, variant_ids=left, decision="keep", reason=None, now=self.shop.now)
        self.shop.posted(count)
        self.stolen_since |= self.stolen_after_scan
        self.open, self.since, self.moved, self.stolen_after_scan = None, {}, set(), {}


ACTS = ("sell", "sell_alone", "tell", "bring", "steal", "start", "count", "count", "post")
days = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 1)), min_size=5, max_size=30)


@pytest.fixture(scope="module")
def shop(database: Database) -> Iterator[Shop]:
    with database.engine.connect() as connection, connection.begin() as outer:
        with Session(connection, join_transaction_mode="create_savepoint") as tx:
            branch_id = a_branch(tx)
            goods = a_style(tx, price_vnd=100_000, sizes=("M", "L"))
            stocked(tx, branch_id, dict.fromkeys(goods.all, PIECES))
            yield Shop(tx, branch_id, goods, a_till(tx, branch_id), a_till(tx, branch_id))
        outer.rollback()


@settings(max_examples=40, deadline=None)
@given(day=days)
def test_books_to_which_all_is_told_lack_only_what_was_stolen_since(shop: Shop, day: list[tuple[str, int]]) -> None:
    with shop.tx.begin_nested() as example:
        shop.one.last_receipt_no = 0
        floor = Floor(shop)
        floor.begin()
        for act, place in day:
            floor.do(act, shop.goods.all[place])
        while floor.untold:
            floor.tell(shop.goods.all[0])
        for variant_id, pieces in floor.shelf.items():
            assert shop.on_hand(variant_id) == pieces + floor.stolen_since[variant_id]
        assert verify.prove(raw(shop.tx)) == []
        example.rollback()
    shop.tx.expire_all()
