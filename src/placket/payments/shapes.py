"""Payments as routes answer them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import segno
from sqlalchemy import Row

from placket.core.http import Answer
from placket.payments.banks import BANKS


class AccountShown(Answer):
    """Where a transfer goes, as the payer's bank will show it."""

    bank: str
    account_no: str
    account_name: str


class TakenShown(Answer):
    """A payment taken before its sale.

    ``state``: a transfer that waits beyond its time is ``expired``. ``heard`` is what the card terminal has just said:
    ``lost`` means that nobody knows, and that it must be asked again.
    """

    id: UUID
    kind: Literal["transfer", "card"]
    state: Literal["waiting", "expired", "received", "declined", "cancelled", "returning", "returned"]
    heard: Literal["waiting_card", "processing", "settled", "lost"] | None
    cart_id: UUID
    amount_vnd: int
    received_vnd: int
    missing_vnd: int
    surplus_vnd: int
    code: str | None
    code_vnd: int | None
    qr: str | None
    account: AccountShown | None
    reference: str | None
    reason: str | None
    confirmed_by: str | None
    created_at: datetime
    expires_at: datetime | None
    sale_id: UUID | None
    version: int


class RequestListed(TakenShown):
    """A payment in the office's list."""

    location_name: str
    till_code: str
    staff_name: str
    receipt_code: str | None


def payment_shown(row: Row[Any], now: datetime, *, heard: str | None = None) -> TakenShown:
    """A request as the till sees it, with the picture of its code while it waits."""
    return TakenShown.model_validate(_facts(row, now) | {"heard": heard, "qr": _picture(row, now)})


def request_listed(row: Row[Any], now: datetime) -> RequestListed:
    """A request in a list."""
    return RequestListed.model_validate(_facts(row, now) | {"heard": None, "qr": None})


def _facts(row: Row[Any], now: datetime) -> dict[str, Any]:
    facts = row._asdict()
    account = None
    if row.bank_bin is not None:
        account = {
            "bank": BANKS.get(row.bank_bin, row.bank_bin),
            "account_no": row.account_no,
            "account_name": row.account_name,
        }
    return facts | {
        "state": "expired" if _is_expired(row, now) else row.state,
        "missing_vnd": max(0, row.amount_vnd - row.received_vnd) if row.state == "waiting" else 0,
        "account": account,
        "confirmed_by": row.confirmed_by_name,
    }


def _is_expired(row: Row[Any], now: datetime) -> bool:
    return row.state == "waiting" and row.expires_at is not None and now >= row.expires_at


def _picture(row: Row[Any], now: datetime) -> str | None:
    """The code as a picture in the page: vector, black on white, with the quiet zone that phones want."""
    if row.payload is None or row.state != "waiting" or _is_expired(row, now):
        return None
    made: str = segno.make(row.payload, error="m", micro=False, boost_error=False).svg_data_uri(border=4, light="#fff")
    return made
