"""Verbs for barcodes: the suppliers' and our own."""

from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket.catalog.models import Barcode, CatalogueState, Variant
from placket.catalog.rules import OWN_NUMBER_MAX, OWN_PREFIX, barcode_of, own_barcode
from placket.catalog.service.versions import raise_versions
from placket.core.refusals import NotFound, Refusal


class BadBarcode(Refusal):
    """Not 6 to 14 digits, or the check digit is wrong."""

    code = "bad_barcode"
    status = 422
    vi = "Mã vạch {given} không đúng. Hãy quét lại hoặc kiểm tra chữ số cuối."
    en = "The barcode {given} is not right. Scan it again or check its last digit."


class BarcodeTaken(Refusal):
    """The barcode already belongs to another variant; ``variant_id`` names it."""

    code = "barcode_taken"
    vi = "Mã vạch {barcode} đang thuộc về mặt hàng khác."
    en = "The barcode {barcode} already belongs to another item."


class OwnBarcode(Refusal):
    """The code is ours, and printed on labels."""

    code = "own_barcode"
    vi = "Mã vạch {barcode} do hệ thống cấp và đã in trên tem, không gỡ được."
    en = "The barcode {barcode} is our own and printed on labels; it stays."


def add_barcode(tx: Session, *, variant_id: UUID, code: str) -> str:
    """Give a variant one more barcode, a supplier's; answers it as stored. Adding it twice is the same as once.

    May refuse ``NotFound`` (the variant), ``BadBarcode``, ``BarcodeTaken``.
    """
    stored = barcode_of(code)
    if stored is None:
        raise BadBarcode(given=code)
    raise_versions(tx, goods=True, prices=False)
    if tx.get(Variant, variant_id) is None:
        raise NotFound(variant_id=str(variant_id))
    tx.execute(insert(Barcode).values(code=stored, variant_id=variant_id).on_conflict_do_nothing())
    owner_id = tx.scalar(select(Barcode.variant_id).where(Barcode.code == stored))
    if owner_id != variant_id:
        raise BarcodeTaken(barcode=stored, variant_id=str(owner_id))
    return stored


def remove_barcode(tx: Session, *, variant_id: UUID, code: str) -> None:
    """Take a barcode off a variant, a supplier's typed wrong. Our own stays: it is on labels in the shop.

    May refuse ``NotFound``, ``OwnBarcode``.
    """
    raise_versions(tx, goods=True, prices=False)
    if code.startswith(OWN_PREFIX):
        raise OwnBarcode(barcode=code)
    gone = delete(Barcode).where(Barcode.code == code, Barcode.variant_id == variant_id).returning(Barcode.code)
    if tx.scalar(gone) is None:
        raise NotFound(variant_id=str(variant_id))


def take_own_barcodes(tx: Session, count: int) -> list[str]:
    """The next ``count`` own codes that no label carries yet. The caller holds the row of versions."""
    number = tx.scalars(select(CatalogueState.own_barcode_no)).one()
    codes: list[str] = []
    while len(codes) < count:
        # Numbers may have come in with a file; whole stretches of them are asked about at once.
        upto = min(number + max(count - len(codes), 1_000), OWN_NUMBER_MAX)
        assert number < upto, "ten thousand million labels are not used up"
        stretch = [own_barcode(n) for n in range(number + 1, upto + 1)]
        taken = set(tx.scalars(select(Barcode.code).where(Barcode.code == func.any(stretch))))
        for code in stretch:
            if len(codes) == count:
                break
            number += 1
            if code not in taken:
                codes.append(code)
    tx.execute(update(CatalogueState).values(own_barcode_no=number))
    return codes
