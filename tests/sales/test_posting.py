"""Batches of sales are decided in order of arrival, as docs/rules/stock.md and docs/rules/sales.md say."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from books import Line, a_sale, balance, count, fingerprints, kinds, on_hand, post, raw
from builders import LONG_AGO, a_till
from placket import identity, inventory, verify
from placket.core.ids import new_id


def shop_is_right(counter) -> None:
    assert verify.prove(raw(counter.tx)) == []


def test_the_worked_example_of_the_rules(counter) -> None:
    counter.stock(m=3, l=1)
    tills = [counter.till, *(counter.another_till() for _ in range(3))]
    outcomes = post(
        counter.tx,
        a_sale(tills[0], Line(counter.m, 2)),
        a_sale(tills[1], Line(counter.m, 2), Line(counter.l, 1)),
        a_sale(tills[2], Line(counter.m, 1)),
        a_sale(tills[3], Line(counter.l, 1)),
    )
    assert kinds(outcomes) == ["accepted", "out_of_stock", "accepted", "accepted"]
    assert outcomes[1].facts == {"lines": [{"line_no": 1, "variant_id": str(counter.m), "asked": 2, "left": 1}]}
    assert (on_hand(counter.tx, counter.branch_id, counter.m), on_hand(counter.tx, counter.branch_id, counter.l)) == (0, 0)
    shop_is_right(counter)


def test_an_accepted_sale_is_written_whole(counter) -> None:
    counter.stock(m=3)
    counter.stock(m=2, at=counter.depot_id)
    sale = a_sale(counter.till, Line(counter.m, 2), Line(counter.m, 1, counter.depot_id))
    (outcome,) = post(counter.tx, sale)
    assert outcome.kind == "accepted"
    assert outcome.facts["receipt_code"] == "HN01-1-1-0000001"
    row = counter.tx.execute(text("SELECT * FROM sale")).mappings().one()
    assert (row["id"], row["state"], row["pieces"], row["total_vnd"], row["vat_vnd"]) == (
        sale.id,
        "posted",
        3,
        300_000,
        22_222,
    )
    lines = counter.tx.execute(text("SELECT line_no, qty, source_id, vat_vnd FROM sale_line ORDER BY line_no")).all()
    assert [tuple(line) for line in lines] == [(1, 2, counter.branch_id, 14_815), (2, 1, counter.depot_id, 7_407)]
    moves = counter.tx.execute(
        text("SELECT location_id, qty, kind, staff_id, till_id, epoch FROM stock_ledger WHERE ref = :id ORDER BY qty"),
        {"id": sale.id},
    ).all()
    cashier, till = counter.till.cashier.id, counter.till.id
    assert [tuple(move) for move in moves] == [
        (counter.branch_id, -2, "sale", cashier, till, 1),
        (counter.depot_id, -1, "sale", cashier, till, 1),
    ]
    assert (on_hand(counter.tx, counter.branch_id, counter.m), on_hand(counter.tx, counter.depot_id, counter.m)) == (1, 1)
    assert counter.tx.scalar(text("SELECT amount_vnd FROM payment")) == 300_000
    shop_is_right(counter)


def test_an_accepted_sale_tells_everybody_the_new_balances_and_its_branch_the_sale(counter) -> None:
    counter.stock(m=3)
    counter.tx.execute(text("DELETE FROM event"))
    sale = a_sale(counter.till, Line(counter.m, 2))
    post(counter.tx, sale)
    stock, sold = counter.tx.execute(text("SELECT * FROM event ORDER BY topic DESC")).mappings().all()
    assert (stock["topic"], stock["key"], stock["key_version"], stock["location_id"]) == (
        "stock.changed",
        f"{counter.branch_id}:{counter.m}",
        2,
        None,
    )
    assert stock["payload"] == {
        "location_id": str(counter.branch_id),
        "variant_id": str(counter.m),
        "on_hand": 1,
        "promised": 0,
        "bagged": 0,
        "asked": 0,
        "short": 0,
    }
    assert (sold["topic"], sold["key"], sold["location_id"]) == ("sale.completed", str(sale.id), counter.branch_id)
    assert (sold["payload"]["total_vnd"], sold["payload"]["receipt_code"]) == (200_000, "HN01-1-1-0000001")


def test_a_refused_sale_leaves_nothing_behind(counter) -> None:
    counter.stock(m=1, l=5)
    before = fingerprints(counter.tx)
    (outcome,) = post(counter.tx, a_sale(counter.till, Line(counter.l, 5), Line(counter.m, 2)))
    assert outcome.kind == "out_of_stock"
    assert fingerprints(counter.tx) == before


def test_a_refused_sale_keeps_its_number_and_id_for_another_try(counter) -> None:
    counter.stock(m=1)
    sale = a_sale(counter.till, Line(counter.m, 2))
    assert kinds(post(counter.tx, sale)) == ["out_of_stock"]
    counter.stock(m=1)
    assert kinds(post(counter.tx, sale)) == ["accepted"]
    shop_is_right(counter)


def test_the_refusal_names_every_line_that_lacks_and_what_is_left(counter) -> None:
    counter.stock(m=1)
    (outcome,) = post(counter.tx, a_sale(counter.till, Line(counter.m, 3), Line(counter.l, 1)))
    assert outcome.facts["lines"] == [
        {"line_no": 1, "variant_id": str(counter.m), "asked": 3, "left": 1},
        {"line_no": 2, "variant_id": str(counter.l), "asked": 1, "left": 0},
    ]


def test_two_lines_of_one_variant_count_together(counter) -> None:
    counter.stock(m=2)
    (outcome,) = post(counter.tx, a_sale(counter.till, Line(counter.m, 1), Line(counter.m, 2)))
    assert outcome.facts["lines"] == [{"line_no": 2, "variant_id": str(counter.m), "asked": 2, "left": 1}]
    counter.till.last_receipt_no = 0
    assert kinds(post(counter.tx, a_sale(counter.till, Line(counter.m, 1), Line(counter.m, 1)))) == ["accepted"]


def test_promised_pieces_are_not_for_sale_and_asked_ones_are(counter) -> None:
    counter.stock(m=3, at=counter.depot_id)
    reserve(counter, 1)
    counter.tx.execute(text("UPDATE stock SET asked = 2"))
    assert kinds(post(counter.tx, a_sale(counter.till, Line(counter.m, 3, counter.depot_id)))) == ["out_of_stock"]
    counter.till.last_receipt_no = 0
    assert kinds(post(counter.tx, a_sale(counter.till, Line(counter.m, 2, counter.depot_id)))) == ["accepted"]
    assert balance(counter.tx, counter.depot_id, counter.m) == (1, 1, 0)


def reserve(counter, qty: int) -> None:
    inventory.reserve(
        counter.tx,
        ref=new_id(),
        kind="ship",
        location_id=counter.depot_id,
        lines=[inventory.Move(counter.m, qty)],
        pay_by=LONG_AGO + timedelta(days=3650),
        now=LONG_AGO,
    )


def test_a_repeat_gets_the_first_answer_and_changes_nothing(counter) -> None:
    counter.stock(m=3)
    sale = a_sale(counter.till, Line(counter.m, 2))
    (first,) = post(counter.tx, sale)
    before = fingerprints(counter.tx)
    (again,) = post(counter.tx, sale)
    assert (first.kind, again.kind) == ("accepted", "repeated")
    assert again.facts == first.facts
    assert fingerprints(counter.tx) == before


def test_a_repeat_is_recognised_whatever_has_become_of_the_opening(counter) -> None:
    counter.stock(m=3)
    sale = a_sale(counter.till, Line(counter.m, 2))
    post(counter.tx, sale)
    inventory.sign_off(counter.tx, till_id=counter.till.id, opening=1, location_id=counter.branch_id, now=LONG_AGO)
    assert kinds(post(counter.tx, sale)) == ["repeated"]


@pytest.mark.parametrize("change", ["quantity", "customer", "till"])
def test_an_id_is_not_used_twice(counter, change: str) -> None:
    counter.stock(m=3)
    sale = a_sale(counter.till, Line(counter.m, 1))
    post(counter.tx, sale)
    neighbour = counter.another_till()
    before = fingerprints(counter.tx)
    other = {
        "quantity": a_sale(counter.till, Line(counter.m, 2), sale_id=sale.id),
        "customer": a_sale(counter.till, Line(counter.m, 1), sale_id=sale.id, customer_id=new_id()),
        "till": a_sale(neighbour, Line(counter.m, 1), sale_id=sale.id),
    }[change]
    assert kinds(post(counter.tx, other)) == ["sale_id_reused"]
    assert fingerprints(counter.tx) == before


def test_a_voided_id_never_becomes_a_sale(counter) -> None:
    counter.stock(m=3)
    sale = a_sale(counter.till, Line(counter.m, 1))
    post(counter.tx, sale)
    counter.tx.execute(text("UPDATE sale SET state = 'void'"))
    assert kinds(post(counter.tx, sale)) == ["sale_voided"]


@pytest.mark.parametrize(("given", "expected"), [(2, 1), (3, 1), (9_999_999, 1)])
def test_receipt_numbers_have_no_gap(counter, given: int, expected: int) -> None:
    counter.stock(m=3)
    before = fingerprints(counter.tx)
    (outcome,) = post(counter.tx, a_sale(counter.till, Line(counter.m, 1), receipt_no=given))
    assert (outcome.kind, outcome.facts) == ("receipt_gap", {"expected": expected})
    assert fingerprints(counter.tx) == before


def test_a_number_is_not_used_twice(counter) -> None:
    counter.stock(m=3)
    post(counter.tx, a_sale(counter.till, Line(counter.m, 1)))
    (outcome,) = post(counter.tx, a_sale(counter.till, Line(counter.m, 1), receipt_no=1))
    assert (outcome.kind, outcome.facts) == ("receipt_gap", {"expected": 2})


def test_one_till_may_hand_in_several_sales_in_one_batch(counter) -> None:
    counter.stock(m=3)
    sales = [a_sale(counter.till, Line(counter.m, 1), mode="record") for _ in range(3)]
    assert kinds(post(counter.tx, *sales)) == ["accepted"] * 3
    shop_is_right(counter)


def test_a_till_that_signed_off_sells_nothing(counter) -> None:
    counter.stock(m=3)
    inventory.sign_off(counter.tx, till_id=counter.till.id, opening=1, location_id=counter.branch_id, now=LONG_AGO)
    before = fingerprints(counter.tx)
    assert kinds(post(counter.tx, a_sale(counter.till, Line(counter.m, 1)))) == ["not_attached"]
    assert fingerprints(counter.tx) == before


def test_a_till_that_never_attached_sells_nothing(counter) -> None:
    counter.stock(m=3)
    blind = a_till(counter.tx, counter.branch_id, attached=False)
    assert kinds(post(counter.tx, a_sale(blind, Line(counter.m, 1)))) == ["not_attached"]


def test_a_sale_of_a_former_opening_is_refused(counter) -> None:
    counter.stock(m=3)
    at = {"till_id": counter.till.id, "location_id": counter.branch_id}
    inventory.attach(counter.tx, **at, epoch=1, opening=2, head_seq=0, now=LONG_AGO)
    (outcome,) = post(counter.tx, a_sale(counter.till, Line(counter.m, 1), opening=1))
    assert (outcome.kind, outcome.facts) == ("opening_ended", {"opening": 2})
    counter.till.last_receipt_no = 0
    assert kinds(post(counter.tx, a_sale(counter.till, Line(counter.m, 1), opening=2))) == ["accepted"]


def test_a_till_that_was_lost_sells_nothing(counter) -> None:
    counter.stock(m=3)
    counter.tx.execute(text("UPDATE till_epoch SET ended_at = now(), end_reason = 'lost'"))
    assert kinds(post(counter.tx, a_sale(counter.till, Line(counter.m, 1)))) == ["opening_ended"]


def test_a_record_is_never_refused_for_stock(counter) -> None:
    counter.stock(m=1)
    (outcome,) = post(counter.tx, a_sale(counter.till, Line(counter.m, 3), mode="record", exception="blind"))
    assert outcome.kind == "accepted"
    assert balance(counter.tx, counter.branch_id, counter.m) == (-2, 0, 2)
    shop_is_right(counter)


def test_a_record_is_posted_after_the_opening_has_ended(counter) -> None:
    counter.stock(m=1)
    inventory.sign_off(counter.tx, till_id=counter.till.id, opening=1, location_id=counter.branch_id, now=LONG_AGO)
    assert kinds(post(counter.tx, a_sale(counter.till, Line(counter.m, 1), mode="record"))) == ["accepted"]


def test_a_record_of_goods_the_books_have_never_seen_is_booked(counter) -> None:
    assert kinds(post(counter.tx, a_sale(counter.till, Line(counter.l, 1), mode="record"))) == ["accepted"]
    assert balance(counter.tx, counter.branch_id, counter.l) == (-1, 0, 1)
    shop_is_right(counter)


def test_a_shortage_is_booked_openly_for_somebody_to_look_at(counter) -> None:
    counter.stock(m=3, at=counter.depot_id)
    reserve(counter, 2)
    sale = a_sale(counter.till, Line(counter.m, 2, counter.depot_id), mode="record")
    assert kinds(post(counter.tx, sale)) == ["accepted"]
    assert balance(counter.tx, counter.depot_id, counter.m) == (1, 2, 1)
    exception = counter.tx.execute(text("SELECT * FROM exception_log")).mappings().one()
    assert (exception["kind"], exception["severity"], exception["qty"], exception["refs"]) == (
        "short",
        "urgent",
        1,
        {"sales": [str(sale.id)]},
    )
    assert (exception["location_id"], exception["variant_id"]) == (counter.depot_id, counter.m)
    shop_is_right(counter)


def test_an_asking_sale_after_a_record_that_took_everything_is_refused(counter) -> None:
    counter.stock(m=1)
    other = counter.another_till()
    outcomes = post(
        counter.tx,
        a_sale(counter.till, Line(counter.m, 2), mode="record"),
        a_sale(other, Line(counter.m, 1)),
    )
    assert kinds(outcomes) == ["accepted", "out_of_stock"]
    assert outcomes[1].facts["lines"][0]["left"] == 0


def test_goods_that_come_back_can_be_sold_by_those_behind(counter) -> None:
    counter.stock(m=1)
    other = counter.another_till()
    sold = a_sale(counter.till, Line(counter.m, 1))
    post(counter.tx, sold)
    outcomes = post(
        counter.tx, a_sale(counter.till, Line(counter.m, -1, returns=(sold.id, 1))), a_sale(other, Line(counter.m, 1))
    )
    assert kinds(outcomes) == ["accepted", "accepted"]
    assert on_hand(counter.tx, counter.branch_id, counter.m) == 0
    assert counter.tx.scalars(text("SELECT kind FROM stock_ledger ORDER BY id")).all() == [
        "opening",
        "sale",
        "return",
        "sale",
    ]
    shop_is_right(counter)


def test_an_exchange_takes_and_gives_in_one_sale(counter) -> None:
    counter.stock(m=1, l=1)
    sold = a_sale(counter.till, Line(counter.m, 1))
    post(counter.tx, sold)
    exchange = a_sale(counter.till, Line(counter.m, -1, returns=(sold.id, 1)), Line(counter.l, 1))
    assert kinds(post(counter.tx, exchange)) == ["accepted"]
    assert (on_hand(counter.tx, counter.branch_id, counter.m), on_hand(counter.tx, counter.branch_id, counter.l)) == (1, 0)
    shop_is_right(counter)


def test_a_return_makes_good_what_was_short(counter) -> None:
    counter.stock(m=1)
    sold = a_sale(counter.till, Line(counter.m, 3), mode="record")
    post(counter.tx, sold)
    post(counter.tx, a_sale(counter.till, Line(counter.m, -2, returns=(sold.id, 1))))
    assert balance(counter.tx, counter.branch_id, counter.m) == (0, 0, 0)


def test_a_return_to_a_branch_that_never_had_the_goods_opens_its_balance(counter) -> None:
    counter.stock(m=1, at=counter.depot_id)
    sold = a_sale(counter.till, Line(counter.m, 1, counter.depot_id))
    post(counter.tx, sold)
    assert kinds(post(counter.tx, a_sale(counter.till, Line(counter.m, -1, returns=(sold.id, 1))))) == ["accepted"]
    assert on_hand(counter.tx, counter.branch_id, counter.m) == 1
    shop_is_right(counter)


def test_a_sale_that_breaks_a_constraint_fails_its_whole_batch(counter) -> None:
    """The desk then posts the others again, one by one; see test_desk.py."""
    counter.stock(m=3)
    other = counter.another_till()
    before = fingerprints(counter.tx)
    with pytest.raises(psycopg.errors.ForeignKeyViolation), raw(counter.tx).transaction():
        post(
            counter.tx,
            a_sale(counter.till, Line(counter.m, 1)),
            a_sale(other, Line(counter.m, 1), customer_id=new_id()),
        )
    assert fingerprints(counter.tx) == before


def test_a_batch_of_nothing_but_repeats_is_answered(counter) -> None:
    counter.stock(m=3)
    sale = a_sale(counter.till, Line(counter.m, 1))
    post(counter.tx, sale)
    assert kinds(post(counter.tx, sale)) == ["repeated"]


def sold_by(counter, till_id: UUID) -> Any:
    return counter.tx.execute(text("SELECT receipt_code FROM sale WHERE till_id = :till"), {"till": till_id}).scalars().all()


def test_every_till_counts_its_own_receipts(counter) -> None:
    counter.stock(m=4)
    other = counter.another_till()
    for till in (counter.till, other, counter.till, other):
        assert kinds(post(counter.tx, a_sale(till, Line(counter.m, 1)))) == ["accepted"]
    assert sold_by(counter, counter.till.id) == ["HN01-1-1-0000001", "HN01-1-1-0000002"]
    assert sold_by(counter, other.id) == ["HN01-2-1-0000001", "HN01-2-1-0000002"]
    assert count(counter.tx, "sale") == 4
    assert identity.till_facts_of(counter.tx, other.id).till_no == 2
