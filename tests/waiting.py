"""Waiting for what has to come, and failing when it does not."""

import time
from collections.abc import Callable

LOOK_S = 0.02


def until(
    holds: Callable[[], bool], *, within_s: float = 120.0, every_s: float = LOOK_S, what: str = "it never came true"
) -> None:
    """Wait until something is so; fail with the sentence when it is not in time."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(every_s)
