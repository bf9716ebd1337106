"""Promotions of sales that were made without network: by an older book than the one in force, and beyond a limit."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import a_branch, a_style, a_till, stocked
from loyal import Shop, journal_sale
from placket import catalog, promotions
from placket.core.ids import new_id

LAST_WEEK = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def shop(tx: Session, monkeypatch: pytest.MonkeyPatch) -> Shop:
    branch_id = a_branch(tx)
    shirt = a_style(tx, price_vnd=100_000).one
    stocked(tx, branch_id, {shirt: 50})
    one = a_till(tx, branch_id)
    monkeypatch.setattr(catalog.price_books, "_book", catalog.load_price_book(tx))
    monkeypatch.setattr(promotions.promo_books, "_book", promotions.read_book(tx))
    return Shop(tx, branch_id, one, one, shirt)


def publish(shop: Shop, **limits: int) -> tuple[UUID, int]:
    """Ten per cent off; answers it and the number of its book."""
    promotion_id, by = new_id(), shop.one.cashier.id
    promotions.keep_draft(
        shop.tx,
        promotion_id=promotion_id,
        names=("Giảm 10%", "10 % off"),
        terms={"group": 1, "reward": {"kind": "percent", "bp": 1_000}},
        limits=limits,
        row_version=None,
        staff_id=by,
        now=LAST_WEEK,
    )
    number = promotions.publish(shop.tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=LAST_WEEK)
    return promotion_id, number


def off_ten(shop: Shop, promotion_id: UUID, number: int) -> dict[str, Any]:
    """One shirt with the promotion, as a till without network writes it."""
    sold = journal_sale(shop.one, shop.shirt, 1)
    version = {"promotion_id": str(promotion_id), "version": 1}
    sold["lines"][0] |= {"discount_vnd": 10_000, "offers": [version | {"shares": [10_000]}]}
    return sold | {
        "total_vnd": 90_000,
        "tenders": [{"kind": "cash", "amount_vnd": 90_000}],
        "promo_version": number,
        "offers": [version | {"vnd": 10_000, "uses": 1, "pieces": 1}],
    }


def odd(shop: Shop, sale_id: str) -> list[str]:
    """What stands beside a sale."""
    query = text("SELECT kind FROM exception_log WHERE refs ->> 'sale' = :sale ORDER BY kind")
    return list(shop.tx.scalars(query, {"sale": sale_id}))


def test_a_sale_by_an_older_book_is_told_to_somebody_and_one_by_the_newest_is_not(shop: Shop) -> None:
    promotion_id, number = publish(shop)
    old = journal_sale(shop.one, shop.shirt, 1) | {"promo_version": number - 1}
    shop.push(shop.one, ("SALE", old))
    new = off_ten(shop, promotion_id, number)
    shop.push(shop.one, ("SALE", new))
    assert (odd(shop, old["id"]), odd(shop, new["id"])) == (["old_offers"], [])
    shop.prove()


def test_a_limit_that_the_journal_passes_is_told_to_somebody(shop: Shop) -> None:
    promotion_id, number = publish(shop, pieces_max=1)
    first, second = off_ten(shop, promotion_id, number), off_ten(shop, promotion_id, number)
    shop.push(shop.one, ("SALE", first), ("SALE", second))
    assert (odd(shop, first["id"]), odd(shop, second["id"])) == ([], ["offer_over"])
    shop.prove()
