"""What a sale says of the goods it takes back: as a till sends it, and as the desk's routine writes it."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from placket import inventory
from placket.sales.return_rules import Refund
from placket.sales.returning import Returned, Wanted

Reason = Literal["size", "colour", "faulty", "unsuitable", "other"]
Condition = Literal["sell", "damaged", "scrap"]


class ReturnAsked(msgspec.Struct, forbid_unknown_fields=True):
    """Pieces of a sold line that come back, and what the till gives for them."""

    sale_id: UUID
    line_no: Annotated[int, Meta(ge=1, le=32_767)]
    qty: Annotated[int, Meta(ge=1, le=999)]
    refund_vnd: Annotated[int, Meta(ge=0, le=10**12)]
    reason: Reason
    condition: Condition = "sell"

    def wanted(self, swapped: int = 0) -> Wanted:
        """The same for reckoning."""
        return Wanted(self.sale_id, self.line_no, self.qty, swapped)


class ReturnApproval(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody agreed to a return that the policy does not allow by itself."""

    approved_by: UUID
    approval_id: UUID | None = None


def returned_lines(
    sales: Sequence[Returned], asked: Sequence[ReturnAsked], *, location_id: UUID, after: int
) -> list[dict[str, Any]]:
    """The returned lines as the desk's routine takes them, behind ``after`` others.

    What can be sold comes in at ``location_id``, the rest in the place of damaged goods; what a depot has not sent yet
    is back on that depot's shelf, which it never left.
    """
    lines: list[dict[str, Any]] = []
    for returned in sales:
        rows = {row.line_no: row for row in returned.sold.rows}
        for refund in returned.refunds:
            said = next(one for one in asked if (one.sale_id, one.line_no) == (returned.sale_id, refund.line_no))
            row = rows[refund.line_no]
            lines.append(
                {
                    "line_no": after + len(lines) + 1,
                    "variant_id": str(row.variant_id),
                    "source_id": str(row.unsent_at or (location_id if said.condition == "sell" else inventory.DAMAGED_ID)),
                    "qty": -refund.qty,
                    "unit_vnd": row.unit_vnd,
                    "discount_vnd": refund.refund_vnd - refund.qty * row.unit_vnd,
                    "total_vnd": -refund.refund_vnd,
                    "vat_bp": refund.vat_bp,
                    "vat_vnd": -refund.vat_vnd,
                    "adviser_id": None,
                    "returns_sale_id": str(returned.sale_id),
                    "returns_line_no": refund.line_no,
                    "return_reason": said.reason,
                    "condition": said.condition,
                    "looked_for": 0,
                    "discounts": _parts(refund),
                    "gift": None,
                    "promise_id": None,
                }
            )
    return lines


def _parts(refund: Refund) -> list[dict[str, Any]]:
    """What the pieces had off, with a minus, and what the kept goods change."""
    parts: list[dict[str, Any]] = [
        {"kind": part.kind, "amount_vnd": -part.amount_vnd, "reason": part.reason}
        | (
            {}
            if part.promotion_id is None
            else {
                "promotion_id": str(part.promotion_id),
                "promotion_version": part.promotion_version,
                "shares_vnd": [-vnd for vnd in part.shares_vnd],
            }
        )
        for part in refund.parts
    ]
    if refund.recalculated_vnd:
        parts.append({"kind": "recalculated", "amount_vnd": -refund.recalculated_vnd})
    return [{"no": no, **part} for no, part in enumerate(parts, start=1)]
