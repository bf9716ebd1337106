"""Webhooks: signed as Stripe signs, tried again until somebody answers 2xx; doubled, shuffled, delayed or held on demand."""

import hmac
import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

TRIES_MAX: Final = 12
ANSWER_S: Final = 10.0
HANDS: Final = 6


@dataclass
class Waiting:
    """An event on its way."""

    event: dict[str, Any]
    due: float
    tries: int = 0


@dataclass
class Postman:
    """Delivers events to one address, several at a time, from threads of its own."""

    url: str | None
    secret: str
    doubled: bool = False
    shuffled: bool = False
    held: bool = False
    delay_s: float = 0.0
    waiting: list[Waiting] = field(default_factory=list)
    on_the_way: int = 0
    delivered: list[dict[str, Any]] = field(default_factory=list)
    bell: threading.Condition = field(default_factory=threading.Condition)
    thrower: random.Random = field(default_factory=lambda: random.Random(7))

    def start(self) -> None:
        """Begin to deliver."""
        for _ in range(HANDS):
            threading.Thread(target=self._run, daemon=True).start()

    @property
    def untold(self) -> int:
        """Events that have not been delivered, those on their way included."""
        with self.bell:
            return len(self.waiting) + self.on_the_way

    def take(self, event: dict[str, Any]) -> None:
        """Take an event to deliver, twice if that is switched on, later if that is."""
        with self.bell:
            for _ in range(2 if self.doubled else 1):
                late_s = self.delay_s + (self.thrower.random() * 0.8 if self.shuffled else 0.0)
                self.waiting.append(Waiting(event, time.monotonic() + late_s))
            self.bell.notify()

    def switch(self, wanted: dict[str, Any]) -> None:
        """Change how events are delivered."""
        with self.bell:
            self.doubled = bool(wanted.get("doubled", self.doubled))
            self.shuffled = bool(wanted.get("shuffled", self.shuffled))
            self.held = bool(wanted.get("held", self.held))
            self.delay_s = float(wanted.get("delay_s", self.delay_s))
            self.bell.notify()

    def _run(self) -> None:
        while True:
            with self.bell:
                now = time.monotonic()
                ripe = [] if self.held else sorted((one for one in self.waiting if one.due <= now), key=lambda one: one.due)
                if not ripe:
                    soonest = min((one.due - now for one in self.waiting if one.due > now), default=0.5)
                    self.bell.wait(min(0.5, max(0.01, soonest)))
                    continue
                one = ripe[0]
                self.waiting.remove(one)
                self.on_the_way += 1
            status = self._deliver(one.event)
            good = status is not None and status < HTTPStatus.MULTIPLE_CHOICES
            self.delivered.append({"event": one.event["id"], "type": one.event["type"], "status": status, "at": time.time()})
            del self.delivered[:-200]
            with self.bell:
                self.on_the_way -= 1
                if not good and one.tries < TRIES_MAX:
                    one.tries += 1
                    one.due = time.monotonic() + min(60.0, 0.2 * 2**one.tries)
                    self.waiting.append(one)

    def _deliver(self, event: dict[str, Any]) -> int | None:
        if self.url is None:
            return 200
        body = json.dumps(event).encode()
        place = urlsplit(self.url)
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        connection = kind(place.netloc, timeout=ANSWER_S)
        try:
            headers = {
                "content-type": "application/json",
                "stripe-signature": signature(body, self.secret, int(time.time())),
            }
            connection.request("POST", place.path, body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return None
        else:
            return answer.status
        finally:
            connection.close()


def signature(body: bytes, secret: str, at: int) -> str:
    """The header by which Stripe's events are believed."""
    made = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return f"t={at},v1={made}"
