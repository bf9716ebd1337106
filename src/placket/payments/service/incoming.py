"""Verbs of what banks say came in: kept once, matched by code and amount, else left for a person. docs/rules/payments.md."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket import events, identity
from placket.core.ids import new_id
from placket.core.refusals import NotFound, Refusal
from placket.payments import rules
from placket.payments.hook_rules import Credit
from placket.payments.models import BankCredit, CreditMatch, CreditReturn, HookHealth, PaymentCode, PaymentRequest
from placket.payments.queries import credit_seen, hand_transfer_of
from placket.payments.service.requests import changed

Outcome = Literal["matched", "short", "over", "unmatched", "duplicate"]


class CreditSettled(Refusal):
    """Somebody, or the code in it, has said already what this credit is for."""

    code = "credit_settled"
    vi = "Khoản tiền này đã được xử lý."
    en = "This credit has already been dealt with."


class NothingToPay(Refusal):
    """The request or sale wants no more money by transfer."""

    code = "nothing_to_pay"
    vi = "Yêu cầu hoặc hóa đơn này không còn khoản chuyển khoản nào chờ tiền. Trả lại người gửi."
    en = "That request or sale is waiting for no transfer. Give the money back to its sender."


def record_credit(tx: Session, *, provider: str, credit: Credit, now: datetime) -> Outcome:
    """Keep a credit and match it by its code; a repeat changes nothing.

    Whoever comes second under the same reference waits for the first to commit, and is a duplicate then.
    """
    candidates = rules.codes_in(credit.content)
    # Locked in the order of ids, although one code is the rule: two credits that name two requests each must not wait
    # for each other.
    requests = tx.execute(
        select(PaymentRequest, PaymentCode.code)
        .join(PaymentCode, PaymentCode.request_id == PaymentRequest.id)
        .where(PaymentCode.code.in_(candidates))
        .order_by(PaymentRequest.id)
        .with_for_update(of=PaymentRequest)
    ).all()
    found = min(requests, key=lambda row: candidates.index(row.code), default=None)
    credit_id = tx.scalar(
        insert(BankCredit)
        .values(
            id=new_id(),
            provider=provider,
            provider_ref=credit.provider_ref,
            account_no=credit.account_no,
            amount_vnd=credit.amount_vnd,
            content=credit.content,
            code=None if found is None else found.code,
            bank_reference=credit.bank_reference,
            transferred_at=credit.transferred_at,
            received_at=now,
        )
        .on_conflict_do_nothing(index_elements=["provider", "provider_ref"])
        .returning(BankCredit.id)
    )
    if credit_id is None:
        return "duplicate"
    outcome: Outcome = "unmatched"
    if found is not None:
        outcome = _take(tx, found.PaymentRequest, credit_id, credit.amount_vnd, now)
    _tell(tx, credit_id, None if found is None else found.PaymentRequest.location_id)
    return outcome


def _take(tx: Session, request: PaymentRequest, credit_id: UUID, amount_vnd: int, now: datetime) -> Outcome:
    asked = rules.Asked(request.state, request.amount_vnd, request.received_vnd, request.expires_at)
    taken = rules.take(asked, amount_vnd, now)
    if not isinstance(taken, rules.Taken):
        return "unmatched"
    _apply(tx, request, taken, now)
    tx.add(CreditMatch(credit_id=credit_id, request_id=request.id, surplus_vnd=taken.surplus_vnd, matched_at=now))
    tx.flush()
    if taken.surplus_vnd:
        return "over"
    return "matched" if taken.is_whole else "short"


def _apply(tx: Session, request: PaymentRequest, taken: rules.Taken, now: datetime) -> None:
    request.received_vnd = taken.received_vnd
    if taken.is_whole and request.state == "waiting":
        request.state, request.received_at = "received", now
    changed(tx, request)


def match_to_request(
    tx: Session, *, credit_id: UUID, request_id: UUID, reason: str | None, who: identity.Principal, now: datetime
) -> None:
    """Somebody says that this credit pays that request.

    One that waits, whatever its clock says, or one that was confirmed by hand before the bank told of it. Refuses
    ``NotFound``, ``CreditSettled``, ``NothingToPay``; audited.
    """
    request = tx.get(PaymentRequest, request_id, with_for_update=True)
    credit = _open_credit(tx, credit_id, who)
    if request is None or not who.may("payment.match", request.location_id):
        raise NotFound
    by_hand = request.state == "received" and request.received_vnd < request.amount_vnd
    if request.kind != "transfer" or not (request.state == "waiting" or by_hand):
        raise NothingToPay
    received_vnd = request.received_vnd + credit.amount_vnd
    surplus_vnd = max(0, received_vnd - request.amount_vnd)
    _apply(tx, request, rules.Taken(received_vnd, received_vnd >= request.amount_vnd, surplus_vnd), now)
    _match(tx, credit, who, now, request_id=request_id, surplus_vnd=surplus_vnd, reason=reason)


def match_to_sale(
    tx: Session, *, credit_id: UUID, sale_id: UUID, reason: str | None, who: identity.Principal, now: datetime
) -> None:
    """Somebody says that this credit is the transfer that a sale has recorded by hand.

    Refuses ``NotFound``, ``CreditSettled``, ``NothingToPay``; audited.
    """
    tx.execute(text("SELECT 1 FROM sale WHERE id = :sale FOR NO KEY UPDATE"), {"sale": sale_id})
    credit = _open_credit(tx, credit_id, who)
    hand = hand_transfer_of(tx, sale_id)
    if hand is None or not who.may("payment.match", hand.location_id):
        raise NotFound
    if hand.open_vnd <= 0:
        raise NothingToPay
    surplus_vnd = max(0, credit.amount_vnd - hand.open_vnd)
    _match(tx, credit, who, now, sale_id=sale_id, surplus_vnd=surplus_vnd, reason=reason)


def return_credit(tx: Session, *, credit_id: UUID, reason: str, who: identity.Principal, now: datetime) -> int:
    """The money of an open credit, or what was too much of a matched one, has gone back to its sender; answers how much.

    Refuses ``NotFound``, ``CreditSettled``; audited.
    """
    credit = _seen_credit(tx, credit_id, who)
    if tx.get(CreditReturn, credit_id) is not None:
        raise CreditSettled
    match = tx.get(CreditMatch, credit_id)
    amount_vnd = credit.amount_vnd if match is None else match.surplus_vnd
    if amount_vnd == 0:
        raise CreditSettled
    tx.add(CreditReturn(credit_id=credit_id, amount_vnd=amount_vnd, staff_id=who.staff_id, reason=reason, returned_at=now))
    tx.flush()
    _note(tx, credit, who, "bank_credit.returned", {"amount_vnd": amount_vnd, "reason": reason})
    return amount_vnd


def note_call(tx: Session, *, provider: str, now: datetime, failure: str | None = None) -> None:
    """Count a provider's call, good or turned away, for the office."""
    row = (
        {"provider": provider, "calls": 1, "last_call_at": now}
        if failure is None
        else {"provider": provider, "failures": 1, "last_failure_at": now, "last_failure": failure}
    )
    grown = {name: HookHealth.__table__.c[name] + 1 for name in ("calls", "failures") if name in row}
    latest = {name: value for name, value in row.items() if name not in {"provider", "calls", "failures"}}
    tx.execute(insert(HookHealth).values(row).on_conflict_do_update(index_elements=["provider"], set_=latest | grown))


def _open_credit(tx: Session, credit_id: UUID, who: identity.Principal) -> BankCredit:
    credit = _seen_credit(tx, credit_id, who)
    if tx.get(CreditMatch, credit_id) is not None or tx.get(CreditReturn, credit_id) is not None:
        raise CreditSettled
    return credit


def _seen_credit(tx: Session, credit_id: UUID, who: identity.Principal) -> BankCredit:
    """A credit that somebody may deal with, under its lock. Refuses ``NotFound``."""
    credit = tx.get(BankCredit, credit_id, with_for_update=True)
    if credit is None or not credit_seen(tx, credit_id=credit_id, scope=who.scope("payment.match")):
        raise NotFound
    return credit


def _match(
    tx: Session,
    credit: BankCredit,
    who: identity.Principal,
    now: datetime,
    *,
    surplus_vnd: int,
    reason: str | None,
    request_id: UUID | None = None,
    sale_id: UUID | None = None,
) -> None:
    tx.add(
        CreditMatch(
            credit_id=credit.id,
            request_id=request_id,
            sale_id=sale_id,
            surplus_vnd=surplus_vnd,
            staff_id=who.staff_id,
            reason=reason,
            matched_at=now,
        )
    )
    tx.flush()
    target = {"request": str(request_id)} if sale_id is None else {"sale": str(sale_id)}
    _note(tx, credit, who, "bank_credit.matched", target | {"amount_vnd": credit.amount_vnd, "reason": reason})


def _note(tx: Session, credit: BankCredit, who: identity.Principal, action: str, after: dict[str, object]) -> None:
    identity.audit(tx, action=action, subject_type="bank_credit", subject_id=credit.id, actor=who, after=after)
    _tell(tx, credit.id, None)


def _tell(tx: Session, credit_id: UUID, location_id: UUID | None) -> None:
    """The office reads its lists anew. The version is the transaction: a credit changes little and never twice in one."""
    version = tx.scalars(text("SELECT pg_current_xact_id()::text::bigint")).one()
    events.publish(
        tx,
        events.CREDIT_CHANGED,
        key=str(credit_id),
        key_version=version,
        location_id=location_id,
        payload={"id": str(credit_id)},
    )
