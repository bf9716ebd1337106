"""A merge is undone: lots, credit, flags and aliases go back to whom they came from, as far as they are still there."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket.core.refusals import NotFound, Refusal
from placket.crm.merge_models import CustomerMerge
from placket.crm.models import Customer
from placket.crm.rules import masked_phone
from placket.crm.service.accounts import By, locked_accounts, tell

UNDO_WITHIN: Final = timedelta(days=30)


class MergeTooOld(Refusal):
    """More than thirty days ago."""

    code = "merge_too_old"
    vi = "Lần gộp này đã quá 30 ngày, không tách lại được nữa."
    en = "This merge is more than 30 days old and can no longer be undone."


class MergeNotUndoable(Refusal):
    """Undone already, or one of the two has been merged on since."""

    code = "merge_not_undoable"
    vi = "Lần gộp này đã được tách, hoặc hồ sơ đã được gộp tiếp. Tách lần gộp sau trước."
    en = "This merge has been undone, or one of the two was merged on since. Undo the later one first."


class MergeSamePhone(Refusal):
    """Both would have the same number."""

    code = "merge_same_phone"
    vi = "Hai hồ sơ cùng số {phone}. Đổi số của một hồ sơ rồi tách."
    en = "Both profiles have the number {phone}. Change one of them, then undo."


class MergeHeld(Refusal):
    """Something that moved is being paid with at this moment."""

    code = "merge_held"
    vi = "Điểm hoặc tín dụng đang được giữ cho một đơn. Đợi đơn xong rồi tách."
    en = "Points or credit are held for a sale right now. Wait until it is over."


def undo_merge(tx: Session, *, merge_id: int, by: By, at: datetime) -> CustomerMerge:
    """Make two people of one again. What the alias had and is still there goes back; what was spent since stays spent.

    Refuses ``NotFound``, ``MergeTooOld``, ``MergeNotUndoable``, ``MergeSamePhone``, ``MergeHeld``.
    """
    known = tx.get(CustomerMerge, merge_id)
    if known is None:
        raise NotFound
    locked_accounts(tx, [known.loser_id, known.survivor_id])
    tx.refresh(known, with_for_update=True)
    loser = tx.get_one(Customer, known.loser_id, populate_existing=True)
    survivor = tx.get_one(Customer, known.survivor_id, populate_existing=True)
    if known.undone_at is not None or loser.merged_into != survivor.id or survivor.merged_into is not None:
        raise MergeNotUndoable
    if at - known.merged_at > UNDO_WITHIN:
        raise MergeTooOld
    if loser.phone is not None and tx.scalar(
        select(Customer.id).where(Customer.phone == loser.phone, Customer.merged_into.is_(None))
    ):
        raise MergeSamePhone(phone=masked_phone(loser.phone))
    loser_id, survivor_id = loser.id, survivor.id
    facts = {"merge": merge_id, "loser": loser_id, "survivor": survivor_id, "at": at, "staff": by.staff_id}
    if tx.scalar(text(_HELD), facts):
        raise MergeHeld
    for statement in _UNDO:
        tx.execute(text(statement), facts)
    tx.expire_all()
    tell(tx, loser_id)
    tell(tx, survivor_id)
    return tx.get_one(CustomerMerge, merge_id)


_HELD = """
SELECT EXISTS (SELECT 1 FROM loyalty_lot l JOIN customer_merge m ON m.id = :merge
                WHERE l.id = ANY(m.lots) AND l.customer_id = :survivor AND l.held > 0)
    OR EXISTS (SELECT 1 FROM customer_account a JOIN customer_merge m ON m.id = :merge
                WHERE a.customer_id = :survivor AND m.credit_vnd > 0 AND a.credit_held_vnd > 0)
"""
_UNDO = (
    """
    INSERT INTO loyalty_entry (customer_id, lot_id, kind, points, ref, occurred_at)
    SELECT side.customer_id, l.id, 'merge', side.sign * l.left_points, :loser, :at
      FROM customer_merge m JOIN loyalty_lot l ON l.id = ANY(m.lots) AND l.customer_id = :survivor AND l.left_points > 0
     CROSS JOIN (VALUES (CAST(:survivor AS uuid), -1), (CAST(:loser AS uuid), 1)) AS side(customer_id, sign)
     WHERE m.id = :merge ORDER BY l.expires_at, l.id, side.sign
    """,
    """
    UPDATE loyalty_lot l SET customer_id = :loser FROM customer_merge m
     WHERE m.id = :merge AND l.id = ANY(m.lots) AND l.customer_id = :survivor
    """,
    """
    INSERT INTO credit_entry (customer_id, kind, amount_vnd, ref, occurred_at)
    SELECT side.customer_id, 'merge', side.sign * least(m.credit_vnd, a.credit_vnd), :loser, :at
      FROM customer_merge m JOIN customer_account a ON a.customer_id = :survivor
     CROSS JOIN (VALUES (CAST(:survivor AS uuid), -1), (CAST(:loser AS uuid), 1)) AS side(customer_id, sign)
     WHERE m.id = :merge AND least(m.credit_vnd, a.credit_vnd) > 0
    """,
    # What the survivor had agreed to only through the other, they have not agreed to.
    """
    INSERT INTO consent (customer_id, purpose, granted, channel, text_version, staff_id, given_at)
    SELECT :survivor, x.purpose, x.granted, 'office', 'merge-undone', :staff, :at
      FROM customer_merge m JOIN customer_account a ON a.customer_id = :survivor
     CROSS JOIN LATERAL (VALUES ('loyalty', false, a.earns AND NOT m.survivor_earns AND m.loser_earns),
                                ('personalisation', true, NOT a.profiled AND m.survivor_profiled AND NOT m.loser_profiled))
             AS x(purpose, granted, needed)
     WHERE m.id = :merge AND x.needed
    """,
    """
    UPDATE customer_account a
       SET points = (SELECT coalesce(sum(e.points), 0) FROM loyalty_entry e WHERE e.customer_id = a.customer_id),
           credit_vnd = (SELECT coalesce(sum(e.amount_vnd), 0) FROM credit_entry e WHERE e.customer_id = a.customer_id),
           earns = CASE WHEN a.customer_id = :loser THEN m.loser_earns
                        ELSE a.earns AND NOT (NOT m.survivor_earns AND m.loser_earns) END,
           profiled = CASE WHEN a.customer_id = :loser THEN m.loser_profiled
                           ELSE a.profiled OR (m.survivor_profiled AND NOT m.loser_profiled) END
      FROM customer_merge m WHERE m.id = :merge AND a.customer_id IN (:loser, :survivor)
    """,
    """
    UPDATE customer c SET merged_into = CASE WHEN c.id = :loser THEN NULL ELSE CAST(:loser AS uuid) END
      FROM customer_merge m
     WHERE m.id = :merge AND (c.id = :loser OR (c.id = ANY(m.aliases) AND c.merged_into = :survivor))
    """,
    "UPDATE customer_merge SET undone_at = :at, undone_by = :staff WHERE id = :merge",
)
