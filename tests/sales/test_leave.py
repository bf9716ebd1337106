"""Who may take something off, and what a manager's approval is worth: over HTTP, and in a till's journal."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from books import prove
from builders import Goods, Person, TillAtWork, a_branch, a_cart, a_person, a_style, a_till, stocked
from placket import identity
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.identity import badges
from placket.pos import journal
from placket.sales import Adjust, CartLine, price_cart
from placket.sales.leave import percent
from served import own_database
from serving import serving

PIN = "246810"


@dataclass
class Shop:
    """A served branch with a till, its cashier (5 %) and a manager with a PIN (20 %, and prices by hand)."""

    http: httpx.Client
    database: Database
    till: TillAtWork
    other_till: TillAtWork
    manager: Person
    shirt: Goods

    def cart(self, kind: str, value: int, *, till: TillAtWork | None = None, **adjust: Any) -> dict[str, Any]:
        """A shirt of 200.000 ₫ with something taken off, as a till sends it."""
        till = till or self.till
        variant_id = self.shirt.variants["DEN-M"]
        off = price_cart(
            [CartLine(variant_id, till.location_id, 1, Adjust(kind, value, "faulty"))],  # type: ignore[arg-type]
            price_of=lambda _variant: (200_000, 800),
            price_version=1,
        )
        cart = a_cart(till, (variant_id, 1, 200_000))
        cart["lines"][0] |= {
            "discount_vnd": off.discount_vnd,
            "adjust": {"kind": kind, "value": value, "reason": "faulty", **adjust},
        }
        cart["total_vnd"] = off.total_vnd
        cart["tenders"] = [{"kind": "card", "amount_vnd": off.total_vnd}]
        return cart

    def sell(self, cart: dict[str, Any], till: TillAtWork | None = None) -> httpx.Response:
        """The answer; a refused sale gives its number back."""
        till = till or self.till
        answer = self.http.post("/api/sales", headers=till.bearer, json=cart)
        if answer.status_code != 201:
            till.last_receipt_no -= 1
        return answer

    def approve(self, verb: str = "sale.discount", *, pin: str = PIN, till: TillAtWork | None = None) -> httpx.Response:
        """The manager's PIN at a till."""
        body = {"staff_id": str(self.manager.id), "pin": pin, "verb": verb, "about": "Giảm 15% áo lỗi"}
        return self.http.post("/api/approvals", headers=(till or self.till).bearer, json=body)

    def approve_by_badge(self, code: str, verb: str = "sale.discount", **more: str) -> httpx.Response:
        """A badge scanned at the till."""
        body = {"badge": code, "verb": verb, "about": "Giảm 15% áo lỗi", **more}
        return self.http.post("/api/approvals", headers=self.till.bearer, json=body)

    def badge(self) -> str:
        """A fresh badge of the manager."""
        with self.database.transaction() as tx:
            return identity.issue_badge(tx, staff_id=self.manager.id, actor=None)

    def approved(self, verb: str = "sale.discount", till: TillAtWork | None = None) -> dict[str, str]:
        """What a request says of an approval."""
        given = self.approve(verb, till=till)
        assert given.status_code == 201, given.text
        return {"approved_by": given.json()["staff_id"], "approval_id": given.json()["id"]}

    def push(self, body: dict[str, Any]) -> dict[str, Any]:
        """A sale as the first entry of another till's journal."""
        with self.database.transaction() as tx:
            till = a_till(tx, self.till.location_id, cashier=self.till.cashier.id)
        cart = {**body, "receipt_no": 1, "staff_id": str(self.till.cashier.id)}
        del cart["opening"], cart["at"]
        return self.hand_in(till, "SALE", cart)[0]

    def hand_in(self, till: TillAtWork, kind: str, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
        """The first entries of a till's journal, all of one kind."""
        entries: list[dict[str, Any]] = []
        last = journal.NO_HASH
        for seq, body in enumerate(bodies, start=1):
            head = {"entry_id": str(new_id()), "epoch": 1, "seq": seq, "opening": 1, "kind": kind}
            told = {"at": clock.now().isoformat(), "clock_offset_ms": 0, "schema_v": 1, "app_v": "test", "body": body}
            content = json.dumps(head | told)
            last = journal.chained(last, content)
            entries.append({"seq": seq, "hash": last, "text": content})
        answer = self.http.post(
            "/api/till/push",
            headers={"authorization": f"Bearer {till.device_token}"},
            json={"epoch": 1, "head_seq": len(entries), "entries": entries},
        )
        return list(answer.json()["results"])

    def sold(self, qty: int, till: TillAtWork) -> dict[str, Any]:
        """Shirts sold on line."""
        cart = a_cart(till, (self.shirt.variants["DEN-M"], qty, 200_000))
        assert self.sell(cart, till).status_code == 201
        return cart

    def void(self, cart: dict[str, Any], **agreed: str) -> httpx.Response:
        """A sale undone at the till."""
        wish = {"reason": "Khách đổi ý", **agreed}
        return self.http.post(f"/api/sales/{cart['id']}/void", headers=self.till.bearer, json=wish)

    def exceptions(self, sale_id: str) -> list[tuple[str, list[str] | None]]:
        """What stands beside a sale: kind, and the verbs that were missing."""
        query = text("SELECT kind, refs -> 'verbs' AS verbs FROM exception_log WHERE refs ->> 'sale' = :sale ORDER BY kind")
        with self.database.transaction() as tx:
            return [(row.kind, row.verbs) for row in tx.execute(query, {"sale": sale_id})]


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with own_database("leave") as database:
        with database.transaction() as tx:
            branch_id = a_branch(tx, "HN01")
            shirt = a_style(tx, sizes=("S", "M"), price_vnd=200_000)
            stocked(tx, branch_id, dict.fromkeys(shirt.all, 500))
            manager = a_person(tx, "store_manager", at=branch_id, pin=PIN)
            tills = a_till(tx, branch_id), a_till(tx, branch_id)
        with serving(database.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
            yield Shop(http, database, *tills, manager, shirt)
        prove(database)


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_cashier_gives_what_they_may_and_it_is_written_down(shop: Shop) -> None:
    answer = shop.sell(shop.cart("percent", 500, note="phai màu"))
    assert (answer.status_code, answer.json()["total_vnd"]) == (201, 190_000)
    shown = shop.http.get(f"/api/sales/{answer.json()['id']}", headers=shop.manager.bearer).json()
    assert shown["discount_vnd"] == 10_000
    assert shown["lines"][0]["discounts"] == [
        {
            "kind": "manual",
            "amount_vnd": 10_000,
            "reason": "faulty",
            "note": "phai màu",
            "approved_by_name": None,
            "promotion_vi": None,
            "promotion_en": None,
        }
    ]


def test_beyond_the_limit_the_refusal_names_it_and_nothing_is_written(shop: Shop) -> None:
    cart = shop.cart("percent", 501)
    answer = shop.sell(cart)
    assert refused(answer) == (403, "discount_over_limit")
    assert answer.json()["detail"] == "Dòng 1: giảm quá hạn mức 5%. Nhờ quản lý duyệt."
    assert answer.json()["facts"]["limit_bp"] == 500
    assert shop.http.get(f"/api/sales/{cart['id']}", headers=shop.manager.bearer).status_code == 404


def test_an_amount_is_held_against_the_same_limit(shop: Shop) -> None:
    assert refused(shop.sell(shop.cart("amount", 10_001))) == (403, "discount_over_limit")
    assert shop.sell(shop.cart("amount", 10_000)).status_code == 201


def test_a_price_by_hand_is_a_verb_of_its_own(shop: Shop) -> None:
    assert refused(shop.sell(shop.cart("price", 199_000))) == (403, "approval_needed")
    assert shop.sell(shop.cart("price", 180_000, **shop.approved("price.override"))).status_code == 201


def test_an_approval_carries_as_far_as_the_one_who_gave_it(shop: Shop) -> None:
    approval = shop.approved()
    answer = shop.sell(shop.cart("percent", 2_000, **approval))
    assert (answer.status_code, answer.json()["total_vnd"]) == (201, 160_000)
    shown = shop.http.get(f"/api/sales/{answer.json()['id']}", headers=shop.manager.bearer).json()
    assert shown["lines"][0]["discounts"][0]["approved_by_name"] == "Nguyễn Thị store_manager"
    beyond = shop.sell(shop.cart("percent", 2_001, **approval))
    assert refused(beyond) == (403, "discount_over_limit")
    assert beyond.json()["facts"]["limit_bp"] == 2_000


def test_a_name_without_an_approval_is_worth_nothing(shop: Shop) -> None:
    signed = {"approved_by": str(shop.manager.id)}
    assert refused(shop.sell(shop.cart("percent", 1_000, **signed))) == (403, "approval_not_live")
    made_up = {**signed, "approval_id": str(new_id())}
    assert refused(shop.sell(shop.cart("percent", 1_000, **made_up))) == (403, "approval_not_live")


def test_an_approval_is_for_its_verb_its_till_and_ten_minutes(shop: Shop) -> None:
    for_a_price = shop.approved("price.override")
    assert refused(shop.sell(shop.cart("percent", 1_000, **for_a_price))) == (403, "approval_not_live")
    next_door = shop.approved(till=shop.other_till)
    assert refused(shop.sell(shop.cart("percent", 1_000, **next_door))) == (403, "approval_not_live")
    approval = shop.approved()
    with shop.database.transaction() as tx:
        tx.execute(
            text("UPDATE approval SET given_at = given_at - interval '11 min', expires_at = expires_at - interval '11 min'")
        )
    assert refused(shop.sell(shop.cart("percent", 1_000, **approval))) == (403, "approval_not_live")


def test_a_sale_asked_again_after_its_approval_ran_out_is_still_approved(shop: Shop) -> None:
    cart = shop.cart("percent", 1_000, **shop.approved())
    first = shop.sell(cart)
    long_ago = datetime.fromisoformat(cart["at"]) + timedelta(minutes=1)
    with shop.database.transaction() as tx:
        tx.execute(text("UPDATE approval SET expires_at = :at"), {"at": long_ago})
    assert (first.status_code, shop.sell(cart).json()) == (201, first.json())


def test_an_override_of_the_stock_needs_a_live_approval_too(shop: Shop) -> None:
    def over(**signed: Any) -> dict[str, Any]:
        cart = a_cart(shop.till, (shop.shirt.variants["DEN-S"], 600, 200_000))
        return {**cart, "override": {"reason": "Hàng đang ở tay", **signed}}

    cashier = {"approved_by": str(shop.till.cashier.id)}
    assert refused(shop.sell(over(**cashier))) == (403, "approval_not_live")
    assert refused(shop.sell(over(approved_by=str(shop.manager.id)))) == (403, "approval_not_live")
    answer = shop.sell(over(**shop.approved("stock.reserve")))
    assert answer.status_code == 201
    assert shop.exceptions(answer.json()["id"]) == [("override", None)]


def test_a_wrong_pin_approves_nothing_counts_and_locks(shop: Shop) -> None:
    shop.approved()
    answers = [shop.approve(pin="000000") for _ in range(5)]
    assert [answer.json()["code"] for answer in answers] == ["wrong_pin"] * 5
    assert answers[0].json()["facts"]["attempts_left"] == 4
    locked = shop.approve()
    assert refused(locked) == (429, "too_many_attempts")
    with shop.database.transaction() as tx:
        tx.execute(text("DELETE FROM attempt_limit"))


def test_a_badge_approves_as_its_person_does(shop: Shop) -> None:
    given = shop.approve_by_badge(shop.badge())
    assert (given.status_code, given.json()["staff_name"]) == (201, "Nguyễn Thị store_manager")
    assert given.json()["limits"] == {"discount_bp_max": 2_000, "refund_vnd_max": None}
    signed = {"approved_by": given.json()["staff_id"], "approval_id": given.json()["id"]}
    assert shop.sell(shop.cart("percent", 1_500, **signed)).status_code == 201
    assert refused(shop.approve_by_badge(shop.badge(), "settings.write")) == (403, "not_permitted")


def test_wrong_badges_and_wrong_pins_of_one_person_count_together(shop: Shop) -> None:
    good = shop.badge()
    number, secret = good[2:8], good[8:12]
    digits = f"06{number}{(int(secret) + 1) % 10_000:04d}"
    bad = digits + badges.check_digit(digits)
    shop.approved()
    answers = [shop.approve_by_badge(bad) for _ in range(3)] + [shop.approve(pin="000000") for _ in range(2)]
    assert [refused(answer) for answer in answers] == [(401, "wrong_badge")] * 3 + [(401, "wrong_pin")] * 2
    assert [answer.json()["facts"]["attempts_left"] for answer in answers] == [4, 3, 2, 1, 0]
    assert refused(shop.approve_by_badge(good)) == (429, "too_many_attempts")
    with shop.database.transaction() as tx:
        tx.execute(text("DELETE FROM attempt_limit"))


def test_nobody_proves_themselves_twice_or_not_at_all(shop: Shop) -> None:
    assert shop.approve_by_badge(shop.badge(), pin=PIN).status_code == 422
    wish = {"staff_id": str(shop.manager.id), "verb": "sale.discount", "about": "Giảm"}
    assert shop.http.post("/api/approvals", headers=shop.till.bearer, json=wish).status_code == 422


def test_nobody_approves_what_they_may_not_do_themselves(shop: Shop) -> None:
    assert refused(shop.approve("settings.write")) == (403, "not_permitted")


def test_the_log_says_who_agreed_to_what_for_whom(shop: Shop) -> None:
    approval = shop.approved()
    with shop.database.transaction() as tx:
        row = tx.execute(
            text("SELECT staff_id, till_id, after FROM audit_log WHERE subject_id = :id"), {"id": approval["approval_id"]}
        ).one()
    assert (row.staff_id, row.till_id) == (shop.till.cashier.id, shop.till.id)
    assert row.after == {"verb": "sale.discount", "about": "Giảm 15% áo lỗi", "approved_by": str(shop.manager.id)}


def test_an_entry_of_the_journal_is_posted_and_what_it_lacked_is_an_exception(shop: Shop) -> None:
    alone = shop.cart("percent", 1_000)
    assert shop.push(alone)["status"] == "posted"
    assert shop.exceptions(alone["id"]) == [("approval_not_held", ["sale.discount"])]
    shop.till.last_receipt_no -= 1


@pytest.mark.parametrize(
    ("kind", "value", "signed_by", "found"),
    [
        ("percent", 500, "nobody", []),
        ("percent", 2_000, "manager", []),
        ("percent", 2_500, "manager", [("approval_not_held", ["sale.discount"])]),
        ("price", 170_000, "manager", []),
        ("price", 170_000, "nobody", [("approval_not_held", ["price.override"])]),
    ],
)
def test_a_name_in_the_journal_is_held_against_what_that_person_may(
    shop: Shop, kind: str, value: int, signed_by: str, found: list[tuple[str, list[str]]]
) -> None:
    cart = shop.cart(kind, value, **({"approved_by": str(shop.manager.id)} if signed_by == "manager" else {}))
    shop.till.last_receipt_no -= 1
    assert shop.push(cart)["status"] == "posted"
    assert shop.exceptions(cart["id"]) == found


def test_an_override_in_the_journal_by_somebody_who_may_not_is_found(shop: Shop) -> None:
    cart = a_cart(replace(shop.till), (shop.shirt.variants["DEN-M"], 1, 200_000))
    by_cashier = {**cart, "light": "override", "reason": "Hàng ở tay", "approved_by": str(shop.till.cashier.id)}
    assert shop.push(by_cashier)["status"] == "posted"
    assert shop.exceptions(cart["id"]) == [("approval_not_held", ["stock.reserve"]), ("override", None)]


def test_an_override_in_the_journal_that_names_nobody_is_found(shop: Shop) -> None:
    cart = a_cart(replace(shop.till), (shop.shirt.variants["DEN-M"], 1, 200_000))
    assert shop.push({**cart, "light": "amber_refused", "reason": "Khách cần ngay"})["status"] == "posted"
    assert shop.exceptions(cart["id"]) == [("amber_refused", None), ("approval_not_held", ["stock.reserve"])]


def test_a_transfer_written_by_hand_off_line_needs_the_right_to_confirm_it(shop: Shop) -> None:
    cart = a_cart(replace(shop.till), (shop.shirt.variants["DEN-M"], 1, 200_000))
    by_hand = [{"kind": "transfer", "amount_vnd": 200_000, "reference": "FT26330"}]
    assert shop.push({**cart, "tenders": by_hand})["status"] == "posted"
    assert shop.exceptions(cart["id"]) == [("approval_not_held", ["payment.confirm"])]


def test_a_sale_under_a_clock_that_somebody_had_to_confirm_is_written_down(shop: Shop) -> None:
    cart = a_cart(replace(shop.till), (shop.shirt.variants["DEN-M"], 1, 200_000))
    assert shop.push({**cart, "clock_by": str(shop.till.cashier.id)})["status"] == "posted"
    assert shop.exceptions(cart["id"]) == [("clock_unsure", None)]


def test_a_void_beyond_the_limit_needs_a_live_approval_for_just_that(shop: Shop) -> None:
    cart = shop.sold(11, shop.till)
    assert refused(shop.void(cart)) == (403, "void_over_limit")
    assert refused(shop.void(cart, approved_by=str(shop.manager.id))) == (403, "approval_not_live")
    assert refused(shop.void(cart, **shop.approved())) == (403, "approval_not_live")
    assert refused(shop.void(cart, **shop.approved("sale.void", shop.other_till))) == (403, "approval_not_live")
    assert shop.void(cart, **shop.approved("sale.void")).status_code == 200
    with shop.database.transaction() as tx:
        facts = tx.scalar(
            text("SELECT facts FROM sale_timeline WHERE sale_id = :id AND verb = 'voided'"), {"id": cart["id"]}
        )
    assert facts == {"reason": "Khách đổi ý", "approved_by": str(shop.manager.id)}


def test_a_void_in_the_journal_is_done_and_what_it_lacked_is_an_exception(shop: Shop) -> None:
    small, dear, agreed = (shop.sold(qty, shop.other_till) for qty in (10, 11, 11))
    by = {"staff_id": str(shop.other_till.cashier.id), "reason": "Khách đổi ý"}
    bodies = [{"sale_id": cart["id"], "receipt_no": cart["receipt_no"], **by} for cart in (small, dear, agreed)]
    bodies[2]["approved_by"] = str(shop.manager.id)
    assert [result["status"] for result in shop.hand_in(shop.other_till, "VOID", *bodies)] == ["posted"] * 3
    found = [shop.exceptions(cart["id"]) for cart in (small, dear, agreed)]
    assert found == [[], [("approval_not_held", ["sale.void"])], []]


@pytest.mark.parametrize(("rate_bp", "said"), [(500, "5%"), (1_250, "12,5%"), (33, "0,33%"), (10_000, "100%"), (0, "0%")])
def test_a_limit_is_said_as_people_say_it(rate_bp: int, said: str) -> None:
    assert percent(rate_bp) == said
