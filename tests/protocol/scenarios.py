"""What must happen at a branch with two attached tills and two shirts: one rule of docs/rules/offline.md each."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from books import Line, a_sale, balance, count_shelf, kinds, on_hand, post
from builders import LONG_AGO
from placket import inventory
from protocol.test_word import Branch

LATER = LONG_AGO + timedelta(hours=1)


def a_till_attaches_when_it_is_drained(branch: Branch) -> None:
    """A till with an entry the server has not posted stays as it is."""
    at = {"till_id": branch.one.id, "location_id": branch.id, "epoch": 1, "now": LONG_AGO}
    with pytest.raises(inventory.JournalNotDrained):
        inventory.attach(branch.tx, opening=2, head_seq=1, **at)


def an_attach_that_comes_late_attaches_nothing(branch: Branch) -> None:
    """The request of an opening that is over arrives again."""
    at = {"till_id": branch.one.id, "location_id": branch.id, "epoch": 1, "now": LONG_AGO}
    inventory.attach(branch.tx, opening=3, head_seq=0, **at)
    with pytest.raises(inventory.OpeningPassed):
        inventory.attach(branch.tx, opening=2, head_seq=0, **at)


def a_word_belongs_to_one_question(branch: Branch) -> None:
    """Words for a question that was declined do not answer the next one about the same goods."""
    branch.ask()
    branch.word(branch.one, board_no=1, in_hand=2)
    branch.word(branch.other, board_no=1)
    again = branch.ask()
    branch.settle()
    assert again.phase == "asked"


def a_promised_piece_is_looked_for_although_the_books_have_enough(branch: Branch) -> None:
    """On line a cashier is asked whether the promised piece is still there; one who has seen it sells the other."""
    branch.ask()
    branch.word(branch.one, board_no=1)
    branch.word(branch.other, board_no=1)
    unasked = a_sale(branch.one, Line(branch.m, 1), receipt_no=1)
    assert kinds(post(branch.tx, unasked)) == ["amber"]
    assert kinds(post(branch.tx, a_sale(branch.one, Line(branch.m, 1, looked_for=1), receipt_no=1))) == ["accepted"]


def the_light_is_decided_when_the_sale_is_written(branch: Branch) -> None:
    """Green when it was scanned; a promise is confirmed before the sale arrives, and the cashier is asked after all."""
    scanned = a_sale(branch.one, Line(branch.m, 1))
    the_word = branch.ask()
    branch.word(branch.one, board_no=1, in_hand=1)
    branch.word(branch.other, board_no=1)
    assert the_word.phase == "confirmed"
    assert kinds(post(branch.tx, scanned)) == ["amber"]


def nothing_is_sold_on_line_after_signing_off(branch: Branch) -> None:
    """A till whose opening is over has to attach again."""
    inventory.sign_off(branch.tx, till_id=branch.one.id, opening=1, location_id=branch.id, now=LONG_AGO)
    assert kinds(post(branch.tx, a_sale(branch.one, Line(branch.m, 1)))) == ["not_attached"]


def a_sale_counts_once_also_when_it_comes_on_line_and_by_the_journal(branch: Branch) -> None:
    """Repeated and recorded under the same id it is the same sale."""
    sale = a_sale(branch.one, Line(branch.m, 1))
    assert kinds(post(branch.tx, sale)) == ["accepted"]
    assert kinds(post(branch.tx, sale)) == ["repeated"]
    sale.mode = "record"
    assert kinds(post(branch.tx, sale)) == ["repeated"]
    assert on_hand(branch.tx, branch.id, branch.m) == 1


def the_books_alone_move_no_promise(branch: Branch) -> None:
    """An offline sale makes the books too low for what is promised: somebody searches, nothing moves."""
    promises = [branch.ask() for _ in range(2)]
    branch.word(branch.one, board_no=2)
    branch.word(branch.other, board_no=2)
    branch.push(branch.one, branch.sells(branch.one))
    for promise in promises:
        branch.tx.refresh(promise)
    assert [promise.phase for promise in promises] == ["confirmed", "confirmed"]
    assert balance(branch.tx, branch.id, branch.m) == (1, 2, 1)


def nobody_trusts_a_balance_whose_piece_was_not_found(branch: Branch) -> None:
    """The other piece of the same goods is promised to nobody until somebody has counted."""
    promise = branch.ask()
    branch.word(branch.one, board_no=1)
    branch.word(branch.other, board_no=1)
    inventory.not_found(branch.tx, promise_id=promise.id, by=inventory.By(branch.one.cashier.id), now=LONG_AGO)
    with pytest.raises(inventory.OutOfStock):
        branch.ask()


def a_bagged_pick_up_is_undone_by_its_bag(branch: Branch) -> None:
    """It may be in a customer's hands already: the bag is scanned back first."""
    promise = branch.ask()
    promise.kind = "collect"
    branch.word(branch.one, board_no=1)
    branch.word(branch.other, board_no=1)
    inventory.bag(branch.tx, promise_id=promise.id)
    inventory.undo(branch.tx, promise_id=promise.id)
    assert (promise.phase, balance(branch.tx, branch.id, branch.m)) == ("to_scan_back", (2, 1, 0))


def a_sign_off_comes_after_everything_before_it(branch: Branch) -> None:
    """A till that keeps an entry back stays attached."""
    with pytest.raises(inventory.JournalNotDrained):
        inventory.sign_off(branch.tx, till_id=branch.one.id, opening=1, location_id=branch.id, now=LONG_AGO, head_seq=1)
    attached = branch.tx.scalar(text("SELECT count(*) FROM till_opening WHERE state = 'attached'"))
    assert attached == 2


def a_sale_older_than_the_count_is_in_the_count(branch: Branch) -> None:
    """A till that was not attached sold before the count and hands in after it: the figure stays, and is doubted."""
    inventory.assert_idle(
        branch.tx, till_id=branch.one.id, opening=1, location_id=branch.id, by=branch.other.cashier.id, now=LONG_AGO
    )
    sold = branch.sells(branch.one)
    count_shelf(branch.tx, branch.id, {branch.m: 1}, by=branch.other.cashier.id, now=LATER)
    branch.push(branch.one, sold)
    assert balance(branch.tx, branch.id, branch.m) == (1, 0, 0)
    assert branch.tx.scalars(text("SELECT reason FROM stock_doubt WHERE closed_at IS NULL")).all() == ["before_count"]


def nothing_is_counted_while_a_till_keeps_sales_back(branch: Branch) -> None:
    """A sale that is posted after the count would be missing twice."""
    branch.tx.execute(text("UPDATE till_epoch SET reported_head_seq = 1 WHERE till_id = :till"), {"till": branch.one.id})
    with pytest.raises(inventory.TillsUndrained):
        count_shelf(branch.tx, branch.id, {branch.m: 1}, by=branch.other.cashier.id, now=LATER)
