"""The real program in processes of its own: an API on a free port, a worker. They may be killed like any other process.

``with serving(url) as server`` starts an API and waits until it can sell; ``server.kill()`` is SIGKILL, and ``start``
may be called again. The code is loaded once for all tests: a process begins as a fork of one that has done nothing but
load it, and goes on as its command line would. Starts from nothing are for the tests of ``runtime`` and ``restore``.
"""

import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import gettempdir
from threading import Thread
from typing import TypeVar
from unittest.mock import patch

from placket.app import make_app
from placket.cli import main
from placket.commands import serve
from placket.core.settings import ROOT
from uneven import SEED, uneven

READY_S = 60.0
PATIENCE_S = 15.0

P = TypeVar("P", bound="Process")

LOADED = multiprocessing.get_context("forkserver")
LOADED.set_forkserver_preload(["placket.commands.serve", "placket.worker"])


@dataclass
class Process:
    """One role of the program, on a database by address."""

    role: str
    environment: dict[str, str]
    ready: Callable[["Process"], bool]
    log: Path = field(default_factory=lambda: Path(gettempdir()) / f"placket-test-{os.getpid()}-{free_port()}.log")
    process: ForkServerProcess | None = None

    def start(self) -> None:
        """Start the process and wait until it is ready."""
        self.log.write_bytes(b"")
        self.process = LOADED.Process(target=_become, args=(self.role, {**os.environ, **self.environment}, self.log))
        self.process.start()
        deadline = time.monotonic() + READY_S
        while not self.ready(self):
            if self.process.exitcode is not None or time.monotonic() > deadline:
                self.kill()
                message = f"{self.role} did not start:\n{self.output()}"
                raise AssertionError(message)
            time.sleep(0.02)

    def output(self) -> str:
        """What the process has printed."""
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL: no farewell, no flushing."""
        assert self.process is not None, "start it first"
        self.process.kill()
        self.process.join(PATIENCE_S)

    def stop(self) -> None:
        """An orderly end."""
        if self.process is not None:
            self.process.terminate()
            self.process.join(PATIENCE_S)
            self.kill()


def _become(role: str, environment: dict[str, str], log: Path) -> None:
    """What a fork does: it becomes the program, in surroundings of its own."""
    Thread(target=_follow, daemon=True).start()
    with log.open("ab") as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    if SEED in environment:
        patch.object(serve, "make_app", lambda url: uneven(make_app(url), environment[SEED])).start()
    main([role])


def _follow() -> None:
    """Never outlive the tests, whatever ends them."""
    tests = multiprocessing.parent_process()
    assert tests is not None, "only a fork follows"
    tests.join()
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Server(Process):
    """An API and where it answers."""

    port: int = 0

    @property
    def url(self) -> str:
        """Its address for a browser or a client."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(database_url: str, **environment: str) -> Iterator[Server]:
    """An API on a migrated database, for as long as the block lasts."""
    port = free_port()
    given = {"DATABASE_URL": database_url, "PORT": str(port), "LOG_LEVEL": "WARNING", **environment}
    with _running(Server("api", given, lambda _server: _can_sell(port), port=port)) as server:
        yield server


@contextmanager
def working(database_url: str, **environment: str) -> Iterator[Process]:
    """A worker on a migrated database, for as long as the block lasts."""
    given = {"DATABASE_URL": database_url, "LOG_LEVEL": "INFO", **environment}
    with _running(Process("worker", given, lambda worker: "worker ready" in worker.output())) as worker:
        yield worker


@contextmanager
def _running(process: P) -> Iterator[P]:
    process.start()
    try:
        yield process
    finally:
        process.stop()
        process.log.unlink(missing_ok=True)


def _can_sell(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
