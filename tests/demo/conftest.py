"""Two demo databases, filled once for all files: the small chain, and two years of a little one for the shape of trade."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from conftest import ADDRESS, TEMPLATE, drop_database, make_database, url_of
from placket import demo
from placket.core.ids import new_id

ENDS_AT = datetime(2026, 11, 25, 7, 31, tzinfo=UTC)  # a Wednesday, 14:31 in Vietnam
YEARS = demo.Size("years", styles=60, customers=3_000, sales=12_000, days=0, months=26)


@contextmanager
def a_database(template: str = TEMPLATE) -> Iterator[str]:
    """A migrated, empty database, or a copy of another one; answers its address."""
    name = f"placket_test_demo_{os.getpid()}_{new_id().hex[-12:]}"
    make_database(name, os.environ[ADDRESS], template)
    try:
        yield url_of(name)
    finally:
        drop_database(name)


def silent(_step: str) -> None:
    """Say nothing."""


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """What a query answers."""
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def value(url: str, query: str) -> Any:
    """The one value a query answers."""
    return rows(url, query)[0][0]


@pytest.fixture(scope="session")
def small_url() -> Iterator[str]:
    """The small demo chain, to look at and not to change."""
    with a_database() as url:
        demo.fill(url, size="small", ends_at=ENDS_AT, say=silent)
        yield url


@pytest.fixture(scope="session")
def years_url() -> Iterator[str]:
    """Twenty-six months of a little chain, to look at and not to change."""
    with a_database() as url:
        demo.fill(url, size=YEARS, ends_at=ENDS_AT, say=silent)
        yield url


@pytest.fixture
def told_url(small_url: str) -> Iterator[str]:
    """A copy of the small chain, to go on with."""
    with a_database(str(conninfo_to_dict(small_url)["dbname"])) as url:
        yield url
