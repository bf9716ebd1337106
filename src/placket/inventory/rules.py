"""Pure rules of places: when a branch is open."""

from collections.abc import Mapping
from datetime import datetime, time

from placket.core.clock import VIETNAM

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

OpeningHours = Mapping[str, str]
"""Day → opening and closing time in Vietnam, ``{"mon": "09:00-22:00"}``; a day that is missing is closed."""


def is_open(hours: OpeningHours, at: datetime) -> bool:
    """Whether a branch is open at a moment; the closing minute is closed."""
    local = at.astimezone(VIETNAM)
    period = hours.get(DAYS[local.weekday()])
    if not period:
        return False
    opens, closes = (time.fromisoformat(each) for each in period.split("-"))
    return opens <= local.time() < closes
