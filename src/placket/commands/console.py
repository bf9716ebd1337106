"""Lines for the person at the terminal."""

import sys


def say(what: str) -> None:
    """A line that stays."""
    print(f"{_clear()}  placket: {what}", flush=True)


def progress(what: str) -> None:
    """How far a long step has come: on a terminal each takes the place of the last."""
    if sys.stdout.isatty():
        print(f"{_clear()}  placket: {what}", end="", flush=True)
    else:
        print(f"  placket: {what}", flush=True)


def _clear() -> str:
    return "\r\x1b[K" if sys.stdout.isatty() else ""
