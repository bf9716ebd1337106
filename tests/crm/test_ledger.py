"""Points are earned by the rule, spent under a hold, taken back exactly; the balance is the sum of its lots at all times."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from loyal import DAY, NOON, journal_sale
from placket import crm
from placket.core.ids import new_id
from placket.core.refusals import Refusal
from placket.crm.rules import Terms
from placket.crm.service.holds import HoldNumberReused, HoldSettled, NotEnough, TooFewPoints
from placket.inventory import matters

LATER = NOON + 10 * DAY  # what was earned at noon is no longer pending
TERMS = Terms(10_000, 100, 7, 365, 10, 5_000)


def test_a_sale_earns_whole_points_that_wait_for_the_exchange_days_and_expire_after_a_year(shop) -> None:
    customer_id = shop.customer()
    _, outcome = shop.sells(customer_id, 3)
    assert outcome.facts["points"] == {"earned": 30, "spent": 0, "balance": 30}
    (lot,) = shop.tx.execute(text("SELECT points, left_points, pending_until, expires_at FROM loyalty_lot")).all()
    assert (lot.points, lot.left_points) == (30, 30)
    # Noon of 25 November in Vietnam: pending to the end of 2 December, good to the end of 25 November a year later.
    assert lot.pending_until.isoformat() == "2026-12-02T17:00:00+00:00"
    assert lot.expires_at.isoformat() == "2027-11-25T17:00:00+00:00"
    shop.prove()


def test_the_worked_examples_of_the_rule() -> None:
    assert [TERMS.earned(vnd) for vnd in (9_999, 10_000, 2_032_000, 0, -50_000)] == [0, 1, 203, 0, 0]
    assert [TERMS.most_for(vnd) for vnd in (2_032_000, 399_000, 100, 0)] == [10_160, 1_995, 0, 0]


def test_a_repeated_sale_gets_the_equal_answer_also_after_later_sales(shop) -> None:
    customer_id, sale_id = shop.customer(), new_id()
    _, first = shop.sells(customer_id, 3, sale_id=sale_id)
    shop.sells(customer_id, 1)
    shop.one.last_receipt_no -= 2
    _, again = shop.sells(customer_id, 3, sale_id=sale_id)
    assert (again.kind, again.facts) == ("repeated", first.facts)


def test_a_new_rule_holds_from_its_day_on_also_for_what_is_posted_late(shop) -> None:
    customer_id = shop.customer()
    shop.tx.execute(text("INSERT INTO loyalty_rule VALUES ('2026-11-26', 5000, 100, 7, 365, 10, 5000)"))
    shop.sells(customer_id, 1, at=NOON + DAY)
    shop.sells(customer_id, 1, at=NOON)
    assert shop.entries(customer_id) == [("earn", 20), ("earn", 10)]


def test_points_are_spent_under_their_hold_oldest_expiry_first(shop) -> None:
    customer_id, sale_id = shop.customer(), new_id()
    for day in range(3):
        shop.sells(customer_id, 2, at=NOON + day * DAY)
    spend = shop.holds(customer_id, 30, no=1, sale_id=sale_id, at=LATER + DAY)
    assert spend["value_vnd"] == 3_000
    _, outcome = shop.sells(customer_id, 2, sale_id=sale_id, spends=[spend], at=LATER + DAY)
    assert outcome.facts["points"] == {"earned": 19, "spent": 30, "balance": 49}
    left = shop.tx.scalars(text("SELECT left_points FROM loyalty_lot ORDER BY expires_at")).all()
    assert left == [0, 10, 20, 19]
    shop.prove()


def test_pending_points_are_not_spent(shop) -> None:
    customer_id = shop.customer()
    shop.sells(customer_id, 5)
    with pytest.raises(NotEnough) as refused:
        shop.holds(customer_id, 20, no=1, sale_id=new_id(), at=NOON + 6 * DAY)
    assert refused.value.facts == {"left": 0}


def test_what_one_till_holds_another_does_not_get(shop) -> None:
    customer_id = shop.customer()
    shop.sells(customer_id, 5)
    shop.holds(customer_id, 40, no=1, sale_id=new_id(), at=LATER)
    with pytest.raises(NotEnough) as refused:
        shop.holds(customer_id, 20, no=1, sale_id=new_id(), till=shop.other, at=LATER)
    assert refused.value.facts == {"left": 10}
    shop.prove()


def test_a_hold_asked_again_is_the_same_and_another_under_its_number_is_refused(shop) -> None:
    customer_id, sale_id = shop.customer(), new_id()
    shop.sells(customer_id, 5)
    first = shop.holds(customer_id, 20, no=1, sale_id=sale_id, at=LATER)
    assert shop.holds(customer_id, 20, no=1, sale_id=sale_id, at=LATER) == first
    with pytest.raises(HoldNumberReused) as refused:
        shop.holds(customer_id, 10, no=1, sale_id=sale_id, at=LATER)
    assert refused.value.facts == {"last_no": 1}


def test_fewer_points_than_the_least_are_refused(shop) -> None:
    customer_id = shop.customer()
    shop.sells(customer_id, 5)
    with pytest.raises(TooFewPoints):
        shop.holds(customer_id, 9, no=1, sale_id=new_id(), at=LATER)


def test_a_hold_serves_no_other_sale_and_no_other_amount(shop) -> None:
    customer_id, sale_id = shop.customer(), new_id()
    shop.sells(customer_id, 5)
    spend = shop.holds(customer_id, 20, no=1, sale_id=sale_id, at=LATER)
    assert shop.sells(customer_id, 1, spends=[spend], at=LATER)[1].kind == "hold_gone"
    more = spend | {"amount": 30, "value_vnd": 3_000}
    assert shop.sells(customer_id, 1, sale_id=sale_id, spends=[more], at=LATER)[1].kind == "hold_gone"
    stranger = shop.customer("0988111222")
    assert shop.sells(stranger, 1, sale_id=sale_id, spends=[spend], at=LATER)[1].kind == "hold_gone"
    assert shop.sells(customer_id, 1, sale_id=sale_id, spends=[spend], at=LATER)[1].kind == "accepted"
    shop.prove()


def test_points_pay_for_half_a_sale_at_most(shop) -> None:
    customer_id, sale_id = shop.customer(), new_id()
    shop.sells(customer_id, 60)
    spend = shop.holds(customer_id, 501, no=1, sale_id=sale_id, at=LATER)
    assert shop.sells(customer_id, 1, sale_id=sale_id, spends=[spend], at=LATER)[1].kind == "points_over_limit"
    spend = shop.holds(customer_id, 500, no=2, sale_id=sale_id, at=LATER) if settled(shop, 1) else {}
    assert shop.sells(customer_id, 1, sale_id=sale_id, spends=[spend], at=LATER)[1].kind == "accepted"


def settled(shop, number: int) -> bool:
    return crm.settle_holds(shop.tx, till_id=shop.one.id, epoch=1, settled_no=number, now=LATER) > 0


def test_a_refused_sale_spends_nothing_and_takes_nothing_from_the_sales_behind_it(shop) -> None:
    customer_id = shop.customer()
    shop.sells(customer_id, 5)
    gone: dict[str, Any] = {"hold_id": str(new_id()), "type": "points", "amount": 20, "value_vnd": 2_000}
    assert shop.sells(customer_id, 9_995, spends=[gone], at=LATER)[1].kind == "hold_gone"
    assert shop.sells(customer_id, 9_995, at=LATER)[1].kind == "accepted"


def test_a_till_that_has_settled_past_a_request_gives_it_free_and_a_late_request_is_ignored(shop) -> None:
    customer_id = shop.customer()
    shop.sells(customer_id, 5)
    spend = shop.holds(customer_id, 20, no=1, sale_id=(sale_id := new_id()), at=LATER)
    shop.push(shop.one, ("SETTLED", {"settled_no": 2}), at=LATER)
    assert shop.sells(customer_id, 1, sale_id=sale_id, spends=[spend], at=LATER)[1].kind == "hold_gone"
    for number in (1, 2):
        with pytest.raises(HoldSettled):
            shop.holds(customer_id, 20, no=number, sale_id=sale_id, at=LATER)
    assert shop.holds(customer_id, 50, no=3, sale_id=sale_id, at=LATER)["value_vnd"] == 5_000
    shop.prove()


def test_a_sale_made_after_the_line_dropped_spends_what_was_held_before_and_the_settling_behind_it_frees_nothing(
    shop,
) -> None:
    customer_id, sale_id = shop.customer(), new_id()
    shop.tx.execute(text("DELETE FROM event"))
    crm.issue_credit(
        shop.tx, issue_id=new_id(), customer_id=customer_id, amount_vnd=500_000, reason="Đền bù", by=crm.By(None), now=NOON
    )
    hold = shop.holds(customer_id, 200_000, no=1, sale_id=sale_id, right="store_credit")
    tender = {"kind": "store_credit", "amount_vnd": 200_000, "reference": hold["hold_id"]}
    body = journal_sale(shop.one, shop.shirt, 2, id=str(sale_id), customer_id=str(customer_id), tenders=[tender])
    sold, done = shop.push(shop.one, ("SALE", body), ("SETTLED", {"settled_no": 1}))
    assert (sold.status, done.status) == ("posted", "posted")
    assert shop.credit(customer_id) == (300_000, 0)
    assert shop.tx.scalars(text("SELECT count(*) FROM exception_log")).one() == 0
    shop.prove()


def test_a_sale_of_a_till_that_was_given_up_stands_and_what_it_cannot_take_is_for_a_person(shop) -> None:
    customer_id, sale_id = shop.customer(), new_id()
    issued = {"customer_id": customer_id, "reason": "Đền bù", "by": crm.By(None), "now": NOON}
    crm.issue_credit(shop.tx, issue_id=new_id(), amount_vnd=200_000, **issued)
    hold = shop.holds(customer_id, 200_000, no=1, sale_id=sale_id, right="store_credit")
    shop.tx.execute(
        text("UPDATE till_epoch SET ended_at = now(), end_reason = 'lost' WHERE till_id = :t"), {"t": shop.one.id}
    )
    assert crm.free_holds_of_ended(shop.tx, now=NOON) == 1
    other_sale = new_id()
    other = shop.holds(customer_id, 150_000, no=1, sale_id=other_sale, till=shop.other, right="store_credit")
    tender = {"kind": "store_credit", "amount_vnd": 200_000, "reference": hold["hold_id"]}
    body = journal_sale(shop.one, shop.shirt, 2, id=str(sale_id), customer_id=str(customer_id), tenders=[tender])
    (sold,) = shop.push(shop.one, ("SALE", body))
    assert sold.status == "posted"
    assert shop.credit(customer_id) == (150_000, 150_000)
    kind, qty = shop.tx.execute(text("SELECT kind, qty FROM exception_log")).one()
    assert (kind, qty) == ("unheld", 150_000)
    (matter,) = matters.open_exceptions(shop.tx, scope=None)
    assert matters.at_risk(matter, lambda _: 0) == 150_000, "the inbox tells what is missing, not the whole sale"
    assert other["amount"] == 150_000
    shop.prove()


def test_a_void_takes_back_what_was_earned_and_returns_what_was_spent_to_its_lots(shop) -> None:
    customer_id, sale_id = shop.customer(), new_id()
    shop.sells(customer_id, 3)
    shop.sells(customer_id, 4, at=NOON + DAY)
    before = shop.tx.execute(text("SELECT id, left_points, held FROM loyalty_lot ORDER BY id")).all()
    spend = shop.holds(customer_id, 50, no=1, sale_id=sale_id, at=LATER)
    shop.sells(customer_id, 2, sale_id=sale_id, spends=[spend], at=LATER)
    assert shop.points(customer_id) == 70 - 50 + 19
    shop.voids(sale_id, at=LATER)
    after = shop.tx.execute(text("SELECT id, left_points, held FROM loyalty_lot WHERE id <> :s ORDER BY id"), {"s": sale_id})
    assert after.all() == before
    assert shop.points(customer_id) == 70
    assert shop.tx.scalar(text("SELECT state FROM right_hold")) == "freed"
    shop.prove()


def test_a_void_of_a_sale_that_is_not_there_frees_what_was_held_for_it(shop) -> None:
    customer_id, sale_id = shop.customer(), new_id()
    shop.sells(customer_id, 5)
    shop.holds(customer_id, 20, no=1, sale_id=sale_id, at=LATER)
    body = {"sale_id": str(sale_id), "receipt_no": shop.one.next_receipt_no(), "staff_id": str(shop.one.cashier.id)}
    shop.push(shop.one, ("VOID", body | {"reason": "Khách bỏ về"}), at=LATER)
    assert shop.holds(customer_id, 50, no=1, sale_id=new_id(), till=shop.other, at=LATER)["amount"] == 50
    shop.prove()


def test_credit_comes_back_when_its_sale_is_voided(shop) -> None:
    customer_id, sale_id = shop.customer(), new_id()
    issue_id = new_id()
    for _ in range(2):
        credit_vnd = crm.issue_credit(
            shop.tx,
            issue_id=issue_id,
            customer_id=customer_id,
            amount_vnd=90_000,
            reason="Đền bù",
            by=crm.By(None),
            now=NOON,
        )
        assert credit_vnd == 90_000
    spend = shop.holds(customer_id, 60_000, no=1, sale_id=sale_id, right="store_credit")
    assert shop.credit(customer_id) == (90_000, 60_000)
    shop.sells(customer_id, 1, sale_id=sale_id, spends=[spend])
    assert shop.credit(customer_id) == (30_000, 0)
    shop.voids(sale_id)
    assert shop.credit(customer_id) == (90_000, 0)
    shop.prove()


def test_points_expire_on_their_day_but_for_those_that_a_sale_holds(shop) -> None:
    customer_id, sale_id = shop.customer(), new_id()
    shop.sells(customer_id, 5)
    night_before, day_after = NOON + 365 * DAY, NOON + 366 * DAY
    spend = shop.holds(customer_id, 20, no=1, sale_id=sale_id, at=night_before)
    assert crm.expire_points(shop.tx, now=night_before) == 0
    assert crm.expire_points(shop.tx, now=day_after) == 1
    assert crm.expire_points(shop.tx, now=day_after) == 0
    assert shop.points(customer_id) == 20
    assert shop.sells(customer_id, 1, sale_id=sale_id, spends=[spend], at=night_before)[1].kind == "accepted"
    assert shop.entries(customer_id) == [("earn", 50), ("expire", -30), ("spend", -20), ("earn", 9)]
    shop.prove()


Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["earn", "hold", "spend", "settle", "void", "expire"]), st.integers(0, 3), st.integers(1, 400)
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_in_whatever_order_the_balance_is_the_sum_of_its_lots_and_never_below_zero(
    shop, steps: list[Step]
) -> None:
    shop.one.last_receipt_no = 0
    with shop.tx.begin_nested() as point:
        customer_id = shop.customer()
        held: list[tuple[UUID, dict[str, Any]]] = []
        sold: list[UUID] = []
        at, number = NOON, 0
        for verb, which, much in steps:
            at += timedelta(days=which * 40, minutes=1)
            if verb == "earn":
                sold.append(shop.sells(customer_id, much % 60 + 1, at=at)[0])
            elif verb == "hold":
                number += 1
                sale_id = new_id()
                try:
                    held.append((sale_id, shop.holds(customer_id, much, no=number, sale_id=sale_id, at=at)))
                except Refusal:
                    continue
            elif verb == "spend" and held:
                sale_id, spend = held.pop(which % len(held))
                _, outcome = shop.sells(customer_id, 9, sale_id=sale_id, spends=[spend], at=at)
                assert outcome.kind in {"accepted", "hold_gone"}
                sold += [sale_id] if outcome.kind == "accepted" else []
            elif verb == "settle" and number:
                crm.settle_holds(shop.tx, till_id=shop.one.id, epoch=1, settled_no=much % number + 1, now=at)
            elif verb == "void" and sold:
                shop.voids_late(sold.pop(), at=at)
            elif verb == "expire":
                crm.expire_points(shop.tx, now=at)
            lots = shop.tx.execute(
                text("SELECT coalesce(sum(left_points), 0), coalesce(min(left_points), 0) FROM loyalty_lot")
            )
            total, least = lots.one()
            ledger = shop.tx.scalars(text("SELECT coalesce(sum(points), 0) FROM loyalty_entry")).one()
            assert shop.points(customer_id) == total == ledger
            assert least >= 0
        shop.prove()
        point.rollback()
