"""The branch's word, rule by rule: what confirms a promise on a branch, and what never does."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import balance, raw
from builders import LONG_AGO, TillAtWork, a_branch, a_company, a_person, a_style, a_till, stocked
from placket import catalog, identity, inventory, promotions, verify
from placket.core.ids import new_id
from placket.inventory.models import Promise
from placket.pos import journal

PRICE_VND = 100_000


@dataclass
class Branch:
    """Two attached tills and two shirts."""

    tx: Session
    id: UUID
    m: UUID
    one: TillAtWork
    other: TillAtWork

    def ask(self, qty: int = 1) -> Promise:
        """A web order asks for shirts."""
        asked = {"ref": new_id(), "kind": "ship", "location_id": self.id, "lines": [inventory.Move(self.m, qty)]}
        (promise,) = inventory.reserve(self.tx, **asked, pay_by=LONG_AGO + timedelta(days=1), now=LONG_AGO)
        return promise

    def word(self, till: TillAtWork, *, board_no: int, head_seq: int = 0, in_hand: int = 0) -> None:
        """A till says which board it holds; whatever can be settled is."""
        given = {"opening": till.opening, "board_no": board_no, "head_seq": head_seq}
        inventory.give_word(self.tx, till_id=till.id, **given, in_hand={self.m: in_hand})
        self.settle()

    def settle(self) -> None:
        """Confirm or decline what can be."""
        inventory.settle(self.tx, location_id=self.id)

    def sells(
        self,
        till: TillAtWork,
        *,
        pieces: int = 1,
        after: journal.Sent | None = None,
        customer_id: UUID | None = None,
    ) -> journal.Sent:
        """A sale that a till makes off line, as its journal tells it; not handed in yet."""
        total_vnd = PRICE_VND * pieces
        body = {
            "id": str(new_id()),
            "receipt_no": till.next_receipt_no(),
            "staff_id": str(till.cashier.id),
            "lines": [{"variant_id": str(self.m), "qty": pieces, "source_id": str(self.id), "unit_vnd": PRICE_VND}],
            "total_vnd": total_vnd,
            "rounding_vnd": 0,
            "tenders": [{"kind": "card", "amount_vnd": total_vnd}],
            "price_version": 1,
            "promo_version": 0,
        }
        if customer_id is not None:
            body["customer_id"] = str(customer_id)
        seq = 1 if after is None else after.seq + 1
        entry = {"kind": "SALE", "seq": seq, "epoch": 1, "opening": till.opening, "at": LONG_AGO.isoformat()}
        entry |= {"entry_id": str(new_id()), "clock_offset_ms": 0, "schema_v": 1, "app_v": "test", "body": body}
        content = msgspec.json.encode(entry).decode()
        return journal.Sent(seq, journal.chained(journal.NO_HASH if after is None else after.hash, content), content)

    def push(self, till: TillAtWork, *sent: journal.Sent) -> tuple[int, list[journal.Taken]]:
        """The till hands in entries."""
        facts = identity.till_facts_of(self.tx, till.id)
        return journal.take_over(self.tx, till=facts, epoch=1, entries=sent, head_seq=len(sent), now=LONG_AGO)


@pytest.fixture
def branch(tx: Session, monkeypatch: pytest.MonkeyPatch) -> Branch:
    a_company(tx)
    place = a_branch(tx)
    shirt = a_style(tx, price_vnd=PRICE_VND)
    stocked(tx, place, {shirt.one: 2})
    one = a_till(tx, place)
    other = a_till(tx, place, cashier=one.cashier.id)
    monkeypatch.setattr(catalog.price_books, "_book", catalog.load_price_book(tx))
    monkeypatch.setattr(promotions.promo_books, "_book", promotions.read_book(tx))
    return Branch(tx, place, shirt.one, one, other)


def test_one_till_does_not_answer_for_the_branch(branch: Branch) -> None:
    promise = branch.ask()
    branch.word(branch.one, board_no=1)
    assert promise.phase == "asked"
    branch.word(branch.other, board_no=1)
    assert promise.phase == "confirmed"
    assert balance(branch.tx, branch.id, branch.m) == (2, 1, 0)


def test_a_word_for_an_older_board_answers_nothing(branch: Branch) -> None:
    promise = branch.ask()
    branch.word(branch.one, board_no=0)
    branch.word(branch.other, board_no=1)
    assert promise.phase == "asked"


def test_a_word_counts_only_when_what_was_sold_before_it_is_handed_in(branch: Branch) -> None:
    sold = branch.sells(branch.one, pieces=2)
    promise = branch.ask()
    branch.word(branch.one, board_no=1, head_seq=1)
    branch.word(branch.other, board_no=1)
    assert promise.phase == "asked"
    branch.push(branch.one, sold)
    branch.settle()
    assert promise.phase == "declined", "the books are read again when the last word counts"
    assert balance(branch.tx, branch.id, branch.m) == (0, 0, 0)


def test_a_word_of_an_earlier_opening_is_no_word(branch: Branch) -> None:
    promise = branch.ask()
    branch.word(branch.one, board_no=1)
    at = {"till_id": branch.one.id, "location_id": branch.id}
    inventory.attach(branch.tx, **at, epoch=1, opening=2, head_seq=0, now=LONG_AGO)
    branch.word(branch.other, board_no=1)
    assert promise.phase == "asked"
    branch.one.opening = 2
    branch.word(branch.one, board_no=1)
    assert promise.phase == "confirmed"


def test_a_till_that_signs_off_is_asked_no_more(branch: Branch) -> None:
    promise = branch.ask()
    branch.word(branch.other, board_no=1)
    inventory.sign_off(branch.tx, till_id=branch.one.id, opening=1, location_id=branch.id, now=LONG_AGO)
    branch.settle()
    assert promise.phase == "confirmed"


def test_pieces_in_open_carts_are_left_to_who_holds_them(branch: Branch) -> None:
    promise = branch.ask()
    branch.word(branch.one, board_no=1, in_hand=2)
    branch.word(branch.other, board_no=1)
    assert promise.phase == "declined"


def test_a_question_nobody_answers_in_time_is_declined_for_good(branch: Branch) -> None:
    promise = branch.ask()
    inventory.settle(branch.tx, location_id=branch.id, give_up_before=LONG_AGO + timedelta(seconds=2))
    assert promise.phase == "declined"
    branch.word(branch.one, board_no=2)
    branch.word(branch.other, board_no=2)
    assert promise.phase == "declined"
    asked = branch.tx.scalar(text("SELECT asked FROM stock WHERE variant_id = :m"), {"m": branch.m})
    assert asked == 0


def test_the_worker_finds_the_branches_that_have_not_answered(branch: Branch) -> None:
    branch.ask()
    assert inventory.places_asked_before(branch.tx, before=LONG_AGO) == []
    assert inventory.places_asked_before(branch.tx, before=LONG_AGO + timedelta(seconds=4)) == [branch.id]


def test_a_lost_till_puts_its_branch_in_doubt_and_keeps_its_word(branch: Branch) -> None:
    promise = branch.ask()
    branch.word(branch.one, board_no=1)
    branch.word(branch.other, board_no=1)
    inventory.lose(branch.tx, till_id=branch.one.id, location_id=branch.id, now=LONG_AGO)
    assert promise.phase == "confirmed"
    with pytest.raises(inventory.OutOfStock):
        branch.ask()


def test_an_entry_is_posted_once_however_often_it_is_sent(branch: Branch) -> None:
    sold = branch.sells(branch.one)
    first = branch.push(branch.one, sold)
    assert (first[0], first[1][0].status) == (1, "posted")
    assert branch.push(branch.one, sold) == first
    assert balance(branch.tx, branch.id, branch.m) == (1, 0, 0)


def test_a_hole_in_the_journal_is_refused(branch: Branch) -> None:
    sold = branch.sells(branch.one)
    with pytest.raises(journal.JournalGap) as refused:
        branch.push(branch.one, journal.Sent(2, sold.hash, sold.text))
    assert refused.value.facts == {"expected": 1}


def test_two_histories_of_one_epoch_are_a_fork(branch: Branch) -> None:
    branch.push(branch.one, branch.sells(branch.one))
    branch.one.last_receipt_no = 0
    with pytest.raises(journal.JournalForked):
        branch.push(branch.one, branch.sells(branch.one))


def test_an_entry_that_cannot_be_read_waits_and_the_branch_promises_nothing(branch: Branch) -> None:
    nonsense = '{"kind": "SALE"}'
    posted_seq, (taken,) = branch.push(branch.one, journal.Sent(1, journal.chained(journal.NO_HASH, nonsense), nonsense))
    assert (posted_seq, taken.status) == (1, "quarantined")
    with pytest.raises(inventory.OutOfStock):
        branch.ask()


def test_an_offline_sale_is_never_refused_for_stock(branch: Branch) -> None:
    for _order in range(2):
        branch.ask()
    branch.word(branch.one, board_no=2)
    branch.word(branch.other, board_no=2)
    branch.push(branch.one, branch.sells(branch.one))
    assert balance(branch.tx, branch.id, branch.m) == (1, 2, 1)
    kinds = branch.tx.scalars(text("SELECT kind FROM exception_log")).all()
    assert kinds == ["short"]


def test_a_sale_in_quarantine_keeps_its_number_and_is_posted_under_it_when_its_cause_is_mended(branch: Branch) -> None:
    stranger = new_id()
    first = branch.sells(branch.one, customer_id=stranger)
    second = branch.sells(branch.one, after=first)
    _, taken = branch.push(branch.one, first, second)
    assert [one.status for one in taken] == ["quarantined", "posted"]
    assert verify.prove(raw(branch.tx)) == []
    branch.tx.execute(
        text("INSERT INTO customer (id, full_name, given_name, created_at) VALUES (:id, 'Lan', 'Lan', now())"),
        {"id": stranger},
    )
    manager = a_person(branch.tx, "owner")
    who = identity.principal_of_session(branch.tx, manager.session_id, now=LONG_AGO)
    assert who is not None
    resolved = journal.resolve(branch.tx, till_id=branch.one.id, epoch=1, seq=1, by=who, now=LONG_AGO)
    assert (resolved.status, str(resolved.result["receipt_code"])[-7:]) == ("resolved", "0000001")
    assert balance(branch.tx, branch.id, branch.m) == (0, 0, 0)
    assert verify.prove(raw(branch.tx)) == []
