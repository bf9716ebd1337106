"""A counter to sell at: one branch with a till, a depot, and a shirt in two sizes."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from builders import TillAtWork, a_branch, a_depot, a_style, a_till, stocked


@dataclass
class Counter:
    """Where the tests of this folder sell."""

    tx: Session
    branch_id: UUID
    depot_id: UUID
    till: TillAtWork
    m: UUID
    l: UUID  # noqa: E741 - a size

    def stock(self, *, m: int = 0, l: int = 0, at: UUID | None = None) -> None:  # noqa: E741 - a size
        """So many pieces of each size on the shelf."""
        pieces = {variant_id: qty for variant_id, qty in ((self.m, m), (self.l, l)) if qty}
        stocked(self.tx, at or self.branch_id, pieces)

    def another_till(self) -> TillAtWork:
        """One more till of the branch."""
        return a_till(self.tx, self.branch_id, cashier=self.till.cashier.id)


@pytest.fixture
def counter(tx: Session) -> Counter:
    branch_id, depot_id = a_branch(tx), a_depot(tx)
    shirt = a_style(tx, price_vnd=100_000, sizes=("M", "L"))
    return Counter(tx, branch_id, depot_id, a_till(tx, branch_id), shirt.variants["DEN-M"], shirt.variants["DEN-L"])
