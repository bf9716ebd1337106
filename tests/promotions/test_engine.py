"""What holds for every cart and every set of promotions, and that the till's engine answers the same, byte for byte."""

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from placket import promotions
from promotions.random_carts import random_case

CASES = 10_000
ANSWER = Path(__file__).with_name("answer.mjs")


def priced(case: dict[str, Any]) -> dict[str, Any]:
    rules = [msgspec.convert(row, promotions.Promotion) for row in case["promotions"]]
    return promotions.quote(msgspec.convert(case["cart"], promotions.CartFacts), rules)


def test_both_engines_answer_ten_thousand_carts_alike_to_the_letter() -> None:
    cases = [random_case(seed) for seed in range(CASES)]
    answered = subprocess.run(
        ["node", ANSWER],
        input="".join(json.dumps(case) + "\n" for case in cases),
        text=True,
        capture_output=True,
        check=True,
    ).stdout.splitlines()
    assert len(answered) == CASES
    for seed, (case, theirs) in enumerate(zip(cases, answered, strict=True)):
        assert json.dumps(priced(case), separators=(",", ":")) == theirs, f"seed {seed}"


@pytest.mark.parametrize("start", range(0, 2_000, 500))
def test_no_price_is_negative_or_above_the_list_and_all_shares_sum(start: int) -> None:
    for seed in range(start, start + 500):
        quote = priced(random_case(seed))
        for piece in quote["pieces"]:
            assert 0 <= piece["net_vnd"] <= piece["list_vnd"], f"seed {seed}"
            assert piece["list_vnd"] - sum(part["vnd"] for part in piece["parts"]) == piece["net_vnd"], f"seed {seed}"
        assert quote["total_vnd"] == sum(piece["net_vnd"] for piece in quote["pieces"]), f"seed {seed}"
        assert quote["list_vnd"] - quote["total_vnd"] == sum(row["vnd"] for row in quote["applied"]), f"seed {seed}"


def test_the_order_of_lines_and_promotions_changes_nothing() -> None:
    for seed in range(1_000):
        case = random_case(seed)
        turned = {
            "cart": {**case["cart"], "lines": case["cart"]["lines"][::-1]},
            "promotions": case["promotions"][::-1],
        }
        assert priced(turned) == priced(case), f"seed {seed}"


def test_no_limit_is_passed() -> None:
    for seed in range(2_000):
        case = random_case(seed)
        left = case["cart"].get("left", {})
        for row in priced(case)["applied"]:
            limit = left.get(row["promotion_id"], {})
            assert row["pieces"] <= limit.get("pieces", row["pieces"]), f"seed {seed}"
            assert row["vnd"] <= limit.get("budget_vnd", row["vnd"]), f"seed {seed}"
            assert row["times"] <= limit.get("uses", row["times"]), f"seed {seed}"


def test_taking_a_promotion_away_never_lowers_a_total_that_was_exact() -> None:
    exact = 0
    for seed in range(800):
        case = random_case(seed, lines=6, promotions=8)
        quote = priced(case)
        exact += quote["exact"]
        for promotion in case["promotions"] if quote["exact"] else []:
            fewer = [other for other in case["promotions"] if other is not promotion]
            assert priced({**case, "promotions": fewer})["total_vnd"] >= quote["total_vnd"], f"seed {seed}"
    assert exact > 700
