"""A chain at full size behind two real API processes: twelve branches with ten tills each, one depot."""

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest

from books import prove
from builders import (
    Goods,
    Person,
    TillAtWork,
    a_branch,
    a_cart,
    a_depot,
    a_person,
    a_promise,
    a_style,
    a_till,
    stocked,
)
from conftest import TEMPLATE, drop_database, make_database, url_of
from crowd import Ask, Reply
from placket.core.db import Database
from serving import Server, serving

PRICE_VND = 100_000
COLOURS = tuple(f"C{number:02d}" for number in range(60))


@dataclass
class Chain:
    """What every race starts from; each takes variants of its own, so that none waits for another's stock."""

    database: Database
    servers: Sequence[Server]
    depot_id: UUID
    branches: Sequence[UUID]
    tills: Sequence[TillAtWork]
    web: Person
    fresh_variants: Iterator[UUID]

    @property
    def ports(self) -> list[int]:
        """Where the processes listen."""
        return [server.port for server in self.servers]

    def variants(self, many: int, *, pieces: int, at: UUID | None = None) -> list[UUID]:
        """Variants that nobody has used, with so many pieces each, in the depot unless another place is given."""
        taken = list(itertools.islice(self.fresh_variants, many))
        assert len(taken) == many, "the catalogue of the races is used up"
        with self.database.transaction() as tx:
            stocked(tx, at or self.depot_id, dict.fromkeys(taken, pieces))
        return taken

    def sale(self, till: TillAtWork, *lines: tuple[UUID, int], source_id: UUID | None = None) -> Ask:
        """A till sells some pieces, from the depot unless another source is given."""
        priced = [(variant_id, qty, PRICE_VND) for variant_id, qty in lines]
        return Ask("POST", "/api/sales", till.bearer, a_cart(till, *priced, source_id=source_id or self.depot_id))

    def promise(self, *lines: tuple[UUID, int]) -> Ask:
        """A web client has some pieces of the depot promised."""
        return Ask("POST", "/api/promises", self.web.bearer, a_promise(self.depot_id, *lines))

    def release(self, promise: Ask) -> Ask:
        """The web client lets go of what ``promise`` asked for."""
        return Ask("DELETE", f"/api/promises/{promise.body['id']}", self.web.bearer)

    def take_numbers_back(self, asks: Sequence[Ask], replies: Sequence[Reply]) -> None:
        """A till whose sale was refused gives the number to its next one."""
        by_token = {till.bearer["authorization"]: till for till in self.tills}
        for ask, reply in zip(asks, replies, strict=True):
            if ask.path == "/api/sales" and reply.status != 201:
                by_token[ask.headers["authorization"]].last_receipt_no -= 1

    def prove(self) -> None:
        """The books are right."""
        prove(self.database)


@pytest.fixture(scope="package")
def chain() -> Iterator[Chain]:
    name = f"placket_test_races_{os.getpid()}"
    make_database(name, url_of("postgres"), TEMPLATE)
    database = Database(url_of(name), pool_size=5)
    with database.transaction() as tx:
        depot_id = a_depot(tx)
        branches = [a_branch(tx, f"CN{number:02d}") for number in range(1, 13)]
        styles: list[Goods] = [
            a_style(tx, f"AO{number:04d}", price_vnd=PRICE_VND, colours=COLOURS, sizes=("S", "M", "L", "XL"))
            for number in range(1, 3)
        ]
        tills = []
        for branch_id in branches:
            first = a_till(tx, branch_id)
            tills += [first, *(a_till(tx, branch_id, cashier=first.cashier.id) for _ in range(9))]
        web = a_person(tx, "owner")
    variants = iter([variant_id for style in styles for variant_id in style.all])
    with serving(database.url) as one, serving(database.url) as two:
        yield Chain(database, (one, two), depot_id, branches, tills, web, variants)
    database.dispose()
    drop_database(name)
