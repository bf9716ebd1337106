"""Verbs of sales off the checkout's path."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from placket import crm, events, identity, inventory, payments, promotions
from placket.core import clock
from placket.core.refusals import NotFound, Refusal
from placket.sales.models import Sale, SaleTimeline

VOID: Final = "sale.void"


class VoidTooLate(Refusal):
    """A sale is voided on its own business day only; later it is a return."""

    code = "void_too_late"
    vi = "Chỉ hủy được hóa đơn trong ngày. Hãy làm phiếu trả hàng."
    en = "A sale can be voided on its own day only. Make a return instead."


class VoidOverLimit(Refusal):
    """More money would go back than this person may give."""

    code = "void_over_limit"
    status = 403
    vi = "Hóa đơn {total_vnd} ₫ vượt hạn mức hủy {limit_vnd} ₫ của bạn. Nhờ quản lý duyệt."
    en = "The sale of {total_vnd} ₫ is over your limit of {limit_vnd} ₫. Ask a manager."


class VoidWithReturns(Refusal):
    """Goods of the sale have come back, or what was given for goods by it has been used: it cannot be undone whole."""

    code = "void_with_returns"
    vi = "Hóa đơn này đã có hàng trả hoặc khoản hoàn đã dùng, không hủy được nữa. Hãy làm phiếu trả hàng."
    en = "Goods of this sale have come back, or its refund has been used; it cannot be voided. Make a return instead."


class VoidNumberWrong(Refusal):
    """An id the server does not know keeps its receipt number, which must be this till's next one."""

    code = "receipt_gap"
    vi = "Số phiếu không liền mạch, máy chủ chờ số {expected}."
    en = "Receipt numbers have a gap; the server expects {expected}."


def void_sale(
    tx: Session,
    *,
    sale_id: UUID,
    receipt_no: int | None,
    reason: str,
    who: identity.Principal,
    approved_by: UUID | None = None,
    approval_id: UUID | None = None,
    now: datetime,
) -> Sale:
    """Undo a sale of today, or bury an id that will never become one.

    A posted sale is reversed: its goods go back on the shelf by reversing ledger rows, its payments by negative ones, its
    number stays. An unknown id leaves a tombstone that keeps its number, so that a late request is refused. Voiding
    again changes nothing. Refuses ``NotFound``, ``VoidTooLate``, ``VoidOverLimit``, ``VoidWithReturns``,
    ``VoidNumberWrong``, and ``identity.ApprovalNotLive`` when somebody else is said to have agreed and has not.
    """
    till = who.till
    by = inventory.By(who.staff_id, None if till is None else till.id, None if till is None else till.epoch)
    if till is not None and receipt_no is not None:
        sale = bury(tx, sale_id=sale_id, receipt_no=receipt_no, epoch=till.epoch, till=till, by=by, reason=reason, at=now)
    else:
        known = tx.get(Sale, sale_id, with_for_update=True)
        if known is None:
            raise NotFound
        sale = known
    if not who.may("sale.void", sale.location_id):
        raise NotFound
    if sale.state == "void":
        return sale
    if sale.sold_on != clock.business_day(now):
        raise VoidTooLate(sold_on=sale.sold_on.isoformat())
    grant = who.grants[VOID]
    if approved_by not in {None, who.staff_id}:
        if till is None:
            raise identity.ApprovalNotLive(verb=VOID)
        grant = identity.approval_of(tx, approval_id=approval_id, staff_id=approved_by, till_id=till.id, verb=VOID, at=now)
    if not covers(grant, sale):
        raise VoidOverLimit(total_vnd=sale.total_vnd, limit_vnd=grant.refund_vnd_max)
    if tx.scalar(text(_RETURNS_USED), {"sale": sale.id}):
        raise VoidWithReturns
    reverse(tx, sale=sale, by=by, reason=reason, at=now, approved_by=approved_by)
    return sale


# Goods of the sale are back; or it took goods back and its credit is spent, its transfer sent, or vouchers are free by it.
_RETURNS_USED = """
SELECT pieces_returned(:sale) > 0
    OR EXISTS (SELECT 1 FROM credit_entry e JOIN customer c ON c.id = e.customer_id
                 JOIN customer_account a ON a.customer_id = coalesce(c.merged_into, c.id)
                WHERE e.ref = :sale AND e.kind = 'issue' AND e.amount_vnd > a.credit_vnd - a.credit_held_vnd)
    OR EXISTS (SELECT 1 FROM payment y JOIN payment_request q ON q.id = y.payment_id
                WHERE y.sale_id = :sale AND y.amount_vnd < 0 AND q.state = 'returned')
    OR EXISTS (SELECT 1 FROM online_refund r WHERE starts_with(r.key, 'return-' || CAST(:sale AS uuid) || '-'))
    OR EXISTS (SELECT 1 FROM sale_line l JOIN voucher_entry v ON v.sale_id = l.returns_sale_id AND v.kind = 'restore'
                WHERE l.sale_id = :sale)
"""


def covers(grant: identity.Grant | None, sale: Sale) -> bool:
    """Whether somebody may give back what a sale came to."""
    return grant is not None and (grant.refund_vnd_max is None or sale.total_vnd <= grant.refund_vnd_max)


def reverse(
    tx: Session, *, sale: Sale, by: inventory.By, reason: str, at: datetime, approved_by: UUID | None = None
) -> None:
    """Put a posted sale's goods back, return its payments, points, credit and offers; one already void is left as it is."""
    if sale.state == "void":
        return
    payments.give_back_for(tx, sale_id=sale.id, reason=reason)  # before stock, as the posting desk locks them
    payments.keep_refunds_of(tx, sale_id=sale.id)
    inventory.put_back(tx, ref=sale.id, by=by, now=at)
    lacking = crm.reverse_rights(tx, sale_id=sale.id, at=at)
    if sale.customer_id is not None:
        crm.tell_of(tx, sale.customer_id)  # they have bought less: points or not, their score is another
    promotions.give_back(tx, sale_id=sale.id, at=at)
    if lacking is not None:
        inventory.note_exception(
            tx,
            kind="points_spent",
            severity="warning",
            refs={"sale": str(sale.id), "customer": str(lacking.customer_id)},
            location_id=sale.location_id,
            qty=lacking.points,
            actor_id=by.staff_id,
            now=at,
        )
    tx.execute(
        text(
            """
            INSERT INTO payment (sale_id, no, kind, amount_vnd, reference, received_at, payment_id)
            SELECT sale_id, no + (SELECT max(no) FROM payment WHERE sale_id = :sale), kind, -amount_vnd, reference, :now,
                   payment_id
              FROM payment WHERE sale_id = :sale
            """
        ),
        {"sale": sale.id, "now": at},
    )
    sale.state, sale.voided_at = "void", at
    agreed = {} if approved_by in {None, by.staff_id} else {"approved_by": str(approved_by)}
    _note(tx, sale_id=sale.id, verb="voided", by=by, at=at, facts={"reason": reason} | agreed)
    _tell(tx, sale, version=2)


def bury(
    tx: Session,
    *,
    sale_id: UUID,
    receipt_no: int,
    epoch: int,
    till: identity.TillFacts,
    by: inventory.By,
    reason: str,
    at: datetime,
) -> Sale:
    """The sale with this id, or a tombstone that keeps the id and its receipt number. Refuses ``VoidNumberWrong``."""
    # The posting desk takes this lock first too: a late sale with this id waits for the tombstone, or we for it.
    series = tx.execute(
        text(
            "SELECT last_receipt_no, receipt_prefix FROM till_epoch "
            "WHERE till_id = :till AND epoch = :epoch FOR NO KEY UPDATE"
        ),
        {"till": till.id, "epoch": epoch},
    ).one()
    known = tx.get(Sale, sale_id, with_for_update=True)
    if known is not None:
        return known
    if receipt_no != series.last_receipt_no + 1:
        raise VoidNumberWrong(expected=series.last_receipt_no + 1)
    sale = Sale(
        id=sale_id,
        channel="store",
        state="void",
        location_id=till.location_id,
        till_id=till.id,
        epoch=epoch,
        receipt_no=receipt_no,
        receipt_code=f"{series.receipt_prefix}-{receipt_no:07d}",
        staff_id=by.staff_id,
        pieces=0,
        list_vnd=0,
        discount_vnd=0,
        total_vnd=0,
        vat_vnd=0,
        rounding_vnd=0,
        price_version=0,
        promo_version=0,
        sold_at=at,
        sold_on=clock.business_day(at),
        recorded_at=at,
        voided_at=at,
    )
    tx.add(sale)
    tx.flush()
    tx.execute(
        text("UPDATE till_epoch SET last_receipt_no = :no WHERE till_id = :till AND epoch = :epoch"),
        {"no": receipt_no, "till": till.id, "epoch": epoch},
    )
    crm.free_holds_of_sale(tx, sale_id=sale_id, now=at)
    _note(tx, sale_id=sale_id, verb="buried", by=by, at=at, facts={"reason": reason})
    _tell(tx, sale, version=1)
    return sale


def _note(tx: Session, *, sale_id: UUID, verb: str, by: inventory.By, at: datetime, facts: dict[str, Any]) -> None:
    tx.execute(
        insert(SaleTimeline).values(sale_id=sale_id, at=at, verb=verb, staff_id=by.staff_id, till_id=by.till_id, facts=facts)
    )


def _tell(tx: Session, sale: Sale, *, version: int) -> None:
    events.publish(
        tx,
        events.SALE_VOIDED,
        key=str(sale.id),
        key_version=version,
        location_id=sale.location_id,
        payload={
            "id": str(sale.id),
            "receipt_code": sale.receipt_code,
            "location_id": str(sale.location_id),
            "till_id": None if sale.till_id is None else str(sale.till_id),
            "channel": sale.channel,
            "pieces": sale.pieces,
            "total_vnd": sale.total_vnd,
            "sold_at": sale.sold_at.isoformat(),
        },
    )
