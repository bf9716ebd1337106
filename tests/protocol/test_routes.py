"""A branch is asked over HTTP and its tills answer: attach, question, word, confirmation, offline sale, heartbeat."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import httpx
import msgspec
import pytest

from books import prove
from builders import Person, TillAtWork, a_branch, a_person, a_promise, a_style, a_till, stocked
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.pos import journal
from serving import serving

PRICE_VND = 100_000


@dataclass
class Chain:
    """A branch with two tills and two shirts, and a server in front of it."""

    client: httpx.Client
    database: Database
    owner: Person
    branch_id: UUID
    shirt: UUID
    one: TillAtWork
    other: TillAtWork

    def ask(self) -> str:
        """A web order asks for one shirt."""
        asked = a_promise(self.branch_id, (self.shirt, 1))
        answer = self.client.post("/api/promises", json=asked, headers=self.owner.bearer)
        assert (answer.status_code, answer.json()["phase"]) == (201, "asked")
        return str(asked["id"])

    def phase(self, promise_id: str) -> str:
        """How far the promise has come."""
        answer = self.client.get(f"/api/promises/{promise_id}", headers=self.owner.bearer)
        return str(answer.json()["phase"])

    def device(self, till: TillAtWork, route: str, body: dict[str, object]) -> httpx.Response:
        """What the device itself says, whoever stands before it."""
        bearer = {"authorization": f"Bearer {till.device_token}"}
        return self.client.post(f"/api/till/{route}", json=body, headers=bearer)

    def word(self, till: TillAtWork, *, board_no: int, head_seq: int = 0) -> None:
        """The till holds this board."""
        body: dict[str, object] = {"opening": 1, "board_no": board_no, "head_seq": head_seq, "in_hand": []}
        assert self.device(till, "word", body).status_code == 204

    def heartbeat(self, till: TillAtWork, *, board_no: int) -> dict[str, object]:
        """The till lives."""
        body: dict[str, object] = {"epoch": 1, "opening": 1, "board_no": board_no, "head_seq": 0, "pending": 0}
        return dict(self.device(till, "heartbeat", {**body, "clock": clock.now().isoformat()}).json())


@pytest.fixture
def chain(fresh: Database) -> Iterator[Chain]:
    with fresh.transaction() as tx:
        branch_id = a_branch(tx)
        shirt = a_style(tx, price_vnd=PRICE_VND).one
        stocked(tx, branch_id, {shirt: 2})
        one = a_till(tx, branch_id)
        other = a_till(tx, branch_id)
        owner = a_person(tx, "owner")
    with serving(fresh.url) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        yield Chain(client, fresh, owner, branch_id, shirt, one, other)


def test_a_branch_gives_its_word_through_its_tills(chain: Chain) -> None:
    promise = chain.ask()
    pulse = chain.heartbeat(chain.one, board_no=0)
    assert pulse["attached"] is True
    (question,) = pulse["board"]["board"]  # type: ignore[index]
    assert (question["ref"], question["phase"]) == (promise, "asked")
    chain.word(chain.one, board_no=1)
    assert chain.phase(promise) == "asked"
    chain.word(chain.other, board_no=1)
    assert chain.phase(promise) == "confirmed"
    assert chain.heartbeat(chain.one, board_no=2)["board"] is None


def test_what_a_till_sold_off_line_before_its_word_comes_first(chain: Chain) -> None:
    promise = chain.ask()
    chain.word(chain.one, board_no=1, head_seq=1)
    chain.word(chain.other, board_no=1)
    assert chain.phase(promise) == "asked"
    body = {
        "id": str(new_id()),
        "receipt_no": 1,
        "staff_id": str(chain.one.cashier.id),
        "lines": [{"variant_id": str(chain.shirt), "qty": 2, "source_id": str(chain.branch_id), "unit_vnd": PRICE_VND}],
        "total_vnd": 2 * PRICE_VND,
        "rounding_vnd": 0,
        "tenders": [{"kind": "card", "amount_vnd": 2 * PRICE_VND}],
        "price_version": 1,
        "promo_version": 0,
    }
    entry = {"kind": "SALE", "seq": 1, "epoch": 1, "opening": 1, "at": clock.now().isoformat(), "body": body}
    entry |= {"entry_id": str(new_id()), "clock_offset_ms": 0, "schema_v": 1, "app_v": "test"}
    text = msgspec.json.encode(entry).decode()
    sent = {"seq": 1, "hash": journal.chained(journal.NO_HASH, text), "text": text}
    pushed = chain.device(chain.one, "push", {"epoch": 1, "head_seq": 1, "entries": [sent]})
    assert (pushed.status_code, pushed.json()["posted_seq"]) == (200, 1)
    assert pushed.json()["results"][0]["status"] == "posted"
    assert chain.phase(promise) == "declined"
    assert chain.device(chain.one, "push", {"epoch": 1, "head_seq": 1, "entries": [sent]}).json() == pushed.json()
    forked = chain.device(chain.one, "push", {"epoch": 1, "head_seq": 1, "entries": [{**sent, "hash": "0" * 64}]})
    assert (forked.status_code, forked.json()["code"]) == (409, "journal_forked")
    prove(chain.database)


def test_a_stranger_gives_no_word(chain: Chain) -> None:
    body = {"opening": 1, "board_no": 0, "head_seq": 0}
    answer = chain.client.post("/api/till/word", json=body, headers=chain.owner.bearer)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
