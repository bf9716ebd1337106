"""What tills and the server say to each other about a sale: on line as a request, later as an entry of a journal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from placket.sales import rules
from placket.sales.refusals import HoldNotNamed
from placket.sales.return_shapes import ReturnApproval, ReturnAsked
from placket.sales.rules import CartLine, OfferPart, PointsSpent, PricedLine

Vnd = Annotated[int, Meta(ge=0, le=10**12)]
Signed = Annotated[int, Meta(ge=-(10**12), le=10**12)]
Qty = Annotated[int, Meta(ge=1, le=999)]
VoucherCode = Annotated[str, Meta(pattern=r"^03[0-9]{13}$")]


class Adjust(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody takes off a line by hand: a piece's new price, basis points of the line, or đồng off it."""

    kind: Literal["price", "percent", "amount"]
    value: Vnd
    reason: Annotated[str, Meta(pattern=r"^[a-z][a-z_]{1,39}$")]
    note: Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")] | None = None
    approved_by: UUID | None = None
    approval_id: UUID | None = None


class PointsAsked(msgspec.Struct, forbid_unknown_fields=True):
    """Points that pay part of the sale, under a hold."""

    hold_id: UUID
    points: Annotated[int, Meta(ge=1, le=10**9)]
    value_vnd: Annotated[int, Meta(ge=1, le=10**12)]

    def spent(self) -> PointsSpent:
        """The same for pricing."""
        return PointsSpent(self.hold_id, self.points, self.value_vnd)


class Swaps(msgspec.Struct, forbid_unknown_fields=True):
    """The piece of the same sale's ``returns`` that this one is swapped for: another size or colour at the same price."""

    sale_id: UUID
    line_no: Annotated[int, Meta(ge=1, le=32_767)]


class OfferTold(msgspec.Struct, forbid_unknown_fields=True):
    """What a version of a promotion took off a line, piece by piece in the canonical order."""

    promotion_id: UUID
    version: Annotated[int, Meta(ge=1)]
    shares: Annotated[list[Vnd], Meta(min_length=1, max_length=999)]

    def part(self) -> OfferPart:
        """The same for pricing."""
        return OfferPart(str(self.promotion_id), self.version, tuple(self.shares))


class SaleOfferTold(msgspec.Struct, forbid_unknown_fields=True):
    """What a version of a promotion took off a sale, how often it applied and how many pieces it made cheaper."""

    promotion_id: UUID
    version: Annotated[int, Meta(ge=1)]
    vnd: Vnd
    uses: Annotated[int, Meta(ge=1, le=9999)]
    pieces: Annotated[int, Meta(ge=1, le=99_999)]

    def to_post(self) -> dict[str, Any]:
        """The same as the desk's routine takes it."""
        return {
            "promotion_id": str(self.promotion_id),
            "version": self.version,
            "uses": self.uses,
            "pieces": self.pieces,
            "amount_vnd": self.vnd,
        }


class LineAsked(msgspec.Struct, forbid_unknown_fields=True):
    """A line as the till priced it. ``offers`` counts in a journal only: on line the server's own answer is posted."""

    variant_id: UUID
    qty: Qty
    source_id: UUID
    unit_vnd: Vnd
    discount_vnd: Vnd = 0
    adviser_id: UUID | None = None
    looked_for: Annotated[int, Meta(ge=0, le=9999)] = 0
    adjust: Adjust | None = None
    gift: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*$")] | None = None
    note: Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*$")] | None = None
    promise_id: UUID | None = None
    swaps: Swaps | None = None
    offers: Annotated[list[OfferTold], Meta(max_length=50)] = []

    def to_price(self) -> CartLine:
        """The same for pricing."""
        given = self.adjust
        adjust = None if given is None else rules.Adjust(given.kind, given.value, given.reason)
        return CartLine(self.variant_id, self.source_id, self.qty, adjust)


class Override(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody answers for selling what the books or a promise would not let go."""

    reason: Annotated[str, Meta(min_length=3, max_length=200)]
    approved_by: UUID
    approval_id: UUID | None = None


class TenderGiven(msgspec.Struct, forbid_unknown_fields=True):
    """One way the sale is paid, or with a minus one way money goes back. Cash taken says what was handed over.

    ``payment_id`` names a payment that this till has taken before the sale: a transfer by code, a card at the terminal.
    """

    kind: Literal["cash", "card", "transfer", "store_credit"]
    amount_vnd: Signed
    tendered_vnd: Vnd | None = None
    change_vnd: Vnd | None = None
    reference: Annotated[str, Meta(max_length=80, pattern=r"^[^\x00]*$")] | None = None
    payment_id: UUID | None = None


class SaleAsked(msgspec.Struct, forbid_unknown_fields=True):
    """A sale as the till sends it. The id is made by the till and makes repeats harmless.

    ``skipped`` are promotions of a newer server that this till does not understand and has left out. ``returns`` are goods
    that come back by it; ``total_vnd`` is what the lines cost less what is given for them.
    """

    id: UUID
    opening: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    receipt_no: Annotated[int, Meta(ge=1, le=9_999_999)]
    price_version: Annotated[int, Meta(ge=0, le=2**53)]
    promo_version: Annotated[int, Meta(ge=0, le=2**53)]
    at: datetime
    lines: Annotated[list[LineAsked], Meta(max_length=200)]
    total_vnd: Signed
    rounding_vnd: Annotated[int, Meta(ge=-1000, le=1000)]
    tenders: Annotated[list[TenderGiven], Meta(max_length=10)]
    customer_id: UUID | None = None
    override: Override | None = None
    points: PointsAsked | None = None
    vouchers: Annotated[list[VoucherCode], Meta(max_length=10)] = []
    offers: Annotated[list[SaleOfferTold], Meta(max_length=200)] = []
    skipped: Annotated[list[UUID], Meta(max_length=1000)] = []
    returns: Annotated[list[ReturnAsked], Meta(max_length=100)] = []
    return_approval: ReturnApproval | None = None

    def points_spent(self) -> PointsSpent | None:
        """The points for pricing."""
        return None if self.points is None else self.points.spent()

    @property
    def refund_vnd(self) -> int:
        """What is given for the goods that come back."""
        return sum(one.refund_vnd for one in self.returns)


class VatShown(msgspec.Struct):
    """What the sale holds of one rate."""

    rate_bp: int
    net_vnd: int
    vat_vnd: int


class PointsTold(msgspec.Struct, omit_defaults=True):
    """The customer's points: what this sale earned and spent, what returns took and gave back, and the balance it led to."""

    earned: int
    spent: int
    balance: int
    reclaimed: int = 0
    restored: int = 0


class SaleAccepted(msgspec.Struct):
    """The sale stands. A repeat of the request gets the equal answer."""

    id: UUID
    receipt_code: str
    barcode: str
    total_vnd: int
    rounding_vnd: int
    change_vnd: int
    vat: list[VatShown]
    sold_at: str
    recorded_at: str
    points: PointsTold | None = None


def lines_to_post(priced: Sequence[PricedLine], asked: Sequence[LineAsked], *, here: UUID) -> list[dict[str, Any]]:
    """The lines of a sale as the desk's routine takes them: our money, the till's adviser and what was looked for.

    What does not lie at the till's branch is to be sent from where it lies.
    """
    return [
        {
            "line_no": line_no,
            "variant_id": str(line.line.variant_id),
            "source_id": str(line.line.source_id),
            "qty": line.line.qty,
            "unit_vnd": line.unit_vnd,
            "discount_vnd": line.discount_vnd,
            "total_vnd": line.total_vnd,
            "vat_bp": line.vat_bp,
            "vat_vnd": line.vat_vnd,
            "adviser_id": None if given.adviser_id is None else str(given.adviser_id),
            "looked_for": given.looked_for,
            "discounts": discounts_of(line, given.adjust),
            "gift": given.gift,
            "note": given.note,
            "promise_id": None if given.promise_id is None else str(given.promise_id),
            "to_send": line.line.source_id != here,
        }
        for line_no, (line, given) in enumerate(zip(priced, asked, strict=True), start=1)
    ]


def discounts_of(line: PricedLine, adjust: Adjust | None) -> list[dict[str, Any]]:
    """The parts of a line's discount, in the order they were reckoned."""
    parts: list[dict[str, Any]] = [
        {
            "kind": "promotion",
            "amount_vnd": part.vnd,
            "promotion_id": part.promotion_id,
            "promotion_version": part.version,
            "shares_vnd": part.shares,
        }
        for part in line.offers
    ]
    if adjust is not None and line.manual_vnd:
        parts.append(
            {
                "kind": "manual",
                "amount_vnd": line.manual_vnd,
                "reason": adjust.reason,
                "note": adjust.note,
                "approved_by": None if adjust.approved_by is None else str(adjust.approved_by),
            }
        )
    if line.points_vnd:
        parts.append({"kind": "points", "amount_vnd": line.points_vnd})
    return [{"no": no, **part} for no, part in enumerate(parts, start=1)]


def tenders_to_post(given: Sequence[TenderGiven]) -> list[dict[str, Any]]:
    """The tenders of a sale as the desk's routine takes them."""
    return [{"no": no, **msgspec.structs.asdict(tender)} for no, tender in enumerate(given, start=1)]


def spends_to_post(tenders: Sequence[TenderGiven], points: PointsAsked | None) -> list[dict[str, Any]]:
    """What the sale spends under holds, as the desk's routine takes it. Refuses ``HoldNotNamed``."""
    spends = [
        {"hold_id": _hold_of(tender), "type": "store_credit", "amount": tender.amount_vnd, "value_vnd": tender.amount_vnd}
        for tender in tenders
        if tender.kind == "store_credit" and tender.amount_vnd >= 0
    ]
    if points is not None:
        spent = {"hold_id": str(points.hold_id), "type": "points", "amount": points.points, "value_vnd": points.value_vnd}
        spends.append(spent)
    return spends


def _hold_of(tender: TenderGiven) -> str:
    try:
        return str(UUID(tender.reference or ""))
    except ValueError as error:
        raise HoldNotNamed from error
