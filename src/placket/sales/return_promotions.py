"""What kept goods would have cost by the promotions of their sale: the same versions, moment, customer and vouchers.

Limits count as far as the sale itself had used them: what it got, its goods keep, and nothing more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from placket import catalog, crm, promotions
from placket.sales import return_queries
from placket.sales.families import Family
from placket.sales.offers import Offered, Wishes, facts_then, offered
from placket.sales.return_queries import Sold
from placket.sales.return_rules import SoldLine, Worth, worth_of_shares
from placket.sales.rules import Adjust, CartLine

# A line whose price was made by hand took no part in promotions, and takes none when it is reckoned again.
BY_HAND: Final = Adjust("price", 0, "return")


@dataclass(frozen=True, slots=True)
class Lost:
    """A promotion that the kept goods no longer get."""

    promotion_id: UUID
    name_vi: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How the goods of one sale are reckoned again; ``lost`` says which promotions some of them alone would not have had."""

    worth: Worth
    lost: "Losing"


class Losing:
    """Which promotions are gone for the goods that are kept."""

    def __init__(self, family: Family, price: "Pricing | None", names: Mapping[str, tuple[str, str]]) -> None:
        self._family = family
        self._price = price
        self._names = names

    def __call__(self, before: Mapping[int, int], kept: Mapping[int, int]) -> list[Lost]:
        """The promotions that applied to what was kept before, and do not apply to what is kept now."""
        if self._price is None or not any(kept.values()):
            return []
        gone = self._price.applied(self._family.at_first(before)) - self._price.applied(self._family.at_first(kept))
        return [Lost(UUID(each), *self._names.get(each, ("", ""))) for each in sorted(gone)]


class Pricing:
    """The sale's own price of any of its goods."""

    def __init__(self, sold: Sold, book: promotions.PromoBook, wishes: Wishes) -> None:
        self._sold = sold
        self._book = book
        self._wishes = wishes
        self._lines = {line.line_no: line for line in sold.lines}
        self._of = lru_cache(maxsize=64)(self._offered)

    def worth(self, kept: Mapping[int, int], own: Mapping[int, int]) -> int:
        """What these goods would have cost; points had paid for the ``own`` ones among them, not for swapped ones."""
        some = sorted((line_no, qty) for line_no, qty in kept.items() if qty)
        off_of = self._of(tuple(some)).of_lines if some else []
        total_vnd = 0
        for (line_no, qty), parts in zip(some, off_of, strict=True):
            line = self._lines[line_no]
            by_points_vnd = _off(line, "points", own.get(line_no, 0))
            owed_vnd = line.unit_vnd * qty - sum(part.vnd for part in parts) - _off(line, "manual", qty) - by_points_vnd
            total_vnd += max(owed_vnd, 0)
        return total_vnd

    def applied(self, kept: Mapping[int, int]) -> set[str]:
        """The promotions that would have applied to these goods."""
        some = tuple(sorted((line_no, qty) for line_no, qty in kept.items() if qty))
        return {row["promotion_id"] for row in self._of(some).applied} if some else set()

    def _offered(self, some: tuple[tuple[int, int], ...]) -> Offered:
        head = self._sold.head
        return offered(
            [self._cart_line(self._lines[line_no], qty) for line_no, qty in some],
            prices=catalog.price_books.current(),
            book=self._book,
            unit_of={self._lines[line_no].variant_id: self._lines[line_no].unit_vnd for line_no, _ in some},
            channel=head.channel,
            location_id=head.location_id,
            at=head.sold_at,
            wishes=self._wishes,
        )

    def _cart_line(self, line: SoldLine, qty: int) -> CartLine:
        kinds = {part.kind for part in line.parts}
        by_hand = "manual" in kinds and "promotion" not in kinds
        return CartLine(line.variant_id, self._sold.head.location_id, qty, BY_HAND if by_hand else None)


def reckoning(tx: Session, family: Family, swapped: Sequence[SoldLine]) -> Reckoning:
    """How the kept goods of a family are priced: piece by piece, unless promotions took part in its first sale.

    ``swapped`` are the lines among them that are only just being sold.
    """
    sold = family.first
    plain = Reckoning(worth_of_shares([*family.lines, *swapped]), Losing(family, None, {}))
    if not any(part.kind == "promotion" for line in sold.lines for part in line.parts):
        return plain
    head = sold.head
    book = promotions.read_book(tx, head.promo_version).as_used(return_queries.used_of_limits(tx, head.id))
    buyer = None if head.customer_id is None else crm.buyer(tx, head.customer_id)
    had = {str(part.promotion_id) for line in sold.lines for part in line.parts if part.promotion_id is not None}
    wishes = Wishes(
        customer=None if buyer is None else facts_then(buyer, [one for one in book.promotions if one.id in had]),
        opened=return_queries.opened_by_vouchers(tx, head.id),
    )
    price = Pricing(sold, book, wishes)
    first = [family.lines[no - 1] for no, place in family.places.items() if not place.stands_in]
    whole = {family.places[line.line_no].first_line_no: line.qty for line in first}
    if price.worth(whole, whole) != sum(line.total_vnd for line in first):
        return plain  # it was not sold by this book: what was paid for each piece is all that can be said
    names = {str(row["id"]): (str(row["name_vi"]), str(row["name_en"])) for row in book.published}

    def worth(kept: Mapping[int, int]) -> int:
        return price.worth(family.at_first(kept), family.own(kept))

    return Reckoning(worth, Losing(family, price, names))


def _off(line: SoldLine, kind: str, qty: int) -> int:
    """What was taken off the first pieces by hand, or by points."""
    return sum(sum(part.shares_vnd[:qty]) for part in line.parts if part.kind == kind)
