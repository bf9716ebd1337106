"""Questions about goods that come back by a carrier: those a depot waits for, those of a member, one with its lines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from placket import carriers
from placket.sales import order_view, return_queries, returning
from placket.sales.courier_models import CourierReturn, CourierReturnLine

LISTED_MAX: Final = 200

_DEPOT: Final = text("SELECT id FROM location WHERE kind = 'depot' AND status = 'active' ORDER BY position, id LIMIT 1")
_OWNED: Final = text("SELECT id FROM sale WHERE id = :sale AND state = 'posted' AND customer_id = ANY(CAST(:ids AS uuid[]))")
_CARD_ONLINE: Final = text(
    "SELECT EXISTS (SELECT 1 FROM web_order_sale w JOIN online_payment y ON y.order_id = w.order_id "
    "WHERE w.sale_id = :sale AND y.state = 'received' AND y.method = 'card')"
)
_ORDER: Final = text("SELECT order_id FROM web_order_sale WHERE sale_id = :sale")
_REFUND: Final = text(
    "SELECT r.state FROM online_refund r WHERE starts_with(r.key, 'return-' || CAST(:sale AS uuid) || '-') "
    "UNION ALL SELECT q.state FROM payment y JOIN payment_request q ON q.id = y.payment_id WHERE y.sale_id = :sale LIMIT 1"
)
_UNDER_WAY: Final = text(
    "SELECT n.line_no, sum(n.qty)::int AS qty FROM courier_return r JOIN courier_return_line n ON n.return_id = r.id "
    "WHERE r.of_sale_id = :sale AND r.state IN ('asked', 'booked') GROUP BY n.line_no"
)
_WAITING: Final = text(
    """
    SELECT r.id, r.code, r.kind, r.state, r.location_id, l.name AS location_name, r.asked_at, h.carrier, h.tracking_no,
           h.state AS parcel_state, s.receipt_code AS of_code, r.sender ->> 'name' AS name,
           (SELECT sum(n.qty) FROM courier_return_line n WHERE n.return_id = r.id)::int AS pieces
      FROM courier_return r JOIN location l ON l.id = r.location_id JOIN sale s ON s.id = r.of_sale_id
      LEFT JOIN shipment h ON h.id = r.shipment_id
     WHERE (r.state IN ('asked', 'booked') OR r.ended_at > :since) AND r.kind <> 'unsent'
       AND (CAST(:scope AS uuid[]) IS NULL OR r.location_id = ANY(CAST(:scope AS uuid[])))
       AND (CAST(:q AS text) IS NULL OR r.code = upper(:q) OR h.tracking_no = upper(:q) OR s.receipt_code = upper(:q))
     ORDER BY r.ended_at IS NOT NULL, h.state IS DISTINCT FROM 'delivered', r.asked_at DESC LIMIT :most
    """
)


def depot(tx: Session) -> UUID | None:
    """Where parcels come back to."""
    found: UUID | None = tx.scalar(_DEPOT)
    return found


def owns(tx: Session, sale_id: UUID, customer_ids: Sequence[UUID]) -> bool:
    """Whether a sale is one of somebody's, in any channel."""
    return tx.scalar(_OWNED, {"sale": sale_id, "ids": list(customer_ids)}) is not None


def paid_by_card_online(tx: Session, sale_id: UUID) -> bool:
    """Whether the provider can give a card its money back for it."""
    return bool(tx.scalar(_CARD_ONLINE, {"sale": sale_id}))


def order_of(tx: Session, sale_id: UUID) -> UUID | None:
    """The online order that a sale was a parcel of."""
    found: UUID | None = tx.scalar(_ORDER, {"sale": sale_id})
    return found


def waiting(tx: Session, *, scope: Sequence[UUID] | None, q: str | None, since: datetime) -> Sequence[Row[Any]]:
    """What depots wait for, what has arrived first; and what has come lately."""
    wanted = (q or "").strip() or None
    values = {"scope": None if scope is None else list(scope), "q": wanted, "since": since, "most": LISTED_MAX}
    return tx.execute(_WAITING, values).all()


def of_customer(tx: Session, customer_ids: Sequence[UUID]) -> Sequence[CourierReturn]:
    """What a member sends back, the newest first."""
    query = select(CourierReturn).where(CourierReturn.customer_id.in_(customer_ids), CourierReturn.kind == "asked")
    return tx.scalars(query.order_by(CourierReturn.asked_at.desc()).limit(LISTED_MAX)).all()


def of_id(tx: Session, return_id: UUID, customer_ids: Sequence[UUID]) -> CourierReturn | None:
    """One of theirs, or none."""
    found = tx.get(CourierReturn, return_id, populate_existing=True)
    return found if found is not None and found.customer_id in customer_ids and found.kind == "asked" else None


def can_come_back(tx: Session, sale_id: UUID, *, now: datetime) -> list[dict[str, Any]]:
    """The lines of a sale with what of them is still with the customer and not on its way, and until when it may come."""
    found = return_queries.sold(tx, [sale_id])[sale_id]
    rules = returning.rules_of(tx, [found], now=now)[sale_id]
    goods = order_view.goods_of(tx, [row.variant_id for row in found.rows])
    under_way = {row.line_no: row.qty for row in tx.execute(_UNDER_WAY, {"sale": sale_id})}
    return [
        {
            **goods[row.variant_id],
            "line_no": row.line_no,
            "qty": row.qty,
            "returnable": max(line.kept - under_way.get(row.line_no, 0), 0),
            "total_vnd": row.total_vnd,
            "until": rules[row.line_no].until,
            "reason": rules[row.line_no].reason,
        }
        for row, line in zip(found.rows, found.lines, strict=True)
    ]


def lines_of(tx: Session, return_id: UUID) -> Sequence[CourierReturnLine]:
    """The lines of a return."""
    query = select(CourierReturnLine).where(CourierReturnLine.return_id == return_id).order_by(CourierReturnLine.line_no)
    return tx.scalars(query.execution_options(populate_existing=True)).all()


def shown(tx: Session, back: CourierReturn) -> dict[str, Any]:
    """A return whole: its goods as people know them, its parcel and the way it has come, how the money stands."""
    lines = lines_of(tx, back.id)
    sold = tx.execute(
        text("SELECT line_no, variant_id FROM sale_line WHERE sale_id = :sale AND qty > 0"), {"sale": back.of_sale_id}
    ).all()
    variant_of = {row.line_no: row.variant_id for row in sold}
    goods = order_view.goods_of(tx, [variant_of[line.line_no] for line in lines])
    parcel = None if back.shipment_id is None else tx.get_one(carriers.Shipment, back.shipment_id, populate_existing=True)
    head = tx.execute(text("SELECT receipt_code FROM sale WHERE id = :sale"), {"sale": back.of_sale_id}).one()
    place = tx.execute(text("SELECT name FROM location WHERE id = :id"), {"id": back.location_id}).one()
    given = (
        None
        if back.sale_id is None
        else tx.execute(text("SELECT -total_vnd AS vnd FROM sale WHERE id = :id"), {"id": back.sale_id}).one()
    )
    return {
        "id": back.id,
        "code": back.code,
        "kind": back.kind,
        "state": back.state,
        "of_sale_id": back.of_sale_id,
        "of_code": head.receipt_code,
        "location_id": back.location_id,
        "location_name": place.name,
        "form": back.form,
        "pay_to": back.pay_to,
        "sender": back.sender,
        "asked_at": back.asked_at,
        "ended_at": back.ended_at,
        "sale_id": back.sale_id,
        "refund_vnd": sum(line.refund_vnd for line in lines) if given is None else given.vnd,
        "refund_state": None if back.sale_id is None else tx.scalar(_REFUND, {"sale": back.sale_id}) or "done",
        "parcel": None if parcel is None else parcel_shown(tx, parcel),
        "lines": [
            {
                **goods[variant_of[line.line_no]],
                "line_no": line.line_no,
                "qty": line.qty,
                "reason": line.reason,
                "refund_vnd": line.refund_vnd,
                "came": line.came,
                "condition": line.condition,
            }
            for line in lines
        ],
    }


def parcel_shown(tx: Session, parcel: carriers.Shipment) -> dict[str, Any]:
    """A parcel as whoever waits for it sees it."""
    return {
        "carrier": parcel.carrier,
        "tracking_no": parcel.tracking_no,
        "label_url": parcel.label_url,
        "state": parcel.state,
        "booked_at": parcel.booked_at,
        "cod_vnd": parcel.cod_vnd,
        "track": [row._asdict() for row in carriers.track_of(tx, parcel)],
    }
