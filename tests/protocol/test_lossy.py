"""Random days on a lossy network, on the real verbs and a real PostgreSQL; every guarantee of docs/rules/offline.md.

``PLACKET_HISTORIES`` sets how many are played (default 24), ``PLACKET_SEED`` from which seed on; a failure prints its seed
and what happened.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from placket.core.db import Database
from protocol.lossy import Floor, Shop
from protocol.restoring import RestoredFloor

HISTORIES = int(os.environ.get("PLACKET_HISTORIES", "24"))
FIRST = int(os.environ.get("PLACKET_SEED", "0"))
STEPS = 160


@pytest.fixture(scope="module")
def shop(module_database: Database) -> Shop:
    return Shop(module_database)


@pytest.mark.parametrize("exceptions", [True, False], ids=["with overrides and thieves", "nothing may move"])
def test_no_history_breaks_a_promise_or_loses_a_sale(shop: Shop, *, exceptions: bool) -> None:
    for seed in range(FIRST, FIRST + HISTORIES // 2):
        floor = Floor(shop, random.Random(seed).randrange, exceptions=exceptions)
        with telling(floor, f"seed {seed}"):
            for _ in range(STEPS):
                floor.step()
            floor.finish()


@pytest.mark.parametrize("exceptions", [True, False], ids=["with overrides and thieves", "nothing may move"])
def test_a_server_that_is_put_back_breaks_no_promise_and_loses_no_sale(shop: Shop, *, exceptions: bool) -> None:
    for seed in range(FIRST, FIRST + max(1, HISTORIES // 8)):
        draw = random.Random(seed).randrange
        floor = RestoredFloor(shop, draw, exceptions=exceptions)
        backup_at = draw(STEPS // 2)
        restore_at = backup_at + 1 + draw(STEPS // 2)
        with telling(floor, f"seed {seed}, backup {backup_at}, restore {restore_at}"):
            for step in range(STEPS):
                if step == backup_at:
                    floor.server.keep_a_copy()
                if step == restore_at:
                    floor.restore()
                floor.step()
            floor.finish()


@contextmanager
def telling(floor: Floor, which: str) -> Iterator[None]:
    """Whatever breaks a history says which one it was, and what had happened."""
    try:
        yield
    except BaseException as broken:
        broken.add_note("\n".join([which, *floor.trace[-60:]]))
        raise
