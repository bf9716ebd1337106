"""Days that are compared, and what their figures say."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket.analytics.rules import Figures, day_before, due_by_now, growth_bp, total

TET = {2024: date(2024, 2, 10), 2025: date(2025, 1, 29), 2026: date(2026, 2, 17), 2027: date(2027, 2, 6)}


@pytest.mark.parametrize("year", [2025, 2026, 2027])
@pytest.mark.parametrize("days", [-20, -7, -2, -1, 0, 1, 5, 15])
def test_the_days_around_tet_are_compared_with_the_days_around_tet(year: int, days: int) -> None:
    on = TET[year] + timedelta(days=days)
    expected = TET[year - 1] + timedelta(days=days)
    # The twelfth month has 29 days in some years: counted from its first, not from Tet, before the last day.
    assert abs((day_before(on, "lunar") - expected).days) <= (1 if days < -1 else 0)


def test_a_leap_month_is_compared_with_the_month_it_repeats() -> None:
    # 2025 has a leap sixth month, from the 25th of July; the sixth month of 2024 began on the 6th of July.
    assert day_before(date(2025, 7, 25), "lunar") == date(2024, 7, 6)


def test_the_same_weekday_is_the_same_weekday() -> None:
    assert day_before(date(2026, 11, 26), "weekday") == date(2025, 11, 27)


def test_the_29th_of_february_is_compared_with_the_28th() -> None:
    assert day_before(date(2028, 2, 29), "date") == date(2027, 2, 28)
    assert day_before(date(2028, 3, 1), "date") == date(2027, 3, 1)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_has_a_day_about_a_year_before(on: date) -> None:
    assert day_before(on, "weekday").weekday() == on.weekday()
    assert (on - day_before(on, "date")).days in {365, 366}
    assert 353 <= (on - day_before(on, "lunar")).days <= 415


def test_growth_is_exact_to_the_basis_point_and_needs_something_before() -> None:
    assert growth_bp(486_200_000, 432_500_000) == 1_242
    assert growth_bp(90, 100) == -1_000
    assert growth_bp(5, 0) is None


def test_a_target_is_due_as_the_other_day_went() -> None:
    assert due_by_now(1_000_000, 432_500_000, 640_000_000) == 675_781
    assert due_by_now(1_000_000, -5, 100) == 0
    assert due_by_now(1_000_000, 0, 0) is None


def test_figures_add_up() -> None:
    assert total([Figures(5, 4, 1, 2, 0), Figures(-3, -2, 0, 0, 1)]) == Figures(2, 2, 1, 2, 1)
