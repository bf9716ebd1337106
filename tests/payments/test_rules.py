"""The VietQR payload against published codes, the codes payers write, and what a credit means."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placket.payments import rules

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "vietqr_vectors.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 25, 7, 32, tzinfo=UTC)
OURS = [one for one in VECTORS["valid"] if set(one["parsed"].get("62", {})) <= {"08"} and one["nested_tlv_ok"]]


@pytest.mark.parametrize("one", VECTORS["crc_selftests"], ids=lambda one: one["crc"])
def test_the_checksum_is_ccitt_false(one):
    assert rules.crc16(one["in"]) == one["crc"]


@pytest.mark.parametrize("one", VECTORS["valid"], ids=lambda one: one["crc"])
def test_published_codes_are_whole(one):
    assert rules.is_whole(one["payload"])


@pytest.mark.parametrize("one", VECTORS["invalid"], ids=lambda one: one["why"])
def test_broken_codes_are_not_whole(one):
    assert not rules.is_whole(one["payload"])


@pytest.mark.parametrize("one", OURS, ids=lambda one: one["crc"])
def test_the_builder_makes_the_published_code(one):
    parsed = one["parsed"]
    amount = parsed.get("54")
    made = rules.vietqr(
        bank_bin=parsed["38"]["01"]["00"],
        account_no=parsed["38"]["01"]["01"],
        amount_vnd=None if amount is None else int(amount),
        purpose=parsed.get("62", {}).get("08", ""),
        service=parsed["38"]["02"],
    )
    assert made == one["payload"]


def test_enough_published_codes_are_rebuilt_to_trust_the_builder():
    assert len(OURS) == 10
    assert {one["parsed"]["38"]["02"] for one in OURS} == {"QRIBFTTA", "QRIBFTTC"}


def test_a_payment_code_is_plain_short_and_ends_with_its_check_digit():
    assert rules.payment_code(2026, 1234) == "DH2600012346"
    assert rules.codes_in("DH2600012346") == ["DH2600012346"]


@pytest.mark.parametrize(
    "content",
    [
        "DH2600012346 thanh toan",
        "MBVCB.3278907687.dh2600012346.CT tu 0123",
        "thanh toan DH 26 0001 2346",
        "IBFT DH-2600012346-25112026",
        "DHDH2600012346",
    ],
)
def test_the_code_is_found_however_a_bank_writes_it(content):
    assert rules.codes_in(content) == ["DH2600012346"]


@pytest.mark.parametrize("content", ["", "thanh toan", "DH2600012341", "DH260001234", "DH26ABC12340"])
def test_what_is_no_code_is_not_taken_for_one(content):
    assert rules.codes_in(content) == []


@settings(deadline=None)
@given(year=st.integers(2026, 2099), number=st.integers(0, 10**9), before=st.text(max_size=30), after=st.text(max_size=30))
def test_every_code_is_found_again_in_any_text(year, number, before, after):
    code = rules.payment_code(year, number)
    assert len(code) == 12
    assert code in rules.codes_in(f"{before} {code} {after}") or "DH" in (before + after).upper()


@settings(deadline=None)
@given(number=st.integers(0, 9_999_999), place=st.integers(2, 11), other=st.integers(1, 9))
def test_one_wrong_digit_is_never_another_code(number, place, other):
    code = rules.payment_code(2026, number)
    wrong = code[:place] + str((int(code[place]) + other) % 10) + code[place + 1 :]
    assert rules.codes_in(wrong) == []


@settings(deadline=None)
@given(amount=st.integers(1, 10**9), parts=st.lists(st.integers(1, 10**9), min_size=1, max_size=5))
def test_credits_add_up_until_the_request_is_paid_and_only_the_rest_is_too_much(amount, parts):
    state, received = "waiting", 0
    for part in parts:
        asked = rules.Asked(state, amount, received, NOW + timedelta(minutes=10))
        taken = rules.take(asked, part, NOW)
        if state == "received":
            assert taken == "paid"
            continue
        assert isinstance(taken, rules.Taken)
        assert taken.received_vnd == received + part
        assert taken.is_whole == (taken.received_vnd >= amount)
        assert taken.surplus_vnd == max(0, taken.received_vnd - amount)
        received = taken.received_vnd
        state = "received" if taken.is_whole else "waiting"


@pytest.mark.parametrize("state", ["cancelled", "declined"])
def test_a_credit_for_a_request_that_has_ended_is_late(state):
    assert rules.take(rules.Asked(state, 1, 0, NOW + timedelta(minutes=1)), 1, NOW) == "late"


def test_a_credit_is_late_from_the_moment_its_request_expires():
    asked = rules.Asked("waiting", 1, 0, NOW)
    assert rules.take(asked, 1, NOW - timedelta(seconds=1)) == rules.Taken(1, is_whole=True, surplus_vnd=0)
    assert rules.take(asked, 1, NOW) == "late"
