"""What a cart costs, what VAT is in it, what cash can pay, and what makes two sales the same: docs/rules/sales.md."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket.core.money import vat_within
from placket.sales import (
    Adjust,
    CartLine,
    PointsSpent,
    PricedLine,
    Quote,
    cash_rounding,
    fingerprint,
    price_cart,
    receipt_barcode,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "money_vn.json").read_text(encoding="utf-8"))
SHIRT, DRESS, BOOK, BRANCH = (uuid5(UUID(int=0), name) for name in ("shirt", "dress", "book", "branch"))


def priced(*lines: tuple[UUID, int, int, int]) -> Quote:
    """A cart of (variant, pieces, unit price, VAT rate)."""
    prices = {variant_id: (unit_vnd, rate_bp) for variant_id, _, unit_vnd, rate_bp in lines}
    cart = [CartLine(variant_id, BRANCH, qty) for variant_id, qty, _, _ in lines]
    return price_cart(cart, price_of=prices.__getitem__, price_version=7)


@pytest.mark.parametrize("case", VECTORS["vat_inclusive"], ids=lambda case: f"{case['gross']} at {case['rate']} %")
def test_vat_is_inside_the_price(case: dict[str, int]) -> None:
    quote = priced((SHIRT, 1, case["gross"], case["rate"] * 100))
    (share,) = quote.vat
    assert (quote.total_vnd, share.net_vnd, share.vat_vnd) == (case["gross"], case["net"], case["vat"])


def test_vat_of_a_rate_is_reckoned_once_and_shared_over_its_lines() -> None:
    quote = priced((SHIRT, 1, 199_000, 800), (DRESS, 1, 199_000, 800), (BOOK, 3, 60_000, 500))
    assert [(share.rate_bp, share.net_vnd, share.vat_vnd) for share in quote.vat] == [
        (500, 171_429, 8_571),
        (800, 368_519, 29_481),
    ]
    assert [line.vat_vnd for line in quote.lines] == [14_741, 14_740, 8_571]
    assert quote.vat_vnd == 38_052
    assert (quote.list_vnd, quote.discount_vnd, quote.total_vnd, quote.price_version) == (578_000, 0, 578_000, 7)


carts = st.lists(
    st.tuples(st.sampled_from([SHIRT, DRESS, BOOK]), st.integers(1, 999), st.just(0), st.just(0)), min_size=1, max_size=30
)
prices = st.fixed_dictionaries(
    {
        variant_id: st.tuples(st.integers(0, 50_000_000), st.sampled_from([0, 500, 800, 1000]))
        for variant_id in (SHIRT, DRESS, BOOK)
    }
)


@given(carts, prices)
def test_every_cart_adds_up(cart: list[tuple[UUID, int, int, int]], price_of: dict[UUID, tuple[int, int]]) -> None:
    quote = priced(*((variant_id, qty, *price_of[variant_id]) for variant_id, qty, _, _ in cart))
    assert sum(line.total_vnd for line in quote.lines) == quote.total_vnd == quote.list_vnd - quote.discount_vnd
    assert sum(line.vat_vnd for line in quote.lines) == quote.vat_vnd
    assert sum(share.net_vnd + share.vat_vnd for share in quote.vat) == quote.total_vnd
    for line in quote.lines:
        assert line.total_vnd == line.unit_vnd * line.line.qty
        assert abs(line.vat_vnd - vat_within(line.total_vnd, line.vat_bp)) <= 1


@pytest.mark.parametrize(
    ("total_vnd", "rounding_vnd"),
    [(199_000, 0), (199_499, -499), (199_500, 500), (199_999, 1), (0, 0), (1, -1), (500, 500), (347_250, -250)],
)
def test_cash_is_rounded_to_notes(total_vnd: int, rounding_vnd: int) -> None:
    step_vnd = VECTORS["cash_tender"]["rounding_default"]
    assert cash_rounding(total_vnd, other_vnd=0, by_cash=True, step_vnd=step_vnd) == rounding_vnd


@pytest.mark.parametrize(("step_vnd", "rounding_vnd"), [(1000, -499), (500, 1), (100, 1), (0, 0), (1, 0)])
def test_the_company_chooses_the_step(step_vnd: int, rounding_vnd: int) -> None:
    assert cash_rounding(199_499, other_vnd=0, by_cash=True, step_vnd=step_vnd) == rounding_vnd


def test_cards_and_transfers_pay_exactly() -> None:
    assert cash_rounding(199_499, other_vnd=199_499, by_cash=False, step_vnd=1000) == 0
    assert cash_rounding(199_499, other_vnd=100_000, by_cash=True, step_vnd=1000) == -499
    assert cash_rounding(199_499, other_vnd=99_250, by_cash=True, step_vnd=1000) == -249


@pytest.mark.parametrize(
    ("till_no", "epoch", "receipt_no", "barcode"),
    [(1, 1, 1, "0200010100000013"), (37, 2, 123, "0200370200001236"), (9999, 99, 9_999_999, "0299999999999995")],
)
def test_the_barcode_of_a_receipt(till_no: int, epoch: int, receipt_no: int, barcode: str) -> None:
    assert receipt_barcode(till_no=till_no, epoch=epoch, receipt_no=receipt_no) == barcode


@given(st.integers(1, 9999), st.integers(1, 99), st.integers(1, 9_999_999), st.integers(0, 15), st.integers(1, 9))
def test_a_barcode_with_one_wrong_digit_is_no_barcode(
    till_no: int, epoch: int, receipt_no: int, place: int, off: int
) -> None:
    code = receipt_barcode(till_no=till_no, epoch=epoch, receipt_no=receipt_no)
    assert (len(code), code[:2], adds_up(code)) == (16, "02", True)
    wrong = code[:place] + str((int(code[place]) + off) % 10) + code[place + 1 :]
    assert not adds_up(wrong)


def adds_up(code: str) -> bool:
    """The check of a scanner: weights 1, 3, 1, … from the right sum to a multiple of ten."""
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(code))) % 10 == 0


LINE = PricedLine(CartLine(SHIRT, BRANCH, 2), 100_000, 0, 200_000, 800, 14_815)
TENDER = {"kind": "cash", "amount_vnd": 200_000, "tendered_vnd": 500_000, "change_vnd": 300_000, "reference": None}
SALE = {"till_id": BRANCH, "lines": [LINE], "tenders": [TENDER], "customer_id": None, "total_vnd": 200_000}


def test_a_sale_is_the_same_as_itself() -> None:
    assert fingerprint(**SALE) == fingerprint(**SALE)
    assert len(bytes.fromhex(fingerprint(**SALE))) == 32


@pytest.mark.parametrize(
    "change",
    [
        {"till_id": SHIRT},
        {"customer_id": SHIRT},
        {"total_vnd": 200_001},
        {"lines": [LINE, LINE]},
        {"lines": [PricedLine(CartLine(DRESS, BRANCH, 2), 100_000, 0, 200_000, 800, 14_815)]},
        {"lines": [PricedLine(CartLine(SHIRT, SHIRT, 2), 100_000, 0, 200_000, 800, 14_815)]},
        {"lines": [PricedLine(CartLine(SHIRT, BRANCH, 1), 200_000, 0, 200_000, 800, 14_815)]},
        {"tenders": [{**TENDER, "kind": "card"}]},
        {"tenders": [{**TENDER, "tendered_vnd": 200_000}]},
        {"tenders": [{**TENDER, "reference": "VCB 4711"}]},
        {"tenders": []},
        {
            "lines": [
                PricedLine(CartLine(SHIRT, BRANCH, 2, Adjust("price", 100_000, "gift")), 100_000, 0, 200_000, 800, 14_815)
            ]
        },
        {"points": PointsSpent(BRANCH, 10, 10_000)},
    ],
    ids=str,
)
def test_another_cart_or_tender_is_another_sale(change: dict[str, object]) -> None:
    assert fingerprint(**{**SALE, **change}) != fingerprint(**SALE)


CONTRACTS = Path(__file__).parents[2] / "contracts" / "pricing-lines"
CASES = [case for path in sorted(CONTRACTS.glob("*.json")) for case in json.loads(path.read_text(encoding="utf-8"))]
HOLD = uuid5(UUID(int=0), "hold")


def priced_by(lines: list[dict[str, Any]], points_vnd: int) -> Quote:
    """A cart of the contract: each line its own variant."""
    ids = [UUID(int=place) for place in range(len(lines))]
    known = {one: (line["unit_vnd"], line["vat_bp"]) for one, line in zip(ids, lines, strict=True)}
    cart = [
        CartLine(
            one, BRANCH, line["qty"], line["adjust"] and Adjust(line["adjust"]["kind"], line["adjust"]["value"], "gift")
        )
        for one, line in zip(ids, lines, strict=True)
    ]
    points = PointsSpent(HOLD, 1, points_vnd) if points_vnd else None
    return price_cart(cart, price_of=known.__getitem__, price_version=1, points=points)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"])
def test_a_cart_of_the_contract_costs_what_the_till_reckons(case: dict[str, Any]) -> None:
    quote = priced_by(case["lines"], case["points_vnd"])
    assert {
        "list_vnd": quote.list_vnd,
        "discount_vnd": quote.discount_vnd,
        "total_vnd": quote.total_vnd,
        "lines": [
            {key: getattr(line, key) for key in ("manual_vnd", "points_vnd", "total_vnd", "vat_vnd")} for line in quote.lines
        ],
        "vat": [{"rate_bp": share.rate_bp, "net_vnd": share.net_vnd, "vat_vnd": share.vat_vnd} for share in quote.vat],
    } == case["expected"]


adjusts = st.one_of(
    st.none(),
    st.fixed_dictionaries({"kind": st.sampled_from(["price", "amount"]), "value": st.integers(0, 60_000_000)}),
    st.fixed_dictionaries({"kind": st.just("percent"), "value": st.integers(0, 12_000)}),
)
adjusted = st.lists(
    st.fixed_dictionaries(
        {
            "unit_vnd": st.integers(0, 50_000_000),
            "vat_bp": st.sampled_from([0, 500, 800, 1000]),
            "qty": st.integers(1, 99),
            "adjust": adjusts,
        }
    ),
    min_size=1,
    max_size=30,
)


@given(adjusted, st.integers(0, 10**9))
def test_no_discount_makes_a_line_negative_or_dearer_and_every_share_adds_up(
    lines: list[dict[str, Any]], points_vnd: int
) -> None:
    quote = priced_by(lines, points_vnd)
    for line in quote.lines:
        assert 0 <= line.total_vnd <= line.unit_vnd * line.line.qty
        assert line.manual_vnd >= 0
        assert line.points_vnd >= 0
        assert line.discount_vnd == line.manual_vnd + line.points_vnd == line.unit_vnd * line.line.qty - line.total_vnd
        assert 0 <= line.vat_vnd <= line.total_vnd
    owed_vnd = sum(line.total_vnd + line.points_vnd for line in quote.lines)
    assert sum(line.points_vnd for line in quote.lines) == min(points_vnd, owed_vnd)
    assert quote.total_vnd == quote.list_vnd - quote.discount_vnd == sum(line.total_vnd for line in quote.lines)
    assert sum(share.net_vnd + share.vat_vnd for share in quote.vat) == quote.total_vnd
    assert sum(line.vat_vnd for line in quote.lines) == quote.vat_vnd
