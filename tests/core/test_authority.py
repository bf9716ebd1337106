"""The house's own authority: made once, trusted by a real handshake, signed anew when addresses change, harmless outside."""

import socket
import ssl
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import httpx
import pytest
from cryptography import x509

from placket.commands import trust
from placket.core import authority

NOW = datetime.now(UTC)


@contextmanager
def answering(pem: Path) -> Iterator[int]:
    """A server that shakes hands with this certificate, on a port of this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(line, server_side=True) as secure:
                        secure.sendall(b"hello")
                except (ssl.SSLError, OSError):
                    line.close()

        Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def hello(port: int, name: str, trusted: Path) -> bytes:
    """What a device that trusts the authority hears from a server called by this name."""
    context = ssl.create_default_context(cafile=str(trusted))
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as line,
        context.wrap_socket(line, server_hostname=name) as secure,
    ):
        return secure.recv(5)


def test_a_device_that_trusts_the_authority_trusts_every_address_of_the_house(tmp_path: Path) -> None:
    pem = authority.certificate_for(tmp_path, ["localhost", "127.0.0.1", "192.168.1.10", "may-chu.local"], now=NOW)
    with answering(pem) as port:
        for name in ("localhost", "127.0.0.1", "192.168.1.10", "may-chu.local"):
            assert hello(port, name, tmp_path / "ca.pem") == b"hello"
        with pytest.raises(ssl.SSLCertVerificationError):
            hello(port, "192.168.1.11", tmp_path / "ca.pem")


def test_the_authority_can_sign_no_name_of_the_internet(tmp_path: Path) -> None:
    pem = authority.certificate_for(tmp_path, ["bank.example.com"], now=NOW)
    with answering(pem) as port, pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        hello(port, "bank.example.com", tmp_path / "ca.pem")


def test_another_house_is_not_trusted(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    authority.authority(theirs, now=NOW)
    pem = authority.certificate_for(ours, ["localhost"], now=NOW)
    with answering(pem) as port, pytest.raises(ssl.SSLCertVerificationError):
        hello(port, "localhost", theirs / "ca.pem")


def test_it_is_made_once_and_signs_anew_only_when_it_must(tmp_path: Path) -> None:
    first = authority.certificate_for(tmp_path, ["localhost", "192.168.1.10"], now=NOW).read_bytes()
    made = (tmp_path / "ca.pem").read_bytes()
    assert authority.certificate_for(tmp_path, ["localhost", "192.168.1.10"], now=NOW).read_bytes() == first
    moved = authority.certificate_for(tmp_path, ["localhost", "192.168.1.77"], now=NOW).read_bytes()
    assert moved != first
    late = NOW + authority.CERTIFICATE_LASTS - timedelta(days=10)
    renewed = x509.load_pem_x509_certificate(
        authority.certificate_for(tmp_path, ["localhost", "192.168.1.77"], now=late).read_bytes()
    )
    assert renewed.not_valid_after_utc > late + timedelta(days=300)
    assert (tmp_path / "ca.pem").read_bytes() == made
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ca.key", "server.pem")] == [0o600, 0o600]


def test_the_page_hands_out_the_authority_and_nothing_secret(tmp_path: Path) -> None:
    authority.authority(tmp_path, now=NOW)
    with trust.serve_page(tmp_path, "127.0.0.1", 0, 8080) as page:
        Thread(target=page.serve_forever, daemon=True).start()
        with httpx.Client(base_url=f"http://127.0.0.1:{page.server_address[1]}") as device:
            shown = device.get("/").text
            assert "Tải chứng chỉ" in shown
            assert "https://127.0.0.1:8080/pos/" in shown
            assert authority.fingerprint(tmp_path) in shown
            assert device.get("/placket-ca.crt").content == authority.der(tmp_path)
            assert (
                authority.der(tmp_path)
                in trust.plistlib.loads(device.get("/placket.mobileconfig").content)["PayloadContent"][0].values()
            )
            for path in ("/ca.key", "/server.pem", "/../ca.key", "/placket-ca.key"):
                assert device.get(path).status_code == 404
        page.shutdown()
