"""A branch with two tills, plenty of shirts, and the loyalty rule of the company's beginning."""

import pytest
from sqlalchemy.orm import Session

from books import UNIT_VND
from builders import a_branch, a_style, a_till, stocked
from loyal import Shop
from placket import catalog, promotions


@pytest.fixture
def shop(tx: Session, monkeypatch: pytest.MonkeyPatch) -> Shop:
    branch_id = a_branch(tx)
    shirt = a_style(tx, price_vnd=UNIT_VND).one
    stocked(tx, branch_id, {shirt: 10_000})
    monkeypatch.setattr(catalog.price_books, "_book", catalog.load_price_book(tx))
    monkeypatch.setattr(promotions.promo_books, "_book", promotions.read_book(tx))
    one = a_till(tx, branch_id)
    return Shop(tx, branch_id, one, a_till(tx, branch_id), shirt)
