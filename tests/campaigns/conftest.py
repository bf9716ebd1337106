"""A chain with people who agree and people who do not, a mail server, and whoever writes campaigns."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from books import UNIT_VND
from builders import a_branch, a_style, a_till, stocked
from campaigns.crowd import Crowd
from loyal import Shop
from messages.inbox import Inbox, an_inbox
from placket import catalog, promotions
from placket.core.db import Database
from placket.core.settings import settings


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    with an_inbox() as made:
        monkeypatch.setenv("SMTP_URL", made.url)
        settings.cache_clear()
        yield made
    settings.cache_clear()


@pytest.fixture
def crowd(fresh: Database, inbox: Inbox) -> Crowd:
    return Crowd.made(fresh, inbox)


@pytest.fixture
def shop(tx: Session, monkeypatch: pytest.MonkeyPatch) -> Shop:
    branch_id = a_branch(tx)
    shirt = a_style(tx, price_vnd=UNIT_VND).one
    stocked(tx, branch_id, {shirt: 10_000})
    monkeypatch.setattr(catalog.price_books, "_book", catalog.load_price_book(tx))
    monkeypatch.setattr(promotions.promo_books, "_book", promotions.read_book(tx))
    return Shop(tx, branch_id, a_till(tx, branch_id), a_till(tx, branch_id), shirt)
