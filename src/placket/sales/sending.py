"""What tills have sold from a depot: what is still to be sent from there, and sending it. It is paid for and off the books.

A sale that was voided, and pieces that came back, are to be sent no more. What is not there goes on in ``lacking``.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket import carriers
from placket.core.refusals import NotFound, Refusal
from placket.sales import couriers, order_view
from placket.sales.sending_models import DepotSending

LISTED_MAX: Final = 200

_OPEN: Final = text(
    """
    SELECT d.sale_id, d.location_id, w.name AS location_name, d.asked_at, s.receipt_code, s.location_id AS branch_id,
           c.full_name AS customer_name, c.phone AS customer_phone, n.line_no, n.variant_id, n.note,
           n.qty - coalesce(b.qty, 0) - coalesce(k.qty, 0) AS qty
      FROM depot_sending d
      JOIN sale s ON s.id = d.sale_id AND s.state = 'posted'
      JOIN location w ON w.id = d.location_id
      JOIN sale_line n ON n.sale_id = d.sale_id AND n.source_id = d.location_id AND n.qty > 0
      LEFT JOIN customer c ON c.id = s.customer_id
      LEFT JOIN LATERAL (
           SELECT -sum(r.qty)::int AS qty FROM sale_line r JOIN sale x ON x.id = r.sale_id AND x.state = 'posted'
            WHERE r.returns_sale_id = n.sale_id AND r.returns_line_no = n.line_no) b ON true
      LEFT JOIN LATERAL (
           SELECT sum(m.qty)::int AS qty FROM sending_lack m
            WHERE m.sale_id = n.sale_id AND m.line_no = n.line_no AND m.state NOT IN ('refunded', 'over')) k ON true
     WHERE d.sent_at IS NULL AND n.qty > coalesce(b.qty, 0) + coalesce(k.qty, 0)
       AND (CAST(:scope AS uuid[]) IS NULL OR d.location_id = ANY(CAST(:scope AS uuid[])))
       AND (CAST(:sale AS uuid) IS NULL OR d.sale_id = CAST(:sale AS uuid))
     ORDER BY d.asked_at, d.sale_id, n.line_no
    """
)


class AlreadySent(Refusal):
    """It has left with another parcel, or is to be sent no more."""

    code = "already_sent"
    vi = "Món này đã gửi đi, hoặc hóa đơn đã hủy hay đã trả."
    en = "This has been sent, or its sale was voided or returned."


def open_sendings(tx: Session, *, scope: Sequence[UUID] | None, sale_id: UUID | None = None) -> list[dict[str, Any]]:
    """What depots are to send, the oldest first: to the branch that sold it, unless its customer wants it at home."""
    rows = tx.execute(_OPEN, {"scope": None if scope is None else list(scope), "sale": sale_id}).all()
    goods = order_view.goods_of(tx, [row.variant_id for row in rows])
    by_task: dict[tuple[UUID, UUID], list[Row[Any]]] = {}
    for row in rows:
        by_task.setdefault((row.sale_id, row.location_id), []).append(row)
    return [_task(tx, of, goods) for of in list(by_task.values())[:LISTED_MAX]]


def _task(tx: Session, of: Sequence[Row[Any]], goods: dict[UUID, dict[str, Any]]) -> dict[str, Any]:
    first = of[0]
    return {
        "sale_id": first.sale_id,
        "location_id": first.location_id,
        "location_name": first.location_name,
        "receipt_code": first.receipt_code,
        "asked_at": first.asked_at,
        "customer": None if first.customer_name is None else {"name": first.customer_name, "phone": first.customer_phone},
        "branch": asdict(couriers.place_of(tx, first.branch_id)),
        "lines": [{**goods[row.variant_id], "line_no": row.line_no, "qty": row.qty, "note": row.note} for row in of],
    }


def wish_of(task: dict[str, Any], *, sender: carriers.Party, recipient: carriers.Party) -> carriers.Wish:
    """The parcel of what is to be sent."""
    pieces = sum(line["qty"] for line in task["lines"])
    return carriers.Wish(
        key=f"sending-{task['sale_id']}-{task['location_id']}",
        direction="out",
        subject_id=task["sale_id"],
        location_id=task["location_id"],
        sender=sender,
        recipient=recipient,
        contents=f"{task['receipt_code']}: {pieces} món",
    )


def sent(
    tx: Session,
    *,
    sale_id: UUID,
    location_id: UUID,
    carrier: str,
    tracking_no: str | None,
    recipient: carriers.Party,
    staff_id: UUID,
    now: datetime,
) -> None:
    """The parcel has left; told again it stays as it was. Refuses ``NotFound``, ``AlreadySent``."""
    # A till that takes pieces back holds their sale: they are sent, or back on the depot's shelf.
    tx.execute(text("SELECT 1 FROM sale WHERE id = :sale FOR NO KEY UPDATE"), {"sale": sale_id})
    found = tx.get(DepotSending, (sale_id, location_id), with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    if found.sent_at is not None:
        if (found.carrier, found.tracking_no) != (carrier, tracking_no):
            raise AlreadySent
        return
    if not open_sendings(tx, scope=[location_id], sale_id=sale_id):
        raise AlreadySent
    found.sent_at, found.sent_by, found.carrier, found.tracking_no = now, staff_id, carrier, tracking_no
    found.recipient = asdict(recipient)
    tx.flush()
