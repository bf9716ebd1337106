"""Routes that look at vouchers: what was issued, what became of it, and the ledger of one code."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request

from placket import identity
from placket.core.http import Answer, refuses
from placket.promotions import queries
from placket.promotions.refusals import UnknownVoucher

router = APIRouter(prefix="/api/vouchers", tags=["promotions"])

Read = Annotated[identity.Principal, Depends(identity.Permit("promotion.read"))]


class BatchShown(Answer):
    """Vouchers that were issued together, counted by what became of them."""

    id: UUID
    promotion_id: UUID
    name: str
    name_vi: str
    name_en: str
    promotion_state: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    created_by: str
    total: int
    issued: int
    held: int
    redeemed: int
    blocked: int
    amount_vnd: int


class VoucherEntryShown(Answer):
    """Something that happened to a voucher."""

    kind: str
    at: datetime
    actor: str | None
    sale_id: UUID | None
    receipt_code: str | None
    location_name: str | None


class VoucherTraced(Answer):
    """A voucher with everything that happened to it."""

    code: str
    state: str
    batch_id: UUID
    batch_name: str
    kind: str
    promotion_id: UUID
    name_vi: str
    name_en: str
    starts_at: datetime
    ends_at: datetime
    customer_id: UUID | None
    customer_name: str | None
    entries: list[VoucherEntryShown]


@router.get("")
def list_batches(_who: Read, request: Request) -> list[BatchShown]:
    """The batches of vouchers, the newest first."""
    with identity.database_of(request).transaction() as tx:
        return [BatchShown.model_validate(row) for row in queries.batches(tx)]


@router.get("/{code}", responses=refuses(UnknownVoucher))
def trace(code: Annotated[str, Path(pattern=r"^[0-9]{15}$")], _who: Read, request: Request) -> VoucherTraced:
    """One voucher and its ledger, whatever its state."""
    with identity.database_of(request).transaction() as tx:
        return VoucherTraced.model_validate(queries.voucher(tx, code))
