"""What the calls of two payment providers look like and how they are signed. Pure; secrets are handed in.

SePay signs ``<timestamp>.<body as sent>``; PayOS signs the fields of ``data``, sorted by name. docs/rules/payments.md.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")
REPLAY_WINDOW: Final = timedelta(minutes=45)
"""SePay tries again for 33 minutes. An older call is a replay; a younger one changes nothing, since ids count once."""
AHEAD_MAX: Final = timedelta(minutes=5)

Amount = Annotated[int, Meta(ge=0, le=10**12)]
Words = Annotated[str, Meta(max_length=1000)]


class Unsigned(ValueError):
    """A call that its provider has not signed, or not now; ``cause`` says which, for the office."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Credit:
    """Money that came in, in one shape for every provider."""

    provider_ref: str
    account_no: str
    amount_vnd: int
    content: str
    bank_reference: str | None
    transferred_at: datetime | None


class _SepayCall(msgspec.Struct, rename="camel"):
    id: Annotated[int, Meta(ge=0)]
    transfer_type: str
    transfer_amount: Amount
    account_number: Words = ""
    content: Words | None = None
    code: Words | None = None
    transaction_date: Words | None = None
    reference_code: Words | None = None


class _PayosData(msgspec.Struct, rename="camel"):
    amount: Amount
    reference: Words
    description: Words = ""
    account_number: Words = ""
    payment_link_id: Words | None = None
    transaction_date_time: Words | None = None
    code: Words = "00"


_sepay = msgspec.json.Decoder(_SepayCall).decode
_payos = msgspec.convert


def sepay_credit(body: bytes, *, signature: str, timestamp: str, secret: str, now: datetime) -> Credit | None:
    """The credit in a call of SePay; none when it tells of something else. Raises ``Unsigned``, ``msgspec.DecodeError``."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:  # noqa: PLR2004 - until the year 33658
        raise Unsigned("timestamp")
    told = hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()
    if not hmac.compare_digest(f"sha256={told}".encode(), signature.encode()):
        raise Unsigned("signature")
    sent_at = datetime.fromtimestamp(int(timestamp), UTC)
    if not now - REPLAY_WINDOW <= sent_at <= now + AHEAD_MAX:
        raise Unsigned("timestamp")
    call = _sepay(body)
    if call.transfer_type != "in" or call.transfer_amount == 0:
        return None
    text = call.content or ""
    if call.code and call.code not in text:
        text = f"{call.code} {text}"
    return Credit(
        str(call.id),
        call.account_number,
        call.transfer_amount,
        text,
        call.reference_code or None,
        _moment(call.transaction_date),
    )


def payos_credit(body: bytes, *, secret: str) -> Credit | None:
    """The credit in a call of PayOS; none when it tells of something else. Raises ``Unsigned``, ``msgspec.DecodeError``."""
    call = msgspec.json.decode(body)
    facts, signature = (call.get("data"), call.get("signature")) if isinstance(call, dict) else (None, None)
    if not isinstance(facts, dict) or not isinstance(signature, str):
        raise Unsigned("signature")
    told = hmac.new(secret.encode(), payos_signed(facts).encode(), sha256).hexdigest()
    if not hmac.compare_digest(told.encode(), signature.encode()):
        raise Unsigned("signature")
    paid = msgspec.convert(facts, _PayosData)
    if paid.code != "00" or paid.amount == 0:
        return None
    return Credit(
        f"{paid.reference}/{paid.payment_link_id or ''}",
        paid.account_number,
        paid.amount,
        paid.description,
        paid.reference or None,
        _moment(paid.transaction_date_time),
    )


def payos_signed(facts: Mapping[str, Any]) -> str:
    """What PayOS signs: ``key=value`` of every field, sorted by key and joined by ``&``; nothing is empty."""
    return "&".join(f"{key}={_plain(facts[key])}" for key in sorted(facts))


def _plain(value: object) -> str:
    if value is None or value in ("null", "undefined"):
        return ""
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _moment(written: str | None) -> datetime | None:
    """A moment as Vietnamese banks write it; none when it is not one."""
    try:
        return datetime.fromisoformat(written or "").replace(tzinfo=HANOI).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
