"""A branch in which people count: what tests of counts share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from books import Line, a_sale, on_hand, post, raw
from builders import LONG_AGO, Goods, TillAtWork
from placket import inventory, verify
from placket.core.ids import new_id
from placket.inventory import count_queries, count_rules
from placket.inventory.count_models import StockCount

PRICE_VND = 100_000


@dataclass
class Shop:
    """A branch with two tills (their cashiers count) and a style; everything that happens takes ten seconds."""

    tx: Session
    branch_id: UUID
    goods: Goods
    one: TillAtWork
    other: TillAtWork
    seconds: int = field(default=0)

    @property
    def now(self) -> datetime:
        """The moment, which is past as soon as it was asked for."""
        self.seconds += 10
        return LONG_AGO + timedelta(seconds=self.seconds)

    def plan(self, *zones: str, kind: str = "full", recount_vnd: int = 10_000_000, **chosen: Any) -> StockCount:
        """A count that is open."""
        count = inventory.plan_count(
            self.tx,
            count_id=new_id(),
            location_id=self.branch_id,
            kind=kind,
            chosen=inventory.Chosen(**chosen),
            zones=zones or ("Sàn",),
            blind=True,
            recount_vnd=recount_vnd,
            note=None,
            planned_for=None,
            staff_id=self.one.cashier.id,
            now=self.now,
        )
        return inventory.open_count(self.tx, count_id=count.id, staff_id=self.one.cashier.id, now=self.now)

    def scan(
        self,
        count: StockCount,
        pieces: Mapping[UUID, int],
        *,
        at: datetime | None = None,
        since: datetime | None = None,
        zone: int = 1,
        till: TillAtWork | None = None,
        act_id: UUID | None = None,
        round_no: int = 1,
    ) -> UUID:
        """Somebody counts so many pieces, in a moment or from ``since`` on; answers the act."""
        till, act_id, now = till or self.one, act_id or new_id(), self.now
        at = at or now
        lines = [inventory.Scanned(variant_id, qty, since or at, at, round_no) for variant_id, qty in pieces.items()]
        inventory.enter(
            self.tx,
            count_id=count.id,
            act_id=act_id,
            zone_no=zone,
            lines=lines,
            unknown=[],
            staff_id=till.cashier.id,
            device_id=till.id,
            now=now,
        )
        return act_id

    def sell(self, variant_id: UUID, qty: int = 1, *, at: datetime | None = None, late: bool = False) -> None:
        """A sale, told at once or late; what a count has in its figure already is given back, as the journal does it."""
        sale = a_sale(self.one, Line(variant_id, qty), mode="record" if late else "ask", at=at or self.now)
        (outcome,) = post(self.tx, sale)
        assert outcome.kind == "accepted"
        if late and inventory.in_a_count(self.tx, sale_ids=[sale.id]):
            by = inventory.By(None, self.one.id, self.one.epoch)
            inventory.absorb_counted(
                self.tx, sale_id=sale.id, sold_at=datetime.fromisoformat(sale.sold_at), by=by, now=self.now
            )

    def bring(self, variant_id: UUID, qty: int) -> None:
        """Goods come in."""
        inventory.adjust(
            self.tx,
            document_id=new_id(),
            kind="receipt",
            reason="",
            location_id=self.branch_id,
            lines=[inventory.Move(variant_id, qty)],
            by=inventory.By(self.one.cashier.id),
            now=self.now,
        )

    def lines(self, count: StockCount) -> dict[UUID, count_rules.Line]:
        """The lines of a count as the rules read them."""
        self.tx.flush()
        return {line.variant_id: line for line in count_queries.lines_of(self.tx, count=count, price_of=price)}

    def flags(self, count: StockCount) -> dict[UUID, str]:
        """What still needs a person."""
        found = {
            variant_id: count_rules.flag_of(line, kind=count.kind, recount_vnd=count.recount_vnd)
            for variant_id, line in self.lines(count).items()
        }
        return {variant_id: flag for variant_id, flag in found.items() if flag is not None}

    def close(self, count: StockCount) -> None:
        """Nobody counts any more."""
        inventory.close_count(self.tx, count_id=count.id, staff_id=self.one.cashier.id, now=self.now)

    def approve(self, count: StockCount, limit_vnd: int | None = None) -> StockCount:
        """Somebody stands for it up to a limit."""
        return inventory.approve_count(
            self.tx,
            count_id=count.id,
            limit_vnd=limit_vnd,
            may_approve=True,
            price_of=price,
            by=inventory.By(self.one.cashier.id),
            now=self.now,
        )

    def book(self, count: StockCount, *, step: int = 1) -> None:
        """The worker has the books follow."""
        after: UUID | None = None
        while True:
            after = inventory.book_some(self.tx, count_id=count.id, after=after, price_of=price, now=self.now, step=step)
            if after is None:
                return

    def posted(self, count: StockCount) -> StockCount:
        """Closed, approved, booked, and right."""
        if count.state == "counting":
            self.close(count)
        self.approve(count)
        self.book(count)
        assert verify.prove(raw(self.tx)) == []
        return count

    def on_hand(self, variant_id: UUID) -> int:
        """What the books say."""
        return on_hand(self.tx, self.branch_id, variant_id)


def price(_variant_id: UUID) -> int:
    """What every piece costs."""
    return PRICE_VND
