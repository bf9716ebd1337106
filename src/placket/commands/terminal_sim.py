"""The command that runs the simulator of card terminals."""

import signal

from placket import identity
from placket.core import postgres
from placket.core.db import Database
from placket.core.settings import settings
from placket.payments import simulator


def terminal_sim(*, port: int, wait_ms: int, demo: bool) -> None:
    """Run it on this machine until Ctrl-C; what it charged stays in a file. With ``demo`` it idles beside a real company."""
    if demo:
        with postgres.reached() as url:
            database = Database(url, pool_size=1)
            with database.transaction() as tx:
                company = identity.company(tx)
            database.dispose()
        if company is None or company.demo_seed is None:
            signal.pause()
            return
    print(f"  placket: card terminals are simulated at http://127.0.0.1:{port}/", flush=True)
    simulator.serve(port, settings().var / "terminal-sim.sqlite3", wait_s=wait_ms / 1000)
