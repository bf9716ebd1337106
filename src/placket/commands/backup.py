"""The commands that back the database up and put it back; docs/backup.md tells how they are used."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from placket import identity, inventory
from placket.commands import console
from placket.commands.schema import bring_up_to_date
from placket.core import backup as made
from placket.core import backup_restore, clock, postgres, schema
from placket.core.settings import ROOT, settings
from placket.core.trouble import Trouble
from placket.tables import Database

FEWEST = 1


def backup(*, folder: str, keep: int, as_json: bool) -> None:
    """Back everything up into a folder of its own, and from then on stream what happens after it."""
    if keep < FEWEST:
        raise Trouble("Keep at least one backup.")
    into, now = Path(folder).resolve(), clock.now().replace(microsecond=0)
    say = _silent if as_json else console.say
    with postgres.reached() as url:
        database = Database(url, pool_size=1)
        with database.engine.connect() as connection:
            if schema.pending(connection):
                raise Trouble("The database is not of today's schema; run placket migrate first.")
        with database.transaction() as tx:
            company = identity.company(tx)
        database.dispose()
        if company is None:
            raise Trouble("There is nothing to back up: no company has been founded yet.")
        of = made.Subject(company=company.name, schema=_schemas()[0], now=now)
        if settings().database_url is None:
            made_at = made.take_base(postgres.cluster(), into, of, say)
        else:
            made_at = made.take_dump(url, into, of, say)
    gone = made.keep_newest(into, keep)
    if as_json:
        print(json.dumps({"backup": str(made_at), "deleted": [str(old) for old in gone]}))
        return
    for old in gone:
        console.say(f"{old} is deleted; {keep} are kept")
    after = "; what happens from now on is streamed into it" if settings().database_url is None else ""
    console.say(f"{made_at} is complete{after}")


def restore(*, folder: str, until: str | None, as_json: bool) -> None:
    """Put a backup back into an empty place. Every branch then waits for its tills; docs/backup.md says what to do."""
    say = _silent if as_json else console.say
    found, facts = backup_restore.chosen(Path(folder).resolve(), schemas=set(_schemas()))
    say(f"{found}: {facts.company}, of {facts.made_at:%Y-%m-%d %H:%M} UTC")
    reached = facts.made_at
    given = settings().database_url
    if facts.kind == "base":
        if given is not None:
            raise Trouble("This is a backup of the embedded database: unset DATABASE_URL to restore it.")
        moment = None if until is None else _moment(until, facts.made_at)
        reached = backup_restore.put_back(found, facts, postgres.cluster(), until=moment, say=say)
    elif given is None or until is not None:
        raise Trouble("This is a dump: set DATABASE_URL to an empty database, and restore it as it is, without --until.")
    else:
        schema.check_server(given)
        backup_restore.load(found, facts, given, say=say)
    missing = _begin(say)
    if as_json:
        print(json.dumps({"backup": str(found), "reached": reached.isoformat(), "waits_for_tills": missing}))
        return
    say(f"restored to {reached:%Y-%m-%d %H:%M:%S} UTC; the branches wait for {missing} tills to come back")
    say("start Placket, let every till connect, then run placket backup again: this history is not backed up yet")


def _begin(say: made.Say) -> int:
    """Begin a new history; answers for how many tills the branches wait."""
    now = clock.now()
    with postgres.reached() as url:
        bring_up_to_date(url, say)
        database = Database(url, pool_size=1)
        with database.transaction() as tx:
            company = identity.begin_incarnation(tx)
            missing = inventory.begin_recovery(tx, now=now)
            after = {"incarnation": str(company.incarnation), "tills": missing}
            identity.audit(tx, action="company.restored", subject_type="company", subject_id=1, actor=None, after=after)
        database.dispose()
    return missing


def _moment(told: str, made_at: datetime) -> datetime:
    """``backup`` is the moment of the backup itself; else a time, Vietnam's unless it names its zone."""
    if told == "backup":
        return made_at
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        raise Trouble(f"{told!r} is no time; write it as 2026-11-25T14:30, or write backup.") from None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=clock.VIETNAM)
    if moment < made_at - timedelta(seconds=1):
        raise Trouble(f"The backup was made at {made_at.isoformat()}, after that; name an older backup's own folder.")
    return moment


def _schemas() -> list[str]:
    """Every schema this Placket knows, today's first."""
    script = ScriptDirectory.from_config(Config(ROOT / "alembic.ini"))
    return [step.revision for step in script.walk_revisions()]


def _silent(_what: str) -> None:
    """Say nothing: a program reads the answer."""
