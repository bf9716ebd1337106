"""Documents move stock with a reason, once, and never take what is promised."""

import pytest
from sqlalchemy import text

from books import balance, fingerprints
from builders import LONG_AGO, a_till
from placket import inventory
from placket.core.ids import new_id
from placket.core.refusals import NotFound


def test_goods_come_in_and_go_out(store) -> None:
    store.adjust((store.m, 3), (store.l, -2))
    assert balance(store.tx, store.depot_id, store.m) == (8, 0, 0)
    assert balance(store.tx, store.depot_id, store.l) == (0, 0, 0)
    assert store.findings() == []


def test_goods_come_to_a_place_that_never_had_them(store) -> None:
    store.adjust((store.m, 3), at=store.branch_id)
    assert balance(store.tx, store.branch_id, store.m) == (3, 0, 0)


def test_promised_pieces_are_not_adjusted_away(store) -> None:
    store.reserve((store.m, 4))
    before = fingerprints(store.tx)
    with pytest.raises(inventory.WouldBreakPromise) as refused, store.tx.begin_nested():
        store.adjust((store.l, 1), (store.m, -2))
    assert refused.value.facts == {"variant_id": str(store.m), "on_hand": 5, "promised": 4}
    assert fingerprints(store.tx) == before
    store.adjust((store.m, -1))
    assert balance(store.tx, store.depot_id, store.m) == (4, 4, 0)


def test_a_document_is_booked_once(store) -> None:
    document_id = new_id()
    store.adjust((store.m, 3), document_id=document_id)
    before = fingerprints(store.tx)
    store.adjust((store.m, 1), (store.m, 2), document_id=document_id)
    assert fingerprints(store.tx) == before


def test_an_id_is_not_used_for_another_document(store) -> None:
    document_id = new_id()
    store.adjust((store.m, 3), document_id=document_id)
    with pytest.raises(inventory.DocumentIdReused):
        store.adjust((store.m, 4), document_id=document_id)


def test_unknown_goods_and_places_are_refused(store) -> None:
    before = fingerprints(store.tx)
    with pytest.raises(NotFound), store.tx.begin_nested():
        store.adjust((store.m, 1), at=new_id())
    with pytest.raises(inventory.UnknownGoods), store.tx.begin_nested():
        store.adjust((store.m, 1), (new_id(), 1))
    assert fingerprints(store.tx) == before


def test_a_line_that_moves_nothing_is_refused_and_nothing_is_written(store) -> None:
    before = fingerprints(store.tx)
    for lines in ([(store.m, 0)], [(store.l, 1), (store.m, 0)], [(store.m, 2), (store.m, -2)]):
        with pytest.raises(inventory.NothingMoves) as refused, store.tx.begin_nested():
            store.adjust(*lines)
        assert refused.value.facts == {"variant_id": str(store.m)}
    assert fingerprints(store.tx) == before


def test_goods_that_come_in_make_good_what_was_short(store) -> None:
    store.reserve((store.m, 5))
    store.tx.execute(text("UPDATE stock SET on_hand = 3, short = 2, version = version + 1 WHERE on_hand = 5"))
    store.adjust((store.m, 1))
    assert balance(store.tx, store.depot_id, store.m) == (4, 5, 1)
    store.adjust((store.m, 4))
    assert balance(store.tx, store.depot_id, store.m) == (8, 5, 0)


def test_a_till_attaches_and_signs_off(store) -> None:
    till = a_till(store.tx, store.branch_id, attached=False)
    first = attach(store, till.id, 1)
    assert (first.opening, first.state) == (1, "attached")
    assert attach(store, till.id, 1) is first
    second = attach(store, till.id, 2)
    assert (first.state, first.end_reason, second.state) == ("ended", "replaced", "attached")
    inventory.sign_off(store.tx, till_id=till.id, opening=1, location_id=store.branch_id, now=LONG_AGO)
    assert second.state == "attached"
    inventory.sign_off(store.tx, till_id=till.id, opening=2, location_id=store.branch_id, now=LONG_AGO)
    store.tx.refresh(second)
    assert (second.state, second.end_reason) == ("closed", "signed_off")


def attach(store, till_id, opening: int):
    at = {"till_id": till_id, "location_id": store.branch_id}
    return inventory.attach(store.tx, **at, epoch=1, opening=opening, head_seq=0, now=LONG_AGO)


def test_an_opening_that_has_passed_is_refused(store) -> None:
    till = a_till(store.tx, store.branch_id, attached=False)
    attach(store, till.id, 5)
    for passed in (1, 4):
        with pytest.raises(inventory.OpeningPassed) as refused:
            attach(store, till.id, passed)
        assert refused.value.facts == {"last_opening": 5}
    inventory.sign_off(store.tx, till_id=till.id, opening=5, location_id=store.branch_id, now=LONG_AGO)
    with pytest.raises(inventory.OpeningPassed):
        attach(store, till.id, 5)
    assert attach(store, till.id, 6).opening == 6
