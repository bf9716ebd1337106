"""A branch counts while four of its tills sell the counted goods: the books end as the shelf is, to the piece."""

import asyncio
from uuid import UUID

from crowd import Ask, Crowd, Reply
from placket import inventory
from placket.core import clock
from placket.core.ids import new_id
from placket.inventory.jobs import post_count

GOODS = 6
PIECES = 30
STOLEN = 2
ROUNDS = 10


def counted(chain, branch_id: UUID, variant_ids: list[UUID], shelf: int) -> UUID:
    """A count that found so many of each just now, approved and not yet in the books."""
    count_id, now = new_id(), clock.now()
    who = {"staff_id": chain.web.id, "now": now}
    with chain.database.transaction() as tx:
        facts = {"kind": "cycle", "chosen": inventory.Chosen(variant_ids=variant_ids), "zones": ["Sàn"], "blind": True}
        facts |= {"recount_vnd": 10**9, "note": None, "planned_for": None}
        inventory.plan_count(tx, count_id=count_id, location_id=branch_id, **facts, **who)
        inventory.open_count(tx, count_id=count_id, **who)
        scanned = [inventory.Scanned(variant_id, shelf, now, now) for variant_id in variant_ids]
        act = {"act_id": new_id(), "zone_no": 1, "lines": scanned, "unknown": [], "device_id": inventory.OFFICE}
        inventory.enter(tx, count_id=count_id, **act, **who)
        inventory.close_count(tx, count_id=count_id, **who)
        by, priced = inventory.By(chain.web.id), {"price_of": lambda _variant_id: 1, "now": now}
        # Sales within two seconds of a scan are in doubt; somebody who stood beside the shelf says that none was.
        inventory.decide(tx, count_id=count_id, variant_ids=variant_ids, decision="post", reason="theft", now=now)
        inventory.approve_count(tx, count_id=count_id, limit_vnd=None, may_approve=True, by=by, **priced)
    return count_id


def test_a_count_is_posted_while_four_tills_sell_what_was_counted(chain) -> None:
    branch_id, tills = chain.branches[3], chain.tills[30:34]
    variant_ids = chain.variants(GOODS, pieces=PIECES, at=branch_id)
    count_id = counted(chain, branch_id, variant_ids, PIECES - STOLEN)

    async def run() -> list[Reply]:
        async with Crowd(chain.ports, len(tills)) as crowd:
            posting = asyncio.create_task(asyncio.to_thread(post_count, chain.database, count_id=str(count_id)))
            replies: list[Reply] = []
            for number in range(ROUNDS):
                lines = [(variant_ids[(number + place) % GOODS], 1) for place in range(3)]
                asks: list[Ask] = [chain.sale(till, *lines, source_id=branch_id) for till in tills]
                replies += await crowd.all_at_once(asks)
            await posting
        return replies

    replies = asyncio.run(run())
    assert [reply.status for reply in replies] == [201] * (ROUNDS * len(tills))
    sold = dict.fromkeys(variant_ids, 0)
    for number in range(ROUNDS):
        for place in range(3):
            sold[variant_ids[(number + place) % GOODS]] += len(tills)
    with chain.database.transaction() as tx:
        rows = inventory.balances(tx, location_id=branch_id)
    left = {row.variant_id: row.on_hand for row in rows if row.variant_id in sold}
    assert left == {variant_id: PIECES - STOLEN - pieces for variant_id, pieces in sold.items()}
    chain.prove()
