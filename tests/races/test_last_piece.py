"""The last piece goes to exactly one buyer, and nobody is refused while pieces are left.

A round is 200 requests and about a second of both cores, so the suite runs 20 of the main race; ``PLACKET_RACE_ROUNDS=100``
runs the hundred that a release wants to see.
"""

import asyncio
import os
import random
from collections.abc import Iterable

import pytest

from crowd import Ask, Crowd, tally

ROUNDS = int(os.environ.get("PLACKET_RACE_ROUNDS", "20"))


def everybody(chain, variant_id, dice: random.Random) -> list[Ask]:
    """120 tills of 12 branches and 80 web clients want one piece each, in no order."""
    asks = [chain.sale(till, (variant_id, 1)) for till in chain.tills]
    asks += [chain.promise((variant_id, 1)) for _ in range(80)]
    dice.shuffle(asks)
    return asks


def race(chain, rounds: Iterable[list[Ask]], *, buyers: int) -> list[dict[str, int]]:
    """Let a crowd loose once a round; answers how many answers of each kind there were."""

    async def run() -> list[dict[str, int]]:
        tallies = []
        async with Crowd(chain.ports, buyers) as crowd:
            for asks in rounds:
                replies = await crowd.all_at_once(asks)
                chain.take_numbers_back(asks, replies)
                tallies.append(tally(replies))
        return tallies

    return asyncio.run(run())


@pytest.mark.timeout(600)
def test_one_piece_and_two_hundred_buyers(chain) -> None:
    dice = random.Random(1)
    rounds = (everybody(chain, variant_id, dice) for variant_id in chain.variants(ROUNDS, pieces=1))
    assert race(chain, rounds, buyers=200) == [{"201": 1, "out_of_stock": 199}] * ROUNDS
    chain.prove()


def test_fifty_pieces_and_two_hundred_buyers(chain) -> None:
    dice = random.Random(2)
    rounds = (everybody(chain, variant_id, dice) for variant_id in chain.variants(3, pieces=50))
    assert race(chain, rounds, buyers=200) == [{"201": 50, "out_of_stock": 150}] * 3
    chain.prove()


def test_four_tills_of_one_branch_and_their_own_last_piece(chain) -> None:
    branch_id = chain.branches[0]
    tills = [till for till in chain.tills if till.location_id == branch_id][:4]
    rounds = (
        [chain.sale(till, (variant_id, 1), source_id=branch_id) for till in tills]
        for variant_id in chain.variants(20, pieces=1, at=branch_id)
    )
    assert race(chain, rounds, buyers=4) == [{"201": 1, "out_of_stock": 3}] * 20
    chain.prove()
