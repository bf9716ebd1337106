"""How fast one address may ask: a bucket that refills, so that one visitor cannot crowd the others out of the shop.

Kept in the memory of each process: it protects the process, and what must never be guessed counts in the database.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from fastapi import Request

from placket.core.http import client_address
from placket.core.refusals import Refusal

BURST: Final = 120.0
A_SECOND: Final = 20.0
ADDRESSES_MAX: Final = 20_000
OWN: Final = frozenset({"127.0.0.1", "::1"})
"""This machine: the proxy in front (when it does not say for whom it asks), benchmarks, the owner trying the shop."""


class TooFast(Refusal):
    """An address asks faster than people browse."""

    code = "too_fast"
    status = 429
    vi = "Bạn thao tác hơi nhanh. Đợi {retry_after_s} giây rồi thử lại."
    en = "That was a little fast. Wait {retry_after_s} seconds and try again."


class Pace:
    """One bucket an address; the address that was quiet for longest is forgotten first."""

    def __init__(
        self, *, burst: float = BURST, a_second: float = A_SECOND, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._a_second, self._clock = burst, a_second, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        """Let one request through. Refuses ``TooFast``."""
        now = self._clock()
        left, since = self._buckets.pop(address, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._a_second)
        allowed = left >= 1
        self._buckets[address] = (left - 1 if allowed else left, now)
        if len(self._buckets) > ADDRESSES_MAX:
            self._buckets.popitem(last=False)
        if not allowed:
            raise TooFast(retry_after_s=1)


pace = Pace()


def paced(request: Request) -> None:
    """The dependency of every public route. Refuses ``TooFast``."""
    address = client_address(request.scope)
    if address is not None and address not in OWN:
        pace.take(address)
