"""Signed codes of receipts: digits that only this chain's tills can make, so no page is found by counting."""

import hmac
from hashlib import sha256
from typing import Final

from sqlalchemy.orm import Session

from placket.identity.models import ReceiptKey

SIGNATURE_DIGITS: Final = 10


def receipt_key(tx: Session, *, till_no: int, epoch: int) -> bytes:
    """The key by which one till signs the receipts of one epoch, and nobody else's."""
    secret = tx.get_one(ReceiptKey, 1).secret
    return hmac.new(secret, f"receipt/{till_no}/{epoch}".encode(), sha256).digest()


def receipt_signature(key: bytes, barcode: str) -> str:
    """Ten digits that belong to a receipt's sixteen; ``selling/receiptPage.ts`` makes the same."""
    number = int.from_bytes(hmac.new(key, barcode.encode(), sha256).digest()[:8])
    return f"{number % 10**SIGNATURE_DIGITS:0{SIGNATURE_DIGITS}d}"
