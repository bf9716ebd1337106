"""Asks the server for what the office sends to this counter's printer. Without the server nothing else stops."""

import base64
import json
import ssl
import urllib.request
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final
from urllib.error import URLError

import structlog

from placket.printing.desk import Desk
from placket.printing.escpos import Raster
from placket.printing.spool import Job, Spool, SpoolFull

EVERY_S: Final = 3.0
TIMEOUT_S: Final = 10.0

log = structlog.get_logger()

Call = Callable[[dict[str, Any]], dict[str, Any]]


class Asker:
    """A thread that asks, prints and tells. It keeps nothing itself: the spool knows what became of a job."""

    def __init__(self, *, spool: Spool, desk: Desk, call: Call, every_s: float = EVERY_S) -> None:
        self._spool = spool
        self._desk = desk
        self._call = call
        self._every_s = every_s
        self._stopped = Event()
        self._taken: list[str] = []
        self._asked: list[str] = []
        self._reached = True
        self._thread = Thread(target=self._run, name="asking", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopped.set()
        self._thread.join(timeout=TIMEOUT_S)

    def ask(self) -> None:
        """Ask once."""
        outcomes = {job_id: self._spool.outcome(job_id) for job_id in self._asked}
        # Nothing known is nothing waiting: the folder was lost, and with it the job.
        ended = [
            {"id": job_id, "outcome": outcome or "dropped"} for job_id, outcome in outcomes.items() if outcome != "waiting"
        ]
        given = self._call({"state": self._desk.look(), "taken": self._taken, "ended": ended})
        self._taken = []
        for job in given["jobs"]:
            raster = Raster(job["width"], job["height"], base64.b64decode(job["bits"]))
            try:
                self._desk.submit(Job(job["id"], job["kind"], raster, job["copies"]), wait_s=0)
            except SpoolFull:
                break
            self._taken.append(job["id"])
        self._asked = given["asked"]

    def _run(self) -> None:
        while not self._stopped.wait(self._every_s):
            try:
                self.ask()
            except (OSError, URLError, ValueError) as trouble:
                if self._reached:
                    log.warning("the server does not answer the bridge", trouble=str(trouble))
                self._reached = False
            else:
                self._reached = True


def caller(server: str, key: str, trusted: Path | None) -> Call:
    """Asks a server over HTTP, by the bridge's key; ``trusted`` is the house's authority."""
    context = ssl.create_default_context(cafile=None if trusted is None else str(trusted))

    def call(body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the address is the shop's own set-up
            f"{server.rstrip('/')}/api/print-bridge/ask",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json", "authorization": f"Bearer {key}", "x-placket": "1"},
        )
        secure = context if server.startswith("https") else None
        with urllib.request.urlopen(request, timeout=TIMEOUT_S, context=secure) as answer:  # noqa: S310 - the same
            return dict(json.load(answer))

    return call
