"""A counter that takes payments: a branch with an account, a till with a cashier, people who may see to the money."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from builders import TillAtWork, a_branch, a_person, a_style, a_till, stocked
from placket import identity
from placket.core import clock
from placket.core.ids import new_id
from placket.payments.hook_rules import Credit
from placket.payments.models import BankCredit, CreditMatch, PaymentCode, PaymentRequest
from placket.payments.service import accounts, incoming, requests

NOW = datetime(2026, 11, 25, 7, 32, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
VIETCOMBANK = "970436"


def principal(tx: Session, session_id: UUID) -> identity.Principal:
    """Somebody signed in, as routes see them."""
    who = identity.principal_of_session(tx, session_id, now=clock.now())
    assert who is not None
    return who


@dataclass
class PayPoint:
    """A till that may ask for money, and the office behind it."""

    tx: Session
    branch_id: UUID
    till: TillAtWork
    variant_id: UUID
    cashier: identity.Principal
    owner: identity.Principal
    told: int = field(default=0)

    def asks(
        self,
        amount_vnd: int = 300_000,
        *,
        kind: str = "transfer",
        at: datetime = NOW,
        request_id: UUID | None = None,
        cart_id: UUID | None = None,
    ) -> PaymentRequest:
        """Ask for a payment of a cart."""
        return requests.ask(
            self.tx,
            request_id=request_id or new_id(),
            kind=kind,
            cart_id=cart_id or new_id(),
            amount_vnd=amount_vnd,
            who=self.cashier,
            now=at,
        )

    def codes(self, request: PaymentRequest) -> list[str]:
        """The codes of a request, the newest last."""
        query = select(PaymentCode.code).where(PaymentCode.request_id == request.id)
        return list(self.tx.scalars(query.order_by(PaymentCode.code)))

    def hears(
        self, amount_vnd: int, content: str, *, at: datetime = NOW + MINUTE, ref: str | None = None, provider: str = "sepay"
    ) -> incoming.Outcome:
        """A provider tells of a credit."""
        self.told += 1
        credit = Credit(ref or f"ref-{self.told}", "0123499999", amount_vnd, content, f"FT{self.told}", at)
        return incoming.record_credit(self.tx, provider=provider, credit=credit, now=at)

    def last_credit(self) -> BankCredit:
        """The credit that came in last."""
        return self.tx.scalars(select(BankCredit).order_by(BankCredit.id.desc()).limit(1)).one()

    def matches(self) -> list[tuple[UUID | None, int]]:
        """Which request every credit pays, and what was too much, in the order they came."""
        query = select(CreditMatch.request_id, CreditMatch.surplus_vnd).order_by(CreditMatch.credit_id)
        return [(row.request_id, row.surplus_vnd) for row in self.tx.execute(query)]


def a_pay_point(tx: Session, code: str = "HN01") -> PayPoint:
    """A branch that receives at Vietcombank, with a till and ten shirts of 100.000 ₫."""
    branch_id = a_branch(tx, code)
    shirt = a_style(tx, f"AO{code}", price_vnd=100_000)
    stocked(tx, branch_id, {shirt.one: 10})
    till = a_till(tx, branch_id)
    owner = principal(tx, a_person(tx, "owner").session_id)
    accounts.set_account(
        tx,
        location_id=branch_id,
        bank_bin=VIETCOMBANK,
        account_no="0123499999",
        account_name="CONG TY LUA",
        who=owner,
        now=NOW,
    )
    return PayPoint(tx, branch_id, till, shirt.one, principal(tx, till.cashier.session_id), owner)
