"""The protocol's model, explored whole: it holds in every reachable state, and every rule left out is refuted."""

import pytest

from protocol.model.__main__ import CHECKS, MUTANTS, SIM_MUTANTS, SMALL, SMALL_MUTANTS, stock_job
from protocol.model.checker import explore
from protocol.model.simulation import simulate

CAP = 600_000
DAYS = 400
BENT_DAYS = 8_000


@pytest.mark.parametrize(("what", "options"), CHECKS, ids=[what for what, _ in CHECKS])
def test_the_protocol_holds_in_every_state(what: str, options: dict) -> None:
    result = stock_job(options, cap=CAP)
    assert (result.broken, result.complete) == (None, True), what


@pytest.mark.parametrize(("rule", "what", "options"), MUTANTS, ids=[f"{rule}: {what}" for rule, what, _ in MUTANTS])
def test_a_rule_left_out_is_refuted(rule: str, what: str, options: dict) -> None:
    assert stock_job(options, rule).broken, what


@pytest.mark.parametrize(("what", "model"), SMALL, ids=[what for what, _ in SMALL])
def test_a_sale_a_voucher_and_the_tail_hold(what: str, model: object) -> None:
    result = explore(model, CAP)
    assert (result.broken, result.complete) == (None, True), what


@pytest.mark.parametrize(("what", "model"), SMALL_MUTANTS, ids=[what for what, _ in SMALL_MUTANTS])
def test_a_bent_sale_voucher_or_tail_is_refuted(what: str, model: object) -> None:
    assert explore(model, CAP).broken, what


@pytest.mark.parametrize("exceptions", [True, False], ids=["with overrides and thieves", "nothing may move"])
def test_random_days_end_well(*, exceptions: bool) -> None:
    totals, bad = simulate(DAYS, exceptions=exceptions, seed=0 if exceptions else 10**6)
    assert bad is None
    assert totals["promises"] > DAYS
    assert exceptions or totals["moved"] == 0


@pytest.mark.parametrize("rule", SIM_MUTANTS)
def test_random_days_refute_a_bent_rule(rule: str) -> None:
    assert simulate(BENT_DAYS, rule, exceptions=False)[1] is not None
