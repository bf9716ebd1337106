"""A catalogue file: checked without changing anything, applied whole or not at all, and the same file again is nothing."""

import time
from typing import Any

import pytest
from sqlalchemy import text

from imports.conftest import HEADER, Desk, as_csv, as_xlsx, row
from placket import catalog
from placket.core.refusals import NotFound
from placket.imports import jobs, service

NOTHING = {
    "new_styles": 0,
    "changed_styles": 0,
    "new_variants": 0,
    "new_barcodes": 0,
    "price_changes": 0,
    "without_price": 0,
}
GOOD = (
    row("DM0001", "DEN", "S", name="Đầm hoa", price="590.000 ₫"),
    row("DM0001", "DEN", "M", name="Đầm hoa", price="590000", barcode="8934563138165"),
    row("DM0001", "Kem", "L", name="Đầm hoa", price="620,000"),
    row("AO0001", "DEN", "L", name="", price="199000"),
)


def faults(desk: Desk, *rows: Any, header: Any = HEADER) -> list[tuple[int, str, str]]:
    checked = desk.check(as_csv(*rows, header=header))
    return [(fault["row"], fault["column"], fault["code"]) for fault in checked.errors]


def test_a_check_says_what_would_change_and_changes_nothing(desk: Desk) -> None:
    before = desk.counts()
    checked = desk.check(as_csv(*GOOD))
    assert (checked.state, checked.rows_total, checked.rows_read, checked.rows_wrong) == ("checked", 4, 4, 0)
    assert checked.summary == {**NOTHING, "new_styles": 1, "new_variants": 4, "new_barcodes": 4, "price_changes": 3}
    assert desk.counts() == before


def test_a_checked_file_becomes_goods_that_are_found_priced_and_scanned(desk: Desk) -> None:
    applied = desk.bring(as_csv(*GOOD))
    assert (applied.state, applied.body) == ("applied", None)
    book = catalog.price_books.refresh(desk.database)
    with desk.database.transaction() as tx:
        cream, black = catalog.find_variants(tx, q="dam hoa", limit=9)[::-1][0], catalog.variant_of_code(tx, "8934563138165")
        assert black is not None
        skus = dict(tx.execute(text("SELECT id, sku FROM variant")).all())
        assert (skus[cream], skus[black]) == ("DM0001-KEM-L", "DM0001-DEN-M")
        owner = tx.scalar(text("SELECT id FROM location LIMIT 1")) or cream
    prices = {
        skus[variant_id]: book.list_price(variant_id, channel="store", location_id=owner, at=applied.finished_at)
        for variant_id in skus
        if skus[variant_id].startswith("DM")
    }
    assert prices == {"DM0001-DEN-S": 590_000, "DM0001-DEN-M": 590_000, "DM0001-KEM-L": 620_000}


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    desk.bring(as_csv(*GOOD))
    before = desk.counts()
    again = desk.bring(as_csv(*GOOD))
    assert again.summary == NOTHING
    assert desk.counts() == before


def test_applying_twice_is_applying_once(desk: Desk) -> None:
    checked = desk.check(as_csv(*GOOD))
    desk.apply(checked.id)
    before = desk.counts()
    assert desk.apply(checked.id).state == "applied"
    jobs.check(desk.database, str(checked.id))
    assert desk.counts() == before
    assert desk.read(checked.id).state == "applied"


def test_names_of_a_known_style_change_with_what_it_is_found_by(desk: Desk) -> None:
    changed = desk.bring(as_csv(row("AO0001", "DEN", "M", name="Yếm đào")))
    assert changed.summary == {**NOTHING, "changed_styles": 1}
    with desk.database.transaction() as tx:
        assert len(catalog.find_variants(tx, q="yếm đào", limit=9)) == 2
        assert catalog.find_variants(tx, q="sơ mi", limit=9) == []


def test_a_price_for_every_variant_is_the_styles_price(desk: Desk) -> None:
    rows = [row("AO0001", colour, "M", name="", price="250000") for colour in ("DEN", "KEM")]
    assert desk.bring(as_csv(*rows)).summary == {**NOTHING, "price_changes": 2}
    with desk.database.transaction() as tx:
        assert tx.execute(text("SELECT variant_id IS NULL, price_vnd FROM price")).all() == [(True, 250_000)]


def test_a_price_for_one_variant_leaves_its_neighbours_alone(desk: Desk) -> None:
    assert desk.bring(as_csv(row("AO0001", "DEN", "M", name="", price="250000"))).summary == {**NOTHING, "price_changes": 1}
    with desk.database.transaction() as tx:
        prices = tx.execute(text("SELECT variant_id IS NULL, price_vnd FROM price ORDER BY price_vnd")).all()
    assert prices == [(True, 199_000), (False, 250_000)]


def test_one_wrong_row_and_none_is_applied(desk: Desk) -> None:
    before = desk.counts()
    checked = desk.check(as_csv(*GOOD, row("DM0002", "TIM", "M")))
    assert (checked.state, checked.rows_wrong) == ("checked", 1)
    with desk.database.transaction() as tx, pytest.raises(service.ImportNotReady):
        service.ask_to_apply(tx, import_id=checked.id, who=desk.who)
    assert desk.counts() == before


def test_what_the_catalogue_has_learnt_since_the_check_may_put_the_file_in_the_wrong(desk: Desk) -> None:
    checked = desk.check(as_csv(*GOOD))
    with desk.database.transaction() as tx:
        variant_id = tx.scalars(text("SELECT id FROM variant LIMIT 1")).one()
        catalog.add_barcode(tx, variant_id=variant_id, code="8934563138165")
    before = desk.counts()
    failed = desk.apply(checked.id)
    assert (failed.state, failed.errors[0]["row"], failed.errors[0]["code"]) == ("failed", 3, "barcode_taken")
    assert desk.counts() == before


def test_every_fault_names_its_row_and_column(desk: Desk) -> None:
    found = faults(
        desk,
        row("DM 1"),
        row("DM0001", colour=""),
        row("DM0001", price="12,5"),
        row("DM0001", price="-5"),
        row("DM0001", barcode="8934563138164"),
        row("DM0001", name="=HYPERLINK(1)"),
        row("DM0001", name="x" * 301),
    )
    assert found == [
        (2, "Mã kiểu", "bad_style_code"),
        (3, "Màu", "empty"),
        (4, "Giá bán", "bad_price"),
        (5, "Giá bán", "bad_price"),
        (6, "Mã vạch", "bad_barcode"),
        (7, "Tên", "formula"),
        (8, "Tên", "too_long"),
    ]


def test_rows_are_held_against_the_catalogue_and_each_other(desk: Desk) -> None:
    found = faults(
        desk,
        row("DM0001", "TIM", "M", name="Đầm"),
        row("DM0001", "DEN", "XXXL", name="Đầm"),
        row("DM0001", "DEN", "M", name="Đầm"),
        row("DM0001", "den", "m", name="Đầm khác"),
        ("DM0002", "", "khăn", "A-Z", "DEN", "M", "", ""),
    )
    assert found == [
        (2, "Màu", "unknown_colour"),
        (3, "Size", "unknown_size"),
        (5, "Tên", "differs"),
        (5, "Size", "repeated"),
        (6, "Nhóm hàng", "unknown_category"),
        (6, "Tên", "needed"),
        (6, "Bảng size", "unknown_size_scale"),
    ]


def test_barcodes_belong_to_one_variant(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        taken = tx.scalars(text("SELECT min(code) FROM barcode")).one()
    found = faults(
        desk,
        row("DM0001", "DEN", "S", barcode=taken),
        row("DM0001", "DEN", "M", barcode="8934563138165"),
        row("DM0001", "DEN", "L", barcode="8934563138165"),
    )
    assert found == [(2, "Mã vạch", "barcode_taken"), (4, "Mã vạch", "barcode_repeated")]


def test_a_fault_is_said_in_both_languages(desk: Desk) -> None:
    (fault,) = desk.check(as_csv(row("AO0001", "TIM"))).errors
    assert (fault["vi"], fault["en"]) == ("Không có màu TIM.", "There is no colour TIM.")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_reads_what_spreadsheets_write(desk: Desk, delimiter: str, encoding: str) -> None:
    checked = desk.check(as_csv(*GOOD, delimiter=delimiter, encoding=encoding))
    assert (checked.errors, checked.rows_total) == ([], 4)


def test_a_workbook_is_read_like_its_text(desk: Desk) -> None:
    rows = [
        ("DM0001", "Đầm hoa", "Áo", "S-XL", "DEN", "S", 8934563138165, 590000.0),
        (None, None, None, None, None, None, None, None),
        ("DM0001", "Đầm hoa", "Áo", "S-XL", "DEN", "M", None, "590.000"),
    ]
    applied = desk.bring(as_xlsx(*rows), filename="hàng.xlsx")
    assert applied.summary == {**NOTHING, "new_styles": 1, "new_variants": 2, "new_barcodes": 2, "price_changes": 2}


def test_a_workbooks_formulas_are_refused(desk: Desk) -> None:
    (fault,) = desk.check(as_xlsx(row("DM0001", name="=1+1"))).errors
    assert (fault["row"], fault["column"], fault["code"]) == (2, "Tên", "formula")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"PK\x03\x04 not a workbook", "unreadable"),
        (b"\xff\xfe\x00", "unreadable"),
        ("Mã kiểu;Màu".encode("cp1258", "ignore") + b"\xd0\xff", "unreadable"),
        (b'"never closed', "unreadable"),
        (as_csv(), "no_rows"),
        (as_csv(("A",), header=("Mã kiểu",)), "missing_column"),
        (as_csv(row("A"), header=(*HEADER[:-1], "Giá bna")), "unknown_column"),
        (as_csv(row("A"), header=(*HEADER[:-1], "Màu")), "repeated_column"),
        (as_csv(row("A")).replace(b"199000", b"19\x009000"), "unreadable"),
    ],
)
def test_a_file_that_is_none_fails_with_one_sentence(desk: Desk, body: bytes, code: str) -> None:
    failed = desk.check(body)
    assert (failed.state, [fault["code"] for fault in failed.errors]) == ("failed", [code])


def test_an_empty_upload_is_refused(desk: Desk) -> None:
    with pytest.raises(service.EmptyFile):
        desk.take(b"")


def test_an_upload_sent_twice_is_taken_once(desk: Desk) -> None:
    first = desk.take(as_csv(*GOOD))
    assert desk.take(as_csv(*GOOD), import_id=first) == first
    with pytest.raises(service.ImportIdReused):
        desk.take(as_csv(*GOOD), import_id=first, filename="khác.csv")


def test_nobody_applies_what_is_not_there(desk: Desk) -> None:
    with desk.database.transaction() as tx, pytest.raises(NotFound):
        service.ask_to_apply(tx, import_id=desk.who.staff_id, who=desk.who)


def test_five_thousand_rows_are_quick_and_tell_how_far_they_are(desk: Desk) -> None:
    rows = [
        row(f"DM{style:04d}", colour, size, name=f"Đầm số {style}", price=str(300_000 + style * 1_000))
        for style in range(625)
        for colour in ("DEN", "KEM")
        for size in ("S", "M", "L", "XL")
    ]
    started = time.perf_counter()
    applied = desk.bring(as_csv(*rows))
    took_s = time.perf_counter() - started
    print(f"5,000 rows: {took_s:.1f} s")
    assert (applied.state, applied.summary["new_variants"]) == ("applied", 5_000)
    assert took_s < 60
    with desk.database.transaction() as tx:
        told = tx.scalars(text("SELECT payload->>'rows_read' FROM event WHERE topic = 'import.changed' ORDER BY id")).all()
    assert told == ["0", "2500", "5000", "5000", "0", "2500", "5000", "5000"]
