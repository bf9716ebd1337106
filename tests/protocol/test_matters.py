"""What waits for a person in the office: exceptions, doubts and entries in quarantine, and how each ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from builders import LONG_AGO, Person, TillAtWork, a_branch, a_person
from placket import inventory
from placket.core.ids import new_id
from placket.pos import journal
from protocol.offices import ServedChain

WHY = {"reason": "Đã đếm lại kệ"}


@dataclass(frozen=True)
class Office(ServedChain):
    """A chain, and what is asked of it here."""

    def list(self, path: str, place: UUID, who: Person | None = None) -> list[dict[str, Any]]:
        """What waits at a place."""
        items = self.http.get(f"/api/{path}", headers=(who or self.owner).bearer).json()["items"]
        return [item for item in items if item["location_id"] == str(place)]

    def post(self, path: str, who: Person | None = None, **body: Any) -> tuple[int, str]:
        """Status and code of an answer."""
        answer = self.http.post(f"/api/{path}", headers=(who or self.owner).bearer, json=body or WHY)
        return answer.status_code, answer.json()["code"] if answer.content else ""

    def push(self, till: TillAtWork, content: str) -> None:
        """The till hands in one entry."""
        sent = {"seq": 1, "hash": journal.chained(journal.NO_HASH, content), "text": content}
        body = {"epoch": 1, "head_seq": 1, "entries": [sent]}
        headers = {"authorization": f"Bearer {till.device_token}"}
        answer = self.http.post("/api/till/push", headers=headers, json=body)
        assert (answer.status_code, answer.json()["results"][0]["status"]) == (200, "quarantined")

    def hand_over(self, till: TillAtWork, promise_id: UUID) -> str:
        """The text of an entry: a bag was given to its customer."""
        body = {"promise_id": str(promise_id), "staff_id": str(till.cashier.id)}
        entry = {"kind": "HANDOVER", "seq": 1, "epoch": 1, "opening": 1, "at": LONG_AGO.isoformat(), "body": body}
        entry |= {"entry_id": str(new_id()), "clock_offset_ms": 0, "schema_v": 1, "app_v": "test"}
        return msgspec.json.encode(entry).decode()

    def exception(self, place: UUID, kind: str, **values: Any) -> None:
        """Something odd has happened."""
        with self.database.transaction() as tx:
            facts = {"severity": "warning", "refs": {}, "now": LONG_AGO} | values
            inventory.note_exception(tx, kind=kind, location_id=place, **facts)

    def ask(self, query: str, **values: Any) -> Any:
        """A value of the books."""
        with self.database.transaction() as tx:
            return tx.scalar(text(query), values)


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with Office.open("matters") as made:
        yield made


def test_an_exception_is_listed_until_somebody_has_seen_to_it(office: Office) -> None:
    place, till = office.branch("HN01")
    sale_id = new_id()
    office.exception(place, "price_diff", refs={"sale": str(sale_id)}, actor_id=till.cashier.id)
    (shown,) = office.list("stock/exceptions", place)
    assert (shown["kind"], shown["location_name"], shown["sale_id"]) == ("price_diff", "Chi nhánh HN01", str(sale_id))
    assert shown["staff_name"] == "Nguyễn Thị cashier"
    for _ in range(2):
        assert office.post(f"stock/exceptions/{shown['id']}/close") == (204, "")
    assert office.list("stock/exceptions", place) == []
    assert (
        office.ask("SELECT after->>'reason' FROM audit_log WHERE subject_id = :id LIMIT 1", id=shown["id"]) == WHY["reason"]
    )


def test_a_shortage_is_not_closed_while_pieces_are_missing(office: Office) -> None:
    place, _ = office.branch("HN02")
    office.exception(place, "short", severity="urgent", variant_id=office.shirt, qty=1)
    with office.database.transaction() as tx:
        short = "UPDATE stock SET promised = 3, short = 1, version = version + 1 WHERE location_id = :place"
        tx.execute(text(short), {"place": place})
    (shown,) = office.list("stock/exceptions", place)
    assert (shown["qty"], shown["sku"]) == (1, "AO0001-DEN-M")
    assert office.post(f"stock/exceptions/{shown['id']}/close") == (409, "still_short")
    assert office.list("stock/exceptions", place) == [shown]
    with office.database.transaction() as tx:
        tx.execute(text("UPDATE stock SET promised = 0, short = 0 WHERE location_id = :place"), {"place": place})
    assert office.post(f"stock/exceptions/{shown['id']}/close") == (204, "")


def test_what_took_promised_pieces_names_the_sale_and_the_order(office: Office) -> None:
    place, till = office.branch("HN08")
    promise_id, sale = new_id(), str(new_id())
    with office.database.transaction() as tx:
        tx.execute(text("UPDATE stock SET promised = 2, short = 0 WHERE location_id = :place"), {"place": place})
        order = (
            "INSERT INTO promise (id, ref, kind, location_id, variant_id, qty, phase, paid, created_at, code) "
            "VALUES (:id, :id, 'ship', :place, :shirt, 2, 'confirmed', true, :at, '0500000000017')"
        )
        tx.execute(text(order), {"id": promise_id, "place": place, "shirt": office.shirt, "at": LONG_AGO})
    office.exception(place, "short", severity="urgent", variant_id=office.shirt, qty=1, refs={"sales": [sale]})
    office.exception(place, "amber_refused", refs={"sale": sale}, actor_id=till.cashier.id)
    office.exception(place, "price_diff", refs={"sale": str(new_id())})
    both = (sale, "0500000000017")

    def named() -> dict[str, tuple[str, str | None]]:
        return {one["kind"]: (one["sale_id"], one["order_code"]) for one in office.list("stock/exceptions", place)}

    assert {kind: named()[kind] for kind in ("short", "amber_refused")} == {"short": both, "amber_refused": both}
    assert named()["price_diff"][1] is None
    with office.database.transaction() as tx:
        inventory.not_found(tx, promise_id=promise_id, by=inventory.By(till.cashier.id), now=LONG_AGO)
    assert {kind: named()[kind] for kind in ("short", "amber_refused", "not_found")} == {
        "short": both,
        "amber_refused": both,
        "not_found": both,
    }


def test_a_lost_till_is_one_doubt_that_a_signature_ends(office: Office) -> None:
    place, till = office.branch("HN03")
    assert office.post(f"tills/{till.id}/revoke", status="lost", reason="Mất máy") == (204, "")
    (shown,) = office.list("stock/doubts", place)
    assert (shown["reason"], shown["till_code"], shown["balances"], shown["sku"]) == (
        "lost_till",
        "HN03-1",
        1,
        "AO0001-DEN-M",
    )
    for _ in range(2):
        assert office.post(f"stock/doubts/{shown['id']}/close") == (204, "")
    assert office.list("stock/doubts", place) == []
    ended = "SELECT closed_by FROM stock_doubt WHERE location_id = :place"
    assert office.ask(ended, place=place) == "assertion"


def test_an_unreadable_entry_waits_until_somebody_signs(office: Office) -> None:
    place, till = office.branch("HN04")
    office.push(till, '{"kind": "SALE"}')
    (shown,) = office.list("sync/quarantine", place)
    assert (shown["kind"], shown["cause"], shown["till_code"], shown["text"]) == (
        "UNREADABLE",
        "unreadable",
        "HN04-1",
        '{"kind": "SALE"}',
    )
    path = f"sync/quarantine/{till.id}/1/1/resolve"
    assert office.list("stock/exceptions", place) == office.list("stock/doubts", place) == []
    doubt_id = office.ask("SELECT id FROM stock_doubt WHERE location_id = :place", place=place)
    assert office.post(f"stock/doubts/{doubt_id}/close") == (409, "needs_its_entry")
    assert office.post(path, how="post", **WHY) == (409, "entry_still_fails")
    assert office.list("sync/quarantine", place) == [shown]
    assert office.post(path, how="set_aside", **WHY) == (204, "")
    assert office.post(path, how="set_aside", **WHY) == (404, "not_found")
    assert office.list("sync/quarantine", place) == []
    open_doubts = "SELECT count(*) FROM stock_doubt WHERE location_id = :place AND closed_at IS NULL"
    assert office.ask(open_doubts, place=place) == 0
    kept = "SELECT text || status || (result->>'set_aside') FROM sync_entry WHERE till_id = :till"
    assert office.ask(kept, till=till.id) == '{"kind": "SALE"}resolved' + WHY["reason"]


def test_an_entry_is_posted_once_its_cause_is_mended(office: Office) -> None:
    place, till = office.branch("HN05")
    promise_id = new_id()
    office.push(till, office.hand_over(till, promise_id))
    path = f"sync/quarantine/{till.id}/1/1/resolve"
    assert office.post(path, how="post", **WHY) == (409, "entry_still_fails")
    with office.database.transaction() as tx:
        tx.execute(text("UPDATE stock SET promised = 1, bagged = 1 WHERE location_id = :place"), {"place": place})
        bag = (
            "INSERT INTO promise (id, ref, kind, location_id, variant_id, qty, phase, paid, created_at) "
            "VALUES (:id, :id, 'collect', :place, :shirt, 1, 'bagged', true, now())"
        )
        tx.execute(text(bag), {"id": promise_id, "place": place, "shirt": office.shirt})
    assert office.post(path, how="post", **WHY) == (204, "")
    assert office.list("sync/quarantine", place) == []
    assert office.ask("SELECT phase FROM promise WHERE id = :id", id=promise_id) == "collected"


def test_nobody_sees_to_another_branch(office: Office) -> None:
    place, till = office.branch("HN06")
    office.exception(place, "price_diff")
    office.push(till, "{}")
    with office.database.transaction() as tx:
        there = a_branch(tx, "HN07")
        stranger, cashier = a_person(tx, "store_manager", at=there), a_person(tx, "cashier", at=place)
    (shown,) = office.list("stock/exceptions", place)
    assert office.list("stock/exceptions", place, stranger) == office.list("sync/quarantine", place, stranger) == []
    assert office.post(f"stock/exceptions/{shown['id']}/close", stranger) == (404, "not_found")
    assert office.post(f"sync/quarantine/{till.id}/1/1/resolve", stranger, how="set_aside", **WHY) == (404, "not_found")
    assert office.post(f"stock/exceptions/{shown['id']}/close", cashier) == (403, "not_permitted")
    assert office.list("stock/exceptions", place) == [shown]
