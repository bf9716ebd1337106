"""A branch that sells under terms in force since long ago, and its tills."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from books import Line, a_sale, kinds, post
from builders import TillAtWork, a_branch, a_person, a_style, a_till, einvoice_terms, stocked
from placket.core.db import Database
from placket.core.settings import settings
from placket.sales import SaleToPost

SOLD_AT = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
TOMORROW = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)


@dataclass
class House:
    """Where the tests of this folder sell shirts at 100.000 ₫, 8 % VAT inside."""

    database: Database
    branch_id: UUID
    till: TillAtWork
    shirt: UUID
    owner: UUID

    def sells(self, qty: int = 1, *, at: datetime = SOLD_AT, returns: tuple[UUID, int] | None = None) -> SaleToPost:
        """A sale in the books."""
        with self.database.transaction() as tx:
            sale = a_sale(self.till, Line(self.shirt, qty, returns=returns), at=at)
            assert kinds(post(tx, sale)) == ["accepted"]
        return sale


@pytest.fixture
def house(fresh: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("PLACKET_VAR", str(tmp_path))
    settings.cache_clear()
    with fresh.transaction() as tx:
        branch_id = a_branch(tx)
        till, owner = a_till(tx, branch_id), a_person(tx)
        shirt = a_style(tx, "AO0001").one
        stocked(tx, branch_id, {shirt: 50})
        einvoice_terms(tx)
    yield House(fresh, branch_id, till, shirt, owner.id)
    settings.cache_clear()
