"""`make dev`: the product with the small demo chain, and both web apps served by vite, which reloads as you type.

Vite passes what is not its own to the API. Ctrl-C stops all of it.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("pos", "office", "shop")


def main() -> None:
    """Start everything and wait; whichever ends first ends the others."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    placket = [str(ROOT / ".venv" / "bin" / "placket"), "up", *sys.argv[1:]]
    api = f"http://127.0.0.1:{os.environ.get('PORT', '8080')}"
    vite = {name: value for name, value in os.environ.items() if name != "PORT"} | {"PLACKET_API": api}
    commands = [(placket, ROOT, None), *((["npm", "run", f"dev:{app}"], ROOT / "web", vite) for app in APPS)]
    # Groups of their own: npm passes no signal on to the vite it has started.
    children = [
        subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True)
        for command, folder, environment in commands
    ]
    try:
        os.wait()
    finally:
        for child in (child for child in children if child.poll() is None):
            os.killpg(child.pid, signal.SIGTERM)
        for child in children:
            child.wait(timeout=30)


if __name__ == "__main__":
    main()
