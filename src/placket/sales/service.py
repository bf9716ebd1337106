"""Verbs of sales off the checkout's path."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from placket import events, identity, inventory
from placket.core import clock
from placket.core.refusals import NotFound, Refusal
from placket.sales.models import Sale, SaleTimeline


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


class VoidNumberWrong(Refusal):
    """An id the server does not know keeps its receipt number, which must be this till's next one."""

    code = "receipt_gap"
    vi = "Số phiếu không liền mạch, máy chủ chờ số {expected}."
    en = "Receipt numbers have a gap; the server expects {expected}."


def void_sale(
    tx: Session, *, sale_id: UUID, receipt_no: int | None, reason: str, who: identity.Principal, now: datetime
) -> Sale:
    """Undo a sale of today, or bury an id that will never become one.

    A posted sale is reversed: its goods go back on the shelf by reversing ledger rows, its payments by negative ones, its
    number stays. An unknown id leaves a tombstone that keeps its number, so that a late request is refused. Voiding
    again changes nothing. Refuses ``NotFound``, ``VoidTooLate``, ``VoidOverLimit``, ``VoidNumberWrong``.
    """
    till = who.till
    if till is not None:
        # The posting desk takes this lock first too: a late sale with this id waits for the tombstone, or we for it.
        tx.execute(
            text("SELECT 1 FROM till_epoch WHERE till_id = :till AND epoch = :epoch FOR UPDATE"),
            {"till": till.id, "epoch": till.epoch},
        )
    sale = tx.get(Sale, sale_id, with_for_update=True)
    if sale is None:
        if till is None or receipt_no is None:
            raise NotFound
        return _bury(tx, sale_id=sale_id, receipt_no=receipt_no, reason=reason, who=who, till=till, now=now)
    if not who.may("sale.void", sale.location_id):
        raise NotFound
    if sale.state == "void":
        return sale
    if sale.sold_on != clock.business_day(now):
        raise VoidTooLate(sold_on=sale.sold_on.isoformat())
    limit_vnd = who.grants["sale.void"].refund_vnd_max
    if limit_vnd is not None and sale.total_vnd > limit_vnd:
        raise VoidOverLimit(total_vnd=sale.total_vnd, limit_vnd=limit_vnd)
    inventory.put_back(tx, ref=sale_id, by=inventory.By(who.staff_id, None if till is None else till.id), now=now)
    tx.execute(
        text(
            """
            INSERT INTO payment (sale_id, no, kind, amount_vnd, reference, received_at)
            SELECT sale_id, no + (SELECT max(no) FROM payment WHERE sale_id = :sale), kind, -amount_vnd, reference, :now
              FROM payment WHERE sale_id = :sale
            """
        ),
        {"sale": sale_id, "now": now},
    )
    sale.state, sale.voided_at = "void", now
    _note(tx, sale_id=sale_id, verb="voided", who=who, now=now, facts={"reason": reason})
    _tell(tx, sale, version=2)
    return sale


def _bury(
    tx: Session,
    *,
    sale_id: UUID,
    receipt_no: int,
    reason: str,
    who: identity.Principal,
    till: identity.TillFacts,
    now: datetime,
) -> Sale:
    epoch = tx.execute(
        text("SELECT last_receipt_no, receipt_prefix FROM till_epoch WHERE till_id = :till AND epoch = :epoch"),
        {"till": till.id, "epoch": till.epoch},
    ).one()
    if receipt_no != epoch.last_receipt_no + 1:
        raise VoidNumberWrong(expected=epoch.last_receipt_no + 1)
    sale = Sale(
        id=sale_id,
        channel="store",
        state="void",
        location_id=till.location_id,
        till_id=till.id,
        epoch=till.epoch,
        receipt_no=receipt_no,
        receipt_code=f"{epoch.receipt_prefix}-{receipt_no:07d}",
        staff_id=who.staff_id,
        pieces=0,
        list_vnd=0,
        discount_vnd=0,
        total_vnd=0,
        vat_vnd=0,
        rounding_vnd=0,
        price_version=0,
        promo_version=0,
        sold_at=now,
        sold_on=clock.business_day(now),
        recorded_at=now,
        voided_at=now,
    )
    tx.add(sale)
    tx.flush()
    tx.execute(
        text("UPDATE till_epoch SET last_receipt_no = :no WHERE till_id = :till AND epoch = :epoch"),
        {"no": receipt_no, "till": till.id, "epoch": till.epoch},
    )
    _note(tx, sale_id=sale_id, verb="buried", who=who, now=now, facts={"reason": reason})
    _tell(tx, sale, version=1)
    return sale


def _note(tx: Session, *, sale_id: UUID, verb: str, who: identity.Principal, now: datetime, facts: dict[str, Any]) -> None:
    tx.execute(
        insert(SaleTimeline).values(
            sale_id=sale_id,
            at=now,
            verb=verb,
            staff_id=who.staff_id,
            till_id=None if who.till is None else who.till.id,
            facts=facts,
        )
    )
    identity.audit(tx, action=f"sale.{verb}", subject_type="sale", subject_id=sale_id, actor=who, after=facts)


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
