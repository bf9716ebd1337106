"""Pure rules of goods that come back: what was paid for each piece, what is given back for it, VAT, policy, tenders.

See docs/rules/returns.md. Amounts are đồng; a refund is a positive number here and a negative line in the books.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from placket.core.money import WHOLE_BP, split, vat_within


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the discount of a sold line, piece by piece in the canonical order of docs/rules/pricing.md."""

    kind: str
    shares_vnd: tuple[int, ...]
    reason: str | None = None
    promotion_id: UUID | None = None
    promotion_version: int | None = None

    @property
    def amount_vnd(self) -> int:
        """The part of all these pieces."""
        return sum(self.shares_vnd)


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line of a sale that goods may come back from, and what has come back of it already."""

    line_no: int
    variant_id: UUID
    qty: int
    unit_vnd: int
    total_vnd: int
    vat_bp: int
    vat_vnd: int
    parts: tuple[Part, ...]
    returned: int = 0
    refunded_vnd: int = 0
    vat_reversed_vnd: int = 0

    @property
    def kept(self) -> int:
        """Pieces that have not come back."""
        return self.qty - self.returned


@dataclass(frozen=True, slots=True)
class Refund:
    """What is given back for pieces of one line: ``refund_vnd = share_vnd − recalculated_vnd``, VAT inside.

    ``share_vnd`` is what was paid for these pieces, ``parts`` their shares of the line's discounts. ``swap_vnd`` is what
    each piece costs that is swapped for one of them.
    """

    line_no: int
    qty: int
    share_vnd: int
    recalculated_vnd: int
    refund_vnd: int
    vat_bp: int
    vat_vnd: int
    parts: tuple[Part, ...]
    swap_vnd: tuple[int, ...] = ()


Worth = Callable[[Mapping[int, int]], int]
"""What goods of a sale would have cost together: line → pieces, in the prices and promotions of that sale."""


def worth_of_shares(lines: Sequence[SoldLine]) -> Worth:
    """What kept goods cost when every piece stands for itself: no promotion has to be reckoned again."""
    by_no = {line.line_no: line for line in lines}

    def worth(kept: Mapping[int, int]) -> int:
        return sum(_paid(by_no[line_no], pieces) for line_no, pieces in kept.items())

    return worth


def refunds(
    lines: Sequence[SoldLine], taken: Mapping[int, int], *, worth: Worth, swapped: Sequence[SoldLine] = ()
) -> list[Refund]:
    """Reckon what is given back for ``taken`` (line → pieces), in the order of the lines.

    Given back is what was paid and not yet given back, less what the kept goods would have cost alone: never less than
    nothing, and with the last piece everything that is left. ``swapped`` are pieces that the customer takes for some of them
    in the same moment, at their price: they are paid, and kept.
    """
    back = [line for line in lines if taken.get(line.line_no, 0)]
    left_vnd = sum(line.total_vnd - line.refunded_vnd for line in [*lines, *swapped])
    kept = {line.line_no: line.kept - taken.get(line.line_no, 0) for line in [*lines, *swapped]}
    due_vnd = min(max(left_vnd - worth(kept), 0), left_vnd)
    shares = [_paid(line, line.kept) - _paid(line, kept[line.line_no]) for line in back]
    more = split(due_vnd - sum(shares), [max(share_vnd, 0) for share_vnd in shares])
    paid_back = [share_vnd + more_vnd for more_vnd, share_vnd in zip(more, shares, strict=True)]
    return as_given(lines, taken, dict(zip((line.line_no for line in back), paid_back, strict=True)))


def as_given(lines: Sequence[SoldLine], taken: Mapping[int, int], given: Mapping[int, int]) -> list[Refund]:
    """What goes back when so much is given (line → đồng), with its parts and VAT; also for pieces that were back already."""
    back = [line for line in lines if taken.get(line.line_no, 0)]
    vat_of = _vat(lines, back, [given[line.line_no] for line in back])
    made = []
    for line, vat_vnd in zip(back, vat_of, strict=True):
        qty, refund_vnd = taken[line.line_no], given[line.line_no]
        parts = _parts(line, max(line.kept, 0), max(line.kept - qty, 0))
        share_vnd = line.unit_vnd * qty - sum(part.amount_vnd for part in parts)
        less_vnd = share_vnd - refund_vnd
        made.append(Refund(line.line_no, qty, share_vnd, less_vnd, refund_vnd, line.vat_bp, vat_vnd, parts))
    return made


def swap_prices(line: SoldLine, swapped: int) -> tuple[int, ...]:
    """What pieces cost that are swapped for the next ones to go: their price, before points paid some of it."""
    off = [part.shares_vnd for part in line.parts if part.kind != "points"]
    places = range(line.kept - 1, line.kept - 1 - swapped, -1)
    return tuple(line.unit_vnd - sum(shares[place] for shares in off) for place in places)


def _paid(line: SoldLine, pieces: int) -> int:
    """What was paid for the first pieces: those that go last are the last of the line."""
    return line.unit_vnd * pieces - sum(sum(part.shares_vnd[:pieces]) for part in line.parts)


def _parts(line: SoldLine, before: int, after: int) -> tuple[Part, ...]:
    parts = (replace(part, shares_vnd=part.shares_vnd[after:before]) for part in line.parts)
    return tuple(part for part in parts if part.amount_vnd)


def _vat(lines: Sequence[SoldLine], back: Sequence[SoldLine], paid_back: Sequence[int]) -> list[int]:
    """The VAT that goes back: at the rate of the sale, so that what is left of it holds what an invoice of it would."""
    vat_of = [0] * len(back)
    for rate_bp in sorted({line.vat_bp for line in back}):
        places = [place for place, line in enumerate(back) if line.vat_bp == rate_bp]
        same = [line for line in lines if line.vat_bp == rate_bp]
        gone_vnd = sum(line.refunded_vnd for line in same) + sum(paid_back[place] for place in places)
        left_vnd = vat_within(sum(line.total_vnd for line in same) - gone_vnd, rate_bp)
        now_vnd = sum(line.vat_vnd - line.vat_reversed_vnd for line in same) - left_vnd
        weights = [paid_back[place] for place in places]
        bounded_vnd = min(max(now_vnd, 0), sum(weights))
        for place, part_vnd in zip(places, split(bounded_vnd, weights), strict=True):
            vat_of[place] = min(part_vnd, paid_back[place])
    return vat_of


@dataclass(frozen=True, slots=True)
class Policy:
    """A row of ``return_policy``."""

    valid_from: date
    category_id: UUID | None
    off_bp_min: int
    days: int
    forms: frozenset[str]


NONE_WRITTEN = Policy(date.min, None, 0, 0, frozenset())
"""Without any rule nothing comes back but by approval."""


def policy_for(policies: Sequence[Policy], *, sold_on: date, categories: Sequence[UUID], off_bp: int) -> Policy:
    """The rule for a piece; ``categories`` are its own first, then those above it; ``off_bp`` came off its highest price."""
    nearness = {category_id: place for place, category_id in enumerate(categories)}

    def rank(policy: Policy) -> tuple[int, int, int]:
        near = len(categories) if policy.category_id is None else nearness[policy.category_id]
        return near, -policy.off_bp_min, -policy.valid_from.toordinal()

    fitting = (
        policy
        for policy in policies
        if policy.valid_from <= sold_on
        and policy.off_bp_min <= off_bp
        and (policy.category_id is None or policy.category_id in nearness)
    )
    return min(fitting, key=rank, default=NONE_WRITTEN)


def off_bp(*, top_vnd: int, paid_vnd: int) -> int:
    """How much came off the highest price a piece ever had, in basis points, rounded down."""
    return max(0, WHOLE_BP - -(-paid_vnd * WHOLE_BP // top_vnd)) if top_vnd > 0 else 0


def last_day(policy: Policy, sold_on: date) -> date:
    """The last day on which goods come back without anybody's approval; the day of the sale counts not."""
    return sold_on + timedelta(days=policy.days)


def tender_limits(paid: Mapping[str, int], back_by: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """How much may go out by each form, from what is left of each tender that paid."""
    limits: dict[str, int] = {}
    for kind, left_vnd in paid.items():
        for form in back_by.get(kind, frozenset()):
            limits[form] = limits.get(form, 0) + max(left_vnd, 0)
    return limits
