"""Random days on a lossy network, on the real verbs and a real PostgreSQL; every guarantee of docs/rules/offline.md.

``PLACKET_HISTORIES`` sets how many are played (default 24); a failure prints its seed and what happened.
"""

import os
import random

import pytest

from placket.core.db import Database
from protocol.lossy import Floor, Shop

HISTORIES = int(os.environ.get("PLACKET_HISTORIES", "24"))
STEPS = 160


@pytest.fixture(scope="module")
def shop(module_database: Database) -> Shop:
    return Shop(module_database)


@pytest.mark.parametrize("exceptions", [True, False], ids=["with overrides and thieves", "nothing may move"])
def test_no_history_breaks_a_promise_or_loses_a_sale(shop: Shop, *, exceptions: bool) -> None:
    for seed in range(HISTORIES // 2):
        floor = Floor(shop, random.Random(seed).randrange, exceptions=exceptions)
        try:
            for _ in range(STEPS):
                floor.step()
            floor.finish()
        except AssertionError as broken:
            told = "\n".join(floor.trace[-60:])
            pytest.fail(f"seed {seed}: {broken!r}\n{told}")
