"""Where carriers call: the signature is over the raw bytes; each call is stored once and queued, and answered at once."""

from typing import Annotated, Final

import msgspec
import structlog
from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse

from placket import identity
from placket.carriers import rules, tracking
from placket.carriers.provider import carrier_of, hook_secret
from placket.core import clock, jobs
from placket.core.http import refuses
from placket.core.refusals import NotFound, Refusal

log = structlog.get_logger()
router = APIRouter(prefix="/api/hooks", tags=["hooks"])

BODY_MAX: Final = 32 * 1024
PUBLIC: Final = {"x-permission": "public"}
APPLY: Final = "carrier_event"


class CarrierNotSigned(Refusal):
    """The call does not bear the carrier's signature of these minutes."""

    code = "carrier_not_signed"
    status = 401
    vi = "Cuộc gọi không mang chữ ký hợp lệ của hãng vận chuyển."
    en = "The call bears no valid signature of the carrier."


class CarrierUnreadable(Refusal):
    """Signed, and not of the shape that carriers' calls have."""

    code = "carrier_unreadable"
    status = 422
    vi = "Không đọc được nội dung cuộc gọi của hãng vận chuyển."
    en = "The carrier's call cannot be read."


async def _raw(request: Request) -> bytes:
    body = await request.body()
    if len(body) > BODY_MAX:
        raise CarrierUnreadable
    return body


@router.post("/carrier", openapi_extra=PUBLIC, responses=refuses(CarrierNotSigned, CarrierUnreadable, NotFound))
def carrier(
    request: Request,
    body: Annotated[bytes, Depends(_raw)],
    x_carrier_signature: Annotated[str, Header(max_length=200)] = "",
) -> JSONResponse:
    """A call about a parcel, signed by ``X-Carrier-Signature`` within five minutes; a repeat changes nothing."""
    database, now = identity.database_of(request), clock.now()
    with database.transaction() as tx:
        in_demo = identity.is_demo(tx)
    who, secret = carrier_of(in_demo=in_demo), hook_secret(in_demo=in_demo)
    if who is None or secret is None:
        raise NotFound
    try:
        call = rules.verified(body, signed=x_carrier_signature, secret=secret, now=now)
    except rules.NotFromCarrier as error:
        log.warning("a carrier's call was turned away", cause=str(error))
        raise CarrierNotSigned from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CarrierUnreadable from error
    with database.transaction() as tx:
        if tracking.keep_event(tx, carrier=who.name, call=call, body=body, now=now):
            jobs.enqueue(tx, APPLY, {"carrier": who.name, "event_id": call.id})
    return JSONResponse({"received": True})
