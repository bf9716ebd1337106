"""The one who prints: takes the jobs from the spool one by one, and waits for a printer that cannot print."""

import time
from threading import Condition, Lock, Thread
from typing import Final

import structlog

from placket.printing.escpos import State, page
from placket.printing.printer import Printer, PrinterFault
from placket.printing.spool import Job, Outcome, Spool

RETRY_S: Final = 2.0
DRAWER_FRESH_S: Final = 5.0

log = structlog.get_logger()


class Desk:
    """Prints in a thread of its own. A drawer opens with its job or not at all: never later, by itself."""

    def __init__(self, spool: Spool, printer: Printer, *, retry_s: float = RETRY_S) -> None:
        self._spool = spool
        self._printer = printer
        self._retry_s = retry_s
        self._changed = Condition()
        self._at_printer = Lock()
        self._drawers: dict[str, float] = {}
        self._state: State = "ready"
        self._faults = 0
        self._running = True
        self._thread = Thread(target=self._run, name="printing", daemon=True)

    def start(self) -> None:
        """Begin, with what waits from before."""
        self._thread.start()

    def stop(self) -> None:
        """End after the job at hand."""
        with self._changed:
            self._running = False
            self._changed.notify_all()
        self._thread.join(timeout=30)

    def submit(self, job: Job, *, wait_s: float) -> tuple[Outcome, State]:
        """Keep a job and wait a little for it; answers what became of it so far. Raises SpoolFull."""
        with self._changed:
            outcome = self._spool.add(job)
            if outcome == "waiting":
                if job.drawer:
                    self._drawers.setdefault(job.id, time.monotonic())
                faults = self._faults
                self._changed.notify_all()
                self._changed.wait_for(
                    lambda: self._spool.outcome(job.id) != "waiting" or self._faults > faults, timeout=wait_s
                )
            return self._spool.outcome(job.id) or "dropped", self._state

    def kick(self) -> State:
        """Open the drawer now, whatever waits; answers how the printer is."""
        with self._at_printer:
            return self._tried(b"", drawer=True)

    def drop(self, job_id: str) -> None:
        """Print it no more."""
        with self._changed:
            self._spool.end(job_id, "dropped")
            self._changed.notify_all()

    def look(self) -> State:
        """How the printer is now; while jobs wait, how it was at the last of them."""
        if self._spool.first() is None:
            with self._at_printer:
                state = self._printer.state()
            with self._changed:
                self._state = state
        return self._state

    def _run(self) -> None:
        while self._running:
            job = self._spool.first()
            if job is None:
                with self._changed:
                    self._changed.wait_for(lambda: not self._running or self._spool.first() is not None)
                continue
            if self._print(job) != "ready":
                with self._changed:
                    self._changed.wait(timeout=self._retry_s)

    def _print(self, job: Job) -> State:
        """Try the next job; the drawers of those behind it do not wait for paper."""
        with self._at_printer:
            state = self._tried(page(job.raster, copies=job.copies, cut=job.cut), drawer=self._opens(job.id))
            if state != "ready" and any(self._opens(job_id) for job_id in list(self._drawers)):
                self._tried(b"", drawer=True)
        with self._changed:
            if state == "ready":
                self._spool.end(job.id, "printed")
            else:
                self._faults += 1
            self._changed.notify_all()
        return state

    def _opens(self, job_id: str) -> bool:
        """Whether a drawer is still to be opened; asked once."""
        return time.monotonic() - self._drawers.pop(job_id, -DRAWER_FRESH_S) < DRAWER_FRESH_S

    def _tried(self, content: bytes, *, drawer: bool) -> State:
        state: State = "ready"
        try:
            self._printer.send(content, drawer=drawer)
        except PrinterFault as fault:
            state = fault.state
        if state != self._state:
            log.info("printer", state=state)
        self._state = state
        return state
