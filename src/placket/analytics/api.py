"""Routes of the dashboard and of reports. Both show a person only the places where they may read reports."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from placket import identity
from placket.analytics import queries
from placket.analytics.beside import sales_beside
from placket.analytics.dashboard import Beside, ChainDay, day_of
from placket.analytics.queries import By
from placket.analytics.rules import FIRST_DAY, LAST_DAY, Compare, Figures
from placket.core import clock
from placket.core.http import Answer, refuses
from placket.core.refusals import NotFound, Refusal

router = APIRouter(prefix="/api", tags=["figures"])

Reader = Annotated[identity.Principal, Depends(identity.Permit("report.read"))]
MOST_DAYS: Final = 731
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]


class BadPeriod(Refusal):
    """A period that ends before it begins, or is longer than two years."""

    code = "bad_period"
    status = 422
    vi = "Khoảng ngày không hợp lệ: ngày cuối phải sau ngày đầu, nhiều nhất {days} ngày."
    en = "The period is not valid: it ends on or after its first day and has at most {days} days."


class DayWanted(BaseModel):
    """Which day, at which place, beside which day of the year before."""

    on: Day | None = None
    compare: Compare = "weekday"
    location_id: UUID | None = None


class PeriodWanted(BaseModel):
    """Which days (both inclusive), by what, at which place, beside which days of the year before."""

    from_on: Day
    to_on: Day
    by: By
    compare: Compare = "weekday"
    location_id: UUID | None = None


class FiguresShown(Answer):
    """Sales in sums: money after discounts and returns, with VAT and without; bills that sold something; pieces."""

    revenue_vnd: int
    net_vnd: int
    bills: int
    sold: int
    returned: int


class BesideShown(Answer):
    """Today until now, the other day until the same minute, and what the other day took as a whole."""

    today: FiguresShown
    before: FiguresShown
    before_whole_vnd: int


class BranchShown(Answer):
    """A branch of the league; ``due_vnd`` is what should be there now of its target."""

    location_id: UUID
    code: str
    name: str
    city: str
    sums: BesideShown
    target_vnd: int | None
    due_vnd: int | None
    comparable: Annotated[bool, Field(description="Whether it was open on the day compared with.")]
    hours_vnd: Annotated[list[int], Field(description="Revenue at the end of each hour of the day, summed up.")]


class ChannelShown(Answer):
    """A channel."""

    channel: str
    sums: BesideShown


class FlashShown(Answer):
    """A promotion of so many pieces and no more. Its margin is told to whoever may see costs, where all are known."""

    id: UUID
    name_vi: str
    name_en: str
    pieces: int
    pieces_max: int
    sales: int
    given_vnd: int
    starts_at: datetime | None
    ends_at: datetime | None
    margin_bp: int | None


class DashboardShown(Answer):
    """The day of the chain, or of one place."""

    on: date
    before_on: date
    at: datetime
    sums: BesideShown
    target_vnd: int
    due_vnd: int | None
    today_vnd: list[int]
    before_vnd: list[int]
    branches: list[BranchShown]
    channels: list[ChannelShown]
    flash: list[FlashShown]


class RowShown(Answer):
    """A row of a report, with its figures of the year before."""

    key: str | None
    name_vi: str | None
    name_en: str | None
    now: FiguresShown
    before: FiguresShown


class ReportShown(Answer):
    """Sales of a period, by one thing. A day that has not ended is compared until the same minute."""

    from_on: date
    to_on: date
    before_from_on: date
    before_to_on: date
    at: datetime
    rows: list[RowShown]
    now: FiguresShown
    before: FiguresShown


@router.get("/dashboard", responses=refuses(NotFound))
def show_day(who: Reader, request: Request, wanted: Annotated[DayWanted, Query()]) -> DashboardShown:
    """A day beside its day of the year before: cumulative curves, branches against their targets, channels, flash sales."""
    now = clock.now()
    on = wanted.on or clock.business_day(now)
    with identity.database_of(request).transaction() as tx:
        places = places_of(who, wanted.location_id)
        day = day_of(tx, on=on, compare=wanted.compare, now=now, places=places)
        flash = queries.running_flash(tx, at=now)
        margins = queries.margins_of(tx, [row.id for row in flash]) if who.may("purchase.read") else {}
    return DashboardShown(
        on=day.on,
        before_on=day.before_on,
        at=day.at,
        sums=_beside(day.sums),
        target_vnd=day.target_vnd,
        due_vnd=day.due_vnd,
        today_vnd=list(day.today_vnd),
        before_vnd=list(day.before_vnd),
        branches=_league(day),
        channels=[ChannelShown(channel=channel, sums=_beside(sums)) for channel, sums in day.channels.items()],
        flash=[FlashShown(**row._asdict(), margin_bp=margins.get(row.id)) for row in flash],
    )


@router.get("/reports/sales", responses=refuses(NotFound, BadPeriod))
def report_sales(who: Reader, request: Request, wanted: Annotated[PeriodWanted, Query()]) -> ReportShown:
    """Sales of a period by branch, channel, member of staff, category, hour, weekday or day, beside the year before."""
    if not timedelta(0) <= wanted.to_on - wanted.from_on < timedelta(days=MOST_DAYS):
        raise BadPeriod(days=MOST_DAYS)
    places = places_of(who, wanted.location_id)
    with identity.database_of(request).transaction() as tx:
        told = sales_beside(
            tx,
            from_on=wanted.from_on,
            to_on=wanted.to_on,
            by=wanted.by,
            compare=wanted.compare,
            now=clock.now(),
            places=places,
        )
    return ReportShown(
        from_on=wanted.from_on,
        to_on=wanted.to_on,
        before_from_on=told.before_from_on,
        before_to_on=told.before_to_on,
        at=told.at,
        rows=[
            RowShown(
                key=key,
                name_vi=told.names.get(key or "", (None, None))[0],
                name_en=told.names.get(key or "", (None, None))[1],
                now=_shown(told.row(key)[0]),
                before=_shown(told.row(key)[1]),
            )
            for key in told.in_order()
        ],
        now=_shown(told.now_whole),
        before=_shown(told.before_whole),
    )


def places_of(who: identity.Principal, location_id: UUID | None) -> list[UUID] | None:
    """The places whose sales one may see, or the one asked for. Refuses ``NotFound`` for one out of reach."""
    scope = who.scope("report.read")
    if location_id is None:
        return scope
    if scope is not None and location_id not in scope:
        raise NotFound
    return [location_id]


def _league(day: ChainDay) -> list[BranchShown]:
    return [
        BranchShown(
            location_id=branch.place.id,
            code=branch.place.code,
            name=branch.place.name,
            city=branch.place.city,
            sums=_beside(branch.sums),
            target_vnd=branch.place.target_vnd,
            due_vnd=branch.due_vnd,
            comparable=branch.comparable,
            hours_vnd=list(branch.hours_vnd),
        )
        for branch in day.branches
    ]


def _beside(sums: Beside) -> BesideShown:
    return BesideShown(today=_shown(sums.today), before=_shown(sums.before), before_whole_vnd=sums.before_whole_vnd)


def _shown(figures: Figures) -> FiguresShown:
    return FiguresShown(**asdict(figures))
