"""A phone number has one form, however it was typed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket.crm import phone_of

CASES = json.loads((Path(__file__).parents[1] / "vectors" / "phone_vn.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["input"])
def test_a_number_is_stored_as_e164(case: dict[str, str | None]) -> None:
    assert phone_of(str(case["input"])) == case["e164"]


@given(st.text(max_size=60))
def test_no_text_is_a_failure(typed: str) -> None:
    stored = phone_of(typed)
    assert stored is None or phone_of(stored) == stored
