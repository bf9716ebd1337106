"""One chain with a real server for all tests of the stream; each test looks at goods and people of its own."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from builders import Goods, Person, TillAtWork, a_branch, a_depot, a_person, a_style, a_till, stocked
from conftest import ADDRESS, TEMPLATE, drop_database, make_database, url_of
from placket.core.db import Database
from serving import Server, serving
from terminals import hang_up_all


@dataclass
class Chain:
    """Two branches and a depot, live."""

    database: Database
    server: Server
    here: UUID
    there: UUID
    depot: UUID
    goods: Goods
    till: TillAtWork
    other_till: TillAtWork

    @property
    def url(self) -> str:
        """Where the API answers."""
        return self.server.url

    def person(self, role: str, at: UUID | None = None) -> Person:
        """Somebody new who is signed in."""
        with self.database.transaction() as tx:
            return a_person(tx, role, at=at)


@pytest.fixture(autouse=True)
def lines() -> Iterator[None]:
    """No terminal outlives its test."""
    yield
    hang_up_all()


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    """The chain, its database and its server."""
    name = f"placket_test_stream_{os.getpid()}"
    make_database(name, os.environ[ADDRESS], TEMPLATE)
    database = Database(url_of(name), pool_size=3)
    with database.transaction() as tx:
        here, there, depot = a_branch(tx, "HN01"), a_branch(tx, "HN02"), a_depot(tx)
        goods = a_style(tx, price_vnd=250_000, sizes=("S", "M", "L"))
        till, other_till = a_till(tx, here), a_till(tx, there)
        for place in (here, there, depot):
            stocked(tx, place, dict.fromkeys(goods.all, 1_000))
    with serving(database.url) as server:
        yield Chain(database, server, here, there, depot, goods, till, other_till)
    database.dispose()
    drop_database(name)
