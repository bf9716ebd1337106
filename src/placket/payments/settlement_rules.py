"""Pure rules of settlement: what an acquirer's file says, and how its lines and our card tenders find each other."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from placket.core.sheets import Unreadable

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "on": ("ngày", "ngày giao dịch", "ngày gd", "date", "transaction date"),
    "reference": ("mã giao dịch", "mã chuẩn chi", "mã tham chiếu", "reference", "approval code", "transaction id"),
    "amount": ("số tiền", "số tiền gd", "amount"),
}
DATES: Final = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M")
AMOUNT: Final = re.compile(r"\d{1,3}(?:[.,]\d{3})+|\d+")
VND_MAX: Final = 10**12
REFERENCE_MAX: Final = 80

Outcome = Literal["matched", "other_amount", "missing_here", "missing_there"]


@dataclass(frozen=True, slots=True)
class BankLine:
    """A line of the file."""

    on: date
    reference: str
    amount_vnd: int


@dataclass(frozen=True, slots=True)
class Tender:
    """A card tender of a sale."""

    sale_id: UUID
    no: int
    on: date
    reference: str
    amount_vnd: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What a line or a tender came to."""

    outcome: Outcome
    bank: BankLine | None
    ours: Tender | None


def read_lines(rows: Iterator[tuple[int, Sequence[str]]]) -> list[BankLine]:
    """The lines of a file; columns in any order, other columns are left alone. Raises ``Unreadable``."""
    _, header = next(rows)
    places = _places(header)
    lines = []
    for row_no, cells in rows:
        on, reference, amount = (cells[places[field]] if places[field] < len(cells) else "" for field in HEADERS)
        day, vnd = _day(on), _vnd(amount)
        if day is None or vnd is None or not reference or len(reference) > REFERENCE_MAX:
            raise Unreadable("bad_line", {"row": row_no}, row_no)
        lines.append(BankLine(day, reference, vnd))
    return lines


def compare(lines: Sequence[BankLine], tenders: Sequence[Tender]) -> list[Compared]:
    """Find each line's tender: by reference and amount first, then by reference alone. What is left is missing."""
    waiting: dict[str, list[Tender]] = defaultdict(list)
    for tender in sorted(tenders, key=lambda one: (one.on, one.sale_id, one.no)):
        waiting[folded(tender.reference)].append(tender)
    found: list[Compared | None] = [None] * len(lines)
    for exact in (True, False):
        for place, line in enumerate(lines):
            candidates = waiting[folded(line.reference)] if found[place] is None else []
            fitting = [one for one in candidates if not exact or one.amount_vnd == line.amount_vnd]
            if fitting and folded(line.reference):
                nearest = min(fitting, key=lambda one: abs((one.on - line.on).days))
                candidates.remove(nearest)
                found[place] = Compared("matched" if exact else "other_amount", line, nearest)
    compared = [one or Compared("missing_here", line, None) for one, line in zip(found, lines, strict=True)]
    first, last = min(line.on for line in lines), max(line.on for line in lines)
    missing = [one for kept in waiting.values() for one in kept if first <= one.on <= last]
    return compared + [
        Compared("missing_there", None, one) for one in sorted(missing, key=lambda one: (one.on, one.sale_id, one.no))
    ]


def folded(reference: str) -> str:
    """A reference as it is compared: banks and people differ in case, spaces, dashes and leading zeros."""
    return re.sub(r"[^A-Z0-9]", "", reference.upper()).lstrip("0")


def _places(header: Sequence[str]) -> dict[str, int]:
    named = {cell.strip().lower(): place for place, cell in reversed(list(enumerate(header)))}
    places = {}
    for field, names in HEADERS.items():
        known = next((named[name] for name in names if name in named), None)
        if known is None:
            raise Unreadable("missing_column", {"missing": names[0]})
        places[field] = known
    return places


def _day(written: str) -> date | None:
    for form in DATES:
        try:
            return datetime.strptime(written, form).date()  # noqa: DTZ007 - a day as the bank writes it
        except ValueError:
            continue
    return None


def _vnd(written: str) -> int | None:
    plain = re.sub(r"[\s\u00a0₫đ]|VND", "", written)
    plain = re.sub(r"[.,]00$", "", plain) if re.search(r"[.,]\d{3}[.,]00$|^\d+[.,]00$", plain) else plain
    if AMOUNT.fullmatch(plain) is None:
        return None
    vnd = int(re.sub(r"[.,]", "", plain))
    return vnd if 0 < vnd <= VND_MAX else None
