"""Files as they come from outside: CSV and XLSX, read row by row and never trusted.

Nothing here knows what the columns mean. Every row is (number in the file, cells as text); limits hold while reading, so a
small file that unpacks to a large one is given up, not read.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

Row = tuple[int, Sequence[str]]

COLUMNS_MAX: Final = 50
ROWS_MAX: Final = 100_000
UNPACKED_MAX: Final = 300 * 2**20
ENTRIES_MAX: Final = 2_000
DELIMITERS: Final = ",;\t"
FIELD_MAX: Final = 10_000
ZIP: Final = b"PK\x03\x04"

csv.field_size_limit(FIELD_MAX)


class Unreadable(Exception):
    """The file as a whole is wrong."""

    def __init__(self, code: str, facts: Mapping[str, Any], row_no: int = 1) -> None:
        """What is wrong, and where it was noticed."""
        super().__init__(code)
        self.code, self.facts, self.row_no = code, facts, row_no


def rows_of(body: bytes) -> Iterator[Row]:
    """The rows of a CSV or XLSX file that are not empty, its header first. Raises ``Unreadable``."""
    rows = _rows_of_workbook(body) if body.startswith(ZIP) else _rows_of_csv(body)
    found = 0
    for row_no, cells in rows:
        if not any(cells):
            continue
        found += 1
        if found > ROWS_MAX + 1:
            raise Unreadable("too_many_rows", {"most": ROWS_MAX}, row_no)
        yield row_no, cells
    if found <= 1:
        raise Unreadable("no_rows", {})


def _rows_of_csv(body: bytes) -> Iterator[Row]:
    text = _decoded(body)
    header = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells[:COLUMNS_MAX]]
    except csv.Error as error:
        raise Unreadable("unreadable", {}, reader.line_num) from error


def _decoded(body: bytes) -> str:
    encoding = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("unreadable", {}) from error
    if "\0" in text:
        raise Unreadable("unreadable", {})
    return text


def _rows_of_workbook(body: bytes) -> Iterator[Row]:
    _demand_small(body)
    try:
        # Formulas stay text, so that the rule on cells can refuse them.
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise Unreadable("unreadable", {}) from error
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise Unreadable("no_rows", {})
        cells = sheet.iter_rows(max_row=2 * ROWS_MAX, max_col=COLUMNS_MAX, values_only=True)
        for row_no, values in enumerate(cells, start=1):
            yield row_no, [_text(value) for value in values]
    except (KeyError, ValueError, SyntaxError, zipfile.BadZipFile) as error:
        raise Unreadable("unreadable", {}) from error
    finally:
        book.close()


def _demand_small(body: bytes) -> None:
    """Refuse an archive that says it unpacks to too much; reading never goes beyond what an archive says."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Unreadable("unreadable", {}) from error
    if len(entries) > ENTRIES_MAX or sum(entry.file_size for entry in entries) > UNPACKED_MAX:
        raise Unreadable("too_large", {})


def _text(value: Any) -> str:  # noqa: ANN401 - a cell holds what its author typed
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
