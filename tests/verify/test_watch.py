"""The watch finds every kind of corruption at its next look, names the document, and forgets it when it is mended."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from books import Line, a_sale, kinds, post
from placket import analytics, clockwork, crm, events, verify
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.verify.models import BooksFinding, BooksTouched
from verify.test_proof import Shop, a_shop


@dataclass
class Watched:
    """Books that are right and that the watch has looked at: the shop of the proofs, and a member who has bought there."""

    database: Database
    shop: Shop
    customer_id: UUID

    def look(self) -> list[BooksFinding]:
        """What is wrong after one look."""
        verify.look(self.database, now=clock.now())
        with self.database.transaction() as tx:
            return tx.query(BooksFinding).order_by(BooksFinding.rule, BooksFinding.subject).all()

    def corrupt(self, statement: str) -> None:
        """Change the books as somebody with the database's password would, past what refuses changes."""
        with self.database.transaction() as tx:
            for table in ("stock_ledger", "loyalty_entry"):
                tx.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER append_only"))
            named = {"sale": self.shop.sale_id, "branch": self.shop.branch_id, "variant": self.shop.variant_id}
            tx.execute(text(statement), named | {"customer": self.customer_id})

    def events(self) -> list[int]:
        """How many findings each word to the office told of."""
        with self.database.transaction() as tx:
            told = "SELECT payload ->> 'wrong' FROM event WHERE topic = :topic ORDER BY id"
            return [int(wrong) for wrong in tx.scalars(text(told), {"topic": events.BOOKS_CHANGED})]


@pytest.fixture
def watched(fresh: Database) -> Watched:
    with fresh.transaction() as tx:
        shop = a_shop(tx)
        customer = crm.create_customer(
            tx,
            customer_id=new_id(),
            details=crm.Details("Trần Bảo Ngọc", "0912345678"),
            home_location_id=shop.branch_id,
            agreed=[crm.Agreed("loyalty", granted=True, text_version="v1")],
            channel="till",
            by=crm.By(None),
            now=clock.now(),
        )
        bought = a_sale(shop.till, Line(shop.variant_id, 1), customer_id=customer.id, at=clock.now() - timedelta(days=2))
        assert kinds(post(tx, bought)) == ["accepted"]
    assert analytics.sum_days(fresh, now=clock.now()) >= 1
    watched = Watched(fresh, shop, customer.id)
    assert watched.look() == []
    return watched


BALANCE = "UPDATE stock SET on_hand = on_hand + 1, version = version + 1 WHERE location_id = :branch"
TENDER = "UPDATE payment SET amount_vnd = 1, tendered_vnd = NULL, change_vnd = NULL WHERE sale_id = :sale"


@pytest.mark.parametrize(
    ("corruption", "rule", "document"),
    [
        (BALANCE, "balance_is_ledger", "balance"),
        ("UPDATE stock_ledger SET qty = qty - 1 WHERE ref = :sale", "sales_move_their_goods", "sale"),
        ("DELETE FROM stock_ledger WHERE ref = :sale", "balance_is_ledger", "balance"),
        (
            TENDER,
            "payments_pay_the_sale",
            "sale",
        ),
        ("DELETE FROM payment WHERE sale_id = :sale", "payments_pay_the_sale", "sale"),
        ("UPDATE sale_line SET vat_vnd = vat_vnd + 1 WHERE sale_id = :sale", "lines_are_the_sale", "sale"),
        (
            "UPDATE sale SET receipt_no = 70, receipt_code = receipt_code || '0' WHERE id = :sale",
            "receipts_are_gapless",
            "epoch",
        ),
        ("UPDATE till_epoch SET last_receipt_no = last_receipt_no + 1", "receipts_are_gapless", "epoch"),
        ("UPDATE customer_account SET points = points + 5", "points_are_their_ledger", "customer"),
        ("DELETE FROM loyalty_entry", "points_are_their_ledger", "customer"),
        ("UPDATE day_sum SET bills = bills + 1 WHERE by = 'hour'", "figures_are_their_sales", "day"),
        ("DELETE FROM day_sum WHERE by = 'staff'", "figures_are_their_sales", "day"),
    ],
)
def test_a_corruption_is_found_at_the_next_look(watched: Watched, corruption: str, rule: str, document: str) -> None:
    watched.corrupt(corruption)
    found = watched.look()
    (one, *_) = [one for one in found if (one.rule, one.document) == (rule, document)]
    shop = watched.shop
    keys = {"sale": shop.sale_id, "balance": f"{shop.branch_id}:{shop.variant_id}", "customer": watched.customer_id}
    if document in keys:
        assert one.document_key == str(keys[document])
    assert one.location_id == (None if document in {"customer", "day"} else shop.branch_id)
    assert watched.events() == [len(found)]


def test_looks_come_often_enough_to_find_it_within_a_minute() -> None:
    assert clockwork.PERIODIC["watch_books"].every_s == 15


def test_what_is_mended_is_forgotten_and_the_office_is_told_both_times(watched: Watched) -> None:
    watched.corrupt(BALANCE)
    assert [one.rule for one in watched.look()] == ["balance_is_ledger"]
    assert [one.rule for one in watched.look()] == ["balance_is_ledger"]  # still wrong, and nobody is told twice
    watched.corrupt(BALANCE.replace("on_hand + 1", "on_hand - 1"))
    assert watched.look() == []
    assert watched.events() == [1, 0]


def test_a_rule_of_all_the_books_is_proved_again_until_it_is_kept(watched: Watched) -> None:
    watched.corrupt("UPDATE sale_line SET returns_line_no = 9 WHERE qty < 0")
    with watched.database.transaction() as tx:
        verify.note(tx, [verify.Finding("returns_were_sold", "nightly", "0", "1")], now=clock.now())
    assert [one.rule for one in watched.look()] == ["returns_were_sold"]
    watched.corrupt("UPDATE sale_line SET returns_line_no = 1 WHERE qty < 0")
    assert watched.look() == []


def test_the_walk_finds_in_one_round_what_no_trigger_has_told(watched: Watched) -> None:
    with watched.database.transaction() as tx:
        tx.execute(text("SET LOCAL session_replication_role = replica"))
        tx.execute(text("DELETE FROM payment WHERE sale_id = :sale"), {"sale": watched.shop.sale_id})
        assert tx.query(BooksTouched).count() == 0
    found: list[BooksFinding] = []
    for _ in range(200):
        found = found or watched.look()
    assert [(one.rule, one.document_key) for one in found] == [("payments_pay_the_sale", str(watched.shop.sale_id))]


def test_a_sale_is_proved_at_the_look_after_it(watched: Watched) -> None:
    with watched.database.transaction() as tx:
        assert kinds(post(tx, a_sale(watched.shop.till, Line(watched.shop.variant_id, 1), at=clock.now()))) == ["accepted"]
    proved = verify.look(watched.database, now=clock.now()).proved
    assert proved >= 3  # the sale, its balance, its till's numbers; more, while others' transactions are open
