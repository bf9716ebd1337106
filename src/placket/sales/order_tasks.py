"""What places have to do for online orders: one task for each order and place, with its clock. Questions only."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket import inventory
from placket.core.refusals import NotFound
from placket.sales import order_view

PICK_WITHIN: Final = timedelta(hours=2)
"""Of opening hours: what a collected order promises, and what the clock on the list counts down to."""
LISTED_MAX: Final = 300

STANDING: Final = text(
    """
    SELECT o.id AS order_id, o.code, o.kind, o.name, o.phone, o.note, o.address, o.method, o.confirmed_at,
           p.location_id, l.name AS location_name, l.opening_hours, p.id AS promise_id, p.variant_id, p.qty, p.phase,
           p.bag_code,
           p.code AS promise_code, p.search_at, n.line_no, n.total_vnd, r.ready_at, r.keep_until
      FROM web_order o
      JOIN web_order_line n ON n.order_id = o.id AND n.state = 'open'
      JOIN promise p ON p.ref = n.ref AND p.variant_id = n.variant_id AND p.paid
      JOIN location l ON l.id = p.location_id
      LEFT JOIN web_order_ready r ON r.order_id = o.id AND r.location_id = p.location_id
     WHERE o.state = 'confirmed' AND p.phase IN ('confirmed', 'bagged')
       AND (CAST(:location AS uuid) IS NULL OR p.location_id = CAST(:location AS uuid))
       AND (CAST(:scope AS uuid[]) IS NULL OR p.location_id = ANY(CAST(:scope AS uuid[])))
       AND (CAST(:order AS uuid) IS NULL OR o.id = CAST(:order AS uuid))
     ORDER BY o.confirmed_at, o.id, p.location_id, n.line_no
    """
)


def tasks(
    tx: Session, *, scope: Sequence[UUID] | None, location_id: UUID | None, now: datetime, order_id: UUID | None = None
) -> list[dict[str, Any]]:
    """The tasks of a place, or of every place in the scope: what is overdue first, then by its clock."""
    rows = tx.execute(
        STANDING,
        {"location": location_id, "scope": None if scope is None else list(scope), "order": order_id},
    ).all()
    goods = order_view.goods_of(tx, [row.variant_id for row in rows])
    of_task: dict[tuple[UUID, UUID], list[Row[Any]]] = {}
    for row in rows:
        of_task.setdefault((row.order_id, row.location_id), []).append(row)
    found = [_task(of, goods, now) for of in list(of_task.values())[:LISTED_MAX]]
    return sorted(found, key=lambda task: (task["state"] != "overdue", task["state"] != "to_pick", task["due_at"]))


def place_of(tx: Session, *, order_id: UUID, promise_id: UUID) -> UUID:
    """Where a promise of an order is. Refuses ``NotFound``."""
    query = text(
        "SELECT p.location_id FROM promise p JOIN web_order_question q ON q.ref = p.ref "
        "WHERE p.id = :promise AND q.order_id = :order"
    )
    found = tx.scalar(query, {"promise": promise_id, "order": order_id})
    if found is None:
        raise NotFound
    return UUID(str(found))


def codes_of(tx: Session, *, order_id: UUID, location_id: UUID) -> set[str]:
    """The codes that the customer of an order may show at a place."""
    query = text(
        "SELECT DISTINCT p.code FROM promise p JOIN web_order_question q ON q.ref = p.ref "
        "WHERE q.order_id = :order AND p.location_id = :location AND p.code IS NOT NULL"
    )
    return set(tx.scalars(query, {"order": order_id, "location": location_id}))


def _task(of: Sequence[Row[Any]], goods: dict[UUID, dict[str, Any]], now: datetime) -> dict[str, Any]:
    first = of[0]
    hours = first.opening_hours if first.kind == "collect" else None
    due_at = inventory.after(first.confirmed_at, PICK_WITHIN, hours=hours)
    all_bagged = all(row.phase == "bagged" for row in of)
    state = "picked" if all_bagged else "to_pick"
    if all_bagged and first.kind == "collect":
        state = "overdue" if first.keep_until is not None and first.keep_until <= now else "ready"
    elif not all_bagged and due_at <= now:
        state = "overdue"
    address = first.address
    return {
        "order_id": first.order_id,
        "code": first.code,
        "kind": first.kind,
        "state": state,
        "location_id": first.location_id,
        "location_name": first.location_name,
        "name": first.name,
        "phone_tail": None if first.phone is None else first.phone[-4:],
        "note": first.note,
        "address": None if address is None else f"{address['street']}, {address['ward']}, {address['province']}",
        "method": first.method,
        "due_vnd": sum(row.total_vnd for row in of) if first.method == "cod" else 0,
        "confirmed_at": first.confirmed_at,
        "due_at": due_at,
        "ready_at": first.ready_at,
        "keep_until": first.keep_until,
        "pick_up_code": first.promise_code if first.kind == "collect" else None,
        "lines": [
            {
                **goods[row.variant_id],
                "promise_id": row.promise_id,
                "line_no": row.line_no,
                "qty": row.qty,
                "phase": row.phase,
                "bag_code": row.bag_code,
                "search_at": row.search_at,
            }
            for row in of
        ],
    }
