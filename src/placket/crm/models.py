"""Tables of customers: who they are, what they have agreed to, where they buy, and the account that is locked for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key, Money
from placket.events import Xid8

FIRST_NUMBER = 100_000_001


class Customer(Base):
    """A person who buys, known by a phone number. ``merged_into`` makes this id an alias of the person it names.

    An alias names a survivor and never another alias. A birthday is a day and a month: nobody needs the year. ``language``
    is the one they read; none is known of most, who are written to in Vietnamese.
    """

    __tablename__ = "customer"

    id: Mapped[Key]
    member_no: Mapped[int] = mapped_column(BigInteger, Identity(start=FIRST_NUMBER))
    full_name: Mapped[str]
    given_name: Mapped[str]
    folded_name: Mapped[str] = mapped_column(Computed("f_fold(full_name)", persisted=True))
    phone: Mapped[str | None]
    email: Mapped[str | None]
    birth_day: Mapped[int | None] = mapped_column(SmallInteger)
    birth_month: Mapped[int | None] = mapped_column(SmallInteger)
    note: Mapped[str | None]
    language: Mapped[str | None]
    home_location_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(r"phone ~ '^\+[0-9]{8,15}$'", name="phone_e164"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("member_no BETWEEN 100000001 AND 999999999", name="member_no"),
        CheckConstraint(
            "(birth_day IS NULL) = (birth_month IS NULL) AND birth_day BETWEEN 1 AND 31 AND birth_month BETWEEN 1 AND 12",
            name="birthday",
        ),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        CheckConstraint("merged_into <> id", name="merged_into"),
        Index("uq_customer_phone", "phone", unique=True, postgresql_where=text("merged_into IS NULL")),
        Index("uq_customer_member_no", "member_no", unique=True),
        Index(
            "ix_customer_given_name",
            "given_name",
            "id",
            postgresql_include=["folded_name"],
            postgresql_where=text("merged_into IS NULL"),
        ),
        # Who may be the same person: one name and birthday at one branch, or one address.
        Index(
            "ix_customer_same_name",
            "folded_name",
            "birth_month",
            "birth_day",
            "home_location_id",
            postgresql_where=text("merged_into IS NULL"),
        ),
        Index("ix_customer_email", "email", postgresql_where=text("merged_into IS NULL AND email IS NOT NULL")),
        Index("ix_customer_phone_end", literal_column("right(phone, 4)").label("phone_end")),
        Index("ix_customer_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index(
            "ix_customer_name_trigram",
            "folded_name",
            postgresql_using="gin",
            postgresql_ops={"folded_name": "gin_trgm_ops"},
        ),
    )


class CustomerAccount(Base):
    """What a customer has with us, one row each (a trigger makes it): the only lock that loyalty and credit take.

    ``points`` are the sum of the point ledger, ``credit_vnd`` of the credit ledger; ``credit_held_vnd`` is held for sales.
    ``earns`` says that consent to loyalty is in force, ``profiled`` that nobody has
    switched personalisation off. ``changed_xid`` is what a till's cursor is compared with.
    """

    __tablename__ = "customer_account"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True)
    points: Mapped[int] = mapped_column(server_default="0")
    credit_vnd: Mapped[Money] = mapped_column(server_default="0")
    credit_held_vnd: Mapped[Money] = mapped_column(server_default="0")
    earns: Mapped[bool] = mapped_column(server_default="false")
    profiled: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[Big] = mapped_column(server_default="1")
    changed_xid: Mapped[int] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))

    __table_args__ = (
        CheckConstraint("points >= 0", name="points"),
        CheckConstraint("credit_held_vnd >= 0 AND credit_vnd >= credit_held_vnd", name="credit"),
        Index("ix_customer_account_changed_xid", "changed_xid"),
        Index("ix_customer_account_unprofiled", "customer_id", postgresql_where=text("NOT profiled")),
    )


class CustomerBranch(Base):
    """A branch that knows a customer: their home (with no sale yet), or where they have bought."""

    __tablename__ = "customer_branch"

    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True)
    last_sold_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_customer_branch_customer_id", "customer_id"),)


class Consent(Base):
    """What somebody has agreed to, or taken back: for what, in which words, before whom. Append only; the last counts.

    ``channel`` is where it was said. ``way`` narrows a word about marketing to one channel of messages; none means all.
    """

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    purpose: Mapped[str]
    granted: Mapped[bool]
    channel: Mapped[str]
    text_version: Mapped[str]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    till_id: Mapped[UUID | None] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    given_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    way: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("way IS NULL OR (way IN ('email', 'sms', 'zalo', 'push') AND purpose = 'marketing')", name="way"),
        CheckConstraint("purpose IN ('loyalty', 'marketing', 'personalisation')", name="purpose"),
        CheckConstraint("channel IN ('till', 'office', 'web', 'import')", name="channel"),
        Index("ix_consent_customer_id", "customer_id"),
    )


class MarketingConsent(Base):
    """Consent to advertising that is in force, a row a channel, with the word that gave it.

    A trigger on ``consent`` keeps it. A message that advertises points here as long as it waits.
    """

    __tablename__ = "marketing_consent"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    consent_id: Mapped[int] = mapped_column(ForeignKey("consent.id", ondelete="RESTRICT"))
    since: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("channel IN ('email', 'sms', 'zalo', 'push')", name="channel"),
        Index("ix_marketing_consent_consent_id", "consent_id"),
        Index("ix_marketing_consent_since", "since"),
    )
