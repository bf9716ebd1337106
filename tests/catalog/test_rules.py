"""Barcodes against the vectors of GS1 and our own labels; the words of a search text."""

import json
from pathlib import Path

import pytest

from placket.catalog import barcode_of, check_digit, own_barcode, search_text, sku_of

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "ean13_vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", VECTORS["valid"])
def test_keeps_a_code_whose_check_digit_is_right(code: str) -> None:
    assert barcode_of(f" {code}\n") == code
    assert check_digit(code[:-1]) == int(code[-1])


@pytest.mark.parametrize(
    "code", [*VECTORS["invalid"], "", "12345", "123456789012345", "２０００００００００１５", "-12345678"]
)
def test_knows_what_is_no_barcode(code: str) -> None:
    assert barcode_of(code) is None


@pytest.mark.parametrize("label", VECTORS["in_store"])
def test_numbers_our_own_labels(label: dict[str, str | int]) -> None:
    assert own_barcode(int(label["item"])) == label["ean13"]
    assert barcode_of(str(label["ean13"])) == label["ean13"]


def test_every_wrong_last_digit_is_caught() -> None:
    code = own_barcode(12_345)
    assert [digit for digit in "0123456789" if barcode_of(code[:-1] + digit)] == [code[-1]]


def test_a_upc_is_stored_as_the_ean_it_also_is() -> None:
    assert barcode_of("036000291452") == "0036000291452"
    assert barcode_of("036000291453") is None


def test_an_in_house_code_of_another_length_has_no_check_digit() -> None:
    assert barcode_of("1234567") == "1234567"


def test_an_sku_holds_only_what_a_label_can_carry() -> None:
    assert sku_of("DM0123", "DEN", "XL") == "DM0123-DEN-XL"
    assert sku_of("TE01", "HONG", "110 cm") == "TE01-HONG-110CM"


def test_search_text_is_composed_lower_case_words_once_each() -> None:
    decomposed = "Đầm HOA nhí"
    assert search_text(decomposed, "DM0123-DEN", "hoa", "½_(x)") == "đầm hoa nhí dm0123 den ½ x"
