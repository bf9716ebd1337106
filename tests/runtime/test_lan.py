"""The network of a shop: the till over the house's own HTTPS, at an address of this machine, in a real browser.

The browser trusts the certificate by the hash of its key, as it would by the installed authority: which test machines have
no tool to install.
"""

import base64
import hashlib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import sync_playwright

from builders import PASSWORD, a_person
from journeys.stage import FLAGS, executable
from placket.core import authority
from served import own_database
from serving import Process, free_port

STREAM = """async () => {
    const socket = new WebSocket(`wss://${location.host}/ws`)
    return await new Promise((done) => { socket.onclose = (event) => done(event.code); socket.onerror = () => done(0) })
}"""


@contextmanager
def served_at(address: str, home: Path, database_url: str) -> Iterator[str]:
    """An API that serves the network, and its address there."""
    port = free_port()
    url, trusted = f"https://{address}:{port}", home / "https" / "ca.pem"

    def can_sell(_api: Process) -> bool:
        if not trusted.exists():
            return False
        try:
            return httpx.get(f"{url}/ready", verify=ssl.create_default_context(cafile=str(trusted))).is_success
        except httpx.TransportError:
            return False

    given = {"DATABASE_URL": database_url, "HOST": "0.0.0.0", "PORT": str(port), "PLACKET_VAR": str(home)}  # noqa: S104
    api = Process("api", given, can_sell)
    api.start()
    yield url
    api.stop()
    api.log.unlink()


def pin(pem: Path) -> str:
    """The hash of a certificate's key, as Chromium takes it."""
    key = x509.load_pem_x509_certificate(pem.read_bytes()).public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


def test_a_till_on_the_network_is_secure_installs_itself_and_keeps_its_cookies_to_https(tmp_path: Path) -> None:
    (address,) = [found for found in authority.addresses() if ":" not in found][:1] or ["127.0.0.1"]
    home = tmp_path / "house"
    with own_database("lan") as database, served_at(address, home, database.url) as url:
        trusted = ssl.create_default_context(cafile=str(home / "https" / "ca.pem"))
        with database.transaction() as tx:
            a_person(tx, "owner", email="chu@lua.vn", password=PASSWORD)
        body = {"email": "chu@lua.vn", "password": PASSWORD}
        signed_in = httpx.post(f"{url}/api/auth/sign-in", json=body, headers={"x-placket": "1"}, verify=trusted)
        assert "secure" in signed_in.headers["set-cookie"].lower()
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"{url}/ready")
        flags = [*FLAGS, f"--ignore-certificate-errors-spki-list={pin(home / 'https' / 'server.pem')}"]
        with sync_playwright() as playwright:
            context = playwright.chromium.launch_persistent_context(
                str(tmp_path / "profile"), executable_path=executable(), args=flags, headless=True
            )
            page = context.new_page()
            page.goto(f"{url}/pos/")
            assert page.evaluate("isSecureContext && 'locks' in navigator && 'mediaDevices' in navigator")
            assert (
                page.evaluate("navigator.serviceWorker.ready.then(({ active }) => active.scriptURL)") == f"{url}/pos/sw.js"
            )
            assert (
                page.evaluate(STREAM) != 1006
            )  # the socket was shaken hands with over TLS, then turned away without a ticket
            context.close()
