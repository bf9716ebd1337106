"""The fifth invariant: a client that replays events equals one that refetches.

Whatever happens to stock, in whatever order transactions commit, a client that took a snapshot at some moment and then
applied every event since, some twice and all in any order, holds what a fresh snapshot says. Full states with a version
given under the row's lock make it so; hypothesis looks for a history in which they do not.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from books import Line, a_sale, post
from builders import TillAtWork, a_branch, a_depot, a_style, a_till, stocked
from placket import identity, inventory, sales
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.core.refusals import Refusal
from placket.inventory import By, Move
from placket.realtime import Position
from placket.realtime.queries import missed
from terminals import Mirror

STATES = ("on_hand", "promised", "asked", "short")


@dataclass(frozen=True)
class Act:
    """One thing that happens: a verb, on which goods, at the branch or the depot, how many pieces."""

    verb: str
    goods: int
    at_depot: bool
    qty: int


ACTS = st.builds(
    Act,
    st.sampled_from(["adjust", "reserve", "release", "sell", "void"]),
    st.integers(0, 2),
    st.booleans(),
    st.integers(-3, 3).filter(bool),
)
TRANSACTIONS = st.lists(st.lists(ACTS, min_size=1, max_size=3), max_size=6)


@dataclass
class Shop:
    """A branch, a depot, four goods; and what has been promised and sold so far."""

    database: Database
    branch: UUID
    depot: UUID
    goods: Sequence[UUID]
    till: TillAtWork
    promises: list[UUID] = field(default_factory=list)
    sold: list[UUID] = field(default_factory=list)

    def happen(self, transactions: Iterable[Iterable[Act]]) -> None:
        """Let things happen, each list in one transaction; what is refused has not happened."""
        for acts in transactions:
            with self.database.transaction() as tx:
                for act in acts:
                    self.do(tx, act)

    def do(self, tx: Session, act: Act) -> None:
        """Do one thing, or be refused."""
        try:
            with tx.begin_nested():
                getattr(self, act.verb)(tx, act)
        except Refusal:
            return

    def adjust(self, tx: Session, act: Act) -> None:
        """Goods come in or are gone."""
        inventory.adjust(
            tx,
            document_id=new_id(),
            kind="adjustment",
            reason="Kiểm kê",
            location_id=self.depot if act.at_depot else self.branch,
            lines=[Move(self.goods[act.goods], act.qty)],
            by=By(None),
            now=clock.now(),
        )

    def reserve(self, tx: Session, act: Act) -> None:
        """Pieces are promised at the depot."""
        promise = new_id()
        now = clock.now()
        lines = [Move(self.goods[act.goods], abs(act.qty))]
        inventory.reserve(
            tx, ref=promise, kind="ship", location_id=self.depot, lines=lines, pay_by=now + timedelta(minutes=5), now=now
        )
        self.promises.append(promise)

    def release(self, tx: Session, act: Act) -> None:
        """A promise is given back."""
        if self.promises:
            inventory.release(tx, ref=self.promises[act.goods % len(self.promises)])

    def sell(self, tx: Session, act: Act) -> None:
        """A cart of two lines at the till: one from the branch, one perhaps from the depot."""
        lines = [
            Line(self.goods[act.goods], abs(act.qty)),
            Line(self.goods[(act.goods + 1) % 3], 1, self.depot if act.at_depot else None),
        ]
        sale = a_sale(self.till, *lines, at=clock.now())
        (outcome,) = post(tx, sale)
        if outcome.kind == "accepted":
            self.sold.append(sale.id)
        else:
            self.till.last_receipt_no -= 1

    def void(self, tx: Session, act: Act) -> None:
        """A sale is undone."""
        if self.sold:
            who = identity.principal_of_session(tx, self.till.cashier.session_id, now=clock.now())
            assert who is not None
            sale_id = self.sold[act.goods % len(self.sold)]
            sales.void_sale(tx, sale_id=sale_id, receipt_no=None, reason="Khách đổi ý", who=who, now=clock.now())

    def fetch(self) -> tuple[Position, Mirror]:
        """A snapshot as a terminal fetches it, and the position that continues it."""
        mirror = Mirror()
        with self.database.snapshot() as tx:
            position = Position.parse(inventory.event_position(tx))
            for place in (self.branch, self.depot):
                for row in inventory.balances(tx, location_id=place):
                    state = {name: getattr(row, name) for name in STATES}
                    mirror.state[f"{place}:{row.variant_id}"] = (row.version, state)
        assert position is not None
        return position, mirror

    def told(self, since: Position, upto: Position) -> list[dict[str, Any]]:
        """What a terminal is told between two positions about stock."""
        with self.database.transaction() as tx:
            heard = missed(tx, since=since, upto=upto)
        assert heard is not None
        return [
            {"key": event.key, "version": event.version, "payload": {name: _state(event)[name] for name in STATES}}
            for event in heard
            if event.topic == "stock.changed"
        ]


def test_old_state_and_replayed_events_equal_a_fresh_snapshot(fresh: Database):
    shop = _shop(fresh)

    # Not made smaller when one fails: the shop lives on from example to example, so a smaller one says nothing.
    @settings(
        max_examples=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
        phases=[Phase.explicit, Phase.generate],
    )
    @given(before=TRANSACTIONS, after=TRANSACTIONS, open_across=st.booleans(), seed=st.integers(0, 2**32))
    @example(before=[], after=[], open_across=True, seed=0)
    def replay(before: list[list[Act]], after: list[list[Act]], open_across: bool, seed: int) -> None:  # noqa: FBT001
        dice = Random(seed)
        with Session(fresh.engine) as slow:
            if open_across:  # on goods nobody else touches: it holds their row
                shop.do(slow, Act("adjust", 3, at_depot=True, qty=2))
                slow.flush()
            shop.happen(before)
            position, mirror = shop.fetch()
            shop.happen(after[: len(after) // 2])
            between, _ = shop.fetch()
            slow.commit()
        shop.happen(after[len(after) // 2 :])
        now, refetched = shop.fetch()

        told = shop.told(position, now)
        first, second = shop.told(position, between), shop.told(between, now)
        assert sorted(map(_name, first + second)) == sorted(map(_name, told))  # a reader with cursors hears each once
        news = told + second + dice.choices(told, k=len(told) if told else 0)
        dice.shuffle(news)
        mirror.apply(news)

        assert mirror.state == refetched.state

    replay()


def _shop(database: Database) -> Shop:
    with database.transaction() as tx:
        branch, depot = a_branch(tx), a_depot(tx)
        goods = a_style(tx, colours=("DEN",), sizes=("S", "M", "L", "XL")).all
        till = a_till(tx, branch)
        for place in (branch, depot):
            stocked(tx, place, dict.fromkeys(goods, 20))
    return Shop(database, branch, depot, goods, till)


def _name(event: dict[str, Any]) -> tuple[str, int]:
    return event["key"], event["version"]


def _state(event: Any) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(event.payload)
    return state
