"""The database's schema brought up to date: the server is good enough, the database exists, migrations, routines."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from placket.core import postgres
from placket.core.db import Database, install_routines
from placket.core.settings import ROOT, settings
from placket.core.trouble import Trouble

OLDEST = 17
FULL_BYTES = 64 * 2**20
EXTENSIONS = ("unaccent", "pg_trgm")
# Two programs that start at once must not migrate at once.
_LOCK = 7_204_118


def migrate(url: str, say: Callable[[str], object] = print) -> None:
    """Bring a database to today's schema, making it first if the server has none by that name.

    Raises Trouble when the server cannot be reached, is too old or lacks an extension.
    """
    check_server(url)
    database = Database(url, pool_size=1)
    try:
        with database.engine.connect() as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
            connection.commit()
            missing = pending(connection)
            for revision, what in missing:
                say(f"migration {revision}: {what}")
            if missing:
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
            install_routines(connection)
            connection.commit()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    finally:
        database.dispose()


@contextmanager
def needing_room() -> Iterator[None]:
    """Around work that writes much: when it fails on a full disk, Trouble says so.

    A server that cannot write its log ends at once, so a lost connection is looked at, too.
    """
    try:
        yield
    except (psycopg.OperationalError, OperationalError) as error:
        home = postgres.cluster().home
        embedded = settings().database_url is None or str(home) in str(settings().database_url)
        if "No space left" in str(error) or (embedded and shutil.disk_usage(home).free < FULL_BYTES):
            raise Trouble(
                "The disk of the database is full; nothing was kept of this step. Free some space and start again."
            ) from error
        raise


def pending(connection: Connection) -> list[tuple[str, str]]:
    """The migrations that the database still lacks, oldest first, each with its first line."""
    current = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    script = ScriptDirectory.from_config(_config())
    missing = list(script.iterate_revisions("head", current or "base"))
    return [(step.revision, step.doc or "") for step in reversed(missing)]


def check_server(url: str) -> None:
    """Raise Trouble unless the server answers, is new enough and has what we need; make the database if it is missing."""
    try:
        connection = psycopg.connect(url, connect_timeout=5, autocommit=True)
    except psycopg.OperationalError as error:
        if not _make_missing(url, error):
            raise Trouble(_unreachable(url, error)) from error
        connection = psycopg.connect(url, connect_timeout=5, autocommit=True)
    with connection:
        version = connection.info.server_version // 10_000
        if version < OLDEST:
            raise Trouble(
                f"Placket needs PostgreSQL {OLDEST} or newer, and this server is {version}. "
                "Point DATABASE_URL at a newer one, or unset it to use the embedded one."
            )
        present = connection.execute("SELECT name FROM pg_available_extensions WHERE name = ANY(%s)", [list(EXTENSIONS)])
        lacking = set(EXTENSIONS) - {name for (name,) in present.fetchall()}
        if lacking:
            raise Trouble(
                f"The PostgreSQL server lacks the extension {' and '.join(sorted(lacking))}; "
                "install PostgreSQL's contrib package on it."
            )


def _make_missing(url: str, error: psycopg.OperationalError) -> bool:
    name = str(conninfo_to_dict(url).get("dbname", ""))
    if "does not exist" not in str(error) or f'database "{name}"' not in str(error):
        return False
    try:
        with psycopg.connect(make_conninfo(url, dbname="postgres"), connect_timeout=5, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.errors.DuplicateDatabase:
        return True
    except psycopg.Error as why:
        raise Trouble(f'The database "{name}" does not exist and could not be made: {_line(why)}') from why
    return True


def _unreachable(url: str, error: psycopg.OperationalError) -> str:
    parts = conninfo_to_dict(url)
    where = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}"
    return f"The database server at {where} cannot be used: {_line(error)} Check DATABASE_URL, or unset it."


def _line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__).rstrip(".") + "."


def _config() -> Config:
    return Config(ROOT / "alembic.ini")
