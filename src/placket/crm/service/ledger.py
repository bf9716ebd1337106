"""The ledgers off the sale's path: a void takes all back exactly, points expire at night, the office issues credit."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from placket.core.refusals import Refusal
from placket.crm.loyalty_models import CreditEntry
from placket.crm.models import CustomerAccount
from placket.crm.service.accounts import By, locked_accounts, locked_survivor, tell
from placket.crm.service.holds import free_holds_of_sale

EXPIRED_MAX = 2_000


class CreditIdReused(Refusal):
    """Another issue of credit has this id."""

    code = "credit_id_reused"
    vi = "Mã cấp tín dụng này đã dùng."
    en = "This id belongs to another issue of credit."


class CreditOverLimit(Refusal):
    """More credit than this person may issue at once."""

    code = "credit_over_limit"
    status = 403
    vi = "{amount_vnd} ₫ vượt hạn mức cấp {limit_vnd} ₫ của bạn. Nhờ người có hạn mức cao hơn."
    en = "{amount_vnd} ₫ is over your limit of {limit_vnd} ₫. Ask somebody with a higher one."


@dataclass(frozen=True, slots=True)
class Lacking:
    """Points that a voided sale had earned and that have been spent since: nobody can take them back."""

    customer_id: UUID
    points: int


def reverse_rights(tx: Session, *, sale_id: UUID, at: datetime) -> Lacking | None:
    """Undo what a sale did to its customer: earned points go, spent points and credit return to the lots they came from.

    What is only held for it is free again. Answers what could not be taken back, none if all could. Doing it again changes
    nothing.
    """
    free_holds_of_sale(tx, sale_id=sale_id, now=at)
    touched = sorted(
        set(
            tx.scalars(
                text(
                    "SELECT l.customer_id FROM loyalty_entry e JOIN loyalty_lot l ON l.id = e.lot_id WHERE e.ref = :sale "
                    "UNION SELECT coalesce(c.merged_into, c.id) FROM credit_entry e JOIN customer c ON c.id = e.customer_id "
                    "WHERE e.ref = :sale AND e.kind IN ('spend', 'issue')"
                ),
                {"sale": sale_id},
            )
        )
    )
    if not touched:
        return None
    locked_accounts(tx, touched)
    lacking = tx.execute(text(_POINTS_BACK), {"sale": sale_id, "at": at}).scalar_one()
    tx.execute(text(_CREDIT_BACK), {"sale": sale_id, "at": at})
    tx.execute(
        text("UPDATE right_hold SET state = 'freed', ended_at = :at WHERE sale_id = :sale AND state = 'spent'"),
        {"sale": sale_id, "at": at},
    )
    for customer_id in touched:
        tell(tx, customer_id)
    return Lacking(touched[0], lacking) if lacking else None


# What the entries of a sale come to in each lot, taken back; of earned points no more than are left and not held.
_POINTS_BACK = """
WITH moved AS MATERIALIZED (
    SELECT e.lot_id, sum(e.points)::int AS points FROM loyalty_entry e WHERE e.ref = :sale GROUP BY e.lot_id),
back AS MATERIALIZED (
    SELECT l.id AS lot_id, l.customer_id, -least(m.points, l.left_points - l.held) AS points,
           greatest(m.points - (l.left_points - l.held), 0) AS lacking
      FROM moved m JOIN loyalty_lot l ON l.id = m.lot_id WHERE m.points > 0
    UNION ALL
    SELECT l.id, l.customer_id, -m.points, 0 FROM moved m JOIN loyalty_lot l ON l.id = m.lot_id WHERE m.points < 0),
lot AS (
    UPDATE loyalty_lot l SET left_points = l.left_points + b.points FROM back b WHERE l.id = b.lot_id),
entry AS (
    INSERT INTO loyalty_entry (customer_id, lot_id, kind, points, ref, occurred_at)
    SELECT customer_id, lot_id, 'reverse', points, :sale, :at FROM back WHERE points <> 0 ORDER BY points, lot_id),
account AS (
    UPDATE customer_account a SET points = a.points + d.points
      FROM (SELECT customer_id, sum(points)::int AS points FROM back GROUP BY customer_id) d
     WHERE a.customer_id = d.customer_id)
SELECT coalesce(sum(lacking), 0)::int FROM back
"""

# Credit that was spent returns; credit that a return gave goes, as far as it is still there.
_CREDIT_BACK = """
WITH back AS MATERIALIZED (
    SELECT m.customer_id, greatest(-m.amount_vnd, a.credit_held_vnd - a.credit_vnd) AS amount_vnd
      FROM (SELECT coalesce(c.merged_into, c.id) AS customer_id, sum(e.amount_vnd) AS amount_vnd
              FROM credit_entry e JOIN customer c ON c.id = e.customer_id
             WHERE e.ref = :sale AND e.kind IN ('spend', 'reverse', 'issue') GROUP BY 1 HAVING sum(e.amount_vnd) <> 0) m
      JOIN customer_account a ON a.customer_id = m.customer_id
     WHERE m.amount_vnd < 0 OR a.credit_vnd > a.credit_held_vnd),
entry AS (
    INSERT INTO credit_entry (customer_id, kind, amount_vnd, ref, occurred_at)
    SELECT customer_id, 'reverse', amount_vnd, :sale, :at FROM back)
UPDATE customer_account a SET credit_vnd = a.credit_vnd + b.amount_vnd FROM back b WHERE a.customer_id = b.customer_id
"""


def expire_points(tx: Session, *, now: datetime) -> int:
    """Let lots expire whose day has come, but for what is held for a sale; answers how many lots, at most a slice.

    Call it until it answers none.
    """
    owners = tx.scalars(
        text(
            "SELECT DISTINCT customer_id FROM (SELECT customer_id FROM loyalty_lot "
            "WHERE left_points > held AND left_points > 0 AND expires_at <= :now LIMIT :most) due"
        ),
        {"now": now, "most": EXPIRED_MAX},
    ).all()
    locked_accounts(tx, owners)
    lots = tx.execute(text(_EXPIRE), {"now": now, "owners": owners}).scalar_one()
    for customer_id in sorted(owners):
        tell(tx, customer_id)
    return int(lots)


_EXPIRE = """
WITH gone AS MATERIALIZED (
    SELECT id, customer_id, left_points - held AS points FROM loyalty_lot
     WHERE customer_id = ANY(CAST(:owners AS uuid[])) AND left_points > 0 AND left_points > held AND expires_at <= :now),
lot AS (
    UPDATE loyalty_lot l SET left_points = l.left_points - g.points FROM gone g WHERE l.id = g.id),
entry AS (
    INSERT INTO loyalty_entry (customer_id, lot_id, kind, points, occurred_at)
    SELECT customer_id, id, 'expire', -points, :now FROM gone ORDER BY id),
account AS (
    UPDATE customer_account a SET points = a.points - d.points
      FROM (SELECT customer_id, sum(points)::int AS points FROM gone GROUP BY customer_id) d
     WHERE a.customer_id = d.customer_id)
SELECT count(*) FROM gone
"""


def open_points(tx: Session, *, lot_id: UUID, customer_id: UUID, points: int, now: datetime) -> None:
    """Points that a customer brings along from an older system; they expire by the rule in force. The same lot once only."""
    survivor = locked_survivor(tx, customer_id)
    made = tx.scalar(
        text(
            """
            INSERT INTO loyalty_lot (id, customer_id, points, left_points, earned_at, pending_until, expires_at)
            SELECT :lot, :customer, :points, :points, :now, :now, :now + make_interval(days => r.expire_days)
              FROM loyalty_rule r WHERE r.valid_from <= (:now AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
             ORDER BY r.valid_from DESC LIMIT 1
            ON CONFLICT DO NOTHING RETURNING id
            """
        ),
        {"lot": lot_id, "customer": survivor, "points": points, "now": now},
    )
    if made is None:
        return
    tx.execute(
        text(
            "INSERT INTO loyalty_entry (customer_id, lot_id, kind, points, ref, occurred_at) "
            "VALUES (:customer, :lot, 'earn', :points, :lot, :now)"
        ),
        {"lot": lot_id, "customer": survivor, "points": points, "now": now},
    )
    tx.execute(
        text("UPDATE customer_account SET points = points + :points WHERE customer_id = :customer"),
        {"points": points, "customer": survivor},
    )
    tell(tx, survivor)


def issue_credit(
    tx: Session, *, issue_id: UUID, customer_id: UUID, amount_vnd: int, reason: str, by: By, now: datetime
) -> int:
    """Give a customer store credit; the same id again changes nothing. Answers their credit. Refuses ``CreditIdReused``."""
    survivor = locked_survivor(tx, customer_id)
    known = tx.scalar(select(CreditEntry).where(CreditEntry.ref == issue_id, CreditEntry.kind == "issue"))
    if known is not None and (known.customer_id, known.amount_vnd) != (survivor, amount_vnd):
        raise CreditIdReused
    if known is None:
        tx.execute(
            insert(CreditEntry).values(
                customer_id=survivor,
                kind="issue",
                amount_vnd=amount_vnd,
                ref=issue_id,
                reason=reason,
                staff_id=by.staff_id,
                occurred_at=now,
            )
        )
        tx.execute(
            text("UPDATE customer_account SET credit_vnd = credit_vnd + :amount WHERE customer_id = :id"),
            {"amount": amount_vnd, "id": survivor},
        )
        tell(tx, survivor)
    account = tx.get_one(CustomerAccount, survivor, populate_existing=True)
    return account.credit_vnd
