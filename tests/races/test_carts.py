"""Many carts of the same goods at once: nobody waits in a circle, and every piece is accounted for."""

import asyncio
import random
from collections import Counter

import pytest
from sqlalchemy import text

from books import balance
from builders import TillAtWork
from crowd import Client, tally

SALES = 10_000


@pytest.mark.timeout(600)  # ten seconds of both cores, which a busy machine may stretch
def test_no_deadlock_reaches_a_client(chain) -> None:
    """120 tills sell 10,000 carts of the same five variants, in any order, while web clients promise them and let go."""
    variants = chain.variants(5, pieces=50_000)
    dice = random.Random(3)
    sold: Counter[int] = Counter()
    replies = []

    async def sell(till: TillAtWork, number: int) -> None:
        async with Client(chain.ports[number % 2]) as client:
            for _ in range(SALES // len(chain.tills) + (number < SALES % len(chain.tills))):
                lines = [(variant_id, dice.randint(1, 3)) for variant_id in dice.sample(variants, k=5)]
                replies.append(reply := await client.ask(chain.sale(till, *lines)))
                if reply.status == 201:
                    sold.update(dict(lines))

    async def promise(number: int) -> None:
        async with Client(chain.ports[number % 2]) as client:
            for _ in range(30):
                ask = chain.promise(*((variant_id, 1) for variant_id in dice.sample(variants, k=5)))
                replies.append(await client.ask(ask))
                replies.append(await client.ask(chain.release(ask)))

    async def everybody() -> None:
        selling = [sell(till, number) for number, till in enumerate(chain.tills)]
        await asyncio.gather(*selling, *(promise(number) for number in range(8)))

    asyncio.run(everybody())
    assert tally(replies) == {"201": SALES + 8 * 30, "204": 8 * 30}
    with chain.database.transaction() as tx:
        for variant_id in variants:
            assert balance(tx, chain.depot_id, variant_id) == (50_000 - sold[variant_id], 0, 0)
        deadlocks = tx.scalar(text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
    assert deadlocks == 0
    chain.prove()
