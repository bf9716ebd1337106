"""Points of an order of the web: each of its lines keeps its own from checkout until its parcel leaves or it is given up.

They end with their order, never by a timer of their own; the accounts and lots are those of every other hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from placket.core.ids import new_id
from placket.crm.loyalty_models import RightHold
from placket.crm.service.accounts import locked_survivor, tell
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
