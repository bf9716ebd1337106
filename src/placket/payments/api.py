"""Routes of the till: ask for a transfer or a card payment, see how it stands, give it up or give it back."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound
from placket.payments import counter, queries
from placket.payments.models import PaymentRequest
from placket.payments.service import cards, requests
from placket.payments.shapes import TakenShown, payment_shown
from placket.payments.terminal import Terminal, terminal_of

router = APIRouter(prefix="/api/payments", tags=["payments"])

Seller = Annotated[identity.Principal, Depends(identity.Permit("sale.sell"))]
Reason = Annotated[str, Field(min_length=3, max_length=300, pattern=r"\S")]


class PaymentWish(Strict):
    """So much for this cart; the id is the till's and makes repeats harmless."""

    id: Id
    kind: Literal["transfer", "card"]
    cart_id: Id
    amount_vnd: Annotated[int, Field(ge=1, le=10**12)]


class Confirmation(Strict):
    """The money has been seen; by whoever may say so, or by somebody else who has just agreed to it at this till."""

    reason: Reason | None = None
    approved_by: Id | None = None
    approval_id: Id | None = None


class GivenBack(Strict):
    """Why the money goes back."""

    reason: Reason


class TillPayments(Answer):
    """How this till takes payments, and what it has asked for and not used."""

    terminal: bool
    by_code: bool
    open: list[TakenShown]


@router.get("", responses=refuses(identity.NotPermitted))
def payments_here(who: Seller, request: Request) -> TillPayments:
    """What a till can take, and its open payments: a reload, or another device in its place, finds them here."""
    till = requests.till_of(who)
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        rows = queries.open_requests(tx, till_id=till.id)
        by_code = any(row.account_no for row in queries.accounts(tx, scope=[till.location_id]))
    return TillPayments(
        terminal=_terminal(request, till) is not None,
        by_code=by_code,
        open=[payment_shown(row, now) for row in rows],
    )


@router.post(
    "",
    status_code=201,
    responses=refuses(requests.PaymentIdReused, requests.PaymentOpen, cards.NoTerminal, identity.NotPermitted),
)
def ask(body: PaymentWish, who: Seller, request: Request) -> TakenShown:
    """Ask for a payment: a transfer answers its code, a card's amount goes to the terminal."""
    now = clock.now()
    terminal = _terminal(request, requests.till_of(who)) if body.kind == "card" else None
    if body.kind == "card" and terminal is None:
        raise cards.NoTerminal
    database = identity.database_of(request)
    with database.transaction() as tx:
        made = requests.ask(
            tx,
            request_id=body.id,
            kind=body.kind,
            cart_id=body.cart_id,
            amount_vnd=body.amount_vnd,
            who=who,
            now=now,
        )
    heard = None
    if terminal is not None and made.state == "waiting":
        heard = counter.begin(database, terminal, request_id=made.id, amount_vnd=made.amount_vnd, now=now)
    return _shown(request, body.id, now, heard)


@router.get("/{payment_id}", responses=refuses(NotFound, identity.NotPermitted))
def show(payment_id: UUID, who: Seller, request: Request) -> TakenShown:
    """How a payment of this till stands."""
    _own(request, payment_id, who)
    return _shown(request, payment_id, clock.now())


@router.post("/{payment_id}/ask", responses=refuses(NotFound, identity.NotPermitted))
def ask_terminal(payment_id: UUID, who: Seller, request: Request) -> TakenShown:
    """Ask the terminal for the last result of a card payment, or for its money back if that is on its way."""
    found, terminal = _own(request, payment_id, who)
    now = clock.now()
    heard = None
    if terminal is not None and found.state in {"waiting", "returning"}:
        heard = counter.see_to(identity.database_of(request), terminal, request=found, now=now)
    return _shown(request, payment_id, now, heard)


@router.post("/{payment_id}/renew", responses=refuses(NotFound, requests.PaymentOver, identity.NotPermitted))
def renew(payment_id: UUID, who: Seller, request: Request) -> TakenShown:
    """Another code, for what is still missing and for another ten minutes."""
    now = clock.now()
    with identity.database_of(request).transaction() as tx:
        requests.renew(tx, request_id=payment_id, who=who, now=now)
    return _shown(request, payment_id, now)


@router.post(
    "/{payment_id}/cancel",
    responses=refuses(NotFound, requests.AlreadyReceived, requests.PaymentUsed, identity.NotPermitted),
)
def cancel(payment_id: UUID, who: Seller, request: Request) -> TakenShown:
    """Give a payment up. A card charge is stopped at the terminal; what has come meanwhile stays received."""
    found, terminal = _own(request, payment_id, who)
    now = clock.now()
    database = identity.database_of(request)
    if found.kind == "card" and found.state == "waiting":
        heard = "lost" if terminal is None else counter.stop(database, terminal, request_id=payment_id, now=now)
        return _shown(request, payment_id, now, heard)
    with database.transaction() as tx:
        requests.cancel(tx, request_id=payment_id, who=who, now=now)
    return _shown(request, payment_id, now)


@router.post(
    "/{payment_id}/confirm",
    responses=refuses(NotFound, requests.PaymentOver, identity.NotPermitted, identity.ApprovalNotLive),
)
def confirm(payment_id: UUID, body: Confirmation, who: Seller, request: Request) -> TakenShown:
    """Somebody who may has seen the money: the transfer is received by hand, and written down."""
    now = clock.now()
    confirmed_by: UUID = body.approved_by or who.staff_id
    with identity.database_of(request).transaction() as tx:
        if confirmed_by != who.staff_id:
            identity.approval_of(
                tx,
                approval_id=body.approval_id,
                staff_id=confirmed_by,
                till_id=requests.till_of(who).id,
                verb="payment.confirm",
                at=now,
            )
        elif not who.may("payment.confirm"):
            raise identity.NotPermitted(verb="payment.confirm")
        requests.confirm(tx, request_id=payment_id, reason=body.reason, who=who, confirmed_by=confirmed_by, now=now)
    return _shown(request, payment_id, now)


@router.post(
    "/{payment_id}/return",
    responses=refuses(NotFound, requests.PaymentUsed, requests.PaymentOver, identity.NotPermitted),
)
def give_back(payment_id: UUID, body: GivenBack, who: Seller, request: Request) -> TakenShown:
    """The cart is given up: a card is voided at the terminal, a transfer goes on the office's list of money to return."""
    _, terminal = _own(request, payment_id, who)
    now = clock.now()
    database = identity.database_of(request)
    with database.transaction() as tx:
        back = requests.give_back(tx, request_id=payment_id, reason=body.reason.strip(), who=who)
    heard = None
    if terminal is not None and back.state == "returning":
        heard = counter.reverse(database, terminal, request_id=payment_id, now=now)
    return _shown(request, payment_id, now, heard)


def _own(request: Request, payment_id: UUID, who: identity.Principal) -> tuple[PaymentRequest, Terminal | None]:
    """A payment of one's own till, and the terminal it went to if it is a card's. Refuses ``NotFound``."""
    till = requests.till_of(who)
    with identity.database_of(request).transaction() as tx:
        found = tx.get(PaymentRequest, payment_id)
    if found is None or found.till_id != till.id:
        raise NotFound
    return found, _terminal(request, till) if found.kind == "card" else None


def _terminal(request: Request, till: identity.TillFacts) -> Terminal | None:
    with identity.database_of(request).transaction() as tx:
        return terminal_of(till.code, in_demo=identity.is_demo(tx))


def _shown(request: Request, payment_id: UUID, now: datetime, heard: str | None = None) -> TakenShown:
    with identity.database_of(request).transaction() as tx:
        return payment_shown(queries.request_face(tx, payment_id), now, heard=heard)
