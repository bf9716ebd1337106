"""What the provider's events mean: applied in any order and any number of times, they lead to the same books.

Each event carries the state of its object; a state is never left for an older one (``online_rules``). Nothing is asked of
the provider here, and nobody is told: what has changed is answered to whoever owns the order.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket.payments import online
from placket.payments import online_rules as rules
from placket.payments.online_models import OnlineDispute, OnlinePayment, OnlineRefund, ProviderEvent


@dataclass(frozen=True, slots=True)
class Changed:
    """Something of a payment has changed: received or failed, a refund that ended, a dispute that began or ended."""

    what: Literal["payment", "refund", "dispute"]
    payment_id: UUID
    id: str
    state: str


Told = dict[str, Any]
SESSION_STATES: Final = {"paid": "received", "no_payment_required": "received", "unpaid": "processing"}
DISPUTE_STATES: Final = {"won": "won", "lost": "lost", "warning_closed": "won", "prevented": "won"}


def apply(tx: Session, *, provider: str, event_id: str, now: datetime) -> list[Changed]:
    """Apply a stored event; answers what it has changed. Applied again it changes nothing."""
    event = tx.get_one(ProviderEvent, (provider, event_id), with_for_update=True)
    told = json.loads(event.body)
    read = READERS.get(event.kind)
    event.tries += 1
    try:
        changes = None if read is None else read(tx, told["data"]["object"], event)
    except _TooEarlyError:
        event.outcome = "waiting"
        tx.flush()
        return []
    event.applied_at = now
    event.outcome = "ignored" if changes is None else "applied" if changes else "known"
    tx.flush()
    return [*(changes or []), *_what_waited(tx, told["data"]["object"], provider=provider, now=now)]


class _TooEarlyError(Exception):
    """It is about a payment whose name at the provider nobody has told us yet."""


def _what_waited(tx: Session, told: Told, *, provider: str, now: datetime) -> list[Changed]:
    """What follows from events that came before their payment was known by the provider's name for it."""
    intent = told.get("id") if told.get("object") == "payment_intent" else told.get("payment_intent")
    waiting = tx.scalars(WAITING, {"provider": provider, "intent": intent}).all() if isinstance(intent, str) else []
    return [change for event_id in waiting for change in apply(tx, provider=provider, event_id=event_id, now=now)]


WAITING: Final = text(
    "SELECT event_id FROM provider_event WHERE provider = :provider AND applied_at IS NULL AND outcome = 'waiting' "
    "AND convert_from(body, 'UTF8')::jsonb #>> '{data,object,payment_intent}' = :intent "
    "AND EXISTS (SELECT 1 FROM online_payment WHERE intent_id = :intent) ORDER BY made_at, event_id"
)


def order_of(tx: Session, *, provider: str, event_id: str) -> UUID | None:
    """Whose order a stored event is about, nothing locked: whoever applies it locks the order before its payment."""
    event = tx.get_one(ProviderEvent, (provider, event_id))
    told = json.loads(event.body)["data"]["object"]
    names = told.get("metadata") or {}
    payment_id = _uuid(names.get("payment"))
    if payment_id is not None:
        return tx.scalar(select(OnlinePayment.order_id).where(OnlinePayment.id == payment_id))
    return tx.scalar(select(OnlinePayment.order_id).where(OnlinePayment.intent_id == str(told.get("payment_intent"))))


def _session_completed(tx: Session, told: Told, event: ProviderEvent) -> list[Changed] | None:
    return _payment(tx, told, event, SESSION_STATES.get(str(told.get("payment_status")), "processing"))


def _session_expired(tx: Session, told: Told, event: ProviderEvent) -> list[Changed] | None:
    return _payment(tx, told, event, "expired")


def _session_failed(tx: Session, told: Told, event: ProviderEvent) -> list[Changed] | None:
    return _payment(tx, told, event, "failed", failure=_failure(told))


def _intent_succeeded(tx: Session, told: Told, event: ProviderEvent) -> list[Changed] | None:
    return _payment(tx, told, event, "received")


def _payment(
    tx: Session, told: Told, event: ProviderEvent, state: str, *, failure: str | None = None
) -> list[Changed] | None:
    payment = _payment_of(tx, told)
    if payment is None:
        return None
    intent = told["id"] if told.get("object") == "payment_intent" else told.get("payment_intent")
    if payment.intent_id is None and isinstance(intent, str):
        payment.intent_id = intent
    moved = online.move(payment, state, at=event.made_at, failure=failure)
    tx.flush()
    return [Changed("payment", payment.id, str(payment.id), payment.state)] if moved else []


def _intent_failed(tx: Session, told: Told, _event: ProviderEvent) -> list[Changed] | None:
    """A card was declined on the page; the page stays open for another, so the attempt does."""
    payment = _payment_of(tx, told)
    if payment is None:
        return None
    why = _failure(told)
    if payment.state == "received" or (payment.failure is not None and payment.failure >= why):
        return []  # of several declines the same one is kept, in whatever order they are heard
    payment.failure = why
    payment.version += 1
    tx.flush()
    return [Changed("payment", payment.id, str(payment.id), "declined")]


def _refund(tx: Session, told: Told, event: ProviderEvent) -> list[Changed] | None:
    refund = _refund_of(tx, told)
    if refund is None:
        return None
    refund.provider_id = refund.provider_id or str(told["id"])
    state = rules.REFUND_STATES.get(str(told.get("status")), "pending")
    failure = str(told.get("failure_reason") or "unknown") if state == "failed" else None
    moved = online.move_refund(refund, state, at=event.made_at, failure=failure)
    tx.flush()
    return [Changed("refund", refund.payment_id, str(refund.id), refund.state)] if moved else []


def _refund_of(tx: Session, told: Told) -> OnlineRefund | None:
    """The refund an event speaks of, if it speaks of its present try and not of one that has failed before."""
    names = told.get("metadata") or {}
    refund_id, round_no = _uuid(names.get("refund")), str(names.get("round", ""))
    if refund_id is None:
        return None
    known = tx.scalar(select(OnlineRefund.payment_id).where(OnlineRefund.id == refund_id))
    if known is None:
        return None
    online.locked(tx, known)
    refund = tx.get_one(OnlineRefund, refund_id, with_for_update=True, populate_existing=True)
    return refund if str(refund.tries) == round_no else None


def _dispute(tx: Session, told: Told, event: ProviderEvent) -> list[Changed]:
    payment = _payment_of_intent(tx, told.get("payment_intent"))
    if payment is None:
        raise _TooEarlyError
    state = DISPUTE_STATES.get(str(told.get("status")), "open")
    opened_at = datetime.fromtimestamp(int(told["created"]), UTC)
    row = {
        "provider_id": str(told["id"]),
        "payment_id": payment.id,
        "state": "open",
        "reason": str(told.get("reason") or "general")[:80],
        "amount_minor": int(told["amount"]),
        "opened_at": opened_at,
    }
    is_new = tx.scalar(insert(OnlineDispute).values(row).on_conflict_do_nothing().returning(OnlineDispute.provider_id))
    dispute = tx.get_one(OnlineDispute, row["provider_id"], with_for_update=True, populate_existing=True)
    moved = rules.rises(rules.DISPUTE_RANK, dispute.state, state)
    if moved or (dispute.state == state and dispute.closed_at is not None):
        dispute.closed_at = event.made_at if moved else min(dispute.closed_at or event.made_at, event.made_at)
        dispute.state = state
        tx.flush()
    return [Changed("dispute", payment.id, dispute.provider_id, dispute.state)] if is_new or moved else []


def _payment_of(tx: Session, told: Told) -> OnlinePayment | None:
    payment_id = _uuid((told.get("metadata") or {}).get("payment"))
    if payment_id is None or tx.get(OnlinePayment, payment_id) is None:
        return None
    return online.locked(tx, payment_id)


def _payment_of_intent(tx: Session, intent: object) -> OnlinePayment | None:
    found = tx.scalar(select(OnlinePayment.id).where(OnlinePayment.intent_id == intent)) if isinstance(intent, str) else None
    return None if found is None else online.locked(tx, found)


def _failure(told: Told) -> str:
    error = told.get("last_payment_error") or {}
    return str(error.get("decline_code") or error.get("code") or "card_declined")[:80]


def _uuid(told: object) -> UUID | None:
    try:
        return UUID(str(told))
    except ValueError:
        return None


# ``charge.refunded`` says nothing that the refund's own events do not: it is kept, and moves no state.
READERS: Final[Mapping[str, Callable[[Session, Told, ProviderEvent], list[Changed] | None]]] = {
    "checkout.session.completed": _session_completed,
    "checkout.session.async_payment_succeeded": _session_completed,
    "checkout.session.async_payment_failed": _session_failed,
    "checkout.session.expired": _session_expired,
    "payment_intent.succeeded": _intent_succeeded,
    "payment_intent.payment_failed": _intent_failed,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.refund.updated": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "charge.dispute.funds_reinstated": _dispute,
    "charge.dispute.closed": _dispute,
}
