"""Holds for customers: kept for a day at any branch, picked into a bag, sold to whom they were kept for."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import Line, a_sale, balance, post, raw
from builders import LONG_AGO, TillAtWork, a_branch, a_depot, a_style, a_till, stocked
from placket import inventory, verify
from placket.core.codes import check_digit
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.inventory.models import Location, Promise
from placket.inventory.rules import after
from placket.inventory.service import fulfil, holds, promises, resourcing, searches

DAY = {"hours": 24, "opening_hours_only": False}


class Shop:
    """A branch with a till that answers, and two shirts; the holds come from another branch."""

    def __init__(self, tx: Session) -> None:
        self.tx = tx
        self.here = a_branch(tx)
        self.there = a_branch(tx, "HN02")
        self.m = a_style(tx, price_vnd=100_000).one
        stocked(tx, self.here, {self.m: 2})
        self.till = a_till(tx, self.here)

    def hold(self, *, qty: int = 1, answered: bool = True) -> Promise:
        """A colleague of the other branch keeps shirts for chị Lan."""
        kept = holds.hold(
            self.tx,
            ref=new_id(),
            location_id=self.here,
            line=inventory.Move(self.m, qty),
            holder=inventory.Holder("chị Lan", "0901234567", None, self.till.cashier.id, self.there),
            rule=DAY,
            now=LONG_AGO,
        )
        if answered:
            self.answers()
        return kept

    def answers(self) -> None:
        """The till gives its word."""
        board_no = self.tx.get_one(Location, self.here).board_no
        given = {"till_id": self.till.id, "opening": 1, "board_no": board_no, "head_seq": 0, "in_hand": {}}
        inventory.give_word(self.tx, **given)
        inventory.settle(self.tx, location_id=self.here)

    def sells(self, *lines: Line, mode: str = "ask", exception: str | None = None) -> tuple[str, dict]:
        """What becomes of a sale."""
        (outcome,) = post(self.tx, a_sale(self.till, *lines, mode=mode, exception=exception))
        if outcome.kind != "accepted":
            self.till.last_receipt_no -= 1
        return outcome.kind, outcome.facts

    def board(self) -> list[dict]:
        """What the tills hold."""
        return inventory.board_of(self.tx, location_id=self.here)

    def exceptions(self) -> list[str]:
        """The kinds of open exceptions."""
        return list(self.tx.scalars(text("SELECT kind FROM exception_log WHERE state = 'open' ORDER BY kind")))


@pytest.fixture
def shop(tx: Session) -> Shop:
    return Shop(tx)


def test_a_hold_needs_the_branchs_word_and_has_a_code_of_digits(shop: Shop) -> None:
    kept = shop.hold(answered=False)
    assert (kept.phase, kept.pay_by) == ("asked", LONG_AGO + timedelta(hours=24))
    shop.answers()
    assert kept.phase == "confirmed"
    assert kept.code is not None
    assert (len(kept.code), kept.code[:2], kept.code[-1]) == (13, "05", check_digit(kept.code[:-1]))
    (entry,) = shop.board()
    assert (entry["held_for"], entry["phone_tail"], entry["asked_from"]) == ("chị Lan", "4567", str(shop.there))
    assert "0901234567" not in str(entry), "a board shows no whole phone number"


def test_a_bag_has_a_code_of_its_own_and_bagging_again_answers_the_same(shop: Shop) -> None:
    kept = shop.hold()
    code = fulfil.bag(shop.tx, promise_id=kept.id).bag_code
    assert code is not None
    assert (len(code), code[:2], code[-1]) == (13, "07", check_digit(code[:-1]))
    assert fulfil.bag(shop.tx, promise_id=kept.id).bag_code == code
    assert shop.board()[0]["bag_code"] == code


def test_a_bag_that_is_opened_again_colours_the_light(shop: Shop) -> None:
    kept = shop.hold()
    fulfil.bag(shop.tx, promise_id=kept.id)
    assert fulfil.unbag(shop.tx, promise_id=kept.id).phase == "confirmed"
    assert shop.sells(Line(shop.m, 1))[0] == "amber"


@pytest.mark.parametrize("picked", ["bagged", "confirmed"])
def test_selling_a_held_piece_to_its_customer_fulfils_the_hold(shop: Shop, picked: str) -> None:
    kept = shop.hold()
    if picked == "bagged":
        fulfil.bag(shop.tx, promise_id=kept.id)
    board_no = shop.tx.get_one(Location, shop.here).board_no
    kind, _ = shop.sells(Line(shop.m, 1, promise_id=kept.id))
    assert kind == "accepted"
    shop.tx.refresh(kept)
    assert (kept.phase, kept.sale_id is None) == ("collected", False)
    assert balance(shop.tx, shop.here, shop.m) == (1, 0, 0)
    assert (shop.board(), shop.tx.get_one(Location, shop.here, populate_existing=True).board_no) == ([], board_no + 1)
    assert verify.prove(raw(shop.tx)) == []


def test_a_hold_is_fulfilled_once(shop: Shop) -> None:
    kept = shop.hold()
    assert shop.sells(Line(shop.m, 1, promise_id=kept.id))[0] == "accepted"
    kind, facts = shop.sells(Line(shop.m, 1, promise_id=kept.id))
    assert (kind, facts["lines"]) == ("promise_gone", [{"line_no": 1, "variant_id": str(shop.m)}])
    assert balance(shop.tx, shop.here, shop.m) == (1, 0, 0)


def test_two_lines_of_one_sale_do_not_share_a_hold(shop: Shop) -> None:
    kept = shop.hold()
    line = Line(shop.m, 1, promise_id=kept.id)
    assert shop.sells(line, line)[0] == "promise_gone"
    shop.tx.refresh(kept)
    assert (kept.phase, balance(shop.tx, shop.here, shop.m)) == ("confirmed", (2, 1, 0))


def test_a_hold_covers_its_own_pieces_only(shop: Shop) -> None:
    kept = shop.hold()
    assert shop.sells(Line(shop.m, 2, promise_id=kept.id))[0] == "promise_gone"
    other = shop.hold()
    fulfil.bag(shop.tx, promise_id=kept.id)
    assert shop.sells(Line(shop.m, 1, promise_id=kept.id))[0] == "accepted"
    assert shop.sells(Line(shop.m, 1))[0] == "out_of_stock", "the other is kept"
    assert shop.sells(Line(shop.m, 1, promise_id=other.id))[0] == "accepted"
    assert balance(shop.tx, shop.here, shop.m) == (0, 0, 0)


def test_a_held_piece_from_the_floor_leaves_the_other_promises_to_be_seen(shop: Shop) -> None:
    mine, _other = shop.hold(), shop.hold()
    kind, facts = shop.sells(Line(shop.m, 1, promise_id=mine.id))
    assert (kind, facts["lines"][0]["promised"]) == ("amber", 1)
    assert shop.sells(Line(shop.m, 1, promise_id=mine.id, looked_for=1))[0] == "accepted"


def test_a_refused_sale_leaves_the_hold_to_the_next(shop: Shop) -> None:
    kept = shop.hold()
    depot = a_depot(shop.tx)
    lacking = Line(shop.m, 1, source_id=depot)
    held = Line(shop.m, 1, promise_id=kept.id)
    other = a_till(shop.tx, shop.here, cashier=shop.till.cashier.id)
    outcomes = post(shop.tx, a_sale(shop.till, held, lacking), a_sale(other, held))
    assert [outcome.kind for outcome in outcomes] == ["out_of_stock", "accepted"]
    assert verify.prove(raw(shop.tx)) == []


def test_a_journal_tells_of_a_hold_that_is_over_and_the_goods_have_left(shop: Shop) -> None:
    kept = shop.hold()
    inventory.release(shop.tx, ref=kept.ref)
    assert shop.sells(Line(shop.m, 1, promise_id=kept.id), mode="record")[0] == "accepted"
    assert balance(shop.tx, shop.here, shop.m) == (1, 0, 0)
    assert shop.exceptions() == ["promise_gone"]


def test_a_hold_runs_out_its_bag_is_scanned_back_and_until_then_it_may_still_be_sold(shop: Shop) -> None:
    bagged, loose = shop.hold(), shop.hold()
    fulfil.bag(shop.tx, promise_id=bagged.id)
    late = LONG_AGO + timedelta(hours=25)
    assert inventory.release_expired(shop.tx, now=late) == 1
    assert list(inventory.bags_overdue(shop.tx, now=late)) == [bagged.id]
    inventory.unpack_overdue(shop.tx, promise_id=bagged.id)
    assert (loose.phase, bagged.phase) == ("released", "to_scan_back")
    assert shop.sells(Line(shop.m, 1, promise_id=bagged.id))[0] == "accepted"
    assert verify.prove(raw(shop.tx)) == []


def test_only_the_two_branches_concerned_see_a_hold(shop: Shop) -> None:
    kept = shop.hold()
    for place in (shop.here, shop.there):
        assert holds.access_hold(shop.tx, ref=kept.ref, places=[place]).id == kept.id
    with pytest.raises(NotFound):
        holds.access_hold(shop.tx, ref=kept.ref, places=[a_branch(shop.tx, "HN03")])


def test_an_override_has_the_newest_unbagged_promise_looked_for(shop: Shop) -> None:
    older, newer = shop.hold(), shop.hold()
    assert shop.sells(Line(shop.m, 1), mode="override", exception="override")[0] == "accepted"
    assert searches.places_due(shop.tx) == [shop.here]
    inventory.settle(shop.tx, location_id=shop.here)
    assert (older.search_at is None, newer.search_at is None) == (True, False)
    assert [entry["search_at"] is not None for entry in shop.board() if entry["id"] == str(newer.id)] == [True]
    assert shop.exceptions() == ["override", "short"]


def test_a_piece_that_is_found_is_bagged_and_the_next_is_looked_for_while_the_books_lack(shop: Shop) -> None:
    older, newer = shop.hold(), shop.hold()
    shop.sells(Line(shop.m, 1), mode="override", exception="override")
    inventory.settle(shop.tx, location_id=shop.here)
    assert fulfil.bag(shop.tx, promise_id=newer.id).search_at is None
    inventory.settle(shop.tx, location_id=shop.here)
    assert older.search_at is not None
    fulfil.not_found(shop.tx, promise_id=older.id, by=inventory.By(shop.till.cashier.id), now=LONG_AGO)
    assert resourcing.move_on(shop.tx, promise_id=older.id, now=LONG_AGO).phase == "released"
    assert verify.prove(raw(shop.tx)) == []


def test_a_search_nobody_answers_counts_opening_minutes(shop: Shop) -> None:
    kept = shop.hold()
    shop.sells(Line(shop.m, 2), mode="override", exception="override")
    inventory.settle(shop.tx, location_id=shop.here)
    asked = kept.search_at
    assert asked is not None
    assert list(searches.unanswered(shop.tx, now=asked + timedelta(minutes=29))) == []
    assert list(searches.unanswered(shop.tx, now=asked + timedelta(minutes=30))) == [kept.id]


def test_an_order_moves_to_another_place_and_is_given_back_when_none_is_left(shop: Shop) -> None:
    depot = a_depot(shop.tx)
    stocked(shop.tx, depot, {shop.m: 1})
    order = new_id()
    asked = {"ref": order, "kind": "ship", "location_id": shop.here, "lines": [inventory.Move(shop.m, 1)]}
    (first,) = inventory.reserve(shop.tx, **asked, pay_by=LONG_AGO, now=LONG_AGO)
    shop.answers()
    inventory.pay(shop.tx, ref=order)
    by = inventory.By(shop.till.cashier.id)
    fulfil.not_found(shop.tx, promise_id=first.id, by=by, now=LONG_AGO)
    assert list(resourcing.to_move(shop.tx)) == [first.id]
    second = resourcing.move_on(shop.tx, promise_id=first.id, now=LONG_AGO)
    assert (second.location_id, second.phase, second.paid, second.code) == (depot, "confirmed", True, first.code)
    assert [row.id for row in inventory.promises_of(shop.tx, ref=order)] == [second.id]
    assert list(resourcing.to_move(shop.tx)) == []
    (again,) = inventory.reserve(shop.tx, **asked, pay_by=LONG_AGO, now=LONG_AGO)
    assert again.id == second.id, "the same wish is answered by where it stands now"
    fulfil.not_found(shop.tx, promise_id=second.id, by=by, now=LONG_AGO)
    assert resourcing.move_on(shop.tx, promise_id=second.id, now=LONG_AGO).phase == "refunded"
    assert list(resourcing.to_move(shop.tx)) == []
    assert verify.prove(raw(shop.tx)) == []


def test_a_place_that_declines_a_moved_order_is_not_its_last(shop: Shop) -> None:
    far, depot = a_branch(shop.tx, "SG01"), a_depot(shop.tx)
    other: TillAtWork = a_till(shop.tx, far, cashier=shop.till.cashier.id)
    stocked(shop.tx, far, {shop.m: 1})
    order = new_id()
    (first,) = inventory.reserve(
        shop.tx, ref=order, kind="ship", location_id=shop.here, lines=[inventory.Move(shop.m, 1)], pay_by=None, now=LONG_AGO
    )
    shop.answers()
    inventory.pay(shop.tx, ref=order)
    fulfil.not_found(shop.tx, promise_id=first.id, by=inventory.By(other.cashier.id), now=LONG_AGO)
    asked = resourcing.move_on(shop.tx, promise_id=first.id, now=LONG_AGO)
    assert (asked.location_id, asked.phase) == (far, "asked")
    stocked(shop.tx, depot, {shop.m: 1})
    inventory.settle(shop.tx, location_id=far, give_up_before=LONG_AGO + timedelta(seconds=1))
    assert asked.phase == "declined"
    assert list(resourcing.to_move(shop.tx)) == [asked.id]
    last = resourcing.move_on(shop.tx, promise_id=asked.id, now=LONG_AGO)
    assert (last.location_id, last.phase, last.paid) == (depot, "confirmed", True)
    assert verify.prove(raw(shop.tx)) == []


NIGHT_AND_DAY = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat"), "09:00-21:00")


@pytest.mark.parametrize(
    ("start", "hours", "until"),
    [
        (datetime(2026, 11, 25, 3, 0, tzinfo=UTC), 2, datetime(2026, 11, 25, 5, 0, tzinfo=UTC)),
        (datetime(2026, 11, 25, 13, 0, tzinfo=UTC), 2, datetime(2026, 11, 26, 3, 0, tzinfo=UTC)),
        (datetime(2026, 11, 25, 15, 0, tzinfo=UTC), 1, datetime(2026, 11, 26, 3, 0, tzinfo=UTC)),
        (datetime(2026, 11, 28, 13, 30, tzinfo=UTC), 1, datetime(2026, 11, 30, 2, 30, tzinfo=UTC)),
    ],
)
def test_only_opening_hours_count_when_they_are_given(start: datetime, hours: int, until: datetime) -> None:
    assert after(start, timedelta(hours=hours), hours=NIGHT_AND_DAY) == until
    assert after(start, timedelta(hours=hours), hours=None) == start + timedelta(hours=hours)


def ids(rows: list[Promise]) -> list[UUID]:
    """The ids of promises."""
    return [row.id for row in rows]


def test_the_promises_of_an_order_are_those_that_stand(shop: Shop) -> None:
    kept = shop.hold()
    assert ids(promises.promises_of(shop.tx, ref=kept.ref)) == ids(promises.first_promises_of(shop.tx, ref=kept.ref))
