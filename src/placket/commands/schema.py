"""The command that brings the database's schema up to date."""

import json

from placket.core import postgres, schema


def migrate(*, as_json: bool) -> None:
    """Bring the database to today's schema."""
    steps: list[str] = []
    with postgres.reached() as url:
        schema.migrate(url, steps.append if as_json else _say)
    if as_json:
        print(json.dumps({"steps": steps}))


def _say(what: str) -> None:
    print(f"  placket: {what}", flush=True)
