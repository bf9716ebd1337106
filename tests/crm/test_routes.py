"""Customers over HTTP: what a till is told, what is masked, what is written down when it is not, and how a hold ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from books import prove
from builders import Person, TillAtWork, a_branch, a_cart, a_person, a_style, a_till, stocked
from placket import crm
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from serving import serving

PRICE_VND = 100_000


@dataclass
class Shop:
    """A branch with a till, one with none, and somebody at home in the first with 500.000 ₫ of credit."""

    client: httpx.Client
    database: Database
    owner: Person
    branch_id: UUID
    till: TillAtWork
    stranger: TillAtWork
    shirt: UUID
    customer_id: UUID

    def hold(self, amount: int, *, no: int, sale_id: UUID) -> httpx.Response:
        """The till keeps some credit for a sale."""
        body = {
            "type": "store_credit",
            "id": str(self.customer_id),
            "amount": amount,
            "request_no": no,
            "sale_id": str(sale_id),
        }
        return self.client.post("/api/holds", json=body, headers=self.till.bearer)

    def pulse(self, *, settled_no: int, head_seq: int) -> None:
        """The till says how it is."""
        body: dict[str, Any] = {"epoch": 1, "opening": 1, "board_no": 0, "head_seq": head_seq, "pending": 0}
        body |= {"settled_no": settled_no, "clock": clock.now().isoformat()}
        bearer = {"authorization": f"Bearer {self.till.device_token}"}
        assert self.client.post("/api/till/heartbeat", json=body, headers=bearer).status_code == 200

    def held(self) -> int:
        """How much of the credit is held."""
        with self.database.transaction() as tx:
            return int(tx.scalars(text("SELECT credit_held_vnd FROM customer_account")).one())


@pytest.fixture
def shop(fresh: Database) -> Iterator[Shop]:
    with fresh.transaction() as tx:
        branch_id, other = a_branch(tx), a_branch(tx, "HN02")
        shirt = a_style(tx, price_vnd=PRICE_VND).one
        stocked(tx, branch_id, {shirt: 9})
        till, stranger, owner = a_till(tx, branch_id), a_till(tx, other), a_person(tx, "owner")
        made = crm.create_customer(
            tx,
            customer_id=new_id(),
            details=crm.Details("Trần Bảo Ngọc", "0901233456"),
            home_location_id=branch_id,
            agreed=[crm.Agreed("loyalty", granted=True, text_version="v1")],
            channel="till",
            by=crm.By(None),
            now=clock.now(),
        )
        issued = {"customer_id": made.id, "reason": "Đền bù", "by": crm.By(None), "now": clock.now()}
        crm.issue_credit(tx, issue_id=new_id(), amount_vnd=500_000, **issued)
    with serving(fresh.url) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        yield Shop(client, fresh, owner, branch_id, till, stranger, shirt, made.id)


def test_a_till_holds_its_branch_hears_what_changed_and_never_sees_a_whole_number(shop: Shop) -> None:
    first = shop.client.get("/api/till/customers", headers=shop.till.bearer).json()
    (row,) = first["rows"]
    assert (first["whole"], row[0], row[2:5], row[8]) == (
        True,
        str(shop.customer_id),
        ["Trần Bảo Ngọc", "090 ••• 3456", "3456"],
        500_000,
    )
    since = {"cursor": first["cursor"]}
    quiet = shop.client.get("/api/till/customers", params=since, headers=shop.till.bearer).json()
    assert (quiet["whole"], quiet["rows"]) == (False, [])
    cart = a_cart(shop.till, (shop.shirt, 3, PRICE_VND), customer_id=shop.customer_id)
    sold = shop.client.post("/api/sales", json=cart, headers=shop.till.bearer)
    assert sold.json()["points"] == {"earned": 30, "spent": 0, "balance": 30}
    heard = shop.client.get("/api/till/customers", params=since, headers=shop.till.bearer)
    assert [changed[6] for changed in heard.json()["rows"]] == [30]
    assert "901233456" not in heard.text
    assert first["terms"]["earn_per_vnd"] == 10_000


def test_another_branch_finds_somebody_by_the_whole_number_only_and_knows_them_from_then_on(shop: Shop) -> None:
    bearer = shop.stranger.bearer
    assert shop.client.get("/api/till/customers", headers=bearer).json()["rows"] == []
    assert shop.client.get(f"/api/customers/{shop.customer_id}", headers=bearer).status_code == 404
    assert shop.client.get("/api/customers", params={"q": "3456"}, headers=bearer).json()["items"] == []
    found = shop.client.post("/api/till/customers/find", json={"phone": "0901 233 456"}, headers=bearer)
    assert found.json()["row"][0] == str(shop.customer_id)
    assert shop.client.get(f"/api/customers/{shop.customer_id}", headers=bearer).json()["phone"] == "090 ••• 3456"
    missing = shop.client.post("/api/till/customers/find", json={"phone": "0901233457"}, headers=bearer)
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


def test_who_sees_a_whole_number_is_written_down_and_a_cashier_does_not(shop: Shop) -> None:
    route = f"/api/customers/{shop.customer_id}/reveal"
    assert shop.client.post(route, headers=shop.till.bearer).status_code == 403
    assert shop.client.post(route, headers=shop.owner.bearer).json() == {"phone": "+84901233456", "email": None}
    with shop.database.transaction() as tx:
        entries = tx.execute(text("SELECT staff_id, subject_id FROM audit_log WHERE action = 'customer.revealed'")).all()
    assert [tuple(entry) for entry in entries] == [(shop.owner.id, str(shop.customer_id))]


def test_which_language_somebody_reads_is_written_down_with_who_said_so(shop: Shop) -> None:
    route = f"/api/customers/{shop.customer_id}"
    assert shop.client.get(route, headers=shop.owner.bearer).json()["language"] is None
    said = shop.client.put(f"{route}/language", json={"language": "en"}, headers=shop.owner.bearer)
    assert (said.status_code, said.json()["language"]) == (200, "en")
    assert shop.client.put(f"{route}/language", json={"language": "fr"}, headers=shop.owner.bearer).status_code == 422
    kept = {"full_name": "Trần Ngọc", "phone": "0901233456"}
    assert shop.client.put(route, json=kept, headers=shop.owner.bearer).json()["language"] == "en"
    with shop.database.transaction() as tx:
        assert crm.language_of(tx, shop.customer_id) == "en"
        entries = tx.execute(text("SELECT before, after FROM audit_log WHERE action = 'customer.language'")).all()
    assert [tuple(entry) for entry in entries] == [({"language": None}, {"language": "en"})]


def test_credit_pays_under_its_hold_and_only_once(shop: Shop) -> None:
    sale_id = new_id()
    kept = shop.hold(200_000, no=1, sale_id=sale_id)
    assert (kept.status_code, shop.held()) == (201, 200_000)
    tender = {"kind": "store_credit", "amount_vnd": 200_000, "reference": kept.json()["hold_id"]}
    cart = a_cart(shop.till, (shop.shirt, 2, PRICE_VND), customer_id=shop.customer_id, sale_id=sale_id)
    cart |= {"tenders": [tender], "rounding_vnd": 0}
    first = shop.client.post("/api/sales", json=cart, headers=shop.till.bearer)
    again = shop.client.post("/api/sales", json=cart, headers=shop.till.bearer)
    assert (first.status_code, again.json()) == (201, first.json())
    other = a_cart(shop.till, (shop.shirt, 2, PRICE_VND), customer_id=shop.customer_id)
    other |= {"tenders": [tender], "rounding_vnd": 0}
    assert shop.client.post("/api/sales", json=other, headers=shop.till.bearer).json()["code"] == "hold_gone"
    account = shop.client.get(f"/api/customers/{shop.customer_id}/account", headers=shop.owner.bearer).json()
    assert (account["credit_vnd"], account["credit_held_vnd"], account["points"]) == (300_000, 0, 20)
    prove(shop.database)


def test_a_heartbeat_lets_holds_go_only_when_the_journal_is_handed_in(shop: Shop) -> None:
    assert shop.hold(200_000, no=1, sale_id=new_id()).status_code == 201
    shop.pulse(settled_no=1, head_seq=1)  # an entry waits, and may be the very sale
    assert shop.held() == 200_000
    shop.pulse(settled_no=1, head_seq=0)
    assert shop.held() == 0
    late = shop.hold(200_000, no=1, sale_id=new_id())
    assert (late.status_code, shop.held()) == (409, 0)


def test_credit_is_issued_by_permission_and_limit(shop: Shop) -> None:
    route = f"/api/customers/{shop.customer_id}/credit"
    body = {"id": str(new_id()), "amount_vnd": 100_000, "reason": "Đền bù giao chậm"}
    assert shop.client.post(route, json=body, headers=shop.till.bearer).status_code == 403
    for _ in range(2):
        assert shop.client.post(route, json=body, headers=shop.owner.bearer).json() == {"credit_vnd": 600_000}


def test_what_somebody_asks_about_their_data_is_answered_and_kept_as_a_line_nobody_can_change(shop: Shop) -> None:
    route, bearer = f"/api/customers/{shop.customer_id}", shop.owner.bearer
    today = clock.business_day(clock.now())
    asked = {"asked_on": today.isoformat(), "way": "in_person", "proof": "identity_card"}
    later = asked | {"asked_on": (today + timedelta(days=1)).isoformat()}
    assert shop.client.post(f"{route}/export", json=later, headers=bearer).json()["code"] == "asked_later"
    assert shop.client.post(f"{route}/export", json=asked, headers=shop.till.bearer).status_code == 403
    file = shop.client.post(f"{route}/export", json=asked, headers=bearer)
    assert file.json()["parts"]["profile"][0]["phone"] == "+84901233456"
    with shop.database.transaction() as tx:
        spent = {"id": shop.customer_id, "ref": new_id(), "now": clock.now()}
        entry = (
            "INSERT INTO credit_entry (customer_id, kind, amount_vnd, ref, occurred_at) "
            "VALUES (:id, 'spend', -500000, :ref, :now)"
        )
        tx.execute(text(entry), spent)
        tx.execute(text("UPDATE customer_account SET credit_vnd = 0 WHERE customer_id = :id"), spent)
    gone = shop.client.post(f"{route}/erase", json=asked | {"way": "letter", "proof": "signature"}, headers=bearer)
    assert gone.status_code == 200, gone.text

    log = shop.client.get("/api/privacy-requests", headers=bearer).json()["items"]
    said = [(one["kind"], one["way"], one["proof"], one["asked_on"], one["is_gone"]) for one in log]
    assert said == [
        ("erasure", "letter", "signature", today.isoformat(), True),
        ("export", "in_person", "identity_card", today.isoformat(), None),
    ]
    assert log[1]["sha256"] == sha256(file.content).hexdigest()
    assert {one["full_name"] for one in log} == {"Khách đã xóa"}
    assert shop.client.get("/api/privacy-requests", headers=shop.till.bearer).status_code == 403

    with shop.database.transaction() as tx:
        tx.execute(text("UPDATE customer SET phone = '+84901233456' WHERE id = :id"), {"id": shop.customer_id})
    assert shop.client.get("/api/privacy-requests", headers=bearer).json()["items"][0]["is_gone"] is False


def test_look_alikes_stand_side_by_side_masked_and_are_said_to_be_two_or_merged(shop: Shop) -> None:
    bearer = shop.owner.bearer
    with shop.database.transaction() as tx:
        made = crm.create_customer(
            tx,
            customer_id=new_id(),
            details=crm.Details("Bao Ngoc", "0355123987"),
            home_location_id=shop.branch_id,
            agreed=[],
            channel="till",
            by=crm.By(None),
            now=clock.now(),
        )
        tx.execute(text("UPDATE customer SET email = 'baongoc@example.com'"))
    book = shop.client.get("/api/customer-look-alikes", headers=bearer)
    (pair,) = book.json()["pairs"]
    assert (pair["one"]["id"], pair["other"]["id"]) == (str(shop.customer_id), str(made.id))
    assert (pair["one"]["phone"], pair["one"]["email"], pair["because"]) == ("090 ••• 3456", "ba…@example.com", ["email"])
    assert "901233456" not in book.text
    assert "baongoc" not in book.text
    assert shop.client.get("/api/customer-look-alikes", headers=shop.stranger.bearer).json() == {"pairs": [], "whole": 0}
    apart = f"/api/customers/{made.id}/apart"
    for word, left in ((True, 0), (False, 1)):
        said = shop.client.put(apart, json={"other_id": str(shop.customer_id), "apart": word}, headers=bearer)
        assert (said.status_code, shop.client.get("/api/customer-look-alikes", headers=bearer).json()["whole"]) == (
            200,
            left,
        )
    itself = shop.client.put(apart, json={"other_id": str(made.id)}, headers=bearer)
    assert (itself.status_code, itself.json()["code"]) == (404, "not_found")
    wish = {"loser_id": str(shop.customer_id), "points": 0, "credit_vnd": 500_000, "taken": ["full_name", "phone"]}
    assert shop.client.post(f"/api/customers/{made.id}/merge", json=wish, headers=bearer).status_code == 200
    shown = shop.client.get(f"/api/customers/{shop.customer_id}", headers=bearer).json()
    assert (shown["id"], shown["full_name"], shown["phone"]) == (str(made.id), "Trần Bảo Ngọc", "090 ••• 3456")
