"""Pure rules of payments: the VietQR payload, the codes payers write, and what a credit means for a request.

The payload is EMVCo's merchant-presented QR as NAPAS profiles it; see docs/rules/payments.md.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

NAPAS: Final = "A000000727"
TO_ACCOUNT: Final = "QRIBFTTA"
VND: Final = "704"
CODE_PREFIX: Final = "DH"
CODE_DIGITS: Final = 10
PURPOSE_MAX: Final = 25
FIELD_MAX: Final = 99

_CODE: Final = re.compile(rf"(?={CODE_PREFIX}([0-9]{{{CODE_DIGITS}}}))")
_FOLDED: Final = re.compile(r"[^A-Z0-9]")


def crc16(text: str) -> str:
    """CRC-16/CCITT-FALSE of ASCII text: four upper-case hex digits."""
    crc = 0xFFFF
    for byte in text.encode("ascii"):
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return f"{crc:04X}"


def vietqr(
    *, bank_bin: str, account_no: str, amount_vnd: int | None = None, purpose: str = "", service: str = TO_ACCOUNT
) -> str:
    """The text of a VietQR code that pays into an account; with an amount it is good for one payment."""
    assert purpose.isascii(), "banks cut what is not plain"
    assert len(purpose) <= PURPOSE_MAX, "banks cut what is long"
    account = _field("00", bank_bin) + _field("01", account_no)
    merchant = _field("00", NAPAS) + _field("01", account) + _field("02", service)
    fields = [
        _field("00", "01"),
        _field("01", "11" if amount_vnd is None else "12"),
        _field("38", merchant),
        _field("53", VND),
    ]
    if amount_vnd is not None:
        fields.append(_field("54", str(amount_vnd)))
    fields.append(_field("58", "VN"))
    if purpose:
        fields.append(_field("62", _field("08", purpose)))
    body = "".join(fields) + "6304"
    return body + crc16(body)


def is_whole(payload: str) -> bool:
    """Whether a payload ends with the checksum of what stands before it."""
    return payload[-8:-4] == "6304" and payload.isascii() and crc16(payload[:-4]) == payload[-4:]


def _field(tag: str, value: str) -> str:
    assert len(value) <= FIELD_MAX, "a field says its length in two digits"
    return f"{tag}{len(value):02d}{value}"


def payment_code(year: int, number: int) -> str:
    """What the payer writes: ``DH``, two digits of the year, seven of a number, a check digit. Plain, 12 characters."""
    digits = f"{year % 100:02d}{number % 10_000_000:07d}"
    return CODE_PREFIX + digits + _check_digit(digits)


def codes_in(content: str) -> list[str]:
    """The payment codes a transfer's text holds, in order: banks add, cut, fold and space as they like."""
    folded = _FOLDED.sub("", content.upper())
    found = [match[1] for match in _CODE.finditer(folded)]
    return [CODE_PREFIX + digits for digits in found if _check_digit(digits[:-1]) == digits[-1]]


def _check_digit(digits: str) -> str:
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-weighed % 10)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a credit finds it."""

    state: str
    amount_vnd: int
    received_vnd: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a credit does to its request: what it has then received, whether that is all, and what is too much."""

    received_vnd: int
    is_whole: bool
    surplus_vnd: int


def take(asked: Asked, credit_vnd: int, at: datetime) -> Taken | Literal["late", "paid"]:
    """What a credit with a request's code means: taken, or left for a person because it came late or once too often."""
    if asked.state in {"received", "returning", "returned"}:
        return "paid"
    if asked.state != "waiting" or (asked.expires_at is not None and at >= asked.expires_at):
        return "late"
    received_vnd = asked.received_vnd + credit_vnd
    return Taken(received_vnd, received_vnd >= asked.amount_vnd, max(0, received_vnd - asked.amount_vnd))
