"""last_unit: fifty pieces in the depot, two hundred buyers in the same moment; exactly fifty get one.

A hundred and twenty tills of twelve branches sell a line of the depot, eighty shoppers order a piece on the web.
"""

import asyncio
import random
import time
from uuid import UUID

from sqlalchemy import text

from bench import floor, load
from bench.report import Result, Spread, say
from bench.stage import Stage, depot_of, goods, open_tills, server, stage
from bench.web_checkout import from_depots_alone, web_order, web_price
from placket import inventory
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id

ROUNDS = 7
PIECES = 50
TILLS = 120
SHOPPERS = 80
SECONDS_MAX = 1.0


def last_unit() -> Result:
    """The time until the last of two hundred is answered; a single wrong count fails it."""
    with stage("last_unit") as at:
        tills = open_tills(at, TILLS)
        k = floor.slowness(at)
        from_depots_alone(at)
        variants = random.sample(goods(at), ROUNDS + 1)
        for variant_id, _, _ in variants:
            _leave(at, variant_id, PIECES)
        with server(at) as api:
            asyncio.run(_race(api.port, tills, variants[0], depot_of(at)))  # warms up
            rounds = [asyncio.run(_race(api.port, tills, one, depot_of(at))) for one in variants[1:]]
        exact = all(taken == PIECES and refused == TILLS + SHOPPERS - PIECES for _, taken, refused in rounds)
    settled = Spread([seconds for seconds, _, _ in rounds])
    counts = ", ".join(f"{taken}/{refused}" for _, taken, refused in rounds)
    say(f"accepted/refused in {ROUNDS} rounds: {counts}; settled after {settled} s; k = {k:.2f}")
    return Result(
        name="last_unit",
        value=round(settled.middle, 3),
        unit="s",
        target=f"exactly {PIECES} accepted, settled <= {SECONDS_MAX} s x max(1, k), k = {k:.2f}",
        ok=exact and settled.middle <= SECONDS_MAX * max(1.0, k),
    )


async def _race(
    port: int, tills: list[load.Till], goods_wanted: tuple[str, int, str | None], depot: str
) -> tuple[float, int, int]:
    variant_id, price_vnd, _ = goods_wanted
    plan = load.Plan(port=port, tills=tills, goods=[(variant_id, price_vnd, depot)], seconds=0, same=True, lines=1)
    asks: list[tuple[str, bytes, load.Till | None]] = [("/api/sales", load.sale_of(plan, till), till) for till in tills]
    cost_vnd = await web_price(port, [variant_id])
    asks += [("/api/shop/v1/checkout", web_order([variant_id], cost_vnd), None) for _ in range(SHOPPERS)]
    random.shuffle(asks)
    connections = [load.Connection(port, till.token if till else "") for _, _, till in asks]
    await asyncio.gather(*(connection.open() for connection in connections))
    began = time.perf_counter()
    answers = await asyncio.gather(
        *(connection.send("POST", path, body) for connection, (path, body, _) in zip(connections, asks, strict=True))
    )
    seconds = time.perf_counter() - began
    for connection in connections:
        connection.close()
    taken = refused = 0
    for (status, body), (_, _, till) in zip(answers, asks, strict=True):
        got = status == 201 and (till is not None or b'"state":"held"' in body)
        taken += got
        refused += (status == 409 and b'"out_of_stock"' in body) or b'"state":"refused"' in body
        if till is not None and got:
            till.receipt_no += 1
    return seconds, taken, refused


def _leave(at: Stage, variant_id: str, pieces: int) -> None:
    """Leave so many free pieces in the depot; the books say why."""
    depot, variant = UUID(depot_of(at)), UUID(variant_id)
    database = Database(at.url, pool_size=1)
    with database.transaction() as tx:
        free = tx.scalar(
            text("SELECT on_hand - promised - asked FROM stock WHERE location_id = :depot AND variant_id = :variant"),
            {"depot": depot, "variant": variant},
        )
        inventory.adjust(
            tx,
            document_id=new_id(),
            kind="adjustment",
            reason="bench",
            location_id=depot,
            lines=[inventory.Move(variant, pieces - (free or 0))],
            by=inventory.By(None),
            now=clock.now(),
        )
    database.dispose()
