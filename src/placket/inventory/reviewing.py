"""The review of a count as people read it: its lines with flags and pairs, sorted by what is at stake, and its sums."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from placket.inventory import count_queries, count_rules
from placket.inventory.count_shapes import CountLineShown, CountSums, TallyShown
from placket.inventory.service.booking import sums_of

Which = Literal["differences", "open", "recount", "swaps", "uncounted", "all"]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A line with everything that the rules say of it."""

    row: Row[Any]
    line: count_rules.Line
    flag: str | None
    swap: tuple[UUID, int] | None


FILTERS: dict[str, Callable[[Reviewed], bool]] = {
    "differences": lambda one: one.line.difference != 0,
    "open": lambda one: one.flag is not None,
    "recount": lambda one: one.line.round > 1 or one.flag in {"again", "big", "moved"},
    "swaps": lambda one: one.swap is not None,
    "uncounted": lambda one: one.line.counted is None and one.line.in_scope and one.line.expected != 0,
    "all": lambda _one: True,
}


def review(
    tx: Session, *, count: Row[Any], price_of: count_queries.PriceOf, limit_vnd: int | None, may_approve: bool
) -> tuple[CountSums, list[Reviewed]]:
    """Every line of a count, what is worth most first, and what they come to."""
    rows = count_queries.line_rows(tx, count_id=count.id)
    lines = [count_queries.line_of(row, price_of) for row in rows]
    paired: dict[UUID, tuple[UUID, int]] = {}
    for fewer, more, pieces in count_rules.swaps(lines):
        paired.setdefault(fewer, (more, pieces))
        paired.setdefault(more, (fewer, pieces))
    reviewed = [
        Reviewed(row, line, _flag(count, line, row), paired.get(line.variant_id))
        for row, line in zip(rows, lines, strict=True)
    ]
    # Sorting is stable: lines worth the same stay in the order of styles, colours and sizes.
    reviewed.sort(key=lambda one: (-one.line.off_vnd, -abs(one.line.difference), one.flag is None))
    sums = sums_of(lines)
    flags = Counter(one.flag for one in reviewed if one.flag is not None)
    counted = CountSums(
        expected=sums.expected,
        off=sums.off,
        off_vnd=sums.off_vnd,
        more=sum(max(0, line.difference) for line in lines),
        fewer=sum(max(0, -line.difference) for line in lines),
        accuracy_bp=count_rules.accuracy_bp(expected=sums.expected, off=sums.off),
        may_post=may_approve and (limit_vnd is None or sums.off_vnd <= limit_vnd),
        flags=dict(flags),
        **{name: sum(map(fits, reviewed)) for name, fits in FILTERS.items()},
    )
    return counted, reviewed


def shown(tx: Session, *, count_id: UUID, some: Sequence[Reviewed], every: Sequence[Reviewed]) -> list[CountLineShown]:
    """Lines as they are read, with who counted what where."""
    tallies: dict[UUID, list[TallyShown]] = {}
    for tally in count_queries.tallies(tx, count_id=count_id, variant_ids=[one.line.variant_id for one in some]):
        tallies.setdefault(tally.variant_id, []).append(TallyShown.model_validate(tally, from_attributes=True))
    skus = {one.line.variant_id: str(one.row.sku) for one in every}
    return [_line(one, tallies.get(one.line.variant_id, []), skus) for one in some]


def _line(one: Reviewed, tallies: list[TallyShown], skus: dict[UUID, str]) -> CountLineShown:
    row, line = one.row, one.line
    return CountLineShown(
        variant_id=line.variant_id,
        style_id=line.style_id,
        sku=row.sku,
        name_vi=row.name_vi,
        name_en=row.name_en,
        colour_vi=row.colour_vi,
        colour_en=row.colour_en,
        hex=row.hex,
        size=row.size,
        in_scope=line.in_scope,
        round=line.round,
        counted=line.counted,
        expected=line.expected,
        difference=line.difference,
        off_vnd=line.off_vnd,
        moved_since=row.since,
        flag=one.flag,
        superseded=line.superseded,
        decision=line.decision,
        reason=row.reason,
        swap_with=None if one.swap is None else skus[one.swap[0]],
        swap_pieces=0 if one.swap is None else one.swap[1],
        tallies=tallies,
    )


def _flag(count: Row[Any], line: count_rules.Line, row: Row[Any]) -> str | None:
    """What is open on a line; nothing is on one that is booked, or in a count that is over."""
    if row.booked_at is not None or count.state in {"posted", "cancelled"}:
        return None
    return count_rules.flag_of(line, kind=count.kind, recount_vnd=count.recount_vnd)
