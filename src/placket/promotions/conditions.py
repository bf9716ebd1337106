"""Whether a promotion may take part: time, place, customer, voucher and limits; and which goods it means."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Final

from placket.promotions.terms import CartFacts, Goods, LineFacts, Promotion

DAY_MS: Final = 86_400_000
MINUTE_MS: Final = 60_000
VIETNAM_MS: Final = 7 * 3_600_000  # UTC+7 the whole year: Vietnam has no summer time
THURSDAY: Final = 3  # the weekday of 1970-01-01, Monday being 0


def refusal_of(promotion: Promotion, cart: CartFacts) -> str | None:
    """Why the promotion takes no part in this cart, if so. ``elsewhere`` and ``no_voucher`` are not worth saying."""
    where = promotion.where
    if (where.locations is not None and cart.location_id not in where.locations) or (
        where.channels is not None and cart.channel not in where.channels
    ):
        return "elsewhere"
    if promotion.voucher and promotion.id not in cart.vouchers:
        return "no_voucher"
    return _wrong_time(promotion, cart.at_ms) or _wrong_customer(promotion, cart) or _used_up(promotion, cart)


def holds(goods: Goods, line: LineFacts) -> bool:
    """Whether a line is of these goods."""
    return (
        (goods.variants is None or line.variant_id in goods.variants)
        and (goods.styles is None or line.style_id in goods.styles)
        and (goods.categories is None or not goods.categories.isdisjoint(line.category_ids))
        and (goods.seasons is None or line.season in goods.seasons)
        and (goods.tags is None or not goods.tags.isdisjoint(line.tags))
        and (goods.but_not is None or not _any_of(goods.but_not, line))
    )


def _any_of(goods: Goods, line: LineFacts) -> bool:
    """Whether one kind alone holds the line: what is taken out, is taken out for any one reason."""
    return (
        (goods.variants is not None and line.variant_id in goods.variants)
        or (goods.styles is not None and line.style_id in goods.styles)
        or (goods.categories is not None and not goods.categories.isdisjoint(line.category_ids))
        or (goods.seasons is not None and line.season in goods.seasons)
        or (goods.tags is not None and not goods.tags.isdisjoint(line.tags))
    )


def _wrong_time(promotion: Promotion, at_ms: int) -> str | None:
    when = promotion.when
    if when.starts_ms is not None and at_ms < when.starts_ms:
        return "not_yet"
    if when.ends_ms is not None and at_ms >= when.ends_ms:
        return "over"
    day, in_day_ms = divmod(at_ms + VIETNAM_MS, DAY_MS)
    if when.weekdays is not None and (day + THURSDAY) % 7 + 1 not in when.weekdays:
        return "not_now"
    if when.minutes is not None and not when.minutes[0] <= in_day_ms // MINUTE_MS < when.minutes[1]:
        return "not_now"
    return None


def _wrong_customer(promotion: Promotion, cart: CartFacts) -> str | None:
    who = promotion.who
    if who is None:
        return None
    customer = cart.customer
    if customer is None:
        return "needs_customer"
    if who.segments is not None and who.segments.isdisjoint(customer.segments):
        return "not_for_customer"
    if who.tiers is not None and customer.tier not in who.tiers:
        return "not_for_customer"
    if who.birthday_days is not None and not _near_birthday(customer.birthday, cart.at_ms, who.birthday_days):
        return "not_for_customer"
    return None


def _near_birthday(birthday: str | None, at_ms: int, days: int) -> bool:
    """Within so many days of the birthday, over the turn of the year too; 29 February is kept on the 28th in other years."""
    if birthday is None:
        return False
    today = (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms + VIETNAM_MS)).date()
    month, day = int(birthday[:2]), int(birthday[3:])
    years = (today.year - 1, today.year, today.year + 1)
    return any(abs((today - _day_of(year, month, day)).days) <= days for year in years)


def _day_of(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _used_up(promotion: Promotion, cart: CartFacts) -> str | None:
    left = cart.left.get(promotion.id)
    if left is None:
        return None
    spent = any(limit is not None and limit <= 0 for limit in (left.uses, left.pieces, left.budget_vnd))
    return "used_up" if spent else None
