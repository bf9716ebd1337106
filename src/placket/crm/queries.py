"""Questions about customers. Lists show only those whom a branch in reach knows; a whole number finds anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from placket.crm.loyalty_models import LoyaltyRule
from placket.crm.models import Customer
from placket.crm.rules import Purse, Terms

Rows = Sequence[Row[Any]]

KNOWN_FOR: Final = timedelta(days=730)
CHANGES_MAX: Final = 5_000

# What a person reads, or read under an id that was merged into them: undoing a merge takes nothing back.
LANGUAGE = """
    coalesce(c.language, (SELECT k.language FROM customer k WHERE k.merged_into = c.id AND k.language IS NOT NULL
                           ORDER BY k.created_at DESC, k.id LIMIT 1))
"""
FACE = """
    SELECT c.id, c.member_no, c.full_name, c.given_name, c.phone, c.email, c.birth_day, c.birth_month, c.note,
           #LANGUAGE# AS language,
           c.home_location_id, h.name AS home_name, c.created_at, a.points, a.credit_vnd, a.credit_held_vnd, a.earns,
           (SELECT max(b.last_sold_at) FROM customer_branch b WHERE b.customer_id = c.id) AS last_sold_at
      FROM customer c
      JOIN customer_account a ON a.customer_id = c.id
      LEFT JOIN location h ON h.id = c.home_location_id
""".replace("#LANGUAGE#", LANGUAGE)
KNOWN_IN_REACH = """
    EXISTS (SELECT 1 FROM customer_branch b WHERE b.customer_id = c.id AND b.location_id = ANY(CAST(:scope AS uuid[])))
"""
IN_REACH = f"(CAST(:scope AS uuid[]) IS NULL OR {KNOWN_IN_REACH})"
# What promotions may ask of somebody: their tier, their RFM group, the segments they are in.
FACTS = """
    (SELECT t.tier FROM customer_tier t WHERE t.customer_id = c.id) AS tier,
    ARRAY(SELECT z.group_key FROM customer_score z WHERE z.customer_id = c.id AND z.group_key IS NOT NULL
          UNION ALL SELECT m.segment_id::text FROM segment_member m WHERE m.customer_id = c.id ORDER BY 1) AS segments
"""
# What a till keeps of a customer: never the whole phone number, which stays on the server.
ROW = """
    SELECT c.id, c.member_no, c.full_name, c.phone, c.birth_day, c.birth_month, c.note, a.points, a.credit_vnd, a.earns,
           (SELECT max(s.last_sold_at) FROM customer_branch s WHERE s.customer_id = c.id) AS last_sold_at,
           (SELECT jsonb_agg(jsonb_build_array((extract(epoch FROM l.pending_until) * 1000)::bigint, l.left_points))
              FROM loyalty_lot l
             WHERE l.customer_id = c.id AND l.left_points > 0 AND l.pending_until > :now) AS pending, #FACTS#
      FROM customer_branch b
      JOIN customer c ON c.id = b.customer_id
      JOIN customer_account a ON a.customer_id = c.id
     WHERE b.location_id = :location AND c.merged_into IS NULL
""".replace("#FACTS#", FACTS)
BUYER = """
    SELECT c.id, c.birth_month, c.birth_day, #FACTS#
      FROM customer c WHERE c.id = (SELECT coalesce(merged_into, id) FROM customer WHERE id = :id)
""".replace("#FACTS#", FACTS)

MERGED = """
    SELECT c.id, c.merged_into FROM customer_account a JOIN customer c ON c.id = a.customer_id
     WHERE c.merged_into IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who an id stands for when somebody buys: ``MM-DD``, and their RFM group beside the segments they are in."""

    id: UUID
    birthday: str | None
    tier: str | None
    segments: frozenset[str]


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed since a cursor: people, and ids that became aliases of others."""

    rows: Rows
    merged: Rows
    cursor: str


_LANGUAGE_OF: Final = """
    SELECT #LANGUAGE# FROM customer c WHERE c.id = (SELECT coalesce(merged_into, id) FROM customer WHERE id = :id)
""".replace("#LANGUAGE#", LANGUAGE)


def customer_of_phone(tx: Session, phone: str) -> UUID | None:
    """The customer a phone number (E.164) belongs to now; who was merged into another is not asked about."""
    return tx.scalar(select(Customer.id).where(Customer.phone == phone, Customer.merged_into.is_(None)))


def language_of(tx: Session, customer_id: UUID | None) -> Literal["vi", "en"]:
    """What the person an id stands for is written to in; Vietnamese where nobody knows."""
    found = tx.scalar(text(_LANGUAGE_OF), {"id": customer_id})
    return "en" if found == "en" else "vi"


def buyer(tx: Session, customer_id: UUID) -> Buyer | None:
    """The person an id stands for, an alias included; none when nobody is known by it."""
    row = tx.execute(text(BUYER), {"id": customer_id}).one_or_none()
    if row is None:
        return None
    birthday = None if row.birth_day is None else f"{row.birth_month:02d}-{row.birth_day:02d}"
    return Buyer(row.id, birthday, row.tier, frozenset(row.segments))


def ids_of(tx: Session, customer_id: UUID) -> list[UUID]:
    """Every id of the person that an id stands for: their own and its aliases, whichever of them is asked about."""
    whole = """
        SELECT k.id FROM (SELECT coalesce(merged_into, id) AS id FROM customer WHERE id = :id) person
          JOIN customer k ON k.id = person.id OR k.merged_into = person.id ORDER BY k.id
    """
    return list(tx.scalars(text(whole), {"id": customer_id}))


def customer_seen(tx: Session, *, customer_id: UUID, scope: Sequence[UUID] | None) -> Row[Any] | None:
    """The person an id stands for, or none when nobody in reach knows them."""
    asked = "(SELECT coalesce(merged_into, id) FROM customer WHERE id = :id)"
    return tx.execute(
        text(f"{FACE} WHERE c.id = {asked} AND {IN_REACH}"),
        {"id": customer_id, "scope": _places(scope)},
    ).one_or_none()


def is_known(tx: Session, *, customer_id: UUID, scope: Sequence[UUID] | None) -> bool:
    """Whether a branch in reach knows the person an id stands for."""
    return customer_seen(tx, customer_id=customer_id, scope=scope) is not None


def customer_by_number(tx: Session, *, phone: str | None, member_no: int | None) -> UUID | None:
    """The customer with a whole phone number (E.164) or member number, wherever they buy; an old card finds its survivor."""
    if phone is not None:
        return customer_of_phone(tx, phone)
    found: UUID | None = tx.scalar(
        text("SELECT coalesce(merged_into, id) FROM customer WHERE member_no = :no"), {"no": member_no}
    )
    return found


def branch_customers(tx: Session, *, location_id: UUID, after: UUID | None, limit: int, now: datetime) -> Rows:
    """A page of the people of a branch: at home there, or buyers of the last two years."""
    return tx.execute(
        text(
            f"{ROW} AND (c.home_location_id = :location OR b.last_sold_at > :since) "
            "AND (CAST(:after AS uuid) IS NULL OR c.id > CAST(:after AS uuid)) ORDER BY c.id LIMIT :limit"
        ),
        {"location": location_id, "after": after, "limit": limit, "now": now, "since": now - KNOWN_FOR},
    ).all()


def branch_row(tx: Session, *, location_id: UUID, customer_id: UUID, now: datetime) -> Row[Any]:
    """One person as a till keeps them."""
    return tx.execute(text(f"{ROW} AND c.id = :id"), {"location": location_id, "id": customer_id, "now": now}).one()


def branch_changes(tx: Session, *, location_id: UUID, cursor: str, now: datetime) -> Changes | None:
    """What has changed for a branch since a cursor; none when a new start is cheaper, or the cursor is of another history.

    A change counts when its transaction was not visible in the cursor's snapshot: nothing is lost to a slow writer.
    """
    incarnation, _, snapshot = cursor.partition("/")
    position = cursor_now(tx)
    if position.partition("/")[0] != incarnation:
        return None
    # Anything below the snapshot's horizon was visible in it: the index begins there.
    changed = (
        "a.changed_xid >= pg_snapshot_xmin(CAST(:snapshot AS pg_snapshot)) "
        "AND NOT pg_visible_in_snapshot(a.changed_xid, CAST(:snapshot AS pg_snapshot))"
    )
    facts = {"location": location_id, "snapshot": snapshot, "now": now, "limit": CHANGES_MAX + 1}
    rows = tx.execute(text(f"{ROW} AND {changed} ORDER BY c.id LIMIT :limit"), facts).all()
    merged = tx.execute(text(f"{MERGED} AND {changed} ORDER BY c.id LIMIT :limit"), facts).all()
    if len(rows) > CHANGES_MAX or len(merged) > CHANGES_MAX:
        return None
    return Changes(rows, merged, position)


def cursor_now(tx: Session) -> str:
    """The cursor of what this transaction sees: the history it belongs to, and its snapshot."""
    made: str = tx.execute(text("SELECT incarnation || '/' || pg_current_snapshot()::text FROM company")).scalar_one()
    return made


def consents_of(tx: Session, customer_id: UUID) -> Rows:
    """Every word of consent, the last first."""
    return tx.execute(
        text(
            "SELECT k.id, k.purpose, k.granted, k.channel, k.way, k.text_version, k.given_at, s.full_name AS staff_name "
            "FROM consent k LEFT JOIN staff s ON s.id = k.staff_id WHERE k.customer_id = :id ORDER BY k.id DESC"
        ),
        {"id": customer_id},
    ).all()


def lots_of(tx: Session, customer_id: UUID) -> Rows:
    """The lots that still hold points, in the order they are spent."""
    return tx.execute(
        text(
            "SELECT id, points, left_points, held, earned_at, pending_until, expires_at FROM loyalty_lot "
            "WHERE customer_id = :id AND left_points > 0 ORDER BY expires_at, id"
        ),
        {"id": customer_id},
    ).all()


def point_entries(tx: Session, *, customer_id: UUID, before: int | None, limit: int) -> Rows:
    """A page of the point ledger, the last first, each line with the balance that it led to."""
    return tx.execute(
        text(
            """
            SELECT * FROM (
                SELECT e.id, e.lot_id, e.kind, e.points, e.ref, e.occurred_at,
                       sum(e.points) OVER (ORDER BY e.id)::int AS balance
                  FROM loyalty_entry e WHERE e.customer_id = :id) told
             WHERE CAST(:before AS bigint) IS NULL OR id < CAST(:before AS bigint) ORDER BY id DESC LIMIT :limit
            """
        ),
        {"id": customer_id, "before": before, "limit": limit},
    ).all()


def credit_entries(tx: Session, customer_id: UUID) -> Rows:
    """The credit ledger, the last first."""
    return tx.execute(
        text(
            "SELECT e.id, e.kind, e.amount_vnd, e.ref, e.reason, s.full_name AS staff_name, e.occurred_at "
            "FROM credit_entry e LEFT JOIN staff s ON s.id = e.staff_id WHERE e.customer_id = :id "
            "ORDER BY e.id DESC LIMIT 200"
        ),
        {"id": customer_id},
    ).all()


def spendable_points(tx: Session, *, customer_id: UUID, now: datetime) -> int:
    """Points that may be spent now: not pending, not expired, not held."""
    found: int = tx.execute(
        text(
            "SELECT coalesce(sum(left_points - held), 0)::int FROM loyalty_lot WHERE customer_id = :id AND left_points > 0 "
            "AND pending_until <= :now AND expires_at > :now"
        ),
        {"id": customer_id, "now": now},
    ).scalar_one()
    return found


def purse(tx: Session, *, customer_id: UUID, total_vnd: int, given_up: UUID | None, now: datetime, on: date) -> Purse | None:
    """What somebody may spend on a cart of this total, with what the order that they give up for it keeps of theirs.

    None while no loyalty rule is in force.
    """
    terms = terms_on(tx, on)
    if terms is None:
        return None
    kept: int = tx.execute(
        text(
            "SELECT coalesce(sum(amount), 0)::int FROM right_hold "
            "WHERE order_id = :order AND resource_id = :id AND state = 'held'"
        ),
        {"order": given_up, "id": customer_id},
    ).scalar_one()
    free = spendable_points(tx, customer_id=customer_id, now=now) + kept
    most = min(free, terms.most_for(total_vnd))
    return Purse(free, terms.spend_points_min, most if most >= terms.spend_points_min else 0, terms.point_vnd)


def terms_on(tx: Session, on: date) -> Terms | None:
    """The loyalty rule in force on a day."""
    rule = tx.scalar(
        select(LoyaltyRule).where(LoyaltyRule.valid_from <= on).order_by(LoyaltyRule.valid_from.desc()).limit(1)
    )
    return (
        None
        if rule is None
        else Terms(
            earn_per_vnd=rule.earn_per_vnd,
            point_vnd=rule.point_vnd,
            pending_days=rule.pending_days,
            expire_days=rule.expire_days,
            spend_points_min=rule.spend_points_min,
            spend_share_bp_max=rule.spend_share_bp_max,
        )
    )


def _places(scope: Sequence[UUID] | None) -> list[UUID] | None:
    return None if scope is None else list(scope)
