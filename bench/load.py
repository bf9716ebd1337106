"""The load: many keep-alive HTTP connections in one process of its own, niced below the server it measures.

It speaks just enough HTTP/1.1 to be cheap. A plan comes in on standard input; on standard output leaves a line when the
first sale has been answered, and at the end a report:

    python -m bench.load < plan.json
"""

import asyncio
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import uvloop

from placket.core import clock
from placket.core.ids import new_id

NICENESS = 5
BEGUN = b"begun\n"


class Till(msgspec.Struct):
    """A till that is signed in and attached."""

    token: str
    location_id: str
    opening: int
    receipt_no: int


class Plan(msgspec.Struct):
    """Who sells what, and how long. ``pace_s`` spaces the sales of all tills together; none means as fast as answered.

    A line is (variant, price, source), where no source means the till's own branch.
    """

    port: int
    tills: list[Till]
    goods: list[tuple[str, int, str | None]]
    seconds: float
    same: bool = False
    pace_s: float | None = None
    lines: int = 3
    price_version: int = 1


class Report(msgspec.Struct):
    """Latencies in milliseconds of accepted sales, the receipt numbers reached, and what was refused."""

    seconds: float
    latencies_ms: list[float]
    receipt_nos: list[int]
    refused: dict[str, int]


class Connection(asyncio.Protocol):
    """One keep-alive connection, one request at a time."""

    def __init__(self, port: int, token: str, *, more: str = "") -> None:
        self._port = port
        self._head = (
            f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\nX-Placket: 1\r\n{more}"
            "Content-Type: application/json\r\nContent-Length: "
        )
        self._came = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    async def open(self) -> None:
        """Connect."""
        self._transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)

    async def send(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """One request, one answer: its status and body."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(f"{method} {path} HTTP/1.1\r\n{self._head}{len(body)}\r\n\r\n".encode() + body)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        """Answer who waits, once the whole answer is there."""
        self._came += data
        head, found, body = self._came.partition(b"\r\n\r\n")
        if not found:
            return
        lengths = [int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"]
        if len(body) >= sum(lengths) and self._answer is not None:
            self._came = b""
            self._answer.set_result((int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits that no answer will come."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def sale_of(plan: Plan, till: Till) -> bytes:
    """A cash sale of the plan's goods, as a till would send it."""
    if plan.same:
        chosen: Sequence[tuple[str, int, str | None]] = [plan.goods[0]] * plan.lines
    else:
        chosen = random.sample(plan.goods, plan.lines)
    total_vnd = sum(price_vnd for _, price_vnd, _ in chosen)
    rounding_vnd = (total_vnd + 500) // 1000 * 1000 - total_vnd
    paid_vnd = total_vnd + rounding_vnd
    sale: dict[str, Any] = {
        "id": new_id(),
        "opening": till.opening,
        "receipt_no": till.receipt_no + 1,
        "price_version": plan.price_version,
        "promo_version": 0,
        "at": clock.now(),
        "lines": [
            {"variant_id": variant_id, "qty": 1, "source_id": source or till.location_id, "unit_vnd": price_vnd}
            for variant_id, price_vnd, source in chosen
        ],
        "total_vnd": total_vnd,
        "rounding_vnd": rounding_vnd,
        "tenders": [{"kind": "cash", "amount_vnd": paid_vnd, "tendered_vnd": paid_vnd, "change_vnd": 0}],
    }
    return msgspec.json.encode(sale)


async def sell_on(plan: Plan, till: Till, connection: Connection, turns: AsyncIterator[None], report: Report) -> None:
    """Sell until the turns are over."""
    async for _ in turns:
        body = sale_of(plan, till)
        began = time.perf_counter()
        status, answer = await connection.send("POST", "/api/sales", body)
        took_ms = (time.perf_counter() - began) * 1000
        if status == 201:
            if not report.latencies_ms:
                sys.stdout.buffer.write(BEGUN)
                sys.stdout.buffer.flush()
            till.receipt_no += 1
            report.latencies_ms.append(took_ms)
        else:
            code = msgspec.json.decode(answer)["code"]
            report.refused[code] = report.refused.get(code, 0) + 1


async def at_once(until: float) -> AsyncIterator[None]:
    """A turn as soon as the last is answered."""
    while time.perf_counter() < until:
        yield


async def in_step(until: float, pace_s: float, place: int, of: int) -> AsyncIterator[None]:
    """Turns at a steady pace, the tills one after the other."""
    next_at = time.perf_counter() + place * pace_s
    while next_at < until:
        await asyncio.sleep(max(0.0, next_at - time.perf_counter()))
        yield
        next_at += of * pace_s


async def run(plan: Plan) -> Report:
    """Carry out a plan."""
    report = Report(0.0, [], [], {})
    connections = [Connection(plan.port, till.token) for till in plan.tills]
    for connection in connections:
        await connection.open()
    began = time.perf_counter()
    until = began + plan.seconds
    many = len(plan.tills)
    async with asyncio.TaskGroup() as group:
        for place, (till, connection) in enumerate(zip(plan.tills, connections, strict=True)):
            turns = at_once(until) if plan.pace_s is None else in_step(until, plan.pace_s, place, many)
            group.create_task(sell_on(plan, till, connection, turns, report))
    report.seconds = time.perf_counter() - began
    report.receipt_nos = [till.receipt_no for till in plan.tills]
    for connection in connections:
        connection.close()
    return report


def main() -> None:
    """Read the plan, carry it out, report."""
    os.nice(NICENESS)
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    report = uvloop.run(run(plan))
    sys.stdout.buffer.write(msgspec.json.encode(report))


if __name__ == "__main__":
    main()
