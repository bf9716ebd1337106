"""What the demo chain sells: styles with their names, colours, sizes, seasons, barcodes and price lists.

A plan in memory, made from the seed alone, so that a later start can make it again and go on selling the same goods.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from random import Random
from typing import Final

from placket import catalog
from placket.core.clock import day_bounds
from placket.core.money import part_of, rounded_to
from placket.demo import vocabulary
from placket.demo.dice import dice, make_id
from placket.demo.sizes import Size
from placket.demo.vocabulary import KINDS, Kind

TIMELESS: Final = 0.2  # of the styles belong to no season and are always bought again
SUPPLIER_CODES: Final = 0.18  # of the variants carry their maker's 893 code too
COLOURS_OF_STYLE: Final = ((2, 17), (3, 38), (4, 30), (5, 15))


@dataclass(frozen=True, slots=True)
class Season:
    """Spring-summer from February, autumn-winter from August."""

    id: str
    code: str
    name_vi: str
    name_en: str
    starts_on: date
    ends_on: date

    @property
    def is_cold(self) -> bool:
        """Whether it is an autumn and winter."""
        return self.code.startswith("TD")


@dataclass(frozen=True, slots=True)
class Variant:
    """One colour and size of a style."""

    id: str
    colour: int
    size: int
    sku: str
    search_text: str
    barcodes: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Style:
    """A style with its variants. ``appeal`` is how well it sells among its like; ``look`` chooses its picture."""

    id: str
    kind: Kind
    code: str
    name_vi: str
    name_en: str
    season: Season | None
    launched_on: date
    price_vnd: int
    appeal: float
    look: int
    colours: tuple[int, ...]
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices by style (place in the plan) that hold for a channel and a time."""

    id: str
    code: str
    name: str
    channel: str | None
    starts_at: datetime
    ends_at: datetime | None
    priority: int
    prices: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole catalogue."""

    seasons: tuple[Season, ...]
    styles: tuple[Style, ...]
    price_lists: tuple[PriceList, ...]


def plan_of(size: Size, *, seed: int, starts_on: date, ends_on: date) -> Plan:
    """The catalogue of a chain that sells from ``starts_on`` to ``ends_on``."""
    throw = dice(seed, "catalogue")
    seasons = tuple(_seasons(throw, starts_on, ends_on))
    numbers = iter(range(1, 10**9))
    kinds = _kinds(throw, size.styles)
    names = {kind.code: _names(dice(seed, f"names {kind.code}"), kind) for kind in KINDS}
    codes = {kind.code: iter(range(1001, 9999)) for kind in KINDS}
    famous = {row[0]: row for row in reversed(vocabulary.FAMOUS)}
    taken = {row[1] for row in vocabulary.FAMOUS}
    styles = []
    for kind in kinds:
        known = famous.pop(kind.code, None)
        code = known[1] if known else next(c for n in codes[kind.code] if (c := f"{kind.code}{n}") not in taken)
        season = None if known or throw.random() < TIMELESS else throw.choice(seasons)
        styles.append(
            _style(
                throw,
                kind,
                code=code,
                names=(known[2], known[3]) if known else next(names[kind.code]),
                price_vnd=(known[4] if known else _price(throw, kind)) * 1000,
                colours=known[5] if known else None,
                season=season,
                launched_on=_launch(throw, season, starts_on, ends_on),
                appeal=4.0 if known else throw.lognormvariate(0, 0.9),
                numbers=numbers,
            )
        )
    lists = _price_lists(throw, tuple(styles), seasons, starts_on, ends_on)
    return Plan(seasons, tuple(styles), tuple(lists))


def start_ms(on: date) -> int:
    """The millisecond at which a business day begins."""
    return int(day_bounds(on)[0].timestamp()) * 1000


def _seasons(throw: Random, starts_on: date, ends_on: date) -> Iterator[Season]:
    for year in range(starts_on.year - 1, ends_on.year + 1):
        short = year % 100
        for code, vi, en, first, last in (
            ("XH", "Xuân Hè", "Spring-Summer", date(year, 2, 1), date(year, 7, 31)),
            ("TD", "Thu Đông", "Autumn-Winter", date(year, 8, 1), date(year + 1, 1, 31)),
        ):
            if last >= starts_on - timedelta(days=120) and first <= ends_on:
                yield Season(
                    make_id(throw, start_ms(first)), f"{code}{short:02d}", f"{vi} {year}", f"{en} {year}", first, last
                )


def _kinds(throw: Random, count: int) -> list[Kind]:
    """The kind of every style, the famous ones first, each kind by its weight."""
    first = [kind for kind in KINDS if any(row[0] == kind.code for row in vocabulary.FAMOUS)]
    rest = throw.choices(KINDS, [kind.weight for kind in KINDS], k=max(count - len(first), 0))
    return (first + rest)[:count]


def _names(throw: Random, kind: Kind) -> Iterator[tuple[str, str]]:
    """Names of a kind in an order of their own: the plain ones first, then those with one more word, then numbered."""
    plain = list(product(kind.fabrics, kind.details))
    throw.shuffle(plain)
    for fabric, detail in plain:
        yield f"{kind.noun_vi} {fabric[0]} {detail[0]}", _sentence(f"{detail[1]} {fabric[1]} {kind.noun_en}")
    longer = list(product(plain, vocabulary.LENGTHS))
    throw.shuffle(longer)
    for number in range(1, 100):
        mark = "" if number == 1 else f" {number}"
        for (fabric, detail), extra in longer:
            yield (
                f"{kind.noun_vi} {fabric[0]} {detail[0]} {extra[0]}{mark}",
                _sentence(f"{extra[1]} {detail[1]} {fabric[1]} {kind.noun_en}{mark}"),
            )


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _price(throw: Random, kind: Kind) -> int:
    """A price tag in thousand đồng: 390, 1.290, 1.850."""
    hundreds = throw.randint(kind.price_from // 100, kind.price_to // 100)
    return min(max(hundreds * 100 + throw.choice((90, 90, 50, 20)), kind.price_from), kind.price_to)


def _launch(throw: Random, season: Season | None, starts_on: date, ends_on: date) -> date:
    if season is None:
        return starts_on - timedelta(days=throw.randint(30, 400))
    # Five drops in the first three months of a season; what has not come yet is not in the catalogue.
    return min(season.starts_on + timedelta(days=throw.choice((0, 14, 35, 56, 84))), ends_on - timedelta(days=3))


def _style(
    throw: Random,
    kind: Kind,
    *,
    code: str,
    names: tuple[str, str],
    price_vnd: int,
    colours: tuple[str, ...] | None,
    season: Season | None,
    launched_on: date,
    appeal: float,
    numbers: Iterator[int],
) -> Style:
    place_of = {row[0]: place for place, row in enumerate(vocabulary.COLOURS)}
    if colours is None:
        count = throw.choices([n for n, _ in COLOURS_OF_STYLE], [weight for _, weight in COLOURS_OF_STYLE])[0]
        chosen = tuple(throw.sample(range(len(vocabulary.COLOURS)), count))
    else:
        chosen = tuple(place_of[colour] for colour in colours)
    _key, _code, _vi, _en, sizes = next(scale for scale in vocabulary.SCALES if scale[0] == kind.scale)
    at_ms = start_ms(launched_on)
    variants = []
    for rank, colour in enumerate(chosen):
        colour_code, colour_vi, colour_en, _hex = vocabulary.COLOURS[colour]
        for place, (size, weight) in enumerate(sizes):
            number = next(numbers)
            barcodes = [catalog.own_barcode(number)]
            if throw.random() < SUPPLIER_CODES:
                body = f"893{456_000_000 + number:09d}"
                barcodes.append(f"{body}{catalog.check_digit(body)}")
            variants.append(
                Variant(
                    make_id(throw, at_ms),
                    colour,
                    place,
                    catalog.sku_of(code, colour_code, size),
                    catalog.search_text(*names, code, colour_vi, colour_en, colour_code, size),
                    tuple(barcodes),
                    weight * (1.0, 0.8, 0.6, 0.5, 0.4)[rank],
                )
            )
    return Style(
        make_id(throw, at_ms), kind, code, names[0], names[1], season, launched_on, price_vnd, appeal,
        throw.randrange(8), chosen, tuple(variants),
    )  # fmt: skip


def _price_lists(
    throw: Random, styles: tuple[Style, ...], seasons: tuple[Season, ...], starts_on: date, ends_on: date
) -> Iterator[PriceList]:
    def made(code: str, name: str, first: date, last: date | None, priority: int, channel: str | None,
             prices: dict[int, int]) -> PriceList:  # fmt: skip
        ends_at = None if last is None else day_bounds(last)[1]
        key = make_id(throw, start_ms(first))
        return PriceList(key, code, name, channel, day_bounds(first)[0], ends_at, priority, tuple(prices.items()))

    every = range(len(styles))
    base = {place: styles[place].price_vnd for place in every}
    yield made("GOC", "Giá niêm yết", starts_on - timedelta(days=400), None, 0, None, base)
    web = {place: _cut(base[place], 500) for place in every if throw.random() < 0.15}  # noqa: PLR2004 - a seventh
    yield made("WEB", "Giá trên web", starts_on, None, 2, "web", web)
    for season in seasons:
        first = season.ends_on + (timedelta(days=22) if season.is_cold else timedelta(days=-16))
        last = first + timedelta(days=30)
        if starts_on < last and first < ends_on:
            sale = {place: _cut(base[place], 3000) for place in every if styles[place].season is season}
            yield made(f"CUOI-{season.code}", f"Giảm cuối mùa {season.name_vi}", first, last, 10, None, sale)
    ordinary = [place for place in every if place >= len(vocabulary.FAMOUS)]
    chosen = {place: _cut(base[place], 2000) for place in ordinary if throw.random() < 0.12}  # noqa: PLR2004 - an eighth
    yield made("GIUA-MUA", "Giảm giữa mùa", ends_on - timedelta(days=12), ends_on + timedelta(days=25), 8, None, chosen)
    later = (ends_on.replace(day=1) + timedelta(days=52)).replace(day=1)
    dearer = {place: _cut(base[place], -600) for place in ordinary if throw.random() < 0.3}  # noqa: PLR2004 - a third
    yield made(f"MOI-{later:%y%m}", f"Giá mới từ {later:%d/%m/%Y}", later, None, 1, None, dearer)


def _cut(price_vnd: int, discount_bp: int) -> int:
    """A price less a discount, on whole thousands as price tags are."""
    return rounded_to(price_vnd - part_of(price_vnd, discount_bp), 1000)
