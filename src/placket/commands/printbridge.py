"""``placket printbridge``: the program on the counter between the tills and the receipt printer."""

import ssl
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from placket.core import authority, clock
from placket.core.settings import LOOPBACK, settings
from placket.core.trouble import Trouble
from placket.printing.asking import Asker, caller
from placket.printing.bridge import Bridge
from placket.printing.code import code_in, grouped
from placket.printing.copies import Copies
from placket.printing.desk import Desk
from placket.printing.printer import printer_at
from placket.printing.spool import Spool
from placket.printing.virtual import VirtualPrinter


def printbridge(
    *,
    printer: str | None,
    virtual: bool,
    host: str,
    port: int,
    origin: Sequence[str] | None,
    folder: Path | None,
    certificate: Path | None,
    server: str | None,
    key: str | None,
    trust: Path | None,
) -> None:
    """Serve tills until Ctrl-C, and print what the office sends if a server is named."""
    home = settings().var / "printing" if folder is None else folder
    token = code_in(home)
    if virtual:
        stand_in = VirtualPrinter(into=home / "paper")
        printer = f"127.0.0.1:{stand_in.port}"
    if printer is None:
        raise Trouble("Name the printer: placket printbridge --printer 192.168.1.50 (or /dev/usb/lp0, or --virtual).")
    if (server is None) != (key is None):
        raise Trouble("A server and the bridge's key there go together: placket bridge-key BRANCH makes one.")
    if certificate is None and host not in LOOPBACK:
        certificate = own_certificate()
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
    asker = None
    if server is not None and key is not None:
        asker = Asker(spool=spool, desk=desk, call=caller(server, key, trust))
        asker.start()
    try:
        serve(bridge, host=host, port=port, origins=origin or own_origins(), certificate=certificate)
    finally:
        if asker is not None:
            asker.stop()
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
    names = [*LOOPBACK[:2], *authority.own_names()] if settings().https else LOOPBACK[:2]
    hosts = [f"[{name}]" if ":" in name else name for name in dict.fromkeys(names)]
    return [f"{scheme}://{host}:{settings().port}" for scheme in ("http", "https") for host in hosts]


def own_certificate() -> Path:
    """The certificate of this machine, if the house's authority lives on it. Raises Trouble."""
    folder = settings().var / "https"
    if not (folder / "ca.key").exists():
        raise Trouble("On the network the bridge needs a certificate: --certificate FILE; see docs/lan.md.")
    return authority.certificate_for(folder, authority.own_names(), now=clock.now())
