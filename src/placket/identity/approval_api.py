"""The route by which somebody agrees at a till to what another asked for there."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field, model_validator

from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.identity.access import NotPermitted, Permit, Principal, database_of
from placket.identity.service import approvals
from placket.identity.service.sessions import TooManyAttempts, WrongBadge, WrongPin
from placket.identity.till_api import Reach

router = APIRouter(prefix="/api/approvals", tags=["tills"])


class ApprovalAsked(Strict):
    """Who agrees, by their six digits or by their badge alone, and to what: a verb, and words about it for the log."""

    staff_id: Id | None = None
    pin: Annotated[str, Field(pattern=r"^[0-9]{6}$")] | None = None
    badge: Annotated[str, Field(pattern=r"^06[0-9]{11}$")] | None = None
    verb: Annotated[str, Field(pattern=r"^[a-z]+\.[a-z_]+$", max_length=40)]
    about: Annotated[str, Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        by_pin = self.staff_id is not None and self.pin is not None
        by_badge = self.staff_id is None and self.pin is None
        if not (by_pin if self.badge is None else by_badge):
            raise ValueError("a person with their PIN, or a badge")
        return self


class ApprovalGiven(Answer):
    """An approval: name it, and the person, on what they agreed to."""

    id: UUID
    staff_id: UUID
    staff_name: str
    limits: Reach
    expires_at: datetime


@router.post("", status_code=201, responses=refuses(WrongPin, WrongBadge, TooManyAttempts, NotPermitted))
def approve(body: ApprovalAsked, who: Annotated[Principal, Depends(Permit("sale.sell"))], request: Request) -> ApprovalGiven:
    """Agree to something at this till, by PIN or badge."""
    if who.till is None:
        raise NotPermitted(verb=body.verb)
    now = clock.now()
    database = database_of(request)
    if body.badge is not None:
        staff_id = approvals.approve_by_badge(database, till=who.till, code=body.badge, verb=body.verb, now=now)
    else:
        assert body.staff_id is not None, "a PIN says whose it is"
        assert body.pin is not None, "without a badge there is a PIN"
        staff_id = approvals.approve_by_pin(
            database, till=who.till, staff_id=body.staff_id, pin=body.pin, verb=body.verb, now=now
        )
    with database.transaction() as tx:
        given, name = approvals.give_approval(
            tx, till=who.till, staff_id=staff_id, verb=body.verb, about=body.about, asker=who, now=now
        )
        limits = Reach(discount_bp_max=given.discount_bp_max, refund_vnd_max=given.refund_vnd_max)
        return ApprovalGiven(id=given.id, staff_id=staff_id, staff_name=name, limits=limits, expires_at=given.expires_at)
