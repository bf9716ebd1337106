"""Signed codes of receipts: digits that only this chain's tills can make, so no page is found by counting."""

import base64
import hmac
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from placket.identity.models import ReceiptKey

SIGNATURE_DIGITS: Final = 10


def receipt_key(tx: Session, *, till_no: int, epoch: int) -> bytes:
    """The key by which one till signs the receipts of one epoch, and nobody else's."""
    secret = tx.get_one(ReceiptKey, 1).secret
    return hmac.new(secret, f"receipt/{till_no}/{epoch}".encode(), sha256).digest()


def order_key(tx: Session, order_id: UUID) -> str:
    """What whoever placed an online order shows to see it again: nobody finds an order by guessing."""
    return page_key(tx, f"order/{order_id}")


def page_key(tx: Session, about: str) -> str:
    """What a link carries that only we can have made: 24 signs for what it is about."""
    secret = tx.get_one(ReceiptKey, 1).secret
    return base64.urlsafe_b64encode(hmac.new(secret, about.encode(), sha256).digest()[:18]).decode()


def receipt_signature(key: bytes, barcode: str) -> str:
    """Ten digits that belong to a receipt's sixteen; ``selling/receiptPage.ts`` makes the same."""
    number = int.from_bytes(hmac.new(key, barcode.encode(), sha256).digest()[:8])
    return f"{number % 10**SIGNATURE_DIGITS:0{SIGNATURE_DIGITS}d}"
