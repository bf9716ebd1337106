"""What a cashier needs leave for: discounts over their limit, prices by hand, selling what a promise or the books hold.

On line the leave is demanded before the sale is written. A journal entry has happened: what was missing stands beside it
as an exception.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from placket import identity
from placket.core.money import WHOLE_BP
from placket.core.refusals import Refusal
from placket.sales.rules import PricedLine
from placket.sales.shapes import LineAsked, Override

VERBS: Final = {"price": "price.override", "percent": "sale.discount", "amount": "sale.discount"}
# Who may take goods back within the policy, and who may agree to more than that.
RETURN: Final = "sale.return"
REFUND: Final = "sale.refund"
# Who may promise stock may also let a promise go.
OVERRIDE: Final = "stock.reserve"
# A transfer written by hand is somebody's word that the money is there.
BY_HAND: Final = "payment.confirm"


class DiscountOverLimit(Refusal):
    """More is taken off a line than this person, or who approved it, may take off."""

    code = "discount_over_limit"
    status = 403
    vi = "Dòng {line_no}: giảm quá hạn mức {limit}. Nhờ quản lý duyệt."
    en = "Line {line_no}: more is taken off than the limit of {limit}. Ask a manager to approve."


class ApprovalNeeded(Refusal):
    """This person may not do it alone; somebody who may has to agree."""

    code = "approval_needed"
    status = 403
    vi = "Việc này cần quản lý duyệt."
    en = "A manager has to approve this."


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that somebody is said to have agreed to."""

    verb: str
    approved_by: UUID
    approval_id: UUID | None


Agreed = Mapping[Claim, identity.Grant]


def claims_of(lines: Sequence[LineAsked], override: Override | None) -> set[Claim]:
    """Every approval a sale names."""
    claims = {
        Claim(VERBS[line.adjust.kind], line.adjust.approved_by, line.adjust.approval_id)
        for line in lines
        if line.adjust is not None and line.adjust.approved_by is not None and line.swaps is None
    }
    if override is not None:
        claims.add(Claim(OVERRIDE, override.approved_by, override.approval_id))
    return claims


def check(tx: Session, claims: set[Claim], *, who: identity.Principal, till_id: UUID, at: datetime) -> Agreed:
    """The grants behind the claims: one's own, or an approval's. Refuses ``identity.ApprovalNotLive``."""
    return {
        claim: who.grants[claim.verb]
        if claim.approved_by == who.staff_id and claim.verb in who.grants
        else identity.approval_of(
            tx, approval_id=claim.approval_id, staff_id=claim.approved_by, till_id=till_id, verb=claim.verb, at=at
        )
        for claim in claims
    }


def demand(
    lines: Sequence[PricedLine], asked: Sequence[LineAsked], *, own: Mapping[str, identity.Grant], agreed: Agreed
) -> None:
    """Refuse ``DiscountOverLimit`` or ``ApprovalNeeded`` unless somebody may take off each line what is taken off."""
    for line_no, (priced, line) in enumerate(zip(lines, asked, strict=True), start=1):
        adjust = line.adjust
        if adjust is None or not priced.manual_vnd or line.swaps is not None:  # a swap's price is the returned piece's
            continue
        verb = VERBS[adjust.kind]
        grant = agreed[Claim(verb, adjust.approved_by, adjust.approval_id)] if adjust.approved_by else own.get(verb)
        if grant is None:
            raise ApprovalNeeded(verb=verb, line_no=line_no)
        if not covers(grant, priced):
            limit_bp = grant.discount_bp_max or 0
            raise DiscountOverLimit(verb=verb, line_no=line_no, limit_bp=limit_bp, limit=percent(limit_bp))


def covers(grant: identity.Grant, priced: PricedLine) -> bool:
    """Whether a grant reaches as far as what is taken off a line by hand, a share rounded up to the đồng included."""
    list_vnd = priced.unit_vnd * priced.line.qty
    limit_bp = grant.discount_bp_max
    return limit_bp is None or priced.manual_vnd * WHOLE_BP < list_vnd * limit_bp + WHOLE_BP


def missing(
    tx: Session,
    lines: Sequence[PricedLine],
    asked: Sequence[LineAsked],
    *,
    overridden_by: UUID | None,
    overrides: bool,
    by_hand: bool,
    staff_id: UUID,
    location_id: UUID,
) -> list[str]:
    """The verbs that nobody named on a journal entry holds as far as it went.

    ``overrides``: it took what a promise or the books hold. ``by_hand``: a transfer in it was only seen by somebody.
    """
    held: dict[UUID, Mapping[str, identity.Grant]] = {}

    def grant(person: UUID | None, verb: str) -> identity.Grant | None:
        if person is None:
            return None
        if person not in held:
            held[person] = identity.grants_of(tx, person, at=location_id)
        return held[person].get(verb)

    lacking = []
    if (overrides or overridden_by is not None) and grant(overridden_by, OVERRIDE) is None:
        lacking.append(OVERRIDE)
    if by_hand and grant(staff_id, BY_HAND) is None:
        lacking.append(BY_HAND)
    for priced, line in zip(lines, asked, strict=True):
        if line.adjust is None or not priced.manual_vnd or line.swaps is not None:
            continue
        verb = VERBS[line.adjust.kind]
        grants = [grant(staff_id, verb), grant(line.adjust.approved_by, verb)]
        if verb not in lacking and not any(one is not None and covers(one, priced) for one in grants):
            lacking.append(verb)
    return lacking


def percent(rate_bp: int) -> str:
    """``500`` → ``5%``, ``1250`` → ``12,5%``."""
    whole, part = divmod(rate_bp, WHOLE_BP // 100)
    return f"{whole}%" if not part else f"{whole},{part:02d}".rstrip("0") + "%"
