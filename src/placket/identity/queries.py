"""Questions about people and devices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select, text
from sqlalchemy.orm import Session

from placket.core.refusals import NotFound
from placket.identity.access import Grant, TillFacts, till_facts, token_hash
from placket.identity.models import AuditLog, Company, RoleGrant, Setting, Staff, StaffRole, StaffSession, Till

TILES_MAX = 60
DEFAULTS: dict[str, Any] = {
    "cash_rounding_vnd": 1000,
    "drawer_vnd_max": 20_000_000,
    "hold": {"hours": 24, "opening_hours_only": False},
    "web_orders": {"branch_floor": 1, "cod_vnd_max": 5_000_000},
}


def company(tx: Session) -> Company | None:
    """The company of this database; none before ``placket init`` or the demo."""
    return tx.get(Company, 1)


def is_demo(tx: Session) -> bool:
    """Whether the company is the demo's."""
    known = company(tx)
    return known is not None and known.demo_seed is not None


def setting(tx: Session, key: str) -> Any:  # noqa: ANN401 - settings are JSON values
    """A setting of the company, or its default."""
    kept = tx.get(Setting, key)
    return DEFAULTS[key] if kept is None else kept.value


def till_of_token(tx: Session, token: str) -> Till | None:
    """The active till a device token belongs to."""
    return tx.scalar(select(Till).where(Till.token_hash == token_hash(token), Till.status == "active"))


def till_facts_of(tx: Session, till_id: UUID) -> TillFacts:
    """The facts of a till by id."""
    return till_facts(tx, tx.get_one(Till, till_id))


def find_till(tx: Session, code: str) -> Till | None:
    """The till that people call by this code, such as ``HN01-1``."""
    query = text("SELECT t.id FROM till t JOIN location l ON l.id = t.location_id WHERE l.code || '-' || t.number = :code")
    till_id = tx.scalar(query, {"code": code.upper()})
    return None if till_id is None else tx.get(Till, till_id)


def branch_of(tx: Session, location_id: UUID) -> Row[Any]:
    """The branch of a till, as receipts name it."""
    query = text("SELECT id, code, name, city, address, phone FROM location WHERE id = :id")
    return tx.execute(query, {"id": location_id}).one()


def demand_branch(tx: Session, location_id: UUID) -> None:
    """Refuse ``NotFound`` unless this is an active branch: only those have tills."""
    query = text("SELECT 1 FROM location WHERE id = :id AND kind = 'branch' AND status = 'active'")
    if tx.scalar(query, {"id": location_id}) is None:
        raise NotFound


def staff_at(tx: Session, location_id: UUID) -> Sequence[Row[UUID, str, str]]:
    """The people who sell at a branch's tills and have a PIN, each with the role that lets them: (id, full_name, role)."""
    return tx.execute(
        select(Staff.id, Staff.full_name, func.min(StaffRole.role).label("role"))
        .join(StaffRole, StaffRole.staff_id == Staff.id)
        .join(RoleGrant, (RoleGrant.role == StaffRole.role) & (RoleGrant.verb == "sale.sell"))
        .where(or_(StaffRole.location_id == location_id, StaffRole.location_id.is_(None)))
        .where(Staff.status == "active", Staff.pin_hash.is_not(None))
        .group_by(Staff.id, Staff.full_name)
        .order_by(Staff.full_name, Staff.id)
        .limit(TILES_MAX)
    ).all()


def list_staff(
    tx: Session, *, q: str | None, scope: Sequence[UUID] | None, after: tuple[str, UUID] | None, limit: int
) -> list[Staff]:
    """People by name, marks ignored, who hold a role in the scope; one more than the page so that the next is known."""
    query = select(Staff).order_by(Staff.full_name, Staff.id).limit(limit + 1)
    if q:
        q = q.replace("\0", "")
        query = query.where(
            or_(
                text("f_fold(full_name) LIKE '%' || f_fold(:q) || '%'").bindparams(q=_literal(q)),
                Staff.email == q.lower(),
                Staff.code == q,
            )
        )
    if scope is not None:
        query = query.where(Staff.id.in_(select(StaffRole.staff_id).where(StaffRole.location_id.in_(scope))))
    if after is not None:
        query = query.where(text("(full_name, id) > (:name, :id)").bindparams(name=after[0], id=after[1]))
    return list(tx.scalars(query))


def list_tills(tx: Session, *, scope: list[UUID] | None, location_id: UUID | None) -> list[Row[Any]]:
    """Tills with their branch and whether they are attached."""
    return list(
        tx.execute(
            text(
                """
                SELECT t.*, l.name AS location_name, l.code || '-' || t.number AS code,
                       EXISTS (SELECT 1 FROM till_opening o WHERE o.till_id = t.id AND o.state = 'attached') AS attached
                  FROM till t JOIN location l ON l.id = t.location_id
                 WHERE (CAST(:scope AS uuid[]) IS NULL OR t.location_id = ANY(CAST(:scope AS uuid[])))
                   AND (CAST(:location AS uuid) IS NULL OR t.location_id = CAST(:location AS uuid))
                 ORDER BY l.position, t.number LIMIT 1000
                """
            ),
            {"scope": scope, "location": location_id},
        )
    )


def live_sessions(tx: Session, *, staff_id: UUID, now: datetime) -> list[Row[Any]]:
    """The open sessions of a person, the latest first."""
    return list(
        tx.execute(
            text(
                """
                SELECT s.id, s.staff_id, p.full_name AS staff_name, l.code || '-' || t.number AS till_code,
                       s.created_at, s.last_seen_at, s.ip, s.user_agent
                  FROM staff_session s JOIN staff p ON p.id = s.staff_id
                  LEFT JOIN till t ON t.id = s.till_id LEFT JOIN location l ON l.id = t.location_id
                 WHERE s.staff_id = :staff AND s.revoked_at IS NULL AND s.expires_at > :now
                 ORDER BY s.created_at DESC LIMIT 200
                """
            ),
            {"staff": staff_id, "now": now},
        )
    )


def grants_by_role(tx: Session) -> dict[str, dict[str, Grant]]:
    """The table of roles × verbs × limits as it stands."""
    table: dict[str, dict[str, Grant]] = {}
    for row in tx.scalars(select(RoleGrant)):
        table.setdefault(row.role, {})[row.verb] = Grant(None, row.discount_bp_max, row.refund_vnd_max)
    return table


def session_of(tx: Session, session_id: UUID) -> StaffSession | None:
    """A session by id."""
    return tx.get(StaffSession, session_id)


def audit_rows(
    tx: Session, *, subject_type: str | None, subject_id: str | None, before_id: int | None, limit: int
) -> list[AuditLog]:
    """The audit log, newest first, one more than the page."""
    query = select(AuditLog).order_by(AuditLog.id.desc()).limit(limit + 1)
    if subject_type is not None:
        query = query.where(AuditLog.subject_type == subject_type)
    if subject_id is not None:
        query = query.where(AuditLog.subject_id == subject_id)
    if before_id is not None:
        query = query.where(AuditLog.id < before_id)
    return list(tx.scalars(query))


def _literal(pattern: str) -> str:
    """The text with LIKE's own signs taken literally."""
    return pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
