"""Questions about pieces that are not where a till sold them from: looked for, found elsewhere, or nowhere."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.core.refusals import NotFound
from placket.sales import couriers, lacking, order_view
from placket.sales.sending_models import SendingLack

LISTED_MAX: Final = 100

_OPEN: Final = text(
    """
    SELECT m.id, m.sale_id, m.state, m.missed_at, w.name AS missed_name, s.receipt_code, s.location_id AS branch_id,
           p.location_id AS place_id, q.name AS place_name, p.phase, m.qty, n.variant_id, n.note,
           c.full_name AS customer_name, c.phone AS customer_phone
      FROM sending_lack m
      JOIN sale s ON s.id = m.sale_id AND s.state = 'posted'
      JOIN sale_line n ON n.sale_id = m.sale_id AND n.line_no = m.line_no
      JOIN location w ON w.id = m.location_id
      JOIN promise p ON p.ref = m.id AND NOT EXISTS (SELECT 1 FROM promise x WHERE x.moved_from = p.id)
      JOIN location q ON q.id = p.location_id
      LEFT JOIN customer c ON c.id = s.customer_id
     WHERE m.state IN ('moving', 'nowhere')
       AND (CAST(:scope AS uuid[]) IS NULL OR ARRAY[m.location_id, s.location_id, p.location_id] && CAST(:scope AS uuid[]))
       AND (CAST(:lack AS uuid) IS NULL OR m.id = CAST(:lack AS uuid))
     ORDER BY m.missed_at, m.id LIMIT :most
    """
)


def open_lacks(
    tx: Session, *, scope: Sequence[UUID] | None, now: datetime, lack_id: UUID | None = None
) -> list[dict[str, Any]]:
    """What is still looked for or was found nowhere, the oldest first."""
    values = {"scope": None if scope is None else list(scope), "lack": lack_id, "most": LISTED_MAX}
    rows = tx.execute(_OPEN, values).all()
    goods = order_view.goods_of(tx, [row.variant_id for row in rows])
    return [_shown(tx, row, goods[row.variant_id], now) for row in rows]


def branch_of(tx: Session, lack_id: UUID) -> UUID:
    """The branch that sold it, whose customer waits. Refuses ``NotFound``."""
    query = text("SELECT s.location_id FROM sending_lack m JOIN sale s ON s.id = m.sale_id WHERE m.id = :lack")
    found = tx.scalar(query, {"lack": lack_id})
    if found is None:
        raise NotFound
    return UUID(str(found))


def _shown(tx: Session, row: Row[Any], goods: dict[str, Any], now: datetime) -> dict[str, Any]:
    is_found, is_nowhere = row.phase in {"confirmed", "bagged"}, row.state == "nowhere"
    forms, refund_vnd = [], 0
    if is_nowhere:
        lack = tx.get_one(SendingLack, row.id)
        reckoned = lacking.reckon(tx, lack, now=now)
        refund_vnd = reckoned.refund_vnd
        forms = [{"kind": kind, "reason": why} for kind, why in lacking.forms_of(tx, lack, reckoned).items()]
    return {
        "id": row.id,
        "sale_id": row.sale_id,
        "receipt_code": row.receipt_code,
        "state": "nowhere" if is_nowhere else "found" if is_found else "looking",
        "missed_at": row.missed_at,
        "missed_name": row.missed_name,
        "place_id": row.place_id if is_found else None,
        "place_name": row.place_name if is_found else None,
        "branch_id": row.branch_id,
        "branch": asdict(couriers.place_of(tx, row.branch_id)),
        "customer": None if row.customer_name is None else {"name": row.customer_name, "phone": row.customer_phone},
        "line": {**goods, "qty": row.qty},
        "note": row.note,
        "refund_vnd": refund_vnd,
        "forms": forms,
    }
