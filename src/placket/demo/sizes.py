"""How much of a chain the demo builds."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """The figures of one size. Sales and lines are what the dice aim at; they land within a few per cent."""

    name: str
    styles: int
    customers: int
    sales: int
    days: int
    months: int = 0


SIZES: Mapping[str, Size] = {
    size.name: size
    for size in (
        Size("small", styles=40, customers=400, sales=1_500, days=30),
        Size("chain", styles=600, customers=40_000, sales=150_000, days=0, months=26),
        Size("large", styles=6_700, customers=1_000_000, sales=4_700_000, days=0, months=26),
    )
}
