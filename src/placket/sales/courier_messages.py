"""What somebody who sends goods back is told: that the carrier comes for them, and that the money goes back."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import carriers, identity, messages
from placket.sales import courier_queries, order_view
from placket.sales.courier_models import CourierReturn

NEWS_FOR: Final = timedelta(days=3)
_REACH: Final = text("SELECT phone, email FROM customer WHERE id = :id")


def tell(tx: Session, back: CourierReturn, kind: str, *, at: datetime, **more: Any) -> None:  # noqa: ANN401 - JSON
    """A mail to whoever gave an address, an SMS to whoever did not; nothing to somebody who has been forgotten."""
    reach = None if back.customer_id is None else tx.execute(_REACH, {"id": back.customer_id}).one()
    if reach is None:
        return
    parcel = None if back.shipment_id is None else tx.get_one(carriers.Shipment, back.shipment_id)
    facts: dict[str, Any] = {"code": back.code, "form": back.form, "lines": _goods(tx, back.id, back.of_sale_id)} | more
    if kind == "return_booked" and parcel is not None:
        facts |= {"carrier": parcel.carrier, "tracking_no": parcel.tracking_no}
    ways: dict[messages.Channel, str | None] = {"email": reach.email, "sms": None if reach.email else reach.phone}
    for channel, address in ways.items():
        if address is not None and messages.can_reach(channel, in_demo=identity.is_demo(tx)):
            messages.ask(
                tx,
                key=f"{back.id}-{kind}",
                kind=kind,
                channel=channel,
                address=address,
                language=back.language,
                facts=facts,
                subject_id=back.id,
                use_until=at + NEWS_FOR,
                now=at,
            )


def _goods(tx: Session, return_id: UUID, sale_id: UUID) -> list[dict[str, Any]]:
    lines = [line for line in courier_queries.lines_of(tx, return_id) if line.came != 0]
    sold = tx.execute(text("SELECT line_no, variant_id FROM sale_line WHERE sale_id = :sale"), {"sale": sale_id})
    variant_of = {row.line_no: row.variant_id for row in sold}
    goods = order_view.goods_of(tx, [variant_of[line.line_no] for line in lines])
    return [
        {
            "name": {"vi": seen["name_vi"], "en": seen["name_en"]},
            "colour": {"vi": seen["colour_vi"], "en": seen["colour_en"]},
            "size": seen["size"],
            "qty": line.came or line.qty,
            "total_vnd": line.refund_vnd,
        }
        for line in lines
        for seen in [goods[variant_of[line.line_no]]]
    ]
