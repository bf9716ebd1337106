"""Routes of single vouchers: what was issued, what became of it, the ledger of one, and holding it while it is paid."""

from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.promotions import queries
from placket.promotions.refusals import UnknownVoucher, VoucherNotUsable
from placket.promotions.service import vouchers

router = APIRouter(prefix="/api/vouchers", tags=["promotions"])

Read = Annotated[identity.Principal, Depends(identity.Permit("promotion.read"))]
Sell = Annotated[identity.Principal, Depends(identity.Permit("sale.sell"))]
Code = Annotated[str, Path(pattern=r"^[0-9]{15}$")]
# As long as a code for a transfer is good for; whoever still waits asks again.
HELD: Final = timedelta(minutes=15)


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


class VoucherWish(Strict):
    """Which sale is being paid: the id that it will have, and who buys."""

    sale_id: Id
    customer_id: Id | None = None


class VoucherHeld(Answer):
    """Until when nobody else redeems the voucher."""

    until: datetime


@router.post("/{code}/hold", responses=refuses(UnknownVoucher, VoucherNotUsable))
def hold(code: Code, body: VoucherWish, who: Sell, request: Request) -> VoucherHeld:
    """Keep a voucher for a sale while its payment is under way; asked again, it is kept longer."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        vouchers.hold_voucher(
            tx,
            code=code,
            sale_id=body.sale_id,
            customer_id=body.customer_id,
            until=now + HELD,
            actor_id=who.staff_id,
            now=now,
            till_id=None if who.till is None else who.till.id,
        )
    return VoucherHeld(until=now + HELD)


@router.post("/{code}/release", status_code=204)
def release(code: Code, body: VoucherWish, who: Sell, request: Request) -> None:
    """Let a voucher go that is kept for this sale; one that is not is left alone."""
    with identity.database_of(request).transaction() as tx:
        vouchers.release_voucher(tx, code=code, sale_id=body.sale_id, actor_id=who.staff_id, now=clock.now())


@router.get("")
def list_batches(_who: Read, request: Request) -> list[BatchShown]:
    """The batches of vouchers, the newest first."""
    with identity.database_of(request).transaction() as tx:
        return [BatchShown.model_validate(row) for row in queries.batches(tx)]


@router.get("/{code}", responses=refuses(UnknownVoucher))
def trace(code: Code, _who: Read, request: Request) -> VoucherTraced:
    """One voucher and its ledger, whatever its state."""
    with identity.database_of(request).transaction() as tx:
        return VoucherTraced.model_validate(queries.voucher(tx, code))
