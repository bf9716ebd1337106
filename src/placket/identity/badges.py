"""The code on a staff badge: type 06, staff number, four secret digits, check digit; docs/rules/codes.md."""

import secrets as randomness
from typing import Final

TYPE: Final = "06"
NUMBER_DIGITS, SECRET_DIGITS = 6, 4


def new_code(staff_number: int) -> tuple[str, str]:
    """A code with a fresh secret, and the secret."""
    secret = f"{randomness.randbelow(10**SECRET_DIGITS):0{SECRET_DIGITS}d}"
    digits = f"{TYPE}{staff_number:0{NUMBER_DIGITS}d}{secret}"
    return digits + check_digit(digits), secret


def read_code(code: str) -> tuple[str, str] | None:
    """The staff number as people know it, and the secret; none when this is no badge or was misread."""
    if len(code) != len(TYPE) + NUMBER_DIGITS + SECRET_DIGITS + 1 or not code.startswith(TYPE) or not code.isdigit():
        return None
    if check_digit(code[:-1]) != code[-1]:
        return None
    return str(int(code[2:8])), code[8:12]


def check_digit(digits: str) -> str:
    """EAN-13's: weights 3, 1, 3, … from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)
