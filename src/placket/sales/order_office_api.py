"""Routes of the office (B4, B5, B30): orders by what they need, one whole, cancelling, refunds, the provider's events."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from placket import crm, identity, messages, payments
from placket.core import clock
from placket.core.http import PAGE, PAGE_MAX, Answer, Page, Strict, newest_moment_first, page, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.sales import order_fulfilling as fulfilling
from placket.sales import order_jobs, order_office, order_view, ordering
from placket.sales.order_refusals import OrderState

router = APIRouter(prefix="/api/web-orders", tags=["orders"])

Reader = Annotated[identity.Principal, Depends(identity.Permit("order.read"))]
Keeper = Annotated[identity.Principal, Depends(identity.Permit("order.manage"))]
Reason = Annotated[str, Field(min_length=3, max_length=300, pattern=r"\S")]
View = Literal["to_do", "to_collect", "on_its_way", "payment_trouble", "open", "all"]


class OrdersWanted(BaseModel):
    """Which orders; ``q`` is a code, the end of a phone number, or a name."""

    view: View = "all"
    q: Annotated[str | None, Field(max_length=60)] = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE
    cursor: Annotated[str | None, Field(max_length=500)] = None


class OrderListed(Answer):
    """An order in a list; ``needs`` says what somebody has to do about it."""

    id: UUID
    code: str
    state: str
    kind: str
    name: str | None
    phone: str | None
    method: str | None
    pieces: int
    total_vnd: int
    placed_at: datetime
    places: list[str]
    payment_state: str | None
    needs: list[str]


class Counts(Answer):
    """How many orders each view has."""

    to_do: int
    to_collect: int
    on_its_way: int
    payment_trouble: int
    open: int


class AttemptShown(Answer):
    """An attempt to pay, with the provider's names for it."""

    id: UUID
    attempt: int
    method: str
    state: str
    amount_vnd: int
    currency: str
    amount_minor: int
    session_id: str | None
    intent_id: str | None
    failure: str | None
    created_at: datetime
    ended_at: datetime | None


class RefundSeen(Answer):
    """Money that goes back."""

    id: UUID
    order_id: UUID
    code: str
    method: str
    amount_vnd: int
    reason: str
    state: str
    failure: str | None
    provider_id: str | None
    tries: int
    requested_at: datetime
    ended_at: datetime | None
    settled_by: str | None
    settled_note: str | None


class MoveSeen(Answer):
    """A promise of a line, as it stood at a place."""

    line_no: int
    location_name: str
    phase: str
    created_at: datetime
    moved: bool


class EventSeen(Answer):
    """Something the provider told us."""

    provider: str
    event_id: str
    kind: str
    object_id: str
    made_at: datetime
    received_at: datetime
    heard: int
    applied_at: datetime | None
    outcome: str | None
    tries: int


class SaleOf(Answer):
    """A parcel's sale."""

    sale_id: UUID
    receipt_code: str
    total_vnd: int
    location_name: str
    left_at: datetime


class MessageOf(Answer):
    """What the customer was told: by which way, to whom (masked), and what has become of it."""

    kind: str
    channel: Literal["email", "sms", "push"]
    address: str
    state: Literal["waiting", "sent", "failed", "too_late"]
    asked_at: datetime
    ended_at: datetime | None
    failure: str | None


class OrderWhole(Answer):
    """An order as the office sees it: as its customer does, and what stands behind that."""

    seen: dict[str, Any]
    attempts: list[AttemptShown]
    refunds: list[RefundSeen]
    moves: list[MoveSeen]
    events: list[EventSeen]
    sales: list[SaleOf]
    messages: list[MessageOf]
    back_vnd: int


class Cancelled(Strict):
    """Why an order is cancelled."""

    reason: Reason


class SettledBy(Strict):
    """How the money went back."""

    note: Reason


@router.get("", responses=refuses(BadCursor))
def list_orders(who: Reader, request: Request, wanted: Annotated[OrdersWanted, Query()]) -> Page[OrderListed]:
    """Orders of the places one may look at, the newest first; those that need somebody, by view."""
    before = newest_moment_first(wanted.cursor)
    with identity.database_of(request).transaction() as tx:
        rows = order_office.page(
            tx, scope=who.scope("order.read"), view=wanted.view, q=wanted.q, before=before, limit=wanted.limit + 1
        )
    found = [OrderListed.model_validate(_masked(row, who)) for row in rows]
    items, cursor = page(found, wanted.limit, lambda one: (one.placed_at.isoformat(), one.id))
    return Page(items=items, next_cursor=cursor)


@router.get("/counts")
def counts(who: Reader, request: Request) -> Counts:
    """How many orders each view has."""
    with identity.database_of(request).transaction() as tx:
        return Counts.model_validate(order_office.counts(tx, scope=who.scope("order.read")))


@router.get("/refunds")
def refunds(who: Reader, request: Request) -> list[RefundSeen]:
    """Refunds that wait or have failed, failed ones first; those of a week besides."""
    with identity.database_of(request).transaction() as tx:
        rows = order_office.refunds(tx, scope=who.scope("order.read"), now=clock.now())
    return [RefundSeen.model_validate(row, from_attributes=True) for row in rows]


@router.post("/refunds/{refund_id}/retry", status_code=204, responses=refuses(NotFound, payments.online.RefundNotOpen))
def retry(refund_id: UUID, who: Keeper, request: Request) -> None:
    """Ask the provider once more for a refund that has failed."""
    with identity.database_of(request).transaction() as tx:
        order_office.demand_refund(tx, refund_id, who)
        payments.online.retry_refund(tx, refund_id=refund_id, who=who)


@router.post("/refunds/{refund_id}/settle", status_code=204, responses=refuses(NotFound, payments.online.RefundNotOpen))
def settle(refund_id: UUID, body: SettledBy, who: Keeper, request: Request) -> None:
    """The money has gone back another way."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        order_id = order_office.demand_refund(tx, refund_id, who)
        payments.online.settle_refund(tx, refund_id=refund_id, note=body.note.strip(), who=who, now=now)
        order = ordering.locked(tx, order_id)
        ordering.note(tx, order, "refunded", at=now, staff_id=who.staff_id, refund=str(refund_id))
        ordering.changed(tx, order)


@router.get("/events")
def events(
    who: Annotated[identity.Principal, Depends(identity.Permit("payment.read"))],
    request: Request,
    which: Literal["all", "waiting"] = "all",
) -> list[EventSeen]:
    """What the provider told us lately, the newest first; or what is still to be applied."""
    del who
    with identity.database_of(request).transaction() as tx:
        rows = order_office.events(tx, which=which)
    return [EventSeen.model_validate(row, from_attributes=True) for row in rows]


@router.post("/events/{event_id}/replay", responses=refuses(NotFound))
def replay(
    event_id: str,
    who: Annotated[identity.Principal, Depends(identity.Permit("order.manage"))],
    request: Request,
) -> EventSeen:
    """Apply a stored event once more: what is known already changes nothing."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        if order_office.event(tx, event_id) is None:
            raise NotFound
        order_jobs.apply(tx, provider="stripe", event_id=event_id, now=now)
        identity.audit(
            tx, action="provider_event.replayed", subject_type="provider_event", subject_id=event_id, actor=who, after={}
        )
        return EventSeen.model_validate(order_office.event(tx, event_id), from_attributes=True)


@router.get("/{order_id}", responses=refuses(NotFound))
def order(order_id: UUID, who: Reader, request: Request) -> OrderWhole:
    """An order with everything it caused; ``back_vnd`` is what cancelling it now would give back."""
    with identity.database_of(request).snapshot() as tx:
        return _whole(tx, order_id, who)


@router.post("/{order_id}/cancel", responses=refuses(NotFound, OrderState, payments.ProviderAway, identity.NotPermitted))
def cancel(order_id: UUID, body: Cancelled, who: Keeper, request: Request) -> OrderWhole:
    """Cancel what has not left yet: unpaid goods are free again, what was paid for the rest goes back."""
    database, now = identity.database_of(request), clock.now()
    with database.transaction() as tx:
        order_office.demand(tx, order_id, who.scope("order.manage"))
        state, means = ordering.order_of(tx, order_id).state, order_jobs.means_of(tx)
    if state in {"asking", "held"}:
        order_jobs.end_unpaid(database, order_id, means, state="cancelled", reason="shop", now=now)
    with database.transaction() as tx:
        if ordering.locked(tx, order_id).state == "confirmed":  # by now its customer may have ended it
            fulfilling.cancel(tx, order_id=order_id, now=now, staff_id=who.staff_id)
        identity.audit(
            tx,
            action="order.cancelled",
            subject_type="web_order",
            subject_id=order_id,
            actor=who,
            after={"reason": body.reason.strip()},
        )
    with database.snapshot() as tx:
        return _whole(tx, order_id, who)


def _whole(tx: Session, order_id: UUID, who: identity.Principal) -> OrderWhole:
    order_office.demand(tx, order_id, who.scope("order.read"))
    found = ordering.order_of(tx, order_id)
    seen = order_view.order_shown(tx, found, key="", now=clock.now())
    if not who.may("customer.reveal") and seen["recipient"] is not None:
        seen["recipient"] |= {"phone": crm.masked_phone(seen["recipient"]["phone"]), "email": None}
    behind = order_office.behind(tx, order_id)
    told = [MessageOf.model_validate(one, from_attributes=True) for one in messages.of_subject(tx, order_id)]
    return OrderWhole.model_validate({"seen": seen, "messages": told, **behind})


def _masked(row: dict[str, Any], who: identity.Principal) -> dict[str, Any]:
    if who.may("customer.reveal") or row["phone"] is None:
        return row
    return row | {"phone": crm.masked_phone(row["phone"])}
