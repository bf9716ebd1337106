"""Returns that tills tell of in their journals: posted as they happened, with what is odd about one beside it.

See docs/rules/returns.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from placket import identity, inventory
from placket.sales import returning, swapping
from placket.sales.desk import SaleToPost
from placket.sales.leave import REFUND, RETURN
from placket.sales.return_shapes import ReturnApproval, ReturnAsked
from placket.sales.returning import ReturnQuote
from placket.sales.shapes import LineAsked, TenderGiven
from placket.sales.taking_back import paid_out, with_returns


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something odd about a return: an exception's kind and what it refers to."""

    kind: str
    refs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """A return as its entry tells it, and as it would have been reckoned here; none if it could not have been."""

    given: ReturnQuote
    fair_vnd: int | None


def told(tx: Session, asked: Sequence[ReturnAsked], lines: Sequence[LineAsked], *, at: datetime) -> Told:
    """Read the sales that a return names. Refuses ``NotFound`` while one of them is not in the books."""
    given = returning.given(tx, {one.wanted(): one.refund_vnd for one in asked}, now=at)
    if returning.twice(given):
        return Told(given, None)
    fair = returning.quote(tx, swapping.wanted(asked, lines), now=at)
    # What is swapped is paid as it is given: only what is left over of both counts.
    return Told(given, fair.refund_vnd - swapping.fair_vnd(fair) + swapping.priced_vnd(lines))


def added(sale: SaleToPost, told: Told, asked: Sequence[ReturnAsked], lines: Sequence[LineAsked]) -> SaleToPost:
    """The sale with its returned lines."""
    return with_returns(sale, told.given, asked, lines)


class Said(Protocol):
    """What an entry says of its returns."""

    return_approval: ReturnApproval | None
    tenders: list[TenderGiven]


def note_doubts(
    tx: Session,
    told: Told,
    *,
    sale_id: UUID,
    till: identity.TillFacts,
    said: Said,
    staff_id: UUID,
    now: datetime,
) -> None:
    """Write down beside a return what a person should look at."""
    found = doubts(
        tx,
        told,
        approval=said.return_approval,
        tenders=said.tenders,
        staff_id=staff_id,
        location_id=till.location_id,
    )
    for doubt in found:
        inventory.note_exception(
            tx,
            kind=doubt.kind,
            severity="urgent" if doubt.kind == "returned_twice" else "warning",
            refs={"sale": str(sale_id), "till": str(till.id), **doubt.refs},
            location_id=till.location_id,
            actor_id=staff_id,
            now=now,
        )


def doubts(
    tx: Session,
    told: Told,
    *,
    approval: ReturnApproval | None,
    tenders: Sequence[TenderGiven],
    staff_id: UUID,
    location_id: UUID,
) -> list[Doubt]:
    """What a person should look at: a piece that was back already, another refund than ours, leave that nobody held."""
    found = [Doubt("returned_twice", {"returned": str(one.sale_id)}) for one in returning.twice(told.given)]
    if told.fair_vnd is not None and told.fair_vnd != told.given.refund_vnd:
        found.append(Doubt("price_diff", {"refund_vnd": told.given.refund_vnd, "due_vnd": told.fair_vnd}))
    if not _allowed(tx, told, approval=approval, tenders=tenders, staff_id=staff_id, location_id=location_id):
        found.append(Doubt("approval_not_held", {"verbs": [REFUND]}))
    return found


def _allowed(
    tx: Session,
    told: Told,
    *,
    approval: ReturnApproval | None,
    tenders: Sequence[TenderGiven],
    staff_id: UUID,
    location_id: UUID,
) -> bool:
    """Whether the person at the till, or who approved it, may give back so much in these forms."""
    out = paid_out(tenders)
    own = identity.grants_of(tx, staff_id, at=location_id)
    mine = own.get(RETURN)
    if mine is not None and not returning.needs(told.given, out, limit_vnd=mine.refund_vnd_max):
        return True
    held = [own.get(REFUND)]
    if approval is not None:
        held.append(identity.grants_of(tx, approval.approved_by, at=location_id).get(REFUND))
    out_vnd = sum(out.values())
    return any(grant is not None and (grant.refund_vnd_max is None or out_vnd <= grant.refund_vnd_max) for grant in held)
