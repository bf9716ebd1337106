"""Random batches are decided as a page of plain Python decides them: same answers, same stock, nobody refused in vain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import Line, a_sale, balance, kinds, post, raw
from builders import TillAtWork, a_branch, a_depot, a_style, a_till, stocked
from placket import verify
from placket.core.db import Database
from placket.core.ids import new_id
from placket.sales import SaleToPost

TILLS = 6


@dataclass(frozen=True)
class Wish:
    """A sale that somebody wants: (size, pieces, from the depot?) a line; a record asks nobody.

    ``looked_for`` is how many promised pieces the cashier has seen to be still there.
    """

    lines: tuple[tuple[int, int, bool], ...]
    record: bool
    looked_for: int


@dataclass
class Oracle:
    """The rules of docs/rules/stock.md in plain Python, one sale after the other."""

    left: dict[tuple[UUID, UUID], int]
    promised: dict[tuple[UUID, UUID], int]
    answers: list[str] = field(default_factory=list)

    def decide(self, sale: SaleToPost) -> None:
        """Take every line or none."""
        before = dict(self.left)
        why = set()
        for line in sale.lines:
            cell = (UUID(line["source_id"]), UUID(line["variant_id"]))
            if sale.mode == "ask" and line["qty"] > 0:
                if self.left.get(cell, 0) < line["qty"]:
                    why.add("out_of_stock")
                if cell[0] == sale.location_id and self.promised[cell] > line["looked_for"]:
                    why.add("amber")
            self.left[cell] = self.left.get(cell, 0) - line["qty"]
        if why:
            self.left = before
        self.answers.append(max(why, default="accepted"))  # what is lacking goes before what must be looked for


lines = st.tuples(st.integers(0, 2), st.integers(-2, 4).filter(bool), st.booleans())
wishes = st.builds(
    Wish,
    st.lists(lines, min_size=1, max_size=4).map(tuple),
    st.sampled_from([False, False, False, True]),
    st.sampled_from([3, 3, 1, 0]),
)
shelves_of_six = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=6, max_size=6)


@dataclass
class Floor:
    """A branch with six tills, a depot and a style in three sizes; every example starts from it."""

    tx: Session
    places: list[UUID]
    sizes: list[UUID]
    tills: list[TillAtWork]

    @property
    def cells(self) -> list[tuple[UUID, UUID]]:
        """Every place with every size."""
        return [(place, size) for place in self.places for size in self.sizes]


@pytest.fixture(scope="module")
def floor(database: Database) -> Iterator[Floor]:
    with database.engine.connect() as connection, connection.begin() as outer:
        with Session(connection, join_transaction_mode="create_savepoint") as tx:
            places = [a_branch(tx), a_depot(tx)]
            sizes = a_style(tx, price_vnd=100_000, sizes=("S", "M", "L")).all
            first = a_till(tx, places[0])
            tills = [first, *(a_till(tx, places[0], cashier=first.cashier.id) for _ in range(TILLS - 1))]
            yield Floor(tx, places, sizes, tills)
        outer.rollback()


@settings(max_examples=80, deadline=None)
@given(shelves=shelves_of_six, batches=st.lists(st.lists(wishes, min_size=1, max_size=TILLS), min_size=1, max_size=3))
def test_random_batches_are_decided_as_by_the_oracle(
    floor: Floor, shelves: Sequence[tuple[int, int]], batches: Sequence[Sequence[Wish]]
) -> None:
    with floor.tx.begin_nested() as example:
        for till in floor.tills:
            till.last_receipt_no = 0
        _compare(floor, shelves, batches)
        example.rollback()


def _compare(floor: Floor, shelves: Sequence[tuple[int, int]], batches: Sequence[Sequence[Wish]]) -> None:
    tx, oracle = floor.tx, Oracle({}, {})
    for cell, (pieces, promised) in zip(floor.cells, shelves, strict=True):
        oracle.left[cell] = pieces
        oracle.promised[cell] = promised
        if pieces + promised:
            stocked(tx, cell[0], {cell[1]: pieces + promised})
            _promise(tx, *cell, promised)
    origin = a_sale(floor.tills[0], Line(floor.sizes[0], 1), mode="record")
    assert kinds(post(tx, origin)) == ["accepted"]
    oracle.left[floor.cells[0]] -= 1
    for batch in batches:
        sales = [_sale(floor, till, wish, origin.id) for till, wish in zip(floor.tills, batch, strict=False)]
        oracle.answers.clear()
        for sale in sales:
            oracle.decide(sale)
        assert kinds(post(tx, *sales)) == oracle.answers
        for till, answer in zip(floor.tills, oracle.answers, strict=False):
            till.last_receipt_no -= answer != "accepted"
    for cell in floor.cells:
        left, promised = oracle.left[cell], oracle.promised[cell]
        assert balance(tx, *cell) == (left + promised, promised, max(0, -left))
    wrong = {finding.check for finding in verify.prove(raw(tx))}
    assert wrong <= {"returns_were_sold", "refunds_were_paid"}, (
        "the batches return what was never sold, which is not the desk's to judge"
    )


def _promise(tx: Session, place: UUID, size: UUID, qty: int) -> None:
    if qty:
        tx.execute(
            text(
                "INSERT INTO promise (id, ref, kind, location_id, variant_id, qty, phase, created_at) "
                "VALUES (:id, :id, 'ship', :place, :size, :qty, 'confirmed', now())"
            ),
            {"id": new_id(), "place": place, "size": size, "qty": qty},
        )
        tx.execute(
            text(
                "UPDATE stock SET promised = :qty, version = version + 1 WHERE location_id = :place AND variant_id = :size"
            ),
            {"place": place, "size": size, "qty": qty},
        )


def _sale(floor: Floor, till: TillAtWork, wish: Wish, origin: UUID) -> SaleToPost:
    given_lines = [
        Line(
            floor.sizes[size],
            qty,
            floor.places[from_depot],
            returns=(origin, 1) if qty < 0 else None,
            looked_for=wish.looked_for,
        )
        for size, qty, from_depot in wish.lines
    ]
    return a_sale(till, *given_lines, mode="record" if wish.record else "ask")
