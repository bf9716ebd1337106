"""The stand-in as a server: what Stripe's API answers, the pages of shoppers, and the switches."""

import json
import re
import threading
import time
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, urlsplit

from . import pages
from .book import Book, Refused
from .hooks import Postman

BODY_MAX: Final = 100_000
PART: Final = re.compile(r"\[([^\]]*)\]")
READ: Final = re.compile(r"/v1/(checkout/sessions|payment_intents|charges|refunds|disputes|events)/([A-Za-z0-9_]+)")
SHUT: Final = re.compile(r"/v1/checkout/sessions/([A-Za-z0-9_]+)/expire")
PAY: Final = re.compile(r"/pay/([A-Za-z0-9_]+)(/3ds)?")
KINDS: Final = {
    "checkout/sessions": "session",
    "payment_intents": "intent",
    "charges": "charge",
    "refunds": "refund",
    "disputes": "dispute",
    "events": "event",
}


def nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Form fields as Stripe nests them: ``a[b][0]`` is a list's or dictionary's part."""
    whole: dict[str, Any] = {}
    for name, value in pairs:
        head = name.split("[", 1)[0]
        place = whole
        path = [head, *PART.findall(name)]
        for part in path[:-1]:
            place = place.setdefault(part, {})
        place[path[-1]] = value
    return whole


TICK_S: Final = 0.3


class Handler(BaseHTTPRequestHandler):
    """One request."""

    book: ClassVar[Book]
    postman: ClassVar[Postman]
    home: ClassVar[str]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Read something, or show a page."""
        place = urlsplit(self.path)
        if place.path == "/":
            self._page(pages.switches(self.book, self.postman))
        elif place.path == "/control":
            self._json(self._control())
        elif found := PAY.fullmatch(place.path):
            self._shown(found[1], bank=found[2] is not None, declined=dict(parse_qsl(place.query)).get("declined"))
        elif found := READ.fullmatch(place.path):
            self._tried(lambda: self.book.find(KINDS[found[1]], found[2]))
        else:
            self._json({"error": {"type": "invalid_request_error", "message": "Unrecognized request URL"}}, 404)

    def do_POST(self) -> None:
        """Do something."""
        place = urlsplit(self.path).path
        raw = self.rfile.read(min(int(self.headers.get("content-length") or 0), BODY_MAX)).decode()
        given = nested(parse_qsl(raw, keep_blank_values=True))
        if self.headers.get("content-type", "").startswith("application/json"):
            given = json.loads(raw or "{}")
        if place.startswith("/v1/"):
            self._tried(lambda: self._kept(place, raw, given))
        elif found := PAY.fullmatch(place):
            self._paid(found[1], given, bank=found[2] is not None)
        elif place.startswith("/control"):
            self._switched(place, given)
        else:
            self._json({"error": "not found"}, 404)

    def _kept(self, place: str, raw: str, given: dict[str, Any]) -> dict[str, Any]:
        """Act once under an idempotency key; the same key with other parameters is an error."""
        key, mark = self.headers.get("idempotency-key"), sha256(f"{place}\n{raw}".encode()).hexdigest()
        known = self.book.kept["answer"].get(key) if key else None
        if known is not None:
            if known["mark"] != mark:
                raise Refused(
                    "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                    code="idempotency_key_in_use",
                    kind="idempotency_error",
                )
            if known["error"] is not None:
                raise Refused(known["error"]["message"], code=known["error"]["code"], kind=known["error"]["type"])
            return dict(known["answer"])
        answer, error = None, None
        try:
            answer = self._act(place, given)
        except Refused as refused:
            error = refused.body["error"]
            raise
        finally:
            if key:
                self.book.kept["answer"][key] = {
                    "mark": mark,
                    "answer": answer and json.loads(json.dumps(answer)),
                    "error": error,
                }
        return answer

    def _act(self, place: str, given: dict[str, Any]) -> dict[str, Any]:
        if place == "/v1/checkout/sessions":
            return self.book.create_session(given, self.home)
        if found := SHUT.fullmatch(place):
            return self.book.expire(found[1])
        if place == "/v1/refunds":
            return self.book.refund(given)
        if (found := READ.fullmatch(place)) and found[1] == "disputes":
            told = str((given.get("evidence") or {}).get("uncategorized_text", ""))
            return self.book.end_dispute(found[2], won=told == "winning_evidence")
        raise Refused("Unrecognized request URL", code="unknown_url", status=404)

    def _tried(self, act: Any) -> None:  # noqa: ANN401 - a call without arguments
        try:
            with self.book.changing():
                answer = act()
        except Refused as refused:
            self._json(refused.body, refused.status)
        except (KeyError, ValueError, TypeError) as error:
            self._json(
                {"error": {"type": "invalid_request_error", "code": "parameter_invalid", "message": repr(error)}}, 400
            )
        else:
            self._json(answer)

    def _shown(self, session_id: str, *, bank: bool, declined: str | None) -> None:
        try:
            session = self.book.find("session", session_id)
        except Refused as refused:
            self._json(refused.body, refused.status)
            return
        if session["status"] != "open":
            self._page(pages.closed_page(session))
        else:
            self._page(pages.bank_page(session) if bank else pages.card_page(session, declined))

    def _paid(self, session_id: str, given: dict[str, Any], *, bank: bool) -> None:
        try:
            with self.book.changing():
                session = self.book.find("session", session_id)
                if bank:
                    became = self.book.answer_bank(session_id, accepts=given.get("answer") == "accept")
                else:
                    became = self.book.try_card(session_id, str(given.get("number", "")))
        except Refused as refused:
            self._json(refused.body, refused.status)
            return
        if became == "paid":
            self._go(session["success_url"])
        elif became == "asks":
            self._go(f"/pay/{session_id}/3ds")
        elif became == "closed":
            self._go(f"/pay/{session_id}")
        else:
            self._go(f"/pay/{session_id}?declined={became}")

    def _switched(self, place: str, given: dict[str, Any]) -> None:
        by_program = self.headers.get("content-type", "").startswith("application/json")
        with self.book.changing():
            if place == "/control/dispute":
                self.book.dispute(str(given["charge"]), str(given.get("reason", "fraudulent")))
            elif place == "/control/resend":
                for event in self.book.kept["event"].values():
                    self.postman.take(event)
            else:
                self.postman.switch(given if by_program else {name: bool(value) for name, value in given.items()})
        if by_program:
            self._json(self._control())
        else:
            self._go("/")

    def _control(self) -> dict[str, Any]:
        return {
            "waiting": self.postman.untold,
            "delivered": self.postman.delivered[-100:],
            "charges": self.book.last("charge", 100_000),
            "refunds": self.book.last("refund", 100_000),
        }

    def _json(self, body: Any, status: int = 200) -> None:  # noqa: ANN401 - JSON
        self._say(json.dumps(body).encode(), "application/json", status)

    def _page(self, body: bytes) -> None:
        self._say(body, "text/html; charset=utf-8", HTTPStatus.OK)

    def _go(self, to: str) -> None:
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("location", to)
        self.send_header("content-length", "0")
        self.end_headers()

    def _say(self, body: bytes, kind: str, status: int) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's own name
        """Say nothing: the page shows what happened."""


def serve(port: int, *, path: Path | None, webhook: str | None, secret: str) -> None:
    """Run the stand-in on this machine until it is stopped."""
    postman = Postman(webhook, secret)
    book = Book(path, tell=postman.take)
    bound = type("Bound", (Handler,), {"book": book, "postman": postman, "home": f"http://127.0.0.1:{port}"})
    postman.start()
    threading.Thread(target=_keep_time, args=(book,), daemon=True).start()
    with ThreadingHTTPServer(("127.0.0.1", port), bound) as server:
        server.daemon_threads = True
        server.serve_forever()


def _keep_time(book: Book) -> None:
    while True:
        # Ends and late answers come by the clock alone: nothing else would tell of them.
        time.sleep(TICK_S)
        with book.lock:
            due = any(one["at"] <= time.time() for one in book.kept["later"].values())
            over = any(one["status"] == "open" and one["expires_at"] <= time.time() for one in book.kept["session"].values())
        if due or over:
            with book.changing():
                book.shut_what_is_over()
