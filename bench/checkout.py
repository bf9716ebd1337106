"""checkout_cold_1, checkout_cold_32, checkout_hot_32: sales of three lines through HTTP, beside the floor."""

import random
import time
from uuid import UUID

from bench import floor, load
from bench.report import Result, Spread, percentile, say
from bench.stage import Stage, depot_of, goods, live_promotions, open_tills, sell, server, stage
from placket import catalog, promotions, sales
from placket.core import clock
from placket.core.db import Database
from placket.sales import quoting

REPEATS = 5
SECONDS = 5.0
P50_MS_MAX = 6.0
COLD_RATIO = 1.0
HOT_RATIO = 3.0


def checkout_cold_1() -> Result:
    """One client; the median latency, against 6 ms on a machine in the usual mood."""
    sales, floors, live = _measure("cold_1", clients=1, hot=False)
    p50_ms = Spread([percentile(report.latencies_ms, 0.5) for report in sales])
    p99_ms = Spread([percentile(report.latencies_ms, 0.99) for report in sales])
    latency_ms = Spread([one.latency_ms for one in floors])
    k = latency_ms.middle / floor.QUIET_LATENCY_MS
    say(f"checkout p50 {p50_ms} ms, p99 {p99_ms} ms; pgbench {latency_ms} ms, k = {k:.2f}")
    target_ms = P50_MS_MAX * max(1.0, k)
    return Result(
        name="checkout_cold_1",
        value=round(p50_ms.middle, 2),
        unit="ms p50",
        floor=round(latency_ms.middle, 2),
        ratio=round(p50_ms.middle / latency_ms.middle, 2),
        target=f"<= {P50_MS_MAX} ms x max(1, k), k = {k:.2f}",
        ok=p50_ms.middle <= target_ms,
        promotions=live,
    )


def checkout_cold_32() -> Result:
    """Thirty-two clients, uniform over all variants and branches."""
    return _throughput("checkout_cold_32", hot=False, ratio=COLD_RATIO)


def checkout_hot_32() -> Result:
    """Thirty-two clients, every line the same variant of the depot: one row of stock."""
    return _throughput("checkout_hot_32", hot=True, ratio=HOT_RATIO)


def _throughput(name: str, *, hot: bool, ratio: float) -> Result:
    sales, floors, live = _measure(name.removeprefix("checkout_"), clients=32, hot=hot)
    mine = Spread([len(report.latencies_ms) / report.seconds for report in sales])
    theirs = Spread([one.per_second for one in floors])
    p50_ms = Spread([percentile(report.latencies_ms, 0.5) for report in sales])
    p99_ms = Spread([percentile(report.latencies_ms, 0.99) for report in sales])
    say(f"checkouts/s {mine}; floor {theirs}; p50 {p50_ms} ms, p99 {p99_ms} ms")
    return Result(
        name=name,
        value=round(mine.middle, 1),
        unit="checkouts/s",
        floor=round(theirs.middle, 1),
        ratio=round(mine.middle / theirs.middle, 2),
        target=f">= {ratio} x floor",
        ok=mine.middle >= ratio * theirs.middle,
        promotions=live,
    )


def _measure(name: str, *, clients: int, hot: bool) -> tuple[list[load.Report], list[floor.Run], int]:
    sales: list[load.Report] = []
    floors: list[floor.Run] = []
    with stage(name) as at:
        wanted = goods(at)
        if hot:
            variant_id, price_vnd, _ = wanted[0]
            wanted = [(variant_id, price_vnd, depot_of(at))]
        live = live_promotions(at)
        say(f"{live} live promotions; a cart of three lines is priced in {_price_ms(at, wanted):.3f} ms")
        tills = open_tills(at, clients)
        raw = floor.prepare(at, clients=clients, hot=hot)
        with server(at) as api:
            plan = load.Plan(port=api.port, tills=tills, goods=wanted, seconds=2, same=hot)
            sell(plan)
            raw.run(2)
            plan.seconds = SECONDS
            for _ in range(REPEATS):
                floors.append(raw.run(SECONDS))
                sales.append(sell(plan))
    return sales, floors, live


def _price_ms(at: Stage, wanted: list[tuple[str, int, str | None]]) -> float:
    """How long the pricing of such a cart takes by itself, books in memory."""
    database = Database(at.url, pool_size=1)
    catalog.price_books.refresh(database)
    promotions.promo_books.refresh(database)
    database.dispose()
    with at.connect() as connection:
        (branch,) = connection.execute("SELECT id FROM location WHERE kind = 'branch' LIMIT 1").fetchone() or (None,)
    assert isinstance(branch, UUID)
    carts = [
        [sales.CartLine(UUID(variant_id), branch, 1) for variant_id, _, _ in random.choices(wanted, k=3)] for _ in range(500)
    ]
    now = clock.now()
    began = time.perf_counter()
    for cart in carts:
        quoting.price(cart, channel="store", location_id=branch, at=now)
    return (time.perf_counter() - began) * 1000 / len(carts)
