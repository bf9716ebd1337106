"""Verbs of paying an order: an attempt begins, money comes, the order is confirmed or it goes back (docs/rules/orders.md).

An order is confirmed by the provider's word and only while every place still keeps its goods: else all of it goes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from placket import crm, inventory, payments
from placket.core.db import Database
from placket.sales import order_messages, order_points, ordering
from placket.sales import order_rules as rules
from placket.sales.order_models import WebOrder, WebOrderLine
from placket.sales.order_refusals import AddressNeeded, HoldOver, MethodNotOffered, NotHeld, PaymentUnderWay
from placket.sales.ordering import changed, lines_of, locked, note, questions_of
from placket.sales.provinces import PROVINCES

Method = Literal["card", "transfer", "cod"]
METHODS: Final[Sequence[Method]] = ("card", "transfer", "cod")
WAITING: Final = frozenset({"asked", "moved"})


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets an order, and where; the address is needed to ship."""

    phone: str
    name: str
    email: str | None
    note: str | None
    address: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Means:
    """How this company can be paid online."""

    card: payments.CardProvider | None
    currency: payments.Currency


def offered(tx: Session, *, kind: str, location_id: UUID | None, total_vnd: int, card: bool) -> dict[Method, str | None]:
    """Each way to pay an order, and why it is not offered."""
    cod_max: int = ordering.settings_of(tx)["cod_vnd_max"]
    least = "too_little" if total_vnd < payments.CARD_LEAST_VND else None
    return {
        "card": least if card else "not_offered",
        "transfer": None if payments.web_account(tx, location_id) is not None else "not_offered",
        "cod": "collect" if kind == "collect" else "over_limit" if total_vnd > cod_max else None,
    }


def pay(
    database: Database, *, order_id: UUID, recipient: Recipient, method: Method, means: Means, back_url: str, now: datetime
) -> None:
    """Begin to pay an order, or take up the attempt that is open; another way ends it first.

    Refuses ``NotHeld``, ``HoldOver``, ``MethodNotOffered``, ``PaymentUnderWay``, ``AddressNeeded``,
    ``payments.ProviderAway``.
    """
    with database.transaction() as tx:
        order = _payable(tx, order_id, now)
        other = _in_the_way(tx, order, recipient, method, means)
        wish = None if other is not None else _begin(tx, order, method, means, back_url, now)
    if other is not None:
        shut(database, other, means, now=now)
        with database.transaction() as tx:
            wish = _begin(tx, _payable(tx, order_id, now), method, means, back_url, now)
    if wish is not None:
        assert means.card is not None, "a card is offered only where there is a provider"
        payments.online_talk.open_page(database, means.card, wish)


def _in_the_way(
    tx: Session, order: WebOrder, recipient: Recipient, method: Method, means: Means
) -> payments.OnlinePayment | None:
    """Whether the order may be paid so; answers an open attempt of another kind, which must end first."""
    _write_recipient(order, recipient)
    reasons = offered(
        tx, kind=order.kind, location_id=order.location_id, total_vnd=order.total_vnd, card=means.card is not None
    )
    if order.total_vnd and reasons[method] is not None:
        raise MethodNotOffered(reason=reasons[method])
    last = payments.online.latest(tx, order_id=order.id)
    if last is None or last.state not in {"opening", "open"}:
        if last is not None and last.state == "processing":
            raise PaymentUnderWay
        return None
    return None if last.method == method else last


def _payable(tx: Session, order_id: UUID, now: datetime) -> WebOrder:
    order = locked(tx, order_id)
    if order.state == "asking":
        raise NotHeld
    if order.state != "held" or now >= order.held_until:
        raise HoldOver
    return order


def _write_recipient(order: WebOrder, recipient: Recipient) -> None:
    address = recipient.address
    if order.kind == "ship" and (address is None or address["province_code"] not in PROVINCES):
        raise AddressNeeded
    order.phone, order.name, order.email = recipient.phone, recipient.name, recipient.email
    order.note = recipient.note
    if order.kind == "ship" and address is not None:
        order.province_code = address["province_code"]
        order.address = address | {"province": PROVINCES[address["province_code"]][0]}


def _begin(
    tx: Session, order: WebOrder, method: Method, means: Means, back_url: str, now: datetime
) -> payments.PageWish | None:
    """Begin to pay, or go on; answers the provider's page that is still to be opened."""
    payment = _attempt(tx, order, method, means, now)
    return None if payment is None or payment.state != "opening" else _wish(order, payment, back_url)


def _attempt(tx: Session, order: WebOrder, method: Method, means: Means, now: datetime) -> payments.OnlinePayment | None:
    """The attempt that goes on, or a new one; none when nothing is to be paid now: the order is confirmed."""
    last = payments.online.latest(tx, order_id=order.id)
    if last is not None and last.state in {"opening", "open"} and last.method == method:
        return last
    order.method = method if order.total_vnd or method != "cod" else None
    if method == "cod" or order.total_vnd == 0:
        confirm(tx, order, now=now)
        return None
    if now + rules.HOLD > order.held_until:  # the bank takes its time
        ordering.hold_until(tx, order, now + rules.HOLD, now=now)
    request = None
    if method == "transfer":
        account = payments.web_account(tx, order.location_id)
        assert account is not None, "transfers are offered only where there is an account"
        request = payments.ask_for_order(
            tx, order_id=order.id, account=account, amount_vnd=order.total_vnd, expires_at=order.held_until, now=now
        )
    payment = payments.online.begin(
        tx,
        order_id=order.id,
        method=method,
        amount_vnd=order.total_vnd,
        currency=means.currency if method == "card" else payments.Currency("vnd", 1),
        request_id=None if request is None else request.id,
        expires_at=now + payments.online_talk.OPEN_FOR,
        now=now,
    )
    note(tx, order, "payment_begun", at=now, method=method, attempt=payment.attempt)
    changed(tx, order)
    return payment


def _wish(order: WebOrder, payment: payments.OnlinePayment, back_url: str) -> payments.PageWish:
    return payments.PageWish(
        key=f"order-{order.id}-{payment.attempt}",
        payment_id=str(payment.id),
        order_id=str(order.id),
        order_code=order.code,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        language="en" if order.language == "en" else "vi",
        back_url=back_url,
        paid_url=f"{back_url}&paid=1",
        expires_at=payment.expires_at,
    )


def extend(tx: Session, *, order_id: UUID, now: datetime) -> WebOrder:
    """Hold an order and wait for its transfer for ten minutes more. Refuses as ``ordering.extend`` does."""
    order = ordering.extend(tx, order_id=order_id, now=now)
    last = payments.online.latest(tx, order_id=order_id)
    if last is not None and last.request_id is not None and last.state == "open":
        payments.keep_for_order(tx, request_id=last.request_id, until=order.held_until)
    return order


def shut(database: Database, payment: payments.OnlinePayment, means: Means, *, now: datetime) -> None:
    """End an attempt that nobody has paid; if somebody has in the meantime, the money is received.

    Refuses ``payments.ProviderAway``: as long as nobody answers, the page may still be paid on.
    """
    page = None
    if payment.method == "card" and payment.session_id is not None:
        if means.card is None:
            raise payments.ProviderAway
        page = payments.online_talk.shut_page(means.card, payment)
    with database.transaction() as tx:
        locked(tx, payment.order_id)
        _noted(tx, payment.id, page, now)


def _noted(tx: Session, payment_id: UUID, page: payments.Page | None, now: datetime) -> None:
    payment = payments.online.locked(tx, payment_id)
    if payment.request_id is not None:
        request = payments.drop_for_order(tx, request_id=payment.request_id, now=now)
        state = "received" if request.state == "received" else "expired"
    else:
        state = "expired" if page is None else page.state
        if page is not None and page.intent_id is not None:
            payment.intent_id = payment.intent_id or page.intent_id
    if payments.online.move(payment, state, at=now) and payment.state == "received":
        received(tx, payment, now=now)
    tx.flush()


def received(tx: Session, payment: payments.OnlinePayment, *, now: datetime) -> None:
    """The money of an attempt has come: the order is confirmed by it, or it came too late or twice and goes back."""
    order = locked(tx, payment.order_id)
    others = [one for one in payments.online.received(tx, order_id=order.id) if one.id != payment.id]
    if order.state == "held":
        confirm(tx, order, now=now)
    elif order.state in {"confirmed", "done"} and not others:
        return
    else:
        reason: Literal["twice", "late"] = "twice" if others and order.state in {"confirmed", "done"} else "late"
        _back_whole(tx, order, payment, reason, now)


def confirm(tx: Session, order: WebOrder, *, now: datetime) -> None:
    """Keep the goods for good, if every place still has them. One whose promise is on its way to another place waits for it.

    If one is gone for good, everything is given back: all or none.
    """
    standing = promises_of_order(tx, order.id)
    phases = {promise.phase for promise in standing}
    if phases & WAITING:
        return
    if not phases or not phases <= ordering.KEPT:
        ordering.end(tx, order, "cancelled", reason="short", at=now)
        for payment in payments.online.received(tx, order_id=order.id):
            _back_whole(tx, order, payment, "short", now)
        return
    for question in sorted(questions_of(tx, order.id), key=lambda question: question.location_id):
        if question.state == "kept":
            inventory.pay(tx, ref=question.ref)
    ordering.keep_vouchers(tx, order, until=now + rules.KEEP_VOUCHERS, now=now)
    order.state, order.confirmed_at = "confirmed", now
    if order.customer_id is None and order.phone is not None:
        order.customer_id = crm.customer_of_phone(tx, order.phone)
    note(tx, order, "confirmed", at=now, method=order.method)
    changed(tx, order)


def promises_of_order(tx: Session, order_id: UUID) -> list[Any]:
    """The promises of an order's open lines as they stand."""
    wanted = {(line.ref, line.variant_id) for line in lines_of(tx, order_id) if line.state == "open"}
    refs = sorted({ref for ref, _ in wanted if ref is not None})
    found = inventory.promises_of_all(tx, refs=refs)
    return [promise for promise in found if (promise.ref, promise.variant_id) in wanted]


def _back_whole(
    tx: Session, order: WebOrder, payment: payments.OnlinePayment, reason: Literal["late", "twice", "short"], now: datetime
) -> None:
    payments.online.ask_refund(
        tx,
        payment_id=payment.id,
        key=f"whole-{payment.id}",
        reason=reason,
        amount_vnd=payment.amount_vnd,
        now=now,
    )
    note(tx, order, "refund_requested", at=now, amount_vnd=payment.amount_vnd, reason=reason)
    changed(tx, order)


def give_back(
    tx: Session,
    order: WebOrder,
    lines: Sequence[WebOrderLine],
    *,
    reason: Literal["short", "cancelled", "no_show"],
    now: datetime,
    staff_id: UUID | None = None,
) -> None:
    """Lines of a confirmed order are not delivered: what was paid for them goes back; their promises have ended before."""
    amount_vnd = sum(line.total_vnd for line in lines)
    for line in lines:
        line.state = "cancelled"
    tx.flush()
    order_points.free(tx, order, lines, now=now)
    if reason == "short" and lines:
        order_messages.tell_short(tx, order, lines, at=now)
    paid = payments.online.received(tx, order_id=order.id)
    if paid and amount_vnd:
        numbers = ".".join(str(line.line_no) for line in lines)
        payments.online.ask_refund(
            tx,
            payment_id=paid[0].id,
            key=f"order-{order.id}-{numbers}",
            reason=reason,
            amount_vnd=amount_vnd,
            now=now,
        )
        note(tx, order, "refund_requested", at=now, staff_id=staff_id, amount_vnd=amount_vnd, reason=reason)
    close_if_over(tx, order, reason=reason, now=now)
    changed(tx, order)


def close_if_over(tx: Session, order: WebOrder, *, reason: str | None, now: datetime) -> None:
    """An order with no open line has ended: done if anything of it was delivered."""
    states = {line.state for line in lines_of(tx, order.id)}
    if "open" in states or order.state != "confirmed":
        return
    order.state, order.ended_at = ("done" if "sold" in states else "cancelled"), now
    ordering.free_vouchers(tx, order, now=now)
    if order.state == "cancelled":
        order.reason = reason
        note(tx, order, "cancelled", at=now, reason=reason)
