"""``placket printbridge``: the program on the counter between the tills and the receipt printer."""

import json
import secrets
import ssl
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from placket.core.settings import settings
from placket.core.trouble import Trouble
from placket.printing.bridge import Bridge
from placket.printing.copies import Copies
from placket.printing.desk import Desk
from placket.printing.printer import printer_at
from placket.printing.spool import Spool
from placket.printing.virtual import VirtualPrinter

LOOPBACK = ("127.0.0.1", "localhost", "::1")
TOKEN_DIGITS = 12


def printbridge(
    *,
    printer: str | None,
    virtual: bool,
    host: str,
    port: int,
    origin: Sequence[str] | None,
    folder: Path | None,
    certificate: Path | None,
) -> None:
    """Serve tills until Ctrl-C."""
    home = settings().var / "printing" if folder is None else folder
    token = token_in(home)
    if virtual:
        stand_in = VirtualPrinter(into=home / "paper")
        printer = f"127.0.0.1:{stand_in.port}"
    if printer is None:
        raise Trouble("Name the printer: placket printbridge --printer 192.168.1.50 (or /dev/usb/lp0, or --virtual).")
    if certificate is None and host not in LOOPBACK:
        raise Trouble("On the network the bridge needs a certificate: --certificate FILE.")
    spool, copies = Spool(home / "spool"), Copies(home / "copies")
    copies.prune()
    desk = Desk(spool, printer_at(printer))
    bridge = Bridge(spool=spool, desk=desk, copies=copies, token=token, printer=printer)
    scheme = "http" if certificate is None else "https"
    print(
        f"\n  placket: the print bridge answers at {scheme}://{host}:{port}\n"
        f"  Printer  {printer}{' (virtual; paper in ' + str(home / 'paper') + ')' if virtual else ''}\n"
        f"  Code     {grouped(token)}  (the till asks for it under Devices)\n",
        flush=True,
    )
    desk.start()
    try:
        serve(bridge, host=host, port=port, origins=origin or own_origins(), certificate=certificate)
    finally:
        desk.stop()


def serve(bridge: Bridge, *, host: str, port: int, origins: Sequence[str], certificate: Path | None) -> None:
    """Answer until SIGTERM."""
    config = uvicorn.Config(
        bridge.app(origins),
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        log_config=None,
        ssl_certfile=None if certificate is None else str(certificate),
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run()


def own_origins() -> list[str]:
    """The addresses of a Placket on this machine."""
    return [f"{scheme}://{host}:{settings().port}" for scheme in ("http", "https") for host in ("127.0.0.1", "localhost")]


def token_in(home: Path) -> str:
    """The code that tills of this counter know, made at the first start."""
    path = home / "bridge.json"
    if path.exists():
        return str(json.loads(path.read_text(encoding="utf-8"))["token"])
    home.mkdir(parents=True, exist_ok=True)
    token = f"{secrets.randbelow(10**TOKEN_DIGITS):0{TOKEN_DIGITS}d}"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"token": token}), encoding="utf-8")
    return token


def grouped(token: str) -> str:
    """Digits in fours, as people read them out."""
    return " ".join(token[at : at + 4] for at in range(0, len(token), 4))
