"""What is given back for a piece: to the đồng in any order, VAT at the sale's rate, and which rule it falls under."""

import json
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket.core.money import split, vat_within
from placket.sales.families import Family, Place
from placket.sales.return_queries import Sold
from placket.sales.return_rules import (
    NONE_WRITTEN,
    Part,
    Policy,
    SoldLine,
    as_given,
    last_day,
    off_bp,
    policy_for,
    refunds,
    swap_prices,
    tender_limits,
    worth_of_shares,
)

SWAPS = json.loads((Path(__file__).parents[2] / "contracts" / "returns" / "swaps.json").read_text())
DRESSES, SILK = UUID(int=1), UUID(int=2)


def a_line(line_no: int = 1, qty: int = 1, unit_vnd: int = 100_000, *parts: Part, vat_bp: int = 800) -> SoldLine:
    total_vnd = unit_vnd * qty - sum(part.amount_vnd for part in parts)
    vat_vnd = vat_within(total_vnd, vat_bp)
    return SoldLine(line_no, UUID(int=line_no), qty, unit_vnd, total_vnd, vat_bp, vat_vnd, parts)


def off(kind: str, vnd: int, qty: int, reason: str | None = None) -> Part:
    """A part of a discount, shared over the pieces of a line."""
    return Part(kind, tuple(split(vnd, [1] * qty)), reason)


def after(line: SoldLine, qty: int, refund_vnd: int, vat_vnd: int) -> SoldLine:
    """The line when so much of it has come back."""
    return SoldLine(
        line.line_no,
        line.variant_id,
        line.qty,
        line.unit_vnd,
        line.total_vnd,
        line.vat_bp,
        line.vat_vnd,
        line.parts,
        line.returned + qty,
        line.refunded_vnd + refund_vnd,
        line.vat_reversed_vnd + vat_vnd,
    )


def test_a_piece_brings_what_was_paid_for_it() -> None:
    line = a_line(1, 3, 199_000, off("manual", 100_000, 3, "faulty"))
    (first,) = refunds([line], {1: 1}, worth=worth_of_shares([line]))
    # 100.000 over three pieces is 33.334, 33.333, 33.333: the kept ones keep the first shares.
    assert (first.share_vnd, first.refund_vnd, first.recalculated_vnd) == (165_667, 165_667, 0)
    assert first.parts == (Part("manual", (33_333,), "faulty"),)


def test_three_pieces_bring_the_whole_line_one_by_one() -> None:
    line = a_line(1, 3, 199_000, off("manual", 100_000, 3, "faulty"))
    paid = []
    for _ in range(3):
        (back,) = refunds([line], {1: 1}, worth=worth_of_shares([line]))
        paid.append((back.refund_vnd, back.vat_vnd))
        line = after(line, 1, back.refund_vnd, back.vat_vnd)
    assert [refund_vnd for refund_vnd, _ in paid] == [165_667, 165_667, 165_666]
    assert (line.refunded_vnd, line.vat_reversed_vnd) == (497_000, line.vat_vnd)


def test_a_lost_promotion_is_taken_off_and_comes_back_with_the_last_piece() -> None:
    """Two shirts of 690.000 with 10 % off two: 621.000 each. One kept costs 690.000 by itself."""
    shirts = a_line(1, 2, 690_000, off("promotion", 138_000, 2))

    def worth(kept) -> int:
        return {0: 0, 1: 690_000, 2: 1_242_000}[kept[1]]

    (first,) = refunds([shirts], {1: 1}, worth=worth)
    assert (first.share_vnd, first.recalculated_vnd, first.refund_vnd) == (621_000, 69_000, 552_000)
    shirts = after(shirts, 1, first.refund_vnd, first.vat_vnd)
    (second,) = refunds([shirts], {1: 1}, worth=worth)
    assert (second.share_vnd, second.recalculated_vnd, second.refund_vnd) == (621_000, -69_000, 690_000)
    assert first.refund_vnd + second.refund_vnd == 1_242_000
    assert first.vat_vnd + second.vat_vnd == shirts.vat_vnd


def test_goods_that_would_have_cost_more_than_was_paid_bring_nothing() -> None:
    given_away = a_line(1, 1, 300_000, off("promotion", 290_000, 1))
    dear = a_line(2, 1, 100_000)
    (back,) = refunds([given_away, dear], {2: 1}, worth=lambda _kept: 300_000)
    assert (back.refund_vnd, back.vat_vnd, back.recalculated_vnd) == (0, 0, 100_000)


def test_the_vat_goes_back_at_the_rate_of_the_sale() -> None:
    eight, ten = a_line(1, 2, 199_000, vat_bp=800), a_line(2, 1, 110_000, vat_bp=1000)
    back = refunds([eight, ten], {1: 1, 2: 1}, worth=worth_of_shares([eight, ten]))
    assert [(refund.vat_bp, refund.vat_vnd) for refund in back] == [(800, 14_740), (1000, 10_000)]


def test_what_was_given_wrongly_is_written_as_it_was() -> None:
    line = after(a_line(1, 1, 100_000), 1, 100_000, 7_407)
    (again,) = as_given([line], {1: 1}, {1: 100_000})
    assert (again.refund_vnd, again.share_vnd, again.recalculated_vnd, again.vat_vnd) == (100_000, 100_000, 0, 7_407)


@st.composite
def carts(draw) -> list[SoldLine]:
    made = []
    for line_no in range(1, draw(st.integers(1, 4)) + 1):
        qty, unit_vnd = draw(st.integers(1, 4)), draw(st.integers(100_000, 900_000))
        kinds = draw(st.lists(st.sampled_from(["manual", "points", "promotion"]), max_size=3))
        parts = [Part(kind, tuple(draw(st.integers(0, 30_000)) for _ in range(qty))) for kind in kinds]
        made.append(a_line(line_no, qty, unit_vnd, *parts, vat_bp=draw(st.sampled_from([800, 1000]))))
    return made


@given(carts(), st.data(), st.integers(0, 80_000))
def test_any_order_brings_back_what_was_paid_and_never_more(lines: list[SoldLine], data, lost_vnd: int) -> None:
    shares = worth_of_shares(lines)

    def worth(kept) -> int:
        """What is kept loses a promotion as soon as it is not everything."""
        total = sum(kept.values())
        return shares(kept) + (lost_vnd if 0 < total < sum(line.qty for line in lines) else 0)

    pieces = data.draw(st.permutations([line.line_no for line in lines for _ in range(line.qty)]))
    paid_vnd, vat_vnd = 0, 0
    now = {line.line_no: line for line in lines}
    for line_no in pieces:
        (back,) = refunds(list(now.values()), {line_no: 1}, worth=worth)
        assert back.refund_vnd >= 0
        assert 0 <= back.vat_vnd <= back.refund_vnd
        assert back.refund_vnd == now[line_no].unit_vnd - sum(part.amount_vnd for part in back.parts) - back.recalculated_vnd
        paid_vnd, vat_vnd = paid_vnd + back.refund_vnd, vat_vnd + back.vat_vnd
        assert paid_vnd <= sum(line.total_vnd for line in lines)
        now[line_no] = after(now[line_no], 1, back.refund_vnd, back.vat_vnd)
    assert paid_vnd == sum(line.total_vnd for line in lines)


def test_every_order_of_two_receipts_brings_the_same() -> None:
    lines = [a_line(1, 2, 333_333, off("manual", 10_001, 2)), a_line(2, 1, 77_777)]
    sums = set()
    for order in permutations([1, 1, 2]):
        now = {line.line_no: line for line in lines}
        for line_no in order:
            (back,) = refunds(list(now.values()), {line_no: 1}, worth=worth_of_shares(lines))
            now[line_no] = after(now[line_no], 1, back.refund_vnd, back.vat_vnd)
        sums.add(tuple((line.refunded_vnd, line.vat_reversed_vnd) for line in now.values()))
    assert {tuple(refunded for refunded, _ in each) for each in sums} == {(656_665, 77_777)}


OLD = Policy(date(2026, 1, 1), None, 0, 14, frozenset({"original"}))
NEW = Policy(date(2026, 6, 1), None, 0, 30, frozenset({"original"}))
DOWN = Policy(date(2026, 1, 1), None, 3000, 7, frozenset({"exchange"}))
LINGERIE = Policy(date(2026, 1, 1), SILK, 0, 0, frozenset())


def test_the_rule_of_the_day_of_the_sale_counts() -> None:
    rules = [OLD, NEW, DOWN]
    assert policy_for(rules, sold_on=date(2026, 5, 31), categories=[DRESSES], off_bp=0) == OLD
    assert policy_for(rules, sold_on=date(2026, 6, 1), categories=[DRESSES], off_bp=0) == NEW
    assert policy_for(rules, sold_on=date(2026, 6, 1), categories=[DRESSES], off_bp=3_000) == DOWN
    assert policy_for([], sold_on=date(2026, 6, 1), categories=[], off_bp=0) == NONE_WRITTEN


def test_the_nearest_category_counts_before_everything_else() -> None:
    rules = [OLD, NEW, DOWN, LINGERIE]
    assert policy_for(rules, sold_on=date(2026, 7, 1), categories=[SILK, DRESSES], off_bp=5_000) == LINGERIE
    assert policy_for(rules, sold_on=date(2026, 7, 1), categories=[DRESSES], off_bp=2_999) == NEW


def test_the_last_day_is_so_many_days_after_the_sale() -> None:
    assert last_day(NEW, date(2026, 12, 15)) == date(2027, 1, 14)


def test_what_came_off_is_rounded_down() -> None:
    assert off_bp(top_vnd=300_000, paid_vnd=210_000) == 3_000
    assert off_bp(top_vnd=300_000, paid_vnd=210_001) == 2_999
    assert off_bp(top_vnd=300_000, paid_vnd=310_000) == 0


def test_a_tender_goes_back_the_way_its_rule_says() -> None:
    by = {"cash": frozenset({"cash"}), "card": frozenset({"card", "transfer"}), "cod": frozenset({"transfer", "cash"})}
    limits = tender_limits({"cash": 100, "card": 200, "cod": 50, "transfer": 70}, by)
    assert limits == {"cash": 150, "card": 200, "transfer": 250}


@pytest.mark.parametrize("case", [case for case in SWAPS if not case["promotions"]], ids=lambda case: case["says"])
def test_swaps_without_promotions_as_the_contract_says(case: dict[str, Any]) -> None:
    sold, back, expected = case["sold"], case["back"], case["expected"]
    parts = [Part(part["kind"], tuple(part["shares_vnd"])) for part in sold["discounts"]]
    line = a_line(1, sold["qty"], sold["unit_vnd"], *parts)
    family = Family(cast("Sold", None), (line,), {1: Place(UUID(int=9), 1, 1, stands_in=False)})
    _, swapped = family.with_swaps({1: back["swapped"]})
    (given,) = refunds([line], {1: back["qty"]}, worth=worth_of_shares([line, *swapped]), swapped=swapped)
    figures = {key: getattr(given, key) for key in ("share_vnd", "recalculated_vnd", "refund_vnd")}
    assert {**figures, "swap_vnd": list(swap_prices(line, back["swapped"])), "lost": 0} == expected
