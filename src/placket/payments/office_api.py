"""Routes of the office (B30): what banks say came in, what it is for, what goes back; requests, providers, accounts."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound
from placket.core.settings import settings
from placket.payments import queries
from placket.payments.banks import BANKS
from placket.payments.service import accounts, incoming, requests
from placket.payments.shapes import RequestListed, request_listed

router = APIRouter(prefix="/api/bank", tags=["bank"])

Reader = Annotated[identity.Principal, Depends(identity.Permit("payment.read"))]
Matcher = Annotated[identity.Principal, Depends(identity.Permit("payment.match"))]
Reason = Annotated[str, Field(min_length=3, max_length=300, pattern=r"\S")]
RECENT: Final = timedelta(days=7)


class Guess(Answer):
    """What an open credit may be for: ``why`` is its ``code`` or its ``amount``."""

    request_id: UUID | None
    sale_id: UUID | None
    why: Literal["code", "amount"]
    name: str
    amount_vnd: int
    state: str
    at: datetime
    till_code: str


class CreditShown(Answer):
    """Money that came in, and what became of it."""

    id: UUID
    provider: str
    account_no: str
    amount_vnd: int
    content: str
    code: str | None
    bank_reference: str | None
    transferred_at: datetime | None
    received_at: datetime
    request_id: UUID | None
    sale_id: UUID | None
    receipt_code: str | None
    surplus_vnd: int | None
    returned_vnd: int | None
    return_reason: str | None
    dealt_by: str | None
    guess: Guess | None


class CreditMatched(Strict):
    """What a credit is for: a request, or a sale whose transfer was written by hand."""

    request_id: Id | None = None
    sale_id: Id | None = None
    reason: Reason | None = None


class PaidBack(Strict):
    """Why, or how, the money went back."""

    reason: Reason


class Provider(Answer):
    """How a payment provider's calls fare; ``on`` when its secret is set."""

    provider: str
    on: bool
    calls: int
    last_call_at: datetime | None
    failures: int
    last_failure_at: datetime | None
    last_failure: str | None


class Bank(Answer):
    """A bank that takes VietQR."""

    bin: str
    name: str


class AccountOf(Answer):
    """A branch and where its transfers go."""

    location_id: UUID
    location_code: str
    location_name: str
    bank_bin: str | None
    bank: str | None
    account_no: str | None
    account_name: str | None
    created_at: datetime | None


class AccountWish(Strict):
    """Where a branch's transfers go from now on; the name as the bank writes it, in plain capitals."""

    bank_bin: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    account_no: Annotated[str, Field(pattern=r"^[A-Z0-9]{4,19}$")]
    account_name: Annotated[str, Field(pattern=r"^[A-Z0-9 .,&()'-]{2,60}$")]


@router.get("/credits")
def list_credits(who: Reader, request: Request, which: Literal["open", "surplus", "all"] = "open") -> list[CreditShown]:
    """Credits nobody knows the use of, those with money too much, or all of a week; the newest first."""
    with identity.database_of(request).transaction() as tx:
        rows = queries.credits_listed(tx, scope=who.scope("payment.read"), which=which, since=clock.now() - RECENT)
    return [
        CreditShown.model_validate(
            row._asdict()
            | {
                "guess": None
                if row.guess_why is None
                else Guess(
                    request_id=row.guess_request_id,
                    sale_id=row.guess_sale_id,
                    why=row.guess_why,
                    name=row.guess_name,
                    amount_vnd=row.guess_vnd,
                    state=row.guess_state,
                    at=row.guess_at,
                    till_code=row.guess_till,
                )
            }
        )
        for row in rows
    ]


@router.post(
    "/credits/{credit_id}/match",
    status_code=204,
    responses=refuses(NotFound, incoming.CreditSettled, incoming.NothingToPay),
)
def match(credit_id: UUID, body: CreditMatched, who: Matcher, request: Request) -> None:
    """Say what a credit is for. A till that still waits for it closes its sale."""
    if (body.request_id is None) == (body.sale_id is None):
        raise NotFound
    with identity.database_of(request).transaction() as tx:
        if body.request_id is not None:
            incoming.match_to_request(
                tx, credit_id=credit_id, request_id=body.request_id, reason=body.reason, who=who, now=clock.now()
            )
        elif body.sale_id is not None:
            incoming.match_to_sale(
                tx, credit_id=credit_id, sale_id=body.sale_id, reason=body.reason, who=who, now=clock.now()
            )


@router.post("/credits/{credit_id}/return", status_code=204, responses=refuses(NotFound, incoming.CreditSettled))
def return_credit(credit_id: UUID, body: PaidBack, who: Matcher, request: Request) -> None:
    """The money of a credit, or what was too much of it, has been sent back."""
    with identity.database_of(request).transaction() as tx:
        incoming.return_credit(tx, credit_id=credit_id, reason=body.reason.strip(), who=who, now=clock.now())


@router.get("/requests")
def list_requests(
    who: Reader, request: Request, on: date | None = None, location_id: UUID | None = None
) -> list[RequestListed]:
    """The payments asked for on a day, today if none is given; the newest first."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        rows = queries.requests_of_day(
            tx, scope=who.scope("payment.read"), location_id=location_id, on=on or clock.business_day(now)
        )
    return [request_listed(row, now) for row in rows]


@router.get("/returns")
def list_returns(who: Reader, request: Request) -> list[RequestListed]:
    """Transfers that are to go back to their customers, the oldest first."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        rows = queries.to_pay_back(tx, scope=who.scope("payment.read"))
    return [request_listed(row, now) for row in rows]


@router.post("/returns/{payment_id}", status_code=204, responses=refuses(NotFound, requests.PaymentOver))
def pay_back(payment_id: UUID, body: PaidBack, who: Matcher, request: Request) -> None:
    """A transfer has been paid back to its customer."""
    with identity.database_of(request).transaction() as tx:
        requests.settle_up(tx, request_id=payment_id, reason=body.reason.strip(), who=who, now=clock.now())


@router.get("/providers")
def providers(_who: Reader, request: Request) -> list[Provider]:
    """When each provider last called, and how often it was turned away."""
    on = {"payos": settings().payos_checksum_key is not None, "sepay": settings().sepay_secret is not None}
    with identity.database_of(request).transaction() as tx:
        known = {row.provider: row for row in queries.hook_healths(tx)}
    return [
        Provider(provider=name, on=is_on, calls=0, last_call_at=None, failures=0, last_failure_at=None, last_failure=None)
        if name not in known
        else Provider.model_validate(known[name]._asdict() | {"on": is_on})
        for name, is_on in on.items()
    ]


@router.get("/accounts")
def list_accounts(who: Reader, request: Request) -> list[AccountOf]:
    """Every branch and the account its transfers go to."""
    with identity.database_of(request).transaction() as tx:
        rows = queries.accounts(tx, scope=who.scope("payment.read"))
    return [AccountOf.model_validate(row._asdict() | {"bank": BANKS.get(row.bank_bin or "")}) for row in rows]


@router.get("/banks")
def list_banks(_who: Reader) -> list[Bank]:
    """The banks that take VietQR."""
    return [Bank(bin=number, name=name) for number, name in BANKS.items()]


@router.put("/accounts/{location_id}", status_code=204, responses=refuses(NotFound, accounts.UnknownBank))
def set_account(
    location_id: UUID,
    body: AccountWish,
    who: Annotated[identity.Principal, Depends(identity.Permit("payment.accounts"))],
    request: Request,
) -> None:
    """Let a branch receive into another account from now on."""
    with identity.database_of(request).transaction() as tx:
        accounts.set_account(
            tx,
            location_id=location_id,
            bank_bin=body.bank_bin,
            account_no=body.account_no,
            account_name=body.account_name,
            who=who,
            now=clock.now(),
        )
