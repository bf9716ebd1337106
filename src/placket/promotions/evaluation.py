"""What a cart costs when exactly these promotions take part: deterministic, no choice is made here (docs/rules/pricing.md).

Pieces are numbered in canonical order (variant id, then which piece of it). Exclusive promotions come first and close the
pieces they use; then group after group, each on the prices the group before has left.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from placket.core.money import part_of, split
from placket.promotions.terms import (
    Amount,
    AmountEach,
    Bundle,
    BuyGet,
    FixedPrice,
    Gift,
    Left,
    Percent,
    Promotion,
    Tiers,
)

SIMPLE = (Percent, AmountEach, FixedPrice)


@dataclass(slots=True, eq=False)
class Entrant:
    """A promotion that may take part, with the pieces it means, dearest first.

    ``others`` are the goods its reward names by itself: what is given (one list) or the parts of a bundle (one each).
    """

    promotion: Promotion
    pieces: list[int]
    others: list[list[int]]
    left: Left

    @property
    def is_simple(self) -> bool:
        """Whether it prices each piece by itself."""
        need, reward = self.promotion.need, self.promotion.reward
        capped = isinstance(reward, Percent) and reward.cap_vnd is not None
        return isinstance(reward, SIMPLE) and need.qty <= 1 and not need.spend_vnd and not capped

    @property
    def is_limited(self) -> bool:
        """Whether its pieces or its money may run out inside this cart."""
        return self.left.pieces is not None or self.left.budget_vnd is not None

    @property
    def order(self) -> tuple[int, str]:
        """Its turn inside a group."""
        return self.promotion.priority, self.promotion.id

    @property
    def can_fit(self) -> bool:
        """Whether the cart holds enough pieces for it at all, whatever the others use."""
        reward = self.promotion.reward
        if isinstance(reward, Bundle):
            return all(len(goods) >= part.qty for part, goods in zip(reward.parts, self.others, strict=True))
        if isinstance(reward, BuyGet):
            if reward.goods is None:
                return len(self.pieces) >= reward.buy + reward.get
            return len(self.pieces) >= reward.buy and len(self.others[0]) >= reward.get
        if isinstance(reward, Gift) and not self.others[0]:
            return False
        return len(self.pieces) >= max(1, self.promotion.need.qty)

    def touched(self) -> set[int]:
        """Every piece it could use."""
        return set(self.pieces).union(*self.others)


@dataclass(slots=True)
class Use:
    """One application of a promotion: the pieces it uses up in its group, and what it takes off some of them."""

    entrant: Entrant
    pieces: list[int]
    off: list[tuple[int, int]]


@dataclass(slots=True)
class Outcome:
    """Prices after all promotions, by piece, and how they came about."""

    net_vnd: dict[int, int]
    uses: list[Use] = field(default_factory=list)

    @property
    def total_vnd(self) -> int:
        """What is to be paid."""
        return sum(self.net_vnd.values())


@dataclass(slots=True)
class Stage:
    """The promotions of one stacking group: those of several pieces in their order, then those of single pieces.

    ``singles`` has for every piece one row a kind of reward, the best of its kind first: however many promotions run, a
    piece looks at three. Those with limits are looked at last, where they help most.
    """

    sets: list[Entrant]
    singles: dict[int, list[list[Entrant]]]
    limited: list[Entrant]


@dataclass(slots=True)
class Plan:
    """Promotions made ready to be evaluated many times."""

    stages: list[tuple[int, Stage]]


EXCLUSIVE: Final = 0

Best = dict[int, tuple[int, Entrant]]
"""By piece: what comes off it, and by which promotion."""


def stage_of(entrant: Entrant) -> int:
    """Exclusive promotions come before every group."""
    return EXCLUSIVE if entrant.promotion.exclusive else entrant.promotion.group


def planned(entrants: Iterable[Entrant]) -> Plan:
    """Sort promotions into their stages."""
    by_stage: dict[int, list[Entrant]] = {}
    for entrant in sorted(entrants, key=lambda entrant: entrant.order):
        by_stage.setdefault(stage_of(entrant), []).append(entrant)
    return Plan([(number, _stage(by_stage[number])) for number in sorted(by_stage)])


def _stage(members: list[Entrant]) -> Stage:
    singles: dict[int, dict[type, list[Entrant]]] = {}
    for entrant in members:
        if entrant.is_simple and not entrant.is_limited:
            for piece in entrant.pieces:
                singles.setdefault(piece, {}).setdefault(type(entrant.promotion.reward), []).append(entrant)
    return Stage(
        sets=[entrant for entrant in members if not entrant.is_simple],
        singles={
            piece: [sorted(row, key=_best_of_kind) for row in by_kind.values()] for piece, by_kind in sorted(singles.items())
        },
        limited=[entrant for entrant in members if entrant.is_simple and entrant.is_limited],
    )


def _best_of_kind(entrant: Entrant) -> tuple[int, tuple[int, str]]:
    reward = entrant.promotion.reward
    if isinstance(reward, Percent):
        return -reward.bp, entrant.order
    if isinstance(reward, AmountEach):
        return -reward.vnd, entrant.order
    assert isinstance(reward, FixedPrice), "only these price single pieces"
    return reward.vnd, entrant.order


def evaluate(plan: Plan, list_vnd: dict[int, int], out: Collection[str] = ()) -> Outcome:
    """Apply all promotions of a plan to these pieces, except those left ``out``."""
    outcome = Outcome(dict(list_vnd))
    closed: set[int] = set()
    for number, stage in plan.stages:
        used = set(closed)
        for entrant in stage.sets:
            if entrant.promotion.id not in out:
                for use in _within_limits(entrant, _sets(entrant, used, outcome.net_vnd), outcome):
                    used.update(use.pieces)
        used.update(_each_piece(stage, used, outcome, out))
        if number == EXCLUSIVE:
            closed = used
    return outcome


def _within_limits(entrant: Entrant, sets: Iterator[Use], outcome: Outcome) -> Iterator[Use]:
    """Book application after application until a limit is reached; a budget is never passed by one đồng."""
    uses, pieces, budget_vnd = entrant.left.uses, entrant.left.pieces, entrant.left.budget_vnd
    for use in sets:
        off_vnd = sum(vnd for _, vnd in use.off)
        cheaper = sum(1 for _, vnd in use.off if vnd)
        if (uses is not None and uses < 1) or (pieces is not None and pieces < cheaper):
            return
        if budget_vnd is not None and budget_vnd < off_vnd:
            return
        uses = None if uses is None else uses - 1
        pieces = None if pieces is None else pieces - cheaper
        budget_vnd = None if budget_vnd is None else budget_vnd - off_vnd
        _book(use, outcome)
        yield use


def _book(use: Use, outcome: Outcome) -> None:
    for piece, off_vnd in use.off:
        outcome.net_vnd[piece] -= off_vnd
    outcome.uses.append(use)


def _each_piece(stage: Stage, used: set[int], outcome: Outcome, out: Collection[str]) -> Iterable[int]:
    """Every piece left takes the best promotion that prices single pieces."""
    best: Best = {}
    for piece, rows in stage.singles.items():
        if piece not in used:
            for row in rows:
                entrant = next((entrant for entrant in row if entrant.promotion.id not in out), None)
                if entrant is not None:
                    _take_better(best, piece, off_one(entrant.promotion, outcome.net_vnd[piece]), entrant)
    for entrant in stage.limited:
        if entrant.promotion.id not in out:
            _spend_limits(best, entrant, [piece for piece in entrant.pieces if piece not in used], outcome.net_vnd)
    taken: dict[str, Use] = {}
    for piece in sorted(best):
        off_vnd, entrant = best[piece]
        use = taken.setdefault(entrant.promotion.id, Use(entrant, [], []))
        use.pieces.append(piece)
        use.off.append((piece, off_vnd))
    for promotion_id in sorted(taken):
        _book(taken[promotion_id], outcome)
    return best


def _take_better(best: Best, piece: int, off_vnd: int, entrant: Entrant) -> None:
    known = best.get(piece)
    if off_vnd > 0 and (known is None or off_vnd > known[0] or (off_vnd == known[0] and entrant.order < known[1].order)):
        best[piece] = off_vnd, entrant


def _spend_limits(best: Best, entrant: Entrant, pieces: list[int], net_vnd: dict[int, int]) -> None:
    """A promotion with limits goes where it gains most, as long as its pieces and its money last."""
    gains = []
    for piece in pieces:
        off_vnd = off_one(entrant.promotion, net_vnd[piece])
        gains.append((off_vnd - (best[piece][0] if piece in best else 0), piece, off_vnd))
    pieces_left, budget_vnd = entrant.left.pieces, entrant.left.budget_vnd
    for gain_vnd, piece, off_vnd in sorted(gains, key=lambda gain: (-gain[0], gain[1])):
        if gain_vnd <= 0 or (pieces_left is not None and pieces_left < 1):
            return
        if budget_vnd is not None and budget_vnd < off_vnd:
            continue
        pieces_left = None if pieces_left is None else pieces_left - 1
        budget_vnd = None if budget_vnd is None else budget_vnd - off_vnd
        best[piece] = off_vnd, entrant


def off_one(promotion: Promotion, net_vnd: int) -> int:
    """What a promotion of single pieces takes off one that costs ``net_vnd``."""
    reward = promotion.reward
    if isinstance(reward, Percent):
        return part_of(net_vnd, reward.bp)
    if isinstance(reward, AmountEach):
        return min(reward.vnd, net_vnd)
    assert isinstance(reward, FixedPrice), "only these price single pieces"
    return max(0, net_vnd - reward.vnd)


def _sets(entrant: Entrant, used: set[int], net_vnd: dict[int, int]) -> Iterator[Use]:
    """The applications of a promotion that needs several pieces, one after the other, on pieces not used in its group."""
    reward = entrant.promotion.reward
    if isinstance(reward, BuyGet):
        yield from _given(entrant, reward, used, net_vnd)
    elif isinstance(reward, Bundle):
        yield from _bundled(entrant, reward, used, net_vnd)
    elif isinstance(reward, Gift):
        yield from _gifts(entrant, reward, used, net_vnd)
    else:
        pieces = [piece for piece in entrant.pieces if piece not in used]
        if pieces and fits(entrant.promotion, pieces, net_vnd):
            off = _off_all(entrant.promotion, pieces, net_vnd)
            if off is not None:
                yield Use(entrant, pieces, off)


def fits(promotion: Promotion, pieces: list[int], net_vnd: dict[int, int]) -> bool:
    """Whether these pieces are as many, and cost as much, as the promotion needs."""
    need = promotion.need
    return len(pieces) >= need.qty and (not need.spend_vnd or sum(net_vnd[piece] for piece in pieces) >= need.spend_vnd)


def _off_all(promotion: Promotion, pieces: list[int], net_vnd: dict[int, int]) -> list[tuple[int, int]] | None:
    """What a promotion of all its goods takes off each; none when no step is reached."""
    reward = promotion.reward
    if isinstance(reward, Amount):
        return _shared(reward.vnd, pieces, net_vnd)
    if isinstance(reward, Tiers):
        reached = len(pieces) if reward.by == "qty" else sum(net_vnd[piece] for piece in pieces)
        steps = [step for step in reward.steps if step.at_least <= reached]
        if not steps:
            return None
        step = max(steps, key=lambda step: step.at_least)
        if step.vnd:
            return _shared(step.vnd, pieces, net_vnd)
        return [(piece, part_of(net_vnd[piece], step.bp)) for piece in pieces]
    off = [(piece, off_one(promotion, net_vnd[piece])) for piece in pieces]
    if isinstance(reward, Percent) and reward.cap_vnd is not None and sum(vnd for _, vnd in off) > reward.cap_vnd:
        return _shared(reward.cap_vnd, pieces, net_vnd)
    return off


def _shared(vnd: int, pieces: list[int], net_vnd: dict[int, int]) -> list[tuple[int, int]]:
    """An amount off several pieces, shared by what they cost; never more than they cost."""
    ordered = sorted(pieces)
    weights = [net_vnd[piece] for piece in ordered]
    return list(zip(ordered, split(min(vnd, sum(weights)), weights), strict=True))


def _given(entrant: Entrant, reward: BuyGet, used: set[int], net_vnd: dict[int, int]) -> Iterator[Use]:
    """Buy some, get some. Among the same goods the dearest are bought first and the cheapest of each set is given."""
    if reward.goods is None:
        pieces = [piece for piece in entrant.pieces if piece not in used]
        size = reward.buy + reward.get
        for start in range(0, len(pieces) - size + 1, size):
            chosen = pieces[start : start + size]
            yield Use(entrant, chosen, [(piece, part_of(net_vnd[piece], reward.bp)) for piece in chosen[reward.buy :]])
        return
    [gets] = entrant.others
    wanted = set(gets)
    # What can only be bought is bought first, so that as much as possible is left to be given.
    buys = sorted(entrant.pieces, key=wanted.__contains__)
    taken = set(used)
    while True:
        bought = [piece for piece in buys if piece not in taken][: reward.buy]
        given = [piece for piece in reversed(gets) if piece not in taken and piece not in bought][: reward.get]
        if len(bought) < reward.buy or len(given) < reward.get:
            return
        taken.update(bought, given)
        yield Use(entrant, bought + given, [(piece, part_of(net_vnd[piece], reward.bp)) for piece in given])


def _bundled(entrant: Entrant, reward: Bundle, used: set[int], net_vnd: dict[int, int]) -> Iterator[Use]:
    """The dearest of every part, as often as all parts are there."""
    taken = set(used)
    while True:
        chosen: list[int] = []
        for part, goods in zip(reward.parts, entrant.others, strict=True):
            found = [piece for piece in goods if piece not in taken and piece not in chosen][: part.qty]
            if len(found) < part.qty:
                return
            chosen += found
        taken.update(chosen)
        over_vnd = max(0, sum(net_vnd[piece] for piece in chosen) - reward.vnd)
        yield Use(entrant, chosen, _shared(over_vnd, chosen, net_vnd))


def _gifts(entrant: Entrant, reward: Gift, used: set[int], net_vnd: dict[int, int]) -> Iterator[Use]:
    """The gift pieces do not count to what must be bought for them."""
    [goods] = entrant.others
    given = [piece for piece in reversed(goods) if piece not in used][: reward.qty]
    bought = [piece for piece in entrant.pieces if piece not in used and piece not in given]
    if given and bought and fits(entrant.promotion, bought, net_vnd):
        yield Use(entrant, bought + given, [(piece, net_vnd[piece]) for piece in given])
