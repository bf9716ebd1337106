"""The best permitted price of a cart, with its explanation: a pure function of cart and promotions (docs/rules/pricing.md).

The till runs the same function in TypeScript; contracts/pricing holds both to the same answers, to the đồng and the letter.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any, Final

from placket.promotions.conditions import holds, refusal_of
from placket.promotions.evaluation import Entrant, Outcome, Plan, Use, evaluate, fits, off_one, planned, stage_of
from placket.promotions.terms import (
    Amount,
    Bundle,
    BuyGet,
    CartFacts,
    Gift,
    Goods,
    Left,
    LineFacts,
    Percent,
    Promotion,
    Tiers,
)

SEARCHED_WHOLE: Final = 6
"""Up to so many promotions that stand in each other's way, every combination is tried: 64 at most."""

TRIED_OUT: Final = 12
"""Of more, so many are left out one after the other to see whether the customer gains."""

Shelf = list[tuple[LineFacts, list[int]]]
"""The variants of the cart, dearest first and equal ones in canonical order, with their pieces."""

NOT_WORTH_SAYING: Final = frozenset({"elsewhere", "no_voucher"})


def quote(cart: CartFacts, promotions: Sequence[Promotion]) -> dict[str, Any]:
    """Price a cart.

    Answers ``{list_vnd, total_vnd, exact, pieces, applied, rejected, near}`` in canonical order, ready for JSON. ``exact``
    says that no permitted combination of these promotions is cheaper; it is false only where there were too many to try.
    """
    pieces = _pieces_of(cart.lines)
    list_vnd = {index: line.list_vnd for index, (line, _) in enumerate(pieces)}
    shelf = _shelf_of(pieces)
    entrants: list[Entrant] = []
    refused: list[tuple[Entrant, str]] = []
    for promotion in sorted(promotions, key=lambda promotion: promotion.id):
        reason = refusal_of(promotion, cart)
        if reason in NOT_WORTH_SAYING:
            continue
        entrant = _entrant(promotion, shelf, cart.left.get(promotion.id, Left()))
        if entrant.touched():
            if reason is None:
                entrants.append(entrant)
            else:
                refused.append((entrant, reason))
    outcome = Outcome(dict(list_vnd))
    exact = True
    for component in _components([entrant for entrant in entrants if entrant.can_fit]):
        touched = set[int]().union(*(entrant.touched() for entrant in component))
        best, whole = _best(component, {index: list_vnd[index] for index in sorted(touched)})
        outcome.net_vnd.update(best.net_vnd)
        outcome.uses += best.uses
        exact = exact and whole
    return {
        "list_vnd": sum(list_vnd.values()),
        "total_vnd": outcome.total_vnd,
        "exact": exact,
        "pieces": list(_pieces_shown(pieces, outcome)),
        "applied": list(_applied_shown(outcome.uses)),
        "rejected": list(_rejected_shown(entrants, refused, outcome, list_vnd)),
        "near": list(_near_shown(entrants, outcome, list_vnd)),
    }


def _pieces_of(lines: Iterable[LineFacts]) -> list[tuple[LineFacts, int]]:
    """The pieces in canonical order, each with its number among those of its variant."""
    counted: dict[str, int] = {}
    pieces = []
    for line in lines:
        first = counted.get(line.variant_id, 0)
        counted[line.variant_id] = first + line.qty
        pieces += [(line, number) for number in range(first + 1, first + line.qty + 1)]
    return sorted(pieces, key=lambda piece: (piece[0].variant_id, piece[1]))


def _shelf_of(pieces: Sequence[tuple[LineFacts, int]]) -> Shelf:
    shelf: dict[str, tuple[LineFacts, list[int]]] = {}
    for index, (line, _) in enumerate(pieces):
        shelf.setdefault(line.variant_id, (line, []))[1].append(index)
    return sorted(shelf.values(), key=lambda held: (-held[0].list_vnd, held[1][0]))


def _entrant(promotion: Promotion, shelf: Shelf, left: Left) -> Entrant:
    """The promotion with the pieces it means, in the order of the shelf."""
    reward = promotion.reward
    others: tuple[Goods, ...] = ()
    if isinstance(reward, Bundle):
        others = tuple(part.goods for part in reward.parts)
    elif isinstance(reward, Gift | BuyGet) and reward.goods is not None:
        others = (reward.goods,)

    def meant(goods: Goods) -> list[int]:
        found: list[int] = []
        for line, indexes in shelf:
            if holds(goods, line):
                found += indexes
        return found

    own = [] if isinstance(reward, Bundle) else meant(promotion.goods)
    return Entrant(promotion, own, [meant(goods) for goods in others], left)


def _components(entrants: Sequence[Entrant]) -> list[list[Entrant]]:
    """Promotions that share pieces, directly or through others: the price of one such part does not depend on another's."""
    components: list[tuple[set[int], list[Entrant]]] = []
    for entrant in entrants:
        touched = entrant.touched()
        apart = []
        joined = [entrant]
        for pieces, members in components:
            if pieces.isdisjoint(touched):
                apart.append((pieces, members))
            else:
                touched |= pieces
                joined = members + joined
        components = [*apart, (touched, joined)]
    return [sorted(members, key=lambda entrant: entrant.promotion.id) for _, members in components]


def _best(component: Sequence[Entrant], list_vnd: dict[int, int]) -> tuple[Outcome, bool]:
    """The cheapest outcome over which promotions take part, and whether every combination was tried.

    Promotions of single pieces always take part unless something in the component makes that a choice: they can only lower
    what later ones see. Of equal outcomes the one with more promotions, then the earlier ones, wins.
    """
    plan = planned(component)
    best = evaluate(plan, list_vnd)
    choices = [entrant.promotion.id for entrant in component if _is_choice(entrant, component)]
    if len(choices) <= SEARCHED_WHOLE:
        for count in range(1, len(choices) + 1):
            for out in combinations(choices, count):
                outcome = evaluate(plan, list_vnd, out)
                if outcome.total_vnd < best.total_vnd:
                    best = outcome
        return best, True
    return _better(plan, list_vnd, best, set(choices)), False


def _better(plan: Plan, list_vnd: dict[int, int], best: Outcome, choices: set[str]) -> Outcome:
    """Too many combinations: leave out one promotion after the other that took part, for good when that is cheaper."""
    out: set[str] = set()
    took_part = dict.fromkeys(use.entrant.promotion.id for use in best.uses)
    for promotion_id in [each for each in took_part if each in choices][:TRIED_OUT]:
        outcome = evaluate(plan, list_vnd, out | {promotion_id})
        if outcome.total_vnd < best.total_vnd:
            best = outcome
            out.add(promotion_id)
    return best


def _is_choice(entrant: Entrant, component: Sequence[Entrant]) -> bool:
    """Whether leaving it out may be better for the customer."""
    if not entrant.is_simple or entrant.promotion.exclusive or entrant.is_limited or len(component) == 1:
        return len(component) > 1
    return any(_is_delicate(other, component) for other in component)


def _is_delicate(entrant: Entrant, component: Sequence[Entrant]) -> bool:
    """Whether a lower price before it can mean a higher price after it: thresholds of money, limits, shared amounts."""
    promotion = entrant.promotion
    reward = promotion.reward
    if promotion.need.spend_vnd or entrant.is_limited:
        return True
    shares = isinstance(reward, Amount | Bundle) or (isinstance(reward, Percent) and reward.cap_vnd is not None)
    if isinstance(reward, Tiers):
        if reward.by == "spend":
            return True
        shares = not all(step.bp for step in reward.steps)
    return shares and any(stage_of(other) > stage_of(entrant) for other in component)


def _pieces_shown(pieces: Sequence[tuple[LineFacts, int]], outcome: Outcome) -> Iterator[dict[str, Any]]:
    parts: dict[int, list[dict[str, Any]]] = {}
    for use in outcome.uses:
        for index, off_vnd in use.off:
            if off_vnd:
                parts.setdefault(index, []).append({"promotion_id": use.entrant.promotion.id, "vnd": off_vnd})
    for index, (line, number) in enumerate(pieces):
        yield {
            "variant_id": line.variant_id,
            "no": number,
            "list_vnd": line.list_vnd,
            "net_vnd": outcome.net_vnd[index],
            "parts": parts.get(index, []),
        }


def _applied_shown(uses: Iterable[Use]) -> Iterator[dict[str, Any]]:
    """Every promotion that took something off, what and how often."""
    by_id: dict[str, list[Use]] = {}
    for use in uses:
        if any(off_vnd for _, off_vnd in use.off):
            by_id.setdefault(use.entrant.promotion.id, []).append(use)
    for promotion_id in sorted(by_id):
        found = by_id[promotion_id]
        yield {
            "promotion_id": promotion_id,
            "version": found[0].entrant.promotion.version,
            "times": len(found),
            "pieces": sum(1 for use in found for _, off_vnd in use.off if off_vnd),
            "vnd": sum(off_vnd for use in found for _, off_vnd in use.off),
        }


def _rejected_shown(
    entrants: Sequence[Entrant], refused: Sequence[tuple[Entrant, str]], outcome: Outcome, list_vnd: dict[int, int]
) -> Iterator[dict[str, Any]]:
    """What took nothing off, why, and what it would have taken off by itself."""
    helped = {use.entrant.promotion.id for use in outcome.uses if any(off_vnd for _, off_vnd in use.off)}
    beaten = [(entrant, "beaten") for entrant in entrants if entrant.promotion.id not in helped]
    for entrant, reason in sorted([*refused, *beaten], key=lambda row: row[0].promotion.id):
        would_vnd = _alone_vnd(entrant, list_vnd)
        if would_vnd:
            yield {"promotion_id": entrant.promotion.id, "reason": reason, "would_vnd": would_vnd}


def _alone_vnd(entrant: Entrant, list_vnd: dict[int, int]) -> int:
    """What the promotion takes off when it is the only one and has no limits."""
    if entrant.is_simple:
        return sum(off_one(entrant.promotion, list_vnd[piece]) for piece in entrant.pieces)
    own_vnd = {index: list_vnd[index] for index in sorted(entrant.touched())}
    alone = evaluate(planned([Entrant(entrant.promotion, entrant.pieces, entrant.others, Left())]), own_vnd)
    return sum(own_vnd.values()) - alone.total_vnd


def _near_shown(entrants: Sequence[Entrant], outcome: Outcome, list_vnd: dict[int, int]) -> Iterator[dict[str, Any]]:
    """Promotions that need a little more: so many pieces, or so many đồng at the prices that their group starts from."""
    helped = {use.entrant.promotion.id for use in outcome.uses if any(off_vnd for _, off_vnd in use.off)}
    for entrant in entrants:
        promotion = entrant.promotion
        if promotion.id in helped or not entrant.pieces:
            continue
        before_vnd = dict(list_vnd)
        for use in outcome.uses:
            for piece, off_vnd in use.off if stage_of(use.entrant) < stage_of(entrant) else ():
                before_vnd[piece] -= off_vnd
        lacks_qty, lacks_vnd = _lacks(entrant, before_vnd)
        if lacks_qty or lacks_vnd:
            yield {"promotion_id": promotion.id, "lacks_qty": lacks_qty, "lacks_vnd": lacks_vnd}


def _lacks(entrant: Entrant, net_vnd: dict[int, int]) -> tuple[int, int]:
    """What is missing of what the promotion needs, in pieces and đồng, at these prices."""
    promotion = entrant.promotion
    reward = promotion.reward
    held = len(entrant.pieces)
    worth_vnd = sum(net_vnd[piece] for piece in entrant.pieces)
    if isinstance(reward, BuyGet):
        if reward.goods is None:
            return max(0, reward.buy + reward.get - held), 0
        return max(0, reward.buy - held) or max(0, reward.get - len(entrant.others[0])), 0
    if isinstance(reward, Tiers):
        first = min(step.at_least for step in reward.steps)
        return (max(0, first - held), 0) if reward.by == "qty" else (0, max(0, first - worth_vnd))
    if isinstance(reward, Gift):
        given = entrant.others[0][-reward.qty :]
        bought = [piece for piece in entrant.pieces if piece not in given]
        if not given and fits(promotion, bought, net_vnd):
            return 1, 0
        held, worth_vnd = len(bought), sum(net_vnd[piece] for piece in bought)
    return max(0, promotion.need.qty - held), max(0, promotion.need.spend_vnd - worth_vnd)
