"""Pure rules of a catalogue file: what its headers mean, what a cell may hold, and what to say when it does not.

See docs/rules/imports.md. One row is one variant; columns come in any order, headers in Vietnamese or English.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from placket import catalog
from placket.core.sheets import Unreadable

CELL_MAX: Final = 300
PRICE_MAX: Final = 10**10
BARCODES_MAX: Final = 10

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "style_code": ("Mã kiểu", "Mã hàng", "Style code"),
    "name_vi": ("Tên", "Tên hàng", "Tên tiếng Việt", "Name (vi)"),
    "name_en": ("Tên tiếng Anh", "Name (en)"),
    "category": ("Nhóm hàng", "Danh mục", "Category"),
    "season": ("Mùa", "Bộ sưu tập", "Season"),
    "material": ("Chất liệu", "Material"),
    "vat_class": ("Nhóm thuế", "VAT class"),
    "size_scale": ("Bảng size", "Bảng cỡ", "Size scale"),
    "colour": ("Màu", "Mã màu", "Colour", "Color"),
    "size": ("Size", "Cỡ", "Kích cỡ"),
    "barcodes": ("Mã vạch", "Barcode", "Barcodes"),
    "price_vnd": ("Giá bán", "Giá", "Price", "Price VND"),
}
REQUIRED: Final = ("style_code", "colour", "size")

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "empty": ("Ô này không được để trống.", "This cell must not be empty."),
    "too_long": ("Ô dài quá {most} ký tự.", "The cell is longer than {most} characters."),
    "formula": (
        "Ô bắt đầu bằng {sign} trông như công thức. Hãy ghi giá trị thường.",
        "The cell starts with {sign} and looks like a formula. Write a plain value.",
    ),
    "bad_style_code": (
        "Mã kiểu {given} không hợp lệ: 2 đến 24 ký tự A-Z, 0-9 và dấu gạch nối.",
        "The style code {given} is not valid: 2 to 24 characters of A-Z, 0-9 and hyphen.",
    ),
    "bad_barcode": (
        "Mã vạch {given} không đúng. Kiểm tra lại chữ số cuối; ô phải ở dạng văn bản.",
        "The barcode {given} is not right. Check its last digit, and that the cell is text.",
    ),
    "bad_price": (
        "Giá {given} không đúng. Ghi số đồng nguyên, ví dụ 199000 hoặc 199.000.",
        "The price {given} is not right. Write whole đồng, such as 199000 or 199.000.",
    ),
    "unknown_category": ("Không có nhóm hàng {given}.", "There is no category {given}."),
    "unknown_season": ("Không có mùa {given}.", "There is no season {given}."),
    "unknown_vat_class": ("Không có nhóm thuế {given}.", "There is no VAT class {given}."),
    "unknown_size_scale": ("Không có bảng size {given}.", "There is no size scale {given}."),
    "unknown_colour": ("Không có màu {given}.", "There is no colour {given}."),
    "unknown_size": ("Bảng size của kiểu này không có size {given}.", "The style's scale has no size {given}."),
    "needed": ("Kiểu mới {style} cần thông tin này.", "The new style {style} needs this."),
    "differs": (
        "{given} khác với dòng {first} của cùng kiểu.",
        "{given} differs from row {first} of the same style.",
    ),
    "scale_is_fixed": (
        "Kiểu {style} đã có bảng size khác, không đổi được.",
        "The style {style} has another size scale, which cannot change.",
    ),
    "repeated": ("Màu và size này đã có ở dòng {first}.", "This colour and size stand in row {first} already."),
    "sku_taken": ("SKU {sku} thuộc về mặt hàng khác.", "The SKU {sku} belongs to another item."),
    "barcode_taken": (
        "Mã vạch {barcode} đang thuộc về {sku}.",
        "The barcode {barcode} belongs to {sku}.",
    ),
    "barcode_repeated": (
        "Mã vạch {barcode} đã có ở dòng {first}.",
        "The barcode {barcode} stands in row {first} already.",
    ),
    "too_many_variants": ("Một kiểu có nhiều nhất {most} biến thể.", "A style has at most {most} variants."),
    "unreadable": (
        "Không đọc được tệp. Hãy lưu lại dạng CSV UTF-8 hoặc XLSX.",
        "The file cannot be read. Save it again as CSV UTF-8 or XLSX.",
    ),
    "no_rows": ("Tệp không có dòng dữ liệu nào.", "The file has no rows."),
    "too_many_rows": ("Tệp có quá {most} dòng. Hãy chia nhỏ.", "The file has more than {most} rows. Split it."),
    "too_large": ("Tệp quá lớn khi giải nén.", "The file is too large once unpacked."),
    "missing_column": ("Thiếu cột {missing}.", "The column {missing} is missing."),
    "unknown_column": (
        "Không hiểu cột {given}. Xóa cột hoặc sửa tên theo tệp mẫu.",
        "The column {given} is not known. Delete it or name it as in the template.",
    ),
    "repeated_column": ("Cột {given} có hai lần.", "The column {given} stands there twice."),
    "given_up": (
        "Máy chủ đã thử nhiều lần mà không xử lý xong tệp; chưa có gì thay đổi. Hãy tải tệp lên lại.",
        "The server tried several times and could not finish the file; nothing was changed. Upload it again.",
    ),
}


def columns_of(
    header: Sequence[str], headers: Mapping[str, tuple[str, ...]] = HEADERS, required: Sequence[str] = REQUIRED
) -> list[str | None]:
    """The field each column holds; empty headers hold none. Raises ``Unreadable``."""
    known = {_plain(name): field for field, names in headers.items() for name in (field, *names)}
    fields: list[str | None] = []
    for given in header:
        field = known.get(_plain(given))
        if field is None and given.strip():
            raise Unreadable("unknown_column", {"given": given.strip()[:CELL_MAX]})
        if field is not None and field in fields:
            raise Unreadable("repeated_column", {"given": given.strip()})
        fields.append(field)
    for field in required:
        if field not in fields:
            raise Unreadable("missing_column", {"missing": headers[field][0]})
    return fields


def goods_of(row_no: int, cells: Mapping[str, str]) -> catalog.GoodsRow | list[catalog.Fault]:
    """A row of the file as goods, or everything that is wrong with its cells by themselves."""
    faults = [fault for column, cell in cells.items() if (fault := fault_of_text(row_no, column, cell)) is not None]
    faults += [catalog.Fault(row_no, column, "empty") for column in REQUIRED if not cells.get(column)]
    style_code = cells.get("style_code", "").upper()
    if style_code and not catalog.STYLE_CODE.fullmatch(style_code):
        faults.append(catalog.Fault(row_no, "style_code", "bad_style_code", {"given": style_code[:40]}))
    barcodes, bad = _barcodes_of(cells.get("barcodes", ""))
    if bad is not None:
        faults.append(catalog.Fault(row_no, "barcodes", "bad_barcode", {"given": bad[:40]}))
    price = cells.get("price_vnd", "")
    price_vnd = price_of(price) if price else None
    if price and price_vnd is None:
        faults.append(catalog.Fault(row_no, "price_vnd", "bad_price", {"given": price[:40]}))
    if faults:
        return faults
    words = {column: cells.get(column) or None for column in _WORDS}
    return catalog.GoodsRow(
        row_no=row_no,
        style_code=style_code,
        colour=cells["colour"],
        size=cells["size"],
        barcodes=barcodes,
        price_vnd=price_vnd,
        **words,
    )


def price_of(cell: str) -> int | None:
    """Whole đồng: ``199000``, ``199.000``, ``199,000``, ``199 000 ₫``; none when it is anything else."""
    bare = re.sub(r"\s|₫|đ$|VND$", "", cell, flags=re.IGNORECASE)
    if not re.fullmatch(r"\d{1,3}([.,]\d{3})+|\d{1,11}", bare, flags=re.ASCII):
        return None
    amount_vnd = int(re.sub(r"[.,]", "", bare))
    return amount_vnd if amount_vnd <= PRICE_MAX else None


def sentence(code: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """What to say about a fault, in Vietnamese and English."""
    vi, en = SENTENCES[code]
    return vi.format_map(facts), en.format_map(facts)


_WORDS: Final = ("name_vi", "name_en", "category", "season", "material", "vat_class", "size_scale")
# A spreadsheet that opens what we export one day would run these.
_FORMULA: Final = re.compile(r"[=@+\t\r]|-(?=[^\s\d])")


def fault_of_text(row_no: int, column: str, cell: str) -> catalog.Fault | None:
    """What is wrong with a cell whatever it holds: too long, or a formula."""
    if len(cell) > CELL_MAX:
        return catalog.Fault(row_no, column, "too_long", {"most": CELL_MAX})
    if sign := _FORMULA.match(cell):
        return catalog.Fault(row_no, column, "formula", {"sign": sign.group().strip() or "tab"})
    return None


def _barcodes_of(cell: str) -> tuple[list[str], str | None]:
    """The barcodes in a cell, each once, as they are stored; or the first one that is wrong."""
    given = [code for code in re.split(r"[\s|;,]+", cell) if code]
    stored: dict[str, None] = {}
    for code in given[: BARCODES_MAX + 1]:
        known = catalog.barcode_of(code)
        if known is None or len(stored) == BARCODES_MAX:
            return [], code
        stored[known] = None
    return list(stored), None


def _plain(header: str) -> str:
    """A header without case, marks and signs: ``Mã kiểu *`` → ``makieu``."""
    bare = unicodedata.normalize("NFD", header.casefold()).replace("đ", "d")
    return "".join(re.findall(r"[a-z0-9]", bare))
