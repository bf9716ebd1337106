"""What the counters of a branch share: parked carts that exactly one till gets, kept sales, the day, messages."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from builders import Goods, Person, TillAtWork, a_branch, a_cart, a_person, a_style, a_till, stocked
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from served import own_database
from serving import serving


@dataclass
class Chain:
    """Two tills of one branch and one of another."""

    http: httpx.Client
    database: Database
    one: TillAtWork
    two: TillAtWork
    far: TillAtWork
    owner: Person
    shirt: Goods

    def ask(self, method: str, path: str, who: Person | TillAtWork, **body: Any) -> httpx.Response:
        """A request of somebody."""
        return self.http.request(method, f"/api/{path}", headers=who.bearer, json=body or None)

    def park(self, till: TillAtWork, **changes: Any) -> str:
        """A parked cart of two pieces; answers its id."""
        cart_id = str(new_id())
        wish = {"id": cart_id, "reason": "Khách chọn thêm", "cart": {"lines": [1, 2]}, "pieces": 2, "total_vnd": 500_000}
        answer = self.ask("POST", "till/parked", till, **{**wish, **changes})
        assert answer.status_code == 204, answer.text
        return str(changes.get("id", cart_id))

    def waiting(self, till: TillAtWork) -> list[str]:
        """The ids of the carts that wait where a till stands."""
        return [cart["id"] for cart in self.ask("GET", "till/parked", till).json()["items"]]

    def sell(self, till: TillAtWork, qty: int = 1, **line: Any) -> dict[str, Any]:
        """A sale of shirts of 200.000 ₫."""
        cart = a_cart(till, (self.shirt.variants["DEN-M"], qty, 200_000))
        cart["lines"][0] |= line
        answer = self.http.post("/api/sales", headers=till.bearer, json=cart)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    with own_database("counter") as database:
        with database.transaction() as tx:
            here, there = a_branch(tx, "HN01"), a_branch(tx, "HN02")
            shirt = a_style(tx, sizes=("M",), price_vnd=200_000)
            for place in (here, there):
                stocked(tx, place, dict.fromkeys(shirt.all, 500))
            tills = a_till(tx, here), a_till(tx, here), a_till(tx, there)
            owner = a_person(tx, "owner")
            tx.execute(text("UPDATE till SET name = 'Quầy ' || number"))
        with serving(database.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
            yield Chain(http, database, *tills, owner, shirt)


def test_a_parked_cart_is_seen_by_every_till_of_the_branch_and_no_other(chain: Chain) -> None:
    cart_id = chain.park(chain.one)
    (shown,) = (cart for cart in chain.ask("GET", "till/parked", chain.two).json()["items"] if cart["id"] == cart_id)
    assert (shown["reason"], shown["pieces"], shown["total_vnd"]) == ("Khách chọn thêm", 2, 500_000)
    assert (shown["till_name"], shown["staff_name"]) == ("Quầy 1", "Nguyễn Thị cashier")
    assert cart_id not in chain.waiting(chain.far)
    assert chain.ask("POST", f"till/parked/{cart_id}/take", chain.far).json()["code"] == "not_found"


def test_parking_again_changes_nothing(chain: Chain) -> None:
    cart_id = chain.park(chain.one)
    chain.park(chain.one, id=cart_id, reason="Lý do khác")
    (shown,) = (cart for cart in chain.ask("GET", "till/parked", chain.one).json()["items"] if cart["id"] == cart_id)
    assert shown["reason"] == "Khách chọn thêm"


def test_one_till_gets_it_and_the_other_is_told_who_has_it(chain: Chain) -> None:
    cart_id = chain.park(chain.one)
    taken = chain.ask("POST", f"till/parked/{cart_id}/take", chain.two)
    assert (taken.status_code, taken.json()) == (200, {"id": cart_id, "cart": {"lines": [1, 2]}})
    assert chain.ask("POST", f"till/parked/{cart_id}/take", chain.two).json() == taken.json()
    late = chain.ask("POST", f"till/parked/{cart_id}/take", chain.one)
    assert (late.status_code, late.json()["code"]) == (409, "parked_gone")
    assert late.json()["facts"] == {"staff_name": "Nguyễn Thị cashier", "till_name": "Quầy 2", "state": "taken"}
    assert cart_id not in chain.waiting(chain.one)


def test_of_two_tills_in_one_moment_exactly_one_takes_it(chain: Chain) -> None:
    for _ in range(10):
        cart_id = chain.park(chain.one)
        barrier = threading.Barrier(2)
        codes: list[int] = []

        def take(till: TillAtWork, cart_id: str = cart_id, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            codes.append(chain.ask("POST", f"till/parked/{cart_id}/take", till).status_code)  # noqa: B023

        threads = [threading.Thread(target=take, args=(till,)) for till in (chain.one, chain.two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == [200, 409]


def test_a_dropped_cart_is_gone(chain: Chain) -> None:
    cart_id = chain.park(chain.one)
    assert chain.ask("POST", f"till/parked/{cart_id}/drop", chain.two).status_code == 204
    assert chain.ask("POST", f"till/parked/{cart_id}/take", chain.one).json()["facts"]["state"] == "dropped"


def test_parked_carts_are_told_to_their_branch(chain: Chain) -> None:
    cart_id = chain.park(chain.one)
    chain.ask("POST", f"till/parked/{cart_id}/take", chain.two)
    with chain.database.transaction() as tx:
        told = tx.execute(
            text("SELECT key_version, location_id, payload ->> 'state' FROM event WHERE key = :cart ORDER BY id"),
            {"cart": cart_id},
        ).all()
    assert [tuple(row) for row in told] == [(1, chain.one.location_id, "parked"), (2, chain.one.location_id, "taken")]


def test_a_device_keeps_the_sales_of_its_branch_and_hears_what_changed(chain: Chain) -> None:
    sold = chain.sell(chain.one, 2)
    elsewhere = chain.sell(chain.far)
    kept = chain.ask("GET", "till/orders", chain.two).json()["items"]
    (order,) = (one for one in kept if one["id"] == sold["id"])
    assert (order["receipt_code"], order["barcode"], order["pieces"]) == (sold["receipt_code"], sold["barcode"], 2)
    (line,) = order["lines"]
    assert (line["qty"], line["unit_vnd"], line["discount_vnd"], line["total_vnd"]) == (2, 200_000, 0, 400_000)
    assert (line["adviser"], line["source_name"], line["discounts"]) == (None, None, [])
    assert (line["line_no"], line["size"], line["vat_bp"], line["returned"]) == (1, "M", 800, 0)
    assert (line["refunded_vnd"], line["returns_code"], order["swapped"], order["opened"]) == (0, None, False, [])
    assert elsewhere["id"] not in {one["id"] for one in kept}
    after = kept[-1]["changed_at"]
    assert chain.ask("GET", f"till/orders?after={after.replace('+', '%2B')}", chain.two).json()["items"] == []
    chain.ask("POST", f"sales/{sold['id']}/void", chain.one, reason="Khách đổi ý")
    changed = chain.ask("GET", f"till/orders?after={after.replace('+', '%2B')}", chain.two).json()["items"]
    assert [(one["id"], one["state"]) for one in changed] == [(sold["id"], "void")]


def test_the_day_counts_what_one_advised_and_says_honestly_that_there_is_no_target(chain: Chain) -> None:
    before = chain.ask("GET", "till/day", chain.two).json()
    chain.sell(chain.one, 1, adviser_id=str(chain.two.cashier.id))
    after = chain.ask("GET", "till/day", chain.two).json()
    assert after["my_revenue_vnd"] - before["my_revenue_vnd"] == 200_000
    assert after["revenue_vnd"] - before["revenue_vnd"] == 200_000
    assert (after["target_vnd"], after["my_target_vnd"]) == (None, None)


def test_targets_are_data_and_the_last_word_counts(chain: Chain) -> None:
    on = clock.business_day(clock.now()).isoformat()
    place = str(chain.far.location_id)
    for target_vnd in (10_000_000, 12_000_000):
        wish = {"location_id": place, "on": on, "target_vnd": target_vnd}
        assert chain.ask("PUT", "messages/targets", chain.owner, **wish).status_code == 204
    mine = {"location_id": place, "on": on, "target_vnd": 3_000_000, "staff_id": str(chain.far.cashier.id)}
    assert chain.ask("PUT", "messages/targets", chain.owner, **mine).status_code == 204
    shown = chain.ask("GET", "till/day", chain.far).json()
    assert (shown["target_vnd"], shown["my_target_vnd"]) == (12_000_000, 3_000_000)
    assert chain.ask("PUT", "messages/targets", chain.far, **mine).json()["code"] == "not_permitted"


def test_a_message_reaches_its_branch_until_it_is_read_or_over(chain: Chain) -> None:
    assert (
        chain.ask("POST", "messages", chain.owner, title="Kiểm kê tối nay", body="Đóng cửa lúc 21 giờ.").status_code == 204
    )
    place = str(chain.far.location_id)
    chain.ask("POST", "messages", chain.owner, title="Chỉ HN02", body="Thay tủ kính.", location_id=place)
    chain.ask("POST", "messages", chain.owner, title="Đã qua", body="Hết hạn.", until_on="2020-01-01")
    told = chain.ask("GET", "till/day", chain.one).json()["messages"]
    assert [(one["title"], one["read"]) for one in told] == [("Kiểm kê tối nay", False)]
    there = chain.ask("GET", "till/day", chain.far).json()["messages"]
    assert {one["title"] for one in there} == {"Kiểm kê tối nay", "Chỉ HN02"}
    (hidden,) = (one for one in there if one["title"] == "Chỉ HN02")
    assert chain.ask("POST", f"till/messages/{hidden['id']}/read", chain.one).json()["code"] == "not_found"
    assert chain.ask("POST", f"till/messages/{told[0]['id']}/read", chain.one).status_code == 204
    assert chain.ask("GET", "till/day", chain.one).json()["messages"][0]["read"] is True
    written = chain.ask("GET", "messages", chain.owner).json()["items"]
    assert {one["title"]: one["readers"] for one in written} == {"Đã qua": 0, "Chỉ HN02": 0, "Kiểm kê tối nay": 1}
    assert chain.ask("POST", "messages", chain.one, title="Tôi", body="viết").json()["code"] == "not_permitted"


def test_a_withdrawn_message_is_shown_no_more_and_stays_in_the_list(chain: Chain) -> None:
    assert chain.ask("POST", "messages", chain.owner, title="Sai giờ", body="Mở cửa lúc 8 giờ.").status_code == 204
    (message,) = (one for one in chain.ask("GET", "messages", chain.owner).json()["items"] if one["title"] == "Sai giờ")
    for _ in range(2):
        assert chain.ask("POST", f"messages/{message['id']}/withdraw", chain.owner).status_code == 204
    shown = chain.ask("GET", "till/day", chain.one).json()["messages"]
    assert "Sai giờ" not in {one["title"] for one in shown}
    (left,) = (one for one in chain.ask("GET", "messages", chain.owner).json()["items"] if one["title"] == "Sai giờ")
    assert left["until_on"] < clock.business_day(clock.now()).isoformat()
    assert chain.ask("POST", f"messages/{message['id']}/withdraw", chain.one).json()["code"] == "not_permitted"
    assert chain.ask("POST", f"messages/{new_id()}/withdraw", chain.owner).json()["code"] == "not_found"
    with chain.database.transaction() as tx:
        said = tx.scalar(text("SELECT count(*) FROM audit_log WHERE subject_id = :id"), {"id": message["id"]})
    assert said == 2, "written once, withdrawn once"


def test_a_month_of_targets_is_set_at_once_or_not_at_all(chain: Chain) -> None:
    here, there = str(chain.one.location_id), str(chain.far.location_id)
    month = {"from_on": "2031-05-01", "to_on": "2031-05-31"}

    def plan(*targets: tuple[str, str, int | None]) -> httpx.Response:
        told = [{"location_id": place, "on": on, "target_vnd": target_vnd} for place, on, target_vnd in targets]
        return chain.ask("PUT", "messages/targets/plan", chain.owner, targets=told)

    def planned() -> set[tuple[str, str, int]]:
        answer = chain.http.get("/api/messages/targets", headers=chain.owner.bearer, params=month)
        return {(one["location_id"], one["on_date"], one["target_vnd"]) for one in answer.json()["items"]}

    done = plan((here, "2031-05-01", 9_000_000), (here, "2031-05-02", 8_000_000), (there, "2031-05-01", 7_000_000))
    assert done.status_code == 204, done.text
    before = planned()
    assert before == {
        (here, "2031-05-01", 9_000_000),
        (here, "2031-05-02", 8_000_000),
        (there, "2031-05-01", 7_000_000),
    }
    assert plan((here, "2031-05-03", 1), (str(new_id()), "2031-05-03", 1)).json()["code"] == "not_found"
    assert planned() == before
    assert plan((here, "2031-05-01", None), (here, "2031-05-02", 5_000_000)).status_code == 204
    assert planned() == {(here, "2031-05-02", 5_000_000), (there, "2031-05-01", 7_000_000)}
    chain.ask("PUT", "messages/targets", chain.owner, location_id=here, on="2031-05-02", target_vnd=6_000_000)
    assert (here, "2031-05-02", 6_000_000) in planned()


def test_a_till_finds_sales_of_any_day_by_number_phone_amount_and_date(chain: Chain) -> None:
    old, elsewhere = chain.sell(chain.one, 3), chain.sell(chain.far, 3)
    customer = str(new_id())
    with chain.database.transaction() as tx:
        tx.execute(
            text(
                "INSERT INTO customer (id, full_name, given_name, phone, created_at) "
                "VALUES (:id, 'Phạm Hà', 'Hà', '+84987654321', now())"
            ),
            {"id": customer},
        )
        tx.execute(
            text(
                "UPDATE sale SET sold_at = '2025-03-08T05:00:00Z', sold_on = '2025-03-08', customer_id = :buyer "
                "WHERE id = ANY(CAST(:ids AS uuid[]))"
            ),
            {"ids": [old["id"], elsewhere["id"]], "buyer": customer},
        )

    def found(**wanted: Any) -> list[str]:
        answer = chain.http.get("/api/till/orders/found", headers=chain.two.bearer, params=wanted)
        assert answer.status_code == 200, answer.text
        return [order["id"] for order in answer.json()["items"]]

    assert old["id"] not in [one["id"] for one in chain.ask("GET", "till/orders", chain.two).json()["items"]]
    assert found(q=old["receipt_code"]) == [old["id"]]
    assert found(q="0987 654 321") == [old["id"]], "another branch is not this till's to see"
    assert found(paid_vnd=600_000, to_on="2025-12-31", from_on="2025-01-01") == [old["id"]]
    assert found(from_on="2025-03-08", to_on="2025-03-08") == [old["id"]]
    assert found(from_on="2025-03-08", to_on="2025-03-08", paid_vnd=1) == []
    nothing = chain.http.get("/api/till/orders/found", headers=chain.two.bearer)
    assert (nothing.status_code, nothing.json()["code"]) == (422, "malformed")
