"""A sale that takes goods back: its returns held against what the till gives, allowed, and added to what is posted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import identity
from placket.core.refusals import Refusal
from placket.sales import queries
from placket.sales.desk import SaleToPost
from placket.sales.leave import REFUND, RETURN, ApprovalNeeded, Claim
from placket.sales.models import Sale
from placket.sales.refusals import ReturnChanged
from placket.sales.return_shapes import ReturnApproval, ReturnAsked, returned_lines
from placket.sales.returning import ReturnQuote, needs
from placket.sales.shapes import LineAsked, SaleAsked, TenderGiven, VatShown
from placket.sales.swapping import with_stands


class RefundOverLimit(Refusal):
    """More goes out than this person, or who approved it, may give back."""

    code = "refund_over_limit"
    status = 403
    vi = "Hoàn {out_vnd} ₫ vượt hạn mức {limit_vnd} ₫. Nhờ quản lý duyệt."
    en = "Giving back {out_vnd} ₫ is over the limit of {limit_vnd} ₫. Ask a manager."


class CreditNeedsCustomer(Refusal):
    """Store credit belongs to somebody."""

    code = "credit_needs_customer"
    vi = "Tín dụng cửa hàng cần có khách hàng. Chọn khách rồi hoàn."
    en = "Store credit needs a customer. Choose the customer first."


def demand_same(reckoned: ReturnQuote, asked: Sequence[ReturnAsked]) -> None:
    """Refuse ``ReturnChanged`` unless the till gives for every line what is due for it."""
    given = {(one.sale_id, one.line_no): (one.qty, one.refund_vnd) for one in asked}
    due = {
        (returned.sale_id, refund.line_no): (refund.qty, refund.refund_vnd)
        for returned in reckoned.sales
        for refund in returned.refunds
    }
    if len(given) != len(asked) or given != due:
        raise ReturnChanged(refund_vnd=reckoned.refund_vnd)


def paid_out(tenders: Sequence[TenderGiven]) -> dict[str, int]:
    """How much goes out by each form."""
    out: dict[str, int] = {}
    for tender in tenders:
        if tender.amount_vnd < 0:
            out[tender.kind] = out.get(tender.kind, 0) - tender.amount_vnd
    return out


def claim_of(approval: ReturnApproval | None) -> set[Claim]:
    """The approval that a return names."""
    return set() if approval is None else {Claim(REFUND, approval.approved_by, approval.approval_id)}


def demand_leave(
    reckoned: ReturnQuote | None,
    asked: SaleAsked,
    *,
    own: Mapping[str, identity.Grant],
    agreed: Mapping[Claim, identity.Grant],
) -> None:
    """Refuse unless this person may take the goods back and pay out so much, or somebody who may has agreed.

    ``ApprovalNeeded`` names the reasons, ``RefundOverLimit`` the limit that even the approval does not reach;
    ``CreditNeedsCustomer`` when nobody is there to have the credit.
    """
    if reckoned is None:  # it stands already
        return
    out, approval = paid_out(asked.tenders), asked.return_approval
    if "store_credit" in out and asked.customer_id is None:
        raise CreditNeedsCustomer
    mine = own.get(RETURN)
    if mine is None:
        raise identity.NotPermitted(verb=RETURN)
    reasons = needs(reckoned, out, limit_vnd=mine.refund_vnd_max)
    if not reasons:
        return
    grant = own.get(REFUND) if approval is None else agreed[Claim(REFUND, approval.approved_by, approval.approval_id)]
    if grant is None:
        raise ApprovalNeeded(verb=REFUND, reasons=reasons)
    out_vnd = sum(out.values())
    if grant.refund_vnd_max is not None and out_vnd > grant.refund_vnd_max:
        raise RefundOverLimit(out_vnd=out_vnd, limit_vnd=grant.refund_vnd_max)


def with_returns(
    sale: SaleToPost, reckoned: ReturnQuote | None, asked: Sequence[ReturnAsked], lines: Sequence[LineAsked]
) -> SaleToPost:
    """The sale with its returned lines behind the sold ``lines``; what the goods cost by themselves stays known.

    One that is posted already (``reckoned`` is none) is only to be recognised: it bears the mark of its returns.
    """
    said = [f"{one.sale_id}|{one.line_no}|{one.qty}|{one.refund_vnd}|{one.condition}" for one in asked]
    fingerprint = sha256("\n".join([sale.fingerprint, *said]).encode()).hexdigest()
    if reckoned is None:
        return msgspec.structs.replace(sale, fingerprint=fingerprint)
    back = returned_lines(reckoned.sales, asked, location_id=sale.location_id, after=len(sale.lines))
    touched = [*(returned.sold for returned in reckoned.sales), *reckoned.family]
    standing = with_stands(sale, lines, touched)
    return msgspec.structs.replace(
        standing,
        pieces=sale.pieces + sum(line["qty"] for line in back),
        list_vnd=sale.list_vnd + sum(line["qty"] * line["unit_vnd"] for line in back),
        discount_vnd=sale.discount_vnd + sum(line["discount_vnd"] for line in back),
        total_vnd=sale.total_vnd - reckoned.refund_vnd,
        vat_vnd=sale.vat_vnd + sum(line["vat_vnd"] for line in back),
        goods_vnd=sale.total_vnd,
        lines=[*standing.lines, *back],
        returns=[{"sale_id": str(sold.head.id), "pieces_before": sold.head.pieces_before} for sold in touched],
        fingerprint=fingerprint,
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What the answer says of a sale with returns: VAT by rate and points, as the books have them."""

    vat: list[VatShown]
    points: dict[str, Any] | None


def told(tx: Session, sale_id: UUID) -> Told:
    """Read it back after the posting."""
    vat = [VatShown(row.rate_bp, row.net_vnd, row.vat_vnd) for row in queries.vat_of(tx, sale_id)]
    return Told(vat, tx.scalar(text("SELECT points_told(:sale)"), {"sale": sale_id}))


def is_posted(tx: Session, sale_id: UUID) -> bool:
    """Whether the books know this sale already: it is being asked again."""
    return tx.get(Sale, sale_id) is not None
