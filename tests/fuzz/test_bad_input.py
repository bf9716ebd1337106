"""Bad input gets a refusal with a stable code, and nothing in the books changes."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from books import fingerprints, prove
from builders import a_cart, a_promise, signed_in
from placket.core import clock
from placket.core.ids import new_id

PRICE_VND = 199_000


@pytest.fixture(autouse=True)
def unchanged(ground) -> Iterator[None]:
    """Whatever a test of this file sends, the books stay as they were."""
    ground.till.last_receipt_no = ground.other_till.last_receipt_no = 0
    with ground.database.transaction() as tx:
        before = fingerprints(tx)
    yield
    with ground.database.transaction() as tx:
        assert fingerprints(tx) == before


def a_good_cart(ground, **changes: Any) -> dict[str, Any]:
    """Two shirts, as the till would send them, with some fields changed."""
    return {**a_cart(ground.till, (ground.shirt.all[0], 2, PRICE_VND)), **changes}


def a_cart_of(ground, **changes: Any) -> dict[str, Any]:
    """The same with something changed in its line."""
    cart = a_good_cart(ground)
    return {**cart, "lines": [{**cart["lines"][0], **changes}]}


def sell(ground, cart: dict[str, Any], headers: dict[str, str] | None = None) -> tuple[int, str]:
    answer = ground.client.post("/api/sales", json=cart, headers=headers or ground.till.bearer)
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    "qty", [0, -1, -2, 1000, 2**31, 2**63, 10**30, 1.5, 2.0, "2", None, True, [2], float("1e3")], ids=str
)
def test_a_quantity_is_a_whole_number_from_1_to_999(ground, qty: object) -> None:
    assert sell(ground, a_cart_of(ground, qty=qty)) == (422, "malformed")


@pytest.mark.parametrize("vnd", [-1, 10**13, 2**63, 10**30, 0.5, "199000", None], ids=str)
@pytest.mark.parametrize("field", ["unit_vnd", "discount_vnd"])
def test_money_is_whole_and_not_negative(ground, field: str, vnd: object) -> None:
    assert sell(ground, a_cart_of(ground, **{field: vnd})) == (422, "malformed")


def test_a_duplicated_line_needs_its_own_pieces(ground) -> None:
    cart = a_cart(ground.till, (ground.shirt.all[0], 6, PRICE_VND), (ground.shirt.all[0], 6, PRICE_VND))
    answer = ground.client.post("/api/sales", json=cart, headers=ground.till.bearer)
    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    (line,) = answer.json()["facts"]["lines"]
    assert (line["line_no"], line["asked"], line["left"]) == (2, 6, 4)
    assert [place["free"] for place in line["elsewhere"]] == [10]


def test_an_unknown_variant_is_named(ground) -> None:
    assert sell(ground, a_cart_of(ground, variant_id=str(new_id()))) == (409, "unknown_variant")


def test_an_unknown_barcode_finds_nothing(ground) -> None:
    answer = ground.client.get("/api/catalogue/search", params={"q": "2099999999997"}, headers=ground.till.bearer)
    assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_a_price_that_is_not_in_force_is_answered_with_the_right_one(ground) -> None:
    cart = a_cart(ground.till, (ground.shirt.all[0], 2, PRICE_VND - 1000))
    answer = ground.client.post("/api/sales", json=cart, headers=ground.till.bearer)
    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")
    assert answer.json()["facts"]["quote"]["total_vnd"] == 2 * PRICE_VND


@pytest.mark.parametrize("total_vnd", [0, 1, 2 * PRICE_VND - 1, 2 * PRICE_VND + 1])
def test_a_total_that_is_not_the_sum_is_not_believed(ground, total_vnd: int) -> None:
    assert sell(ground, a_good_cart(ground, total_vnd=total_vnd)) == (409, "price_changed")


@pytest.mark.parametrize(
    "tender",
    [
        {"amount_vnd": 397_000, "tendered_vnd": 397_000, "change_vnd": 0},
        {"amount_vnd": 399_000, "tendered_vnd": 399_000, "change_vnd": 0},
        {"amount_vnd": 398_000, "tendered_vnd": 500_000, "change_vnd": 0},
        {"amount_vnd": 398_000, "tendered_vnd": 300_000, "change_vnd": 0},
        {"amount_vnd": 398_000},
    ],
    ids=str,
)
def test_cash_that_does_not_add_up_is_refused(ground, tender: dict[str, int]) -> None:
    assert sell(ground, a_good_cart(ground, tenders=[{"kind": "cash", **tender}])) == (409, "totals_differ")


def test_change_is_given_from_cash_only(ground) -> None:
    tender = {"kind": "card", "amount_vnd": 398_000, "tendered_vnd": 500_000, "change_vnd": 102_000}
    assert sell(ground, a_good_cart(ground, tenders=[tender])) == (409, "totals_differ")


def test_a_sale_is_not_free_because_nobody_pays(ground) -> None:
    assert sell(ground, a_good_cart(ground, tenders=[])) == (409, "totals_differ")


def test_rounding_is_not_a_discount(ground) -> None:
    tender = {"kind": "cash", "amount_vnd": 397_500, "tendered_vnd": 397_500, "change_vnd": 0}
    assert sell(ground, a_good_cart(ground, rounding_vnd=-500, tenders=[tender])) == (409, "totals_differ")


@pytest.mark.parametrize("kind", ["gold", "", None])
def test_only_known_tenders_pay(ground, kind: str | None) -> None:
    tender = {"kind": kind, "amount_vnd": 398_000}
    assert sell(ground, a_good_cart(ground, tenders=[tender])) == (422, "malformed")


@pytest.mark.parametrize("reference", [None, "", "0123", "x" * 80])
def test_store_credit_pays_only_under_a_hold(ground, reference: str | None) -> None:
    tender = {"kind": "store_credit", "amount_vnd": 398_000, "reference": reference}
    assert sell(ground, a_good_cart(ground, tenders=[tender])) == (422, "hold_not_named")


def test_store_credit_pays_under_its_own_hold_only(ground) -> None:
    tender = {"kind": "store_credit", "amount_vnd": 398_000, "reference": str(new_id())}
    assert sell(ground, a_good_cart(ground, tenders=[tender])) == (409, "hold_gone")


def test_goods_of_another_branch_are_not_sold_here(ground) -> None:
    cart = a_cart(ground.till, (ground.shirt.all[0], 1, PRICE_VND), source_id=ground.other_branch_id)
    assert sell(ground, cart) == (409, "wrong_source")


def test_goods_from_nowhere_are_not_sold(ground) -> None:
    cart = a_cart(ground.till, (ground.shirt.all[0], 1, PRICE_VND), source_id=new_id())
    assert sell(ground, cart) == (409, "wrong_source")


def test_another_branch_cannot_send_this_branch_s_cart(ground) -> None:
    assert sell(ground, a_good_cart(ground), ground.other_till.bearer) == (409, "wrong_source")


def test_the_office_does_not_sell(ground) -> None:
    assert sell(ground, a_good_cart(ground), ground.owner.bearer) == (403, "not_permitted")


def test_an_expired_session_sells_nothing(ground) -> None:
    with ground.database.transaction() as tx:
        late = signed_in(tx, ground.till.cashier.id, till_id=ground.till.id, expires_in=timedelta(seconds=-1))
    assert sell(ground, a_good_cart(ground), late.bearer) == (401, "not_signed_in")


def test_a_session_that_expires_is_forgotten_although_it_is_remembered(ground) -> None:
    with ground.database.transaction() as tx:
        soon = signed_in(tx, ground.owner.id, expires_in=timedelta(seconds=2))
    while (answer := ground.client.get("/api/me", headers=soon.bearer)).status_code == 200:
        assert answer.json()["staff"]["id"] == str(ground.owner.id)
    assert answer.json()["code"] == "not_signed_in"


def test_a_till_of_a_lost_device_sells_nothing(ground) -> None:
    with ground.database.transaction() as tx:
        lost = signed_in(tx, ground.till.cashier.id, till_id=ground.till.id)
        tx.execute(text("UPDATE staff_session SET revoked_at = now() WHERE id = :id"), {"id": lost.session_id})
    assert sell(ground, a_good_cart(ground), lost.bearer) == (401, "not_signed_in")


@pytest.mark.parametrize("hours", [-25, -24.1, 0.05, 24])
def test_a_till_with_a_wrong_clock_sells_nothing(ground, hours: float) -> None:
    at = clock.now() + timedelta(hours=hours)
    assert sell(ground, a_good_cart(ground, at=at.isoformat())) == (409, "wrong_time")


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "2026-11-25T10:00:00"},
        {"at": "yesterday"},
        {"id": "not-an-id"},
        {"lines": []},
        {"lines": None},
        {"receipt_no": 0},
        {"receipt_no": 10_000_000},
        {"opening": 0},
        {"rounding_vnd": 1001},
        {"discount_vnd": 5000},
        {"customer_id": "Ms Hoa"},
    ],
    ids=str,
)
def test_a_cart_of_another_shape_is_malformed(ground, changes: dict[str, Any]) -> None:
    assert sell(ground, a_good_cart(ground, **changes)) == (422, "malformed")


def test_a_cart_has_at_most_two_hundred_lines(ground) -> None:
    lines = [(ground.shirt.all[0], 1, PRICE_VND)] * 201
    assert sell(ground, a_cart(ground.till, *lines)) == (422, "malformed")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"sale"', b"\xff\xfe", b"{" * 10_000])
def test_what_is_no_cart_is_malformed(ground, body: bytes) -> None:
    answer = ground.client.post("/api/sales", content=body, headers=ground.till.bearer)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


def test_a_cart_of_a_megabyte_is_not_read(ground) -> None:
    answer = ground.client.post("/api/sales", content=b" " * 2**20, headers=ground.till.bearer)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_an_unknown_customer_is_refused_and_not_invented(ground) -> None:
    assert sell(ground, a_good_cart(ground, customer_id=str(new_id()))) == (409, "unknown_reference")


def test_a_till_that_is_not_attached_sells_nothing(ground) -> None:
    blind = ground.blind_till
    cart = a_cart(blind, (ground.shirt.all[0], 1, PRICE_VND), receipt_no=1)
    assert sell(ground, cart, blind.bearer) == (409, "not_attached")


@pytest.mark.parametrize("qty", [0, -1, 1000, 2**31, 1.5, "1", None], ids=str)
def test_a_promise_is_of_1_to_999_pieces(ground, qty: object) -> None:
    body = a_promise(ground.depot_id, (ground.shirt.all[0], 1))
    body["lines"][0]["qty"] = qty
    assert promise(ground, body) == (422, "malformed")


def promise(ground, body: dict[str, Any]) -> tuple[int, str]:
    answer = ground.client.post("/api/promises", json=body, headers=ground.owner.bearer)
    return answer.status_code, answer.json()["code"]


def test_a_promise_of_more_than_there_is_is_refused(ground) -> None:
    shirt_m, shirt_l = ground.shirt.all
    assert promise(ground, a_promise(ground.depot_id, (shirt_m, 11))) == (409, "out_of_stock")
    assert promise(ground, a_promise(ground.depot_id, (shirt_l, 1), (shirt_m, 11))) == (409, "out_of_stock")
    assert promise(ground, a_promise(ground.depot_id, (shirt_m, 6), (shirt_m, 6))) == (409, "out_of_stock")


def test_a_promise_of_unknown_goods_is_refused(ground) -> None:
    assert promise(ground, a_promise(ground.depot_id, (new_id(), 1))) == (409, "out_of_stock")


def test_a_promise_at_no_place_is_refused(ground) -> None:
    assert promise(ground, a_promise(new_id(), (ground.shirt.all[0], 1))) == (404, "not_found")


@pytest.mark.parametrize(
    ("qty", "answer"),
    [
        (-11, (409, "would_break_promise")),
        (0, (422, "nothing_moves")),
        (-10_000, (422, "malformed")),
        (1.5, (422, "malformed")),
    ],
)
def test_an_adjustment_takes_no_more_than_there_is(ground, qty: float, answer: tuple[int, str]) -> None:
    assert adjust(ground, ground.shirt.all[0], qty) == answer


def adjust(ground, variant_id: object, qty: float) -> tuple[int, str]:
    body = {
        "id": str(new_id()),
        "location_id": str(ground.branch_id),
        "reason": "Kiểm kê",
        "lines": [{"variant_id": str(variant_id), "qty": qty}],
    }
    answer = ground.client.post("/api/stock/adjustments", json=body, headers=ground.owner.bearer)
    return answer.status_code, answer.json()["code"]


def test_an_adjustment_of_unknown_goods_is_refused(ground) -> None:
    assert adjust(ground, new_id(), 1) == (409, "unknown_variant")


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "WyIxIiwiMiIsIjMiXQ", "😀", "//8="])
@pytest.mark.parametrize("path", ["/api/stock/matrix", "/api/sales", "/api/staff", "/api/audit", "/api/catalogue/styles"])
def test_a_cursor_of_ones_own_making_is_refused(ground, path: str, cursor: str) -> None:
    answer = ground.client.get(path, params={"cursor": cursor}, headers=ground.owner.bearer)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


NUL = "Lụa\x00"


@pytest.mark.parametrize("path", ["/api/catalogue/search", "/api/catalogue/styles", "/api/stock/matrix", "/api/staff"])
def test_a_search_for_what_no_text_can_hold_is_answered(ground, path: str) -> None:
    answer = ground.client.get(path, params={"q": NUL}, headers=ground.owner.bearer)
    assert answer.status_code in {200, 422}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/auth/sign-in", {"email": NUL, "password": NUL}),
        ("/api/staff", {"id": str(new_id()), "full_name": NUL, "roles": []}),
    ],
)
def test_a_character_that_no_text_can_hold_is_malformed(ground, path: str, body: dict[str, Any]) -> None:
    answer = ground.client.post(path, json=body, headers=ground.owner.bearer)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


def test_a_reference_that_no_text_can_hold_is_malformed(ground) -> None:
    tender = {"kind": "card", "amount_vnd": 398_000, "reference": NUL}
    assert sell(ground, a_good_cart(ground, tenders=[tender])) == (422, "malformed")


def test_nobody_is_taken_on_at_no_place(ground) -> None:
    person = {"id": str(new_id()), "full_name": "Hoa", "roles": [{"role": "cashier", "location_id": str(new_id())}]}
    answer = ground.client.post("/api/staff", json=person, headers=ground.owner.bearer)
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_location")


def test_the_books_are_right(ground) -> None:
    prove(ground.database)
