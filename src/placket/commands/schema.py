"""The command that brings the database's schema up to date."""

import json

from placket.commands import console
from placket.core import postgres, schema


def migrate(*, as_json: bool) -> None:
    """Bring the database to today's schema."""
    steps: list[str] = []
    with postgres.reached() as url, schema.needing_room():
        schema.migrate(url, steps.append if as_json else console.say)
    if as_json:
        print(json.dumps({"steps": steps}))
