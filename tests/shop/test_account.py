"""Shoppers sign in by a code, see what they bought anywhere, and nobody else's."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import LONG_AGO, a_branch, a_cart, a_company, a_person, a_style, a_till, stocked
from placket import crm, promotions
from placket.core import clock
from placket.core.ids import new_id
from placket.identity import TooManyAttempts
from placket.shop.service import accounts
from shop.conftest import Shop
from waiting import until

PHONE = "+84901234567"


def a_customer(tx: Session, phone: str = PHONE, full_name: str = "Nguyễn Bảo Ngọc") -> UUID:
    a_company(tx)
    made = crm.create_customer(
        tx,
        customer_id=new_id(),
        details=crm.Details(full_name=full_name, phone=phone),
        home_location_id=None,
        agreed=[],
        channel="till",
        by=crm.By(None),
        now=LONG_AGO,
    )
    return made.id


@contextmanager
def signed_in(shop: Shop, customer_phone: str) -> Iterator[httpx.Client]:
    """A browser in which somebody is signed in; the code is read where it would be sent."""
    now = clock.now()
    with shop.database.transaction() as tx:
        made = accounts.make_code(tx, address=customer_phone, place=str(uuid4()), now=now)
    with httpx.Client(base_url=shop.http.base_url, headers={"x-placket": "1"}) as client:
        answer = client.post("/api/shop/v1/account/session", json={"code_id": str(made.id), "code": made.code})
        assert answer.status_code == 200, answer.text
        yield client


@pytest.mark.parametrize(
    ("typed", "address"),
    [("090 123 4567", PHONE), (" An.Nguyen@Example.com ", "an.nguyen@example.com"), ("+84 (0)901234567", PHONE)],
)
def test_an_address_is_a_phone_or_an_e_mail_however_it_was_typed(typed: str, address: str):
    assert accounts.address_of(typed) == address


@pytest.mark.parametrize("typed", ["12", "an@", "@example.com", "không phải số"])
def test_anything_else_is_refused(typed: str):
    with pytest.raises(accounts.AddressInvalid):
        accounts.address_of(typed)


def test_a_code_opens_a_session_for_who_is_known_by_the_address(tx: Session):
    customer_id, now = a_customer(tx), clock.now()
    made = accounts.make_code(tx, address=PHONE, place="p", now=now)

    token, signed = accounts.sign_in(tx, code_id=made.id, code=made.code, full_name=None, attempts_left=4, now=now)

    assert signed == customer_id
    assert accounts.shopper_of(tx, token=token, now=now) == customer_id
    assert accounts.shopper_of(tx, token=token, now=now + accounts.SESSION) is None
    with pytest.raises(accounts.CodeOver):
        accounts.sign_in(tx, code_id=made.id, code=made.code, full_name=None, attempts_left=4, now=now)
    accounts.sign_out(tx, token=token)
    assert accounts.shopper_of(tx, token=token, now=now) is None


def test_a_new_address_needs_a_name_and_then_is_a_customer(tx: Session):
    a_company(tx)
    now = clock.now()
    made = accounts.make_code(tx, address=PHONE, place="p", now=now)
    with pytest.raises(accounts.NameNeeded):
        accounts.sign_in(tx, code_id=made.id, code=made.code, full_name=" ", attempts_left=4, now=now)

    _, customer_id = accounts.sign_in(tx, code_id=made.id, code=made.code, full_name="Trần  An", attempts_left=4, now=now)

    assert crm.customer_of_phone(tx, PHONE) == customer_id


def test_five_guesses_end_a_code_and_time_does_too(tx: Session):
    a_customer(tx)
    now = clock.now()
    made = accounts.make_code(tx, address=PHONE, place="p", now=now)
    assert [accounts.count_guess(tx, code_id=made.id, now=now) for _ in range(5)] == [4, 3, 2, 1, 0]
    with pytest.raises(accounts.CodeOver):
        accounts.count_guess(tx, code_id=made.id, now=now)

    later = accounts.make_code(tx, address=PHONE, place="p", now=now + accounts.AGAIN_AFTER)
    with pytest.raises(accounts.CodeOver):
        accounts.count_guess(tx, code_id=later.id, now=now + accounts.AGAIN_AFTER + accounts.LASTS)
    wrong = f"{(int(later.code) + 1) % 1_000_000:06d}"
    with pytest.raises(accounts.WrongCode):
        accounts.sign_in(tx, code_id=later.id, code=wrong, full_name=None, attempts_left=3, now=now)


def test_codes_are_not_sent_as_often_as_somebody_likes(tx: Session):
    now = clock.now()
    first = accounts.make_code(tx, address=PHONE, place="p", now=now)
    with pytest.raises(accounts.TooSoon):
        accounts.make_code(tx, address=PHONE, place="p", now=now + timedelta(seconds=29))
    for number in range(1, accounts.ASKED_MOST):
        accounts.make_code(tx, address=PHONE, place="p", now=now + timedelta(seconds=31 * number))
    with pytest.raises(TooManyAttempts):
        accounts.make_code(tx, address=PHONE, place="p", now=now + timedelta(seconds=31 * accounts.ASKED_MOST))
    with pytest.raises(accounts.CodeOver):
        accounts.count_guess(tx, code_id=first.id, now=now + timedelta(seconds=60))


def test_nobody_sees_an_account_without_signing_in(shop: Shop):
    for path in ("", "/purchases"):
        answer = shop.http.get(f"/api/shop/v1/account{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_asking_for_a_code_tells_nobody_who_is_known(shop: Shop):
    known, unknown = "0907 111 222", "0907 333 444"
    with shop.database.transaction() as tx:
        a_customer(tx, phone="+84907111222")

    answers = [shop.http.post("/api/shop/v1/account/codes", json={"address": each}) for each in (known, unknown)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert [set(answer.json()) for answer in answers] == [{"id", "sent_to", "expires_at", "again_after_s"}] * 2
    assert "4444" not in answers[1].json()["sent_to"]


def test_a_member_sees_their_purchases_of_the_store_and_the_code_that_takes_them_back(shop: Shop):
    phone = "+84907555666"
    with shop.database.transaction() as tx:
        customer_id = a_customer(tx, phone=phone)
        a_customer(tx, phone="+84907555667", full_name="Người Khác")
        branch = a_branch(tx, "HN09")
        till = a_till(tx, branch)
    sold = shop.http.post(
        "/api/sales",
        headers=till.bearer,
        json=a_cart(till, (shop.dress.variants["DEN-S"], 1, 1_890_000), source_id=shop.depot, customer_id=customer_id),
    )
    assert sold.status_code == 201, sold.text

    with signed_in(shop, phone) as browser, signed_in(shop, "+84907555667") as other:
        page = browser.get("/api/shop/v1/account/purchases").json()
        assert other.get("/api/shop/v1/account/purchases").json() == {"items": [], "before": None}
        (bought,) = page["items"]
        assert (bought["channel"], bought["total_vnd"], bought["receipt_code"]) == (
            "store",
            1_890_000,
            sold.json()["receipt_code"],
        )
        assert [(line["code"], line["size"], line["qty"]) for line in bought["lines"]] == [("DM2041", "S", 1)]
        assert re.fullmatch(r"02[0-9]{14}", bought["barcode"])
        assert browser.get(bought["receipt"]).status_code == 200

        member = browser.get("/api/shop/v1/account").json()
        assert re.fullmatch(r"04[0-9]{10}", member["code"])
        assert (member["given_name"], member["credit_vnd"], "4567" in str(member["phone"])) == ("Ngọc", 0, False)
        assert browser.delete("/api/shop/v1/account/session").status_code == 204
        assert browser.get("/api/shop/v1/account").status_code == 401


def test_a_change_from_a_foreign_page_is_refused(shop: Shop):
    with shop.database.transaction() as tx:
        a_customer(tx, phone="+84907777888")
    with signed_in(shop, "+84907777888") as browser:
        foreign = browser.delete("/api/shop/v1/account/session", headers={"x-placket": "0"})
        assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_request")


def test_an_app_gets_the_token_itself(shop: Shop):
    with shop.database.transaction() as tx:
        customer_id = a_customer(tx, phone="+84907999000")
        made = accounts.make_code(tx, address="+84907999000", place="app", now=clock.now())
    answer = shop.http.post(
        "/api/shop/v1/account/session",
        json={"code_id": str(made.id), "code": made.code, "wants_token": True},
        headers={"accept-language": "en"},
    )

    assert "set-cookie" not in answer.headers
    bearer = {"authorization": f"Bearer {answer.json()['token']}"}
    assert shop.http.get("/api/shop/v1/account", headers=bearer).status_code == 200
    with shop.database.transaction() as tx:  # who signs in on the English pages is written to in English
        assert crm.language_of(tx, customer_id) == "en"


def test_a_member_chooses_the_language_of_what_they_are_sent(shop: Shop):
    with shop.database.transaction() as tx:
        customer_id = a_customer(tx, phone="+84907999111")
    with signed_in(shop, "+84907999111") as browser:
        before = browser.get("/api/shop/v1/account").json()["language"]
        chosen = browser.put("/api/shop/v1/account/language", json={"language": "en"})
        after = browser.get("/api/shop/v1/account").json()["language"]
        unknown = browser.put("/api/shop/v1/account/language", json={"language": "fr"})
    nobody = shop.http.put("/api/shop/v1/account/language", json={"language": "vi"})

    assert (before, chosen.status_code, after) == ("vi", 204, "en")
    assert (unknown.json()["code"], nobody.json()["code"]) == ("malformed", "not_signed_in")
    with shop.database.transaction() as tx:
        assert crm.language_of(tx, customer_id) == "en"


def test_a_member_orders_with_a_voucher_of_their_own_and_nobody_else_does(shop: Shop):
    phone = "+84907222333"
    with shop.database.transaction() as tx:
        customer_id, by, now = a_customer(tx, phone=phone), a_person(tx).id, clock.now()
        promotion_id = new_id()
        draft = {"names": ("Quà riêng", "For you"), "limits": {}, "row_version": None}
        terms = {"group": 1, "voucher": True, "reward": {"kind": "amount", "vnd": 90_000}}
        promotions.keep_draft(tx, promotion_id=promotion_id, terms=terms, staff_id=by, now=now, **draft)
        promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=by, now=now)
        (code,) = promotions.issue(
            tx,
            batch_id=new_id(),
            promotion_id=promotion_id,
            name="Quà riêng",
            period=(now - timedelta(days=1), now + timedelta(days=1)),
            count=1,
            customer_ids=[customer_id],
            staff_id=by,
            now=now,
        )
    way = {"fulfilment": {"kind": "ship", "province_code": "01", "location_id": None}, "vouchers": [code]}
    cart = {"lines": [{"variant_id": str(shop.shirt.variants["DEN-M"]), "qty": 1}]} | way

    with signed_in(shop, phone) as browser:
        until(lambda: _quoted(browser, cart)["total_vnd"] == 600_000, within_s=10)
        assert _quoted(shop.http, cart)["vouchers"][0]["state"] == "unusable"
        asked = cart | {"id": str(new_id()), "language": "en", "expected_total_vnd": 600_000}
        made = browser.post("/api/shop/v1/checkout", json=asked)
        again = browser.post("/api/shop/v1/checkout", json=asked)

    assert (made.status_code, again.status_code, made.json()["total_vnd"]) == (201, 200, 600_000)
    with shop.database.transaction() as tx:
        assert tx.scalar(text("SELECT customer_id FROM web_order WHERE id = :id"), {"id": asked["id"]}) == customer_id
        assert crm.language_of(tx, customer_id) == "en"


def _quoted(browser: httpx.Client, cart: dict[str, Any]) -> dict[str, Any]:
    return dict(browser.post("/api/shop/v1/checkout/quote", json=cart).json())


def test_a_member_is_shown_what_others_keep_with_theirs_and_is_left_in_their_size(shop: Shop):
    phone = "+84907555668"
    with shop.database.transaction() as tx:
        customer_id = a_customer(tx, phone=phone)
        till = a_till(tx, a_branch(tx, "HN10"))
        left, other_size = (a_style(tx, code, name_vi=code, sizes=("S", "M")) for code in ("CG1", "CG2"))
        stocked(tx, shop.depot, {left.variants["DEN-S"]: 5, other_size.variants["DEN-M"]: 5})
        for other, score in ((left, 0.9), (other_size, 0.8), (shop.dress, 0.7)):
            tx.execute(
                text("INSERT INTO style_pair (style_id, other_id, people, score) VALUES (:own, :other, 9, :score)"),
                {"own": shop.shirt.style_id, "other": other.style_id, "score": score},
            )
            tx.execute(text("INSERT INTO style_rank (style_id, people) VALUES (:id, 3)"), {"id": other.style_id})
        shirt = a_style(tx, "CG0", name_vi="CG0", price_vnd=300_000, sizes=("S",))
        stocked(tx, shop.depot, {shirt.one: 5})
        tx.execute(text("UPDATE style_pair SET style_id = :id"), {"id": shirt.style_id})
    until(lambda: {"CG0", "CG1", "CG2"} <= set(shop.codes()), within_s=10)
    bought = a_cart(till, (shirt.one, 1, 300_000), (shop.dress.variants["DEN-S"], 1, 1_890_000), customer_id=customer_id)
    for line in bought["lines"]:
        line["source_id"] = str(shop.depot)
    assert shop.http.post("/api/sales", headers=till.bearer, json=bought).status_code == 201

    with signed_in(shop, phone) as browser:
        path = "/api/shop/v1/account/recommendations"
        (told,) = browser.get(path).json()
        assert (told["card"]["code"], told["size"], told["because_vi"]) == ("CG1", "S", "CG0")
        with shop.database.transaction() as tx:
            tx.execute(text("UPDATE customer_account SET profiled = false WHERE customer_id = :id"), {"id": customer_id})
        assert browser.get(path).json() == []
    page = shop.http.get("/p/cg0-cg0", follow_redirects=True).text
    beside = re.findall(r'data-code="([A-Z0-9]+)"', page.partition('class="rail"')[2])
    assert beside[:3] == ["CG1", "CG2", "DM2041"]
