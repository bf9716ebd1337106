"""Passwords, PINs and one-time codes: how they are kept and checked.

Passwords are argon2id at the cost OWASP recommends (about 40 ms here). A PIN has a million values, so its safety is the
limit on attempts at a paired device, not the cost of its hash: a cheap argon2id lets a queue of cashiers switch quickly.
"""

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_PASSWORDS = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_PINS = PasswordHasher(time_cost=1, memory_cost=4_096, parallelism=1)
# What an unknown e-mail is checked against, so that it takes as long as a known one: a hash at the cost of passwords.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$RRw9PyzoFsVCTpeO/fY2Hw$+ltRe7PVQZienZ0XEoIpPF47RhWt30MkDeHeT9fopLg"


def hash_password(password: str) -> str:
    """What the database keeps of a password."""
    return _PASSWORDS.hash(password)


def password_fits(hashed: str | None, password: str) -> bool:
    """Whether the password is right; takes the same time when there is none."""
    return _fits(_PASSWORDS, hashed or _NOBODY, password) and hashed is not None


def hash_pin(pin: str) -> str:
    """What the database keeps of a PIN."""
    return _PINS.hash(pin)


def pin_fits(hashed: str | None, pin: str) -> bool:
    """Whether the PIN is right."""
    return hashed is not None and _fits(_PINS, hashed, pin)


def totp_step(secret: str, code: str, *, at_s: int, last_step: int | None) -> int | None:
    """The time step a one-time code belongs to (RFC 6238, one step of tolerance), or none when it does not fit.

    A step at or before ``last_step`` was used already and does not fit again.
    """
    totp = pyotp.TOTP(secret)
    for step in range(at_s // 30 - 1, at_s // 30 + 2):
        if (last_step is None or step > last_step) and pyotp.utils.strings_equal(totp.at(step * 30), code):
            return step
    return None


def _fits(hasher: PasswordHasher, hashed: str, secret: str) -> bool:
    try:
        return hasher.verify(hashed, secret)
    except (VerifyMismatchError, InvalidHashError):
        return False
