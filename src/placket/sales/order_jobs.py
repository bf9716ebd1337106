"""What the clock and the provider's events do with orders: each order by itself, and doing it twice is harmless.

``see_to`` reads what there is to do in one question, and does each in a transaction of its own.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import identity, inventory, payments
from placket.core import clock
from placket.core.db import Database
from placket.core.settings import settings
from placket.sales import order_fulfilling as fulfilling
from placket.sales import order_paying as paying
from placket.sales import ordering

log = structlog.get_logger()

STEPS_MAX: Final = 24
LIMIT: Final = 200

# What waits, of all orders that have not ended, by what has to be done about it.
TO_DO: Final = text(
    """
    WITH standing AS (          -- the promises of open lines as they stand: of one that moved, its last place
        SELECT o.id AS order_id, o.state, o.kind, p.phase, p.location_id, p.moved_from
          FROM web_order o
          JOIN web_order_line l ON l.order_id = o.id AND l.state = 'open'
          JOIN promise p ON p.ref = l.ref AND p.variant_id = l.variant_id
         WHERE o.state IN ('held', 'confirmed')
           AND NOT EXISTS (SELECT 1 FROM promise n WHERE n.moved_from = p.id))
    SELECT * FROM (
        SELECT id AS order_id, 'asking' AS what, NULL::uuid AS location_id FROM web_order WHERE state = 'asking'
        UNION ALL
        SELECT y.order_id, 'transfer', NULL FROM online_payment y JOIN payment_request q ON q.id = y.request_id
         WHERE y.state IN ('open', 'expired') AND q.state = 'received'
        UNION ALL
        SELECT o.id, 'paid', NULL FROM web_order o JOIN online_payment y ON y.order_id = o.id AND y.state = 'received'
         WHERE o.state = 'held'
        UNION ALL
        SELECT o.id, 'over', NULL FROM web_order o
         WHERE o.state = 'held' AND o.held_until <= :now
           AND NOT EXISTS (SELECT 1 FROM online_payment y WHERE y.order_id = o.id AND y.state IN ('received', 'processing'))
        UNION ALL
        SELECT DISTINCT order_id, CASE state WHEN 'held' THEN 'gone' ELSE 'broken' END, NULL::uuid FROM standing
         WHERE phase IN ('refunded', 'released')
        UNION ALL
        SELECT s.order_id, 'ready', s.location_id FROM standing s
         WHERE s.state = 'confirmed' AND s.kind = 'collect'
           AND NOT EXISTS (SELECT 1 FROM web_order_ready r WHERE r.order_id = s.order_id AND r.location_id = s.location_id)
         GROUP BY s.order_id, s.location_id HAVING bool_and(s.phase = 'bagged')
        UNION ALL
        SELECT o.id, 'no_show', NULL FROM web_order o JOIN web_order_ready r ON r.order_id = o.id
         WHERE o.state = 'confirmed' AND r.keep_until <= :now AND o.reason IS NULL
        UNION ALL
        SELECT o.id, 'ending', NULL FROM web_order o WHERE o.state = 'confirmed' AND o.reason IS NOT NULL
           AND EXISTS (SELECT 1 FROM standing s WHERE s.order_id = o.id AND s.phase IN ('confirmed', 'bagged'))
    ) waiting LIMIT :most
    """
)


def see_to(database: Database, *, now: datetime) -> int:
    """Do what waits to be done with orders; answers how much that was."""
    with database.transaction() as tx:
        waiting = tx.execute(TO_DO, {"now": now, "most": LIMIT}).all()
        means = means_of(tx) if waiting else None
    for row in waiting:
        assert means is not None
        try:
            DOES[row.what](database, row.order_id, row.location_id, means, now)
        except payments.ProviderAway:
            log.warning("an order waits for the provider", order=str(row.order_id), what=row.what)
    return len(waiting)


def means_of(tx: Session) -> paying.Means:
    """How this company can be paid online."""
    own = settings()
    currency = payments.Currency(own.stripe_currency, 1 if own.stripe_currency == "vnd" else own.stripe_vnd_a_unit)
    return paying.Means(payments.card_provider(in_demo=identity.is_demo(tx)), currency)


def ask_on(database: Database, order_id: UUID, *, now: datetime | None = None) -> None:
    """Ask the places for an order until it waits for one of them, is held, or is refused."""
    for _ in range(STEPS_MAX):
        with database.transaction() as tx:
            floor: int = ordering.settings_of(tx)["branch_floor"]
            if not ordering.step(tx, order_id=order_id, floor=floor, now=now or clock.now()):
                return


def _asking(database: Database, order_id: UUID, _place: UUID | None, _means: paying.Means, now: datetime) -> None:
    ask_on(database, order_id, now=now)


def _transfer(database: Database, order_id: UUID, _place: UUID | None, _means: paying.Means, now: datetime) -> None:
    with database.transaction() as tx:
        ordering.locked(tx, order_id)
        last = payments.online.latest(tx, order_id=order_id)
        assert last is not None, "the question named it"
        payment = payments.online.locked(tx, last.id)
        if payment.method == "transfer" and payments.online.move(payment, "received", at=now):
            tx.flush()
            paying.received(tx, payment, now=now)


def _paid(database: Database, order_id: UUID, _place: UUID | None, _means: paying.Means, now: datetime) -> None:
    with database.transaction() as tx:
        order = ordering.locked(tx, order_id)
        if order.state == "held":
            paying.confirm(tx, order, now=now)


def _over(database: Database, order_id: UUID, _place: UUID | None, means: paying.Means, now: datetime) -> None:
    end_unpaid(database, order_id, means, state="expired", reason=None, now=now)


def _gone(database: Database, order_id: UUID, _place: UUID | None, means: paying.Means, now: datetime) -> None:
    """The goods of an order that is not paid are gone: its page is shut before its customer pays for nothing."""
    end_unpaid(database, order_id, means, state="cancelled", reason="short", now=now)


def end_unpaid(
    database: Database,
    order_id: UUID,
    means: paying.Means,
    *,
    state: Literal["expired", "cancelled"],
    reason: str | None,
    now: datetime,
) -> None:
    """Shut the page of an order that is not paid and give its goods back; one that is paid by then is confirmed instead.

    Refuses ``payments.ProviderAway``: the page could still be paid on, so the goods stay.
    """
    with database.transaction() as tx:
        last = payments.online.latest(tx, order_id=order_id)
    if last is not None and last.state in {"opening", "open"}:
        paying.shut(database, last, means, now=now)
    with database.transaction() as tx:
        order = ordering.locked(tx, order_id)
        still = state != "expired" or order.held_until <= now
        under_way = {"received", "processing", "opening", "open"}
        last = payments.online.latest(tx, order_id=order_id)
        if order.state in {"asking", "held"} and still and (last is None or last.state not in under_way):
            ordering.end(tx, order, state, reason=reason, at=now)


def _broken(database: Database, order_id: UUID, _place: UUID | None, _means: paying.Means, now: datetime) -> None:
    with database.transaction() as tx:
        fulfilling.broken(tx, order_id=order_id, now=now)


def _ready(database: Database, order_id: UUID, place: UUID | None, _means: paying.Means, now: datetime) -> None:
    assert place is not None, "the question names it"
    with database.transaction() as tx:
        order = ordering.locked(tx, order_id)
        if order.state == "confirmed" and fulfilling.ready_if_picked(tx, order, place, now=now):
            ordering.changed(tx, order)


def _no_show(database: Database, order_id: UUID, _place: UUID | None, _means: paying.Means, now: datetime) -> None:
    with database.transaction() as tx:
        fulfilling.no_show(tx, order_id=order_id, now=now)


def _ending(database: Database, order_id: UUID, _place: UUID | None, _means: paying.Means, now: datetime) -> None:
    with database.transaction() as tx:
        fulfilling.go_on_ending(tx, order_id=order_id, now=now)


Work = Callable[[Database, UUID, UUID | None, paying.Means, datetime], None]
DOES: Final[dict[str, Work]] = {
    "asking": _asking,
    "transfer": _transfer,
    "paid": _paid,
    "over": _over,
    "gone": _gone,
    "broken": _broken,
    "ready": _ready,
    "no_show": _no_show,
    "ending": _ending,
}


def hear(database: Database, *, provider: str, event_id: str) -> None:
    """Apply what a provider told us, and do what follows for its order, in one transaction."""
    now = clock.now()
    with database.transaction() as tx:
        apply(tx, provider=provider, event_id=event_id, now=now)


def apply(tx: Session, *, provider: str, event_id: str, now: datetime) -> None:
    """The same in the caller's transaction."""
    order_id = payments.online_events.order_of(tx, provider=provider, event_id=event_id)
    if order_id is not None:  # the order before its payment: whoever ends it does the same
        ordering.locked(tx, order_id)
    for change in payments.online_events.apply(tx, provider=provider, event_id=event_id, now=now):
        follow(tx, change, now=now)


def follow(tx: Session, change: payments.online_events.Changed, *, now: datetime) -> None:
    """What a change of a payment means for its order."""
    order = ordering.locked(tx, tx.get_one(payments.OnlinePayment, change.payment_id).order_id)
    payment = payments.online.locked(tx, change.payment_id)
    if change.what == "payment" and change.state == "received":
        paying.received(tx, payment, now=now)
        return
    told: dict[str, Any] = {"payment": str(payment.id), "order": str(order.id), "code": order.code}
    if change.what == "payment" and change.state in {"declined", "failed"}:
        ordering.note(tx, order, "payment_failed", at=now, failure=payment.failure)
    elif change.what == "refund" and change.state in {"succeeded", "failed"}:
        verb = "refunded" if change.state == "succeeded" else "refund_failed"
        ordering.note(tx, order, verb, at=now, refund=change.id)
        if change.state == "failed":
            _alert(tx, "refund_failed", told | {"refund": change.id}, order.location_id, now)
    elif change.what == "dispute":
        ordering.note(tx, order, "disputed", at=now, dispute=change.id, state=change.state)
        if change.state == "open":
            _alert(tx, "payment_disputed", told | {"dispute": change.id}, order.location_id, now)
    ordering.changed(tx, order)


def send_refunds(database: Database, *, now: datetime) -> int:
    """Send the refunds that wait; those turned down are matters for a person. Answers how many were."""
    declined = payments.online_talk.send_refunds(database, now=now)
    for refund_id in declined:
        with database.transaction() as tx:
            refund = tx.get_one(payments.OnlineRefund, refund_id)
            change = payments.online_events.Changed("refund", refund.payment_id, str(refund_id), "failed")
            follow(tx, change, now=now)
    return len(declined)


def ask_after_refunds(database: Database, *, now: datetime, provider: payments.CardProvider | None = None) -> int:
    """Ask the provider about refunds whose event never came; answers how many have ended."""
    ended = 0
    for refund_id, answer in payments.online_talk.ask_after_refunds(database, now=now, provider=provider):
        with database.transaction() as tx:
            ended += _heard_of(tx, refund_id, answer, now)
    return ended


def _heard_of(tx: Session, refund_id: UUID, answer: payments.RefundAt, now: datetime) -> bool:
    payment_id = tx.get_one(payments.OnlineRefund, refund_id).payment_id
    ordering.locked(tx, tx.get_one(payments.OnlinePayment, payment_id).order_id)
    payments.online.locked(tx, payment_id)
    refund = tx.get_one(payments.OnlineRefund, refund_id, with_for_update=True, populate_existing=True)
    state = payments.REFUND_STATES.get(answer.status, "pending")
    failure = (answer.failure or "unknown") if state == "failed" else None
    if refund.state != "pending" or not payments.online.move_refund(refund, state, at=now, failure=failure):
        return False
    tx.flush()
    follow(tx, payments.online_events.Changed("refund", payment_id, str(refund_id), state), now=now)
    return True


def _alert(tx: Session, kind: str, refs: dict[str, Any], location_id: UUID | None, now: datetime) -> None:
    inventory.note_exception(tx, kind=kind, severity="urgent", refs=refs, location_id=location_id, now=now)
