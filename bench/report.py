"""What a benchmark says: one JSON line, printed last and appended to bench/results.jsonl."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import msgspec

RESULTS = Path(__file__).parent / "results.jsonl"


class Result(msgspec.Struct, kw_only=True):
    """The outcome; ``floor`` and ``ratio`` are none where raw SQL has no counterpart.

    ``promotions`` is how many live ones a checkout's carts were held against.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    target: str
    ok: bool
    promotions: int | None = None
    machine: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """Repeated measurements of one thing."""

    values: Sequence[float]

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.values)

    def __str__(self) -> str:
        """The median with the least and the greatest."""
        return f"{self.middle:,.2f} (min {min(self.values):,.2f}, max {max(self.values):,.2f}, {len(self.values)} runs)"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def say(sentence: str) -> None:
    """A line of progress."""
    print(f"  {sentence}", flush=True)


def publish(result: Result) -> None:
    """Print the line and keep it."""
    result.machine = machine()
    line = msgspec.json.encode(result).decode()
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    print(line, flush=True)


def machine() -> str:
    """The processor, its cores and the memory, as far as the system tells."""
    described = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next((line.split(":", 1)[1].strip() for line in described.splitlines() if line.startswith("model name")), "")
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model or platform.processor()}, {os.cpu_count()} cores, {memory_gb:.0f} GB, Python {platform.python_version()}"
