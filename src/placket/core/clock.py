"""Time, read in one place.

Moments are aware UTC and named ``*_at``; a business day is a date in Asia/Ho_Chi_Minh and named ``*_on``.
Only ``api.py`` and ``jobs.py`` files call ``now()``: everything below is handed the moment.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The current moment, aware UTC."""
    return datetime.now(UTC)


def business_day(at: datetime) -> date:
    """The day a shop in Vietnam would write on a receipt printed at ``at``."""
    assert at.tzinfo is not None, "moments are aware"
    return at.astimezone(VIETNAM).date()


def day_bounds(on: date) -> tuple[datetime, datetime]:
    """The half-open UTC period ``[starts_at, ends_at)`` of a business day."""
    starts_at = datetime.combine(on, time.min, VIETNAM)
    ends_at = datetime.combine(on + timedelta(days=1), time.min, VIETNAM)
    return starts_at.astimezone(UTC), ends_at.astimezone(UTC)
