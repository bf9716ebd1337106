"""The file a shop starts from: every column with its Vietnamese header, and two rows that show how it is meant."""

import csv
import io
from typing import Final

from openpyxl import Workbook

from placket.imports.rules import HEADERS

EXAMPLES: Final = (
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
)
ROWS: Final = tuple(tuple(example.get(field, "") for field in HEADERS) for example in EXAMPLES)
HEADER: Final = tuple(names[0] for names in HEADERS.values())


def as_csv() -> bytes:
    """With the mark at its beginning that makes spreadsheets read Vietnamese."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADER, *ROWS])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx() -> bytes:
    """With every cell as text, so that barcodes keep their zeros."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None, "a new workbook has a sheet"
    for row in (HEADER, *ROWS):
        sheet.append(row)
    for cells in sheet.iter_rows(min_row=1, max_row=1_000, max_col=len(HEADER)):
        for cell in cells:
            cell.number_format = "@"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
