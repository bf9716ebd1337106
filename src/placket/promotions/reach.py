"""How far a promotion reaches: which styles it means, and which others can want the same pieces there and then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from placket import catalog
from placket.promotions.conditions import holds
from placket.promotions.terms import Bundle, BuyGet, Gift, Goods, LineFacts, Promotion


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another promotion that means some of the same styles, and how many."""

    promotion_id: str
    styles: int


@dataclass(frozen=True, slots=True)
class Reach:
    """What a promotion means of the catalogue, and whom it meets there."""

    styles: int
    variants: int
    overlaps: Sequence[Overlap]


def reach_of(promotion: Promotion, others: Iterable[Promotion], prices: catalog.PriceBook) -> Reach:
    """Count what a promotion means, and who else in its round means some of it while both run somewhere."""
    styles = prices.styles()
    meant = _meant(promotion, styles, prices)
    overlaps = []
    for other in others:
        if other.id != promotion.id and _meet(promotion, other):
            common = len(meant.keys() & _meant(other, styles, prices).keys())
            if common:
                overlaps.append(Overlap(other.id, common))
    overlaps.sort(key=lambda overlap: (-overlap.styles, overlap.promotion_id))
    return Reach(len(meant), sum(meant.values()), overlaps)


def _meant(
    promotion: Promotion, styles: Sequence[tuple[catalog.StyleFacts, int]], prices: catalog.PriceBook
) -> dict[str, int]:
    """The styles of which a promotion means something, and how many of their variants."""
    found: dict[str, int] = {}
    for goods in _goods_of(promotion):
        if goods.variants is not None:
            for variant_id in goods.variants:
                facts = prices.facts_of(UUID(variant_id))
                if holds(goods, _line(facts, variant_id)):
                    found[facts.style_id] = found.get(facts.style_id, 0) + 1
            continue
        for facts, variants in styles:
            if holds(goods, _line(facts, "")):
                found[facts.style_id] = max(found.get(facts.style_id, 0), variants)
    return found


def _goods_of(promotion: Promotion) -> list[Goods]:
    reward = promotion.reward
    if isinstance(reward, Bundle):
        return [part.goods for part in reward.parts]
    if isinstance(reward, BuyGet | Gift) and reward.goods is not None:
        return [promotion.goods, reward.goods]
    return [promotion.goods]


def _line(facts: catalog.StyleFacts, variant_id: str) -> LineFacts:
    return LineFacts(
        variant_id=variant_id,
        style_id=facts.style_id,
        category_ids=facts.category_ids,
        season=facts.season,
        tags=facts.tags,
        list_vnd=0,
        qty=1,
    )


def _meet(one: Promotion, other: Promotion) -> bool:
    """Whether a piece can have to choose between them: one round, and a common moment, branch and channel."""
    if (one.exclusive, one.exclusive or one.group) != (other.exclusive, other.exclusive or other.group):
        return False
    return (
        _before(one.when.starts_ms, other.when.ends_ms)
        and _before(other.when.starts_ms, one.when.ends_ms)
        and _common(one.where.locations, other.where.locations)
        and _common(one.where.channels, other.where.channels)
    )


def _before(starts_ms: int | None, ends_ms: int | None) -> bool:
    return starts_ms is None or ends_ms is None or starts_ms < ends_ms


def _common(one: frozenset[str] | None, other: frozenset[str] | None) -> bool:
    return one is None or other is None or not one.isdisjoint(other)
