"""Routes of the rules of points and tiers: what holds from which day on, what a change would come to, and planning one."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from sqlalchemy.orm import Session

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Strict, refuses
from placket.core.refusals import NotFound
from placket.crm import terms_queries
from placket.crm.rules import Terms
from placket.crm.service import terms

router = APIRouter(prefix="/api/loyalty", tags=["loyalty"])

Read = Annotated[identity.Principal, Depends(identity.Permit("segment.read"))]
Write = Annotated[identity.Principal, Depends(identity.Permit("loyalty.write"))]
Name = Annotated[str, Field(min_length=1, max_length=30, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
Money = Annotated[int, Field(ge=0, le=10**12)]
State = Literal["replaced", "in_force", "planned"]


class Written(Answer):
    """From which day something holds, and who wrote it; nobody for the rules of the company's beginning."""

    valid_from: date
    state: State
    written_at: datetime | None
    written_by_name: str | None


class PointsRuleShown(Written):
    """How points are earned and spent from a day on."""

    earn_per_vnd: int
    point_vnd: int
    pending_days: int
    expire_days: int
    spend_points_min: int
    spend_share_bp_max: int


class TierLine(Answer):
    """A tier of a set."""

    tier: str
    name_vi: str
    name_en: str
    spend_vnd_min: int


class TierSetShown(Written):
    """The tiers from a day on, from the lowest."""

    tiers: list[TierLine]


class TermsShown(Answer):
    """All rules there were, are and will be, the latest first; from which day new ones may hold."""

    points: list[PointsRuleShown]
    tiers: list[TierSetShown]
    earliest_on: date


class PointsRuleText(Strict):
    """How points are earned and spent."""

    earn_per_vnd: Annotated[int, Field(ge=100, le=10**8)]
    point_vnd: Annotated[int, Field(ge=1, le=10**6)]
    pending_days: Annotated[int, Field(ge=0, le=90)]
    expire_days: Annotated[int, Field(ge=1, le=3_650)]
    spend_points_min: Annotated[int, Field(ge=1, le=10**6)]
    spend_share_bp_max: Annotated[int, Field(ge=0, le=10_000)]


class TierText(Strict):
    """A tier as it is written; without a key it is a new one."""

    tier: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")] | None = None
    name_vi: Name
    name_en: Name
    spend_vnd_min: Money


class TierSetText(Strict):
    """A set of tiers, from the lowest, which asks for nothing."""

    tiers: Annotated[list[TierText], Field(min_length=1, max_length=8)]


class TierMoveShown(Answer):
    """So many members would go from one tier (none: they have none yet) to another."""

    from_tier: str | None
    to_tier: str
    people: int


class TierPreviewShown(Answer):
    """What a set would come to if it held today: how many members each of its tiers would have, and who moves."""

    members: int
    up: int
    down: int
    tiers: list[TierLine]
    people: dict[str, int]
    moves: list[TierMoveShown]


class PointsPreview(Answer):
    """What members bought in the last 365 days, and the points of it by the rule in force and by the one that is written."""

    sales: int
    goods_vnd: int
    now_points: int
    then_points: int
    now_vnd: int
    then_vnd: int


@router.get("/terms")
def read_terms(_who: Read, request: Request) -> TermsShown:
    """The rules of points and tiers."""
    on = clock.business_day(clock.now())
    with identity.database_of(request).snapshot() as tx:
        return TermsShown(
            points=[PointsRuleShown(**row._asdict()) for row in terms_queries.points_rules(tx, on)],
            tiers=[TierSetShown(**row._asdict()) for row in terms_queries.tier_sets(tx, on)],
            earliest_on=terms.earliest(on),
        )


@router.post("/tiers/preview", responses=refuses(terms.TiersNotInOrder))
def preview_tiers(body: TierSetText, _who: Read, request: Request) -> TierPreviewShown:
    """How many members would move if these tiers held today."""
    tiers = terms.ordered(_wishes(body))
    with identity.database_of(request).transaction() as tx:
        seen = terms_queries.tiers_previewed(tx, tiers, on=clock.business_day(clock.now()))
    return TierPreviewShown(
        members=sum(seen.people.values()),
        up=seen.up,
        down=seen.down,
        tiers=[TierLine(**asdict(one)) for one in tiers],
        people=seen.people,
        moves=[TierMoveShown(**asdict(move)) for move in seen.moves],
    )


@router.put(
    "/tiers/{valid_from}",
    status_code=204,
    responses=refuses(terms.TermsBegun, terms.TiersNotInOrder, terms.TierInUse),
)
def write_tiers(valid_from: date, body: TierSetText, who: Write, request: Request) -> None:
    """Let a set of tiers hold from a day on; one planned for that day gives way."""
    with identity.database_of(request).transaction() as tx:
        kept = terms.write_tiers(tx, valid_from=valid_from, wishes=_wishes(body), by=who.staff_id, now=clock.now())
        _note(tx, who, "loyalty.tiers_planned", valid_from, {"tiers": [asdict(one) for one in kept]})


@router.delete("/tiers/{valid_from}", status_code=204, responses=refuses(NotFound, terms.TermsBegun))
def drop_tiers(valid_from: date, who: Write, request: Request) -> None:
    """Take a planned set of tiers back."""
    with identity.database_of(request).transaction() as tx:
        terms.drop_tiers(tx, valid_from=valid_from, now=clock.now())
        _note(tx, who, "loyalty.tiers_dropped", valid_from, None)


@router.post("/points/preview")
def preview_points(body: PointsRuleText, _who: Read, request: Request) -> PointsPreview:
    """What last year's sales would have earned by a rule of points, beside the one in force."""
    with identity.database_of(request).snapshot() as tx:
        on = clock.business_day(clock.now())
        return PointsPreview(**asdict(terms_queries.points_previewed(tx, Terms(**body.model_dump()), on=on)))


@router.put("/points/{valid_from}", status_code=204, responses=refuses(terms.TermsBegun, terms.PointsNeverLive))
def write_points(valid_from: date, body: PointsRuleText, who: Write, request: Request) -> None:
    """Let a rule of points hold from a day on; one planned for that day gives way."""
    rule = Terms(**body.model_dump())
    with identity.database_of(request).transaction() as tx:
        terms.write_points(tx, valid_from=valid_from, terms=rule, by=who.staff_id, now=clock.now())
        _note(tx, who, "loyalty.points_planned", valid_from, body.model_dump())


@router.delete("/points/{valid_from}", status_code=204, responses=refuses(NotFound, terms.TermsBegun))
def drop_points(valid_from: date, who: Write, request: Request) -> None:
    """Take a planned rule of points back."""
    with identity.database_of(request).transaction() as tx:
        terms.drop_points(tx, valid_from=valid_from, now=clock.now())
        _note(tx, who, "loyalty.points_dropped", valid_from, None)


def _wishes(body: TierSetText) -> list[terms.TierWish]:
    return [terms.TierWish(**one.model_dump()) for one in body.tiers]


def _note(tx: Session, who: identity.Principal, action: str, valid_from: date, after: dict[str, Any] | None) -> None:
    identity.audit(tx, action=action, subject_type="loyalty", subject_id=valid_from.isoformat(), actor=who, after=after)
