"""The command that fills a database with the demo chain, and says who can sign in."""

from placket import demo as chain
from placket import identity
from placket.commands import console
from placket.commands.schema import bring_up_to_date
from placket.core import clock, postgres, schema
from placket.core.db import Database
from placket.core.trouble import Trouble
from placket.identity.models import Company
from placket.identity.roles import ROLE_NAMES


def demo(*, size: str, seed: int, go_on: bool) -> None:
    """Fill an empty database; with ``go_on``, tell a demo's history on until now and leave a real company as it is."""
    with postgres.reached() as url, schema.needing_room():
        bring_up_to_date(url, console.say)
        company = company_of(url)
        if company is None:
            now = clock.now()
            chain.fill(url, size=size, seed=seed, ends_at=now, say=console.say)
            chain.begin(url, seed=seed, now=now)
            chain.order(url, seed=seed, now=now)
        elif go_on:
            chain.catch_up(url, now=clock.now(), say=console.say)
        else:
            raise Trouble("The database already holds a company; point DATABASE_URL at an empty one, or run make reset.")
    if company is None or company.demo_seed is not None:
        print_log_ins()


def print_log_ins() -> None:
    """One person of each role who can sign in to the demo, and how."""
    shown = {person.role: person for person in reversed(chain.LOGINS)}
    console.say(f"log-ins of the demo: password {chain.PASSWORD} in the office, PIN {chain.PIN} at the tills\n")
    for person in (person for person in chain.LOGINS if shown[person.role] is person):
        print(
            f"    {person.email:<26} {ROLE_NAMES[person.role][1]:<15} {person.place or 'whole chain':<13}{person.full_name}"
        )
    print(f"    and {len(chain.LOGINS) - len(shown)} more, listed in the office under Nhân sự & máy", flush=True)


def company_of(url: str) -> Company | None:
    """The company that the database holds."""
    database = Database(url, pool_size=1)
    with database.transaction() as tx:
        company = identity.company(tx)
    database.dispose()
    return company
