"""What people do with a campaign: write it, send it, hold it, let it go on, end it; and a journey switched on or off."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from placket import events, identity, messages, promotions
from placket.campaigns import queries, refusals, rules, wording
from placket.campaigns.models import Campaign, CampaignRecipient
from placket.core.refusals import NotFound

WIN_BACK_DAYS: Final = 120


@dataclass(frozen=True, slots=True)
class Written:
    """A campaign as somebody has written it."""

    name: str
    channel: messages.Channel
    language: str
    segment_id: UUID | None
    template: Mapping[str, str]
    template_en: Mapping[str, str] | None
    promotion_id: UUID | None
    voucher_days: int | None
    holdout_bp: int
    window_days: int
    days: int | None = None
    suggests: bool = False


def write(tx: Session, *, campaign_id: UUID, written: Written, version: int, by: UUID, now: datetime) -> Campaign:
    """Make a campaign (version 0), write a draft anew, or a journey at any time.

    Refuses ``CampaignChanged``, ``NotFound``, ``SegmentPutAway``, ``TemplateUnknownField``.
    """
    known = tx.scalar(select(Campaign).where(Campaign.id == campaign_id).with_for_update())
    if known is None and version:
        raise NotFound
    if known is not None and (known.version != version or (known.kind == "once" and known.state != "draft")):
        raise refusals.CampaignChanged
    kept = known or Campaign(id=campaign_id, kind="once", state="draft", version=0)
    if kept.kind == "once":
        _demand_segment(tx, written.segment_id)
    has_voucher = written.promotion_id is not None
    for template in (written.template, written.template_en or {}):
        if unknown := rules.unknown_fields(template, has_voucher=has_voucher):
            raise refusals.TemplateUnknownField(fields=", ".join(unknown))
    if written.promotion_id is not None:
        promotions.demand_voucher_promotion(tx, written.promotion_id)
    kept.name, kept.channel, kept.language = " ".join(written.name.split()), written.channel, written.language
    kept.segment_id = written.segment_id if kept.kind == "once" else None
    kept.template, kept.promotion_id = dict(written.template), written.promotion_id
    kept.template_en = None if written.template_en is None else dict(written.template_en)
    kept.voucher_days = (written.voucher_days or rules.VOUCHER_DAYS) if has_voucher else None
    kept.holdout_bp, kept.window_days = written.holdout_bp, written.window_days
    kept.suggests = written.suggests and written.channel == "email"
    kept.days = (written.days or WIN_BACK_DAYS) if kept.kind == "win_back" else None
    kept.version, kept.written_by, kept.written_at = version + 1, by, now
    tx.add(kept)
    tx.flush()
    if kept.kind != "once" and kept.state != "draft":
        demand_sendable(tx, kept)
    tell(tx, kept)
    return kept


def schedule(tx: Session, *, campaign_id: UUID, version: int, at: datetime, people: int, by: UUID) -> Campaign:
    """Let a draft go at a moment; ``people`` is how many its writer has confirmed.

    Refuses ``NotFound``, ``CampaignChanged``, ``AudienceMoved``, ``NobodyToTell`` and whatever ``demand_sendable`` does.
    """
    campaign = _locked(tx, campaign_id)
    if campaign.version != version or campaign.state != "draft" or campaign.segment_id is None:
        raise refusals.CampaignChanged
    demand_sendable(tx, campaign)
    found = queries.audience(
        tx,
        campaign_id=campaign.id,
        segment_id=campaign.segment_id,
        channel=campaign.channel,
        holdout_bp=campaign.holdout_bp,
    )
    if found.told == 0:
        raise refusals.NobodyToTell
    if found.told != people:
        raise refusals.AudienceMoved(people=found.told)
    campaign.state, campaign.trouble, campaign.starts_at = "scheduled", None, at
    campaign.version, campaign.written_by = version + 1, by
    tell(tx, campaign)
    return campaign


def switch_on(tx: Session, *, campaign_id: UUID, by: UUID, now: datetime) -> Campaign:
    """A journey runs from now on, for whoever has an occasion from now on. On already, it stays so.

    Refuses ``NotFound`` and whatever ``demand_sendable`` does.
    """
    campaign = _locked(tx, campaign_id)
    if campaign.kind == "once":
        raise NotFound
    if campaign.state != "sending":
        demand_sendable(tx, campaign)
        campaign.state, campaign.trouble, campaign.written_by = "sending", None, by
        campaign.started_at, campaign.enrolled_on = now, None
        messages.let_go(tx, subject_id=campaign.id, now=now)
        tell(tx, campaign)
    return campaign


def pause(tx: Session, *, campaign_id: UUID, trouble: str | None = None) -> Campaign:
    """Nothing more of it goes out until it is let go on, not even what was asked for already.

    Refuses ``NotFound``, ``CampaignStands``.
    """
    campaign = _locked(tx, campaign_id)
    if campaign.state == "paused":
        return campaign
    if campaign.state != "sending":
        raise refusals.CampaignStands(state=campaign.state)
    campaign.state, campaign.trouble = "paused", trouble
    messages.hold_back(tx, subject_id=campaign.id)
    tell(tx, campaign)
    return campaign


def resume(tx: Session, *, campaign_id: UUID, now: datetime) -> Campaign:
    """It goes on where it was held. Refuses ``NotFound``, ``CampaignStands`` and whatever ``demand_sendable`` does."""
    campaign = _locked(tx, campaign_id)
    if campaign.state == "sending":
        return campaign
    if campaign.state != "paused":
        raise refusals.CampaignStands(state=campaign.state)
    demand_sendable(tx, campaign)
    campaign.state, campaign.trouble = "sending", None
    messages.let_go(tx, subject_id=campaign.id, now=now)
    tell(tx, campaign)
    return campaign


def cancel(tx: Session, *, campaign_id: UUID, by: UUID, now: datetime) -> Campaign:
    """End it for good: who was not told yet never will be. Refuses ``NotFound``, ``CampaignStands``."""
    campaign = _locked(tx, campaign_id)
    if campaign.state == "cancelled":
        return campaign
    if campaign.kind != "once" or campaign.state == "done":
        raise refusals.CampaignStands(state=campaign.state)
    campaign.state, campaign.ended_at = "cancelled", now
    campaign.written_by = campaign.written_by or by
    messages.cancel(tx, subject_id=campaign.id, now=now)
    still = update(CampaignRecipient).where(CampaignRecipient.campaign_id == campaign.id)
    tx.execute(still.where(CampaignRecipient.state == "planned").values(state="cancelled"))
    note_ends(tx, campaign_id=campaign.id)
    tell(tx, campaign)
    return campaign


def demand_sendable(tx: Session, campaign: Campaign) -> None:
    """Refuse ``TemplateIncomplete``, ``ChannelHasNoWay``, ``NoAddressOfOurOwn``, ``SegmentPutAway``, ``PromotionOver``."""
    for template in (campaign.template, campaign.template_en):
        if template is not None and (parts := rules.missing_parts(template, campaign.channel)):
            raise refusals.TemplateIncomplete(parts=", ".join(parts))
    if not messages.can_reach(campaign.channel, in_demo=identity.is_demo(tx)):
        raise refusals.ChannelHasNoWay
    if wording.home() is None:
        raise refusals.NoAddressOfOurOwn
    if campaign.kind == "once":
        _demand_segment(tx, campaign.segment_id)
    if campaign.promotion_id is not None:
        promotions.demand_voucher_promotion(tx, campaign.promotion_id)
        if tx.scalar(text("SELECT state FROM promotion WHERE id = :id"), {"id": campaign.promotion_id}) != "live":
            raise refusals.PromotionOver


def tell(tx: Session, campaign: Campaign) -> None:
    """Whoever reads campaigns hears that this one has moved."""
    tx.flush()
    events.publish(
        tx,
        events.CAMPAIGN_CHANGED,
        key=str(campaign.id),
        key_version=tx.scalar(text("SELECT txid_current()")) or 0,
        payload={"id": str(campaign.id), "state": campaign.state},
    )


def note_ends(tx: Session, *, campaign_id: UUID) -> int:
    """Note at its people what became of their messages; answers how many have moved on."""
    ended = (
        "UPDATE campaign_recipient r SET state = m.state FROM message m WHERE r.campaign_id = :id AND r.state = 'asked' "
        "AND m.id = r.message_id AND m.ended_at IS NOT NULL RETURNING r.id"
    )
    return len(tx.execute(text(ended), {"id": campaign_id}).all())


def _demand_segment(tx: Session, segment_id: UUID | None) -> None:
    live = text("SELECT 1 FROM segment WHERE id = :id AND state = 'live'")
    if segment_id is None or tx.scalar(live, {"id": segment_id}) is None:
        raise refusals.SegmentPutAway


def _locked(tx: Session, campaign_id: UUID) -> Campaign:
    found = tx.scalar(select(Campaign).where(Campaign.id == campaign_id).with_for_update())
    if found is None:
        raise NotFound
    return found
