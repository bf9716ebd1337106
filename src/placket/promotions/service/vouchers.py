"""Vouchers: digits-only codes that open a promotion, with a ledger of everything that happened to each.

A code is ``03``, twelve random digits and a check digit (EAN-13's weights from the right): nobody guesses one, and a
wrong digit is noticed before the server is asked.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, insert, select, text, update
from sqlalchemy.orm import Session

from placket.core.clock import VIETNAM
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.promotions.models import PromotionDraft, PromotionVersion, Voucher, VoucherBatch, VoucherEntry
from placket.promotions.refusals import (
    BatchIdReused,
    NoVoucherPromotion,
    UnknownCustomers,
    UnknownVoucher,
    VoucherNotUsable,
)

DIGITS: Final = 12
VOUCHERS_MAX: Final = 20_000
FRESH: Final = {"populate_existing": True}


@dataclass(frozen=True, slots=True)
class VoucherFound:
    """A voucher that may be used now, and the promotion it opens."""

    id: UUID
    code: str
    promotion_id: UUID
    name_vi: str
    name_en: str
    customer_id: UUID | None
    ends_at: datetime


def issue(
    tx: Session,
    *,
    batch_id: UUID,
    promotion_id: UUID,
    name: str,
    period: tuple[datetime, datetime],
    count: int,
    customer_ids: Sequence[UUID],
    staff_id: UUID,
    now: datetime,
) -> list[str]:
    """Issue vouchers: one for each customer, or ``count`` for whoever holds the code; answers the codes.

    Asked again under its id, as after an answer that was lost, a batch answers the codes it has. Refuses ``NotFound`` (the
    promotion), ``NoVoucherPromotion``, ``UnknownCustomers``, ``BatchIdReused``.
    """
    known = tx.get(VoucherBatch, batch_id)
    if known is not None:
        if (known.promotion_id, known.created_by, known.name) != (promotion_id, staff_id, name):
            raise BatchIdReused
        of = {
            row.customer_id or row.code: row.code for row in tx.scalars(select(Voucher).where(Voucher.batch_id == batch_id))
        }
        return [of[customer_id] for customer_id in customer_ids] if customer_ids else sorted(of.values())
    demand_voucher_promotion(tx, promotion_id)
    _demand_customers(tx, customer_ids)
    kind = "personal" if customer_ids else "bearer"
    _open_batch(tx, batch_id, promotion_id, name=name, kind=kind, period=period, staff_id=staff_id, now=now)
    holders: Sequence[UUID | None] = customer_ids or [None] * count
    return [row.code for row in _write(tx, batch_id, holders, staff_id=staff_id, now=now)]


def issue_each(
    tx: Session,
    *,
    batch_id: UUID,
    promotion_id: UUID,
    name: str,
    period: tuple[datetime, datetime],
    customer_ids: Sequence[UUID],
    staff_id: UUID,
    now: datetime,
) -> dict[UUID, tuple[UUID, str]]:
    """Issue one voucher to each of some customers, in a batch that may have others already; answers ids and codes.

    Refuses ``NotFound`` (the promotion), ``NoVoucherPromotion``, ``UnknownCustomers``.
    """
    demand_voucher_promotion(tx, promotion_id)
    _demand_customers(tx, customer_ids)
    if tx.get(VoucherBatch, batch_id) is None:
        _open_batch(tx, batch_id, promotion_id, name=name, kind="personal", period=period, staff_id=staff_id, now=now)
    written = _write(tx, batch_id, customer_ids, staff_id=staff_id, now=now)
    return {row.customer_id: (row.id, row.code) for row in written if row.customer_id is not None}


def demand_voucher_promotion(tx: Session, promotion_id: UUID) -> None:
    """Refuse ``NotFound`` or ``NoVoucherPromotion`` unless a promotion is opened by vouchers and published."""
    draft = tx.get(PromotionDraft, promotion_id)
    if draft is None:
        raise NotFound
    published = tx.get(PromotionVersion, (promotion_id, draft.version))
    if published is None or not published.terms.get("voucher"):
        raise NoVoucherPromotion(promotion_id=str(promotion_id))


def _open_batch(
    tx: Session,
    batch_id: UUID,
    promotion_id: UUID,
    *,
    name: str,
    kind: str,
    period: tuple[datetime, datetime],
    staff_id: UUID,
    now: datetime,
) -> None:
    tx.add(
        VoucherBatch(
            id=batch_id,
            promotion_id=promotion_id,
            name=name,
            kind=kind,
            starts_at=period[0],
            ends_at=period[1],
            created_at=now,
            created_by=staff_id,
        )
    )
    tx.flush()


@dataclass(frozen=True, slots=True)
class _Issued:
    id: UUID
    code: str
    customer_id: UUID | None


def _write(tx: Session, batch_id: UUID, holders: Sequence[UUID | None], *, staff_id: UUID, now: datetime) -> list[_Issued]:
    made = [_Issued(new_id(), code, holder) for code, holder in _coded(tx, holders)]
    rows = [{"id": one.id, "batch_id": batch_id, "code": one.code, "customer_id": one.customer_id} for one in made]
    tx.execute(insert(Voucher), rows)
    tx.execute(
        insert(VoucherEntry), [{"voucher_id": one.id, "kind": "issue", "actor_id": staff_id, "at": now} for one in made]
    )
    return made


def find(tx: Session, *, code: str, customer_id: UUID | None, now: datetime, sale_id: UUID | None = None) -> VoucherFound:
    """The voucher of a code, if it may be used now by this customer in the sale that will have this id.

    Whoever was merged has brought their vouchers along: it is the person that counts, under whichever id.

    Refuses ``UnknownVoucher``, ``VoucherNotUsable``.
    """
    row = tx.execute(
        text(
            """
            SELECT v.id, v.code, v.state, coalesce(o.merged_into, v.customer_id) AS customer_id, v.sale_id, v.held_for,
                   v.held_until, voucher_free(v, :sale, :now) AS is_free,
                   (SELECT coalesce(a.merged_into, a.id) FROM customer a WHERE a.id = :customer) AS asked_id,
                   b.promotion_id, b.starts_at, b.ends_at,
                   p.name_vi, p.name_en, p.state AS promotion_state, s.receipt_code, s.sold_at, l.name AS location_name
              FROM voucher v
              JOIN voucher_batch b ON b.id = v.batch_id
              JOIN promotion p ON p.id = b.promotion_id
              LEFT JOIN customer o ON o.id = v.customer_id
              LEFT JOIN sale s ON s.id = v.sale_id
              LEFT JOIN location l ON l.id = s.location_id
             WHERE v.code = :code
            """
        ),
        {"code": code, "sale": sale_id, "customer": customer_id, "now": now},
    ).one_or_none()
    if row is None:
        raise UnknownVoucher(code=code)
    if row.state == "redeemed":
        when = f"{row.sold_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
        why = (f"đã dùng ở {row.location_name} lúc {when}", f"used at {row.location_name}, {when}")
        facts = {"receipt_code": row.receipt_code, "at": row.sold_at.isoformat(), "location_name": row.location_name}
        raise _unusable(code, "redeemed", *why, **facts)
    if row.state == "held" and not row.is_free:
        until = f"{row.held_until.astimezone(VIETNAM):%H:%M}"
        why = (f"đang giữ cho một đơn khác tới {until}", f"held for another sale until {until}")
        if row.held_until <= now:
            why = ("đang giữ cho một đơn ở máy mất mạng", "held for a sale at a till that is off line")
        raise _unusable(code, "held", *why, until=row.held_until.isoformat())
    if row.state == "blocked":
        raise _unusable(code, "blocked", "đã khóa", "blocked")
    if now < row.starts_at:
        raise _unusable(code, "not_yet", "chưa tới ngày dùng", "not valid yet", starts_at=row.starts_at.isoformat())
    if now >= row.ends_at or row.promotion_state != "live":
        raise _unusable(code, "over", "đã hết hạn", "expired", ends_at=row.ends_at.isoformat())
    if row.customer_id is not None and row.customer_id != row.asked_id:
        raise _unusable(code, "not_yours", "của khách khác", "somebody else's")
    return VoucherFound(row.id, row.code, row.promotion_id, row.name_vi, row.name_en, row.customer_id, row.ends_at)


def hold_voucher(
    tx: Session,
    *,
    code: str,
    sale_id: UUID,
    customer_id: UUID | None,
    until: datetime,
    actor_id: UUID | None,
    now: datetime,
    till_id: UUID | None = None,
) -> VoucherFound:
    """Keep a voucher for the sale that will have this id: nobody else redeems it until then. Held again, it is held longer.

    What a till holds it may sell with while it is off line, so a till that has gone dark holds it until it is heard again.

    Refuses ``UnknownVoucher``, ``VoucherNotUsable``.
    """
    row = tx.scalar(select(Voucher).where(Voucher.code == code).with_for_update(key_share=True).execution_options(**FRESH))
    found = find(tx, code=code, customer_id=customer_id, now=now, sale_id=sale_id)
    assert row is not None, "what was found is there"
    if row.state == "held" and row.held_for != sale_id:  # its time was over
        _note(tx, [row.id], "release", actor_id, now)
    if row.held_for != sale_id:
        _note(tx, [row.id], "hold", actor_id, now)
    row.state, row.held_for, row.held_until, row.held_by = "held", sale_id, until, till_id
    tx.flush()
    return found


def release_voucher(tx: Session, *, code: str, sale_id: UUID, actor_id: UUID | None, now: datetime) -> bool:
    """Let a voucher go that is held for this sale; answers whether it was."""
    return bool(_let_go(tx, Voucher.code == code, Voucher.held_for == sale_id, actor_id=actor_id, now=now))


def release_expired(tx: Session, *, now: datetime) -> int:
    """Let go whatever was held up to now, but by no till that is dark; answers how many."""
    over = text("voucher_hold_over(voucher, :now)").bindparams(now=now)
    return len(_let_go(tx, Voucher.held_until <= now, over, actor_id=None, now=now))


def _let_go(tx: Session, *which: ColumnElement[bool] | TextClause, actor_id: UUID | None, now: datetime) -> Sequence[UUID]:
    free = {"state": "issued", "held_for": None, "held_until": None, "held_by": None}
    gone = tx.scalars(update(Voucher).where(Voucher.state == "held", *which).values(free).returning(Voucher.id)).all()
    _note(tx, gone, "release", actor_id, now)
    return gone


def _note(tx: Session, voucher_ids: Sequence[UUID], kind: str, actor_id: UUID | None, now: datetime) -> None:
    if voucher_ids:
        rows = [{"voucher_id": each, "kind": kind, "actor_id": actor_id, "at": now} for each in voucher_ids]
        tx.execute(insert(VoucherEntry), rows)


def opened_by(tx: Session, codes: Sequence[str]) -> dict[str, str]:
    """The promotion that each voucher opens, whatever became of it since."""
    if not codes:
        return {}
    found = (
        select(Voucher.code, VoucherBatch.promotion_id)
        .join(VoucherBatch, Voucher.batch_id == VoucherBatch.id)
        .where(Voucher.code.in_(codes))
    )
    return {row.code: str(row.promotion_id) for row in tx.execute(found)}


def give_back(tx: Session, *, sale_id: UUID, at: datetime) -> None:
    """A sale is void: what its promotions used is free again, and its vouchers may be used once more."""
    tx.execute(text("SELECT give_back_offers(:sale, :at)"), {"sale": sale_id, "at": at})


def block(tx: Session, *, batch_id: UUID, staff_id: UUID, now: datetime) -> int:
    """Block every voucher of a batch that has not been used; answers how many."""
    blocked = tx.scalars(
        update(Voucher)
        .where(Voucher.batch_id == batch_id, Voucher.state == "issued")
        .values(state="blocked")
        .returning(Voucher.id)
    ).all()
    _note(tx, blocked, "block", staff_id, now)
    return len(blocked)


def voucher_code(number: str) -> str:
    """The code of a voucher number of twelve digits: type 03, the number, the check digit."""
    digits = f"03{number}"
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return digits + str(-weighed % 10)


def _demand_customers(tx: Session, customer_ids: Sequence[UUID]) -> None:
    """Refuse ``UnknownCustomers`` unless everybody is known, and once; a merged profile has no vouchers of its own."""
    there = text("SELECT count(*) FROM customer WHERE id = ANY(:ids) AND merged_into IS NULL")
    if customer_ids and tx.scalar(there, {"ids": list(customer_ids)}) != len(customer_ids):
        raise UnknownCustomers


def _coded(tx: Session, holders: Sequence[UUID | None]) -> list[tuple[str, UUID | None]]:
    """A fresh code for each; hardly ever is one taken, so what is taken is drawn again."""
    codes: dict[str, None] = {}
    while len(codes) < len(holders):
        drawn = {voucher_code(f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}") for _ in range(len(holders) - len(codes))}
        taken = set(tx.scalars(select(Voucher.code).where(Voucher.code.in_(drawn))))
        codes.update(dict.fromkeys(sorted(drawn - taken)))
    return list(zip(codes, holders, strict=True))


def _unusable(voucher: str, reason: str, why_vi: str, why_en: str, **facts: str) -> VoucherNotUsable:
    return VoucherNotUsable(voucher=voucher, reason=reason, why_vi=why_vi, why_en=why_en, **facts)
