"""Pure rules of counting: what a line still needs from a person, which lines look swapped, how right the books were.

See docs/rules/stock.md. Nothing here knows where the figures come from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

from placket.core.money import WHOLE_BP, rounded_quotient

Flag = Literal["twice", "uncounted", "again", "moved", "zone_short", "big"]
Decision = Literal["zero", "keep", "post"]

CLOCKS_DIFFER: Final = timedelta(seconds=2)
"""Two clocks may differ by so much: what moved that near to a counting may be in the figure or not."""


@dataclass(frozen=True, slots=True)
class Line:
    """A variant of a count: what was counted and what the books said at that moment.

    ``counted`` is none where nobody has counted (in this round); ``moved`` says that pieces came or went between its first
    and its last scan; ``superseded`` that a newer count of it has been booked.
    """

    variant_id: UUID
    style_id: UUID
    colour_id: UUID
    size_no: int
    in_scope: bool
    round: int
    counted: int | None
    expected: int
    moved: bool
    twice: bool
    superseded: bool
    decision: str | None
    unit_vnd: int

    @property
    def figure(self) -> int | None:
        """What is taken to be there: what was counted, or nothing where a person said so."""
        return 0 if self.counted is None and self.decision == "zero" else self.counted

    @property
    def books(self) -> bool:
        """Whether posting makes the books say so."""
        return self.figure is not None and self.decision != "keep" and not self.superseded

    @property
    def difference(self) -> int:
        """Counted less expected; 0 for what is not booked."""
        return (self.figure or 0) - self.expected if self.books else 0

    @property
    def off_vnd(self) -> int:
        """What the difference is worth at the price of the day, whichever way it goes."""
        return abs(self.difference) * self.unit_vnd


def flag_of(line: Line, *, kind: str, recount_vnd: int) -> Flag | None:
    """What a person has to do or decide before the line may be posted; the first of several."""
    if line.decision == "keep":
        return None
    if line.twice:
        return "twice"
    if line.figure is None:
        return _flag_of_uncounted(line)
    settled = line.superseded or line.decision == "post"
    return None if settled else _flag_of_figure(line, kind, recount_vnd)


def _flag_of_uncounted(line: Line) -> Flag | None:
    if line.round > 1:
        return "again"
    return "uncounted" if line.in_scope and line.expected else None


def _flag_of_figure(line: Line, kind: str, recount_vnd: int) -> Flag | None:
    if line.moved:
        return "moved"
    if kind == "zone" and line.difference < 0:
        return "zone_short"
    if line.round == 1 and line.difference and line.off_vnd >= recount_vnd:
        return "big"
    return None


def swaps(lines: Sequence[Line]) -> list[tuple[UUID, UUID, int]]:
    """Pairs that look like pieces of one style taken for one another: (too few, too many, pieces).

    Of one colour the sizes nearest to each other first, then one size in two colours. A piece is in one pair at most.
    """
    left = {line.variant_id: line.difference for line in lines if line.difference}
    fewer = [line for line in lines if line.difference < 0]
    more = [line for line in lines if line.difference > 0]
    near = sorted(
        (nearness, str(one.variant_id), str(other.variant_id), one.variant_id, other.variant_id)
        for one in fewer
        for other in more
        if one.style_id == other.style_id
        and (nearness := abs(one.size_no - other.size_no) if one.colour_id == other.colour_id else _across(one, other))
    )
    pairs = []
    for *_, one_id, other_id in near:
        pieces = min(-left[one_id], left[other_id])
        if pieces > 0:
            left[one_id] += pieces
            left[other_id] -= pieces
            pairs.append((one_id, other_id, pieces))
    return pairs


def accuracy_bp(*, expected: int, off: int) -> int:
    """How right the books were: 1 − Σ|counted − expected| / Σ expected, never netted and never below 0."""
    if expected <= 0:
        return 0 if off else WHOLE_BP
    return max(0, WHOLE_BP - rounded_quotient(off * WHOLE_BP, expected))


def _across(one: Line, other: Line) -> int:
    """Two colours of one size are as likely as sizes far apart; of different sizes, no pair at all (0)."""
    return 100 if one.size_no == other.size_no else 0
