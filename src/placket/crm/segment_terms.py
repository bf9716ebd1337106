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


JOINS: Final = {"c": "customer", "s": "customer_score", "t": "customer_tier", "g": "customer_bought"}
_KEY: Final = {"c": "id", "s": "customer_id", "t": "customer_id", "g": "customer_id"}


@dataclass(slots=True)
class Query:
    """A query in the making: what its names stand for, and what of ``JOINS`` it reads beside the accounts."""

    on: date
    bound: dict[str, Any] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    denied: dict[str, list[str]] = field(default_factory=dict)

    def put(self, value: object) -> str:
        """A value as the query names it."""
        name = f"v{len(self.bound) + 1}"
        self.bound[name] = value
        return f":{name}"

    def holds(self, alias: str, said: str) -> str:
        """That something is said of somebody's row of a table; of nobody who has none."""
        self.reads.add(alias)
        return said

    def unless(self, alias: str, said: str) -> str:
        """That it is not said: true of whoever has no row, too. ``denials`` says it, of each table at once."""
        self.denied.setdefault(alias, []).append(said)
        return ""

    def denials(self) -> list[str]:
        """What must not be said: looked at in rows that are read anyway; else only rows of which it is said are gathered."""
        return [
            f"({' OR '.join(said)}) IS NOT TRUE"
            if alias in self.reads
            else f"NOT EXISTS (SELECT 1 FROM {JOINS[alias]} {alias} "
            f"WHERE {alias}.{_KEY[alias]} = a.customer_id AND ({' OR '.join(said)}))"
            for alias, said in self.denied.items()
        ]

    def since(self, days: int) -> str:
        """The day before the first of the last so many: what came later counts."""
        return f"CAST({self.put(self.on)} AS date) - {self.put(days)}"

    def lately(self, column: str, until: str, days: int | None) -> str:
        """What of a sum of ``customer_score`` came within days: the whole less what it was before (decision 0010)."""
        if days is None:
            return f"s.{column}"
        return f"s.{column} - coalesce(s.{until}[width_bucket({self.since(days)}, s.sold_days)], 0)"


# Everybody who may be in a segment: the accounts are a quarter as wide as the customers, and the few aliases are an index.
EVERYBODY: Final = """a.profiled
   AND NOT EXISTS (SELECT 1 FROM customer m WHERE m.id = a.customer_id AND m.merged_into IS NOT NULL)"""
# How many they are: those who are nobody's alias are an index, and so are the few who want no profile.
EVERYBODY_SQL: Final = """
    (SELECT count(*) FROM customer WHERE merged_into IS NULL)
    - (SELECT count(*) FROM customer_account a JOIN customer c ON c.id = a.customer_id AND c.merged_into IS NULL
        WHERE NOT a.profiled)
"""


def people_sql(terms: SegmentTerms, *, on: date, only: Sequence[UUID] | None = None) -> tuple[str, dict[str, Any]]:
    """The ids of everybody (or of those of a few) of whom the sentence is true on a day, and what its names stand for."""
    query = Query(on)
    said = [_sql(condition, query) for condition in terms.every]
    parts = [f"AND {part}" for part in (*said, *query.denials()) if part]
    if only is not None:
        parts.append("AND a.customer_id = ANY(:only)")
        query.bound["only"] = list(only)
    read = [f"JOIN {JOINS[one]} {one} ON {one}.{_KEY[one]} = a.customer_id" for one in JOINS if one in query.reads]
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


def _group(one: Group, query: Query) -> str:
    said = f"s.group_key = ANY({query.put(list(one.any_of))})"
    return query.unless("s", said) if one.isnt else query.holds("s", said)


def _tier(one: Tier, query: Query) -> str:
    return query.holds("t", f"t.tier = ANY({query.put(list(one.any_of))})")


def _orders(one: Orders, query: Query) -> str:
    def orders() -> str:
        return query.lately("orders", "orders_until", one.days)

    bounds = [] if one.least is None else [query.holds("s", f"{orders()} >= {query.put(one.least)}")]
    if one.most is not None:
        query.unless("s", f"{orders()} > {query.put(one.most)}")
    return " AND ".join(bounds) if bounds or one.most is not None else query.holds("s", f"{orders()} > 0")


def _spent(one: Spent, query: Query) -> str:
    def spent() -> str:
        return query.lately("net_vnd", "vnd_until", one.days)

    bounds = [] if one.least_vnd is None else [query.holds("s", f"{spent()} >= {query.put(one.least_vnd)}")]
    if one.under_vnd is not None:
        query.unless("s", f"{spent()} >= {query.put(one.under_vnd)}")
    return " AND ".join(bounds) if bounds or one.under_vnd is not None else query.holds("s", f"{spent()} > 0")


def _last(one: Last, query: Query) -> str:
    bounds = [f"s.last_sold_on > {query.since(one.within_days)}"] if one.within_days is not None else []
    bounds += [f"s.last_sold_on <= {query.since(one.longer_days)}"] if one.longer_days is not None else []
    return query.holds("s", " AND ".join(bounds) or "s.last_sold_on IS NOT NULL")


def _bought(one: Bought, query: Query) -> str:
    below = (
        f"ARRAY(WITH RECURSIVE below AS (SELECT id FROM category WHERE id = ANY({query.put(list(one.categories))}) "
        "UNION SELECT g.id FROM category g JOIN below ON g.parent_id = below.id) SELECT id FROM below)"
    )
    # They stand in the order of their last days: those of the last few days are the end of the row.
    lately = "" if one.days is None else f"[1 + width_bucket({query.since(one.days)}, g.last_on):]"
    said = f"g.categories{lately} && {below}"
    return query.unless("g", said) if one.isnt else query.holds("g", said)


def _channel(one: Channel, query: Query) -> str:
    said = "s.on_web" if one.channel == "web" else "s.in_shops"
    return query.unless("s", said) if one.isnt else query.holds("s", said)


def _branch(one: Branch, query: Query) -> str:
    known = f"SELECT b.customer_id FROM customer_branch b WHERE b.location_id = ANY({query.put(list(one.locations))})"
    return f"a.customer_id IN ({known})"


def _birthday(one: Birthday, query: Query) -> str:
    days = [query.on + timedelta(days=after) for after in range(one.days + 1)]
    kept = {(day.month, day.day) for day in days}
    if any((day.month, day.day) == (2, 28) and (day + timedelta(days=1)).day == 1 for day in days):
        kept.add((2, 29))
    codes = sorted(100 * month + day for month, day in kept)
    return query.holds("c", f"100 * c.birth_month + c.birth_day = ANY({query.put(codes)})")


def _agrees(one: Agrees, _query: Query) -> str:
    said = (
        "a.earns"
        if one.purpose == "loyalty"
        else "EXISTS (SELECT 1 FROM marketing_consent w WHERE w.customer_id = a.customer_id)"
    )
    return f"NOT {said}" if one.isnt else said


def _points(one: Points, query: Query) -> str:
    return f"a.points >= {query.put(one.least)}"


def _joined(one: Joined, query: Query) -> str:
    return query.holds("c", f"c.created_at >= {query.since(one.within_days)}")


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
