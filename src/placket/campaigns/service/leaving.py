"""Somebody wants no more of it: by the link in what they got, without signing in, at once and written down as proof."""

import hmac
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from placket import crm, identity, messages
from placket.campaigns import queries
from placket.campaigns.models import Campaign, CampaignRecipient
from placket.core.refusals import NotFound

TEXT_VERSION: Final = "opt-out-2026-11"
CONFIRMED_WITHIN: Final = timedelta(hours=24)
ID_SIGNS: Final = 32


def recipient_of(tx: Session, token: str) -> tuple[CampaignRecipient, Campaign]:
    """Whom a link belongs to. Refuses ``NotFound``: nobody unsubscribes others by guessing."""
    written, signature = token[:ID_SIGNS], token[ID_SIGNS:]
    try:
        recipient_id = UUID(written)
    except ValueError as wrong:
        raise NotFound from wrong
    signed = identity.page_key(tx, f"opt-out/{recipient_id}")
    if not hmac.compare_digest(signed.encode(), signature.encode()):
        raise NotFound
    found = tx.execute(
        select(CampaignRecipient, Campaign)
        .join(Campaign, Campaign.id == CampaignRecipient.campaign_id)
        .where(CampaignRecipient.id == recipient_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def opt_out(tx: Session, *, token: str, every_channel: bool, one_click: bool, now: datetime) -> None:
    """Advertising ends with this word, by the link's channel or by all: what waits too. Said again it changes nothing.

    It is confirmed once, without advertising, as the law asks. Refuses ``NotFound``.
    """
    recipient, campaign = recipient_of(tx, token)
    way = None if every_channel else campaign.channel
    person_id = crm.stop_advertising(
        tx, customer_id=recipient.customer_id, way=way, text_version=TEXT_VERSION, channel="web", at=now
    )
    if recipient.opted_out_at is None:
        recipient.opted_out_at = now
        _confirm(tx, campaign, recipient, person_id, now)
    identity.audit(
        tx,
        action="customer.opted_out",
        subject_type="customer",
        subject_id=person_id,
        actor=None,
        after={"campaign": str(campaign.id), "channel": way or "all", "one_click": one_click},
    )


def _confirm(tx: Session, campaign: Campaign, recipient: CampaignRecipient, person_id: UUID, now: datetime) -> None:
    person = queries.person(tx, customer_id=person_id, channel=campaign.channel)
    if person is None or person.address is None:
        return
    messages.ask(
        tx,
        key=f"opted-out-{recipient.id}",
        kind="opted_out",
        channel=campaign.channel,
        address=person.address,
        language=campaign.language,
        facts={},
        use_until=now + CONFIRMED_WITHIN,
        now=now,
    )
