"""A line of an order that no single place has whole is cut in two, so that each place keeps and sends a line of its own.

The pieces were priced one by one; each part has its own pieces' money, so the parts sum to the line, to the đồng.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from placket import crm
from placket.sales.order_models import WebOrder, WebOrderLine
from placket.sales.order_rules import OrderedLine
from placket.sales.pieces import Part, Piece, pieces_of_line


@dataclass(frozen=True, slots=True)
class Cut:
    """The money of a part of a line: what its pieces cost."""

    qty: int
    discount_vnd: int
    total_vnd: int
    vat_vnd: int
    points_vnd: int
    discounts: list[dict[str, Any]]


def agreed(line: WebOrderLine) -> OrderedLine:
    """A line as its money was agreed on."""
    return OrderedLine(
        line.line_no,
        line.variant_id,
        line.qty,
        line.unit_vnd,
        line.discount_vnd,
        line.total_vnd,
        line.vat_bp,
        line.discounts,
    )


def cut(line: OrderedLine, *, vat_vnd: int, first: int) -> tuple[Cut, Cut]:
    """A line in two: its first pieces, and the others."""
    parts = [
        Part(part["kind"], part["amount_vnd"], part.get("promotion_id"), part.get("shares_vnd")) for part in line.discounts
    ]
    pieces = pieces_of_line(qty=line.qty, unit_vnd=line.unit_vnd, total_vnd=line.total_vnd, vat_vnd=vat_vnd, parts=parts)
    return _cut(line, pieces[:first], 0), _cut(line, pieces[first:], first)


def _cut(line: OrderedLine, pieces: tuple[Piece, ...], begin: int) -> Cut:
    total_vnd = sum(piece.net_vnd for piece in pieces)
    points_vnd = sum(piece.points_vnd for piece in pieces)
    discounts: list[dict[str, Any]] = []
    for part in line.discounts:
        if part["kind"] == "promotion":
            shares = list(part["shares_vnd"][begin : begin + len(pieces)])
            mine = dict(part) | {"amount_vnd": sum(shares), "shares_vnd": shares}
        else:
            mine = dict(part) | {"amount_vnd": points_vnd}
        if mine["amount_vnd"]:
            discounts.append(mine | {"no": len(discounts) + 1})
    return Cut(
        qty=len(pieces),
        discount_vnd=len(pieces) * line.unit_vnd - total_vnd,
        total_vnd=total_vnd,
        vat_vnd=sum(piece.vat_vnd for piece in pieces),
        points_vnd=points_vnd,
        discounts=discounts,
    )


def take_apart(tx: Session, order: WebOrder, line: WebOrderLine, *, first: int, line_no: int) -> WebOrderLine:
    """Leave a line its first pieces; the others become the line ``line_no``, with the points that pay for them."""
    mine, rest = cut(agreed(line), vat_vnd=line.vat_vnd, first=first)
    other = WebOrderLine(
        order_id=line.order_id,
        line_no=line_no,
        variant_id=line.variant_id,
        qty=rest.qty,
        unit_vnd=line.unit_vnd,
        discount_vnd=rest.discount_vnd,
        total_vnd=rest.total_vnd,
        vat_bp=line.vat_bp,
        vat_vnd=rest.vat_vnd,
        discounts=rest.discounts,
        state=line.state,
    )
    line.qty, line.discount_vnd, line.total_vnd = mine.qty, mine.discount_vnd, mine.total_vnd
    line.vat_vnd, line.discounts = mine.vat_vnd, mine.discounts
    tx.add(other)
    tx.flush()
    if order.points and rest.points_vnd:
        crm.split_hold_of_order(
            tx, order_id=order.id, line_no=line.line_no, values_vnd=(mine.points_vnd, rest.points_vnd), other_no=line_no
        )
    return other
