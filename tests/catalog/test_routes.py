"""The catalogue over HTTP: what a till holds, what the office reads and changes, and who may."""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from builders import Goods, Person, a_branch, a_person, a_style, a_till
from placket import catalog
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from served import own_database
from serving import serving

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


NONE_YET = Goods(UUID(int=0), 0, {})


@dataclass(frozen=True)
class Shop:
    """A served shop with three branches, and a dress in two colours and sizes that is the test's own."""

    http: httpx.Client
    database: Database
    branches: Sequence[UUID]
    owner: Person
    cashier: Person
    code: str = ""
    dress: Goods = NONE_YET

    def snapshot(self, branch: int = 0, **headers: str) -> httpx.Response:
        """What a till of a branch holds."""
        address = f"/api/catalogue/snapshot?location_id={self.branches[branch]}"
        return self.http.get(address, headers={**self.owner.bearer, **headers})

    def rows(self) -> dict[str, list[Any]]:
        """The dress in the snapshot, by colour and size."""
        rows = self.snapshot().json()["variants"]
        return {row[5].removeprefix(f"{self.code}-"): row for row in rows if row[5].startswith(self.code)}

    def style(self) -> dict[str, Any]:
        """The dress as the office sees it."""
        answer = self.http.get(f"/api/catalogue/styles/{self.dress.style_id}", headers=self.owner.bearer)
        return dict(answer.json())

    def read(self, path: str) -> Any:
        """Something of the catalogue."""
        return self.http.get(f"/api/catalogue/{path}", headers=self.cashier.bearer).json()

    def change(self, method: str, path: str, who: Person | None = None, **body: Any) -> httpx.Response:
        """A request that changes the catalogue."""
        return self.http.request(method, f"/api/catalogue/{path}", headers=(who or self.owner).bearer, json=body)

    def audited(self) -> str:
        """The last thing the audit log knows."""
        with self.database.transaction() as tx:
            return str(tx.scalar(text("SELECT action FROM audit_log ORDER BY id DESC LIMIT 1")))


@pytest.fixture(scope="module")
def served() -> Iterator[Shop]:
    with own_database("catalogue") as database:
        with database.transaction() as tx:
            branches = [a_branch(tx, code) for code in ("HN01", "HN02", "HN03")]
            owner, cashier = a_person(tx, "owner"), a_person(tx, "cashier", at=branches[0])
        with serving(database.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
            yield Shop(http, database, branches, owner, cashier)


@pytest.fixture
def shop(served: Shop) -> Shop:
    with served.database.transaction() as tx:
        code = f"DM{tx.scalar(text('SELECT count(*) FROM style')):04d}"
        dress = a_style(tx, code, name_vi=f"Đầm hoa {code}", colours=("DEN", "KEM"), sizes=("S", "M"), price_vnd=590_000)
    return replace(served, code=code, dress=dress)


def test_a_till_holds_everything_it_sells(shop: Shop) -> None:
    held = shop.snapshot().json()
    rows = shop.rows()
    assert sorted(rows) == ["DEN-M", "DEN-S", "KEM-M", "KEM-S"]
    variant_id, style, colour, size, position, sku, price, vat, next_at, next_vnd, codes = rows["KEM-M"]
    assert variant_id == str(shop.dress.variants["KEM-M"])
    assert held["styles"][style] == {
        "id": str(shop.dress.style_id),
        "code": shop.code,
        "name_vi": f"Đầm hoa {shop.code}",
        "name_en": "A style",
        "category_id": held["categories"][0]["id"],
        "season": None,
        "tags": [],
        "pictures": [],
    }
    assert (held["colours"][colour]["code"], size, position, sku) == ("KEM", "M", 2, f"{shop.code}-KEM-M")
    assert (price, vat, next_at, next_vnd) == (590_000, 800, None, None)
    assert [catalog.barcode_of(code) for code in codes] == codes
    assert len(codes) == 1


def test_a_snapshot_travels_compressed_and_only_when_it_changed(shop: Shop) -> None:
    address = f"/api/catalogue/snapshot?location_id={shop.branches[0]}"
    with shop.http.stream("GET", address, headers={**shop.owner.bearer, "accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
        tag = answer.headers["etag"]
        assert answer.headers["content-encoding"] == "gzip"
    assert f"{shop.code}-KEM-M".encode() in gzip.decompress(raw)
    unchanged = shop.snapshot(**{"if-none-match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    plain = shop.snapshot(**{"accept-encoding": "identity"})
    assert ("content-encoding" in plain.headers, plain.content) == (False, gzip.decompress(raw))
    shop.change("PATCH", f"styles/{shop.dress.style_id}", version=1, name_vi="Đầm hoa to")
    changed = shop.snapshot(**{"if-none-match": tag})
    assert (changed.status_code, changed.json()["styles"][0]["name_vi"]) == (200, "Đầm hoa to")


def test_branches_with_equal_prices_share_a_snapshot_and_others_do_not(shop: Shop) -> None:
    list_id = new_id()
    yesterday = (clock.now() - timedelta(days=1)).isoformat()
    here = str(shop.branches[0])
    body = {"id": str(list_id), "code": "HN01", "name": "HN01", "starts_at": yesterday, "location_id": here}
    assert shop.change("POST", "price-lists", **body).status_code == 204
    price = {"style_id": str(shop.dress.style_id), "price_vnd": 490_000}
    assert shop.change("PUT", f"price-lists/{list_id}/prices", prices=[price]).status_code == 204
    tags = [shop.snapshot(branch).headers["etag"] for branch in range(3)]
    assert tags[1] == tags[2] != tags[0]
    assert {row[6] for row in shop.rows().values()} == {490_000}


def test_a_till_knows_the_next_price_and_its_moment(shop: Shop) -> None:
    list_id = new_id()
    begins = (clock.now() + timedelta(hours=3)).replace(microsecond=0)
    body = {"id": str(list_id), "code": "SALE", "name": "Sale", "starts_at": begins.isoformat(), "priority": 5}
    assert shop.change("POST", "price-lists", **body).status_code == 204
    price = {"style_id": str(shop.dress.style_id), "variant_id": str(shop.dress.variants["DEN-M"]), "price_vnd": 390_000}
    assert shop.change("PUT", f"price-lists/{list_id}/prices", prices=[price]).status_code == 204
    rows = shop.rows()
    assert rows["DEN-M"][6:10] == [590_000, 800, begins.isoformat().replace("+00:00", "Z"), 390_000]
    assert rows["DEN-S"][6:10] == [590_000, 800, None, None]


def test_a_till_does_not_hold_what_is_no_longer_sold(shop: Shop) -> None:
    assert len(shop.rows()) == 4
    shop.change("PATCH", f"styles/{shop.dress.style_id}", version=1, status="archived")
    assert shop.rows() == {}
    assert shop.code not in [style["code"] for style in shop.snapshot().json()["styles"]]


def test_there_is_no_snapshot_of_nowhere(shop: Shop) -> None:
    answer = shop.http.get(f"/api/catalogue/snapshot?location_id={new_id()}", headers=shop.owner.bearer)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_till_fetches_part_by_part_what_the_snapshot_holds(shop: Shop) -> None:
    here, whole = shop.branches[0], shop.snapshot().json()
    faces = shop.read(f"parts/0?location_id={here}")
    rows = [
        row
        for part in range(1, faces["parts"] + 1)
        for row in shop.read(f"parts/{part}?location_id={here}&edition={faces['edition']}")["variants"]
    ]
    assert (faces["variants_total"], rows) == (len(rows), whole["variants"])
    assert [faces[field] for field in ("colours", "categories", "styles")] == [
        whole[field] for field in ("colours", "categories", "styles")
    ]
    assert shop.read(f"parts/{faces['parts'] + 1}?location_id={here}")["code"] == "not_found"
    shop.change("PATCH", f"styles/{shop.dress.style_id}", version=1, name_vi="Đầm hoa to")
    gone = shop.read(f"parts/1?location_id={here}&edition={faces['edition']}")
    assert gone["code"] == "edition_gone"


def test_changes_turn_the_edition_a_till_holds_into_the_newest(shop: Shop) -> None:
    with shop.database.transaction() as tx:
        skirt, scarf = a_style(tx, f"{shop.code}V"), a_style(tx, f"{shop.code}K", colours=("DEN", "KEM"))
    here = shop.branches[0]
    edition = shop.read(f"parts/0?location_id={here}")["edition"]
    nothing = shop.read(f"changes?location_id={here}&since={edition}")
    assert (nothing["edition"], nothing["snapshot"], nothing["styles"], nothing["removed"]) == (edition, False, [], [])
    shop.change("PATCH", f"styles/{shop.dress.style_id}", version=1, name_vi="Đầm hoa to")
    shop.change("PATCH", f"styles/{skirt.style_id}", version=1, status="archived")
    changed = shop.read(f"changes?location_id={here}&since={edition}")
    assert changed["removed"] == [str(skirt.style_id)]
    assert [style["id"] for style in changed["styles"]] == [str(shop.dress.style_id)]
    assert changed["styles"][0]["name_vi"] == "Đầm hoa to"
    rows = {row[0]: [row[0], *row[2:]] for row in shop.snapshot().json()["variants"]}
    assert changed["styles"][0]["variants"] == [rows[row[0]] for row in changed["styles"][0]["variants"]]
    assert len(changed["styles"][0]["variants"]) == 4
    assert str(scarf.style_id) not in [style["id"] for style in changed["styles"]]
    assert changed["edition"] == shop.snapshot().headers["etag"][3:-1]


def test_a_price_that_changes_is_a_change_of_its_style_alone(shop: Shop) -> None:
    here = shop.branches[0]
    edition = shop.read(f"parts/0?location_id={here}")["edition"]
    list_id = new_id()
    yesterday = (clock.now() - timedelta(days=1)).isoformat()
    body = {"id": str(list_id), "code": f"L{shop.code}", "name": "Sale", "starts_at": yesterday, "priority": 9}
    assert shop.change("POST", "price-lists", **body).status_code == 204
    price = {"style_id": str(shop.dress.style_id), "price_vnd": 390_000}
    assert shop.change("PUT", f"price-lists/{list_id}/prices", prices=[price]).status_code == 204
    changed = shop.read(f"changes?location_id={here}&since={edition}")
    assert [(style["code"], {row[5] for row in style["variants"]}) for style in changed["styles"]] == [
        (shop.code, {390_000})
    ]


def test_an_edition_nobody_remembers_means_the_snapshot(shop: Shop) -> None:
    answer = shop.http.get(
        f"/api/catalogue/changes?location_id={shop.branches[0]}&since=0123456789abcdef", headers=shop.owner.bearer
    )
    assert (answer.json()["snapshot"], answer.json()["styles"]) == (True, [])
    again = shop.http.get(answer.url, headers={**shop.owner.bearer, "if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_styles_are_listed_found_and_paged(shop: Shop) -> None:
    with shop.database.transaction() as tx:
        for number in range(1, 5):
            a_style(tx, f"VAY{number}", name_vi="Váy xếp ly")

    def codes(query: str) -> list[str]:
        return [style["code"] for style in shop.read(f"styles?{query}")["items"]]

    assert codes(f"q=dam {shop.code}") == codes(f"q={shop.code.lower()}-den-s") == [shop.code]
    assert codes("q=LY XEP") == ["VAY1", "VAY2", "VAY3", "VAY4"]
    assert codes("q=xep&status=draft") == []
    first = shop.read("styles?q=xep&limit=3")
    assert codes(f"q=xep&limit=3&cursor={first['next_cursor']}") == ["VAY4"]
    dress = shop.read(f"styles?q={shop.code}")["items"][0]
    assert (dress["variants"], dress["price_vnd"], [c["code"] for c in dress["colours"]]) == (4, 590_000, ["DEN", "KEM"])


def test_search_answers_variants_with_their_faces(shop: Shop) -> None:
    face = shop.read(f"search?q={shop.code}-KEM-M")["items"][0]
    assert (face["sku"], face["name_vi"], face["colour_code"], face["size"]) == (
        f"{shop.code}-KEM-M",
        f"Đầm hoa {shop.code}",
        "KEM",
        "M",
    )
    assert [item["id"] for item in shop.read(f"search?q={face['barcode']}")["items"]] == [face["id"]]
    assert shop.read("search?q=%00")["items"] == []


def test_a_style_is_added_whole_and_audited(shop: Shop) -> None:
    known = shop.read("references")
    scale = next(scale for scale in known["size_scales"] if scale["code"] == "S-XL")
    body = {
        "id": str(new_id()),
        "code": "AO0009",
        "name_vi": "Áo yếm",
        "name_en": "Halter top",
        "category_id": known["categories"][0]["id"],
        "size_scale_id": scale["id"],
        "vat_class_id": known["vat_classes"][0]["id"],
        "colour_ids": [colour["id"] for colour in known["colours"] if colour["code"] in {"DEN", "KEM"}],
        "size_ids": [size["id"] for size in scale["sizes"][:2]],
    }
    added = shop.change("POST", "styles", **body)
    assert added.status_code == 201, added.text
    skus = [variant["sku"] for variant in added.json()["all_variants"]]
    assert skus == ["AO0009-DEN-S", "AO0009-DEN-M", "AO0009-KEM-S", "AO0009-KEM-M"]
    assert shop.audited() == "style.created"
    again = shop.change("POST", "styles", **body)
    assert (again.status_code, again.json()["code"]) == (409, "code_taken")


def test_a_change_needs_the_version_it_was_read_at(shop: Shop) -> None:
    path = f"styles/{shop.dress.style_id}"
    assert shop.change("PATCH", path, version=1, material="Lụa").json()["version"] == 2
    stale = shop.change("PATCH", path, version=1, material="Đũi")
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert shop.style()["material"] == "Lụa"
    assert shop.change("PATCH", path, version=2, material=None).json()["material"] is None


@pytest.mark.parametrize("body", [{}, {"name_vi": None}, {"name_vi": " "}, {"name_vi": "a\x00b"}, {"status": "sold"}])
def test_a_change_of_nothing_or_to_nothing_is_malformed(shop: Shop, body: dict[str, Any]) -> None:
    answer = shop.change("PATCH", f"styles/{shop.dress.style_id}", version=1, **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


def test_barcodes_are_checked_and_belong_to_one_variant(shop: Shop) -> None:
    one, other = shop.dress.variants["DEN-S"], shop.dress.variants["DEN-M"]
    added = shop.change("POST", f"variants/{one}/barcodes", code="036000291452")
    assert (added.status_code, added.json()) == (201, {"code": "0036000291452"})
    taken = shop.change("POST", f"variants/{other}/barcodes", code="0036000291452")
    assert (taken.status_code, taken.json()["code"]) == (409, "barcode_taken")
    wrong = shop.change("POST", f"variants/{other}/barcodes", code="036000291453")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_barcode")


def test_a_supplier_s_barcode_comes_off_again_and_our_own_stays(shop: Shop) -> None:
    one, other = shop.dress.all[0], shop.dress.all[1]
    own = shop.rows()["DEN-S"][10][0]
    shop.change("POST", f"variants/{one}/barcodes", code="4006381333931")
    assert shop.change("DELETE", f"variants/{other}/barcodes/4006381333931").status_code == 404
    assert shop.change("DELETE", f"variants/{one}/barcodes/4006381333931").status_code == 204
    assert shop.audited() == "barcode.removed"
    kept = shop.change("DELETE", f"variants/{one}/barcodes/{own}")
    assert (kept.status_code, kept.json()["code"]) == (409, "own_barcode")
    assert shop.rows()["DEN-S"][10] == [own]


def test_tags_are_kept_plainly_and_tills_hold_them(shop: Shop) -> None:
    version = shop.style()["version"]
    path = f"styles/{shop.dress.style_id}"
    changed = shop.change("PATCH", path, version=version, tags=["  Lụa  tơ tằm", "TẾT", "tết"])
    assert changed.json()["tags"] == ["lụa tơ tằm", "tết"]
    assert {"lụa tơ tằm", "tết"} <= set(shop.read("references")["tags"])
    [held] = [style for style in shop.snapshot().json()["styles"] if style["id"] == str(shop.dress.style_id)]
    assert held["tags"] == ["lụa tơ tằm", "tết"]
    assert catalog.price_books.refresh(shop.database).facts_of(shop.dress.all[0]).tags == {"lụa tơ tằm", "tết"}
    assert shop.change("PATCH", path, version=version + 1, tags=None).status_code == 422
    assert shop.change("PATCH", path, version=version + 1, tags=[]).json()["tags"] == []


def test_prices_are_of_goods_there_are(shop: Shop) -> None:
    list_id = shop.style()["prices"][0]["price_list_id"]
    for price in (
        {"style_id": str(new_id()), "price_vnd": 1},
        {"style_id": str(shop.dress.style_id), "variant_id": str(new_id()), "price_vnd": 1},
    ):
        refused = shop.change("PUT", f"price-lists/{list_id}/prices", prices=[price])
        assert (refused.status_code, refused.json()["code"]) == (409, "unknown_reference")
    assert [(price["list_code"], price["variant_id"], price["price_vnd"]) for price in shop.style()["prices"]] == [
        ("GOC", None, 590_000)
    ]


def test_the_office_sees_which_tills_lack_the_newest_prices(shop: Shop) -> None:
    with shop.database.transaction() as tx:
        till = a_till(tx, shop.branches[0])
        keeper = a_person(tx, "warehouse", at=shop.branches[0], till_id=till.id)

    def told() -> tuple[int, int | None]:
        answer = shop.read("price-confirmations")
        (row,) = [row for row in answer["tills"] if row["till_id"] == str(till.id)]
        return answer["price_version"], row["price_version"]

    newest = shop.snapshot().json()["price_version"]
    assert told() == (newest, None)
    for said in (newest, newest - 1):  # an older word that comes late changes nothing
        assert shop.change("POST", "prices-heard", keeper, price_version=said).status_code == 204
        assert told() == (newest, newest)
    assert shop.change("POST", "prices-heard", shop.owner, price_version=newest).status_code == 403


def test_a_rate_of_vat_holds_from_its_day_on(shop: Shop) -> None:
    kind = str(new_id())
    assert shop.change("POST", "vat-classes", id=kind, code="KHAC", name_vi="Khác", name_en="Other").status_code == 204
    path = f"styles/{shop.dress.style_id}"
    assert shop.change("PATCH", path, version=1, vat_class_id=kind).status_code == 200
    assert {row[7] for row in shop.rows().values()} == {None}
    today = clock.business_day(clock.now())
    for day, rate_bp in ((today, 1_000), (today + timedelta(days=1), 500)):
        body = {"starts_on": day.isoformat(), "rate_bp": rate_bp, "legal_basis": "Luật 48/2024/QH15"}
        assert shop.change("PUT", f"vat-classes/{kind}/rates", **body).status_code == 204
    assert {row[7] for row in shop.rows().values()} == {1_000}


def test_what_goods_refer_to_can_be_added(shop: Shop) -> None:
    names = {"name_vi": "Mới", "name_en": "New"}
    bodies: dict[str, dict[str, Any]] = {
        "categories": {"slug": "khan", "position": 9, **names},
        "seasons": {"code": "TD26", "starts_on": "2026-09-01", "ends_on": "2027-01-31", **names},
        "colours": {"code": "TIM", "hex": "#663399", **names},
        "size-scales": {"code": "TRE", "sizes": ["1-2", "3-4"], **names},
        "vat-classes": {"code": "SACH", **names},
    }
    for path, body in bodies.items():
        assert shop.change("POST", path, id=str(new_id()), **body).status_code == 204, path
        taken = shop.change("POST", path, id=str(new_id()), **body)
        assert (taken.status_code, taken.json()["code"]) == (409, "code_taken"), path
    known = shop.read("references")
    (scale,) = (scale for scale in known["size_scales"] if scale["code"] == "TRE")
    assert [size["code"] for size in scale["sizes"]] == ["1-2", "3-4"]
    alike = shop.change("POST", "size-scales", id=str(new_id()), code="HAI", sizes=["1-2", "12"], **names)
    assert (alike.status_code, alike.json()["facts"]) == (409, {"taken": "12"})


def test_pictures_are_served_by_what_they_hold_and_never_run_scripts(shop: Shop) -> None:
    addresses = []
    for body in (PNG, SVG):
        stored = shop.http.post(
            "/api/catalogue/pictures",
            headers=shop.owner.bearer,
            data={"style_id": str(shop.dress.style_id)},
            files={"file": ("x", body)},
        )
        assert stored.status_code == 201, stored.text
        addresses.append(stored.json()["sha256"])
    png, svg = (shop.http.get(f"/media/{address}") for address in addresses)
    assert (png.headers["content-type"], png.content) == ("image/png", PNG)
    assert png.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert svg.headers["x-content-type-options"] == "nosniff"
    (held,) = (style for style in shop.snapshot().json()["styles"] if style["code"] == shop.code)
    assert held["pictures"] == [[None, addresses[0]], [None, addresses[1]]]
    picture_id = shop.style()["pictures"][0]["id"]
    assert shop.change("DELETE", f"pictures/{picture_id}").status_code == 204
    assert shop.style()["picture"] == addresses[1]


def test_pictures_are_shown_in_the_order_somebody_gives_them(shop: Shop) -> None:
    address = f"styles/{shop.dress.style_id}/pictures"
    form = {"style_id": str(shop.dress.style_id)}
    for no in range(3):
        files = {"file": ("a.png", PNG + bytes([no]), "image/png")}
        sent = shop.http.post("/api/catalogue/pictures", headers=shop.owner.bearer, data=form, files=files)
        assert sent.status_code == 201
    first, second, third = [picture["id"] for picture in shop.style()["pictures"]]
    assert shop.change("PUT", address, picture_ids=[third, first]).status_code == 204
    assert [picture["id"] for picture in shop.style()["pictures"]] == [third, first, second]
    assert shop.change("PUT", address, picture_ids=[str(new_id())]).json()["code"] == "not_found"
    assert shop.change("PUT", address, shop.cashier, picture_ids=[first]).status_code == 403


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"<html></html>", 422, "bad_picture"),
        (b"GIF89a", 422, "bad_picture"),
        (PNG + b"\0" * 5 * 2**20, 422, "bad_picture"),
        (PNG + b"\0" * 7 * 2**20, 413, "too_large"),
    ],
)
def test_other_files_are_no_pictures(shop: Shop, body: bytes, status: int, code: str) -> None:
    answer = shop.http.post(
        "/api/catalogue/pictures",
        headers=shop.owner.bearer,
        data={"style_id": str(shop.dress.style_id)},
        files={"file": ("x.png", body)},
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_cashier_reads_and_does_not_write(shop: Shop) -> None:
    path = f"styles/{shop.dress.style_id}"
    assert shop.http.get(f"/api/catalogue/{path}", headers=shop.cashier.bearer).status_code == 200
    for method, address, body in (
        ("PATCH", path, {"version": 1, "material": "x"}),
        ("POST", "colours", {"id": str(new_id()), "code": "X", "hex": "#000000", "name_vi": "x", "name_en": "x"}),
        ("PUT", f"price-lists/{new_id()}/prices", {"prices": [{"style_id": str(new_id()), "price_vnd": 1}]}),
    ):
        refused = shop.change(method, address, shop.cashier, **body)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted"), address
    assert shop.http.get("/api/catalogue/styles").status_code == 401
