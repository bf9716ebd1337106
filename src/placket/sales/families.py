"""Goods of one first sale, wherever their receipts are: what was sold by it, and what has been swapped for that since.

A swapped piece stands for the one that came back: promotions of the first sale count it among what is kept. Pure
(docs/rules/returns.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from placket.sales.return_queries import Sold
from placket.sales.return_rules import Part, SoldLine, swap_prices

NO_VAT: Final = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line of a family stands, and for which line of the first sale."""

    sale_id: UUID
    line_no: int
    first_line_no: int
    stands_in: bool


@dataclass(frozen=True, slots=True)
class Family:
    """The lines of a first sale and those that stand for them, numbered together from 1."""

    first: Sold
    lines: tuple[SoldLine, ...]
    places: Mapping[int, Place]

    def number_of(self, sale_id: UUID, line_no: int) -> int | None:
        """The number of a line in this family; none if it is of another one."""
        wanted = (sale_id, line_no)
        return next((no for no, place in self.places.items() if (place.sale_id, place.line_no) == wanted), None)

    def at_first(self, kept: Mapping[int, int]) -> dict[int, int]:
        """Pieces by the line of the first sale that they are or stand for."""
        pieces: dict[int, int] = {}
        for no, qty in kept.items():
            line_no = self.places[no].first_line_no
            pieces[line_no] = pieces.get(line_no, 0) + qty
        return pieces

    def own(self, kept: Mapping[int, int]) -> dict[int, int]:
        """The pieces among them that were sold by the first sale itself."""
        return {self.places[no].first_line_no: qty for no, qty in kept.items() if not self.places[no].stands_in}

    def with_swaps(self, swapped: Mapping[int, int]) -> tuple["Family", tuple[SoldLine, ...]]:
        """The family with pieces that are swapped now (number → pieces), and their lines: not yet sold, at their price."""
        places, new = dict(self.places), []
        for no, qty in swapped.items():
            line, number = self.lines[no - 1], len(places) + 1
            prices = swap_prices(line, qty)
            off = Part("swap", tuple(line.unit_vnd - price_vnd for price_vnd in prices))
            new.append(SoldLine(number, line.variant_id, qty, line.unit_vnd, sum(prices), NO_VAT, 0, (off,)))
            places[number] = replace(self.places[no], stands_in=True)
        return replace(self, places=places), tuple(new)


def families(found: Mapping[UUID, Sold]) -> list[Family]:
    """The families of some sales; each line is in one."""
    members: dict[UUID, list[tuple[Place, SoldLine]]] = {sale_id: [] for sale_id in found}
    for sale_id, sold in found.items():
        for row, line in zip(sold.rows, sold.lines, strict=True):
            place = Place(sale_id, line.line_no, line.line_no, stands_in=False)
            if row.stands_for_sale_id in found:
                place = Place(sale_id, line.line_no, row.stands_for_line_no, stands_in=True)
            members[row.stands_for_sale_id if place.stands_in else sale_id].append((place, line))
    return [_family(found[first_id], of_first) for first_id, of_first in members.items()]


def _family(first: Sold, members: Sequence[tuple[Place, SoldLine]]) -> Family:
    ordered = sorted(members, key=lambda member: (member[0].stands_in, member[0].sale_id, member[0].line_no))
    return Family(
        first,
        tuple(replace(line, line_no=no) for no, (_, line) in enumerate(ordered, start=1)),
        {no: place for no, (place, _) in enumerate(ordered, start=1)},
    )
