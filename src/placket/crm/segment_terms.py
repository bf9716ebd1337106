"""What a segment says of people: conditions that must all be true, as data, and their SQL. Pure (docs/rules/segments.md)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta

Days = Annotated[int, Meta(ge=1, le=3_650)]
Count = Annotated[int, Meta(ge=1, le=100_000)]
Vnd = Annotated[int, Meta(ge=1, le=10**12)]
Keys = Annotated[tuple[str, ...], Meta(min_length=1, max_length=30)]
Ids = Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=60)]


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="group"):
    """Is in one of these RFM groups, or in none of them."""

    any_of: Keys
    isnt: bool = False


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="tier"):
    """Has one of these tiers."""

    any_of: Keys


class Orders(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="orders"):
    """Has bought at least, or at most, so often: ever, or within days."""

    least: Count | None = None
    most: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    days: Days | None = None


class Spent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="spent"):
    """Has spent at least, or less than, so much net of returns: ever, or within days."""

    least_vnd: Vnd | None = None
    under_vnd: Vnd | None = None
    days: Days | None = None


class Last(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="last"):
    """Has bought within days, or not for longer than that."""

    within_days: Days | None = None
    longer_days: Days | None = None


class Bought(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="bought"):
    """Has bought, or never, goods of categories: ever, or within days."""

    categories: Ids
    days: Days | None = None
    isnt: bool = False


class Channel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="channel"):
    """Has bought, or never, in a shop or on the web."""

    channel: Annotated[str, Meta(pattern="^(store|web)$")]
    isnt: bool = False


class Branch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="branch"):
    """Is known at one of these branches."""

    locations: Ids


class Birthday(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="birthday"):
    """Has their birthday within the next days, today included."""

    days: Annotated[int, Meta(ge=0, le=183)]


class Agrees(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="agrees"):
    """Has agreed to something, or has not."""

    purpose: Annotated[str, Meta(pattern="^(loyalty|marketing)$")]
    isnt: bool = False


class Points(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="points"):
    """Has at least so many points."""

    least: Count


class Joined(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="joined"):
    """Has been known for no longer than so many days."""

    within_days: Days


Condition = Group | Tier | Orders | Spent | Last | Bought | Channel | Branch | Birthday | Agrees | Points | Joined


class SegmentTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sentence: everything in it must be true."""

    every: Annotated[tuple[Condition, ...], Meta(min_length=1, max_length=12)]


JOINS: Final = {
    "c": "JOIN customer c ON c.id = a.customer_id",
    "s": "LEFT JOIN customer_score s ON s.customer_id = a.customer_id",
    "t": "LEFT JOIN customer_tier t ON t.customer_id = a.customer_id",
    "g": "LEFT JOIN customer_bought g ON g.customer_id = a.customer_id",
}


@dataclass(slots=True)
class Query:
    """A query in the making: what its names stand for, and what of ``JOINS`` it reads beside the accounts.

    ``only`` narrows it to a few people, whom ``:only`` names.
    """

    on: date
    only: Sequence[UUID] | None = None
    bound: dict[str, Any] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)

    def put(self, value: object) -> str:
        """A value as the query names it."""
        name = f"v{len(self.bound) + 1}"
        self.bound[name] = value
        return f":{name}"

    def of(self, alias: str, column: str) -> str:
        """A column of one of the tables that are read only when a sentence asks for them."""
        self.reads.add(alias)
        return f"{alias}.{column}"

    @property
    def theirs(self) -> str:
        """That a sale is one of theirs, when it is asked about a few."""
        if self.only is None:
            return ""
        return " AND x.customer_id IN (SELECT id FROM customer WHERE id = ANY(:only) OR merged_into = ANY(:only))"


# Everybody who may be in a segment: the accounts are a quarter as wide as the customers, and the few aliases are an index.
EVERYBODY: Final = """a.profiled
   AND NOT EXISTS (SELECT 1 FROM customer m WHERE m.id = a.customer_id AND m.merged_into IS NOT NULL)"""
# A scalar subquery and not EXISTS: nobody may hash ten million lines for the few sales that only swap.
_BUYS: Final = "(x.pieces > 0 OR (SELECT true FROM sale_line l WHERE l.sale_id = x.id AND l.qty > 0 LIMIT 1))"
# Sales without a customer are let through to be nobody's: asked to leave them out, the planner reads a whole index to do so.
_SALES: Final = (
    "SELECT coalesce(k.merged_into, x.customer_id) AS id FROM sale x "
    "LEFT JOIN customer k ON k.id = x.customer_id AND k.merged_into IS NOT NULL "
    "WHERE x.state = 'posted'"
)


def people_sql(terms: SegmentTerms, *, on: date, only: Sequence[UUID] | None = None) -> tuple[str, dict[str, Any]]:
    """The ids of everybody (or of those of a few) of whom the sentence is true on a day, and what its names stand for."""
    query = Query(on, only)
    parts = [f"AND {_sql(condition, query)}" for condition in terms.every]
    if only is not None:
        parts.append("AND a.customer_id = ANY(:only)")
        query.bound["only"] = list(only)
    read = [JOINS[alias] for alias in JOINS if alias in query.reads]
    beginning = "\n  ".join(["SELECT a.customer_id AS id", "FROM customer_account a", *read])
    return "\n   ".join([f"{beginning}\n WHERE {EVERYBODY}", *parts]), query.bound


def readable(sql: str, bound: dict[str, Any]) -> str:
    """The same query with its values in place, to be read and run by people."""
    for name in sorted(bound, key=len, reverse=True):
        sql = sql.replace(f":{name}", _literal(bound[name]))
    return sql


def _literal(value: object) -> str:
    if isinstance(value, list):
        kind = "uuid[]" if isinstance(value[0], UUID) else "int[]" if isinstance(value[0], int) else "text[]"
        return "'{" + ",".join(map(str, value)) + "}'::" + kind
    return str(value) if isinstance(value, int) else f"'{value}'::date" if isinstance(value, date) else f"'{value}'"


def _sql(condition: Condition, query: Query) -> str:
    return _SQL[type(condition)](condition, query)


def _as_said(sql: str, one: Group | Bought | Channel | Agrees) -> str:
    """A condition, or its contrary where the sentence says that somebody is or does not."""
    return f"NOT {sql}" if one.isnt else sql


def _since(days: int | None, query: Query) -> str:
    return "" if days is None else f" AND x.sold_on > CAST({query.put(query.on)} AS date) - {query.put(days)}"


def _among(sold: str) -> str:
    """That somebody is among those of a query of sales. As a join, whatever its size."""
    return f"EXISTS (SELECT 1 FROM ({sold}) x WHERE x.id = a.customer_id)"


def _group(one: Group, query: Query) -> str:
    said = _as_said(f"({query.of('s', 'group_key')} = ANY({query.put(list(one.any_of))}))", one)
    return f"coalesce({said}, {str(one.isnt).lower()})"


def _tier(one: Tier, query: Query) -> str:
    return f"{query.of('t', 'tier')} = ANY({query.put(list(one.any_of))})"


def _orders(one: Orders, query: Query) -> str:
    if one.days is None:
        orders = query.of("s", "orders")
        bounds = [f"coalesce({orders}, 0) >= {query.put(one.least)}"] if one.least is not None else []
        bounds += [f"coalesce({orders}, 0) <= {query.put(one.most)}"] if one.most is not None else []
        return " AND ".join(bounds) or f"{orders} > 0"
    bounds = [_bought_more_than((one.least or 1) - 1, one.days, query)] if one.least is not None or one.most is None else []
    bounds += [f"NOT {_bought_more_than(one.most, one.days, query)}"] if one.most is not None else []
    return " AND ".join(bounds)


def _bought_more_than(most: int, days: int, query: Query) -> str:
    """That somebody has bought more often than that within days. Once is what their last purchase says: no sale is read."""
    if not most:
        since = f"CAST({query.put(query.on)} AS date) - {query.put(days)}"
        return f"coalesce({query.of('s', 'last_sold_on')} > {since}, false)"
    sold = f"{_SALES}{_since(days, query)} AND {_BUYS}{query.theirs} GROUP BY 1 HAVING count(*) > {query.put(most)}"
    return _among(sold)


def _spent(one: Spent, query: Query) -> str:
    if one.days is None:
        net = query.of("s", "net_vnd")
        bounds = [f"coalesce({net}, 0) >= {query.put(one.least_vnd)}"] if one.least_vnd is not None else []
        bounds += [f"coalesce({net}, 0) < {query.put(one.under_vnd)}"] if one.under_vnd is not None else []
        return " AND ".join(bounds) or f"{net} > 0"
    sold = f"{_SALES}{_since(one.days, query)}{query.theirs} GROUP BY 1 HAVING sum(x.total_vnd) >="
    bounds = (
        [_among(f"{sold} {query.put(one.least_vnd or 1)}")] if one.least_vnd is not None or one.under_vnd is None else []
    )
    bounds += [f"NOT {_among(f'{sold} {query.put(one.under_vnd)}')}"] if one.under_vnd is not None else []
    return " AND ".join(bounds)


def _last(one: Last, query: Query) -> str:
    on, last = f"CAST({query.put(query.on)} AS date)", query.of("s", "last_sold_on")
    bounds = [f"{last} > {on} - {query.put(one.within_days)}"] if one.within_days is not None else []
    bounds += [f"{last} <= {on} - {query.put(one.longer_days)}"] if one.longer_days is not None else []
    return " AND ".join(bounds) or f"{last} IS NOT NULL"


def _bought(one: Bought, query: Query) -> str:
    below = (
        f"ARRAY(WITH RECURSIVE below AS (SELECT id FROM category WHERE id = ANY({query.put(list(one.categories))}) "
        "UNION SELECT g.id FROM category g JOIN below ON g.parent_id = below.id) SELECT id FROM below)"
    )
    bought = f"{query.of('g', 'categories')} && {below}"
    if one.days is not None:
        since = f"CAST({query.put(query.on)} AS date) - {query.put(one.days)}"
        bought += (
            " AND EXISTS (SELECT 1 FROM unnest(g.categories, g.last_on) u(category_id, last_on) "
            f"WHERE u.category_id = ANY({below}) AND u.last_on > {since})"
        )
    return f"coalesce({_as_said(f'({bought})', one)}, {str(one.isnt).lower()})"


def _channel(one: Channel, query: Query) -> str:
    said = _as_said(f"({query.put(one.channel)} = ANY({query.of('g', 'channels')}))", one)
    return f"coalesce({said}, {str(one.isnt).lower()})"


def _branch(one: Branch, query: Query) -> str:
    known = f"SELECT b.customer_id FROM customer_branch b WHERE b.location_id = ANY({query.put(list(one.locations))})"
    return f"a.customer_id IN ({known})"


def _birthday(one: Birthday, query: Query) -> str:
    days = [query.on + timedelta(days=after) for after in range(one.days + 1)]
    kept = {(day.month, day.day) for day in days}
    if any((day.month, day.day) == (2, 28) and (day + timedelta(days=1)).day == 1 for day in days):
        kept.add((2, 29))
    codes = sorted(100 * month + day for month, day in kept)
    return f"100 * {query.of('c', 'birth_month')} + {query.of('c', 'birth_day')} = ANY({query.put(codes)})"


def _agrees(one: Agrees, _query: Query) -> str:
    if one.purpose == "loyalty":
        return _as_said("a.earns", one)
    return _as_said("EXISTS (SELECT 1 FROM marketing_consent w WHERE w.customer_id = a.customer_id)", one)


def _points(one: Points, query: Query) -> str:
    return f"a.points >= {query.put(one.least)}"


def _joined(one: Joined, query: Query) -> str:
    return f"{query.of('c', 'created_at')} >= CAST({query.put(query.on)} AS date) - {query.put(one.within_days)}"


_SQL: Final[dict[type, Callable[[Any, Query], str]]] = {
    Group: _group,
    Tier: _tier,
    Orders: _orders,
    Spent: _spent,
    Last: _last,
    Bought: _bought,
    Channel: _channel,
    Branch: _branch,
    Birthday: _birthday,
    Agrees: _agrees,
    Points: _points,
    Joined: _joined,
}
