"""The shop's API for browsing: what shoppers are told, how fast they may ask, and what they are not told."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from builders import a_person, stocked
from placket import promotions
from placket.core import clock
from placket.core.ids import new_id
from placket.shop.pace import Pace, TooFast
from shop.conftest import Shop
from waiting import until


def test_a_list_shows_one_card_a_style_with_what_is_left(shop: Shop):
    listed = shop.read("styles", sort="price")

    assert [card["code"] for card in listed["items"]] == ["SM1180", "DM2041"]
    assert listed["total"] == 2
    dress = listed["items"][1]
    assert dress["path_vi"] == "/p/dam-lua-co-do-dm2041"
    assert dress["path_en"] == "/en/p/a-style-dm2041"
    assert [swatch["code"] for swatch in dress["swatches"]] == ["DEN", "KEM"]
    assert (dress["price_vnd"], dress["was_vnd"], dress["sizes"]) == (1_890_000, None, ["S", "M"])
    assert (dress["stock"], dress["left"]) == ("few", 3)
    assert [(each["code"], each["styles"]) for each in listed["facets"]["branches"]] == [("HN01", 1), ("SG01", 0)]


def test_filters_are_of_what_is_left_unless_asked_otherwise(shop: Shop):
    assert shop.codes(size="L") == []
    assert shop.codes(size="L", sold_out_too=True) == ["SM1180"]
    assert shop.codes(colour="KEM") == ["DM2041"]
    assert shop.codes(branch="HN01") == ["DM2041"]
    assert shop.codes(from_vnd=700_000) == ["DM2041"]
    assert shop.http.get("/api/shop/v1/styles", params={"branch": "XX99"}).status_code == 404


def test_a_style_tells_of_each_variant_and_nothing_of_the_house(shop: Shop):
    style = shop.read("styles/dm2041")

    cells = {f"{each['colour']}-{each['size']}": (each["stock"], each["left"]) for each in style["variants"]}
    assert cells == {"DEN-S": ("few", 2), "DEN-M": ("out", None), "KEM-S": ("out", None), "KEM-M": ("few", 1)}
    assert style["all_sizes"] == ["S", "M"]
    for inner in ("cost", "on_hand", "promised", "vat_class", "version", "barcode"):
        assert inner not in json.dumps(style)
    assert shop.http.get("/api/shop/v1/styles/NO0000").status_code == 404


def test_a_branch_says_whether_it_can_be_asked(shop: Shop):
    items = shop.read(f"variants/{shop.dress.variants['KEM-M']}/branches")["items"]

    assert [(each["code"], each["stock"], each["left"]) for each in items] == [("HN01", "few", 1), ("SG01", "out", None)]
    assert items[0]["open_now"] is False
    assert items[0]["asks"] is True
    assert shop.http.get(f"/api/shop/v1/variants/{uuid4()}/branches").status_code == 404


def test_what_is_sold_is_gone_from_the_window_within_moments(shop: Shop):
    variant_id = shop.shirt.variants["DEN-L"]
    shop.put(shop.there, {variant_id: 2})
    assert shop.codes(size="L") == ["SM1180"]

    with shop.database.transaction() as tx:
        stocked(tx, shop.there, {variant_id: -1})
    until(lambda: shop.read("live", variant=str(variant_id))["items"][0]["left"] == 1, within_s=10)
    assert shop.read("live", variant=str(uuid4()))["items"][0]["stock"] == "out"


@pytest.mark.parametrize("q", ["dam lua", "ĐẦM", "lụa đầm", "DM2041"])
def test_search_ignores_marks_case_and_order(shop: Shop, q: str):
    found = shop.read("search", q=q)

    assert [card["code"] for card in found["styles"]][:1] == ["DM2041"]
    assert found["alike"] is False


def test_search_says_when_it_only_found_something_alike_and_knows_categories(shop: Shop):
    assert shop.read("search", q="dam luaa")["alike"] is True
    assert [each["code"] for each in shop.read("search", q="áo")["categories"]] == ["ao"]
    assert shop.read("search", q="xyzzy") == {"styles": [], "categories": [], "alike": False}


def test_a_published_promotion_is_on_the_next_card_with_its_name_and_the_price_before(shop: Shop):
    now = clock.now()
    with shop.database.transaction() as tx:
        person = a_person(tx, "owner")
        style_ids = [str(shop.shirt.style_id)]
        promotion_id = new_id()
        promotions.keep_draft(
            tx,
            promotion_id=promotion_id,
            names=("Linen −20 %", "Linen 20 % off"),
            terms={"group": 1, "goods": {"styles": style_ids}, "reward": {"kind": "percent", "bp": 2_000}},
            limits={},
            row_version=None,
            staff_id=person.id,
            now=now,
        )
        promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=person.id, now=now)

    until(lambda: shop.codes(reduced=True) == ["SM1180"], within_s=10)
    card = shop.read("styles", reduced=True)["items"][0]
    assert (card["price_vnd"], card["was_vnd"], card["off_bp"]) == (552_000, 690_000, 2_000)
    assert card["offers"] == [{"name_vi": "Linen −20 %", "name_en": "Linen 20 % off"}]
    live = shop.read("live", variant=str(shop.shirt.variants["DEN-M"]))
    assert live["items"][0]["price_vnd"] == 552_000
    assert live["turns_at_ms"] > live["now_ms"]
    assert live["turns_at_ms"] <= live["now_ms"] + timedelta(days=1).total_seconds() * 1000


def test_what_a_client_has_is_not_sent_again(shop: Shop):
    first = shop.http.get("/api/shop/v1/branches")
    again = shop.http.get("/api/shop/v1/branches", headers={"if-none-match": first.headers["etag"]})

    assert [branch["name"] for branch in first.json()["items"]] == ["Tràng Tiền", "Đồng Khởi"]
    assert first.headers["cache-control"] == "public, max-age=10"
    assert (again.status_code, again.content) == (304, b"")


def test_an_address_that_asks_too_fast_waits_and_the_others_do_not():
    at = 0.0
    pace = Pace(burst=3, a_second=2, clock=lambda: at)
    for _ in range(3):
        pace.take("203.0.113.7")
    with pytest.raises(TooFast):
        pace.take("203.0.113.7")
    pace.take("203.0.113.8")

    at = 0.5
    pace.take("203.0.113.7")
    with pytest.raises(TooFast):
        pace.take("203.0.113.7")
