"""A street of shoppers after too few pieces: what each of them does, and what they were told.

Everybody speaks to the real server and to the stand-in for Stripe as their apps and browsers do. What a shopper does is
thrown by a die of the shopper's own, so a run is the same crowd every time, if never the same race.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from crowd import Ask, Client, Reply
from placket.core.db import Database
from placket.core.ids import new_id
from serving import Server
from shopping import HERE, PHONE
from standin import ASKS, GOOD, POOR, StandIn

LOOK_S: Final = 0.4
# As often as the shop's processing page asks how an order stands.
ASKS_AGAIN_S: Final = 1.0
PATIENCE_S: Final = 120.0
TRIES: Final = 4
ENDED: Final = frozenset({"refused", "expired", "cancelled", "done"})

# What shoppers do with an order whose goods are held, and how many of a hundred do it.
MOODS: Final = {
    "pays": 36,
    "is asked and pays": 9,
    "is asked and leaves": 9,
    "is asked, refuses and pays": 4,
    "is declined and pays": 7,
    "is declined and leaves": 5,
    "pays on delivery": 9,
    "leaves": 7,
    "cancels": 5,
    "pays and cancels": 6,
    "pays too late": 3,
}


@dataclass
class Goods:
    """The scarce goods: what each costs, and what really lies on which shelf, whatever the books say."""

    price_vnd: dict[UUID, int]
    shelf: Counter[tuple[UUID, UUID]] = field(default_factory=Counter)
    bags: Counter[tuple[UUID, UUID]] = field(default_factory=Counter)
    stolen: Counter[tuple[UUID, UUID]] = field(default_factory=Counter)

    def take(self, place: UUID, variant: UUID, qty: int = 1) -> bool:
        """Somebody reaches for pieces; answers whether they were there."""
        if self.shelf[place, variant] < qty:
            return False
        self.shelf[place, variant] -= qty
        return True

    def put(self, place: UUID, variant: UUID, qty: int = 1) -> None:
        """Pieces lie on a shelf again."""
        self.shelf[place, variant] += qty


@dataclass
class Street:
    """Where it happens, and what has happened so far."""

    database: Database
    server: Server
    stripe: StandIn
    depot: UUID
    branches: list[UUID]
    goods: Goods
    seconds: float
    answers: Counter[str] = field(default_factory=Counter)
    moods: Counter[str] = field(default_factory=Counter)
    cancelled: set[UUID] = field(default_factory=set)
    left: set[UUID] = field(default_factory=set)
    kept_pieces: int = 0

    @property
    def port(self) -> int:
        """Where the server answers."""
        return self.server.port

    async def ask(self, http: Client, ask: Ask, *, as_what: str) -> Reply:
        """One request; nobody is ever answered with a failure of ours. Whoever meets a crowd asks again."""
        while True:
            reply = await self._asked(http, ask)
            self.answers[f"{as_what} {reply.code if reply.status >= 400 else reply.status}"] += 1
            if reply.code != "busy":
                break
            await asyncio.sleep(ASKS_AGAIN_S)
        assert reply.status < 500, (as_what, reply, self.server.output()[-4000:])
        return reply

    @staticmethod
    async def _asked(http: Client, ask: Ask) -> Reply:
        """An answer; a line that was idle for too long is opened anew."""
        try:
            return await http.ask(ask)
        except ConnectionError:
            await http.__aexit__()
            await http.__aenter__()
            return await http.ask(ask)

    async def shopper(self, number: int) -> None:
        """Somebody comes, wants a thing or two, and does as they please."""
        dice = random.Random(number)
        await asyncio.sleep(dice.random() * self.seconds)
        async with Client(self.port) as http:
            for _ in range(TRIES):
                order = await self._order(http, dice)
                if order is not None:
                    mood = dice.choices(list(MOODS), list(MOODS.values()))[0]
                    if mood == "pays on delivery" and order["fulfilment"]["kind"] == "collect":
                        mood = "pays"
                    self.moods[mood] += 1
                    await self._act(http, order, mood, dice)
                    return
            self.moods["found nothing"] += 1

    async def _order(self, http: Client, dice: random.Random) -> dict[str, Any] | None:
        """Order a cart; none when somebody else was faster."""
        wanted = dice.sample(list(self.goods.price_vnd), k=dice.choice([1, 1, 2]))
        lines = [(variant, dice.choice([1, 1, 1, 2])) for variant in wanted]
        collects = dice.random() < 0.3
        fulfilment = {
            "kind": "collect" if collects else "ship",
            "province_code": None if collects else dice.choice(["01", "79", "48"]),
            "location_id": str(dice.choice(self.branches)) if collects else None,
        }
        body = {
            "id": str(new_id()),
            "lines": [{"variant_id": str(variant), "qty": qty} for variant, qty in lines],
            "fulfilment": fulfilment,
            "expected_total_vnd": sum(self.goods.price_vnd[variant] * qty for variant, qty in lines),
        }
        ask = Ask("POST", "/api/shop/v1/checkout", {}, body)
        reply = await self.ask(http, ask, as_what="order")
        if dice.random() < 0.1:  # the tap was doubled
            again = await self.ask(http, ask, as_what="order again")
            assert (reply.status, again.status) in {(201, 200), (409, 409), (409, 201)}, (reply, again)
            reply = again
        if reply.status == 409:
            assert reply.code == "out_of_stock", reply
            return None
        order = reply.body
        while order["state"] == "asking":
            await asyncio.sleep(LOOK_S)
            order = await self.seen(http, order)
        self.answers[f"order {order['state']}"] += 1
        return order if order["state"] == "held" else None

    async def _act(self, http: Client, order: dict[str, Any], mood: str, dice: random.Random) -> None:
        await asyncio.sleep(dice.random())
        if mood == "leaves":
            self.left.add(UUID(order["id"]))
        elif mood == "cancels":
            await self._cancel(http, order)
        elif mood == "pays on delivery":
            await self._pay(http, order, "cod")
        else:
            paying = await self._pay(http, order, "card")
            if paying is None:
                return
            await self._at_the_page(paying, mood)
            if "leaves" in mood:
                self.left.add(UUID(order["id"]))
            elif await self._told(http, order) == "confirmed" and "cancels" in mood:
                await self._cancel(http, order)

    async def _at_the_page(self, order: dict[str, Any], mood: str) -> None:
        """What happens on the provider's card page and the bank's, in a browser of their own."""
        page = "/pay/" + order["payment"]["url"].rpartition("/")[2]
        async with Client(int(self.stripe.url.rpartition(":")[2])) as browser:
            if "too late" in mood:
                await asyncio.to_thread(self.time_passes, UUID(order["id"]))
            if "declined" in mood:
                await browser.ask(Ask("POST", page, {}, {"number": POOR}))
            if "is asked" in mood:
                await browser.ask(Ask("POST", page, {}, {"number": ASKS}))
                if "refuses" in mood:
                    await browser.ask(Ask("POST", f"{page}/3ds", {}, {"answer": "refuse"}))
                    await browser.ask(Ask("POST", page, {}, {"number": ASKS}))
                if "leaves" not in mood:
                    await browser.ask(Ask("POST", f"{page}/3ds", {}, {"answer": "accept"}))
            elif "pays" in mood:
                await browser.ask(Ask("POST", page, {}, {"number": GOOD}))

    async def _pay(self, http: Client, order: dict[str, Any], method: str) -> dict[str, Any] | None:
        address = HERE if order["fulfilment"]["kind"] == "ship" else None
        recipient = {"phone": PHONE, "name": "Nguyễn Bảo Ngọc", "address": address}
        body = {"recipient": recipient, "method": method, "expected_total_vnd": order["total_vnd"]}
        ask = Ask("POST", f"/api/shop/v1/checkout/{order['id']}/pay", _key(order), body)
        reply = await self.ask(http, ask, as_what=f"pay {method}")
        assert reply.status == 200 or reply.code == "hold_over", reply
        return reply.body if reply.status == 200 else None

    async def _told(self, http: Client, order: dict[str, Any]) -> str:
        """Wait on the processing page until it says how the order stands."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while (seen := await self.seen(http, order))["state"] == "held":
            assert asyncio.get_running_loop().time() < deadline, seen
            await asyncio.sleep(ASKS_AGAIN_S)
        return str(seen["state"])

    async def _cancel(self, http: Client, order: dict[str, Any]) -> None:
        reply = await self.ask(http, Ask("POST", f"/api/shop/v1/orders/{order['id']}/cancel", _key(order)), as_what="cancel")
        if reply.status == 200 and reply.body["state"] == "cancelled" and reply.body["reason"] in {"customer", "cancelled"}:
            self.cancelled.add(UUID(order["id"]))
        else:
            assert reply.status == 200 or reply.code == "too_late_to_cancel", reply

    async def seen(self, http: Client, order: dict[str, Any]) -> dict[str, Any]:
        """An order as its customer sees it."""
        reply = await self.ask(http, Ask("GET", f"/api/shop/v1/orders/{order['id']}", _key(order)), as_what="look")
        assert reply.status == 200, reply
        return dict(reply.body)

    def time_passes(self, order: UUID) -> None:
        """For one order the ten minutes are over now, and the three of grace will be soon."""
        with self.database.transaction() as tx:
            tx.connection().exec_driver_sql(OVER, {"order": order})


def _key(order: dict[str, Any]) -> dict[str, str]:
    return {"x-order-key": order["key"]}


OVER: Final = """
WITH gone AS (UPDATE web_order SET held_until = now() - interval '1 second'
               WHERE id = %(order)s AND state = 'held' RETURNING id)
UPDATE promise p SET pay_by = now() + interval '10 seconds' FROM web_order_question q, gone
 WHERE q.order_id = gone.id AND p.ref = q.ref AND p.phase IN ('asked', 'confirmed') AND NOT p.paid
"""
