"""The tail: reads every committed event within milliseconds, and hands each batch to whoever listens in this process.

One asynchronous connection asks for the snapshot difference, again and again: every few milliseconds while something
happens, a little less often while nothing does. It has no cursor of its own in the database: a process that starts
begins at the present. When the connection is lost it goes on from the position it had, so nothing is lost or doubled.
See docs/decisions/0002-the-event-tail.md.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import psycopg
import structlog
from psycopg import AsyncConnection

from placket.core.metrics import EVENT_LAG_SECONDS, EVENTS, OLDEST_WRITER_SECONDS
from placket.realtime.queries import DELTAS_MAX, UNREAD, Heard, Position, difference

log = structlog.get_logger()

BUSY_S: Final = 0.008
IDLE_S: Final = 0.02
REST_MAX_S: Final = 0.04
SILENT_S: Final = 2.0
READ_S: Final = 20.0
WRITER_CHECK_S: Final = 5.0
OLD_WRITER_S: Final = 30.0
RECONNECT_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0)

# One plan for ever, along the index: planned once, and never a walk along the whole table.
_OPTIONS: Final = (
    "-c statement_timeout=20s -c timezone=UTC -c plan_cache_mode=force_generic_plan -c enable_seqscan=off "
    "-c application_name=placket-tail"
)
_OLDEST_WRITER: Final = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8
  FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """What happened up to a position.

    ``lost`` says that more happened than can be told, or that the data lives another life: whoever remembers anything
    reads it anew.
    """

    position: Position
    events: Sequence[Heard]
    lost: bool = False


class Tail:
    """The tail of one process. Listeners are called in order, on the event loop, and return at once."""

    def __init__(self, database_url: str, listeners: Sequence[Callable[[Batch], None]]) -> None:
        self._url = database_url
        self._listeners = listeners
        self._position: Position | None = None
        self._task: asyncio.Task[None] | None = None
        self._heard_at = 0.0
        self._failures = 0
        self._writer_checked_at = 0.0

    @property
    def position(self) -> Position:
        """Up to where everything has been handed on."""
        assert self._position is not None, "start() comes first"
        return self._position

    def is_current(self) -> bool:
        """Whether the tail has read within the last two seconds."""
        return time.monotonic() - self._heard_at < SILENT_S

    async def start(self) -> None:
        """Take the position of the present, then read on in the background. Raises when there is no database."""
        async with await self._connect() as connection:
            rows = await _ask(connection, "SELECT pg_current_snapshot()::text, (SELECT incarnation FROM company)")
        self._position = Position(str(rows[0][1]), rows[0][0])
        self._heard_at = time.monotonic()
        self._task = asyncio.create_task(self._follow(), name="tail")

    async def stop(self) -> None:
        """Read no more."""
        assert self._task is not None, "start() comes first"
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _follow(self) -> None:
        while True:
            try:
                async with await self._connect() as connection:
                    await self._read(connection)
            except (psycopg.Error, OSError) as trouble:
                if not self._failures:
                    log.warning("the tail lost its connection", trouble=str(trouble).strip())
                await asyncio.sleep(RECONNECT_S[min(self._failures, len(RECONNECT_S) - 1)])
                self._failures += 1

    async def _read(self, connection: AsyncConnection[Any]) -> None:
        pause_s = BUSY_S
        while True:
            began = time.perf_counter()
            batch = await self._next(connection)
            self._heard_at = time.monotonic()
            self._failures = 0
            if batch.events or batch.lost:
                self._hand_on(batch)
                # Everybody who was woken sends now; then rest for twice as long as that took, so that under load most of
                # the process is left to sales, and frames hold more events instead of being more.
                await asyncio.sleep(0)
                pause_s = min(REST_MAX_S, max(BUSY_S, 2 * (time.perf_counter() - began)))
            else:
                self._position = batch.position
                pause_s = min(IDLE_S, pause_s * 1.5)
            await self._check_writers(connection)
            await asyncio.sleep(pause_s)

    async def _next(self, connection: AsyncConnection[Any]) -> Batch:
        async with asyncio.timeout(READ_S):  # a line that is cut without a word would be waited for without end
            rows = await _ask(connection, UNREAD, {"seen": self.position.snapshot})
        position, heard = difference(rows)
        lost = position.incarnation != self.position.incarnation or len(heard) > DELTAS_MAX
        return Batch(position, [] if lost else heard, lost)

    def _hand_on(self, batch: Batch) -> None:
        if batch.lost:
            log.warning("the tail lost the thread: everybody reads anew", position=str(batch.position))
        else:
            EVENTS.inc(len(batch.events))
            EVENT_LAG_SECONDS.observe(max(heard.age_s for heard in batch.events))
        for listener in self._listeners:
            listener(batch)
        self._position = batch.position

    async def _check_writers(self, connection: AsyncConnection[Any]) -> None:
        if time.monotonic() - self._writer_checked_at < WRITER_CHECK_S:
            return
        self._writer_checked_at = time.monotonic()
        age_s = (await _ask(connection, _OLDEST_WRITER))[0][0]
        OLDEST_WRITER_SECONDS.set(age_s)
        if age_s > OLD_WRITER_S:
            log.warning("a transaction has been writing for too long", age_s=round(age_s))

    async def _connect(self) -> AsyncConnection[Any]:
        return await AsyncConnection.connect(
            self._url, autocommit=True, prepare_threshold=0, connect_timeout=5, options=_OPTIONS
        )


async def _ask(connection: AsyncConnection[Any], query: LiteralString, values: dict[str, str] | None = None) -> list[Any]:
    return await (await connection.execute(query, values)).fetchall()
