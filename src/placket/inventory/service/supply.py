"""Goods in: orders to suppliers, what comes of them or without one, what is sent back at the door, and what goods cost.

Receiving records what lies on the table. Lock order: the order, costs by variant, stock rows by (variant, location).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket.core.refusals import NotFound
from placket.inventory.models import Location
from placket.inventory.refusals import DocumentIdReused, NothingMoves, OrderClosed, SupplierNameTaken
from placket.inventory.rules import average_cost
from placket.inventory.service.moves import By, Move, adjust, refuse_unknown
from placket.inventory.supply_models import GoodsReceipt, PurchaseLine, PurchaseOrder, ReceiptLine, Supplier, VariantCost


@dataclass(frozen=True, slots=True)
class Ordered:
    """Pieces of a variant to order, and what one costs."""

    variant_id: UUID
    qty: int
    unit_cost_vnd: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of a variant: taken in, sent back at the door with a reason, and what a piece costs if somebody says so."""

    variant_id: UUID
    accepted: int
    rejected: int = 0
    reason: str | None = None
    unit_cost_vnd: int | None = None


def add_supplier(
    tx: Session, *, supplier_id: UUID, name: str, phone: str | None, tax_code: str | None, note: str | None, now: datetime
) -> Supplier:
    """A new supplier; asked again it answers the same. Refuses ``SupplierNameTaken``."""
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('placket.supplier'))"))
    known = tx.get(Supplier, supplier_id)
    if known is not None:
        return known
    if tx.scalar(select(Supplier.id).where(Supplier.name == name)) is not None:
        raise SupplierNameTaken(taken=name)
    supplier = Supplier(id=supplier_id, name=name, phone=phone, tax_code=tax_code, note=note, created_at=now)
    tx.add(supplier)
    tx.flush()
    return supplier


def order_goods(
    tx: Session,
    *,
    order_id: UUID,
    supplier_id: UUID,
    location_id: UUID,
    lines: Sequence[Ordered],
    note: str | None,
    expected_on: date | None,
    staff_id: UUID,
    now: datetime,
) -> PurchaseOrder:
    """Order goods for a place; asked again it answers the same order.

    Refuses ``NotFound``, ``NothingMoves``, ``UnknownGoods``, ``DocumentIdReused``.
    """
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:ref, 0))"), {"ref": str(order_id)})
    known = tx.get(PurchaseOrder, order_id)
    if known is not None:
        kept = tx.scalars(select(PurchaseLine).where(PurchaseLine.order_id == order_id))
        said = {Ordered(line.variant_id, line.ordered, line.unit_cost_vnd) for line in kept}
        if (known.supplier_id, known.location_id, said) != (supplier_id, location_id, set(lines)):
            raise DocumentIdReused
        return known
    place = tx.get(Location, location_id)
    if place is None or place.status != "active" or tx.get(Supplier, supplier_id) is None:
        raise NotFound
    if len({line.variant_id for line in lines}) != len(lines) or any(line.qty <= 0 for line in lines):
        raise NothingMoves
    refuse_unknown(tx, [line.variant_id for line in lines])
    order = PurchaseOrder(
        id=order_id,
        number=tx.scalars(text("SELECT nextval('purchase_no')")).one(),
        supplier_id=supplier_id,
        location_id=location_id,
        state="open",
        note=note,
        expected_on=expected_on,
        ordered_by=staff_id,
        created_at=now,
    )
    tx.add(order)
    tx.flush()
    tx.add_all(
        PurchaseLine(order_id=order_id, variant_id=line.variant_id, ordered=line.qty, unit_cost_vnd=line.unit_cost_vnd)
        for line in lines
    )
    tx.flush()
    return order


def close_order(tx: Session, *, order_id: UUID, now: datetime) -> PurchaseOrder:
    """Nothing more will come of an order. Refuses ``NotFound``, ``OrderClosed``."""
    order = _open_order(tx, order_id)
    order.state, order.closed_at = "closed", now
    return order


def receive_goods(
    tx: Session,
    *,
    receipt_id: UUID,
    location_id: UUID,
    order_id: UUID | None,
    supplier_id: UUID | None,
    lines: Sequence[Delivered],
    note: str | None,
    by: By,
    now: datetime,
) -> GoodsReceipt:
    """Take goods in, with or without an order; under the same id it is done once.

    What is accepted is free to sell at once; what is rejected never was ours and stays out of the books. More than was
    ordered comes in all the same. Refuses ``NotFound``, ``NothingMoves``, ``OrderClosed``, ``UnknownGoods``,
    ``DocumentIdReused``.
    """
    assert by.staff_id is not None, "a person takes goods in"
    known, print_of = _known_receipt(tx, receipt_id, location_id, order_id, lines)
    if known is not None:
        return known
    variant_ids = _unique(lines)
    if supplier_id is not None and tx.get(Supplier, supplier_id) is None:
        raise NotFound
    order = None if order_id is None else _open_order(tx, order_id, location_id)
    refuse_unknown(tx, variant_ids)
    costs, pieces = _locked_costs(tx, variant_ids), _pieces_of(tx, variant_ids)
    at: dict[str, Any] = {"document_id": receipt_id, "location_id": location_id, "by": by, "now": now}
    accepted = [Move(line.variant_id, line.accepted) for line in lines if line.accepted]
    adjust(tx, **at, kind="receipt", reason=note or "", lines=accepted)
    receipt = GoodsReceipt(
        id=receipt_id,
        number=tx.scalars(text("SELECT nextval('receipt_no')")).one(),
        order_id=order_id,
        supplier_id=supplier_id if order is None else order.supplier_id,
        location_id=location_id,
        staff_id=by.staff_id,
        till_id=by.till_id,
        received_at=now,
        note=note,
        fingerprint=print_of,
    )
    tx.add(receipt)
    tx.flush()
    ordered = _order_lines(tx, order)
    for line in lines:
        of_order = ordered.get(line.variant_id)
        unit_cost_vnd = line.unit_cost_vnd
        if of_order is not None:
            unit_cost_vnd = of_order.unit_cost_vnd if unit_cost_vnd is None else unit_cost_vnd
            of_order.received += line.accepted
            of_order.rejected += line.rejected
        tx.add(_costed(tx, receipt_id, line, unit_cost_vnd, pieces.get(line.variant_id, 0), costs, now))
    if order is not None:
        whole = all(line.received >= line.ordered for line in ordered.values())
        order.state, order.closed_at = ("done", now) if whole else ("part", None)
    tx.flush()
    return receipt


def _unique(lines: Sequence[Delivered]) -> list[UUID]:
    """The goods of a receipt, each on one line with at least one piece. Refuses ``NothingMoves``."""
    variant_ids = sorted({line.variant_id for line in lines})
    if not lines or len(variant_ids) != len(lines) or any(line.accepted + line.rejected <= 0 for line in lines):
        raise NothingMoves
    return variant_ids


def _known_receipt(
    tx: Session, receipt_id: UUID, location_id: UUID, order_id: UUID | None, lines: Sequence[Delivered]
) -> tuple[GoodsReceipt | None, bytes]:
    told = sorted((str(line.variant_id), line.accepted, line.rejected, line.reason, line.unit_cost_vnd) for line in lines)
    print_of = sha256(repr((str(location_id), str(order_id), told)).encode()).digest()
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:ref, 0))"), {"ref": str(receipt_id)})
    known = tx.get(GoodsReceipt, receipt_id)
    if known is not None and known.fingerprint != print_of:
        raise DocumentIdReused
    return known, print_of


def _open_order(tx: Session, order_id: UUID, location_id: UUID | None = None) -> PurchaseOrder:
    order = tx.get(PurchaseOrder, order_id, with_for_update=True, populate_existing=True)
    if order is None or location_id not in (None, order.location_id):
        raise NotFound
    if order.state in {"done", "closed"}:
        raise OrderClosed(number=order.number)
    return order


def _order_lines(tx: Session, order: PurchaseOrder | None) -> dict[UUID, PurchaseLine]:
    if order is None:
        return {}
    found = select(PurchaseLine).where(PurchaseLine.order_id == order.id).execution_options(populate_existing=True)
    return {line.variant_id: line for line in tx.scalars(found)}


def _locked_costs(tx: Session, variant_ids: Sequence[UUID]) -> dict[UUID, VariantCost]:
    """The costs of these goods, those that have one, locked so that receipts of the same goods follow one another."""
    for variant_id in variant_ids:
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('cost ' || :v, 0))"), {"v": str(variant_id)})
    found = select(VariantCost).where(VariantCost.variant_id.in_(variant_ids)).execution_options(populate_existing=True)
    return {cost.variant_id: cost for cost in tx.scalars(found)}


def _pieces_of(tx: Session, variant_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many pieces of these goods the chain has, on the way and damaged ones among them."""
    rows = tx.execute(
        text("SELECT variant_id, greatest(0, sum(on_hand))::int AS pieces FROM stock WHERE variant_id = ANY(:v) GROUP BY 1"),
        {"v": list(variant_ids)},
    ).all()
    return {row.variant_id: row.pieces for row in rows}


def _costed(
    tx: Session,
    receipt_id: UUID,
    line: Delivered,
    unit_cost_vnd: int | None,
    pieces: int,
    costs: dict[UUID, VariantCost],
    now: datetime,
) -> ReceiptLine:
    """The line of a receipt, after it has moved the average cost of its goods."""
    cost = costs.get(line.variant_id)
    before = None if cost is None else cost.average_vnd
    after = before
    if unit_cost_vnd is not None and line.accepted:
        after = average_cost(pieces=pieces, average_vnd=before, added=line.accepted, unit_cost_vnd=unit_cost_vnd)
        if cost is None:
            tx.add(VariantCost(variant_id=line.variant_id, average_vnd=after, changed_at=now))
        else:
            cost.average_vnd, cost.changed_at = after, now
    return ReceiptLine(
        receipt_id=receipt_id,
        variant_id=line.variant_id,
        accepted=line.accepted,
        rejected=line.rejected,
        reason=line.reason,
        unit_cost_vnd=unit_cost_vnd,
        pieces_before=pieces,
        cost_before_vnd=before or 0,
        cost_after_vnd=after or 0,
    )
