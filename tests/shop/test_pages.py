"""The shop's pages as search engines and people without scripts read them."""

import json
import re
from html import unescape

import pytest

from shop.conftest import Shop

DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def page(shop: Shop, path: str, status: int = 200) -> str:
    answer = shop.http.get(path, headers={"accept": "text/html"})
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def attribute(html: str, pattern: str) -> str:
    found = re.search(pattern, html)
    assert found, pattern
    return unescape(found[1])


def test_a_product_arrives_whole_with_title_price_and_structured_data(shop: Shop):
    html = page(shop, "/p/dam-lua-co-do-dm2041")

    assert attribute(html, "<title>(.*?)</title>") == "Đầm lụa cổ đổ · Lụa"
    assert "1.890.000\u00a0₫" in html
    assert "cỡ S, M" in attribute(html, '<meta name="description" content="(.*?)">')
    group, crumbs = (json.loads(found) for found in DATA.findall(html))
    assert (group["@type"], group["productGroupID"]) == ("ProductGroup", "DM2041")
    offers = {variant["sku"]: variant["offers"] for variant in group["hasVariant"]}
    assert offers["DM2041-DEN-S"]["price"] == 1_890_000
    assert offers["DM2041-DEN-S"]["priceCurrency"] == "VND"
    assert offers["DM2041-DEN-S"]["availability"] == "https://schema.org/LimitedAvailability"
    assert offers["DM2041-DEN-M"]["availability"] == "https://schema.org/OutOfStock"
    assert [step["name"] for step in crumbs["itemListElement"]] == ["Lụa", "Áo", "Đầm lụa cổ đổ"]


def test_each_page_names_itself_once_and_its_other_language(shop: Shop):
    base = str(shop.http.base_url).rstrip("/")
    html = page(shop, "/en/p/a-style-dm2041?colour=KEM")

    assert attribute(html, '<link rel="canonical" href="(.*?)">') == f"{base}/en/p/a-style-dm2041"
    assert attribute(html, 'hreflang="vi" href="(.*?)">') == f"{base}/p/dam-lua-co-do-dm2041"
    assert attribute(html, '<html lang="(.*?)"') == "en"
    assert "Which stores have it" in html
    assert 'aria-current="true"' in html


def test_an_address_with_an_old_name_leads_to_the_new_one(shop: Shop):
    answer = shop.http.get("/p/ten-cu-dm2041", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (301, "/p/dam-lua-co-do-dm2041")


def test_a_list_is_filtered_by_its_address_and_every_choice_can_be_taken_back(shop: Shop):
    html = page(shop, "/c/ao?size=S&colour=KEM&colour=DEN&sort=price")

    assert ">1 kiểu</p>" in html
    chips = [unescape(address) for address in re.findall(r'<a class="chip on" href="(.*?)"', html)]
    assert chips == [
        "/c/ao?colour=KEM&colour=DEN&sort=price",
        "/c/ao?size=S&colour=DEN&sort=price",
        "/c/ao?size=S&colour=KEM&sort=price",
    ]
    assert '<meta name="robots" content="noindex">' in html
    assert 'rel="canonical"' in page(shop, "/c/ao")


def test_a_list_that_leaves_nothing_says_what_to_remove(shop: Shop):
    html = page(shop, "/c/all?from_vnd=99000000")

    assert "Không có kiểu nào khớp mọi điều kiện" in html
    assert "Bỏ Từ 99.000.000" in html


@pytest.mark.parametrize("path", ["/", "/en/", "/menu", "/c/all", "/search?q=dam", "/stores", "/help", "/offline", "/cart"])
def test_every_page_opens_in_both_languages(shop: Shop, path: str):
    html = page(shop, path)

    assert html.count("<h1") == 1
    assert '<main id="main"' in html
    assert "{{" not in html


def test_an_address_that_leads_nowhere_is_a_page_to_people_and_a_problem_to_programs(shop: Shop):
    assert "Trang này không còn" in page(shop, "/p/khong-co", 404)
    assert "This page is gone" in page(shop, "/en/nowhere", 404)
    assert shop.http.get("/p/khong-co", headers={"accept": "application/json"}).json()["code"] == "not_found"
    assert shop.http.get("/api/nowhere", headers={"accept": "text/html"}).json()["code"] == "not_found"


def test_the_checkout_comes_with_its_form_to_whoever_has_something_in_the_cart(shop: Shop):
    for path, label in (("/checkout", "Số điện thoại"), ("/en/checkout", "Phone number")):
        answer = shop.http.get(path, headers={"accept": "text/html", "cookie": "cart=1"})
        assert attribute(answer.text, '<label for="phone">(.*?)</label>') == label
        assert answer.headers["cache-control"] == "private, no-cache"
        assert "<form" not in page(shop, path)


def test_what_shoppers_type_cannot_become_part_of_the_page(shop: Shop):
    html = page(shop, '/search?q="><script>alert(1)</script>')

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_sitemap_names_every_page_in_both_languages(shop: Shop):
    sitemap = shop.http.get("/sitemap.xml").text
    addresses = re.findall("<loc>(.*?)</loc>", sitemap)
    base = str(shop.http.base_url).rstrip("/")

    assert len(addresses) == len(set(addresses))
    assert sum("/p/" in address for address in addresses) == 6
    for address in addresses:
        assert shop.http.get(address).status_code == 200, address
    assert sitemap.count('hreflang="en"') == sitemap.count('hreflang="vi"') == len(addresses)
    assert f"Sitemap: {base}/sitemap.xml" in shop.http.get("/robots.txt").text


def test_the_shop_can_be_installed_under_its_own_name(shop: Shop):
    manifest = shop.http.get("/manifest.webmanifest").json()

    assert (manifest["name"], manifest["scope"], manifest["display"]) == ("Lụa", "/", "standalone")
