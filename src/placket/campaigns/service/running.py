"""What the worker does: freeze an audience, ask for each person's message once, note what became of it, enrol into journeys.

Every step is one transaction that a kill leaves whole or undone, and every step done again changes nothing.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Row, select, text, update
from sqlalchemy.orm import Session

from placket import crm, identity, messages, promotions
from placket.campaigns import queries, suggesting, wording
from placket.campaigns.models import Campaign, CampaignRecipient
from placket.campaigns.service.writing import demand_sendable, note_ends, pause, tell
from placket.core.clock import VIETNAM, business_day
from placket.core.refusals import Refusal

BATCH: Final = 200
AHEAD: Final = 400
"""So many messages may be due and unsent: more is asked for when they have gone, so a pause holds nearly everything."""
NEWS_FOR: Final = {
    "once": timedelta(days=7),
    "welcome": timedelta(days=3),
    "birthday": timedelta(days=1),
    "win_back": timedelta(days=7),
}
FRESH_FOR: Final = timedelta(days=2)
LAPSE_DAYS: Final = 7
"""Who has not come for longer than a win-back's days by more than this was not its occasion."""


def start(tx: Session, *, campaign_id: UUID, now: datetime) -> bool:
    """Freeze the audience of a campaign whose moment has come; answers whether it has begun."""
    campaign = tx.scalar(
        select(Campaign).where(Campaign.id == campaign_id, Campaign.state == "scheduled").with_for_update(skip_locked=True)
    )
    if campaign is None or campaign.segment_id is None:
        return False
    campaign.state, campaign.started_at = "sending", now
    tx.flush()
    try:
        demand_sendable(tx, campaign)
    except Refusal as refused:  # its writer looks at it again
        campaign.state, campaign.trouble, campaign.starts_at, campaign.started_at = "draft", refused.code, None, None
        tell(tx, campaign)
        return False
    facts = {
        "campaign": str(campaign.id),
        "id": campaign.id,
        "segment": campaign.segment_id,
        "channel": campaign.channel,
        "holdout_bp": campaign.holdout_bp,
        "now": now,
    }
    found = queries.audience(
        tx,
        campaign_id=campaign.id,
        segment_id=campaign.segment_id,
        channel=campaign.channel,
        holdout_bp=campaign.holdout_bp,
    )
    campaign.audience = {
        "people": found.people,
        "no_consent": found.no_consent,
        "no_address": found.no_address,
        "same_address": found.same_address,
    }
    tx.execute(
        text(
            f"""
            INSERT INTO campaign_recipient (id, campaign_id, customer_id, occasion, state, planned_at)
            SELECT gen_random_uuid(), :id, p.id, '', CASE WHEN {queries.HELD_OUT} THEN 'held_out' ELSE 'planned' END, :now
              FROM ({queries.people_sql(campaign.channel)}) p WHERE {queries.REACHED} ORDER BY md5(p.id::text)
                ON CONFLICT DO NOTHING
            """
        ),
        facts,
    )
    tell(tx, campaign)
    return True


def ask_batch(tx: Session, *, campaign_id: UUID, now: datetime) -> int:
    """Ask for the messages of the next people, each with their voucher; answers how many people it has seen to.

    The row, the message and the voucher are written together. Who has taken their consent back since, was merged, or has
    lost their address, is passed over. In quiet hours nobody is asked for.
    """
    campaign = _sending(tx, campaign_id)
    if campaign is None or messages.opens_at(campaign.channel, messages.house(tx), now=now) is not None:
        return 0
    waiting = tx.scalar(
        text("SELECT count(*) FROM message WHERE subject_id = :id AND state = 'waiting' AND next_try_at <= :now"),
        {"id": campaign.id, "now": now},
    )
    room = min(BATCH, AHEAD - (waiting or 0))
    people = _next_people(tx, campaign, room) if room > 0 else []
    if not people:
        return 0
    willing = _willing(tx, campaign, people)
    told = [one for one in people if one.customer_id in willing and one.address and one.merged_into is None]
    try:
        gifts = _gifts(tx, campaign, [one.customer_id for one in told], now)
    except Refusal as refused:
        pause(tx, campaign_id=campaign.id, trouble=refused.code)
        return 0
    company = identity.company(tx)
    name = "Placket" if company is None else company.name
    for one in told:
        _ask(tx, campaign, one, name, gifts.get(one.customer_id), now)
    passed = [one.id for one in people if one not in told]
    if passed:
        tx.execute(update(CampaignRecipient).where(CampaignRecipient.id.in_(passed)).values(state="skipped"))
    return len(people)


def settle(tx: Session, *, campaign_id: UUID, now: datetime) -> int:
    """Note what became of messages; a campaign with nobody left is done. Answers how many people have moved on."""
    campaign = tx.scalar(select(Campaign).where(Campaign.id == campaign_id).with_for_update(skip_locked=True))
    if campaign is None:
        return 0
    moved = note_ends(tx, campaign_id=campaign.id)
    still = text("SELECT 1 FROM campaign_recipient WHERE campaign_id = :id AND state IN ('planned', 'asked') LIMIT 1")
    if campaign.kind == "once" and campaign.state == "sending" and tx.scalar(still, {"id": campaign.id}) is None:
        campaign.state, campaign.ended_at = "done", now
        tell(tx, campaign)
    elif moved:
        tell(tx, campaign)
    return moved


def enrol(tx: Session, *, campaign_id: UUID, now: datetime) -> int:
    """Take whoever has an occasion into a journey that is on: once each, however often it is looked. Answers how many."""
    campaign = _sending(tx, campaign_id)
    today = business_day(now)
    if campaign is None or campaign.kind == "once":
        return 0
    if campaign.kind != "welcome" and campaign.enrolled_on == today:
        return 0  # a day's occasions are known once it has begun
    campaign.enrolled_on = today
    facts = {
        "campaign": str(campaign.id),
        "id": campaign.id,
        "channel": campaign.channel,
        "holdout_bp": campaign.holdout_bp,
        "now": now,
        "today": today,
        "since": max(campaign.started_at or now, now - FRESH_FOR),
        "days": campaign.days,
        "lapse": LAPSE_DAYS,
    }
    took = tx.execute(
        text(
            f"""
            INSERT INTO campaign_recipient (id, campaign_id, customer_id, occasion, state, planned_at)
            SELECT gen_random_uuid(), :id, p.id, p.occasion,
                   CASE WHEN {queries.HELD_OUT} THEN 'held_out' ELSE 'planned' END, :now
              FROM ({_OCCASIONS[campaign.kind].replace("#ADDRESS#", queries.ADDRESS[campaign.channel])}) p
             ORDER BY p.id ON CONFLICT DO NOTHING RETURNING id
            """
        ),
        facts,
    ).all()
    if took:
        tell(tx, campaign)
    return len(took)


# Who agrees and has an address; and by what name an occasion happens once.
_AGREED: Final = """
      FROM marketing_consent k JOIN customer c ON c.id = k.customer_id AND c.merged_into IS NULL
      JOIN customer_account a ON a.customer_id = c.id AND a.profiled
"""
_OCCASIONS: Final = {
    "welcome": f"""
        SELECT c.id, 'welcome' AS occasion {_AGREED}
         WHERE k.channel = :channel AND k.since >= :since AND #ADDRESS# IS NOT NULL
    """,
    "birthday": f"""
        SELECT c.id, extract(year FROM CAST(:today AS date))::text AS occasion {_AGREED}
         WHERE k.channel = :channel AND #ADDRESS# IS NOT NULL AND c.birth_month = extract(month FROM CAST(:today AS date))
           AND (c.birth_day = extract(day FROM CAST(:today AS date)) OR (c.birth_month = 2 AND c.birth_day = 29
                AND extract(day FROM CAST(:today AS date)) = 28 AND extract(day FROM CAST(:today AS date) + 1) = 1))
    """,
    "win_back": f"""
        SELECT c.id, s.last_sold_on::text AS occasion {_AGREED} JOIN customer_score s ON s.customer_id = c.id
         WHERE k.channel = :channel AND #ADDRESS# IS NOT NULL
           AND s.last_sold_on <= CAST(:today AS date) - CAST(:days AS int)
           AND s.last_sold_on > CAST(:today AS date) - CAST(:days AS int) - CAST(:lapse AS int)
    """,
}


def _sending(tx: Session, campaign_id: UUID) -> Campaign | None:
    this = select(Campaign).where(Campaign.id == campaign_id, Campaign.state == "sending")
    return tx.scalar(this.with_for_update(skip_locked=True))


def _next_people(tx: Session, campaign: Campaign, room: int) -> Sequence[Row[Any]]:
    return tx.execute(
        text(
            f"""
            SELECT r.id, r.customer_id, r.occasion, r.planned_at, c.full_name, c.given_name, c.merged_into, a.points,
                   {crm.LANGUAGE} AS language, {queries.ADDRESS[campaign.channel]} AS address
              FROM campaign_recipient r JOIN customer c ON c.id = r.customer_id
              JOIN customer_account a ON a.customer_id = c.id
             WHERE r.campaign_id = :id AND r.state = 'planned' ORDER BY r.id LIMIT :room FOR UPDATE OF r SKIP LOCKED
            """
        ),
        {"id": campaign.id, "room": room},
    ).all()


def _willing(tx: Session, campaign: Campaign, people: Sequence[Row[Any]]) -> set[UUID]:
    """Whoever agrees still. Until this transaction ends nobody's word can be taken back past it."""
    kept = (
        "SELECT customer_id FROM marketing_consent WHERE channel = :channel "
        "AND customer_id = ANY(CAST(:ids AS uuid[])) ORDER BY customer_id FOR KEY SHARE"
    )
    ids = [one.customer_id for one in people]
    return set(tx.scalars(text(kept), {"channel": campaign.channel, "ids": ids}))


def _gifts(
    tx: Session, campaign: Campaign, customer_ids: Sequence[UUID], now: datetime
) -> dict[UUID, tuple[UUID, wording.Gift]]:
    """A voucher for each, in the batch of its day: good for as long, whenever somebody's turn came."""
    if campaign.promotion_id is None or not customer_ids:
        return {}
    assert campaign.written_by is not None, "what is sent is signed"
    assert campaign.voucher_days is not None, "the table's CHECK"
    today = business_day(now)
    ends_at = datetime.combine(today + timedelta(days=campaign.voucher_days + 1), time.min, VIETNAM)
    issued = promotions.issue_each(
        tx,
        batch_id=batch_of(campaign.id, today),
        promotion_id=campaign.promotion_id,
        name=f"{campaign.name} · {today:%d/%m/%Y}",
        period=(now, ends_at),
        customer_ids=customer_ids,
        staff_id=campaign.written_by,
        now=now,
    )
    until = ends_at - timedelta(seconds=1)
    return {customer_id: (voucher_id, wording.Gift(code, until)) for customer_id, (voucher_id, code) in issued.items()}


def batch_of(campaign_id: UUID, on: date) -> UUID:
    """The batch of vouchers that a campaign issues on a day."""
    return uuid5(campaign_id, on.isoformat())


def _ask(
    tx: Session, campaign: Campaign, one: Row[Any], company: str, gift: tuple[UUID, wording.Gift] | None, now: datetime
) -> None:
    in_english = campaign.template_en is not None and one.language == "en"
    language = "en" if in_english else campaign.language
    facts = wording.worded(
        campaign.template_en if in_english and campaign.template_en is not None else campaign.template,
        wording.Person(one.full_name, one.given_name, one.points),
        name=campaign.name,
        company=company,
        gift=None if gift is None else gift[1],
        opt_out_url=wording.way_out(tx, one.id),
        goods=suggesting.goods_for(tx, one.customer_id, language=language, now=now) if campaign.suggests else (),
    )
    to = hashlib.sha256(one.address.encode()).hexdigest()[:16]
    message_id = messages.ask(
        tx,
        key=f"campaign-{campaign.id}-{one.occasion}-{to}",  # an address that two people share is written to once
        kind="campaign",
        channel=campaign.channel,
        address=one.address,
        language=language,
        facts=facts,
        subject_id=campaign.id,
        use_until=max(now, one.planned_at) + NEWS_FOR[campaign.kind],
        advertises_to=one.customer_id,
        now=now,
    )
    state = "skipped" if message_id is None else "asked"
    tx.execute(
        update(CampaignRecipient)
        .where(CampaignRecipient.id == one.id)
        .values(state=state, message_id=message_id, voucher_id=None if gift is None else gift[0])
    )
