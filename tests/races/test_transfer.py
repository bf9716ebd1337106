"""The last piece is sold, promised or shipped, never two of these; what is unpacked twice at once is counted twice."""

import asyncio
from uuid import UUID

from crowd import Ask, Crowd, Reply
from placket import inventory
from placket.core import clock
from placket.core.ids import new_id

ROUNDS = 10


def picked(chain, variant_id: UUID, qty: int) -> UUID:
    """A transfer from the depot to a branch that lies in its box."""
    transfer_id, now = new_id(), clock.now()
    by, lines = inventory.By(chain.web.id), [inventory.Move(variant_id, qty)]
    with chain.database.transaction() as tx:
        ends = {"from_id": chain.depot_id, "to_id": chain.branches[2], "lines": lines, "note": None}
        inventory.request_transfer(tx, transfer_id=transfer_id, **ends, staff_id=chain.web.id, now=now)
        inventory.pick(tx, transfer_id=transfer_id, act_id=new_id(), lines=lines, by=by, now=now)
    return transfer_id


def act(chain, transfer_id: UUID, what: str, **body) -> Ask:
    """Somebody ships or receives."""
    return Ask("POST", f"/api/transfers/{transfer_id}/{what}", chain.web.bearer, {"id": str(new_id())} | body)


def test_the_last_piece_is_sold_or_promised_or_shipped(chain) -> None:
    async def run() -> list[int]:
        winners = []
        async with Crowd(chain.ports, 3) as crowd:
            for variant_id in chain.variants(ROUNDS, pieces=1):
                transfer_id = picked(chain, variant_id, 1)
                asks = [
                    chain.sale(chain.tills[0], (variant_id, 1)),
                    chain.promise((variant_id, 1)),
                    act(chain, transfer_id, "ship", looked_for=[]),
                ]
                replies = await crowd.all_at_once(asks)
                chain.take_numbers_back(asks, replies)
                winners.append(sum(reply.status in (200, 201) for reply in replies))
        return winners

    assert asyncio.run(run()) == [1] * ROUNDS
    chain.prove()


def test_two_people_who_unpack_the_same_box_are_both_believed(chain) -> None:
    """Each has six of the ten: four of the second six were still on the way, two are there to be explained."""
    (variant_id,) = chain.variants(1, pieces=10)
    transfer_id = picked(chain, variant_id, 10)
    receiving = {"complete": False, "lines": [{"variant_id": str(variant_id), "good": 6, "damaged": 0}]}

    async def run() -> list[Reply]:
        async with Crowd(chain.ports, 1) as alone:
            await alone.all_at_once([act(chain, transfer_id, "ship", looked_for=[])])
        async with Crowd(chain.ports, 2) as crowd:
            return await crowd.all_at_once([act(chain, transfer_id, "receive", **receiving) for _ in range(2)])

    assert [reply.status for reply in asyncio.run(run())] == [200, 200]
    with chain.database.transaction() as tx:
        (balance,) = [row for row in inventory.balances(tx, location_id=chain.branches[2]) if row.variant_id == variant_id]
        assert balance.on_hand == 12
    chain.prove()
