"""Chance with a seed: every purpose has dice of its own, so that more of one thing changes nothing in another.

Identifiers are shaped like UUIDv7 (the millisecond of the thing, then seeded bits), so they sort by time as real ones do.
"""

from collections.abc import Sequence
from random import Random


def dice(seed: int, purpose: str) -> Random:
    """The dice of one purpose; the same seed and purpose always throw the same."""
    return Random(f"placket demo {seed} {purpose}")


def make_id(throw: Random, at_ms: int) -> str:
    """A UUIDv7-shaped identifier of a thing made at a millisecond of the epoch, as 32 hexadecimal digits."""
    bits = throw.getrandbits(74)
    return f"{at_ms:012x}7{bits >> 62:03x}{8 | (bits >> 60) & 3:x}{bits & 0xFFF_FFFF_FFFF_FFFF:015x}"


def pick(throw: Random, weighed: Sequence[tuple[str, int]]) -> str:
    """One of the words, by weight."""
    return throw.choices([word for word, _ in weighed], [weight for _, weight in weighed])[0]


def about(throw: Random, mean: float) -> int:
    """A whole number near a mean, the mean on average: 2.3 is 2 mostly and 3 sometimes."""
    return int(mean + throw.random())
