"""The port to whoever takes cards online: a page to pay on, how it stands, shutting it, giving money back.

No card number ever touches us: the page is the provider's. Adapters are called outside transactions and carry time-outs.
"""

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol, cast

from placket.core.refusals import Refusal
from placket.core.settings import settings

# Loaded when a provider is first spoken to: its library takes longer to load than the rest of the product.
ADAPTER: Final = "placket.payments.stripe_provider"
# What the stand-in goes by; only the demo's company believes it.
SIMULATOR_KEY, SIMULATOR_SECRET = (
    "sk_test_simulator",
    "whsec_simulator",
)


class ProviderAway(Refusal):
    """The provider of card payments does not answer."""

    code = "provider_away"
    status = 503
    vi = "Cổng thanh toán thẻ chưa phản hồi, chưa trừ tiền. Thử lại hoặc chọn cách khác."
    en = "The card provider does not answer; nothing was charged. Try again or pay another way."


class RefundDeclined(Exception):
    """The provider will not give this money back; ``why`` is its code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotFromProvider(Exception):
    """A call that does not bear the provider's signature of these minutes."""


@dataclass(frozen=True, slots=True)
class PageWish:
    """What a page is to charge, and where it sends the shopper afterwards. ``key`` makes asking twice one page.

    ``back_url`` is for who gives up, ``paid_url`` for who goes through with it. That somebody comes back proves nothing:
    whether money has come is told by an event alone.
    """

    key: str
    payment_id: str
    order_id: str
    order_code: str
    amount_minor: int
    currency: str
    language: Literal["vi", "en"]
    back_url: str
    paid_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A page at the provider, and how it stands there."""

    session_id: str
    url: str
    state: Literal["open", "processing", "received", "expired"]
    intent_id: str | None


@dataclass(frozen=True, slots=True)
class RefundAt:
    """How money that goes back stands at the provider, in its own word; ``failure`` is why it did not."""

    status: str
    failure: str | None


class CardProvider(Protocol):
    """What every provider of card payments can do. Each call raises ``ProviderAway`` when nobody answers."""

    def create_session(self, wish: PageWish) -> Page:
        """A page for a payment; the same wish under the same key again answers the same page."""
        ...

    def retrieve(self, session_id: str) -> Page:
        """How a page stands."""
        ...

    def expire(self, session_id: str) -> Page:
        """Shut a page; one that was paid in the meantime is answered as it stands."""
        ...

    def refund(self, *, key: str, intent_id: str, amount_minor: int, metadata: Mapping[str, str]) -> str:
        """Ask for money to go back; answers the provider's id of it. Raises ``RefundDeclined``."""
        ...

    def refund_at(self, refund_id: str) -> RefundAt:
        """How a refund stands."""
        ...


def card_provider(*, in_demo: bool) -> CardProvider | None:
    """Who takes cards online; none when nobody does."""
    account = _account(in_demo=in_demo)
    return None if account is None else cast("CardProvider", pkgutil.resolve_name(f"{ADAPTER}:connected")(*account))


def takes_cards(*, in_demo: bool) -> bool:
    """Whether somebody takes cards online; loads nothing."""
    return _account(in_demo=in_demo) is not None


def _account(*, in_demo: bool) -> tuple[str, str | None] | None:
    """Real keys count for everybody. Without them the demo's company, and nobody else, speaks to the stand-in."""
    own = settings()
    if own.stripe_secret_key is not None:
        return own.stripe_secret_key, own.stripe_api_url
    return (SIMULATOR_KEY, own.demo_stripe_url) if in_demo and own.demo_stripe_url is not None else None


def webhook_secret(*, in_demo: bool) -> str | None:
    """What the provider signs its calls by; none when nobody may call."""
    own = settings()
    if own.stripe_webhook_secret is not None:
        return own.stripe_webhook_secret
    return SIMULATOR_SECRET if in_demo and own.stripe_secret_key is None and own.demo_stripe_url is not None else None


def verified(body: bytes, *, signature: str, secret: str) -> dict[str, Any]:
    """A call's event, if its raw bytes are signed by our secret within five minutes. Raises ``NotFromProvider``."""
    return cast("dict[str, Any]", pkgutil.resolve_name(f"{ADAPTER}:verified")(body, signature=signature, secret=secret))
