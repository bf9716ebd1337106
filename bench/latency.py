"""event_latency: from a balance's change to the frame that tells it, at every one of two hundred terminals.

The clock starts at the event's row, which is written just before the commit, so the commit itself counts in. The sales come
from a niced process of their own; this one is the terminals: it notes when which frame came and reads the frames afterwards.
"""

import asyncio
import base64
import os
import time
from functools import partial

import msgspec

from bench import floor, load
from bench.report import Result, Spread, percentile, say
from bench.stage import Stage, goods, open_tills, sell, server, stage

SOCKETS = 200
SALES_PER_S = 200
SECONDS = 8.0
ROUNDS = 5
P50_MS_MAX = 40.0
P99_MS_MAX = 80.0
TEXT = 1


UPGRADE = (
    "GET /ws?ticket={ticket} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
)


class Event(msgspec.Struct):
    """What of an event matters here."""

    topic: str
    key: str
    version: int


class Frame(msgspec.Struct):
    """A frame of the stream."""

    t: str
    events: list[Event] = []


class Terminal(asyncio.Protocol):
    """A socket that notes when each frame came; ``hello`` is there from the first on.

    The server never masks and nobody asks it to compress.
    """

    def __init__(self, ticket: str, frames: dict[bytes, list[float]]) -> None:
        self._ticket = ticket
        self._frames = frames
        self._rest = b""
        self._greeted = False
        self.hello: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        assert isinstance(transport, asyncio.Transport)
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(UPGRADE.format(ticket=self._ticket, key=key).encode())
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Cut the stream into frames."""
        now = time.time()
        rest = self._rest + data
        if not self._greeted:
            head, found, rest = rest.partition(b"\r\n\r\n")
            if not found:
                self._rest = head
                return
            self._greeted = True
        while len(rest) >= 2:
            length, begins = rest[1] & 0x7F, 2
            if length >= 126:
                begins = 4 if length == 126 else 10
                length = int.from_bytes(rest[2:begins])
            if len(rest) < begins + length:
                break
            if rest[0] & 0x0F == TEXT:  # the server also asks now and then whether somebody is there
                if not self.hello.done():
                    self.hello.set_result(None)
                self.heard(rest[begins : begins + length], now)
            rest = rest[begins + length :]
        self._rest = rest

    def heard(self, frame: bytes, at: float) -> None:
        """Note when a frame came."""
        self._frames.setdefault(frame, []).append(at)

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


def event_latency() -> Result:
    """The median and the slowest hundredth of all (sale, terminal) pairs."""
    with stage("event_latency") as at:
        tills = open_tills(at, SOCKETS)
        k = floor.slowness(at)
        with server(at) as api:
            plan = load.Plan(port=api.port, tills=tills, goods=goods(at), seconds=2, pace_s=1 / SALES_PER_S)
            asyncio.run(_listen(at, plan))  # warms up
            plan.seconds = SECONDS
            rounds = [asyncio.run(_listen(at, plan)) for _ in range(ROUNDS)]
    p50_ms = Spread([percentile(latencies, 0.5) for latencies, _, _ in rounds])
    p99_ms = Spread([percentile(latencies, 0.99) for latencies, _, _ in rounds])
    lost = sum(missing for _, missing, _ in rounds)
    rate = Spread([per_s for _, _, per_s in rounds])
    say(f"p50 {p50_ms} ms, p99 {p99_ms} ms, {rate} sales/s, lost {lost}; k = {k:.2f}")
    allowed = max(1.0, k)
    return Result(
        name="event_latency",
        value=round(p99_ms.middle, 1),
        unit=f"ms p99 (p50 {p50_ms.middle:.1f})",
        target=f"p99 <= {P99_MS_MAX:.0f} ms, p50 <= {P50_MS_MAX:.0f} ms, x max(1, k), k = {k:.2f}",
        ok=not lost and p99_ms.middle <= P99_MS_MAX * allowed and p50_ms.middle <= P50_MS_MAX * allowed,
    )


async def _listen(at: Stage, plan: load.Plan) -> tuple[list[float], int, float]:
    """One round: latencies in milliseconds, deliveries that never came, sales per second."""
    frames: dict[bytes, list[float]] = {}
    loop = asyncio.get_running_loop()
    lines = []
    for till in plan.tills:
        ticket = await _ticket(plan.port, till)
        _, terminal = await loop.create_connection(partial(Terminal, ticket, frames), "127.0.0.1", plan.port)
        lines.append(terminal)
    await asyncio.gather(*(line.hello for line in lines))
    since = _last_event(at)
    report = await asyncio.to_thread(sell, plan)
    await asyncio.sleep(1)
    for line in lines:
        line.close()
    written = _written(at, since)
    latencies_ms = [
        (came_at - written[balance]) * 1000
        for frame, moments in frames.items()
        for balance in _balances_in(frame)
        if balance in written
        for came_at in moments
    ]
    lost = len(written) * len(plan.tills) - len(latencies_ms)
    return latencies_ms, lost, len(report.latencies_ms) / report.seconds


async def _ticket(port: int, till: load.Till) -> str:
    connection = load.Connection(port, till.token)
    await connection.open()
    status, body = await connection.send("POST", "/api/realtime/ticket")
    connection.close()
    assert status == 201, body
    return str(msgspec.json.decode(body)["ticket"])


def _last_event(at: Stage) -> int:
    with at.connect() as connection:
        row = connection.execute("SELECT max(id) FROM event").fetchone()
    return int(str(row[0])) if row and row[0] else 0


def _written(at: Stage, since: int) -> dict[tuple[str, int], float]:
    """When each state of a balance was written, by the server's clock, which is ours."""
    with at.connect() as connection:
        rows = connection.execute(
            "SELECT key, key_version, extract(epoch FROM recorded_at)::float8 FROM event "
            "WHERE id > %s AND topic = 'stock.changed'",
            (since,),
        ).fetchall()
    return {(str(key), int(str(version))): float(str(at_s)) for key, version, at_s in rows}


def _balances_in(frame: bytes) -> list[tuple[str, int]]:
    read = msgspec.json.decode(frame, type=Frame)
    return [(event.key, event.version) for event in read.events if event.topic == "stock.changed"]
