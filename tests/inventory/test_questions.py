"""Questions about stock: where else, the matrix, the ledger."""

from typing import Any

import pytest
from sqlalchemy import text

from books import Line, a_sale, post
from builders import a_branch, a_style, a_till, stocked
from placket import inventory
from placket.core.ids import new_id
from placket.inventory import places, queries


def test_says_where_else_goods_are_the_same_city_first(store, monkeypatch: pytest.MonkeyPatch) -> None:
    far = a_branch(store.tx, "SG01", city="TP Hồ Chí Minh")
    near = a_branch(store.tx, "HN02")
    rows = store.tx.execute(text("SELECT id, code, name, kind, city, position, opening_hours FROM location")).all()
    monkeypatch.setattr(places, "_by_id", {row.id: inventory.Place(*row) for row in rows})
    stocked(store.tx, far, {store.m: 9})
    stocked(store.tx, near, {store.m: 2})
    stocked(store.tx, store.branch_id, {store.m: 4})
    store.reserve((store.m, 4))
    found = inventory.elsewhere(store.tx, variant_ids=[store.m, store.l], than=store.branch_id)
    assert [(place["location_id"], place["free"]) for place in found[store.m]] == [
        (str(near), 2),
        (str(store.depot_id), 1),
        (str(far), 9),
    ]
    assert [(place["location_id"], place["kind"], place["free"]) for place in found[store.l]] == [
        (str(store.depot_id), "depot", 2)
    ]


def matrix(store, **asked: Any) -> list[str]:
    wanted = {"q": None, "category_id": None, "season_id": None, "only": "all", "after": None, "limit": 10, **asked}
    return [row.code for row in queries.matrix_styles(store.tx, **wanted)]


def test_the_matrix_is_searched_without_marks_and_by_code(store) -> None:
    a_style(store.tx, "DM0001", name_vi="Đầm hoa nhí", sizes=("S",))
    assert matrix(store) == ["AO0001", "DM0001"]
    assert matrix(store, q="dam hoa") == ["DM0001"]
    assert matrix(store, q="hoa ĐẦM") == ["DM0001"]
    assert matrix(store, q="ao0001-den-m") == ["AO0001"]
    assert matrix(store, q="100%") == []
    assert matrix(store, after="AO0001") == ["DM0001"]


def test_the_matrix_shows_what_runs_low_in_branches(store) -> None:
    assert (matrix(store, only="low"), matrix(store, only="zero")) == ([], [])
    stocked(store.tx, store.branch_id, {store.m: 2})
    assert (matrix(store, only="low"), matrix(store, only="zero")) == (["AO0001"], [])
    store.adjust((store.m, -2), at=store.branch_id)
    assert (matrix(store, only="low"), matrix(store, only="zero")) == ([], ["AO0001"])


def test_the_ledger_shows_every_move_with_the_balance_before_and_after(store) -> None:
    till = a_till(store.tx, store.branch_id)
    stocked(store.tx, store.branch_id, {store.m: 5})
    sale = a_sale(till, Line(store.m, 2))
    post(store.tx, sale)
    store.adjust((store.m, -1), at=store.branch_id)
    rows = moves(store, location_id=store.branch_id)
    assert [(row.kind, row.qty, row.after) for row in rows] == [("adjustment", -1, 2), ("sale", -2, 3), ("opening", 5, 5)]
    assert (rows[1].receipt_code, rows[1].till_code, rows[1].ref) == ("HN01-1-1-0000001", "HN01-1", sale.id)
    assert (rows[0].reason, rows[2].reason) == ("Kiểm kê", "Tồn đầu kỳ")
    assert [row.after for row in moves(store, location_id=store.branch_id, before_id=rows[1].id)] == [5]


def moves(store, **asked: Any) -> Any:
    wanted = {"location_id": None, "scope": None, "before_id": None, "limit": 10, **asked}
    return queries.ledger(store.tx, variant_id=store.m, **wanted)


def test_the_ledger_keeps_to_the_places_one_may_see(store) -> None:
    stocked(store.tx, store.branch_id, {store.m: 5})
    assert len(moves(store)) == 2
    assert [row.location_id for row in moves(store, scope=[store.branch_id])] == [store.branch_id]
    assert moves(store, scope=[]) == []
    assert moves(store, scope=[store.branch_id], location_id=store.depot_id) == []
    assert moves(store, location_id=new_id()) == []
