"""The office's routes for the rules of returns: by goods and price, and by tender, each from a day on."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound
from placket.sales import return_terms
from placket.sales.return_terms import RuleInForce

router = APIRouter(prefix="/api/return-rules", tags=["returns"])

Keeper = Annotated[identity.Principal, Depends(identity.Permit("settings.write"))]
Form = Literal["original", "store_credit", "exchange"]
BackBy = Literal["cash", "card", "transfer", "store_credit"]
Paid = Literal["cash", "card", "transfer", "cod", "store_credit"]
State = Literal["in_force", "planned", "replaced"]


class PolicyRule(Answer):
    """How some goods come back: days after the sale, and what is given for them."""

    id: UUID
    valid_from: date
    category_id: UUID | None
    category_vi: str | None
    category_en: str | None
    off_bp_min: int
    days: int
    forms: list[str]
    written_by: str | None
    written_at: datetime | None
    state: State


class TenderRule(Answer):
    """By which forms a kind of tender goes back."""

    valid_from: date
    kind: str
    back_by: list[str]
    written_by: str | None
    written_at: datetime | None
    state: State


class ReturnRules(Answer):
    """All of them; ``today`` is the day that decides what holds."""

    today: date
    policies: list[PolicyRule]
    tenders: list[TenderRule]


class PolicyWish(Strict):
    """A rule for a category (none: all goods), from so much off the highest price on, from a day on."""

    valid_from: date = Field(strict=False)
    category_id: Id | None = None
    off_bp_min: Annotated[int, Field(ge=0, le=10_000)]
    days: Annotated[int, Field(ge=0, le=3_650)]
    forms: Annotated[list[Form], Field(max_length=3)]


class TenderWish(Strict):
    """By which forms it goes back from a day on."""

    valid_from: date = Field(strict=False)
    back_by: Annotated[list[BackBy], Field(min_length=1, max_length=4)]


@router.get("")
def rules(_who: Keeper, request: Request) -> ReturnRules:
    """Every rule of returns with its days and who wrote it."""
    today = clock.business_day(clock.now())
    with identity.database_of(request).transaction() as tx:
        return ReturnRules(
            today=today,
            policies=[PolicyRule.model_validate(row) for row in return_terms.written_policies(tx, today=today)],
            tenders=[TenderRule.model_validate(row) for row in return_terms.written_tenders(tx, today=today)],
        )


@router.put("/policies/{policy_id}", status_code=204, responses=refuses(NotFound, RuleInForce))
def write_policy(policy_id: UUID, body: PolicyWish, who: Keeper, request: Request) -> None:
    """Plan a rule for some goods."""
    with identity.database_of(request).transaction() as tx:
        return_terms.write_policy(
            tx,
            policy_id=policy_id,
            valid_from=body.valid_from,
            category_id=body.category_id,
            off_bp_min=body.off_bp_min,
            days=body.days,
            forms=body.forms,
            actor_id=who.staff_id,
            now=clock.now(),
        )
        after = body.model_dump(mode="json")
        identity.audit(
            tx, action="return_rule.written", subject_type="returns", subject_id=policy_id, actor=who, after=after
        )


@router.delete("/policies/{policy_id}", status_code=204, responses=refuses(NotFound, RuleInForce))
def drop_policy(policy_id: UUID, who: Keeper, request: Request) -> None:
    """Take back a rule that is only planned."""
    with identity.database_of(request).transaction() as tx:
        return_terms.drop_policy(tx, policy_id=policy_id, now=clock.now())
        identity.audit(tx, action="return_rule.dropped", subject_type="returns", subject_id=policy_id, actor=who)


@router.put("/tenders/{kind}", status_code=204, responses=refuses(RuleInForce))
def write_tender(kind: Paid, body: TenderWish, who: Keeper, request: Request) -> None:
    """Plan by which forms a tender goes back."""
    with identity.database_of(request).transaction() as tx:
        return_terms.write_tender(
            tx, kind=kind, valid_from=body.valid_from, back_by=body.back_by, actor_id=who.staff_id, now=clock.now()
        )
        after = body.model_dump(mode="json")
        identity.audit(tx, action="return_tender.written", subject_type="returns", subject_id=kind, actor=who, after=after)


@router.delete("/tenders/{kind}/{valid_from}", status_code=204, responses=refuses(NotFound, RuleInForce))
def drop_tender(kind: Paid, valid_from: date, who: Keeper, request: Request) -> None:
    """Take back what is only planned for a tender."""
    with identity.database_of(request).transaction() as tx:
        return_terms.drop_tender(tx, kind=kind, valid_from=valid_from, now=clock.now())
        identity.audit(tx, action="return_tender.dropped", subject_type="returns", subject_id=kind, actor=who)
