"""Money adds up: every split sums to its whole, every rounding is half away from zero."""

from hypothesis import given
from hypothesis import strategies as st

from placket.core.money import part_of, rounded_quotient, rounded_to, split, vat_within

amounts = st.integers(-(10**12), 10**12)


@given(amounts, st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_parts_sum_to_the_whole(total_vnd: int, weights: list[int]) -> None:
    parts = split(total_vnd, weights)
    assert sum(parts) == total_vnd
    assert len(parts) == len(weights)


@given(st.integers(0, 10**12), st.lists(st.integers(1, 10**6), min_size=1, max_size=50))
def test_no_part_is_a_dong_off_its_share(total_vnd: int, weights: list[int]) -> None:
    for part, weight in zip(split(total_vnd, weights), weights, strict=True):
        assert abs(part * sum(weights) - total_vnd * weight) < sum(weights)


@given(amounts, st.lists(st.integers(0, 1000), min_size=1, max_size=9))
def test_a_return_mirrors_its_sale(total_vnd: int, weights: list[int]) -> None:
    assert split(-total_vnd, weights) == [-part for part in split(total_vnd, weights)]


def test_vat_of_a_worked_receipt() -> None:
    assert vat_within(199_000, 800) == 14_741
    assert vat_within(-199_000, 800) == -14_741
    assert vat_within(0, 800) == 0
    assert vat_within(199_000, 0) == 0


@given(amounts, st.integers(1, 10**6))
def test_rounding_is_half_away_from_zero(numerator: int, denominator: int) -> None:
    quotient = rounded_quotient(numerator, denominator)
    assert abs(2 * (quotient * denominator - numerator)) <= denominator
    assert rounded_quotient(-numerator, denominator) == -quotient


def test_cash_is_rounded_to_what_notes_can_pay() -> None:
    assert rounded_to(1_499, 1_000) == 1_000
    assert rounded_to(1_500, 1_000) == 2_000
    assert rounded_to(-1_500, 1_000) == -2_000
    assert rounded_to(1_234, 0) == 1_234
    assert part_of(199_000, 1_000) == 19_900
