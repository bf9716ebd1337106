"""Routes of the office: e-invoices by state, one whole with its words and its way, trying again, replacing, the terms."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from placket import identity
from placket.core import clock
from placket.core.http import PAGE, PAGE_MAX, Answer, Page, Strict, newest_moment_first, page, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.einvoices import listing, service
from placket.einvoices.issuing import replace
from placket.einvoices.refusals import NotRejected, TaxCodeInvalid, TermsPast

router = APIRouter(prefix="/api/einvoices", tags=["einvoices"])

Reader = Annotated[identity.Principal, Depends(identity.Permit("einvoice.read"))]
Keeper = Annotated[identity.Principal, Depends(identity.Permit("einvoice.manage"))]
Words = Annotated[str, Field(min_length=2, max_length=200, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
State = Literal["waiting", "accepted", "rejected", "replaced"]


class EinvoicesWanted(BaseModel):
    """Which documents; ``q`` is a number, a code, a receipt or a tax code."""

    state: State | None = None
    q: Annotated[str | None, Field(max_length=60)] = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE
    cursor: Annotated[str | None, Field(max_length=500)] = None


class EinvoiceListed(Answer):
    """A document in a list."""

    id: UUID
    kind: Literal["original", "adjusting", "replacing"]
    serial: str
    number: int
    form: int
    code: str | None
    issued_at: datetime
    receipt_code: str | None
    location_name: str
    buyer_name: str
    buyer_tax_code: str | None
    total_vnd: int
    state: State
    tries: int
    failure: str | None


class EinvoiceLine(Answer):
    """Pieces as the document names them; what came back is negative."""

    no: int
    sku: str
    name: str
    unit: str
    qty: int
    discount_vnd: int
    net_vnd: int
    vat_bp: int
    vat_vnd: int
    total_vnd: int


class EinvoiceVat(Answer):
    """What a rate adds up to."""

    rate_bp: int
    net_vnd: int
    vat_vnd: int


class EinvoiceWhole(EinvoiceListed):
    """A document with everything it says, and how far it has come."""

    sale_id: UUID
    refers_to: UUID | None
    refers_to_number: str | None
    reason: str | None
    seller: dict[str, Any]
    place: dict[str, Any]
    buyer: dict[str, Any]
    lines: list[EinvoiceLine]
    vat: list[EinvoiceVat]
    net_vnd: int
    vat_vnd: int
    total_words: str
    next_try_at: datetime
    ended_at: datetime | None
    followed_by: list[UUID]


class EinvoiceCounts(Answer):
    """How many documents each state has, sales that wait for their buyer's time to end, and whether anybody takes them."""

    waiting: int
    accepted: int
    rejected: int
    replaced: int
    to_issue: int
    has_provider: bool


class EinvoiceTermsWritten(Strict):
    """Terms from a day on. The signs are those that the tax authority has given."""

    from_on: date = Field(strict=False)
    form: Literal[1, 2] = 1
    letter_store: Literal["M", "T"]
    letter_web: Literal["M", "T"]
    own_signs: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    authority_signs: Annotated[str, Field(pattern=r"^[A-Z0-9]{5}$")]
    buyer_minutes: Annotated[int, Field(ge=0, le=1440)]
    closes_at: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    legal_basis: Words


class EinvoiceTermsShown(Answer):
    """Terms, who wrote them and when."""

    from_on: date
    form: int
    letter_store: str
    letter_web: str
    own_signs: str
    authority_signs: str
    buyer_minutes: int
    closes_at: str
    legal_basis: str
    written_by: str | None
    written_at: datetime


class BuyerCorrected(Strict):
    """The buyer as it should have been; without a tax code it is a consumer."""

    tax_code: Annotated[str | None, Field(max_length=14)] = None
    name: Words | None = None
    address: Words | None = None
    reason: Words


@router.get("", responses=refuses(BadCursor))
def list_einvoices(who: Reader, request: Request, wanted: Annotated[EinvoicesWanted, Query()]) -> Page[EinvoiceListed]:
    """Documents of the places one may look at, the newest first."""
    before = newest_moment_first(wanted.cursor)
    with identity.database_of(request).snapshot() as tx:
        rows = listing.page(
            tx, scope=who.scope("einvoice.read"), state=wanted.state, q=wanted.q, before=before, limit=wanted.limit + 1
        )
    found = [EinvoiceListed.model_validate(row) for row in rows]
    items, cursor = page(found, wanted.limit, lambda one: (one.issued_at.isoformat(), one.id))
    return Page(items=items, next_cursor=cursor)


@router.get("/counts")
def counts(who: Reader, request: Request) -> EinvoiceCounts:
    """How many documents each state has."""
    with identity.database_of(request).snapshot() as tx:
        return EinvoiceCounts.model_validate(listing.counts(tx, scope=who.scope("einvoice.read"), now=clock.now()))


@router.get("/terms")
def terms(who: Reader, request: Request) -> list[EinvoiceTermsShown]:
    """All terms, those that begin last first."""
    del who
    with identity.database_of(request).snapshot() as tx:
        return [EinvoiceTermsShown.model_validate(row) for row in listing.terms(tx)]


@router.post("/terms", status_code=204, responses=refuses(TermsPast, identity.NotPermitted))
def write_terms(body: EinvoiceTermsWritten, who: Keeper, request: Request) -> None:
    """Write terms that begin on a day to come, or the company's first."""
    if who.scope("einvoice.manage") is not None:
        raise identity.NotPermitted(verb="einvoice.manage")
    with identity.database_of(request).transaction() as tx:
        service.write_terms(tx, values=body.model_dump(), who=who, now=clock.now())


@router.get("/{einvoice_id}", responses=refuses(NotFound))
def einvoice(einvoice_id: UUID, who: Reader, request: Request) -> EinvoiceWhole:
    """One document."""
    with identity.database_of(request).snapshot() as tx:
        return EinvoiceWhole.model_validate(listing.whole(tx, einvoice_id, scope=who.scope("einvoice.read")))


@router.post("/{einvoice_id}/retry", status_code=204, responses=refuses(NotFound))
def retry(einvoice_id: UUID, who: Keeper, request: Request) -> None:
    """Hand it over again now: one that nobody answered, or one that was rejected for a reason that is gone."""
    with identity.database_of(request).transaction() as tx:
        listing.demand(tx, einvoice_id, scope=who.scope("einvoice.manage"))
        service.retry(tx, einvoice_id=einvoice_id, who=who, now=clock.now())


@router.post("/{einvoice_id}/replace", responses=refuses(NotFound, NotRejected, TaxCodeInvalid))
def write_anew(einvoice_id: UUID, body: BuyerCorrected, who: Keeper, request: Request) -> EinvoiceWhole:
    """Replace a document that was rejected by one for the right buyer."""
    with identity.database_of(request).transaction() as tx:
        listing.demand(tx, einvoice_id, scope=who.scope("einvoice.manage"))
        buyer = service.buyer(tax_code=body.tax_code, name=body.name, address=body.address, email=None)
        made = replace(tx, einvoice_id=einvoice_id, buyer=buyer, reason=body.reason.strip(), who=who, now=clock.now())
        return EinvoiceWhole.model_validate(listing.whole(tx, made.id, scope=None))
