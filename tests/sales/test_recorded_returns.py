"""A till without network took goods back: the return is posted as it happened, and what is odd stands beside it."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import a_branch, a_style, a_till, stocked
from loyal import Shop, journal_sale
from placket import catalog, promotions


@pytest.fixture
def shop(tx: Session, monkeypatch: pytest.MonkeyPatch) -> Shop:
    branch_id = a_branch(tx)
    shirt = a_style(tx, price_vnd=100_000).one
    stocked(tx, branch_id, {shirt: 50})
    one = a_till(tx, branch_id)
    other = a_till(tx, branch_id, cashier=one.cashier.id)
    monkeypatch.setattr(catalog.price_books, "_book", catalog.load_price_book(tx))
    monkeypatch.setattr(promotions.promo_books, "_book", promotions.read_book(tx))
    return Shop(tx, branch_id, one, other, shirt)


def taken_back(shop: Shop, till: Any, sale_id: str, refund_vnd: int = 100_000, **more: Any) -> dict[str, Any]:
    """The body of a SALE entry that only takes a shirt back, for cash."""
    back = {"sale_id": sale_id, "line_no": 1, "qty": 1, "refund_vnd": refund_vnd, "reason": "faulty", "condition": "sell"}
    return journal_sale(till, shop.shirt, 1) | {
        "lines": [],
        "total_vnd": -refund_vnd,
        "tenders": [{"kind": "cash", "amount_vnd": -refund_vnd}],
        "returns": [back],
        **more,
    }


def odd(shop: Shop, sale_id: str) -> list[str]:
    """What stands beside a sale."""
    query = text("SELECT kind FROM exception_log WHERE refs ->> 'sale' = :sale ORDER BY kind")
    return list(shop.tx.scalars(query, {"sale": sale_id}))


def test_a_return_of_the_journal_is_posted_and_the_goods_are_back(shop: Shop) -> None:
    sold = journal_sale(shop.one, shop.shirt, 2)
    shop.push(shop.one, ("SALE", sold))
    back = taken_back(shop, shop.other, sold["id"])
    (taken,) = shop.push(shop.other, ("SALE", back))
    assert taken.status == "posted"
    assert odd(shop, back["id"]) == []
    on_hand = shop.tx.scalar(text("SELECT on_hand FROM stock WHERE variant_id = :v"), {"v": shop.shirt})
    assert on_hand == 49
    shop.prove()


def test_a_second_return_of_the_piece_is_posted_and_somebody_is_told(shop: Shop) -> None:
    sold = journal_sale(shop.one, shop.shirt, 1)
    shop.push(shop.one, ("SALE", sold))
    first, second = taken_back(shop, shop.one, sold["id"]), taken_back(shop, shop.other, sold["id"])
    shop.push(shop.one, ("SALE", first))
    (taken,) = shop.push(shop.other, ("SALE", second))
    assert taken.status == "posted"
    assert odd(shop, second["id"]) == ["approval_not_held", "returned_twice"]
    shop.prove()


def test_another_refund_than_ours_is_noted(shop: Shop) -> None:
    sold = journal_sale(shop.one, shop.shirt, 1)
    shop.push(shop.one, ("SALE", sold))
    back = taken_back(shop, shop.one, sold["id"], refund_vnd=90_000)
    shop.push(shop.one, ("SALE", back))
    assert odd(shop, back["id"]) == ["price_diff"]
    shop.prove()


def test_a_return_of_a_sale_nobody_has_heard_of_waits(shop: Shop) -> None:
    unknown = journal_sale(shop.one, shop.shirt, 1)
    shop.one.last_receipt_no -= 1
    (taken,) = shop.push(shop.other, ("SALE", taken_back(shop, shop.other, unknown["id"])))
    assert (taken.status, taken.result["cause"]) == ("quarantined", "not_found")


def test_two_returns_in_one_run_each_see_the_one_before(shop: Shop) -> None:
    sold = journal_sale(shop.one, shop.shirt, 2)
    shop.push(shop.one, ("SALE", sold))
    both = [taken_back(shop, shop.other, sold["id"]) for _ in range(2)]
    assert [taken.status for taken in shop.push(shop.other, *(("SALE", body) for body in both))] == ["posted", "posted"]
    assert [odd(shop, body["id"]) for body in both] == [[], []]
    vat = shop.tx.scalar(text("SELECT sum(vat_vnd) FROM sale_line"))
    assert vat == 0
    shop.prove()
