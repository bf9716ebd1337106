"""Cards online, through Stripe's own SDK to the stand-in: paid, declined, asked, too late, refunded, disputed."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from builders import a_cart
from placket import inventory
from placket.core import clock
from placket.payments.provider import PageWish, RefundDeclined
from placket.payments.stripe_provider import Stripe
from placket.sales import order_fulfilling, order_jobs, ordering
from served import own_database
from serving import free_port, working
from shopping import WebShop, a_web_shop
from standin import (
    ASKS,
    ASKS_POOR,
    DISPUTED,
    GOOD,
    KEY,
    POOR,
    REFUND_FAILS,
    REFUND_LATER,
    StandIn,
    environment,
    signed,
    stand_in,
)
from waiting import until


@dataclass
class Cards:
    """A shop, its worker, and whoever takes its cards."""

    shop: WebShop
    stripe: StandIn

    def order(self, *, pieces: int = 1, qty: int = 1, price_vnd: int = 300_000) -> dict[str, Any]:
        """An order whose page to pay on is open."""
        held = self.shop.held((self.shop.goods(price_vnd=price_vnd, depot=pieces), qty))
        answer = self.shop.pay(held, "card")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def becomes(self, order: dict[str, Any], **wanted: Any) -> dict[str, Any]:
        """Wait until an order (or its payment, by ``payment``) is so."""
        seen: list[dict[str, Any]] = [{}]

        def holds() -> bool:
            seen[0] = self.shop.seen(order)
            told = seen[0] | {"payment": (seen[0]["payment"] or {}).get("state")}
            told |= {"refunds": [one["state"] for one in seen[0]["refunds"]]}
            return all(told[name] == value for name, value in wanted.items())

        until(holds, within_s=25, what=f"{wanted}: {json.dumps(seen[0])[:600]}")
        return seen[0]

    def paid(self, **more: Any) -> dict[str, Any]:
        """An order that is paid and confirmed."""
        card = more.pop("card", GOOD)
        order = self.order(**more)
        self.stripe.pay(order["payment"]["url"], card)
        return self.becomes(order, state="confirmed", payment="received")


@pytest.fixture(scope="module")
def cards() -> Iterator[Cards]:
    port = free_port()
    given = environment(port)
    with own_database("online") as database, a_web_shop(database, **given) as shop:
        hook = f"{shop.server.url}/api/hooks/stripe"
        with stand_in(port, webhook=hook) as stripe, working(database.url, **given):
            yield Cards(shop, stripe)


def test_a_card_is_paid_on_the_providers_page_and_confirms_the_order(cards: Cards) -> None:
    order = cards.order()
    assert (order["payment"]["state"], order["payment"]["attempt"]) == ("open", 1)

    back = cards.stripe.pay(order["payment"]["url"], GOOD)
    paid = cards.becomes(order, state="confirmed", payment="received")

    assert back == f"{cards.shop.server.url}/checkout/processing?order={order['id']}&key={order['key']}&paid=1"
    assert [line["verb"] for line in paid["timeline"]] == ["placed", "held", "payment_begun", "confirmed"]
    assert {promise.paid for promise in cards.shop.promises(order)} == {True}


def test_the_page_to_pay_on_names_its_icon_so_that_no_browser_asks_for_one_in_vain(cards: Cards) -> None:
    page = cards.stripe.client.get(cards.order()["payment"]["url"])

    assert page.status_code == 200
    assert '<link rel="icon" href="data:image/svg+xml,' in page.text


def test_paying_again_on_an_open_page_is_the_same_page(cards: Cards) -> None:
    order = cards.order()

    again = cards.shop.pay(order, "card").json()

    assert (again["payment"]["url"], again["payment"]["attempt"]) == (order["payment"]["url"], 1)


def test_a_declined_card_takes_nothing_and_another_may_be_tried(cards: Cards) -> None:
    order = cards.order()

    assert "declined=insufficient_funds" in cards.stripe.pay(order["payment"]["url"], POOR)
    cards.stripe.quiet()
    until(lambda: cards.shop.seen(order)["payment"]["failure"] == "insufficient_funds", within_s=20)
    assert cards.shop.seen(order)["state"] == "held"
    cards.stripe.pay(order["payment"]["url"], GOOD)

    assert cards.becomes(order, state="confirmed")["payment"]["failure"] is None


def test_the_bank_may_ask_and_be_answered_refused_or_left_alone(cards: Cards) -> None:
    good, refused, poor, left = (cards.order() for _ in range(4))
    for order, card in ((good, ASKS), (refused, ASKS), (poor, ASKS_POOR), (left, ASKS)):
        assert cards.stripe.pay(order["payment"]["url"], card).endswith("/3ds")
    cards.stripe.answer(good["payment"]["url"], "accept")
    cards.stripe.answer(refused["payment"]["url"], "refuse")
    cards.stripe.answer(poor["payment"]["url"], "accept")

    cards.becomes(good, state="confirmed")
    until(lambda: cards.shop.seen(refused)["payment"]["failure"] == "authentication_failed", within_s=20)
    until(lambda: cards.shop.seen(poor)["payment"]["failure"] == "insufficient_funds", within_s=20)
    assert [cards.shop.seen(order)["state"] for order in (refused, poor, left)] == ["held"] * 3
    assert cards.shop.act(left, "cancel").json()["state"] == "cancelled"
    assert cards.shop.seen(left)["payment"]["state"] == "expired"


def test_an_order_that_is_over_shuts_its_page(cards: Cards) -> None:
    order = cards.order()
    _let_run_out(cards, order)

    over = cards.becomes(order, state="expired", payment="expired")

    assert cards.stripe.pay(order["payment"]["url"], GOOD).endswith(f"/pay/{_session(cards, order)}")
    assert over["refunds"] == []
    assert {promise.phase for promise in cards.shop.promises(order)} == {"released"}


def test_what_is_paid_while_its_goods_are_given_back_goes_back(cards: Cards) -> None:
    order = cards.order()
    cards.stripe.control(held=True)
    cards.stripe.pay(order["payment"]["url"], GOOD)
    with cards.shop.database.transaction() as tx:
        given_up = ordering.locked(tx, UUID(order["id"]))
        ordering.end(tx, given_up, "cancelled", reason=None, at=clock.now())
    _run(cards, "UPDATE online_payment SET state = 'expired' WHERE order_id = :order", order)
    cards.stripe.control(held=False)

    late = cards.becomes(order, refunds=["succeeded"])

    assert (late["state"], late["refunded_vnd"], late["refunds"][0]["reason"]) == ("cancelled", 300_000, "late")
    cards.shop.prove()


def test_cancelling_a_paid_order_gives_all_of_it_back_once(cards: Cards) -> None:
    order = cards.paid(pieces=2, qty=2)

    cards.shop.act(order, "cancel")
    cards.shop.act(order, "cancel")
    back = cards.becomes(order, state="cancelled", refunds=["succeeded"], payment="refunded")

    assert back["refunded_vnd"] == 600_000
    assert [charge["amount_refunded"] for charge in _charges(cards, order)] == [600_000]


def test_a_piece_that_is_nowhere_is_paid_back_and_the_rest_is_sent(cards: Cards) -> None:
    shop = cards.shop
    there, gone = shop.goods(price_vnd=200_000, depot=1), shop.goods(price_vnd=150_000, depot=1)
    held = shop.held((there, 1), (gone, 1))
    cards.stripe.pay(shop.pay(held, "card").json()["payment"]["url"], GOOD)
    order = cards.becomes(held, state="confirmed")
    for promise in shop.promises(order):
        with shop.database.transaction() as tx:
            verb = order_fulfilling.short if promise.variant_id == gone else _pick
            verb(tx, order_id=UUID(order["id"]), promise_id=promise.id, by=inventory.By(shop.owner.id), now=clock.now())
    shop.ship(order)

    done = cards.becomes(order, state="done", refunds=["succeeded"])

    assert [(line["state"], line["cancelled"]) for line in done["lines"]] == [("sold", 0), ("cancelled", 1)]
    assert (done["refunded_vnd"], done["refunds"][0]["reason"]) == (150_000, "short")


def test_a_refund_that_comes_later_waits_for_the_providers_word(cards: Cards) -> None:
    order = cards.paid(card=REFUND_LATER)
    cards.shop.act(order, "cancel")

    cards.becomes(order, refunds=["pending"], payment="refunding")
    assert cards.becomes(order, refunds=["succeeded"], payment="refunded")["refunded_vnd"] == 300_000


def test_a_refund_whose_event_never_comes_is_asked_after(cards: Cards) -> None:
    order = cards.paid(card=REFUND_LATER)
    cards.stripe.control(held=True)
    cards.shop.act(order, "cancel")
    cards.becomes(order, refunds=["pending"])
    until(lambda: cards.stripe.control()["refunds"][0]["status"] == "succeeded", within_s=10)
    provider = Stripe(KEY, address=cards.stripe.url)

    ended = [
        order_jobs.ask_after_refunds(cards.shop.database, now=clock.now() + timedelta(minutes=later), provider=provider)
        for later in (9, 11, 12)
    ]
    cards.stripe.control(held=False)
    cards.stripe.quiet()

    assert ended == [0, 1, 0]
    assert cards.becomes(order, refunds=["succeeded"])["refunded_vnd"] == 300_000
    cards.shop.prove()


def test_a_refund_that_fails_is_a_matter_for_a_person_and_is_never_told_as_done(cards: Cards) -> None:
    order = cards.paid(card=REFUND_FAILS)
    cards.shop.act(order, "cancel")

    failed = cards.becomes(order, refunds=["failed"])

    assert failed["refunded_vnd"] == 0
    matters = "SELECT count(*) FROM exception_log WHERE kind = 'refund_failed' AND refs->>'order' = :order"
    assert _value(cards, matters, order) == 1


def test_events_that_come_twice_shuffled_and_once_more_change_nothing(cards: Cards) -> None:
    cards.stripe.control(doubled=True, shuffled=True)
    orders = [cards.paid() for _ in range(3)]
    for order in orders:
        cards.shop.act(order, "cancel")
    for order in orders:
        cards.becomes(order, state="cancelled", refunds=["succeeded"])
    cards.stripe.control(doubled=False, shuffled=False)
    before = [cards.shop.seen(order) for order in orders]
    cards.stripe.resend()
    cards.stripe.quiet()

    assert [cards.shop.seen(order) for order in orders] == before
    assert {charge["amount_refunded"] for order in orders for charge in _charges(cards, order)} == {300_000}
    cards.shop.prove()


def test_what_comes_back_at_a_till_is_paid_back_to_the_card_it_was_paid_with(cards: Cards) -> None:
    shop = cards.shop
    order = cards.paid(pieces=2, qty=2)
    (promise,) = shop.promises(order)
    with shop.database.transaction() as tx:
        _pick(tx, order_id=UUID(order["id"]), promise_id=promise.id, by=inventory.By(shop.owner.id), now=clock.now())
    sale = shop.ship(order)
    back = {"line_no": 1, "qty": 1, "refund_vnd": 300_000, "reason": "size", "condition": "sell"}
    body = a_cart(shop.till) | {
        "total_vnd": -300_000,
        "tenders": [{"kind": "card", "amount_vnd": -300_000}],
        "returns": [{"sale_id": str(sale), **back}],
    }

    shown = shop.seen(order)["return_code"]
    found = shop.client.get("/api/returns/sales", params={"q": shown}, headers=shop.till.bearer).json()
    answer = shop.client.post("/api/sales", json=body, headers=shop.till.bearer)
    seen = cards.becomes(order, refunds=["succeeded"])
    told = shop.client.get(f"/api/returns/{answer.json()['id']}/refunds", headers=shop.till.bearer).json()

    assert answer.status_code == 201, answer.text
    assert ((shown[:2], len(shown)), [one["id"] for one in found]) == (("09", 13), [str(sale)])
    assert told == [{"amount_vnd": 300_000, "state": "succeeded"}]
    assert (seen["refunded_vnd"], seen["refunds"][0]["reason"], seen["lines"][0]["returned"]) == (300_000, "returned", 1)
    assert [charge["amount_refunded"] for charge in _charges(cards, order)] == [300_000]
    assert shop.stock(shop.branch_id, promise.variant_id) == (1, 0)
    shop.prove()


def test_a_dispute_is_a_matter_for_a_person(cards: Cards) -> None:
    order = cards.paid(card=DISPUTED)

    matters = "SELECT count(*) FROM exception_log WHERE kind = 'payment_disputed' AND refs->>'order' = :order"
    until(lambda: _value(cards, matters, order) == 1, within_s=20)
    cards.shop.act(order, "cancel")  # the provider gives nothing back of what is disputed

    assert cards.becomes(order, refunds=["failed"])["refunded_vnd"] == 0


def test_forged_stale_and_torn_calls_are_turned_away_and_nothing_is_kept(cards: Cards) -> None:
    event = {"id": "evt_forged", "type": "checkout.session.completed", "created": int(time.time())}
    body = json.dumps(event | {"data": {"object": {"id": "cs_1", "metadata": {}}}}).encode()
    hook = f"{cards.shop.server.url}/api/hooks/stripe"
    turned_away = [
        (body, signed(body, secret="whsec_another")),
        (body, signed(body, at=int(time.time()) - 301)),
        (body.replace(b"cs_1", b"cs_2"), signed(body)),
        (body, {"stripe-signature": "t=,v1="}),
        (body, {}),
    ]

    assert [cards.shop.client.post(hook, content=told, headers=by).status_code for told, by in turned_away] == [401] * 5
    assert _value(cards, "SELECT count(*) FROM provider_event WHERE event_id = 'evt_forged'", {}) == 0


def test_the_same_key_is_the_same_page_and_with_other_parameters_an_error(cards: Cards) -> None:
    stripe = Stripe(KEY, address=cards.stripe.url)
    wish = _page_wish(amount_minor=500_000)

    assert stripe.create_session(wish) == stripe.create_session(wish)
    with pytest.raises(Exception, match="same parameters"):
        stripe.create_session(_page_wish(amount_minor=500_001))


def test_no_more_goes_back_than_was_paid(cards: Cards) -> None:
    order = cards.paid()
    intent = _charges(cards, order)[0]["payment_intent"]
    stripe = Stripe(KEY, address=cards.stripe.url)

    with pytest.raises(RefundDeclined, match="amount_too_large"):
        stripe.refund(key="too-much", intent_id=intent, amount_minor=300_001, metadata={})


def _pick(tx: Any, *, order_id: UUID, promise_id: UUID, by: inventory.By, now: Any) -> None:
    assert by.staff_id is not None
    order_fulfilling.pick(tx, order_id=order_id, promise_id=promise_id, staff_id=by.staff_id, now=now)


def _page_wish(*, amount_minor: int) -> PageWish:
    return PageWish(
        key="a-page",
        payment_id="0",
        order_id="0",
        order_code="W-00000000",
        amount_minor=amount_minor,
        currency="vnd",
        language="vi",
        back_url="http://127.0.0.1/",
        paid_url="http://127.0.0.1/?paid=1",
        expires_at=clock.now().replace(microsecond=0, second=0) + timedelta(hours=1),
    )


def _let_run_out(cards: Cards, order: dict[str, Any]) -> None:
    _run(cards, "UPDATE web_order SET held_until = now() WHERE id = :order", order)


def _session(cards: Cards, order: dict[str, Any]) -> Any:
    return _value(cards, "SELECT session_id FROM online_payment WHERE order_id::text = :order", order)


def _charges(cards: Cards, order: dict[str, Any]) -> list[dict[str, Any]]:
    return [charge for charge in cards.stripe.control()["charges"] if charge["metadata"]["order"] == order["id"]]


def _run(cards: Cards, statement: str, order: dict[str, Any]) -> None:
    with cards.shop.database.transaction() as tx:
        tx.execute(text(statement), {"order": order["id"]})


def _value(cards: Cards, query: str, order: dict[str, Any]) -> Any:
    with cards.shop.database.transaction() as tx:
        return tx.scalar(text(query), {"order": order.get("id")} if order else {})
