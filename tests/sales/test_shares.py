"""What each piece of a sale cost: exact to the đồng, whatever was taken off and whoever asks years later."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from books import Line, a_sale, kinds, post
from builders import a_branch, a_style, a_till, stocked
from placket import promotions, sales
from placket.core.ids import new_id
from placket.core.money import split
from placket.sales.pieces import Part, Piece, pieces_of_line

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
THIRD = UUID(int=1)


def test_the_piece_that_was_given_cost_nothing_and_the_others_all_of_it() -> None:
    given_away = Part("promotion", 690_000, THIRD, [0, 0, 690_000])
    pieces = pieces_of_line(qty=3, unit_vnd=690_000, total_vnd=1_380_000, vat_vnd=102_223, parts=[given_away])
    assert [(piece.no, piece.net_vnd, piece.vat_vnd, dict(piece.offers)) for piece in pieces] == [
        (1, 690_000, 51_112, {}),
        (2, 690_000, 51_111, {}),
        (3, 0, 0, {THIRD: 690_000}),
    ]


def test_hands_and_points_are_shared_by_what_the_pieces_still_cost() -> None:
    parts = [
        Part("promotion", 50_000, THIRD, [0, 50_000]),
        Part("manual", 15_001),
        Part("points", 10_000),
    ]
    pieces = pieces_of_line(qty=2, unit_vnd=100_000, total_vnd=124_999, vat_vnd=0, parts=parts)
    assert [(piece.manual_vnd, piece.points_vnd, piece.net_vnd) for piece in pieces] == [
        (10_001, 6_667, 83_332),
        (5_000, 3_333, 41_667),
    ]


def test_history_without_parts_shares_its_discount_equally() -> None:
    pieces = pieces_of_line(qty=3, unit_vnd=100_000, total_vnd=250_000, vat_vnd=18_519, parts=[])
    assert [(piece.manual_vnd, piece.net_vnd) for piece in pieces] == [(16_667, 83_333), (16_667, 83_333), (16_666, 83_334)]


@given(
    unit_vnd=st.integers(0, 5_000_000),
    offered=st.lists(st.integers(0, 100), min_size=1, max_size=12),
    by_hand=st.integers(0, 100),
    by_points=st.integers(0, 100),
)
def test_pieces_sum_to_their_line(unit_vnd: int, offered: list[int], by_hand: int, by_points: int) -> None:
    qty = len(offered)
    shares = [unit_vnd * percent // 100 for percent in offered]
    owed_vnd = unit_vnd * qty - sum(shares)
    manual_vnd = owed_vnd * by_hand // 100
    points_vnd = (owed_vnd - manual_vnd) * by_points // 100
    total_vnd = owed_vnd - manual_vnd - points_vnd
    parts = [Part("promotion", sum(shares), THIRD, shares), Part("manual", manual_vnd), Part("points", points_vnd)]
    pieces = pieces_of_line(qty=qty, unit_vnd=unit_vnd, total_vnd=total_vnd, vat_vnd=total_vnd // 11, parts=parts)
    assert sum(piece.net_vnd for piece in pieces) == total_vnd
    assert sum(piece.vat_vnd for piece in pieces) == total_vnd // 11
    assert sum(piece.points_vnd for piece in pieces) == points_vnd
    assert all(0 <= piece.vat_vnd <= piece.net_vnd <= piece.list_vnd for piece in pieces)
    assert all(
        piece.list_vnd - sum(piece.offers.values()) - piece.manual_vnd - piece.points_vnd == piece.net_vnd
        for piece in pieces
    )


def test_the_books_say_what_each_piece_of_a_sale_cost(tx: Session) -> None:
    branch_id = a_branch(tx)
    till = a_till(tx, branch_id)
    shirt, belt = (a_style(tx, code, price_vnd=100_000, sizes=("M",)).one for code in ("AO1", "TL1"))
    stocked(tx, branch_id, {shirt: 9, belt: 9})
    promotion_id = new_id()
    buy_two = {"group": 1, "reward": {"kind": "buy_get", "buy": 2, "get": 1}}
    promotions.keep_draft(
        tx,
        promotion_id=promotion_id,
        names=("Mua 2 tặng 1", "Three for two"),
        terms=buy_two,
        limits={},
        row_version=None,
        staff_id=till.cashier.id,
        now=NOW,
    )
    promotions.publish(tx, promotion_id=promotion_id, row_version=1, staff_id=till.cashier.id, now=NOW)
    sale = a_sale(till, Line(shirt, 3), Line(belt, 1))
    part = {"kind": "promotion", "amount_vnd": 100_000, "promotion_id": str(promotion_id), "promotion_version": 1}
    sale.lines[0] |= {
        "discount_vnd": 100_000,
        "total_vnd": 200_000,
        "vat_vnd": 14_815,
        "discounts": [{"no": 1, **part, "shares_vnd": [0, 0, 100_000]}],
    }
    assert kinds(post(tx, msgspec.structs.replace(sale, discount_vnd=100_000, total_vnd=300_000))) == ["accepted"]
    plain = Piece(no=1, list_vnd=100_000, manual_vnd=0, points_vnd=0, net_vnd=100_000, vat_vnd=7_408)
    vat_of_belt = sale.lines[1]["vat_vnd"]
    assert sales.shares_of(tx, sale_id=sale.id) == {
        1: (
            plain,
            replace(plain, no=2, vat_vnd=7_407),
            replace(plain, no=3, net_vnd=0, vat_vnd=0, offers={promotion_id: 100_000}),
        ),
        2: (replace(plain, vat_vnd=vat_of_belt),),
    }
    assert split(14_815, [1, 1, 0]) == [7_408, 7_407, 0]
