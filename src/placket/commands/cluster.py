"""Commands about where the database is: its address, and the end of the embedded one."""

import sys

from placket.commands import console
from placket.core import postgres
from placket.core.settings import settings
from placket.core.trouble import Trouble


def psql_url() -> None:
    """Print the address of the database; it holds a password."""
    print(settings().database_url or postgres.cluster().url())


def reset(*, yes: bool) -> None:
    """Delete the embedded database, asking first."""
    if settings().database_url is not None:
        raise Trouble("reset deletes only the embedded database; unset DATABASE_URL, or drop that database yourself.")
    of = postgres.cluster()
    if of.alive():
        raise Trouble("The database is running; stop Placket first (Ctrl-C where it runs).")
    if not yes and (not sys.stdin.isatty() or input(f"Delete {of.home} with everything in it? Type yes: ") != "yes"):
        raise Trouble("Nothing was deleted; add --yes to delete without being asked.")
    postgres.remove(of)
    console.say(f"{of.home} is deleted")
