"""One real PostgreSQL for the whole run, one database per worker, cloned from a migrated template.

The server is started once by the process that starts the tests (also under xdist) and handed to the workers by address.
``DATABASE_URL`` uses a server of yours instead; databases named ``placket_test_*`` are made and dropped in it.
"""

import gc
import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy.orm import Session
from xdist.remote import Producer

from placket.core import postgres
from placket.core.db import Database, install_routines
from placket.core.settings import ROOT
from spread import Spread, turn

pytest.register_assert_rewrite("books", "shopping")

TEMPLATE = "placket_test_template"
ADDRESS = "PLACKET_TEST_SERVER"


def pytest_configure(config: pytest.Config) -> None:
    """Start the server and migrate the template, in the one process that is not a worker."""
    if hasattr(config, "workerinput"):
        return
    server = None
    address = os.environ.get("DATABASE_URL")
    if not address:
        scratch = postgres.cluster(f"test-pg-{os.getpid()}", durable=False)
        server = postgres.start(scratch)
        address = scratch.url("postgres")
        config.add_cleanup(lambda: _discard(scratch, server))
    os.environ[ADDRESS] = address
    make_database(TEMPLATE, address)
    migrate(url_of(TEMPLATE))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Spread:
    """Keep together what shares something dear."""
    return Spread(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not walk it again, and tests that fill memory call it less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def _discard(scratch: postgres.Cluster, server: Any) -> None:
    postgres.stop(server)
    postgres.remove(scratch)


def url_of(name: str) -> str:
    """The address of a database on the tests' server."""
    parts = conninfo_to_dict(os.environ[ADDRESS])
    host = parts.get("host", "")
    user = f"{parts['user']}:{parts['password']}" if parts.get("password") else str(parts.get("user", ""))
    if str(host).startswith("/"):
        return f"postgresql://{user}@/{name}?host={host}&port={parts.get('port', 5432)}"
    return f"postgresql://{user}@{host}:{parts.get('port', 5432)}/{name}"


def make_database(name: str, address: str, template: str = "template0") -> None:
    """Make a database anew."""
    with psycopg.connect(make_conninfo(address, dbname="postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def migrate(url: str) -> None:
    """Bring an empty database to today's schema and routines."""
    database = Database(url, pool_size=1)
    with database.engine.connect() as connection:
        config = Config(ROOT / "alembic.ini")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        install_routines(connection)
        connection.commit()
    database.dispose()


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A database for this worker: empty but migrated when the worker starts."""
    name = f"placket_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    make_database(name, os.environ[ADDRESS], TEMPLATE)
    yield url_of(name)
    drop_database(name)


def drop_database(name: str) -> None:
    """Drop a database of the tests."""
    with psycopg.connect(make_conninfo(os.environ[ADDRESS], dbname="postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def database(database_url: str) -> Iterator[Database]:
    """The worker's database, shared by tests that leave nothing behind."""
    made = Database(database_url, pool_size=5)
    yield made
    made.dispose()


@pytest.fixture
def tx(database: Database) -> Iterator[Session]:
    """A transaction that is rolled back: what the test writes, nobody else sees."""
    with database.engine.connect() as connection, connection.begin() as outer:
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()


@pytest.fixture
def fresh_url() -> Iterator[str]:
    """The address of a migrated database of the test's own, for tests that commit or run other processes."""
    name = f"placket_test_fresh_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}_{_next()}"
    make_database(name, os.environ[ADDRESS], TEMPLATE)
    yield url_of(name)
    drop_database(name)


@pytest.fixture
def fresh(fresh_url: str) -> Iterator[Database]:
    """A migrated database of the test's own."""
    made = Database(fresh_url, pool_size=5)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def module_database() -> Iterator[Database]:
    """A migrated database of a test module's own, for modules that commit."""
    name = f"placket_test_module_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}_{_next()}"
    make_database(name, os.environ[ADDRESS], TEMPLATE)
    made = Database(url_of(name), pool_size=5)
    yield made
    made.dispose()
    drop_database(name)


_made = iter(range(10**9))


def _next() -> int:
    return next(_made)
