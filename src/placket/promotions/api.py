"""Routes of promotions: drafting, publishing, simulating; the book that tills and shops price by; vouchers."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Path, Request
from pydantic import AwareDatetime, Field, model_validator

from placket import catalog, identity
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound
from placket.promotions import queries
from placket.promotions.books import promo_books
from placket.promotions.reach import reach_of
from placket.promotions.refusals import (
    BatchIdReused,
    NotLive,
    NoVoucherPromotion,
    PromotionChanged,
    PromotionMalformed,
    UnknownCustomers,
    UnknownGoods,
    UnknownVoucher,
    VoucherNotUsable,
)
from placket.promotions.service import publishing, vouchers

router = APIRouter(prefix="/api/promotions", tags=["promotions"])

Read = Annotated[identity.Principal, Depends(identity.Permit("promotion.read"))]
Write = Annotated[identity.Principal, Depends(identity.Permit("promotion.write"))]
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$")]
Terms = Annotated[dict[str, Any], Field(max_length=20)]
Version = Annotated[int, Field(ge=1, le=2**53)]
Moment = Annotated[AwareDatetime, Field(strict=False)]
DRAFTED = refuses(NotFound, PromotionMalformed, UnknownGoods, PromotionChanged)


class Draft(Strict):
    """A promotion's text. ``terms`` and ``limits`` are those of docs/rules/pricing.md, without id and version."""

    name_vi: Name
    name_en: Name
    terms: Terms
    limits: Terms = Field(default_factory=dict)


class DraftNew(Draft):
    """A promotion to draft; the id is made by the client."""

    id: Id


class DraftChange(Draft):
    """The text to keep instead of the one read at ``row_version``."""

    row_version: Version


class AsRead(Strict):
    """Which text the asker has read."""

    row_version: Version


class RowVersion(Answer):
    """The row version after a change, and the book's number where that changed it."""

    row_version: int
    promo_version: int | None = None


class PromotionShown(Answer):
    """A promotion in the list: its text, whether it runs, what it has given."""

    id: UUID
    name_vi: str
    name_en: str
    state: str
    version: int
    row_version: int
    terms: dict[str, Any]
    limits: dict[str, Any]
    unpublished: bool
    live_terms: dict[str, Any] | None
    created_at: datetime
    changed_at: datetime
    sales: int
    pieces: int
    amount_vnd: int
    uses_max: int | None
    uses: int | None
    pieces_max: int | None
    pieces_used: int | None
    budget_vnd: int | None
    spent_vnd: int | None


class VersionShown(Answer):
    """A published version."""

    version: int
    name_vi: str
    name_en: str
    terms: dict[str, Any]
    limits: dict[str, Any]
    published_at: datetime
    published_by: str


class PromotionWhole(PromotionShown):
    """A promotion with its history."""

    versions: list[VersionShown]


class TillHears(Answer):
    """Which book a paired till holds by its own word; ``skipped`` are promotions it does not understand."""

    till_id: UUID
    code: str
    location_id: UUID
    location_name: str
    city: str
    promo_version: int | None
    skipped: list[str] | None
    at: datetime | None
    attached: bool


class Confirmations(Answer):
    """The book in force and who has it."""

    promo_version: int
    tills: list[TillHears]


class BookShown(Answer):
    """The book in force, for whoever prices: published terms with id, version and names, and what limits have left."""

    promo_version: int
    server_time: datetime
    promotions: list[dict[str, Any]]
    left: dict[str, dict[str, int | None]]


class Heard(Strict):
    """A till's word on its book."""

    promo_version: Annotated[int, Field(ge=0, le=2**53)]
    skipped: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(max_length=1_000, strict=False)] = ()


class Trial(Strict):
    """A text that is being written."""

    promotion_id: Id
    terms: Terms


class OverlapShown(Answer):
    """Another promotion that can want the same pieces, and of how many styles."""

    promotion_id: UUID
    styles: int


class PromotionReach(Answer):
    """What a text means of the catalogue, and whom it meets there."""

    styles: int
    variants: int
    overlaps: list[OverlapShown]


class VouchersNew(Strict):
    """Vouchers to issue: one for each customer, or so many for whoever holds the code."""

    id: Id
    name: Name
    starts_at: Moment
    ends_at: Moment
    count: Annotated[int, Field(ge=1, le=vouchers.VOUCHERS_MAX)] = 1
    customer_ids: Annotated[tuple[Id, ...], Field(max_length=vouchers.VOUCHERS_MAX, strict=False)] = ()

    @model_validator(mode="after")
    def ends_after_its_start(self) -> Self:
        """Refuse vouchers that end before they start."""
        if self.ends_at <= self.starts_at:
            raise ValueError("ends_at does not lie after starts_at")
        return self


class VouchersIssued(Answer):
    """The codes."""

    codes: list[str]


class VoucherShown(Answer):
    """A voucher that may be used now, and the promotion it opens."""

    code: str
    promotion_id: UUID
    name_vi: str
    name_en: str
    customer_id: UUID | None
    ends_at: datetime


@router.get("", responses=refuses())
def list_promotions(_who: Read, request: Request) -> list[PromotionShown]:
    """Every promotion, the last changed first."""
    with identity.database_of(request).transaction() as tx:
        return [PromotionShown.model_validate(row) for row in queries.promotions(tx)]


@router.get("/confirmations")
def confirmations(_who: Read, request: Request) -> Confirmations:
    """Which tills have confirmed the book in force."""
    with identity.database_of(request).transaction() as tx:
        number = promo_books.current().promo_version
        return Confirmations(promo_version=number, tills=[TillHears.model_validate(row) for row in queries.tills(tx)])


@router.get("/book")
def book(
    _who: Annotated[identity.Principal, Depends(identity.Permit("catalog.read"))],
    request: Request,
    customer_id: UUID | None = None,
) -> BookShown:
    """The promotions in force, as tills price by them; with a customer, what limits leave that customer."""
    held = promo_books.newest(identity.database_of(request))
    had: dict[str, tuple[int, int]] = {}
    if customer_id is not None:
        with identity.database_of(request).transaction() as tx:
            had = queries.had_by(tx, customer_id)
    return BookShown(
        promo_version=held.promo_version,
        server_time=clock.now(),
        promotions=[dict(row) for row in held.published],
        left={key: msgspec.structs.asdict(left) for key, left in held.left(had).items()},
    )


@router.post("/heard", status_code=204)
def heard(
    body: Heard, who: Annotated[identity.Principal, Depends(identity.Permit("catalog.read"))], request: Request
) -> None:
    """A till says which book it holds, whoever is at work there."""
    if who.till is None:
        raise identity.NotPermitted(verb="catalog.read")
    with identity.database_of(request).transaction() as tx:
        publishing.note_heard(
            tx, till_id=who.till.id, promo_version=body.promo_version, skipped=list(body.skipped), now=clock.now()
        )


@router.post("/reach", responses=refuses(PromotionMalformed, catalog.UnknownVariant))
def reach(body: Trial, _who: Read) -> PromotionReach:
    """How many styles a text means, and which promotions in force can want the same pieces."""
    draft = publishing.read_terms(body.promotion_id, 1, body.terms)
    found = reach_of(draft, promo_books.current().promotions, catalog.price_books.current())
    return PromotionReach.model_validate(asdict(found))


@router.get("/{promotion_id}", responses=refuses(NotFound))
def one_promotion(promotion_id: UUID, _who: Read, request: Request) -> PromotionWhole:
    """A promotion with its history."""
    with identity.database_of(request).transaction() as tx:
        return PromotionWhole.model_validate(queries.promotion(tx, promotion_id))


@router.post("", status_code=201, responses=DRAFTED)
def new_promotion(body: DraftNew, who: Write, request: Request) -> RowVersion:
    """Draft a promotion."""
    return _kept(request, who, body.id, body, None)


@router.put("/{promotion_id}", responses=DRAFTED)
def change_promotion(promotion_id: UUID, body: DraftChange, who: Write, request: Request) -> RowVersion:
    """Keep a changed text; what is published stays in force until the change is published."""
    return _kept(request, who, promotion_id, body, body.row_version)


@router.post("/{promotion_id}/publish", responses=DRAFTED)
def publish(promotion_id: UUID, body: AsRead, who: Write, request: Request) -> RowVersion:
    """Put the text in force, at once, everywhere."""
    database = identity.database_of(request)
    with database.transaction() as tx:
        number = publishing.publish(
            tx, promotion_id=promotion_id, row_version=body.row_version, staff_id=who.staff_id, now=clock.now()
        )
        identity.audit(tx, action="promotion.published", subject_type="promotion", subject_id=promotion_id, actor=who)
    promo_books.refresh(database)
    return RowVersion(row_version=body.row_version + 1, promo_version=number)


@router.post("/{promotion_id}/stop", responses=refuses(NotFound, PromotionChanged, NotLive))
def stop(promotion_id: UUID, body: AsRead, who: Write, request: Request) -> RowVersion:
    """Take the promotion out of force, at once, everywhere."""
    database = identity.database_of(request)
    with database.transaction() as tx:
        number = publishing.stop(
            tx, promotion_id=promotion_id, row_version=body.row_version, staff_id=who.staff_id, now=clock.now()
        )
        identity.audit(tx, action="promotion.stopped", subject_type="promotion", subject_id=promotion_id, actor=who)
    promo_books.refresh(database)
    return RowVersion(row_version=body.row_version + 1, promo_version=number)


@router.post(
    "/{promotion_id}/vouchers",
    status_code=201,
    responses=refuses(NotFound, NoVoucherPromotion, UnknownCustomers, BatchIdReused),
)
def issue_vouchers(promotion_id: UUID, body: VouchersNew, who: Write, request: Request) -> VouchersIssued:
    """Issue vouchers that open the promotion; the answer is the only list of their codes that is ever sent whole."""
    with identity.database_of(request).transaction() as tx:
        codes = vouchers.issue(
            tx,
            batch_id=body.id,
            promotion_id=promotion_id,
            name=body.name,
            period=(body.starts_at, body.ends_at),
            count=body.count,
            customer_ids=body.customer_ids,
            staff_id=who.staff_id,
            now=clock.now(),
        )
        after = {"promotion_id": str(promotion_id), "count": len(codes)}
        identity.audit(tx, action="voucher.issued", subject_type="batch", subject_id=body.id, actor=who, after=after)
    return VouchersIssued(codes=codes)


@router.post("/vouchers/{batch_id}/block", responses=refuses(NotFound))
def block_vouchers(batch_id: UUID, who: Write, request: Request) -> dict[str, int]:
    """Block what has not been used of a batch."""
    with identity.database_of(request).transaction() as tx:
        blocked = vouchers.block(tx, batch_id=batch_id, staff_id=who.staff_id, now=clock.now())
        identity.audit(tx, action="voucher.blocked", subject_type="batch", subject_id=batch_id, actor=who)
    return {"blocked": blocked}


@router.get("/vouchers/{code}", responses=refuses(UnknownVoucher, VoucherNotUsable))
def find_voucher(
    code: Annotated[str, Path(pattern=r"^[0-9]{15}$")],
    _who: Annotated[identity.Principal, Depends(identity.Permit("sale.sell"))],
    request: Request,
    customer_id: UUID | None = None,
) -> VoucherShown:
    """The voucher of a code, if it may be used now (by this customer)."""
    with identity.database_of(request).transaction() as tx:
        found = vouchers.find(tx, code=code, customer_id=customer_id, now=clock.now())
        return VoucherShown(
            code=found.code,
            promotion_id=found.promotion_id,
            name_vi=found.name_vi,
            name_en=found.name_en,
            customer_id=found.customer_id,
            ends_at=found.ends_at,
        )


def _kept(request: Request, who: identity.Principal, promotion_id: UUID, body: Draft, row_version: int | None) -> RowVersion:
    with identity.database_of(request).transaction() as tx:
        kept = publishing.keep_draft(
            tx,
            promotion_id=promotion_id,
            names=(body.name_vi, body.name_en),
            terms=body.terms,
            limits=body.limits,
            row_version=row_version,
            staff_id=who.staff_id,
            now=clock.now(),
        )
        identity.audit(tx, action="promotion.drafted", subject_type="promotion", subject_id=promotion_id, actor=who)
    return RowVersion(row_version=kept)
