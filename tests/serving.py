"""A real API server for tests that need one: a process of its own on a free port, which may be killed like any other.

``with serving(url) as server`` starts it and waits until it answers; ``server.kill()`` is SIGKILL.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir

from placket.core.settings import ROOT

READY_S = 30.0

PROGRAM = """
import sys, uvicorn
from placket.app import make_app
from placket.core.http import configure_logging
configure_logging("INFO")
uvicorn.run(make_app(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False,
            backlog=2048)
"""


@dataclass
class Server:
    """One API process. ``start`` may be called again after ``kill`` or ``stop``: it keeps its port."""

    database_url: str
    port: int
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """The file the process prints into."""
        return Path(gettempdir()) / f"placket-test-api-{self.port}.log"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the process and wait until it accepts connections."""
        paths = os.pathsep.join([str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, self.database_url, str(self.port)],
                stdout=output,
                stderr=output,
                env={**os.environ, "PYTHONPATH": paths, **self.environment},
                cwd=Path(ROOT),
            )
        deadline = time.monotonic() + READY_S
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                message = f"the server did not start:\n{self.output()}"
                raise AssertionError(message)
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether somebody listens on the port."""
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def output(self) -> str:
        """What the process has printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def kill(self) -> None:
        """SIGKILL: no farewell, no flushing."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """An orderly end."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@contextmanager
def serving(database_url: str, **environment: str) -> Iterator[Server]:
    """A server on a migrated database for as long as the block lasts."""
    server = Server(database_url, free_port(), environment)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        server.log.unlink(missing_ok=True)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
