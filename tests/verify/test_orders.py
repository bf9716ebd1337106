"""``placket verify`` finds what is wrong in online orders and their money, and nothing in orders that are right."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import raw
from builders import a_depot, a_person, a_style, stocked
from placket import inventory, payments, verify
from placket.core.ids import new_id
from placket.sales import order_fulfilling, order_paying, order_quote, ordering, quoting
from placket.sales.rules import CartLine, price_cart

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


@pytest.fixture
def orders(tx: Session) -> Session:
    """One order of two shirts that are both sent, one of two dresses of which one kind was nowhere, and one that expired."""
    depot_id, staff_id = a_depot(tx), a_person(tx, "warehouse").id
    shirt, dress, coat = (a_style(tx, f"AO{no:04d}", price_vnd=100_000).one for no in range(3))
    stocked(tx, depot_id, {shirt: 5, dress: 5, coat: 5})
    sent = _paid(tx, depot_id, shirt, dress)
    lacking = _paid(tx, depot_id, shirt, coat)
    by = inventory.By(staff_id)
    for promise in order_paying.promises_of_order(tx, sent):
        order_fulfilling.pick(tx, order_id=sent, promise_id=promise.id, staff_id=staff_id, now=NOW)
    order_fulfilling.ship(tx, order_id=sent, location_id=depot_id, carrier="GHN", tracking_no=None, by=by, now=NOW)
    gone = next(promise for promise in order_paying.promises_of_order(tx, lacking) if promise.variant_id == coat)
    order_fulfilling.short(tx, order_id=lacking, promise_id=gone.id, by=by, now=NOW)
    inventory.move_on(tx, promise_id=gone.id, now=NOW)
    order_fulfilling.broken(tx, order_id=lacking, now=NOW)
    expired = _held(tx, depot_id, dress)
    ordering.end(tx, ordering.locked(tx, expired), "expired", reason=None, at=NOW)
    return tx


def _held(tx: Session, depot_id: UUID, *variants: UUID) -> UUID:
    wish = order_quote.wish_of(
        new_id(),
        [(variant, 1) for variant in variants],
        kind="ship",
        province_code="01",
        location_id=None,
        vouchers=(),
        language="vi",
        customer_id=None,
    )
    lines = [CartLine(variant, depot_id, 1) for variant in variants]
    quote = price_cart(lines, price_of=lambda _: (100_000, 800), price_version=1)
    order, _ = ordering.place(tx, wish=wish, priced=quoting.Priced(quote, []), now=NOW)
    while ordering.step(tx, order_id=order.id, floor=1, now=NOW):
        pass
    return order.id


def _paid(tx: Session, depot_id: UUID, *variants: UUID) -> UUID:
    order = ordering.locked(tx, _held(tx, depot_id, *variants))
    order.method = "card"
    payment = payments.online.begin(
        tx,
        order_id=order.id,
        method="card",
        amount_vnd=order.total_vnd,
        currency=payments.Currency("vnd", 1),
        expires_at=NOW + timedelta(minutes=45),
        now=NOW,
    )
    payments.online.move(payment, "received", at=NOW)
    tx.flush()
    order_paying.received(tx, payment, now=NOW)
    return order.id


def test_finds_nothing_in_orders_that_are_right(orders: Session) -> None:
    assert verify.prove(raw(orders)) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE online_payment SET amount_vnd = amount_vnd + 1", ["orders_owe_what_was_paid"]),
        ("DELETE FROM online_refund", ["orders_owe_what_was_paid"]),
        ("UPDATE online_refund SET amount_minor = 300000", ["refunds_are_within"]),
        (
            "UPDATE web_order_line SET total_vnd = 99999, discount_vnd = 1 WHERE state = 'sold'",
            ["orders_owe_what_was_paid", "parcels_are_their_lines"],
        ),
        (
            "UPDATE web_order_line SET state = 'cancelled' WHERE state = 'open'",
            ["orders_owe_what_was_paid", "promises_of_orders_are_legal"],
        ),
        (
            "UPDATE web_order SET state = 'cancelled', ended_at = now() WHERE state = 'confirmed'",
            ["promises_of_orders_are_legal"],
        ),
        ("UPDATE promise SET paid = false WHERE phase = 'confirmed'", ["promises_of_orders_are_legal"]),
    ],
)
def test_finds_an_order_that_does_not_add_up(orders: Session, statement: str, found: list[str]) -> None:
    orders.execute(text(statement))

    assert sorted({finding.check for finding in verify.prove(raw(orders))}) == found


def test_finds_a_return_that_gave_a_card_nothing(orders: Session) -> None:
    orders.execute(
        text(
            "INSERT INTO payment (sale_id, no, kind, amount_vnd, reference, received_at) "
            "SELECT sale_id, 2, 'card', -50000, 'ONLINE', now() FROM web_order_sale"
        )
    )

    assert "returns_ask_the_provider" in {finding.check for finding in verify.prove(raw(orders))}


def test_finds_points_of_a_line_that_its_order_does_not_know(orders: Session) -> None:
    part = "jsonb_build_array(jsonb_build_object('kind', 'points', 'amount_vnd', 5))"
    orders.execute(text(f"UPDATE web_order_line SET discounts = {part} WHERE state = 'cancelled'"))

    assert {finding.check for finding in verify.prove(raw(orders))} == {"orders_keep_their_points"}
