"""Mutation testing of the pricing rules with Cosmic Ray: how many changed lines of the engine the tests notice.

    python scripts/mutate_pricing.py prepare     a tree with nothing but the engine, and the till's answers to random carts
    cosmic-ray init cosmic-ray.toml work.sqlite && cosmic-ray exec cosmic-ray.toml work.sqlite     in var/mutation
    cr-rate work.sqlite; cr-report --show-pending work.sqlite

Cosmic Ray is no dependency: it is installed beside (with msgspec, in an environment of its own) by whoever repeats the
measurement. A mutant is killed when a cart of contracts/pricing or one of the carts that both engines have to answer alike
comes out otherwise: the suite's own tests, without the ten thousand carts' whole length. What was found stands in
docs/rules/pricing.md.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "var" / "mutation"
FILES = (
    "core/money.py",
    "promotions/terms.py",
    "promotions/conditions.py",
    "promotions/evaluation.py",
    "promotions/engine.py",
)
MUTATED = ("conditions", "evaluation", "engine")
CARTS = 1_500
CONFIG = """[cosmic-ray]
module-path = [{modules}]
timeout = 30.0
excluded-modules = []
test-command = "{python} {script} check"

[cosmic-ray.distributor]
name = "local"
"""


def prepare() -> None:
    """Lay out the tree that is mutated, and what its answers have to be."""
    shutil.rmtree(HERE, ignore_errors=True)
    for name in FILES:
        there = HERE / "placket" / name
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "src" / "placket" / name, there)
    for package in (HERE / "placket", HERE / "placket" / "core", HERE / "placket" / "promotions"):
        (package / "__init__.py").touch()
    sys.path.insert(0, str(ROOT / "tests" / "promotions"))
    from random_carts import random_case  # noqa: PLC0415 - of the tests, found by the path above

    cases = [json.dumps(random_case(seed)) for seed in range(CARTS)]
    answers = subprocess.run(
        ["node", ROOT / "tests" / "promotions" / "answer.mjs"],
        input="\n".join(cases) + "\n",
        text=True,
        capture_output=True,
        check=True,
    ).stdout.splitlines()
    pairs = (f"{case}\n{answer}\n" for case, answer in zip(cases, answers, strict=True))
    (HERE / "carts.txt").write_text("".join(pairs), encoding="utf-8")
    modules = ", ".join(f'"placket/promotions/{name}.py"' for name in MUTATED)
    config = CONFIG.format(modules=modules, python=sys.executable, script=Path(__file__).resolve())
    (HERE / "cosmic-ray.toml").write_text(config, encoding="utf-8")


def check() -> None:
    """Leave with 1 when a cart comes out otherwise than it should."""
    sys.path.insert(0, str(HERE))
    sys.dont_write_bytecode = True
    import msgspec  # noqa: PLC0415 - the mutated tree stands first on the path

    from placket.promotions.engine import quote  # noqa: PLC0415 - the mutated tree stands first on the path
    from placket.promotions.terms import CartFacts, Promotion  # noqa: PLC0415 - likewise

    shared = json.loads((ROOT / "contracts" / "pricing" / "goods.json").read_text())
    for file in sorted((ROOT / "contracts" / "pricing").glob("*.json")):
        for case in json.loads(file.read_text()) if file.stem != "goods" else ():
            lines = [{"variant_id": key, "qty": qty, **shared["goods"][key]} for key, qty in case["cart"]["lines"]]
            about = {key: shared[key] for key in ("at_ms", "location_id", "channel")}
            cart = msgspec.convert({**about, **case["cart"], "lines": lines}, CartFacts)
            found = quote(cart, [msgspec.convert(row, Promotion) for row in case["promotions"]])
            answers = {
                "total_vnd": found["total_vnd"],
                "applied": {row["promotion_id"]: row["vnd"] for row in found["applied"]},
                "net_vnd": {f"{piece['variant_id']}/{piece['no']}": piece["net_vnd"] for piece in found["pieces"]},
                "rejected": {row["promotion_id"]: row["reason"] for row in found["rejected"]},
                "near": {row["promotion_id"]: [row["lacks_qty"], row["lacks_vnd"]] for row in found["near"]},
                "exact": found["exact"],
            }
            if {key: answers[key] for key in case["expect"]} != case["expect"]:
                sys.exit(f"{file.stem}: {case['name']}")
    text = (HERE / "carts.txt").read_text(encoding="utf-8").splitlines()
    for case_text, answer in zip(text[::2], text[1::2], strict=True):
        case = json.loads(case_text)
        rules = [msgspec.convert(row, Promotion) for row in case["promotions"]]
        found = quote(msgspec.convert(case["cart"], CartFacts), rules)
        if json.dumps(found, separators=(",", ":")) != answer:
            sys.exit(case_text)


if __name__ == "__main__":
    {"prepare": prepare, "check": check}[sys.argv[1]]()
