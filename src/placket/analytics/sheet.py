"""Tables as they stand on somebody's screen, as a workbook and as pages: the same words and numbers, nothing computed.

Shares are fractions here (floating point), as spreadsheets keep them.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from placket.core import paper
from placket.core.clock import VIETNAM
from placket.core.money import dotted

Cell = str | int | float | None
Unit = Literal["text", "number", "percent", "tenths"]

MEDIA: Final[Mapping[str, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
PAGE: Final = Path(__file__).with_name("report.typ")
_NOT_IN_TITLES: Final = re.compile(rf"[\[\]:*?/\\]|{ILLEGAL_CHARACTERS_RE.pattern}")
_WIDTH_MAX: Final = 60
_TITLE_MAX: Final = 31
_UPRIGHT_MAX: Final = 6
_FORMATS: Final[Mapping[Unit, str]] = {"text": "General", "number": "#,##0", "percent": "0.0%", "tenths": "0.0"}
_WORDS: Final = {"vi": ("Lập lúc {at}", "Không có số liệu trong khoảng này."), "en": ("Made at {at}", "No figures.")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table: its name, what it is of, its columns with what their numbers are, its rows, the last perhaps their total."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    units: Sequence[Unit] = ()
    note: str = ""
    has_total: bool = False

    def unit(self, place: int) -> Unit:
        """What the numbers of a column are; whole numbers where nobody said."""
        return self.units[place] if place < len(self.units) else "number"


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """A workbook of tables; whole numbers can be added up.

    Text stays text, whatever it begins with, less the control characters that no workbook may hold.
    """
    book = Workbook()
    for place, sheet in enumerate(sheets):
        page = book.active if place == 0 else book.create_sheet()
        assert isinstance(page, Worksheet), "a new workbook has a sheet"
        page.title = _NOT_IN_TITLES.sub("", sheet.title)[:_TITLE_MAX] or "Placket"
        _fill(page, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(page: Worksheet, sheet: Sheet) -> None:
    for row_no, cells in enumerate((sheet.head, *sheet.rows), start=1):
        for column_no, value in enumerate(cells, start=1):
            cell = page.cell(row_no, column_no)
            if isinstance(value, str):
                cell.value, cell.data_type = ILLEGAL_CHARACTERS_RE.sub("", value), "s"  # never a formula
            else:
                cell.value = value
                cell.number_format = _FORMATS[sheet.unit(column_no - 1)]
            if row_no == 1 or (sheet.has_total and row_no == len(sheet.rows) + 1):
                cell.font = Font(bold=True)
    for column_no, name in enumerate(sheet.head, start=1):
        longest = max(len(str(cells[column_no - 1])) for cells in (sheet.head, *sheet.rows) if len(cells) >= column_no)
        page.column_dimensions[get_column_letter(column_no)].width = min(_WIDTH_MAX, max(len(name), longest) + 3)
    page.freeze_panes = "B2"


def document(
    sheets: Sequence[Sheet], *, title: str, company: str, language: Literal["vi", "en"], now: datetime, note: str = ""
) -> bytes:
    """The tables one after the other on A4 pages, on their side where one of them is wide."""
    made_at, empty = _WORDS[language]
    return paper.pdf(
        PAGE,
        {
            "title": title,
            "company": company,
            "language": language,
            "note": note,
            "foot": made_at.format(at=f"{now.astimezone(VIETNAM):%H:%M %d/%m/%Y}"),
            "wide": any(len(sheet.head) > _UPRIGHT_MAX for sheet in sheets),
            "sections": [
                {
                    "title": sheet.title,
                    "note": sheet.note,
                    "empty": empty,
                    "head": sheet.head,
                    "ends": [place > 0 for place in range(len(sheet.head))],
                    "rows": written(sheet),
                    "total": sheet.has_total,
                }
                for sheet in sheets
            ],
        },
    )


def written(sheet: Sheet) -> list[list[str]]:
    """The rows as people read them; a row that is short ends in empty cells."""
    return [
        [as_text(row[place] if place < len(row) else None, sheet.unit(place)) for place in range(len(sheet.head))]
        for row in sheet.rows
    ]


def as_text(value: Cell, unit: Unit) -> str:
    """``1.250.000``, ``12,4%``, ``3,5``; what is no number stands as it is."""
    if value is None or isinstance(value, str):
        return value or ""
    if unit == "percent":
        return f"{_tenths(round(value * 1_000)).removesuffix(',0')}%"
    return _tenths(round(value * 10)) if unit == "tenths" else dotted(round(value)).replace("-", "−")


def _tenths(tenths: int) -> str:
    whole, rest = divmod(abs(tenths), 10)
    return f"{'−' if tenths < 0 else ''}{dotted(whole)},{rest}"
