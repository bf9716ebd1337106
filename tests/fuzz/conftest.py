"""A small chain behind a real server, with somebody signed in of every kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest

from builders import Goods, Person, TillAtWork, a_branch, a_depot, a_person, a_style, a_till, signed_in, stocked
from conftest import TEMPLATE, drop_database, make_database, url_of
from placket.core.db import Database
from placket.core.ids import new_id
from serving import Server, serving


@dataclass
class Ground:
    """Two branches with a till each, a depot, a shirt in two sizes, an owner."""

    database: Database
    server: Server
    client: httpx.Client
    branch_id: UUID
    other_branch_id: UUID
    depot_id: UUID
    till: TillAtWork
    other_till: TillAtWork
    blind_till: TillAtWork
    owner: Person
    shirt: Goods
    document_id: UUID

    def sign_in_again(self) -> None:
        """New sessions for owner and cashier, since some requests end them."""
        with self.database.transaction() as tx:
            self.owner = signed_in(tx, self.owner.id)
            self.till.cashier = signed_in(tx, self.till.cashier.id, till_id=self.till.id)


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    name = f"placket_test_fuzz_{new_id().hex[-12:]}"
    make_database(name, url_of("postgres"), TEMPLATE)
    database = Database(url_of(name), pool_size=3)
    with database.transaction() as tx:
        branch_id, other_branch_id, depot_id = a_branch(tx, "HN01"), a_branch(tx, "SG01"), a_depot(tx)
        shirt = a_style(tx, price_vnd=199_000, sizes=("M", "L"))
        till, other_till = a_till(tx, branch_id), a_till(tx, other_branch_id)
        blind_till = a_till(tx, branch_id, attached=False)
        document_id = stocked(tx, branch_id, dict.fromkeys(shirt.all, 10))
        stocked(tx, depot_id, dict.fromkeys(shirt.all, 10))
        owner = a_person(tx, "owner", email="chu@lua.example")
    with serving(database.url) as server, httpx.Client(base_url=server.url) as client:
        yield Ground(
            database,
            server,
            client,
            branch_id,
            other_branch_id,
            depot_id,
            till,
            other_till,
            blind_till,
            owner,
            shirt,
            document_id,
        )
    database.dispose()
    drop_database(name)
