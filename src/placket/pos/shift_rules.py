"""What should be in a drawer, and when somebody else must agree. Pure; the rules are docs/rules/shifts.md's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

DENOMINATIONS: Final = (500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000)
VARIANCE_VND_MAX: Final = 50_000
CASH_OUT_VND_MAX: Final = 500_000
COUNTS: Final = 2


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that belongs to a shift."""

    kind: str
    amount_vnd: int
    sale: object


@dataclass(frozen=True, slots=True)
class Figures:
    """A shift in sums. Tenders are what was received less what went back; refunds are positive."""

    float_vnd: int
    cash_sales_vnd: int
    cash_refunds_vnd: int
    in_vnd: int
    out_vnd: int
    sales: int
    refunds: int
    tenders: Mapping[str, int]

    @property
    def expected_vnd(self) -> int:
        """What the drawer should hold."""
        return self.float_vnd + self.cash_sales_vnd - self.cash_refunds_vnd + self.in_vnd - self.out_vnd

    @property
    def total_vnd(self) -> int:
        """Everything received less everything given back."""
        return sum(self.tenders.values())


def sum_of(pieces: Mapping[int, int]) -> int:
    """The worth of notes: ``{denomination: how many}``."""
    return sum(value_vnd * count for value_vnd, count in pieces.items())


def figures(float_vnd: int, payments: Iterable[Payment], moves: Iterable[tuple[str, int]]) -> Figures:
    """Add up a shift: its float, the payments that belong to it, and cash moved in and out."""
    paid = list(payments)
    moved = list(moves)
    tenders: dict[str, int] = {}
    for payment in paid:
        tenders[payment.kind] = tenders.get(payment.kind, 0) + payment.amount_vnd
    cash = [payment.amount_vnd for payment in paid if payment.kind == "cash"]
    return Figures(
        float_vnd=float_vnd,
        cash_sales_vnd=sum(amount for amount in cash if amount > 0),
        cash_refunds_vnd=-sum(amount for amount in cash if amount < 0),
        in_vnd=sum(amount for kind, amount in moved if kind == "in"),
        out_vnd=sum(amount for kind, amount in moved if kind == "out"),
        sales=len({payment.sale for payment in paid if payment.amount_vnd > 0}),
        refunds=len({payment.sale for payment in paid if payment.amount_vnd < 0}),
        tenders=dict(sorted(tenders.items())),
    )


def needs_approval(variance_vnd: int) -> bool:
    """Whether a drawer is so far over or short that somebody else must agree."""
    return abs(variance_vnd) > VARIANCE_VND_MAX


def may_recount(expected_before: Sequence[int], expected_vnd: int) -> bool:
    """Whether a drawer may be counted against this sum again; stale counts, against another sum, do not matter."""
    return sum(one == expected_vnd for one in expected_before) < COUNTS
