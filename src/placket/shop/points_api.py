"""The points of a member who is signed in: what they come to, when they turn usable or expire, and every move of them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from placket import crm, identity
from placket.core import clock
from placket.core.http import Answer
from placket.shop import queries
from placket.shop.account_api import REFUSED, SHOPPER, Shopper
from placket.shop.pace import paced

router = APIRouter(prefix="/api/shop/v1/account/points", tags=["shop"], dependencies=[Depends(paced)])

PAGE = 20


class PointsMoved(Answer):
    """Points that came or went together. ``receipt_code`` is the receipt or order that they belong to."""

    kind: str
    points: int
    at: datetime
    receipt_code: str | None
    channel: str | None
    location_name: str | None


class MemberPoints(Answer):
    """All points, those usable now, those still pending, those kept for an order; the next to expire; and the ledger."""

    points: int
    usable: int
    pending: int
    kept: int
    worth_vnd: int
    expiring: int
    expires_at: datetime | None
    items: list[PointsMoved]
    before: int | None


@router.get("", openapi_extra=SHOPPER, responses=REFUSED)
def points(who: Shopper, request: Request, before: Annotated[int | None, Query(ge=1)] = None) -> MemberPoints:
    """The ledger of the member's points, the newest first; ``before`` asks for what came before."""
    now = clock.now()
    with identity.database_of(request).snapshot() as tx:
        lots = queries.points_of(tx, who, now=now)
        terms = crm.terms_on(tx, clock.business_day(now))
        rows = queries.points_moved(tx, crm.ids_of(tx, who), before=before, limit=PAGE + 1)
    shown = rows[:PAGE]
    return MemberPoints(
        **lots._asdict(),
        worth_vnd=0 if terms is None else lots.usable * terms.point_vnd,
        items=[PointsMoved.model_validate(row, from_attributes=True) for row in shown],
        before=shown[-1].last_id if len(rows) > PAGE else None,
    )
