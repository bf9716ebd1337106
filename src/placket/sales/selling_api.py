"""The checkout routes: quote a cart, sell it. The sale's route is lean on purpose: it is the one that queues form at.

The request is decoded by msgspec (strict types, unknown fields refused), priced again from the price book in memory, held
against what the till says, and handed to the posting desk. Nothing here waits for the database but the desk.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from pydantic import Field

from placket import catalog, identity, inventory
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import Refusal
from placket.sales import desk as posting
from placket.sales import leave
from placket.sales.refusals import (
    BY_CODE,
    Amber,
    HoldGone,
    HoldNotNamed,
    Malformed,
    NotAttached,
    OpeningEnded,
    OutOfStock,
    PaymentNotTaken,
    PointsOverLimit,
    PriceChanged,
    PromiseGone,
    ReceiptGap,
    SaleIdReused,
    SaleVoided,
    TotalsDiffer,
    TransferUnconfirmed,
    WrongSource,
    WrongTime,
)
from placket.sales.rules import (
    Adjust,
    CartLine,
    PointsSpent,
    Quote,
    cash_rounding,
    fingerprint,
    price_cart,
    receipt_barcode,
)
from placket.sales.shapes import (
    PointsTold,
    SaleAccepted,
    SaleAsked,
    VatShown,
    lines_to_post,
    spends_to_post,
    tenders_to_post,
)

router = APIRouter(prefix="/api/sales", tags=["sales"])

CLOCK_AHEAD_MAX = timedelta(minutes=2)
AGE_MAX = timedelta(hours=24)


class QuoteAdjust(Strict):
    """What is taken off a line by hand."""

    kind: Literal["price", "percent", "amount"]
    value: Annotated[int, Field(ge=0, le=10**12)]


class QuotePoints(Strict):
    """Points that pay part of the cart."""

    hold_id: Id
    points: Annotated[int, Field(ge=1, le=10**9)]
    value_vnd: Annotated[int, Field(ge=1, le=10**12)]


class QuoteLine(Strict):
    """A line to price."""

    variant_id: Id
    qty: Annotated[int, Field(ge=1, le=999)]
    source_id: Id
    adjust: QuoteAdjust | None = None


class QuoteAsked(Strict):
    """A cart to price, as of now."""

    channel: Literal["store", "web"]
    location_id: Id
    lines: Annotated[list[QuoteLine], Field(min_length=1, max_length=200)]
    points: QuotePoints | None = None


class PricedLineShown(Answer):
    """A priced line."""

    variant_id: UUID
    source_id: UUID
    qty: int
    unit_vnd: int
    discount_vnd: int
    manual_vnd: int
    points_vnd: int
    total_vnd: int
    vat_bp: int
    vat_vnd: int


class VatQuoted(Answer):
    """What the quote holds of one rate."""

    rate_bp: int
    net_vnd: int
    vat_vnd: int


class QuoteShown(Answer):
    """A priced cart."""

    price_version: int
    promo_version: int
    lines: list[PricedLineShown]
    list_vnd: int
    discount_vnd: int
    total_vnd: int
    vat: list[VatQuoted]


_decode = msgspec.json.Decoder(SaleAsked, strict=True).decode
_encode = msgspec.json.Encoder().encode
# The document of the API describes this route although FastAPI does not parse it.
_SCHEMAS, _COMPONENTS = msgspec.json.schema_components([SaleAsked, SaleAccepted], ref_template="#/components/schemas/{name}")
COMPONENTS: Mapping[str, Any] = _COMPONENTS


@router.post("/quote", responses=refuses(catalog.UnknownVariant, catalog.NoPrice))
def quote(body: QuoteAsked, _who: Annotated[identity.Principal, Depends(identity.Permit("catalog.read"))]) -> QuoteShown:
    """Price a cart, as the server would price it now."""
    points = None if body.points is None else PointsSpent(body.points.hold_id, body.points.points, body.points.value_vnd)
    priced = _priced([_to_price(line) for line in body.lines], body.channel, body.location_id, clock.now(), points)
    return QuoteShown.model_validate(_shown(priced))


@router.post(
    "",
    status_code=201,
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMAS[0]}}},
        "x-permission": "sale.sell",
    },
    responses={
        201: {"description": "Accepted", "content": {"application/json": {"schema": _SCHEMAS[1]}}},
        **refuses(
            OutOfStock,
            Amber,
            PriceChanged,
            PromiseGone,
            TotalsDiffer,
            PaymentNotTaken,
            TransferUnconfirmed,
            ReceiptGap,
            NotAttached,
            OpeningEnded,
            SaleIdReused,
            SaleVoided,
            HoldGone,
            HoldNotNamed,
            PointsOverLimit,
            WrongSource,
            WrongTime,
            catalog.UnknownVariant,
            catalog.NoPrice,
            posting.Busy,
            posting.UnknownReference,
            leave.DiscountOverLimit,
            leave.ApprovalNeeded,
            identity.ApprovalNotLive,
            identity.NotSignedIn,
            identity.NotPermitted,
            Malformed,
        ),
    },
)
async def sell(request: Request) -> Response:
    """Sell a cart at a till. Safe to repeat with the same id."""
    who = await identity.doorkeeper_of(request).admit_soon(identity.token_of(request))
    if who.till is None or not who.may("sale.sell"):
        raise identity.NotPermitted(verb="sale.sell")
    now = clock.now()
    asked = _parsed(await request.body())
    if asked.at.tzinfo is None:
        raise Malformed(what="at has no time zone")
    if not now - AGE_MAX <= asked.at <= now + CLOCK_AHEAD_MAX:
        raise WrongTime(server_time=now.isoformat())
    till = who.till
    for line_no, line in enumerate(asked.lines, start=1):
        if line.source_id != till.location_id and not inventory.is_depot(line.source_id):
            raise WrongSource(line_no=line_no)
    # Priced here and not in a worker thread: a list price is 5 µs a line, a change of thread is 60.
    lines = [line.to_price() for line in asked.lines]
    priced = _priced(lines, "store", till.location_id, now, asked.points_spent())
    if priced.total_vnd != asked.total_vnd or any(
        mine.unit_vnd != theirs.unit_vnd or mine.discount_vnd != theirs.discount_vnd
        for mine, theirs in zip(priced.lines, asked.lines, strict=True)
    ):
        raise PriceChanged(quote=_shown(priced))
    _demand_balance(asked, step_vnd=request.app.state.cash_rounding_vnd)
    by_hand = any(tender.kind == "transfer" and tender.payment_id is None for tender in asked.tenders)
    if by_hand and not who.may("payment.confirm"):
        raise TransferUnconfirmed
    claims = leave.claims_of(asked.lines, asked.override)
    agreed = await asyncio.to_thread(_agreed, request, claims, who, till.id, asked.at) if claims else {}
    leave.demand(priced.lines, asked.lines, own=who.grants, agreed=agreed)
    outcome = await _desk_of(request).post(_to_post(asked, priced, who, till, now))
    if outcome.kind not in {"accepted", "repeated"}:
        raise await _refusal(request, outcome, till.location_id)
    return Response(_encode(_accepted(asked, priced, till, outcome.facts)), 201, media_type="application/json")


# The route that queues form at: it is called past the router (core/express.py).
SELLING = next(route for route in router.routes if isinstance(route, APIRoute) and route.endpoint is sell)


def _agreed(
    request: Request, claims: set[leave.Claim], who: identity.Principal, till_id: UUID, at: datetime
) -> leave.Agreed:
    with identity.database_of(request).transaction() as tx:
        return leave.check(tx, claims, who=who, till_id=till_id, at=at)


def _to_price(line: QuoteLine) -> CartLine:
    given = line.adjust
    adjust = None if given is None else Adjust(given.kind, given.value, "quote")
    return CartLine(line.variant_id, line.source_id, line.qty, adjust)


def _parsed(body: bytes) -> SaleAsked:
    if b"\\u0000" in body:
        raise Malformed(what="no text holds the character 0")
    try:
        return _decode(body)
    except msgspec.DecodeError as error:  # ValidationError is one of them
        raise Malformed(what=str(error)) from error


def _priced(
    lines: list[CartLine], channel: str, location_id: UUID, at: datetime, points: PointsSpent | None = None
) -> Quote:
    book = catalog.price_books.current()
    return price_cart(
        lines,
        price_of=lambda variant_id: book.price_at(variant_id, channel=channel, location_id=location_id, at=at),
        price_version=book.price_version,
        points=points,
    )


def _demand_balance(asked: SaleAsked, *, step_vnd: int) -> None:
    """Refuse ``TotalsDiffer`` unless the tenders pay the sale exactly, cash rounded to notes, change from cash only."""
    other_vnd = sum(tender.amount_vnd for tender in asked.tenders if tender.kind != "cash")
    cash = [tender for tender in asked.tenders if tender.kind == "cash"]
    rounding_vnd = cash_rounding(asked.total_vnd, other_vnd=other_vnd, by_cash=bool(cash), step_vnd=step_vnd)
    due_vnd = asked.total_vnd + rounding_vnd
    paid_vnd = sum(tender.amount_vnd for tender in asked.tenders)
    wrong_change = any(
        tender.tendered_vnd is None
        or tender.change_vnd is None
        or tender.tendered_vnd - tender.change_vnd != tender.amount_vnd
        for tender in cash
    ) or any(
        tender.tendered_vnd is not None or tender.change_vnd is not None for tender in asked.tenders if tender.kind != "cash"
    )
    if paid_vnd != due_vnd or asked.rounding_vnd != rounding_vnd or wrong_change:
        raise TotalsDiffer(due_vnd=due_vnd, paid_vnd=paid_vnd, rounding_vnd=rounding_vnd)


def _to_post(
    asked: SaleAsked, priced: Quote, who: identity.Principal, till: identity.TillFacts, now: datetime
) -> posting.SaleToPost:
    tenders = tenders_to_post(asked.tenders)
    return posting.SaleToPost(
        id=asked.id,
        mode="ask" if asked.override is None else "override",
        channel="store",
        location_id=till.location_id,
        till_id=till.id,
        epoch=till.epoch,
        opening=asked.opening,
        receipt_no=asked.receipt_no,
        staff_id=who.staff_id,
        customer_id=asked.customer_id,
        pieces=sum(line.qty for line in asked.lines),
        list_vnd=priced.list_vnd,
        discount_vnd=priced.discount_vnd,
        total_vnd=priced.total_vnd,
        vat_vnd=priced.vat_vnd,
        rounding_vnd=asked.rounding_vnd,
        price_version=priced.price_version,
        promo_version=priced.promo_version,
        exception=None if asked.override is None else "override",
        reason=None if asked.override is None else asked.override.reason,
        approved_by=None if asked.override is None else asked.override.approved_by,
        fingerprint=fingerprint(
            till_id=till.id,
            lines=priced.lines,
            tenders=tenders,
            customer_id=asked.customer_id,
            total_vnd=asked.total_vnd,
            points=asked.points_spent(),
        ),
        sold_at=min(asked.at, now).isoformat(),
        sold_on=clock.business_day(min(asked.at, now)).isoformat(),
        lines=lines_to_post(priced.lines, asked.lines),
        tenders=tenders,
        spends=spends_to_post(asked.tenders, asked.points),
    )


def _accepted(asked: SaleAsked, priced: Quote, till: identity.TillFacts, facts: Mapping[str, Any]) -> SaleAccepted:
    code = str(facts["receipt_code"])
    return SaleAccepted(
        id=asked.id,
        receipt_code=code,
        barcode=receipt_barcode(till_no=till.till_no, epoch=till.epoch, receipt_no=int(code.rsplit("-", 1)[1])),
        total_vnd=priced.total_vnd,
        rounding_vnd=asked.rounding_vnd,
        change_vnd=sum(tender.change_vnd or 0 for tender in asked.tenders),
        vat=[VatShown(share.rate_bp, share.net_vnd, share.vat_vnd) for share in priced.vat],
        sold_at=str(facts["sold_at"]),
        recorded_at=str(facts["recorded_at"]),
        points=None if facts.get("points") is None else PointsTold(**facts["points"]),
    )


async def _refusal(request: Request, outcome: posting.Outcome, location_id: UUID) -> Refusal:
    facts = dict(outcome.facts)
    if outcome.kind == OutOfStock.code:
        lines = cast("list[dict[str, Any]]", facts["lines"])
        wanted = [UUID(line["variant_id"]) for line in lines]
        elsewhere = await asyncio.to_thread(_elsewhere, request, wanted, location_id)
        facts["lines"] = [{**line, "elsewhere": elsewhere.get(UUID(line["variant_id"]), [])} for line in lines]
    return BY_CODE[outcome.kind](**facts)


def _elsewhere(request: Request, variant_ids: list[UUID], location_id: UUID) -> dict[UUID, list[dict[str, Any]]]:
    with identity.database_of(request).transaction() as tx:
        return inventory.elsewhere(tx, variant_ids=variant_ids, than=location_id)


def _shown(priced: Quote) -> dict[str, Any]:
    return {
        "price_version": priced.price_version,
        "promo_version": priced.promo_version,
        "lines": [
            {
                "variant_id": str(line.line.variant_id),
                "source_id": str(line.line.source_id),
                "qty": line.line.qty,
                "unit_vnd": line.unit_vnd,
                "discount_vnd": line.discount_vnd,
                "manual_vnd": line.manual_vnd,
                "points_vnd": line.points_vnd,
                "total_vnd": line.total_vnd,
                "vat_bp": line.vat_bp,
                "vat_vnd": line.vat_vnd,
            }
            for line in priced.lines
        ],
        "list_vnd": priced.list_vnd,
        "discount_vnd": priced.discount_vnd,
        "total_vnd": priced.total_vnd,
        "vat": [msgspec.structs.asdict(VatShown(s.rate_bp, s.net_vnd, s.vat_vnd)) for s in priced.vat],
    }


def _desk_of(request: Request) -> posting.PostingDesk:
    desk = request.app.state.desk
    assert isinstance(desk, posting.PostingDesk)
    return desk
