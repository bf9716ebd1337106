"""web_checkout: whole orders of the web a second, thirty-two shoppers at once, beside the floor.

An order is three lines of the depot, held and then confirmed to be paid on delivery, as the peers' figures count it.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Sequence

import msgspec

from bench import floor, load
from bench.report import Result, Spread, percentile, say
from bench.stage import Stage, goods, server, stage
from placket.core.ids import new_id

SHOPPERS = 32
LINES = 3
SHELF = 60
LIMIT_VND = 5_000_000
SECONDS = 8.0
REPEATS = 5
PEERS = "Vendure 8.9, Saleor 3.7, Medusa 2.1"
BEST_PEER = 8.9


def web_checkout() -> Result:
    """Confirmed orders a second, and the median of both requests together."""
    with stage("web_checkout") as at:
        from_depots_alone(at)
        cheap = sorted(goods(at), key=lambda one: one[1])[:SHELF]
        shelf = [variant_id for variant_id, price_vnd, _ in cheap if price_vnd * LINES <= LIMIT_VND]
        raw = floor.prepare(at, clients=SHOPPERS, hot=False)
        with server(at) as api:
            asyncio.run(_shop(api.port, shelf, 2.0))  # warms up
            raw.run(2)
            floors, rounds = [], []
            for _ in range(REPEATS):
                floors.append(raw.run(SECONDS))
                rounds.append(asyncio.run(_shop(api.port, shelf, SECONDS)))
    mine = Spread([len(took) / lasted_s for took, lasted_s in rounds])
    theirs = Spread([one.per_second for one in floors])
    p50_ms = Spread([percentile(took, 0.5) for took, _ in rounds])
    say(f"orders/s {mine}; floor {theirs}; p50 {p50_ms} ms; peers at 32 buyers: {PEERS}")
    return Result(
        name="web_checkout",
        value=round(mine.middle, 1),
        unit="orders/s",
        floor=round(theirs.middle, 1),
        ratio=round(mine.middle / theirs.middle, 3),
        target=f">= {BEST_PEER} orders/s, the best of the peers ({PEERS})",
        ok=mine.middle >= BEST_PEER,
    )


async def _shop(port: int, shelf: Sequence[str], seconds: float) -> tuple[list[float], float]:
    """Everybody orders one cart after the other: the milliseconds of each that was confirmed, and how long all took.

    Orders that are under way when the time is over are finished, and counted with the time that they took.
    """
    carts = [random.sample(list(shelf), LINES) for _ in range(SHOPPERS)]
    prices = await asyncio.gather(*(web_price(port, cart) for cart in carts))
    began = time.perf_counter()
    took_ms = await asyncio.gather(*(_shopper(port, *wish, began + seconds) for wish in zip(carts, prices, strict=True)))
    return list(itertools.chain.from_iterable(took_ms)), time.perf_counter() - began


async def _shopper(port: int, cart: Sequence[str], cost_vnd: int, until: float) -> list[float]:
    took_ms = []
    connection = load.Connection(port, "")
    await connection.open()
    while (began := time.perf_counter()) < until:
        status, body = await connection.send("POST", "/api/shop/v1/checkout", web_order(cart, cost_vnd))
        order = msgspec.json.decode(body)
        if status != 201 or order["state"] != "held":
            raise RuntimeError(f"not held: {status} {body[:300]!r}")
        paying = load.Connection(port, "", more=f"X-Order-Key: {order['key']}\r\n")
        await paying.open()
        status, body = await paying.send("POST", f"/api/shop/v1/checkout/{order['id']}/pay", _on_delivery(cost_vnd))
        paying.close()
        if status != 200 or b'"state":"confirmed"' not in body:
            raise RuntimeError(f"not confirmed: {status} {body[:300]!r}")
        took_ms.append((time.perf_counter() - began) * 1000)
    connection.close()
    return took_ms


def from_depots_alone(at: Stage) -> None:
    """The web is served by the depots alone: a branch would have to be asked for its word, which is not measured here."""
    with at.connect() as connection:
        connection.execute(
            "INSERT INTO setting (key, value, updated_at) VALUES ('web_orders', %s, now()) "
            "ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
            ('{"branch_floor": 1000000000, "cod_vnd_max": 5000000}',),
        )


def web_order(cart: Sequence[str], cost_vnd: int) -> bytes:
    """One piece of each, sent to Hanoi."""
    return msgspec.json.encode(_cart(cart) | {"id": new_id(), "expected_total_vnd": cost_vnd})


async def web_price(port: int, cart: Sequence[str]) -> int:
    """What the shop says that it costs."""
    connection = load.Connection(port, "")
    await connection.open()
    status, body = await connection.send("POST", "/api/shop/v1/checkout/quote", msgspec.json.encode(_cart(cart)))
    connection.close()
    if status != 200:
        raise RuntimeError(f"not priced: {status} {body[:300]!r}")
    return int(msgspec.json.decode(body)["total_vnd"])


def _cart(cart: Sequence[str]) -> dict[str, object]:
    fulfilment = {"kind": "ship", "province_code": "01", "location_id": None}
    return {"lines": [{"variant_id": variant_id, "qty": 1} for variant_id in cart], "fulfilment": fulfilment}


def _on_delivery(cost_vnd: int) -> bytes:
    address = {"province_code": "01", "ward": "Phường Cửa Nam", "street": "12 Tràng Tiền"}
    recipient = {"phone": "0901234567", "name": "Nguyễn Bảo Ngọc", "address": address}
    return msgspec.json.encode({"recipient": recipient, "method": "cod", "expected_total_vnd": cost_vnd})
