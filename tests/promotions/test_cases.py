"""Carts worked out by hand (contracts/pricing), which the till's engine has to answer alike (promotions/cases.test.ts)."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from placket import promotions

FOLDER = Path(__file__).parents[2] / "contracts" / "pricing"
SHARED = json.loads((FOLDER / "goods.json").read_text())
CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in sorted(FOLDER.glob("*.json"))
    if file.stem != "goods"
    for case in json.loads(file.read_text())
]


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES)
def test_the_cart_costs_what_was_worked_out(case: dict[str, Any]) -> None:
    lines = [{"variant_id": key, "qty": qty, **SHARED["goods"][key]} for key, qty in case["cart"]["lines"]]
    about = {key: SHARED[key] for key in ("at_ms", "location_id", "channel")}
    cart = msgspec.convert({**about, **case["cart"], "lines": lines}, promotions.CartFacts)
    quote = promotions.quote(cart, [msgspec.convert(row, promotions.Promotion) for row in case["promotions"]])
    answers = {
        "total_vnd": quote["total_vnd"],
        "applied": {row["promotion_id"]: row["vnd"] for row in quote["applied"]},
        "net_vnd": {f"{piece['variant_id']}/{piece['no']}": piece["net_vnd"] for piece in quote["pieces"]},
        "rejected": {row["promotion_id"]: row["reason"] for row in quote["rejected"]},
        "near": {row["promotion_id"]: [row["lacks_qty"], row["lacks_vnd"]] for row in quote["near"]},
        "exact": quote["exact"],
    }
    assert {key: answers[key] for key in case["expect"]} == case["expect"]
