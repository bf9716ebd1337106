"""Pure rules of parcels: which state follows which, and how a carrier signs its calls. The secret is handed in."""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

RANK: Final = {"booked": 0, "cancelled": 0, "picked_up": 1, "failed": 2, "delivered": 3, "returned": 4}
"""A state is never left for an earlier one, so the calls of a carrier lead to the same state in any order."""
TOLERANCE: Final = timedelta(minutes=5)
MOMENT_DIGITS_MAX: Final = 12
"""Seconds since 1970 of more digits are years that ``datetime`` cannot hold."""

Words = Annotated[str, Meta(min_length=1, max_length=80)]


class NotFromCarrier(ValueError):
    """A call that does not bear the carrier's signature of these minutes."""


class Call(msgspec.Struct):
    """What a carrier tells of a parcel."""

    id: Words
    tracking_no: Words
    kind: Literal["picked_up", "failed", "delivered", "returned"]
    at: datetime
    reason: Annotated[str, Meta(max_length=200)] | None = None


_decode = msgspec.json.Decoder(Call).decode


def rises(state: str, kind: str) -> bool:
    """Whether a parcel in ``state`` moves by what its carrier tells."""
    return RANK[kind] > RANK[state]


def signature(body: bytes, *, secret: str, at: datetime) -> str:
    """How a call is signed: over its moment and its raw bytes."""
    moment = str(int(at.timestamp()))
    told = hmac.new(secret.encode(), moment.encode() + b"." + body, sha256).hexdigest()
    return f"t={moment},v1={told}"


def verified(body: bytes, *, signed: str, secret: str, now: datetime) -> Call:
    """The call, if its raw bytes are signed by our secret within five minutes.

    Raises ``NotFromCarrier``, and ``msgspec.DecodeError`` for a signed call of another shape.
    """
    parts = dict(part.split("=", 1) for part in signed.split(",") if "=" in part)
    moment = parts.get("t", "")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= MOMENT_DIGITS_MAX):
        raise NotFromCarrier("timestamp")
    at = datetime.fromtimestamp(int(moment), UTC)
    if not hmac.compare_digest(signature(body, secret=secret, at=at).encode(), signed.encode()):
        raise NotFromCarrier("signature")
    if not now - TOLERANCE <= at <= now + TOLERANCE:
        raise NotFromCarrier("timestamp")
    call = _decode(body)
    if call.at.tzinfo is None:
        raise msgspec.DecodeError("at has no time zone")
    return call
