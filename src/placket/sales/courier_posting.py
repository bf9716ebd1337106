"""The sale that takes back what came by a carrier: nothing goes out, so all of it is a return, as a till makes it."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from placket import catalog, inventory
from placket.core import clock
from placket.core.ids import new_id
from placket.sales import desk, records, returning, taking_back
from placket.sales.courier_models import CourierReturn
from placket.sales.return_queries import left_of_tenders
from placket.sales.return_shapes import ReturnAsked


def post(
    tx: Session,
    back: CourierReturn,
    reckoned: returning.ReturnQuote,
    said: Sequence[ReturnAsked],
    *,
    by: inventory.By,
    now: datetime,
) -> UUID:
    """Post it by the desk's routine in the caller's transaction; answers its id."""
    head = reckoned.sales[0].sold.head
    nothing_sold = desk.SaleToPost(
        id=new_id(),
        mode="record",
        channel="web",
        location_id=back.location_id,
        till_id=None,
        epoch=None,
        opening=None,
        receipt_no=None,
        staff_id=by.staff_id,
        customer_id=head.customer_id,
        pieces=0,
        list_vnd=0,
        discount_vnd=0,
        total_vnd=0,
        vat_vnd=0,
        rounding_vnd=0,
        price_version=catalog.price_books.current().price_version,
        promo_version=head.promo_version,
        exception=None,
        fingerprint=sha256(f"courier return {back.id}".encode()).hexdigest(),
        sold_at=now.isoformat(),
        sold_on=clock.business_day(now).isoformat(),
        lines=[],
        tenders=_tenders(tx, back, reckoned.refund_vnd),
        order_code=back.code,
    )
    posted = taking_back.with_returns(nothing_sold, reckoned, said, [])
    (outcome,) = records.post(tx, [posted])
    assert outcome.kind == "accepted", outcome.kind
    return posted.id


def _tenders(tx: Session, back: CourierReturn, out_vnd: int) -> list[dict[str, Any]]:
    """By which form the money goes; what a card has not got left goes by transfer."""
    if not out_vnd:
        return []
    form = back.form
    if form == "card" and left_of_tenders(tx, [back.of_sale_id]).get("card", 0) < out_vnd:
        form = "transfer"
    account = back.pay_to or {}
    reference = " ".join(filter(None, (account.get(part) for part in ("bank", "account_no", "account_name")))) or back.code
    tender = {"no": 1, "kind": form, "amount_vnd": -out_vnd, "tendered_vnd": None, "change_vnd": None}
    return [tender | {"reference": reference[:80], "payment_id": None}]
