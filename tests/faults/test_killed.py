"""Processes die in the middle of the load: nothing that was acknowledged is lost, nothing is half there.

Twenty tills sell, each sale tried again under the same id until it is answered, while the API, the worker and the
database are killed with SIGKILL and started again. Four more tills are thrown out of the window at the first fault.
"""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from books import prove
from builders import TillAtWork, a_branch, a_cart, a_depot, a_person, a_promise, a_style, a_till, stocked
from conftest import migrate
from crowd import Ask, Client, Reply
from placket.core import postgres
from placket.core.db import Database
from placket.core.ids import new_id
from serving import Process, Server, serving, working
from waiting import until

STEADY, GIVING_UP = 20, 4
BETWEEN_CUSTOMERS_S = 0.1
PIECES = 100_000
WAIT_S = 120.0


class DurableDatabase:
    """A PostgreSQL of the test's own with fsync on, which may be killed."""

    def __init__(self) -> None:
        self.cluster = postgres.cluster(f"test-faults-{new_id().hex[-8:]}")
        self.server = postgres.start(self.cluster)
        self.url = self.cluster.url()
        with psycopg.connect(self.cluster.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE placket")
        migrate(self.url)

    def kill(self) -> None:
        """SIGKILL to the postmaster; its children notice and end."""
        self.server.kill()
        self.server.wait()

    def start(self) -> None:
        """Start again and recover from the log."""
        self.server = postgres.start(self.cluster)

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        postgres.stop(self.server)
        postgres.remove(self.cluster)


@dataclass
class Load:
    """What the tills have been told so far."""

    server: Server
    variants: list[UUID]
    acknowledged: dict[str, tuple[Ask, Reply]] = field(default_factory=dict)
    troubles: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    def run(self, tills: list[TillAtWork]) -> None:
        """Everybody sells until the shop closes."""

        async def everybody() -> None:
            await asyncio.gather(*(self._sell(till, place >= STEADY) for place, till in enumerate(tills)))

        asyncio.run(everybody())

    async def _sell(self, till: TillAtWork, gives_up: bool) -> None:  # noqa: FBT001 - the only two kinds
        dice = random.Random(till.till_no)
        while not self.closing.is_set():
            await asyncio.sleep(BETWEEN_CUSTOMERS_S)
            lines = [(variant_id, dice.randint(1, 2), 100_000) for variant_id in dice.sample(self.variants, k=3)]
            ask = Ask("POST", "/api/sales", till.bearer, a_cart(till, *lines))
            while not await self._try(ask):
                if gives_up:
                    return
                await asyncio.sleep(0.05)

    async def _try(self, ask: Ask) -> bool:
        try:
            async with Client(self.server.port) as client:
                reply = await client.ask(ask)
        except OSError:
            self.troubles += 1
            return False
        if reply.status >= 500:
            self.troubles += 1
            return False
        assert reply.status == 201, reply
        self.acknowledged[ask.body["id"]] = (ask, reply)
        return True


@dataclass
class Ground:
    """A chain under load."""

    postgres: DurableDatabase
    database: Database
    server: Server
    worker: Process
    tills: list[TillAtWork]
    variants: list[UUID]
    depot_id: UUID
    web: dict[str, str]


@pytest.fixture
def ground() -> Iterator[Ground]:
    durable = DurableDatabase()
    database = Database(durable.url, pool_size=3)
    try:
        with database.transaction() as tx:
            depot_id, branch_id = a_depot(tx), a_branch(tx)
            variants = a_style(tx, price_vnd=100_000, sizes=("S", "M", "L", "XL"), colours=("DEN", "DO")).all
            tills = [a_till(tx, branch_id) for _ in range(STEADY + GIVING_UP)]
            stocked(tx, branch_id, dict.fromkeys(variants, PIECES))
            stocked(tx, depot_id, dict.fromkeys(variants, PIECES))
            web = a_person(tx).bearer
        with serving(durable.url) as server, working(durable.url) as worker:
            yield Ground(durable, database, server, worker, tills, variants, depot_id, web)
    finally:
        database.dispose()
        durable.remove()


@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_and_nothing_is_half_there(ground: Ground) -> None:
    promises = promised(ground, 20)
    load = Load(ground.server, ground.variants)
    selling = threading.Thread(target=load.run, args=[ground.tills])
    selling.start()

    def in_the_middle(*faults: Callable[[], None]) -> None:
        served = len(load.acknowledged)
        until(lambda: len(load.acknowledged) >= served + 100 or not selling.is_alive())
        for fault in faults:
            fault()

    database, server, worker = ground.postgres, ground.server, ground.worker
    in_the_middle(server.kill, server.start)
    in_the_middle(worker.kill, worker.start)
    in_the_middle(database.kill, database.start)
    in_the_middle(database.kill, server.kill, database.start, server.start)
    in_the_middle(worker.kill, server.kill, server.start, worker.start)
    in_the_middle(load.closing.set)
    selling.join(WAIT_S)
    assert not selling.is_alive(), "the load came to no end"
    assert load.troubles > 0
    assert len(load.acknowledged) >= 600

    with ground.database.transaction() as tx:
        posted = {str(row.id): row.pieces for row in tx.execute(text("SELECT id, pieces FROM sale"))}
        left = tx.scalar(text("SELECT sum(on_hand) FROM stock WHERE location_id <> :depot"), {"depot": ground.depot_id})
    asked = {sale_id: sum(line["qty"] for line in ask.body["lines"]) for sale_id, (ask, _) in load.acknowledged.items()}
    assert {sale_id: posted.get(sale_id) for sale_id in asked} == asked
    assert len(posted) <= len(asked) + GIVING_UP, "only a till that gave up may have a sale it does not know of"
    assert left == PIECES * len(ground.variants) - sum(posted.values())
    prove(ground.database)
    equal_answers(ground, load)
    released_by_the_worker(ground, promises)
    prove(ground.database)


def equal_answers(ground: Ground, load: Load) -> None:
    """Every sale asked again gets the answer it got at first."""
    by_till: dict[str, list[tuple[Ask, Reply]]] = {}
    for ask, reply in load.acknowledged.values():
        by_till.setdefault(ask.headers["authorization"], []).append((ask, reply))

    async def again(sales: list[tuple[Ask, Reply]]) -> None:
        async with Client(ground.server.port) as client:
            for ask, reply in sales:
                assert await client.ask(ask) == reply

    async def everybody() -> None:
        await asyncio.gather(*map(again, by_till.values()))

    asyncio.run(everybody())


def promised(ground: Ground, many: int) -> int:
    """Promises made before anything goes wrong."""

    async def ask() -> list[Reply]:
        async with Client(ground.server.port) as client:
            bodies = [a_promise(ground.depot_id, (ground.variants[0], 2)) for _ in range(many)]
            return [await client.ask(Ask("POST", "/api/promises", ground.web, body)) for body in bodies]

    assert [reply.status for reply in asyncio.run(ask())] == [201] * many
    return many


def released_by_the_worker(ground: Ground, promises: int) -> None:
    """A worker that was killed twice still lets go of promises that nobody paid for."""
    with ground.database.transaction() as tx:
        tx.execute(text("UPDATE promise SET pay_by = created_at"))

    def released() -> bool:
        with ground.database.transaction() as tx:
            query = text("SELECT count(*) FROM promise WHERE phase = 'released'")
            return bool(tx.scalar(query) == promises)

    until(released)
