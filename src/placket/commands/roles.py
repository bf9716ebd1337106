"""Commands that run: everything under the supervisor, or one role alone."""

import os
import socket

from placket import supervisor
from placket.core import postgres
from placket.core.loading import loaded
from placket.core.settings import settings
from placket.core.trouble import Trouble
from placket.printing.code import code_in, grouped


def up(*, demo: str | None, counter: bool) -> None:
    """Run everything until Ctrl-C; over the network with the house's own HTTPS."""
    kept = settings()
    beside, notes = [], []
    if counter:
        bridge = ["printbridge", "--virtual", "--host", kept.host, "--port", str(kept.print_bridge_port)]
        scheme, home = "https" if kept.https else "http", kept.var / "printing"
        beside.append(bridge)
        notes.append(f"Print bridge: {scheme}://ADDRESS:{kept.print_bridge_port}, code {grouped(code_in(home))}")
    if kept.https:
        # By name: cryptography is loaded by those who need it.
        addresses = loaded("placket.core.authority:addresses")()
        beside.append(["trust"])
        notes += [f"Other devices: https://{address}:{kept.port}/pos/" for address in addresses if ":" not in address]
        notes += [f"  first, once a device: http://{address}:{kept.trust_port}/" for address in addresses[:1]]
    if demo is not None:
        # Next to our own port, for the API and the worker; a real company's tills never speak to it.
        port = free_port(kept.port + 10)
        os.environ.setdefault("DEMO_TERMINAL_URL", f"http://127.0.0.1:{port}")
        beside.append(["terminal-sim", "--port", str(port), "--demo"])
        notes.append(f"Card terminals: simulated at http://127.0.0.1:{port}/")
        port = free_port(kept.port + 11)
        os.environ.setdefault("DEMO_STRIPE_URL", f"http://127.0.0.1:{port}")
        beside.append(["stripe-sim", "--port", str(port), "--demo"])
        notes.append(f"Cards online: simulated at http://127.0.0.1:{port}/")
        port = free_port(kept.port + 12)
        os.environ.setdefault("DEMO_CARRIER_URL", f"http://127.0.0.1:{port}")
        beside.append(["carrier-sim", "--port", str(port), "--demo"])
        notes.append(f"Parcels: a carrier is simulated at http://127.0.0.1:{port}/")
    supervisor.run(["migrate"] if demo is None else ["demo", "--size", demo, "--continue"], beside=beside, notes=notes)


def free_port(wanted: int) -> int:
    """The port that is wanted, or another one that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    raise Trouble("No port is free on this machine.")


def api(*, fd: int | None = None, after: int | None = None) -> None:
    """Run the API, on its own port or on a socket that the supervisor holds."""
    # By name: the supervisor shares this module and must not carry the shop's code.
    serve = loaded("placket.commands.serve:serve")
    if after is not None:
        os.read(after, 1)
        os.close(after)
    if fd is not None:
        with socket.socket(fileno=fd) as listener:
            serve(settings().database_url, listener)
        return
    with postgres.reached() as url, supervisor.listening(settings().host, settings().port) as listener:
        serve(url, listener)


def realtime() -> None:
    """Run the same program as a node of its own: a proxy sends it ``/ws`` only."""
    api()


def worker() -> None:
    """Run the jobs."""
    run = loaded("placket.worker:run")
    with postgres.reached() as url:
        run(url)
