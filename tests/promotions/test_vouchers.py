"""Vouchers: codes nobody guesses, who may use one when, and a ledger of what happened to each."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

import builders
from placket import promotions
from placket.core.ids import new_id
from placket.crm.service.customers import merge_customers
from placket.promotions import queries
from placket.promotions.refusals import BatchIdReused, NoVoucherPromotion, UnknownCustomers
from placket.promotions.service.vouchers import block, voucher_code

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
WEEK = (NOW, NOW + timedelta(days=7))
MARKETER = "Nguyễn Thị marketer"


def a_promotion(tx: Session, by: UUID, *, voucher: bool = True) -> UUID:
    promotion_id = new_id()
    terms = {"group": 9, "voucher": voucher, "reward": {"kind": "amount", "vnd": 100_000}}
    promotions.keep_draft(
        tx,
        promotion_id=promotion_id,
        names=("Giảm 100.000", "100,000 off"),
        terms=terms,
        limits={},
        row_version=None,
        staff_id=by,
        now=NOW,
    )
    promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=NOW)
    return promotion_id


def issued(tx: Session, promotion_id: UUID, by: UUID, *, count: int = 1, customers: list[UUID] | None = None) -> list[str]:
    return promotions.issue(
        tx,
        batch_id=new_id(),
        promotion_id=promotion_id,
        name="Tri ân",
        period=WEEK,
        count=count,
        customer_ids=customers or [],
        staff_id=by,
        now=NOW,
    )


def a_customer(tx: Session) -> UUID:
    customer_id = new_id()
    tx.execute(
        text("INSERT INTO customer (id, full_name, given_name, created_at) VALUES (:id, 'Trần Lan', 'Lan', :now)"),
        {"id": customer_id, "now": NOW},
    )
    return customer_id


def test_the_check_digit_is_that_of_ean_13() -> None:
    assert voucher_code("000000000001") == "030000000000018"  # 3 × 1 + 3 × 3 is 12, 8 more make 20
    assert voucher_code("410023817700") == "034100238177004"


def test_codes_are_fifteen_digits_and_all_different(tx: Session) -> None:
    by = builders.a_person(tx, "marketer").id
    codes = issued(tx, a_promotion(tx, by), by, count=500)
    assert len(set(codes)) == 500
    assert {len(code) for code in codes} == {15}
    assert tx.scalar(text("SELECT count(*) FROM voucher_entry WHERE kind = 'issue'")) == 500


def test_whoever_holds_a_bearer_code_may_use_it_in_its_week(tx: Session) -> None:
    by = builders.a_person(tx, "marketer").id
    promotion_id = a_promotion(tx, by)
    [code] = issued(tx, promotion_id, by)
    assert promotions.find(tx, code=code, customer_id=None, now=NOW).promotion_id == promotion_id
    for moment, reason in ((NOW - timedelta(seconds=1), "not_yet"), (WEEK[1], "over")):
        with pytest.raises(promotions.VoucherNotUsable) as refused:
            promotions.find(tx, code=code, customer_id=None, now=moment)
        assert refused.value.facts["reason"] == reason


def test_a_personal_code_is_for_its_customer_only(tx: Session) -> None:
    by = builders.a_person(tx, "marketer").id
    lan, other = a_customer(tx), a_customer(tx)
    [code] = issued(tx, a_promotion(tx, by), by, customers=[lan])
    assert promotions.find(tx, code=code, customer_id=lan, now=NOW).customer_id == lan
    for holder in (other, None):
        with pytest.raises(promotions.VoucherNotUsable) as refused:
            promotions.find(tx, code=code, customer_id=holder, now=NOW)
        assert refused.value.facts["reason"] == "not_yours"


def test_a_personal_code_is_of_the_person_under_whichever_id(tx: Session) -> None:
    by = builders.a_person(tx, "marketer").id
    lan, alias, other = a_customer(tx), a_customer(tx), a_customer(tx)
    [code] = issued(tx, a_promotion(tx, by), by, customers=[alias])
    assert left_of(tx, code, lan) == 0
    merge_customers(tx, loser_id=alias, survivor_id=lan, at=NOW)
    for holder in (lan, alias):
        assert promotions.find(tx, code=code, customer_id=holder, now=NOW).customer_id == lan
    with pytest.raises(promotions.VoucherNotUsable):
        promotions.find(tx, code=code, customer_id=other, now=NOW)
    assert (left_of(tx, code, lan), left_of(tx, code, other)) == (1, 0)


def left_of(tx: Session, code: str, buyer_id: UUID) -> int:
    """How often the posting desk lets a buyer use a code now."""
    sale = {"ord": 1, "id": str(new_id()), "mode": "ask", "vouchers": [code], "sold_at": NOW.isoformat(), "offers": []}
    asked = text("SELECT lock_offers(CAST(:sales AS jsonb), ARRAY[CAST(:buyer AS uuid)])")
    left = tx.scalar(asked, {"sales": json.dumps([sale]), "buyer": buyer_id})
    uses: int = left[f"{code}/{buyer_id}"]["uses"]
    return uses


def test_a_stopped_promotion_closes_its_vouchers(tx: Session) -> None:
    by = builders.a_person(tx, "marketer").id
    promotion_id = a_promotion(tx, by)
    [code] = issued(tx, promotion_id, by)
    promotions.stop(tx, promotion_id=promotion_id, row_version=2, staff_id=by, now=NOW)
    with pytest.raises(promotions.VoucherNotUsable) as refused:
        promotions.find(tx, code=code, customer_id=None, now=NOW)
    assert refused.value.facts["reason"] == "over"


def test_a_blocked_batch_is_used_no_more(tx: Session) -> None:
    by = builders.a_person(tx, "marketer").id
    codes = issued(tx, a_promotion(tx, by), by, count=3)
    batch_id = tx.execute(text("SELECT id FROM voucher_batch")).scalar_one()
    assert block(tx, batch_id=batch_id, staff_id=by, now=NOW) == 3
    assert block(tx, batch_id=batch_id, staff_id=by, now=NOW) == 0
    with pytest.raises(promotions.VoucherNotUsable):
        promotions.find(tx, code=codes[0], customer_id=None, now=NOW)


def test_a_batch_asked_for_again_answers_the_codes_it_has(tx: Session) -> None:
    by = builders.a_person(tx, "marketer").id
    promotion_id = a_promotion(tx, by)
    customers = [a_customer(tx) for _ in range(5)]
    batch_id = new_id()

    def again(name: str) -> list[str]:
        return promotions.issue(
            tx,
            batch_id=batch_id,
            promotion_id=promotion_id,
            name=name,
            period=WEEK,
            count=1,
            customer_ids=customers,
            staff_id=by,
            now=NOW,
        )

    codes = again("Tri ân")
    tx.expunge_all()
    assert again("Tri ân") == codes
    assert tx.scalar(text("SELECT count(*) FROM voucher")) == 5
    with pytest.raises(BatchIdReused):
        again("Sinh nhật")


def test_nobody_gets_a_voucher_who_is_not_known_or_named_twice(tx: Session) -> None:
    by = builders.a_person(tx, "marketer").id
    promotion_id = a_promotion(tx, by)
    lan = a_customer(tx)
    for wanted in ([lan, lan], [new_id()]):
        with pytest.raises(UnknownCustomers):
            issued(tx, promotion_id, by, customers=wanted)
    assert tx.scalar(text("SELECT count(*) FROM voucher_batch")) == 0


def test_a_voucher_is_traced_with_everything_that_happened_to_it(tx: Session) -> None:
    by = builders.a_person(tx, "marketer").id
    lan = a_customer(tx)
    [code] = issued(tx, a_promotion(tx, by), by, customers=[lan])
    batch_id = tx.execute(text("SELECT id FROM voucher_batch")).scalar_one()
    block(tx, batch_id=batch_id, staff_id=by, now=NOW)
    traced = queries.voucher(tx, code)
    assert (traced["state"], traced["customer_name"], traced["batch_name"]) == ("blocked", "Trần Lan", "Tri ân")
    assert [(entry["kind"], entry["actor"]) for entry in traced["entries"]] == [("issue", MARKETER), ("block", MARKETER)]
    [batch] = queries.batches(tx)
    assert (batch["kind"], batch["total"], batch["issued"], batch["blocked"]) == ("personal", 1, 0, 1)


def test_only_a_promotion_that_asks_for_vouchers_has_some(tx: Session) -> None:
    by = builders.a_person(tx, "marketer").id
    with pytest.raises(NoVoucherPromotion):
        issued(tx, a_promotion(tx, by, voucher=False), by)


def test_an_unknown_code_is_nobodys(tx: Session) -> None:
    with pytest.raises(promotions.UnknownVoucher):
        promotions.find(tx, code=voucher_code("123456789012"), customer_id=None, now=NOW)


def test_a_held_voucher_is_for_its_sale_until_it_is_let_go_or_its_time_is_over(tx: Session) -> None:
    by = builders.a_person(tx, "marketer").id
    (code,) = issued(tx, a_promotion(tx, by), by)
    mine, other, soon = new_id(), new_id(), NOW + timedelta(minutes=15)

    def holds(sale_id: UUID, at: datetime) -> None:
        promotions.hold_voucher(
            tx, code=code, sale_id=sale_id, customer_id=None, until=at + timedelta(minutes=15), actor_id=by, now=at
        )

    holds(mine, NOW)
    holds(mine, NOW)  # asked again, it is the same hold
    assert promotions.find(tx, code=code, customer_id=None, now=NOW, sale_id=mine).code == code
    for sale_id in (None, other):
        with pytest.raises(promotions.VoucherNotUsable) as refused:
            promotions.find(tx, code=code, customer_id=None, now=NOW, sale_id=sale_id)
        assert refused.value.facts["reason"] == "held"
    with pytest.raises(promotions.VoucherNotUsable):
        holds(other, NOW)
    assert not promotions.release_voucher(tx, code=code, sale_id=other, actor_id=by, now=NOW)
    assert promotions.release_voucher(tx, code=code, sale_id=mine, actor_id=by, now=NOW)
    holds(other, NOW)
    holds(mine, soon)  # nobody paid in time
    assert promotions.release_expired(tx, now=soon) == 0
    assert promotions.release_expired(tx, now=soon + timedelta(minutes=15)) == 1
    kinds = tx.scalars(text("SELECT e.kind FROM voucher_entry e JOIN voucher v ON v.id = e.voucher_id ORDER BY e.id")).all()
    assert kinds == ["issue", "hold", "release", "hold", "release", "hold", "release"]


def test_a_till_that_is_dark_holds_its_voucher_until_it_is_heard_and_has_handed_in_its_journal(tx: Session) -> None:
    by = builders.a_person(tx, "marketer").id
    (code,) = issued(tx, a_promotion(tx, by), by)
    till = builders.a_till(tx, builders.a_branch(tx))
    mine, until, late = new_id(), NOW + timedelta(minutes=15), NOW + timedelta(hours=3)

    def heard(at: datetime, *, posted: int, head: int) -> None:
        tx.execute(text("UPDATE till SET last_seen_at = :at WHERE id = :till"), {"at": at, "till": till.id})
        journal = "UPDATE till_epoch SET posted_seq = :posted, reported_head_seq = :head WHERE till_id = :till"
        tx.execute(text(journal), {"posted": posted, "head": head, "till": till.id})

    def is_free(at: datetime) -> bool:
        with contextlib.suppress(promotions.VoucherNotUsable):
            return promotions.find(tx, code=code, customer_id=None, now=at).code == code
        return False

    heard(NOW, posted=4, head=4)
    promotions.hold_voucher(
        tx, code=code, sale_id=mine, customer_id=None, until=until, actor_id=by, now=NOW, till_id=till.id
    )
    assert not is_free(late)
    assert promotions.release_expired(tx, now=late) == 0
    heard(late, posted=4, head=5)  # it is back with an entry that is still to come
    assert not is_free(late)
    assert promotions.release_expired(tx, now=late) == 0
    heard(late, posted=5, head=5)  # which was not this sale
    assert is_free(late)
    assert promotions.release_expired(tx, now=late) == 1
