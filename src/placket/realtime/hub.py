"""The sockets of one process: each batch of the tail becomes one frame per audience, and goes into every socket's queue.

A frame is made once, whoever reads it. A queue is short: a terminal that reads too slowly is dropped, connects again and
continues from its cursor, so nobody waits for it and nothing is lost to it.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from fastapi import WebSocket, WebSocketDisconnect
from sqlalchemy.exc import SQLAlchemyError

from placket import events
from placket.core.db import Database
from placket.core.metrics import SOCKETS, SOCKETS_CLOSED
from placket.realtime.queries import Heard, Position, missed
from placket.realtime.rules import Audience, Listener
from placket.realtime.tail import Batch

log = structlog.get_logger()

NOT_SIGNED_IN: Final = 4401
TOO_SLOW: Final = 4408
SESSION_ENDED: Final = 4409
SNAPSHOT_NEEDED: Final = 1000
COME_AGAIN: Final = 1012
"""With another ticket: the rights of the session have changed, or the database is away for a moment."""
FULL: Final = 1013
REASONS: Final = {
    NOT_SIGNED_IN: "not_signed_in",
    TOO_SLOW: "too_slow",
    SESSION_ENDED: "session_ended",
    SNAPSHOT_NEEDED: "snapshot",
    COME_AGAIN: "come_again",
    FULL: "full",
}

SOCKETS_MAX: Final = 5_000
QUEUE_FRAMES: Final = 256
QUEUE_BYTES: Final = 4 * 2**20
ENDED_KEPT: Final = 1_000
CHUNK: Final = 500
FAREWELL_S: Final = 5.0
SNAPSHOT: Final = '{"t":"snapshot"}'
BEAT: Final = '{"t":"beat"}'


class _Told(msgspec.Struct):
    """An event as terminals read it."""

    topic: str
    key: str
    version: int
    payload: msgspec.Raw


class Socket:
    """One terminal's line: what it may hear, what waits to be sent, and how it ends."""

    def __init__(self, who: Listener) -> None:
        self.listener_id = who.id
        self.expires_at = who.expires_at
        self.audience = who.audience
        self.ending: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.sent = 0
        self._sent_at_last_beat = 0
        self._waiting: deque[str] = deque()
        self._waiting_bytes = 0
        self._bell = asyncio.Event()

    def put(self, frame: str) -> None:
        """Queue a frame; a full queue ends the line as too slow."""
        if len(self._waiting) >= QUEUE_FRAMES or self._waiting_bytes >= QUEUE_BYTES:
            self.end(TOO_SLOW)
            return
        self._waiting.append(frame)
        self._waiting_bytes += len(frame)
        self._bell.set()

    def beat(self) -> None:
        """Queue a beat; a line on which nothing has moved since the last one is too slow."""
        if self._waiting and self.sent == self._sent_at_last_beat:
            self.end(TOO_SLOW)
        self._sent_at_last_beat = self.sent
        self.put(BEAT)

    def end(self, code: int) -> None:
        """Close the line soon, with this code; the first code counts."""
        if not self.ending.done():
            self.ending.set_result(code)

    async def send_on(self, line: WebSocket) -> None:
        """Send what is queued, for as long as the line holds."""
        while True:
            while self._waiting:
                frame = self._waiting.popleft()
                await line.send_text(frame)
                self._waiting_bytes -= len(frame)
                self.sent += 1
            self._bell.clear()
            await self._bell.wait()


class Hub:
    """All sockets of this process. ``hear`` is a listener of the tail."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sockets: set[Socket] = set()
        # When which session ended: one may have been looked up before that, and come to the hub after it.
        self._ended: deque[tuple[float, UUID, int]] = deque(maxlen=ENDED_KEPT)

    def hear(self, batch: Batch) -> None:
        """Queue a batch for everybody who may hear of it."""
        if batch.lost:
            for socket in self._sockets:
                socket.end(SNAPSHOT_NEEDED)
            return
        self._end_sessions(batch.events)
        told = [encoded(heard) for heard in batch.events]
        cursor = str(batch.position)
        frames: dict[Audience, str | None] = {}
        same: dict[tuple[int, ...], str] = {}
        for socket in self._sockets:
            audience = socket.audience
            if audience not in frames:
                heard = tuple(
                    place for place, event in enumerate(batch.events) if audience.hears(event.topic, event.location_id)
                )
                if heard and heard not in same:
                    same[heard] = frame_of([told[place] for place in heard], cursor)
                frames[audience] = same.get(heard)
            frame = frames[audience]
            if frame is not None:
                socket.put(frame)

    def beat(self, now: datetime) -> None:
        """Tell every terminal that the line lives, and end the lines of sessions that have run out."""
        for socket in self._sockets:
            if now >= socket.expires_at:
                socket.end(SESSION_ENDED)
            socket.beat()

    async def serve(
        self, line: WebSocket, who: Listener, *, known_at: float, since: Position | None, here: Position
    ) -> None:
        """Serve an accepted line until it ends. ``here`` is the tail's position at this very moment.

        ``since`` is where the terminal continues; none starts at the present. ``known_at`` (monotonic) is from when on
        ``who`` may be out of date.
        """
        if len(self._sockets) >= SOCKETS_MAX:
            await close(line, FULL)
            return
        socket = Socket(who)
        self._sockets.add(socket)
        SOCKETS.inc()
        self._end(socket, {session_id: code for ended_at, session_id, code in self._ended if ended_at >= known_at})
        speaking = asyncio.create_task(self._speak(line, socket, since or here, here))
        listening = asyncio.create_task(_until_gone(line))
        ends: set[asyncio.Future[Any]] = {speaking, listening, socket.ending}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._sockets.discard(socket)
            SOCKETS.dec()
            for task in (speaking, listening):
                task.cancel()
            await asyncio.gather(speaking, listening, return_exceptions=True)
        if socket.ending.done():
            await close(line, socket.ending.result())

    async def _speak(self, line: WebSocket, socket: Socket, since: Position, here: Position) -> None:
        """Say hello, tell what was missed, then everything new: it has been queued since before the look back."""
        try:
            told = [] if since == here else await asyncio.to_thread(self._look_back, socket.audience, since, here)
            if told is None:
                socket.end(SNAPSHOT_NEEDED)
                return
            # The terminal's own cursor until it has been told what it missed: a line may break in between.
            await line.send_text(hello(since, here))
            for first in range(0, len(told), CHUNK):
                last = first + CHUNK >= len(told)
                await line.send_text(frame_of(told[first : first + CHUNK], str(here if last else since)))
            await socket.send_on(line)
        except WebSocketDisconnect:
            return  # it has gone; its cursor knows where
        except SQLAlchemyError as trouble:
            log.warning("a terminal could not be told what it missed", trouble=type(trouble).__name__)
            socket.end(COME_AGAIN)

    def _look_back(self, audience: Audience, since: Position, here: Position) -> list[bytes] | None:
        """What an audience has not heard between two positions, encoded; none if that cannot be told any more. Blocks."""
        with self._database.transaction() as tx:
            heard = missed(tx, since=since, upto=here)
        if heard is None:
            return None
        return [encoded(event) for event in heard if audience.hears(event.topic, event.location_id)]

    def _end_sessions(self, batch: Sequence[Heard]) -> None:
        codes = {UUID(heard.key): _code(heard) for heard in batch if heard.topic == events.SESSION_REVOKED}
        # Whatever changes at a till, its device comes again with the token that it has then.
        codes |= {UUID(heard.key): COME_AGAIN for heard in batch if heard.topic == events.TILL_CHANGED}
        if codes:
            self._ended.extend((time.monotonic(), session_id, code) for session_id, code in codes.items())
            for socket in self._sockets:
                self._end(socket, codes)

    def _end(self, socket: Socket, codes: Mapping[UUID, int]) -> None:
        if socket.listener_id in codes:
            socket.end(codes[socket.listener_id])


def encoded(heard: Heard) -> bytes:
    """An event as JSON; its payload is passed on as the database holds it."""
    return _encode(_Told(heard.topic, heard.key, heard.version, msgspec.Raw(heard.payload.encode())))


def frame_of(told: Sequence[bytes], cursor: str) -> str:
    """The frame of some encoded events."""
    return f'{{"t":"events","cursor":"{cursor}","events":[' + b",".join(told).decode() + "]}"


def hello(cursor: Position, here: Position) -> str:
    """The first frame: which life of the data this is, and where the terminal continues."""
    return _encode({"t": "hello", "incarnation": here.incarnation, "cursor": str(cursor)}).decode()


async def close(line: WebSocket, code: int) -> None:
    """Close a line and say why; a terminal that takes nothing any more is not waited for."""
    SOCKETS_CLOSED.labels(REASONS[code]).inc()
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
        async with asyncio.timeout(FAREWELL_S):
            if code == SNAPSHOT_NEEDED:
                await line.send_text(SNAPSHOT)
            await line.close(code, REASONS[code])


async def _until_gone(line: WebSocket) -> None:
    """Return when the terminal has gone. The stream flows one way: what it says is not read."""
    while (await line.receive())["type"] != "websocket.disconnect":
        pass


def _code(revoked: Heard) -> int:
    """Ended for good, or only to come again with other rights."""
    state: dict[str, Any] = msgspec.json.decode(revoked.payload)
    return SESSION_ENDED if state.get("ends", True) else COME_AGAIN


_encode = msgspec.json.Encoder().encode
