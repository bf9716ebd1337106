"""A carrier for demos and tests: a process of its own that prints labels and tells where its parcels are. No van moves.

``placket carrier-sim`` serves what ``provider.HttpCarrier`` asks of real ones. A parcel goes on by itself, a step every few
seconds, or by the buttons of its page. What it has to tell is signed, and told again until somebody answers.
"""

import http.client
import json
import re
import sqlite3
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from placket.carriers import rules
from placket.carriers.simulator_page import label, page
from placket.core.codes import check_digit

PARCEL: Final = re.compile(r"/parcels/([A-Za-z0-9.-]{1,120})")
TELL: Final = re.compile(r"/parcels/([A-Za-z0-9.-]{1,120})/(picked_up|failed|delivered|returned)")
LABEL: Final = re.compile(r"/labels/(GN[0-9]{11})")
BODY_MAX: Final = 10_000
NEXT: Final = {"booked": "picked_up", "picked_up": "delivered", "failed": "delivered"}
WAITS_S: Final = (0.2, 0.5, 1, 2, 5, 10)

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS parcel (
    no INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE NOT NULL, wish TEXT NOT NULL, state TEXT NOT NULL,
    since REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS call (id TEXT PRIMARY KEY, body TEXT NOT NULL, due REAL NOT NULL, tries INTEGER NOT NULL);
"""


@dataclass
class Depot:
    """Every parcel of the carrier, and what it still has to tell."""

    path: Path
    hook: str
    secret: str
    pace_s: float | None = None
    is_open: bool = True
    trusted: Path | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._book() as book:
            book.executescript(SCHEMA)

    def take(self, key: str, wish: dict[str, Any]) -> dict[str, Any]:
        """Agree to a parcel; a key that is known stays what it is."""
        with self._book() as book:
            book.execute(
                "INSERT OR IGNORE INTO parcel (key, wish, state, since) VALUES (?, ?, 'booked', ?)",
                [key, json.dumps(wish, ensure_ascii=False), time.time()],
            )
        found = self.parcel(key)
        assert found is not None, "it has just been written"
        return found

    def cancel(self, key: str) -> dict[str, Any] | None:
        """Fetch a parcel no more, unless it is on its way."""
        with self._book() as book:
            book.execute("UPDATE parcel SET state = 'cancelled' WHERE key = ? AND state = 'booked'", [key])
        return self.parcel(key)

    def move(self, key: str, kind: str, reason: str | None = None) -> dict[str, Any] | None:
        """A parcel is somewhere else: tell whoever booked it."""
        found = self.parcel(key)
        if found is None or not (kind == found["state"] == "failed" or rules.rises(found["state"], kind)):
            return found
        told = {
            "id": f"evt-{uuid4().hex}",
            "tracking_no": found["tracking_no"],
            "kind": kind,
            "at": datetime.now(UTC).isoformat(),
            "reason": (reason or "Không gặp người nhận") if kind == "failed" else None,
        }
        with self._book() as book:
            book.execute("UPDATE parcel SET state = ?, since = ? WHERE key = ?", [kind, time.time(), key])
            book.execute("INSERT INTO call VALUES (?, ?, ?, 0)", [told["id"], json.dumps(told), time.time()])
        return self.parcel(key)

    def parcel(self, key: str) -> dict[str, Any] | None:
        """A parcel as it stands."""
        return next(iter(self._found("WHERE key = ?", [key])), None)

    def labelled(self, tracking_no: str) -> dict[str, Any] | None:
        """The parcel that bears a number."""
        return next(iter(self._found("WHERE no = ?", [int(tracking_no[4:-1])])), None)

    def last(self, many: int = 60) -> list[dict[str, Any]]:
        """The last parcels, the newest first."""
        return self._found("ORDER BY no DESC LIMIT ?", [many])

    def _found(self, which: str, values: list[Any]) -> list[dict[str, Any]]:
        with self._book() as book:
            query = f"SELECT no, key, wish, state, since FROM parcel {which}"  # noqa: S608 - three conditions of this class; values are bound
            rows = book.execute(query, values).fetchall()
        return [
            {"key": key, "tracking_no": tracking_of(no), "state": state, "since": since, "wish": json.loads(wish)}
            for no, key, wish, state, since in rows
        ]

    def tick(self) -> None:
        """Let parcels go on whose time has come, and tell what waits to be told."""
        if self.pace_s is not None:
            going = "WHERE state IN ('booked', 'picked_up', 'failed') AND since < ?"
            for each in self._found(going, [time.time() - self.pace_s]):
                self.move(each["key"], NEXT[each["state"]])
        with self._book() as book:
            due = book.execute(
                "SELECT id, body, tries FROM call WHERE due <= ? ORDER BY due LIMIT 20", [time.time()]
            ).fetchall()
        for call_id, body, tries in due:
            heard = self._tell(body.encode())
            with self._book() as book:
                if heard:
                    book.execute("DELETE FROM call WHERE id = ?", [call_id])
                else:
                    wait_s = WAITS_S[min(tries, len(WAITS_S) - 1)]
                    book.execute("UPDATE call SET due = ?, tries = tries + 1 WHERE id = ?", [time.time() + wait_s, call_id])

    def _tell(self, body: bytes) -> bool:
        place = urlsplit(self.hook)
        if place.scheme == "https":
            context = ssl.create_default_context(cafile=None if self.trusted is None else str(self.trusted))
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(place.netloc, timeout=5, context=context)
        else:
            connection = http.client.HTTPConnection(place.netloc, timeout=5)
        signed = rules.signature(body, secret=self.secret, at=datetime.now(UTC))
        try:
            connection.request("POST", place.path, body, {"content-type": "application/json", "x-carrier-signature": signed})
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @contextmanager
    def _book(self) -> Iterator[sqlite3.Connection]:
        with self.lock, closing(sqlite3.connect(self.path)) as book, book:
            yield book


def tracking_of(no: int) -> str:
    """The number on a label: digits that any scanner reads, with a check digit."""
    digits = f"26{no:08d}"
    return f"GN{digits}{check_digit(digits)}"


@contextmanager
def serving(port: int, depot: Depot) -> Iterator[str]:
    """Run the carrier for as long as the block lasts; answers its address."""

    class Bound(_Handler):
        parcels = depot

    over = threading.Event()

    def tell() -> None:
        while not over.wait(0.1):
            depot.tick()

    with ThreadingHTTPServer(("127.0.0.1", port), Bound) as server:
        server.daemon_threads = True
        Bound.address = f"http://127.0.0.1:{server.server_address[1]}"
        threads = [threading.Thread(target=server.serve_forever, daemon=True), threading.Thread(target=tell, daemon=True)]
        for each in threads:
            each.start()
        try:
            yield Bound.address
        finally:
            over.set()
            server.shutdown()
            for each in threads:
                each.join()


class _Handler(BaseHTTPRequestHandler):
    """One request to the carrier, or to the page with its parcels."""

    parcels: Depot
    address: str = ""
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        place = urlsplit(self.path).path
        if place == "/":
            self._say(page(self.parcels.last()).encode(), "text/html; charset=utf-8")
        elif asked := LABEL.fullmatch(place):
            found = self.parcels.labelled(asked[1])
            if found is None:
                self._answer(None)
            else:
                self._say(label(found).encode(), "text/html; charset=utf-8")
        elif place == "/parcels":
            self._say(json.dumps(self.parcels.last()).encode(), "application/json")
        else:
            self._answer(None)

    def do_PUT(self) -> None:
        asked = PARCEL.fullmatch(unquote(urlsplit(self.path).path))
        wish = self._body()
        if asked is None or not isinstance(wish, dict) or not {"sender", "recipient"} <= wish.keys():
            self._answer(None, HTTPStatus.BAD_REQUEST)
            return
        is_open = self.parcels.is_open
        self._answer(self.parcels.take(asked[1], wish) if is_open else None, HTTPStatus.SERVICE_UNAVAILABLE)

    def do_DELETE(self) -> None:
        asked = PARCEL.fullmatch(unquote(urlsplit(self.path).path))
        self._answer(None if asked is None else self.parcels.cancel(asked[1]))

    def do_POST(self) -> None:
        asked = TELL.fullmatch(unquote(urlsplit(self.path).path))
        self._body()
        found = None if asked is None else self.parcels.move(asked[1], asked[2])
        if found is not None and not self.headers.get("content-type", "").startswith("application/json"):
            self.send_response(HTTPStatus.SEE_OTHER)
            self.send_header("location", "/")
            self.send_header("content-length", "0")
            self.end_headers()
        else:
            self._answer(found)

    def _body(self) -> Any:  # noqa: ANN401 - JSON, or nothing we read
        length = self.headers.get("content-length", "0")
        raw = self.rfile.read(min(int(length), BODY_MAX)) if length.isdigit() else b""
        try:
            return json.loads(raw or b"{}")
        except ValueError:
            return None

    def _answer(self, parcel: dict[str, Any] | None, otherwise: HTTPStatus = HTTPStatus.NOT_FOUND) -> None:
        if parcel is None:
            self._say(json.dumps({"error": otherwise.phrase}).encode(), "application/json", otherwise)
            return
        told = {name: parcel[name] for name in ("tracking_no", "state")}
        told["label_url"] = f"{self.address}/labels/{parcel['tracking_no']}"
        self._say(json.dumps(told).encode(), "application/json")

    def _say(self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's own name
        """Say nothing: the page shows what happened."""
