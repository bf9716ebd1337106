"""The price book: every list, price and VAT rate in memory, so that a cart is priced without asking the database.

It follows docs/rules/prices.md. A book is immutable and belongs to one moment of the tables; a process holds one in
``price_books`` and replaces it whole when the tail hears that prices or the catalogue have changed.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from placket.catalog.models import CatalogueState, Category, Price, PriceList, Season, Style, Variant, VatRate
from placket.core.clock import business_day, day_bounds
from placket.core.db import Database
from placket.core.refusals import Refusal


class UnknownVariant(Refusal):
    """The catalogue has no such variant."""

    code = "unknown_variant"
    vi = "Không có mặt hàng này trong danh mục."
    en = "The catalogue has no such item."


class NoPrice(Refusal):
    """No list prices the variant here and now, or its VAT class has no rate yet; ``missing`` says which."""

    code = "no_price"
    vi = "Mặt hàng này chưa có giá bán hoặc thuế suất. Hãy báo bộ phận giá."
    en = "This item has no price or VAT rate yet. Ask whoever keeps the prices."


@dataclass(frozen=True, slots=True)
class StyleFacts:
    """What promotions ask of a style: its category and all above it, the code of its season, its tags."""

    style_id: str
    category_ids: frozenset[str]
    season: str | None
    tags: frozenset[str] = frozenset()


Tag = tuple[int | None, int | None, datetime | None, int | None]
"""What a till holds of a variant: price, VAT rate in basis points, and when the price becomes which other one."""


@dataclass(frozen=True, slots=True)
class ListedPrices:
    """One price list: where and when it holds, and its prices by style and by variant (places in the book)."""

    channel: str | None
    location_id: UUID | None
    starts_at: datetime
    ends_at: datetime | None
    rank: tuple[int, int, datetime, datetime, int]
    of_style: dict[int, int] = field(default_factory=dict)
    of_variant: dict[int, int] = field(default_factory=dict)

    def covers(self, channel: str, location_id: UUID) -> bool:
        """Whether it holds at the channel and location at all."""
        return self.channel in (None, channel) and self.location_id in (None, location_id)

    def is_on(self, at: datetime) -> bool:
        """Whether ``at`` lies in its half-open period."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


class PriceBook:
    """All prices of one moment of the tables. Immutable; safe to read from any thread.

    Variants and styles are places in sorted arrays instead of keys of dictionaries: 100,000 variants take 3 MB, not 20.
    """

    def __init__(
        self,
        *,
        catalogue_version: int,
        price_version: int,
        styles: Sequence[tuple[UUID, UUID]],
        variants: Iterable[tuple[UUID, UUID]],
        lists: Iterable[PriceList],
        prices: Iterable[tuple[UUID, UUID, UUID | None, int]],
        vat_rates: Iterable[tuple[UUID, date, int]],
        facts: Sequence[StyleFacts] = (),
    ) -> None:
        """``styles`` are (style, VAT class), ``variants`` (variant, style), ``prices`` (list, style, variant, đồng).

        ``facts`` stand in the order of ``styles``.
        """
        self._facts = facts
        self.catalogue_version = catalogue_version
        self.price_version = price_version
        self._vat_class_of_style = [vat_class_id for _, vat_class_id in styles]
        place_of_style = {style_id: place for place, (style_id, _) in enumerate(styles)}
        by_id = sorted((variant_id.int, place_of_style[style_id]) for variant_id, style_id in variants)
        self._high = array("Q", (key >> 64 for key, _ in by_id))
        self._low = array("Q", (key & 0xFFFF_FFFF_FFFF_FFFF for key, _ in by_id))
        self._style_of_variant = array("I", (place for _, place in by_id))
        self._lists = self._listed(lists, place_of_style, prices)
        self._vat: dict[UUID, tuple[list[date], list[int]]] = {}
        for vat_class_id, starts_on, rate_bp in sorted(vat_rates):
            days, rates = self._vat.setdefault(vat_class_id, ([], []))
            days.append(starts_on)
            rates.append(rate_bp)

    def __len__(self) -> int:
        """How many variants it knows."""
        return len(self._high)

    def price_at(self, variant_id: UUID, *, channel: str, location_id: UUID, at: datetime) -> tuple[int, int]:
        """The VAT-inclusive price in đồng and the VAT rate in basis points at a moment.

        Refuses ``UnknownVariant``, and ``NoPrice`` when no list applies or the VAT class has no rate on that day.
        """
        place = self._place(variant_id)
        price_vnd = self._price(place, channel, location_id, at)
        if price_vnd is None:
            raise NoPrice(variant_id=str(variant_id), missing="price")
        rate_bp = self._rate(place, business_day(at))
        if rate_bp is None:
            raise NoPrice(variant_id=str(variant_id), missing="vat")
        return price_vnd, rate_bp

    def facts_of(self, variant_id: UUID) -> StyleFacts:
        """What promotions ask of a variant's style. Refuses ``UnknownVariant``."""
        return self._facts[self._style_of_variant[self._place(variant_id)]]

    def styles(self) -> list[tuple[StyleFacts, int]]:
        """Every style with how many variants it has."""
        variants = Counter(self._style_of_variant)
        return [(facts, variants[place]) for place, facts in enumerate(self._facts)]

    def next_price(self, variant_id: UUID, *, channel: str, location_id: UUID, at: datetime) -> tuple[datetime, int] | None:
        """When the price next becomes another one, and which: tills hold it, so that it changes without network.

        None when nothing known will change it; a moment from which there is no price at all is passed over.
        """
        place = self._place(variant_id)
        now_vnd = self._price(place, channel, location_id, at)
        for moment in self._turns(channel, location_id, at):
            then_vnd = self._price(place, channel, location_id, moment)
            if then_vnd is not None and then_vnd != now_vnd:
                return moment, then_vnd
        return None

    def list_price(self, variant_id: UUID, *, channel: str, location_id: UUID, at: datetime) -> int | None:
        """The price in đồng, or none: for lists of goods, where one without a price is shown and not refused."""
        try:
            place = self._place(variant_id)
        except UnknownVariant:
            return None
        return self._price(place, channel, location_id, at)

    def usual_price(self, variant_id: UUID, *, channel: str, location_id: UUID, at: datetime) -> int | None:
        """The price in đồng by the lists without an end: what a price of a limited time is compared with."""
        place = self._place(variant_id)
        lasting = (prices for prices in self._lists if prices.ends_at is None)
        applying = (prices for prices in lasting if prices.covers(channel, location_id) and prices.is_on(at))
        return _first_price(applying, place, self._style_of_variant[place])

    def tags(self, variant_ids: Iterable[UUID], *, channel: str, location_id: UUID, at: datetime) -> list[Tag]:
        """What ``price_at`` and ``next_price`` say of many variants, the lists of each moment picked out once."""
        here = [prices for prices in self._lists if prices.covers(channel, location_id)]
        moments = [at, *self._turns(channel, location_id, at)]
        eras = [(moment, [prices for prices in here if prices.is_on(moment)]) for moment in moments]
        rates = {kind: self._rate_of(kind, business_day(at)) for kind in set(self._vat_class_of_style)}
        return [self._tag(self._place(variant_id), eras, rates) for variant_id in variant_ids]

    def situation(self, *, channel: str, location_id: UUID) -> tuple[int, ...]:
        """Which lists can ever apply here; locations in the same situation have the same prices at every moment."""
        return tuple(number for number, prices in enumerate(self._lists) if prices.covers(channel, location_id))

    def holds_until(self, *, channel: str, location_id: UUID, at: datetime) -> datetime | None:
        """The next moment at which a price or a VAT rate may become another one; none if nothing known changes."""
        days = {day for starts, _ in self._vat.values() for day in starts if day > business_day(at)}
        return min([*self._turns(channel, location_id, at), *(day_bounds(day)[0] for day in days)], default=None)

    def _tag(
        self,
        place: int,
        eras: Sequence[tuple[datetime, Sequence[ListedPrices]]],
        rates: Mapping[UUID, int | None],
    ) -> Tag:
        style = self._style_of_variant[place]
        rate_bp = rates[self._vat_class_of_style[style]]
        now_vnd = _first_price(eras[0][1], place, style)
        for moment, lists in eras[1:]:
            then_vnd = _first_price(lists, place, style)
            if then_vnd is not None and then_vnd != now_vnd:
                return now_vnd, rate_bp, moment, then_vnd
        return now_vnd, rate_bp, None, None

    def _place(self, variant_id: UUID) -> int:
        high, low = variant_id.int >> 64, variant_id.int & 0xFFFF_FFFF_FFFF_FFFF
        # Ids made in bulk share their upper half by the thousand; their lower halves are sorted beside it.
        first = bisect_left(self._high, high)
        past = bisect_right(self._high, high, first)
        place = bisect_left(self._low, low, first, past)
        if place < past and self._low[place] == low:
            return place
        raise UnknownVariant(variant_id=str(variant_id))

    def _price(self, place: int, channel: str, location_id: UUID, at: datetime) -> int | None:
        applying = (prices for prices in self._lists if prices.covers(channel, location_id) and prices.is_on(at))
        return _first_price(applying, place, self._style_of_variant[place])

    def _rate(self, place: int, on: date) -> int | None:
        return self._rate_of(self._vat_class_of_style[self._style_of_variant[place]], on)

    def _rate_of(self, vat_class_id: UUID, on: date) -> int | None:
        days, rates = self._vat.get(vat_class_id, ([], []))
        upto = bisect_right(days, on)
        return rates[upto - 1] if upto else None

    def _turns(self, channel: str, location_id: UUID, at: datetime) -> list[datetime]:
        here = [prices for prices in self._lists if prices.covers(channel, location_id)]
        moments = {prices.starts_at for prices in here} | {prices.ends_at for prices in here if prices.ends_at}
        return sorted(moment for moment in moments if moment > at)

    def _listed(
        self,
        lists: Iterable[PriceList],
        place_of_style: Mapping[UUID, int],
        prices: Iterable[tuple[UUID, UUID, UUID | None, int]],
    ) -> list[ListedPrices]:
        listed = {
            row.id: ListedPrices(row.channel, row.location_id, row.starts_at, row.ends_at, _rank(row)) for row in lists
        }
        for list_id, style_id, variant_id, price_vnd in prices:
            if variant_id is None:
                listed[list_id].of_style[place_of_style[style_id]] = price_vnd
            else:
                listed[list_id].of_variant[self._place(variant_id)] = price_vnd
        return sorted(listed.values(), key=lambda prices: prices.rank, reverse=True)


def _first_price(lists: Iterable[ListedPrices], place: int, style: int) -> int | None:
    """The price of the first list that has one: the variant's own, or its style's."""
    for prices in lists:
        price_vnd = prices.of_variant.get(place)
        if price_vnd is None:
            price_vnd = prices.of_style.get(style)
        if price_vnd is not None:
            return price_vnd
    return None


def _rank(row: PriceList) -> tuple[int, int, datetime, datetime, int]:
    specific = 2 * (row.location_id is not None) + (row.channel is not None)
    return (row.priority, specific, row.starts_at, row.created_at, row.id.int)


def load_price_book(tx: Session) -> PriceBook:
    """Read the whole book. Hand in a snapshot (``database.snapshot()``), or the tables may be of different moments."""
    versions = tx.execute(select(CatalogueState.catalogue_version, CatalogueState.price_version)).one()
    above = _categories_above(tx)
    styles = tx.execute(
        select(Style.id, Style.vat_class_id, Style.category_id, Style.tags, Season.code).outerjoin(
            Season, Season.id == Style.season_id
        )
    ).all()
    return PriceBook(
        catalogue_version=versions.catalogue_version,
        price_version=versions.price_version,
        styles=[(row.id, row.vat_class_id) for row in styles],
        facts=[StyleFacts(str(row.id), above[row.category_id], row.code, frozenset(row.tags)) for row in styles],
        variants=((row.id, row.style_id) for row in tx.execute(select(Variant.id, Variant.style_id))),
        lists=tx.scalars(select(PriceList)),
        prices=(
            (row.price_list_id, row.style_id, row.variant_id, row.price_vnd)
            for row in tx.execute(select(Price.price_list_id, Price.style_id, Price.variant_id, Price.price_vnd))
        ),
        vat_rates=(
            (row.vat_class_id, row.starts_on, row.rate_bp)
            for row in tx.execute(select(VatRate.vat_class_id, VatRate.starts_on, VatRate.rate_bp))
        ),
    )


def _categories_above(tx: Session) -> dict[UUID, frozenset[str]]:
    """Every category with itself and all above it: one set a category, shared by its styles."""
    parents = {row.id: row.parent_id for row in tx.execute(select(Category.id, Category.parent_id))}
    above: dict[UUID, frozenset[str]] = {}
    for category_id in parents:
        path = []
        step: UUID | None = category_id
        while step is not None and str(step) not in path:
            path.append(str(step))
            step = parents[step]
        above[category_id] = frozenset(path)
    return above


class PriceBooks:
    """The book of this process. Swapped whole, so a cart is priced by one version from its first line to its last."""

    def __init__(self) -> None:
        self._book: PriceBook | None = None
        self._of: str | None = None
        self._loading = Lock()

    def current(self) -> PriceBook:
        """The book in force. Whoever prices has called ``refresh`` at its start."""
        assert self._book is not None, "refresh() comes before current()"
        return self._book

    def refresh(self, database: Database) -> PriceBook:
        """Load the book if the tables hold a newer version than ours; answer the one now in force.

        Blocks on the database (run it in a thread); two calls at once load one after the other, never backwards.
        """
        with self._loading, database.snapshot() as tx:
            held = self._book
            versions = tx.execute(select(CatalogueState.catalogue_version, CatalogueState.price_version)).one()
            same = held is not None and (held.catalogue_version, held.price_version) == tuple(versions)
            if not same or self._of != database.url:
                self._book, self._of = load_price_book(tx), database.url
            return self.current()


price_books = PriceBooks()
