"""A cart of the web priced and looked for, before it is ordered: the engine of the till, and what the places have free."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from placket import crm, inventory, promotions
from placket.core.refusals import Refusal
from placket.sales import order_paying, order_points, order_rules, order_view, ordering, quoting
from placket.sales.order_models import WebOrder
from placket.sales.order_rules import Source, Wanted, Wish
from placket.sales.rules import CartLine, PointsSpent

FEW: Final = 3
NOWHERE: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class VoucherSaid:
    """What became of a voucher in a quote: used, without effect, or not usable for a reason."""

    code: str
    state: str
    reason: str | None


def selling_place() -> UUID:
    """Where orders of the web are priced: at the first depot, which serves the web."""
    return next((place.id for place in inventory.places.all() if place.kind == "depot"), NOWHERE)


def priced(tx: Session, wish: Wish, *, now: datetime, given_up: UUID | None = None) -> quoting.Priced:
    """A cart at today's prices, the points of its member taken off last; ``given_up`` is an order that it replaces.

    Refuses ``UnknownVariant``, ``NoPrice``, ``UnknownVoucher``, ``VoucherNotUsable``.
    """
    plain = _priced(tx, wish, points=None, now=now)
    if not wish.points:
        return plain
    purse = order_points.purse(tx, wish, total_vnd=plain.quote.total_vnd, given_up=given_up, now=now)
    points = order_points.spent(wish, purse)
    return plain if points is None else _priced(tx, wish, points=points, now=now)


def _priced(tx: Session, wish: Wish, *, points: PointsSpent | None, now: datetime) -> quoting.Priced:
    wishes = quoting.wishes_of(tx, customer_id=wish.customer_id, codes=wish.vouchers, now=now, sale_id=wish.id)
    place = selling_place()
    lines = [CartLine(line.variant_id, place, line.qty) for line in wish.lines]
    return quoting.price(lines, channel="web", location_id=place, at=now, points=points, wishes=wishes)


def usable(tx: Session, wish: Wish, *, now: datetime) -> tuple[tuple[str, ...], list[VoucherSaid]]:
    """The vouchers of a cart that may be used now, and why the others may not."""
    good, refused = [], []
    for code in wish.vouchers:
        try:
            promotions.find(tx, code=code, customer_id=wish.customer_id, now=now, sale_id=wish.id)
        except Refusal as why:
            refused.append(VoucherSaid(code, "unusable", why.code))
        else:
            good.append(code)
    return tuple(good), refused


def lacking(tx: Session, wish: Wish, *, now: datetime) -> list[dict[str, Any]]:
    """The lines that the places together have not got free now."""
    _, short = order_rules.cover(wish.lines, free_for(tx, wish, now=now))
    return [{"variant_id": str(line.variant_id), "asked": line.qty} for line in short]


def again(tx: Session, order: WebOrder, *, now: datetime) -> quoting.Priced:
    """What an order would cost if it were ordered now, with the points that it keeps. Refuses as ``priced`` does."""
    return _priced(tx, ordering.wish_again(tx, order), points=order_points.spent_by(order), now=now)


def quoted(
    tx: Session, wish: Wish, *, expected_vnd: int | None, card: bool, now: datetime, given_up: UUID | None = None
) -> dict[str, Any]:
    """A cart priced with those of its vouchers that may be used. Refuses ``UnknownVariant``, ``NoPrice``."""
    good, refused = usable(tx, wish, now=now)
    wish = replace(wish, vouchers=good)
    quote = priced(tx, wish, now=now, given_up=given_up)
    by_points_vnd = sum(line.points_vnd for line in quote.quote.lines)
    purse = order_points.purse(tx, wish, total_vnd=quote.quote.total_vnd + by_points_vnd, given_up=given_up, now=now)
    points = None if purse is None else _points(purse, quote.points, by_points_vnd)
    return shown(tx, wish, quote, points=points, expected_vnd=expected_vnd, refused=refused, card=card, now=now)


def _points(purse: crm.Purse, spent: PointsSpent | None, value_vnd: int) -> dict[str, int]:
    return {
        "free": purse.free,
        "least": purse.least,
        "most": purse.most,
        "point_vnd": purse.point_vnd,
        "used": 0 if spent is None else spent.points,
        "value_vnd": value_vnd,
    }


def shown(
    tx: Session,
    wish: Wish,
    quote: quoting.Priced,
    *,
    points: dict[str, int] | None,
    expected_vnd: int | None,
    refused: Sequence[VoucherSaid],
    card: bool,
    now: datetime,
) -> dict[str, Any]:
    """A priced cart with its goods, what is free of them, and how it could be paid (docs/rules/orders.md)."""
    sources = free_for(tx, wish, now=now)
    _, lacking = order_rules.cover(wish.lines, sources)
    short = {line.variant_id for line in lacking}
    goods = order_view.goods_of(tx, [line.variant_id for line in wish.lines])
    of_cart = quote.quote
    means = order_paying.offered(tx, kind=wish.kind, location_id=wish.location_id, total_vnd=of_cart.total_vnd, card=card)
    told = [VoucherSaid(code, "used" if code in quote.vouchers else "no_effect", None) for code in wish.vouchers]
    return {
        "price_version": of_cart.price_version,
        "promo_version": of_cart.promo_version,
        "changed": expected_vnd is not None and expected_vnd != of_cart.total_vnd,
        "lines": [
            {
                **goods[line.line.variant_id],
                "qty": line.line.qty,
                **_stock(line.line.variant_id, sources, gone=line.line.variant_id in short),
                "unit_vnd": line.unit_vnd,
                "discount_vnd": line.discount_vnd,
                "total_vnd": line.total_vnd,
                "offers": [{"promotion_id": part.promotion_id, "vnd": part.vnd} for part in line.offers],
            }
            for line in of_cart.lines
        ],
        "offers": order_view.offers_shown(tx, quote.applied, quote.vouchers),
        "vouchers": [{"code": one.code, "state": one.state, "reason": one.reason} for one in [*told, *refused]],
        "points": points,
        "list_vnd": of_cart.list_vnd,
        "discount_vnd": of_cart.discount_vnd,
        "total_vnd": of_cart.total_vnd,
        "vat": [{"rate_bp": one.rate_bp, "net_vnd": one.net_vnd, "vat_vnd": one.vat_vnd} for one in of_cart.vat],
        "can_order": not short,
        "methods": [{"kind": kind, "allowed": reason is None, "reason": reason} for kind, reason in means.items()],
    }


def free_for(tx: Session, wish: Wish, *, now: datetime) -> list[Source]:
    """The places that may serve a cart, with what each has free for it."""
    floor: int = ordering.settings_of(tx)["branch_floor"]
    variants = [line.variant_id for line in wish.lines]
    return [
        Source(
            servant.location_id,
            servant.kind == "depot",
            order_rules.distance(servant.city, wish.province_code),
            servant.position,
            {
                variant: left - (floor if wish.kind == "ship" and servant.kind == "branch" else 0)
                for variant, left in servant.free.items()
            },
        )
        for servant in inventory.servants(tx, variant_ids=variants, now=now)
        if wish.kind == "ship" or servant.location_id == wish.location_id
    ]


def _stock(variant_id: UUID, sources: Sequence[Source], *, gone: bool) -> dict[str, Any]:
    free = sum(max(0, source.free.get(variant_id, 0)) for source in sources)
    if gone or free == 0:
        return {"stock": "gone", "left": min(free, FEW)}
    return {"stock": "few", "left": free} if free <= FEW else {"stock": "in_stock", "left": None}


def wish_of(order_id: UUID, lines: Sequence[tuple[UUID, int]], **rest: Any) -> Wish:  # noqa: ANN401 - the fields of a wish
    """A wish whose lines name each variant once."""
    sums: dict[UUID, int] = {}
    for variant_id, qty in lines:
        sums[variant_id] = sums.get(variant_id, 0) + qty
    return Wish(id=order_id, lines=tuple(Wanted(variant_id, qty) for variant_id, qty in sums.items()), **rest)
