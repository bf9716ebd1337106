"""Pure rules of customers: a phone number is the key a customer is known by, so it has one form."""

from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

HOME: Final = "VN"
LONGEST: Final = 40


def phone_of(typed: str) -> str | None:
    """A phone number as it is stored (E.164), however it was typed; none when it is no valid number.

    ``0912 345 678``, ``+84 (0)912345678`` and ``0084912345678`` are ``+84912345678``. A number abroad needs its ``+``.
    """
    try:
        number = phonenumbers.parse(typed[:LONGEST], HOME)
    except NumberParseException:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else None
