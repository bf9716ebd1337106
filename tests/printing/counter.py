"""A counter: a virtual printer, and the bridge in front of it as tills see it."""

import base64
import socket
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import uvicorn

from placket.printing.bridge import Bridge
from placket.printing.copies import Copies
from placket.printing.desk import Desk
from placket.printing.printer import NetworkPrinter, Printer
from placket.printing.spool import Spool
from placket.printing.virtual import VirtualPrinter

ORIGIN = "https://till.example:8080"
START_S = 30
TOKEN = "123456789012"


@dataclass
class Counter:
    """What stands on a counter."""

    printer: VirtualPrinter
    desk: Desk
    client: httpx.Client
    server: uvicorn.Server
    thread: Thread

    def close(self) -> None:
        """Put the bridge out."""
        self.client.close()
        self.server.should_exit = True
        self.thread.join()
        self.desk.stop()

    def print(self, *, job_id: str | None = None, rows: int = 300, drawer: bool = False, copies: int = 1) -> Any:
        """Ask for a picture whose rows are told apart."""
        body = {
            "id": job_id or str(uuid.uuid4()),
            "kind": "receipt",
            "copies": copies,
            "cut": True,
            "drawer": drawer,
            "raster": {"width": 576, "height": rows, "bits": base64.b64encode(picture(rows)).decode()},
        }
        return self.client.post("/jobs", json=body)


def picture(rows: int) -> bytes:
    """Dots in which every row differs from its neighbours."""
    return b"".join((row * 2_654_435_761 % 2**32).to_bytes(4, "big") * 18 for row in range(1, rows + 1))


def a_counter(
    folder: Path, printer: VirtualPrinter, *, through: Printer | None = None, port: int = 0, origin: str = ORIGIN
) -> Counter:
    """A bridge on a folder, in front of a printer."""
    spool = Spool(folder / "spool")
    desk = Desk(spool, through or NetworkPrinter("127.0.0.1", printer.port), retry_s=0.05)
    desk.start()
    bridge = Bridge(spool=spool, desk=desk, copies=Copies(folder / "copies"), token=TOKEN, printer="virtual")
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(bridge.app([origin]), log_config=None, access_log=False))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_S
    while not server.started:
        assert time.monotonic() < deadline, "the bridge does not start"
        time.sleep(0.005)
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", headers={"authorization": f"Bearer {TOKEN}"}
    )
    return Counter(printer, desk, client, server, thread)
