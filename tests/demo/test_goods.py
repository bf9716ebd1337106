"""What the demo sells: names, barcodes, prices and pictures that hold up to the catalogue's own rules."""

import xml.etree.ElementTree as ET
from collections import Counter
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from demo.conftest import rows, value
from placket import catalog, sales
from placket.core.db import Database
from placket.core.ids import new_id
from placket.demo.parts import vat_shares

PIECES = st.tuples(
    st.integers(1, 9), st.integers(0, 3_490).map(lambda thousand: thousand * 1_000), st.sampled_from([800, 1_000])
)


@given(st.lists(PIECES, min_size=1, max_size=12))
def test_vat_is_shared_as_the_checkout_shares_it(pieces: list[tuple[int, int, int]]) -> None:
    lines = [sales.CartLine(new_id(), new_id(), qty) for qty, _, _ in pieces]
    price_of = {line.variant_id: (unit_vnd, bp) for line, (_, unit_vnd, bp) in zip(lines, pieces, strict=True)}
    quote = sales.price_cart(lines, price_of=price_of.__getitem__, price_version=1)
    ours = vat_shares([qty * unit_vnd for qty, unit_vnd, _ in pieces], [bp for _, _, bp in pieces])
    assert ours == [line.vat_vnd for line in quote.lines]


def test_every_line_was_sold_at_the_price_of_the_book(small_url: str) -> None:
    database = Database(small_url, pool_size=1)
    with database.snapshot() as tx:
        book = catalog.load_price_book(tx)
    database.dispose()
    lines = rows(
        small_url,
        "SELECT l.variant_id, s.channel, s.location_id, s.sold_at, l.unit_vnd, l.vat_bp "
        "FROM sale s JOIN sale_line l ON l.sale_id = s.id WHERE l.qty > 0",
    )
    assert len(lines) > 2_500
    for variant_id, channel, location_id, sold_at, unit_vnd, vat_bp in lines:
        assert book.price_at(variant_id, channel=channel, location_id=location_id, at=sold_at) == (unit_vnd, vat_bp)


def test_prices_end_in_three_noughts_and_some_are_reduced_now(small_url: str) -> None:
    assert value(small_url, "SELECT count(*) FROM price WHERE price_vnd % 1000 <> 0 OR price_vnd = 0") == 0
    lists = dict(rows(small_url, "SELECT code, (SELECT count(*) FROM price WHERE price_list_id = p.id) FROM price_list p"))
    assert lists["GOC"] == 40
    assert lists["WEB"] > 0
    assert lists["GIUA-MUA"] > 0
    assert value(small_url, "SELECT count(*) FROM price_list WHERE starts_at > '2026-11-25 07:31Z'") == 1


def test_clothing_bears_eight_per_cent_until_the_end_of_2026(small_url: str) -> None:
    rates = rows(small_url, "SELECT starts_on::text, rate_bp, legal_basis FROM vat_rate ORDER BY starts_on DESC LIMIT 2")
    assert rates == [
        ("2027-01-01", 1_000, "Luật Thuế GTGT 48/2024/QH15"),
        ("2025-07-01", 800, "Nghị quyết 204/2025/QH15, Nghị định 174/2025/NĐ-CP"),
    ]


def test_barcodes_are_right_and_own_ones_run_from_one(small_url: str) -> None:
    codes = [code for (code,) in rows(small_url, "SELECT code FROM barcode ORDER BY code")]
    assert all(catalog.barcode_of(code) == code for code in codes)
    kinds = Counter(code[:2] if code.startswith("20") else code[:3] for code in codes)
    assert kinds.keys() == {"20", "893"}
    count = value(small_url, "SELECT count(*) FROM variant")
    own = [code for code in codes if code.startswith("20")]
    assert own == [catalog.own_barcode(number) for number in range(1, count + 1)]
    assert value(small_url, "SELECT own_barcode_no FROM catalogue_state") == count
    assert kinds["893"] > count // 10


def test_skus_and_search_words_follow_the_catalogue(small_url: str) -> None:
    variants = rows(
        small_url,
        "SELECT v.sku, v.search_text, s.code, s.name_vi, s.name_en, c.code, c.name_vi, c.name_en, z.code FROM variant v "
        "JOIN style s ON s.id = v.style_id JOIN colour c ON c.id = v.colour_id JOIN size z ON z.id = v.size_id",
    )
    for sku, words, style, name_vi, name_en, colour, colour_vi, colour_en, size in variants:
        assert sku == catalog.sku_of(style, colour, size)
        assert words == catalog.search_text(name_vi, name_en, style, colour_vi, colour_en, colour, size)


def test_the_styles_of_the_drawings_are_there(small_url: str) -> None:
    names = dict(rows(small_url, "SELECT code, name_vi FROM style"))
    assert names["DM2041"] == "Đầm lụa tơ tằm cổ đổ"
    assert names["SM1180"] == "Áo sơ mi linen tay bồng"
    assert len(set(names.values())) == 40


def test_every_style_and_colour_has_a_picture_of_its_own_cloth(small_url: str) -> None:
    without = (
        "SELECT count(*) FROM (SELECT DISTINCT style_id, colour_id FROM variant) v LEFT JOIN picture p "
        "USING (style_id, colour_id) WHERE p.id IS NULL"
    )
    assert value(small_url, without) == 0
    blobs = rows(
        small_url,
        "SELECT b.sha256, b.media_type, b.body, array_agg(c.hex) FROM picture_blob b JOIN picture p USING (sha256) "
        "JOIN colour c ON c.id = p.colour_id GROUP BY 1",
    )
    for address, media_type, body, cloths in blobs:
        assert (address, media_type) == (sha256(body).hexdigest(), "image/svg+xml")
        assert len(body) < 8_000
        assert ET.fromstring(body).get("viewBox") == "0 0 300 400"  # noqa: S314 - our own drawing
        assert b"var(" not in body
        assert len(set(cloths)) == 1
        assert cloths[0].encode() in body


def test_goods_lie_everywhere(small_url: str) -> None:
    places = rows(
        small_url,
        "SELECT l.code, count(*) FILTER (WHERE on_hand > 0), sum(on_hand) FROM location l "
        "JOIN stock s ON s.location_id = l.id GROUP BY 1",
    )
    assert len(places) == 13
    variants = value(small_url, "SELECT count(*) FROM variant")
    for code, filled, pieces in places:
        assert filled > variants // 2, code
        assert pieces > variants // 2, code
