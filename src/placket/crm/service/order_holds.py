"""Points of an order of the web: each of its lines keeps its own from checkout until its parcel leaves or it is given up.

They end with their order, never by a timer of their own; the accounts and lots are those of every other hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket.core.ids import new_id
from placket.core.money import split
from placket.crm.loyalty_models import RightHold
from placket.crm.service.accounts import locked_accounts, locked_survivor, tell
from placket.crm.service.holds import WHOLE_SHARE_BP, free_holds, keep_lots


@dataclass(frozen=True, slots=True)
class LinePoints:
    """The points that pay for a line of an order, and what they take off it."""

    line_no: int
    points: int
    value_vnd: int


def hold_for_order(tx: Session, *, order_id: UUID, customer_id: UUID, lines: Sequence[LinePoints], now: datetime) -> None:
    """Keep the points of an order's lines, those that expire first. Refuses ``NotFound``, ``NotEnough``."""
    survivor = locked_survivor(tx, customer_id)
    for line in lines:
        held = RightHold(
            id=new_id(),
            resource_type="points",
            resource_id=survivor,
            amount=line.points,
            value_vnd=line.value_vnd,
            share_bp_max=WHOLE_SHARE_BP,
            order_id=order_id,
            line_no=line.line_no,
            state="held",
            held_at=now,
        )
        keep_lots(tx, held, now=now)
    tell(tx, survivor)


def spends_of_order(tx: Session, *, order_id: UUID, line_nos: Sequence[int]) -> list[dict[str, Any]]:
    """What lines of an order spend when they leave, as the desk's routine takes it."""
    return [
        {
            "hold_id": str(held.id),
            "type": held.resource_type,
            "amount": held.amount,
            "value_vnd": held.value_vnd,
            "order_id": str(order_id),
        }
        for held in _held(tx, order_id, line_nos)
    ]


def free_holds_of_order(tx: Session, *, order_id: UUID, line_nos: Sequence[int], now: datetime) -> int:
    """Lines of an order are given up: their points are free again. Answers how many holds ended."""
    return free_holds(tx, _held(tx, order_id, line_nos), now=now)


def _held(tx: Session, order_id: UUID, line_nos: Sequence[int]) -> Sequence[RightHold]:
    wanted = select(RightHold).where(
        RightHold.order_id == order_id, RightHold.line_no.in_(line_nos), RightHold.state == "held"
    )
    return tx.scalars(wanted.order_by(RightHold.line_no)).all()


def split_hold_of_order(tx: Session, *, order_id: UUID, line_no: int, values_vnd: tuple[int, int], other_no: int) -> None:
    """A line of an order becomes two: the points that pay for it go with what they take off each, its lots with them."""
    for held in _held(tx, order_id, [line_no]):
        locked_accounts(tx, [held.resource_id])
        mine, others = _shared(held.amount, values_vnd)
        if not mine:
            held.line_no = other_no
        elif others:
            other = RightHold(
                id=new_id(),
                resource_type=held.resource_type,
                resource_id=held.resource_id,
                amount=others,
                value_vnd=values_vnd[1],
                share_bp_max=held.share_bp_max,
                order_id=order_id,
                line_no=other_no,
                state="held",
                held_at=held.held_at,
            )
            held.amount, held.value_vnd = mine, values_vnd[0]
            tx.add(other)
            tx.flush()
            tx.execute(text(_SHARE_LOTS), {"hold": held.id, "other": other.id, "keeps": mine})
            tx.expire_all()
    tx.flush()


def _shared(points: int, values_vnd: tuple[int, int]) -> tuple[int, int]:
    """In proportion to what they take off; where two can have some, neither has none."""
    mine, others = split(points, values_vnd)
    if all(values_vnd) and points > 1:
        mine = min(max(mine, 1), points - 1)
        others = points - mine
    return mine, others


# The hold keeps what expires first, up to its new amount; the rest is the other's.
_SHARE_LOTS = """
WITH lots AS (
    SELECT k.lot_id, k.points,
           greatest(0, least(k.points, :keeps - (sum(k.points) OVER (ORDER BY l.expires_at, l.id) - k.points)))::int AS stay
      FROM right_hold_lot k JOIN loyalty_lot l ON l.id = k.lot_id WHERE k.hold_id = :hold),
gone AS (DELETE FROM right_hold_lot k USING lots WHERE k.hold_id = :hold AND k.lot_id = lots.lot_id AND lots.stay = 0),
less AS (
    UPDATE right_hold_lot k SET points = lots.stay
      FROM lots WHERE k.hold_id = :hold AND k.lot_id = lots.lot_id AND lots.stay BETWEEN 1 AND lots.points - 1)
INSERT INTO right_hold_lot (hold_id, lot_id, points) SELECT :other, lot_id, points - stay FROM lots WHERE stay < points
"""
