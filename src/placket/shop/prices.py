"""What the goods on show cost now, by the price book and the promotions' own engine, remembered until something turns.

A shopper's page never prices: it shows what the checkout would ask for one piece at this moment (docs/rules/shop.md).
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Final
from uuid import UUID

from placket import catalog, inventory, promotions
from placket.core.clock import business_day, day_bounds
from placket.shop.rules import Design, Piece, Tag

WEB: Final = "web"
NOWHERE: Final = UUID(int=0)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Tags:
    """The prices of one moment: of a price book, of the promotions in force, and until the first of them turns."""

    def __init__(self, prices: catalog.PriceBook, book: promotions.PromoBook, at: datetime) -> None:
        self.prices = prices
        self.book = book
        self.at = at
        self.location_id = selling_place()
        holds_until = prices.holds_until(channel=WEB, location_id=self.location_id, at=at)
        self.until = min(each for each in (holds_until, next_turn(book.promotions, at)) if each is not None)
        self._of_piece: dict[UUID, Tag | None] = {}
        self._of_design: dict[UUID, Tag | None] = {}
        self._left = book.left({})
        self._names = {str(row["id"]): (str(row["name_vi"]), str(row["name_en"])) for row in book.published}

    def of(self, design: Design) -> Tag | None:
        """What a style costs, from its cheapest piece on; none while it has no price."""
        if design.id not in self._of_design:
            listed = [(price, piece) for piece in design.pieces if (price := self._list_price(piece)) is not None]
            cheapest = min(listed, key=lambda row: row[0], default=None)
            self._of_design[design.id] = None if cheapest is None else self.of_piece(cheapest[1])
        return self._of_design[design.id]

    def of_piece(self, piece: Piece) -> Tag | None:
        """What one variant costs; none while it has no price."""
        if piece.id not in self._of_piece:
            self._of_piece[piece.id] = self._tag(piece)
        return self._of_piece[piece.id]

    def names(self, promotion_ids: Iterable[str]) -> list[tuple[str, str]]:
        """The names of promotions, Vietnamese and English."""
        return [self._names[each] for each in promotion_ids if each in self._names]

    def holds(self, at: datetime) -> bool:
        """Whether these are still the prices."""
        books = (catalog.price_books.current(), promotions.promo_books.current())
        return at < self.until and books[0] is self.prices and _same(books[1], self.book)

    def _list_price(self, piece: Piece) -> int | None:
        return self.prices.list_price(piece.id, channel=WEB, location_id=self.location_id, at=self.at)

    def _tag(self, piece: Piece) -> Tag | None:
        list_vnd = self._list_price(piece)
        if list_vnd is None:
            return None
        usual_vnd = self.prices.usual_price(piece.id, channel=WEB, location_id=self.location_id, at=self.at)
        quote = self._quote(piece, list_vnd)
        return Tag(
            now_vnd=quote["total_vnd"],
            was_vnd=max(usual_vnd or list_vnd, list_vnd),
            offers=tuple(row["promotion_id"] for row in quote["applied"]),
            near=tuple(row["promotion_id"] for row in quote["near"] if row["lacks_qty"]),
        )

    def _quote(self, piece: Piece, list_vnd: int) -> dict[str, Any]:
        facts = self.prices.facts_of(piece.id)
        line = promotions.LineFacts(
            variant_id=str(piece.id),
            style_id=facts.style_id,
            category_ids=facts.category_ids,
            season=facts.season,
            tags=facts.tags,
            list_vnd=list_vnd,
            qty=1,
        )
        cart = promotions.CartFacts(
            at_ms=int(self.at.timestamp() * 1000),
            location_id=str(self.location_id),
            channel=WEB,
            lines=(line,),
            left=self._left,
        )
        return promotions.quote(cart, self.book.promotions)


class PriceTags:
    """The tags of this process, made anew when a price, a promotion or the time has turned."""

    def __init__(self) -> None:
        self._tags: Tags | None = None
        self._making = Lock()

    def at(self, now: datetime) -> Tags:
        """The tags that hold now."""
        with self._making:
            if self._tags is None or not self._tags.holds(now):
                self._tags = Tags(catalog.price_books.current(), promotions.promo_books.current(), now)
            return self._tags


price_tags = PriceTags()


def selling_place() -> UUID:
    """Where web orders are priced: at the first depot, which serves the web."""
    return next((place.id for place in inventory.places.all() if place.kind == "depot"), NOWHERE)


def next_turn(running: Iterable[promotions.Promotion], at: datetime) -> datetime:
    """The next moment at which a promotion may begin or end; at the latest the end of the day."""
    day = day_bounds(business_day(at))
    periods = [promotion.when for promotion in running]
    edges = [edge for when in periods for edge in (when.starts_ms, when.ends_ms) if edge is not None]
    turns = [day[1], *(EPOCH + timedelta(milliseconds=edge) for edge in edges)]
    turns += [day[0] + timedelta(minutes=minute) for when in periods for minute in when.minutes or ()]
    return min(turn for turn in turns if turn > at)


def _same(one: promotions.PromoBook, other: promotions.PromoBook) -> bool:
    """Whether two readings of the book price alike: the same promotions, and the same ones used up."""
    return one is other or (one.promo_version == other.promo_version and _gone(one) == _gone(other))


def _gone(book: promotions.PromoBook) -> set[str]:
    return {key for key, left in book.left({}).items() if 0 in (left.uses, left.pieces, left.budget_vnd)}
