"""Routes of merging: who may be the same person, what one would have, the merge, and its undoing within thirty days."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound, Refusal
from placket.crm import queries
from placket.crm.api import CustomerFace, by_of, face
from placket.crm.service.customers import merge_customers
from placket.crm.service.undoing import MergeHeld, MergeNotUndoable, MergeSamePhone, MergeTooOld, undo_merge

router = APIRouter(prefix="/api/customers", tags=["customers"])

Write = Annotated[identity.Principal, Depends(identity.Permit("customer.write"))]

# The same name without marks, and the same birthday, home or address of e-mail.
SUSPECTS = """
SELECT o.id, o.birth_month = c.birth_month AND o.birth_day = c.birth_day AS birthday, o.email = c.email AS email,
       o.home_location_id = c.home_location_id AS home
  FROM customer c JOIN customer o ON o.id <> c.id AND o.merged_into IS NULL
 WHERE c.id = :id AND (
       (o.folded_name = c.folded_name AND ((o.birth_month, o.birth_day) = (c.birth_month, c.birth_day)
                                           OR o.home_location_id = c.home_location_id))
       OR o.email = c.email)
 ORDER BY 2 DESC NULLS LAST, 3 DESC NULLS LAST, o.created_at LIMIT 10
"""
MERGES = """
SELECT m.id, m.loser_id, c.full_name, m.merged_at, m.points, m.credit_vnd, m.undone_at, s.full_name AS staff_name
  FROM customer_merge m JOIN customer c ON c.id = m.loser_id LEFT JOIN staff s ON s.id = m.staff_id
 WHERE m.survivor_id = :id ORDER BY m.id DESC LIMIT 20
"""


class MergePreviewOld(Refusal):
    """Something has changed since the preview."""

    code = "merge_preview_old"
    vi = "Điểm hoặc tín dụng vừa thay đổi. Xem lại rồi gộp."
    en = "Points or credit have just changed. Look again, then merge."


class Suspect(CustomerFace):
    """Somebody who may be the same person, and what says so."""

    because: list[str]


class MergeShown(Answer):
    """A merge into somebody."""

    id: int
    loser_id: UUID
    full_name: str
    merged_at: datetime
    points: int
    credit_vnd: int
    undone_at: datetime | None
    staff_name: str | None


class Duplicates(Answer):
    """Who may be the same person, and who was merged into them."""

    suspects: list[Suspect]
    merges: list[MergeShown]


class MergeWish(Strict):
    """Make another id an alias; points and credit are those that the preview showed for both together."""

    loser_id: Id
    points: int
    credit_vnd: int


class Merged(Answer):
    """The one who is left, and what they have now."""

    id: UUID
    points: int
    credit_vnd: int


@router.get("/{customer_id}/duplicates", responses=refuses(NotFound))
def duplicates(customer_id: UUID, who: Write, request: Request) -> Duplicates:
    """Who may be the same person, and which merges can be undone."""
    with identity.database_of(request).snapshot() as tx:
        known = _known(tx, who, customer_id)
        suspects = []
        for row in tx.execute(text(SUSPECTS), {"id": known.id}).all():
            other = queries.customer_seen(tx, customer_id=row.id, scope=who.scope("customer.write"))
            if other is not None:
                because = [word for word in ("birthday", "email", "home") if getattr(row, word)]
                suspects.append(Suspect(**face(other), because=because))
        merges = [MergeShown(**row._asdict()) for row in tx.execute(text(MERGES), {"id": known.id}).all()]
        return Duplicates(suspects=suspects, merges=merges)


@router.post("/{customer_id}/merge", responses=refuses(NotFound, MergePreviewOld))
def merge(customer_id: UUID, body: MergeWish, who: Write, request: Request) -> Merged:
    """Make one of two ids an alias of the other; both must be in reach, and as the preview showed them."""
    with identity.database_of(request).transaction() as tx:
        one, other = _known(tx, who, customer_id), _known(tx, who, body.loser_id)
        merge_customers(tx, loser_id=other.id, survivor_id=one.id, at=clock.now(), by=by_of(who))
        now_has = _known(tx, who, one.id)
        if (now_has.points, now_has.credit_vnd) != (body.points, body.credit_vnd):
            raise MergePreviewOld
        _audit(tx, "customer.merged", one.id, who, {"alias": str(other.id), "full_name": other.full_name})
        return Merged(id=one.id, points=now_has.points, credit_vnd=now_has.credit_vnd)


@router.post(
    "/{customer_id}/merges/{merge_id}/undo",
    responses=refuses(NotFound, MergeTooOld, MergeNotUndoable, MergeSamePhone, MergeHeld),
)
def undo(customer_id: UUID, merge_id: int, who: Write, request: Request) -> Merged:
    """Make two people of one again, within thirty days."""
    with identity.database_of(request).transaction() as tx:
        one = _known(tx, who, customer_id)
        done = undo_merge(tx, merge_id=merge_id, by=by_of(who), at=clock.now())
        if done.survivor_id != one.id:
            raise NotFound
        _audit(tx, "customer.merge_undone", one.id, who, {"alias": str(done.loser_id)})
        now_has = _known(tx, who, one.id)
        return Merged(id=one.id, points=now_has.points, credit_vnd=now_has.credit_vnd)


def _known(tx: Session, who: identity.Principal, customer_id: UUID) -> Row[Any]:
    found = queries.customer_seen(tx, customer_id=customer_id, scope=who.scope("customer.write"))
    if found is None:
        raise NotFound
    return found


def _audit(tx: Session, action: str, customer_id: UUID, who: identity.Principal, after: dict[str, Any]) -> None:
    identity.audit(tx, action=action, subject_type="customer", subject_id=customer_id, actor=who, after=after)
