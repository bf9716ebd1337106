"""What promotions take off a cart: the book's answer, brought back from pieces to lines. Pure (docs/rules/pricing.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from placket import catalog, crm, promotions
from placket.sales.rules import CartLine, OfferPart


@dataclass(frozen=True, slots=True)
class Wishes:
    """What only promotions ask of a cart: who buys, which promotion each voucher opens, how much of each limit was had.

    ``skipped`` are promotions that the till does not understand: it could not have shown what they take off.
    """

    customer: promotions.CustomerFacts | None = None
    opened: Mapping[str, str] = field(default_factory=dict)
    had: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Offered:
    """What promotions take off each line, and in all: ``applied`` as the desk's routine takes it.

    ``vouchers`` are those that opened something: one for each promotion, and none for one that took nothing off.
    ``quote`` is the engine's whole answer: also what was rejected and why, and what is nearly reached.
    """

    of_lines: Sequence[tuple[OfferPart, ...]]
    applied: list[dict[str, Any]]
    promo_version: int
    vouchers: list[str] = field(default_factory=list)
    quote: dict[str, Any] | None = None


def facts_of(buyer: crm.Buyer) -> promotions.CustomerFacts:
    """What promotions may know of whoever buys."""
    return promotions.CustomerFacts(segments=buyer.segments, tier=buyer.tier, birthday=buyer.birthday)


def facts_then(buyer: crm.Buyer, had: Sequence[promotions.Promotion]) -> promotions.CustomerFacts:
    """What promotions knew of somebody at a sale, as far as the promotions they had there say it.

    People change groups and tiers; what a sale was priced by stays true for its goods.
    """
    asked = [promotion.who for promotion in had if promotion.who is not None]
    tiers = [who.tiers for who in asked if who.tiers is not None]
    common = sorted(frozenset.intersection(*tiers)) if tiers else []
    return promotions.CustomerFacts(
        segments=frozenset(key for who in asked for key in who.segments or ()),
        tier=common[0] if common else None,
        birthday=buyer.birthday,
    )


def offered(
    lines: Sequence[CartLine],
    *,
    prices: catalog.PriceBook,
    book: promotions.PromoBook,
    unit_of: Mapping[UUID, int],
    channel: str,
    location_id: UUID,
    at: datetime,
    wishes: Wishes,
) -> Offered:
    """Price a cart by the promotions of a book; ``unit_of`` are list prices. A line with a price by hand takes no part."""
    takes_part = [not (line.adjust is not None and line.adjust.kind == "price") and line.qty > 0 for line in lines]
    understood = [promotion for promotion in book.promotions if promotion.id not in wishes.skipped]
    if not understood or not any(takes_part):
        return Offered([()] * len(lines), [], book.promo_version)
    quote = promotions.quote(
        promotions.CartFacts(
            at_ms=int(at.timestamp() * 1000),
            location_id=str(location_id),
            channel=channel,
            lines=tuple(
                _facts(line, prices, unit_of[line.variant_id])
                for line, takes in zip(lines, takes_part, strict=True)
                if takes
            ),
            customer=wishes.customer,
            vouchers=frozenset(wishes.opened.values()),
            left=book.left(wishes.had),
        ),
        understood,
    )
    version_of = {row["promotion_id"]: row["version"] for row in quote["applied"]}
    parts_of = {(piece["variant_id"], piece["no"]): piece["parts"] for piece in quote["pieces"]}
    counted: dict[str, int] = {}
    of_lines = []
    for line, takes in zip(lines, takes_part, strict=True):
        shares: dict[str, list[int]] = {}
        key = str(line.variant_id)
        for place in range(line.qty if takes else 0):
            counted[key] = counted.get(key, 0) + 1
            for part in parts_of[key, counted[key]]:
                shares.setdefault(part["promotion_id"], [0] * line.qty)[place] = part["vnd"]
        of_lines.append(tuple(OfferPart(each, version_of[each], tuple(vnd)) for each, vnd in sorted(shares.items())))
    applied = [
        {
            "promotion_id": row["promotion_id"],
            "version": row["version"],
            "uses": row["times"],
            "pieces": row["pieces"],
            "amount_vnd": row["vnd"],
        }
        for row in quote["applied"]
    ]
    first_of: dict[str, str] = {}
    for code, promotion_id in wishes.opened.items():
        first_of.setdefault(promotion_id, code)
    used = [first_of[row["promotion_id"]] for row in applied if row["promotion_id"] in first_of]
    return Offered(of_lines, applied, book.promo_version, used, quote)


def _facts(line: CartLine, prices: catalog.PriceBook, list_vnd: int) -> promotions.LineFacts:
    style = prices.facts_of(line.variant_id)
    return promotions.LineFacts(
        variant_id=str(line.variant_id),
        style_id=style.style_id,
        category_ids=style.category_ids,
        season=style.season,
        tags=style.tags,
        list_vnd=list_vnd,
        qty=line.qty,
    )
