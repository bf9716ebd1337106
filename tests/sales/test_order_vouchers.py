"""A voucher belongs to the order placed with it: nobody else spends it, and it is free again when the order ends."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import a_depot, a_person, a_style, stocked
from placket import inventory, promotions
from placket.core.ids import new_id
from placket.sales import order_fulfilling, order_paying, order_quote, ordering, quoting
from placket.sales.order_models import WebOrder
from placket.sales.rules import CartLine, OfferPart, price_cart

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


@pytest.fixture
def order(tx: Session) -> WebOrder:
    """An order of one shirt at a tenth off by a voucher."""
    depot_id, shirt, by = a_depot(tx), a_style(tx, price_vnd=100_000).one, a_person(tx).id
    stocked(tx, depot_id, {shirt: 1})
    promotion_id, year = new_id(), timedelta(days=365)
    terms = {"group": 1, "voucher": True, "reward": {"kind": "percent", "bp": 1_000}}
    draft = {"names": ("Giảm", "Off"), "terms": terms, "limits": {}, "row_version": None}
    promotions.keep_draft(tx, promotion_id=promotion_id, staff_id=by, now=NOW, **draft)
    promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=NOW)
    (code,) = promotions.issue(
        tx,
        batch_id=new_id(),
        promotion_id=promotion_id,
        name="Tri ân",
        period=(NOW - year, NOW + year),
        count=1,
        customer_ids=[],
        staff_id=by,
        now=NOW,
    )
    way = {"kind": "ship", "province_code": "01", "location_id": None, "language": "vi", "customer_id": None}
    wish = order_quote.wish_of(new_id(), [(shirt, 1)], vouchers=(code,), **way)
    offers = [(OfferPart(str(promotion_id), 1, (10_000,)),)]
    quote = price_cart(
        [CartLine(shirt, depot_id, 1)], price_of=lambda _: (100_000, 800), price_version=1, offers=offers, promo_version=1
    )
    used = {"promotion_id": str(promotion_id), "version": 1, "uses": 1, "pieces": 1, "amount_vnd": 10_000}
    made, _ = ordering.place(tx, wish=wish, priced=quoting.Priced(quote, [used], [code]), now=NOW)
    while ordering.step(tx, order_id=made.id, floor=1, now=NOW):
        pass
    return made


def voucher(tx: Session) -> tuple[str, UUID | None, list[str]]:
    """How the voucher stands, which sale has used it, and its ledger."""
    state, sale_id = tx.execute(text("SELECT state, sale_id FROM voucher")).one()
    return state, sale_id, list(tx.scalars(text("SELECT kind FROM voucher_entry ORDER BY id")))


def test_nobody_else_spends_it_meanwhile(tx: Session, order: WebOrder) -> None:
    (code,) = order.vouchers

    assert voucher(tx) == ("held", None, ["issue", "hold"])
    with pytest.raises(promotions.VoucherNotUsable):
        promotions.find(tx, code=code, customer_id=None, now=NOW)


def test_it_is_free_again_when_the_order_ends(tx: Session, order: WebOrder) -> None:
    ordering.end(tx, order, "expired", reason=None, at=NOW)

    assert voucher(tx) == ("issued", None, ["issue", "hold", "release"])


def test_the_parcel_that_leaves_has_used_it_days_later(tx: Session, order: WebOrder) -> None:
    order.method, later, staff_id = "cod", NOW + timedelta(days=3), a_person(tx, "warehouse").id
    order_paying.confirm(tx, order, now=NOW)
    (promise,) = order_paying.promises_of_order(tx, order.id)
    order_fulfilling.pick(tx, order_id=order.id, promise_id=promise.id, staff_id=staff_id, now=later)

    sale_id = order_fulfilling.ship(
        tx,
        order_id=order.id,
        location_id=promise.location_id,
        carrier="GHN",
        tracking_no=None,
        by=inventory.By(staff_id),
        now=later,
    )

    assert voucher(tx)[:2] == ("redeemed", sale_id)
    assert voucher(tx)[2][-1] == "redeem"
    assert tx.scalar(text("SELECT count(*) FROM exception_log")) == 0
