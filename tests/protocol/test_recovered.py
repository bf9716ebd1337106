"""A till is wiped with five sales unsent and paired anew: its second copy hands them in, each once, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import text

from books import balance, prove
from builders import TillAtWork, a_branch, a_person, a_style, a_till, signed_in, stocked
from placket import identity
from placket.core.db import Database
from placket.core.ids import new_id
from placket.pos import journal
from placket.printing.copies import Copies, Entry
from serving import serving

PRICE_VND = 100_000
AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@dataclass
class Counter:
    """A served branch with ten shirts, a till, and the second copy beside it."""

    http: httpx.Client
    database: Database
    place: UUID
    shirt: UUID
    till: TillAtWork
    manager: dict[str, str]
    copies: Copies
    written: list[journal.Sent] = field(default_factory=list)

    def sell(self) -> None:
        """A sale into the journal, and into the copy as soon as it is there."""
        last = self.written[-1] if self.written else None
        body = {
            "id": str(new_id()),
            "receipt_no": self.till.next_receipt_no(),
            "staff_id": str(self.till.cashier.id),
            "lines": [{"variant_id": str(self.shirt), "qty": 1, "source_id": str(self.place), "unit_vnd": PRICE_VND}],
            "total_vnd": PRICE_VND,
            "rounding_vnd": 0,
            "tenders": [{"kind": "card", "amount_vnd": PRICE_VND}],
            "price_version": 1,
            "promo_version": 0,
        }
        seq = len(self.written) + 1
        entry = {"kind": "SALE", "seq": seq, "epoch": 1, "opening": 1, "at": AT.isoformat(), "entry_id": str(new_id())}
        entry |= {"clock_offset_ms": 0, "schema_v": 1, "app_v": "test", "body": body}
        content = msgspec.json.encode(entry).decode()
        sent = journal.Sent(seq, journal.chained(journal.NO_HASH if last is None else last.hash, content), content)
        self.written.append(sent)
        self.copies.append(str(self.till.id), 1, [Entry(sent.seq, sent.hash, sent.text)])

    def push(self, *sent: journal.Sent) -> httpx.Response:
        """The device hands entries in by itself."""
        bearer = {"authorization": f"Bearer {self.till.device_token}"}
        return self.http.post("/api/till/push", json=handed(sent, len(self.written)), headers=bearer)

    def wipe_and_pair(self) -> None:
        """The browser has forgotten everything; the same till is paired again and a manager signs in."""
        with self.database.transaction() as tx:
            code, _ = identity.make_pairing_code(
                tx, location_id=self.place, till_name="Quầy", till_id=self.till.id, actor=None, now=datetime.now(UTC)
            )
        paired = self.http.post("/api/tills/pair", json={"code": code, "app_version": "test"})
        self.till.device_token = paired.json()["till_token"]
        self.till.epoch = paired.json()["till"]["epoch"]
        with self.database.transaction() as tx:
            self.manager = signed_in(tx, a_person(tx, "store_manager", at=self.place).id, till_id=self.till.id).bearer

    def recover(self, who: dict[str, str], sent: list[journal.Sent], *, epoch: int = 1) -> httpx.Response:
        """Hand in what the copy holds."""
        body = handed(sent, len(self.written)) | {"epoch": epoch}
        return self.http.post("/api/till/recovered-entries", json=body, headers=who)

    def kept(self, since: int = 1) -> list[journal.Sent]:
        """What the copy holds."""
        entries = self.copies.entries(str(self.till.id), 1, since=since, most=200)
        return [journal.Sent(entry.seq, entry.hash, entry.text) for entry in entries]

    def sales(self) -> int:
        """How many sales are in the books."""
        with self.database.transaction() as tx:
            return int(tx.scalar(text("SELECT count(*) FROM sale")) or 0)

    def on_hand(self) -> int:
        """How many shirts the books say there are."""
        with self.database.transaction() as tx:
            return balance(tx, self.place, self.shirt)[0]


def handed(sent: tuple[journal.Sent, ...] | list[journal.Sent], head_seq: int) -> dict[str, Any]:
    """Entries as they travel."""
    entries = [{"seq": one.seq, "hash": one.hash, "text": one.text} for one in sent]
    return {"epoch": 1, "head_seq": head_seq, "entries": entries}


@pytest.fixture
def counter(fresh: Database, tmp_path: Path) -> Iterator[Counter]:
    with fresh.transaction() as tx:
        place = a_branch(tx)
        shirt = a_style(tx, price_vnd=PRICE_VND).one
        stocked(tx, place, {shirt: 10})
        till = a_till(tx, place)
    with serving(fresh.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
        yield Counter(http, fresh, place, shirt, till, {}, Copies(tmp_path))


def test_five_unsent_sales_of_a_wiped_till_come_back_from_the_copy_once_each(counter: Counter) -> None:
    for _ in range(7):
        counter.sell()
    assert counter.push(*counter.written[:2]).json()["posted_seq"] == 2
    counter.wipe_and_pair()

    bearer = {"authorization": f"Bearer {counter.till.device_token}"}
    epochs = counter.http.get("/api/till/epochs", headers=bearer).json()["items"]
    assert epochs == [{"epoch": 1, "posted_seq": 2, "ended": True}, {"epoch": 2, "posted_seq": 0, "ended": False}]

    answer = counter.recover(counter.manager, counter.kept(since=3))
    assert (answer.status_code, answer.json()["posted_seq"]) == (200, 7)
    again = counter.recover(counter.manager, counter.kept())
    assert (again.status_code, again.json()["posted_seq"]) == (200, 7)
    assert (counter.sales(), counter.on_hand()) == (7, 3)
    prove(counter.database)
    with counter.database.transaction() as tx:
        audited = tx.scalars(text("SELECT after FROM audit_log WHERE action = 'journal.recovered' ORDER BY id")).all()
    assert audited[0] == {"epoch": 1, "from_seq": 3, "posted_seq": 7}


def test_a_copy_is_handed_in_by_leave_only_and_never_for_the_epoch_in_force(counter: Counter) -> None:
    for _ in range(3):
        counter.sell()
    counter.wipe_and_pair()
    cashier = counter.recover(counter.till.bearer, counter.kept())
    assert cashier.status_code in {401, 403}
    in_force = counter.recover(counter.manager, counter.kept(), epoch=2)
    assert (in_force.status_code, in_force.json()["code"]) == (409, "epoch_in_force")
    gap = counter.recover(counter.manager, counter.kept(since=2))
    assert (gap.status_code, gap.json()["code"], gap.json()["facts"]) == (409, "journal_gap", {"expected": 1})
    true = counter.kept()
    bent = [true[0], journal.Sent(2, true[1].hash, true[1].text.replace("100000", "900000", 1)), true[2]]
    forked = counter.recover(counter.manager, bent)
    assert (forked.status_code, forked.json()["code"]) == (409, "journal_forked")
    assert (counter.sales(), counter.on_hand()) == (0, 10)


def test_the_page_of_a_receipt_opens_for_who_holds_the_paper(counter: Counter) -> None:
    counter.sell()
    bearer = {"authorization": f"Bearer {counter.till.device_token}"}
    start = counter.http.get("/api/till", headers=bearer).json()
    body = f"02{counter.till.till_no:04}010000001"
    barcode = body + str((10 - sum(int(d) * (3, 1)[at % 2] for at, d in enumerate(reversed(body))) % 10) % 10)
    code = barcode + identity.receipt_signature(bytes.fromhex(start["receipt_key"]), barcode)
    waiting = counter.http.get(f"/r/{code}")
    assert (waiting.status_code, "chưa về đến hệ thống" in waiting.text) == (202, True)
    counter.push(*counter.written)
    page = counter.http.get(f"/r/{code}")
    assert page.status_code == 200
    assert "100.000&nbsp;₫" in page.text
    assert start["branch"]["name"] in page.text
    for wrong in (f"{code[:-1]}{(int(code[-1]) + 1) % 10}", code[:-1], "0" * 26):
        assert counter.http.get(f"/r/{wrong}").status_code == 404
