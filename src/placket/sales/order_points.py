"""The points of an order of the web: what a member may spend, kept for its lines, spent parcel by parcel, given back.

They are the order's last discount. Kept as long as its goods are: by the line, since lines leave and are given up by
themselves (docs/rules/loyalty.md).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import crm
from placket.core import clock
from placket.core.money import split
from placket.sales.order_models import WebOrder, WebOrderLine
from placket.sales.order_rules import Wish
from placket.sales.rules import PointsSpent, PricedLine

KEPT = text("SELECT coalesce(sum(amount) FILTER (WHERE state <> 'freed'), 0)::int FROM right_hold WHERE order_id = :order")


def purse(tx: Session, wish: Wish, *, total_vnd: int, given_up: UUID | None, now: datetime) -> crm.Purse | None:
    """What the member of a cart may spend on it; nothing for a guest, or while no rule is in force."""
    if wish.customer_id is None:
        return None
    on = clock.business_day(now)
    return crm.purse(tx, customer_id=wish.customer_id, total_vnd=total_vnd, given_up=given_up, now=now, on=on)


def spent(wish: Wish, purse: crm.Purse | None) -> PointsSpent | None:
    """The points that a cart spends: as many of those asked for as may be."""
    used = 0 if purse is None else purse.used(wish.points)
    return None if purse is None or not used else PointsSpent(wish.id, used, used * purse.point_vnd)


def spent_by(order: WebOrder) -> PointsSpent | None:
    """The points that an order keeps."""
    return PointsSpent(order.id, order.points, order.points_vnd) if order.points else None


def keep(tx: Session, order: WebOrder, lines: Sequence[PricedLine], *, now: datetime) -> None:
    """Keep an order's points for its lines, in proportion to what they take off each. Refuses ``crm.NotEnough``."""
    if order.customer_id is None or not order.points:
        return
    points_of = split(order.points, [line.points_vnd for line in lines])
    of_lines = [
        crm.LinePoints(line_no, points, line.points_vnd)
        for line_no, (line, points) in enumerate(zip(lines, points_of, strict=True), start=1)
        if points
    ]
    crm.hold_for_order(tx, order_id=order.id, customer_id=order.customer_id, lines=of_lines, now=now)


def spends(tx: Session, order: WebOrder, lines: Iterable[WebOrderLine]) -> list[dict[str, Any]]:
    """What the lines of a parcel spend, as the desk's routine takes it."""
    if not order.points:
        return []
    return crm.spends_of_order(tx, order_id=order.id, line_nos=[line.line_no for line in lines])


def free(tx: Session, order: WebOrder, lines: Iterable[WebOrderLine], *, now: datetime) -> None:
    """Lines are given up: their points are the member's again."""
    if order.points:
        crm.free_holds_of_order(tx, order_id=order.id, line_nos=[line.line_no for line in lines], now=now)


def shown(tx: Session, order: WebOrder) -> dict[str, int] | None:
    """The points of an order, and how many of them are the member's again since lines of it were given up."""
    if not order.points:
        return None
    kept: int = tx.execute(KEPT, {"order": order.id}).scalar_one()
    return {"points": order.points, "value_vnd": order.points_vnd, "given_back": order.points - kept}
