"""Routes of goods in: suppliers, orders, receiving. Whoever unpacks sees what was ordered; costs are for purchase.read."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from placket import identity
from placket.core import clock
from placket.core.http import PAGE, Answer, Cursor, Id, Limit, Page, Strict, newest_first, page_by_id, refuses
from placket.core.refusals import BadCursor, NotFound
from placket.inventory import refusals, supply_queries
from placket.inventory.service import moves, supply

router = APIRouter(prefix="/api", tags=["goods in"])

READ = "stock.read"
COST = "purchase.read"
Read = Annotated[identity.Principal, Depends(identity.Permit(READ))]
Buy = Annotated[identity.Principal, Depends(identity.Permit("purchase.write"))]
Handle = Annotated[identity.Principal, Depends(identity.Permit("stock.handle"))]
Words = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")]
Name = Annotated[str, Field(min_length=2, max_length=120, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
Pieces = Annotated[int, Field(ge=0, le=9999)]
UnitCost = Annotated[int, Field(ge=0, le=1_000_000_000)]
Reason = Literal["damaged", "wrong_item", "too_many", "quality", "late"]


class SupplierNew(Strict):
    """A supplier as the client makes it."""

    id: Id
    name: Name
    phone: Annotated[str, Field(pattern=r"^\+?[0-9 ]{6,20}$")] | None = None
    tax_code: Annotated[str, Field(pattern=r"^[0-9-]{8,16}$")] | None = None
    note: Words | None = None


class SupplierShown(Answer):
    """A supplier."""

    id: UUID
    name: str
    phone: str | None
    tax_code: str | None
    note: str | None
    created_at: datetime


class OrderedLine(Strict):
    """Pieces to order, and what one costs."""

    variant_id: Id
    qty: Annotated[int, Field(ge=1, le=9999)]
    unit_cost_vnd: UnitCost


class OrderNew(Strict):
    """Goods to order for a place."""

    id: Id
    supplier_id: Id
    location_id: Id
    note: Words | None = None
    expected_on: Annotated[date | None, Field(strict=False)] = None
    lines: Annotated[list[OrderedLine], Field(min_length=1, max_length=300)]


class DeliveredLine(Strict):
    """What came of a variant; a rejected piece has a reason."""

    variant_id: Id
    accepted: Pieces = 0
    rejected: Pieces = 0
    reason: Reason | None = None
    unit_cost_vnd: UnitCost | None = None

    @model_validator(mode="after")
    def says_why(self) -> Self:
        """Refuse a rejection without a reason, and a reason without one."""
        if (self.rejected > 0) != (self.reason is not None):
            raise ValueError("a rejected piece has a reason")
        return self


class DeliveryNew(Strict):
    """What came, with or without an order."""

    id: Id
    location_id: Id
    order_id: Id | None = None
    supplier_id: Id | None = None
    note: Words | None = None
    lines: Annotated[list[DeliveredLine], Field(min_length=1, max_length=300)]


class OrderRow(Answer):
    """An order in a list; its cost is for whoever may see costs."""

    id: UUID
    number: int
    state: str
    supplier_id: UUID
    supplier_name: str
    location_id: UUID
    location_name: str
    note: str | None
    expected_on: date | None
    created_at: datetime
    closed_at: datetime | None
    ordered_by: str
    ordered: int
    received: int
    rejected: int
    cost_vnd: int | None


class OrderLineShown(Answer):
    """A line of an order."""

    variant_id: UUID
    sku: str
    name_vi: str
    name_en: str
    colour_vi: str
    colour_en: str
    size: str
    ordered: int
    received: int
    rejected: int
    unit_cost_vnd: int | None


class DeliveryRow(Answer):
    """A receipt in a list."""

    id: UUID
    number: int
    order_id: UUID | None
    order_number: int | None
    supplier_name: str | None
    location_id: UUID
    location_name: str
    staff_name: str
    received_at: datetime
    note: str | None
    accepted: int
    rejected: int
    cost_vnd: int | None


class OrderShown(OrderRow):
    """An order with its lines and what came of it."""

    lines: list[OrderLineShown]
    receipts: list[DeliveryRow]


class DeliveryLineShown(Answer):
    """A line of a receipt: what it did to the average cost of its goods."""

    variant_id: UUID
    sku: str
    name_vi: str
    name_en: str
    colour_vi: str
    colour_en: str
    size: str
    accepted: int
    rejected: int
    reason: str | None
    unit_cost_vnd: int | None
    cost_before_vnd: int | None
    cost_after_vnd: int | None


@router.get("/suppliers")
def list_suppliers(_who: Read, request: Request) -> Page[SupplierShown]:
    """All suppliers by name."""
    with identity.database_of(request).transaction() as tx:
        rows = supply_queries.suppliers(tx)
    return Page(items=[SupplierShown.model_validate(row, from_attributes=True) for row in rows], next_cursor=None)


@router.post("/suppliers", status_code=201, responses=refuses(refusals.SupplierNameTaken))
def new_supplier(body: SupplierNew, who: Buy, request: Request) -> SupplierShown:
    """A new supplier."""
    with identity.database_of(request).transaction() as tx:
        fields = body.model_dump(exclude={"id", "name"})
        made = supply.add_supplier(tx, supplier_id=body.id, name=body.name.strip(), **fields, now=clock.now())
        identity.audit(
            tx, action="supplier.added", subject_type="supplier", subject_id=made.id, actor=who, after={"name": made.name}
        )
        return SupplierShown.model_validate(made, from_attributes=True)


@router.get("/purchase-orders", responses=refuses(BadCursor))
def list_orders(
    who: Read,
    request: Request,
    which: Annotated[Literal["open", "closed", "all"], Query()] = "open",
    place_id: UUID | None = None,
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> Page[OrderRow]:
    """The orders for places where one may look, newest first."""
    before = newest_first(cursor)
    with identity.database_of(request).transaction() as tx:
        rows = supply_queries.orders(
            tx, which=which, place_id=place_id, scope=who.scope(READ), before=before, limit=limit + 1
        )
    return page_by_id(rows, limit, lambda row: OrderRow(**_priced(row._asdict(), who)))


@router.post(
    "/purchase-orders",
    status_code=201,
    responses=refuses(
        NotFound, refusals.NothingMoves, refusals.UnknownGoods, refusals.DocumentIdReused, identity.NotPermitted
    ),
)
def new_order(body: OrderNew, who: Buy, request: Request) -> OrderShown:
    """Order goods for a place."""
    who.demand("purchase.write", body.location_id)
    with identity.database_of(request).transaction() as tx:
        supply.order_goods(
            tx,
            order_id=body.id,
            supplier_id=body.supplier_id,
            location_id=body.location_id,
            lines=[supply.Ordered(line.variant_id, line.qty, line.unit_cost_vnd) for line in body.lines],
            note=(body.note or "").strip() or None,
            expected_on=body.expected_on,
            staff_id=who.staff_id,
            now=clock.now(),
        )
        return _order(tx, body.id, who)


@router.get("/purchase-orders/{order_id}", responses=refuses(NotFound))
def order(order_id: UUID, who: Read, request: Request) -> OrderShown:
    """An order with its lines and what came of it."""
    with identity.database_of(request).transaction() as tx:
        return _order(tx, order_id, who)


@router.post("/purchase-orders/{order_id}/close", responses=refuses(NotFound, refusals.OrderClosed, identity.NotPermitted))
def close_order(order_id: UUID, who: Buy, request: Request) -> OrderShown:
    """Nothing more will come of it."""
    with identity.database_of(request).transaction() as tx:
        row = supply_queries.access_order(tx, order_id=order_id, scope=who.scope(READ))
        who.demand("purchase.write", row.location_id)
        supply.close_order(tx, order_id=order_id, now=clock.now())
        tx.flush()
        return _order(tx, order_id, who)


@router.get("/goods-receipts", responses=refuses(BadCursor))
def list_receipts(
    who: Read, request: Request, place_id: UUID | None = None, limit: Limit = PAGE, cursor: Cursor = None
) -> Page[DeliveryRow]:
    """The receipts at places where one may look, newest first."""
    before = newest_first(cursor)
    with identity.database_of(request).transaction() as tx:
        rows = supply_queries.receipts(
            tx, order_id=None, place_id=place_id, scope=who.scope(READ), before=before, limit=limit + 1
        )
    return page_by_id(rows, limit, lambda row: DeliveryRow(**_priced(row._asdict(), who)))


@router.post(
    "/goods-receipts",
    status_code=201,
    responses=refuses(
        NotFound,
        refusals.NothingMoves,
        refusals.OrderClosed,
        refusals.UnknownGoods,
        refusals.DocumentIdReused,
        identity.NotPermitted,
    ),
)
def receive(body: DeliveryNew, who: Handle, request: Request) -> list[DeliveryLineShown]:
    """Take goods in; naming a cost needs ``purchase.write``, an order brings its own."""
    who.demand("stock.handle", body.location_id)
    if any(line.unit_cost_vnd is not None for line in body.lines):
        who.demand("purchase.write", body.location_id)
    with identity.database_of(request).transaction() as tx:
        supply.receive_goods(
            tx,
            receipt_id=body.id,
            location_id=body.location_id,
            order_id=body.order_id,
            supplier_id=body.supplier_id,
            lines=[supply.Delivered(**line.model_dump()) for line in body.lines],
            note=(body.note or "").strip() or None,
            by=moves.By(who.staff_id, None if who.till is None else who.till.id),
            now=clock.now(),
        )
        return _receipt(tx, body.id, who)


@router.get("/goods-receipts/{receipt_id}", responses=refuses(NotFound))
def receipt(receipt_id: UUID, who: Read, request: Request) -> list[DeliveryLineShown]:
    """The lines of a receipt."""
    with identity.database_of(request).transaction() as tx:
        return _receipt(tx, receipt_id, who)


def _order(tx: Session, order_id: UUID, who: identity.Principal) -> OrderShown:
    row = supply_queries.access_order(tx, order_id=order_id, scope=who.scope(READ))
    lines = [_priced(line._asdict(), who) for line in supply_queries.order_lines(tx, order_id=order_id)]
    came = supply_queries.receipts(tx, order_id=order_id, place_id=None, scope=who.scope(READ), before=None, limit=PAGE)
    return OrderShown(
        **_priced(row._asdict(), who),
        lines=[OrderLineShown(**line) for line in lines],
        receipts=[DeliveryRow(**_priced(one._asdict(), who)) for one in came],
    )


def _receipt(tx: Session, receipt_id: UUID, who: identity.Principal) -> list[DeliveryLineShown]:
    tx.flush()
    rows = supply_queries.receipt_lines(tx, receipt_id=receipt_id, scope=who.scope(READ))
    return [DeliveryLineShown(**_priced(row._asdict(), who)) for row in rows]


def _priced(fields: dict[str, Any], who: identity.Principal) -> dict[str, Any]:
    """The same without what goods cost, for whoever may not see it."""
    if who.may(COST):
        return fields
    return {name: None if name.endswith("_vnd") else value for name, value in fields.items()}
