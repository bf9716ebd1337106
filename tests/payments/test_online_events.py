"""What a provider tells leads to the same books, in any order and however often; parts of a payment are exact."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import a_depot, a_style, stocked
from placket import payments
from placket.core.db import Database
from placket.core.ids import new_id
from placket.payments import online, online_rules
from placket.payments.online_models import OnlineDispute, OnlinePayment, OnlineRefund
from placket.sales import order_jobs, order_quote, ordering, quoting
from placket.sales.rules import CartLine, price_cart

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
VND = payments.Currency("vnd", 1)


@dataclass
class Told:
    """An order with an open attempt, a refund that was sent, and everything a provider may say of them."""

    tx: Session
    payment: OnlinePayment
    refund: OnlineRefund | None
    events: list[dict[str, Any]]

    def hears(self, events: Sequence[dict[str, Any]]) -> tuple[Any, ...]:
        """Hear some events, each kept once and applied; answers how everything stands then."""
        for event in events:
            online.keep_event(
                self.tx,
                provider="stripe",
                event_id=event["id"],
                kind=event["type"],
                object_id=event["data"]["object"]["id"],
                body=json.dumps(event).encode(),
                made_at=datetime.fromtimestamp(event["created"], UTC),
                now=NOW,
            )
            order_jobs.apply(self.tx, provider="stripe", event_id=event["id"], now=NOW)
        self.tx.flush()
        self.tx.expire_all()
        paid = self.tx.get_one(OnlinePayment, self.payment.id)
        state = self.tx.execute(text("SELECT state FROM web_order WHERE id = :id"), {"id": paid.order_id}).scalar_one()
        refunds = self.tx.query(OnlineRefund.state, OnlineRefund.failure, OnlineRefund.amount_vnd, OnlineRefund.ended_at)
        disputes = self.tx.query(OnlineDispute.provider_id, OnlineDispute.state, OnlineDispute.closed_at)
        attempt = (paid.state, paid.failure, paid.received_at, paid.ended_at, paid.intent_id)
        return (state, attempt, sorted(map(tuple, refunds)), sorted(map(tuple, disputes), key=str))


def an_order(tx: Session) -> Told:
    depot_id = a_depot(tx)
    shirt = a_style(tx, price_vnd=300_000).one
    stocked(tx, depot_id, {shirt: 1})
    wish = order_quote.wish_of(
        new_id(),
        [(shirt, 1)],
        kind="ship",
        province_code="01",
        location_id=None,
        vouchers=(),
        language="vi",
        customer_id=None,
    )
    quote = price_cart([CartLine(shirt, depot_id, 1)], price_of=lambda _: (300_000, 800), price_version=1)
    order, _ = ordering.place(tx, wish=wish, priced=quoting.Priced(quote, []), now=NOW)
    while ordering.step(tx, order_id=order.id, floor=1, now=NOW):
        pass
    assert order.state == "held"
    order.method = "card"
    payment = online.begin(
        tx,
        order_id=order.id,
        method="card",
        amount_vnd=300_000,
        currency=VND,
        expires_at=NOW + timedelta(minutes=45),
        now=NOW,
    )
    online.opened(tx, payment_id=payment.id, session_id=f"cs_{payment.id}", url="http://127.0.0.1/")
    return Told(tx, payment, None, _events(payment))


def _events(payment: OnlinePayment) -> list[dict[str, Any]]:
    names, intent = {"payment": str(payment.id)}, f"pi_{payment.id}"
    page = {"id": payment.session_id, "object": "checkout.session", "metadata": names, "payment_intent": intent}
    paying = {"id": intent, "object": "payment_intent", "metadata": names}
    error = {"last_payment_error": {"code": "card_declined", "decline_code": "insufficient_funds"}}
    dispute = {"id": "dp_1", "payment_intent": intent, "reason": "fraudulent", "amount": 300_000, "created": 1_800_000_000}
    told = [
        ("payment_intent.payment_failed", paying | error),
        ("payment_intent.payment_failed", paying | {"last_payment_error": {"code": "processing_error"}}),
        ("checkout.session.completed", page | {"payment_status": "unpaid"}),
        ("checkout.session.async_payment_succeeded", page | {"payment_status": "paid"}),
        ("payment_intent.succeeded", paying | {"last_payment_error": None}),
        ("charge.dispute.created", dispute | {"status": "needs_response"}),
        ("charge.dispute.updated", dispute | {"status": "under_review"}),
        ("charge.dispute.closed", dispute | {"status": "won"}),
        ("charge.refunded", {"id": "ch_1", "metadata": names, "payment_intent": intent}),
        ("customer.created", {"id": "cus_1"}),
    ]
    return [
        {"id": f"evt_{no}", "type": kind, "created": 1_800_000_000 + no, "data": {"object": about}}
        for no, (kind, about) in enumerate(told)
    ]


@pytest.fixture(scope="module")
def expected(database: Database) -> tuple[Any, ...]:
    with Session(database.engine) as tx:
        told = an_order(tx)
        outcome = told.hears(told.events)
        tx.rollback()
    return outcome[0], outcome[1][:4], outcome[2], [(one[1], one[2]) for one in outcome[3]]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_and_any_number_of_events_end_equal(
    database: Database, expected: tuple[Any, ...], data: st.DataObject
) -> None:
    with Session(database.engine) as tx:
        told = an_order(tx)
        some = st.lists(st.sampled_from(told.events), max_size=6)
        heard = data.draw(st.permutations([*told.events, *data.draw(some)]))
        outcome = told.hears(heard)
        tx.rollback()

    assert (outcome[0], outcome[1][:4], outcome[2], [(one[1], one[2]) for one in outcome[3]]) == expected


def test_the_order_is_confirmed_and_no_refund_is_asked_for(expected: tuple[Any, ...]) -> None:
    state, attempt, refunds, disputes = expected

    assert (state, attempt[0], attempt[1], refunds) == ("confirmed", "received", None, [])
    assert [one[0] for one in disputes] == ["won"]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (1, 3, 0, 2)])
def test_a_refund_ends_as_failed_whenever_its_success_is_heard(tx: Session, order: tuple[int, ...]) -> None:
    told = an_order(tx)
    told.hears(told.events)
    refund = online.ask_refund(tx, payment_id=told.payment.id, key="k", reason="short", amount_vnd=100_000, now=NOW)
    about = {"id": "re_1", "metadata": {"refund": str(refund.id), "payment": str(told.payment.id), "round": "1"}}
    events = [
        ("refund.created", about | {"status": "pending"}),
        ("refund.updated", about | {"status": "succeeded"}),
        ("refund.failed", about | {"status": "failed", "failure_reason": "expired_or_canceled_card"}),
        ("charge.refund.updated", about | {"status": "failed", "failure_reason": "expired_or_canceled_card"}),
    ]
    made = [
        {"id": f"evt_r{no}", "type": kind, "created": 1_800_000_100 + no, "data": {"object": what}}
        for no, (kind, what) in enumerate(events)
    ]

    told.hears([made[no] for no in order])

    assert (refund.state, refund.failure, refund.provider_id) == ("failed", "expired_or_canceled_card", "re_1")


@given(
    dollars=st.booleans(),
    amount_vnd=st.integers(20_000, 50_000_000),
    cuts=st.lists(st.integers(1, 99), min_size=1, max_size=6),
)
def test_parts_of_a_payment_sum_to_it_in_both_currencies(dollars: bool, amount_vnd: int, cuts: list[int]) -> None:  # noqa: FBT001
    currency = payments.Currency("usd", 26_000) if dollars else VND
    amount_minor = currency.minor_of(amount_vnd)
    gone_vnd = gone_minor = 0
    for part in [*(amount_vnd * cut // 700 for cut in cuts), None]:
        part_vnd = amount_vnd - gone_vnd if part is None else part
        minor = online_rules.part_minor(
            amount_vnd=amount_vnd, amount_minor=amount_minor, gone_vnd=gone_vnd, gone_minor=gone_minor, part_vnd=part_vnd
        )
        assert minor >= 0
        assert dollars or minor == part_vnd
        gone_vnd, gone_minor = gone_vnd + part_vnd, gone_minor + minor

    assert (gone_vnd, gone_minor) == (amount_vnd, amount_minor)


def test_no_more_is_given_back_than_came_and_each_key_once(tx: Session) -> None:
    told = an_order(tx)
    told.hears(told.events)
    ask = {"payment_id": told.payment.id, "reason": "short", "now": NOW}
    first = online.ask_refund(tx, key="a", amount_vnd=200_000, **ask)

    assert online.ask_refund(tx, key="a", amount_vnd=200_000, **ask).id == first.id
    with pytest.raises(online.RefundTooMuch) as refused:
        online.ask_refund(tx, key="b", amount_vnd=100_001, **ask)
    assert refused.value.facts == {"left_vnd": 100_000}
