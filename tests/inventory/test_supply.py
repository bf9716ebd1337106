"""Goods in: with an order or without, rejects with their reason, and the moving average of what a piece costs."""

from typing import Any
from uuid import UUID

import pytest

from books import balance, count, fingerprints
from builders import LONG_AGO, a_person
from placket import inventory
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.inventory.rules import average_cost
from placket.inventory.supply_models import PurchaseLine, PurchaseOrder, VariantCost


class Dock:
    """The depot's door, with a supplier and somebody who unpacks."""

    def __init__(self, store: Any) -> None:
        self.store, self.tx = store, store.tx
        self.staff_id = a_person(store.tx, "warehouse").id
        self.supplier_id = self.supplier("Dệt Nam Định").id

    def supplier(self, name: str):
        """Somebody who sells."""
        facts = {"phone": None, "tax_code": None, "note": None, "now": LONG_AGO}
        return inventory.add_supplier(self.tx, supplier_id=new_id(), name=name, **facts)

    def order(self, *lines: tuple[UUID, int, int]) -> PurchaseOrder:
        """Order (variant, pieces, cost of one)."""
        facts = {"supplier_id": self.supplier_id, "location_id": self.store.depot_id, "note": None, "expected_on": None}
        ordered = [inventory.Ordered(*line) for line in lines]
        return inventory.order_goods(
            self.tx, order_id=new_id(), lines=ordered, staff_id=self.staff_id, now=LONG_AGO, **facts
        )

    def receive(
        self,
        *lines: inventory.Delivered,
        order_id: UUID | None = None,
        receipt_id: UUID | None = None,
        at: UUID | None = None,
    ):
        """Take goods in."""
        facts = {"location_id": at or self.store.depot_id, "order_id": order_id, "supplier_id": None, "note": None}
        by = inventory.By(self.staff_id)
        return inventory.receive_goods(self.tx, receipt_id=receipt_id or new_id(), lines=lines, by=by, now=LONG_AGO, **facts)

    def cost(self, variant_id: UUID) -> int:
        """What a piece costs on average."""
        return self.tx.get_one(VariantCost, variant_id, populate_existing=True).average_vnd


@pytest.fixture
def dock(store) -> Dock:
    return Dock(store)


def test_goods_of_an_order_come_in_two_deliveries(dock: Dock) -> None:
    store = dock.store
    order = dock.order((store.m, 10, 120_000), (store.l, 4, 90_000))
    dock.receive(inventory.Delivered(store.m, 6), inventory.Delivered(store.l, 4, 1, "damaged"), order_id=order.id)
    assert (order.state, balance(dock.tx, store.depot_id, store.m)) == ("part", (11, 0, 0))
    dock.receive(inventory.Delivered(store.m, 5), order_id=order.id)
    line = dock.tx.get_one(PurchaseLine, (order.id, store.m))
    assert (order.state, order.closed_at, line.received) == ("done", LONG_AGO, 11), "one more than ordered, for it came"
    rejected = dock.tx.get_one(PurchaseLine, (order.id, store.l))
    assert (rejected.received, rejected.rejected) == (4, 1)
    assert balance(dock.tx, store.depot_id, store.l) == (6, 0, 0), "what is rejected was never ours"
    assert store.findings() == []
    with pytest.raises(inventory.OrderClosed):
        dock.receive(inventory.Delivered(store.m, 1), order_id=order.id)


def test_goods_come_in_without_an_order(dock: Dock) -> None:
    store = dock.store
    receipt = dock.receive(inventory.Delivered(store.m, 3, unit_cost_vnd=100_000), at=store.branch_id)
    assert (receipt.order_id, balance(dock.tx, store.branch_id, store.m)) == (None, (3, 0, 0))
    assert store.findings() == []


@pytest.mark.parametrize(
    ("pieces", "average_vnd", "added", "unit_cost_vnd", "after_vnd"),
    [
        (0, None, 10, 100_000, 100_000),
        (10, 100_000, 5, 130_000, 110_000),
        (3, 100_000, 4, 100_001, 100_001),
        (4, 100_000, 3, 100_001, 100_000),
        (1, 100_000, 1, 100_001, 100_001),
        (0, 90_000, 2, 100_000, 100_000),
        (7, None, 1, 50_000, 50_000),
        (1_000_000, 999_999_999, 1, 0, 999_998_999),
    ],
)
def test_the_average_is_whole_dong_half_away_from_zero(pieces, average_vnd, added, unit_cost_vnd, after_vnd) -> None:
    found = average_cost(pieces=pieces, average_vnd=average_vnd, added=added, unit_cost_vnd=unit_cost_vnd)
    assert found == after_vnd


def test_the_average_moves_with_what_the_whole_chain_has(dock: Dock) -> None:
    store = dock.store
    dock.receive(inventory.Delivered(store.m, 5, unit_cost_vnd=100_000))
    assert dock.cost(store.m) == 100_000, "the five of the opening are taken to have cost the same"
    dock.receive(inventory.Delivered(store.m, 5, unit_cost_vnd=130_000), at=store.branch_id)
    assert dock.cost(store.m) == 110_000, "10 × 100.000 and 5 × 130.000 over 15"
    dock.receive(inventory.Delivered(store.m, 2))
    dock.receive(inventory.Delivered(store.m, 0, 3, "quality", unit_cost_vnd=1))
    assert dock.cost(store.m) == 110_000, "neither a receipt without a cost nor a rejected piece moves it"
    assert store.findings() == []


def test_a_receipt_is_booked_once(dock: Dock) -> None:
    receipt_id = new_id()
    first = dock.receive(inventory.Delivered(dock.store.m, 3, unit_cost_vnd=5_000), receipt_id=receipt_id)
    before = fingerprints(dock.tx)
    assert dock.receive(inventory.Delivered(dock.store.m, 3, unit_cost_vnd=5_000), receipt_id=receipt_id) is first
    assert fingerprints(dock.tx) == before
    with pytest.raises(inventory.DocumentIdReused):
        dock.receive(inventory.Delivered(dock.store.m, 4, unit_cost_vnd=5_000), receipt_id=receipt_id)


def test_what_cannot_be_is_refused_and_nothing_is_written(dock: Dock) -> None:
    store = dock.store
    order = dock.order((store.m, 1, 1_000))
    before = (fingerprints(dock.tx), count(dock.tx, "goods_receipt"))
    for lines in ([], [inventory.Delivered(store.m, 0)], [inventory.Delivered(store.m, 1)] * 2):
        with pytest.raises(inventory.NothingMoves), dock.tx.begin_nested():
            dock.receive(*lines)
    with pytest.raises(inventory.UnknownGoods), dock.tx.begin_nested():
        dock.receive(inventory.Delivered(new_id(), 1))
    with pytest.raises(NotFound), dock.tx.begin_nested():
        dock.receive(inventory.Delivered(store.m, 1), order_id=order.id, at=store.branch_id)
    with pytest.raises(inventory.SupplierNameTaken), dock.tx.begin_nested():
        dock.supplier("Dệt Nam Định")
    assert (fingerprints(dock.tx), count(dock.tx, "goods_receipt")) == before


def test_an_order_is_closed_when_nothing_more_will_come(dock: Dock) -> None:
    order = dock.order((dock.store.m, 5, 1_000))
    inventory.close_order(dock.tx, order_id=order.id, now=LONG_AGO)
    assert (order.state, order.closed_at) == ("closed", LONG_AGO)
    with pytest.raises(inventory.OrderClosed):
        inventory.close_order(dock.tx, order_id=order.id, now=LONG_AGO)
