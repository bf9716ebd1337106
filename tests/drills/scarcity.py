"""Too many shoppers, too few pieces, and everything goes wrong that can: the promises add up, the money to the đồng.

A thousand shoppers and twenty-four tills on two hundred scarce variants: cards declined, 3-D Secure abandoned, holds that
run out, cancels, goods that came back, pieces that are not where the books say, tills off line, webhooks doubled and
shuffled and told once more, the worker killed twice. Run by ``make scarcity``, which prints its figures as JSON.
"""

import asyncio
import json
import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from books import prove
from builders import a_branch, a_depot, a_person, a_style, a_till, stocked
from drills import reckoning
from drills.behind import Cashier, Picker, give_words, kill, let_time_pass
from drills.street import Goods, Street
from placket.core.db import Database
from served import own_database
from serving import Process, free_port, serving, working
from standin import environment, stand_in
from waiting import until

STOLEN: Final = 0.1
QUIET_S: Final = 240.0


@dataclass(frozen=True)
class Size:
    """How big a run is. ``seconds`` is how long shoppers keep coming."""

    shoppers: int
    tills: int
    variants: int
    seconds: float
    kills: int


FULL: Final = Size(int(os.environ.get("SHOPPERS", "1000")), 24, 200, float(os.environ.get("SECONDS", "90")), 2)


@dataclass
class Crew:
    """Who works there, and the process that does what the clock says."""

    street: Street
    cashiers: Sequence[Cashier]
    pickers: Sequence[Picker]
    worker: Process


@pytest.mark.timeout(900)
def test_a_thousand_shoppers_and_two_hundred_scarce_variants() -> None:
    with own_database("scarcity") as database:
        print(json.dumps(scarcity(database, FULL), indent=1))


def scarcity(database: Database, size: Size) -> dict[str, Any]:
    """Play it, hold everything against everything, and answer the figures."""
    began = time.monotonic()
    with a_crew(database, size) as crew:
        asyncio.run(play(crew, size))
        street = crew.street
        confirmed, became, kept_pieces = reckoning.promises(street)
        captured, owed = reckoning.money(street)
        figures = {
            "shoppers": size.shoppers,
            "tills": size.tills,
            "variants": size.variants,
            "worker_killed": size.kills,
            "seconds": round(time.monotonic() - began, 1),
            "promises_confirmed": confirmed,
            "became": became,
            "sold_at_tills": sum(cashier.sold for cashier in crew.cashiers),
            "sold_off_line": sum(len(cashier.entries) for cashier in crew.cashiers),
            "returned": sum(picker.returned for picker in crew.pickers),
            "captured_less_refunded_vnd": sum(captured.values()),
            "owed_vnd": sum(owed.values()),
            "deadlocks": reckoning.deadlocks(street),
            "moods": dict(street.moods.most_common()),
            "answers": dict(sorted(street.answers.items())),
        }
        print(json.dumps(figures), flush=True)
        assert sum(became.values()) == confirmed
        assert {what for what in became if what.startswith("nothing")} == set(), became
        assert kept_pieces == street.kept_pieces
        assert reckoning.cancelled(street) == len(street.cancelled)
        assert {order: vnd for order, vnd in captured.items() if vnd} == {order: vnd for order, vnd in owed.items() if vnd}
        assert reckoning.shelves(street) == []
        assert figures["deadlocks"] == 0
        prove(database)
    return figures


async def play(crew: Crew, size: Size) -> None:
    """Everybody at once; then the shop closes, what is under way ends, and the provider tells everything once more."""
    street, closed, done, over = crew.street, asyncio.Event(), asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as always:
        for branch in street.branches:
            here = [cashier for cashier in crew.cashiers if cashier.till.location_id == branch]
            always.create_task(give_words(street, branch, here, over))
        picking = [always.create_task(picker.work(done)) for picker in crew.pickers]
        always.create_task(let_time_pass(street, over))
        always.create_task(kill(street, crew.worker, size.kills))
        async with asyncio.TaskGroup() as tills:
            for number, cashier in enumerate(one for one in crew.cashiers if one.sells):
                goes_off_line = number % 6 == 0
                tills.create_task(cashier.sell(closed, offline_for_s=size.seconds / 6 if goes_off_line else 0.0))
            async with asyncio.TaskGroup() as shoppers:
                for number in range(size.shoppers):
                    shoppers.create_task(street.shopper(number))
            closed.set()
        await asyncio.to_thread(ended, street)
        await asyncio.to_thread(picked, crew)
        await asyncio.to_thread(ended, street)
        done.set()  # what is sent or comes back after this would be under way again
        await asyncio.wait(picking)
        await asyncio.to_thread(street.stripe.control, doubled=False)
        await asyncio.to_thread(street.stripe.resend)
        await asyncio.to_thread(ended, street)
        over.set()


def ended(street: Street) -> None:
    """Wait until nothing is under way any more."""
    until(lambda: _quiet(street), within_s=QUIET_S, every_s=0.5, what="something is still under way")


def picked(crew: Crew) -> None:
    """Wait until the pickers have nothing to do."""
    until(lambda: not any(picker.is_busy for picker in crew.pickers), within_s=QUIET_S, what="pickers are still busy")


def _quiet(street: Street) -> bool:
    return not street.stripe.control()["waiting"] and not reckoning.waiting(street)


@contextmanager
def a_crew(database: Database, size: Size) -> Iterator[Crew]:
    """A depot, three branches, their tills and pickers, the provider that doubles and shuffles, server and worker."""
    dice = random.Random(20261126)
    with database.transaction() as tx:
        depot = a_depot(tx)
        branches = [a_branch(tx), a_branch(tx, "SG01", city="TP. Hồ Chí Minh"), a_branch(tx, "DN01", city="Đà Nẵng")]
        tills = [a_till(tx, branches[number % len(branches)]) for number in range(size.tills)]
        places = [depot, *branches]
        desks = [a_till(tx, place if place != depot else branches[0]) for place in places]
        owner = a_person(tx)
        goods = _goods(tx, size.variants, places, dice)
    port = free_port()
    given = environment(port)
    with serving(database.url, **given) as server, stand_in(port, webhook=f"{server.url}/api/hooks/stripe") as stripe:
        stripe.control(doubled=True, shuffled=True)
        street = Street(database, server, stripe, depot, branches, goods, size.seconds)
        with working(database.url, **given) as worker:
            cashiers = [*(Cashier(street, till) for till in tills), *(Cashier(street, desk, sells=False) for desk in desks)]
            pickers = [Picker(street, place, owner, desk) for place, desk in zip(places, desks, strict=True)]
            yield Crew(street, cashiers, pickers, worker)


def _goods(tx: Session, many: int, places: Sequence[UUID], dice: random.Random) -> Goods:
    """Variants at five prices, none to three pieces of each at a place; of some there is one less than the books say."""
    price_vnd: dict[UUID, int] = {}
    for number in range(5):
        colours = [f"S{colour:02d}" for colour in range(-(-many // 20))]
        style = a_style(
            tx, f"SC{number:04d}", price_vnd=(150 + 50 * number) * 1000, colours=colours, sizes=("S", "M", "L", "XL")
        )
        price_vnd |= dict.fromkeys(style.all, style.price_vnd)
    goods = Goods(dict(list(price_vnd.items())[:many]))
    for place in places:
        pieces = {
            variant: dice.choice([0, 1, 2, 3, 4] if place == places[0] else [0, 1, 1, 2, 2]) for variant in goods.price_vnd
        }
        stocked(tx, place, {variant: qty for variant, qty in pieces.items() if qty})
        for variant, qty in pieces.items():
            goods.stolen[place, variant] = int(qty > 0 and dice.random() < STOLEN)
            goods.shelf[place, variant] = qty - goods.stolen[place, variant]
    return goods
