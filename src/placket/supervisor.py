"""Keeps the roles running on one machine: PostgreSQL, then the API with its sockets, then the worker.

It knows processes and nothing of the shop, so it is small and starts at once. It holds the listening socket itself: a
port that is taken is found first, and while a fallen API comes back, callers wait instead of being turned away.
Children never outlive it, whatever ends it.
"""

import fcntl
import http.client
import itertools
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

from placket.core import backup_stream, postgres, processes
from placket.core.settings import settings
from placket.core.trouble import Trouble

READY_SECONDS = 120
BACK_OFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_S = 60.0
STOP_PATIENCE_S = 8.0
LOG_BYTES = 20 * 2**20
LOGS_KEPT = 5
TICK_S = 0.2
LAST = {"database", "backup"}
ROTATE_TICKS = 300


class Stopped(BaseException):
    """Somebody asked the supervisor to stop."""


@dataclass
class Role:
    """A process that is to run, and how often it has fallen lately."""

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    first: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    falls: int = 0
    due_at: float = 0.0
    started_at: float = 0.0

    def start(self) -> subprocess.Popen[bytes]:
        """Start it now."""
        self.started_at = time.monotonic()
        self.process = self.launch()
        return self.process

    def fallen(self) -> bool:
        """Whether it has ended although it should run."""
        return self.process is None or self.process.poll() is not None


@dataclass
class Supervisor:
    """The roles in the order they start; they stop in the reverse order."""

    url: str | None
    listener: socket.socket
    logs: Path
    roles: list[Role] = field(default_factory=list)

    def start_database(self) -> None:
        """Start the embedded PostgreSQL, unless DATABASE_URL names another."""
        if self.url is None:
            of = postgres.cluster()
            self._add(Role("database", lambda: postgres.start(of), first=signal.SIGINT)).start()
            self.url = of.url()

    def prepare(self, command: Sequence[str]) -> None:
        """Run a step to its end, its progress on the screen."""
        step = subprocess.Popen(
            _placket(*command), env=self._environment(), preexec_fn=processes.tied(signal.SIGKILL), stdin=subprocess.DEVNULL
        )
        if step.wait():
            sys.exit(step.returncode)  # it has said why

    def start_api(self) -> Callable[[], None]:
        """Start the API, which loads its code and then waits; the answer lets it go on."""
        read_end, write_end = os.pipe()
        fd = str(self.listener.fileno())
        waiting = self._child("api", "--fd", fd, "--after", str(read_end), pass_fds=(self.listener.fileno(), read_end))
        role = Role("api", lambda: self._child("api", "--fd", fd, pass_fds=(self.listener.fileno(),)))
        role.process, role.started_at = waiting, time.monotonic()
        self._add(role)
        os.close(read_end)
        return lambda: os.close(write_end)

    def await_api(self) -> None:
        """Return when the API says that it is ready. Raises Trouble when it ends instead."""
        api = next(role for role in self.roles if role.name == "api")
        host, port = self.listener.getsockname()[:2]
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready(host, port):
            if api.fallen() or time.monotonic() > deadline:
                raise Trouble(f"The API did not start; the reason stands at the end of {self.logs / 'api.log'}.")
            time.sleep(0.03)

    def start_beside(self, *command: str) -> None:
        """Start another program of the house."""
        self._add(Role(command[0], lambda: self._child(*command))).start()

    def start_worker(self) -> None:
        """Start the worker."""
        self._add(Role("worker", lambda: self._child("worker"))).start()

    def watch(self) -> NoReturn:
        """Start again whatever falls, later and later if it keeps falling; until a signal."""
        embedded = [role for role in self.roles if role.name == "database"]
        folders = [self.logs, *(postgres.cluster().home for _ in embedded)]
        ticks = itertools.cycle(range(ROTATE_TICKS))
        while True:
            time.sleep(TICK_S)
            if embedded:
                self._stream_the_log()
            for role in self.roles:
                if role.fallen():
                    self._revive(role)
            if next(ticks) == 0:
                for folder in folders:
                    rotate(folder)

    def _stream_the_log(self) -> None:
        """Once there is a backup, what happens after it is streamed into it."""
        of = postgres.cluster()
        if backup_stream.streaming(of) is not None and not any(role.name == "backup" for role in self.roles):
            self._add(Role("backup", lambda: backup_stream.stream(of, self.logs)))

    def stop(self) -> None:
        """Stop everything: first who writes, last the database and the stream of its log."""
        writers = [role.process for role in self.roles if role.process is not None and role.name not in LAST]
        for process in writers:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in writers:
            processes.end(process, signal.SIGTERM, STOP_PATIENCE_S)
        for role in self.roles:
            if role.name == "database" and role.process is not None:
                postgres.stop(role.process)  # which waits until its log has reached the backup
        for role in self.roles:
            if role.name == "backup" and role.process is not None:
                processes.end(role.process, signal.SIGTERM, STOP_PATIENCE_S)

    def _revive(self, role: Role) -> None:
        now = time.monotonic()
        if role.process is not None:
            ended = role.process.returncode
            role.falls = 1 if now - role.started_at > STEADY_S else role.falls + 1
            role.due_at = now + BACK_OFF_S[min(role.falls, len(BACK_OFF_S)) - 1]
            role.process = None
            say(f"{role.name} ended ({_ending(ended)}) and is started again; see {self.logs}")
        elif now >= role.due_at:
            try:
                role.start()
            except Trouble as trouble:
                role.falls += 1
                role.due_at = now + BACK_OFF_S[min(role.falls, len(BACK_OFF_S)) - 1]
                say(str(trouble))

    def _child(self, *command: str, pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
        with (self.logs / f"{command[0]}.log").open("ab") as log:
            return subprocess.Popen(
                _placket(*command),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=pass_fds,
                preexec_fn=processes.tied(signal.SIGKILL),
            )

    def _environment(self) -> dict[str, str]:
        return os.environ | {"DATABASE_URL": self.url or "", "PYTHONUNBUFFERED": "1"}

    def _add(self, role: Role) -> Role:
        self.roles.append(role)
        return role


def run(preparation: Sequence[str], *, beside: Sequence[Sequence[str]] = (), notes: Sequence[str] = ()) -> None:
    """Start everything, print where it is, and keep it running until Ctrl-C or SIGTERM.

    ``preparation`` is the command that readies the database (``migrate``, or ``demo`` with its size). It runs while the
    API loads its code. ``beside`` are further programs of the house, ``notes`` what to say of them. Raises Trouble.
    """
    began = time.monotonic()
    with only_one() as logs, listening(settings().host, settings().port) as listener, stoppable():
        supervisor = Supervisor(settings().database_url, listener, logs)
        try:
            if supervisor.url is None:
                say("starting PostgreSQL")
            supervisor.start_database()
            go = supervisor.start_api()
            supervisor.prepare(preparation)
            go()
            supervisor.await_api()
            supervisor.start_worker()
            for command in beside:
                supervisor.start_beside(*command)
            _welcome(time.monotonic() - began, notes)
            supervisor.watch()
        except Stopped:
            say("stopping")
        finally:
            supervisor.stop()
    say("stopped")


@contextmanager
def only_one() -> Iterator[Path]:
    """The folder of logs, held by one supervisor at a time. Raises Trouble when another holds it."""
    logs = settings().var / "log"
    try:
        logs.mkdir(parents=True, exist_ok=True)
        lock = (logs / "lock").open("a+")
    except OSError as error:
        raise Trouble(f"{logs} cannot be written ({error.strerror}); free some space or set PLACKET_VAR.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(f"Placket already runs from {settings().var}; stop it first, or set PLACKET_VAR.") from None
        yield logs


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """The socket that the API will answer on. Raises Trouble when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise Trouble(
                f"Port {port} on {host} cannot be used ({error.strerror}). Choose another: make run PORT={port + 1}"
            ) from error
        listener.listen(2048)
        yield listener


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and a closed terminal into Stopped, once; while stopping they are ignored."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def heard(_number: int, _frame: FrameType | None) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, heard) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def is_ready(host: str, port: int) -> bool:
    """Whether a Placket answers there that it can sell."""
    connection = _connection(_reachable(host), port)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _connection(host: str, port: int) -> http.client.HTTPConnection:
    trusted = settings().var / "https" / "ca.pem"
    if not settings().https or not trusted.exists():
        return http.client.HTTPConnection(host, port, timeout=2)
    return http.client.HTTPSConnection(host, port, timeout=2, context=ssl.create_default_context(cafile=str(trusted)))


def rotate(logs: Path) -> None:
    """Cut logs that have grown: the last few are kept. Writers append, so a truncated file goes on from its start."""
    for log in logs.glob("*.log"):
        if log.stat().st_size > LOG_BYTES:
            for number in range(LOGS_KEPT - 1, 0, -1):
                older = log.with_suffix(f".log.{number}")
                if older.exists():
                    older.replace(log.with_suffix(f".log.{number + 1}"))
            log.with_suffix(".log.1").write_bytes(log.read_bytes())
            os.truncate(log, 0)


def say(what: str) -> None:
    """One line for the person at the terminal."""
    print(f"  placket: {what}", flush=True)


def _placket(*command: str) -> list[str]:
    return [sys.executable, "-m", "placket.cli", *command]


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound


def _welcome(seconds: float, notes: Sequence[str]) -> None:
    scheme = "https" if settings().https else "http"
    address = f"{scheme}://{_reachable(settings().host)}:{settings().port}"
    more = "".join(f"  {note}\n" for note in notes)
    print(
        f"\n  Placket is ready after {seconds:.1f} s.\n\n"
        f"    Shop     {address}/\n"
        f"    Till     {address}/pos/\n"
        f"    Office   {address}/office/\n\n"
        "  A new till asks for a code: .venv/bin/placket pairing-code HN01-1\n"
        f"{more}  Logs are in {settings().var / 'log'}. Ctrl-C stops everything.\n",
        flush=True,
    )
