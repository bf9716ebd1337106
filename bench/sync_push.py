"""sync_push: a till hands in a thousand sales it made without network, while other tills go on selling.

The other tills' slowest hundredth is measured in windows with and without journals being handed in, one after the other, so
that both see the same machine.
"""

import asyncio
import time

import msgspec

from bench import floor, load
from bench.devices import Device, devices
from bench.report import Result, Spread, percentile, say
from bench.stage import Selling, Stage, goods, open_tills, sell, server, stage

SALES = 1_000
ROUNDS = 5
OTHERS = 8
SALES_PER_S = 40
WINDOW_S = 6.0
SECONDS_MAX = 3.0
P99_RATIO_MAX = 1.5


def sync_push() -> Result:
    """Seconds until a thousand entries are posted, and what that did to everybody else."""
    with stage("sync_push") as at:
        k = floor.slowness(at)
        shelf = goods(at)
        others = open_tills(at, OTHERS)
        behind = devices(at, 3 * ROUNDS + 1, branch=0)
        for till in behind:
            till.sells(shelf, SALES)
        with server(at) as api:
            plan = load.Plan(port=api.port, tills=others, goods=shelf, seconds=3, pace_s=1 / SALES_PER_S)
            sell(plan)  # warms up
            asyncio.run(_hand_in(api.port, behind.pop()))
            plan.seconds = WINDOW_S
            alone, beside, took_s = [], [], []
            for _ in range(ROUNDS):
                alone.append(percentile(sell(plan).latencies_ms, 0.99))
                slowest_ms, seconds = _beside(plan, behind)
                beside.append(slowest_ms)
                took_s += seconds
        posted = _posted(at)
    took, ratio = Spread(took_s), Spread([b / a for a, b in zip(alone, beside, strict=True)])
    say(f"{SALES} entries in {took} s; others' p99 alone {Spread(alone)} ms, beside {Spread(beside)} ms, ratio {ratio}")
    lost = posted != (len(took_s) + 1) * SALES
    return Result(
        name="sync_push",
        value=round(took.middle, 2),
        unit=f"s for {SALES} sales (others' p99 x {ratio.middle:.2f})",
        target=f"<= {SECONDS_MAX:.0f} s x max(1, k), k = {k:.2f}; others' p99 <= {P99_RATIO_MAX} x alone",
        ok=not lost and took.middle <= SECONDS_MAX * max(1.0, k) and ratio.middle <= P99_RATIO_MAX,
    )


def _beside(plan: load.Plan, behind: list[Device]) -> tuple[float, list[float]]:
    """A window in which one till after the other hands in its journal; the others' p99, and the seconds of each journal."""
    selling = Selling(plan)
    took_s = []
    while not selling.is_over() and behind:
        took_s.append(asyncio.run(_hand_in(plan.port, behind.pop())))
    return percentile(selling.report().latencies_ms, 0.99), took_s


async def _hand_in(port: int, till: Device) -> float:
    bodies = till.pushes()
    connection = load.Connection(port, till.device_token)
    await connection.open()
    began = time.perf_counter()
    for body in bodies:
        status, answer = await connection.send("POST", "/api/till/push", body)
        results = msgspec.json.decode(answer).get("results", [])
        if status != 200 or any(result["status"] != "posted" for result in results):
            raise RuntimeError(f"not posted: {status} {answer[:500]!r}")
    took_s = time.perf_counter() - began
    connection.close()
    return took_s


def _posted(at: Stage) -> int:
    with at.connect() as connection:
        row = connection.execute(
            "SELECT count(*) FROM sale s JOIN sync_entry e ON e.till_id = s.till_id AND e.epoch = s.epoch "
            "AND e.text::jsonb -> 'body' ->> 'id' = s.id::text"
        ).fetchone()
    return int(str(row[0])) if row else 0
