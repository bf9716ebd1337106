"""A database and a server that the tests of one file share; each test makes what it looks at."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from conftest import ADDRESS, TEMPLATE, drop_database, make_database, url_of
from placket.core.db import Database


@contextmanager
def own_database(purpose: str) -> Iterator[Database]:
    """A migrated database for as long as the block lasts."""
    name = f"placket_test_{purpose}_{os.getpid()}"
    make_database(name, os.environ[ADDRESS], TEMPLATE)
    database = Database(url_of(name), pool_size=2)
    yield database
    database.dispose()
    drop_database(name)
