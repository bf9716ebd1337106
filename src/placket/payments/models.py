"""Tables of money received and given back: tenders, payments taken before their sale, and what banks say came in."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key, Money

TENDERS = ("cash", "card", "transfer", "cod", "store_credit")
STATES = ("waiting", "received", "declined", "cancelled", "returning", "returned")


class Payment(Base):
    """One tender of a sale; negative when money goes back. Cash keeps what was handed over and the change.

    ``payment_id`` names the payment that was taken before the sale was posted; each pays for one sale.
    """

    __tablename__ = "payment"

    sale_id: Mapped[UUID] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"), primary_key=True)
    no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str]
    amount_vnd: Mapped[Money]
    tendered_vnd: Mapped[Money | None]
    change_vnd: Mapped[Money | None]
    reference: Mapped[str | None]
    received_at: Mapped[datetime]
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_request.id", ondelete="RESTRICT"))

    __table_args__ = (
        CheckConstraint(f"kind IN {TENDERS}", name="kind"),
        CheckConstraint(
            "(tendered_vnd IS NULL AND change_vnd IS NULL) OR "
            "(kind = 'cash' AND change_vnd >= 0 AND tendered_vnd - change_vnd = amount_vnd)",
            name="change",
        ),
        Index("ix_payment_received_at", "received_at"),
        Index(
            "uq_payment_taken", "payment_id", unique=True, postgresql_where=text("payment_id IS NOT NULL AND amount_vnd > 0")
        ),
    )


class BankAccount(Base):
    """Where a branch's transfers go; a new one takes the place of the one in use, which is kept for what it received."""

    __tablename__ = "bank_account"

    id: Mapped[Key]
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    bank_bin: Mapped[str]
    account_no: Mapped[str]
    account_name: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))

    __table_args__ = (
        CheckConstraint("bank_bin ~ '^[0-9]{6}$'", name="bank_bin"),
        CheckConstraint("account_no ~ '^[A-Z0-9]{4,19}$'", name="account_no"),
        Index("uq_bank_account_in_use", "location_id", unique=True, postgresql_where=text("active")),
    )


class PaymentRequest(Base):
    """A payment asked for at a till before its sale is posted: one transfer, or one attempt at the card terminal.

    waiting → received | declined | cancelled; received → returning → returned. A transfer that waits beyond
    ``expires_at`` takes no credit by itself. ``received_vnd`` is what banks or the terminal have confirmed;
    ``confirmed_by`` answers for money that nobody has confirmed. ``sale_id`` is the sale it paid for. A transfer of an
    online order has no till; its cart is the order.
    """

    __tablename__ = "payment_request"

    id: Mapped[Key]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting")
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    till_id: Mapped[UUID | None] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    cart_id: Mapped[UUID]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    amount_vnd: Mapped[Money]
    received_vnd: Mapped[Money] = mapped_column(server_default="0")
    bank_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("bank_account.id", ondelete="RESTRICT"))
    reference: Mapped[str | None]
    reason: Mapped[str | None]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"))
    version: Mapped[Big] = mapped_column(server_default="1")

    __table_args__ = (
        CheckConstraint("kind IN ('transfer', 'card')", name="kind"),
        CheckConstraint(
            "(till_id IS NULL) = (staff_id IS NULL) AND (till_id IS NOT NULL OR kind = 'transfer')", name="till"
        ),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("amount_vnd > 0 AND received_vnd >= 0", name="amount"),
        CheckConstraint("(received_at IS NOT NULL) = (state IN ('received', 'returning', 'returned'))", name="received"),
        CheckConstraint("state <> 'received' OR received_vnd >= amount_vnd OR confirmed_by IS NOT NULL", name="whole"),
        CheckConstraint("(kind = 'transfer') = (expires_at IS NOT NULL)", name="expires"),
        Index("ix_payment_request_created_at", "created_at"),
        Index("ix_payment_request_waiting", "cart_id", postgresql_where=text("state = 'waiting'")),
        Index("ix_payment_request_sale_id", "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
        Index(
            "ix_payment_request_open",
            "till_id",
            postgresql_where=text("sale_id IS NULL AND state IN ('waiting', 'received', 'returning')"),
        ),
    )


class PaymentCode(Base):
    """What the payer writes into the transfer, and the QR code that says so; what is short is asked for under another."""

    __tablename__ = "payment_code"

    code: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("payment_request.id", ondelete="RESTRICT"))
    amount_vnd: Mapped[Money]
    payload: Mapped[str]
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("code ~ '^[A-Z0-9]{6,13}$'", name="code"),
        CheckConstraint("amount_vnd > 0", name="amount"),
        Index("ix_payment_code_request_id", "request_id"),
    )


class BankCredit(Base):
    """Money that a provider says has come in; one row for each of its references, however often it calls."""

    __tablename__ = "bank_credit"

    id: Mapped[Key]
    provider: Mapped[str]
    provider_ref: Mapped[str]
    account_no: Mapped[str]
    amount_vnd: Mapped[Money]
    content: Mapped[str]
    code: Mapped[str | None]
    bank_reference: Mapped[str | None]
    transferred_at: Mapped[datetime | None]
    received_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("provider", "provider_ref"),
        CheckConstraint("amount_vnd > 0", name="amount"),
        Index("ix_bank_credit_received_at", "received_at"),
    )


class CreditMatch(Base):
    """What a credit is for, by the code in it or by a person; without a row here or in ``credit_return`` it is open."""

    __tablename__ = "credit_match"

    credit_id: Mapped[UUID] = mapped_column(ForeignKey("bank_credit.id", ondelete="RESTRICT"), primary_key=True)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_request.id", ondelete="RESTRICT"))
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"))
    surplus_vnd: Mapped[Money] = mapped_column(server_default="0")
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    reason: Mapped[str | None]
    matched_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("(request_id IS NULL) <> (sale_id IS NULL)", name="one"),
        CheckConstraint("surplus_vnd >= 0", name="surplus"),
        Index("ix_credit_match_request_id", "request_id"),
    )


class CreditReturn(Base):
    """Money of a credit that went back to its sender: all of it, or what was too much."""

    __tablename__ = "credit_return"

    credit_id: Mapped[UUID] = mapped_column(ForeignKey("bank_credit.id", ondelete="RESTRICT"), primary_key=True)
    amount_vnd: Mapped[Money]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    reason: Mapped[str]
    returned_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("amount_vnd > 0", name="amount"),)


class HookHealth(Base):
    """How a provider's calls fare: when the last good one came, how many were turned away and why."""

    __tablename__ = "hook_health"

    provider: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[Big] = mapped_column(server_default="0")
    last_call_at: Mapped[datetime | None]
    failures: Mapped[Big] = mapped_column(server_default="0")
    last_failure_at: Mapped[datetime | None]
    last_failure: Mapped[str | None]


class SettlementFile(Base):
    """A file of an acquirer about one branch's cards, compared once; the same file again is refused."""

    __tablename__ = "settlement_file"

    id: Mapped[Key]
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    filename: Mapped[str]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    from_on: Mapped[date]
    to_on: Mapped[date]
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    uploaded_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("location_id", "sha256"),)


class SettlementLine(Base):
    """What the bank says and what we have; a difference stands until somebody accepts it with a note."""

    __tablename__ = "settlement_line"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("settlement_file.id", ondelete="RESTRICT"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    occurred_on: Mapped[date]
    reference: Mapped[str]
    bank_vnd: Mapped[Money | None]
    ours_vnd: Mapped[Money | None]
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"))
    outcome: Mapped[str]
    note: Mapped[str | None]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    accepted_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("outcome IN ('matched', 'other_amount', 'missing_here', 'missing_there')", name="outcome"),
        CheckConstraint("(accepted_at IS NULL) = (note IS NULL)", name="accepted"),
    )
