"""Tables of people and devices: company, staff, roles, sessions, tills, audit."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key

ROLES = ("cashier", "store_manager", "warehouse", "marketer", "accountant", "owner", "it")


class Company(Base):
    """The one company of this database, and the incarnation of its data (a restore from backup makes a new one)."""

    __tablename__ = "company"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str]
    tax_code: Mapped[str | None]
    address: Mapped[str | None]
    phone: Mapped[str | None]
    incarnation: Mapped[UUID]
    demo_seed: Mapped[int | None]
    created_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)


class ReceiptKey(Base):
    """The one secret from which tills get the keys that sign their receipts' codes."""

    __tablename__ = "receipt_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    secret: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("octet_length(secret) >= 32", name="secret"),
    )


class Setting(Base):
    """A named value the company may change, such as the cash rounding step."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))


class Staff(Base):
    """A person who works here."""

    __tablename__ = "staff"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    email: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    totp_secret: Mapped[str | None]
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    pin_hash: Mapped[str | None]
    badge_hash: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default="active")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")

    __table_args__ = (
        CheckConstraint("status IN ('active', 'left')", name="status"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )


class StaffRole(Base):
    """A role somebody holds at one branch, or (no location) in the whole chain."""

    __tablename__ = "staff_role"

    id: Mapped[Key]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    role: Mapped[str]
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))

    __table_args__ = (
        CheckConstraint(f"role IN {ROLES}", name="role"),
        Index("uq_staff_role_whole", "staff_id", "role", "location_id", unique=True, postgresql_nulls_not_distinct=True),
    )


class RoleGrant(Base):
    """What a role may do: a verb, and where it matters a limit (basis points of discount, or đồng of refund)."""

    __tablename__ = "role_grant"

    role: Mapped[str] = mapped_column(primary_key=True)
    verb: Mapped[str] = mapped_column(primary_key=True)
    discount_bp_max: Mapped[int | None]
    refund_vnd_max: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        CheckConstraint(f"role IN {ROLES}", name="role"),
        CheckConstraint("discount_bp_max BETWEEN 0 AND 10000", name="discount"),
        CheckConstraint("refund_vnd_max >= 0", name="refund"),
    )


class Till(Base):
    """A device that sells. ``number`` counts in its branch and stands in receipt codes; ``till_no`` in their barcodes."""

    __tablename__ = "till"

    id: Mapped[Key]
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(SmallInteger)
    till_no: Mapped[int] = mapped_column(SmallInteger, unique=True)
    name: Mapped[str]
    epoch: Mapped[int] = mapped_column(server_default="1")
    last_opening: Mapped[int] = mapped_column(server_default="0")
    status: Mapped[str] = mapped_column(server_default="active")
    public_key: Mapped[str | None]
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    paired_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    app_version: Mapped[str | None]
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")

    __table_args__ = (
        CheckConstraint("status IN ('active', 'lost', 'retired')", name="status"),
        CheckConstraint("till_no BETWEEN 1 AND 9999", name="till_no"),
        CheckConstraint("epoch BETWEEN 1 AND 99", name="epoch"),
        Index("uq_till_location_number", "location_id", "number", unique=True),
    )


class TillEpoch(Base):
    """One life of a till's storage. ``last_receipt_no`` is the highest number accepted or voided: gapless by rule.

    Requests for holds up to ``settled_no`` are over: one that still arrives is ignored.
    """

    __tablename__ = "till_epoch"

    till_id: Mapped[UUID] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    receipt_prefix: Mapped[str] = mapped_column(unique=True)
    last_receipt_no: Mapped[int] = mapped_column(server_default="0")
    posted_seq: Mapped[Big] = mapped_column(server_default="0")
    posted_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    reported_head_seq: Mapped[Big] = mapped_column(server_default="0")
    settled_no: Mapped[int] = mapped_column(server_default="0")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class PairingCode(Base):
    """A short-lived code that makes a device a till, once; made by somebody in the office or (none) at the console."""

    __tablename__ = "pairing_code"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    till_id: Mapped[UUID | None] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    till_name: Mapped[str]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffSession(Base):
    """Somebody signed in: in the office by password, or at a till by PIN."""

    __tablename__ = "staff_session"

    id: Mapped[Key]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    till_id: Mapped[UUID | None] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    ip: Mapped[str | None]
    user_agent: Mapped[str | None]

    __table_args__ = (Index("ix_staff_session_staff_id", "staff_id"),)


class AttemptLimit(Base):
    """Failed attempts per subject (an e-mail, an address, a till and a person), so that guessing is slow."""

    __tablename__ = "attempt_limit"

    subject: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    window_starts_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class Approval(Base):
    """Somebody agreed at a till, with their PIN or badge, to what another asked for there: once, for a few minutes.

    The limits are those the approver had when they agreed.
    """

    __tablename__ = "approval"

    id: Mapped[Key]
    till_id: Mapped[UUID] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    verb: Mapped[str]
    about: Mapped[str]
    discount_bp_max: Mapped[int | None]
    refund_vnd_max: Mapped[int | None] = mapped_column(BigInteger)
    given_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("expires_at > given_at", name="period"),
        Index("ix_approval_till_given_at", "till_id", "given_at"),
    )


class AuditLog(Base):
    """Who did what, when and from where. Append only: a trigger refuses updates and deletes."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    staff_id: Mapped[UUID | None]
    till_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    ip: Mapped[str | None]
    request_id: Mapped[str | None]

    __table_args__ = (Index("ix_audit_log_subject", "subject_type", "subject_id", "id"),)
