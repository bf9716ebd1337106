"""customer_360, segment_count: all that is known of one in a million, how many a sentence means; over HTTP at `large`."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx

from bench import floor
from bench.report import Result, Spread, percentile, say
from bench.stage import Stage, server, sign_in, stage
from placket import demo
from placket.core.db import Database

LARGE = demo.SIZES["large"]
PEOPLE = 60
ROUNDS = 3
KNOWN_MS_MAX, COUNT_MS_MAX = 500.0, 1_000.0
PARTS = ("", "/account", "/overview", "/timeline", "/recommendations")
SENTENCES: tuple[list[dict[str, Any]], ...] = (
    [{"kind": "orders", "least": 2, "days": 90}],
    [{"kind": "tier", "any_of": ["silver"]}, {"kind": "spent", "least_vnd": 6_000_000}],
    [{"kind": "group", "any_of": ["hibernating"], "isnt": True}, {"kind": "orders", "most": 0, "days": 30}],
    [{"kind": "spent", "least_vnd": 3_000_000, "days": 365}],
    [{"kind": "channel", "channel": "web", "isnt": True}],
    [{"kind": "birthday", "days": 7}],
    [{"kind": "last", "longer_days": 180}, {"kind": "agrees", "purpose": "marketing"}],
)
# The one of most styles.
CATEGORY = "SELECT category_id::text FROM style GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"


def customer_360() -> Result:
    """Everything the office's page of a customer asks for, one after the other: the 95th percentile over sixty people."""

    def ask(at: Stage, http: httpx.Client) -> list[float]:
        with at.connect() as connection:
            found = connection.execute(
                "SELECT customer_id FROM customer_score TABLESAMPLE BERNOULLI (0.1) WHERE orders > 2 LIMIT %s", (PEOPLE,)
            ).fetchall()
        return [_took(partial(_read, http, person)) for (person,) in found]

    return _measured("customer_360", ask, KNOWN_MS_MAX)


def segment_count() -> Result:
    """Nine sentences counted live, three times each: the 95th percentile, the first time finding nothing in memory."""

    def ask(at: Stage, http: httpx.Client) -> list[float]:
        with at.connect() as connection:
            (category,) = connection.execute(CATEGORY).fetchone() or (None,)
        bought: list[dict[str, Any]] = [{"kind": "bought", "categories": [category], "days": 90}]
        sentences: list[list[dict[str, Any]]] = [*SENTENCES, bought]
        sentences.append([*bought, {"kind": "spent", "under_vnd": 2_000_000, "days": 365}])
        took_ms = {}
        for every in sentences:
            took_ms[str(every)] = [_took(partial(_count, http, every)) for _ in range(ROUNDS)]
            say(f"{' and '.join(str(one['kind']) for one in every)}: {Spread(took_ms[str(every)])} ms")
        return [one for took in took_ms.values() for one in took]

    return _measured("segment_count", ask, COUNT_MS_MAX)


def _measured(name: str, ask: Callable[[Stage, httpx.Client], list[float]], most_ms: float) -> Result:
    with stage(name, LARGE) as at:
        k = floor.slowness(at)
        database = Database(at.url, pool_size=1)
        with database.transaction() as tx:
            token = sign_in(tx, role="owner", till_id=None, name="Chủ đo")
        database.dispose()
        with server(at) as api:
            headers = {"authorization": f"Bearer {token}"}
            with httpx.Client(base_url=f"http://127.0.0.1:{api.port}", headers=headers, timeout=60) as http:
                took_ms = ask(at, http)
    slowest_ms = percentile(took_ms, 0.95)
    say(f"{Spread(took_ms)} ms, p95 {slowest_ms:.0f} ms; k = {k:.2f}")
    return Result(
        name=name,
        value=round(slowest_ms, 1),
        unit="ms (p95)",
        target=f"<= {most_ms:.0f} ms x max(1, k), k = {k:.2f}",
        ok=slowest_ms <= most_ms * max(1.0, k),
    )


def _read(http: httpx.Client, person: object) -> None:
    for part in PARTS:
        http.get(f"/api/customers/{person}{part}").raise_for_status()


def _count(http: httpx.Client, every: object) -> None:
    http.post("/api/segments/count", json={"terms": {"every": every}}).raise_for_status()


def _took(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1_000
