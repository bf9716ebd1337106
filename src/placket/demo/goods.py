"""The goods on the shelves while the history is told: weights, prices, what is left where, and what is bought again."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Final

from placket.demo.catalogue import Plan, Style
from placket.demo.chain import DEPOT, HANOI, PLACES

NORTH, SOUTH, WEB = 0, 1, 2
REGIONS: Final = (NORTH, SOUTH, WEB)
# How cold a month is, from −1 to 1: in Hanoi as it is, in Saigon hardly ever.
_COLD: Final = (1.0, 0.9, 0.5, 0.1, -0.3, -0.6, -0.7, -0.5, -0.1, 0.4, 0.8, 1.0)
_FEELS: Final = (1.0, 0.2, 0.7)
_BOUGHT_AGAIN: Final = timedelta(weeks=36)
_CARRIED: Final = 0.94
_BATCH: Final = 4_000

Prices = Sequence[tuple[int, int] | None]
"""By style: price in đồng and VAT in basis points; none when a style has no price."""


def region_of(place: int) -> int:
    """Whose weather a place sells to."""
    if place == DEPOT:
        return WEB
    return NORTH if PLACES[place].city == HANOI else SOUTH


class Goods:
    """Stock in memory, by place and by variant's number in the plan; only ``take`` and ``put`` change it."""

    def __init__(self, plan: Plan, *, shelves: Random, wishes: Random, lines_a_week: float) -> None:
        """``shelves`` throw how much of a variant a place holds, ``wishes`` what people want."""
        self.plan = plan
        self.ids = [variant.id for style in plan.styles for variant in style.variants]
        self.style_of = [place for place, style in enumerate(plan.styles) for _ in style.variants]
        self.first = list(accumulate((len(style.variants) for style in plan.styles), initial=0))
        self.left = [[0] * len(self.ids) for _ in PLACES]
        self.moves = [[0] * len(self.ids) for _ in PLACES]
        self._sold: list[set[int]] = [set() for _ in PLACES]
        self._throw = wishes
        self._sellable = [True] * len(self.ids)
        self._upto: list[list[float]] = [[] for _ in REGIONS]
        self._picks: list[list[int]] = [[] for _ in REGIONS]
        self._base = [
            style.appeal * variant.weight * 600_000 / style.price_vnd for style in plan.styles for variant in style.variants
        ]
        self._full = self._levels(shelves, lines_a_week)

    def sell_only(self, variant_ids: set[str]) -> None:
        """Leave everything else on the shelf."""
        self._sellable = [key in variant_ids for key in self.ids]

    def new_season(self, on: date, prices: Prices) -> None:
        """Weigh everything anew for the month and the prices of a day."""
        factors = [self._wanted(style, on, prices[place]) for place, style in enumerate(self.plan.styles)]
        for region in REGIONS:
            feels = _COLD[on.month - 1] * _FEELS[region]
            warm = [factor * style.kind.cold**feels for factor, style in zip(factors, self.plan.styles, strict=True)]
            self._upto[region] = list(
                accumulate(
                    base * warm[style] if sellable else 0.0
                    for base, style, sellable in zip(self._base, self.style_of, self._sellable, strict=True)
                )
            )
            self._picks[region] = []

    def pick(self, place: int, region: int) -> int | None:
        """A variant that somebody wants and the place has, or none after a few tries: another size or colour will do."""
        left = self.left[place]
        if not self._upto[region][-1]:
            return None  # everything is archived, or nothing has a price
        for _ in range(4):
            picks = self._picks[region]
            if not picks:
                picks = self._throw.choices(range(len(self.ids)), cum_weights=self._upto[region], k=_BATCH)
                self._picks[region] = picks
            wanted = picks.pop()
            if left[wanted] > 0:
                return wanted
            style = self.style_of[wanted]
            for other in range(self.first[style], self.first[style + 1]):
                if left[other] > 0 and self._sellable[other]:
                    return other
        return None

    def only_at_depot(self, place: int, region: int) -> int | None:
        """A variant that somebody wants, if this place has none of it and the depot has."""
        if not self._upto[region][-1]:
            return None
        wanted = self._throw.choices(range(len(self.ids)), cum_weights=self._upto[region])[0]
        return wanted if not self.left[place][wanted] and self.left[DEPOT][wanted] > 0 else None

    def take(self, place: int, variant: int, pieces: int) -> None:
        """Pieces leave a shelf that has them."""
        left = self.left[place]
        left[variant] -= pieces
        assert left[variant] >= 0, "nothing is sold that is not there"
        self.moves[place][variant] += 1
        self._sold[place].add(variant)

    def put(self, place: int, variant: int, pieces: int) -> None:
        """Pieces come to a shelf."""
        self.left[place][variant] += pieces
        self.moves[place][variant] += 1

    def note(self, place: int, variant: int, pieces: int) -> None:
        """A shelf as the books have it; what has run low there is bought again with the next delivery."""
        self.left[place][variant] = pieces
        self._sold[place].add(variant)

    def first_delivery(self, place: int, styles: Sequence[int]) -> list[tuple[int, int]]:
        """What a place gets of new styles: (variant, pieces)."""
        full = self._full[place]
        return [
            (variant, full[variant])
            for style in styles
            for variant in range(self.first[style], self.first[style + 1])
            if full[variant]
        ]

    def weekly_delivery(self, place: int, on: date) -> list[tuple[int, int]]:
        """What a place gets back of what it sold, while the style is bought again."""
        full, left = self._full[place], self.left[place]
        found = [
            (variant, full[variant] - left[variant])
            for variant in sorted(self._sold[place])
            if full[variant] > 2 * left[variant]
            and self._sellable[variant]
            and self._is_bought(self.plan.styles[self.style_of[variant]], on)
        ]
        self._sold[place].clear()
        return found

    def _wanted(self, style: Style, on: date, price: tuple[int, int] | None) -> float:
        if price is None or on < style.launched_on:
            return 0.0
        reduced = 2.2 if price[0] < style.price_vnd else 1.0
        if style.season is None:
            return reduced
        weeks = (on - style.launched_on).days // 7
        fresh = 1.4 if weeks < 12 else 0.9 if weeks < 26 else 0.35 if weeks < 52 else 0.1  # noqa: PLR2004 - weeks of a life
        return reduced * fresh

    def _is_bought(self, style: Style, on: date) -> bool:
        return style.season is None or on < style.launched_on + _BOUGHT_AGAIN

    def _levels(self, throw: Random, lines_a_week: float) -> list[list[int]]:
        """How many pieces of a variant a full shelf of a place holds: some weeks of what it should sell."""
        whole = sum(self._base)
        shops = sum(place.weight for place in PLACES)
        levels = []
        for place in PLACES:
            if place.is_branch:
                weeks = 5 * 2 * lines_a_week * 0.8 * place.weight / shops / whole
                levels.append(
                    [
                        int(base * weeks + 0.6 + 5 * throw.random() ** 2.5) if throw.random() < _CARRIED else 0
                        for base in self._base
                    ]
                )
            else:
                weeks = 8 * 2 * lines_a_week * 0.3 / whole
                levels.append([int(base * weeks + 4 + 14 * throw.random()) for base in self._base])
        return levels
