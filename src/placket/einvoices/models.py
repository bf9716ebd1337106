"""Tables of e-invoices: the terms of a time, who numbers, the documents (append only), their delivery, their buyers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Key, Money

STATES = ("waiting", "accepted", "rejected", "replaced")


class EinvoiceTerms(Base):
    """What the law and the tax authority say from a day on: symbols, the company's own signs, until when a buyer may ask.

    No terms before the first day: sales of then have no e-invoice of ours.
    """

    __tablename__ = "einvoice_terms"

    from_on: Mapped[date] = mapped_column(primary_key=True)
    form: Mapped[int] = mapped_column(SmallInteger)
    letter_store: Mapped[str]
    letter_web: Mapped[str]
    own_signs: Mapped[str]
    authority_signs: Mapped[str]
    buyer_minutes: Mapped[int]
    closes_at: Mapped[str]
    legal_basis: Mapped[str]
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    written_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("form BETWEEN 1 AND 9", name="form"),
        CheckConstraint("letter_store IN ('M', 'T') AND letter_web IN ('M', 'T')", name="letters"),
        CheckConstraint("own_signs ~ '^[A-Z]{2}$'", name="own_signs"),
        CheckConstraint("authority_signs ~ '^[A-Z0-9]{5}$'", name="authority_signs"),
        CheckConstraint("buyer_minutes BETWEEN 0 AND 1440", name="buyer_minutes"),
        CheckConstraint("closes_at ~ '^[0-2][0-9]:[0-5][0-9]$'", name="closes_at"),
    )


class EinvoiceBlock(Base):
    """A million numbers of the authority's range that one journal of a till gives out by itself, or the server."""

    __tablename__ = "einvoice_block"

    owner: Mapped[str] = mapped_column(primary_key=True)
    block: Mapped[int] = mapped_column(unique=True)
    used: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (CheckConstraint("block BETWEEN 0 AND 99999", name="block"),)


class EinvoiceSerial(Base):
    """The last number of a serial; a serial begins anew each year."""

    __tablename__ = "einvoice_serial"

    serial: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]

    __table_args__ = (CheckConstraint("last BETWEEN 0 AND 99999999", name="last"),)


class Einvoice(Base):
    """A document as it was issued. ``refers_to`` is the one that it adjusts or replaces; nothing in it ever changes."""

    __tablename__ = "einvoice"

    id: Mapped[Key]
    sale_id: Mapped[UUID] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"))
    kind: Mapped[str]
    refers_to: Mapped[UUID | None] = mapped_column(ForeignKey("einvoice.id", ondelete="RESTRICT"))
    reason: Mapped[str | None]
    form: Mapped[int] = mapped_column(SmallInteger)
    serial: Mapped[str]
    number: Mapped[int]
    code: Mapped[str | None]
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    made_at: Mapped[datetime]
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    seller: Mapped[dict[str, Any]] = mapped_column(JSONB)
    place: Mapped[dict[str, Any]] = mapped_column(JSONB)
    buyer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    lines: Mapped[list[Any]] = mapped_column(JSONB)
    vat: Mapped[list[Any]] = mapped_column(JSONB)
    net_vnd: Mapped[Money]
    vat_vnd: Mapped[Money]
    total_vnd: Mapped[Money]
    total_words: Mapped[str]

    __table_args__ = (
        CheckConstraint("kind IN ('original', 'adjusting', 'replacing')", name="kind"),
        CheckConstraint("(kind = 'original') = (refers_to IS NULL)", name="refers_to"),
        CheckConstraint("total_vnd = net_vnd + vat_vnd", name="total"),
        CheckConstraint("serial ~ '^[CK][0-9]{2}[MT][A-Z]{2}$'", name="serial"),
        Index("uq_einvoice_serial_number", "serial", "number", unique=True),
        Index("uq_einvoice_code", "code", unique=True),
        Index("ix_einvoice_sale_id", "sale_id"),
        Index("uq_einvoice_original", "sale_id", unique=True, postgresql_where=text("kind = 'original'")),
        Index("uq_einvoice_adjusting", "sale_id", "refers_to", unique=True, postgresql_where=text("kind = 'adjusting'")),
        Index("uq_einvoice_replacing", "refers_to", unique=True, postgresql_where=text("kind = 'replacing'")),
        Index("ix_einvoice_issued_at", "issued_at", "id"),
        Index("ix_einvoice_refers_to", "refers_to", postgresql_where=text("refers_to IS NOT NULL")),
    )


class EinvoiceDelivery(Base):
    """How far a document has come at the provider; ``code`` is what the authority gave where it gives it."""

    __tablename__ = "einvoice_delivery"

    einvoice_id: Mapped[UUID] = mapped_column(ForeignKey("einvoice.id", ondelete="RESTRICT"), primary_key=True)
    state: Mapped[str]
    tries: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[datetime]
    code: Mapped[str | None]
    failure: Mapped[str | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_einvoice_delivery_waiting", "next_try_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_einvoice_delivery_rejected", "einvoice_id", postgresql_where=text("state = 'rejected'")),
    )


class EinvoiceBuyer(Base):
    """A company that asked for a sale's invoice in its name before the invoice was made."""

    __tablename__ = "einvoice_buyer"

    sale_id: Mapped[UUID] = mapped_column(ForeignKey("sale.id", ondelete="RESTRICT"), primary_key=True)
    tax_code: Mapped[str]
    name: Mapped[str]
    address: Mapped[str]
    email: Mapped[str | None]
    asked_at: Mapped[datetime]
