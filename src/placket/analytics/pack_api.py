"""Routes of subscriptions: who gets which pack of reports by e-mail, and how often."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session

from placket import identity
from placket.analytics import pack_sending as sending
from placket.analytics.pack_models import ReportSubscription
from placket.analytics.packs import Pack
from placket.analytics.rules import Cadence
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound, Refusal

router = APIRouter(prefix="/api/report-subscriptions", tags=["figures"])

Scheduler = Annotated[identity.Principal, Depends(identity.Permit("report.schedule"))]


class GetsItAlready(Refusal):
    """A person gets each pack once a week and once a month at most."""

    code = "gets_it_already"
    vi = "Người này đã nhận báo cáo đó rồi."
    en = "This person gets that report already."


class NoReader(Refusal):
    """Somebody without an address, without the right to read reports, or who has left."""

    code = "no_reader"
    status = 422
    vi = "Người này không có e-mail hoặc không được xem báo cáo."
    en = "This person has no e-mail address or may not read reports."


class ReaderShown(Answer):
    """Somebody who can get a pack."""

    id: UUID
    full_name: str
    email: str


class SubscriptionShown(Answer):
    """Who gets what, and what has become of the last that was sent."""

    id: UUID
    staff_id: UUID
    staff_name: str
    email: str | None
    pack: Pack
    cadence: Cadence
    language: str
    made_at: datetime
    last_state: str | None
    last_at: datetime | None


class SubscriptionsShown(Answer):
    """All subscriptions, and the people who could have one."""

    items: list[SubscriptionShown]
    readers: list[ReaderShown]


class SubscriptionNew(Strict):
    """Somebody is to get a pack."""

    staff_id: Id
    pack: Pack
    cadence: Cadence
    language: Literal["vi", "en"] = "vi"


class SubscriptionMade(Answer):
    """Its id."""

    id: UUID


@router.get("")
def list_subscriptions(_who: Scheduler, request: Request) -> SubscriptionsShown:
    """Who gets which pack, and who could."""
    with identity.database_of(request).transaction() as tx:
        return SubscriptionsShown(
            items=[SubscriptionShown.model_validate(row, from_attributes=True) for row in sending.subscriptions(tx)],
            readers=[ReaderShown.model_validate(row, from_attributes=True) for row in sending.readers(tx)],
        )


@router.post("", status_code=201, responses=refuses(GetsItAlready, NoReader))
def add_subscription(body: SubscriptionNew, who: Scheduler, request: Request) -> SubscriptionMade:
    """Somebody gets a pack, from the end of the period that runs now."""
    with identity.database_of(request).transaction() as tx:
        if body.staff_id not in {row.id for row in sending.readers(tx)}:
            raise NoReader
        made = sending.subscribe(
            tx,
            staff_id=body.staff_id,
            pack=body.pack,
            cadence=body.cadence,
            language=body.language,
            made_by=who.staff_id,
            now=clock.now(),
        )
        if made is None:
            raise GetsItAlready
        told = {"staff_id": str(body.staff_id), "pack": body.pack, "cadence": body.cadence}
        identity.audit(tx, action="report.subscribed", subject_type="staff", subject_id=body.staff_id, actor=who, after=told)
        return SubscriptionMade(id=made)


@router.post("/{subscription_id}/send", status_code=202, responses=refuses(NotFound, NoReader))
def send_subscription(subscription_id: UUID, _who: Scheduler, request: Request) -> None:
    """The pack of the last whole period goes out now as well."""
    with identity.database_of(request).transaction() as tx:
        _known(tx, subscription_id)
        if not sending.send_at_once(tx, subscription_id=subscription_id, now=clock.now()):
            raise NoReader


@router.delete("/{subscription_id}", status_code=204, responses=refuses(NotFound))
def end_subscription(subscription_id: UUID, who: Scheduler, request: Request) -> None:
    """Nothing more is sent."""
    with identity.database_of(request).transaction() as tx:
        kept = _known(tx, subscription_id)
        identity.audit(
            tx,
            action="report.unsubscribed",
            subject_type="staff",
            subject_id=kept.staff_id,
            actor=who,
            before={"pack": kept.pack, "cadence": kept.cadence},
        )
        tx.delete(kept)


def _known(tx: Session, subscription_id: UUID) -> ReportSubscription:
    kept = tx.get(ReportSubscription, subscription_id)
    if kept is None:
        raise NotFound
    return kept
