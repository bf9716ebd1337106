"""Routes of points and store credit: what somebody has and why, holds for a sale at a till, credit from the office."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import identity
from placket.core import clock
from placket.core.http import PAGE, Answer, Cursor, Id, Limit, Strict, decode_cursor, encode_cursor, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.crm import loyalty_terms_api, queries
from placket.crm.api import by_of
from placket.crm.service import holds, ledger

router = APIRouter(prefix="/api", tags=["loyalty"])
ROUTERS: Final = (router, loyalty_terms_api.router)

Read = Annotated[identity.Principal, Depends(identity.Permit("customer.read"))]
Sell = Annotated[identity.Principal, Depends(identity.Permit("sale.sell"))]
Issue = Annotated[identity.Principal, Depends(identity.Permit("credit.issue"))]


class LotShown(Answer):
    """Points that were earned together."""

    id: UUID
    points: int
    left_points: int
    held: int
    earned_at: datetime
    pending_until: datetime
    expires_at: datetime


class PointEntryShown(Answer):
    """A line of the point ledger."""

    id: int
    lot_id: UUID
    kind: str
    points: int
    ref: UUID | None
    balance: int
    occurred_at: datetime


class CreditEntryShown(Answer):
    """A line of the credit ledger."""

    id: int
    kind: str
    amount_vnd: int
    ref: UUID
    reason: str | None
    staff_name: str | None
    occurred_at: datetime


class RightsShown(Answer):
    """What a customer has: points with their lots and ledger, credit with its ledger."""

    points: int
    spendable: int
    worth_vnd: int
    credit_vnd: int
    credit_held_vnd: int
    earns: bool
    lots: list[LotShown]
    entries: list[PointEntryShown]
    next_cursor: str | None
    credit: list[CreditEntryShown]


class CreditNew(Strict):
    """Store credit for a customer; the id makes a repeat harmless."""

    id: Id
    amount_vnd: Annotated[int, Field(ge=1_000, le=10**9)]
    reason: Annotated[str, Field(min_length=3, max_length=200, pattern=r"\S")]


class CreditIssued(Answer):
    """What the customer has now."""

    credit_vnd: int


class HoldWish(Strict):
    """Keep points (a number) or store credit (đồng) of a customer for one sale of this till."""

    type: Literal["points", "store_credit"]
    id: Id
    amount: Annotated[int, Field(ge=1, le=10**12)]
    request_no: Annotated[int, Field(ge=1, le=2**31 - 1)]
    sale_id: Id


class Held(Answer):
    """It is kept: nobody else can spend it until the sale is posted, void, or the till says that the request is over."""

    hold_id: UUID
    type: str
    customer_id: UUID
    amount: int
    value_vnd: int
    request_no: int
    sale_id: UUID


@router.get("/customers/{customer_id}/account", responses=refuses(NotFound, BadCursor))
def account(customer_id: UUID, who: Read, request: Request, limit: Limit = PAGE, cursor: Cursor = None) -> RightsShown:
    """Points, lots and credit of a customer, and a page of the point ledger."""
    place = decode_cursor(cursor, int)
    now = clock.now()
    with identity.database_of(request).snapshot() as tx:
        known = queries.customer_seen(tx, customer_id=customer_id, scope=who.scope("customer.read"))
        if known is None:
            raise NotFound
        terms = queries.terms_on(tx, clock.business_day(now))
        spendable = queries.spendable_points(tx, customer_id=known.id, now=now)
        before = None if place is None else place[0]
        entries = queries.point_entries(tx, customer_id=known.id, before=before, limit=limit + 1)
        return RightsShown(
            points=known.points,
            spendable=spendable,
            worth_vnd=0 if terms is None else spendable * terms.point_vnd,
            credit_vnd=known.credit_vnd,
            credit_held_vnd=known.credit_held_vnd,
            earns=known.earns,
            lots=[LotShown(**row._asdict()) for row in queries.lots_of(tx, known.id)],
            entries=[PointEntryShown(**row._asdict()) for row in entries[:limit]],
            next_cursor=encode_cursor(entries[limit - 1].id) if len(entries) > limit else None,
            credit=[CreditEntryShown(**row._asdict()) for row in queries.credit_entries(tx, known.id)],
        )


@router.post(
    "/customers/{customer_id}/credit",
    status_code=201,
    responses=refuses(NotFound, ledger.CreditIdReused, ledger.CreditOverLimit, identity.NotPermitted),
)
def issue(customer_id: UUID, body: CreditNew, who: Issue, request: Request) -> CreditIssued:
    """Give a customer store credit. Safe to repeat with the same id."""
    limit_vnd = who.grants["credit.issue"].refund_vnd_max
    if limit_vnd is not None and body.amount_vnd > limit_vnd:
        raise ledger.CreditOverLimit(amount_vnd=body.amount_vnd, limit_vnd=limit_vnd)
    with identity.database_of(request).transaction() as tx:
        known = queries.customer_seen(tx, customer_id=customer_id, scope=who.scope("credit.issue"))
        if known is None:
            raise NotFound
        credit_vnd = ledger.issue_credit(
            tx,
            issue_id=body.id,
            customer_id=known.id,
            amount_vnd=body.amount_vnd,
            reason=body.reason.strip(),
            by=by_of(who),
            now=clock.now(),
        )
        identity.audit(
            tx,
            action="credit.issued",
            subject_type="customer",
            subject_id=known.id,
            actor=who,
            after={"amount_vnd": body.amount_vnd, "reason": body.reason.strip()},
        )
        return CreditIssued(credit_vnd=credit_vnd)


@router.post(
    "/holds",
    status_code=201,
    responses=refuses(
        NotFound,
        holds.NotEnough,
        holds.TooFewPoints,
        holds.NoTerms,
        holds.HoldSettled,
        holds.HoldNumberReused,
        identity.NotPermitted,
    ),
)
def hold(body: HoldWish, who: Sell, request: Request) -> Held:
    """Keep a part of somebody's points or credit for a sale. Safe to repeat; no timer frees it."""
    if who.till is None:
        raise identity.NotPermitted(verb="sale.sell")
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        kept = holds.hold(
            tx,
            right=body.type,
            customer_id=body.id,
            amount=body.amount,
            request_no=body.request_no,
            sale_id=body.sale_id,
            till_id=who.till.id,
            epoch=who.till.epoch,
            staff_id=who.staff_id,
            now=now,
            on=clock.business_day(now),
        )
        return Held(
            hold_id=kept.id,
            type=kept.resource_type,
            customer_id=kept.resource_id,
            amount=kept.amount,
            value_vnd=kept.value_vnd,
            request_no=kept.request_no,
            sale_id=kept.sale_id,
        )
