"""The stand-in for Stripe as tests drive it: a process of its own, its card page, its switches, the events it tells."""

import hmac
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import httpx

from placket.core.settings import ROOT
from waiting import until

KEY, SECRET = "sk_test_bai_thu", "whsec_bai_thu"
GOOD, ASKS, POOR, ASKS_POOR = "4242424242424242", "4000002760003184", "4000000000009995", "4000008260003178"
REFUND_LATER, REFUND_FAILS, DISPUTED = "4000000000007726", "4000000000005126", "4000000000000259"


@dataclass
class StandIn:
    """Where it answers."""

    url: str
    client: httpx.Client

    def pay(self, page: str, number: str) -> str:
        """Type a card on a page; answers where the browser is sent."""
        return self._sent(page, {"number": number})

    def answer(self, page: str, answer: str) -> str:
        """Answer the bank on the 3-D Secure page."""
        return self._sent(f"{page}/3ds", {"answer": answer})

    def control(self, **wanted: Any) -> dict[str, Any]:
        """Turn its switches, or ask how they stand."""
        answer = self.client.post("/control", json=wanted) if wanted else self.client.get("/control")
        return answer.json()

    def dispute(self, charge: str) -> None:
        """A cardholder's bank asks for the money back."""
        self.client.post("/control/dispute", json={"charge": charge})

    def resend(self) -> None:
        """Tell everything once more."""
        self.client.post("/control/resend", json={})

    def quiet(self) -> None:
        """Wait until it has told everything."""
        until(lambda: self.control()["waiting"] == 0, within_s=20, what="events are still on their way")

    def _sent(self, page: str, given: dict[str, str]) -> str:
        answer = self.client.post(urlsplit(page).path, data=given)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]


@contextmanager
def stand_in(port: int, *, webhook: str | None = None) -> Iterator[StandIn]:
    """Run it for as long as the block lasts."""
    command = [sys.executable, "-m", "fakes.stripe", "--port", str(port)]
    process = subprocess.Popen(
        [*command, *(["--webhook", webhook] if webhook else [])],
        cwd=ROOT,
        env=os.environ | {"STRIPE_WEBHOOK_SECRET": SECRET},
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, timeout=10) as client:
            until(lambda: _answers(client), within_s=20, what="the stand-in does not answer")
            yield StandIn(url, client)
    finally:
        process.terminate()
        process.wait(timeout=10)


def environment(port: int) -> dict[str, str]:
    """What a server and its worker need to speak to it, as they would to Stripe."""
    return {"STRIPE_SECRET_KEY": KEY, "STRIPE_WEBHOOK_SECRET": SECRET, "STRIPE_API_URL": f"http://127.0.0.1:{port}"}


def signed(body: bytes, *, secret: str = SECRET, at: int | None = None) -> dict[str, str]:
    """The header of a call, as Stripe signs it."""
    moment = at or int(time.time())
    made = hmac.new(secret.encode(), f"{moment}.".encode() + body, sha256).hexdigest()
    return {"stripe-signature": f"t={moment},v1={made}", "content-type": "application/json"}


def page_id(url: str) -> str:
    """The session a page belongs to."""
    found = re.search(r"/pay/(\w+)", url)
    assert found is not None, url
    return found[1]


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/control").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
