"""The command that brings the database's schema up to date, and the grants that came with new verbs."""

import json
from collections.abc import Callable

from placket import identity
from placket.commands import console
from placket.core import clock, postgres, schema
from placket.core.db import Database


def migrate(*, as_json: bool) -> None:
    """Bring the database to today's schema."""
    steps: list[str] = []
    with postgres.reached() as url, schema.needing_room():
        bring_up_to_date(url, steps.append if as_json else console.say)
    if as_json:
        print(json.dumps({"steps": steps}))


def bring_up_to_date(url: str, say: Callable[[str], object]) -> None:
    """The schema of today, and for a company that is there already its roles' grants of verbs that are new."""
    schema.migrate(url, say)
    database = Database(url, pool_size=1)
    with database.transaction() as tx:
        new = identity.seed_grants(tx, now=clock.now()) if identity.company(tx) is not None else []
    database.dispose()
    if new:
        say(f"new verbs for the roles that have them from the start: {', '.join(new)}")
