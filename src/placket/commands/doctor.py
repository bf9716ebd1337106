"""``placket doctor``: looks at the machine and the database, and says in plain words what is wrong and what to do."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket import supervisor, verify
from placket.core import authority, backup_stream, clock, jobs, postgres, schema
from placket.core.db import Database
from placket.core.settings import ROOT, settings
from placket.core.trouble import Trouble

FREE_MB = 1500
BACKLOG_S = 60
LATE = timedelta(hours=30)
APPS = ("pos", "office")


@dataclass(frozen=True, slots=True)
class Symptom:
    """What was looked at, whether it is right, and what was seen."""

    what: str
    right: bool
    seen: str


def doctor(*, as_json: bool) -> int:
    """Print one line a thing looked at; 1 if any is wrong."""
    seen = []
    for symptom in examine():
        seen.append(symptom)
        if not as_json:
            print(f"  {'ok   ' if symptom.right else 'WRONG'}  {symptom.what}: {symptom.seen}", flush=True)
    if as_json:
        print(json.dumps([asdict(symptom) for symptom in seen], ensure_ascii=False))
    return 0 if all(symptom.right for symptom in seen) else 1


def examine() -> Iterator[Symptom]:
    """Look at the machine, then at the database."""
    yield Symptom("Python", right=True, seen=sys.version.split()[0])
    yield node()
    yield apps()
    yield disk()
    yield port()
    yield https()
    yield from database()


def node() -> Symptom:
    """Node.js builds the web apps; the rules of its versions stand in scripts/setup.py, which refuses a wrong one."""
    found = shutil.which("node")
    if found is None:
        return Symptom("Node.js", right=False, seen="missing; install 20.19 or newer")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return Symptom("Node.js", right=bool(version), seen=version or f"{found} does not run")


def apps() -> Symptom:
    """Whether the web apps are built."""
    missing = [app for app in APPS if not (ROOT / "web" / "apps" / app / "dist" / "index.html").exists()]
    return Symptom("Web apps", right=not missing, seen=f"not built: {missing}; run make run" if missing else "built")


def disk() -> Symptom:
    """Whether the disk has room."""
    free = shutil.disk_usage(ROOT).free // 2**20
    return Symptom("Disk", right=free >= FREE_MB, seen=f"{free} MB free")


def port() -> Symptom:
    """Whether the port is free, or ours."""
    try:
        with supervisor.listening(settings().host, settings().port):
            return Symptom("Port", right=True, seen=f"{settings().port} is free")
    except Trouble as trouble:
        ours = supervisor.is_ready(settings().host, settings().port)
        return Symptom("Port", right=ours, seen=f"{settings().port} serves Placket" if ours else str(trouble))


def https() -> Symptom:
    """Whether devices of the network can trust this machine."""
    folder = settings().var / "https"
    if not settings().https:
        return Symptom("HTTPS", right=True, seen="off: only this machine is served; HOST=0.0.0.0 serves the network")
    if not (folder / "ca.pem").exists():
        return Symptom("HTTPS", right=True, seen="not made yet; make run HOST=0.0.0.0 makes it")
    names = ", ".join(name for name in authority.own_names() if name not in authority.ALWAYS)
    seen = f"for {names}; devices install it from port {settings().trust_port}; SHA-256 {authority.fingerprint(folder)}"
    return Symptom("HTTPS", right=bool(authority.addresses()), seen=seen)


def database() -> Iterator[Symptom]:
    """Whether the database can be used, is of today's schema, and what its jobs say."""
    if settings().database_url is None and not postgres.cluster().data.exists():
        yield Symptom("Database", right=True, seen="not made yet; make run makes it")
        return
    at_work = settings().database_url is None and postgres.cluster().alive()
    try:
        with postgres.reached() as url:
            schema.check_server(url)
            yield Symptom("Database", right=True, seen="DATABASE_URL" if settings().database_url else "embedded")
            kept = Database(url, pool_size=1)
            with kept.engine.connect() as connection:
                missing = schema.pending(connection)
            steps = ", ".join(revision for revision, _ in missing)
            yield Symptom("Schema", right=not missing, seen=f"lacks {steps}; run make migrate" if missing else "today's")
            if not missing:
                with kept.transaction() as tx:
                    if settings().database_url is None:
                        yield backup(tx, at_work=at_work)
                    yield from work(tx)
                    yield from budgets(tx)
            kept.dispose()
    except Trouble as trouble:
        yield Symptom("Database", right=False, seen=str(trouble))


def backup(tx: Session, *, at_work: bool) -> Symptom:
    """Whether there is a backup of the embedded database, and its log arrives there."""
    to = backup_stream.streaming(postgres.cluster())
    if to is None:
        return Symptom("Backup", right=True, seen="none yet; placket backup FOLDER makes one")
    if not to.folder.is_dir():
        return Symptom("Backup", right=False, seen=f"{to.folder} is out of reach")
    query = text("SELECT active, wal_status <> 'lost' FROM pg_replication_slots WHERE slot_name = :slot")
    row = tx.execute(query, {"slot": to.slot}).one_or_none()
    if row is None or not row[1]:
        return Symptom("Backup", right=False, seen=f"the log no longer reaches {to.folder}; run placket backup again")
    if at_work and not row[0]:
        return Symptom("Backup", right=False, seen=f"nothing is streamed to {to.folder}; see backup.log")
    return Symptom("Backup", right=True, seen=f"{to.folder}, and all that came after it")


def work(tx: Session) -> Iterator[Symptom]:
    """What the worker has done lately."""
    queue = jobs.backlog(tx)
    seen = f"{queue.waiting} waiting, the oldest for {queue.oldest_s:.0f} s, {queue.failed} failed"
    yield Symptom("Jobs", right=queue.oldest_s < BACKLOG_S and not queue.failed, seen=seen)
    for outcome in jobs.outcomes(tx):
        late = clock.now() - outcome.ran_at > LATE and outcome.name in {"verify", "prune"}
        seen = f"{outcome.ran_at:%Y-%m-%d %H:%M} UTC, {outcome.facts}"
        yield Symptom(f"Last {outcome.name}", right=outcome.healthy and not late, seen=seen)


def budgets(tx: Session) -> Iterator[Symptom]:
    """What selling without network may cost, where it costs more."""
    for budget in verify.budgets(tx, now=clock.now()):
        yield Symptom(budget.name, right=not budget.passed_at, seen="; ".join(budget.passed_at) or "within")
