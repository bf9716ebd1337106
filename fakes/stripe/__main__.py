"""``python -m fakes.stripe``: run the stand-in."""

import argparse
import os
from pathlib import Path

from .server import serve


def main() -> None:
    """Read what is asked for, and run."""
    parser = argparse.ArgumentParser(prog="fakes.stripe", description=__doc__)
    parser.add_argument("--port", type=int, default=8091, help="where it answers")
    parser.add_argument("--webhook", help="where its events go, such as http://127.0.0.1:8080/api/hooks/stripe")
    parser.add_argument("--file", type=Path, help="where it keeps what it knows")
    asked = parser.parse_args()
    secret = os.environ.get("STRIPE_WEBHOOK_SECRET", "whsec_simulator")
    print(f"  placket: card payments are simulated at http://127.0.0.1:{asked.port}/", flush=True)
    serve(asked.port, path=asked.file, webhook=asked.webhook, secret=secret)


if __name__ == "__main__":
    main()
