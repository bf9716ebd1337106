"""Routes of campaigns and journeys in the office: written, looked at for one person, sent, held, and what they brought."""

import base64
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session

from placket import catalog, identity, messages, promotions
from placket.campaigns import opt_out_page, queries, refusals, rules, shapes, suggesting, wording
from placket.campaigns.models import Campaign
from placket.campaigns.service import writing
from placket.core import clock
from placket.core.http import refuses
from placket.core.refusals import NotFound

router = APIRouter(prefix="/api/campaigns", tags=["campaigns"])
ROUTERS: Final = (router, opt_out_page.router)

Read = Annotated[identity.Principal, Depends(identity.Permit("campaign.read"))]
Write = Annotated[identity.Principal, Depends(identity.Permit("campaign.write"))]
Send = Annotated[identity.Principal, Depends(identity.Permit("campaign.send"))]
SENDABLE: Final = (
    refusals.TemplateIncomplete,
    refusals.ChannelHasNoWay,
    refusals.NoAddressOfOurOwn,
    refusals.SegmentPutAway,
    refusals.PromotionOver,
    promotions.NoVoucherPromotion,
)


@router.get("")
def list_campaigns(_who: Read, request: Request) -> list[shapes.CampaignFace]:
    """The campaigns, the newest first."""
    with identity.database_of(request).transaction() as tx:
        return [shapes.CampaignFace(**row._asdict()) for row in queries.campaigns(tx)]


@router.get("/journeys")
def list_journeys(_who: Read, request: Request) -> list[shapes.CampaignShown]:
    """The journeys, on and off."""
    with identity.database_of(request).transaction() as tx:
        return [_shown(tx, row.id) for row in queries.journeys(tx)]


@router.get("/choices")
def choices(_who: Read, request: Request) -> shapes.Choices:
    """What a campaign may be made of here."""
    with identity.database_of(request).transaction() as tx:
        house, in_demo = messages.house(tx), identity.is_demo(tx)
    channels = []
    for channel in shapes.CHANNELS:
        first, last = messages.hours(channel, house)
        is_open = messages.can_reach(channel, in_demo=in_demo)
        channels.append(shapes.ChannelShown(channel=channel, is_open=is_open, from_minute=first, until_minute=last))
    shown = shapes.HouseShown(**asdict(house))
    return shapes.Choices(channels=channels, house=shown, fields=list(rules.FIELDS), own_address=wording.home())


@router.put("/house", responses=refuses(refusals.HoursWrong))
def set_house(body: shapes.HouseRule, who: Write, request: Request) -> shapes.HouseShown:
    """Set the hours in which the house advertises and how often; the law's own limits stay. What waits looks again."""
    house = messages.House(**body.model_dump())
    if house.from_minute >= house.until_minute or house.day_max > house.week_max:
        raise refusals.HoursWrong
    with identity.database_of(request).transaction() as tx:
        before = messages.house(tx)
        messages.write_terms(tx, house=house, by=who.staff_id, now=clock.now())
        identity.audit(
            tx,
            action="advertising.terms",
            subject_type="company",
            subject_id=1,
            actor=who,
            before=asdict(before),
            after=body.model_dump(),
        )
    return shapes.HouseShown(**asdict(house))


@router.post("/audience")
def audience(body: shapes.Wish, _who: Write, request: Request) -> shapes.Counted:
    """Who of a segment would be told now, and why others would not."""
    with identity.database_of(request).snapshot() as tx:
        found = queries.audience(tx, **body.model_dump())
        sample = queries.some_reached(tx, segment_id=body.segment_id, channel=body.channel)
        return shapes.Counted(
            people=found.people,
            told=found.told,
            held_out=found.held_out,
            no_consent=found.no_consent,
            no_address=found.no_address,
            same_address=found.same_address,
            sample=[shapes.Somebody(id=row.id, full_name=row.full_name) for row in sample],
        )


@router.post("/look", responses=refuses(NotFound, refusals.TemplateUnknownField))
def look(body: shapes.Look, _who: Write, request: Request) -> shapes.Looked:
    """A text as one person gets it, or somebody who is not there."""
    if body.suggests:
        catalog.price_books.refresh(identity.database_of(request))
    with identity.database_of(request).transaction() as tx:
        letter = _letter(tx, body, now=clock.now())
    return shapes.Looked(subject=letter.subject, text=letter.text, html=_with_pictures(letter))


@router.post("/test", status_code=204, responses=refuses(NotFound, refusals.TemplateUnknownField, refusals.NoOwnMail))
def send_test(body: shapes.Look, who: Write, request: Request) -> None:
    """Send it to oneself, by mail whatever its channel."""
    now = clock.now()
    if body.suggests:
        catalog.price_books.refresh(identity.database_of(request))
    with identity.database_of(request).transaction() as tx:
        to = queries.mail_of(tx, who.staff_id)
        if to is None or not messages.can_reach("email", in_demo=identity.is_demo(tx)):
            raise refusals.NoOwnMail
        facts = _facts(tx, body, now=now)
        if body.channel != "email":
            text = messages.previewed(
                facts, channel=body.channel, address="", language=body.language, company=identity.company(tx)
            ).text
            facts |= {"heading": body.name, "paragraphs": [text]}
        messages.ask(
            tx,
            key=f"test-{who.staff_id}-{now.isoformat()}",
            kind="campaign",
            channel="email",
            address=to,
            language=body.language,
            facts=facts,
            use_until=now + timedelta(hours=1),
            now=now,
        )


@router.get("/{campaign_id}", responses=refuses(NotFound))
def campaign(campaign_id: UUID, _who: Read, request: Request) -> shapes.CampaignShown:
    """One campaign or journey, whole."""
    with identity.database_of(request).transaction() as tx:
        return _shown(tx, campaign_id)


@router.put(
    "/{campaign_id}",
    responses=refuses(NotFound, refusals.CampaignChanged, refusals.TemplateUnknownField, *SENDABLE),
)
def write(campaign_id: UUID, body: shapes.CampaignText, who: Write, request: Request) -> shapes.CampaignShown:
    """Write a campaign: a draft, or a journey at any time."""
    written = writing.Written(**body.model_dump(exclude={"version"}))
    return _done(
        request,
        who,
        "written",
        lambda tx: writing.write(
            tx, campaign_id=campaign_id, written=written, version=body.version, by=who.staff_id, now=clock.now()
        ),
    )


@router.post(
    "/{campaign_id}/send",
    responses=refuses(NotFound, refusals.CampaignChanged, refusals.AudienceMoved, refusals.NobodyToTell, *SENDABLE),
)
def send(campaign_id: UUID, body: shapes.Sending, who: Send, request: Request) -> shapes.CampaignShown:
    """Let it go, now or at a moment."""
    at = body.at or clock.now()
    return _done(
        request,
        who,
        "scheduled",
        lambda tx: writing.schedule(
            tx, campaign_id=campaign_id, version=body.version, at=at, people=body.people, by=who.staff_id
        ),
    )


@router.post("/{campaign_id}/switch-on", responses=refuses(NotFound, *SENDABLE))
def switch_on(campaign_id: UUID, who: Send, request: Request) -> shapes.CampaignShown:
    """Switch a journey on: it runs for occasions from now on."""
    return _done(
        request,
        who,
        "switched_on",
        lambda tx: writing.switch_on(tx, campaign_id=campaign_id, by=who.staff_id, now=clock.now()),
    )


@router.post("/{campaign_id}/pause", responses=refuses(NotFound, refusals.CampaignStands))
def pause(campaign_id: UUID, who: Send, request: Request) -> shapes.CampaignShown:
    """Hold it: nothing more goes out, not even what was asked for already."""
    return _done(request, who, "paused", lambda tx: writing.pause(tx, campaign_id=campaign_id))


@router.post("/{campaign_id}/resume", responses=refuses(NotFound, refusals.CampaignStands, *SENDABLE))
def resume(campaign_id: UUID, who: Send, request: Request) -> shapes.CampaignShown:
    """Let it go on where it was held."""
    return _done(request, who, "resumed", lambda tx: writing.resume(tx, campaign_id=campaign_id, now=clock.now()))


@router.post("/{campaign_id}/cancel", responses=refuses(NotFound, refusals.CampaignStands))
def cancel(campaign_id: UUID, who: Send, request: Request) -> shapes.CampaignShown:
    """End it for good: who was not told yet never will be."""
    return _done(
        request, who, "cancelled", lambda tx: writing.cancel(tx, campaign_id=campaign_id, by=who.staff_id, now=clock.now())
    )


@router.get("/{campaign_id}/report", responses=refuses(NotFound))
def report(campaign_id: UUID, _who: Read, request: Request) -> shapes.Report:
    """What those told have bought beside those held out, by both channels, within the window."""
    with identity.database_of(request).snapshot() as tx:
        found = tx.get(Campaign, campaign_id)
        if found is None:
            raise NotFound
        told, held_out = queries.bought(tx, campaign_id=campaign_id, days=found.window_days)
        extra = rules.extra_of(told.group, held_out.group)
        given = queries.vouchers(tx, campaign_id)
        is_once = found.kind == "once" and found.started_at is not None
        return shapes.Report(
            told=_group(told),
            held_out=_group(held_out),
            extra=None if extra is None else shapes.ExtraShown(**asdict(extra)),
            enough=rules.ENOUGH,
            vouchers_given=given.given,
            vouchers_store=given.store,
            vouchers_web=given.web,
            opted_out=queries.left(tx, campaign_id),
            window_days=found.window_days,
            window_ends_at=found.started_at + timedelta(days=found.window_days) if is_once and found.started_at else None,
        )


def _done(request: Request, who: identity.Principal, act: str, verb: Callable[[Session], Campaign]) -> shapes.CampaignShown:
    """One verb in a transaction, written down; answers the campaign as it stands then."""
    with identity.database_of(request).transaction() as tx:
        done = verb(tx)
        tx.flush()
        after = {"name": done.name, "state": done.state, "version": done.version}
        identity.audit(tx, action=f"campaign.{act}", subject_type="campaign", subject_id=done.id, actor=who, after=after)
        return _shown(tx, done.id)


def _shown(tx: Session, campaign_id: UUID) -> shapes.CampaignShown:
    row = queries.campaign(tx, campaign_id)
    if row is None:
        raise NotFound
    found = tx.get_one(Campaign, campaign_id)
    return shapes.CampaignShown(
        **row._asdict(),
        language=found.language,
        template=shapes.Template(**found.template),
        template_en=None if found.template_en is None else shapes.Template(**found.template_en),
        voucher_days=found.voucher_days,
        window_days=found.window_days,
        days=found.days,
        suggests=found.suggests,
        audience=found.audience,
        waits_until=messages.opens_at(found.channel, messages.house(tx), now=clock.now()),
    )


def _facts(tx: Session, look: shapes.Look, *, now: datetime) -> dict[str, Any]:
    template = look.template.model_dump()
    if unknown := rules.unknown_fields(template, has_voucher=look.has_voucher):
        raise refusals.TemplateUnknownField(fields=", ".join(unknown))
    person = wording.Person("Nguyễn Thị Mai", "Mai", 120)
    if look.customer_id is not None:
        found = queries.person(tx, customer_id=look.customer_id, channel=look.channel)
        if found is None:
            raise NotFound
        person = wording.Person(found.full_name, found.given_name, found.points)
    company = identity.company(tx)
    return wording.worded(
        template,
        person,
        name=look.name,
        company="Placket" if company is None else company.name,
        gift=wording.Gift(wording.SAMPLE_VOUCHER, now + timedelta(days=rules.VOUCHER_DAYS)) if look.has_voucher else None,
        opt_out_url=wording.sample_way_out(),
        goods=_goods(tx, look, now=now),
    )


def _goods(tx: Session, look: shapes.Look, *, now: datetime) -> list[dict[str, Any]]:
    """What the mail would suggest; to somebody who is not there, what sells best."""
    if not look.suggests or look.channel != "email":
        return []
    return suggesting.goods_for(tx, look.customer_id, language=look.language, now=now)


def _letter(tx: Session, look: shapes.Look, *, now: datetime) -> messages.Letter:
    facts = _facts(tx, look, now=now)
    return messages.previewed(facts, channel=look.channel, address="", language=look.language, company=identity.company(tx))


def _with_pictures(letter: messages.Letter) -> str | None:
    """The page with its pictures inside, for a frame that loads nothing."""
    page = letter.html
    if page is None:
        return None
    for name, picture in letter.pictures.items():
        page = page.replace(f"cid:{name}", f"data:image/png;base64,{base64.b64encode(picture).decode()}")
    return page


def _group(bought: queries.Bought) -> shapes.GroupShown:
    return shapes.GroupShown(
        people=bought.group.people,
        buyers=bought.buyers,
        sum_vnd=bought.group.sum_vnd,
        mean_vnd=round(bought.group.mean),
        store_vnd=bought.store_vnd,
        web_vnd=bought.web_vnd,
    )
