"""Every rule of docs/rules/offline.md that has a name is needed: leave it out of the product, and a scenario notices."""

import re
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from builders import a_branch, a_person, a_promise, a_style, a_till, stocked
from placket import inventory
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.core.refusals import Refusal
from placket.core.settings import ROOT
from placket.inventory.service import openings
from placket.pos.entry_verbs import VERBS
from protocol.model.__main__ import MUTANTS as OF_THE_MODEL
from protocol.mutants import BY_A_RACE, BY_THE_TILL, MUTANTS, Bend, Mutant
from protocol.test_word import branch as at_work
from restore.test_recovery import branch as before_a_restore

__all__ = ["at_work", "before_a_restore"]

SCENARIOS = {mutant.scenario.__name__: mutant for mutant in MUTANTS}
NOTICED = (AssertionError, pytest.fail.Exception, Refusal, DBAPIError)


def branch_of(mutant: Mutant, request: pytest.FixtureRequest) -> Any:
    """The shop that a scenario is played in."""
    return request.getfixturevalue("before_a_restore" if mutant.name.startswith("RESTORE") else "at_work")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_product_passes(scenario: str, request: pytest.FixtureRequest) -> None:
    mutant = SCENARIOS[scenario]
    mutant.scenario(branch_of(mutant, request))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_rule_left_out_is_noticed(
    mutant: Mutant, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tx: Session
) -> None:
    branch = branch_of(mutant, request)
    for bend in mutant.bends:
        bend.apply(monkeypatch, tx)
    with pytest.raises(NOTICED):
        mutant.scenario(branch)


@pytest.mark.parametrize("bent", [False, True], ids=["as it is", "ATTACH_NO_LOCK"])
def test_nobody_is_asked_while_a_till_attaches(fresh: Database, monkeypatch: pytest.MonkeyPatch, *, bent: bool) -> None:
    with fresh.transaction() as tx:
        place, shirt = a_branch(tx), a_style(tx).one
        stocked(tx, place, {shirt: 2})
        till = a_till(tx, place, attached=False)
        a_person(tx)
        if bent:
            lock = "    lock_branch(tx, location_id=location_id)\n"
            Bend(openings, "end_replaced", lock, "").apply(monkeypatch, tx)
    with fresh.transaction() as attaching:
        at = {"till_id": till.id, "epoch": 1, "opening": 1, "head_seq": 0, "location_id": place, "now": clock.now()}
        inventory.attach(attaching, **at)
        asked = a_promise(place, (shirt, 1))
        move = [inventory.Move(shirt, asked["lines"][0]["qty"])]
        now = clock.now()
        waited = True
        try:
            with fresh.transaction() as tx:
                tx.execute(text("SET LOCAL lock_timeout = '200ms'"))
                inventory.reserve(tx, ref=new_id(), kind="ship", location_id=place, lines=move, pay_by=now, now=now)
                waited = False
        except DBAPIError:
            pass
    assert waited is not bent


def test_every_rule_with_a_name_is_in_the_table() -> None:
    of_the_model = {name for rule, _, _ in OF_THE_MODEL for name in rule.split("+")}
    told = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+|GAPS)`", (ROOT / "docs/rules/offline.md").read_text(encoding="utf-8")))
    known = {mutant.name for mutant in MUTANTS} | set(BY_THE_TILL) | BY_A_RACE
    assert of_the_model - known == set()
    assert told - known - set(VERBS) - {"CAPITALS"} == set()
    for place in BY_THE_TILL.values():
        assert (ROOT / place).exists()
