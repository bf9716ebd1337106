"""search_customers: what the office types to find somebody, asked of 200,000 customers through HTTP.

Asked by somebody of the whole chain and by somebody of one branch, who sees only those whom the branch knows.
"""

import asyncio
import random
from uuid import UUID

from bench import floor
from bench.lookup import ask, judged
from bench.report import Result, say
from bench.stage import Stage, server, sign_in, stage
from placket.core.db import Database

CUSTOMERS = 200_000
ROUNDS = 5
OF_EACH = 12
P95_MS_MAX = 50.0
SEARCH = "/api/customers?limit=50&q="
# The demo chain's people again under other numbers, until there are enough.
MORE = """
WITH made AS (
    INSERT INTO customer (id, full_name, given_name, phone, home_location_id, created_at)
    SELECT uuidv7(), full_name, given_name, '+84' || (1000000000 + row_number() OVER ()), home_location_id, created_at
      FROM (SELECT c.* FROM customer c, generate_series(1, 20) ORDER BY random() LIMIT %s) c
    RETURNING id, home_location_id)
INSERT INTO customer_branch (location_id, customer_id)
SELECT home_location_id, id FROM made WHERE home_location_id IS NOT NULL
"""


def search_customers() -> Result:
    """The 95th percentile over the first page, names and their parts, phones and their ends, and numbers in equal parts."""
    with stage("people") as at:
        _make_more(at)
        k = floor.slowness(at)
        queries = _queries(at)
        tokens = _sign_in(at)
        with server(at) as api:
            for token in tokens:
                asyncio.run(ask(api.port, token, SEARCH, queries))  # warms up
            rounds = []
            for _ in range(ROUNDS):
                random.shuffle(queries)
                rounds.append([took for token in tokens for took in asyncio.run(ask(api.port, token, SEARCH, queries))])
    return judged("search_customers", rounds, most_ms=P95_MS_MAX, k=k)


def _make_more(at: Stage) -> None:
    with at.connect() as connection:
        (there,) = connection.execute("SELECT count(*) FROM customer").fetchone() or (0,)
        connection.execute(MORE, (CUSTOMERS - int(str(there)),))
        connection.execute("VACUUM (ANALYZE) customer, customer_account, customer_branch")
        (now,) = connection.execute("SELECT count(*) FROM customer").fetchone() or (0,)
    say(f"{now:,} customers")


def _sign_in(at: Stage) -> list[str]:
    """An owner, and the manager of one branch."""
    database = Database(at.url, pool_size=1)
    with at.connect() as connection, database.transaction() as tx:
        branch = connection.execute("SELECT id FROM location WHERE kind = 'branch' ORDER BY position LIMIT 1").fetchone()
        assert branch is not None
        owner = sign_in(tx, role="owner", till_id=None, name="Chủ đo")
        manager = sign_in(tx, role="store_manager", till_id=None, name="Quản lý đo", place=UUID(str(branch[0])))
    database.dispose()
    return [owner, manager]


def _queries(at: Stage) -> list[tuple[str, str]]:
    """Kind and text of queries, made from who is there."""
    with at.connect() as connection:
        rows = connection.execute(
            "SELECT full_name, f_fold(full_name), phone, member_no FROM customer ORDER BY random() LIMIT %s", (OF_EACH,)
        ).fetchall()
    queries = [("first page", "")] * OF_EACH + [("nobody", name) for name in ("xqz", "wzx", "zz qx", "xz")] * (OF_EACH // 4)
    for name, folded, phone, number in (tuple(map(str, row)) for row in rows):
        words = folded.split()
        queries += [
            ("whole name", name),
            ("surname", words[0]),
            ("given name", words[-1]),
            ("three letters", words[-1][:3]),
            ("two letters", words[-1][:2]),
            ("whole phone", phone),
            ("end of a phone", phone[-4:]),
            ("two digits", phone[-2:]),
            ("member number", number),
        ]
    return queries
