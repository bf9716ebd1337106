"""Promotions at the checkout, over HTTP: the server prices by its book, and limits hold in a crowd.

The crowds are small; ``PLACKET_VOUCHER_ROUNDS``, ``PLACKET_FLASH_BUYERS`` and ``PLACKET_BUDGET_SALES`` make them larger.
"""

import itertools
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from books import prove
from builders import Goods, Person, TillAtWork, a_branch, a_cart, a_person, a_style, a_till, stocked
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from served import own_database
from serving import serving
from waiting import until

VOUCHER_ROUNDS = int(os.environ.get("PLACKET_VOUCHER_ROUNDS", "10"))
FLASH_BUYERS = int(os.environ.get("PLACKET_FLASH_BUYERS", "80"))
BUDGET_SALES = int(os.environ.get("PLACKET_BUDGET_SALES", "15"))
TEN = {"group": 1, "reward": {"kind": "percent", "bp": 1_000}}


@dataclass
class Shop:
    """A served branch with some tills and a shirt of 200.000 ₫."""

    http: httpx.Client
    database: Database
    tills: list[TillAtWork]
    marketer: Person
    shirt: Goods

    def publish(self, terms: dict[str, Any], **limits: int) -> str:
        """Put a promotion in force."""
        promotion_id = str(new_id())
        draft = {"id": promotion_id, "name_vi": "Ưu đãi", "name_en": "Offer", "terms": terms, "limits": limits}
        assert self.http.post("/api/promotions", headers=self.marketer.bearer, json=draft).status_code == 201
        published = self.http.post(
            f"/api/promotions/{promotion_id}/publish", headers=self.marketer.bearer, json={"row_version": 1}
        )
        assert published.status_code == 200, published.text
        return promotion_id

    def stop(self, promotion_id: str, row_version: int = 2) -> None:
        """Take it out of force."""
        self.http.post(
            f"/api/promotions/{promotion_id}/stop", headers=self.marketer.bearer, json={"row_version": row_version}
        ).raise_for_status()

    def cart(self, till: TillAtWork, off_vnd: int, *, qty: int = 1, **more: Any) -> dict[str, Any]:
        """Shirts at a price that the till believes in, paid by card."""
        cart = a_cart(till, (self.shirt.variants["DEN-M"], qty, 200_000))
        total_vnd = qty * 200_000 - off_vnd
        cart["lines"][0]["discount_vnd"] = off_vnd
        return cart | {
            "total_vnd": total_vnd,
            "rounding_vnd": 0,
            "tenders": [{"kind": "card", "amount_vnd": total_vnd}],
            **more,
        }

    def sell(self, till: TillAtWork, off_vnd: int, **more: Any) -> httpx.Response:
        """The answer; a refused sale gives its number back."""
        answer = self.http.post("/api/sales", headers=till.bearer, json=self.cart(till, off_vnd, **more))
        if answer.status_code != 201:
            till.last_receipt_no -= 1
        return answer

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the books."""
        with self.database.transaction() as tx:
            return [tuple(row) for row in tx.execute(text(query))]


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with own_database("offers") as database:
        with database.transaction() as tx:
            branch = a_branch(tx)
            shirt = a_style(tx, price_vnd=200_000, sizes=("M",))
            stocked(tx, branch, dict.fromkeys(shirt.all, 1_000))
            tills = [a_till(tx, branch) for _ in range(8)]
            marketer = a_person(tx, "marketer")
        with serving(database.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
            yield Shop(http, database, tills, marketer, shirt)
        prove(database)


def test_a_till_that_does_not_know_the_promotion_is_told_the_price(shop: Shop) -> None:
    promotion_id = shop.publish(TEN)
    till = shop.tills[0]
    refused = shop.sell(till, 0)
    assert (refused.status_code, refused.json()["code"]) == (409, "price_changed")
    quote = refused.json()["facts"]["quote"]
    assert quote["total_vnd"] == 180_000
    assert quote["lines"][0]["offers"] == [{"promotion_id": promotion_id, "version": 1, "vnd": 20_000, "shares": [20_000]}]
    assert shop.sell(till, 20_000).status_code == 201
    shop.stop(promotion_id)
    assert shop.sell(till, 20_000).json()["code"] == "price_changed"
    assert shop.sell(till, 0).status_code == 201
    parts = shop.rows("SELECT kind, amount_vnd, promotion_id::text, promotion_version, shares_vnd FROM sale_discount")
    assert parts == [("promotion", 20_000, promotion_id, 1, [20_000])]


def test_fifty_pieces_of_a_flash_sale_go_to_fifty_and_the_rest_hear_the_full_price(shop: Shop) -> None:
    terms = {"group": 1, "reward": {"kind": "fixed_price", "vnd": 120_000}}
    promotion_id = shop.publish(terms, pieces_max=50)
    numbers = itertools.count()

    def buy(till: TillAtWork) -> list[str]:
        codes = []
        while next(numbers) < FLASH_BUYERS:
            answer = shop.sell(till, 80_000)
            codes.append("sold" if answer.status_code == 201 else answer.json()["code"])
            if answer.status_code != 201:
                assert answer.json()["facts"]["quote"]["total_vnd"] in {120_000, 200_000}
        return codes

    with ThreadPoolExecutor(len(shop.tills)) as crowd:
        codes = [code for codes in crowd.map(buy, shop.tills) for code in codes]
    assert codes.count("sold") == 50
    assert set(codes) == {"sold", "offer_gone", "price_changed"} or set(codes) == {"sold", "offer_gone"}
    assert shop.rows(f"SELECT pieces FROM promotion_limit WHERE promotion_id = '{promotion_id}'") == [(50,)]
    _until_told(shop, 0)
    assert shop.sell(shop.tills[0], 0).status_code == 201
    shop.stop(promotion_id)


def test_a_crowd_never_spends_more_than_the_budget(shop: Shop) -> None:
    budget_vnd = BUDGET_SALES * 20_000 + 19_999
    promotion_id = shop.publish(TEN, budget_vnd=budget_vnd)
    numbers = itertools.count()

    def buy(till: TillAtWork) -> int:
        sold = 0
        while next(numbers) < 2 * BUDGET_SALES:
            sold += shop.sell(till, 20_000).status_code == 201
        return sold

    with ThreadPoolExecutor(len(shop.tills)) as crowd:
        assert sum(crowd.map(buy, shop.tills)) == BUDGET_SALES
    spent = shop.rows(f"SELECT spent_vnd FROM promotion_limit WHERE promotion_id = '{promotion_id}'")
    assert spent == [(BUDGET_SALES * 20_000,)]
    shop.stop(promotion_id)


def _until_told(shop: Shop, left: int) -> None:
    """Until the API has heard through the tail how many pieces are left."""

    def told() -> bool:
        book = shop.http.get("/api/promotions/book", headers=shop.tills[0].bearer).json()
        return {each["pieces"] for each in book["left"].values()} == {left}

    until(told, within_s=10, what=f"nobody heard that {left} are left")


def test_a_repeat_gets_its_answer_although_the_promotion_has_ended(shop: Shop) -> None:
    promotion_id = shop.publish(TEN)
    till = shop.tills[0]
    cart = told(shop.cart(till, 20_000), promotion_id)
    first = shop.http.post("/api/sales", headers=till.bearer, json=cart)
    shop.stop(promotion_id)
    again = shop.http.post("/api/sales", headers=till.bearer, json=cart)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()


def test_what_was_on_the_screen_holds_over_the_stroke_of_the_end(shop: Shop) -> None:
    ends_at = clock.now() - timedelta(seconds=2)
    promotion_id = shop.publish(TEN | {"when": {"ends_ms": int(ends_at.timestamp() * 1000)}})
    till = shop.tills[0]
    pressed = shop.cart(till, 20_000) | {"at": (ends_at - timedelta(seconds=1)).isoformat()}
    assert shop.http.post("/api/sales", headers=till.bearer, json=pressed).status_code == 201
    assert shop.sell(till, 20_000).json()["code"] == "price_changed"
    long_ago = {"at": (ends_at - timedelta(seconds=60)).isoformat()}
    assert shop.sell(till, 20_000, **long_ago).json()["code"] == "price_changed"
    shop.stop(promotion_id)


def test_a_voucher_that_takes_nothing_off_is_not_used_up(shop: Shop) -> None:
    terms = {"group": 9, "voucher": True, "need": {"qty": 2}, "reward": {"kind": "amount", "vnd": 50_000}}
    promotion_id = shop.publish(terms)
    first, second = a_voucher(shop, promotion_id), a_voucher(shop, promotion_id)
    till = shop.tills[0]
    assert shop.sell(till, 0, vouchers=[first]).status_code == 201
    assert shop.sell(till, 50_000, qty=2, vouchers=[first, second]).status_code == 201
    states = shop.rows(f"SELECT state FROM voucher WHERE code IN ('{first}', '{second}') ORDER BY code = '{second}'")
    assert states == [("redeemed",), ("issued",)]
    shop.stop(promotion_id)


def a_voucher(shop: Shop, promotion_id: str) -> str:
    """A fresh bearer voucher of a promotion."""
    body = {
        "id": str(new_id()),
        "name": "Tri ân",
        "starts_at": "2026-01-01T00:00:00Z",
        "ends_at": "2036-01-01T00:00:00Z",
        "count": 1,
    }
    path = f"/api/promotions/{promotion_id}/vouchers"
    [code] = shop.http.post(path, headers=shop.marketer.bearer, json=body).json()["codes"]
    return str(code)


def told(cart: dict[str, Any], promotion_id: str, **more: Any) -> dict[str, Any]:
    """The cart with what its till says of the promotion that made its one line cheaper."""
    [line] = cart["lines"]
    off_vnd, qty = line["discount_vnd"], line["qty"]
    line["offers"] = [{"promotion_id": promotion_id, "version": 1, "shares": [off_vnd // qty] * qty}]
    return cart | {
        "offers": [{"promotion_id": promotion_id, "version": 1, "vnd": off_vnd, "uses": 1, "pieces": qty}],
        **more,
    }


def test_a_repeat_with_a_voucher_gets_its_answer(shop: Shop) -> None:
    promotion_id = shop.publish({"group": 9, "voucher": True, "reward": {"kind": "amount", "vnd": 50_000}})
    till = shop.tills[0]
    cart = told(shop.cart(till, 50_000), promotion_id, vouchers=[a_voucher(shop, promotion_id)])
    first = shop.http.post("/api/sales", headers=till.bearer, json=cart)
    again = shop.http.post("/api/sales", headers=till.bearer, json=cart)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert shop.rows(f"SELECT uses FROM promotion_use WHERE promotion_id = '{promotion_id}'") == [(1,)]
    shop.stop(promotion_id)


def test_one_voucher_at_two_tills_pays_once(shop: Shop) -> None:
    promotion_id = shop.publish({"group": 9, "voucher": True, "reward": {"kind": "amount", "vnd": 50_000}})
    before = shop.rows("SELECT count(*) FROM voucher_entry WHERE kind = 'redeem'")[0][0]
    for _ in range(VOUCHER_ROUNDS):
        code = a_voucher(shop, promotion_id)
        with ThreadPoolExecutor(2) as pair:
            answers = list(pair.map(partial(shop.sell, off_vnd=50_000, vouchers=[code]), shop.tills[:2]))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        [lost] = [answer.json() for answer in answers if answer.status_code == 409]
        [won] = [answer.json() for answer in answers if answer.status_code == 201]
        assert (lost["code"], lost["facts"]["receipt_code"]) == ("voucher_not_usable", won["receipt_code"])
        assert lost["facts"]["voucher"] == code
    assert shop.rows("SELECT count(*) FROM voucher_entry WHERE kind = 'redeem'") == [(before + VOUCHER_ROUNDS,)]
    shop.stop(promotion_id)


def test_a_voucher_held_while_one_till_takes_the_money_is_nobody_elses(shop: Shop) -> None:
    promotion_id = shop.publish({"group": 9, "voucher": True, "reward": {"kind": "amount", "vnd": 50_000}})
    code = a_voucher(shop, promotion_id)
    mine = shop.cart(shop.tills[0], 50_000, vouchers=[code])
    hold = {"sale_id": mine["id"]}
    held = shop.http.post(f"/api/vouchers/{code}/hold", headers=shop.tills[0].bearer, json=hold)
    assert held.status_code == 200, held.text
    lost = shop.sell(shop.tills[1], off_vnd=50_000, vouchers=[code])
    assert (lost.status_code, lost.json()["facts"]["reason"]) == (409, "held")
    won = shop.http.post("/api/sales", headers=shop.tills[0].bearer, json=mine)
    assert won.status_code == 201, won.text
    query = "SELECT e.kind FROM voucher_entry e JOIN voucher v ON v.id = e.voucher_id WHERE v.code = %s ORDER BY e.id"
    assert shop.rows(query.replace("%s", f"'{code}'")) == [("issue",), ("hold",), ("redeem",)]
    assert shop.http.post(f"/api/vouchers/{code}/release", headers=shop.tills[0].bearer, json=hold).status_code == 204
    shop.stop(promotion_id)


def test_a_till_that_starts_again_keeps_its_voucher_until_it_has_said_how_long_its_journal_is(shop: Shop) -> None:
    promotion_id = shop.publish({"group": 9, "voucher": True, "reward": {"kind": "amount", "vnd": 50_000}})
    code, till = a_voucher(shop, promotion_id), shop.tills[2]
    device = {"authorization": f"Bearer {till.device_token}"}
    beat = {"epoch": 1, "opening": 1, "board_no": 0, "pending": 1, "clock": clock.now().isoformat()}

    def heard(head_seq: int) -> None:
        shop.http.post("/api/till/heartbeat", json={**beat, "head_seq": head_seq}, headers=device).raise_for_status()

    def asked_elsewhere() -> int:
        return shop.http.get(f"/api/promotions/vouchers/{code}", headers=shop.tills[1].bearer).status_code

    heard(0)
    hold = {"sale_id": str(new_id())}
    shop.http.post(f"/api/vouchers/{code}/hold", headers=till.bearer, json=hold).raise_for_status()
    with shop.database.transaction() as tx:  # an hour in the dark
        tx.execute(text("UPDATE voucher SET held_until = held_until - interval '1 hour' WHERE code = :code"), {"code": code})
        tx.execute(text("UPDATE till SET last_seen_at = now() - interval '2 hours' WHERE id = :id"), {"id": till.id})
    shop.http.get("/api/till", headers=device).raise_for_status()
    assert asked_elsewhere() == 409
    heard(1)  # what it sold in the dark is still to come
    assert asked_elsewhere() == 409
    with shop.database.transaction() as tx:
        tx.execute(text("UPDATE till_epoch SET posted_seq = 1 WHERE till_id = :id"), {"id": till.id})
    assert asked_elsewhere() == 200
    shop.stop(promotion_id)


def test_a_void_gives_the_voucher_back(shop: Shop) -> None:
    promotion_id = shop.publish({"group": 9, "voucher": True, "reward": {"kind": "amount", "vnd": 50_000}})
    code = a_voucher(shop, promotion_id)
    till = shop.tills[0]
    sold = shop.sell(till, 50_000, vouchers=[code]).json()
    found = shop.http.get(f"/api/promotions/vouchers/{code}", headers=till.bearer)
    assert (found.status_code, found.json()["code"]) == (409, "voucher_not_usable")
    void = {"reason": "Khách đổi ý", "receipt_no": int(sold["receipt_code"].rsplit("-", 1)[1])}
    shop.http.post(f"/api/sales/{sold['id']}/void", headers=till.bearer, json=void).raise_for_status()
    assert shop.http.get(f"/api/promotions/vouchers/{code}", headers=till.bearer).status_code == 200
    shop.stop(promotion_id)


def test_a_draft_is_tried_beside_what_is_in_force_and_nothing_is_sold(shop: Shop) -> None:
    live = shop.publish({"group": 2, "need": {"qty": 3}, "reward": {"kind": "percent", "bp": 2_000}})
    draft = {"group": 1, "voucher": True, "reward": {"kind": "percent", "bp": 1_000}}
    asked = {
        "lines": [{"variant_id": str(shop.shirt.variants["DEN-M"]), "qty": 2}],
        "location_id": str(shop.tills[0].location_id),
        "draft": {"promotion_id": str(new_id()), "terms": draft, "limits": {"pieces_max": 1}},
    }

    def tried(**more: Any) -> httpx.Response:
        return shop.http.post("/api/sales/try", headers=shop.marketer.bearer, json=asked | more)

    sold_before = shop.rows("SELECT count(*) FROM sale")
    answer = tried().json()
    assert (answer["list_vnd"], answer["total_vnd"], answer["exact"]) == (400_000, 380_000, True)
    assert [(row["promotion_id"], row["pieces"], row["vnd"]) for row in answer["applied"]] == [
        (asked["draft"]["promotion_id"], 1, 20_000)
    ]
    assert [(row["promotion_id"], row["lacks_qty"]) for row in answer["near"]] == [(live, 1)]
    assert tried(draft=None).json()["total_vnd"] == 400_000
    assert shop.rows("SELECT count(*) FROM sale") == sold_before
    malformed = tried(draft={"promotion_id": str(new_id()), "terms": {"group": 0, "reward": {"kind": "percent", "bp": 1}}})
    assert (malformed.status_code, malformed.json()["code"]) == (422, "promotion_malformed")
    assert shop.http.post("/api/sales/try", headers=shop.tills[0].bearer, json=asked).status_code == 403
    shop.stop(live)
