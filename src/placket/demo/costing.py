"""What the history's goods cost: what comes to the depot is a goods receipt with a cost a piece, and moves the average.

Written as ``inventory.receive_goods`` would have, under the same rule of the moving average; ``placket verify`` holds both.
"""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from random import Random
from typing import Any, Final

import psycopg

from placket import inventory
from placket.core.money import part_of, rounded_to
from placket.demo.catalogue import start_ms
from placket.demo.dice import make_id
from placket.demo.goods import Goods
from placket.demo.loading import NULL, Writer, copy_rows, row_of

SUPPLIERS: Final = (
    ("Xưởng may Vạn Phúc", "0903 112 204", "0100112204"),
    ("Dệt lụa Bảo Lộc", "0918 430 117", "5800430117"),
    ("Phụ kiện Hàng Gai", "0987 220 361", "0105220361"),
)
# Of the price with VAT: half of what is taken is left of most styles after discounts, and more of the best.
_COST_BP: Final = (3_100, 4_300)
_DEARER_BP: Final = (9_600, 10_500)
_STEP_VND: Final = 1_000


class Costing:
    """Knows the suppliers, and keeps the average of every variant while the history is told; ``write`` comes last."""

    def __init__(
        self, connection: psycopg.Connection[Any], writer: Writer, goods: Goods, throw: Random, *, on: date
    ) -> None:
        self._connection, self._goods, self._throw = connection, goods, throw
        self._receipt, self._line = writer.rows("goods_receipt"), writer.rows("receipt_line")
        self._number = 0
        self._usual = [part_of(style.price_vnd, throw.randint(*_COST_BP)) for style in goods.plan.styles]
        self._average: dict[int, tuple[int, str]] = {}
        self._suppliers = [make_id(throw, start_ms(on)) for _ in SUPPLIERS]
        rows = (row_of(key, *who, on) for key, who in zip(self._suppliers, SUPPLIERS, strict=True))
        copy_rows(connection, "supplier", "id, name, phone, tax_code, created_at", rows)

    def take_in(
        self, document: str, *, place: str, keeper: str, at: str, wanted: Sequence[tuple[int, int]], is_opening: bool
    ) -> None:
        """A delivery that is about to be put on the shelves. What lies there on the first day is nobody's."""
        self._number += 1
        supplier = NULL if is_opening else self._throw.choice(self._suppliers)
        note = "Tồn đầu kỳ" if is_opening else "Nhập hàng"
        told = rf"\\x{sha256(document.encode()).hexdigest()}"
        self._receipt(f"{document}\t{self._number}\t{supplier}\t{place}\t{keeper}\t{at}\t{note}\t{told}")
        left, style_of, ids = self._goods.left, self._goods.style_of, self._goods.ids
        for variant, pieces in wanted:
            usual_vnd = part_of(self._usual[style_of[variant]], self._throw.randint(*_DEARER_BP))
            cost_vnd = rounded_to(usual_vnd, _STEP_VND)
            there = sum(shelf[variant] for shelf in left)
            before = self._average.get(variant)
            before_vnd = None if before is None else before[0]
            after_vnd = inventory.average_cost(pieces=there, average_vnd=before_vnd, added=pieces, unit_cost_vnd=cost_vnd)
            self._average[variant] = (after_vnd, at)
            self._line(f"{document}\t{ids[variant]}\t{pieces}\t0\t{cost_vnd}\t{there}\t{before_vnd or 0}\t{after_vnd}")

    def write(self) -> None:
        """The averages as the history leaves them, and the number of its last receipt."""
        rows = (row_of(self._goods.ids[n], average, at) for n, (average, at) in sorted(self._average.items()))
        copy_rows(self._connection, "variant_cost", "variant_id, average_vnd, changed_at", rows)
        if self._number:
            self._connection.execute("SELECT setval('receipt_no', %s)", [self._number])
