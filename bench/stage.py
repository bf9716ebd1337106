"""The stage of a benchmark: a durable PostgreSQL of its own, a chain in it, tills that are signed in, the API as a process.

The chain is made once and copied for every benchmark, so each starts from the same rows.
"""

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench import load
from bench.report import say
from placket import catalog, demo, identity, inventory
from placket.core import clock, postgres, schema
from placket.core.db import Database
from placket.core.ids import new_id
from placket.core.settings import ROOT
from placket.demo import Size

CHAIN = demo.SIZES["chain"]
PIECES = 1_000_000
FIRST_PORT = int(os.environ.get("BENCH_PORT", "8150"))


@dataclass(frozen=True, slots=True)
class Stage:
    """A database of the benchmark's own."""

    cluster: postgres.Cluster
    url: str

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """A connection that commits each statement."""
        return psycopg.connect(self.url, autocommit=True)


@contextmanager
def stage(name: str, size: Size = CHAIN) -> Iterator[Stage]:
    """A fresh copy of the chain, dropped afterwards."""
    cluster = postgres.cluster("bench-pg")
    with postgres.running(cluster):
        template = _template(cluster, size)
        database = f"placket_bench_{name}"
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY file_copy')
            connection.execute("CHECKPOINT")
            try:
                yield Stage(cluster, cluster.url(database))
            finally:
                connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def _template(cluster: postgres.Cluster, size: Size) -> str:
    kept = f"placket_bench_{size.name}_template"
    name = f"{kept}_{_what_the_demo_makes()}"
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        _drop_older(connection, kept, name)
        made = connection.execute("SELECT datistemplate FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if made is None or not made[0]:
            say(f"making the demo chain once ({size.name}: {size.styles:,} styles, {size.sales:,} sales)")
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
            schema.migrate(cluster.url(name), say)
            demo.fill(cluster.url(name), size=size, ends_at=clock.now(), say=say)
            if size is CHAIN:
                restock(cluster.url(name))
            connection.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE true')
        else:
            schema.migrate(cluster.url(name), say)
    return name


def _what_the_demo_makes() -> str:
    """A digest of the demo's own source: a chain made by an older one lacks what was added since, promotions for one."""
    sources = sorted(Path(demo.__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]


def _drop_older(connection: psycopg.Connection[tuple[object, ...]], kept: str, name: str) -> None:
    for (older,) in connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND datname <> %s", (kept, name)
    ).fetchall():
        connection.execute(f'ALTER DATABASE "{older}" IS_TEMPLATE false')
        connection.execute(f'DROP DATABASE "{older}" WITH (FORCE)')


def restock(url: str, *, places: int = 1_000) -> None:
    """A million more pieces of everything, in the books like any receipt, so that no sale is refused.

    Everywhere, or in the first so many branches.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction():
            document = connection.execute(
                "INSERT INTO stock_document (id, kind, reason, created_at) VALUES (uuidv7(), 'receipt', 'bench', now()) "
                "RETURNING id"
            ).fetchone()
            assert document is not None
            connection.execute(
                "INSERT INTO stock (location_id, variant_id, on_hand, version) "
                "SELECT l.id, v.id, %s, 1 "
                "FROM (SELECT id FROM location ORDER BY kind, position LIMIT %s) l CROSS JOIN variant v "
                "ON CONFLICT (location_id, variant_id) DO UPDATE SET on_hand = stock.on_hand + EXCLUDED.on_hand, "
                "version = stock.version + 1",
                (PIECES, places),
            )
            connection.execute(
                "INSERT INTO stock_ledger (location_id, variant_id, qty, kind, ref, occurred_at) "
                "SELECT l.id, v.id, %s, 'receipt', %s, now() "
                "FROM (SELECT id FROM location ORDER BY kind, position LIMIT %s) l CROSS JOIN variant v",
                (PIECES, document[0], places),
            )
        connection.execute("VACUUM (FULL, ANALYZE) stock")
        connection.execute("VACUUM (ANALYZE)")


def open_tills(at: Stage, count: int) -> list[load.Till]:
    """Tills in turn over the branches, each paired, signed in and attached."""
    database = Database(at.url, pool_size=1)
    opened = []
    with database.transaction() as tx:
        now = clock.now()
        branches = list(tx.scalars(text("SELECT id FROM location WHERE kind = 'branch' ORDER BY position")))
        for number in range(count):
            branch = branches[number % len(branches)]
            till = identity.create_till(tx, location_id=branch, name=f"Quầy {number}", now=now)
            token = sign_in(tx, role="cashier", till_id=till.id, name=f"Thu ngân {number}")
            inventory.attach(tx, till_id=till.id, epoch=till.epoch, opening=1, head_seq=0, location_id=branch, now=now)
            opened.append(load.Till(token=token, location_id=str(branch), opening=1, receipt_no=0))
    database.dispose()
    return opened


def sign_in(tx: Session, *, role: str, till_id: UUID | None, name: str, place: UUID | None = None) -> str:
    """A member of staff of a place or the whole chain with a live session; answers the token."""
    staff_id, now = new_id(), clock.now()
    identity.create_staff(
        tx,
        staff_id=staff_id,
        full_name=name,
        email=None,
        roles=[identity.RoleHeld(role, place)],
        password=None,
        pin=None,
        actor=None,
        now=now,
    )
    token = identity.access.new_token()
    tx.execute(
        text(
            "INSERT INTO staff_session (id, token_hash, staff_id, till_id, created_at, last_seen_at, expires_at) "
            "VALUES (:id, :hash, :staff_id, :till_id, :now, :now, :now + interval '1 day')"
        ),
        {"id": new_id(), "hash": identity.access.token_hash(token), "staff_id": staff_id, "till_id": till_id, "now": now},
    )
    return token


def live_promotions(at: Stage) -> int:
    """How many promotions every cart is held against."""
    with at.connect() as connection:
        (count,) = connection.execute("SELECT count(*) FROM promotion WHERE state = 'live'").fetchone() or (0,)
    assert isinstance(count, int)
    return count


def goods(at: Stage) -> list[tuple[str, int, str | None]]:
    """What every branch sells at one and the same price now: variant, price, no source but the branch itself.

    Goods that a live promotion names are left out: the benchmark's tills know list prices.
    """
    database = Database(at.url, pool_size=1)
    book = catalog.price_books.refresh(database)
    with database.transaction() as tx:
        branches = list(tx.scalars(text("SELECT id FROM location WHERE kind = 'branch'")))
        ids = list(
            tx.scalars(
                text(
                    "SELECT v.id FROM variant v JOIN style y ON y.id = v.style_id WHERE v.status = 'active' "
                    "AND NOT EXISTS (SELECT 1 FROM promotion p WHERE p.state = 'live' "
                    "AND p.terms::text ~ (y.category_id || '|' || y.id || '|' || v.id)) ORDER BY v.id"
                )
            )
        )
    database.dispose()
    now = clock.now()
    found: list[tuple[str, int, str | None]] = []
    for one in ids:
        prices = {book.price_at(one, channel="store", location_id=branch, at=now)[0] for branch in branches}
        if len(prices) == 1:
            found.append((str(one), prices.pop(), None))
    return found


def depot_of(at: Stage) -> str:
    """The depot's id."""
    with at.connect() as connection:
        row = connection.execute("SELECT id FROM location WHERE kind = 'depot'").fetchone()
    assert row is not None
    return str(row[0])


@dataclass(frozen=True, slots=True)
class Server:
    """A running API."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """The processor time it has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(at: Stage) -> Iterator[Server]:
    """The API as `placket up` runs it, on a port of its own."""
    port = free_port()
    environment = os.environ | {"DATABASE_URL": at.url, "PORT": str(port), "LOG_LEVEL": "WARNING"}
    process = subprocess.Popen([str(Path(sys.executable).with_name("placket")), "api"], env=environment, cwd=ROOT)
    try:
        _await(process, port)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


class Selling:
    """A load in a process of its own, from the moment its first sale is answered."""

    def __init__(self, plan: load.Plan) -> None:
        command = [sys.executable, "-m", "bench.load"]
        self._plan = plan
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(plan))
        self._process.stdin.close()
        first = self._process.stdout.readline()
        self._aside = ThreadPoolExecutor(1)
        self._said = self._aside.submit(self._process.stdout.read)
        if first != load.BEGUN:
            raise RuntimeError(f"no sale was accepted: {(first + self._said.result())[:500]!r}")

    def is_over(self) -> bool:
        """Whether it has sold for as long as it should."""
        return self._said.done()

    def report(self) -> load.Report:
        """Wait for its end; the next load goes on from its receipt numbers."""
        said = self._said.result()
        self._aside.shutdown()
        if self._process.wait():
            raise RuntimeError(f"the load ended with {self._process.returncode}")
        report = msgspec.json.decode(said, type=load.Report)
        if report.refused:
            raise RuntimeError(f"sales were refused: {report.refused}")
        for till, receipt_no in zip(self._plan.tills, report.receipt_nos, strict=True):
            till.receipt_no = receipt_no
        return report


def sell(plan: load.Plan) -> load.Report:
    """Run a load from its beginning to its end."""
    return Selling(plan).report()


def free_port() -> int:
    """The first free port of the benchmarks' range."""
    for port in range(FIRST_PORT, FIRST_PORT + 10):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError(f"no free port from {FIRST_PORT} on; set BENCH_PORT")


def _await(process: subprocess.Popen[bytes], port: int, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.05)
    raise RuntimeError("the server does not answer")


def chosen(values: Sequence[str], known: Sequence[str]) -> list[str]:
    """The benchmarks asked for; all when none is named."""
    unknown = [value for value in values if value not in known]
    if unknown:
        raise SystemExit(f"There is no benchmark {', '.join(unknown)}. Known: {', '.join(known)}.")
    return list(values) or list(known)
