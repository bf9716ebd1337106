"""A tail in a thread of its own, and what it has handed on: ``with tailing(url) as heard: heard.until(lambda: …)``."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from placket.realtime import Batch, Heard, Tail

PATIENCE_S = 20.0


class Ear:
    """Listens to a tail and keeps everything."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self._changed = threading.Condition()

    def __call__(self, batch: Batch) -> None:
        """Keep a batch."""
        with self._changed:
            self.batches.append(batch)
            self._changed.notify_all()

    @property
    def events(self) -> list[Heard]:
        """Everything heard, in the order it was heard in."""
        return [heard for batch in self.batches for heard in batch.events]

    @property
    def keys(self) -> list[str]:
        """The keys of everything heard."""
        return [heard.key for heard in self.events]

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so, or fail."""
        with self._changed:
            assert self._changed.wait_for(is_so, PATIENCE_S), f"heard only {len(self.events)} events"


@contextmanager
def tailing(url: str) -> Iterator[Ear]:
    """A tail on a database for as long as the block lasts; it has its position when the block begins."""
    ear, started, ended = Ear(), threading.Event(), threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def follow() -> None:
        tail = Tail(url, [ear])
        await tail.start()
        started.set()
        await stop.wait()
        await tail.stop()

    def run() -> None:
        try:
            loop.run_until_complete(follow())
        finally:
            ended.set()
            started.set()
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    started.wait()
    try:
        assert not ended.is_set(), "the tail did not start"
        yield ear
    finally:
        if not ended.is_set():
            loop.call_soon_threadsafe(stop.set)
        thread.join()
