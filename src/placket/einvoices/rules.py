"""Pure rules of e-invoices: whose terms count, codes, when a buyer's time is over, what a document says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from placket.core import clock

CONSUMER: Final = "Bán cho người tiêu dùng"
"""What the buyer's field says when nobody asked: the law wants exactly these words."""
BLOCK: Final = 1_000_000
TRIES: Final = (
    timedelta(seconds=20),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
)
TAX_WEIGHTS: Final = (31, 29, 23, 19, 17, 13, 7, 5, 3)
TAX_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class Terms:
    """What counts on a day."""

    form: int
    letter_store: str
    letter_web: str
    own_signs: str
    authority_signs: str
    buyer_minutes: int
    closes_at: str

    def serial(self, channel: str, on: date) -> str:
        """The serial of a channel in a year: ``C26MLU``."""
        letter = self.letter_web if channel == "web" else self.letter_store
        return f"C{on:%y}{letter}{self.own_signs}"

    def code(self, on: date, *, block: int, number: int) -> str:
        """The authority's code that we make ourselves, of a number in a block: ``M1-26-ABCDE-00003000127``."""
        return f"M{self.form}-{on:%y}-{self.authority_signs}-{block:05d}{number:06d}"

    def buyer_until(self, sold_at: datetime) -> datetime:
        """Until when a buyer may give their data: some time after the sale, and never after the day's end."""
        closes = datetime.combine(clock.business_day(sold_at), time.fromisoformat(self.closes_at), clock.VIETNAM)
        return min(sold_at + timedelta(minutes=self.buyer_minutes), max(closes, sold_at))


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many tries that nobody answered; the authority must have it, so it is never given up."""
    return TRIES[min(tries, len(TRIES)) - 1]


def is_tax_code(code: str) -> bool:
    """Whether a tax code is one: ten digits whose last checks the others, perhaps a branch of three digits behind it."""
    head, _, branch = code.partition("-")
    if not (head.isascii() and head.isdigit() and len(head) == TAX_DIGITS):
        return False
    if branch and not (branch.isascii() and branch.isdigit() and len(branch) == len("001")):
        return False
    if not branch and "-" in code:
        return False
    checked = sum(weight * int(digit) for weight, digit in zip(TAX_WEIGHTS, head, strict=False)) % 11
    return 10 - checked == int(head[-1])


@dataclass(frozen=True, slots=True)
class Content:
    """The money of a document, by line and by rate."""

    lines: list[dict[str, Any]]
    vat: list[dict[str, int]]
    net_vnd: int
    vat_vnd: int
    total_vnd: int


def content(lines: Sequence[dict[str, Any]]) -> Content:
    """What some lines of a sale say on an invoice; what came back is negative."""
    written: list[dict[str, Any]] = []
    by_rate: dict[int, dict[str, int]] = {}
    for no, line in enumerate(lines, start=1):
        total_vnd, vat_vnd = line["total_vnd"], line["vat_vnd"]
        written.append(
            {
                "no": no,
                "sku": line["sku"],
                "name": f"{line['name_vi']}, {line['colour_vi']}, {line['size']}",
                "unit": "Cái",
                "qty": line["qty"],
                "discount_vnd": line["discount_vnd"],
                "net_vnd": total_vnd - vat_vnd,
                "vat_bp": line["vat_bp"],
                "vat_vnd": vat_vnd,
                "total_vnd": total_vnd,
            }
        )
        share = by_rate.setdefault(line["vat_bp"], {"rate_bp": line["vat_bp"], "net_vnd": 0, "vat_vnd": 0})
        share["net_vnd"] += total_vnd - vat_vnd
        share["vat_vnd"] += vat_vnd
    rates = [by_rate[rate_bp] for rate_bp in sorted(by_rate)]
    net_vnd, vat_vnd = sum(rate["net_vnd"] for rate in rates), sum(rate["vat_vnd"] for rate in rates)
    return Content(written, rates, net_vnd, vat_vnd, net_vnd + vat_vnd)
