"""Tables of goods in: suppliers, what was ordered, what came, what was sent back at the door, and what goods cost."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from placket.core.db import Base, Big, Key, Money


class Supplier(Base):
    """Somebody who sells goods to the chain."""

    __tablename__ = "supplier"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str | None]
    tax_code: Mapped[str | None]
    note: Mapped[str | None]
    created_at: Mapped[datetime]


class PurchaseOrder(Base):
    """Goods ordered from a supplier for one place."""

    __tablename__ = "purchase_order"

    id: Mapped[Key]
    number: Mapped[Big] = mapped_column(unique=True)
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("supplier.id", ondelete="RESTRICT"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    state: Mapped[str] = mapped_column(server_default="open")
    note: Mapped[str | None]
    expected_on: Mapped[date | None]
    ordered_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('open', 'part', 'done', 'closed')", name="state"),
        Index("ix_purchase_order_location_id", "location_id", "id"),
        Index("ix_purchase_order_supplier_id", "supplier_id"),
    )


class PurchaseLine(Base):
    """Pieces of a variant on an order, at what a piece costs; ``received`` may pass ``ordered``, for it came."""

    __tablename__ = "purchase_line"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("purchase_order.id", ondelete="RESTRICT"), primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"), primary_key=True)
    ordered: Mapped[int]
    unit_cost_vnd: Mapped[Money]
    received: Mapped[int] = mapped_column(server_default="0")
    rejected: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (
        CheckConstraint("ordered > 0 AND unit_cost_vnd >= 0 AND received >= 0 AND rejected >= 0", name="amounts"),
        Index("ix_purchase_line_variant_id", "variant_id"),
    )


class GoodsReceipt(Base):
    """Goods that came in at a place, with or without an order. Its id is that of its stock document."""

    __tablename__ = "goods_receipt"

    id: Mapped[UUID] = mapped_column(ForeignKey("stock_document.id", ondelete="RESTRICT"), primary_key=True)
    number: Mapped[Big] = mapped_column(unique=True)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("purchase_order.id", ondelete="RESTRICT"))
    supplier_id: Mapped[UUID | None] = mapped_column(ForeignKey("supplier.id", ondelete="RESTRICT"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="RESTRICT"))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="RESTRICT"))
    till_id: Mapped[UUID | None] = mapped_column(ForeignKey("till.id", ondelete="RESTRICT"))
    received_at: Mapped[datetime]
    note: Mapped[str | None]
    fingerprint: Mapped[bytes]

    __table_args__ = (
        Index("ix_goods_receipt_location_id", "location_id", "id"),
        Index("ix_goods_receipt_order_id", "order_id", postgresql_where=text("order_id IS NOT NULL")),
    )


class ReceiptLine(Base):
    """What came of a variant, what was sent back at the door and why, and what it did to the cost of a piece."""

    __tablename__ = "receipt_line"

    receipt_id: Mapped[UUID] = mapped_column(ForeignKey("goods_receipt.id", ondelete="RESTRICT"), primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"), primary_key=True)
    accepted: Mapped[int]
    rejected: Mapped[int]
    reason: Mapped[str | None]
    unit_cost_vnd: Mapped[int | None] = mapped_column(BigInteger)
    pieces_before: Mapped[int]
    cost_before_vnd: Mapped[Money]
    cost_after_vnd: Mapped[Money]

    __table_args__ = (
        CheckConstraint("accepted >= 0 AND rejected >= 0 AND accepted + rejected > 0", name="pieces"),
        CheckConstraint("(rejected > 0) = (reason IS NOT NULL)", name="reason"),
        Index("ix_receipt_line_variant_id", "variant_id"),
    )


class VariantCost(Base):
    """What a piece of a variant costs on average, everywhere; changes with every receipt that names a cost."""

    __tablename__ = "variant_cost"

    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id", ondelete="RESTRICT"), primary_key=True)
    average_vnd: Mapped[Money]
    changed_at: Mapped[datetime]
