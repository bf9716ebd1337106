"""A table as it stands on somebody's screen, as a workbook: the same words, the same numbers, nothing computed."""

import io
import re
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Cell = str | int | float | None

_NOT_IN_TITLES = re.compile(rf"[\[\]:*?/\\]|{ILLEGAL_CHARACTERS_RE.pattern}")
_WIDTH_MAX = 60
_THOUSANDS = "#,##0"


def workbook(title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """A workbook with one sheet; whole numbers can be added up.

    Text stays text, whatever it begins with, less the control characters that no workbook may hold.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None, "a new workbook has a sheet"
    sheet.title = _NOT_IN_TITLES.sub("", title)[:31] or "Placket"
    for row_no, cells in enumerate((head, *rows), start=1):
        for column_no, value in enumerate(cells, start=1):
            cell = sheet.cell(row_no, column_no)
            if isinstance(value, str):
                cell.value, cell.data_type = ILLEGAL_CHARACTERS_RE.sub("", value), "s"  # never a formula
            else:
                cell.value = value
                cell.number_format = _THOUSANDS if isinstance(value, int) else "General"
            if row_no == 1:
                cell.font = Font(bold=True)
    for column_no, name in enumerate(head, start=1):
        longest = max(len(str(cells[column_no - 1])) for cells in (head, *rows) if len(cells) >= column_no)
        sheet.column_dimensions[get_column_letter(column_no)].width = min(_WIDTH_MAX, max(len(name), longest) + 3)
    sheet.freeze_panes = "B2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
