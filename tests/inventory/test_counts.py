"""Counting while the shop sells: the books end as the shelf is, and whatever is unclear waits for a person."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import count as rows_of
from books import raw
from builders import a_branch, a_style, a_till, stocked
from counting import Shop
from placket import inventory, verify
from placket.core.ids import new_id
from placket.inventory.models import ExceptionLog, StockDoubt


@pytest.fixture
def shop(tx: Session) -> Shop:
    """Ten of M and ten of L on the books."""
    branch_id = a_branch(tx)
    goods = a_style(tx, price_vnd=100_000, sizes=("M", "L"))
    stocked(tx, branch_id, dict.fromkeys(goods.all, 10))
    return Shop(tx, branch_id, goods, a_till(tx, branch_id), a_till(tx, branch_id))


def test_what_is_sold_and_received_around_a_count_is_no_difference(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    count = shop.plan()
    shop.sell(m)
    shop.scan(count, {m: 9, l: 8})
    shop.sell(m, 2)
    shop.bring(l, 5)
    shop.sell(l)
    assert {line.variant_id: line.difference for line in shop.lines(count).values()} == {m: 0, l: -2}
    shop.posted(count)
    assert (shop.on_hand(m), shop.on_hand(l)) == (7, 12)
    assert (count.pieces_expected, count.pieces_off, count.off_vnd) == (19, 2, 200_000)
    (moved,) = shop.tx.execute(text("SELECT variant_id, qty FROM stock_ledger WHERE ref = :c"), {"c": count.id}).all()
    assert tuple(moved) == (l, -2)


def test_a_sale_told_late_is_where_its_moment_is(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    count = shop.plan()
    before = shop.now
    shop.scan(count, {m: 9, l: 10})
    after = shop.now
    shop.sell(m, at=before, late=True)
    shop.sell(l, at=after, late=True)
    assert [line.difference for line in shop.lines(count).values()] == [0, 0]
    shop.posted(count)
    assert (shop.on_hand(m), shop.on_hand(l)) == (9, 9)


def test_a_sale_told_after_the_posting_is_not_taken_off_twice(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    count = shop.plan()
    before = shop.now
    shop.scan(count, {m: 9, l: 10})
    shop.posted(count)
    assert shop.on_hand(m) == 9
    shop.sell(m, at=before, late=True)
    assert shop.on_hand(m) == 9
    assert [doubt.reason for doubt in shop.tx.query(StockDoubt).filter_by(variant_id=m, closed_at=None)] == ["before_count"]
    again = shop.plan(kind="cycle", variant_ids=[m])
    shop.scan(again, {m: 9})
    shop.posted(again)
    assert shop.tx.query(StockDoubt).filter_by(closed_at=None).count() == 0


def test_what_moves_between_the_first_and_the_last_scan_is_counted_again(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    count = shop.plan("Sàn", "Kho")
    shop.scan(count, {m: 6, l: 10})
    shop.sell(m)
    shop.scan(count, {m: 3}, zone=2)
    shop.close(count)
    assert shop.flags(count) == {m: "moved"}
    with pytest.raises(inventory.CountUndecided) as refused:
        shop.approve(count)
    assert refused.value.facts["flags"] == {"moved": 1}
    inventory.count_again(shop.tx, count_id=count.id, variant_ids=[m], now=shop.now)
    assert shop.flags(count) == {m: "again"}
    shop.scan(count, {m: 9}, round_no=2)
    shop.posted(count)
    assert (shop.on_hand(m), count.pieces_off) == (9, 0)


def test_scans_of_before_a_recount_that_come_in_late_do_not_hold(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    count = shop.plan()
    shop.scan(count, {m: 7, l: 10})
    shop.close(count)
    inventory.count_again(shop.tx, count_id=count.id, variant_ids=[m], now=shop.now)
    shop.scan(count, {m: 10}, round_no=2)
    shop.scan(count, {m: 2}, till=shop.other, round_no=1)
    assert shop.lines(count)[m].counted == 10


def test_an_act_that_is_sent_again_counts_once(shop: Shop) -> None:
    m, _ = shop.goods.all
    count = shop.plan()
    at = shop.now
    act_id = shop.scan(count, {m: 4}, at=at)
    shop.scan(count, {m: 4}, at=at, act_id=act_id)
    shop.scan(count, {m: -1})
    assert shop.lines(count)[m].counted == 3
    with pytest.raises(inventory.DocumentIdReused):
        shop.scan(count, {m: 5}, at=at, act_id=act_id)
    with pytest.raises(inventory.CountedBelowZero):
        shop.scan(count, {m: -4})


def test_a_device_that_was_away_still_hands_in_after_the_close(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    count = shop.plan("Sàn", "Kho")
    scanned_at = shop.now
    shop.scan(count, {m: 5, l: 10})
    shop.close(count)
    shop.scan(count, {m: 5}, zone=2, till=shop.other, at=scanned_at)
    assert shop.flags(count) == {}
    shop.posted(count)
    with pytest.raises(inventory.CountState):
        shop.scan(count, {m: 1}, till=shop.other)
    assert shop.on_hand(m) == 10


def test_two_who_count_the_same_in_one_zone_wait_for_a_decision(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    count = shop.plan()
    shop.scan(count, {m: 6, l: 10})
    shop.scan(count, {m: 4, l: 10}, till=shop.other)
    shop.close(count)
    assert shop.flags(count) == {m: "twice", l: "twice"}
    said = {"count_id": count.id, "zone_no": 1, "decided_by": shop.one.cashier.id}
    inventory.merge(shop.tx, variant_ids=[m], holds=None, **said, now=shop.now)
    inventory.merge(shop.tx, variant_ids=[l], holds=(shop.other.cashier.id, shop.other.id), **said, now=shop.now)
    assert {one: line.counted for one, line in shop.lines(count).items()} == {m: 10, l: 10}
    assert shop.flags(count) == {}


@pytest.mark.parametrize(("decision", "left"), [("zero", 0), ("keep", 10)])
def test_nobody_but_a_person_says_what_becomes_of_what_was_not_counted(shop: Shop, decision: str, left: int) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    count = shop.plan()
    shop.scan(count, {m: 10})
    shop.close(count)
    assert shop.flags(count) == {l: "uncounted"}
    with pytest.raises(inventory.CountUndecided):
        shop.approve(count)
    inventory.decide(shop.tx, count_id=count.id, variant_ids=[l], decision=decision, reason="theft", now=shop.now)
    shop.posted(count)
    assert (shop.on_hand(m), shop.on_hand(l)) == (10, left)


def test_what_came_in_while_nobody_counted_it_is_not_set_to_nothing(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    count = shop.plan()
    shop.scan(count, {m: 10})
    shop.bring(l, 2)
    shop.close(count)
    inventory.decide(shop.tx, count_id=count.id, variant_ids=[l], decision="zero", reason=None, now=shop.now)
    assert shop.flags(count) == {l: "moved"}


def test_a_difference_worth_much_is_counted_twice(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    count = shop.plan(recount_vnd=200_000)
    shop.scan(count, {m: 8, l: 9})
    shop.close(count)
    assert shop.flags(count) == {m: "big"}
    inventory.count_again(shop.tx, count_id=count.id, variant_ids=[m], now=shop.now)
    shop.scan(count, {m: 8}, till=shop.other, round_no=2)
    shop.posted(count)
    assert (shop.on_hand(m), shop.on_hand(l)) == (8, 9)


def test_a_zone_alone_never_says_that_pieces_are_gone(shop: Shop) -> None:
    m, _ = shop.goods.all
    count = shop.plan("Tủ kính", kind="zone")
    shop.scan(count, {m: 4})
    shop.close(count)
    assert shop.flags(count) == {m: "zone_short"}
    inventory.decide(shop.tx, count_id=count.id, variant_ids=[m], decision="keep", reason=None, now=shop.now)
    shop.posted(count)
    assert shop.on_hand(m) == 10


def test_beyond_a_limit_it_waits_and_new_scans_take_it_back(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    count = shop.plan()
    shop.scan(count, {m: 8, l: 11})
    shop.close(count)
    assert shop.approve(count, limit_vnd=299_999).state == "waiting"
    (matter,) = shop.tx.query(ExceptionLog).filter_by(kind="count_approval", state="open")
    assert (matter.belongs_to, matter.qty, matter.refs["amount_vnd"]) == (count.id, 3, 300_000)
    shop.scan(count, {m: 1})
    assert (count.state, shop.tx.query(ExceptionLog).filter_by(state="open").count()) == ("review", 0)
    assert shop.approve(count, limit_vnd=200_000).state == "posting"
    assert rows_of(shop.tx, "procrastinate_jobs") == 1
    shop.book(count)
    assert (shop.on_hand(m), shop.on_hand(l), count.state) == (9, 11, "posted")


def test_an_older_count_does_not_undo_a_newer_one(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    old = shop.plan()
    shop.scan(old, {m: 10, l: 10})
    new = shop.plan(kind="cycle", variant_ids=[m])
    shop.scan(new, {m: 9})
    shop.posted(new)
    assert shop.lines(old)[m].superseded
    shop.posted(old)
    assert shop.on_hand(m) == 9


def test_two_counts_that_find_the_same_loss_book_it_once(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    one, other = shop.plan(kind="cycle", variant_ids=[m]), shop.plan()
    shop.scan(one, {m: 9})
    shop.scan(other, {m: 9, l: 10})
    shop.posted(one)
    shop.posted(other)
    assert (shop.on_hand(m), one.pieces_off, other.pieces_off) == (9, 1, 0)


def test_nothing_is_posted_while_a_till_keeps_sales_back(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    count = shop.plan()
    shop.scan(count, {m: 10, l: 10})
    shop.close(count)
    shop.tx.execute(text("UPDATE till_epoch SET reported_head_seq = 4 WHERE till_id = :t"), {"t": shop.other.id})
    with pytest.raises(inventory.TillsUndrained):
        shop.approve(count)


def test_promised_pieces_that_are_not_there_are_short_and_looked_for(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    shop.tx.execute(text("UPDATE stock SET promised = 2, version = version + 1 WHERE variant_id = :v"), {"v": m})
    count = shop.plan()
    shop.scan(count, {m: 1, l: 10})
    shop.close(count)
    shop.approve(count)
    shop.book(count)
    found = shop.tx.execute(text("SELECT on_hand, promised, short FROM stock WHERE variant_id = :v"), {"v": m}).one()
    assert tuple(found) == (1, 2, 1)
    assert [one.qty for one in shop.tx.query(ExceptionLog).filter_by(kind="short", state="open")] == [1]
    assert [finding.check for finding in verify.prove(raw(shop.tx))] == ["promised_is_promises"]


def test_a_device_whose_clock_is_ahead_is_taken_to_have_scanned_now(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    count = shop.plan()
    shop.scan(count, {m: 10, l: 10}, at=shop.now + timedelta(days=1))
    shop.now  # noqa: B018 - time goes on
    shop.sell(m)
    assert shop.lines(count)[m].difference == 0
    shop.posted(count)
    assert shop.on_hand(m) == 9


def test_a_count_of_nothing_on_the_books_finds_what_is_there(shop: Shop) -> None:
    m, l = shop.goods.all  # noqa: E741 - a size
    shop.sell(m, 10)
    count = shop.plan(kind="cycle", only="zero_negative")
    assert set(shop.lines(count)) == {m}
    shop.scan(count, {m: 2})
    shop.posted(count)
    assert (shop.on_hand(m), shop.on_hand(l)) == (2, 10)


def test_a_cancelled_count_books_nothing(shop: Shop) -> None:
    m, _ = shop.goods.all
    count = shop.plan()
    shop.scan(count, {m: 1})
    inventory.cancel_count(shop.tx, count_id=count.id)
    with pytest.raises(inventory.CountState):
        shop.close(count)
    assert shop.on_hand(m) == 10


def test_an_adjustment_beyond_a_limit_waits_for_somebody_else(shop: Shop) -> None:
    m, _ = shop.goods.all
    by = inventory.By(shop.one.cashier.id)
    asked = {"location_id": shop.branch_id, "cause": "damaged", "note": "ố vàng", "by": by, "price_of": lambda _: 100_000}
    lines, first, second = [inventory.Move(m, -3)], new_id(), new_id()
    made = inventory.ask_adjustment(shop.tx, adjustment_id=first, lines=lines, limit_vnd=300_000, now=shop.now, **asked)
    assert (made.state, shop.on_hand(m)) == ("booked", 7)
    for _ in range(2):
        made = inventory.ask_adjustment(shop.tx, adjustment_id=second, lines=lines, limit_vnd=299_999, now=shop.now, **asked)
    assert (made.state, shop.on_hand(m)) == ("waiting", 7)
    decided = {"adjustment_id": second, "approved": True, "by": inventory.By(shop.other.cashier.id)}
    with pytest.raises(inventory.BeyondLimit):
        inventory.decide_adjustment(shop.tx, limit_vnd=299_999, now=shop.now, **decided)
    inventory.decide_adjustment(shop.tx, limit_vnd=None, now=shop.now, **decided)
    assert (made.state, made.decided_by, shop.on_hand(m)) == ("booked", shop.other.cashier.id, 4)
    with pytest.raises(inventory.AdjustmentDecided):
        inventory.decide_adjustment(shop.tx, limit_vnd=None, now=shop.now, **decided | {"approved": False})
    assert shop.tx.query(ExceptionLog).filter_by(state="open").count() == 0
    assert verify.prove(raw(shop.tx)) == []
