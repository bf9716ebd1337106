"""Writing down how goods come back: rules that hold from a day on. What a day has sold keeps the rules of that day.

See docs/rules/returns.md.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket.core.clock import business_day
from placket.core.refusals import NotFound, Refusal
from placket.sales.models import ReturnPolicy, ReturnTender


class RuleInForce(Refusal):
    """A rule begins tomorrow at the earliest: what was sold today was sold by today's, and what holds is not rewritten."""

    code = "rule_in_force"
    vi = "Quy định chỉ có hiệu lực từ ngày mai trở đi; quy định đang áp dụng không sửa được, hãy viết quy định mới."
    en = "A rule begins tomorrow at the earliest; one in force is not changed, write a new one."


def write_policy(
    tx: Session,
    *,
    policy_id: UUID,
    valid_from: date,
    category_id: UUID | None,
    off_bp_min: int,
    days: int,
    forms: Sequence[str],
    actor_id: UUID,
    now: datetime,
) -> None:
    """Let a rule hold from a day on; one planned for the same goods and day gives way.

    Refuses ``NotFound`` for an unknown category, ``RuleInForce``.
    """
    _demand_future(valid_from, now)
    if category_id is not None and tx.scalar(text("SELECT 1 FROM category WHERE id = :id"), {"id": category_id}) is None:
        raise NotFound
    row = {
        "id": policy_id,
        "valid_from": valid_from,
        "category_id": category_id,
        "off_bp_min": off_bp_min,
        "days": days,
        "forms": sorted(set(forms)),
        "written_by": actor_id,
        "written_at": now,
    }
    said = insert(ReturnPolicy).values(row)
    changed = {name: said.excluded[name] for name in ("days", "forms", "written_by", "written_at")}
    tx.execute(said.on_conflict_do_update(index_elements=["valid_from", "category_id", "off_bp_min"], set_=changed))


def drop_policy(tx: Session, *, policy_id: UUID, now: datetime) -> None:
    """Take a planned rule back. Refuses ``NotFound``, ``RuleInForce``."""
    known = tx.get(ReturnPolicy, policy_id)
    if known is None:
        raise NotFound
    _demand_future(known.valid_from, now)
    tx.delete(known)


def write_tender(tx: Session, *, kind: str, valid_from: date, back_by: Sequence[str], actor_id: UUID, now: datetime) -> None:
    """Say by which forms a kind of tender goes back from a day on. Refuses ``RuleInForce``."""
    _demand_future(valid_from, now)
    row = {
        "valid_from": valid_from,
        "kind": kind,
        "back_by": sorted(set(back_by)),
        "written_by": actor_id,
        "written_at": now,
    }
    said = insert(ReturnTender).values(row)
    changed = {name: said.excluded[name] for name in ("back_by", "written_by", "written_at")}
    tx.execute(said.on_conflict_do_update(index_elements=["valid_from", "kind"], set_=changed))


def drop_tender(tx: Session, *, kind: str, valid_from: date, now: datetime) -> None:
    """Take a planned one back. Refuses ``NotFound``, ``RuleInForce``."""
    _demand_future(valid_from, now)
    gone = tx.scalar(
        delete(ReturnTender)
        .where(ReturnTender.kind == kind, ReturnTender.valid_from == valid_from)
        .returning(ReturnTender.kind)
    )
    if gone is None:
        raise NotFound


def written_policies(tx: Session, *, today: date) -> list[dict[str, Any]]:
    """Every rule ever written, and by whom; ``state`` says whether it holds, is planned, or was replaced."""
    return [dict(row) for row in tx.execute(text(POLICIES), {"today": today}).mappings()]


def written_tenders(tx: Session, *, today: date) -> list[dict[str, Any]]:
    """The same of tenders."""
    return [dict(row) for row in tx.execute(text(TENDERS), {"today": today}).mappings()]


def _demand_future(valid_from: date, now: datetime) -> None:
    if valid_from <= business_day(now):
        raise RuleInForce


POLICIES = """
SELECT p.id, p.valid_from, p.category_id, c.name_vi AS category_vi, c.name_en AS category_en, p.off_bp_min, p.days, p.forms,
       w.full_name AS written_by, p.written_at,
       CASE WHEN p.valid_from > :today THEN 'planned'
            WHEN p.valid_from = max(p.valid_from) FILTER (WHERE p.valid_from <= :today)
                 OVER (PARTITION BY p.category_id, p.off_bp_min) THEN 'in_force' ELSE 'replaced' END AS state
  FROM return_policy p LEFT JOIN category c ON c.id = p.category_id LEFT JOIN staff w ON w.id = p.written_by
 ORDER BY c.name_vi NULLS FIRST, p.off_bp_min, p.valid_from DESC
"""

TENDERS = """
SELECT t.valid_from, t.kind, t.back_by, w.full_name AS written_by, t.written_at,
       CASE WHEN t.valid_from > :today THEN 'planned'
            WHEN t.valid_from = max(t.valid_from) FILTER (WHERE t.valid_from <= :today) OVER (PARTITION BY t.kind)
            THEN 'in_force' ELSE 'replaced' END AS state
  FROM return_tender t LEFT JOIN staff w ON w.id = t.written_by
 ORDER BY t.kind, t.valid_from DESC
"""
