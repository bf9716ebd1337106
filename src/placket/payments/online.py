"""Verbs of money taken online: an attempt begins, is open, ends; refunds are asked for once and end by the provider's word.

What a provider says comes as events (``online_events``); here is what we do. Nothing here speaks to a provider: whoever
does (``online_talk``) holds no transaction. See docs/rules/orders.md.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket import identity
from placket.core.ids import new_id
from placket.core.refusals import NotFound, Refusal
from placket.payments import online_rules as rules
from placket.payments.online_models import OnlinePayment, OnlineRefund, ProviderEvent
from placket.payments.online_rules import Currency

LIVE: Final = ("opening", "open", "processing")
Reason = Literal["cancelled", "short", "late", "returned", "no_show", "twice"]


class RefundTooMuch(Refusal):
    """More would go back than was taken."""

    code = "refund_too_much"
    vi = "Số tiền hoàn vượt khoản đã thu: còn {left_vnd} ₫."
    en = "More than was taken would go back: {left_vnd} ₫ are left."


class RefundNotOpen(Refusal):
    """The refund is on its way or has ended."""

    code = "refund_not_open"
    vi = "Khoản hoàn này đang xử lý hoặc đã xong."
    en = "This refund is under way or has ended."


def begin(
    tx: Session,
    *,
    order_id: UUID,
    method: Literal["card", "transfer"],
    amount_vnd: int,
    currency: Currency,
    request_id: UUID | None = None,
    expires_at: datetime,
    now: datetime,
) -> OnlinePayment:
    """The next attempt to pay an order, whose row the caller has locked; the last one is known to have ended."""
    last = latest(tx, order_id=order_id)
    made = OnlinePayment(
        id=new_id(),
        order_id=order_id,
        attempt=1 if last is None else last.attempt + 1,
        method=method,
        state="opening" if method == "card" else "open",
        amount_vnd=amount_vnd,
        currency=currency.code,
        amount_minor=currency.minor_of(amount_vnd),
        request_id=request_id,
        created_at=now,
        expires_at=expires_at,
        version=1,
    )
    tx.add(made)
    tx.flush()
    return made


def opened(tx: Session, *, payment_id: UUID, session_id: str, url: str) -> OnlinePayment:
    """The provider has a page for an attempt."""
    payment = locked(tx, payment_id)
    payment.session_id, payment.url = session_id, url
    move(payment, "open", at=payment.created_at)
    tx.flush()
    return payment


def move(payment: OnlinePayment, state: str, *, at: datetime, failure: str | None = None) -> bool:
    """Lead an attempt on, never back; answers whether it moved. Of two words for one state the earlier moment counts."""
    if failure is not None:
        payment.failure = max(payment.failure or "", failure)
    if payment.state == state and payment.ended_at is not None:
        payment.ended_at = min(payment.ended_at, at)
        payment.received_at = None if payment.received_at is None else payment.ended_at
    if not rules.rises(rules.PAYMENT_RANK, payment.state, state):
        return False
    payment.state = state
    payment.version += 1
    if state in {"failed", "expired", "received"}:
        payment.ended_at = at
    if state == "received":
        payment.received_at, payment.failure = at, None
    return True


def latest(tx: Session, *, order_id: UUID) -> OnlinePayment | None:
    """The last attempt of an order."""
    attempts = select(OnlinePayment).where(OnlinePayment.order_id == order_id)
    return tx.scalar(attempts.order_by(OnlinePayment.attempt.desc()).limit(1))


def received(tx: Session, *, order_id: UUID) -> list[OnlinePayment]:
    """The attempts whose money has come, in their order: one, unless somebody has paid twice."""
    attempts = select(OnlinePayment).where(OnlinePayment.order_id == order_id, OnlinePayment.state == "received")
    return list(tx.scalars(attempts.order_by(OnlinePayment.attempt)))


def locked(tx: Session, payment_id: UUID) -> OnlinePayment:
    """An attempt, under its lock. Refuses ``NotFound``."""
    payment = tx.get(OnlinePayment, payment_id, with_for_update=True, populate_existing=True)
    if payment is None:
        raise NotFound
    return payment


def refunds_of(tx: Session, *, payment_id: UUID) -> Sequence[OnlineRefund]:
    """What goes back of a payment, in the order in which it was asked for."""
    wanted = select(OnlineRefund).where(OnlineRefund.payment_id == payment_id)
    return tx.scalars(wanted.order_by(OnlineRefund.requested_at, OnlineRefund.id)).all()


def ask_refund(tx: Session, *, payment_id: UUID, key: str, reason: Reason, amount_vnd: int, now: datetime) -> OnlineRefund:
    """Ask for money to go back; the same key again is the same refund. Refuses ``RefundTooMuch``, ``NotFound``.

    It is sent by the worker, and done when the provider says so.
    """
    payment = locked(tx, payment_id)
    known = tx.scalar(select(OnlineRefund).where(OnlineRefund.key == key))
    if known is not None:
        return known
    before = refunds_of(tx, payment_id=payment_id)
    left_vnd = rules.refundable(payment.amount_vnd, [(one.state, one.amount_vnd) for one in before])
    if payment.state != "received" or amount_vnd > left_vnd:
        raise RefundTooMuch(left_vnd=left_vnd if payment.state == "received" else 0)
    made = OnlineRefund(
        id=new_id(),
        payment_id=payment_id,
        key=key,
        reason=reason,
        state="requested",
        amount_vnd=amount_vnd,
        amount_minor=rules.part_minor(
            amount_vnd=payment.amount_vnd,
            amount_minor=payment.amount_minor,
            gone_vnd=sum(one.amount_vnd for one in before),
            gone_minor=sum(one.amount_minor for one in before),
            part_vnd=amount_vnd,
        ),
        requested_at=now,
        tries=1,
        version=1,
    )
    tx.add(made)
    tx.flush()
    return made


def sent(tx: Session, *, refund_id: UUID, round_no: int, provider_id: str, now: datetime) -> None:
    """The provider has taken a refund; what becomes of it its events say."""
    refund = tx.get_one(OnlineRefund, refund_id, with_for_update=True, populate_existing=True)
    if refund.tries != round_no:
        return
    refund.provider_id, refund.sent_at = provider_id, now
    move_refund(refund, "pending", at=now)


def turned_down(tx: Session, *, refund_id: UUID, round_no: int, failure: str, now: datetime) -> bool:
    """The provider will not give this back; somebody has to find another way. Answers whether that is new."""
    refund = tx.get_one(OnlineRefund, refund_id, with_for_update=True, populate_existing=True)
    return refund.tries == round_no and move_refund(refund, "failed", at=now, failure=failure)


def move_refund(refund: OnlineRefund, state: str, *, at: datetime, failure: str | None = None) -> bool:
    """Lead a refund on, never back; answers whether it moved. Of two words for one state the earlier moment counts."""
    if refund.state == state and refund.ended_at is not None:
        refund.ended_at = min(refund.ended_at, at)
    if not rules.rises(rules.REFUND_RANK, refund.state, state):
        return False
    refund.state = state
    refund.version += 1
    if state in {"succeeded", "failed", "settled"}:
        refund.ended_at = at
    if failure is not None:
        refund.failure = max(refund.failure or "", failure)
    return True


def retry_refund(tx: Session, *, refund_id: UUID, who: identity.Principal) -> OnlineRefund:
    """Send a refund that failed once more, as another request to the provider. Refuses ``NotFound``, ``RefundNotOpen``."""
    refund = _failed(tx, refund_id)
    refund.state, refund.ended_at, refund.provider_id = "requested", None, None
    refund.tries += 1
    refund.version += 1
    tx.flush()
    _audit(tx, refund, who, "refund.retried", None)
    return refund


def settle_refund(tx: Session, *, refund_id: UUID, note: str, who: identity.Principal, now: datetime) -> OnlineRefund:
    """Somebody has given the money back another way: cash, or a transfer by hand. Refuses ``NotFound``, ``RefundNotOpen``.

    That is the only way for a payment that came by transfer; for a card it must have failed first.
    """
    refund = tx.get(OnlineRefund, refund_id, with_for_update=True)
    if refund is None:
        raise NotFound
    if refund.state == "settled":
        return refund
    by_hand = tx.get_one(OnlinePayment, refund.payment_id).method == "transfer"
    if not (refund.state == "failed" or (by_hand and refund.state == "requested")):
        raise RefundNotOpen
    refund.state, refund.ended_at = "settled", now
    refund.settled_by, refund.settled_note = who.staff_id, note
    refund.version += 1
    tx.flush()
    _audit(tx, refund, who, "refund.settled", note)
    return refund


def _failed(tx: Session, refund_id: UUID) -> OnlineRefund:
    refund = tx.get(OnlineRefund, refund_id, with_for_update=True)
    if refund is None:
        raise NotFound
    if refund.state != "failed":
        raise RefundNotOpen
    return refund


def _audit(tx: Session, refund: OnlineRefund, who: identity.Principal, action: str, note: str | None) -> None:
    after = {"amount_vnd": refund.amount_vnd, "payment": str(refund.payment_id), "note": note}
    identity.audit(tx, action=action, subject_type="refund", subject_id=refund.id, actor=who, after=after)


def keep_event(
    tx: Session, *, provider: str, event_id: str, kind: str, object_id: str, body: bytes, made_at: datetime, now: datetime
) -> bool:
    """Store what a provider told us, once; answers whether it is new."""
    statement = (
        insert(ProviderEvent)
        .values(
            provider=provider,
            event_id=event_id,
            kind=kind,
            object_id=object_id,
            body=body,
            made_at=made_at,
            received_at=now,
        )
        .on_conflict_do_update(index_elements=["provider", "event_id"], set_={"heard": ProviderEvent.heard + 1})
        .returning(ProviderEvent.heard)
    )
    return tx.execute(statement).scalar_one() == 1
