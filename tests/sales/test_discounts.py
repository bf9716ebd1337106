"""What is taken off by hand or paid by points, from the till's request to the books: docs/rules/sales.md."""

import msgspec
import pytest
from sqlalchemy import text

from books import Line, a_sale, kinds, raw
from placket import verify
from placket.core.ids import new_id
from placket.sales import fingerprint, price_cart
from placket.sales.records import post
from placket.sales.shapes import Adjust, LineAsked, PointsAsked, lines_to_post


def discounted(counter, *lines: LineAsked, points: PointsAsked | None = None):
    """A sale on its way to the desk with lines as a till asks for them; every piece costs 100.000 ₫."""
    spent = None if points is None else points.spent()
    quote = price_cart(
        [line.to_price() for line in lines], price_of=lambda _variant: (100_000, 800), price_version=1, points=spent
    )
    plain = a_sale(counter.till, *(Line(line.variant_id, line.qty) for line in lines))
    tenders = [{**plain.tenders[0], "amount_vnd": quote.total_vnd}]
    return msgspec.structs.replace(
        plain,
        discount_vnd=quote.discount_vnd,
        total_vnd=quote.total_vnd,
        vat_vnd=quote.vat_vnd,
        lines=lines_to_post(quote.lines, lines, here=counter.branch_id),
        tenders=tenders,
        fingerprint=fingerprint(
            till_id=counter.till.id,
            lines=quote.lines,
            tenders=tenders,
            customer_id=None,
            total_vnd=quote.total_vnd,
            points=spent,
        ),
    )


def test_the_parts_of_a_discount_are_kept_with_their_reason_and_approver(counter) -> None:
    counter.stock(m=3, l=2)
    manager = counter.till.cashier.id
    sale = discounted(
        counter,
        LineAsked(
            variant_id=counter.m,
            qty=2,
            source_id=counter.branch_id,
            unit_vnd=100_000,
            discount_vnd=50_000,
            adjust=Adjust(kind="percent", value=2_500, reason="faulty", note="chỉ tuột ở tay", approved_by=manager),
        ),
        LineAsked(variant_id=counter.l, qty=1, source_id=counter.branch_id, unit_vnd=100_000, note="lên lai 2 cm"),
        points=PointsAsked(hold_id=new_id(), points=25, value_vnd=25_000),
    )
    assert kinds(post(counter.tx, [sale])) == ["accepted"]
    parts = counter.tx.execute(
        text("SELECT line_no, no, kind, amount_vnd, reason, note, approved_by FROM sale_discount ORDER BY line_no, no")
    ).all()
    assert [tuple(part) for part in parts] == [
        (1, 1, "manual", 50_000, "faulty", "chỉ tuột ở tay", manager),
        (1, 2, "points", 15_000, None, None, None),
        (2, 1, "points", 10_000, None, None, None),
    ]
    notes = counter.tx.execute(text("SELECT note FROM sale_line ORDER BY line_no")).scalars()
    assert list(notes) == [None, "lên lai 2 cm"]
    totals = counter.tx.execute(text("SELECT list_vnd, discount_vnd, total_vnd, vat_vnd FROM sale")).one()
    assert tuple(totals) == (300_000, 75_000, 225_000, 16_667)
    assert verify.prove(raw(counter.tx)) == []


def test_a_discount_without_its_parts_is_noticed(counter) -> None:
    counter.stock(m=3)
    line = LineAsked(
        variant_id=counter.m,
        qty=1,
        source_id=counter.branch_id,
        unit_vnd=100_000,
        adjust=Adjust(kind="amount", value=5_000, reason="regular"),
    )
    post(counter.tx, [discounted(counter, line)])
    assert verify.prove(raw(counter.tx)) == []
    counter.tx.execute(text("UPDATE sale_discount SET amount_vnd = 4000"))
    assert [found.check for found in verify.prove(raw(counter.tx))] == ["discounts_are_their_parts"]


@pytest.mark.parametrize(
    "adjust",
    [
        {"kind": "percent", "value": -1, "reason": "gift"},
        {"kind": "half", "value": 1, "reason": "gift"},
        {"kind": "price", "value": 1, "reason": "Vì thích"},
        {"kind": "price", "value": 1},
    ],
)
def test_an_adjustment_without_sense_or_reason_is_malformed(adjust: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(adjust, Adjust)
