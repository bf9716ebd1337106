"""The day of the chain beside the day it is compared with: put together from the hours of both."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from placket.analytics import queries
from placket.analytics.queries import Hour, Span
from placket.analytics.rules import Compare, Figures, day_before, due_by_now, total
from placket.core.clock import day_bounds

HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Beside:
    """Figures of today until now, of the other day until the same minute, and what the other day took as a whole."""

    today: Figures
    before: Figures
    before_whole_vnd: int


@dataclass(frozen=True, slots=True)
class BranchDay:
    """A branch of the league."""

    place: Row[Any]
    sums: Beside
    due_vnd: int | None
    comparable: bool
    hours_vnd: Sequence[int]


@dataclass(frozen=True, slots=True)
class ChainDay:
    """All of it. The curves are cumulative revenue at the end of each hour, today's as far as it has come."""

    on: date
    before_on: date
    at: datetime
    sums: Beside
    target_vnd: int
    due_vnd: int | None
    today_vnd: Sequence[int]
    before_vnd: Sequence[int]
    branches: Sequence[BranchDay]
    channels: dict[str, Beside]


def day_of(tx: Session, *, on: date, compare: Compare, now: datetime, places: Sequence[UUID] | None) -> ChainDay:
    """A day until ``now``, or the whole of it when it has passed, beside its day of the year before."""
    before_on = day_before(on, compare)
    (starts, ends), (before_starts, before_ends) = day_bounds(on), day_bounds(before_on)
    at = max(min(now, ends), starts)
    cut = before_starts + (at - starts)
    today = queries.hours_of(tx, Span(starts, at, places), cut=at)
    before = queries.hours_of(tx, Span(before_starts, before_ends, places), cut=cut)
    shown = [place for place in queries.branches(tx, on=on, places=places) if place.kind == "branch"]
    target_vnd = sum(place.target_vnd or 0 for place in shown)
    sums = _beside(today, before)
    return ChainDay(
        on=on,
        before_on=before_on,
        at=at,
        sums=sums,
        target_vnd=target_vnd,
        due_vnd=due_by_now(target_vnd, sums.before.revenue_vnd, sums.before_whole_vnd) if target_vnd else None,
        today_vnd=_curve(today),
        before_vnd=_curve(before),
        branches=[_branch(place, today, before, before_on) for place in shown],
        channels={
            channel: _beside(_of(today, channel=channel), _of(before, channel=channel)) for channel in ("store", "web")
        },
    )


def _branch(place: Row[Any], today: list[Hour], before: list[Hour], before_on: date) -> BranchDay:
    """A branch by its own counters: what the web took there counts with the web."""
    mine = [hour for hour in _of(today, channel="store") if hour.location_id == place.id]
    theirs = [hour for hour in _of(before, channel="store") if hour.location_id == place.id]
    sums = _beside(mine, theirs)
    due_vnd = None
    if place.target_vnd:
        due_vnd = due_by_now(place.target_vnd, sums.before.revenue_vnd, sums.before_whole_vnd)
    return BranchDay(
        place=place,
        sums=sums,
        due_vnd=due_vnd,
        comparable=day_bounds(before_on)[0] >= place.opened_on,
        hours_vnd=_curve(mine),
    )


def _of(hours: Iterable[Hour], *, channel: str) -> list[Hour]:
    return [hour for hour in hours if hour.channel == channel]


def _beside(today: Iterable[Hour], before: Iterable[Hour]) -> Beside:
    before = list(before)
    return Beside(
        today=total(hour.figures for hour in today),
        before=total(hour.figures for hour in before if hour.early),
        before_whole_vnd=sum(hour.figures.revenue_vnd for hour in before),
    )


def _curve(hours: Iterable[Hour]) -> list[int]:
    by_hour: dict[int, int] = defaultdict(int)
    for hour in hours:
        by_hour[hour.hour] += hour.figures.revenue_vnd
    return list(accumulate(by_hour[hour] for hour in range(HOURS)))
