"""Pieces that go out for others that come back in the same sale: another size or colour, at the price of what came back.

See docs/rules/returns.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from placket import catalog
from placket.core.refusals import Refusal
from placket.sales.desk import SaleToPost
from placket.sales.refusals import ReturnChanged
from placket.sales.return_queries import Sold
from placket.sales.return_shapes import ReturnAsked
from placket.sales.returning import ReturnQuote, Wanted
from placket.sales.shapes import LineAsked

REASONS: Final = frozenset({"size", "colour"})
REASON: Final = "swap"


class NoSwap(Refusal):
    """Only another size or colour of the same style goes out at the price of what came back, one for one."""

    code = "no_swap"
    vi = "Dòng {line_no}: chỉ đổi ngang sang size hoặc màu khác cùng kiểu, cùng giá niêm yết."
    en = "Line {line_no}: only another size or colour of the style at the same list price is an even swap."


def wanted(returns: Sequence[ReturnAsked], lines: Sequence[LineAsked]) -> list[Wanted]:
    """What comes back, with how many pieces are swapped for each line."""
    swapped: dict[tuple[UUID, int], int] = {}
    for line in lines:
        if line.swaps is not None:
            key = line.swaps.sale_id, line.swaps.line_no
            swapped[key] = swapped.get(key, 0) + line.qty
    return [one.wanted(swapped.get((one.sale_id, one.line_no), 0)) for one in returns]


def demand(reckoned: ReturnQuote, returns: Sequence[ReturnAsked], lines: Sequence[LineAsked]) -> None:
    """Refuse ``NoSwap`` unless the goods may be swapped, ``ReturnChanged`` unless at the price that was reckoned."""
    said = {(one.sale_id, one.line_no): one for one in returns}
    prices = {
        (returned.sale_id, refund.line_no): list(refund.swap_vnd)
        for returned in reckoned.sales
        for refund in returned.refunds
    }
    sold_at = {
        (returned.sale_id, row.line_no): (str(row.style_id), row.variant_id, row.unit_vnd)
        for returned in reckoned.sales
        for row in returned.sold.rows
    }
    style_of = catalog.price_books.current().facts_of
    for line_no, line in enumerate(lines, start=1):
        if line.swaps is None:
            continue
        key = line.swaps.sale_id, line.swaps.line_no
        back = said.get(key)
        if back is None or back.reason not in REASONS or line.qty != 1 or not prices.get(key) or line.adjust is None:
            raise NoSwap(line_no=line_no)
        style_id, variant_id, unit_vnd = sold_at[key]
        if line.variant_id == variant_id or (str(style_of(line.variant_id).style_id), line.unit_vnd) != (style_id, unit_vnd):
            raise NoSwap(line_no=line_no)
        if (line.adjust.kind, line.adjust.reason, line.adjust.value) != ("price", REASON, prices[key].pop(0)):
            raise ReturnChanged(refund_vnd=reckoned.refund_vnd)


def with_stands(sale: SaleToPost, lines: Sequence[LineAsked], sold: Sequence[Sold]) -> SaleToPost:
    """The sale with what each swapped piece stands for: the line by which its goods were first sold."""
    first: Mapping[tuple[UUID, int], tuple[UUID, int]] = {
        (one.head.id, row.line_no): (row.stands_for_sale_id or one.head.id, row.stands_for_line_no or row.line_no)
        for one in sold
        for row in one.rows
    }
    posted: list[dict[str, Any]] = []
    for place, told in enumerate(sale.lines):
        swaps = lines[place].swaps if place < len(lines) else None
        stands_for = None if swaps is None else first.get((swaps.sale_id, swaps.line_no))
        if stands_for is None:
            posted.append(told)
        else:
            posted.append({**told, "stands_for_sale_id": str(stands_for[0]), "stands_for_line_no": stands_for[1]})
    return msgspec.structs.replace(sale, lines=posted)


def priced_vnd(lines: Sequence[LineAsked]) -> int:
    """What the swapped pieces of a sale were said to cost."""
    return sum(line.adjust.value for line in lines if line.swaps is not None and line.adjust is not None)


def fair_vnd(reckoned: ReturnQuote) -> int:
    """What they would have cost as we reckon it."""
    return sum(vnd for returned in reckoned.sales for refund in returned.refunds for vnd in refund.swap_vnd)
