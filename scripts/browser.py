"""Finds a Chromium for the browser tests, or fetches one, and prints where it is.

In this order: $CHROME, one on the PATH, as root the distribution's package, else a build for servers from npm.

    python3 scripts/browser.py
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chromium-headless-shell")
PACKAGES = ("chromium-headless-shell", "chromium")
HOME = ROOT / "var" / "browser"
LOCKED = ROOT / "scripts" / "browser"
# Unpacks the browser and its libraries, and says where; the variable asks for the libraries too.
UNPACK = """
process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs20.x'
const { default: chromium } = await import('@sparticuz/chromium')
const path = await chromium.executablePath()
console.log(JSON.stringify({ path, libraries: process.env.LD_LIBRARY_PATH ?? '' }))
"""


def main() -> None:
    """Print the path of a browser, fetching one if there is none."""
    found = given() or on_path() or fetched() or from_packages() or from_npm()
    if found is None:
        sys.exit("placket: no Chromium was found or could be fetched; install one and set CHROME to its path.")
    print(found)


def given() -> str | None:
    """The one the user names."""
    named = os.environ.get("CHROME")
    if named and shutil.which(named) is None:
        sys.exit(f"placket: CHROME is {named}, and there is no program of that name.")
    return named or None


def on_path() -> str | None:
    """The one that is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def fetched() -> str | None:
    """The one that was fetched before."""
    wrapper = HOME / "chromium.sh"
    return str(wrapper) if wrapper.exists() else None


def from_packages() -> str | None:
    """As root on Debian or Ubuntu: the distribution's own."""
    if os.geteuid() or shutil.which("apt-get") is None:
        return None
    say("Chromium (system package)")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, stdout=sys.stderr, check=False)
    for package in PACKAGES:
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
        if subprocess.run(command, env=environment, stdout=sys.stderr, check=False).returncode == 0 and (path := on_path()):
            return path
    return None


def from_npm() -> str | None:
    """A build that brings its libraries along, for machines where nothing can be installed."""
    say("Chromium (npm)")
    HOME.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCKED / name, HOME / name)
    (HOME / "unpack.mjs").write_text(UNPACK, encoding="utf-8")
    environment = os.environ | {"TMPDIR": str(HOME)}
    install = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(install, cwd=HOME, stdout=sys.stderr, check=False).returncode:
        return None
    done = subprocess.run(["node", "unpack.mjs"], cwd=HOME, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return None
    return wrap(done.stdout)


def wrap(answer: str) -> str:
    """A script that starts the unpacked browser with its own libraries."""
    where = json.loads(answer)
    wrapper = HOME / "chromium.sh"
    wrapper.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH="{where["libraries"]}" exec "{where["path"]}" "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    return str(wrapper)


def say(what: str) -> None:
    """One line of progress, beside the answer on stdout."""
    print(f"  set-up: {what} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
