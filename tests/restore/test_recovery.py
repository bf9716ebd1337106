"""A branch after a restore: what it refuses, who ends that, and what the boards of its tills bring back."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import balance, count_shelf, raw
from builders import LONG_AGO, TillAtWork, a_branch, a_company, a_person, a_style, a_till, stocked
from placket import identity, inventory, verify
from placket.core.ids import new_id
from placket.inventory.models import Location, Promise
from placket.inventory.refusals import NeedsCount
from placket.inventory.service.openings import assert_sure

NOW = LONG_AGO + timedelta(days=300)


@dataclass
class Branch:
    """Two attached tills and five shirts."""

    tx: Session
    id: UUID
    m: UUID
    one: TillAtWork
    other: TillAtWork

    def ask(self) -> Promise:
        """A web order asks for a shirt."""
        (promise,) = inventory.reserve(
            self.tx,
            ref=new_id(),
            kind="ship",
            location_id=self.id,
            lines=[inventory.Move(self.m, 1)],
            pay_by=NOW + timedelta(days=1),
            now=NOW,
        )
        return promise

    def words(self) -> None:
        """Both tills have stored the newest board."""
        board_no = self.tx.get_one(Location, self.id).board_no
        for till in (self.one, self.other):
            inventory.give_word(self.tx, till_id=till.id, opening=till.opening, board_no=board_no, head_seq=0, in_hand={})
        inventory.settle(self.tx, location_id=self.id)

    def restore(self) -> None:
        """The books as they are now are a backup, and it is put back."""
        for till in (self.one, self.other):
            till.opening += 1
        inventory.begin_recovery(self.tx, now=NOW)
        self.tx.expire_all()

    def attach(self, till: TillAtWork, held: inventory.HeldBoard | None = None, *, epoch: int = 1) -> None:
        """A till comes back with what it has stored."""
        inventory.attach(
            self.tx,
            till_id=till.id,
            epoch=epoch,
            opening=till.opening,
            head_seq=0,
            location_id=self.id,
            now=NOW,
            held=held,
        )

    def held(self, *promises: inventory.HeldPromise, newer_by: int = 1) -> inventory.HeldBoard:
        """A board of the history that is lost."""
        place = self.tx.get_one(Location, self.id)
        assert place.rebuilt_incarnation is not None
        assert place.rebuilt_no is not None
        return inventory.HeldBoard(place.rebuilt_incarnation, place.rebuilt_no + newer_by, promises)

    def exceptions(self) -> list[str]:
        """What the books do not keep silent about."""
        return sorted(self.tx.scalars(text("SELECT kind FROM exception_log WHERE state = 'open'")))


def promised(variant_id: UUID, phase: str = "confirmed", *, qty: int = 1) -> inventory.HeldPromise:
    """A promise as a board shows it."""
    return inventory.HeldPromise(
        id=new_id(),
        ref=new_id(),
        kind="collect",
        variant_id=variant_id,
        qty=qty,
        phase=phase,  # type: ignore[arg-type]
        bag_code="05" if phase == "bagged" else None,
        paid=True,
        pay_by=None,
    )


@pytest.fixture
def branch(tx: Session) -> Branch:
    a_company(tx)
    place = a_branch(tx)
    shirt = a_style(tx).one
    stocked(tx, place, {shirt: 5})
    one = a_till(tx, place)
    return Branch(tx, place, shirt, one, a_till(tx, place, cashier=one.cashier.id))


def test_a_restored_branch_promises_nothing_until_its_last_till_is_back(branch: Branch) -> None:
    branch.restore()
    with pytest.raises(inventory.BranchRecovering):
        branch.ask()
    branch.attach(branch.one)
    with pytest.raises(inventory.BranchRecovering):
        branch.ask()
    assert [row.till_id for row in inventory.missing_tills(branch.tx, scope=None)] == [branch.other.id]
    branch.attach(branch.other)
    assert branch.ask().phase == "asked"
    assert inventory.missing_tills(branch.tx, scope=None) == []


def test_a_till_that_was_signed_off_in_the_backup_is_waited_for_as_well(branch: Branch) -> None:
    inventory.sign_off(branch.tx, till_id=branch.other.id, opening=1, location_id=branch.id, now=NOW)
    branch.restore()
    branch.attach(branch.one)
    with pytest.raises(inventory.BranchRecovering):
        branch.ask()


def test_a_till_declared_lost_is_waited_for_no_more_and_puts_its_branch_in_doubt(branch: Branch) -> None:
    branch.restore()
    branch.attach(branch.one)
    inventory.lose(branch.tx, till_id=branch.other.id, location_id=branch.id, now=NOW)
    with pytest.raises(inventory.OutOfStock):
        branch.ask()


def test_a_till_that_is_retired_before_it_came_back_counts_as_lost(branch: Branch) -> None:
    branch.restore()
    branch.attach(branch.one)
    by = branch.one.cashier.id
    inventory.retire(branch.tx, till_id=branch.other.id, epoch=1, location_id=branch.id, by=by, now=NOW)
    assert branch.tx.scalars(text("SELECT reason FROM stock_doubt")).all() == ["lost_till"]


def test_a_till_that_was_paired_anew_leaves_a_doubt_that_only_a_count_ends(branch: Branch) -> None:
    branch.restore()
    branch.tx.execute(text("UPDATE till SET epoch = 2 WHERE id = :till"), {"till": branch.other.id})
    branch.tx.execute(
        text(
            "INSERT INTO till_epoch (till_id, epoch, receipt_prefix, started_at) "
            "SELECT till_id, 2, receipt_prefix || '-2', now() FROM till_epoch WHERE till_id = :till"
        ),
        {"till": branch.other.id},
    )
    branch.attach(branch.one)
    branch.attach(branch.other, epoch=2)
    with pytest.raises(inventory.OutOfStock):
        branch.ask()
    doubt_id = branch.tx.scalars(text("SELECT id FROM stock_doubt")).one()
    with pytest.raises(NeedsCount):
        assert_sure(branch.tx, doubt_id=doubt_id, scope=None, now=NOW)
    count_shelf(branch.tx, branch.id, {branch.m: 5}, by=branch.one.cashier.id, now=NOW)
    assert branch.ask().phase == "asked"


def test_nothing_is_counted_before_every_till_is_back(branch: Branch) -> None:
    branch.restore()
    with pytest.raises(inventory.BranchRecovering):
        count_shelf(branch.tx, branch.id, {branch.m: 5}, by=branch.one.cashier.id, now=NOW)


def test_a_doubt_of_the_backup_outlives_its_cause(branch: Branch) -> None:
    at = {"location_id": branch.id, "variant_ids": [branch.m], "reason": "quarantine", "ref": "x", "now": NOW}
    inventory.doubt(branch.tx, **at)  # type: ignore[arg-type]
    branch.restore()
    assert inventory.close_doubts(branch.tx, reason="quarantine", ref="x", closed_by="journal", now=NOW) == 0
    left = branch.tx.execute(text("SELECT reason, closed_at FROM stock_doubt")).all()
    assert left == [("before_count", None)]


def test_questions_of_the_backup_are_declined_whatever_words_there_were(branch: Branch) -> None:
    promise = branch.ask()
    board_no = branch.tx.get_one(Location, branch.id).board_no
    for till in (branch.one, branch.other):
        inventory.give_word(branch.tx, till_id=till.id, opening=1, board_no=board_no, head_seq=0, in_hand={})
    branch.restore()
    branch.tx.refresh(promise)
    assert promise.phase == "declined"
    assert verify.prove(raw(branch.tx)) == []


def test_two_restores_of_one_backup_are_two_histories(branch: Branch) -> None:
    first = branch.tx.get_one(Location, branch.id).incarnation
    branch.restore()
    second = branch.tx.get_one(Location, branch.id).incarnation
    inventory.begin_recovery(branch.tx, now=NOW + timedelta(seconds=1))
    third = branch.tx.get_one(Location, branch.id).incarnation
    assert first < second < third


def test_promises_made_after_the_backup_come_back_from_the_newest_board(branch: Branch) -> None:
    branch.restore()
    confirmed, bagged, asked = promised(branch.m), promised(branch.m, "bagged"), promised(branch.m, "asked")
    branch.attach(branch.one, branch.held(confirmed, bagged, asked))
    phases = {UUID(row["id"]): row["phase"] for row in inventory.board_of(branch.tx, location_id=branch.id)}
    assert phases == {confirmed.id: "confirmed", bagged.id: "bagged", asked.id: "confirmed"}
    assert balance(branch.tx, branch.id, branch.m) == (5, 3, 0)
    assert branch.exceptions() == ["promise_unclear"], "nobody knows whether the question was answered"
    assert verify.prove(raw(branch.tx)) == []


def test_an_older_board_brings_back_nothing_that_a_newer_one_has_dropped(branch: Branch) -> None:
    branch.restore()
    newer, older = branch.held(newer_by=3), branch.held(promised(branch.m), newer_by=1)
    branch.attach(branch.one, newer)
    branch.attach(branch.other, older)
    assert balance(branch.tx, branch.id, branch.m) == (5, 0, 0)


def test_a_board_older_than_the_backup_says_nothing(branch: Branch) -> None:
    branch.restore()
    branch.attach(branch.one, branch.held(promised(branch.m), newer_by=0))
    assert balance(branch.tx, branch.id, branch.m) == (5, 0, 0)


def test_a_promise_that_ended_after_the_backup_stays_until_somebody_has_looked(branch: Branch) -> None:
    promise = branch.ask()
    branch.words()
    assert promise.phase == "confirmed"
    branch.restore()
    branch.attach(branch.one, branch.held())
    branch.tx.refresh(promise)
    assert promise.phase == "confirmed"
    assert branch.exceptions() == ["promise_unclear"]


def test_a_promise_goes_on_to_where_the_board_saw_it(branch: Branch) -> None:
    promise = branch.ask()
    branch.words()
    branch.restore()
    shown = replace(promised(branch.m, "bagged"), id=promise.id, ref=promise.ref)
    branch.attach(branch.one, branch.held(shown))
    branch.tx.refresh(promise)
    assert (promise.phase, promise.paid) == ("bagged", True)
    assert balance(branch.tx, branch.id, branch.m) == (5, 1, 0)
    assert branch.tx.scalar(text("SELECT bagged FROM stock WHERE variant_id = :m"), {"m": branch.m}) == 1
    assert verify.prove(raw(branch.tx)) == []


def test_more_promised_than_there_is_by_the_books_is_short_in_the_open(branch: Branch) -> None:
    branch.restore()
    branch.attach(branch.one, branch.held(promised(branch.m, qty=7)))
    assert balance(branch.tx, branch.id, branch.m) == (5, 7, 2)
    assert branch.exceptions() == ["short"]
    assert verify.prove(raw(branch.tx)) == []


def test_a_promise_of_goods_that_came_after_the_backup_is_told_and_stops_nobody(branch: Branch) -> None:
    branch.restore()
    branch.attach(branch.one, branch.held(promised(new_id())))
    assert branch.exceptions() == ["promise_unclear"]


def test_who_was_signed_in_before_knows_nothing_of_the_new_history(branch: Branch) -> None:
    before = a_company(branch.tx)
    assert identity.begin_incarnation(branch.tx).incarnation != before
    assert a_person(branch.tx).id
