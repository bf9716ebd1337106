"""The flash sale of the moment: a promotion of some hours that everybody can have, by the shop's own clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from placket import promotions
from placket.core.clock import VIETNAM, business_day, day_bounds
from placket.shop.browsing import Glance
from placket.shop.page import localised
from placket.shop.prices import WEB

LONGEST: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Flash:
    """What the first page tells of it; ``left`` is none when its pieces are not limited."""

    name: str
    path: str
    ends_at: str
    ends_ms: int
    ends_time: str
    left: int | None


def flash_of(seen: Glance, now: datetime, language: str) -> Flash | None:
    """The flash sale that runs now and ends first; none when there is none that shoppers can have."""
    running = []
    for promotion, told in zip(seen.tags.book.promotions, seen.tags.book.published, strict=True):
        ends_at = _ends_at(promotion, now)
        if ends_at is not None and not promotion.voucher and promotion.who is None and _is_online(promotion):
            running.append((ends_at, promotion, told))
    if not running:
        return None
    ends_at, promotion, told = min(running, key=lambda row: (row[0], row[1].id))
    limit = seen.tags.book.limits.get(promotion.id)
    return Flash(
        name=str(told["name_en"] if language == "en" else told["name_vi"]),
        path=_path(seen, promotion, language),
        ends_at=ends_at.isoformat(),
        ends_ms=int(ends_at.timestamp() * 1000),
        ends_time=f"{ends_at.astimezone(VIETNAM):%H:%M}",
        left=None if limit is None else limit.left.pieces,
    )


def _is_online(promotion: promotions.Promotion) -> bool:
    return promotion.where.channels is None or WEB in promotion.where.channels


def _ends_at(promotion: promotions.Promotion, now: datetime) -> datetime | None:
    """When it ends, if it runs now and for no longer than a day."""
    when = promotion.when
    milliseconds = int(now.timestamp() * 1000)
    if not (when.starts_ms or 0) <= milliseconds < (when.ends_ms or milliseconds + 1):
        return None
    if when.weekdays is not None and now.astimezone(VIETNAM).isoweekday() not in when.weekdays:
        return None
    if when.minutes is not None:
        day = day_bounds(business_day(now))[0]
        starts_at, ends_at = (day + timedelta(minutes=minute) for minute in when.minutes)
        return ends_at if starts_at <= now < ends_at else None
    if when.starts_ms is None or when.ends_ms is None or when.ends_ms - when.starts_ms > LONGEST.total_seconds() * 1000:
        return None
    return datetime.fromtimestamp(when.ends_ms // 1000, VIETNAM)


def _path(seen: Glance, promotion: promotions.Promotion, language: str) -> str:
    """The list its goods are in: their category if it is one, else everything that is reduced."""
    ids = promotion.goods.categories or frozenset()
    slugs = [each.slug for each in seen.show.categories if each.id in ids]
    path = f"/c/{slugs[0]}" if len(slugs) == 1 else "/c/all"
    return localised(path, language) + "?reduced=true"
