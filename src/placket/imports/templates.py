"""The files a shop starts from: every column with its Vietnamese header, and rows that show how it is meant."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Final

from openpyxl import Workbook

from placket.imports.kinds import KINDS

EXAMPLES: Final[Mapping[str, Sequence[Mapping[str, str]]]] = {
    "catalogue": [
        {
            "style_code": "DM0123",
            "name_vi": "Đầm lụa cổ yếm",
            "name_en": "Halter silk dress",
            "category": "Đầm",
            "material": "Lụa",
            "size_scale": "S-XXL",
            "colour": "Kem",
            "size": size,
            "price_vnd": "1180000",
        }
        for size in ("S", "M")
    ],
    "customers": [
        {
            "full_name": "Nguyễn Thị Ngọc",
            "phone": "0912345678",
            "birthday": "23/11/1990",
            "loyalty": "Có",
            "marketing": "Không",
            "points": "1250",
            "credit_vnd": "200.000",
        },
        {"full_name": "Trần Lan", "phone": "01681234567", "birthday": "8/3", "points": "0"},
    ],
    "stock": [
        {"branch": "HN01", "code": "DM0123-KEM-S", "qty": "4"},
        {"branch": "HN01", "code": "2000000000015", "qty": "12"},
    ],
}


def rows_of(kind: str) -> list[tuple[str, ...]]:
    """The header and the examples of a kind."""
    headers = KINDS[kind].headers
    examples = [tuple(example.get(field, "") for field in headers) for example in EXAMPLES[kind]]
    return [tuple(names[0] for names in headers.values()), *examples]


def as_csv(kind: str = "catalogue") -> bytes:
    """With the mark at its beginning that makes spreadsheets read Vietnamese."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows_of(kind))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(kind: str = "catalogue") -> bytes:
    """With every cell as text, so that barcodes and phone numbers keep their zeros."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None, "a new workbook has a sheet"
    rows = rows_of(kind)
    for row in rows:
        sheet.append(row)
    for cells in sheet.iter_rows(min_row=1, max_row=1_000, max_col=len(rows[0])):
        for cell in cells:
            cell.number_format = "@"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
