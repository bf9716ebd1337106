"""Chance with a seed: every purpose has dice of its own, so that more of one thing changes nothing in another.

Identifiers are shaped like UUIDv7 (the millisecond of the thing, then seeded bits), so they sort by time as real ones do.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from random import Random


def dice(seed: int, purpose: str) -> Random:
    """The dice of one purpose; the same seed and purpose always throw the same."""
    return Random(f"placket demo {seed} {purpose}")


def make_id(throw: Random, at_ms: int) -> str:
    """A UUIDv7-shaped identifier of a thing made at a millisecond of the epoch, as 32 hexadecimal digits."""
    bits = throw.getrandbits(74)
    return f"{at_ms:012x}7{bits >> 62:03x}{8 | (bits >> 60) & 3:x}{bits & 0xFFF_FFFF_FFFF_FFFF:015x}"


class Weighed:
    """Words by weight, ready to be drawn many times."""

    def __init__(self, words: Sequence[tuple[str, int]]) -> None:
        self._words = [word for word, _ in words]
        self._upto = list(accumulate(weight for _, weight in words))

    def draw(self, throw: Random) -> str:
        """One of the words."""
        return self._words[bisect_right(self._upto, throw.random() * self._upto[-1])]


def about(throw: Random, mean: float) -> int:
    """A whole number near a mean, the mean on average: 2.3 is 2 mostly and 3 sometimes."""
    return int(mean + throw.random())
