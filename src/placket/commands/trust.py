"""``placket trust``: a plain page that helps a shop's devices to trust its own HTTPS; ``placket certificate`` for a bridge.

It speaks HTTP, because a device comes here before it trusts anything, and it tells nothing but the authority's public half.
"""

import plistlib
import uuid
from collections.abc import Sequence
from functools import partial
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from socketserver import BaseServer
from typing import Final

from placket.core import authority, clock
from placket.core.settings import settings

STYLE: Final = (
    ":root{color-scheme:light dark;font:17px/1.55 system-ui,sans-serif}body{max-width:42rem;margin:2rem auto;padding:0 1rem}"
    "h1,h2{font-family:Georgia,serif;line-height:1.2}a.go{display:inline-block;padding:.8rem 1.4rem;border-radius:.4rem;"
    "background:#0e5a4f;color:#fff;text-decoration:none;font-weight:600;margin:.2rem .4rem .2rem 0}"
    "code{word-break:break-all;font-size:.9em}li{margin:.35rem 0}summary{cursor:pointer;font-weight:600;padding:.5rem 0}"
)
STEPS: Final = {
    "Windows": (
        (
            "Tải chứng chỉ, mở tệp, chọn Cài đặt chứng chỉ, Máy cục bộ, rồi đặt vào “Trusted Root Certification "
            "Authorities”. Mở lại trình duyệt."
        ),
        (
            "Download the certificate, open it, choose Install, Local Machine, and place it in “Trusted Root Certification "
            "Authorities”. Restart the browser."
        ),
    ),
    "macOS": (
        "Tải chứng chỉ, mở trong Keychain Access (System), bấm đúp, mục Trust chọn Always Trust.",
        "Download the certificate, open it in Keychain Access (System), double-click it and set Trust to Always Trust.",
    ),
    "iPhone, iPad": (
        (
            "Tải hồ sơ iOS bằng Safari. Cài đặt, Đã tải về hồ sơ, Cài đặt. Sau đó Cài đặt chung, Giới thiệu, "
            "Cài đặt tin cậy chứng chỉ, bật Placket."
        ),
        (
            "Download the iOS profile with Safari. Settings, Profile Downloaded, Install. Then General, About, Certificate "
            "Trust Settings, switch Placket on."
        ),
    ),
    "Android": (
        "Tải chứng chỉ. Cài đặt, Bảo mật, Mã hóa và thông tin xác thực, Cài đặt chứng chỉ, Chứng chỉ CA, chọn tệp vừa tải.",
        (
            "Download the certificate. Settings, Security, Encryption & credentials, Install a certificate, CA certificate, "
            "choose the file."
        ),
    ),
}


def trust() -> None:
    """Serve the page until SIGTERM."""
    folder = settings().var / "https"
    authority.authority(folder, now=clock.now())
    serve_page(folder, settings().host, settings().trust_port, settings().port).serve_forever()


def certificate(*, names: Sequence[str], into: Path) -> None:
    """Write a certificate with its key for another machine of the shop, such as a counter's print bridge."""
    signer = authority.authority(settings().var / "https", now=clock.now())
    into.touch(mode=0o600)
    into.write_bytes(authority.signed(signer, names, now=clock.now()))
    print(f"  placket: {into} is a certificate for {', '.join(names)}. It holds a secret key: delete it once it is there.")


def serve_page(folder: Path, host: str, port: int, https_port: int) -> ThreadingHTTPServer:
    """The page on a port, not yet served."""
    return ThreadingHTTPServer((host, port), partial(_Page, folder, https_port))


class _Page(BaseHTTPRequestHandler):
    server_version = "Placket"
    sys_version = ""

    def __init__(
        self, folder: Path, https_port: int, request: socket, client_address: tuple[str, int], server: BaseServer
    ) -> None:
        self._folder = folder
        self._https_port = https_port
        super().__init__(request, client_address, server)

    def do_GET(self) -> None:
        files = {
            "/placket-ca.crt": ("application/x-x509-ca-cert", authority.der),
            "/placket-ca.pem": ("application/x-pem-file", lambda folder: (folder / "ca.pem").read_bytes()),
            "/placket.mobileconfig": ("application/x-apple-aspen-config", profile),
            "/": ("text/html; charset=utf-8", self._page),
        }
        found = files.get(self.path.partition("?")[0])
        if found is None:
            self.send_error(404)
            return
        kind, content = found[0], found[1](self._folder)
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.send_header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
        if not kind.startswith("text/"):
            self.send_header("content-disposition", f'attachment; filename="{self.path.lstrip("/")}"')
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        """Who installs a certificate is nobody's business."""

    def _page(self, folder: Path) -> bytes:
        host = (self.headers.get("host") or "localhost").rsplit(":", 1)[0]
        till = f"https://{host}:{self._https_port}/pos/"
        steps = "".join(
            f"<details><summary>{system}</summary><p>{escape(vi)}<p lang=en><small>{escape(en)}</small></details>"
            for system, (vi, en) in STEPS.items()
        )
        return (
            f'<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>Placket</title><style>{STYLE}</style><h1>Đưa máy này vào mạng cửa hàng</h1>"
            "<p>Làm một lần trên mỗi máy: cài chứng chỉ của cửa hàng, rồi mở máy bán hàng."
            "<p lang=en><small>Once on each device: install the shop's certificate, then open the till.</small>"
            '<p><a class="go" href="/placket-ca.crt">1. Tải chứng chỉ</a>'
            '<a class="go" href="/placket.mobileconfig">1. Hồ sơ iOS</a>'
            f'<a class="go" href="{escape(till)}">2. Mở máy bán hàng</a>{steps}'
            f"<h2>Kiểm tra</h2><p>Dấu vân tay SHA-256 phải giống trên màn hình máy chủ:<br><code>"
            f"{authority.fingerprint(folder)}</code><p><small>Chứng chỉ này chỉ ký được tên trong mạng nội bộ, không ký "
            "được tên miền Internet nào. <span lang=en>It can sign names of the local network only.</span></small>"
        ).encode()


def profile(folder: Path) -> bytes:
    """A configuration profile as iOS installs it."""
    fixed = uuid.uuid5(uuid.NAMESPACE_OID, authority.fingerprint(folder))
    content = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"placket.ca.{fixed}",
        "PayloadUUID": str(fixed),
        "PayloadDisplayName": "Placket",
        "PayloadContent": authority.der(folder),
    }
    outer = uuid.uuid5(fixed, "profile")
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"placket.{outer}",
            "PayloadUUID": str(outer),
            "PayloadDisplayName": "Placket: chứng chỉ cửa hàng",
            "PayloadContent": [content],
        }
    )
