"""Amounts in words: worked examples, and every amount can be read back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket.core.settings import ROOT
from placket.einvoices import in_words

EXAMPLES = json.loads((ROOT / "tests" / "vectors" / "amounts_in_words.json").read_text(encoding="utf-8"))
DIGITS = dict(
    zip(
        ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mốt", "lăm"],
        [*range(10), 1, 5],
        strict=True,
    )
)
UNITS = {"nghìn": 1_000, "triệu": 1_000_000}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["amount_vnd"]))
def test_worked_examples(example: dict[str, str]) -> None:
    assert in_words(int(example["amount_vnd"])) == example["words"]


ROUND = st.builds(lambda digits, zeros: digits * 10**zeros, st.integers(0, 999), st.integers(0, 12))


@given(st.one_of(st.integers(0, 10**6), st.integers(0, 10**15), ROUND))
def test_whoever_hears_the_words_knows_the_amount(amount_vnd: int) -> None:
    words = in_words(amount_vnd)

    assert heard(words) == amount_vnd
    assert "  " not in words
    assert words[0].isupper()


def heard(words: str) -> int:
    """The amount that a person hears."""
    return _number(words.lower().removesuffix(" đồng").split())


def _number(words: list[str]) -> int:
    if "tỷ" in words:
        at = len(words) - 1 - words[::-1].index("tỷ")
        return _number(words[:at]) * 10**9 + _number(words[at + 1 :])
    total, group = 0, 0
    for word in words:
        if word in UNITS:
            total, group = total + group * UNITS[word], 0
        elif word == "trăm":
            group *= 100
        elif word == "mươi":
            group = group // 10 * 10 + 10 * (group % 10) if group % 10 else group
        elif word == "mười":
            group += 10
        elif word != "lẻ":
            group += DIGITS[word]
    return total + group
