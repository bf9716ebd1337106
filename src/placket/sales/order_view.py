"""An order as its customer sees it: one shape for every client (docs/rules/orders.md). Questions only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from placket import carriers, payments
from placket.sales import order_points
from placket.sales import order_rules as rules
from placket.sales.order_models import WebOrder, WebOrderTimeline
from placket.sales.rules import vat_of_lines

GOODS: Final = text(
    """
    SELECT v.id AS variant_id, s.name_vi, s.name_en, v.sku, c.name_vi AS colour_vi, c.name_en AS colour_en, z.code AS size,
           coalesce((SELECT p.sha256 FROM picture p WHERE p.style_id = s.id AND p.colour_id = v.colour_id
                      ORDER BY p.position LIMIT 1),
                    (SELECT p.sha256 FROM picture p WHERE p.style_id = s.id ORDER BY p.position LIMIT 1)) AS picture
      FROM variant v JOIN style s ON s.id = v.style_id JOIN colour c ON c.id = v.colour_id JOIN size z ON z.id = v.size_id
     WHERE v.id = ANY(:variants)
    """
)
OFFERS: Final = text("SELECT id, name_vi, name_en FROM promotion WHERE id = ANY(:promotions)")
VOUCHERS: Final = text(
    "SELECT v.code, b.promotion_id FROM voucher v JOIN voucher_batch b ON b.id = v.batch_id WHERE v.code = ANY(:codes)"
)
LINES: Final = text(
    """
    SELECT n.*, p.id AS promise_id, p.phase, p.code AS promise_code, p.bag_code, p.location_id, w.sale_id AS parcel,
           coalesce((SELECT -sum(b.qty) FROM sale_line b JOIN sale r ON r.id = b.sale_id AND r.state = 'posted'
                      JOIN sale_line o ON o.sale_id = b.returns_sale_id AND o.line_no = b.returns_line_no
                     WHERE b.returns_sale_id = n.sale_id AND o.variant_id = n.variant_id), 0)::int AS returned
      FROM web_order_line n
      LEFT JOIN promise p ON p.ref = n.ref AND p.variant_id = n.variant_id
                         AND NOT EXISTS (SELECT 1 FROM promise x WHERE x.moved_from = p.id)
      LEFT JOIN web_order_sale w ON w.sale_id = n.sale_id
     WHERE n.order_id = :order ORDER BY n.line_no
    """
)
PARCELS: Final = text(
    """
    SELECT w.*, l.name AS location_name FROM web_order_sale w JOIN location l ON l.id = w.location_id
     WHERE w.order_id = :order ORDER BY w.no
    """
)
ON_THE_ROAD: Final = {
    "booked": "shipped",
    "picked_up": "shipped",
    "failed": "not_met",
    "delivered": "delivered",
    "returned": "sent_back",
}
PLACES: Final = text("SELECT id, name, address, city, phone FROM location WHERE id = ANY(:places)")
READY: Final = text("SELECT location_id, ready_at, keep_until FROM web_order_ready WHERE order_id = :order")
WAITING: Final = text(
    """
    SELECT l.name AS location_name, q.asked_at AS since, q.until
      FROM web_order_question q JOIN location l ON l.id = q.location_id
     WHERE q.order_id = :order AND q.state = 'asked' ORDER BY q.asked_at LIMIT 1
    """
)
PHASES: Final = {
    "asked": "missing",
    "moved": "missing",
    "declined": "missing",
    "confirmed": "to_pick",
    "bagged": "picked",
}


def order_shown(tx: Session, order: WebOrder, *, key: str, now: datetime) -> dict[str, Any]:
    """The order whole."""
    lines = tx.execute(LINES, {"order": order.id}).all()
    returned = _returned(lines)
    goods = goods_of(tx, [line.variant_id for line in lines])
    attempt = payments.online.latest(tx, order_id=order.id)
    parcels = _parcels(tx, order, lines)
    waiting = tx.execute(WAITING, {"order": order.id}).one_or_none() if order.state == "asking" else None
    live = order.state == "held" and now < order.held_until
    refunds = _refunds(tx, order.id)
    untouched = order.state == "confirmed" and all(line.state == "open" and line.phase == "confirmed" for line in lines)
    return {
        "id": order.id,
        "key": key,
        "code": order.code,
        "state": order.state,
        "reason": order.reason,
        "language": order.language,
        "version": order.version,
        "placed_at": order.placed_at,
        "held_until": order.held_until,
        "extensions_left": rules.EXTENSIONS_MAX - order.extensions,
        "waiting": None if waiting is None else waiting._asdict(),
        "refused": order.lacking or [],
        "lines": [_line(line, goods[line.variant_id], returned[line.line_no]) for line in lines],
        "offers": offers_shown(tx, order.offers, order.vouchers),
        "points": order_points.shown(tx, order),
        "list_vnd": order.list_vnd,
        "discount_vnd": order.discount_vnd,
        "total_vnd": order.total_vnd,
        "refunded_vnd": sum(one["amount_vnd"] for one in refunds if one["state"] in {"succeeded", "settled"}),
        "vat": _vat(lines),
        "fulfilment": _fulfilment(tx, order),
        "recipient": _recipient(order),
        "payment": _payment(tx, order, attempt, refunds, at_door=_is_paid_at_door(parcels, lines)),
        "refunds": refunds,
        "parcels": parcels,
        "return_code": rules.scan_code(order.code) if any(line.state == "sold" for line in lines) else None,
        "timeline": _timeline(tx, order.id),
        "can": {
            "extend": live and order.extensions < rules.EXTENSIONS_MAX,
            "pay": live and (attempt is None or attempt.state not in {"processing", "received"}),
            "cancel": order.state in {"asking", "held"} or untouched,
        },
    }


def goods_of(tx: Session, variant_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """How people recognise some variants."""
    return {row.variant_id: row._asdict() for row in tx.execute(GOODS, {"variants": list(variant_ids)})}


def offers_shown(tx: Session, offers: Sequence[dict[str, Any]], vouchers: Sequence[str]) -> list[dict[str, Any]]:
    """What promotions took off, by name, each with the voucher that opened it."""
    if not offers:
        return []
    named = {row.id: row for row in tx.execute(OFFERS, {"promotions": [UUID(each["promotion_id"]) for each in offers]})}
    opened = {row.promotion_id: row.code for row in tx.execute(VOUCHERS, {"codes": list(vouchers)})}
    return [
        {
            "promotion_id": promotion_id,
            "name_vi": named[promotion_id].name_vi,
            "name_en": named[promotion_id].name_en,
            "vnd": offer["amount_vnd"],
            "voucher": opened.get(promotion_id),
        }
        for offer in offers
        for promotion_id in [UUID(offer["promotion_id"])]
    ]


def _returned(lines: Sequence[Row[Any]]) -> dict[int, int]:
    """How much of each line has come back: two lines of a variant that left in one parcel share what came of it."""
    left: dict[tuple[UUID | None, UUID], int] = {(line.sale_id, line.variant_id): line.returned for line in lines}
    back = {}
    for line in lines:
        back[line.line_no] = min(line.qty, left[line.sale_id, line.variant_id])
        left[line.sale_id, line.variant_id] -= back[line.line_no]
    return back


def _line(line: Row[Any], goods: dict[str, Any], returned: int) -> dict[str, Any]:
    state = "held" if line.state == "open" else line.state
    parts = [part for part in line.discounts if part["kind"] == "promotion"]
    return {
        **goods,
        "line_no": line.line_no,
        "qty": line.qty,
        "unit_vnd": line.unit_vnd,
        "discount_vnd": line.discount_vnd,
        "total_vnd": line.total_vnd,
        "offers": [{"promotion_id": part["promotion_id"], "vnd": part["amount_vnd"]} for part in parts],
        "state": state,
        "cancelled": line.qty if line.state == "cancelled" else 0,
        "returned": returned,
    }


def _vat(lines: Sequence[Row[Any]]) -> list[dict[str, int]]:
    _, shares = vat_of_lines([line.total_vnd for line in lines], [line.vat_bp for line in lines])
    return [{"rate_bp": share.rate_bp, "net_vnd": share.net_vnd, "vat_vnd": share.vat_vnd} for share in shares]


def _fulfilment(tx: Session, order: WebOrder) -> dict[str, Any]:
    place = tx.execute(PLACES, {"places": [order.location_id]}).one_or_none() if order.location_id else None
    return {
        "kind": order.kind,
        "province_code": order.province_code,
        "location_id": order.location_id,
        "location_name": None if place is None else place.name,
        "location_address": None if place is None else place.address,
    }


def _recipient(order: WebOrder) -> dict[str, Any] | None:
    if order.phone is None:
        return None
    return {
        "phone": order.phone,
        "name": order.name,
        "email": order.email,
        "address": order.address,
        "note": order.note,
    }


def _payment(
    tx: Session,
    order: WebOrder,
    attempt: payments.OnlinePayment | None,
    refunds: Sequence[dict[str, Any]],
    *,
    at_door: bool,
) -> dict[str, Any] | None:
    if attempt is None:
        if order.method is None or order.confirmed_at is None:
            return None
        return {
            "id": order.id,
            "method": order.method,
            "attempt": 1,
            "state": "received" if at_door else "on_delivery",
            "amount_vnd": order.total_vnd,
            "url": None,
            "qr": None,
            "expires_at": None,
            "failure": None,
        }
    state = "open" if attempt.state == "opening" else attempt.state
    if state == "received" and sum(one["amount_vnd"] for one in refunds) == attempt.amount_vnd:
        done = all(one["state"] in {"succeeded", "settled"} for one in refunds)
        state = "refunded" if done else "refunding"
    is_open = state == "open"
    return {
        "id": attempt.id,
        "method": attempt.method,
        "attempt": attempt.attempt,
        "state": state,
        "amount_vnd": attempt.amount_vnd,
        "url": attempt.url if is_open else None,
        "qr": payments.online_face(tx, attempt.request_id) if is_open and attempt.request_id is not None else None,
        "expires_at": order.held_until if is_open else None,
        "failure": attempt.failure,
    }


def _refunds(tx: Session, order_id: UUID) -> list[dict[str, Any]]:
    rows = tx.execute(
        text(
            """
            SELECT r.amount_vnd, r.state, r.reason, r.requested_at, r.ended_at
              FROM online_refund r JOIN online_payment y ON y.id = r.payment_id
             WHERE y.order_id = :order ORDER BY r.requested_at, r.id
            """
        ),
        {"order": order_id},
    )
    return [row._asdict() for row in rows]


def _parcels(tx: Session, order: WebOrder, lines: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    if order.state not in {"confirmed", "done", "cancelled"} or order.confirmed_at is None:
        return []
    ready = {row.location_id: row for row in tx.execute(READY, {"order": order.id})}
    gone = tx.execute(PARCELS, {"order": order.id}).all()
    waiting: dict[UUID, list[Row[Any]]] = {}
    for line in lines:
        if line.state == "open":
            waiting.setdefault(line.location_id, []).append(line)
    names = {row.id: row.name for row in tx.execute(PLACES, {"places": list(waiting)})}
    on_road = {(one.carrier, one.tracking_no): one for one in carriers.shipments_of(tx, order.id)} if gone else {}
    parcels = [
        {
            "kind": order.kind,
            "location_id": parcel.location_id,
            "location_name": parcel.location_name,
            "state": _state_of(order, shipment),
            "lines": [{"line_no": line.line_no, "qty": line.qty} for line in lines if line.sale_id == parcel.sale_id],
            "pick_up_code": None,
            "keep_until": None,
            "carrier": parcel.carrier,
            "tracking_no": parcel.tracking_no,
            "at": parcel.left_at,
            "track": [] if shipment is None else [row._asdict() for row in carriers.track_of(tx, shipment)],
        }
        for parcel in gone
        for shipment in [on_road.get((parcel.carrier, parcel.tracking_no))]
    ]
    for place, there in waiting.items():
        states = {PHASES.get(line.phase, "given_back") for line in there}
        state = next((each for each in ("missing", "to_pick", "given_back") if each in states), "picked")
        here = ready.get(place)
        is_ready = state == "picked" and here is not None
        parcels.append(
            {
                "kind": order.kind,
                "location_id": place,
                "location_name": names.get(place),
                "state": "ready" if is_ready else state,
                "lines": [{"line_no": line.line_no, "qty": line.qty} for line in there],
                "pick_up_code": there[0].promise_code if order.kind == "collect" else None,
                "keep_until": here.keep_until if is_ready and here is not None else None,
                "carrier": None,
                "tracking_no": None,
                "at": here.ready_at if is_ready and here is not None else None,
                "track": [],
            }
        )
    return parcels


def _state_of(order: WebOrder, shipment: carriers.Shipment | None) -> str:
    """A parcel that has left: where its carrier says that it is; one that nobody tells of is on its way."""
    if order.kind == "collect":
        return "collected"
    return "shipped" if shipment is None else ON_THE_ROAD[shipment.state]


def _is_paid_at_door(parcels: Sequence[dict[str, Any]], lines: Sequence[Row[Any]]) -> bool:
    """Whether the carrier has taken all that was to be paid on delivery: every parcel has left and was delivered."""
    states = {parcel["state"] for parcel in parcels}
    return states == {"delivered"} and all(line.state != "open" for line in lines)


def _timeline(tx: Session, order_id: UUID) -> list[dict[str, Any]]:
    rows = tx.scalars(select(WebOrderTimeline).where(WebOrderTimeline.order_id == order_id).order_by(WebOrderTimeline.id))
    return [{"at": row.at, "verb": row.verb, "facts": row.facts} for row in rows]
