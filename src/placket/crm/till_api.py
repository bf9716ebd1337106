"""Routes by which a till keeps the customers of its branch, and finds by a whole number whoever comes from elsewhere."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Strict, refuses
from placket.core.refusals import NotFound
from placket.crm import queries
from placket.crm.rules import masked_phone, phone_of
from placket.crm.service.customers import PhoneInvalid

router = APIRouter(prefix="/api/till/customers", tags=["tills"])

AtTill = Annotated[identity.Principal, Depends(identity.Permit("customer.read"))]
PAGE = 5_000


class TermsShown(Answer):
    """How points are earned and spent today."""

    earn_per_vnd: int
    point_vnd: int
    pending_days: int
    spend_points_min: int
    spend_share_bp_max: int


class BranchCustomers(Answer):
    """The people of a branch, whole or what has changed since a cursor.

    A row is [id, member number, name, masked phone, last digits, birthday ``MM-DD``, points, pending [[until, points]],
    credit, last sale, earns, note, tier, segments], moments in ms. ``next`` asks for the next page; the first
    page's cursor is kept.
    """

    whole: bool
    cursor: str
    rows: list[list[Any]]
    merged: list[list[UUID]]
    next: UUID | None
    terms: TermsShown | None


class Number(Strict):
    """A whole phone number, or the number of a member's card."""

    phone: Annotated[str, Field(max_length=40)] | None = None
    member_no: Annotated[int, Field(ge=1, le=999_999_999)] | None = None


class Found(Answer):
    """A customer as a till keeps one."""

    row: list[Any]


@router.get("", responses=refuses(identity.NotPermitted))
def customers(
    who: AtTill,
    request: Request,
    cursor: Annotated[str | None, Query(max_length=500, pattern=r"^[0-9a-f-]{36}/\d+:\d+:[\d,]*$")] = None,
    after: UUID | None = None,
) -> BranchCustomers:
    """What a till keeps of its branch's customers: everything in pages, or what has changed since the cursor."""
    location_id, now = _branch_of(who), clock.now()
    with identity.database_of(request).snapshot() as tx:
        terms = queries.terms_on(tx, clock.business_day(now))
        shown = None if terms is None else TermsShown.model_validate(terms, from_attributes=True)
        if cursor is not None:
            changes = queries.branch_changes(tx, location_id=location_id, cursor=cursor, now=now)
            if changes is not None:
                return BranchCustomers(
                    whole=False,
                    cursor=changes.cursor,
                    rows=_rows(changes.rows),
                    merged=[[row.id, row.merged_into] for row in changes.merged],
                    next=None,
                    terms=shown,
                )
        rows = queries.branch_customers(tx, location_id=location_id, after=after, limit=PAGE + 1, now=now)
        return BranchCustomers(
            whole=True,
            cursor=queries.cursor_now(tx),
            rows=_rows(rows[:PAGE]),
            merged=[],
            next=rows[PAGE - 1].id if len(rows) > PAGE else None,
            terms=shown,
        )


@router.post("/find", responses=refuses(NotFound, PhoneInvalid, identity.NotPermitted))
def find(body: Number, who: AtTill, request: Request) -> Found:
    """The customer with this whole number, wherever they are at home. From now on this branch knows them."""
    location_id, now = _branch_of(who), clock.now()
    phone = None if body.phone is None else phone_of(body.phone)
    if body.phone is not None and phone is None:
        raise PhoneInvalid
    with identity.database_of(request).transaction() as tx:
        customer_id = queries.customer_by_number(tx, phone=phone, member_no=body.member_no)
        if customer_id is None:
            raise NotFound
        _meet(tx, location_id, customer_id)
        return Found(row=_row(queries.branch_row(tx, location_id=location_id, customer_id=customer_id, now=now)))


def _meet(tx: Session, location_id: UUID, customer_id: UUID) -> None:
    tx.execute(
        text("INSERT INTO customer_branch (location_id, customer_id) VALUES (:place, :id) ON CONFLICT DO NOTHING"),
        {"place": location_id, "id": customer_id},
    )


def _rows(rows: Sequence[Row[Any]]) -> list[list[Any]]:
    return [_row(row) for row in rows]


def _row(row: Row[Any]) -> list[Any]:
    birthday = None if row.birth_day is None else f"{row.birth_month:02d}-{row.birth_day:02d}"
    last_ms = None if row.last_sold_at is None else int(row.last_sold_at.timestamp() * 1000)
    return [
        row.id,
        row.member_no,
        row.full_name,
        masked_phone(row.phone),
        (row.phone or "")[-4:],
        birthday,
        row.points,
        row.pending or [],
        row.credit_vnd,
        last_ms,
        row.earns,
        row.note,
        row.tier,
        row.segments,
    ]


def _branch_of(who: identity.Principal) -> UUID:
    if who.till is None:
        raise identity.NotPermitted(verb="customer.read")
    return who.till.location_id
