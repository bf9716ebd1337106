"""Every check of ``placket verify`` finds the one discrepancy it is there for, and nothing in books that are right."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import Line, a_sale, kinds, post, raw
from builders import TillAtWork, a_branch, a_depot, a_person, a_style, a_till, stocked
from placket import crm, identity, inventory, promotions, sales, verify
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.payments.hook_rules import Credit
from placket.payments.models import BankAccount
from placket.payments.service import incoming, requests
from placket.pos import shifts
from placket.verify.documents import document_of


@dataclass
class Shop:
    """A branch with a till and a depot, after a sale, a sale that was voided, a return and a promise."""

    tx: Session
    branch_id: UUID
    depot_id: UUID
    till: TillAtWork
    variant_id: UUID
    sale_id: UUID
    voided_id: UUID
    return_id: UUID

    def breaks(self, statement: str, **values: object) -> list[str]:
        """Break the books by hand; answers the names of the checks that notice."""
        self.tx.execute(text("ALTER TABLE stock_ledger DISABLE TRIGGER append_only"))
        self.tx.execute(
            text(statement),
            {"branch": self.branch_id, "depot": self.depot_id, "variant": self.variant_id, "sale": self.sale_id, **values},
        )
        findings = verify.prove(raw(self.tx))
        return sorted({finding.check for finding in findings})


@pytest.fixture
def shop(tx: Session) -> Shop:
    return a_shop(tx)


def a_shop(tx: Session) -> Shop:
    branch_id, depot_id = a_branch(tx), a_depot(tx)
    variant_id = a_style(tx, price_vnd=100_000).one
    till = a_till(tx, branch_id)
    stocked(tx, branch_id, {variant_id: 10})
    stocked(tx, depot_id, {variant_id: 5})
    now = clock.now()
    sold = a_sale(till, Line(variant_id, 3), at=now)
    voided = a_sale(till, Line(variant_id, 1), Line(variant_id, 1, depot_id), at=now)
    came_back = a_sale(till, Line(variant_id, -1, returns=(sold.id, 1)), at=now)
    assert kinds(post(tx, sold)) == kinds(post(tx, voided)) == kinds(post(tx, came_back)) == ["accepted"]
    inventory.reserve(
        tx,
        ref=new_id(),
        kind="ship",
        location_id=depot_id,
        lines=[inventory.Move(variant_id, 2)],
        pay_by=now + timedelta(minutes=10),
        now=now,
    )
    owner = a_person(tx)
    sales.void_sale(tx, sale_id=voided.id, receipt_no=None, reason="Khách đổi ý", who=_principal(tx, owner.id), now=now)
    tx.flush()
    return Shop(tx, branch_id, depot_id, till, variant_id, sold.id, voided.id, came_back.id)


def _principal(tx: Session, staff_id: UUID) -> identity.Principal:
    from_grants = identity.access.grants_of(tx, staff_id, at=None)
    return identity.Principal(new_id(), staff_id, "Chủ", from_grants, None, clock.now())


def test_finds_nothing_in_books_that_are_right(shop: Shop) -> None:
    assert verify.prove(raw(shop.tx)) == []


def test_finds_nothing_in_an_empty_database(tx: Session) -> None:
    assert verify.prove(raw(tx)) == []


def test_finds_a_balance_that_is_not_its_ledger(shop: Shop) -> None:
    assert shop.breaks("UPDATE stock SET on_hand = on_hand + 1, version = version + 1 WHERE location_id = :branch") == [
        "balance_is_ledger"
    ]


def test_finds_a_ledger_row_that_was_lost(shop: Shop) -> None:
    assert shop.breaks("DELETE FROM stock_ledger WHERE ref = :sale") == ["balance_is_ledger", "sales_move_their_goods"]


def test_finds_a_part_of_a_discount_that_was_never_given(shop: Shop) -> None:
    assert shop.breaks(
        "INSERT INTO sale_discount (sale_id, line_no, no, kind, amount_vnd, reason) "
        "VALUES (:sale, 1, 1, 'manual', 5000, 'gift')"
    ) == ["discounts_are_their_parts"]


def test_says_what_it_expected_and_what_it_found(shop: Shop) -> None:
    shop.tx.execute(text("UPDATE stock SET on_hand = 8 + 1, version = version + 1 WHERE on_hand = 8"))
    (finding,) = verify.prove(raw(shop.tx))
    assert finding == verify.Finding("balance_is_ledger", f"{shop.branch_id}:{shop.variant_id}", "8", "9")


def test_finds_a_promise_that_holds_no_piece(shop: Shop) -> None:
    assert shop.breaks("UPDATE stock SET promised = promised - 1, version = version + 1 WHERE location_id = :depot") == [
        "promised_is_promises"
    ]


def test_finds_a_piece_held_for_nobody(shop: Shop) -> None:
    assert shop.breaks("UPDATE promise SET phase = 'released'") == ["promised_is_promises"]


def test_finds_a_question_nobody_asks(shop: Shop) -> None:
    assert shop.breaks("UPDATE stock SET asked = 1, version = version + 1 WHERE location_id = :branch") == [
        "promised_is_promises"
    ]


def test_finds_a_shortage_that_is_none(shop: Shop) -> None:
    assert shop.breaks("UPDATE stock SET short = 1, version = version + 1 WHERE location_id = :branch") == [
        "short_has_exception",
        "short_is_what_lacks",
    ]


def test_finds_a_shortage_nobody_looks_at(shop: Shop) -> None:
    taken = a_sale(shop.till, Line(shop.variant_id, 9), mode="record", at=clock.now())
    assert kinds(post(shop.tx, taken)) == ["accepted"]
    assert verify.prove(raw(shop.tx)) == []
    assert shop.breaks("UPDATE exception_log SET state = 'closed'") == ["short_has_exception"]


def test_finds_a_balance_below_zero_that_is_not_booked_as_short(shop: Shop) -> None:
    taken = a_sale(shop.till, Line(shop.variant_id, 9), mode="record", at=clock.now())
    assert kinds(post(shop.tx, taken)) == ["accepted"]
    shop.tx.execute(text("ALTER TABLE stock DROP CONSTRAINT ck_stock_promises_have_pieces"))
    assert shop.breaks("UPDATE stock SET short = 0, version = version + 1") == ["short_is_what_lacks"]


def test_finds_a_move_without_a_document(shop: Shop) -> None:
    assert shop.breaks("UPDATE stock_ledger SET ref = gen_random_uuid() WHERE kind = 'opening'") == ["moves_have_documents"]


def test_finds_a_move_with_another_kind_of_document(shop: Shop) -> None:
    assert shop.breaks("UPDATE stock_ledger SET kind = 'count' WHERE kind = 'opening'") == ["moves_have_documents"]


def test_finds_a_move_by_nobody(shop: Shop) -> None:
    assert shop.breaks("UPDATE stock_ledger SET staff_id = NULL WHERE ref = :sale") == ["moves_name_their_seller"]


def test_finds_a_sale_that_moved_other_goods(shop: Shop) -> None:
    assert shop.breaks("UPDATE sale_line SET source_id = :depot WHERE sale_id = :sale") == ["sales_move_their_goods"]


def test_finds_a_voided_sale_that_kept_the_goods(shop: Shop) -> None:
    assert shop.breaks("DELETE FROM stock_ledger WHERE kind = 'void' AND location_id = :depot") == [
        "balance_is_ledger",
        "voids_put_goods_back",
    ]


def test_finds_goods_put_back_for_a_sale_that_stands(shop: Shop) -> None:
    assert "voids_put_goods_back" in shop.breaks(
        "UPDATE sale SET state = 'posted', voided_at = NULL WHERE id = :voided", voided=shop.voided_id
    )


def test_finds_a_line_that_was_lost(shop: Shop) -> None:
    assert shop.breaks("DELETE FROM sale_line WHERE sale_id = :sale") == [
        "lines_are_the_sale",
        "refunds_were_paid",
        "returns_were_sold",
        "sales_move_their_goods",
    ]


def test_finds_a_total_that_the_lines_do_not_add_up_to(shop: Shop) -> None:
    assert shop.breaks("UPDATE sale SET list_vnd = list_vnd + 1, total_vnd = total_vnd + 1 WHERE id = :sale") == [
        "lines_are_the_sale",
        "payments_pay_the_sale",
    ]


def test_finds_a_payment_that_was_lost(shop: Shop) -> None:
    assert shop.breaks("DELETE FROM payment WHERE sale_id = :sale") == ["payments_pay_the_sale"]


def test_finds_a_voided_sale_that_kept_the_money(shop: Shop) -> None:
    assert shop.breaks("DELETE FROM payment WHERE sale_id = :voided AND amount_vnd < 0", voided=shop.voided_id) == [
        "payments_pay_the_sale"
    ]


def test_finds_a_rounding_nobody_paid(shop: Shop) -> None:
    assert shop.breaks("UPDATE sale SET rounding_vnd = 500 WHERE id = :sale") == ["payments_pay_the_sale"]


def test_finds_vat_that_is_one_dong_off(shop: Shop) -> None:
    shop.tx.execute(text("UPDATE sale SET vat_vnd = vat_vnd + 1 WHERE id = :sale"), {"sale": shop.sale_id})
    assert shop.breaks("UPDATE sale_line SET vat_vnd = vat_vnd + 1 WHERE sale_id = :sale") == ["vat_is_inside"]


def test_finds_vat_beyond_a_line_that_came_back(shop: Shop) -> None:
    shop.tx.execute(text("UPDATE sale SET vat_vnd = 1 WHERE id = :back"), {"back": shop.return_id})
    assert shop.breaks("UPDATE sale_line SET vat_vnd = 1 WHERE sale_id = :back", back=shop.return_id) == ["vat_is_inside"]


def test_finds_a_gap_in_the_receipts(shop: Shop) -> None:
    assert shop.breaks("UPDATE sale SET receipt_no = 4, receipt_code = 'HN01-1-1-0000004' WHERE receipt_no = 2") == [
        "receipts_are_gapless"
    ]


def test_finds_a_receipt_number_that_was_used_up_by_nobody(shop: Shop) -> None:
    assert shop.breaks("UPDATE till_epoch SET last_receipt_no = 4") == ["receipts_are_gapless"]


def test_finds_a_receipt_with_the_code_of_another_till(shop: Shop) -> None:
    assert shop.breaks("UPDATE sale SET receipt_code = 'HN01-2-1-0000001' WHERE id = :sale") == ["receipts_are_gapless"]


def test_finds_a_sale_on_another_day_than_its_moment(shop: Shop) -> None:
    assert shop.breaks("UPDATE sale SET sold_on = sold_on - 1 WHERE id = :sale") == ["days_are_the_moments"]


def test_finds_more_coming_back_than_was_sold(shop: Shop) -> None:
    again = a_sale(shop.till, Line(shop.variant_id, -3, returns=(shop.sale_id, 1)), at=clock.now())
    assert kinds(post(shop.tx, again)) == ["accepted"]
    found = {(finding.check, finding.expected, finding.found) for finding in verify.prove(raw(shop.tx))}
    assert found == {("returns_were_sold", "3 at most", "4"), ("refunds_were_paid", "300000 at most", "400000")}


def test_finds_points_that_stayed_although_the_goods_came_back(shop: Shop) -> None:
    buyer = crm.create_customer(
        shop.tx,
        customer_id=new_id(),
        details=crm.Details("Trần Bảo Ngọc", "0977000111"),
        home_location_id=shop.till.location_id,
        agreed=[crm.Agreed("loyalty", granted=True, text_version="v1")],
        channel="till",
        by=crm.By(None),
        now=clock.now(),
    )
    sold = a_sale(shop.till, Line(shop.variant_id, 1), customer_id=buyer.id, at=clock.now())
    assert kinds(post(shop.tx, sold)) == ["accepted"]
    back = a_sale(shop.till, Line(shop.variant_id, -1, returns=(sold.id, 1)), at=clock.now())
    assert kinds(post(shop.tx, back)) == ["accepted"]  # told nobody that it takes goods back
    assert {finding.check for finding in verify.prove(raw(shop.tx))} == {"returns_settle_points"}


def test_finds_a_return_of_something_that_was_never_sold(shop: Shop) -> None:
    assert shop.breaks("UPDATE sale_line SET returns_sale_id = gen_random_uuid() WHERE qty < 0") == [
        "refunds_were_paid",
        "returns_were_sold",
    ]


def test_finds_a_sale_without_its_event(shop: Shop) -> None:
    assert shop.breaks("DELETE FROM event WHERE topic = 'sale.completed' AND key = CAST(:sale AS text)") == [
        "sales_have_events"
    ]


def test_finds_a_void_without_its_event(shop: Shop) -> None:
    assert shop.breaks("DELETE FROM event WHERE topic = 'sale.voided'") == ["sales_have_events"]


def test_asks_no_events_of_history_that_was_loaded(shop: Shop) -> None:
    shop.tx.execute(text("UPDATE sale SET fingerprint = NULL"))
    assert shop.breaks("DELETE FROM event WHERE topic LIKE 'sale.%'") == []


def test_asks_no_events_of_sales_older_than_a_week(shop: Shop) -> None:
    shop.tx.execute(text("UPDATE sale SET recorded_at = now() - interval '8 days', voided_at = NULL"))
    assert shop.breaks("DELETE FROM event WHERE topic LIKE 'sale.%'") == []


def test_finds_an_event_that_tells_another_balance(shop: Shop) -> None:
    assert shop.breaks("UPDATE event SET payload = payload || '{\"on_hand\": 99}' WHERE topic = 'stock.changed'") == [
        "events_tell_the_balance"
    ]


def test_finds_a_balance_that_went_back_behind_its_events(shop: Shop) -> None:
    assert shop.breaks("UPDATE stock SET version = version - 1 WHERE location_id = :depot") == ["events_tell_the_balance"]


@dataclass
class ClosedShift:
    """A shift of the shop's till, closed on its float of 100.000 ₫."""

    shop: Shop
    shift_id: UUID

    def breaks(self, statement: str) -> list[str]:
        """Break the books by hand; answers the names of the checks that notice."""
        for table, trigger in (("z_report", "append_only"), ("cash_move", "append_only"), ("shift", "closed_stays")):
            self.shop.tx.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}"))
        return self.shop.breaks(statement, shift=self.shift_id)


@pytest.fixture
def closed(shop: Shop) -> ClosedShift:
    who = identity.principal_of_session(shop.tx, shop.till.cashier.session_id, now=clock.now())
    assert who is not None
    shift_id, now, pieces = new_id(), clock.now(), {100_000: 1}
    shifts.open_shift(shop.tx, shift_id=shift_id, pieces=pieces, note=None, who=who, now=now)
    shifts.count(shop.tx, count_id=new_id(), shift_id=shift_id, pieces=pieces, who=who, now=now)
    shifts.close(shop.tx, shift_id=shift_id, reason=None, deposit_bag=None, who=who, approved_by=None, now=now)
    return ClosedShift(shop, shift_id)


def test_finds_a_z_that_is_not_its_float(closed: ClosedShift) -> None:
    assert closed.breaks("UPDATE shift SET float_vnd = 200000 WHERE id = :shift") == ["z_is_its_payments"]


def test_what_is_wrong_with_a_shift_opens_the_shift(closed: ClosedShift) -> None:
    closed.breaks("UPDATE shift SET float_vnd = 200000 WHERE id = :shift")
    (finding,) = verify.prove(raw(closed.shop.tx))
    shown = document_of(closed.shop.tx, finding.subject)
    assert shown is not None
    assert (shown.kind, shown.key, shown.location_id) == ("shift", str(closed.shift_id), closed.shop.branch_id)
    assert shown.label.endswith(" · Z 1")
    assert document_of(closed.shop.tx, f"shift {closed.shift_id}") == shown


def test_finds_cash_moved_after_the_z(closed: ClosedShift) -> None:
    assert closed.breaks(
        "INSERT INTO cash_move (id, shift_id, kind, amount_vnd, reason, staff_id, moved_at) "
        "SELECT gen_random_uuid(), id, 'in', 1000, 'x', staff_id, now() FROM shift WHERE id = :shift"
    ) == ["z_is_its_payments"]


def test_finds_a_number_that_no_z_has(closed: ClosedShift) -> None:
    assert closed.breaks("UPDATE z_report SET number = 2 WHERE shift_id = :shift") == ["z_is_gapless"]


def test_finds_two_shifts_at_once(closed: ClosedShift) -> None:
    assert closed.breaks(
        "INSERT INTO shift (id, location_id, till_id, staff_id, opened_by, opened_at, float_pieces, float_vnd) "
        "SELECT gen_random_uuid(), location_id, till_id, staff_id, staff_id, opened_at, '{}', 0 FROM shift WHERE id = :shift"
    ) == ["shifts_do_not_overlap"]


def taken(shop: Shop) -> UUID:
    """A transfer of 300.000 ₫ that came in by its code; answers the payment."""
    who = identity.principal_of_session(shop.tx, shop.till.cashier.session_id, now=clock.now())
    assert who is not None
    asked = requests.ask(
        shop.tx, request_id=new_id(), kind="transfer", cart_id=new_id(), amount_vnd=300_000, who=who, now=clock.now()
    )
    account = BankAccount(
        id=new_id(),
        location_id=shop.branch_id,
        bank_bin="970436",
        account_no="0123499999",
        account_name="LUA",
        active=True,
        created_at=clock.now(),
    )
    shop.tx.add(account)
    shop.tx.flush()
    asked.bank_account_id = account.id
    requests.renew(shop.tx, request_id=asked.id, who=who, now=clock.now())
    code = shop.tx.scalars(text("SELECT code FROM payment_code")).one()
    credit = Credit("1", "0123499999", 300_000, code, None, None)
    assert incoming.record_credit(shop.tx, provider="sepay", credit=credit, now=clock.now()) == "matched"
    return asked.id


def test_finds_a_payment_that_paid_for_no_tender(shop: Shop) -> None:
    payment_id = taken(shop)
    assert shop.breaks("UPDATE payment_request SET sale_id = :sale WHERE id = :id", id=payment_id) == [
        "payments_are_taken_once"
    ]


def test_finds_money_that_no_bank_has_sent(shop: Shop) -> None:
    payment_id = taken(shop)
    assert verify.prove(raw(shop.tx)) == []
    assert shop.breaks("UPDATE payment_request SET received_vnd = 400000 WHERE id = :id", id=payment_id) == [
        "credits_are_what_came"
    ]


@pytest.fixture
def voucher(shop: Shop) -> str:
    """The shop after two pieces with a voucher of 10 %, which has a limit."""
    tx, now, promotion_id = shop.tx, clock.now(), new_id()
    promotions.keep_draft(
        tx,
        promotion_id=promotion_id,
        names=("Tri ân", "Thanks"),
        terms={"group": 9, "voucher": True, "reward": {"kind": "percent", "bp": 1_000}},
        limits={"uses_max": 5},
        row_version=None,
        staff_id=shop.till.cashier.id,
        now=now,
    )
    promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=shop.till.cashier.id, now=now)
    [code] = promotions.issue(
        tx,
        batch_id=new_id(),
        promotion_id=promotion_id,
        name="Tri ân",
        period=(now - timedelta(days=1), now + timedelta(days=1)),
        count=1,
        customer_ids=[],
        staff_id=shop.till.cashier.id,
        now=now,
    )
    version = {"promotion_id": str(promotion_id), "version": 1}
    sale = a_sale(shop.till, Line(shop.variant_id, 2), at=now)
    part = {"no": 1, "kind": "promotion", "amount_vnd": 20_000, "shares_vnd": [10_000, 10_000]}
    part |= {"promotion_id": str(promotion_id), "promotion_version": 1}
    sale.lines[0] |= {"discount_vnd": 20_000, "total_vnd": 180_000, "vat_vnd": 13_333, "discounts": [part]}
    sale.tenders[0]["amount_vnd"] = 180_000
    money = {"discount_vnd": 20_000, "total_vnd": 180_000, "vat_vnd": 13_333}
    offer = version | {"uses": 1, "pieces": 2, "amount_vnd": 20_000}
    assert kinds(post(tx, msgspec.structs.replace(sale, **money, offers=[offer], vouchers=[code]))) == ["accepted"]
    assert verify.prove(raw(tx)) == []
    return code


@pytest.mark.usefixtures("voucher")
def test_finds_a_promotion_that_took_more_off_the_lines_than_off_the_sale(shop: Shop) -> None:
    assert shop.breaks("UPDATE promotion_use SET amount_vnd = amount_vnd - 1") == [
        "limits_are_their_uses",
        "offers_explain_discounts",
    ]


@pytest.mark.usefixtures("voucher")
def test_finds_pieces_that_got_more_than_their_line(shop: Shop) -> None:
    assert shop.breaks("UPDATE sale_discount SET shares_vnd = '{10000,10001}'") == ["shares_are_the_part"]


@pytest.mark.usefixtures("voucher")
def test_finds_a_limit_that_forgot_a_sale(shop: Shop) -> None:
    assert shop.breaks("UPDATE promotion_limit SET uses = 0") == ["limits_are_their_uses"]


def test_finds_a_voucher_that_could_pay_again(shop: Shop, voucher: str) -> None:
    statement = "UPDATE voucher SET state = 'issued', sale_id = NULL WHERE code = :code"
    assert shop.breaks(statement, code=voucher) == ["vouchers_are_their_ledger"]


def test_finds_a_voucher_in_another_sale_than_its_promotion(shop: Shop, voucher: str) -> None:
    assert shop.breaks("UPDATE voucher SET sale_id = :sale WHERE code = :code", code=voucher) == [
        "vouchers_are_their_ledger"
    ]


@dataclass
class Loyal:
    """The shop with a customer: points earned, some of them spent, some held; credit issued; another id merged into them."""

    shop: Shop
    customer_id: UUID
    alias_id: UUID

    def breaks(self, statement: str, *, table: str | None = None) -> list[str]:
        """Break it by hand, past the trigger that refuses changes if need be."""
        if table is not None:
            self.shop.tx.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER append_only"))
        return self.shop.breaks(statement, customer=self.customer_id, alias=self.alias_id)


@pytest.fixture
def loyal(shop: Shop) -> Loyal:
    tx, now = shop.tx, clock.now()
    agreed = [crm.Agreed("loyalty", granted=True, text_version="v1")]
    ids = [new_id(), new_id()]
    for place, customer_id in enumerate(ids):
        details = crm.Details("Trần Bảo Ngọc", f"091234567{place}")
        crm.create_customer(
            tx,
            customer_id=customer_id,
            details=details,
            home_location_id=shop.branch_id,
            agreed=agreed,
            channel="till",
            by=crm.By(None),
            now=now,
        )
    crm.merge_customers(tx, loser_id=ids[1], survivor_id=ids[0], at=now)
    earning = a_sale(shop.till, Line(shop.variant_id, 4), customer_id=ids[0], at=now - timedelta(days=30))
    assert kinds(post(tx, earning)) == ["accepted"]
    asked = {
        "till_id": shop.till.id,
        "epoch": 1,
        "staff_id": shop.till.cashier.id,
        "now": now,
        "on": clock.business_day(now),
    }
    sale = a_sale(shop.till, Line(shop.variant_id, 1), customer_id=ids[0], at=now)
    spent = crm.hold(tx, right="points", customer_id=ids[0], amount=10, request_no=1, sale_id=sale.id, **asked)
    spend = {"hold_id": str(spent.id), "type": "points", "amount": 10, "value_vnd": 1_000}
    assert kinds(post(tx, msgspec.structs.replace(sale, spends=[spend]))) == ["accepted"]
    crm.issue_credit(tx, issue_id=new_id(), customer_id=ids[0], amount_vnd=50_000, reason="Đền bù", by=crm.By(None), now=now)
    crm.hold(tx, right="points", customer_id=ids[0], amount=20, request_no=2, sale_id=new_id(), **asked)
    crm.hold(tx, right="store_credit", customer_id=ids[0], amount=9_000, request_no=3, sale_id=new_id(), **asked)
    assert verify.prove(raw(tx)) == []
    return Loyal(shop, ids[0], ids[1])


def test_finds_points_that_no_entry_gave(loyal: Loyal) -> None:
    assert loyal.breaks("UPDATE customer_account SET points = points + 1 WHERE customer_id = :customer") == [
        "lots_are_the_balance",
        "points_are_their_ledger",
    ]


def test_finds_a_lot_that_holds_more_than_its_holds(loyal: Loyal) -> None:
    assert loyal.breaks("UPDATE loyalty_lot SET held = held + 1 WHERE held > 0") == ["lots_are_their_entries"]


def test_finds_an_entry_of_points_that_was_lost(loyal: Loyal) -> None:
    assert loyal.breaks("DELETE FROM loyalty_entry WHERE kind = 'spend'", table="loyalty_entry") == [
        "holds_are_spent_once",
        "lots_are_their_entries",
        "points_are_their_ledger",
    ]


def test_finds_credit_that_nobody_issued(loyal: Loyal) -> None:
    assert loyal.breaks("UPDATE customer_account SET credit_vnd = credit_vnd + 1 WHERE credit_vnd > 0") == [
        "credit_is_its_ledger"
    ]


def test_finds_a_hold_that_its_sale_did_not_end(loyal: Loyal) -> None:
    found = loyal.breaks("UPDATE right_hold SET state = 'held', ended_at = NULL WHERE state = 'spent'")
    assert found == ["holds_are_spent_once", "lots_are_their_entries"]


def test_finds_points_that_a_voided_sale_still_gives(loyal: Loyal) -> None:
    found = loyal.breaks("UPDATE sale SET state = 'void' WHERE customer_id IS NOT NULL AND discount_vnd = 0")
    assert "voids_give_rights_back" in found


def test_finds_an_alias_of_an_alias(loyal: Loyal) -> None:
    assert loyal.breaks("UPDATE customer SET merged_into = :alias WHERE id = :customer") == ["aliases_have_nothing"]


def test_finds_somebody_who_collects_points_without_having_agreed(loyal: Loyal) -> None:
    assert loyal.breaks("DELETE FROM consent", table="consent") == ["consent_is_the_last_word"]


def test_every_check_is_broken_by_some_test() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parents[1].rglob("test_*.py"))
    assert [check.name for check in verify.CHECKS if f'"{check.name}"' not in source] == []


def test_reports_a_table_and_no_error_when_the_books_are_right(
    fresh: Database, fresh_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with fresh.transaction() as tx:
        a_shop(tx)
    assert verify.report(fresh_url) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(verify.CHECKS) + 1
    assert all(" ok " in line for line in lines[:-1])
    assert lines[-1].startswith(f"The books are right: {len(verify.CHECKS)} checks in ")


def test_stops_at_the_first_discrepancy_with_an_error(
    fresh: Database, fresh_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with fresh.transaction() as tx:
        shop = a_shop(tx)
        tx.execute(text("UPDATE stock SET on_hand = on_hand + 1 WHERE on_hand = 8"))
        tx.execute(text("DELETE FROM payment"))
    assert verify.report(fresh_url, as_json=True) == 1
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["check"], told["ok"]) == ("balance_is_ledger", False)
    assert told["findings"] == [{"subject": f"{shop.branch_id}:{shop.variant_id}", "expected": "8", "found": "9"}]
