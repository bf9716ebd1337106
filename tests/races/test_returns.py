"""One receipt, many tills that take its goods back in the same moment: no piece comes back twice, no đồng goes out twice."""

import asyncio
from typing import Any
from uuid import UUID

from sqlalchemy import text

from books import Line, a_sale, kinds, post
from builders import TillAtWork, a_cart
from crowd import Ask, Crowd, Reply, tally
from placket.core import clock

ROUNDS = 20
PRICE_VND = 100_000


def all_at_once(chain, asks: list[Ask]) -> list[Reply]:
    async def run() -> list[Reply]:
        async with Crowd(chain.ports, len(asks)) as crowd:
            return await crowd.all_at_once(asks)

    return asyncio.run(run())


def sold(chain, qty: int) -> UUID:
    """A sale of some pieces of one variant, paid by card."""
    till = chain.tills[0]
    (variant_id,) = chain.variants(1, pieces=qty, at=till.location_id)
    sale = a_sale(till, Line(variant_id, qty), at=clock.now())
    with chain.database.transaction() as tx:
        assert kinds(post(tx, sale)) == ["accepted"]
    return sale.id


def takes_back(till: TillAtWork, sale_id: UUID, qty: int = 1) -> Ask:
    """A till gives the money of some pieces back to the card."""
    body: dict[str, Any] = a_cart(till)
    body |= {
        "total_vnd": -qty * PRICE_VND,
        "tenders": [{"kind": "card", "amount_vnd": -qty * PRICE_VND, "reference": "000001"}],
        "returns": [{"sale_id": str(sale_id), "line_no": 1, "qty": qty, "refund_vnd": qty * PRICE_VND, "reason": "faulty"}],
    }
    return Ask("POST", "/api/sales", till.bearer, body)


def came_back(chain, sale_id: UUID) -> tuple[int, int]:
    """The pieces that are back, and the money that went out for them."""
    query = "SELECT -sum(qty), -sum(total_vnd) FROM sale_line WHERE returns_sale_id = :sale"
    with chain.database.transaction() as tx:
        pieces, vnd = tx.execute(text(query), {"sale": sale_id}).one()
    return int(pieces), int(vnd)


def test_two_tills_take_back_the_one_piece_and_one_of_them_does(chain) -> None:
    for turn in range(ROUNDS):
        sale_id = sold(chain, 1)
        tills = [chain.tills[10 + turn], chain.tills[60 + turn]]
        asks = [takes_back(till, sale_id) for till in tills]
        replies = all_at_once(chain, asks)
        chain.take_numbers_back(asks, replies)
        assert tally(replies) == {"201": 1, "already_returned": 1}
        (won,), (lost,) = [[reply.body for reply in replies if (reply.status == 201) == ok] for ok in (True, False)]
        assert lost["facts"]["receipt_code"] == won["receipt_code"]
        assert came_back(chain, sale_id) == (1, PRICE_VND)
    chain.prove()


def test_ten_tills_take_back_four_pieces_and_no_more(chain) -> None:
    sale_id = sold(chain, 4)
    tills = chain.tills[30:40]
    done = 0
    while done < 4:  # who is told that the receipt has changed looks again, as a till does
        asks = [takes_back(till, sale_id) for till in tills]
        replies = all_at_once(chain, asks)
        chain.take_numbers_back(asks, replies)
        counts = tally(replies)
        assert counts.get("201", 0) >= 1
        assert counts.keys() <= {"201", "return_changed", "already_returned"}
        done += counts["201"]
    assert came_back(chain, sale_id) == (4, 4 * PRICE_VND)
    chain.prove()


def test_a_sale_is_voided_or_returned_never_both(chain) -> None:
    for turn in range(ROUNDS):
        sale_id = sold(chain, 1)
        back = takes_back(chain.tills[90 + turn], sale_id)
        void = Ask("POST", f"/api/sales/{sale_id}/void", chain.tills[1].bearer, {"reason": "Nhầm"})
        replies = all_at_once(chain, [back, void])
        chain.take_numbers_back([back], replies[:1])
        assert [reply.code for reply in replies] in (["201", "void_with_returns"], ["return_of_void", "200"])
    chain.prove()
