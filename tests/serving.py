"""The real program in processes of its own: an API on a free port, a worker. They may be killed like any other process.

``with serving(url) as server`` starts an API and waits until it can sell; ``server.kill()`` is SIGKILL, and ``start``
may be called again.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from tempfile import gettempdir
from typing import TypeVar

from placket.core import processes
from placket.core.settings import ROOT

READY_S = 60.0
PATIENCE_S = 15.0

P = TypeVar("P", bound="Process")


@dataclass
class Process:
    """One role of the program, on a database by address."""

    role: str
    environment: dict[str, str]
    ready: Callable[["Process"], bool]
    log: Path = field(default_factory=lambda: Path(gettempdir()) / f"placket-test-{os.getpid()}-{free_port()}.log")
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and wait until it is ready."""
        self.log.write_bytes(b"")
        paths = os.pathsep.join([str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "placket.cli", self.role],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": paths, **self.environment},
                preexec_fn=processes.tied(signal.SIGKILL),
                cwd=ROOT,
            )
        deadline = time.monotonic() + READY_S
        while not self.ready(self):
            if self.process.poll() is not None or time.monotonic() > deadline:
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
        self.process.wait(PATIENCE_S)

    def stop(self) -> None:
        """An orderly end."""
        if self.process is not None:
            processes.end(self.process, signal.SIGTERM, PATIENCE_S)


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
