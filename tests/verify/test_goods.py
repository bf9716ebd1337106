"""The checks of goods in and on their way find the one discrepancy each is there for."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import raw
from builders import LONG_AGO, a_branch, a_depot, a_person, a_style, a_till, stocked
from counting import Shop
from placket import inventory, verify
from placket.core.ids import new_id
from placket.inventory.count_models import StockCount
from placket.verify.documents import document_of


@pytest.fixture
def road(tx: Session) -> Session:
    """Five shirts were sent from the depot to a branch, and three arrived."""
    depot_id, branch_id, shirt = a_depot(tx), a_branch(tx), a_style(tx).one
    stocked(tx, depot_id, {shirt: 5})
    staff_id, transfer_id = a_person(tx, "warehouse").id, new_id()
    by = {"by": inventory.By(staff_id), "now": LONG_AGO}
    ends = {"from_id": depot_id, "to_id": branch_id, "lines": [inventory.Move(shirt, 5)]}
    inventory.request_transfer(tx, transfer_id=transfer_id, **ends, note=None, staff_id=staff_id, now=LONG_AGO)
    inventory.pick(tx, transfer_id=transfer_id, act_id=new_id(), lines=[inventory.Move(shirt, 5)], **by)
    inventory.ship(tx, transfer_id=transfer_id, act_id=new_id(), looked_for={}, **by)
    arrived = [inventory.Arrived(shirt, 3, 0)]
    inventory.receive(tx, transfer_id=transfer_id, act_id=new_id(), lines=arrived, complete=True, **by)
    return tx


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE transfer_line SET settled = 1", ["in_transit_is_not_there", "transfers_end_clear"]),
        (
            "UPDATE stock_ledger SET qty = qty - 1 WHERE kind = 'transfer_in' AND qty > 0",
            ["balance_is_ledger", "transfers_lose_nothing"],
        ),
        ("UPDATE exception_log SET qty = 1", ["transfers_end_clear"]),
        ("UPDATE transfer SET state = 'done'", ["transfers_end_clear"]),
        ("UPDATE stock_document SET belongs_to = NULL WHERE kind = 'transfer_out'", ["in_transit_is_not_there"]),
    ],
)
def test_finds_a_transfer_that_lost_pieces(road: Session, statement: str, found: list[str]) -> None:
    assert verify.prove(raw(road)) == []
    road.execute(text("ALTER TABLE stock_ledger DISABLE TRIGGER append_only"))
    road.execute(text(statement))
    assert sorted({finding.check for finding in verify.prove(raw(road))}) == found


@pytest.fixture
def dock(tx: Session) -> Session:
    """Five shirts of an order came to a depot, at 1.000 ₫ a piece."""
    depot_id, shirt, staff_id = a_depot(tx), a_style(tx).one, a_person(tx, "warehouse").id
    known = {"phone": None, "tax_code": None, "note": None, "now": LONG_AGO}
    supplier = inventory.add_supplier(tx, supplier_id=new_id(), name="Dệt Nam Định", **known)
    facts = {"supplier_id": supplier.id, "location_id": depot_id, "note": None}
    ordered = [inventory.Ordered(shirt, 5, 1_000)]
    by = {"staff_id": staff_id, "now": LONG_AGO}
    order = inventory.order_goods(tx, order_id=new_id(), lines=ordered, expected_on=None, **facts, **by)
    came = [inventory.Delivered(shirt, 5)]
    taken = {"by": inventory.By(staff_id), "now": LONG_AGO}
    inventory.receive_goods(tx, receipt_id=new_id(), order_id=order.id, lines=came, **facts, **taken)
    return tx


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE receipt_line SET accepted = accepted + 1", ["orders_are_their_receipts", "receipts_are_their_moves"]),
        ("UPDATE variant_cost SET average_vnd = average_vnd + 1", ["cost_is_its_receipts"]),
        ("UPDATE receipt_line SET pieces_before = 5, cost_before_vnd = 2000", ["cost_is_its_receipts"]),
        ("UPDATE purchase_line SET received = 9", ["orders_are_their_receipts"]),
    ],
)
def test_finds_a_receipt_that_does_not_add_up(dock: Session, statement: str, found: list[str]) -> None:
    assert verify.prove(raw(dock)) == []
    dock.execute(text(statement))
    assert sorted({finding.check for finding in verify.prove(raw(dock))}) == found


@pytest.fixture
def counted(tx: Session) -> tuple[Shop, StockCount]:
    """A shop in which a count has found a piece too few, and a piece was written off."""
    branch_id, goods = a_branch(tx), a_style(tx, price_vnd=100_000)
    stocked(tx, branch_id, {goods.one: 5})
    shop = Shop(tx, branch_id, goods, a_till(tx, branch_id), a_till(tx, branch_id))
    count = shop.plan()
    shop.scan(count, {goods.one: 4})
    shop.posted(count)
    gone = {"cause": "damaged", "note": "rách", "lines": [inventory.Move(goods.one, -1)], "limit_vnd": None}
    who = {"by": inventory.By(shop.one.cashier.id), "price_of": lambda _variant_id: 100_000, "now": shop.now}
    inventory.ask_adjustment(tx, adjustment_id=new_id(), location_id=branch_id, **gone, **who)
    assert verify.prove(raw(tx)) == []
    return shop, count


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE count_line SET counted = 3, difference = -2", "counts_are_their_moves"),
        ("UPDATE stock_count SET pieces_off = 0", "counts_are_their_lines"),
        ("UPDATE stock_adjustment SET state = 'declined'", "adjustments_are_their_moves"),
    ],
)
def test_finds_a_count_or_an_adjustment_that_moved_something_else(
    counted: tuple[Shop, StockCount], statement: str, check: str
) -> None:
    shop, _count = counted
    shop.tx.execute(text(statement))
    assert check in {finding.check for finding in verify.prove(raw(shop.tx))}


def test_what_is_wrong_with_a_count_opens_the_count(counted: tuple[Shop, StockCount]) -> None:
    shop, count = counted
    shop.tx.execute(text("UPDATE stock_count SET pieces_off = 0"))
    (finding,) = verify.prove(raw(shop.tx))
    shown = document_of(shop.tx, finding.subject)
    assert shown is not None
    assert (shown.kind, shown.key, shown.location_id) == ("count", str(count.id), count.location_id)
