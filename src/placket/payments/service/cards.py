"""Verbs of card payments: what the terminal says becomes the state of a request, once. docs/rules/payments.md."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from placket.core.refusals import Refusal
from placket.payments.models import PaymentRequest
from placket.payments.service.requests import changed
from placket.payments.terminal import Charge


class NoTerminal(Refusal):
    """No card terminal is connected to this till."""

    code = "no_terminal"
    vi = "Quầy chưa nối máy thẻ. Quẹt ở máy rời rồi nhập mã giao dịch."
    en = "No card terminal is connected here. Use a loose one and type its reference."


def settle_charge(tx: Session, *, request_id: UUID, charge: Charge, now: datetime) -> PaymentRequest:
    """Take over what the terminal says of a request; what is settled already stays.

    An approval that arrives for a request given up meanwhile is money to give back. So is one of another amount.
    """
    request = tx.get_one(PaymentRequest, request_id, with_for_update=True)
    if charge.state == "approved" and request.state in {"waiting", "cancelled"}:
        fits = request.state == "waiting" and charge.amount_vnd == request.amount_vnd
        request.state, request.received_at, request.ended_at = "received" if fits else "returning", now, None
        request.received_vnd, request.reference = charge.amount_vnd, charge.approval
        changed(tx, request)
    elif charge.state in {"declined", "cancelled"} and request.state == "waiting":
        request.state, request.reason, request.ended_at = charge.state, charge.reason, now
        changed(tx, request)
    elif charge.state == "voided" and request.state in {"waiting", "received", "returning"}:
        if request.received_at is None:  # it went through and was given back before anybody asked
            request.received_at, request.received_vnd = now, charge.amount_vnd
        request.state, request.ended_at = "returned", now
        changed(tx, request)
    return request


def unsettled_cards(tx: Session, *, before: datetime) -> list[tuple[UUID, UUID]]:
    """Card requests that nobody asks about any more, and those whose money is to go back: (request, till)."""
    rows = tx.execute(
        select(PaymentRequest.id, PaymentRequest.till_id)
        .where(PaymentRequest.kind == "card")
        .where(
            (PaymentRequest.state == "returning")
            | ((PaymentRequest.state == "waiting") & (PaymentRequest.created_at < before))
        )
        .order_by(PaymentRequest.created_at)
        .limit(100)
    )
    return [(row.id, row.till_id) for row in rows]
