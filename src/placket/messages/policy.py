"""Pure rules of advertising: the hours of the day, how often, the label. The law's rule pack beside the house's own rule.

Where both say something the stricter counts. Decree 91/2020/NĐ-CP; sources stand in ``antispam_vn.json``.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from importlib.resources import files
from typing import Any, Final

from placket.core.clock import VIETNAM

_PACK: Final = files("placket.messages") / "antispam_vn.json"
LAW: Final[dict[str, Any]] = json.loads(_PACK.read_text(encoding="utf-8"))["rules"]
LABEL: Final = "[QC]"
DAY: Final = timedelta(hours=24)
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class House:
    """The house's own rule: minutes of the day in which it advertises, and how often at most to one person."""

    from_minute: int
    until_minute: int
    day_max: int
    week_max: int


def hours(channel: str, house: House) -> tuple[int, int]:
    """The minutes of the day ``[from, until)`` in which a channel may advertise: the law's and the house's."""
    first, last = house.from_minute, house.until_minute
    window = LAW.get(channel, {}).get("window")
    if window is not None:
        first, last = max(first, _minute(window[0])), min(last, _minute(window[1]))
    return first, last


def opens_at(channel: str, house: House, *, now: datetime) -> datetime | None:
    """When a channel may advertise again; none when it may now. Hours that never meet the law's open at the law's."""
    first, last = hours(channel, house)
    local = now.astimezone(VIETNAM)
    minute = local.hour * 60 + local.minute
    if first <= minute < last:
        return None
    day = local.date() if minute < first else local.date() + timedelta(days=1)
    return datetime.combine(day, time(first // 60, first % 60), VIETNAM)


def cap_ends(
    channel: str,
    house: House,
    *,
    to_person: Sequence[datetime],
    to_address: Sequence[datetime],
    now: datetime,
) -> datetime | None:
    """When one more may be sent; none when it may now.

    ``to_person`` is when the person was last told something by any channel, ``to_address`` the address by this one.
    """
    limits = [(to_person, DAY, house.day_max), (to_person, WEEK, house.week_max)]
    if channel in LAW:
        limits.append((to_address, DAY, LAW[channel]["max_per_24h"]))
    ends = [end for told, span, most in limits if (end := _free_at(told, span, most, now)) is not None]
    return max(ends, default=None)


def labelled(words: str) -> str:
    """The words with the label of advertising before them, once."""
    return words if words.startswith(tuple(LAW["email"]["label_prefix"])) else f"{LABEL} {words}"


def _free_at(told: Sequence[datetime], span: timedelta, most: int, now: datetime) -> datetime | None:
    recent = sorted(at for at in told if at > now - span)
    return None if len(recent) < most else recent[-most] + span


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
