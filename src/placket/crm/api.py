"""Routes of customers: find, make, change, consent. Phone numbers are masked; who reveals one is written down."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import Row
from sqlalchemy.orm import Session

from placket import identity
from placket.core import clock
from placket.core.http import PAGE, PAGE_MAX, Answer, Id, Page, Strict, decode_cursor, encode_cursor, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.crm import people_queries, queries
from placket.crm.models import Customer
from placket.crm.rules import masked_phone, member_code
from placket.crm.service import customers
from placket.crm.service.accounts import By, locked_survivor, tell

router = APIRouter(prefix="/api/customers", tags=["customers"])

Read = Annotated[identity.Principal, Depends(identity.Permit("customer.read"))]
Write = Annotated[identity.Principal, Depends(identity.Permit("customer.write"))]
Reveal = Annotated[identity.Principal, Depends(identity.Permit("customer.reveal"))]

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
Phone = Annotated[str, Field(min_length=6, max_length=40)]
Note = Annotated[str, Field(max_length=500)]
TextVersion = Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,40}$")]


class CustomersWanted(BaseModel):
    """Which customers; ``q`` is a part of a name, the end of a phone, a whole phone, or a member number.

    ``agrees`` is a channel that they get advertising by, or ``none`` for those who get none.
    """

    q: Annotated[str | None, Field(max_length=60)] = None
    group: Annotated[str | None, Field(pattern=r"^[a-z_]{1,30}$")] = None
    tier: Annotated[str | None, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")] = None
    segment_id: UUID | None = None
    agrees: Literal["email", "sms", "zalo", "push", "none"] | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE
    cursor: Annotated[str | None, Field(max_length=500)] = None


class Day(Strict):
    """A birthday without its year."""

    day: Annotated[int, Field(ge=1, le=31)]
    month: Annotated[int, Field(ge=1, le=12)]


class ConsentWord(Strict):
    """Consent given or taken back, in which version of the text."""

    purpose: Literal["loyalty", "marketing", "personalisation"]
    granted: bool
    text_version: TextVersion


class CustomerNew(Strict):
    """A customer; the id is made by the client."""

    id: Id
    full_name: Name
    phone: Phone
    birthday: Day | None = None
    note: Note | None = None
    home_location_id: Id | None = None
    consents: Annotated[list[ConsentWord], Field(max_length=4)] = Field(default_factory=list)


class CustomerChange(Strict):
    """What is known of a customer from now on; a phone that is not named stays."""

    full_name: Name
    phone: Phone | None = None
    birthday: Day | None = None
    note: Note | None = None


class LanguageRead(Strict):
    """The language that a customer is written to in."""

    language: Literal["vi", "en"]


class CustomerFace(Answer):
    """A customer in a list."""

    id: UUID
    member_no: int
    member_code: str
    full_name: str
    phone: str | None
    home_name: str | None
    points: int
    credit_vnd: int
    last_sold_at: datetime | None
    created_at: datetime


class CustomerListed(CustomerFace):
    """A customer in the list: what they have bought net of returns, how they are grouped, where they may be written to."""

    net_vnd: int
    orders: int
    group_key: str | None
    tier: str | None
    segments: list[str]
    agrees: list[str]


class ConsentShown(Answer):
    """A word of consent."""

    id: int
    purpose: str
    granted: bool
    channel: str
    way: str | None
    text_version: str
    given_at: datetime
    staff_name: str | None


class CustomerShown(CustomerFace):
    """A customer, whole but for the phone's middle."""

    home_location_id: UUID | None
    birth_day: int | None
    birth_month: int | None
    note: str | None
    language: str | None
    credit_held_vnd: int
    earns: bool
    consents: list[ConsentShown]


class Revealed(Answer):
    """What is hidden elsewhere."""

    phone: str | None
    email: str | None


@router.get("", responses=refuses(BadCursor))
def list_customers(who: Read, request: Request, wanted: Annotated[CustomersWanted, Query()]) -> Page[CustomerListed]:
    """Customers whom a branch in reach knows, by given name."""
    place = decode_cursor(wanted.cursor, str, UUID)
    after = None if place is None else (str(place[0]), UUID(str(place[1])))
    asked = people_queries.Wanted(wanted.q, wanted.group, wanted.tier, wanted.segment_id, wanted.agrees)
    with identity.database_of(request).transaction() as tx:
        rows = people_queries.page_of_customers(
            tx, asked, scope=who.scope("customer.read"), after=after, limit=wanted.limit + 1
        )
    shown = rows[: wanted.limit]
    more = len(rows) > wanted.limit
    return Page(
        items=[CustomerListed(**face(row)) for row in shown],
        next_cursor=encode_cursor(shown[-1].given_name, shown[-1].id) if more else None,
    )


@router.get("/{customer_id}", responses=refuses(NotFound))
def customer(customer_id: UUID, who: Read, request: Request) -> CustomerShown:
    """A customer; an alias answers the person it was merged into."""
    with identity.database_of(request).transaction() as tx:
        return _shown(tx, customer_id, who.scope("customer.read"))


@router.post(
    "",
    status_code=201,
    responses=refuses(
        customers.PhoneInvalid, customers.PhoneTaken, customers.CustomerIdReused, NotFound, identity.NotPermitted
    ),
)
def create(body: CustomerNew, who: Write, request: Request) -> CustomerShown:
    """Make a customer. Safe to repeat with the same id."""
    home = who.till.location_id if who.till is not None else body.home_location_id
    if home is None:
        if who.scope("customer.write") is not None:
            raise identity.NotPermitted(verb="customer.write")  # nobody would be in reach of somebody at home nowhere
    else:
        who.demand("customer.write", home)
    with identity.database_of(request).transaction() as tx:
        made = customers.create_customer(
            tx,
            customer_id=body.id,
            details=customers.Details(body.full_name, body.phone, _birthday(body.birthday), body.note),
            home_location_id=home,
            agreed=[customers.Agreed(word.purpose, word.granted, word.text_version) for word in body.consents],
            channel="office" if who.till is None else "till",
            by=by_of(who),
            now=clock.now(),
        )
        _audit(tx, "customer.created", made, who)
        return _shown(tx, made.id, None)


@router.put("/{customer_id}", responses=refuses(NotFound, customers.PhoneInvalid, customers.PhoneTaken))
def change(customer_id: UUID, body: CustomerChange, who: Write, request: Request) -> CustomerShown:
    """Change what is known of a customer."""
    with identity.database_of(request).transaction() as tx:
        known = _in_reach(tx, customer_id, who.scope("customer.write"))
        details = customers.Details(body.full_name, body.phone or known.phone, _birthday(body.birthday), body.note)
        changed = customers.change_customer(tx, customer_id=known.id, details=details, by=by_of(who))
        _audit(tx, "customer.changed", changed, who)
        return _shown(tx, changed.id, None)


@router.put("/{customer_id}/language", responses=refuses(NotFound))
def read_in(customer_id: UUID, body: LanguageRead, who: Write, request: Request) -> CustomerShown:
    """Write down which language a customer reads."""
    with identity.database_of(request).transaction() as tx:
        known = _in_reach(tx, customer_id, who.scope("customer.write"))
        read = customers.note_language(tx, customer_id=known.id, language=body.language)
        identity.audit(
            tx,
            action="customer.language",
            subject_type="customer",
            subject_id=read,
            actor=who,
            before={"language": known.language},
            after={"language": body.language},
        )
        return _shown(tx, read, None)


@router.post("/{customer_id}/consents", responses=refuses(NotFound))
def consent(customer_id: UUID, body: ConsentWord, who: Write, request: Request) -> CustomerShown:
    """Write down that a customer agrees, or no longer does."""
    with identity.database_of(request).transaction() as tx:
        known = _in_reach(tx, customer_id, who.scope("customer.write"))
        survivor = locked_survivor(tx, known.id)
        customers.note_consent(
            tx,
            customer_id=survivor,
            word=customers.Agreed(body.purpose, body.granted, body.text_version),
            channel="office" if who.till is None else "till",
            by=by_of(who),
            at=clock.now(),
        )
        tell(tx, survivor)
        return _shown(tx, survivor, None)


@router.post("/{customer_id}/reveal", responses=refuses(NotFound))
def reveal(customer_id: UUID, who: Reveal, request: Request) -> Revealed:
    """The whole phone number and address of a customer; written into the audit log."""
    with identity.database_of(request).transaction() as tx:
        known = _in_reach(tx, customer_id, who.scope("customer.reveal"))
        identity.audit(tx, action="customer.revealed", subject_type="customer", subject_id=known.id, actor=who)
        return Revealed(phone=known.phone, email=known.email)


def by_of(who: identity.Principal) -> By:
    """Who asks, as the verbs write it down."""
    return By(who.staff_id, None if who.till is None else who.till.id)


def face(row: Row[Any]) -> dict[str, Any]:
    """A row of a query as it leaves: the phone masked, the number as the card has it."""
    return {**row._asdict(), "phone": masked_phone(row.phone), "member_code": member_code(row.member_no)}


def _in_reach(tx: Session, customer_id: UUID, scope: list[UUID] | None) -> Row[Any]:
    known = queries.customer_seen(tx, customer_id=customer_id, scope=scope)
    if known is None:
        raise NotFound
    return known


def _shown(tx: Session, customer_id: UUID, scope: list[UUID] | None) -> CustomerShown:
    known = _in_reach(tx, customer_id, scope)
    consents = [ConsentShown(**row._asdict()) for row in queries.consents_of(tx, known.id)]
    return CustomerShown(**face(known), consents=consents)


def _birthday(day: Day | None) -> customers.Birthday | None:
    return None if day is None else customers.Birthday(day.day, day.month)


def _audit(tx: Session, action: str, made: Customer, who: identity.Principal) -> None:
    identity.audit(
        tx,
        action=action,
        subject_type="customer",
        subject_id=made.id,
        actor=who,
        after={"full_name": made.full_name, "phone": masked_phone(made.phone)},
    )
