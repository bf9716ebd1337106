"""What sales take of limits and vouchers, inside the desk's own transaction: never one too many, given back by a void."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import Line, a_sale, kinds, post
from builders import TillAtWork, a_branch, a_style, a_till, stocked
from placket import promotions
from placket.core.ids import new_id
from placket.crm.service.customers import merge_customers
from placket.sales.desk import SaleToPost

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)


@pytest.fixture
def till(tx: Session) -> TillAtWork:
    return a_till(tx, a_branch(tx))


@pytest.fixture
def shirt(tx: Session, till: TillAtWork) -> UUID:
    variant = a_style(tx, price_vnd=100_000, sizes=("M",)).one
    stocked(tx, till.location_id, {variant: 100})
    return variant


def a_promotion(tx: Session, by: UUID, *, voucher: bool = False, **limits: int) -> UUID:
    promotion_id = new_id()
    terms = {"group": 1, "voucher": voucher, "reward": {"kind": "percent", "bp": 1_000}}
    promotions.keep_draft(
        tx,
        promotion_id=promotion_id,
        names=("Giảm", "Off"),
        terms=terms,
        limits=limits,
        row_version=None,
        staff_id=by,
        now=NOW,
    )
    promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=NOW)
    return promotion_id


def a_customer(tx: Session) -> UUID:
    customer_id = new_id()
    tx.execute(
        text("INSERT INTO customer (id, full_name, given_name, created_at) VALUES (:id, 'Trần Lan', 'Lan', :now)"),
        {"id": customer_id, "now": NOW},
    )
    return customer_id


def sale(
    till: TillAtWork,
    shirt: UUID,
    promotion_id: UUID,
    *,
    uses: int = 1,
    pieces: int = 1,
    vnd: int = 10_000,
    mode: str = "ask",
    **more: Any,
) -> SaleToPost:
    offer = {"promotion_id": str(promotion_id), "version": 1, "uses": uses, "pieces": pieces, "amount_vnd": vnd}
    return msgspec.structs.replace(a_sale(till, Line(shirt, 1)), offers=[offer], mode=mode, **more)


def used(tx: Session) -> tuple[int, int, int]:
    row = tx.execute(text("SELECT uses, pieces, spent_vnd FROM promotion_limit")).one()
    return row.uses, row.pieces, row.spent_vnd


def test_a_batch_takes_what_is_left_in_order_and_no_more(tx: Session, till: TillAtWork, shirt: UUID) -> None:
    promotion_id = a_promotion(tx, till.cashier.id, pieces_max=3)
    outcomes = post(tx, *(sale(till, shirt, promotion_id) for _ in range(3)))
    assert kinds(outcomes) == ["accepted"] * 3
    assert kinds(post(tx, sale(till, shirt, promotion_id))) == ["offer_gone"]
    assert used(tx) == (3, 3, 30_000)


def test_the_last_use_goes_to_one_sale_of_a_batch(tx: Session, till: TillAtWork, shirt: UUID) -> None:
    other = a_till(tx, till.location_id, cashier=till.cashier.id)
    promotion_id = a_promotion(tx, till.cashier.id, uses_max=1)
    assert kinds(post(tx, sale(till, shirt, promotion_id), sale(other, shirt, promotion_id))) == ["accepted", "offer_gone"]
    assert tx.scalar(text("SELECT count(*) FROM promotion_use")) == 1


def test_a_budget_is_never_passed_by_one_dong(tx: Session, till: TillAtWork, shirt: UUID) -> None:
    promotion_id = a_promotion(tx, till.cashier.id, budget_vnd=19_999)
    assert kinds(post(tx, sale(till, shirt, promotion_id))) == ["accepted"]
    assert kinds(post(tx, sale(till, shirt, promotion_id))) == ["offer_gone"]
    till.last_receipt_no -= 1
    assert kinds(post(tx, sale(till, shirt, promotion_id, vnd=9_999))) == ["accepted"]
    assert used(tx) == (2, 2, 19_999)


def test_a_sale_refused_for_stock_takes_nothing_of_a_limit(tx: Session, till: TillAtWork, shirt: UUID) -> None:
    other = a_till(tx, till.location_id, cashier=till.cashier.id)
    promotion_id = a_promotion(tx, till.cashier.id, uses_max=1)
    too_many = msgspec.structs.replace(a_sale(till, Line(shirt, 101)), offers=sale(other, shirt, promotion_id).offers)
    other.last_receipt_no -= 1
    assert kinds(post(tx, too_many, sale(other, shirt, promotion_id))) == ["out_of_stock", "accepted"]


def test_one_receipt_gets_no_more_than_one_customer_would(tx: Session, till: TillAtWork, shirt: UUID) -> None:
    promotion_id = a_promotion(tx, till.cashier.id, pieces_a_customer=2)
    assert kinds(post(tx, sale(till, shirt, promotion_id, pieces=3))) == ["offer_gone"]
    till.last_receipt_no -= 1
    assert kinds(post(tx, sale(till, shirt, promotion_id, pieces=2))) == ["accepted"]
    assert kinds(post(tx, sale(till, shirt, promotion_id, pieces=2))) == ["accepted"]


def test_a_person_has_had_what_they_had_under_every_id(tx: Session, till: TillAtWork, shirt: UUID) -> None:
    promotion_id = a_promotion(tx, till.cashier.id, pieces_a_customer=3)
    lan, alias = (a_customer(tx) for _ in range(2))
    assert kinds(post(tx, sale(till, shirt, promotion_id, pieces=2, customer_id=alias))) == ["accepted"]
    merge_customers(tx, loser_id=alias, survivor_id=lan, at=NOW)
    for each in (lan, alias):
        assert promotions.had_by(tx, each) == {str(promotion_id): (1, 2)}
        assert kinds(post(tx, sale(till, shirt, promotion_id, pieces=2, customer_id=each))) == ["offer_gone"]
        till.last_receipt_no -= 1
    assert kinds(post(tx, sale(till, shirt, promotion_id, pieces=1, customer_id=lan))) == ["accepted"]
    assert promotions.had_by(tx, alias) == {str(promotion_id): (2, 3)}


def test_a_journal_is_believed_and_counted_beyond_the_limit(tx: Session, till: TillAtWork, shirt: UUID) -> None:
    promotion_id = a_promotion(tx, till.cashier.id, uses_max=1)
    records = [sale(till, shirt, promotion_id, mode="record") for _ in range(2)]
    assert kinds(post(tx, *records)) == ["accepted", "accepted"]
    assert used(tx)[0] == 2


def test_everybody_hears_what_is_left(tx: Session, till: TillAtWork, shirt: UUID) -> None:
    promotion_id = a_promotion(tx, till.cashier.id, pieces_max=50)
    post(tx, sale(till, shirt, promotion_id, pieces=2))
    told = tx.execute(text("SELECT key, payload FROM event WHERE topic = 'promotion.used'")).one()
    assert told.key == str(promotion_id)
    assert told.payload == {"promotion_id": str(promotion_id), "uses": None, "pieces": 48, "budget_vnd": None}


def vouchers(tx: Session, by: UUID, promotion_id: UUID, count: int) -> list[str]:
    return promotions.issue(
        tx,
        batch_id=new_id(),
        promotion_id=promotion_id,
        name="Tri ân",
        period=(NOW - timedelta(days=3650), NOW + timedelta(days=3650)),
        count=count,
        customer_ids=[],
        staff_id=by,
        now=NOW,
    )


def ledger(tx: Session) -> list[str]:
    return list(tx.scalars(text("SELECT kind FROM voucher_entry ORDER BY id")))


def test_a_voucher_pays_once_and_comes_back_with_a_void(tx: Session, till: TillAtWork, shirt: UUID) -> None:
    promotion_id = a_promotion(tx, till.cashier.id, voucher=True, uses_max=5)
    [code] = vouchers(tx, till.cashier.id, promotion_id, 1)
    first = sale(till, shirt, promotion_id, vouchers=[code])
    assert kinds(post(tx, first, sale(till, shirt, promotion_id, vouchers=[code]))) == ["accepted", "offer_gone"]
    assert ledger(tx) == ["issue", "redeem"]
    promotions.give_back(tx, sale_id=first.id, at=NOW)
    assert ledger(tx) == ["issue", "redeem", "restore"]
    assert used(tx) == (0, 0, 0)
    till.last_receipt_no -= 1
    assert kinds(post(tx, sale(till, shirt, promotion_id, vouchers=[code]))) == ["accepted"]


def test_an_offline_voucher_that_was_used_meanwhile_is_written_down(tx: Session, till: TillAtWork, shirt: UUID) -> None:
    promotion_id = a_promotion(tx, till.cashier.id, voucher=True)
    [code] = vouchers(tx, till.cashier.id, promotion_id, 1)
    post(tx, sale(till, shirt, promotion_id, vouchers=[code]))
    assert kinds(post(tx, sale(till, shirt, promotion_id, vouchers=[code], mode="record"))) == ["accepted"]
    assert tx.scalar(text("SELECT count(*) FROM exception_log WHERE kind = 'offer_over'")) == 1
    assert ledger(tx) == ["issue", "redeem"]
