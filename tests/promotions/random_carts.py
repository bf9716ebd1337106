"""Random promotions and carts that stand in each other's way as often as possible: few goods, many rules about them."""

from random import Random
from typing import Any

AT_MS = 1_795_662_000_000
CATEGORIES = [f"c{number}" for number in range(8)]
PRICES_VND = (99_000, 199_000, 250_000, 333_333, 399_000, 690_000, 1_512_001)


def random_case(seed: int, *, lines: int = 8, promotions: int = 12) -> dict[str, Any]:
    """A cart and promotions as JSON, always the same for a seed."""
    dice = Random(seed)
    return {
        "cart": _cart(dice, dice.randint(1, lines)),
        "promotions": [_promotion(dice, number) for number in range(dice.randint(1, promotions))],
    }


def _cart(dice: Random, lines: int) -> dict[str, Any]:
    cart: dict[str, Any] = {
        "at_ms": AT_MS,
        "location_id": "HN01",
        "channel": "store",
        "lines": [_line(dice, variant) for variant in dice.sample(range(max(40, lines)), lines)],
        "vouchers": ["p001", "p002", "p003"],
        "customer": dice.choice([None, {"tier": "gold", "segments": ["vip"], "birthday": "02-29"}, {"birthday": "11-26"}]),
    }
    if dice.random() < 0.3:
        cart["left"] = {"p001": {"pieces": dice.randint(0, 3)}, "p002": {"budget_vnd": 100_000}, "p003": {"uses": 1}}
    return cart


def _line(dice: Random, variant: int) -> dict[str, Any]:
    facts = Random(variant)  # the same variant is the same goods in every cart
    return {
        "variant_id": f"v{variant}",
        "style_id": f"s{variant // 3}",
        "category_ids": [facts.choice(CATEGORIES), "all"],
        "list_vnd": facts.choice(PRICES_VND),
        "qty": dice.randint(1, 3),
        "season": facts.choice([None, "TD26"]),
        "tags": ["x"] if facts.random() < 0.3 else [],
    }


def _goods(dice: Random) -> dict[str, Any]:
    if dice.random() < 0.25:
        return {}
    goods: dict[str, Any] = {"categories": dice.sample(CATEGORIES, dice.randint(1, 3))}
    if dice.random() < 0.2:
        goods["tags"] = [dice.choice("xyz")]
    if dice.random() < 0.15:
        goods["seasons"] = ["TD26"]
    if dice.random() < 0.15:
        goods["but_not"] = {"variants": [f"v{dice.randint(0, 39)}"], "tags": ["x"]}
    return goods


def _reward(dice: Random) -> dict[str, Any]:
    by = dice.choice(["qty", "spend"])
    steps = [
        {"at_least": 2 if by == "qty" else 500_000, "bp": 1_000},
        {"at_least": 3 if by == "qty" else 1_500_000, "vnd": 150_000},
    ]
    parts = [{"goods": _goods(dice), "qty": 1}, {"goods": _goods(dice), "qty": dice.randint(1, 2)}]
    rewards: list[dict[str, Any]] = [
        {"kind": "percent", "bp": dice.choice([500, 1_000, 1_500, 3_333, 5_000])},
        {"kind": "percent", "bp": 2_000, "cap_vnd": dice.choice([50_000, 100_001, 400_000])},
        {"kind": "amount_each", "vnd": dice.choice([10_000, 50_000, 99_999])},
        {"kind": "fixed_price", "vnd": dice.choice([99_000, 199_000])},
        {"kind": "amount", "vnd": dice.choice([50_000, 100_001, 300_000])},
        {"kind": "buy_get", "buy": dice.randint(1, 2), "get": 1, "bp": dice.choice([10_000, 5_000])},
        {"kind": "buy_get", "buy": dice.randint(1, 2), "get": 1, "goods": _goods(dice)},
        {"kind": "bundle", "vnd": dice.choice([300_000, 700_000]), "parts": parts},
        {"kind": "tiers", "by": by, "steps": steps},
        {"kind": "gift", "goods": _goods(dice), "qty": dice.randint(1, 2)},
    ]
    return dice.choice(rewards)


def _promotion(dice: Random, number: int) -> dict[str, Any]:
    promotion: dict[str, Any] = {
        "id": f"p{number:03d}",
        "version": 1,
        "group": dice.randint(1, 4),
        "priority": dice.randint(1, 3) * 10,
        "goods": _goods(dice),
        "reward": _reward(dice),
        "exclusive": dice.random() < 0.1,
        "voucher": dice.random() < 0.15,
    }
    if dice.random() < 0.2:
        promotion["need"] = {"qty": dice.randint(0, 3), "spend_vnd": dice.choice([0, 500_000])}
    if dice.random() < 0.15:
        near = {"birthday_days": dice.randint(0, 100)}
        promotion["who"] = dice.choice([{"tiers": ["gold"]}, {"segments": ["vip"]}, near])
    if dice.random() < 0.15:
        at_times = [{"starts_ms": AT_MS + 1}, {"ends_ms": AT_MS}, {"weekdays": [4]}, {"minutes": [0, 720]}]
        promotion["when"] = dice.choice(at_times)
    return promotion
