"""Tables of stock: where goods can be, the balance, the append-only ledger, promises and openings."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key

LEDGER_KINDS = ("opening", "sale", "return", "void", "receipt", "transfer_out", "transfer_in", "adjustment", "count")


class Location(Base):
    """A branch (has tills) or a depot (has none: books and row locks are enough for its promises).

    Two more are places of the books (``status`` books): goods on the way, and damaged ones. Nothing is sold, promised or
    counted there.
    """

    __tablename__ = "location"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    city: Mapped[str]
    address: Mapped[str | None]
    phone: Mapped[str | None]
    position: Mapped[int]
    board_no: Mapped[Big] = mapped_column(server_default="0")
    incarnation: Mapped[int] = mapped_column(server_default="1")
    # After a restore: the newest board of the lost history whose promises are known here.
    rebuilt_incarnation: Mapped[int | None]
    rebuilt_no: Mapped[int | None] = mapped_column(BigInteger)
    opening_hours: Mapped[dict[str, Any]]
    opened_on: Mapped[datetime]
    status: Mapped[str] = mapped_column(server_default="active")

    __table_args__ = (
        CheckConstraint("kind IN ('branch', 'depot', 'transit', 'damaged')", name="kind"),
        CheckConstraint("status IN ('active', 'closed', 'books')", name="status"),
        CheckConstraint("code ~ '^[A-Z0-9]{2,8}$'", name="code"),
    )


class Stock(Base):
    """The balance of a variant at a location. ``free = on_hand - promised - asked``.

    ``bagged`` of the promised pieces lie in bags of their own: a cashier cannot take those for others.
    """

    __tablename__ = "stock"

    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"), primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(server_default="0")
    promised: Mapped[int] = mapped_column(server_default="0")
    bagged: Mapped[int] = mapped_column(server_default="0")
    asked: Mapped[int] = mapped_column(server_default="0")
    short: Mapped[int] = mapped_column(server_default="0")
    count_no: Mapped[int] = mapped_column(server_default="0")
    counted_at: Mapped[datetime | None]
    version: Mapped[Big] = mapped_column(server_default="0")

    __table_args__ = (
        CheckConstraint(
            "promised >= 0 AND asked >= 0 AND short >= 0 AND on_hand + short >= promised", name="promises_have_pieces"
        ),
        CheckConstraint("bagged BETWEEN 0 AND promised", name="bagged"),
        Index("ix_stock_variant_id", "variant_id"),
        # Balances change in place many times a day: room on the page keeps the updates off the indexes.
        {"postgresql_with": {"fillfactor": "70"}},
    )


class StockLedger(Base):
    """Every change of a balance, with its document, person and device. Append only: a trigger refuses the rest."""

    __tablename__ = "stock_ledger"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    location_id: Mapped[UUID]
    variant_id: Mapped[UUID]
    qty: Mapped[int]
    kind: Mapped[str]
    ref: Mapped[UUID]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    till_id: Mapped[UUID | None] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    epoch: Mapped[int | None]
    seq: Mapped[Big | None]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))

    __table_args__ = (
        CheckConstraint("qty <> 0", name="moves"),
        CheckConstraint(f"kind IN {LEDGER_KINDS}", name="kind"),
        ForeignKeyConstraint(["location_id", "variant_id"], ["stock.location_id", "stock.variant_id"], ondelete="RESTRICT"),
        Index("ix_stock_ledger_location_variant", "location_id", "variant_id", "id"),
        Index("ix_stock_ledger_ref", "ref"),
    )


class StockDoubt(Base):
    """A balance nobody trusts: it takes no new promise until a count, a journal or a signed assertion closes it."""

    __tablename__ = "stock_doubt"

    id: Mapped[Key]
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    variant_id: Mapped[UUID | None] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"))
    reason: Mapped[str]
    ref: Mapped[str | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    # Open in a backup that was restored: who closed it afterwards belongs to a history that is gone.
    only_count: Mapped[bool] = mapped_column(Boolean, server_default="false")

    __table_args__ = (
        CheckConstraint("reason IN ('lost_till', 'quarantine', 'not_found', 'before_count')", name="reason"),
        CheckConstraint("closed_by IN ('count', 'journal', 'assertion')", name="closed_by"),
        Index("ix_stock_doubt_open", "location_id", "variant_id", postgresql_where=text("closed_at IS NULL")),
    )


class Promise(Base):
    """Pieces kept for somebody who is not in the shop: an order, a pick-up, a transfer, a hold.

    ``code`` is what its customer shows (one for a whole order), ``bag_code`` lies on its bag. ``search_at`` says since when
    somebody is asked to look for it; ``moved_from`` names the promise at another place that it follows.
    """

    __tablename__ = "promise"

    id: Mapped[Key]
    ref: Mapped[UUID]
    kind: Mapped[str]
    location_id: Mapped[UUID]
    variant_id: Mapped[UUID]
    qty: Mapped[int]
    phase: Mapped[str]
    asked_no: Mapped[Big | None]
    code: Mapped[str | None]
    bag_code: Mapped[str | None]
    paid: Mapped[bool] = mapped_column(Boolean, server_default="false")
    pay_by: Mapped[datetime | None]
    created_at: Mapped[datetime]
    held_for: Mapped[str | None]
    held_phone: Mapped[str | None]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    held_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    asked_from: Mapped[UUID | None] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    sale_id: Mapped[UUID | None] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"))
    moved_from: Mapped[UUID | None] = mapped_column(ForeignKey("promise.id", ondelete="RESTRICT"))
    search_at: Mapped[datetime | None]
    version: Mapped[Big] = mapped_column(server_default="1")

    __table_args__ = (
        CheckConstraint("qty > 0", name="qty"),
        CheckConstraint("kind IN ('ship', 'collect', 'transfer', 'hold')", name="kind"),
        CheckConstraint(
            "phase IN ('asked', 'confirmed', 'bagged', 'to_scan_back', 'shipped', 'collected', 'declined', "
            "'released', 'moved', 'refunded')",
            name="phase",
        ),
        ForeignKeyConstraint(["location_id", "variant_id"], ["stock.location_id", "stock.variant_id"], ondelete="RESTRICT"),
        Index("ix_promise_ref", "ref"),
        Index(
            "ix_promise_open",
            "location_id",
            "variant_id",
            postgresql_where=text("phase IN ('asked', 'confirmed', 'bagged', 'to_scan_back')"),
        ),
        Index("ix_promise_pay_by", "pay_by", postgresql_where=text("phase = 'confirmed' AND NOT paid")),
        Index("ix_promise_code", "code"),
        Index("uq_promise_bag_code", "bag_code", unique=True),
        Index("uq_promise_moved_from", "moved_from", unique=True),
        Index(
            "ix_promise_to_move",
            "id",
            postgresql_where=text("phase = 'moved' OR (phase = 'declined' AND moved_from IS NOT NULL)"),
        ),
        Index("ix_promise_search_at", "search_at", postgresql_where=text("search_at IS NOT NULL AND phase = 'confirmed'")),
    )


class SearchDue(Base):
    """A variant whose promised pieces are to be looked for: something was sold that books or a promise did not let go."""

    __tablename__ = "search_due"

    location_id: Mapped[UUID] = mapped_column(primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (
        ForeignKeyConstraint(["location_id", "variant_id"], ["stock.location_id", "stock.variant_id"], ondelete="RESTRICT"),
    )


class PromiseWord(Base):
    """A till's word that it holds a promise; belongs to one question."""

    __tablename__ = "promise_word"

    promise_id: Mapped[UUID] = mapped_column(ForeignKey("promise.id", ondelete="RESTRICT"), primary_key=True)
    till_id: Mapped[UUID] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"), primary_key=True)
    opening: Mapped[int] = mapped_column(primary_key=True)
    head_seq: Mapped[Big]
    in_hand: Mapped[int] = mapped_column(server_default="0")


class TillOpening(Base):
    """One working period of a till, from attach to sign-off, numbered by the till for life."""

    __tablename__ = "till_opening"

    till_id: Mapped[UUID] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"), primary_key=True)
    opening: Mapped[int] = mapped_column(primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    epoch: Mapped[int]
    state: Mapped[str]
    attached_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    asserted_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))

    __table_args__ = (
        CheckConstraint("state IN ('attached', 'closed', 'ended')", name="state"),
        CheckConstraint("end_reason IN ('signed_off', 'replaced', 'lost', 'asserted', 'restored')", name="end_reason"),
        Index("uq_till_opening_attached", "till_id", unique=True, postgresql_where=text("state = 'attached'")),
        Index("ix_till_opening_location", "location_id", postgresql_where=text("state = 'attached'")),
    )


class TillReturn(Base):
    """A till that was registered when the server was restored, until it has attached again or is declared lost."""

    __tablename__ = "till_return"

    till_id: Mapped[UUID] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    epoch: Mapped[int]
    since: Mapped[datetime]
    returned_at: Mapped[datetime | None]
    how: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("how IN ('attached', 'lost') AND (how IS NULL) = (returned_at IS NULL)", name="how"),
        Index("ix_till_return_missing", "location_id", postgresql_where=text("returned_at IS NULL")),
    )


class StockDocument(Base):
    """A reason for stock to change that is not a sale: opening balance, receipt, adjustment. One ledger ref."""

    __tablename__ = "stock_document"

    id: Mapped[Key]
    kind: Mapped[str]
    reason: Mapped[str]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    # The transfer whose goods it moves.
    belongs_to: Mapped[UUID | None]

    __table_args__ = (
        CheckConstraint(f"kind IN {LEDGER_KINDS}", name="kind"),
        Index("ix_stock_document_belongs_to", "belongs_to", postgresql_where=text("belongs_to IS NOT NULL")),
    )


class ExceptionLog(Base):
    """Something the books could not keep silent about; a human closes it."""

    __tablename__ = "exception_log"

    id: Mapped[Key]
    kind: Mapped[str]
    severity: Mapped[str]
    refs: Mapped[dict[str, Any]]
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    variant_id: Mapped[UUID | None] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"))
    qty: Mapped[int | None]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    state: Mapped[str] = mapped_column(server_default="open")
    opened_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    closed_at: Mapped[datetime | None]
    # What it comes from (a transfer), who has to see to it, and by when.
    belongs_to: Mapped[UUID | None]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    due_on: Mapped[date | None]

    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("severity IN ('info', 'warning', 'urgent')", name="severity"),
        Index("ix_exception_log_open", "location_id", "variant_id", postgresql_where=text("state = 'open'")),
        Index("ix_exception_log_belongs_to", "belongs_to", postgresql_where=text("belongs_to IS NOT NULL")),
    )
