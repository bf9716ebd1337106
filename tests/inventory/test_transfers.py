"""Transfers: pieces leave one place, are nobody's on the way, and arrive; whatever differs waits for a person."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from books import Line, a_sale, balance, count, fingerprints, kinds, on_hand, post
from builders import LONG_AGO, a_person, a_till
from placket import inventory
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.inventory.models import ExceptionLog
from placket.inventory.places import LocationInUse, change_location
from placket.inventory.refusals import NeedsItsDocument
from placket.inventory.service.exceptions import close_exception
from placket.inventory.transfer_models import Transfer

ANY_WORTH: Any = {"limit_vnd": None, "price_of": lambda _: 0}


@dataclass
class Road:
    """The way from the depot (5 M, 2 L) to the branch, and somebody who packs and unpacks."""

    store: Any
    staff_id: UUID

    @property
    def by(self) -> inventory.By:
        """The person."""
        return inventory.By(self.staff_id)

    def ask(self, *lines: tuple[UUID, int], transfer_id: UUID | None = None, back: bool = False) -> Transfer:
        """Ask the depot for goods, or the branch for goods to go back."""
        ends = (self.store.depot_id, self.store.branch_id)
        from_id, to_id = reversed(ends) if back else ends
        moves = [inventory.Move(*line) for line in lines]
        made = {"transfer_id": transfer_id or new_id(), "from_id": from_id, "to_id": to_id, "lines": moves, "note": None}
        return inventory.request_transfer(self.store.tx, **made, staff_id=self.staff_id, now=LONG_AGO)

    def pick(self, transfer: Transfer, *lines: tuple[UUID, int], act_id: UUID | None = None) -> Transfer:
        """Put pieces into its boxes."""
        moves = [inventory.Move(*line) for line in lines]
        facts = {"transfer_id": transfer.id, "act_id": act_id or new_id(), "by": self.by, "now": LONG_AGO}
        return inventory.pick(self.store.tx, lines=moves, **facts)

    def ship(self, transfer: Transfer, looked_for: dict[UUID, int] | None = None, act_id: UUID | None = None) -> Transfer:
        """Send it off."""
        facts = {"transfer_id": transfer.id, "act_id": act_id or new_id(), "by": self.by, "now": LONG_AGO}
        return inventory.ship(self.store.tx, looked_for=looked_for or {}, **facts)

    def sent(self, *lines: tuple[UUID, int]) -> Transfer:
        """A transfer that is on its way."""
        transfer = self.ask(*lines)
        self.pick(transfer, *lines)
        return self.ship(transfer)

    def receive(
        self, transfer: Transfer, *lines: tuple[UUID, int, int], complete: bool = True, act_id: UUID | None = None
    ) -> Transfer:
        """Unpack (variant, good, damaged)."""
        facts = {"transfer_id": transfer.id, "act_id": act_id or new_id(), "by": self.by, "now": LONG_AGO}
        arrived = [inventory.Arrived(*line) for line in lines]
        return inventory.receive(self.store.tx, lines=arrived, complete=complete, **facts)

    def tasks(self, transfer: Transfer) -> list[ExceptionLog]:
        """What waits for a person, by kind."""
        self.store.tx.flush()
        return sorted(
            self.store.tx.query(ExceptionLog).filter_by(belongs_to=transfer.id, state="open"), key=lambda task: task.kind
        )

    def settle(self, transfer: Transfer, outcome: str, qty: int, task: ExceptionLog | None = None) -> Transfer:
        """Say what became of pieces of the only task, or of one."""
        (only,) = [task] if task else self.tasks(transfer)
        facts = {"transfer_id": transfer.id, "difference_id": only.id, "act_id": new_id(), "by": self.by, "now": LONG_AGO}
        return inventory.settle_difference(self.store.tx, outcome=outcome, qty=qty, note="đã hỏi kho", **facts, **ANY_WORTH)

    def pieces(self, variant_id: UUID) -> tuple[int, int, int, int]:
        """On hand at the depot, on the way, at the branch, damaged."""
        places = (self.store.depot_id, inventory.TRANSIT_ID, self.store.branch_id, inventory.DAMAGED_ID)
        depot, way, branch, damaged = (on_hand(self.store.tx, place, variant_id) for place in places)
        return depot, way, branch, damaged


@pytest.fixture
def road(store) -> Road:
    return Road(store, a_person(store.tx, "warehouse").id)


def test_pieces_leave_are_on_the_way_and_arrive(road: Road) -> None:
    store = road.store
    transfer = road.ask((store.m, 3), (store.l, 1))
    assert (transfer.state, transfer.code[:2], len(transfer.code)) == ("requested", "08", 13)
    road.pick(transfer, (store.m, 2))
    road.pick(transfer, (store.m, 1), (store.l, 1))
    assert (transfer.state, road.pieces(store.m)) == ("picking", (5, 0, 0, 0)), "picking moves nothing in the books"
    road.ship(transfer)
    assert (transfer.state, road.pieces(store.m), road.pieces(store.l)) == ("in_transit", (2, 3, 0, 0), (1, 1, 0, 0))
    assert store.findings() == []
    road.receive(transfer, (store.m, 3, 0), complete=False)
    assert (transfer.state, road.pieces(store.m), road.pieces(store.l)) == ("part_received", (2, 0, 3, 0), (1, 1, 0, 0))
    road.receive(transfer, (store.l, 1, 0), complete=False)
    assert (transfer.state, road.pieces(store.l), road.tasks(transfer)) == ("done", (1, 0, 1, 0), [])
    assert store.findings() == []


def test_what_is_on_the_way_is_sold_and_promised_nowhere(road: Road) -> None:
    store = road.store
    road.sent((store.m, 5))
    till = a_till(store.tx, store.branch_id)
    for source in (store.branch_id, store.depot_id):
        assert kinds(post(store.tx, a_sale(till, Line(store.m, 1, source), receipt_no=1))) == ["out_of_stock"]
    with pytest.raises(inventory.OutOfStock), store.tx.begin_nested():
        store.reserve((store.m, 1))
    with pytest.raises(NotFound), store.tx.begin_nested():
        store.reserve((store.m, 1), at=inventory.TRANSIT_ID)
    with pytest.raises(NotFound), store.tx.begin_nested():
        store.adjust((store.m, -1), at=inventory.TRANSIT_ID)
    found = inventory.elsewhere(store.tx, variant_ids=[store.m], than=store.branch_id)
    assert found == {}


def test_promised_pieces_are_not_shipped(road: Road) -> None:
    store = road.store
    store.reserve((store.m, 3))
    transfer = road.ask((store.m, 4), (store.l, 1))
    road.pick(transfer, (store.m, 4), (store.l, 1))
    before = fingerprints(store.tx)
    with pytest.raises(inventory.ShippedTooMany) as refused, store.tx.begin_nested():
        road.ship(transfer)
    assert refused.value.facts == {"lines": [{"variant_id": str(store.m), "picked": 4, "free": 2}]}
    assert fingerprints(store.tx) == before
    road.pick(transfer, (store.m, -2))
    road.ship(transfer)
    assert (road.pieces(store.m), balance(store.tx, store.depot_id, store.m)) == ((3, 2, 0, 0), (3, 3, 0))
    assert store.findings() == []


def test_where_tills_sell_somebody_looks_for_the_promised_pieces_first(road: Road) -> None:
    store = road.store
    store.adjust((store.m, 4), at=store.branch_id)
    store.reserve((store.m, 1), at=store.branch_id)
    transfer = road.ask((store.m, 2), back=True)
    road.pick(transfer, (store.m, 2))
    with pytest.raises(inventory.LookFirst) as refused, store.tx.begin_nested():
        road.ship(transfer)
    assert refused.value.facts == {"lines": [{"variant_id": str(store.m), "promised": 1}]}
    road.ship(transfer, {store.m: 1})
    assert road.pieces(store.m) == (5, 2, 2, 0)
    assert store.findings() == []


def test_what_arrives_damaged_is_set_aside_and_asked_after(road: Road) -> None:
    store = road.store
    transfer = road.receive(road.sent((store.m, 5)), (store.m, 4, 1))
    assert (transfer.state, road.pieces(store.m)) == ("differs", (0, 0, 4, 1))
    (task,) = road.tasks(transfer)
    assert (task.kind, task.qty, task.owner_id, task.location_id) == ("transfer_damaged", 1, road.staff_id, store.branch_id)
    assert str(task.due_on) == "2025-07-04"
    road.settle(transfer, "written_off", 1)
    assert (transfer.state, road.pieces(store.m), store.findings()) == ("done", (0, 0, 4, 0), [])


def test_what_is_damaged_may_be_mended(road: Road) -> None:
    transfer = road.receive(road.sent((road.store.m, 5)), (road.store.m, 4, 1))
    road.settle(transfer, "restocked", 1)
    assert (transfer.state, road.pieces(road.store.m), road.store.findings()) == ("done", (0, 0, 5, 0), [])


def test_what_is_missing_stays_on_the_way_until_somebody_says_where_it_is(road: Road) -> None:
    store = road.store
    transfer = road.receive(road.sent((store.m, 5)), (store.m, 2, 0))
    assert (transfer.state, road.pieces(store.m)) == ("differs", (0, 3, 2, 0))
    road.settle(transfer, "arrived", 1)
    road.settle(transfer, "at_source", 1)
    assert (transfer.state, road.pieces(store.m), store.findings()) == ("differs", (1, 1, 3, 0), [])
    road.settle(transfer, "lost", 1)
    assert (transfer.state, road.pieces(store.m), store.findings()) == ("done", (1, 0, 3, 0), [])
    assert transfer.closed_at == LONG_AGO


def test_what_came_beyond_is_there_to_sell_and_asked_after(road: Road) -> None:
    store = road.store
    transfer = road.receive(road.sent((store.m, 2)), (store.m, 2, 1), (store.l, 1, 0))
    assert (transfer.state, road.pieces(store.m), road.pieces(store.l)) == ("differs", (3, 0, 2, 1), (2, 0, 1, 0))
    damaged, of_one, of_other = road.tasks(transfer)
    assert [damaged.kind, of_one.kind, of_other.kind] == ["transfer_damaged", "transfer_extra", "transfer_extra"]
    road.settle(transfer, "written_off", 1, damaged)
    beyond = {task.variant_id: task for task in (of_one, of_other)}
    road.settle(transfer, "unexplained", 1, beyond[store.m])
    road.settle(transfer, "from_source", 1, beyond[store.l])
    assert (transfer.state, road.pieces(store.m), road.pieces(store.l)) == ("done", (3, 0, 2, 0), (1, 0, 1, 0))
    assert store.findings() == []


def test_a_difference_is_settled_by_what_fits_and_once(road: Road) -> None:
    transfer = road.receive(road.sent((road.store.m, 2)))
    before = fingerprints(road.store.tx)
    with pytest.raises(inventory.OutcomeDoesNotFit), road.store.tx.begin_nested():
        road.settle(transfer, "written_off", 1)
    with pytest.raises(inventory.DifferenceSettled) as refused, road.store.tx.begin_nested():
        road.settle(transfer, "lost", 3)
    assert refused.value.facts == {"left": 2}
    assert fingerprints(road.store.tx) == before
    (task,) = road.tasks(transfer)
    road.settle(transfer, "lost", 2)
    with pytest.raises(inventory.DifferenceSettled):
        road.settle(transfer, "lost", 1, task)


def test_every_act_is_done_once(road: Road) -> None:
    store, acts = road.store, [new_id() for _ in range(4)]
    transfer = road.ask((store.m, 3), transfer_id=acts[0])
    assert road.ask((store.m, 1), (store.m, 2), transfer_id=acts[0]) is transfer
    for _ in range(2):
        road.pick(transfer, (store.m, 3), act_id=acts[1])
    for _ in range(2):
        road.ship(transfer, act_id=acts[2])
    for _ in range(2):
        road.receive(transfer, (store.m, 3, 0), act_id=acts[3])
    assert (road.pieces(store.m), count(store.tx, "transfer_act"), count(store.tx, "transfer")) == ((2, 0, 3, 0), 3, 1)
    with pytest.raises(inventory.DocumentIdReused):
        road.receive(transfer, (store.m, 2, 0), act_id=acts[3])
    with pytest.raises(inventory.DocumentIdReused):
        road.ask((store.m, 4), transfer_id=acts[0])


def test_picking_takes_what_is_asked_for_and_no_more(road: Road) -> None:
    store = road.store
    transfer = road.ask((store.m, 2))
    with pytest.raises(inventory.NotOnTransfer), store.tx.begin_nested():
        road.pick(transfer, (store.l, 1))
    with pytest.raises(inventory.PickedTooMany) as refused, store.tx.begin_nested():
        road.pick(transfer, (store.m, 3))
    assert refused.value.facts == {"variant_id": str(store.m), "asked": 2, "picked": 0}
    with pytest.raises(inventory.PickedTooMany), store.tx.begin_nested():
        road.pick(transfer, (store.m, -1))
    with pytest.raises(inventory.NothingMoves), store.tx.begin_nested():
        road.ship(transfer)


def test_steps_are_taken_in_their_order(road: Road) -> None:
    transfer = road.ask((road.store.m, 1))
    with pytest.raises(inventory.TransferState):
        road.receive(transfer, (road.store.m, 1, 0))
    road.pick(transfer, (road.store.m, 1))
    inventory.cancel_transfer(road.store.tx, transfer_id=transfer.id, act_id=new_id(), by=road.by, now=LONG_AGO)
    assert (transfer.state, road.pieces(road.store.m)) == ("cancelled", (5, 0, 0, 0))
    with pytest.raises(inventory.TransferState):
        road.ship(transfer)
    assert road.store.findings() == []


def test_the_exception_of_a_difference_ends_with_it_and_not_before(road: Road) -> None:
    transfer = road.receive(road.sent((road.store.m, 2)))
    (task,) = road.tasks(transfer)
    with pytest.raises(NeedsItsDocument):
        close_exception(road.store.tx, exception_id=task.id, scope=None, now=LONG_AGO)


def test_a_place_with_a_transfer_under_way_is_not_closed(road: Road) -> None:
    road.sent((road.store.m, 5))
    road.store.adjust((road.store.l, -2))
    with pytest.raises(LocationInUse):
        change_location(road.store.tx, location_id=road.store.depot_id, changes={"status": "closed"})
