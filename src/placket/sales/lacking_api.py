"""Routes of what tills sold from a depot and is not there: sent from elsewhere, handed over, given back."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import carriers, crm, identity, inventory
from placket.core import clock
from placket.core.db import Database
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound
from placket.sales import couriers, lacking, lacking_jobs, lacking_queries, returning
from placket.sales.order_refusals import CarrierNeeded
from placket.sales.sending import AlreadySent
from placket.sales.sending_api import PartyShown, Recipient, SendingGone
from placket.sales.taking_back import RefundOverLimit

router = APIRouter(prefix="/api/order-tasks", tags=["orders"])

Picker = Annotated[identity.Principal, Depends(identity.Permit("stock.pick"))]
Returner = Annotated[identity.Principal, Depends(identity.Permit("sale.return"))]
Words = Annotated[str, Field(min_length=2, max_length=80, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
Way = Annotated[str, Field(min_length=2, max_length=60)]
LEAVING = (NotFound, lacking.LackOver, inventory.WouldBreakPromise, identity.NotPermitted)


class LackLine(Answer):
    """The pieces, as people recognise them."""

    variant_id: UUID
    name_vi: str
    name_en: str
    sku: str
    colour_vi: str
    colour_en: str
    size: str
    picture: str | None
    qty: int


class LackForm(Answer):
    """A way for the money to go back, or why it cannot go back so."""

    kind: Literal["card", "transfer", "store_credit"]
    reason: str | None


class LackShown(Answer):
    """Pieces that are not where a till sold them from.

    ``looking``: other places are asked. ``found``: ``place`` keeps it and is to send it. ``nowhere``: somebody decides.
    """

    id: UUID
    sale_id: UUID
    receipt_code: str
    state: Literal["looking", "found", "nowhere"]
    missed_at: datetime
    missed_name: str
    place_id: UUID | None
    place_name: str | None
    branch_id: UUID
    branch: PartyShown
    customer: dict[str, Any] | None
    line: LackLine
    note: str | None
    refund_vnd: int
    forms: list[LackForm]


class PiecesMissing(Strict):
    """Pieces of a line that somebody looked for and did not find."""

    line_no: Annotated[int, Field(ge=1, le=32_767)]
    qty: Annotated[int, Field(ge=1, le=999)]


class AtPlace(Strict):
    """Where somebody looked, or has the pieces in hand."""

    location_id: Id


class LackSent(AtPlace):
    """To whom it goes, and with whom: without a carrier the connected one is asked to."""

    recipient: Recipient
    carrier: Way | None = None
    tracking_no: Way | None = None


class LackAccount(Strict):
    """The bank account that a transfer goes to."""

    bank: Words
    account_no: Annotated[str, Field(min_length=6, max_length=24, pattern=r"^[0-9A-Za-z]+$")]
    account_name: Words


class LackRefund(Strict):
    """How the money goes back."""

    form: Literal["card", "transfer", "store_credit"]
    pay_to: LackAccount | None = None


class GivenBackShown(Answer):
    """The return without a till that gave it back."""

    code: str
    amount_vnd: int
    form: Literal["card", "transfer", "store_credit", "cod"]


@router.get("/lacks", responses=refuses(identity.NotPermitted))
def lacks(who: Picker, request: Request) -> list[LackShown]:
    """What is looked for or was found nowhere, of the places of somebody: that sold it, lacked it, or keep it now."""
    now, scope = clock.now(), who.scope("stock.pick")
    with identity.database_of(request).snapshot() as tx:
        found = lacking_queries.open_lacks(tx, scope=scope, now=now)
    if not who.may("customer.reveal"):
        for lack in found:
            if lack["customer"] is not None:
                lack["customer"] |= {"phone": crm.masked_phone(lack["customer"]["phone"])}
    return [LackShown.model_validate(lack) for lack in found]


@router.post(
    "/sendings/{sale_id}/{location_id}/short",
    status_code=204,
    responses=refuses(NotFound, AlreadySent, identity.NotPermitted),
)
def missing(sale_id: UUID, location_id: UUID, body: PiecesMissing, who: Picker, request: Request) -> None:
    """Somebody looked and the pieces are not there: the balance is doubted, and they are looked for elsewhere."""
    _demand(who, location_id)
    database, now = identity.database_of(request), clock.now()
    with database.transaction() as tx:
        promise_id = lacking.missing(
            tx, sale_id=sale_id, location_id=location_id, line_no=body.line_no, qty=body.qty, by=_by(who), now=now
        )
    lacking_jobs.go_on(database, promise_id, now=now)


@router.post("/lacks/{lack_id}/short", status_code=204, responses=refuses(NotFound, lacking.LackOver, identity.NotPermitted))
def missing_again(lack_id: UUID, body: AtPlace, who: Picker, request: Request) -> None:
    """They are not at the place that was to send them either."""
    _demand(who, body.location_id)
    database, now = identity.database_of(request), clock.now()
    with database.transaction() as tx:
        promise_id = lacking.missing_again(tx, lack_id=lack_id, location_id=body.location_id, by=_by(who), now=now)
    lacking_jobs.go_on(database, promise_id, now=now)


@router.post("/lacks/{lack_id}/send", responses=refuses(*LEAVING, CarrierNeeded, carriers.CarrierAway))
def send(lack_id: UUID, body: LackSent, who: Picker, request: Request) -> SendingGone:
    """It leaves the place that found it."""
    _demand(who, body.location_id)
    database, now = identity.database_of(request), clock.now()
    to = carriers.Party(body.recipient.name, body.recipient.phone, body.recipient.address)
    name, tracking_no, label_url = body.carrier, body.tracking_no, None
    if name is None:
        booked = _booked(database, lack_id, body.location_id, to, now)
        name, tracking_no, label_url = booked.carrier, booked.tracking_no, booked.label_url
    parcel = lacking.Parcel(name, tracking_no, to)
    with database.transaction() as tx:
        lacking.leave(tx, lack_id=lack_id, location_id=body.location_id, how="sent", parcel=parcel, by=_by(who), now=now)
    return SendingGone(carrier=name, tracking_no=tracking_no, label_url=label_url)


@router.post("/lacks/{lack_id}/hand-over", status_code=204, responses=refuses(*LEAVING))
def hand_over(lack_id: UUID, body: AtPlace, who: Picker, request: Request) -> None:
    """Its customer takes it at the place that has it."""
    _demand(who, body.location_id)
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        lacking.leave(
            tx, lack_id=lack_id, location_id=body.location_id, how="handed_over", parcel=None, by=_by(who), now=now
        )


@router.post(
    "/lacks/{lack_id}/refund",
    responses=refuses(
        NotFound,
        lacking.LackOver,
        lacking.NotGivenBack,
        RefundOverLimit,
        returning.AlreadyReturned,
        returning.ReturnOfVoid,
        identity.NotPermitted,
    ),
)
def give_back(lack_id: UUID, body: LackRefund, who: Returner, request: Request) -> GivenBackShown:
    """What was paid for pieces that are nowhere goes back, by whoever may give back so much at the branch that sold them."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        if not who.may("sale.return", lacking_queries.branch_of(tx, lack_id)):
            raise NotFound
        back = lacking.give_back(
            tx,
            lack_id=lack_id,
            form=body.form,
            pay_to=None if body.pay_to is None else body.pay_to.model_dump(),
            by=_by(who),
            now=now,
        )
        amount_vnd, limit_vnd = lacking.given_of(tx, back.id), who.grants["sale.return"].refund_vnd_max
        if limit_vnd is not None and amount_vnd > limit_vnd:
            raise RefundOverLimit(out_vnd=amount_vnd, limit_vnd=limit_vnd)
        return GivenBackShown(code=back.code, amount_vnd=amount_vnd, form=back.form)


def _booked(database: Database, lack_id: UUID, location_id: UUID, to: carriers.Party, now: datetime) -> carriers.Shipment:
    with database.transaction() as tx:
        (task,) = lacking_queries.open_lacks(tx, scope=None, now=now, lack_id=lack_id) or (None,)
        connected, sender = couriers.carrier(tx), couriers.place_of(tx, location_id)
    if task is None or task["state"] == "looking" or task["place_id"] not in {None, location_id}:
        raise lacking.LackOver
    if connected is None:
        raise CarrierNeeded
    wish = carriers.Wish(
        key=f"lack-{lack_id}-{location_id}",
        direction="out",
        subject_id=task["sale_id"],
        location_id=location_id,
        sender=sender,
        recipient=to,
        contents=f"{task['receipt_code']}: {task['line']['qty']} món",
    )
    return carriers.book(database, connected, wish, now=now)


def _by(who: identity.Principal) -> inventory.By:
    return inventory.By(who.staff_id, None if who.till is None else who.till.id)


def _demand(who: identity.Principal, location_id: UUID) -> None:
    if not who.may("stock.pick", location_id):
        raise NotFound
