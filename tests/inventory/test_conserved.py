"""Whatever is done to goods, in whatever order: the books stay right, and no piece appears or is lost unaccounted for.

Random days of sales, returns, voids, goods in, transfers, counts (at once, and while everything goes on), adjustments and
promises at a depot and two branches. After every act ``placket verify`` finds nothing, and the pieces at all places, on
the way and damaged are what came in less what was sold and written off.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import Line, a_sale, post, raw
from builders import LONG_AGO, TillAtWork, a_branch, a_depot, a_person, a_style, a_till, stocked
from placket import identity, inventory, sales, verify
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.core.refusals import Refusal
from placket.inventory.count_models import StockAdjustment, StockCount
from placket.inventory.models import ExceptionLog
from placket.inventory.service.arrivals import OUTCOMES
from placket.inventory.transfer_models import Transfer, TransferLine

Act = tuple[str, int, int, int]
"""What is done, and three numbers that choose where, what and how many."""

PIECES = text("SELECT coalesce(sum(on_hand), 0) FROM stock")
SOLD = text("SELECT coalesce(sum(n.qty), 0) FROM sale_line n JOIN sale s ON s.id = n.sale_id WHERE s.state = 'posted'")
BOOKED = text("SELECT coalesce(sum(qty), 0) FROM stock_ledger WHERE kind IN ('opening', 'receipt', 'adjustment', 'count') ")


@dataclass
class Chain:
    """A depot, two branches with a till each, a style in two sizes, and somebody who may do everything."""

    tx: Session
    places: list[UUID]
    sizes: list[UUID]
    tills: list[TillAtWork]
    who: identity.Principal
    sold: list[tuple[UUID, TillAtWork, UUID, int]] = field(default_factory=list)

    def do(self, act: Act) -> None:
        """Do it, or be refused and change nothing."""
        name, one, other, qty = act
        till = self.tills[one % 2]
        last_receipt_no, sold = till.last_receipt_no, list(self.sold)
        try:
            with self.tx.begin_nested():
                ACTS[name](self, one, other, qty)
                self.tx.flush()
        except Refusal:
            till.last_receipt_no, self.sold = last_receipt_no, sold

    @property
    def by(self) -> inventory.By:
        """The person."""
        return inventory.By(self.who.staff_id)

    def facts(self, transfer_id: UUID) -> dict[str, Any]:
        """Of an act on a transfer."""
        return {"transfer_id": transfer_id, "act_id": new_id(), "by": self.by, "now": LONG_AGO}

    def transfers(self, *states: str) -> Sequence[Transfer]:
        """The transfers in one of these states, the oldest first."""
        return self.tx.query(Transfer).filter(Transfer.state.in_(states)).order_by(Transfer.code).all()


def sell(chain: Chain, one: int, other: int, qty: int) -> None:
    """A sale at a till; with more than four pieces it comes from the journal, and nobody refuses it."""
    till, size = chain.tills[one % 2], chain.sizes[other % 2]
    source = chain.places[0] if other > 1 else till.location_id
    sale = a_sale(till, Line(size, qty, source, looked_for=9), mode="record" if qty > 4 else "ask")
    (outcome,) = post(chain.tx, sale)
    if outcome.kind == "accepted":
        chain.sold.append((sale.id, till, size, qty))
    else:
        till.last_receipt_no -= 1


def give_back(chain: Chain, one: int, _other: int, _qty: int) -> None:
    """A whole line comes back to the till that sold it."""
    if chain.sold:
        sale_id, till, size, qty = chain.sold.pop(one % len(chain.sold))
        (outcome,) = post(chain.tx, a_sale(till, Line(size, -qty, returns=(sale_id, 1)), mode="record"))
        assert outcome.kind == "accepted"


def void(chain: Chain, one: int, _other: int, _qty: int) -> None:
    """A sale is undone."""
    if chain.sold:
        sale_id, *_ = chain.sold.pop(one % len(chain.sold))
        sales.void_sale(chain.tx, sale_id=sale_id, receipt_no=None, reason="Khách đổi ý", who=chain.who, now=clock.now())


def bring(chain: Chain, one: int, other: int, qty: int) -> None:
    """Goods come in at a cost, or the books are corrected by a few pieces less."""
    at = {"location_id": chain.places[other % 3], "by": chain.by, "now": LONG_AGO}
    size = chain.sizes[other % 2]
    if one % 2:
        came = [inventory.Delivered(size, qty - 1, 1, "damaged", unit_cost_vnd=10_001 * qty)]
        of = {"order_id": None, "supplier_id": None, "note": None}
        inventory.receive_goods(chain.tx, receipt_id=new_id(), lines=came, **of, **at)
    else:
        less = [inventory.Move(size, -qty)]
        inventory.adjust(chain.tx, document_id=new_id(), kind="adjustment", reason="Thử", lines=less, **at)


def count(chain: Chain, one: int, other: int, qty: int) -> None:
    """Somebody counts a size at a place."""
    inventory.record_count(
        chain.tx,
        document_id=new_id(),
        location_id=chain.places[one % 3],
        counted={chain.sizes[other % 2]: qty},
        reason="Thử",
        by=chain.by,
        now=LONG_AGO,
    )


def take_stock(chain: Chain, one: int, other: int, qty: int) -> None:
    """Both sizes are counted at a place while everything goes on: begun, counted a bit, or closed and posted as it is."""
    place, by = chain.places[one % 3], chain.by
    open_counts = chain.tx.query(StockCount).filter(StockCount.state == "counting", StockCount.location_id == place)
    count = open_counts.order_by(StockCount.number).first()
    who = {"staff_id": chain.who.staff_id, "now": clock.now()}
    if count is None:
        facts = {"kind": "full", "chosen": inventory.Chosen(), "zones": ["Sàn"], "blind": True, "recount_vnd": 0}
        facts |= {"note": None, "planned_for": None}
        made = inventory.plan_count(chain.tx, count_id=new_id(), location_id=place, **facts, **who)
        count = inventory.open_count(chain.tx, count_id=made.id, **who)
    scanned = [inventory.Scanned(chain.sizes[other % 2], qty, who["now"], who["now"])]
    told = {"act_id": new_id(), "zone_no": 1, "lines": scanned, "unknown": [], "device_id": inventory.OFFICE}
    inventory.enter(chain.tx, count_id=count.id, **told, **who)
    if one > 3:
        inventory.close_count(chain.tx, count_id=count.id, **who)
        for variant_id, decision in zip(chain.sizes, ("zero", "post"), strict=True):
            facts = {"variant_ids": [variant_id], "decision": decision, "reason": None, "now": who["now"]}
            inventory.decide(chain.tx, count_id=count.id, **facts)
        priced = {"price_of": lambda _variant_id: 100_000, "now": who["now"]}
        inventory.approve_count(chain.tx, count_id=count.id, limit_vnd=None, may_approve=True, by=by, **priced)
        inventory.book_some(chain.tx, count_id=count.id, after=None, **priced)


def correct(chain: Chain, one: int, other: int, qty: int) -> None:
    """Somebody corrects the books, within what they may or beyond; one in two of those that wait is approved."""
    waiting = chain.tx.query(StockAdjustment).filter_by(state="waiting").first()
    if waiting is not None:
        decided = {"approved": one % 2 == 0, "limit_vnd": None, "by": chain.by, "now": LONG_AGO}
        inventory.decide_adjustment(chain.tx, adjustment_id=waiting.id, **decided)
        return
    inventory.ask_adjustment(
        chain.tx,
        adjustment_id=new_id(),
        location_id=chain.places[one % 3],
        cause="correction",
        note="Thử",
        lines=[inventory.Move(chain.sizes[other % 2], qty if other > 1 else -qty)],
        limit_vnd=300_000,
        price_of=lambda _variant_id: 100_000,
        by=chain.by,
        now=LONG_AGO,
    )


def promise(chain: Chain, one: int, other: int, qty: int) -> None:
    """Pieces of the depot are promised."""
    lines = [inventory.Move(chain.sizes[other % 2], 1 + qty % 2)]
    ref = new_id()
    inventory.reserve(chain.tx, ref=ref, kind="ship", location_id=chain.places[0], lines=lines, pay_by=None, now=LONG_AGO)
    if one % 2:
        inventory.release(chain.tx, ref=ref)


def ask(chain: Chain, one: int, other: int, qty: int) -> None:
    """One place asks another for goods, which are picked at once: all, or all but one."""
    from_id, to_id = chain.places[one % 3], chain.places[(one + 1 + other % 2) % 3]
    transfer_id, size = new_id(), chain.sizes[other % 2]
    lines = [inventory.Move(size, qty)]
    ends = {"from_id": from_id, "to_id": to_id, "lines": lines, "note": None}
    inventory.request_transfer(chain.tx, transfer_id=transfer_id, **ends, staff_id=chain.who.staff_id, now=LONG_AGO)
    picked = max(1, qty - other % 2)
    inventory.pick(chain.tx, lines=[inventory.Move(size, picked)], **chain.facts(transfer_id))


def ship(chain: Chain, one: int, _other: int, _qty: int) -> None:
    """A transfer that is picked leaves; one in eight is given up."""
    waiting = chain.transfers("picking")
    if waiting and one == 7:
        inventory.cancel_transfer(chain.tx, **chain.facts(waiting[0].id))
    elif waiting:
        looked_for = dict.fromkeys(chain.sizes, 9)
        inventory.ship(chain.tx, looked_for=looked_for, **chain.facts(waiting[one % len(waiting)].id))


def receive(chain: Chain, one: int, other: int, qty: int) -> None:
    """Some of what is on the way arrives: less, as much or more, and perhaps a damaged piece or a strange one."""
    coming = chain.transfers("in_transit", "part_received")
    if coming:
        transfer = coming[one % len(coming)]
        lines = [inventory.Arrived(chain.sizes[other % 2], qty - 1, other // 2)]
        inventory.receive(chain.tx, lines=lines, complete=one % 2 == 0, **chain.facts(transfer.id))


def settle(chain: Chain, one: int, _other: int, _qty: int) -> None:
    """Somebody says what became of a piece that differed."""
    open_tasks = chain.tx.query(ExceptionLog).filter(ExceptionLog.kind.like("transfer%"), ExceptionLog.state == "open")
    task = open_tasks.order_by(ExceptionLog.id).first()
    if task is not None:
        outcomes = sorted(OUTCOMES[task.kind])
        inventory.settle_difference(
            chain.tx,
            difference_id=task.id,
            outcome=outcomes[one % len(outcomes)],
            qty=1,
            note="đã hỏi",
            limit_vnd=None,
            price_of=lambda _: 0,
            **chain.facts(task.belongs_to),
        )


ACTS: dict[str, Callable[[Chain, int, int, int], None]] = {
    act.__name__: act
    for act in (sell, give_back, void, bring, count, take_stock, correct, promise, ask, ship, receive, settle)
}
WORDS = [*ACTS, "sell", "ask", "ship", "ship", "receive", "receive"]
acts = st.tuples(st.sampled_from(WORDS), st.integers(0, 7), st.integers(0, 3), st.integers(1, 6))


@pytest.fixture(scope="module")
def chain(database: Database) -> Iterator[Chain]:
    with database.engine.connect() as connection, connection.begin() as outer:
        with Session(connection, join_transaction_mode="create_savepoint") as tx:
            places = [a_depot(tx), a_branch(tx), a_branch(tx, "HN02")]
            sizes = a_style(tx, price_vnd=100_000, sizes=("M", "L")).all
            for place in places:
                stocked(tx, place, dict.fromkeys(sizes, 6))
            tills = [a_till(tx, place) for place in places[1:]]
            owner = a_person(tx)
            grants = identity.access.grants_of(tx, owner.id, at=None)
            who = identity.Principal(new_id(), owner.id, "Chủ", grants, None, clock.now())
            yield Chain(tx, places, sizes, tills, who)
        outer.rollback()


@settings(max_examples=40, deadline=None)
@given(day=st.lists(acts, min_size=8, max_size=24))
def test_pieces_are_conserved_whatever_is_done_to_them(chain: Chain, day: list[Act]) -> None:
    chain.sold.clear()
    with chain.tx.begin_nested() as example:
        for till in chain.tills:
            till.last_receipt_no = 0
        for act in day:
            chain.do(act)
            pieces, sold, booked = (chain.tx.scalars(query).one() for query in (PIECES, SOLD, BOOKED))
            assert pieces == booked - sold, act
        assert verify.prove(raw(chain.tx)) == []
        example.rollback()
    chain.tx.expire_all()


def test_the_days_reach_every_end_of_a_transfer(chain: Chain) -> None:
    """What the property rests on: a day like those above ships, receives, differs and settles."""
    with chain.tx.begin_nested() as example:
        for act in [("ask", 0, 2, 5), ("ship", 0, 0, 1), ("receive", 0, 2, 3), ("settle", 0, 0, 1), ("settle", 1, 0, 1)]:
            chain.do(act)
        (transfer,) = chain.transfers("differs")
        line = chain.tx.query(TransferLine).filter_by(transfer_id=transfer.id).one()
        assert (line.shipped, line.accepted, line.damaged, line.settled) == (5, 2, 1, 1)
        assert verify.prove(raw(chain.tx)) == []
        example.rollback()
    chain.tx.expire_all()
