"""Stripe by its own SDK: hosted Checkout pages over PaymentIntents, with 3-D Secure where the bank asks for it.

The same code speaks to Stripe and to the stand-in of development and tests; only the address differs.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from typing import Any, Final, Literal, TypeVar

import structlog
from stripe import HTTPClient, RequestsClient, StripeClient, WebhookSignature
from stripe._error import APIConnectionError, APIError, RateLimitError, SignatureVerificationError, StripeError
from stripe.checkout import Session

from placket.payments.provider import CardProvider, NotFromProvider, Page, PageWish, ProviderAway, RefundAt, RefundDeclined

log = structlog.get_logger()
T = TypeVar("T")

ANSWER_S: Final = (3.05, 10.0)
RETRIES: Final = 1
TOLERANCE_S: Final = 300
OPEN_LEAST: Final = timedelta(minutes=30)
"""Stripe keeps a page open for no less than half an hour; ours are shut by ``expire`` when the goods are held no longer."""


class Stripe:
    """The adapter. ``key`` is secret; ``address`` is another than Stripe's own for the stand-in only."""

    def __init__(self, key: str, *, address: str | None = None) -> None:
        bases: Any = None if address is None else {"api": address}
        http: HTTPClient = RequestsClient(timeout=ANSWER_S)
        self._client = StripeClient(key, base_addresses=bases, http_client=http, max_network_retries=RETRIES)

    def create_session(self, wish: PageWish) -> Page:
        """See ``CardProvider``."""
        names = {"payment": wish.payment_id, "order": wish.order_id, "code": wish.order_code}
        params: Any = {
            "mode": "payment",
            "client_reference_id": wish.order_id,
            "locale": wish.language,
            "success_url": wish.paid_url,
            "cancel_url": wish.back_url,
            "expires_at": int(wish.expires_at.timestamp()),
            "metadata": names,
            "payment_intent_data": {"metadata": names, "description": wish.order_code},
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": wish.currency,
                        "unit_amount": wish.amount_minor,
                        "product_data": {"name": wish.order_code},
                    },
                }
            ],
        }
        return _page(_heard(lambda: self._client.v1.checkout.sessions.create(params, {"idempotency_key": wish.key})))

    def retrieve(self, session_id: str) -> Page:
        """See ``CardProvider``."""
        return _page(_heard(lambda: self._client.v1.checkout.sessions.retrieve(session_id)))

    def expire(self, session_id: str) -> Page:
        """See ``CardProvider``."""
        try:
            return _page(_heard(lambda: self._client.v1.checkout.sessions.expire(session_id)))
        except StripeError as refused:  # it is paid, or was shut before: the page says which
            log.info("a page could not be shut", session=session_id, why=refused.code)
            return self.retrieve(session_id)

    def refund(self, *, key: str, intent_id: str, amount_minor: int, metadata: Mapping[str, str]) -> str:
        """See ``CardProvider``."""
        params: Any = {"payment_intent": intent_id, "amount": amount_minor, "metadata": dict(metadata)}
        try:
            made = _heard(lambda: self._client.v1.refunds.create(params, {"idempotency_key": key}))
        except StripeError as refused:
            raise RefundDeclined(refused.code or "declined") from refused
        return str(made.id)

    def refund_at(self, refund_id: str) -> RefundAt:
        """See ``CardProvider``."""
        found = _heard(lambda: self._client.v1.refunds.retrieve(refund_id))
        return RefundAt(str(found.status), None if found.failure_reason is None else str(found.failure_reason))


def _heard(ask: Callable[[], T]) -> T:
    """What the provider answers; silence, overload and its own failures are ``ProviderAway``."""
    try:
        return ask()
    except (APIConnectionError, RateLimitError) as trouble:
        raise ProviderAway from trouble
    except APIError as trouble:
        if trouble.http_status is None or trouble.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ProviderAway from trouble
        raise


def _page(session: Session) -> Page:
    state: Literal["open", "processing", "received", "expired"]
    if session.status == "open":
        state = "open"
    elif session.status == "expired":
        state = "expired"
    else:
        state = "received" if session.payment_status in {"paid", "no_payment_required"} else "processing"
    intent = session.payment_intent
    return Page(str(session.id), str(session.url or ""), state, None if intent is None else str(intent))


def verified(body: bytes, *, signature: str, secret: str) -> dict[str, Any]:
    """A webhook's event, if its raw bytes are signed by our secret within five minutes. Raises ``NotFromProvider``."""
    try:
        WebhookSignature.verify_header(body, signature, secret, TOLERANCE_S)
        event = json.loads(body)
    except (SignatureVerificationError, ValueError) as error:
        raise NotFromProvider from error
    if not isinstance(event, dict):
        raise NotFromProvider
    return event


@cache
def connected(key: str, address: str | None) -> CardProvider:
    """The one adapter of a process for a key."""
    return Stripe(key, address=address)
