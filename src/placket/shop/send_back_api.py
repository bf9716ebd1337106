"""The shop's API for sending goods back by courier, version 1: what can be, what is given for it, asking, calling off.

Purchases of stores and of the web alike, of whoever is signed in (docs/rules/parcels.md).
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from sqlalchemy.orm import Session

from placket import carriers, crm, identity, sales
from placket.core import clock
from placket.core.http import Answer, Id, Strict, language_of, refuses
from placket.core.refusals import NotFound
from placket.shop.account_api import REFUSED, SHOPPER, Shopper
from placket.shop.order_shapes import AddressAsked, Goods, TrackStep
from placket.shop.pace import paced

router = APIRouter(prefix="/api/shop/v1/account/returns", tags=["shop"], dependencies=[Depends(paced)])

Words = Annotated[str, Field(min_length=2, max_length=80, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
Why = Literal["size", "colour", "faulty", "unsuitable", "other"]
MONEY_BACK = sales.courier_returning


class CanComeBack(Goods):
    """Pieces of a purchase; ``returnable`` of them can still come back until a day, ``reason`` says why none can."""

    line_no: int
    qty: int
    returnable: int
    total_vnd: int
    until: str
    reason: str | None


class SendBackChoice(Answer):
    """A purchase, line by line; ``by_courier`` is false where no carrier is connected."""

    sale_id: UUID
    lines: list[CanComeBack]
    by_courier: bool


class LineBack(Strict):
    """Pieces of a line that come back, and why."""

    line_no: Annotated[int, Field(ge=1, le=32_767)]
    qty: Annotated[int, Field(ge=1, le=999)]
    reason: Why = "unsuitable"


class SendBackWanted(Strict):
    """What of a purchase comes back."""

    sale_id: Id
    lines: Annotated[list[LineBack], Field(min_length=1, max_length=50)]


class FormOffered(Answer):
    """A way for the money to go back; ``reason`` says why it is not open."""

    kind: Literal["card", "transfer", "store_credit"]
    allowed: bool
    reason: str | None


class GivenFor(Answer):
    """What is given for the pieces of a line."""

    line_no: int
    qty: int
    refund_vnd: int


class SendBackQuoted(Answer):
    """A return as it would be now."""

    refund_vnd: int
    lines: list[GivenFor]
    forms: list[FormOffered]


class Account(Strict):
    """The bank account that a transfer goes to."""

    bank: Words
    account_no: Annotated[str, Field(min_length=6, max_length=24, pattern=r"^[0-9A-Za-z]+$")]
    account_name: Words


class Sender(Strict):
    """Who hands the parcel over, and where it is fetched."""

    name: Words
    phone: Annotated[str, Field(min_length=8, max_length=20, pattern=r"^[0-9+() .-]+$")]
    address: AddressAsked


class SendBackAsked(SendBackWanted):
    """A return to be fetched. The id is made by the client and makes repeats harmless."""

    id: Id
    form: Literal["card", "transfer", "store_credit"]
    pay_to: Account | None = None
    sender: Sender


class SendBackParcel(Answer):
    """The parcel, its label, and the way it has come."""

    carrier: str
    tracking_no: str
    label_url: str | None
    state: Literal["booked", "picked_up", "failed", "delivered", "returned", "cancelled"]
    track: list[TrackStep]


class SendBackLine(Goods):
    """Goods on their way back; ``came`` of them arrived."""

    line_no: int
    qty: int
    reason: str
    refund_vnd: int
    came: int | None


class SendBack(Answer):
    """A return by courier, as its sender sees it."""

    id: UUID
    code: str
    state: Literal["asked", "booked", "done", "cancelled"]
    of_sale_id: UUID
    of_code: str | None
    form: Literal["card", "transfer", "store_credit", "cod"]
    asked_at: datetime
    ended_at: datetime | None
    refund_vnd: int
    refund_state: str | None
    parcel: SendBackParcel | None
    lines: list[SendBackLine]


@router.get("", openapi_extra=SHOPPER, responses=REFUSED)
def listed(who: Shopper, request: Request) -> list[SendBack]:
    """What the member sends back, the newest first."""
    with identity.database_of(request).snapshot() as tx:
        found = sales.courier_queries.of_customer(tx, crm.ids_of(tx, who))
        return [SendBack.model_validate(sales.courier_queries.shown(tx, back)) for back in found]


@router.get("/of/{sale_id}", openapi_extra=SHOPPER, responses=REFUSED | refuses(NotFound))
def choice(sale_id: UUID, who: Shopper, request: Request) -> SendBackChoice:
    """What of a purchase can still come back."""
    with identity.database_of(request).snapshot() as tx:
        _own(tx, sale_id, who)
        lines = [
            CanComeBack.model_validate(line) for line in sales.courier_queries.can_come_back(tx, sale_id, now=clock.now())
        ]
        return SendBackChoice(sale_id=sale_id, lines=lines, by_courier=sales.couriers.carrier(tx) is not None)


@router.post(
    "/quote",
    openapi_extra=SHOPPER,
    responses=REFUSED | refuses(NotFound, MONEY_BACK.NotByCourier, sales.AlreadyReturned, sales.ReturnOfVoid),
)
def quote(body: SendBackWanted, who: Shopper, request: Request) -> SendBackQuoted:
    """Reckon what is given for some pieces, and by which ways; nothing is written."""
    with identity.database_of(request).snapshot() as tx:
        _own(tx, body.sale_id, who)
        reckoned = MONEY_BACK.reckon(tx, body.sale_id, _lines(body), now=clock.now())
        forms = MONEY_BACK.forms_of(tx, body.sale_id, reckoned)
    return SendBackQuoted(
        refund_vnd=reckoned.refund_vnd,
        lines=[
            GivenFor(line_no=refund.line_no, qty=refund.qty, refund_vnd=refund.refund_vnd)
            for of in reckoned.sales
            for refund in of.refunds
        ],
        forms=[FormOffered(kind=kind, allowed=why is None, reason=why) for kind, why in forms.items() if kind != "cod"],
    )


@router.post(
    "",
    status_code=201,
    openapi_extra=SHOPPER,
    responses=REFUSED
    | refuses(
        NotFound,
        MONEY_BACK.NotByCourier,
        MONEY_BACK.AlreadyAsked,
        sales.AlreadyReturned,
        sales.ReturnOfVoid,
        sales.order_refusals.AddressNeeded,
    ),
)
def ask(body: SendBackAsked, who: Shopper, request: Request) -> SendBack:
    """Have goods fetched. Asked again it is the same return; a carrier that does not answer now is asked again soon."""
    database, now = identity.database_of(request), clock.now()
    address = body.sender.address
    if address.province_code not in sales.PROVINCES:
        raise sales.order_refusals.AddressNeeded
    where = f"{address.street}, {address.ward}, {sales.PROVINCES[address.province_code][0]}"
    with database.transaction() as tx:
        _own(tx, body.sale_id, who)
        if body.form == "transfer" and body.pay_to is None:
            raise MONEY_BACK.NotByCourier(reason="account")
        back = MONEY_BACK.ask(
            tx,
            request=MONEY_BACK.Request(
                id=body.id,
                sale_id=body.sale_id,
                customer_id=who,
                lines=_lines(body),
                form=body.form,
                pay_to=None if body.pay_to is None else body.pay_to.model_dump(),
                sender={"name": body.sender.name, "phone": body.sender.phone, "address": where},
                language=language_of(request),
            ),
            now=now,
        )
        return_id = back.id
    sales.courier_jobs.book_soon(database, return_id, now=now)
    with database.snapshot() as tx:
        return _shown(tx, return_id, who)


@router.post(
    "/{return_id}/cancel",
    openapi_extra=SHOPPER,
    responses=REFUSED | refuses(NotFound, MONEY_BACK.ReturnOver, carriers.CarrierAway),
)
def cancel(return_id: UUID, who: Shopper, request: Request) -> SendBack:
    """Keep the goods after all, as long as nobody has fetched them."""
    database = identity.database_of(request)
    with database.transaction() as tx:
        _shown(tx, return_id, who)
    sales.courier_jobs.cancel(database, return_id, now=clock.now())
    with database.snapshot() as tx:
        return _shown(tx, return_id, who)


def _lines(body: SendBackWanted) -> tuple[sales.courier_returning.Asked, ...]:
    return tuple(MONEY_BACK.Asked(line.line_no, line.qty, line.reason) for line in body.lines)


def _own(tx: Session, sale_id: UUID, who: UUID) -> None:
    if not sales.courier_queries.owns(tx, sale_id, crm.ids_of(tx, who)):
        raise NotFound


def _shown(tx: Session, return_id: UUID, who: UUID) -> SendBack:
    found = sales.courier_queries.of_id(tx, return_id, crm.ids_of(tx, who))
    if found is None:
        raise NotFound
    return SendBack.model_validate(sales.courier_queries.shown(tx, found))
