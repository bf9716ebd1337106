"""Goods come back over the counter: found by their receipt, paid for to the đồng, each piece once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import text

from books import Line, a_sale, post, prove
from builders import Goods, Person, TillAtWork, a_branch, a_cart, a_person, a_style, a_till, stocked
from placket import catalog, crm, inventory
from placket.catalog.models import VatClass
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from served import own_database
from serving import serving

PIN = "246810"
SHIRT_VND = 200_000


@dataclass
class Shop:
    """Two served branches with a till each, and a manager with a PIN at the first."""

    http: httpx.Client
    database: Database
    till: TillAtWork
    far_till: TillAtWork
    manager: Person
    shirt: Goods
    phones: int = 0
    sold: list[str] = field(default_factory=list)

    def sells(self, qty: int = 1, *, kind: str = "cash", customer_id: UUID | None = None, **more: Any) -> str:
        """Some shirts of one size; answers the sale's id."""
        cart = a_cart(self.till, (self.shirt.variants["DEN-M"], qty, SHIRT_VND), customer_id=customer_id)
        if kind != "cash":
            cart["tenders"] = [{"kind": kind, "amount_vnd": cart["total_vnd"], "reference": "123456"}]
        answer = self.http.post("/api/sales", headers=self.till.bearer, json=cart | more)
        assert answer.status_code == 201, answer.text
        return str(cart["id"])

    def returns(
        self, *back: tuple[str, int, int], by: str = "cash", till: TillAtWork | None = None, buys: int = 0, **more: Any
    ) -> dict[str, Any]:
        """The body of a return of (sale, pieces, refund) of first lines, paid out by one form; with shirts bought."""
        till = till or self.till
        reason, condition = more.pop("reason", "unsuitable"), more.pop("condition", "sell")
        cart = a_cart(till, *([(self.shirt.variants["DEN-S"], buys, SHIRT_VND)] if buys else []))
        total_vnd = cart["total_vnd"] - sum(refund_vnd for _, _, refund_vnd in back)
        tender: dict[str, Any] = {"kind": by, "amount_vnd": total_vnd}
        if by == "cash" and total_vnd > 0:
            tender |= {"tendered_vnd": total_vnd, "change_vnd": 0}
        return {
            **cart,
            "total_vnd": total_vnd,
            "tenders": [tender] if total_vnd else [],
            "returns": [
                {"sale_id": sale, "line_no": 1, "qty": qty, "refund_vnd": vnd, "reason": reason, "condition": condition}
                for sale, qty, vnd in back
            ],
            **more,
        }

    def post(self, body: dict[str, Any], till: TillAtWork | None = None) -> httpx.Response:
        """The answer; a refused sale gives its number back."""
        till = till or self.till
        answer = self.http.post("/api/sales", headers=till.bearer, json=body)
        if answer.status_code != 201:
            till.last_receipt_no -= 1
        return answer

    def quote(self, *back: tuple[str, int]) -> httpx.Response:
        """What would be given for pieces of first lines."""
        lines = [{"sale_id": sale, "line_no": 1, "qty": qty} for sale, qty in back]
        return self.http.post("/api/returns/quote", headers=self.till.bearer, json={"lines": lines})

    def approved(self) -> dict[str, str]:
        """The manager's agreement to a refund beyond the policy."""
        body = {"staff_id": str(self.manager.id), "pin": PIN, "verb": "sale.refund", "about": "Trả quá hạn"}
        given = self.http.post("/api/approvals", headers=self.till.bearer, json=body)
        assert given.status_code == 201, given.text
        return {"approved_by": given.json()["staff_id"], "approval_id": given.json()["id"]}

    def customer(self) -> UUID:
        """Somebody who collects points."""
        self.phones += 1
        with self.database.transaction() as tx:
            made = crm.create_customer(
                tx,
                customer_id=new_id(),
                details=crm.Details("Trần Bảo Ngọc", f"09{self.phones:08d}"),
                home_location_id=self.till.location_id,
                agreed=[crm.Agreed("loyalty", granted=True, text_version="v1")],
                channel="till",
                by=crm.By(None),
                now=clock.now(),
            )
            return made.id

    def ask(self, query: str, **values: Any) -> Any:
        """One value of the books."""
        with self.database.transaction() as tx:
            return tx.scalar(text(query), values)

    def shelf(self, size: str = "M", till: TillAtWork | None = None) -> int:
        """How many shirts of a size the books know at a branch."""
        place, variant = (till or self.till).location_id, self.shirt.variants[f"DEN-{size}"]
        query = "SELECT on_hand FROM stock WHERE location_id = :place AND variant_id = :variant"
        return int(self.ask(query, place=place, variant=variant) or 0)

    def points(self, customer_id: UUID) -> int:
        """Somebody's points."""
        return int(self.ask("SELECT points FROM customer_account WHERE customer_id = :id", id=customer_id))


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with own_database("returns") as database:
        with database.transaction() as tx:
            branch_id, far_id = a_branch(tx, "HN01"), a_branch(tx, "HN02")
            shirt = a_style(tx, sizes=("S", "M"), price_vnd=SHIRT_VND)
            stocked(tx, branch_id, dict.fromkeys(shirt.all, 500))
            manager = a_person(tx, "store_manager", at=branch_id, pin=PIN)
            tills = a_till(tx, branch_id), a_till(tx, far_id)
        with serving(database.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
            yield Shop(http, database, *tills, manager, shirt)


@pytest.fixture(autouse=True)
def proven(shop: Shop) -> Iterator[None]:
    yield
    prove(shop.database)


def test_one_of_two_shirts_comes_back_for_cash(shop: Shop) -> None:
    sale, shelf = shop.sells(2), shop.shelf()
    quoted = shop.quote((sale, 1)).json()
    assert (quoted["refund_vnd"], quoted["money_vnd"], quoted["reasons"]) == (200_000, 200_000, [])
    assert quoted["limits"] == [{"kind": "cash", "up_to_vnd": 400_000}]
    body = shop.returns((sale, 1, 200_000))
    answer = shop.post(body)
    assert answer.status_code == 201, answer.text
    # 400.000 held 29.630 of VAT; the kept 200.000 hold 14.815.
    assert answer.json()["vat"] == [{"rate_bp": 800, "net_vnd": -185_185, "vat_vnd": -14_815}]
    assert answer.json()["total_vnd"] == -200_000
    assert shop.shelf() == shelf + 1
    assert shop.http.post("/api/sales", headers=shop.till.bearer, json=body).json() == answer.json()


def test_a_piece_that_is_back_does_not_come_back_again(shop: Shop) -> None:
    sale = shop.sells()
    first = shop.post(shop.returns((sale, 1, 200_000)))
    assert first.status_code == 201
    refused = shop.post(shop.returns((sale, 1, 200_000), till=shop.far_till), shop.far_till)
    assert (refused.status_code, refused.json()["code"]) == (409, "already_returned")
    facts = refused.json()["facts"]
    assert (facts["place"], facts["receipt_code"]) == ("Chi nhánh HN01", first.json()["receipt_code"])
    assert shop.quote((sale, 1)).json()["code"] == "already_returned"
    seen = shop.http.get(f"/api/returns/sales/{sale}", headers=shop.far_till.bearer).json()
    assert [(line["qty"], line["returnable"], len(line["came_back"])) for line in seen["lines"]] == [(1, 0, 1)]


def test_another_branch_takes_it_back_onto_its_own_shelf(shop: Shop) -> None:
    sale, here, there = shop.sells(), shop.shelf(), shop.shelf(till=shop.far_till)
    code = shop.ask("SELECT receipt_code FROM sale WHERE id = :id", id=sale)
    (found,) = shop.http.get("/api/returns/sales", params={"q": code}, headers=shop.far_till.bearer).json()
    assert (found["id"], found["location_name"]) == (sale, "Chi nhánh HN01")
    assert shop.post(shop.returns((sale, 1, 200_000), till=shop.far_till), shop.far_till).status_code == 201
    assert (shop.shelf(), shop.shelf(till=shop.far_till)) == (here, there + 1)


def test_an_exchange_is_settled_in_one_sum(shop: Shop) -> None:
    sale = shop.sells()
    answer = shop.post(shop.returns((sale, 1, 200_000), buys=2, reason="size"))
    assert (answer.status_code, answer.json()["total_vnd"]) == (201, 200_000)
    even = shop.post(shop.returns((shop.sells(), 1, 200_000), buys=1))
    assert (even.status_code, even.json()["total_vnd"], even.json()["vat"][0]["vat_vnd"]) == (201, 0, 0)
    owner = shop.manager.bearer
    old = shop.http.get(f"/api/sales/{sale}", headers=owner).json()
    assert old["lines"][0]["came_back"][0]["receipt_code"] == answer.json()["receipt_code"]
    new = shop.http.get(f"/api/sales/{answer.json()['id']}", headers=owner).json()
    back = new["lines"][1]
    assert (back["qty"], back["returns_receipt_code"], back["return_reason"]) == (-1, old["receipt_code"], "size")


def test_several_receipts_come_back_in_one_go(shop: Shop) -> None:
    one, other = shop.sells(2), shop.sells(1, kind="card")
    body = shop.returns((one, 2, 400_000), (other, 1, 200_000))
    body["tenders"] = [{"kind": "cash", "amount_vnd": -400_000}, {"kind": "card", "amount_vnd": -200_000, "reference": "9"}]
    assert shop.post(body).status_code == 201


@pytest.mark.parametrize("wrong", ["refund", "total", "both_ways"])
def test_money_that_is_not_due_is_refused_and_leaves_nothing(shop: Shop, wrong: str) -> None:
    sale = shop.sells(2)
    body = shop.returns((sale, 1, 210_000 if wrong == "refund" else 200_000))
    if wrong == "total":
        body["total_vnd"] = -250_000
    if wrong == "both_ways":
        body["tenders"] = [
            {"kind": "cash", "amount_vnd": -300_000},
            {"kind": "cash", "amount_vnd": 100_000, "tendered_vnd": 100_000, "change_vnd": 0},
        ]
    code = {"refund": "return_changed", "total": "price_changed", "both_ways": "totals_differ"}[wrong]
    assert shop.post(body).json()["code"] == code
    assert shop.quote((sale, 2)).json()["refund_vnd"] == 400_000


def test_cash_for_what_was_paid_by_card_needs_approval(shop: Shop) -> None:
    sale = shop.sells(kind="card")
    refused = shop.post(shop.returns((sale, 1, 200_000)))
    assert (refused.status_code, refused.json()["code"], refused.json()["facts"]["reasons"]) == (
        403,
        "approval_needed",
        ["tender"],
    )
    body = shop.returns((sale, 1, 200_000), return_approval=shop.approved())
    assert shop.post(body).status_code == 201


def test_more_than_the_cashiers_limit_needs_approval(shop: Shop) -> None:
    sale = shop.sells(11)
    refused = shop.post(shop.returns((sale, 11, 2_200_000)))
    assert (refused.json()["code"], refused.json()["facts"]["reasons"]) == ("approval_needed", ["limit"])
    assert shop.post(shop.returns((sale, 10, 2_000_000))).status_code == 201


def test_thirty_one_days_are_too_late_without_approval(shop: Shop) -> None:
    with shop.database.transaction() as tx:
        old = a_sale(shop.till, Line(shop.shirt.variants["DEN-M"], 1), at=clock.now() - timedelta(days=31))
        old = msgspec.structs.replace(old, tenders=[{**old.tenders[0], "kind": "cash", "amount_vnd": 100_000}])
        post(tx, old)
    seen = shop.http.get(f"/api/returns/sales/{old.id}", headers=shop.till.bearer).json()
    assert seen["lines"][0]["reason"] == "too_late"
    # It was sold at half its price: too late by the rule for marked-down goods, which gives no money either.
    refused = shop.post(shop.returns((str(old.id), 1, 100_000)))
    assert (refused.json()["code"], refused.json()["facts"]["reasons"]) == ("approval_needed", ["form", "too_late"])
    assert shop.post(shop.returns((str(old.id), 1, 100_000), return_approval=shop.approved())).status_code == 201


def test_marked_down_goods_are_exchanged_but_bring_no_money(shop: Shop) -> None:
    with shop.database.transaction() as tx:
        cheap = a_sale(shop.till, Line(shop.shirt.variants["DEN-M"], 1), at=clock.now() - timedelta(days=2))
        post(tx, cheap)
    assert shop.quote((str(cheap.id), 1)).json()["money_vnd"] == 0
    assert shop.post(shop.returns((str(cheap.id), 1, 100_000), by="card")).json()["facts"]["reasons"] == ["form"]
    assert shop.post(shop.returns((str(cheap.id), 1, 100_000), buys=1)).status_code == 201


def test_the_rate_of_the_sale_goes_back_after_the_rate_has_changed(shop: Shop) -> None:
    with shop.database.transaction() as tx:
        skirt = a_style(tx, "CV0001", price_vnd=100_000, vat_bp=801)
        kind = tx.scalars(text("SELECT id FROM vat_class WHERE code = 'VAT801'")).one()
        assert tx.get(VatClass, kind) is not None
        stocked(tx, shop.till.location_id, {skirt.one: 5})
        sold = a_sale(shop.till, Line(skirt.one, 1), at=clock.now() - timedelta(days=3))  # holds 8 %
        post(tx, sold)
        catalog.set_vat_rate(tx, vat_class_id=kind, starts_on=date(2026, 1, 1), rate_bp=1000, legal_basis="hết giảm")
    answer = shop.post(shop.returns((str(sold.id), 1, 100_000), by="card"))
    assert answer.json()["vat"] == [{"rate_bp": 800, "net_vnd": -92_593, "vat_vnd": -7_407}]


def test_damaged_goods_are_taken_back_and_not_sold_again(shop: Shop) -> None:
    sale, shelf = shop.sells(2), shop.shelf()
    assert shop.post(shop.returns((sale, 1, 200_000), reason="faulty", condition="damaged")).status_code == 201
    assert shop.post(shop.returns((sale, 1, 200_000), reason="faulty", condition="scrap")).status_code == 201
    assert shop.shelf() == shelf
    query = "SELECT on_hand FROM stock WHERE location_id = :place"
    assert shop.ask(query, place=inventory.DAMAGED_ID) == 2
    told = "SELECT sum(qty) FROM exception_log WHERE kind = 'return_damaged' AND state = 'open'"
    assert shop.ask(told) == 2


def test_points_that_the_shirt_had_earned_go_with_it(shop: Shop) -> None:
    customer = shop.customer()
    sale = shop.sells(2, customer_id=customer)
    assert shop.points(customer) == 40
    answer = shop.post(shop.returns((sale, 1, 200_000), customer_id=str(customer))).json()
    assert answer["points"] == {"earned": 0, "spent": 0, "reclaimed": 20, "balance": 20}
    shop.post(shop.returns((sale, 1, 200_000), customer_id=str(customer)))
    assert shop.points(customer) == 0


def test_the_quote_says_which_points_go_and_how_many_are_spent_already(shop: Shop) -> None:
    customer = shop.customer()
    sales = [shop.sells(2, customer_id=customer), shop.sells(1, customer_id=customer)]

    def quoted(*lines: tuple[UUID, int]) -> list[tuple[int, int]]:
        asked = {"lines": [{"sale_id": str(sale), "line_no": 1, "qty": qty} for sale, qty in lines]}
        answer = shop.http.post("/api/returns/quote", headers=shop.till.bearer, json=asked).json()
        return [(row["earned"], row["spent"]) for row in answer["points"]]

    assert quoted((sales[0], 1)) == [(20, 0)]
    with shop.database.transaction() as tx:
        take = "UPDATE loyalty_lot SET left_points = 15 WHERE id = :sale"
        tx.execute(text(take), {"sale": sales[0]})
    assert quoted((sales[0], 2)) == [(40, 5)]
    assert quoted((sales[0], 2), (sales[1], 1)) == [(40, 5), (20, 20)]
    assert quoted((shop.sells(1), 1)) == []
    with shop.database.transaction() as tx:
        tx.execute(text("UPDATE loyalty_lot SET left_points = 40 WHERE id = :sale"), {"sale": sales[0]})


def test_an_exchange_earns_on_the_new_and_gives_up_the_old(shop: Shop) -> None:
    customer = shop.customer()
    sale = shop.sells(1, customer_id=customer)
    answer = shop.post(shop.returns((sale, 1, 200_000), buys=2, customer_id=str(customer))).json()
    assert answer["points"] == {"earned": 40, "spent": 0, "reclaimed": 20, "balance": 40}


def test_a_refund_becomes_store_credit_of_the_customer(shop: Shop) -> None:
    customer, sale = shop.customer(), shop.sells()
    assert shop.post(shop.returns((sale, 1, 200_000), by="store_credit")).json()["code"] == "credit_needs_customer"
    body = shop.returns((sale, 1, 200_000), by="store_credit", customer_id=str(customer))
    assert shop.post(body).status_code == 201
    assert shop.ask("SELECT credit_vnd FROM customer_account WHERE customer_id = :id", id=customer) == 200_000


def test_a_refund_by_transfer_waits_in_the_office(shop: Shop) -> None:
    sale = shop.sells()
    with shop.database.transaction() as tx:
        tx.execute(
            text("UPDATE payment SET kind = 'transfer', tendered_vnd = NULL, change_vnd = NULL WHERE sale_id = :id"),
            {"id": sale},
        )
    body = shop.returns((sale, 1, 200_000), by="transfer")
    assert shop.post(body).status_code == 201
    owed = "SELECT amount_vnd FROM payment_request WHERE cart_id = :id AND state = 'returning'"
    assert shop.ask(owed, id=body["id"]) == 200_000


def test_a_sale_with_returns_is_not_voided_and_a_return_can_be(shop: Shop) -> None:
    customer = shop.customer()
    sale = shop.sells(1, customer_id=customer)
    back = shop.returns((sale, 1, 200_000), customer_id=str(customer))
    shop.post(back)
    void = {"reason": "Nhầm"}
    refused = shop.http.post(f"/api/sales/{sale}/void", headers=shop.till.bearer, json=void)
    assert refused.json()["code"] == "void_with_returns"
    shelf = shop.shelf()
    undone = shop.http.post(f"/api/sales/{back['id']}/void", headers=shop.till.bearer, json=void)
    assert undone.status_code == 200, undone.text
    assert (shop.shelf(), shop.points(customer)) == (shelf - 1, 20)
    assert shop.post(shop.returns((sale, 1, 200_000), customer_id=str(customer))).status_code == 201


def test_a_voided_sale_gives_nothing_back(shop: Shop) -> None:
    sale = shop.sells()
    shop.http.post(f"/api/sales/{sale}/void", headers=shop.till.bearer, json={"reason": "Nhầm"})
    assert shop.quote((sale, 1)).json()["code"] == "return_of_void"
