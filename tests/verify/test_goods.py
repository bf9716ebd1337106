"""The checks of goods on their way find the one discrepancy each is there for."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import raw
from builders import LONG_AGO, a_branch, a_depot, a_person, a_style, stocked
from placket import inventory, verify
from placket.core.ids import new_id


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
