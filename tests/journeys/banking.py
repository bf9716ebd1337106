"""What journeys with QR payments share: the code a till shows, and the bank's call about it."""

import hmac
import json
import re
import time
import urllib.request
from hashlib import sha256
from itertools import count

from playwright.sync_api import Page, expect

from stage import SEPAY_SECRET, Stage

NUMBERS = count(7_000_000)


def ask(stage: Stage, page: Page) -> str:
    """Tap QR; answers the code it shows."""
    page.get_by_test_id("pos.pay.method").get_by_role("radio").nth(1).click()
    expect(page.get_by_test_id("pos.pay.qr.image")).to_be_visible()
    code = page.get_by_test_id("pos.pay.qr.code").inner_text()
    stage.check("the code is plain and short", holds=re.fullmatch(r"DH\d{10}", code) is not None)
    return code


def call(stage: Stage, amount_vnd: int, content: str, number: int) -> None:
    """SePay tells the server of a credit."""
    facts = {"id": number, "transferType": "in", "transferAmount": amount_vnd, "content": content}
    body = json.dumps(facts | {"accountNumber": "LUADEMO007", "transactionDate": "2026-11-25 14:32:05"}).encode()
    now = str(int(time.time()))
    told = hmac.new(SEPAY_SECRET.encode(), now.encode() + b"." + body, sha256).hexdigest()
    headers = {"x-sepay-signature": f"sha256={told}", "x-sepay-timestamp": now, "content-type": "application/json"}
    request = urllib.request.Request(f"{stage.url}/api/hooks/sepay", body, headers)  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        stage.check("the call is answered as SePay wants", holds=json.loads(answer.read()) == {"success": True})
