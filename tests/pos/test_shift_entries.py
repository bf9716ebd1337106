"""Shifts run without network: the journal tells them, the server numbers their Z, once, at their own moments."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import raw
from builders import LONG_AGO, Person, TillAtWork, a_branch, a_company, a_person, a_style, a_till, stocked
from placket import catalog, identity, promotions, verify
from placket.core.ids import new_id
from placket.pos import journal

PRICE_VND = 100_000


class Drawer:
    """A till whose journal is written by hand."""

    def __init__(self, tx: Session) -> None:
        self.tx = tx
        a_company(tx)
        self.place = a_branch(tx)
        self.shirt = a_style(tx, price_vnd=PRICE_VND).one
        stocked(tx, self.place, {self.shirt: 5})
        self.till: TillAtWork = a_till(tx, self.place)
        self.manager: Person = a_person(tx, "store_manager", at=self.place)
        self.sent: list[journal.Sent] = []
        self.shift = new_id()

    def writes(self, kind: str, body: dict[str, Any], *, minute: int) -> None:
        """An entry, so many minutes into the day."""
        seq = len(self.sent) + 1
        entry = {"kind": kind, "seq": seq, "epoch": 1, "opening": 1, "at": at(minute).isoformat(), "body": body}
        entry |= {"entry_id": str(new_id()), "clock_offset_ms": 0, "schema_v": 1, "app_v": "test"}
        content = msgspec.json.encode(entry).decode()
        last = self.sent[-1].hash if self.sent else journal.NO_HASH
        self.sent.append(journal.Sent(seq, journal.chained(last, content), content))

    def opens(self, *, minute: int = 0) -> None:
        """The shift begins with 200.000."""
        body = {"id": str(self.shift), "staff_id": str(self.till.cashier.id), "pieces": {"200000": 1}}
        self.writes("SHIFT_OPEN", body, minute=minute)

    def sells(self, *, minute: int) -> None:
        """A shirt for cash."""
        cash = {"kind": "cash", "amount_vnd": PRICE_VND, "tendered_vnd": PRICE_VND, "change_vnd": 0}
        line = {"variant_id": str(self.shirt), "qty": 1, "source_id": str(self.place), "unit_vnd": PRICE_VND}
        body = {"id": str(new_id()), "receipt_no": self.till.next_receipt_no(), "staff_id": str(self.till.cashier.id)}
        body |= {"lines": [line], "total_vnd": PRICE_VND, "rounding_vnd": 0, "tenders": [cash]}
        self.writes("SALE", body | {"price_version": 1, "promo_version": 0}, minute=minute)

    def moves(self, amount_vnd: int, *, minute: int, approved_by: UUID | None = None) -> None:
        """Cash goes out."""
        body = {"id": str(new_id()), "shift_id": str(self.shift), "staff_id": str(self.till.cashier.id), "kind": "out"}
        body |= {"amount_vnd": amount_vnd, "reason": "Mua nước", "approved_by": approved_by and str(approved_by)}
        self.writes("CASH", body, minute=minute)

    def closes(self, *counts: dict[str, int], minute: int, **values: Any) -> None:
        """Counted and closed."""
        told = [{"id": str(new_id()), "pieces": pieces} for pieces in counts]
        body = {"shift_id": str(self.shift), "staff_id": str(self.till.cashier.id), "counts": told} | values
        self.writes("SHIFT_CLOSE", body, minute=minute)

    def hands_in(self) -> list[tuple[str, Any]]:
        """What becomes of the entries."""
        facts = identity.till_facts_of(self.tx, self.till.id)
        asked = {"till": facts, "epoch": 1, "entries": self.sent, "head_seq": len(self.sent), "now": at(600)}
        _, taken = journal.take_over(self.tx, **asked)
        return [(one.status, one.result) for one in taken]

    def z(self) -> Any:
        """The Z of the shift."""
        return self.tx.execute(text("SELECT * FROM z_report WHERE shift_id = :s"), {"s": self.shift}).one_or_none()


def at(minute: int) -> datetime:
    """So many minutes into the day."""
    return LONG_AGO + timedelta(minutes=minute)


@pytest.fixture
def drawer(tx: Session, monkeypatch: pytest.MonkeyPatch) -> Drawer:
    made = Drawer(tx)
    monkeypatch.setattr(catalog.price_books, "_book", catalog.load_price_book(tx))
    monkeypatch.setattr(promotions.promo_books, "_book", promotions.read_book(tx))
    return made


def test_a_whole_shift_without_network_gets_its_z_when_it_is_handed_in(drawer: Drawer) -> None:
    drawer.opens()
    drawer.sells(minute=10)
    drawer.moves(50_000, minute=20)
    drawer.closes({"200000": 1, "20000": 1, "10000": 1}, minute=60, deposit_bag="T-17")
    results = drawer.hands_in()
    assert [status for status, _ in results] == ["posted"] * 4
    assert results[-1][1] == {"z": 1, "variance_vnd": -20_000}
    z = drawer.z()
    assert (z.number, z.cash_sales_vnd, z.out_vnd, z.expected_vnd, z.counted_vnd) == (1, 100_000, 50_000, 250_000, 230_000)
    assert (z.deposit_bag, z.closed_by) == ("T-17", drawer.till.cashier.id)
    opened_at, closed_at = drawer.tx.execute(text("SELECT opened_at, closed_at FROM shift")).one()
    assert (opened_at, closed_at - at(60) < timedelta(seconds=1)) == (at(0), True), "their own moments"
    assert drawer.hands_in() == results, "handed in again it is the same"
    assert verify.prove(raw(drawer.tx)) == []


def test_two_counts_are_both_kept(drawer: Drawer) -> None:
    drawer.opens()
    drawer.closes({"100000": 1}, {"200000": 1}, minute=60)
    assert [status for status, _ in drawer.hands_in()] == ["posted", "posted"]
    counts = drawer.tx.execute(text("SELECT no, counted_vnd FROM shift_count ORDER BY no")).all()
    assert [tuple(row) for row in counts] == [(1, 100_000), (2, 200_000)]
    assert drawer.z().variance_vnd == 0


def test_a_large_variance_is_closed_with_a_reason_and_somebody_who_may_approve(drawer: Drawer) -> None:
    drawer.opens()
    drawer.closes({"100000": 1}, minute=60, reason="Thối nhầm", approved_by=str(drawer.manager.id))
    assert [status for status, _ in drawer.hands_in()] == ["posted", "posted"]
    assert (drawer.z().variance_vnd, drawer.z().approved_by) == (-100_000, drawer.manager.id)


def test_a_drawer_that_was_taken_over_without_network_is_its_new_holders_once(drawer: Drawer) -> None:
    drawer.opens()
    taken = {"shift_id": str(drawer.shift), "staff_id": str(drawer.manager.id)}
    drawer.writes("SHIFT_TAKE", {**taken, "approved_by": str(drawer.till.cashier.id)}, minute=10)
    drawer.writes("SHIFT_TAKE", {**taken, "approved_by": str(drawer.manager.id)}, minute=11)
    results = drawer.hands_in()
    assert [status for status, _ in results] == ["posted", "quarantined", "posted"]
    assert results[1][1] == {"cause": "not_an_approver"}
    assert drawer.hands_in() == results
    holder, opener = drawer.tx.execute(text("SELECT staff_id, opened_by FROM shift")).one()
    assert (holder, opener) == (drawer.manager.id, drawer.till.cashier.id)
    heard = drawer.tx.scalars(text("SELECT key_version FROM event WHERE topic = 'shift.changed' ORDER BY id")).all()
    assert heard == [1, 2]


def test_what_nobody_was_asked_for_waits_for_a_person_and_doubts_no_stock(drawer: Drawer) -> None:
    drawer.opens()
    drawer.moves(600_000, minute=10)
    drawer.moves(600_000, minute=11, approved_by=drawer.till.cashier.id)
    drawer.closes({"100000": 1}, minute=60)
    results = drawer.hands_in()
    assert [status for status, _ in results] == ["posted", "quarantined", "quarantined", "quarantined"]
    assert [result.get("cause") for _, result in results[1:]] == ["approval_needed", "not_an_approver", "reason_needed"]
    assert drawer.z() is None
    assert drawer.tx.scalar(text("SELECT count(*) FROM stock_doubt")) == 0


def test_a_second_shift_beside_an_open_one_waits_for_a_person(drawer: Drawer) -> None:
    drawer.opens()
    drawer.shift = new_id()
    drawer.opens(minute=5)
    assert [status for status, _ in drawer.hands_in()] == ["posted", "quarantined"]


def test_a_sale_that_arrives_after_the_z_amends_it(drawer: Drawer) -> None:
    drawer.opens()
    drawer.closes({"200000": 1}, minute=60)
    drawer.sells(minute=30)
    assert [status for status, _ in drawer.hands_in()] == ["posted"] * 3
    z = drawer.z()
    assert (z.expected_vnd, z.sales) == (200_000, 0), "a Z never changes"
    assert verify.prove(raw(drawer.tx)) == []
