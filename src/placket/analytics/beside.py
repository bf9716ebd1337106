"""Sales of a period by one thing, beside the days they are compared with: what the report shows and what its files hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from placket.analytics import queries
from placket.analytics.queries import By, Span
from placket.analytics.rules import Compare, Figures, day_before
from placket.core.clock import day_bounds

_NOBODY: Final = Figures()


@dataclass(frozen=True, slots=True)
class SalesBeside:
    """Rows by key with their figures of now and before; a period that has not ended is compared until the same minute."""

    before_from_on: date
    before_to_on: date
    at: datetime
    found: Mapping[str | None, Figures]
    before: Mapping[str | None, Figures]
    names: Mapping[str, tuple[str, str]]
    now_whole: Figures
    before_whole: Figures

    def in_order(self) -> list[str | None]:
        """Every key of either period, nobody's last."""
        return sorted({*self.found, *self.before}, key=lambda key: (key is None, key or ""))

    def row(self, key: str | None) -> tuple[Figures, Figures]:
        """Now and before."""
        return self.found.get(key, _NOBODY), self.before.get(key, _NOBODY)


def sales_beside(
    tx: Session, *, from_on: date, to_on: date, by: By, compare: Compare, now: datetime, places: Sequence[UUID] | None
) -> SalesBeside:
    """Sales of days, both inclusive, beside the days from the counterpart of the first to that of the last."""
    starts, at = day_bounds(from_on)[0], min(day_bounds(to_on)[1], now)
    before_from, before_to = day_before(from_on, compare), day_before(to_on, compare)
    before_starts = day_bounds(before_from)[0]
    before_at = day_bounds(before_to)[0] + max(at - day_bounds(to_on)[0], timedelta(0))
    period, earlier = Span(starts, max(at, starts), places), Span(before_starts, before_at, places)
    found, before = queries.sales_by(tx, period, by), queries.sales_by(tx, earlier, by)
    if by == "day":
        before = _days_later(before, from_on - before_from)
    names = queries.names_of(tx, by, [key for key in {*found, *before} if key is not None])
    return SalesBeside(
        before_from_on=before_from,
        before_to_on=before_to,
        at=at,
        found=found,
        before=before,
        names=names,
        now_whole=queries.sales_of(tx, period),
        before_whole=queries.sales_of(tx, earlier),
    )


def _days_later(before: Mapping[str | None, Figures], later: timedelta) -> dict[str | None, Figures]:
    """Figures of days as those of the days they are compared with: the first beside the first, and so on."""
    return {str(date.fromisoformat(day) + later): figures for day, figures in before.items() if day is not None}
