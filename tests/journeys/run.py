"""Runs one acceptance journey: a fresh server with the small demo chain, a real browser, some rounds.

    python tests/journeys/run.py 1 --rounds 3

Pictures and traces (``playwright show-trace``) are left in ``var/journeys/N``. A step that a later version brings fails
with a sentence that names its issue.
"""

import argparse
import importlib.util
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Error as BrowserError

from placket.core.settings import ROOT

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from messages.inbox import an_inbox  # noqa: E402 - found beside this folder
from stage import Failed, Figure, Stage, chromium, median, serving  # noqa: E402 - found beside this file

# Journeys that look back on years play on the chain that has them; the others on thirty days of it.
YEARS = {23, 24}
# Journeys with mail have a mail server of their own; in the others mails are written into the server's folder.
MAILED = {24}
# Which issue brings the last step that a journey needs.
BROUGHT_BY = {
    2: [1],
    3: [2, 4, 5, 19, 20, 21, 25],
    4: [9, 10, 11, 12, 13, 16, 17, 22],
    5: [3, 6, 7, 8, 18],
    6: [14, 15, 23, 24],
}
ISSUE_OF = {number: issue for issue, numbers in BROUGHT_BY.items() for number in numbers}


def main() -> None:
    """Play the journey; leave with 1 and a sentence if a round fails."""
    parser = argparse.ArgumentParser(description="Run one acceptance journey.")
    parser.add_argument("number", type=int, choices=sorted(ISSUE_OF), metavar="N")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    journey = load(chosen.number)
    out = ROOT / "var" / "journeys" / str(chosen.number)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    figures: dict[str, Figure] = {}
    size = "chain" if chosen.number in YEARS else "small"
    print(f"  journey {chosen.number}: starting a server with the demo chain ({size}) …", flush=True)
    try:
        with (
            an_inbox() as inbox,
            serving(out / "server", size, **({"SMTP_URL": inbox.url} if chosen.number in MAILED else {})) as server,
            chromium() as (_, browser),
        ):
            for number in range(1, chosen.rounds + 1):
                began = time.monotonic()
                play(journey, Stage(server, browser, out, number, figures, inbox))
                print(f"  round {number} of {chosen.rounds}: right, {time.monotonic() - began:.1f} s", flush=True)
    except (Failed, BrowserError, AssertionError) as failure:
        report(figures)
        sys.exit(f"journey {chosen.number} failed: {failure}\nPictures and traces are in {out}.")
    if not report(figures):
        sys.exit(f"journey {chosen.number} failed: a figure is above its limit.")
    print(f"  journey {chosen.number} is right, {chosen.rounds} rounds; pictures and traces are in {out}.")


def load(number: int) -> Callable[[Stage], None]:
    """The function of the journey, or a sentence that says which issue brings it."""
    path = HERE / f"journey_{number:02d}.py"
    if not path.exists():
        sys.exit(f"journey {number} failed: its steps come with issue {ISSUE_OF[number]}.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    run: Callable[[Stage], None] = module.run
    return run


def play(journey: Callable[[Stage], None], stage: Stage) -> None:
    """One round; whatever happens, its traces are kept."""
    try:
        journey(stage)
    except (Failed, BrowserError, AssertionError):
        for name, context in stage.contexts.items():
            for page in context.pages:
                stage.shot(page, f"{name}-at-failure")
            context.tracing.stop(path=stage.out / f"{stage.round}-{name}.zip")
        raise
    stage.close()


def report(figures: dict[str, Figure]) -> bool:
    """Print the figures; whether all are within their limits."""
    right = True
    for name, figure in figures.items():
        worst = max(figure.values)
        within = figure.limit is None or worst <= figure.limit
        right &= within
        limit = "" if figure.limit is None else f"   limit {figure.limit:g}   {'ok' if within else 'TOO SLOW'}"
        middle = median(figure.values)
        print(f"  {name}: {middle:.0f} {figure.unit} (from {min(figure.values):.0f} to {worst:.0f}){limit}")
    return right


if __name__ == "__main__":
    main()
