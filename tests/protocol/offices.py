"""A served chain that an office looks at: what the tests of this folder share when they speak HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self
from uuid import UUID

import httpx

from builders import Person, TillAtWork, a_branch, a_person, a_style, a_till, stocked
from placket.core.db import Database
from served import own_database
from serving import serving


@dataclass(frozen=True)
class ServedChain:
    """A served chain with its owner and a shirt; every test makes a branch of its own."""

    http: httpx.Client
    database: Database
    owner: Person
    shirt: UUID

    @classmethod
    @contextmanager
    def open(cls, purpose: str) -> Iterator[Self]:
        """A chain for as long as the block lasts."""
        with own_database(purpose) as database:
            with database.transaction() as tx:
                owner, shirt = a_person(tx, "owner"), a_style(tx).one
            with serving(database.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
                yield cls(http, database, owner, shirt)

    def branch(self, code: str) -> tuple[UUID, TillAtWork]:
        """A branch with two shirts and an attached till."""
        with self.database.transaction() as tx:
            place = a_branch(tx, code)
            stocked(tx, place, {self.shirt: 2})
            return place, a_till(tx, place)
