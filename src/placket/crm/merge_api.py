"""Routes of merging: who may be the same person, who is not, the merge, and its undoing within thirty days."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket import identity, messages
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound, Refusal
from placket.crm import look_alike_queries, queries
from placket.crm.api import CustomerFace, by_of, face
from placket.crm.service.customers import Detail, merge_customers, say_apart
from placket.crm.service.undoing import MergeHeld, MergeNotUndoable, MergeSamePhone, MergeTooOld, undo_merge

router = APIRouter(prefix="/api/customers", tags=["customers"])
book = APIRouter(prefix="/api/customer-look-alikes", tags=["customers"])
ROUTERS = (router, book)

Write = Annotated[identity.Principal, Depends(identity.Permit("customer.write"))]

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


class LookAlike(CustomerFace):
    """One of two who stand side by side; the address is masked as the number is."""

    email: str | None
    birth_day: int | None
    birth_month: int | None
    orders: int
    net_vnd: int


class Pair(Answer):
    """Two who may be the same person, and what says so; ``one`` was there first."""

    one: LookAlike
    other: LookAlike
    because: list[str]


class LookAlikes(Answer):
    """The likeliest pairs of the whole book, and how many there are."""

    pairs: list[Pair]
    whole: int


class Suspect(LookAlike):
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
    """Somebody, who may be the same person, and who was merged into them."""

    person: LookAlike
    suspects: list[Suspect]
    merges: list[MergeShown]


class MergeWish(Strict):
    """Make another id an alias; points and credit are those that the preview showed for both together.

    ``taken`` are the details that are to be the other's.
    """

    loser_id: Id
    points: int
    credit_vnd: int
    taken: Annotated[list[Detail], Field(max_length=4)] = Field(default_factory=list)


class ApartWish(Strict):
    """Somebody who only looks like this customer, or (not ``apart``) may be the same person after all."""

    other_id: Id
    apart: bool = True


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
        scope = who.scope("customer.write")
        beside = [
            row
            for row in look_alike_queries.beside(tx, known.id)
            if queries.is_known(tx, customer_id=row.other_id, scope=scope)
        ]
        faces = look_alike_queries.faces(tx, [known.id, *(row.other_id for row in beside)])
        suspects = [Suspect(**_side(faces[row.other_id]), because=look_alike_queries.why(row)) for row in beside]
        merges = [MergeShown(**row._asdict()) for row in tx.execute(text(MERGES), {"id": known.id}).all()]
        return Duplicates(person=LookAlike(**_side(faces[known.id])), suspects=suspects, merges=merges)


@router.put("/{customer_id}/apart", responses=refuses(NotFound))
def apart(customer_id: UUID, body: ApartWish, who: Write, request: Request) -> ApartWish:
    """Write down that two are two people, or take it back; safe to repeat."""
    with identity.database_of(request).transaction() as tx:
        one, other = sorted((_known(tx, who, customer_id).id, _known(tx, who, body.other_id).id))
        if one == other:
            raise NotFound
        say_apart(tx, one_id=one, other_id=other, apart=body.apart, staff_id=who.staff_id, at=clock.now())
        _audit(tx, "customer.apart", customer_id, who, {"other": str(body.other_id), "apart": body.apart})
        return body


@book.get("")
def look_alikes(who: Write, request: Request) -> LookAlikes:
    """Who may be in the book twice: the likeliest pairs of whom both are in reach."""
    with identity.database_of(request).snapshot() as tx:
        rows = look_alike_queries.pairs(tx, scope=who.scope("customer.write"))
        known = look_alike_queries.faces(tx, [one for row in rows for one in (row.one_id, row.other_id)])
    shown = [
        Pair(
            one=LookAlike(**_side(known[row.one_id])),
            other=LookAlike(**_side(known[row.other_id])),
            because=look_alike_queries.why(row),
        )
        for row in rows
    ]
    return LookAlikes(pairs=shown, whole=rows[0].whole if rows else 0)


@router.post("/{customer_id}/merge", responses=refuses(NotFound, MergePreviewOld))
def merge(customer_id: UUID, body: MergeWish, who: Write, request: Request) -> Merged:
    """Make one of two ids an alias of the other; both must be in reach, and as the preview showed them."""
    with identity.database_of(request).transaction() as tx:
        one, other = _known(tx, who, customer_id), _known(tx, who, body.loser_id)
        merge_customers(tx, loser_id=other.id, survivor_id=one.id, at=clock.now(), by=by_of(who), taken=body.taken)
        now_has = _known(tx, who, one.id)
        if (now_has.points, now_has.credit_vnd) != (body.points, body.credit_vnd):
            raise MergePreviewOld
        _audit(
            tx, "customer.merged", one.id, who, {"alias": str(other.id), "full_name": other.full_name, "taken": body.taken}
        )
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


def _side(row: Row[Any]) -> dict[str, Any]:
    return {**face(row), "email": None if row.email is None else messages.masked(row.email)}


def _known(tx: Session, who: identity.Principal, customer_id: UUID) -> Row[Any]:
    found = queries.customer_seen(tx, customer_id=customer_id, scope=who.scope("customer.write"))
    if found is None:
        raise NotFound
    return found


def _audit(tx: Session, action: str, customer_id: UUID, who: identity.Principal, after: dict[str, Any]) -> None:
    identity.audit(tx, action=action, subject_type="customer", subject_id=customer_id, actor=who, after=after)
