"""Credits of banks: exact, twice, late, short, over, unknown; and what people do about those. docs/rules/payments.md."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from books import Line, a_sale, count, kinds, post
from builders import TillAtWork, a_person, a_till
from paypoint import MINUTE, NOW, PayPoint, a_pay_point, principal
from placket.core import clock
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.payments import queries
from placket.payments.models import BankCredit, PaymentRequest
from placket.payments.service import incoming, requests


def guess_of(point: PayPoint):
    """What the office is told of the credit that came in last."""
    rows = queries.credits_listed(point.tx, scope=None, which="open", since=NOW)
    return next(row for row in rows if row.id == point.last_credit().id)


def test_the_exact_amount_with_the_code_is_received(point: PayPoint):
    request = point.asks(300_000)
    (code,) = point.codes(request)
    assert point.hears(300_000, f"{code} thanh toan") == "matched"
    assert (request.state, request.received_vnd, request.received_at) == ("received", 300_000, NOW + MINUTE)
    assert point.matches() == [(request.id, 0)]


def test_the_same_call_again_changes_nothing(point: PayPoint):
    request = point.asks(300_000)
    (code,) = point.codes(request)
    point.hears(300_000, code, ref="92704")
    version = request.version
    assert point.hears(300_000, code, ref="92704") == "duplicate"
    assert (count(point.tx, "bank_credit"), count(point.tx, "credit_match"), request.version) == (1, 1, version)


def test_the_same_reference_of_another_provider_is_another_credit(point: PayPoint):
    assert point.hears(1, "x", ref="1") == "unmatched"
    assert point.hears(1, "x", ref="1", provider="payos") == "unmatched"


def test_too_little_keeps_the_request_open_and_the_rest_has_a_code_of_its_own(point: PayPoint):
    request = point.asks(300_000)
    (first,) = point.codes(request)
    assert point.hears(299_000, first) == "short"
    assert (request.state, request.received_vnd) == ("waiting", 299_000)
    requests.renew(point.tx, request_id=request.id, who=point.cashier, now=NOW + 9 * MINUTE)
    first, second = point.codes(request)
    face = queries.request_face(point.tx, request.id)
    assert (face.code, face.expires_at) == (second, NOW + 19 * MINUTE)
    assert "54041000" in face.payload
    assert point.hears(1_000, second, at=NOW + 12 * MINUTE) == "matched"
    assert (request.state, request.received_vnd) == ("received", 300_000)
    assert point.matches() == [(request.id, 0), (request.id, 0)]


def test_the_rest_may_come_under_the_first_code_too(point: PayPoint):
    request = point.asks(300_000)
    (code,) = point.codes(request)
    point.hears(200_000, code)
    assert point.hears(100_000, code) == "matched"
    assert request.state == "received"


def test_too_much_is_received_and_the_surplus_is_booked_for_the_office(point: PayPoint):
    request = point.asks(300_000)
    (code,) = point.codes(request)
    assert point.hears(350_000, code) == "over"
    assert (request.state, request.received_vnd) == ("received", 350_000)
    assert point.matches() == [(request.id, 50_000)]
    (row,) = queries.credits_listed(point.tx, scope=None, which="surplus", since=NOW)
    assert row.surplus_vnd == 50_000
    back = incoming.return_credit(
        point.tx, credit_id=row.id, reason="Chuyển lại phần thừa", who=point.owner, now=NOW + 5 * MINUTE
    )
    assert back == 50_000
    assert queries.credits_listed(point.tx, scope=None, which="surplus", since=NOW) == []
    with pytest.raises(incoming.CreditSettled):
        incoming.return_credit(point.tx, credit_id=row.id, reason="Lần nữa", who=point.owner, now=NOW + 6 * MINUTE)


def test_a_credit_after_its_time_waits_for_a_person_with_its_request_beside_it(point: PayPoint):
    request = point.asks(300_000)
    (code,) = point.codes(request)
    assert point.hears(300_000, code, at=NOW + 10 * MINUTE) == "unmatched"
    assert request.state == "waiting"
    guess = guess_of(point)
    assert (guess.guess_request_id, guess.guess_why, guess.guess_state) == (request.id, "code", "waiting")


def test_a_credit_after_the_cancellation_waits_for_a_person_with_its_request_beside_it(point: PayPoint):
    request = point.asks(300_000)
    (code,) = point.codes(request)
    requests.cancel(point.tx, request_id=request.id, who=point.cashier, now=NOW)
    assert point.hears(300_000, code) == "unmatched"
    guess = guess_of(point)
    assert (guess.guess_request_id, guess.guess_why, guess.guess_state) == (request.id, "code", "cancelled")
    with pytest.raises(incoming.NothingToPay):
        incoming.match_to_request(point.tx, credit_id=guess.id, request_id=request.id, reason=None, who=point.owner, now=NOW)
    assert incoming.return_credit(point.tx, credit_id=guess.id, reason="Khách đã đi", who=point.owner, now=NOW) == 300_000


def test_a_second_payment_of_the_same_code_waits_for_a_person(point: PayPoint):
    request = point.asks(300_000)
    (code,) = point.codes(request)
    point.hears(300_000, code)
    assert point.hears(300_000, code) == "unmatched"
    assert (request.received_vnd, guess_of(point).guess_state) == (300_000, "received")


def test_an_unknown_credit_has_the_nearest_of_its_amount_beside_it(point: PayPoint):
    point.asks(300_000, at=NOW - 60 * MINUTE)
    near = point.asks(300_000, at=NOW)
    point.asks(301_000, at=NOW)
    assert point.hears(300_000, "NGUYEN VAN AN chuyen tien") == "unmatched"
    guess = guess_of(point)
    assert (guess.guess_request_id, guess.guess_why) == (near.id, "amount")


def test_a_person_matches_an_unknown_credit_and_the_till_hears_of_it(point: PayPoint):
    request = point.asks(300_000)
    point.hears(300_000, "chuyen tien", at=NOW + 15 * MINUTE)
    before = count(point.tx, "event")
    incoming.match_to_request(
        point.tx,
        credit_id=point.last_credit().id,
        request_id=request.id,
        reason="Khách đưa biên lai",
        who=point.owner,
        now=NOW + 16 * MINUTE,
    )
    assert (request.state, request.received_vnd) == ("received", 300_000)
    told = point.tx.execute(
        text("SELECT topic, payload ->> 'state' AS state FROM event ORDER BY id OFFSET :n"), {"n": before}
    )
    assert [tuple(row) for row in told] == [("payment.changed", "received"), ("credit.changed", None)]
    with pytest.raises(incoming.CreditSettled):
        incoming.match_to_request(
            point.tx,
            credit_id=point.last_credit().id,
            request_id=request.id,
            reason=None,
            who=point.owner,
            now=NOW + 17 * MINUTE,
        )


def test_a_credit_shows_the_money_that_was_confirmed_by_hand(point: PayPoint):
    request = point.asks(300_000)
    requests.confirm(
        point.tx,
        request_id=request.id,
        reason="Xem trên app",
        who=point.cashier,
        confirmed_by=point.owner.staff_id,
        now=NOW + MINUTE,
    )
    assert (request.state, request.received_vnd, request.confirmed_by) == ("received", 0, point.owner.staff_id)
    (code,) = point.codes(request)
    assert point.hears(300_000, code) == "unmatched"
    incoming.match_to_request(
        point.tx, credit_id=point.last_credit().id, request_id=request.id, reason=None, who=point.owner, now=NOW
    )
    assert (request.state, request.received_vnd) == ("received", 300_000)


def test_a_sale_whose_transfer_was_written_by_hand_takes_its_credit_once(point: PayPoint):
    sale = a_sale(point.till, Line(point.variant_id, 3), at=NOW)
    sale.tenders[0]["kind"] = "transfer"
    assert kinds(post(point.tx, sale)) == ["accepted"]
    point.hears(310_000, "chuyen tien", at=NOW + MINUTE)
    first = point.last_credit().id
    incoming.match_to_sale(point.tx, credit_id=first, sale_id=sale.id, reason=None, who=point.owner, now=NOW + MINUTE)
    assert queries.hand_transfer_of(point.tx, sale.id).open_vnd == 0
    assert point.matches() == [(None, 10_000)]
    point.hears(300_000, "chuyen tien")
    with pytest.raises(incoming.NothingToPay):
        incoming.match_to_sale(
            point.tx, credit_id=point.last_credit().id, sale_id=sale.id, reason=None, who=point.owner, now=NOW
        )


def test_giving_up_a_short_request_leaves_money_to_pay_back(point: PayPoint):
    request = point.asks(300_000)
    (code,) = point.codes(request)
    point.hears(200_000, code)
    requests.cancel(point.tx, request_id=request.id, who=point.cashier, now=NOW + 2 * MINUTE)
    assert request.state == "returning"
    assert [row.id for row in queries.to_pay_back(point.tx, scope=None)] == [request.id]
    requests.settle_up(point.tx, request_id=request.id, reason="Chuyển khoản lại", who=point.owner, now=NOW + 3 * MINUTE)
    assert (request.state, queries.to_pay_back(point.tx, scope=None)) == ("returned", [])


def test_what_has_come_is_not_cancelled(point: PayPoint):
    request = point.asks(300_000)
    (code,) = point.codes(request)
    point.hears(300_000, code)
    with pytest.raises(requests.AlreadyReceived):
        requests.cancel(point.tx, request_id=request.id, who=point.cashier, now=NOW + 2 * MINUTE)
    requests.give_back(point.tx, request_id=request.id, reason="Khách đổi ý", who=point.cashier)
    assert request.state == "returning"


def test_the_same_wish_again_is_the_same_request_and_another_is_refused(point: PayPoint):
    request = point.asks(300_000)
    again = requests.ask(
        point.tx,
        request_id=request.id,
        kind="transfer",
        cart_id=request.cart_id,
        amount_vnd=300_000,
        who=point.cashier,
        now=NOW,
    )
    assert (again is request, len(point.codes(request))) == (True, 1)
    with pytest.raises(requests.PaymentIdReused):
        point.asks(300_000, request_id=request.id)


def test_a_cart_waits_for_one_payment_at_a_time(point: PayPoint):
    cart_id = new_id()
    first = point.asks(300_000, cart_id=cart_id)
    for kind in ("transfer", "card"):
        with pytest.raises(requests.PaymentOpen) as refused:
            point.asks(300_000, kind=kind, cart_id=cart_id)
        facts = {"payment_id": str(first.id), "kind": "transfer", "amount": "300.000", "till_code": "HN01-1"}
        assert refused.value.facts == facts
    assert point.tx.scalar(select(func.count()).select_from(PaymentRequest)) == 1
    requests.cancel(point.tx, request_id=first.id, who=point.cashier, now=NOW)
    assert point.asks(200_000, kind="card", cart_id=cart_id).state == "waiting"


def test_money_that_has_come_and_a_code_that_is_over_leave_room_for_the_next_payment(point: PayPoint):
    cart_id = new_id()
    part = point.asks(100_000, cart_id=cart_id)
    point.hears(100_000, point.codes(part)[0])
    point.asks(200_000, cart_id=cart_id, at=NOW + MINUTE)
    with pytest.raises(requests.PaymentOpen):
        point.asks(200_000, cart_id=cart_id, at=NOW + 11 * MINUTE - timedelta(seconds=1))
    assert point.asks(200_000, cart_id=cart_id, at=NOW + 11 * MINUTE).state == "waiting"


def test_another_branch_sees_nothing_of_it(point: PayPoint):
    request = point.asks(300_000)
    (code,) = point.codes(request)
    point.hears(300_000, code, at=NOW + 11 * MINUTE)
    elsewhere = a_pay_point(point.tx, "SG01")
    with pytest.raises(NotFound):
        requests.cancel(point.tx, request_id=request.id, who=elsewhere.cashier, now=NOW)
    here = {"scope": [elsewhere.branch_id], "which": "open", "since": NOW - timedelta(days=1)}
    point.tx.execute(
        text("UPDATE bank_account SET account_no = '999999' WHERE location_id = :b"), {"b": elsewhere.branch_id}
    )
    assert queries.credits_listed(point.tx, **here) == []
    accountant = principal(point.tx, a_person(point.tx, "accountant", at=elsewhere.branch_id).session_id)
    with pytest.raises(NotFound):
        incoming.return_credit(
            point.tx, credit_id=point.last_credit().id, reason="Không phải của tôi", who=accountant, now=clock.now()
        )


def test_what_banks_said_never_changes(point: PayPoint):
    point.hears(1, "x")
    for statement in ("UPDATE bank_credit SET amount_vnd = 2", "DELETE FROM bank_credit"):
        with pytest.raises(DBAPIError, match="append"), point.tx.begin_nested():
            point.tx.execute(text(statement))
    assert point.tx.get_one(BankCredit, point.last_credit().id).amount_vnd == 1


def test_a_sale_uses_a_payment_once_and_its_neighbours_do_not_suffer(point: PayPoint):
    request = point.asks(300_000)
    (code,) = point.codes(request)
    point.hears(300_000, code)
    sale = paid_by(point, request, pieces=3)
    assert kinds(post(point.tx, sale)) == ["accepted"]
    point.tx.expire_all()
    assert point.tx.get_one(PaymentRequest, request.id).sale_id == sale.id
    assert point.tx.scalar(text("SELECT payment_id FROM payment WHERE sale_id = :s"), {"s": sale.id}) == request.id
    other = a_sale(point.till, Line(point.variant_id, 1), at=NOW)
    again = paid_by(point, request, pieces=3)
    again.receipt_no, other.receipt_no = other.receipt_no, other.receipt_no
    outcomes = post(point.tx, again, other)
    assert kinds(outcomes) == ["payment_not_taken", "accepted"]
    assert outcomes[0].facts == {"amount_vnd": 300_000}
    assert kinds(post(point.tx, sale)) == ["repeated"]


def test_two_sales_of_one_batch_do_not_share_a_payment(point: PayPoint):
    request = point.asks(300_000)
    (code,) = point.codes(request)
    point.hears(300_000, code)
    first, second = paid_by(point, request, pieces=3), paid_by(point, request, pieces=3)
    assert kinds(post(point.tx, first, second)) == ["accepted", "payment_not_taken"]


@pytest.mark.parametrize("fault", ["unknown", "waiting", "amount", "kind", "till"])
def test_a_payment_that_is_not_this_sales_is_refused_and_leaves_nothing(point: PayPoint, fault: str):
    request = point.asks(200_000 if fault == "amount" else 300_000)
    if fault != "waiting":
        point.hears(request.amount_vnd, point.codes(request)[0])
    till = a_till(point.tx, point.branch_id) if fault == "till" else point.till
    sale = paid_by(point, request, pieces=3, till=till)
    if fault == "unknown":
        sale.tenders[0]["payment_id"] = str(uuid4())
    if fault == "kind":
        sale.tenders[0]["kind"] = "card"
    assert kinds(post(point.tx, sale)) == ["payment_not_taken"]
    assert (count(point.tx, "sale"), count(point.tx, "payment"), count(point.tx, "stock_ledger")) == (0, 0, 1)


def test_a_record_stands_and_what_it_says_of_a_foreign_payment_is_written_down(point: PayPoint):
    request = point.asks(300_000)
    sale = paid_by(point, request, pieces=3)
    sale.mode = "record"
    assert kinds(post(point.tx, sale)) == ["accepted"]
    row = point.tx.execute(text("SELECT kind, refs ->> 'payment' AS payment FROM exception_log")).one()
    assert tuple(row) == ("payment_not_taken", str(request.id))
    assert point.tx.scalar(text("SELECT payment_id FROM payment WHERE sale_id = :s"), {"s": sale.id}) is None


def test_a_record_uses_its_payment_too(point: PayPoint):
    request = point.asks(300_000)
    point.hears(300_000, point.codes(request)[0])
    sale = paid_by(point, request, pieces=3)
    sale.mode = "record"
    assert kinds(post(point.tx, sale)) == ["accepted"]
    point.tx.expire_all()
    assert point.tx.get_one(PaymentRequest, request.id).sale_id == sale.id
    assert count(point.tx, "exception_log") == 0


def paid_by(point: PayPoint, request: PaymentRequest, *, pieces: int, till: TillAtWork | None = None):
    """A sale of so many shirts that says that this payment pays for it."""
    sale = a_sale(till or point.till, Line(point.variant_id, pieces), at=NOW, sale_id=new_id())
    sale.tenders[0] |= {"kind": "transfer", "payment_id": str(request.id)}
    return sale
