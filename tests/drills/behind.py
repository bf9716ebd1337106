"""Who works behind the counter while the street shops: tills that sell and give their word, pickers, the clock."""

import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from builders import Person, TillAtWork, a_cart
from crowd import Ask, Client
from drills.street import LOOK_S, Street
from placket.core import clock
from placket.core.ids import new_id
from placket.pos import journal
from serving import Process

WORD_S: Final = 0.15
PICK_S: Final = 0.3
NEVER_FETCHED: Final = 0.08
NEVER_PICKED: Final = 0.04
COMES_BACK: Final = 0.12
SELLS_S: Final = 1.0
# How long the worker stays dead: long enough that orders wait for it.
DOWN_S: Final = 1.0


@dataclass
class Cashier:
    """A till that sells what lies on its branch's shelf, and now and then a piece of the depot."""

    street: Street
    till: TillAtWork
    sold: int = 0
    entries: list[dict[str, Any]] = field(default_factory=list)
    is_silent: bool = False
    sells: bool = True

    async def sell(self, until: asyncio.Event, *, offline_for_s: float = 0.0) -> None:
        """Sell a piece after the other; one that goes off line sells on and hands its journal in when it comes back."""
        dice = random.Random(self.till.number)
        variants = list(self.street.goods.price_vnd)
        async with Client(self.street.port) as http:
            while not until.is_set():
                await asyncio.sleep(dice.uniform(0.5, 1.5) * SELLS_S)
                if offline_for_s:
                    await self._alone(http, dice, variants, offline_for_s)
                    offline_for_s = 0.0
                    continue
                place = self.street.depot if dice.random() < 0.2 else self.till.location_id
                variant = dice.choice(variants)
                if self.street.goods.take(place, variant):
                    await self._sell_one(http, place, variant)

    async def _sell_one(self, http: Client, place: UUID, variant: UUID) -> None:
        goods, head = self.street.goods, self.till.bearer
        cart = a_cart(self.till, (variant, 1, goods.price_vnd[variant]), source_id=place)
        reply = await self.street.ask(http, Ask("POST", "/api/sales", head, cart), as_what="sell")
        if reply.code == "amber":  # it is promised to others: is there one for them as well?
            promised = reply.body["facts"]["lines"][0]["promised"]
            if goods.shelf[place, variant] + goods.bags[place, variant] >= promised:
                cart["lines"][0]["looked_for"] = promised
                reply = await self.street.ask(http, Ask("POST", "/api/sales", head, cart), as_what="sell after a look")
        if reply.status == 201:
            self.sold += 1
            return
        assert reply.code in {"out_of_stock", "amber"}, reply
        self.till.last_receipt_no -= 1
        goods.put(place, variant)

    async def _alone(self, http: Client, dice: random.Random, variants: Sequence[UUID], seconds: float) -> None:
        """Without network: what lies there is sold, whoever it is promised to; the journal tells of it afterwards."""
        self.is_silent = True
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            await asyncio.sleep(SELLS_S / 4)
            variant = dice.choice(variants)
            if self.street.goods.take(self.till.location_id, variant):
                self._write(a_cart(self.till, (variant, 1, self.street.goods.price_vnd[variant])))
        body = {"epoch": 1, "head_seq": len(self.entries), "entries": self.entries}
        device = {"authorization": f"Bearer {self.till.device_token}"}
        reply = await self.street.ask(http, Ask("POST", "/api/till/push", device, body), as_what="push")
        assert [one["status"] for one in reply.body["results"]] == ["posted"] * len(self.entries), reply
        self.sold += len(self.entries)
        self.is_silent = False

    def _write(self, cart: dict[str, Any]) -> None:
        cart |= {"staff_id": str(self.till.cashier.id)}
        del cart["opening"], cart["at"]
        seq = len(self.entries) + 1
        head = {"entry_id": str(new_id()), "epoch": 1, "seq": seq, "opening": 1, "kind": "SALE"}
        told = {"at": clock.now().isoformat(), "clock_offset_ms": 0, "schema_v": 1, "app_v": "drill", "body": cart}
        content = json.dumps(head | told)
        last = self.entries[-1]["hash"] if self.entries else journal.NO_HASH
        self.entries.append({"seq": seq, "hash": journal.chained(last, content), "text": content})


ASKED: Final = text(
    "SELECT l.board_no FROM location l WHERE l.id = :place "
    "AND EXISTS (SELECT 1 FROM promise p WHERE p.location_id = l.id AND p.phase = 'asked')"
)
BEAT: Final = text("UPDATE till SET last_seen_at = clock_timestamp() WHERE id = ANY(:tills)")


async def give_words(street: Street, place: UUID, cashiers: Sequence[Cashier], until: asyncio.Event) -> None:
    """The tills of a branch beat, and say that they hold its board whenever somebody has asked; one off line is silent."""
    lines = [Client(street.port) for _ in cashiers]
    async with AsyncExitStack() as open_lines:
        for line in lines:
            await open_lines.enter_async_context(line)
        while not until.is_set():
            await asyncio.sleep(WORD_S)
            speaking = [(line, one) for line, one in zip(lines, cashiers, strict=True) if not one.is_silent]
            board_no = await asyncio.to_thread(_asked, street, place, [one.till.id for _, one in speaking])
            if board_no is not None:
                await asyncio.gather(*(_word(street, line, cashier, board_no) for line, cashier in speaking))


async def _word(street: Street, line: Client, cashier: Cashier, board_no: int) -> None:
    body = {"opening": 1, "board_no": board_no, "head_seq": len(cashier.entries), "in_hand": []}
    device = {"authorization": f"Bearer {cashier.till.device_token}"}
    await street.ask(line, Ask("POST", "/api/till/word", device, body), as_what="word")


def _asked(street: Street, place: UUID, tills: Sequence[UUID]) -> int | None:
    with street.database.transaction() as tx:
        tx.execute(BEAT, {"tills": list(tills)})
        return tx.scalar(ASKED, {"place": place})


@dataclass
class Picker:
    """Somebody who picks, hands over and ships at one place, and sees what is brought back."""

    street: Street
    place: UUID
    who: Person
    till: TillAtWork
    forgotten: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    returned: int = 0
    is_busy: bool = True

    async def work(self, until: asyncio.Event) -> None:
        """Do what the list says until the shop closes."""
        dice = random.Random(str(self.place))
        async with Client(self.street.port) as http:
            while not until.is_set():
                await asyncio.sleep(PICK_S)
                path = f"/api/order-tasks?location_id={self.place}"
                tasks = await self.street.ask(http, Ask("GET", path, self.who.bearer), as_what="tasks")
                open_tasks = [task for task in tasks.body if task["order_id"] not in self.forgotten | self.waiting]
                self.is_busy = bool(open_tasks)
                for task in open_tasks:
                    await self._task(http, task, dice)

    async def _task(self, http: Client, task: dict[str, Any], dice: random.Random) -> None:
        order = task["order_id"]
        if dice.random() < NEVER_PICKED:
            self.forgotten.add(order)
            return
        for line in task["lines"]:
            if line["phase"] == "confirmed" and not await self._pick(http, order, line):
                return
        if task["kind"] == "collect" and dice.random() < NEVER_FETCHED:
            self.waiting.add(order)
            await asyncio.to_thread(self._three_days_later, order)
            return
        await self._leave(http, task, dice)

    async def _pick(self, http: Client, order: str, line: dict[str, Any]) -> bool:
        """Reach for the pieces, and tell if they are not there."""
        variant, qty = UUID(line["variant_id"]), line["qty"]
        there = self.street.goods.take(self.place, variant, qty)
        ask = Ask(
            "POST",
            f"/api/order-tasks/{order}/{'pick' if there else 'short'}",
            self.who.bearer,
            {"promise_id": line["promise_id"]},
        )
        reply = await self.street.ask(http, ask, as_what="pick" if there else "short")
        picked = there and reply.status == 200
        if picked:
            self.street.goods.bags[self.place, variant] += qty
        elif there:
            self.street.goods.put(self.place, variant, qty)
        assert reply.status == 200 or reply.code in {"order_state", "wrong_phase", "not_found"}, reply
        return picked

    async def _leave(self, http: Client, task: dict[str, Any], dice: random.Random) -> None:
        body: dict[str, Any] = {"location_id": str(self.place)}
        verb = "ship" if task["kind"] == "ship" else "hand-over"
        body |= {"carrier": "GHN", "tracking_no": f"GHN{task['code']}"} if verb == "ship" else {"code": task["pick_up_code"]}
        ask = Ask("POST", f"/api/order-tasks/{task['order_id']}/{verb}", self.who.bearer, body)
        reply = await self.street.ask(http, ask, as_what=verb)
        if reply.status != 200:
            assert reply.code in {"order_state", "not_all_picked", "nothing_to_hand_over", "wrong_phase"}, reply
            return
        for line in task["lines"]:
            self.street.kept_pieces += line["qty"]
            self.street.goods.bags[self.place, UUID(line["variant_id"])] -= line["qty"]
        (first, *others) = task["lines"]
        if not others and task["method"] == "card" and dice.random() < COMES_BACK:
            await self._take_back(http, reply.body["sale_id"], UUID(first["variant_id"]))

    async def _take_back(self, http: Client, sale: str, variant: UUID) -> None:
        """The customer has changed their mind: one piece is back on a shelf, its money on the card."""
        price_vnd = self.street.goods.price_vnd[variant]
        back = {"line_no": 1, "qty": 1, "refund_vnd": price_vnd, "reason": "size", "condition": "sell"}
        body = a_cart(self.till) | {
            "total_vnd": -price_vnd,
            "tenders": [{"kind": "card", "amount_vnd": -price_vnd}],
            "returns": [{"sale_id": sale, **back}],
        }
        reply = await self.street.ask(http, Ask("POST", "/api/sales", self.till.bearer, body), as_what="return")
        assert reply.status == 201, reply
        self.returned += 1
        self.street.goods.put(self.till.location_id, variant)

    def _three_days_later(self, order: str) -> None:
        with self.street.database.transaction() as tx:
            late = "UPDATE web_order_ready SET keep_until = now() - interval '1 second' WHERE order_id = :order"
            tx.execute(text(late), {"order": order})


async def let_time_pass(street: Street, until: asyncio.Event) -> None:
    """For those who have left, the ten minutes go by."""
    passed: set[UUID] = set()
    while not until.is_set():
        await asyncio.sleep(LOOK_S)
        for order in sorted(street.left - passed):
            await asyncio.to_thread(street.time_passes, order)
            passed.add(order)


async def kill(street: Street, worker: Process, times: int) -> None:
    """The worker dies in the middle of its work, and is started again."""
    for _ in range(times):
        await asyncio.sleep(street.seconds / (times + 1))
        await asyncio.to_thread(worker.kill)
        await asyncio.sleep(DOWN_S)
        await asyncio.to_thread(worker.start)
