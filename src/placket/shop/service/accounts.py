"""Verbs of a shopper's sign-in: a code asked for, checked, a session opened and ended."""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from placket import crm, identity
from placket.core.ids import new_id
from placket.core.refusals import Refusal
from placket.shop.models import ShopperCode, ShopperSession

DIGITS: Final = 6
LASTS: Final = timedelta(minutes=10)
AGAIN_AFTER: Final = timedelta(seconds=30)
SESSION: Final = timedelta(days=180)
GUESSES: Final = 5
ASKED_MOST: Final = 6
ASKED_OF_PLACE: Final = 60
"""So often a quarter of an hour a code may be asked for: for one address, and from one place of the network."""
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")


class AddressInvalid(Refusal):
    """Neither a phone number nor an e-mail address."""

    code = "address_invalid"
    vi = "Nhập số điện thoại hoặc e-mail của bạn."
    en = "Enter your phone number or e-mail address."


class TooSoon(Refusal):
    """A code has just been sent there."""

    code = "too_soon"
    status = 429
    vi = "Vừa gửi mã rồi. Gửi lại được sau {retry_after_s} giây."
    en = "A code was just sent. You can ask again in {retry_after_s} seconds."


class WrongCode(Refusal):
    """Not the code that was sent."""

    code = "wrong_code"
    status = 401
    vi = "Mã chưa đúng, còn {attempts_left} lần thử."
    en = "This is not the code; {attempts_left} attempts left."


class CodeOver(Refusal):
    """The code has expired, was used, or was guessed at too often."""

    code = "code_over"
    status = 401
    vi = "Mã đã hết hạn. Bấm gửi lại để nhận mã mới."
    en = "The code has expired. Ask for a new one."


class NameNeeded(Refusal):
    """The code is right, and nobody is known by this address yet: a name makes an account."""

    code = "name_needed"
    vi = "Bạn mới đến lần đầu. Cho chúng tôi biết tên bạn."
    en = "This is your first time here. Tell us your name."


class SeveralAccounts(Refusal):
    """More than one customer has this e-mail address."""

    code = "several_accounts"
    vi = "E-mail này thuộc nhiều tài khoản. Đăng nhập bằng số điện thoại."
    en = "Several accounts have this e-mail address. Sign in by phone."


@dataclass(frozen=True, slots=True)
class CodeMade:
    """A code to be sent; the database knows it only by its hash."""

    id: UUID
    address: str
    code: str
    expires_at: datetime


def address_of(typed: str) -> str:
    """A phone number (E.164) or an e-mail address, however it was typed. Refuses ``AddressInvalid``."""
    email = typed.strip().lower()
    if EMAIL.fullmatch(email):
        return email
    phone = crm.phone_of(typed)
    if phone is None:
        raise AddressInvalid
    return phone


def masked(address: str) -> str:
    """An address as it may be shown to whoever typed it."""
    if "@" not in address:
        return crm.masked_phone(address) or ""
    name, _, domain = address.partition("@")
    return f"{name[:2]}…@{domain}"


def make_code(tx: Session, *, address: str, place: str | None, now: datetime) -> CodeMade:
    """Make a code for an address; those sent before are over. Refuses ``TooSoon``, ``TooManyAttempts``."""
    last = tx.scalar(
        select(ShopperCode.created_at).where(ShopperCode.address == address).order_by(ShopperCode.created_at.desc())
    )
    if last is not None and now < last + AGAIN_AFTER:
        raise TooSoon(retry_after_s=int((last + AGAIN_AFTER - now).total_seconds()) + 1)
    identity.count_attempt(tx, subject=f"shopper:{address}", now=now, most=ASKED_MOST)
    identity.count_attempt(tx, subject=f"shopper-place:{place}", now=now, most=ASKED_OF_PLACE)
    tx.execute(
        update(ShopperCode).where(ShopperCode.address == address, ShopperCode.expires_at > now).values(expires_at=now)
    )
    made = CodeMade(new_id(), address, f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}", now + LASTS)
    tx.add(
        ShopperCode(
            id=made.id, address=address, code_hash=_hash(made.id, made.code), created_at=now, expires_at=made.expires_at
        )
    )
    tx.flush()
    return made


def count_guess(tx: Session, *, code_id: UUID, now: datetime) -> int:
    """Count a guess before it is checked; commit this, whatever becomes of it. Answers how many are left.

    Refuses ``CodeOver``. Counting first makes parallel guesses count each.
    """
    left: int | None = tx.scalar(
        update(ShopperCode)
        .where(
            ShopperCode.id == code_id,
            ShopperCode.used_at.is_(None),
            ShopperCode.expires_at > now,
            ShopperCode.attempts < GUESSES,
        )
        .values(attempts=ShopperCode.attempts + 1)
        .returning(GUESSES - ShopperCode.attempts)
    )
    if left is None:
        raise CodeOver
    return left


def sign_in(
    tx: Session, *, code_id: UUID, code: str, full_name: str | None, attempts_left: int, now: datetime
) -> tuple[str, UUID]:
    """Open a session for whoever has the code; answers its token and the customer. A new address makes a new customer.

    Refuses ``WrongCode``, ``CodeOver``, ``NameNeeded``, ``SeveralAccounts``.
    """
    kept = tx.get(ShopperCode, code_id, with_for_update=True)
    if kept is None or kept.used_at is not None:
        raise CodeOver
    if not hmac.compare_digest(kept.code_hash, _hash(code_id, code)):
        raise WrongCode(attempts_left=attempts_left)
    customer_id = _customer_of(tx, kept.address, full_name, now)
    kept.used_at = now
    token = identity.new_token()
    tx.add(
        ShopperSession(
            id=new_id(),
            token_hash=identity.token_hash(token),
            customer_id=customer_id,
            created_at=now,
            expires_at=now + SESSION,
        )
    )
    tx.flush()
    return token, customer_id


def forgive_guess(tx: Session, *, code_id: UUID) -> None:
    """The code was right and only a name was missing: that was no guess."""
    tx.execute(
        update(ShopperCode)
        .where(ShopperCode.id == code_id, ShopperCode.attempts > 0)
        .values(attempts=ShopperCode.attempts - 1)
    )


def sign_out(tx: Session, *, token: str) -> None:
    """End the session of a token."""
    tx.execute(delete(ShopperSession).where(ShopperSession.token_hash == identity.token_hash(token)))


def shopper_of(tx: Session, *, token: str, now: datetime) -> UUID | None:
    """The customer a token stands for now: after a merge the one who survived."""
    query = select(ShopperSession.customer_id).where(
        ShopperSession.token_hash == identity.token_hash(token), ShopperSession.expires_at > now
    )
    customer_id = tx.scalar(query)
    known = None if customer_id is None else crm.buyer(tx, customer_id)
    return None if known is None else known.id


def _customer_of(tx: Session, address: str, full_name: str | None, now: datetime) -> UUID:
    column = "email" if "@" in address else "phone"
    found = tx.scalars(
        text(f"SELECT id FROM customer WHERE {column} = :address AND merged_into IS NULL LIMIT 2"),  # noqa: S608 - one of two
        {"address": address},
    ).all()
    if len(found) > 1:
        raise SeveralAccounts
    if found:
        return UUID(str(found[0]))
    if full_name is None or not full_name.strip():
        raise NameNeeded
    made = crm.create_customer(
        tx,
        customer_id=new_id(),
        details=crm.Details(full_name=full_name, phone=None if column == "email" else address),
        home_location_id=None,
        agreed=[],
        channel="web",
        by=crm.By(None),
        now=now,
    )
    if column == "email":
        made.email = address
        tx.flush()
    return made.id


def _hash(code_id: UUID, code: str) -> bytes:
    return sha256(f"{code_id}/{code}".encode()).digest()
