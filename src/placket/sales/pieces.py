"""What each piece of a sale cost, to the đồng: whoever takes one back pays exactly that (docs/rules/pricing.md 9). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from placket.core.money import split


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a line's discount as the books keep it; ``shares_vnd`` is a promotion's, piece by piece."""

    kind: str
    amount_vnd: int
    promotion_id: UUID | None = None
    shares_vnd: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """One garment of a line: ``net_vnd`` is what was paid for it, VAT inside, after everything that was taken off.

    ``no`` counts the pieces of the line in the canonical order, from 1. ``points_vnd`` is what points paid of it.
    """

    no: int
    list_vnd: int
    manual_vnd: int
    points_vnd: int
    net_vnd: int
    vat_vnd: int
    offers: Mapping[UUID, int] = field(default_factory=dict)


def pieces_of_line(*, qty: int, unit_vnd: int, total_vnd: int, vat_vnd: int, parts: Sequence[Part]) -> tuple[Piece, ...]:
    """The pieces of a line; what they cost and the VAT in them sum to the line's.

    A promotion has said what each piece got. What was taken off by hand, and then by points, is shared in proportion to what
    the pieces still cost. History that was loaded names no parts: its discount counts as taken off by hand.
    """
    offers: list[dict[UUID, int]] = [{} for _ in range(qty)]
    net = [unit_vnd] * qty
    for part in parts:
        if part.promotion_id is not None and part.shares_vnd is not None:
            for place, vnd in enumerate(part.shares_vnd):
                if vnd:
                    offers[place][part.promotion_id] = vnd
                    net[place] -= vnd
    by_points = sum(part.amount_vnd for part in parts if part.kind == "points")
    manual = split(sum(net) - by_points - total_vnd, net)
    net = [vnd - off for vnd, off in zip(net, manual, strict=True)]
    points = split(by_points, net)
    net = [vnd - off for vnd, off in zip(net, points, strict=True)]
    vat = split(vat_vnd, net)
    return tuple(
        Piece(place + 1, unit_vnd, manual[place], points[place], net[place], vat[place], offers[place])
        for place in range(qty)
    )
