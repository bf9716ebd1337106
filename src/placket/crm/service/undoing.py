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
from placket.crm.service.customers import DETAILS

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
    _give_back(known, survivor=survivor, loser=loser)
    tx.flush()
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


def _give_back(known: CustomerMerge, *, survivor: Customer, loser: Customer) -> None:
    """The survivor's own details again, where they still have the other's; what was written since then stays."""
    for columns in DETAILS.values():
        kept = all(getattr(survivor, column) == getattr(loser, column) for column in columns)
        if kept and columns[0] in known.was:
            for column in columns:
                setattr(survivor, column, known.was[column])


_HELD = """
SELECT EXISTS (SELECT 1 FROM loyalty_lot l JOIN customer_merge m ON m.id = :merge
                WHERE l.id = ANY(m.lots) AND l.customer_id = :survivor AND l.held > 0)
    OR EXISTS (SELECT 1 FROM customer_account a JOIN customer_merge m ON m.id = :merge
                WHERE a.customer_id = :survivor AND m.credit_vnd > 0 AND a.credit_held_vnd > 0)
"""
# Whether the survivor's last word about something is one that they have only through the other.
_LAST = """(SELECT k.id FROM consent k WHERE k.customer_id = :survivor AND k.purpose = {} AND (k.way IS NULL OR k.way = {})
             ORDER BY k.id DESC LIMIT 1) = ANY(m.words)"""
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
    # Two again before anything is taken back: a word against advertising reaches every id of a person.
    """
    UPDATE customer c SET merged_into = CASE WHEN c.id = :loser THEN NULL ELSE CAST(:loser AS uuid) END
      FROM customer_merge m
     WHERE m.id = :merge AND (c.id = :loser OR (c.id = ANY(m.aliases) AND c.merged_into = :survivor))
    """,
    f"""
    UPDATE customer_account a
       SET points = (SELECT coalesce(sum(e.points), 0) FROM loyalty_entry e WHERE e.customer_id = a.customer_id),
           credit_vnd = (SELECT coalesce(sum(e.amount_vnd), 0) FROM credit_entry e WHERE e.customer_id = a.customer_id),
           earns = CASE WHEN a.customer_id = :loser THEN m.loser_earns
                        WHEN {_LAST.format("'loyalty'", "NULL")} THEN m.survivor_earns ELSE a.earns END,
           profiled = CASE WHEN a.customer_id = :loser THEN m.loser_profiled
                           WHEN {_LAST.format("'personalisation'", "NULL")} THEN m.survivor_profiled ELSE a.profiled END
      FROM customer_merge m WHERE m.id = :merge AND a.customer_id IN (:loser, :survivor)
    """,  # noqa: S608 - our own condition
    # What the survivor has said only through the other they have not said: their own word before it counts again, and none
    # is no consent. What they have said themselves since then stays.
    f"""
    INSERT INTO consent (customer_id, purpose, way, granted, channel, text_version, staff_id, till_id, given_at)
    SELECT :survivor, t.purpose, t.way, coalesce(t.stood, own.granted, false), coalesce(own.channel, 'office'),
           coalesce(own.text_version, 'merge-undone'),
           CASE WHEN own.id IS NULL THEN CAST(:staff AS uuid) ELSE own.staff_id END, own.till_id, coalesce(own.given_at, :at)
      FROM customer_merge m
     CROSS JOIN LATERAL (VALUES ('loyalty', NULL, m.survivor_earns), ('personalisation', NULL, m.survivor_profiled),
                                ('marketing', 'email', NULL), ('marketing', 'sms', NULL), ('marketing', 'zalo', NULL),
                                ('marketing', 'push', NULL)) AS t(purpose, way, stood)
      LEFT JOIN LATERAL (SELECT k.* FROM consent k
                          WHERE k.customer_id = :survivor AND k.purpose = t.purpose AND (k.way IS NULL OR k.way = t.way)
                            AND k.id <> ALL(m.words)
                          ORDER BY k.id DESC LIMIT 1) own ON true
     WHERE m.id = :merge AND {_LAST.format("t.purpose", "t.way")}
    """,  # noqa: S608 - our own condition
    # Who was taken back while they were one is taken back under both ids: the other's row is gone, their word follows.
    """
    INSERT INTO consent (customer_id, purpose, way, granted, channel, text_version, staff_id, given_at)
    SELECT w.customer_id, 'marketing', w.channel, false, 'office', 'merge-undone', :staff, :at
      FROM marketing_words(ARRAY[CAST(:loser AS uuid)]) w
     WHERE w.granted AND NOT EXISTS (SELECT 1 FROM marketing_consent k
                                      WHERE k.customer_id = w.customer_id AND k.channel = w.channel)
    """,
    "UPDATE customer_merge SET undone_at = :at, undone_by = :staff WHERE id = :merge",
)
