"""What a promotion says, as data: when, where and for whom it runs, on which goods, what it needs and what it gives.

A version of a promotion never changes; a sale keeps the versions it was priced by. The same JSON is read by the tills
(web/packages/selling/src/promotions). The meaning of every field stands in docs/rules/pricing.md.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Vnd = Annotated[int, Meta(ge=0, le=10**12)]
Bp = Annotated[int, Meta(ge=0, le=10_000)]
Count = Annotated[int, Meta(ge=1, le=999)]
Keys = frozenset[str] | None


class Goods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which goods: every kind that is given must hold one of theirs; ``but_not`` takes out again."""

    categories: Keys = None
    seasons: Keys = None
    tags: Keys = None
    styles: Keys = None
    variants: Keys = None
    but_not: "Goods | None" = None


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Half-open in time: ``starts_ms`` is in, ``ends_ms`` is out. Weekdays (Monday 1) and minutes are those of Vietnam."""

    starts_ms: int | None = None
    ends_ms: int | None = None
    weekdays: frozenset[int] | None = None
    minutes: tuple[int, int] | None = None


class Where(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At which locations and in which channels; none is everywhere."""

    locations: Keys = None
    channels: Keys = None


class Who(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For whom: any given kind must fit. ``birthday_days`` is how far from the birthday, to both sides."""

    segments: Keys = None
    tiers: Keys = None
    birthday_days: Annotated[int, Meta(ge=0, le=183)] | None = None


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must be bought of the goods before the promotion gives anything."""

    qty: Annotated[int, Meta(ge=0, le=999)] = 0
    spend_vnd: Vnd = 0


class Percent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="percent"):
    """``bp`` off every piece; with a cap it is one application to all its pieces, and takes off no more than that."""

    bp: Bp
    cap_vnd: Annotated[int, Meta(ge=1, le=10**12)] | None = None


class AmountEach(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="amount_each"):
    """The same đồng off every piece."""

    vnd: Vnd


class FixedPrice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="fixed_price"):
    """Every piece costs this, unless it costs less already."""

    vnd: Vnd


class Amount(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="amount"):
    """Đồng off the goods together, shared by what they cost."""

    vnd: Vnd


class BuyGet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="buy_get"):
    """``get`` pieces are ``bp`` cheaper when ``buy`` are bought with them, as often as it fits; the cheapest are given."""

    buy: Count
    get: Count
    bp: Bp = 10_000
    goods: Goods | None = None


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many pieces of some goods in a bundle."""

    goods: Goods
    qty: Count


class Bundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="bundle"):
    """The parts together cost this, as often as they are in the cart."""

    parts: Annotated[tuple[Part, ...], Meta(min_length=1, max_length=6)]
    vnd: Vnd


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From so many pieces or đồng on: a share or an amount off."""

    at_least: Annotated[int, Meta(ge=1, le=10**12)]
    bp: Bp = 0
    vnd: Vnd = 0


class Tiers(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="tiers"):
    """The highest step that is reached counts for all the goods."""

    by: Literal["qty", "spend"]
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=8)]


class Gift(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="gift"):
    """Up to ``qty`` pieces of the gift goods in the cart cost nothing, the cheapest first."""

    goods: Goods
    qty: Count = 1


Reward = Percent | AmountEach | FixedPrice | Amount | BuyGet | Bundle | Tiers | Gift


class Promotion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One immutable version. ``group`` is the stacking group and its place in the order; ``priority`` orders inside it."""

    id: str
    version: Annotated[int, Meta(ge=1)]
    group: Annotated[int, Meta(ge=1, le=9)]
    reward: Reward
    priority: Annotated[int, Meta(ge=0, le=999)] = 100
    exclusive: bool = False
    voucher: bool = False
    when: When = When()
    where: Where = Where()
    who: Who | None = None
    goods: Goods = Goods()
    need: Need = Need()


class LineFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the cart as promotions see it."""

    variant_id: str
    style_id: str
    category_ids: frozenset[str]
    list_vnd: Vnd
    qty: Count
    season: str | None = None
    tags: frozenset[str] = frozenset()


class CustomerFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What promotions may know of the customer; the birthday is ``MM-DD``."""

    segments: frozenset[str] = frozenset()
    tier: str | None = None
    birthday: Annotated[str, Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")] | None = None


class Left(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a promotion's limits still allow this customer at this moment; none is no limit."""

    uses: int | None = None
    pieces: int | None = None
    budget_vnd: int | None = None


class CartFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a price depends on besides the promotions themselves. ``vouchers`` are the promotions opened by one."""

    at_ms: int
    location_id: str
    channel: str
    lines: tuple[LineFacts, ...]
    customer: CustomerFacts | None = None
    vouchers: frozenset[str] = frozenset()
    left: dict[str, Left] = {}


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much a promotion may give in all and to one customer; none is no limit. Without a customer, to one receipt."""

    uses_max: Annotated[int, Meta(ge=1, le=10**9)] | None = None
    pieces_max: Annotated[int, Meta(ge=1, le=10**9)] | None = None
    budget_vnd: Annotated[int, Meta(ge=1, le=10**15)] | None = None
    uses_a_customer: Annotated[int, Meta(ge=1, le=10**6)] | None = None
    pieces_a_customer: Annotated[int, Meta(ge=1, le=10**6)] | None = None
