"""Tables of promotions: what is drafted, every version that was ever in force, what limits have used up, vouchers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key, Money

STATES = ("draft", "live", "stopped")


class PromoState(Base):
    """The one row every publication takes first: the number of the book of promotions in force."""

    __tablename__ = "promo_state"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    promo_version: Mapped[Big]

    __table_args__ = (CheckConstraint("id = 1", name="single"),)


class PromotionDraft(Base):
    """A promotion as its keeper sees it: the text being worked on, and which version of it is in force."""

    __tablename__ = "promotion"

    id: Mapped[Key]
    name_vi: Mapped[str]
    name_en: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="draft")
    terms: Mapped[dict[str, Any]]
    limits: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(server_default="0")
    row_version: Mapped[Big] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    changed_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("(version = 0) = (state = 'draft')", name="published"),
    )


class PromotionVersion(Base):
    """What was published, word for word. Append only: receipts are priced again by it years later."""

    __tablename__ = "promotion_version"

    promotion_id: Mapped[UUID] = mapped_column(ForeignKey("promotion.id", ondelete="RESTRICT"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    name_vi: Mapped[str]
    name_en: Mapped[str]
    terms: Mapped[dict[str, Any]]
    limits: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))


class PromoBookEntry(Base):
    """One change of the book: from ``promo_version`` on a promotion runs in this version, or (none) not at all."""

    __tablename__ = "promo_book_entry"

    promo_version: Mapped[Big] = mapped_column(primary_key=True)
    promotion_id: Mapped[UUID] = mapped_column(ForeignKey("promotion.id", ondelete="RESTRICT"))
    version: Mapped[int | None]
    at: Mapped[datetime]
    by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))

    __table_args__ = (Index("ix_promo_book_entry_promotion_id", "promotion_id", "promo_version"),)


class PromotionLimit(Base):
    """What a promotion may still give, counted in the sales' own transactions; a row only where there is a limit."""

    __tablename__ = "promotion_limit"

    promotion_id: Mapped[UUID] = mapped_column(ForeignKey("promotion.id", ondelete="RESTRICT"), primary_key=True)
    uses_max: Mapped[int | None]
    pieces_max: Mapped[int | None]
    budget_vnd: Mapped[int | None] = mapped_column(BigInteger)
    uses_a_customer: Mapped[int | None]
    pieces_a_customer: Mapped[int | None]
    uses: Mapped[int] = mapped_column(server_default="0")
    pieces: Mapped[int] = mapped_column(server_default="0")
    spent_vnd: Mapped[Money] = mapped_column(server_default="0")
    version: Mapped[Big] = mapped_column(server_default="1")

    __table_args__ = (CheckConstraint("uses >= 0 AND pieces >= 0 AND spent_vnd >= 0", name="not_negative"),)


class PromotionUse(Base):
    """What a promotion took off one sale, and how much of its limits that used. Taken back when the sale is void."""

    __tablename__ = "promotion_use"

    sale_id: Mapped[UUID] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"), primary_key=True)
    promotion_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    uses: Mapped[int]
    pieces: Mapped[int]
    amount_vnd: Mapped[Money]

    __table_args__ = (
        ForeignKeyConstraint(
            ["promotion_id", "version"], ["promotion_version.promotion_id", "promotion_version.version"], ondelete="RESTRICT"
        ),
        Index("ix_promotion_use_promotion_id", "promotion_id", "customer_id"),
    )


class VoucherBatch(Base):
    """Vouchers that open one promotion, issued together: to anybody who holds the code, or each to one customer."""

    __tablename__ = "voucher_batch"

    id: Mapped[Key]
    promotion_id: Mapped[UUID] = mapped_column(ForeignKey("promotion.id", ondelete="RESTRICT"))
    name: Mapped[str]
    kind: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))

    __table_args__ = (
        CheckConstraint("kind IN ('bearer', 'personal')", name="kind"),
        CheckConstraint("ends_at > starts_at", name="period"),
        Index("ix_voucher_batch_promotion_id", "promotion_id"),
    )


class Voucher(Base):
    """One code, good for one sale. ``sale_id`` is the sale it stands in; the ledger says how it came there.

    While a sale is being paid it is held for it: ``held_for`` is its id to be, ``held_by`` the till that asked.
    """

    __tablename__ = "voucher"

    id: Mapped[Key]
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("voucher_batch.id", ondelete="RESTRICT"))
    code: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    state: Mapped[str] = mapped_column(server_default="issued")
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"))
    held_for: Mapped[UUID | None]
    held_until: Mapped[datetime | None]
    held_by: Mapped[UUID | None] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))

    __table_args__ = (
        CheckConstraint(
            "(state = 'held') = (held_for IS NOT NULL) AND (held_for IS NULL) = (held_until IS NULL)", name="held"
        ),
        Index("ix_voucher_held_until", "held_until", postgresql_where=text("held_until IS NOT NULL")),
        Index("ix_voucher_held_by", "held_by", postgresql_where=text("held_by IS NOT NULL")),
        CheckConstraint("state IN ('issued', 'held', 'redeemed', 'blocked')", name="state"),
        CheckConstraint("(state = 'redeemed') = (sale_id IS NOT NULL)", name="redeemed"),
        CheckConstraint("code ~ '^03[0-9]{13}$'", name="code"),
        Index("ix_voucher_batch_id", "batch_id"),
        Index("ix_voucher_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        Index("ix_voucher_sale_id", "sale_id", postgresql_where=text("sale_id IS NOT NULL")),
    )


class VoucherEntry(Base):
    """The ledger of a voucher: issued, held, released, redeemed, restored, blocked. Append only."""

    __tablename__ = "voucher_entry"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    voucher_id: Mapped[UUID] = mapped_column(ForeignKey("voucher.id", ondelete="RESTRICT"))
    kind: Mapped[str]
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("kind IN ('issue', 'hold', 'release', 'redeem', 'restore', 'block')", name="kind"),
        Index("ix_voucher_entry_voucher_id", "voucher_id", "id"),
    )


class PromotionHeard(Base):
    """Which book of promotions a till has confirmed to hold."""

    __tablename__ = "promotion_heard"

    till_id: Mapped[UUID] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"), primary_key=True)
    promo_version: Mapped[Big]
    skipped: Mapped[list[Any]] = mapped_column(JSONB)
    at: Mapped[datetime]
