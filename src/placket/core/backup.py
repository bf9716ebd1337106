"""Making backups: of the embedded server a base backup whose log is streamed after it, of any other server a dump.

A backup is a folder that is complete or not there: it is made under another name, checked, and only then named. What runs
afterwards (the stream of the log) is a process of the supervisor; ``docs/backup.md`` says how it is all used.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Final, Literal

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict

from placket.core import postgres
from placket.core.backup_stream import LOG, Streaming, stream_to
from placket.core.trouble import Trouble

FACTS: Final = "placket.json"
BASE: Final = "base"
MANIFEST: Final = "base/backup_manifest"
DUMP: Final = "database.dump"
CREDENTIAL: Final = "password"
FORMAT: Final = 1
SLOT: Final = "placket_backup_"
MAKING: Final = ".making-"

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is backed up, and when."""

    company: str
    schema: str
    now: datetime


class Backup(msgspec.Struct, kw_only=True, frozen=True):
    """What a folder holds: the facts beside the data. ``digest`` is the SHA-256 of the manifest, or of the dump."""

    format: int
    kind: Literal["base", "dump"]
    made_at: datetime
    company: str
    postgres: int
    schema: str
    digest: str
    slot: str | None = None


def take_base(of: postgres.Cluster, into: Path, subject: Subject, say: Say) -> Path:
    """Back up a cluster whose server runs, and begin a stream of its log from before the backup on; answers the folder."""
    folder, making = _named(into, subject.now)
    slot = SLOT + subject.now.strftime("%Y%m%d%H%M%S")
    _needs_room(into, _size_of(of.url()))
    with psycopg.connect(of.url("postgres"), autocommit=True) as connection:
        # Before the backup begins: no log between it and the first that is streamed can be missing.
        connection.execute("SELECT pg_create_physical_replication_slot(%s, true)", [slot])
        try:
            say(f"copying the database to {folder}")
            run(
                *("pg_basebackup", "--pgdata", making / BASE, "--format=tar", "--gzip", "--wal-method=stream"),
                *("--checkpoint=fast", "--manifest-checksums=SHA256", "--no-password"),
                *(["--progress"] if sys.stderr.isatty() else []),
                url=of.url("postgres"),
            )
            say("reading it back")
            _check_files(making)
            (making / LOG).mkdir()
            (making / CREDENTIAL).write_bytes((of.home / CREDENTIAL).read_bytes())
            _describe(making, subject, MANIFEST, of.url(), slot)
            making.rename(folder)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            connection.execute("SELECT pg_drop_replication_slot(%s)", [slot])
            raise
        stream_to(of, Streaming(folder, slot))
        _end_streams(connection, but=slot)
    return folder


def take_dump(url: str, into: Path, subject: Subject, say: Say) -> Path:
    """Dump a database of somebody else's server; answers the folder."""
    folder, making = _named(into, subject.now)
    _needs_room(into, _size_of(url) // 2)
    making.mkdir()
    try:
        say(f"dumping the database to {folder}")
        run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file", making / DUMP, url=url)
        say("reading it back")
        run("pg_restore", "--list", making / DUMP, url=url)
        _describe(making, subject, DUMP, url, None)
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return folder


def keep_newest(into: Path, many: int) -> list[Path]:
    """Delete all but the newest backups of a folder; answers what is gone."""
    old = found_in(into)[:-many]
    for folder in old:
        shutil.rmtree(folder)
    return old


def found_in(folder: Path) -> list[Path]:
    """The backups in a folder, the newest last."""
    return sorted(facts.parent for facts in folder.glob(f"[0-9]*/{FACTS}"))


def read(folder: Path) -> Backup:
    """The facts of a backup, once its files are what they were when it was made. Raises Trouble."""
    try:
        facts = msgspec.json.decode((folder / FACTS).read_bytes(), type=Backup)
    except FileNotFoundError:
        raise Trouble(f"{folder} holds no backup of Placket.") from None
    except msgspec.DecodeError as error:
        raise Trouble(f"{folder / FACTS} cannot be read: {error}.") from error
    if facts.format != FORMAT:
        raise Trouble(f"{folder} was made by another Placket (format {facts.format}; this one reads {FORMAT}).")
    sealed = folder / (DUMP if facts.kind == "dump" else MANIFEST)
    if not sealed.exists() or _digest(sealed) != facts.digest:
        raise Trouble(f"{folder} is damaged: {sealed.name} is not what it was. Use an older backup.")
    if facts.kind == "base":
        _check_files(folder)
    return facts


def _end_streams(connection: psycopg.Connection[tuple[object, ...]], *, but: str) -> None:
    """End the streams of earlier backups; the supervisor then starts the one of the last."""
    slots = connection.execute(
        "SELECT slot_name, active_pid FROM pg_replication_slots WHERE starts_with(slot_name, %s) AND slot_name <> %s",
        [SLOT, but],
    ).fetchall()
    for slot, pid in slots:
        if pid is not None:
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        connection.execute("SELECT pg_drop_replication_slot(%s)", [slot])


def _named(into: Path, now: datetime) -> tuple[Path, Path]:
    """The folder of a new backup, and where it is made."""
    try:
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in into.glob(f"{MAKING}*"):
            shutil.rmtree(left)
    except OSError as error:
        raise Trouble(f"{into} cannot be written ({error.strerror}).") from error
    name = now.strftime("%Y-%m-%dT%H%M%SZ")
    if (into / name).exists():
        raise Trouble(f"{into / name} is there already; wait a second.")
    return into / name, into / f"{MAKING}{name}"


def _describe(making: Path, subject: Subject, sealed: str, url: str, slot: str | None) -> None:
    with psycopg.connect(url) as connection:
        major = connection.info.server_version // 10_000
    facts = Backup(
        format=FORMAT,
        kind="dump" if sealed == DUMP else "base",
        made_at=subject.now,
        company=subject.company,
        postgres=major,
        schema=subject.schema,
        digest=_digest(making / sealed),
        slot=slot,
    )
    (making / FACTS).write_bytes(msgspec.json.format(msgspec.json.encode(facts), indent=1) + b"\n")
    for path in making.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _check_files(folder: Path) -> None:
    """Every file of a base backup has the checksum that its manifest names. Raises Trouble."""
    # The log is parsed when it is replayed; the checksums are those of all other files.
    checked = _try("pg_verifybackup", "--format=tar", "--no-parse-wal", "--quiet", folder / BASE, environment={})
    if checked.returncode:
        raise Trouble(f"{folder} is damaged: {_last(checked.stderr)} Use an older backup.")


def _needs_room(into: Path, needed: int) -> None:
    free = shutil.disk_usage(into).free
    if free < needed:
        raise Trouble(f"The disk of {into} has {free // 2**20} MB left and the backup may need {needed // 2**20}.")


def _size_of(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return int(row[0])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def run(program: str, *words: object, url: str) -> str:
    """Run one of PostgreSQL's programs against an address; answers what it printed. Raises Trouble."""
    done = _try(program, *words, environment=_environment(url) if url else {})
    if done.returncode:
        raise Trouble(f"{program} failed: {_last(done.stderr)}")
    return done.stdout


def _try(program: str, *words: object, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(postgres.tool(program)), *map(str, words)],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None if "--progress" in words else subprocess.PIPE,
        text=True,
        check=False,
    )


def _environment(url: str) -> dict[str, str]:
    """An address as the programs of PostgreSQL read it, so that no password stands on a command line."""
    parts = conninfo_to_dict(url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return {**os.environ, **{name: str(parts[part]) for part, name in names.items() if part in parts}}


def _last(text: str | None) -> str:
    lines = [line for line in (text or "").splitlines() if line.strip()]
    return (lines[-1] if lines else "no message").rstrip(".") + "."
