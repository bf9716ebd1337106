"""Putting a backup back: into an empty embedded server with its log replayed, or into an empty database by its dump.

What is restored is the past. That it is a new history of the shop, the caller writes into it (``placket.commands.backup``).
"""

import shutil
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg

from placket.core import postgres
from placket.core.backup import BASE, CREDENTIAL, DUMP, Backup, Say, found_in, read, run
from placket.core.backup_stream import LOG
from placket.core.trouble import Trouble

REPLAY_S: Final = 3600
TAIL: Final = ".partial"


def chosen(folder: Path, *, schemas: set[str]) -> tuple[Path, Backup]:
    """The backup that a folder is, or its newest; read and found to be whole. ``schemas`` are those this Placket knows.

    Raises Trouble for one that is damaged, or made by a newer Placket or another PostgreSQL.
    """
    found = [folder] if (folder / CREDENTIAL).exists() or (folder / DUMP).exists() else found_in(folder)
    if not found:
        raise Trouble(f"{folder} holds no backup of Placket.")
    facts = read(found[-1])
    if facts.schema not in schemas:
        raise Trouble(f"{found[-1]} was made by a newer Placket (schema {facts.schema}); update this one first.")
    return found[-1], facts


def put_back(folder: Path, facts: Backup, of: postgres.Cluster, *, until: datetime | None, say: Say) -> datetime:
    """Fill an empty cluster from a base backup and replay its log, to its end or to a moment; answers how far it reached.

    ``until`` at or before the backup's own moment replays no more than the backup needs. Raises Trouble.
    """
    if (of.data / "PG_VERSION").exists():
        raise Trouble(
            f"{of.home} holds a database already, and nothing is overwritten. Run placket reset first, or set PLACKET_VAR."
        )
    running = _major()
    if facts.postgres != running:
        raise Trouble(
            f"The backup needs PostgreSQL {facts.postgres} and this Placket brings {running}. "
            f"Restore it with the Placket that made it, then dump and load."
        )
    try:
        with postgres.refilling(of, (folder / CREDENTIAL).read_text(encoding="utf-8")):
            say("unpacking")
            _unpack(folder / BASE / "base.tar.gz", of.data)
            _unpack(folder / BASE / "pg_wal.tar.gz", of.data / "pg_wal")
            (of.data / "recovery.signal").touch()
            _lay_out_log(folder / LOG, of.home / "replay")
        say("replaying the log")
        reached = _replay(of, facts, until)
    except BaseException:
        shutil.rmtree(of.home, ignore_errors=True)
        raise
    shutil.rmtree(of.home / "replay")
    return reached


def load(folder: Path, facts: Backup, url: str, *, say: Say) -> None:
    """Load a dump into an empty database of somebody else's server. Raises Trouble."""
    with psycopg.connect(url) as connection:
        version = connection.info.server_version // 10_000
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if row is None or row[0]:
        raise Trouble("The database of DATABASE_URL is not empty, and nothing is overwritten; make an empty one.")
    if facts.postgres > version:
        raise Trouble(f"The dump comes from PostgreSQL {facts.postgres} and this server is {version}.")
    say("loading the dump")
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    run("pg_restore", *options, "--dbname=", folder / DUMP, url=url)
    with psycopg.connect(url, autocommit=True) as connection:
        # Numbers of transactions are the server's own: those of another would lie in its future.
        connection.execute("UPDATE event SET xid = pg_current_xact_id()")
        connection.execute("ANALYZE")


def _unpack(archive: Path, into: Path) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(into, filter="tar")


def _lay_out_log(log: Path, into: Path) -> None:
    """Copy what was streamed to where the server may read it. The last piece is not full, and as good as any other."""
    into.mkdir()
    for piece in sorted(log.iterdir()) if log.is_dir() else []:
        target = into / piece.name.removesuffix(TAIL)
        if not target.exists():
            shutil.copyfile(piece, target)


def _replay(of: postgres.Cluster, facts: Backup, until: datetime | None) -> datetime:
    options = {"restore_command": f'cp "{of.home / "replay"}/%f" "%p"', "recovery_target_action": "promote"}
    if until is not None and until <= facts.made_at:
        options["recovery_target"] = "immediate"
    elif until is not None:
        options["recovery_target_time"] = until.astimezone(UTC).isoformat()
    try:
        server = postgres.start(of, options)
    except postgres.PostgresTrouble as trouble:
        if "recovery ended before configured recovery target" in str(trouble):
            raise Trouble("The log of the backup does not reach that moment; choose an earlier one, or none.") from trouble
        raise
    try:
        deadline = time.monotonic() + REPLAY_S
        with psycopg.connect(of.url("postgres"), autocommit=True) as connection:
            while _one(connection, "SELECT pg_is_in_recovery()"):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise Trouble(f"The log could not be replayed; see {of.home / 'server.log'}.")
                time.sleep(0.05)  # the server tells nobody that it has replayed its log
            last = _one(connection, "SELECT greatest(pg_last_xact_replay_timestamp(), %s)", facts.made_at)
    except psycopg.OperationalError as error:
        raise Trouble("The log of the backup does not reach that moment; choose an earlier one, or none.") from error
    finally:
        postgres.stop(server)
    assert isinstance(last, datetime)
    return last


def _one(connection: psycopg.Connection[tuple[object, ...]], query: str, *values: object) -> object:
    row = connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return row[0]


def _major() -> int:
    """The version of the embedded server's programs."""
    return int(run("postgres", "--version", url="").split()[2].split(".")[0])
