"""What goes on behind the counter on the day a demo is filled: counts, goods on order and coming in, transfers.

Made by the same verbs as everybody's, so it is told to the terminals and leaves its differences in the inbox.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import inventory
from placket.core.clock import business_day
from placket.core.db import Database
from placket.core.money import rounded_to
from placket.demo.counting import tell_counts
from placket.demo.dice import dice, make_id

_WHOLESALE: Final = 12
_SENT: Final = 3
_KINDS_ORDERED: Final = 5
_KINDS_SENT: Final = 4

GOODS: Final = text("""
    SELECT k.variant_id, c.average_vnd FROM stock k
      JOIN variant v ON v.id = k.variant_id AND v.status = 'active'
      JOIN variant_cost c ON c.variant_id = v.id
     WHERE k.location_id = :place AND k.on_hand - k.promised - k.asked >= :least ORDER BY k.variant_id
""")


def begin(database_url: str, *, seed: int, now: datetime) -> None:
    """Let the day begin in a demo that has just been filled; in one transaction."""
    database = Database(database_url, pool_size=1)
    try:
        with database.transaction() as tx:
            _Day(tx, dice(seed, "backroom"), now).tell()
    finally:
        database.dispose()


@dataclass(frozen=True, slots=True)
class _Boxes:
    """A transfer: from where, to where, and what was asked for."""

    transfer_id: UUID
    source: str
    target: str
    moves: list[inventory.Move]


class _Day:
    """One morning behind the counters of the chain."""

    def __init__(self, tx: Session, throw: Random, now: datetime) -> None:
        self._tx, self._throw, self._now = tx, throw, now
        places = tx.execute(text("SELECT code, id FROM location WHERE kind IN ('branch', 'depot') AND status = 'active'"))
        self._places = {row.code: row.id for row in places}
        keepers = tx.execute(
            text(
                "SELECT location_id, staff_id FROM staff_role WHERE role IN ('store_manager', 'warehouse') ORDER BY staff_id"
            )
        )
        self._keepers = {row.location_id: row.staff_id for row in keepers}

    def tell(self) -> None:
        """The branches have counted, goods come to the depot, and the branches send one another what they lack."""
        tell_counts(self._tx, self._throw, keepers=self._keepers, now=self._now)
        self._supply()
        branches = sorted(code for code in self._places if code != "KHO")
        near, next_door, far = branches[0], branches[1], branches[-1]
        self._request("KHO", far, ago_h=1)
        self._pick(self._request("KHO", near, ago_h=5), ago_h=3)
        self._ship(self._request("KHO", next_door, ago_h=26), ago_h=20)
        arrived = self._ship(self._request(near, next_door, ago_h=50), ago_h=46)
        self._receive(arrived, ago_h=4)
        short = self._ship(self._request("KHO", far, ago_h=98), ago_h=90)
        self._receive(short, ago_h=24, missing=1)
        broken = self._ship(self._request("KHO", near, ago_h=60), ago_h=52)
        self._receive(broken, ago_h=6, damaged=1)

    def _supply(self) -> None:
        suppliers = self._tx.scalars(text("SELECT id FROM supplier ORDER BY id")).all()
        whole, part, _ = (
            self._order(supplier_id, ago_days=ago_days, due_days=due_days)
            for supplier_id, ago_days, due_days in zip(suppliers, (12, 6, 1), (-2, 0, 9), strict=True)
        )
        self._take_in(whole, ago_h=30)
        self._take_in(part, ago_h=2, rejected=2)

    def _order(self, supplier_id: UUID, *, ago_days: int, due_days: int) -> tuple[UUID, list[inventory.Ordered]]:
        lines = [
            inventory.Ordered(variant_id, _WHOLESALE, rounded_to(average_vnd, 1_000))
            for variant_id, average_vnd in self._goods("KHO", _KINDS_ORDERED)
        ]
        order_id = self._key()
        inventory.order_goods(
            self._tx,
            order_id=order_id,
            supplier_id=supplier_id,
            location_id=self._places["KHO"],
            lines=lines,
            note=None,
            expected_on=business_day(self._now) + timedelta(days=due_days),
            staff_id=self._keepers[self._places["KHO"]],
            now=self._now - timedelta(days=ago_days),
        )
        return order_id, lines

    def _take_in(self, order: tuple[UUID, list[inventory.Ordered]], *, ago_h: int, rejected: int = 0) -> None:
        """All that was ordered, or half of it with some of the first goods sent back at the door."""
        order_id, ordered = order
        accepted = _WHOLESALE // 2 if rejected else _WHOLESALE
        lines = [inventory.Delivered(line.variant_id, accepted) for line in ordered]
        if rejected:
            lines[0] = inventory.Delivered(lines[0].variant_id, accepted - rejected, rejected, "damaged")
        inventory.receive_goods(
            self._tx,
            receipt_id=self._key(),
            location_id=self._places["KHO"],
            order_id=order_id,
            supplier_id=None,
            lines=lines,
            note=None,
            by=inventory.By(self._keepers[self._places["KHO"]]),
            now=self._at(ago_h),
        )

    def _request(self, source: str, target: str, *, ago_h: int) -> _Boxes:
        moves = [inventory.Move(variant_id, _SENT) for variant_id, _ in self._goods(source, _KINDS_SENT, least=_SENT)]
        boxes = _Boxes(self._key(), source, target, moves)
        inventory.request_transfer(
            self._tx,
            transfer_id=boxes.transfer_id,
            from_id=self._places[source],
            to_id=self._places[target],
            lines=moves,
            note=None,
            staff_id=self._keepers[self._places[target]],
            now=self._at(ago_h),
        )
        return boxes

    def _pick(self, boxes: _Boxes, *, ago_h: int) -> None:
        self._act(inventory.pick, boxes, boxes.source, ago_h, lines=boxes.moves[:-1])

    def _ship(self, boxes: _Boxes, *, ago_h: int) -> _Boxes:
        self._act(inventory.pick, boxes, boxes.source, ago_h + 1, lines=boxes.moves)
        self._act(inventory.ship, boxes, boxes.source, ago_h, looked_for={})
        return boxes

    def _receive(self, boxes: _Boxes, *, ago_h: int, missing: int = 0, damaged: int = 0) -> None:
        """Open every box; of the first goods some are missing or damaged."""
        first, *others = boxes.moves
        came = [inventory.Arrived(first.variant_id, first.qty - missing - damaged, damaged)]
        came += [inventory.Arrived(move.variant_id, move.qty, 0) for move in others]
        self._act(inventory.receive, boxes, boxes.target, ago_h, lines=came, complete=True)

    def _act(self, verb: Callable[..., object], boxes: _Boxes, where: str, ago_h: int, **what: object) -> None:
        by = inventory.By(self._keepers[self._places[where]])
        verb(self._tx, transfer_id=boxes.transfer_id, act_id=self._key(), by=by, now=self._at(ago_h), **what)

    def _goods(self, place: str, many: int, *, least: int = 1) -> list[tuple[UUID, int]]:
        """Some kinds of goods of a place of which there are at least so many, with what a piece costs on average."""
        rows = self._tx.execute(GOODS, {"place": self._places[place], "least": least}).all()
        chosen = self._throw.sample(rows, min(many, len(rows)))
        return [(row.variant_id, row.average_vnd) for row in chosen]

    def _at(self, ago_h: int) -> datetime:
        return self._now - timedelta(hours=ago_h)

    def _key(self) -> UUID:
        return UUID(make_id(self._throw, int(self._now.timestamp()) * 1_000))
