"""Calls of payment providers: whose signature counts, and what is read out of them."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from placket.payments import hook_rules as rules

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "bank_webhooks_vn.json").read_text(encoding="utf-8"))
SEPAY, PAYOS = VECTORS["sepay"], VECTORS["payos"]
SENT = datetime.fromtimestamp(int(SEPAY["timestamp"]), UTC)


def sepay(body: str = SEPAY["body"], *, secret: str = SEPAY["secret"], now: datetime = SENT, **changed: str):
    asked = {"signature": SEPAY["signature"], "timestamp": SEPAY["timestamp"], **changed}
    return rules.sepay_credit(body.encode(), secret=secret, now=now, **asked)


def signed(facts: dict, secret: str = SEPAY["secret"]) -> tuple[str, str]:
    body = json.dumps(facts)
    told = hmac.new(secret.encode(), f"{SEPAY['timestamp']}.{body}".encode(), sha256)
    return body, f"sha256={told.hexdigest()}"


def payos(data: dict, signature: str | None = None, secret: str = PAYOS["secret"]):
    made = hmac.new(PAYOS["secret"].encode(), rules.payos_signed(data).encode(), sha256).hexdigest()
    body = {"code": "00", "desc": "success", "success": True, "data": data, "signature": signature or made}
    return rules.payos_credit(json.dumps(body).encode(), secret=secret)


def test_a_published_call_of_sepay_is_read():
    assert sepay() == rules.Credit(
        provider_ref="92704",
        account_no="0123499999",
        amount_vnd=1_290_000,
        content="DH260001234 thanh toan",
        bank_reference="MBVCB.3278907687",
        transferred_at=datetime(2023, 3, 25, 7, 2, 37, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"signature": "sha256=" + "0" * 64}, "signature"),
        ({"signature": ""}, "signature"),
        ({"signature": SEPAY["signature"].removeprefix("sha256=")}, "signature"),
        ({"signature": "sha256=ầ"}, "signature"),
        ({"secret": "another"}, "signature"),
        ({"timestamp": "1700000001"}, "signature"),
        ({"timestamp": ""}, "timestamp"),
        ({"timestamp": "-1"}, "timestamp"),
        ({"timestamp": "9" * 40}, "timestamp"),
        ({"body": SEPAY["body"].replace("1290000", "9290000")}, "signature"),
        ({"now": SENT + timedelta(minutes=46)}, "timestamp"),
        ({"now": SENT - timedelta(minutes=6)}, "timestamp"),
    ],
)
def test_a_call_of_sepay_that_is_not_signed_now_is_turned_away(changed, cause):
    with pytest.raises(rules.Unsigned) as caught:
        sepay(**changed)
    assert caught.value.cause == cause


def test_the_last_retry_of_sepay_still_counts():
    credit = sepay(now=SENT + timedelta(minutes=34))
    assert credit is not None
    assert credit.provider_ref == "92704"


def test_money_that_goes_out_is_no_credit():
    body, signature = signed({"id": 1, "transferType": "out", "transferAmount": 5, "content": "DH2600012346"})
    assert sepay(body, signature=signature) is None


def test_a_code_that_sepay_has_cut_out_of_the_text_is_put_back():
    facts = {"id": 1, "transferType": "in", "transferAmount": 5, "content": "thanh toan", "code": "DH2600012346"}
    body, signature = signed(facts)
    credit = sepay(body, signature=signature)
    assert credit is not None
    assert credit.content == "DH2600012346 thanh toan"


def test_what_payos_signs_is_what_its_own_library_signs():
    assert rules.payos_signed(PAYOS["data"]) == PAYOS["signed_string"]


def test_a_published_call_of_payos_is_read():
    assert payos(PAYOS["data"], PAYOS["signature"]) == rules.Credit(
        provider_ref="TF230204212323/124c33293c43417ab7879e14c8d9eb18",
        account_no="12345678",
        amount_vnd=3_000,
        content="VQRIO123",
        bank_reference="TF230204212323",
        transferred_at=datetime(2023, 2, 4, 11, 25, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("data", "signature", "secret"),
    [
        (PAYOS["data"] | {"amount": 3_000_000}, PAYOS["signature"], PAYOS["secret"]),
        (PAYOS["data"], "0" * 64, PAYOS["secret"]),
        (PAYOS["data"], "ầ", PAYOS["secret"]),
        (PAYOS["data"], PAYOS["signature"], "another"),
    ],
)
def test_a_call_of_payos_that_is_not_signed_is_turned_away(data, signature, secret):
    with pytest.raises(rules.Unsigned):
        payos(data, signature, secret)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"data": {}, "signature": 1}', b'{"data": [], "signature": ""}'])
def test_a_body_of_another_shape_is_not_signed(body):
    with pytest.raises(rules.Unsigned):
        rules.payos_credit(body, secret=PAYOS["secret"])


def test_a_payment_that_payos_says_has_failed_is_no_credit():
    assert payos(PAYOS["data"] | {"code": "01"}) is None
