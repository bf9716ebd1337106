"""A terminal as tests need one: a socket, what it has heard, and the state it keeps by the newest version of each key."""

import json
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from builders import Person

PATIENCE_S = 20.0


@dataclass
class Mirror:
    """The state of each key, by its newest version: what every client does with events."""

    state: dict[str, tuple[int, Any]] = field(default_factory=dict)

    def apply(self, events: Iterable[dict[str, Any]]) -> None:
        """Take over what is newer; older and equal news changes nothing."""
        for event in events:
            known = self.state.get(event["key"])
            if known is None or event["version"] > known[0]:
                self.state[event["key"]] = (event["version"], event["payload"])


@dataclass
class Terminal:
    """A connected terminal."""

    line: ClientConnection
    events: list[dict[str, Any]] = field(default_factory=list)
    mirror: Mirror = field(default_factory=Mirror)
    cursor: str | None = None
    incarnation: str | None = None
    needs_snapshot: bool = False
    closed: int | None = None

    def listen(self, until: Callable[["Terminal"], bool]) -> "Terminal":
        """Read frames until something is so. Fails when it does not come to that."""
        deadline = time.monotonic() + PATIENCE_S
        while not until(self):
            assert self.closed is None, f"closed with {self.closed} before it came to that"
            self._take(deadline)
        return self

    def end(self) -> int:
        """Read to the end; answers the code the server closed with."""
        self.listen(lambda terminal: terminal.closed is not None)
        assert self.closed is not None
        return self.closed

    def heard(self, topic: str) -> list[dict[str, Any]]:
        """The events of a topic so far."""
        return [event for event in self.events if event["topic"] == topic]

    def hang_up(self) -> None:
        """Close from this side."""
        self.line.close()

    def _take(self, deadline: float) -> None:
        try:
            frame = json.loads(self.line.recv(max(0.0, deadline - time.monotonic())))
        except ConnectionClosed as closed:
            self.closed = 1006 if closed.rcvd is None else closed.rcvd.code
            return
        match frame["t"]:
            case "hello":
                self.incarnation, self.cursor = frame["incarnation"], frame["cursor"]
            case "events":
                self.events += frame["events"]
                self.mirror.apply(frame["events"])
                self.cursor = frame["cursor"]
            case "snapshot":
                self.needs_snapshot = True


def a_ticket(url: str, who: Person) -> str:
    """A ticket for a socket."""
    answer = httpx.post(f"{url}/api/realtime/ticket", headers=who.bearer)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ticket"])


def a_terminal(url: str, who: Person, *, cursor: str | None = None, ticket: str | None = None) -> Terminal:
    """A terminal that has been said hello to, unless the server has closed its line at once."""
    terminal = Terminal(_open(url, cursor, ticket or a_ticket(url, who)))
    return terminal.listen(lambda it: it.incarnation is not None or it.closed is not None)


def a_deaf_terminal(url: str, who: Person) -> Terminal:
    """A terminal that reads nothing until it is asked to, behind a line that holds little."""
    place = urlsplit(url)
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect((place.hostname, place.port))
    return Terminal(_open(url, None, a_ticket(url, who), sock=narrow, max_queue=1))


def _open(url: str, cursor: str | None, ticket: str, **options: Any) -> ClientConnection:
    query = urlencode({"ticket": ticket} | ({} if cursor is None else {"cursor": cursor}))
    address = f"{url.replace('http', 'ws', 1)}/ws?{query}"
    return _lines.enter_context(connect(address, compression=None, max_size=None, **options))


_lines = ExitStack()


def hang_up_all() -> None:
    """Close every line that is still open."""
    _lines.close()
