"""Pure rules of the files a shop moves in with: its customers with their points and store credit, and its opening stock.

See docs/rules/imports.md. Old phone numbers of eleven digits become what they have been since 2018.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from placket import catalog, crm
from placket.imports.rules import fault_of_text, price_of

CUSTOMER_HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "full_name": ("Họ tên", "Tên khách", "Tên", "Full name", "Name"),
    "phone": ("Điện thoại", "Số điện thoại", "SĐT", "Phone"),
    "birthday": ("Ngày sinh", "Sinh nhật", "Birthday"),
    "language": ("Ngôn ngữ", "Language"),
    "branch": ("Chi nhánh", "Cửa hàng", "Branch"),
    "note": ("Ghi chú", "Note"),
    "loyalty": ("Đồng ý tích điểm", "Tích điểm", "Loyalty"),
    "marketing": ("Đồng ý nhận tin", "Nhận tin", "Marketing"),
    "points": ("Điểm", "Points"),
    "credit_vnd": ("Tín dụng", "Số dư", "Store credit"),
}
CUSTOMER_REQUIRED: Final = ("full_name", "phone")
STOCK_HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "branch": ("Chi nhánh", "Kho", "Cửa hàng", "Branch"),
    "code": ("Mã vạch hoặc SKU", "Mã vạch", "SKU", "Mã hàng", "Barcode", "Code"),
    "qty": ("Số lượng", "Tồn", "Tồn đầu kỳ", "Quantity", "Qty"),
}
STOCK_REQUIRED: Final = ("branch", "code", "qty")

POINTS_MAX: Final = 10**8
QTY_MAX: Final = 100_000
NOTE_MAX: Final = 300
DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
SAID: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("có", "co", "x", "1", "yes", "y", "true"), True),
    **dict.fromkeys(("không", "khong", "0", "no", "n", "false"), False),
}


LANGUAGES: Final[Mapping[str, Literal["vi", "en"]]] = {
    "vi": "vi",
    "tiếng việt": "vi",
    "vietnamese": "vi",
    "en": "en",
    "tiếng anh": "en",
    "english": "en",
}


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer as a file has them; the phone number is as we store it."""

    row_no: int
    full_name: str
    phone: str
    birthday: tuple[int, int] | None
    language: Literal["vi", "en"] | None
    branch: str | None
    note: str | None
    loyalty: bool | None
    marketing: bool | None
    points: int
    credit_vnd: int


@dataclass(frozen=True, slots=True)
class StockRow:
    """Pieces of a code at a place."""

    row_no: int
    branch: str
    code: str
    qty: int


def customer_of(row_no: int, cells: Mapping[str, str]) -> CustomerRow | list[catalog.Fault]:
    """A row as a customer, or everything that is wrong with its cells."""
    faults = _common_faults(row_no, cells, CUSTOMER_REQUIRED)
    typed = cells.get("phone", "")
    phone = crm.modern_phone(typed)
    if typed and phone is None:
        faults.append(catalog.Fault(row_no, "phone", "bad_phone", {"given": typed[:40]}))
    birthday = birthday_of(cells.get("birthday", ""))
    if cells.get("birthday") and birthday is None:
        faults.append(catalog.Fault(row_no, "birthday", "bad_birthday", {"given": cells["birthday"][:40]}))
    language = LANGUAGES.get(cells.get("language", "").strip().casefold())
    if cells.get("language") and language is None:
        faults.append(catalog.Fault(row_no, "language", "bad_language", {"given": cells["language"][:40]}))
    words = {name: _said(row_no, name, cells.get(name, ""), faults) for name in ("loyalty", "marketing")}
    points = _amount(row_no, "points", cells.get("points", ""), POINTS_MAX, faults)
    credit_vnd = _amount(row_no, "credit_vnd", cells.get("credit_vnd", ""), 10**10, faults)
    if faults or phone is None:
        return faults
    return CustomerRow(
        row_no=row_no,
        full_name=" ".join(cells["full_name"].split()),
        phone=phone,
        birthday=birthday,
        language=language,
        branch=cells.get("branch") or None,
        note=cells.get("note") or None,
        points=points,
        credit_vnd=credit_vnd,
        **words,
    )


def stock_of(row_no: int, cells: Mapping[str, str]) -> StockRow | list[catalog.Fault]:
    """A row as opening stock, or everything that is wrong with its cells."""
    faults = _common_faults(row_no, cells, STOCK_REQUIRED)
    qty = _amount(row_no, "qty", cells.get("qty", ""), QTY_MAX, faults)
    if not faults and qty == 0:
        faults.append(catalog.Fault(row_no, "qty", "nothing", {}))
    return faults or StockRow(row_no, cells["branch"], cells["code"], qty)


def birthday_of(cell: str) -> tuple[int, int] | None:
    """Day and month of ``23/11/1990``, ``23/11``, ``1990-11-23`` (also with a time behind); none when it is no day."""
    bare = cell.strip().partition(" ")[0]
    iso = re.fullmatch(r"\d{4}-(\d{2})-(\d{2})", bare, flags=re.ASCII)
    written = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-]\d{2,4})?", bare, flags=re.ASCII)
    if iso is not None:
        day, month = int(iso[2]), int(iso[1])
    elif written is not None:
        day, month = int(written[1]), int(written[2])
    else:
        return None
    return (day, month) if 1 <= month <= len(DAYS) and 1 <= day <= DAYS[month - 1] else None


def _common_faults(row_no: int, cells: Mapping[str, str], required: tuple[str, ...]) -> list[catalog.Fault]:
    plain = {name: cell for name, cell in cells.items() if name != "phone"}  # +84… is no formula
    faults = [fault for name, cell in plain.items() if (fault := fault_of_text(row_no, name, cell)) is not None]
    return faults + [catalog.Fault(row_no, name, "empty") for name in required if not cells.get(name)]


def _amount(row_no: int, column: str, cell: str, most: int, faults: list[catalog.Fault]) -> int:
    if not cell:
        return 0
    amount = price_of(cell)
    if amount is None or amount > most:
        faults.append(catalog.Fault(row_no, column, "bad_number", {"given": cell[:40], "most": most}))
        return 0
    return amount


def _said(row_no: int, column: str, cell: str, faults: list[catalog.Fault]) -> bool | None:
    if not cell:
        return None
    word = SAID.get(cell.strip().casefold())
    if word is None:
        faults.append(catalog.Fault(row_no, column, "bad_word", {"given": cell[:40]}))
    return word


SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "bad_phone": ("Số điện thoại {given} không đúng.", "The phone number {given} is not right."),
    "bad_language": (
        "Ngôn ngữ {given} chưa đúng. Viết vi hoặc en.",
        "The language {given} is not right. Write vi or en.",
    ),
    "bad_birthday": (
        "Ngày sinh {given} không đúng. Ghi ngày/tháng hoặc ngày/tháng/năm.",
        "The birthday {given} is not right. Write day/month or day/month/year.",
    ),
    "bad_word": ("Ghi Có hoặc Không thay cho {given}.", "Write yes or no instead of {given}."),
    "bad_number": ("{given} không phải số nguyên từ 0 đến {most}.", "{given} is no whole number from 0 to {most}."),
    "nothing": ("Số lượng phải từ 1 trở lên.", "The quantity must be 1 or more."),
    "unknown_branch": ("Không có chi nhánh {given}.", "There is no branch {given}."),
    "unknown_code": ("Không có mã vạch hoặc SKU {given}.", "There is no barcode or SKU {given}."),
    "phone_repeated": ("Số điện thoại này đã có ở dòng {first}.", "This phone number stands in row {first} already."),
    "opened_before": (
        "Khách này đã được nhập {was} từ trước; sửa ở hồ sơ khách nếu sai.",
        "{was} were brought in for this customer before; correct it in their profile if it is wrong.",
    ),
    "goods_repeated": ("Mã này ở chi nhánh này đã có ở dòng {first}.", "This code at this branch stands in row {first}."),
    "has_moved": (
        "{sku} đã có phát sinh ở chi nhánh này, không còn là tồn đầu kỳ. Hãy kiểm kê.",
        "{sku} has moved at this branch already, so this is no opening stock. Count it instead.",
    ),
}
