"""A till that speaks the protocol over HTTP as the app does: its journal, its board, its word."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import msgspec

from builders import TillAtWork, a_cart
from placket.core import clock
from placket.core.ids import new_id
from placket.pos import journal

LOOKED_FOR = 9
"""The cashier has seen that so many promised pieces are still there."""


@dataclass
class SpeakingTill:
    """A paired till with somebody signed in. It keeps all of its journal, and the last board it was given."""

    http: httpx.Client
    at: TillAtWork
    entries: list[journal.Sent] = field(default_factory=list)
    board: dict[str, Any] | None = None
    opening: int = 1
    posted_seq: int = 0
    sold: dict[str, int] = field(default_factory=dict)

    def device(self, route: str, body: dict[str, Any]) -> httpx.Response:
        """What the device says, whoever stands before it."""
        return self.http.post(f"/api/till/{route}", json=body, headers={"authorization": f"Bearer {self.at.device_token}"})

    def write(self, kind: str, body: dict[str, Any]) -> None:
        """Add an entry, hashed."""
        seq = len(self.entries) + 1
        entry = {"entry_id": str(new_id()), "epoch": self.at.epoch, "seq": seq, "opening": self.opening, "kind": kind}
        entry |= {"at": clock.now().isoformat(), "clock_offset_ms": 0, "schema_v": 1, "app_v": "test", "body": body}
        text = msgspec.json.encode(entry).decode()
        previous = self.entries[-1].hash if self.entries else journal.NO_HASH
        self.entries.append(journal.Sent(seq, journal.chained(previous, text), text))

    def sell(self, variant_id: UUID, unit_vnd: int, *, qty: int = 1, online: bool) -> str:
        """A sale for cash; on line it is asked for first, and it stands in the journal in any case."""
        cart = a_cart(self.at, (variant_id, qty, unit_vnd), opening=self.opening)
        cart["lines"][0]["looked_for"] = LOOKED_FOR
        if online:
            answer = self.http.post("/api/sales", json=cart, headers=self.at.bearer)
            assert answer.status_code == 201, answer.text
        kept = ("id", "receipt_no", "lines", "total_vnd", "rounding_vnd", "tenders", "price_version", "promo_version")
        self.write("SALE", {name: cart[name] for name in kept} | {"staff_id": str(self.at.cashier.id)})
        self.sold[cart["id"]] = qty
        return str(cart["id"])

    def heartbeat(self) -> dict[str, Any]:
        """Tell how the till is; a newer board that comes back is stored."""
        body = {"epoch": self.at.epoch, "opening": self.opening, "head_seq": len(self.entries), "pending": 0}
        body |= {"board_no": -1 if self.board is None else self.board["board_no"], "clock": clock.now().isoformat()}
        pulse = dict(self.device("heartbeat", body).json())
        if pulse["board"] is not None:
            self.board = pulse["board"]
        return pulse

    def word(self) -> None:
        """Give the word for the board that is stored, then hand in what was sold before."""
        assert self.board is not None
        body = {"opening": self.opening, "board_no": self.board["board_no"], "head_seq": len(self.entries), "in_hand": []}
        assert self.device("word", body).status_code == 204
        self.drain()

    def drain(self, since: int | None = None) -> None:
        """Hand in everything behind the server's watermark, as it was last told unless it is given."""
        self.posted_seq = self.posted_seq if since is None else since
        while self.posted_seq < len(self.entries):
            self.posted_seq = self.push(self.posted_seq)

    def push(self, since: int) -> int:
        """Hand in two hundred entries behind a watermark; answers the server's."""
        waiting = [{"seq": one.seq, "hash": one.hash, "text": one.text} for one in self.entries[since : since + 200]]
        answer = self.device("push", {"epoch": self.at.epoch, "head_seq": len(self.entries), "entries": waiting})
        assert answer.status_code == 200, answer.text
        assert {result["status"] for result in answer.json()["results"]} <= {"posted"}, answer.text
        return int(answer.json()["posted_seq"])

    def attach(self) -> httpx.Response:
        """Begin the next opening, with the board of the last."""
        self.opening += 1
        held = None
        if self.board is not None:
            held = {name: self.board[name] for name in ("incarnation", "board_no", "board")}
        body = {"opening": self.opening, "head_seq": len(self.entries), "held": held}
        answer = self.http.post("/api/till/attach", json=body, headers=self.at.bearer)
        if answer.status_code == 200:
            self.board = {name: answer.json()[name] for name in ("incarnation", "board_no", "board")}
        return answer

    def come_back(self) -> None:
        """What the app does when the server answers again: hand in from its watermark, then attach."""
        self.drain(self.heartbeat()["posted_seq"])
        assert self.attach().status_code == 200

    def sign_off(self) -> None:
        """End the opening."""
        self.write("CLOSE", {})
