"""Routes of depots for what tills have sold from them: what is to be sent, and sending it. Part of the tasks' routes."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import carriers, crm, identity
from placket.core import clock
from placket.core.http import Answer, Strict, refuses
from placket.core.refusals import NotFound
from placket.sales import couriers, sending
from placket.sales.order_refusals import CarrierNeeded

router = APIRouter(prefix="/api/order-tasks/sendings", tags=["orders"])

Picker = Annotated[identity.Principal, Depends(identity.Permit("stock.pick"))]
Text = Annotated[str, Field(min_length=2, max_length=200, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]


class PartyShown(Answer):
    """Somebody with an address."""

    name: str
    phone: str
    address: str


class SendingLine(Answer):
    """Pieces to send; the note is what the cashier wrote beside them."""

    line_no: int
    variant_id: UUID
    name_vi: str
    name_en: str
    sku: str
    colour_vi: str
    colour_en: str
    size: str
    picture: str | None
    qty: int
    note: str | None


class SendingShown(Answer):
    """What was sold at a till and is to be sent from a depot."""

    sale_id: UUID
    location_id: UUID
    location_name: str
    receipt_code: str
    asked_at: datetime
    customer: dict[str, Any] | None
    branch: PartyShown
    lines: list[SendingLine]


class Recipient(Strict):
    """Who gets it, and where."""

    name: Text
    phone: Annotated[str, Field(max_length=20)]
    address: Text


class SendingSent(Strict):
    """To whom it goes, and with whom: without a carrier the connected one is asked to."""

    recipient: Recipient
    carrier: Annotated[str, Field(min_length=2, max_length=60)] | None = None
    tracking_no: Annotated[str, Field(min_length=2, max_length=60)] | None = None


class SendingGone(Answer):
    """How it travels."""

    carrier: str
    tracking_no: str | None
    label_url: str | None


@router.get("", responses=refuses(identity.NotPermitted))
def sendings(who: Picker, request: Request) -> list[SendingShown]:
    """What is to be sent from the places of somebody, the oldest first."""
    with identity.database_of(request).snapshot() as tx:
        found = sending.open_sendings(tx, scope=who.scope("stock.pick"))
    if not who.may("customer.reveal"):
        for task in found:
            if task["customer"] is not None:
                task["customer"] |= {"phone": crm.masked_phone(task["customer"]["phone"])}
    return [SendingShown.model_validate(task) for task in found]


@router.post(
    "/{sale_id}/{location_id}",
    responses=refuses(NotFound, sending.AlreadySent, CarrierNeeded, carriers.CarrierAway, identity.NotPermitted),
)
def send(sale_id: UUID, location_id: UUID, body: SendingSent, who: Picker, request: Request) -> SendingGone:
    """It leaves the depot."""
    if not who.may("stock.pick", location_id):
        raise NotFound
    database, now = identity.database_of(request), clock.now()
    recipient = carriers.Party(body.recipient.name, body.recipient.phone, body.recipient.address)
    name, tracking_no, label_url = body.carrier, body.tracking_no, None
    if name is None:
        with database.transaction() as tx:
            tasks = sending.open_sendings(tx, scope=[location_id], sale_id=sale_id)
            if not tasks:
                raise sending.AlreadySent
            connected, sender = couriers.carrier(tx), couriers.place_of(tx, location_id)
        if connected is None:
            raise CarrierNeeded
        parcel = carriers.book(database, connected, sending.wish_of(tasks[0], sender=sender, recipient=recipient), now=now)
        name, tracking_no, label_url = parcel.carrier, parcel.tracking_no, parcel.label_url
    with database.transaction() as tx:
        sending.sent(
            tx,
            sale_id=sale_id,
            location_id=location_id,
            carrier=name,
            tracking_no=tracking_no,
            recipient=recipient,
            staff_id=who.staff_id,
            now=now,
        )
    return SendingGone(carrier=name, tracking_no=tracking_no, label_url=label_url)
