"""The command that runs the stand-in for Stripe: a program of its own beside the product (``fakes/stripe``)."""

import os
import runpy
import signal
import sys

from placket import identity
from placket.core import postgres
from placket.core.db import Database
from placket.core.settings import ROOT, settings


def stripe_sim(*, port: int, demo: bool) -> None:
    """Run it on this machine until Ctrl-C; what it knows stays in a file. With ``demo`` it idles beside a real company."""
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
    hook = f"{'https' if own.https else 'http'}://127.0.0.1:{own.port}/api/hooks/stripe"
    trusted = own.var / "https" / "ca.pem"
    if own.https and trusted.exists():
        os.environ["SSL_CERT_FILE"] = str(trusted)
    # Not one of our packages: it stands beside them, as what it imitates stands beside the product.
    sys.path.insert(0, str(ROOT))
    sys.argv = ["fakes.stripe", "--port", str(port), "--webhook", hook, "--file", str(own.var / "stripe-sim.json")]
    runpy.run_module("fakes.stripe", run_name="__main__")
