"""Routes by which a person's requests about their own data are answered: everything we know as a file, and forgetting it.

Each answer is a line of the audit log, which nobody can change: when it was asked, how, by what we knew that it was them.
"""

from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import identity
from placket.core import clock
from placket.core.http import PAGE, Answer, Cursor, Limit, Page, Strict, decode_cursor, encode_cursor, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.crm import privacy_queries, queries
from placket.crm.api import by_of
from placket.crm.rules import member_code
from placket.crm.service.erasing import AskedLater, ErasureOwed, OrderUnderWay, demand_asked, erase_customer

router = APIRouter(prefix="/api/customers", tags=["customers"])
log_router = APIRouter(prefix="/api/privacy-requests", tags=["customers"])
ROUTERS: Final = (router, log_router)

Answering = Annotated[identity.Principal, Depends(identity.Permit("privacy.answer"))]

# Each part of the file, as one query by every id they had.
PARTS = {
    "profile": "SELECT id, member_no, full_name, phone, email, birth_day, birth_month, note, language, created_at, "
    "merged_into FROM customer WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY merged_into NULLS FIRST, id",
    "consents": "SELECT purpose, granted, channel, way, text_version, given_at FROM consent "
    "WHERE customer_id = ANY(CAST(:ids AS uuid[])) ORDER BY id",
    "purchases": "SELECT s.receipt_code, s.channel, s.state, s.sold_at, s.total_vnd, l.name AS place, "
    "(SELECT jsonb_agg(jsonb_build_object('sku', v.sku, 'name', y.name_vi, 'qty', n.qty, 'total_vnd', n.total_vnd) "
    "ORDER BY n.line_no) FROM sale_line n JOIN variant v ON v.id = n.variant_id JOIN style y ON y.id = v.style_id "
    "WHERE n.sale_id = s.id) AS lines FROM sale s JOIN location l ON l.id = s.location_id "
    "WHERE s.customer_id = ANY(CAST(:ids AS uuid[])) ORDER BY s.sold_at",
    "points": "SELECT kind, points, occurred_at FROM loyalty_entry "
    "WHERE customer_id = ANY(CAST(:ids AS uuid[])) ORDER BY id",
    "credit": "SELECT kind, amount_vnd, reason, occurred_at FROM credit_entry "
    "WHERE customer_id = ANY(CAST(:ids AS uuid[])) ORDER BY id",
    "scores": "SELECT orders, net_vnd, first_sold_on, last_sold_on, r, f, m, group_key, scored_at FROM customer_score "
    "WHERE customer_id = ANY(CAST(:ids AS uuid[]))",
    "tier": "SELECT tier, qualified_on, review_on FROM customer_tier WHERE customer_id = ANY(CAST(:ids AS uuid[]))",
    "segments": "SELECT g.name FROM segment_member m JOIN segment g ON g.id = m.segment_id "
    "WHERE m.customer_id = ANY(CAST(:ids AS uuid[])) ORDER BY 1",
    "messages": "SELECT m.kind, m.channel, m.address, m.purpose, m.state, m.asked_at, m.ended_at, "
    "m.facts - 'opt_out_url' AS says FROM message m WHERE m.customer_id = ANY(CAST(:ids AS uuid[])) OR m.subject_id IN ("
    "SELECT o.id FROM web_order o WHERE o.customer_id = ANY(CAST(:ids AS uuid[])) UNION ALL "
    "SELECT r.id FROM courier_return r WHERE r.customer_id = ANY(CAST(:ids AS uuid[]))) ORDER BY m.asked_at, m.id",
    "campaigns": "SELECT g.name, r.occasion, r.state, r.planned_at, r.opted_out_at FROM campaign_recipient r "
    "JOIN campaign g ON g.id = r.campaign_id WHERE r.customer_id = ANY(CAST(:ids AS uuid[])) ORDER BY r.planned_at, r.id",
    "views": "SELECT action, at FROM audit_log WHERE subject_type = 'customer' "
    "AND subject_id = ANY(CAST(:names AS text[])) ORDER BY at",
}


def everything_of(tx: Session, customer_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """All that is known of a person under every id they had, part by part; who was held out of a campaign is, too."""
    ids = queries.ids_of(tx, customer_id)
    facts = {"ids": ids, "names": [str(one) for one in ids]}
    return {name: [row._asdict() for row in tx.execute(text(sql), facts)] for name, sql in PARTS.items()}


class Asked(Strict):
    """How somebody has asked us, and by what we know that it is them."""

    asked_on: Annotated[date, Field(strict=False)]
    way: Literal["in_person", "phone", "email", "letter"]
    proof: Literal["identity_card", "phone_code", "own_address", "signature"]


class PersonalData(Answer):
    """Everything we know of somebody, part by part."""

    member_code: str
    taken_at: datetime
    parts: dict[str, list[dict[str, Any]]]


class Erased(Answer):
    """The number that stays of somebody."""

    id: UUID
    member_no: int


class PrivacyAnswer(Answer):
    """A request that was answered.

    ``sha256`` is of the file that was handed over; ``is_gone`` says of who was forgotten whether nothing names them now.
    """

    id: int
    kind: Literal["export", "erasure"]
    answered_at: datetime
    staff_name: str | None
    customer_id: UUID
    member_no: int
    full_name: str
    asked_on: date | None
    way: str | None
    proof: str | None
    sha256: str | None
    is_gone: bool | None


@router.post("/{customer_id}/export", response_model=PersonalData, responses=refuses(NotFound, AskedLater))
def export(customer_id: UUID, body: Asked, who: Answering, request: Request) -> Response:
    """Everything we know of somebody, for them; written into the audit log with the file's fingerprint."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        known = queries.customer_seen(tx, customer_id=customer_id, scope=who.scope("privacy.answer"))
        if known is None:
            raise NotFound
        demand_asked(body.asked_on, now)
        parts = everything_of(tx, known.id)
        told = PersonalData(member_code=member_code(known.member_no), taken_at=now, parts=parts)
        file = told.model_dump_json(indent=2).encode()
        after = body.model_dump(mode="json") | {"sha256": sha256(file).hexdigest()}
        identity.audit(tx, action="customer.exported", subject_type="customer", subject_id=known.id, actor=who, after=after)
    return Response(file, media_type="application/json")


@router.post("/{customer_id}/erase", responses=refuses(NotFound, AskedLater, ErasureOwed, OrderUnderWay))
def erase(customer_id: UUID, body: Asked, who: Answering, request: Request) -> Erased:
    """Forget who somebody is; receipts stay under a number. Written into the audit log without what was forgotten."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        known = queries.customer_seen(tx, customer_id=customer_id, scope=who.scope("privacy.answer"))
        if known is None:
            raise NotFound
        demand_asked(body.asked_on, now)
        survivor = erase_customer(tx, customer_id=known.id, by=by_of(who), at=now)
        after = body.model_dump(mode="json")
        identity.audit(tx, action="customer.erased", subject_type="customer", subject_id=survivor, actor=who, after=after)
        return Erased(id=survivor, member_no=known.member_no)


@log_router.get("", responses=refuses(BadCursor))
def answered(who: Answering, request: Request, limit: Limit = PAGE, cursor: Cursor = None) -> Page[PrivacyAnswer]:
    """The requests that were answered, the latest first: who asked for what, when, and what shows that it was done."""
    place = decode_cursor(cursor, int)
    with identity.database_of(request).snapshot() as tx:
        rows = privacy_queries.answered_requests(
            tx, scope=who.scope("privacy.answer"), before=None if place is None else place[0], limit=limit + 1
        )
    return Page(
        items=[PrivacyAnswer(**row._asdict()) for row in rows[:limit]],
        next_cursor=encode_cursor(rows[limit - 1].id) if len(rows) > limit else None,
    )
