"""soak: a till that is scanned at for half an hour; it gets neither slower nor larger."""

import os
import time

from bench.device import Device, device
from bench.report import Result, percentile, say
from bench.till import SCAN_MS_MAX, scans

SCANS = int(os.environ.get("SOAK_SCANS", "2000"))
MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
WARM = 0.1
"""The share of the scans after which the memory is read first: by then everything has been used once."""
READINGS = 8
GROWTH_MAX = 0.10


def soak() -> Result:
    """2,000 scans in 30 minutes (``SOAK_SCANS``, ``SOAK_MINUTES``), a sale every ten; heap after a forced collection."""
    with device("soak") as till:
        k = till.k
        clock = _Clock(till)
        took_ms = scans(till, SCANS, clock.tick)
        minutes = (time.monotonic() - clock.began) / 60
    first, *later = clock.heaps_mb
    growth = max(later, default=first) / first - 1
    half = len(took_ms) // 2
    for name, part in (("first half", took_ms[:half]), ("second half", took_ms[half:])):
        say(f"{name}: p50 {percentile(part, 0.5):.1f} ms, p95 {percentile(part, 0.95):.1f} ms")
    say(f"heap {', '.join(f'{mb:.1f}' for mb in clock.heaps_mb)} MB; k = {k:.2f}")
    p95_ms = percentile(took_ms, 0.95)
    return Result(
        name="soak",
        value=round(p95_ms, 2),
        unit=f"ms p95 of {SCANS:,} scans in {minutes:.1f} min (heap {growth:+.1%})",
        target=f"<= {SCAN_MS_MAX:.0f} ms x max(1, k), k = {k:.2f}, and heap within {GROWTH_MAX:.0%}",
        ok=p95_ms <= SCAN_MS_MAX * max(1.0, k) and growth <= GROWTH_MAX,
    )


class _Clock:
    """Spreads the scans over the time, and reads the memory now and then."""

    def __init__(self, till: Device) -> None:
        self.till = till
        self.began = time.monotonic()
        self.heaps_mb: list[float] = []

    def tick(self, number: int) -> None:
        """After each scan."""
        if number + 1 >= SCANS * (WARM + len(self.heaps_mb) * (1 - WARM) / READINGS):
            self.heaps_mb.append(self.till.heap_mb())
        wait_s = self.began + (number + 1) * MINUTES * 60 / SCANS - time.monotonic()
        if wait_s > 0:
            self.till.page.wait_for_timeout(wait_s * 1000)
