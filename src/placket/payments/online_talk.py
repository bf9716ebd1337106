"""What is said to the provider of card payments: never inside a transaction, and safe to say again."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select

from placket import identity
from placket.core.db import Database
from placket.payments import online
from placket.payments.online_models import OnlinePayment, OnlineRefund
from placket.payments.provider import (
    CardProvider,
    Page,
    PageWish,
    ProviderAway,
    RefundAt,
    RefundDeclined,
    card_provider,
)

log = structlog.get_logger()

SENT_AT_ONCE: Final = 50
ASKED_AT_ONCE: Final = 20
ASK_AFTER: Final = timedelta(minutes=10)
"""The provider tells of a refund by itself; when it has not for so long it is asked."""
OPEN_FOR: Final = timedelta(minutes=45)
"""How long a page may stay open at the provider at most; ours are shut when the goods are held no longer."""


def provider_here(database: Database) -> CardProvider | None:
    """Who takes this company's cards online."""
    with database.transaction() as tx:
        return card_provider(in_demo=identity.is_demo(tx))


def open_page(database: Database, provider: CardProvider, wish: PageWish) -> OnlinePayment:
    """Have a page for an attempt. Refuses ``ProviderAway``; asked again it is the same page."""
    page = provider.create_session(wish)
    with database.transaction() as tx:
        return online.opened(tx, payment_id=UUID(wish.payment_id), session_id=page.session_id, url=page.url)


def shut_page(provider: CardProvider, payment: OnlinePayment) -> Page | None:
    """Shut an attempt's page and answer how it stands; none when there never was one that anybody could pay on."""
    if payment.session_id is None:
        return None
    return provider.expire(payment.session_id)


def send_refunds(database: Database, *, now: datetime) -> list[UUID]:
    """Send the refunds that were asked for; answers those that the provider has turned down.

    The key of each is its own and its round's, so that one that was sent and not noted is the same refund again.
    """
    with database.transaction() as tx:
        waiting = tx.execute(
            select(OnlineRefund, OnlinePayment.intent_id)
            .join(OnlinePayment, OnlinePayment.id == OnlineRefund.payment_id)
            .where(OnlineRefund.state == "requested", OnlinePayment.method == "card", OnlinePayment.intent_id.is_not(None))
            .order_by(OnlineRefund.requested_at)
            .limit(SENT_AT_ONCE)
        ).all()
    provider = provider_here(database) if waiting else None
    declined = []
    for refund, intent_id in waiting if provider is not None else []:
        assert provider is not None
        names = {"refund": str(refund.id), "payment": str(refund.payment_id), "round": str(refund.tries)}
        try:
            provider_id = provider.refund(
                key=f"refund-{refund.id}-{refund.tries}",
                intent_id=str(intent_id),
                amount_minor=refund.amount_minor,
                metadata=names,
            )
        except ProviderAway:
            log.warning("the provider is away, refunds wait", waiting=len(waiting))
            break
        except RefundDeclined as why:
            with database.transaction() as tx:
                if online.turned_down(tx, refund_id=refund.id, round_no=refund.tries, failure=why.why, now=now):
                    declined.append(refund.id)
            continue
        with database.transaction() as tx:
            online.sent(tx, refund_id=refund.id, round_no=refund.tries, provider_id=provider_id, now=now)
    return declined


def ask_after_refunds(
    database: Database, *, now: datetime, provider: CardProvider | None = None
) -> list[tuple[UUID, RefundAt]]:
    """Ask how refunds stand that were sent and never heard of again; answers what the provider says of each."""
    with database.transaction() as tx:
        silent = tx.execute(
            select(OnlineRefund.id, OnlineRefund.provider_id)
            .where(OnlineRefund.state == "pending", OnlineRefund.sent_at < now - ASK_AFTER)
            .where(OnlineRefund.provider_id.is_not(None))
            .order_by(OnlineRefund.sent_at)
            .limit(ASKED_AT_ONCE)
        ).all()
    if silent and provider is None:
        provider = provider_here(database)
    if provider is None:
        return []
    answers = []
    for refund_id, provider_id in silent:
        try:
            answers.append((refund_id, provider.refund_at(str(provider_id))))
        except ProviderAway:
            log.warning("the provider is away, refunds are asked after later", waiting=len(silent))
            break
    return answers
