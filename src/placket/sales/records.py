"""Sales that have happened: journal entries of tills, posted as they are and never refused for stock or price.

What is odd about one (another price than ours, a light that was overridden, a blind sale) is written beside it as an
exception for a person. Only what contradicts itself is refused, and the journal then keeps it in quarantine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import catalog, identity, inventory
from placket.core import clock
from placket.core.refusals import NotFound, Refusal
from placket.sales import desk, leave, recorded_offers, recorded_returns
from placket.sales.models import Sale
from placket.sales.return_shapes import ReturnApproval, ReturnAsked
from placket.sales.rules import PointsSpent, Quote, fingerprint, price_cart
from placket.sales.service import VOID, bury, covers, reverse
from placket.sales.shapes import (
    LineAsked,
    PointsAsked,
    SaleAsked,
    SaleOfferTold,
    Signed,
    TenderGiven,
    VoucherCode,
    lines_to_post,
    spends_to_post,
    tenders_to_post,
)

Light = Literal["green", "amber", "amber_refused", "override", "blind"]
# Lights that somebody has to answer for by name.
OVERRIDES: Final = frozenset({"amber_refused", "override"})


class RecordContradicts(Refusal):
    """An entry whose figures do not add up, or whose id belongs to another sale."""

    code = "record_contradicts"
    vi = "Hóa đơn ngoại tuyến tự mâu thuẫn ({what}). Cần người xem lại."
    en = "The offline sale contradicts itself ({what}). A person must look at it."


class Sold(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a ``SALE`` entry; ``clock_by`` has confirmed the time of a till whose clock could not be trusted."""

    id: UUID
    receipt_no: Annotated[int, Meta(ge=1, le=9_999_999)]
    staff_id: UUID
    lines: Annotated[list[LineAsked], Meta(max_length=200)]
    total_vnd: Signed
    rounding_vnd: Annotated[int, Meta(ge=-1000, le=1000)]
    tenders: Annotated[list[TenderGiven], Meta(max_length=10)]
    price_version: int
    promo_version: int
    customer_id: UUID | None = None
    light: Light = "green"
    reason: Annotated[str, Meta(max_length=200)] | None = None
    approved_by: UUID | None = None
    points: PointsAsked | None = None
    clock_by: UUID | None = None
    vouchers: Annotated[list[VoucherCode], Meta(max_length=10)] = []
    offers: Annotated[list[SaleOfferTold], Meta(max_length=200)] = []
    skipped: Annotated[list[UUID], Meta(max_length=1000)] = []
    returns: Annotated[list[ReturnAsked], Meta(max_length=100)] = []
    return_approval: ReturnApproval | None = None

    @property
    def refund_vnd(self) -> int:
        """What was given for the goods that came back."""
        return sum(one.refund_vnd for one in self.returns)

    def points_spent(self) -> PointsSpent | None:
        """The points for pricing."""
        return None if self.points is None else self.points.spent()


class Voided(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a ``VOID`` entry: a sale undone, or a number that never became one."""

    sale_id: UUID
    receipt_no: Annotated[int, Meta(ge=1, le=9_999_999)]
    staff_id: UUID
    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    approved_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A sale as its entry tells it."""

    opening: int
    at: datetime
    body: bytes


_sold = msgspec.json.Decoder(Sold).decode
_voided = msgspec.json.Decoder(Voided).decode


def record_sales(
    tx: Session,
    *,
    till: identity.TillFacts,
    epoch: int,
    is_current: bool,
    records: Sequence[Record],
    now: datetime,
) -> list[Mapping[str, Any]]:
    """Post a run of a till's sales in their order; answers receipt code and exception of each.

    A sale that was accepted on line is found posted and changes nothing. Refuses ``RecordContradicts``.
    """
    sold = [_sold(record.body) for record in records]
    # What comes back is reckoned on the state that the entries before have left: such a run is posted one by one.
    runs = [slice(place, place + 1) for place in range(len(sold))] if any(sale.returns for sale in sold) else [slice(None)]
    return [
        result
        for run in runs
        for result in _record_run(tx, till, records[run], sold[run], epoch=epoch, is_current=is_current, now=now)
    ]


def _record_run(
    tx: Session,
    till: identity.TillFacts,
    records: Sequence[Record],
    sold: Sequence[Sold],
    *,
    epoch: int,
    is_current: bool,
    now: datetime,
) -> list[Mapping[str, Any]]:
    book = catalog.price_books.current()
    by = inventory.By(None, till.id, epoch)
    ended = _ended_openings(tx, till, records) if is_current else {record.opening for record in records}
    to_post = []
    priced_otherwise: set[UUID] = set()
    quotes: list[Quote] = []
    back: recorded_returns.Told | None = None
    for record, sale in zip(records, sold, strict=True):
        at = min(record.at, now)
        quote, differs = priced_as_told(book, till.location_id, sale, at)
        if differs or recorded_offers.differ(tx, book, till.location_id, sale, at):
            priced_otherwise.add(sale.id)
        quotes.append(quote)
        exception = "ended_opening" if record.opening in ended else _exception_of(sale.light)
        posted = to_post_of(till, epoch, record, sale, quote, exception=exception, now=now)
        if sale.returns:
            back = recorded_returns.told(tx, sale.returns, sale.lines, at=at)
            posted = recorded_returns.added(posted, back, sale.returns, sale.lines)
        to_post.append(posted)
    outcomes = post(tx, to_post)
    new = [sale.id for sale, outcome in zip(to_post, outcomes, strict=True) if outcome.kind == "accepted"]
    counted = inventory.in_a_count(tx, sale_ids=new)
    results: list[Mapping[str, Any]] = []
    for sale, posted, quote, outcome in zip(sold, to_post, quotes, outcomes, strict=True):
        if outcome.kind not in {"accepted", "repeated"}:
            raise RecordContradicts(what=outcome.kind)
        if outcome.kind == "accepted":
            if sale.id in counted:
                inventory.absorb_counted(tx, sale_id=sale.id, sold_at=datetime.fromisoformat(posted.sold_at), by=by, now=now)
            _note_odds(tx, till, sale, quote, priced_otherwise=sale.id in priced_otherwise, at=posted.sold_at, now=now)
            if back is not None:
                recorded_returns.note_doubts(
                    tx, back, sale_id=sale.id, till=till, said=sale, staff_id=sale.staff_id, now=now
                )
        results.append({"receipt_code": outcome.facts["receipt_code"], "exception": posted.exception})
    return results


def _note_odds(
    tx: Session, till: identity.TillFacts, sale: Sold, quote: Quote, *, priced_otherwise: bool, at: str, now: datetime
) -> None:
    """Write down beside a sale what the server would have refused on line."""
    if priced_otherwise:
        _note(tx, till, sale, kind="price_diff", now=now)
    prices, sold_at = catalog.price_books.current(), datetime.fromisoformat(at)
    newer = recorded_offers.newer_book(tx, prices, till.location_id, sale, sold_at)
    if newer is not None:
        _note(tx, till, sale, kind="old_offers", now=now, promo_version=sale.promo_version, newer=newer)
    lacking = leave.missing(
        tx,
        quote.lines,
        sale.lines,
        overridden_by=sale.approved_by,
        overrides=sale.light in OVERRIDES,
        by_hand=any(tender.kind == "transfer" and tender.payment_id is None for tender in sale.tenders),
        staff_id=sale.staff_id,
        location_id=till.location_id,
    )
    if lacking:
        _note(tx, till, sale, kind="approval_not_held", now=now, verbs=lacking)
    if sale.clock_by is not None:
        _note(tx, till, sale, kind="clock_unsure", now=now, confirmed_by=str(sale.clock_by))


def _note(tx: Session, till: identity.TillFacts, sale: Sold, *, kind: str, now: datetime, **refs: object) -> None:
    inventory.note_exception(
        tx,
        kind=kind,
        severity="warning",
        refs={"sale": str(sale.id), "till": str(till.id), **refs},
        location_id=till.location_id,
        actor_id=sale.staff_id,
        approved_by=sale.approved_by,
        now=now,
    )


def record_void(
    tx: Session, *, till: identity.TillFacts, epoch: int, at: datetime, body: bytes, now: datetime
) -> Mapping[str, Any]:
    """Undo a sale, or bury an id and its number, as the till did; a sale already void changes nothing."""
    voided = _voided(body)
    by = inventory.By(voided.staff_id, till.id, epoch)
    sale = bury(
        tx,
        sale_id=voided.sale_id,
        receipt_no=voided.receipt_no,
        epoch=epoch,
        till=till,
        by=by,
        reason=voided.reason,
        at=min(at, now),
    )
    if sale.till_id != till.id:
        raise NotFound
    if sale.state != "void" and not _may_void(tx, till, voided, sale):
        inventory.note_exception(
            tx,
            kind="approval_not_held",
            severity="warning",
            refs={"sale": str(sale.id), "till": str(till.id), "verbs": [VOID]},
            location_id=till.location_id,
            actor_id=voided.staff_id,
            approved_by=voided.approved_by,
            now=now,
        )
    reverse(tx, sale=sale, by=by, reason=voided.reason, at=min(at, now), approved_by=voided.approved_by)
    return {"receipt_code": sale.receipt_code}


def _may_void(tx: Session, till: identity.TillFacts, voided: Voided, sale: Sale) -> bool:
    """Whether whoever undid it, or agreed to it, may give that much back."""
    people = [one for one in (voided.staff_id, voided.approved_by) if one is not None]
    return any(covers(identity.grants_of(tx, one, at=till.location_id).get(VOID), sale) for one in people)


def post(tx: Session, sales: Sequence[desk.SaleToPost]) -> list[desk.Outcome]:
    """Call the desk's routine in the caller's transaction: the same rules, without the queue."""
    return desk.outcomes_of(tx.connection().exec_driver_sql(desk.POST, desk.arguments(sales)).all())


def _ended_openings(tx: Session, till: identity.TillFacts, records: Sequence[Record]) -> set[int]:
    """Openings that somebody else has ended: what was sold under them is marked."""
    return set(
        tx.scalars(
            text(
                "SELECT opening FROM till_opening WHERE till_id = :till AND opening = ANY(:openings) "
                "AND end_reason IN ('lost', 'asserted')"
            ),
            {"till": till.id, "openings": sorted({record.opening for record in records})},
        )
    )


def priced_as_told(book: catalog.PriceBook, location_id: UUID, sale: Sold | SaleAsked, at: datetime) -> tuple[Quote, bool]:
    """The sale at the till's own prices with our VAT, and whether our prices of that moment are others."""
    differs = False
    unit_of = {line.variant_id: line.unit_vnd for line in sale.lines}
    _demand_offers_agree(sale)

    def price_of(variant_id: UUID) -> tuple[int, int]:
        nonlocal differs
        ours_vnd, rate_bp = book.price_at(variant_id, channel="store", location_id=location_id, at=at)
        differs = differs or ours_vnd != unit_of[variant_id]
        return unit_of[variant_id], rate_bp

    quote = price_cart(
        [line.to_price() for line in sale.lines],
        price_of=price_of,
        price_version=sale.price_version,
        points=sale.points_spent(),
        offers=[tuple(told.part() for told in line.offers) for line in sale.lines],
        promo_version=sale.promo_version,
    )
    paid_vnd = sum(tender.amount_vnd for tender in sale.tenders)
    if quote.total_vnd != sale.total_vnd + sale.refund_vnd or paid_vnd != sale.total_vnd + sale.rounding_vnd:
        raise RecordContradicts(what="totals")
    if any(priced.discount_vnd != told.discount_vnd for priced, told in zip(quote.lines, sale.lines, strict=True)):
        raise RecordContradicts(what="discounts")
    return quote, differs


def _demand_offers_agree(sale: Sold | SaleAsked) -> None:
    """Refuse ``RecordContradicts`` unless what promotions took off the lines is what they took off the sale."""
    by_line: dict[tuple[UUID, int], int] = {}
    for line in sale.lines:
        for told in line.offers:
            if len(told.shares) != line.qty:
                raise RecordContradicts(what="shares")
            version = told.promotion_id, told.version
            by_line[version] = by_line.get(version, 0) + sum(told.shares)
    if by_line != {(offer.promotion_id, offer.version): offer.vnd for offer in sale.offers}:
        raise RecordContradicts(what="offers")


def _exception_of(light: Light) -> str | None:
    return None if light in {"green", "amber"} else light


def to_post_of(
    till: identity.TillFacts,
    epoch: int,
    record: Record,
    sale: Sold,
    quote: Quote,
    *,
    exception: str | None,
    now: datetime,
) -> desk.SaleToPost:
    """The entry as the desk's routine takes it."""
    tenders = tenders_to_post(sale.tenders)
    sold_at = min(record.at, now)
    return desk.SaleToPost(
        id=sale.id,
        mode="record",
        channel="store",
        location_id=till.location_id,
        till_id=till.id,
        epoch=epoch,
        opening=record.opening,
        receipt_no=sale.receipt_no,
        staff_id=sale.staff_id,
        customer_id=sale.customer_id,
        pieces=sum(line.qty for line in sale.lines),
        list_vnd=quote.list_vnd,
        discount_vnd=quote.discount_vnd,
        total_vnd=quote.total_vnd,
        vat_vnd=quote.vat_vnd,
        rounding_vnd=sale.rounding_vnd,
        price_version=sale.price_version,
        promo_version=sale.promo_version,
        exception=exception,
        reason=sale.reason,
        approved_by=sale.approved_by,
        fingerprint=fingerprint(
            till_id=till.id,
            lines=quote.lines,
            tenders=tenders,
            customer_id=sale.customer_id,
            total_vnd=sale.total_vnd,
            points=sale.points_spent(),
        ),
        sold_at=sold_at.isoformat(),
        sold_on=clock.business_day(sold_at).isoformat(),
        lines=lines_to_post(quote.lines, sale.lines, here=till.location_id),
        tenders=tenders,
        spends=spends_to_post(sale.tenders, sale.points),
        offers=[told.to_post() for told in sale.offers],
        vouchers=sale.vouchers,
    )
