"""The command that runs the simulator of a carrier."""

import signal

from placket import identity
from placket.carriers import provider, simulator
from placket.core import postgres
from placket.core.db import Database
from placket.core.settings import settings


def carrier_sim(*, port: int, pace_s: int, demo: bool) -> None:
    """Run it on this machine until Ctrl-C; its parcels stay in a file. With ``demo`` it idles beside a real company."""
    if demo:
        with postgres.reached() as url:
            database = Database(url, pool_size=1)
            with database.transaction() as tx:
                company = identity.company(tx)
            database.dispose()
        if company is None or company.demo_seed is None:
            signal.pause()
            return
    own = settings()
    trusted = own.var / "https" / "ca.pem"
    depot = simulator.Depot(
        own.var / "carrier-sim.sqlite3",
        hook=f"{'https' if own.https else 'http'}://127.0.0.1:{own.port}/api/hooks/carrier",
        secret=own.carrier_secret or provider.SIMULATOR_SECRET,
        pace_s=pace_s or None,
        trusted=trusted if own.https and trusted.exists() else None,
    )
    with simulator.serving(port, depot) as address:
        print(f"  placket: a carrier is simulated at {address}/", flush=True)
        signal.pause()
