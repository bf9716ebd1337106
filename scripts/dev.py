"""`make dev`: the product with the small demo chain, and both web apps served by vite, which reloads as you type.

Vite passes what is not its own to the API. Ctrl-C stops all of it.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("pos", "office")


def main() -> None:
    """Start everything and wait; whichever ends first ends the others."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    placket = [str(ROOT / ".venv" / "bin" / "placket"), "up", *sys.argv[1:]]
    children = [subprocess.Popen(placket, cwd=ROOT)]
    children += [subprocess.Popen(["npm", "run", f"dev:{app}", "--silent"], cwd=ROOT / "web") for app in APPS]
    try:
        os.wait()
    except KeyboardInterrupt:
        pass
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(timeout=30)


if __name__ == "__main__":
    main()
