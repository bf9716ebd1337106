"""The checkout's route. It is lean on purpose: it is the one that queues form at.

The request is decoded by msgspec (strict types, unknown fields refused), priced again from the price book in memory, held
against what the till says, and handed to the posting desk. Nothing here waits for the database but the desk.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from placket import catalog, identity, inventory, promotions
from placket.core import clock
from placket.core.http import refuses
from placket.core.refusals import Refusal
from placket.sales import balance, leave, offers, quoting, records, return_desk, returning, swapping, taking_back
from placket.sales import desk as posting
from placket.sales.models import Sale
from placket.sales.refusals import (
    BY_CODE,
    Amber,
    HoldGone,
    HoldNotNamed,
    Malformed,
    NotAttached,
    OfferGone,
    OpeningEnded,
    OutOfStock,
    PaymentNotTaken,
    PointsOverLimit,
    PriceChanged,
    PromiseGone,
    ReceiptGap,
    ReturnChanged,
    SaleIdReused,
    SaleVoided,
    TotalsDiffer,
    TransferUnconfirmed,
    WrongSource,
    WrongTime,
)
from placket.sales.rules import Quote, fingerprint, receipt_barcode
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
ON_ITS_WAY_MAX = timedelta(seconds=10)


_decode = msgspec.json.Decoder(SaleAsked, strict=True).decode
_encode = msgspec.json.Encoder().encode
# The document of the API describes this route although FastAPI does not parse it.
_SCHEMAS, _COMPONENTS = msgspec.json.schema_components([SaleAsked, SaleAccepted], ref_template="#/components/schemas/{name}")
COMPONENTS: Mapping[str, Any] = _COMPONENTS


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
            OfferGone,
            promotions.UnknownVoucher,
            promotions.VoucherNotUsable,
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
            returning.AlreadyReturned,
            ReturnChanged,
            swapping.NoSwap,
            returning.ReturnOfVoid,
            taking_back.RefundOverLimit,
            taking_back.CreditNeedsCustomer,
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
    if not now - AGE_MAX <= asked.at <= now + CLOCK_AHEAD_MAX:
        raise WrongTime(server_time=now.isoformat())
    till = who.till
    for line_no, line in enumerate(asked.lines, start=1):
        if line.source_id != till.location_id and not inventory.is_depot(line.source_id):
            raise WrongSource(line_no=line_no)
    ours = await _priced(request, asked, till.location_id, now)
    priced = ours.quote
    back = await asyncio.to_thread(return_desk.reckoned, request, asked, now) if asked.returns else None
    balance.demand(asked, step_vnd=request.app.state.cash_rounding_vnd, may_confirm=who.may("payment.confirm"))
    claims = leave.claims_of(asked.lines, asked.override) | taking_back.claim_of(asked.return_approval)
    agreed = await asyncio.to_thread(_agreed, request, claims, who, till.id, asked.at) if claims else {}
    leave.demand(priced.lines, asked.lines, own=who.grants, agreed=agreed)
    to_post = _to_post(asked, ours, who, till, now)
    if asked.returns:
        taking_back.demand_leave(back, asked, own=who.grants, agreed=agreed)
        to_post = taking_back.with_returns(to_post, back, asked.returns, asked.lines)
    outcome = await _desk_of(request).post(to_post)
    if outcome.kind not in {"accepted", "repeated"}:
        raise await _refusal(request, outcome, asked, till.location_id, now)
    answer = _accepted(asked, priced, till, outcome.facts)
    if asked.returns:
        answer = await asyncio.to_thread(return_desk.told, request, answer)
    return Response(_encode(answer), 201, media_type="application/json")


# The route that queues form at: it is called past the router (core/express.py).
SELLING = next(route for route in router.routes if isinstance(route, APIRoute) and route.endpoint is sell)


def _agreed(
    request: Request, claims: set[leave.Claim], who: identity.Principal, till_id: UUID, at: datetime
) -> leave.Agreed:
    with identity.database_of(request).transaction() as tx:
        return leave.check(tx, claims, who=who, till_id=till_id, at=at)


def _parsed(body: bytes) -> SaleAsked:
    if b"\\u0000" in body:
        raise Malformed(what="no text holds the character 0")
    try:
        asked = _decode(body)
    except msgspec.DecodeError as error:  # ValidationError is one of them
        raise Malformed(what=str(error)) from error
    if not asked.lines and not asked.returns:
        raise Malformed(what="a sale has lines or returns")
    if any(line.swaps is not None for line in asked.lines) and not asked.returns:
        raise Malformed(what="a piece is swapped for one that comes back by the same sale")
    if asked.at.tzinfo is None:
        raise Malformed(what="at has no time zone")
    return asked


def _to_post(
    asked: SaleAsked, ours: quoting.Priced, who: identity.Principal, till: identity.TillFacts, now: datetime
) -> posting.SaleToPost:
    priced = ours.quote
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
        lines=lines_to_post(priced.lines, asked.lines, here=till.location_id),
        tenders=tenders,
        spends=spends_to_post(asked.tenders, asked.points),
        offers=ours.applied,
        vouchers=list(ours.vouchers),
    )


def _accepted(asked: SaleAsked, priced: Quote, till: identity.TillFacts, facts: Mapping[str, Any]) -> SaleAccepted:
    code = str(facts["receipt_code"])
    return SaleAccepted(
        id=asked.id,
        receipt_code=code,
        barcode=receipt_barcode(till_no=till.till_no, epoch=till.epoch, receipt_no=int(code.rsplit("-", 1)[1])),
        total_vnd=asked.total_vnd,
        rounding_vnd=asked.rounding_vnd,
        change_vnd=sum(tender.change_vnd or 0 for tender in asked.tenders),
        vat=[VatShown(share.rate_bp, share.net_vnd, share.vat_vnd) for share in priced.vat],
        sold_at=str(facts["sold_at"]),
        recorded_at=str(facts["recorded_at"]),
        points=None if facts.get("points") is None else PointsTold(**facts["points"]),
    )


async def _priced(request: Request, asked: SaleAsked, location_id: UUID, now: datetime) -> quoting.Priced:
    """Our price of what is asked. Refuses ``PriceChanged`` where it is another, ``VoucherNotUsable``.

    A sale counts at the moment when somebody pressed for it, if it comes soon after: what was on the screen holds over the
    stroke of a flash sale's end. A repeat of a sale that stands keeps its prices, whatever has ended meanwhile.
    """
    at = min(asked.at, now) if now - asked.at <= ON_ITS_WAY_MAX else now
    try:
        ours = _price(asked, location_id, at, await _wishes(request, asked, now))
        _demand_equal(ours.quote, asked)
    except (PriceChanged, promotions.VoucherNotUsable):
        if not await asyncio.to_thread(_stands, request, asked.id):
            raise
        with contextlib.suppress(records.RecordContradicts):
            quote, _ = records.priced_as_told(catalog.price_books.current(), location_id, asked, at)
            return quoting.Priced(quote, [told.to_post() for told in asked.offers], asked.vouchers)
        raise
    return ours


def _price(asked: SaleAsked, location_id: UUID, at: datetime, wishes: offers.Wishes) -> quoting.Priced:
    # Priced here and not in a worker thread: a list price is 5 µs a line, a change of thread is 60.
    return quoting.price(
        [line.to_price() for line in asked.lines],
        channel="store",
        location_id=location_id,
        at=at,
        points=asked.points_spent(),
        wishes=wishes,
    )


def _demand_equal(ours: Quote, asked: SaleAsked) -> None:
    if ours.total_vnd != asked.total_vnd + asked.refund_vnd or any(
        mine.unit_vnd != theirs.unit_vnd or mine.discount_vnd != theirs.discount_vnd
        for mine, theirs in zip(ours.lines, asked.lines, strict=True)
    ):
        raise PriceChanged(quote=quoting.shown(ours))


def _stands(request: Request, sale_id: UUID) -> bool:
    with identity.database_of(request).transaction() as tx:
        return tx.get(Sale, sale_id) is not None


async def _wishes(request: Request, asked: SaleAsked, now: datetime) -> offers.Wishes:
    """What promotions ask of the customer and the vouchers; nobody and none cost no question."""
    buys_alone = asked.customer_id is None or not promotions.promo_books.current().promotions
    if buys_alone and not asked.vouchers:
        return offers.Wishes(skipped=frozenset(map(str, asked.skipped)))
    return await asyncio.to_thread(_read_wishes, request, asked, now)


def _read_wishes(request: Request, asked: SaleAsked, now: datetime) -> offers.Wishes:
    with identity.database_of(request).transaction() as tx:
        return quoting.wishes_of(
            tx,
            customer_id=asked.customer_id,
            codes=asked.vouchers,
            now=now,
            skipped=asked.skipped,
            sale_id=asked.id,
        )


async def _refusal(
    request: Request, outcome: posting.Outcome, asked: SaleAsked, location_id: UUID, now: datetime
) -> Refusal:
    facts = dict(outcome.facts)
    if outcome.kind == OfferGone.code:
        await asyncio.to_thread(promotions.promo_books.refresh, identity.database_of(request))
        again = _price(asked, location_id, now, await _wishes(request, asked, now))
        facts["quote"] = quoting.shown(again.quote)
    if outcome.kind == ReturnChanged.code:  # reckoned again, it says what has come back meanwhile
        await asyncio.to_thread(return_desk.reckoned, request, asked, now)
    if outcome.kind == OutOfStock.code:
        lines = cast("list[dict[str, Any]]", facts["lines"])
        wanted = [UUID(line["variant_id"]) for line in lines]
        elsewhere = await asyncio.to_thread(_elsewhere, request, wanted, location_id)
        facts["lines"] = [{**line, "elsewhere": elsewhere.get(UUID(line["variant_id"]), [])} for line in lines]
    return BY_CODE[outcome.kind](**facts)


def _elsewhere(request: Request, variant_ids: list[UUID], location_id: UUID) -> dict[UUID, list[dict[str, Any]]]:
    with identity.database_of(request).transaction() as tx:
        return inventory.elsewhere(tx, variant_ids=variant_ids, than=location_id)


def _desk_of(request: Request) -> posting.PostingDesk:
    desk = request.app.state.desk
    assert isinstance(desk, posting.PostingDesk)
    return desk
