"""Everything a tool can check, in one run: every step is tried, and the failed ones say why.

    .venv/bin/python scripts/check.py

The front end's steps run beside the Python ones, so that two cores are busy.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
WEB = ROOT / "web"


@dataclass(frozen=True)
class Step:
    """A check: what it proves, and the command that proves it."""

    proves: str
    command: Sequence[str]
    folder: Path = ROOT


PYTHON = (
    Step("lint", [str(BIN / "ruff"), "check", "--quiet", "."]),
    Step("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    Step("types", [str(BIN / "mypy"), "--no-error-summary"]),
    Step("directions of imports", [str(BIN / "lint-imports"), "--no-cache"]),
    Step(
        "front doors, lengths, documents, lock files",
        [str(BIN / "python"), "-m", "pytest", "-q", "--noconftest", "tests/test_architecture.py", "tests/test_docs.py"],
    ),
    Step("API contract", [str(BIN / "placket"), "openapi", "--check"]),
)
FRONT_END = (
    Step("web: lint", ["npm", "run", "lint", "--silent"], WEB),
    Step("web: types", ["npm", "run", "typecheck", "--silent"], WEB),
    Step("web: typed client", ["npm", "run", "types:check", "--silent"], WEB),
)


def main() -> None:
    """Run both chains; leave with 1 if a step failed."""
    with ThreadPoolExecutor(2) as pool:
        failed = [name for names in pool.map(run, (PYTHON, FRONT_END)) for name in names]
    if failed:
        sys.exit(f"placket: make check failed at: {', '.join(failed)}")


def run(chain: Sequence[Step]) -> list[str]:
    """Run the steps of a chain one after the other; the names of those that failed."""
    failed = []
    for step in chain:
        began = time.monotonic()
        done = subprocess.run(step.command, cwd=step.folder, capture_output=True, text=True, check=False)
        verdict = "FAILED" if done.returncode else "ok"
        print(f"  check: {step.proves:<44} {verdict:<6} {time.monotonic() - began:5.1f} s", flush=True)
        if done.returncode:
            failed.append(step.proves)
            print(done.stdout + done.stderr, flush=True)
    return failed


if __name__ == "__main__":
    main()
