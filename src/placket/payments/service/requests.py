"""Verbs of payments taken before their sale: asked for, confirmed, given up, given back. docs/rules/payments.md.

Credits and terminals change a request in ``incoming`` and ``cards``; here is what people at the till do to it.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket import events, identity
from placket.core import clock
from placket.core.ids import new_id
from placket.core.money import dotted
from placket.core.refusals import NotFound, Refusal
from placket.payments import queries, rules
from placket.payments.models import BankAccount, Payment, PaymentCode, PaymentRequest
from placket.payments.service.accounts import account_of

GOOD_FOR: Final = timedelta(minutes=10)


class PaymentIdReused(Refusal):
    """Another payment was asked for under this id."""

    code = "payment_id_reused"
    vi = "Mã yêu cầu thanh toán này đã dùng cho khoản khác."
    en = "This payment id belongs to another payment."


class PaymentOpen(Refusal):
    """Another payment of the cart may still come: it is finished or given up first, so that nobody pays twice."""

    code = "payment_open"
    vi = "Đơn này còn chờ {amount} ₫ ở quầy {till_code}. Đợi khoản đó hoặc dừng nó, rồi thử lại."
    en = "This cart still waits for {amount} ₫ at till {till_code}. Wait for it or stop it, then try again."


class AlreadyReceived(Refusal):
    """The money is here: it pays for the sale or is given back, it is not cancelled."""

    code = "already_received"
    vi = "Tiền đã nhận. Hoàn tất đơn, hoặc trả lại khách."
    en = "The money has been received. Finish the sale, or give it back."


class PaymentOver(Refusal):
    """The request has ended."""

    code = "payment_over"
    vi = "Yêu cầu thanh toán này đã kết thúc. Tạo yêu cầu mới."
    en = "This payment request has ended. Make a new one."


class PaymentUsed(Refusal):
    """It has paid for a sale: the sale is voided or returned, not its payment."""

    code = "payment_used"
    vi = "Khoản này đã trả cho một hóa đơn. Hủy hoặc trả hàng trên hóa đơn đó."
    en = "This payment has paid for a sale. Void or return that sale."


def till_of(who: identity.Principal) -> identity.TillFacts:
    """The till somebody stands at. Refuses ``NotPermitted`` elsewhere: payments are taken at a till."""
    if who.till is None:
        raise identity.NotPermitted(verb="sale.sell")
    return who.till


def ask(
    tx: Session,
    *,
    request_id: UUID,
    kind: str,
    cart_id: UUID,
    amount_vnd: int,
    who: identity.Principal,
    now: datetime,
) -> PaymentRequest:
    """Ask for a payment of a cart; the same id again answers the same request.

    A transfer gets a code good for ten minutes, if its branch has an account. Refuses ``PaymentIdReused``, and
    ``PaymentOpen`` while another payment of the cart may still come: a code that is still good, a charge whose end
    nobody knows. Two requests for one cart wait for each other here, so only one of them is made.
    """
    till = till_of(who)
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:cart, 0))"), {"cart": str(cart_id)})
    known = tx.get(PaymentRequest, request_id, with_for_update=True)
    if known is not None:
        if (known.till_id, known.kind, known.cart_id, known.amount_vnd) != (till.id, kind, cart_id, amount_vnd):
            raise PaymentIdReused
        return known
    _refuse_second(tx, cart_id, now)
    account = account_of(tx, till.location_id) if kind == "transfer" else None
    request = PaymentRequest(
        id=request_id,
        kind=kind,
        state="waiting",
        location_id=till.location_id,
        till_id=till.id,
        cart_id=cart_id,
        staff_id=who.staff_id,
        amount_vnd=amount_vnd,
        received_vnd=0,
        bank_account_id=None if account is None else account.id,
        created_at=now,
        expires_at=now + GOOD_FOR if kind == "transfer" else None,
        version=1,
    )
    tx.add(request)
    tx.flush()
    if account is not None:
        _give_code(tx, request, account, now)
    tell(tx, request)
    return request


def ask_for_order(
    tx: Session, *, order_id: UUID, account: BankAccount, amount_vnd: int, expires_at: datetime, now: datetime
) -> PaymentRequest:
    """Ask for the transfer that pays an online order; its code is good until the order's goods are held no longer."""
    request = PaymentRequest(
        id=new_id(),
        kind="transfer",
        state="waiting",
        location_id=account.location_id,
        cart_id=order_id,
        amount_vnd=amount_vnd,
        received_vnd=0,
        bank_account_id=account.id,
        created_at=now,
        expires_at=expires_at,
        version=1,
    )
    tx.add(request)
    tx.flush()
    _give_code(tx, request, account, now)
    tell(tx, request)
    return request


def keep_for_order(tx: Session, *, request_id: UUID, until: datetime) -> None:
    """An order's transfer is waited for a while longer."""
    request = tx.get_one(PaymentRequest, request_id, with_for_update=True, populate_existing=True)
    if request.state == "waiting":
        request.expires_at = until
        changed(tx, request)


def drop_for_order(tx: Session, *, request_id: UUID, now: datetime) -> PaymentRequest:
    """An order's transfer is not waited for any more; what a short one has received is to be given back."""
    request = tx.get_one(PaymentRequest, request_id, with_for_update=True, populate_existing=True)
    if request.state == "waiting":
        if request.received_vnd > 0:
            request.state, request.received_at = "returning", now
        else:
            request.state, request.ended_at = "cancelled", now
        changed(tx, request)
    return request


def renew(tx: Session, *, request_id: UUID, who: identity.Principal, now: datetime) -> PaymentRequest:
    """Ask for what is still missing, under another code and for another ten minutes. Refuses ``PaymentOver``."""
    request = locked(tx, request_id, who)
    if request.state != "waiting" or request.bank_account_id is None:
        raise PaymentOver
    request.expires_at = now + GOOD_FOR
    _give_code(tx, request, tx.get_one(BankAccount, request.bank_account_id), now)
    changed(tx, request)
    return request


def cancel(tx: Session, *, request_id: UUID, who: identity.Principal, now: datetime) -> PaymentRequest:
    """Give a request up; what a short one has received is to be given back. Refuses ``AlreadyReceived``, ``PaymentUsed``."""
    request = locked(tx, request_id, who)
    if request.sale_id is not None:
        raise PaymentUsed
    if request.state == "received":
        raise AlreadyReceived
    if request.state == "waiting":
        if request.received_vnd > 0:
            request.state, request.received_at = "returning", now
        else:
            request.state, request.ended_at = "cancelled", now
        changed(tx, request)
    return request


def confirm(
    tx: Session, *, request_id: UUID, reason: str | None, who: identity.Principal, confirmed_by: UUID, now: datetime
) -> PaymentRequest:
    """Somebody has seen the money although no provider has told of it. Refuses ``PaymentOver``; audited."""
    request = locked(tx, request_id, who)
    if request.state == "received":
        return request
    if request.state != "waiting" or request.kind != "transfer":
        raise PaymentOver
    request.state, request.received_at = "received", now
    request.confirmed_by, request.reason = confirmed_by, reason
    changed(tx, request)
    identity.audit(
        tx,
        action="payment.confirmed",
        subject_type="payment",
        subject_id=request_id,
        actor=who,
        after={"amount_vnd": request.amount_vnd, "confirmed_by": str(confirmed_by), "reason": reason},
    )
    return request


def give_back(tx: Session, *, request_id: UUID, reason: str, who: identity.Principal) -> PaymentRequest:
    """The sale it was taken for is given up: the money goes back, by the terminal or by the office's hand.

    Refuses ``PaymentUsed``, ``PaymentOver``.
    """
    request = locked(tx, request_id, who)
    if request.state in {"returning", "returned"}:
        return request
    if request.sale_id is not None:
        raise PaymentUsed
    if request.state != "received":
        raise PaymentOver
    request.state, request.reason = "returning", reason
    changed(tx, request)
    identity.audit(
        tx,
        action="payment.given_back",
        subject_type="payment",
        subject_id=request_id,
        actor=who,
        after={"amount_vnd": request.amount_vnd, "kind": request.kind, "reason": reason},
    )
    return request


def give_back_for(tx: Session, *, sale_id: UUID, reason: str) -> None:
    """A sale is undone: the payments that were taken for it go back, by the terminal or by the office's hand."""
    query = select(PaymentRequest).where(PaymentRequest.sale_id == sale_id, PaymentRequest.state == "received")
    for request in tx.scalars(query.order_by(PaymentRequest.id).with_for_update()):
        request.state, request.reason = "returning", reason
        changed(tx, request)


def keep_refunds_of(tx: Session, *, sale_id: UUID) -> None:
    """A sale that gave money back by transfer is undone: what the office has not sent yet is not sent."""
    owed = select(Payment.payment_id).where(Payment.sale_id == sale_id, Payment.amount_vnd < 0)
    query = select(PaymentRequest).where(PaymentRequest.id.in_(owed), PaymentRequest.state == "returning")
    for request in tx.scalars(query.order_by(PaymentRequest.id).with_for_update()):
        request.state, request.received_at = "cancelled", None
        changed(tx, request)


def settle_up(tx: Session, *, request_id: UUID, reason: str, who: identity.Principal, now: datetime) -> PaymentRequest:
    """The office has paid a transfer back to the customer. Refuses ``NotFound``, ``PaymentOver``; audited."""
    request = tx.get(PaymentRequest, request_id, with_for_update=True)
    if request is None or not who.may("payment.match", request.location_id):
        raise NotFound
    if request.state == "returned":
        return request
    if request.state != "returning" or request.kind != "transfer":
        raise PaymentOver
    request.state, request.ended_at = "returned", now
    changed(tx, request)
    identity.audit(
        tx,
        action="payment.returned",
        subject_type="payment",
        subject_id=request_id,
        actor=who,
        after={"amount_vnd": request.received_vnd or request.amount_vnd, "reason": reason},
    )
    return request


def locked(tx: Session, request_id: UUID, who: identity.Principal) -> PaymentRequest:
    """A request of one's own till, under its lock. Refuses ``NotFound``."""
    request = tx.get(PaymentRequest, request_id, with_for_update=True)
    if request is None or request.till_id != till_of(who).id:
        raise NotFound
    return request


def changed(tx: Session, request: PaymentRequest) -> None:
    """Count the version up and tell whoever listens."""
    request.version += 1
    tx.flush()
    tell(tx, request)


def tell(tx: Session, request: PaymentRequest) -> None:
    """The state of a request, as tills and the office hear it."""
    events.publish(
        tx,
        events.PAYMENT_CHANGED,
        key=str(request.id),
        key_version=request.version,
        location_id=request.location_id,
        payload={
            "id": str(request.id),
            "location_id": str(request.location_id),
            "till_id": None if request.till_id is None else str(request.till_id),
            "cart_id": str(request.cart_id),
            "kind": request.kind,
            "state": request.state,
            "amount_vnd": request.amount_vnd,
            "received_vnd": request.received_vnd,
            "sale_id": None if request.sale_id is None else str(request.sale_id),
        },
    )


def _refuse_second(tx: Session, cart_id: UUID, now: datetime) -> None:
    may_come = (PaymentRequest.kind == "card") | (PaymentRequest.expires_at > now)
    query = select(PaymentRequest).where(PaymentRequest.cart_id == cart_id, PaymentRequest.state == "waiting", may_come)
    first = tx.scalars(query.order_by(PaymentRequest.created_at).limit(1)).one_or_none()
    if first is not None:
        amount = dotted(first.amount_vnd - first.received_vnd)
        till_code = queries.request_face(tx, first.id).till_code
        raise PaymentOpen(payment_id=str(first.id), kind=first.kind, amount=amount, till_code=till_code)


def _give_code(tx: Session, request: PaymentRequest, account: BankAccount, now: datetime) -> None:
    number = tx.scalars(text("SELECT nextval('payment_code_no')")).one()
    code = rules.payment_code(clock.business_day(now).year, number)
    amount_vnd = request.amount_vnd - request.received_vnd
    payload = rules.vietqr(bank_bin=account.bank_bin, account_no=account.account_no, amount_vnd=amount_vnd, purpose=code)
    tx.add(PaymentCode(code=code, request_id=request.id, amount_vnd=amount_vnd, payload=payload, created_at=now))
    tx.flush()
