"""What the shop's API says of carts and orders; docs/rules/orders.md explains it. Fields are added, never taken away."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from placket.core.http import Answer, Id, Strict

Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
Voucher = Annotated[str, Field(pattern=r"^03[0-9]{13}$")]
Province = Annotated[str, Field(pattern=r"^[0-9]{2}$")]


class CartLine(Strict):
    """Pieces of a variant."""

    variant_id: Id
    qty: Annotated[int, Field(ge=1, le=20)]


class FulfilmentAsked(Strict):
    """Shipped, to a province once it is known; or collected at a branch."""

    kind: Literal["ship", "collect"]
    province_code: Province | None = None
    location_id: Id | None = None

    @model_validator(mode="after")
    def _fits(self) -> "FulfilmentAsked":
        if (self.kind == "collect") != (self.location_id is not None):
            raise ValueError("location_id names the branch of what is collected, and nothing else")
        return self


class Cart(Strict):
    """A cart: what, how, with which vouchers. Of a member's ``points`` as many are spent as may be."""

    lines: Annotated[list[CartLine], Field(min_length=1, max_length=50)]
    fulfilment: FulfilmentAsked
    vouchers: Annotated[tuple[Voucher, ...], Field(max_length=5, strict=False)] = ()
    points: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class Replaced(Strict):
    """An earlier order whose goods are given back for this one."""

    id: Id
    key: Annotated[str, Field(max_length=64)]


class ShopQuoteAsked(Cart):
    """A cart to price; ``expected_total_vnd`` is what the client shows, ``replaces`` the order that it would give up."""

    replaces: Replaced | None = None
    expected_total_vnd: Annotated[int, Field(ge=0, le=10**12)] | None = None


class CheckoutAsked(Cart):
    """A cart to order. The id is made by the client and makes repeats harmless."""

    id: Id
    expected_total_vnd: Annotated[int, Field(ge=0, le=10**12)]
    language: Literal["vi", "en"] = "vi"
    replaces: Replaced | None = None


class AddressAsked(Strict):
    """Two levels since July 2025; what people still call it by districts may stand beside it."""

    province_code: Province
    ward: Line
    street: Line
    old_address: Line | None = None


class RecipientAsked(Strict):
    """Who gets it; the phone is for whoever delivers."""

    phone: Annotated[str, Field(min_length=8, max_length=20, pattern=r"^[0-9+() .-]+$")]
    name: Annotated[str, Field(min_length=2, max_length=80, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
    email: Annotated[str, Field(max_length=200, pattern=r"^[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00]+$")] | None = None
    note: Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")] | None = None
    address: AddressAsked | None = None


class PayAsked(Strict):
    """How to pay, and the total that the button says."""

    recipient: RecipientAsked
    method: Literal["card", "transfer", "cod"]
    expected_total_vnd: Annotated[int, Field(ge=0, le=10**12)]


class OfferPart(Answer):
    """What a promotion takes off a line."""

    promotion_id: UUID
    vnd: int


class Goods(Answer):
    """How people recognise a variant."""

    variant_id: UUID
    name_vi: str
    name_en: str
    sku: str
    colour_vi: str
    colour_en: str
    size: str
    picture: str | None


class QuotedLine(Goods):
    """A line of a cart, priced, with what is left of it."""

    qty: int
    stock: Literal["in_stock", "few", "gone"]
    left: int | None
    unit_vnd: int
    discount_vnd: int
    total_vnd: int
    offers: list[OfferPart]


class OfferNamed(Answer):
    """What a promotion takes off the whole, by name."""

    promotion_id: UUID
    name_vi: str
    name_en: str
    vnd: int
    voucher: str | None


class VoucherSaid(Answer):
    """What became of a voucher."""

    code: str
    state: Literal["used", "no_effect", "unusable"]
    reason: str | None


class VatPart(Answer):
    """What is inside at one rate."""

    rate_bp: int
    net_vnd: int
    vat_vnd: int


class MethodOffered(Answer):
    """A way to pay, and why it is not offered."""

    kind: Literal["card", "transfer", "cod"]
    allowed: bool
    reason: str | None


class CartPoints(Answer):
    """A member's points at a cart: how many are free, how many may be spent (``least`` to ``most``), how many are."""

    free: int
    least: int
    most: int
    point_vnd: int
    used: int
    value_vnd: int


class CartShown(Answer):
    """A cart, priced by the engine of the till."""

    price_version: int
    promo_version: int
    changed: bool
    lines: list[QuotedLine]
    offers: list[OfferNamed]
    vouchers: list[VoucherSaid]
    points: CartPoints | None
    list_vnd: int
    discount_vnd: int
    total_vnd: int
    vat: list[VatPart]
    can_order: bool
    methods: list[MethodOffered]


class Waiting(Answer):
    """The place that an asking order waits for."""

    location_name: str
    since: datetime
    until: datetime


class Lacking(Answer):
    """What no place had."""

    variant_id: UUID
    asked: int


class ShopOrderLine(Goods):
    """A line of an order."""

    line_no: int
    qty: int
    unit_vnd: int
    discount_vnd: int
    total_vnd: int
    offers: list[OfferPart]
    state: Literal["held", "sold", "cancelled"]
    cancelled: int
    returned: int


class FulfilmentShown(Answer):
    """How an order comes to its customer."""

    kind: Literal["ship", "collect"]
    province_code: str | None
    location_id: UUID | None
    location_name: str | None
    location_address: str | None


class RecipientShown(Answer):
    """Who gets it."""

    phone: str
    name: str | None
    email: str | None
    address: dict[str, Any] | None
    note: str | None


class Qr(Answer):
    """A transfer to make; ``received_vnd`` has come of it already, and the rest is sent under the same code."""

    payload: str
    code: str
    bank_bin: str
    account_no: str
    account_name: str
    received_vnd: int


class ShopPayment(Answer):
    """The last attempt to pay."""

    id: UUID
    method: Literal["card", "transfer", "cod"]
    attempt: int
    state: Literal["open", "processing", "failed", "received", "on_delivery", "expired", "refunding", "refunded"]
    amount_vnd: int
    url: str | None
    qr: Qr | None
    expires_at: datetime | None
    failure: str | None


class ShopRefund(Answer):
    """Money that goes back."""

    amount_vnd: int
    state: Literal["requested", "pending", "succeeded", "failed", "settled"]
    reason: str
    requested_at: datetime
    ended_at: datetime | None


class ParcelLine(Answer):
    """What of a line is in a parcel."""

    line_no: int
    qty: int


class TrackStep(Answer):
    """What the carrier has told of a parcel."""

    at: datetime
    kind: Literal["picked_up", "failed", "delivered", "returned"]
    reason: str | None


class ParcelShown(Answer):
    """What leaves, or has left, one place together; ``track`` is the way it has come since."""

    kind: Literal["ship", "collect"]
    location_id: UUID | None
    location_name: str | None
    state: Literal[
        "to_pick",
        "picked",
        "ready",
        "shipped",
        "collected",
        "missing",
        "given_back",
        "not_met",
        "delivered",
        "sent_back",
    ]
    lines: list[ParcelLine]
    pick_up_code: str | None
    keep_until: datetime | None
    carrier: str | None
    tracking_no: str | None
    at: datetime | None
    track: list[TrackStep]


class ShopHappening(Answer):
    """A line of the timeline."""

    at: datetime
    verb: str
    facts: dict[str, Any]


class Can(Answer):
    """What the shopper may do now."""

    extend: bool
    pay: bool
    cancel: bool


class OrderPoints(Answer):
    """The points that pay for an order; ``given_back`` of them are the member's again, since lines were given up."""

    points: int
    value_vnd: int
    given_back: int


class ShopOrder(Answer):
    """An order as its customer sees it."""

    id: UUID
    key: str
    code: str
    state: Literal["asking", "held", "confirmed", "done", "refused", "expired", "cancelled"]
    reason: str | None
    language: Literal["vi", "en"]
    version: int
    placed_at: datetime
    held_until: datetime
    extensions_left: int
    waiting: Waiting | None
    refused: list[Lacking]
    lines: list[ShopOrderLine]
    offers: list[OfferNamed]
    points: OrderPoints | None
    list_vnd: int
    discount_vnd: int
    total_vnd: int
    refunded_vnd: int
    vat: list[VatPart]
    fulfilment: FulfilmentShown
    recipient: RecipientShown | None
    payment: ShopPayment | None
    refunds: list[ShopRefund]
    parcels: list[ParcelShown]
    return_code: str | None
    timeline: list[ShopHappening]
    can: Can


class ProvinceShown(Answer):
    """A province or city."""

    code: str
    name: str
    full_name: str


class Provinces(Answer):
    """All thirty-four."""

    items: list[ProvinceShown]
