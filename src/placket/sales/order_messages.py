"""What the customer of an online order is told, in the transaction in which it happened; words and ways are ``messages``'.

A mail to whoever gave an address, an SMS to whoever did not; the code to fetch an order with goes by both.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import identity, messages
from placket.core.settings import settings
from placket.sales import order_view
from placket.sales.order_models import WebOrder, WebOrderLine

TOLD: Final = {
    "confirmed": "order_placed",
    "ready": "order_ready",
    "shipped": "order_shipped",
    "delivered": "order_delivered",
    "delivery_failed": "order_not_met",
    "cancelled": "order_cancelled",
    "refunded": "order_refunded",
}
NEWS_FOR: Final = timedelta(days=3)
"""What could not be told for so long is no news any more."""
BOTH_WAYS: Final = frozenset({"order_ready"})

_LINES: Final = text("SELECT * FROM web_order_line WHERE order_id = :order ORDER BY line_no")
_CODE: Final = text(
    "SELECT p.code FROM promise p JOIN web_order_question q ON q.ref = p.ref "
    "WHERE q.order_id = :order AND p.location_id = :place AND p.code IS NOT NULL AND p.phase = 'bagged' LIMIT 1"
)
_PAID: Final = text("SELECT EXISTS (SELECT 1 FROM online_payment WHERE order_id = :order AND state = 'received')")
_REFUND: Final = text("SELECT amount_vnd FROM online_refund WHERE id = :refund")


def tell(tx: Session, order: WebOrder, verb: str, *, at: datetime, facts: dict[str, Any]) -> None:
    """Tell the customer of a step of their order, if it is one that they want to hear of."""
    kind = TOLD.get(verb)
    if kind is None or order.phone is None:
        return
    if kind == "order_cancelled" and order.confirmed_at is None and facts.get("reason") != "short":
        return  # they did it themselves, before they had paid
    tx.flush()
    told = _head(tx, order) | _more(tx, order, kind, facts)
    about = next((str(facts[name]) for name in ("event", "refund", "sale", "location") if name in facts), "once")
    _ask(tx, order, kind, f"{order.id}-{verb}-{about}", told, at)


def tell_short(tx: Session, order: WebOrder, lines: Sequence[WebOrderLine], *, at: datetime) -> None:
    """Tell that pieces were found nowhere, and what goes back for them."""
    if order.phone is None:
        return
    numbers = {line.line_no for line in lines}
    told = _head(tx, order) | {"lines": _goods(tx, order, numbers)}
    if _is_paid(tx, order):
        told["amount_vnd"] = sum(line.total_vnd for line in lines)
    _ask(tx, order, "order_short", f"{order.id}-short-{min(numbers)}", told, at)


def _ask(tx: Session, order: WebOrder, kind: str, key: str, facts: dict[str, Any], at: datetime) -> None:
    ways: dict[messages.Channel, str | None] = {"email": order.email, "sms": order.phone}
    wanted = {
        channel: address
        for channel, address in ways.items()
        if channel == "email" or order.email is None or kind in BOTH_WAYS
    }
    told: list[tuple[messages.Channel, str | None, str]] = [(channel, address, key) for channel, address in wanted.items()]
    told += [("push", str(device), f"{key}-{device}") for device in messages.devices_of(tx, order.id)]
    for channel, address, told_by in told:
        if address is not None and messages.can_reach(channel, in_demo=identity.is_demo(tx)):
            messages.ask(
                tx,
                key=told_by,
                kind=kind,
                channel=channel,
                address=address,
                language=order.language,
                facts=facts,
                subject_id=order.id,
                use_until=at + NEWS_FOR,
                now=at,
            )


def _head(tx: Session, order: WebOrder) -> dict[str, Any]:
    own = settings()
    home = own.public_address or (None if own.https else f"http://{own.host}:{own.port}")
    told: dict[str, Any] = {"code": order.code, "method": order.method, "way": order.kind}
    if home is not None:
        told["url"] = f"{home}/orders/{order.id}?key={identity.order_key(tx, order.id)}"
    if order.kind == "collect":
        told["place"] = _place(tx, order.location_id)
    return told


def _more(tx: Session, order: WebOrder, kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    if kind == "order_placed":
        told = {"total_vnd": order.total_vnd, "lines": _goods(tx, order, None)}
        address = order.address
        return told if address is None else told | {"address": _written(order.name, address)}
    if kind == "order_ready":
        place = UUID(facts["location"])
        code = tx.scalar(_CODE, {"order": order.id, "place": place})
        return {"place": _place(tx, place), "until": facts["until"], "pick_up_code": code}
    if kind == "order_shipped":
        lines = _goods(tx, order, None, sale_id=UUID(facts["sale"]))
        due_vnd = sum(line["total_vnd"] for line in lines) if order.method == "cod" else 0
        parcel = {"lines": lines, "carrier": facts.get("carrier"), "tracking_no": facts.get("tracking_no")}
        return parcel | {"due_vnd": due_vnd}
    if kind in {"order_delivered", "order_not_met"}:
        return {name: facts.get(name) for name in ("carrier", "tracking_no")}
    if kind == "order_refunded":
        return {"amount_vnd": int(tx.scalar(_REFUND, {"refund": UUID(facts["refund"])}) or 0)}
    return {"reason": facts.get("reason") or "cancelled", "is_paid": _is_paid(tx, order)}


def _goods(tx: Session, order: WebOrder, numbers: set[int] | None, *, sale_id: UUID | None = None) -> list[dict[str, Any]]:
    lines = [
        line
        for line in tx.execute(_LINES, {"order": order.id})
        if (numbers is None or line.line_no in numbers) and (sale_id is None or line.sale_id == sale_id)
    ]
    goods = order_view.goods_of(tx, [line.variant_id for line in lines])
    return [
        {
            "name": {"vi": seen["name_vi"], "en": seen["name_en"]},
            "colour": {"vi": seen["colour_vi"], "en": seen["colour_en"]},
            "size": seen["size"],
            "qty": line.qty,
            "total_vnd": line.total_vnd,
        }
        for line in lines
        for seen in [goods[line.variant_id]]
    ]


def _is_paid(tx: Session, order: WebOrder) -> bool:
    return bool(tx.scalar(_PAID, {"order": order.id}))


def _place(tx: Session, location_id: UUID | None) -> dict[str, Any]:
    place = tx.execute(order_view.PLACES, {"places": [location_id]}).one()
    return {"name": place.name, "address": place.address or place.city, "phone": place.phone}


def _written(name: str | None, address: dict[str, Any]) -> str:
    return ", ".join(filter(None, [name, address["street"], address["ward"], address["province"]]))
