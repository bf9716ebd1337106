"""What promotions take off the history's sales: the chain's own book, priced by the engine that prices every cart.

Limits are counted as sales go by, so none gives more than it may. Nobody has a voucher, a tier or a group here: what only
those open is not given. Exchanges and what promotions made cheaper are left alone: none of that comes back.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy.orm import Session

from placket import catalog, promotions, sales
from placket.core.clock import business_day
from placket.demo.chain import DEPOT
from placket.demo.goods import Goods
from placket.demo.parts import Line, Shop, vat_shares

_SINCE: Final = "SELECT min(at) FROM promo_book_entry"
_HAD: Final = """
SELECT u.promotion_id::text, encode(uuid_send(u.customer_id), 'hex'), sum(u.uses)::int, sum(u.pieces)::int
  FROM promotion_use u JOIN promotion_limit l USING (promotion_id)
 WHERE u.customer_id IS NOT NULL AND (l.uses_a_customer IS NOT NULL OR l.pieces_a_customer IS NOT NULL)
 GROUP BY 1, 2
"""


class Offering:
    """The promotions in force while the history is told. ``customers`` and their ``birthdays`` (MM-DD) go by number."""

    def __init__(
        self,
        tx: Session,
        connection: psycopg.Connection[Any],
        *,
        goods: Goods,
        shops: Sequence[Shop],
        prices: catalog.PriceBook,
        customers: Sequence[str],
        birthdays: Sequence[str | None],
    ) -> None:
        self.used: dict[str, list[int]] = {}
        self._book = promotions.read_book(tx)
        (since,) = connection.execute(_SINCE).fetchone() or (None,)
        self._begins_on = date.max if since is None else business_day(since)
        self._had = {(key, who): (uses, pieces) for key, who, uses, pieces in connection.execute(_HAD).fetchall()}
        self._prices = prices
        self._keys = goods.ids
        self._places = [UUID(shop.id) if shop.id else None for shop in shops]
        self._customers, self._birthdays = customers, birthdays

    def version_on(self, on: date) -> int:
        """The number of the book that prices a day's sales; 0 before there was one."""
        return self._book.promo_version if on >= self._begins_on else 0

    def price(self, lines: list[Line], *, place: int, customer: int, at_ms: int) -> tuple[list[Line], list[dict[str, Any]]]:
        """The lines with what is taken off them, and what each promotion gave, as ``count`` takes it."""
        location_id = self._places[place]
        if location_id is None:
            return lines, []
        cart = [sales.CartLine(UUID(self._keys[line.variant]), location_id, line.qty) for line in lines]
        found = sales.offered(
            cart,
            prices=self._prices,
            book=self._book,
            unit_of={one.variant_id: line.unit_vnd for one, line in zip(cart, lines, strict=True)},
            channel="web" if place == DEPOT else "store",
            location_id=location_id,
            at=datetime.fromtimestamp(at_ms / 1000, UTC),
            wishes=sales.Wishes(customer=self._facts_of(customer), had=self._had_by(customer)),
        )
        if not found.applied:
            return lines, []
        off = [sum(part.vnd for part in parts) for parts in found.of_lines]
        owed = [line.qty * line.unit_vnd - off_vnd for line, off_vnd in zip(lines, off, strict=True)]
        vat = vat_shares(owed, [line.vat_bp for line in lines])
        priced = [
            line._replace(vat_vnd=vat_vnd, off_vnd=off_vnd, offers=tuple(parts))
            for line, vat_vnd, off_vnd, parts in zip(lines, vat, off, found.of_lines, strict=True)
        ]
        return priced, found.applied

    def count(self, applied: Sequence[Mapping[str, Any]], customer: int) -> None:
        """A sale has taken this: what limits have left is less by it."""
        self._book = self._book.after(applied)
        for row in applied:
            key, taken = row["promotion_id"], (row["uses"], row["pieces"], row["amount_vnd"])
            self.used[key] = [had + more for had, more in zip(self.used.get(key, (0, 0, 0)), taken, strict=True)]
            if customer and key in self._book.limits:
                uses, pieces = self._had.get((key, self._customers[customer]), (0, 0))
                self._had[key, self._customers[customer]] = (uses + row["uses"], pieces + row["pieces"])

    def _facts_of(self, customer: int) -> promotions.CustomerFacts | None:
        return promotions.CustomerFacts(birthday=self._birthdays[customer]) if customer else None

    def _had_by(self, customer: int) -> dict[str, tuple[int, int]]:
        who = self._customers[customer] if customer else ""
        return {key: self._had[key, who] for key in self._book.limits if (key, who) in self._had}
