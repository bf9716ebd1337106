"""Sales as they are read and voided over HTTP: where one may look, what each caused, and what a void takes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import insert, text

import books
from builders import Goods, Person, TillAtWork, a_branch, a_cart, a_depot, a_person, a_style, a_till, stocked
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.crm.models import Customer
from served import own_database
from serving import serving


@dataclass(frozen=True)
class Chain:
    """A served chain of two branches and a depot, each branch with a till."""

    http: httpx.Client
    database: Database
    here: UUID
    there: UUID
    depot: UUID
    owner: Person
    manager: Person
    till: TillAtWork
    other_till: TillAtWork
    shirt: Goods

    def ask(self, path: str, who: Person | None = None) -> Any:
        """An answer to somebody."""
        return self.http.get(f"/api/{path}", headers=(who or self.owner).bearer)

    def sell(self, till: TillAtWork | None = None, *, qty: int = 1, **values: Any) -> dict[str, Any]:
        """A sale of shirts, as the list shows it."""
        till = till or self.till
        cart = a_cart(till, (self.shirt.variants["DEN-M"], qty, 199_000), **values)
        answer = self.http.post("/api/sales", headers=till.bearer, json=cart)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def void(self, sale: dict[str, Any], who: Person | None = None, **body: Any) -> httpx.Response:
        """A void."""
        wish = {"reason": "Khách đổi ý", **body}
        return self.http.post(f"/api/sales/{sale['id']}/void", headers=(who or self.till.cashier).bearer, json=wish)

    def on_hand(self) -> int:
        """Shirts on the shelf here."""
        with self.database.transaction() as tx:
            query = text("SELECT on_hand FROM stock WHERE location_id = :here AND variant_id = :shirt")
            return int(tx.scalars(query, {"here": self.here, "shirt": self.shirt.variants["DEN-M"]}).one())


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    with own_database("reading") as database:
        with database.transaction() as tx:
            here, there, depot = a_branch(tx, "HN01"), a_branch(tx, "HN02"), a_depot(tx)
            shirt = a_style(tx, sizes=("S", "M"))
            for place in (here, there, depot):
                stocked(tx, place, dict.fromkeys(shirt.all, 500))
            people = a_person(tx, "owner"), a_person(tx, "store_manager", at=here)
            tills = a_till(tx, here), a_till(tx, there)
        with serving(database.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
            yield Chain(http, database, here, there, depot, *people, *tills, shirt)


def ids(answer: Any) -> list[str]:
    """The sales of a page."""
    assert answer.status_code == 200, answer.text
    return [sale["id"] for sale in answer.json()["items"]]


def test_a_sale_shows_everything_it_caused(chain: Chain) -> None:
    sold = chain.sell(qty=2)
    shown = chain.ask(f"sales/{sold['id']}").json()
    assert (shown["receipt_code"], shown["till_code"], shown["location_name"]) == (
        sold["receipt_code"],
        "HN01-1",
        "Chi nhánh HN01",
    )
    assert (shown["pieces"], shown["total_vnd"], shown["vat_vnd"], shown["tenders"]) == (2, 398_000, 29_481, ["cash"])
    (line,) = shown["lines"]
    assert (line["sku"], line["colour_code"], line["size"], line["source_name"]) == (
        "AO0001-DEN-M",
        "DEN",
        "M",
        "Chi nhánh HN01",
    )
    assert (line["qty"], line["unit_vnd"], line["total_vnd"], line["vat_bp"], line["vat_vnd"]) == (
        2,
        199_000,
        398_000,
        800,
        29_481,
    )
    assert [(payment["kind"], payment["amount_vnd"]) for payment in shown["payments"]] == [("cash", 398_000)]
    assert shown["vat"] == [{"rate_bp": 800, "net_vnd": 368_519, "vat_vnd": 29_481}]
    assert [happening["verb"] for happening in shown["timeline"]] == ["posted"]
    assert [(move["kind"], move["qty"], move["sku"]) for move in shown["stock_moves"]] == [("sale", -2, "AO0001-DEN-M")]
    assert sorted(event["topic"] for event in shown["events"]) == ["sale.completed", "stock.changed"]


def test_the_newest_sale_comes_first_and_pages_lose_none(chain: Chain) -> None:
    sold = [chain.sell()["id"] for _ in range(5)]
    page = chain.ask("sales?limit=2")
    seen = ids(page)
    while page.json()["next_cursor"] is not None and len(seen) < 5:
        page = chain.ask(f"sales?limit=2&cursor={page.json()['next_cursor']}")
        seen += ids(page)
    assert seen[:5] == sold[::-1]
    assert len(set(seen)) == len(seen)


def test_one_sees_the_sales_of_ones_own_branch_only(chain: Chain) -> None:
    mine, other = chain.sell(), chain.sell(chain.other_till)
    for who in (chain.manager, chain.till.cashier):
        seen = ids(chain.ask("sales?limit=200", who))
        assert (mine["id"] in seen, other["id"] in seen) == (True, False)
        assert ids(chain.ask(f"sales?location_id={chain.there}", who)) == []
        hidden = chain.ask(f"sales/{other['id']}", who)
        assert (hidden.status_code, hidden.json()["code"]) == (404, "not_found")
        assert ids(chain.ask(f"sales?q={other['receipt_code']}", who)) == []
    assert {mine["id"], other["id"]} <= set(ids(chain.ask("sales?limit=200")))


def test_a_sale_is_found_by_what_is_printed_and_said(chain: Chain) -> None:
    customer_id = new_id()
    with chain.database.transaction() as tx:
        name = {"full_name": "Trần Thị Bình", "given_name": "Bình"}
        tx.execute(insert(Customer).values(id=customer_id, phone="+84912345678", created_at=clock.now(), **name))
    sold = chain.sell(customer_id=customer_id)
    number = sold["receipt_code"].rsplit("-", 1)[1]
    for q in (sold["receipt_code"], sold["receipt_code"].lower(), sold["barcode"], number, "0912 345 678", "+84912345678"):
        assert sold["id"] in ids(chain.ask("sales?q=" + q.replace("+", "%2B"))), q
    for q in ("HN01-9-1-0000001", "0200990100000019", "9999999", "0987654321", "không", "%00", "%25"):
        assert ids(chain.ask(f"sales?q={q}")) == [], q
    assert chain.ask(f"sales/{sold['id']}").json()["customer_name"] == "Trần Thị Bình"


def ordered(chain: Chain, code: str) -> UUID:
    """A parcel of an order of the web, as it is posted: no till, no cashier, under the order's code. Its id."""
    with chain.database.transaction() as tx:
        sale = books.a_sale(chain.till, books.Line(chain.shirt.variants["DEN-M"], 1, chain.depot), receipt_no=1)
        web = {"channel": "web", "till_id": None, "epoch": None, "opening": None, "receipt_no": None, "staff_id": None}
        sale = msgspec.structs.replace(sale, location_id=chain.depot, order_code=code, **web)
        (outcome,) = books.post(tx, sale)
    assert outcome.facts["receipt_code"] == code
    return sale.id


def test_a_web_order_has_a_code_to_read_and_to_find_it_by(chain: Chain) -> None:
    first, second = "W-00000001", "W-00000002"
    first_id, second_id = ordered(chain, first), ordered(chain, second)
    shown = chain.ask(f"sales/{second_id}").json()
    assert (shown["receipt_code"], shown["channel"], shown["till_code"]) == (second, "web", None)
    for q in (first, "w-00000001", "W1", "w-1", "W00000001"):
        assert ids(chain.ask(f"sales?q={q}")) == [str(first_id)], q
    for q in ("W-3", "W-123456789", "W-"):
        assert ids(chain.ask(f"sales?q={q}")) == [], q


def test_a_list_is_cut_by_day_state_channel_and_person(chain: Chain) -> None:
    sold = chain.sell()
    today = clock.business_day(clock.now())
    tomorrow, yesterday = today + timedelta(days=1), today - timedelta(days=1)
    cashier = chain.till.cashier.id
    for query, found in (
        (f"from_on={today}&to_on={today}", True),
        (f"from_on={tomorrow}", False),
        (f"to_on={yesterday}", False),
        ("state=posted&channel=store", True),
        ("state=void", False),
        ("channel=web", False),
        (f"staff_id={cashier}", True),
        (f"staff_id={chain.owner.id}", False),
    ):
        assert (sold["id"] in ids(chain.ask(f"sales?limit=200&{query}"))) is found, query
    for malformed in ("from_on=hôm nay", "state=sold", "limit=0", "limit=201"):
        assert chain.ask(f"sales?{malformed}").json()["code"] == "malformed", malformed
    assert chain.ask("sales?cursor=bm9uc2Vuc2U").json()["code"] == "bad_cursor"


def test_a_void_takes_everything_back_and_keeps_the_number(chain: Chain) -> None:
    before = chain.on_hand()
    sold = chain.sell(qty=3)
    assert chain.on_hand() == before - 3
    voided = chain.void(sold)
    assert (voided.status_code, voided.json()["state"]) == (200, "void")
    assert chain.on_hand() == before
    shown = chain.ask(f"sales/{sold['id']}").json()
    assert (shown["state"], shown["receipt_code"]) == ("void", sold["receipt_code"])
    assert [payment["amount_vnd"] for payment in shown["payments"]] == [597_000, -597_000]
    assert [(move["kind"], move["qty"]) for move in shown["stock_moves"]] == [("sale", -3), ("void", 3)]
    assert [(told["verb"], told["facts"]) for told in shown["timeline"]] == [
        ("posted", {}),
        ("voided", {"reason": "Khách đổi ý"}),
    ]
    assert "sale.voided" in [event["topic"] for event in shown["events"]]
    again = chain.void(sold)
    assert again.json() == voided.json()
    assert chain.on_hand() == before


def test_a_void_needs_the_right_the_limit_and_the_day(chain: Chain) -> None:
    dear, other = chain.sell(qty=11), chain.sell(chain.other_till)
    over = chain.void(dear)
    assert (over.status_code, over.json()["code"], over.json()["facts"]) == (
        403,
        "void_over_limit",
        {"total_vnd": 2_189_000, "limit_vnd": 2_000_000},
    )
    assert chain.void(other).json()["code"] == "not_found"
    assert chain.void(dear, chain.manager).status_code == 200
    old = chain.sell()
    with chain.database.transaction() as tx:
        yesterday = clock.business_day(clock.now()) - timedelta(days=1)
        tx.execute(text("UPDATE sale SET sold_on = :on WHERE id = :id"), {"on": yesterday, "id": old["id"]})
    assert chain.void(old).json()["code"] == "void_too_late"
    assert chain.ask(f"sales/{old['id']}").json()["state"] == "posted"
    assert chain.void(old, reason=" ").json()["code"] == "malformed"


def test_an_id_nobody_knows_is_buried_with_its_number(chain: Chain) -> None:
    lost = {"id": str(new_id())}
    assert chain.void(lost).json()["code"] == "not_found"
    wrong = chain.void(lost, receipt_no=chain.till.last_receipt_no + 2)
    assert (wrong.json()["code"], wrong.json()["facts"]) == ("receipt_gap", {"expected": chain.till.last_receipt_no + 1})
    buried = chain.void(lost, receipt_no=chain.till.next_receipt_no()).json()
    assert (buried["state"], buried["receipt_code"]) == ("void", f"HN01-1-1-{chain.till.last_receipt_no:07d}")
    shown = chain.ask(f"sales/{lost['id']}").json()
    assert (shown["lines"], shown["payments"], [told["verb"] for told in shown["timeline"]]) == ([], [], ["buried"])
    chain.sell()


def test_the_till_knows_its_branchs_day(chain: Chain) -> None:
    def today(till: TillAtWork) -> dict[str, Any]:
        return dict(chain.ask("till/today", till.cashier).json())

    before, elsewhere = today(chain.till), today(chain.other_till)
    sold = chain.sell(qty=2)
    after = today(chain.till)
    assert after["revenue_vnd"] - before["revenue_vnd"] == 398_000
    assert after["sales"] - before["sales"] == 1
    assert after["best_styles"] == [str(chain.shirt.style_id)]
    chain.void(sold)
    assert today(chain.till) == before
    assert today(chain.other_till) == elsewhere
    refused = chain.ask("till/today")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


def test_a_day_is_that_of_vietnam(chain: Chain) -> None:
    sold = chain.sell(chain.other_till)
    midnight = datetime(2026, 3, 1, tzinfo=clock.VIETNAM)
    for moment, day in ((midnight, date(2026, 3, 1)), (midnight - timedelta(microseconds=1), date(2026, 2, 28))):
        with chain.database.transaction() as tx:
            tx.execute(text("UPDATE sale SET sold_at = :at WHERE id = :id"), {"at": moment, "id": sold["id"]})
        assert ids(chain.ask(f"sales?from_on={day}&to_on={day}")) == [sold["id"]]
