"""Codes, terms and tax codes as the tax authority wants them."""

import re
from datetime import UTC, date, datetime

import pytest

from placket.einvoices import rules

TERMS = rules.Terms(1, "M", "T", "LU", "ABCDE", 120, "23:55")


def test_codes_and_serials_have_the_authoritys_form() -> None:
    code = TERMS.code(date(2026, 11, 26), block=3, number=127)

    assert code == "M1-26-ABCDE-00003000127"
    assert re.fullmatch(r"M\d-\d{2}-[A-Z0-9]{5}-\d{11}", code)
    assert (TERMS.serial("store", date(2026, 12, 31)), TERMS.serial("web", date(2027, 1, 1))) == ("C26MLU", "C27TLU")


@pytest.mark.parametrize(
    ("sold_at", "until"),
    [
        (datetime(2026, 11, 26, 3, 0, tzinfo=UTC), datetime(2026, 11, 26, 5, 0, tzinfo=UTC)),  # two hours
        (datetime(2026, 11, 26, 15, 30, tzinfo=UTC), datetime(2026, 11, 26, 16, 55, tzinfo=UTC)),  # the day's end
        (datetime(2026, 11, 26, 16, 58, tzinfo=UTC), datetime(2026, 11, 26, 16, 58, tzinfo=UTC)),  # after it
    ],
)
def test_a_buyer_has_two_hours_and_never_longer_than_the_day(sold_at: datetime, until: datetime) -> None:
    assert TERMS.buyer_until(sold_at) == until


@pytest.mark.parametrize("code", ["0107001729", "0107001729-001", "0100109106"])
def test_tax_codes_that_check(code: str) -> None:
    assert rules.is_tax_code(code)


@pytest.mark.parametrize("code", ["0107001728", "010700172", "0107001729-", "0107001729-01", "01070O1729", "", "٠١٠٧٠٠١٧٢٩"])
def test_tax_codes_that_do_not(code: str) -> None:
    assert not rules.is_tax_code(code)


def test_what_a_document_says_adds_up() -> None:
    line = {"sku": "A", "name_vi": "Áo", "colour_vi": "Đen", "size": "M", "discount_vnd": 10_000}
    lines = [
        line | {"qty": 2, "total_vnd": 199_000, "vat_bp": 800, "vat_vnd": 14_741},
        line | {"qty": 1, "total_vnd": 110_000, "vat_bp": 1000, "vat_vnd": 10_000},
    ]
    said = rules.content(lines)

    assert (said.net_vnd, said.vat_vnd, said.total_vnd) == (284_259, 24_741, 309_000)
    assert said.vat == [
        {"rate_bp": 800, "net_vnd": 184_259, "vat_vnd": 14_741},
        {"rate_bp": 1000, "net_vnd": 100_000, "vat_vnd": 10_000},
    ]
