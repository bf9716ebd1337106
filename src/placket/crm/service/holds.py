"""Holds: a part of somebody's points or credit kept for one sale of one till, so that two tills never spend it twice.

A hold is pinned to (till, epoch, request number) and no timer frees it. It ends when its sale is posted, when the sale is
void, when the till says that its requests so far are over, or when the till's epoch has ended. docs/rules/loyalty.md
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket.core.ids import new_id
from placket.core.refusals import Refusal
from placket.crm.loyalty_models import RightHold
from placket.crm.queries import terms_on
from placket.crm.service.accounts import locked_accounts, locked_survivor, tell

Right = Literal["points", "store_credit"]
WHOLE_SHARE_BP: Final = 10_000


class HoldSettled(Refusal):
    """The till has said that this request is over: an answer to it would pin something nobody waits for."""

    code = "hold_settled"
    vi = "Yêu cầu này đã kết thúc. Chọn lại số điểm."
    en = "This request is over. Choose the points again."


class HoldNumberReused(Refusal):
    """The number of this request was given to another one; ``last_no`` is the highest in use."""

    code = "hold_number_reused"
    vi = "Yêu cầu trùng số. Thử lại."
    en = "The number of this request is taken. Try again."


class NotEnough(Refusal):
    """There is less than was asked for; ``left`` says how much is free."""

    code = "not_enough"
    vi = "Không đủ: còn dùng được {left}."
    en = "Not enough: {left} can be used."


class TooFewPoints(Refusal):
    """Fewer points than may be spent at once."""

    code = "too_few_points"
    vi = "Dùng ít nhất {least} điểm."
    en = "Use at least {least} points."


class NoTerms(Refusal):
    """No loyalty rule is in force."""

    code = "no_loyalty_rule"
    vi = "Chương trình tích điểm chưa áp dụng."
    en = "No loyalty rule is in force."


def hold(
    tx: Session,
    *,
    right: Right,
    customer_id: UUID,
    amount: int,
    request_no: int,
    sale_id: UUID,
    till_id: UUID,
    epoch: int,
    staff_id: UUID,
    now: datetime,
    on: date,
) -> RightHold:
    """Keep an amount for a sale; the same request again answers the same hold.

    Points come from the lots that expire first and are no longer pending. Refuses ``NotFound``, ``NotEnough``,
    ``TooFewPoints``, ``NoTerms``, ``HoldSettled``, ``HoldNumberReused``.
    """
    settled_no = tx.execute(
        text("SELECT settled_no FROM till_epoch WHERE till_id = :till AND epoch = :epoch FOR NO KEY UPDATE"),
        {"till": till_id, "epoch": epoch},
    ).scalar_one()
    known = tx.scalar(
        select(RightHold).where(RightHold.till_id == till_id, RightHold.epoch == epoch, RightHold.request_no == request_no)
    )
    if known is not None:
        if (known.resource_type, known.amount, known.sale_id) != (right, amount, sale_id):
            raise HoldNumberReused(last_no=_last_no(tx, till_id, epoch))
        if known.state == "freed":
            raise HoldSettled
        return known
    if request_no <= settled_no:
        raise HoldSettled
    survivor = locked_survivor(tx, customer_id)
    held = RightHold(
        id=new_id(),
        resource_type=right,
        resource_id=survivor,
        amount=amount,
        value_vnd=amount,
        share_bp_max=WHOLE_SHARE_BP,
        till_id=till_id,
        epoch=epoch,
        request_no=request_no,
        sale_id=sale_id,
        staff_id=staff_id,
        state="held",
        held_at=now,
    )
    if right == "points":
        _price_points(tx, held, on=on)
        keep_lots(tx, held, now=now)
    else:
        _keep_credit(tx, held)
    tell(tx, survivor)
    return held


def settle_holds(tx: Session, *, till_id: UUID, epoch: int, settled_no: int, now: datetime) -> int:
    """The till is done with every request up to a number: what those still hold is free again. Answers how many were."""
    tx.execute(
        text("UPDATE till_epoch SET settled_no = :no WHERE till_id = :till AND epoch = :epoch AND settled_no < :no"),
        {"till": till_id, "epoch": epoch, "no": settled_no},
    )
    held = tx.scalars(
        select(RightHold).where(
            RightHold.till_id == till_id,
            RightHold.epoch == epoch,
            RightHold.request_no <= settled_no,
            RightHold.state == "held",
        )
    ).all()
    return free_holds(tx, held, now=now)


def free_holds_of_sale(tx: Session, *, sale_id: UUID, now: datetime) -> int:
    """A sale is void and will never be: what is held for it is free again."""
    held = tx.scalars(select(RightHold).where(RightHold.sale_id == sale_id, RightHold.state == "held")).all()
    return free_holds(tx, held, now=now)


def free_holds_of_ended(tx: Session, *, now: datetime) -> int:
    """Free what tills hold whose epoch has ended: lost, revoked, forked or paired anew. They ask for nothing any more."""
    held = tx.scalars(
        select(RightHold).where(
            RightHold.state == "held",
            text(
                "EXISTS (SELECT 1 FROM till_epoch e JOIN till t ON t.id = e.till_id WHERE e.till_id = right_hold.till_id "
                "AND e.epoch = right_hold.epoch AND (e.ended_at IS NOT NULL OR e.epoch < t.epoch OR t.status <> 'active'))"
            ),
        )
    ).all()
    return free_holds(tx, held, now=now)


def free_holds(tx: Session, held: Sequence[RightHold], *, now: datetime) -> int:
    """Give back what some holds keep, whoever else may be ending them at the same time."""
    if not held:
        return 0
    locked_accounts(tx, [one.resource_id for one in held])
    freed = tx.execute(
        text(
            """
            WITH freed AS (
                UPDATE right_hold SET state = 'freed', ended_at = :now
                 WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'held'
                RETURNING id, resource_type, resource_id, amount),
            lots AS (
                UPDATE loyalty_lot l SET held = l.held - k.points
                  FROM (SELECT k.lot_id, sum(k.points)::int AS points
                          FROM right_hold_lot k JOIN freed f ON f.id = k.hold_id GROUP BY k.lot_id) k
                 WHERE l.id = k.lot_id),
            credit AS (
                UPDATE customer_account a SET credit_held_vnd = a.credit_held_vnd - f.amount
                  FROM (SELECT resource_id, sum(amount) AS amount FROM freed
                         WHERE resource_type = 'store_credit' GROUP BY resource_id) f
                 WHERE a.customer_id = f.resource_id)
            SELECT DISTINCT resource_id FROM freed ORDER BY resource_id
            """
        ),
        {"ids": [one.id for one in held], "now": now},
    ).scalars()
    count = 0
    for customer_id in freed:
        tell(tx, customer_id)
        count += 1
    tx.expire_all()
    return count


def _price_points(tx: Session, held: RightHold, *, on: date) -> None:
    terms = terms_on(tx, on)
    if terms is None:
        raise NoTerms
    if held.amount < terms.spend_points_min:
        raise TooFewPoints(least=terms.spend_points_min)
    held.value_vnd, held.share_bp_max = held.amount * terms.point_vnd, terms.spend_share_bp_max


def keep_lots(tx: Session, held: RightHold, *, now: datetime) -> None:
    """Write a hold of points and keep the lots that expire first for it, under the account's lock. Refuses ``NotEnough``."""
    lots = tx.execute(
        text("SELECT lot_id, points FROM lots_to_burn(:customer, :points, :now)"),
        {"customer": held.resource_id, "points": held.amount, "now": now},
    ).all()
    there = sum(lot.points for lot in lots)
    if there < held.amount:
        raise NotEnough(left=there)
    tx.add(held)
    tx.flush()
    kept = {"lots": [lot.lot_id for lot in lots], "points": [lot.points for lot in lots]}
    tx.execute(text(_KEEP_LOTS), kept)
    tx.execute(text(_NAME_LOTS), {"hold": held.id, **kept})


_KEEP_LOTS = """
UPDATE loyalty_lot l SET held = l.held + k.points
  FROM unnest(CAST(:lots AS uuid[]), CAST(:points AS int[])) AS k(id, points) WHERE l.id = k.id
"""
_NAME_LOTS = """
INSERT INTO right_hold_lot (hold_id, lot_id, points)
SELECT :hold, k.id, k.points FROM unnest(CAST(:lots AS uuid[]), CAST(:points AS int[])) AS k(id, points)
"""


def _keep_credit(tx: Session, held: RightHold) -> None:
    free_vnd = tx.execute(
        text("SELECT credit_vnd - credit_held_vnd FROM customer_account WHERE customer_id = :id"), {"id": held.resource_id}
    ).scalar_one()
    if free_vnd < held.amount:
        raise NotEnough(left=free_vnd)
    tx.add(held)
    tx.flush()
    tx.execute(
        text("UPDATE customer_account SET credit_held_vnd = credit_held_vnd + :amount WHERE customer_id = :id"),
        {"amount": held.amount, "id": held.resource_id},
    )


def _last_no(tx: Session, till_id: UUID, epoch: int) -> int:
    found: int = tx.execute(
        text("SELECT max(request_no) FROM right_hold WHERE till_id = :till AND epoch = :epoch"),
        {"till": till_id, "epoch": epoch},
    ).scalar_one()
    return found
