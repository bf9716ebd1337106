"""Where the provider of card payments calls: its signature is over the raw bytes; each event is stored once and queued.

The answer leaves before anything is done with it. What cannot be believed is turned away, and counted for the office.
"""

from datetime import UTC, datetime
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse

from placket import identity
from placket.core import clock, jobs
from placket.core.http import refuses
from placket.core.refusals import NotFound
from placket.payments import online
from placket.payments.hook_api import PUBLIC, NotSigned, TooLarge, Unreadable
from placket.payments.provider import NotFromProvider, verified, webhook_secret
from placket.payments.service import incoming

log = structlog.get_logger()
router = APIRouter(prefix="/api/hooks", tags=["hooks"])

BODY_MAX: Final = 256 * 1024
STRIPE: Final = "stripe"
APPLY: Final = "provider_event"


async def _raw(request: Request) -> bytes:
    body = await request.body()
    if len(body) > BODY_MAX:
        raise TooLarge
    return body


@router.post("/stripe", openapi_extra=PUBLIC, responses=refuses(NotSigned, Unreadable, TooLarge, NotFound))
def stripe(
    request: Request,
    body: Annotated[bytes, Depends(_raw)],
    stripe_signature: Annotated[str, Header(max_length=2000)] = "",
) -> JSONResponse:
    """An event of Stripe, signed by ``Stripe-Signature`` within five minutes; a repeat changes nothing."""
    database, now = identity.database_of(request), clock.now()
    with database.transaction() as tx:
        secret = webhook_secret(in_demo=identity.is_demo(tx))
    if secret is None:
        raise NotFound
    try:
        event = verified(body, signature=stripe_signature, secret=secret)
    except NotFromProvider as error:
        log.warning("a provider's call was turned away", provider=STRIPE, cause="unsigned")
        with database.transaction() as tx:
            incoming.note_call(tx, provider=STRIPE, now=now, failure="unsigned")
        raise NotSigned from error
    try:
        event_id, kind, made_at = str(event["id"]), str(event["type"]), datetime.fromtimestamp(event["created"], UTC)
        object_id = str(event["data"]["object"]["id"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Unreadable from error
    with database.transaction() as tx:
        is_new = online.keep_event(
            tx,
            provider=STRIPE,
            event_id=event_id,
            kind=kind,
            object_id=object_id,
            body=body,
            made_at=made_at,
            now=now,
        )
        if is_new:
            jobs.enqueue(tx, APPLY, {"provider": STRIPE, "event_id": event_id})
        incoming.note_call(tx, provider=STRIPE, now=now)
    return JSONResponse({"received": True})
