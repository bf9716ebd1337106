"""A depot and a branch with some shirts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from books import raw
from builders import LONG_AGO, Goods, a_branch, a_depot, a_style, stocked
from placket import inventory, verify
from placket.core.ids import new_id
from placket.inventory.models import Promise


@dataclass
class Store:
    """Where the tests of this folder keep their goods: 5 of M and 2 of L in the depot."""

    tx: Session
    depot_id: UUID
    branch_id: UUID
    shirt: Goods
    m: UUID
    l: UUID  # noqa: E741 - a size

    def reserve(
        self,
        *lines: tuple[UUID, int],
        ref: UUID | None = None,
        at: UUID | None = None,
        pay_by: datetime = LONG_AGO + timedelta(minutes=10),
    ) -> list[Promise]:
        """Promise some pieces, in the depot unless another place is given."""
        return inventory.reserve(
            self.tx,
            ref=ref or new_id(),
            kind="ship",
            location_id=at or self.depot_id,
            lines=[inventory.Move(variant_id, qty) for variant_id, qty in lines],
            pay_by=pay_by,
            now=LONG_AGO,
        )

    def adjust(self, *lines: tuple[UUID, int], document_id: UUID | None = None, at: UUID | None = None) -> None:
        """Correct the books of a place."""
        inventory.adjust(
            self.tx,
            document_id=document_id or new_id(),
            kind="adjustment",
            reason="Kiểm kê",
            location_id=at or self.depot_id,
            lines=[inventory.Move(variant_id, qty) for variant_id, qty in lines],
            by=inventory.By(None),
            now=LONG_AGO,
        )

    def findings(self) -> Sequence[verify.Finding]:
        """What is wrong with the books."""
        return verify.prove(raw(self.tx))


@pytest.fixture
def store(tx: Session) -> Store:
    depot_id, branch_id = a_depot(tx), a_branch(tx)
    shirt = a_style(tx, price_vnd=100_000, sizes=("M", "L"))
    m, l = shirt.variants["DEN-M"], shirt.variants["DEN-L"]  # noqa: E741 - a size
    stocked(tx, depot_id, {m: 5, l: 2})
    return Store(tx, depot_id, branch_id, shirt, m, l)
