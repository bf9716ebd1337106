"""Where payment providers call: signed calls only, each credit kept once. Secrets come from the environment.

A call that is not signed is turned away before anything of it is read, and counted for the office.
"""

from collections.abc import Callable
from typing import Annotated, Final

import msgspec
import structlog
from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse

from placket import identity
from placket.core import clock
from placket.core.http import refuses
from placket.core.refusals import NotFound, Refusal
from placket.core.settings import settings
from placket.payments import hook_rules as rules
from placket.payments.service import incoming

log = structlog.get_logger()
router = APIRouter(prefix="/api/hooks", tags=["hooks"])

BODY_MAX: Final = 32 * 1024
PUBLIC: Final = {"x-permission": "public"}


class NotSigned(Refusal):
    """The call does not bear its provider's signature of this hour."""

    code = "not_signed"
    status = 401
    vi = "Cuộc gọi không mang chữ ký hợp lệ."
    en = "The call bears no valid signature."


class Unreadable(Refusal):
    """Signed, and not of the shape that the provider describes."""

    code = "unreadable_call"
    status = 422
    vi = "Không đọc được nội dung cuộc gọi."
    en = "The call cannot be read."


class TooLarge(Refusal):
    """No provider sends so much."""

    code = "too_large"
    status = 413
    vi = "Dữ liệu gửi lên quá lớn."
    en = "The request is too large."


async def raw_body(request: Request) -> bytes:
    """The body as it was sent: signatures are over bytes."""
    body = await request.body()
    if len(body) > BODY_MAX:
        raise TooLarge
    return body


Body = Annotated[bytes, Depends(raw_body)]
REFUSES = refuses(NotSigned, Unreadable, TooLarge, NotFound)


@router.post("/sepay", openapi_extra=PUBLIC, responses=REFUSES)
def sepay(
    request: Request,
    body: Body,
    x_sepay_signature: Annotated[str, Header(max_length=200)] = "",
    x_sepay_timestamp: Annotated[str, Header(max_length=20)] = "",
) -> JSONResponse:
    """A call of SePay, signed by ``X-SePay-Signature`` over ``<X-SePay-Timestamp>.<body>``."""
    now = clock.now()
    return _heard(
        request,
        "sepay",
        settings().sepay_secret,
        lambda secret: rules.sepay_credit(
            body, signature=x_sepay_signature, timestamp=x_sepay_timestamp, secret=secret, now=now
        ),
    )


@router.post("/payos", openapi_extra=PUBLIC, responses=REFUSES)
def payos(request: Request, body: Body) -> JSONResponse:
    """A call of PayOS, signed inside its body."""
    return _heard(request, "payos", settings().payos_checksum_key, lambda secret: rules.payos_credit(body, secret=secret))


def _heard(request: Request, provider: str, secret: str | None, read: Callable[[str], rules.Credit | None]) -> JSONResponse:
    """Read a call by its provider's rules, keep its credit, answer as both providers want it."""
    if secret is None:
        raise NotFound
    database = identity.database_of(request)
    now = clock.now()
    try:
        credit = read(secret)
    except (rules.Unsigned, msgspec.DecodeError, UnicodeDecodeError) as error:
        cause = error.cause if isinstance(error, rules.Unsigned) else "unreadable"
        log.warning("a provider's call was turned away", provider=provider, cause=cause)
        with database.transaction() as tx:
            incoming.note_call(tx, provider=provider, now=now, failure=cause)
        raise (NotSigned if isinstance(error, rules.Unsigned) else Unreadable) from None
    with database.transaction() as tx:
        outcome = None if credit is None else incoming.record_credit(tx, provider=provider, credit=credit, now=now)
        incoming.note_call(tx, provider=provider, now=now)
    if outcome is not None:
        log.info("a credit came in", provider=provider, outcome=outcome)
    return JSONResponse({"success": True})
