"""The database: one declarative base, one engine a process, one transaction a request.

Plain handlers run on threads with a synchronous ``Session``; the posting desk, the event tail and the sockets take
asynchronous psycopg connections of their own. Handlers open the transaction themselves (``with transaction() as tx``)
because a FastAPI ``yield`` dependency would commit after the answer has left.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import BigInteger, Connection, Date, DateTime, Engine, MetaData, Text, Uuid, create_engine
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

PACKAGE = Path(__file__).resolve().parents[1]

Money = Annotated[int, mapped_column(BigInteger)]
Big = Annotated[int, mapped_column(BigInteger)]
Key = Annotated[UUID, mapped_column(primary_key=True)]


class Base(DeclarativeBase):
    """The base of every table; names of constraints follow one convention so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own protocol
        str: Text,
        datetime: DateTime(timezone=True),
        date: Date,
        UUID: Uuid,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


class Database:
    """The engine of one process."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.url = url
        self.pool_size = pool_size
        self.engine = _engine(url, pool_size)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when anything rises."""
        with Session(self.engine, expire_on_commit=False) as tx, tx.begin():
            yield tx

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A read-only REPEATABLE READ transaction: everything read in it is one moment of the books."""
        with self.engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with Session(connection, expire_on_commit=False) as tx, tx.begin():
                yield tx

    @contextmanager
    def moment(self) -> Iterator[Session]:
        """A REPEATABLE READ transaction that writes: everything it reads is one moment of the books."""
        with self.engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            with Session(connection, expire_on_commit=False) as tx, tx.begin():
                yield tx

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _engine(url: str, pool_size: int) -> Engine:
    # A lock that is not had in five seconds is a bug or an outage; waiting longer would only hide it.
    options = "-c lock_timeout=5s -c statement_timeout=60s -c timezone=UTC"
    return create_engine(
        sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=(pool_size + 1) // 2,  # opened and closed each time: for the few who need a second one, not for a crowd
        pool_pre_ping=True,
        connect_args={"options": options},
    )


def sqlalchemy_url(url: str) -> str:
    """The same address with SQLAlchemy's name for the driver: ``postgresql://…`` → ``postgresql+psycopg://…``."""
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def install_routines(connection: Connection) -> None:
    """Create or replace every SQL routine of the package (``*.sql`` files), after the migrations.

    Routines are code, not schema: they change with the release, so they are installed whole each time. The files
    hold only idempotent ``CREATE OR REPLACE`` statements.
    """
    for path in sorted(PACKAGE.rglob("*.sql")):
        connection.exec_driver_sql(path.read_text(encoding="utf-8").replace("%", "%%"))
