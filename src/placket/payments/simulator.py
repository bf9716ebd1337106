"""A card terminal for demos and tests: a process of its own, with a page of switches. No money moves anywhere.

``placket terminal-sim`` serves what ``terminal.HttpTerminal`` asks of real ones, for any number of tills. What it has
charged is in a file, so that it can be killed and asked again. It looks like what it is.
"""

import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from placket.payments.simulator_page import page

MODES: Final = ("approve", "decline", "silent", "lost")
"""approve; decline with a reason; hear nothing at all; charge the card and lose the answer."""
CHARGE: Final = re.compile(r"/terminals/([^/]{1,40})/charges/([0-9a-f-]{36})(?:/(cancel|void))?")
SWITCH: Final = re.compile(r"/terminals/([^/]{1,40})/mode")
BODY_MAX: Final = 10_000
VND_MAX: Final = 10**12

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS charge (
    terminal TEXT NOT NULL, reference TEXT NOT NULL, amount_vnd INTEGER NOT NULL, state TEXT NOT NULL,
    reason TEXT, approval TEXT, begun REAL NOT NULL, PRIMARY KEY (terminal, reference)
);
CREATE TABLE IF NOT EXISTS switch (terminal TEXT PRIMARY KEY, mode TEXT NOT NULL, reason TEXT NOT NULL);
"""


@dataclass
class Terminals:
    """Every terminal's charges and how its switch stands."""

    path: Path
    wait_s: float = 1.5
    silence_s: float = 20.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._book() as book:
            book.executescript(SCHEMA)

    def mode(self, terminal: str) -> tuple[str, str]:
        """How a terminal's switch stands, and the reason it declines with."""
        with self._book() as book:
            row = book.execute("SELECT mode, reason FROM switch WHERE terminal = ?", [terminal]).fetchone()
        return ("approve", "") if row is None else (row[0], row[1])

    def turn(self, terminal: str, mode: str, reason: str) -> None:
        """Turn a terminal's switch."""
        with self._book() as book:
            book.execute("INSERT OR REPLACE INTO switch VALUES (?, ?, ?)", [terminal, mode, reason])

    def begin(self, terminal: str, reference: str, amount_vnd: int) -> dict[str, Any]:
        """Ask for a card; a reference that is known stays what it is."""
        mode, _ = self.mode(terminal)
        with self._book() as book:
            state, approval = ("approved", _approval(reference)) if mode == "lost" else ("waiting_card", None)
            book.execute(
                "INSERT OR IGNORE INTO charge VALUES (?, ?, ?, ?, NULL, ?, ?)",
                [terminal, reference, amount_vnd, state, approval, time.time()],
            )
        charge = self.look_up(terminal, reference)
        assert charge is not None, "it has just been written"
        return charge

    def look_up(self, terminal: str, reference: str) -> dict[str, Any] | None:
        """A charge as it stands by now: the imaginary customer and bank take their time."""
        mode, reason = self.mode(terminal)
        with self._book() as book:
            row = book.execute(
                "SELECT state, begun FROM charge WHERE terminal = ? AND reference = ?", [terminal, reference]
            ).fetchone()
            if row is None:
                return None
            age_s = time.time() - row[1]
            state = row[0]
            if state == "waiting_card" and age_s > self.wait_s / 2:
                state = "processing"
            if state == "processing" and age_s > self.wait_s:
                state = "declined" if mode == "decline" else "approved"
            if state != row[0]:
                book.execute(
                    "UPDATE charge SET state = ?, reason = ?, approval = ? WHERE terminal = ? AND reference = ?",
                    [
                        state,
                        reason if state == "declined" else None,
                        _approval(reference) if state == "approved" else None,
                        terminal,
                        reference,
                    ],
                )
        return self._charge(terminal, reference)

    def cancel(self, terminal: str, reference: str) -> dict[str, Any] | None:
        """Stop a charge; one that never arrived can then arrive no more. What is approved stays approved."""
        self.look_up(terminal, reference)
        with self._book() as book:
            book.execute(
                "INSERT OR IGNORE INTO charge VALUES (?, ?, 0, 'cancelled', NULL, NULL, ?)",
                [terminal, reference, time.time()],
            )
            book.execute(
                "UPDATE charge SET state = 'cancelled' WHERE terminal = ? AND reference = ? "
                "AND state IN ('waiting_card', 'processing')",
                [terminal, reference],
            )
        return self._charge(terminal, reference)

    def void(self, terminal: str, reference: str) -> dict[str, Any] | None:
        """Give an approved charge back."""
        with self._book() as book:
            book.execute(
                "UPDATE charge SET state = 'voided' WHERE terminal = ? AND reference = ? AND state = 'approved'",
                [terminal, reference],
            )
        return self._charge(terminal, reference)

    def last(self, many: int = 40) -> list[dict[str, Any]]:
        """The last charges of all terminals, the newest first."""
        with self._book() as book:
            rows = book.execute(
                "SELECT terminal, reference, amount_vnd, state, reason, approval, begun FROM charge "
                "ORDER BY begun DESC LIMIT ?",
                [many],
            ).fetchall()
        names = ("terminal", "reference", "amount_vnd", "state", "reason", "approval", "begun")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _charge(self, terminal: str, reference: str) -> dict[str, Any] | None:
        with self._book() as book:
            row = book.execute(
                "SELECT state, amount_vnd, reason, approval FROM charge WHERE terminal = ? AND reference = ?",
                [terminal, reference],
            ).fetchone()
        return None if row is None else dict(zip(("state", "amount_vnd", "reason", "approval"), row, strict=True))

    @contextmanager
    def _book(self) -> Iterator[sqlite3.Connection]:
        with self.lock, closing(sqlite3.connect(self.path)) as book, book:
            yield book


def serve(port: int, path: Path, *, wait_s: float) -> None:
    """Run the simulator on this machine until it is stopped."""
    terminals = Terminals(path, wait_s)

    class Bound(_Handler):
        charges = terminals

    with ThreadingHTTPServer(("127.0.0.1", port), Bound) as server:
        server.daemon_threads = True
        server.serve_forever()


class _Handler(BaseHTTPRequestHandler):
    """One request to a terminal, or to the page of switches."""

    charges: Terminals
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        if place.path == "/":
            chosen = parse_qs(place.query).get("terminal", [""])[0][:40]
            self._say(page(self.charges, chosen).encode(), "text/html; charset=utf-8")
        elif (asked := CHARGE.fullmatch(place.path)) and asked[3] is None:
            terminal = unquote(asked[1])
            if self._is_silent(terminal):
                return
            self._answer(self.charges.look_up(terminal, asked[2]))
        elif place.path == "/charges":
            self._say(json.dumps(self.charges.last()).encode(), "application/json")
        else:
            self._answer(None)

    def do_PUT(self) -> None:
        asked = CHARGE.fullmatch(urlsplit(self.path).path)
        body = self._body()
        amount_vnd = body.get("amount_vnd") if isinstance(body, dict) else None
        if asked is None or asked[3] is not None or not isinstance(amount_vnd, int) or not 0 < amount_vnd <= VND_MAX:
            self._answer(None, HTTPStatus.BAD_REQUEST)
            return
        terminal = unquote(asked[1])
        mode = self.charges.mode(terminal)[0]
        if self._is_silent(terminal):
            return
        charge = self.charges.begin(terminal, asked[2], amount_vnd)
        if mode == "lost":
            self.close_connection = True  # the card is charged, and nobody hears of it
            return
        self._answer(charge)

    def do_POST(self) -> None:
        place = urlsplit(self.path).path
        body = self._body()
        if switched := SWITCH.fullmatch(place):
            wanted = body if isinstance(body, dict) else {}
            mode, reason = str(wanted.get("mode", "")), str(wanted.get("reason", ""))[:80]
            if mode in MODES:
                self.charges.turn(unquote(switched[1]), mode, reason)
            if self.headers.get("content-type", "").startswith("application/json"):
                self._say(json.dumps({"mode": mode}).encode(), "application/json")
            else:
                self.send_response(HTTPStatus.SEE_OTHER)
                self.send_header("location", f"/?terminal={switched[1]}")
                self.send_header("content-length", "0")
                self.end_headers()
        elif (asked := CHARGE.fullmatch(place)) and asked[3] is not None:
            terminal = unquote(asked[1])
            if self._is_silent(terminal):
                return
            act = self.charges.cancel if asked[3] == "cancel" else self.charges.void
            self._answer(act(terminal, asked[2]))
        else:
            self._answer(None)

    def _is_silent(self, terminal: str) -> bool:
        """Hold the line and say nothing, as a terminal that has lost its network does."""
        if self.charges.mode(terminal)[0] != "silent":
            return False
        deadline = time.monotonic() + self.charges.silence_s
        while time.monotonic() < deadline and self.charges.mode(terminal)[0] == "silent":
            time.sleep(0.1)  # the silence is what is simulated; a switch turned meanwhile ends it
        self.close_connection = True
        return True

    def _body(self) -> Any:  # noqa: ANN401 - JSON, or a form's fields
        length = self.headers.get("content-length", "0")
        raw = self.rfile.read(min(int(length), BODY_MAX)) if length.isdigit() else b""
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {name: values[0] for name, values in parse_qs(raw.decode("utf-8", "replace")).items()}
        try:
            return json.loads(raw or b"{}")
        except ValueError:
            return None

    def _answer(self, charge: dict[str, Any] | None, otherwise: HTTPStatus = HTTPStatus.NOT_FOUND) -> None:
        body = json.dumps(charge if charge is not None else {"error": otherwise.phrase}).encode()
        self._say(body, "application/json", HTTPStatus.OK if charge is not None else otherwise)

    def _say(self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's own name
        """Say nothing: the page shows what happened."""


def _approval(reference: str) -> str:
    """Six digits as banks give them, the same for a reference whenever it is asked."""
    return f"{int(reference.replace('-', ''), 16) % 1_000_000:06d}"
