"""Goods of a promotion come back: what is kept is priced by the same versions again, and the customer sees what is gone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from books import prove
from builders import Goods, Person, TillAtWork, a_branch, a_cart, a_person, a_style, a_till, stocked
from placket import crm, promotions
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from served import own_database
from serving import serving

VND = 690_000
SWAPS = json.loads((Path(__file__).parents[2] / "contracts" / "returns" / "swaps.json").read_text())
TWO_FOR_TEN = {"group": 1, "need": {"qty": 2}, "reward": {"kind": "percent", "bp": 1_000}}
TEN = {"group": 1, "reward": {"kind": "percent", "bp": 1_000}}


@dataclass
class Shop:
    """A served branch with a till and a shirt of 690.000 ₫."""

    http: httpx.Client
    database: Database
    till: TillAtWork
    marketer: Person
    shirt: Goods
    other_id: UUID

    def publish(self, terms: dict[str, Any], **limits: int) -> str:
        """Put a promotion in force."""
        promotion_id = str(new_id())
        draft = {"id": promotion_id, "name_vi": "Mua 2 giảm 10%", "name_en": "10% off two", "terms": terms, "limits": limits}
        assert self.http.post("/api/promotions", headers=self.marketer.bearer, json=draft).status_code == 201
        body = {"row_version": 1}
        self.http.post(f"/api/promotions/{promotion_id}/publish", headers=self.marketer.bearer, json=body).raise_for_status()
        return promotion_id

    def stop(self, promotion_id: str) -> None:
        """Take it out of force."""
        body = {"row_version": 2}
        self.http.post(f"/api/promotions/{promotion_id}/stop", headers=self.marketer.bearer, json=body).raise_for_status()

    def voucher(self, promotion_id: str) -> str:
        """A bearer voucher that opens it."""
        now = clock.now()
        with self.database.transaction() as tx:
            (code,) = promotions.issue(
                tx,
                batch_id=new_id(),
                promotion_id=UUID(promotion_id),
                name="Tết",
                period=(now - timedelta(days=1), now + timedelta(days=9)),
                count=1,
                customer_ids=[],
                staff_id=self.marketer.id,
                now=now,
            )
        return code

    def sells(self, qty: int, off_vnd: int, **more: Any) -> str:
        """Shirts, paid by card; answers the sale."""
        cart = a_cart(self.till, (self.shirt.variants["DEN-M"], qty, VND))
        cart["lines"][0]["discount_vnd"] = off_vnd
        total_vnd = qty * VND - off_vnd
        tenders = [{"kind": "card", "amount_vnd": total_vnd}]
        body = cart | {"total_vnd": total_vnd, "rounding_vnd": 0, "tenders": tenders, **more}
        answer = self.http.post("/api/sales", headers=self.till.bearer, json=body)
        assert answer.status_code == 201, answer.text
        return str(cart["id"])

    def quote(self, sale: str, qty: int) -> dict[str, Any]:
        """What would be given for some of its shirts."""
        lines = {"lines": [{"sale_id": sale, "line_no": 1, "qty": qty}]}
        return dict(self.http.post("/api/returns/quote", headers=self.till.bearer, json=lines).json())

    def swaps(self, sale: str, variant_id: UUID, *, price_vnd: int = 621_000, reason: str = "size") -> httpx.Response:
        """One of its shirts for another piece at this price, even."""
        cart = a_cart(self.till, (variant_id, 1, VND))
        (line,) = cart["lines"]
        line |= {
            "swaps": {"sale_id": sale, "line_no": 1},
            "adjust": {"kind": "price", "value": price_vnd, "reason": "swap"},
            "discount_vnd": VND - price_vnd,
        }
        back = {"sale_id": sale, "line_no": 1, "qty": 1, "refund_vnd": 621_000, "reason": reason}
        body = cart | {"total_vnd": price_vnd - 621_000, "tenders": [], "returns": [back]}
        answer = self.http.post("/api/sales", headers=self.till.bearer, json=body)
        if answer.status_code != 201:
            self.till.last_receipt_no -= 1
        return answer

    def takes_back(self, sale: str, qty: int) -> int:
        """Give the money of some shirts back to the card; answers how much."""
        refund_vnd = int(self.quote(sale, qty)["refund_vnd"])
        back = {"sale_id": sale, "line_no": 1, "qty": qty, "refund_vnd": refund_vnd, "reason": "unsuitable"}
        tenders = [{"kind": "card", "amount_vnd": -refund_vnd}] if refund_vnd else []
        body = a_cart(self.till) | {"total_vnd": -refund_vnd, "tenders": tenders, "returns": [back]}
        answer = self.http.post("/api/sales", headers=self.till.bearer, json=body)
        assert answer.status_code == 201, answer.text
        return refund_vnd


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with own_database("returned") as database:
        with database.transaction() as tx:
            branch = a_branch(tx)
            shirt = a_style(tx, price_vnd=VND, sizes=("M", "L"))
            other = a_style(tx, "AO0002", price_vnd=VND, sizes=("M",))
            stocked(tx, branch, dict.fromkeys([*shirt.all, *other.all], 1_000))
            till, marketer = a_till(tx, branch), a_person(tx, "marketer")
        with serving(database.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
            yield Shop(http, database, till, marketer, shirt, other.variants["DEN-M"])
        prove(database)


def test_the_kept_shirt_loses_the_promotion_that_two_had(shop: Shop) -> None:
    promotion_id = shop.publish(TWO_FOR_TEN)
    sale = shop.sells(2, 138_000)
    shop.stop(promotion_id)  # what is in force today does not matter
    quoted = shop.quote(sale, 1)
    (line,) = quoted["lines"]
    assert (line["share_vnd"], line["recalculated_vnd"], line["refund_vnd"]) == (621_000, 69_000, 552_000)
    assert [(lost["kept"], lost["name_vi"]) for lost in quoted["lost"]] == [(1, "Mua 2 giảm 10%")]
    assert shop.takes_back(sale, 1) == 552_000
    assert shop.quote(sale, 1)["lost"] == []
    assert shop.takes_back(sale, 1) == 690_000
    query = (
        "SELECT kind, amount_vnd FROM sale_discount d JOIN sale_line n USING (sale_id, line_no) "
        "WHERE n.qty < 0 ORDER BY 1, 2"
    )
    with shop.database.transaction() as tx:
        parts = [tuple(row) for row in tx.execute(text(query))]
    assert parts == [("promotion", -69_000), ("promotion", -69_000), ("recalculated", -69_000), ("recalculated", 69_000)]


def test_the_third_of_three_at_half_price_brings_its_half_first(shop: Shop) -> None:
    promotion_id = shop.publish({"group": 1, "reward": {"kind": "buy_get", "buy": 2, "get": 1, "bp": 5_000}})
    sale = shop.sells(3, 345_000)
    shop.stop(promotion_id)
    assert [shop.takes_back(sale, 1) for _ in range(3)] == [345_000, VND, VND]


def test_a_limited_promotion_that_is_used_up_stays_with_what_is_kept(shop: Shop) -> None:
    promotion_id = shop.publish(TEN, pieces_max=2)
    sale = shop.sells(2, 138_000)
    assert shop.quote(sale, 1)["refund_vnd"] == 621_000
    shop.stop(promotion_id)


def test_a_voucher_is_free_again_with_the_last_piece_and_once(shop: Shop) -> None:
    promotion_id = shop.publish({**TEN, "voucher": True})
    code = shop.voucher(promotion_id)
    sale = shop.sells(2, 138_000, vouchers=[code])
    states = []
    for _ in range(2):
        assert shop.takes_back(sale, 1) == 621_000
        with shop.database.transaction() as tx:
            states.append(tx.scalar(text("SELECT state FROM voucher WHERE code = :code"), {"code": code}))
    assert states == ["redeemed", "issued"]
    shop.sells(1, 69_000, vouchers=[code])


def test_another_size_for_a_shirt_of_two_costs_nothing_and_still_counts_as_one_of_them(shop: Shop) -> None:
    promotion_id = shop.publish(TWO_FOR_TEN)
    sale = shop.sells(2, 138_000)
    shop.stop(promotion_id)
    asked = {"lines": [{"sale_id": sale, "line_no": 1, "qty": 1, "swapped": 1}]}
    quoted = shop.http.post("/api/returns/quote", headers=shop.till.bearer, json=asked).json()
    (line,) = quoted["lines"]
    assert (line["recalculated_vnd"], line["refund_vnd"], line["swap_vnd"]) == (0, 621_000, [621_000])
    assert quoted["lost"] == []
    swapped = shop.swaps(sale, shop.shirt.variants["DEN-L"])
    assert swapped.status_code == 201, swapped.text
    query = "SELECT stands_for_sale_id::text, stands_for_line_no, total_vnd FROM sale_line WHERE sale_id = :sale AND qty > 0"
    with shop.database.transaction() as tx:
        assert tuple(tx.execute(text(query), {"sale": swapped.json()["id"]}).one()) == (sale, 1, 621_000)
    # The swapped one comes back by its own receipt: what is kept of the first has lost the promotion.
    assert shop.takes_back(swapped.json()["id"], 1) == 552_000
    assert shop.takes_back(sale, 1) == 690_000


def test_the_first_shirt_comes_back_after_the_other_was_swapped_and_the_swapped_one_is_priced_again(shop: Shop) -> None:
    promotion_id = shop.publish(TWO_FOR_TEN)
    sale = shop.sells(2, 138_000)
    shop.stop(promotion_id)
    swapped = shop.swaps(sale, shop.shirt.variants["DEN-L"]).json()["id"]
    again = shop.swaps(swapped, shop.shirt.variants["DEN-M"])  # and changed back: it still stands for the first
    assert again.status_code == 201, again.text
    assert shop.takes_back(sale, 1) == 552_000
    assert shop.takes_back(again.json()["id"], 1) == 690_000


def test_only_another_size_of_the_style_is_swapped_at_the_price_that_was_paid(shop: Shop) -> None:
    promotion_id = shop.publish(TWO_FOR_TEN)
    sale = shop.sells(2, 138_000)
    shop.stop(promotion_id)
    for variant_id, reason in (
        (shop.other_id, "size"),
        (shop.shirt.variants["DEN-M"], "size"),
        (shop.shirt.variants["DEN-L"], "unsuitable"),
    ):
        assert shop.swaps(sale, variant_id, reason=reason).json()["code"] == "no_swap"
    cheaper = shop.swaps(sale, shop.shirt.variants["DEN-L"], price_vnd=600_000)
    assert cheaper.json()["code"] == "return_changed"


def test_a_voucher_stays_used_while_a_swapped_piece_is_kept(shop: Shop) -> None:
    promotion_id = shop.publish({**TEN, "voucher": True})
    code = shop.voucher(promotion_id)
    sale = shop.sells(1, 69_000, vouchers=[code])
    swapped = shop.swaps(sale, shop.shirt.variants["DEN-L"])
    query = text("SELECT state FROM voucher WHERE code = :code")
    with shop.database.transaction() as tx:
        assert tx.scalar(query, {"code": code}) == "redeemed"
    assert shop.takes_back(swapped.json()["id"], 1) == 621_000
    with shop.database.transaction() as tx:
        assert tx.scalar(query, {"code": code}) == "issued"


@pytest.mark.parametrize("case", [case for case in SWAPS if case["promotions"]], ids=lambda case: case["says"])
def test_swaps_of_goods_of_promotions_as_the_contract_says(shop: Shop, case: dict[str, Any]) -> None:
    sold, back, expected = case["sold"], case["back"], case["expected"]
    assert sold["unit_vnd"] == VND
    promotion_ids = [shop.publish(terms) for terms in case["promotions"]]
    sale = shop.sells(sold["qty"], sum(sum(part["shares_vnd"]) for part in sold["discounts"]))
    for promotion_id in promotion_ids:
        shop.stop(promotion_id)
    assert [shop.takes_back(sale, one["qty"]) for one in case["before"]] == [one["refund_vnd"] for one in case["before"]]
    asked = {"lines": [{"sale_id": sale, "line_no": 1, **back}]}
    quoted = shop.http.post("/api/returns/quote", headers=shop.till.bearer, json=asked).json()
    (line,) = quoted["lines"]
    assert {**{key: line[key] for key in expected if key != "lost"}, "lost": len(quoted["lost"])} == expected


def test_a_promotion_for_a_segment_is_for_its_people_and_stays_with_their_goods_when_they_have_left_it(shop: Shop) -> None:
    segment_id = new_id()
    with shop.database.transaction() as tx:
        customer_id = crm.create_customer(
            tx,
            customer_id=new_id(),
            details=crm.Details("Trần Bảo Ngọc", "0912345678"),
            home_location_id=None,
            agreed=[crm.Agreed("loyalty", granted=True, text_version="v1")],
            channel="office",
            by=crm.By(None),
            now=clock.now(),
        ).id
        crm.write_segment(
            tx,
            segment_id=segment_id,
            name="Chưa mua",
            terms=crm.terms_of({"every": [{"kind": "orders", "most": 0}]}),
            version=0,
            by=None,
            on=clock.business_day(clock.now()),
            now=clock.now(),
        )
    promotion_id = shop.publish({**TWO_FOR_TEN, "who": {"segments": [str(segment_id)], "tiers": ["member", "gold"]}})
    with shop.database.transaction() as tx:
        crm.catch_up(tx, now=clock.now())
    sale = shop.sells(2, 138_000, customer_id=str(customer_id))
    with shop.database.transaction() as tx:
        crm.catch_up(tx, now=clock.now())
        assert tx.scalar(text("SELECT count(*) FROM segment_member WHERE segment_id = :id"), {"id": segment_id}) == 0
    shop.sells(2, 0, customer_id=str(customer_id))
    shop.sells(2, 0)
    assert shop.quote(sale, 1)["refund_vnd"] == 552_000
    assert shop.takes_back(sale, 2) == 1_242_000
    shop.stop(promotion_id)
