"""Promises are kept, made whole or not at all, and let go once."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from books import balance, fingerprints
from builders import LONG_AGO, stocked
from placket import inventory
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.inventory.models import Location


def test_promises_every_line(store) -> None:
    promises = store.reserve((store.m, 3), (store.l, 2))
    assert {(promise.variant_id, promise.qty, promise.phase) for promise in promises} == {
        (store.m, 3, "confirmed"),
        (store.l, 2, "confirmed"),
    }
    assert balance(store.tx, store.depot_id, store.m) == (5, 3, 0)
    assert balance(store.tx, store.depot_id, store.l) == (2, 2, 0)
    assert store.findings() == []


def test_refuses_all_lines_when_one_lacks_and_leaves_nothing_behind(store) -> None:
    before = fingerprints(store.tx)
    with pytest.raises(inventory.OutOfStock) as refused, store.tx.begin_nested():
        store.reserve((store.m, 3), (store.l, 3))
    assert refused.value.facts == {"variant_id": str(store.l), "asked": 3, "free": 2}
    assert fingerprints(store.tx) == before


def test_lines_of_one_variant_count_together(store) -> None:
    with pytest.raises(inventory.OutOfStock), store.tx.begin_nested():
        store.reserve((store.m, 3), (store.m, 3))
    (promise,) = store.reserve((store.m, 2), (store.m, 3))
    assert promise.qty == 5


def test_the_last_piece_is_promised_and_not_one_more(store) -> None:
    store.reserve((store.l, 2))
    with pytest.raises(inventory.OutOfStock) as refused:
        store.reserve((store.l, 1))
    assert refused.value.facts["free"] == 0


def test_pieces_that_are_being_asked_for_are_not_free(store) -> None:
    store.tx.execute(text("UPDATE stock SET asked = 1"))
    with pytest.raises(inventory.OutOfStock):
        store.reserve((store.l, 2))


@pytest.mark.parametrize("doubted", ["the whole place", "the variant"])
def test_nothing_is_promised_while_the_books_are_in_doubt(store, doubted: str) -> None:
    store.tx.execute(
        text(
            "INSERT INTO stock_doubt (id, location_id, variant_id, reason, opened_at) "
            "VALUES (gen_random_uuid(), :depot, :variant, 'not_found', now())"
        ),
        {"depot": store.depot_id, "variant": store.m if doubted == "the variant" else None},
    )
    with pytest.raises(inventory.OutOfStock), store.tx.begin_nested():
        store.reserve((store.m, 1))
    store.tx.execute(text("UPDATE stock_doubt SET closed_at = now(), closed_by = 'count'"))
    assert len(store.reserve((store.m, 1))) == 1


def test_a_branch_out_of_hours_needs_no_word(store) -> None:
    stocked(store.tx, store.branch_id, {store.m: 5})
    (promise,) = store.reserve((store.m, 1), at=store.branch_id)
    assert promise.phase == "confirmed"


def test_an_open_branch_without_a_connected_till_is_not_asked(store) -> None:
    stocked(store.tx, store.branch_id, {store.m: 5})
    all_day = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "00:00-23:59")
    store.tx.get_one(Location, store.branch_id).opening_hours = all_day
    with pytest.raises(inventory.BranchSilent):
        store.reserve((store.m, 1), at=store.branch_id)
    assert balance(store.tx, store.branch_id, store.m) == (5, 0, 0)


def test_asked_again_it_is_the_same_promise(store) -> None:
    ref = new_id()
    first = store.reserve((store.m, 2), ref=ref)
    before = fingerprints(store.tx)
    again = store.reserve((store.m, 1), (store.m, 1), ref=ref)
    assert [promise.id for promise in again] == [promise.id for promise in first]
    assert fingerprints(store.tx) == before


@pytest.mark.parametrize("other", ["more", "fewer lines", "another place"])
def test_an_id_is_not_used_for_another_promise(store, other: str) -> None:
    ref = new_id()
    store.reserve((store.m, 2), (store.l, 1), ref=ref)
    lines = {"more": [(store.m, 3), (store.l, 1)], "fewer lines": [(store.m, 2)]}.get(other, [(store.m, 2), (store.l, 1)])
    with pytest.raises(inventory.PromiseIdReused):
        store.reserve(*lines, ref=ref, at=store.branch_id if other == "another place" else None)


def test_released_pieces_are_free_again(store) -> None:
    ref = new_id()
    store.reserve((store.m, 5), ref=ref)
    inventory.release(store.tx, ref=ref)
    assert balance(store.tx, store.depot_id, store.m) == (5, 0, 0)
    assert len(store.reserve((store.m, 5))) == 1
    assert store.findings() == []


def test_releasing_twice_changes_nothing(store) -> None:
    ref = new_id()
    store.reserve((store.m, 2), ref=ref)
    inventory.release(store.tx, ref=ref)
    before = fingerprints(store.tx)
    inventory.release(store.tx, ref=ref)
    assert fingerprints(store.tx) == before


def test_a_paid_promise_is_not_let_go(store) -> None:
    ref = new_id()
    store.reserve((store.m, 2), ref=ref)
    store.tx.execute(text("UPDATE promise SET paid = true"))
    store.tx.expire_all()
    inventory.release(store.tx, ref=ref)
    assert inventory.release_expired(store.tx, now=LONG_AGO + timedelta(days=1)) == 0
    assert balance(store.tx, store.depot_id, store.m) == (5, 2, 0)


def test_what_was_never_promised_cannot_be_released(store) -> None:
    with pytest.raises(NotFound):
        inventory.release(store.tx, ref=new_id())


def test_nobody_lets_go_of_what_is_promised_elsewhere(store) -> None:
    ref = new_id()
    store.reserve((store.m, 2), ref=ref)
    before = fingerprints(store.tx)
    with pytest.raises(NotFound):
        inventory.release(store.tx, ref=ref, scope=[store.branch_id])
    assert fingerprints(store.tx) == before
    inventory.release(store.tx, ref=ref, scope=[store.branch_id, store.depot_id])
    assert balance(store.tx, store.depot_id, store.m) == (5, 0, 0)


def test_promises_nobody_paid_for_in_time_are_let_go(store) -> None:
    store.reserve((store.m, 1), pay_by=LONG_AGO + timedelta(minutes=5))
    store.reserve((store.m, 2), pay_by=LONG_AGO + timedelta(minutes=10))
    assert inventory.release_expired(store.tx, now=LONG_AGO + timedelta(minutes=4)) == 0
    assert inventory.release_expired(store.tx, now=LONG_AGO + timedelta(minutes=5)) == 1
    assert balance(store.tx, store.depot_id, store.m) == (5, 2, 0)
    assert inventory.release_expired(store.tx, now=LONG_AGO + timedelta(days=1)) == 1
    assert inventory.release_expired(store.tx, now=LONG_AGO + timedelta(days=1)) == 0
    assert store.findings() == []


def test_every_step_of_a_promise_is_told(store) -> None:
    store.tx.execute(text("DELETE FROM event"))
    ref = new_id()
    (promise,) = store.reserve((store.m, 2), ref=ref)
    inventory.release(store.tx, ref=ref)
    events = store.tx.execute(text("SELECT topic, key, key_version, payload FROM event ORDER BY id")).all()
    assert [(event.topic, event.key_version) for event in events] == [
        ("stock.changed", 2),
        ("promise.changed", 1),
        ("stock.changed", 3),
        ("promise.changed", 2),
    ]
    assert [event.payload.get("phase") or event.payload["promised"] for event in events] == [2, "confirmed", 0, "released"]
    assert events[1].key == str(promise.id)
