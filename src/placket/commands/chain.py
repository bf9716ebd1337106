"""Commands that found a real chain and let its devices in."""

import getpass
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from placket import identity, inventory
from placket.commands import console
from placket.core import clock, postgres, schema
from placket.core.ids import new_id
from placket.core.trouble import Trouble
from placket.pos import print_jobs
from placket.tables import Database

SHORTEST_PASSWORD = 10
LOCATION = re.compile(r"(?P<code>[A-Za-z0-9]{2,8}):(?P<name>[^:]+):(?P<city>[^:]+)")


@dataclass(frozen=True, slots=True)
class Opening:
    """A location to open."""

    kind: str
    code: str
    name: str
    city: str


def init(
    *,
    company: str | None,
    tax_code: str | None,
    owner: str | None,
    email: str | None,
    password: str | None,
    branch: list[str] | None,
    depot: list[str] | None,
    as_json: bool,
) -> None:
    """Found the company: its name, an owner who can sign in, its first branches with one till each."""
    name = company or _ask("Name of the company")
    full_name = owner or _ask("Full name of the owner")
    address = email or _ask("E-mail of the owner")
    if "@" not in address:
        raise Trouble(f"{address!r} is no e-mail address.")
    secret = password or os.environ.get("PLACKET_PASSWORD") or _ask_password()
    if len(secret) < SHORTEST_PASSWORD:
        raise Trouble(f"The password needs at least {SHORTEST_PASSWORD} characters.")
    places = _openings("branch", branch or _ask_branches()) + _openings("depot", depot or [])
    now = clock.now()
    with postgres.reached() as url:
        schema.migrate(url, lambda _step: None)
        database = Database(url, pool_size=1)
        with database.transaction() as tx:
            if identity.company(tx) is not None:
                raise Trouble(
                    "This database holds a company already; point DATABASE_URL at an empty one, or run make reset."
                )
            identity.create_company(tx, name=name, tax_code=tax_code, address=None, phone=None, now=now)
            identity.create_staff(
                tx,
                staff_id=new_id(),
                full_name=full_name,
                email=address,
                roles=[identity.RoleHeld("owner", None)],
                password=secret,
                pin=None,
                actor=None,
                now=now,
            )
            for place in places:
                location = inventory.open_location(
                    tx, code=place.code, name=place.name, kind=place.kind, city=place.city, now=now
                )
                if place.kind == "branch":
                    identity.create_till(tx, location_id=location.id, name="Quầy 1", now=now)
        database.dispose()
    codes = [place.code for place in places]
    if as_json:
        print(json.dumps({"company": name, "email": address.lower(), "locations": codes}, ensure_ascii=False))
    else:
        console.say(f"{name} is founded with {', '.join(codes) or 'no branch yet'}; {address.lower()} can sign in.")


def pairing_code(*, till: str, as_json: bool) -> None:
    """Make a code that pairs a device as this till."""
    now = clock.now()
    with postgres.reached() as url:
        database = Database(url, pool_size=1)
        with database.transaction() as tx:
            found = identity.find_till(tx, till)
            if found is None:
                raise Trouble(f"There is no till {till!r}; the office lists them under Staff & devices.")
            code, expires_at = identity.make_pairing_code(
                tx, location_id=found.location_id, till_name=found.name, till_id=found.id, actor=None, now=now
            )
        database.dispose()
    if as_json:
        print(json.dumps({"till": till.upper(), "code": code, "expires_at": expires_at.isoformat()}))
    else:
        console.say(f"type {code} at the till within 10 minutes; it becomes {till.upper()}.")


def bridge_key(*, branch: str) -> None:
    """Make a key for a branch's print bridge; it is shown once."""
    with postgres.reached() as url:
        database = Database(url, pool_size=1)
        with database.transaction() as tx:
            location_id = tx.scalar(sa.text("SELECT id FROM location WHERE code = :code"), {"code": branch.upper()})
            if location_id is None:
                raise Trouble(f"There is no branch {branch!r}.")
            key = print_jobs.add_bridge(tx, location_id=location_id, now=clock.now())
        database.dispose()
    console.say(f"start the bridge of {branch.upper()} with --key {key}")


def _openings(kind: str, given: Sequence[str]) -> list[Opening]:
    found = []
    for text in given:
        match = LOCATION.fullmatch(text.strip())
        if match is None:
            raise Trouble(f"{text!r} is no {kind}; write CODE:NAME:CITY, such as HN01:Tràng Tiền:Hà Nội.")
        found.append(Opening(kind, match["code"].upper(), match["name"].strip(), match["city"].strip()))
    return found


def _ask(what: str) -> str:
    if not sys.stdin.isatty():
        raise Trouble(f"{what} is missing; placket init --help lists the options.")
    while not (answer := input(f"{what}: ").strip()):
        pass
    return answer


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise Trouble("The owner's password is missing; set PLACKET_PASSWORD.")
    first = getpass.getpass(f"Password of the owner (at least {SHORTEST_PASSWORD} characters): ")
    if getpass.getpass("Once more: ") != first:
        raise Trouble("The two passwords differ; nothing was made.")
    return first


def _ask_branches() -> list[str]:
    if not sys.stdin.isatty():
        return []
    print("Branches as CODE:NAME:CITY, one a line; an empty line ends the list.")
    return list(iter(lambda: input("Branch: ").strip(), ""))
