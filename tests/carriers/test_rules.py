"""What a carrier tells leads to the same state in any order; only what bears its signature of these minutes is read."""

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations

import msgspec
import pytest

from placket.carriers import rules
from placket.carriers.simulator import tracking_of

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
SECRET = "khoa"
BODY = json.dumps({"id": "evt-1", "tracking_no": "GN26000000015", "kind": "delivered", "at": NOW.isoformat()}).encode()


@pytest.mark.parametrize("told", [("picked_up", "failed", "delivered"), ("picked_up", "failed", "failed", "returned")])
def test_a_parcel_ends_in_the_same_state_however_its_calls_are_ordered(told: tuple[str, ...]) -> None:
    ends = set()
    for order in permutations(told):
        state = "booked"
        for kind in order:
            if rules.rises(state, kind):
                state = kind
        ends.add(state)

    assert ends == {told[-1]}


def test_a_signed_call_is_read() -> None:
    signed = rules.signature(BODY, secret=SECRET, at=NOW)

    call = rules.verified(BODY, signed=signed, secret=SECRET, now=NOW + timedelta(minutes=4))

    assert (call.id, call.kind, call.at) == ("evt-1", "delivered", NOW)


@pytest.mark.parametrize(
    ("body", "signed", "now"),
    [
        (BODY + b" ", rules.signature(BODY, secret=SECRET, at=NOW), NOW),
        (BODY, rules.signature(BODY, secret="another", at=NOW), NOW),
        (BODY, rules.signature(BODY, secret=SECRET, at=NOW), NOW + timedelta(minutes=6)),
        (BODY, "", NOW),
        (BODY, "t=²,v1=00", NOW),
    ],
    ids=["changed", "forged", "stale", "unsigned", "no moment"],
)
def test_a_call_that_is_not_signed_so_is_not_read(body: bytes, signed: str, now: datetime) -> None:
    with pytest.raises(rules.NotFromCarrier):
        rules.verified(body, signed=signed, secret=SECRET, now=now)


def test_a_signed_call_of_another_shape_is_unreadable() -> None:
    with pytest.raises(msgspec.DecodeError):
        rules.verified(b'{"id": 7}', signed=rules.signature(b'{"id": 7}', secret=SECRET, at=NOW), secret=SECRET, now=NOW)


def test_a_label_bears_digits_with_a_check_digit() -> None:
    assert (tracking_of(1), tracking_of(12)) == ("GN26000000017", "GN26000000123")
