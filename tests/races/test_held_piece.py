"""A held piece is sold once, however many tills scan its code at the same moment."""

import asyncio
from datetime import timedelta
from uuid import UUID

from crowd import Ask, Crowd, tally
from placket import inventory
from placket.core import clock
from placket.core.ids import new_id

ROUNDS = 10


def held(chain, variant_id: UUID, branch_id: UUID) -> UUID:
    """A piece of a branch that its tills have given their word for, lying in a bag."""
    with chain.database.transaction() as tx:
        asked = {"ref": new_id(), "kind": "hold", "location_id": branch_id, "lines": [inventory.Move(variant_id, 1)]}
        (promise,) = inventory.reserve(tx, **asked, pay_by=clock.now() + timedelta(days=1), now=clock.now())
        promise_id = promise.id
    with chain.database.transaction() as tx:
        for till in chain.tills:
            if till.location_id == branch_id:
                inventory.give_word(tx, till_id=till.id, opening=1, board_no=10**6, head_seq=0, in_hand={})
        inventory.settle(tx, location_id=branch_id)
    with chain.database.transaction() as tx:
        inventory.bag(tx, promise_id=promise_id)
    return promise_id


def test_four_tills_and_one_bag(chain) -> None:
    branch_id = chain.branches[1]
    tills = [till for till in chain.tills if till.location_id == branch_id][:4]

    def asks(variant_id: UUID) -> list[Ask]:
        promise_id = held(chain, variant_id, branch_id)
        made = [chain.sale(till, (variant_id, 1), source_id=branch_id) for till in tills]
        for ask in made:
            ask.body["lines"][0]["promise_id"] = str(promise_id)
        return made

    async def run() -> list[dict[str, int]]:
        tallies = []
        async with Crowd(chain.ports, len(tills)) as crowd:
            for variant_id in chain.variants(ROUNDS, pieces=1, at=branch_id):
                wanted = asks(variant_id)
                replies = await crowd.all_at_once(wanted)
                chain.take_numbers_back(wanted, replies)
                tallies.append(tally(replies))
        return tallies

    assert asyncio.run(run()) == [{"201": 1, "promise_gone": 3}] * ROUNDS
    chain.prove()
