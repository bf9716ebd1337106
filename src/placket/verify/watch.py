"""The watch over the books: goes on all day, finds what does not agree within a minute, and costs little.

Each look proves what has happened or was changed since the last one, and what was wrong then. What is left of its time it
spends on a walk through all the books, part by part, so that even what nothing tells of is found in the end.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket import events
from placket.core.db import Database
from placket.verify.checks import CHECKS, Check
from placket.verify.documents import document_of
from placket.verify.models import BooksFinding, BooksTouched, BooksWatch
from placket.verify.proof import FINDINGS_MAX, Finding
from placket.verify.scopes import BALANCE, CUSTOMER, DAY, EPOCH, SALE, SCOPES, WHOLE, Scope, scope_of

WALK_S: Final = 0.25
"""So long a look walks on through all the books; a part that was begun is finished."""

# A row that is not visible in the last look's snapshot, or was written by a transaction that was open then.
_SINCE: Final = "WHERE age(xmin) <= age(CAST(CAST(CAST(%(seen)s AS bigint) %% 4294967296 AS text) AS xid))"
_MOVED: Final = {
    SALE: """
        SELECT DISTINCT key FROM event
         WHERE topic IN ('sale.completed', 'sale.voided') AND xid >= CAST(CAST(%(seen)s AS text) AS xid8)
    """,
    BALANCE: "SELECT location_id || ':' || variant_id FROM stock " + _SINCE,
    CUSTOMER: "SELECT customer_id::text FROM customer_account " + _SINCE,
    DAY: "SELECT on_date::text FROM day_summed " + _SINCE,
    EPOCH: "SELECT till_id || ':' || epoch FROM till_epoch " + _SINCE,
}


@dataclass(slots=True)
class Look:
    """What a look has proved and found."""

    proved: int = 0
    wrong: list[Finding] = field(default_factory=list)
    walked: int = 0


def look(database: Database, *, now: datetime) -> Look:
    """Prove what has moved, what was changed by hand and what was wrong; then walk on. Tells the office when it changes."""
    began = time.perf_counter()
    with database.transaction() as tx:
        tx.execute(text("SET LOCAL statement_timeout = 0"))
        watch = _watch_of(tx, now)
        told = Look()
        for scope, keys in _to_prove(tx, watch.seen_xid).items():
            told.wrong += _prove_all(tx, scope, sorted(keys))
            told.proved += len(keys)
        for check in _broken_whole(tx):
            told.wrong += _run(tx, check, f"{check.query} LIMIT {FINDINGS_MAX}")
        watch.seen_xid = _xid_now(tx)
        _keep(tx, told.wrong, now=now, instead=True)
    deadline = time.perf_counter() + WALK_S
    while told.walked == 0 or time.perf_counter() < deadline:
        with database.transaction() as tx:
            _walk(tx, told, now=now)
    with database.transaction() as tx:
        watch = _watch_of(tx, now)
        watch.looked_at, watch.took_ms = now, int((time.perf_counter() - began) * 1_000)
    return told


def note(tx: Session, findings: Iterable[Finding], *, now: datetime) -> None:
    """Keep what somebody else has found, until a look sees that it is right again."""
    _keep(tx, list(findings), now=now, instead=False)


def _watch_of(tx: Session, now: datetime) -> BooksWatch:
    """The watch's own row; its first look begins with what happens from now on, and a walk."""
    kept = tx.get(BooksWatch, 1, with_for_update=True, populate_existing=True)
    if kept is None:
        kept = BooksWatch(id=1, seen_xid=_xid_now(tx), looked_at=now, took_ms=0, walk={}, round_began_at=now)
        tx.add(kept)
        tx.flush()
    return kept


def _xid_now(tx: Session) -> int:
    """Everything below has committed and can be seen: the next look begins here."""
    return int(tx.scalars(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")).one())


def _to_prove(tx: Session, seen_xid: int) -> dict[Scope, set[str]]:
    """What has moved since the last look, what was changed by hand, and what was wrong."""
    keys = {scope: set(_rows(tx, query, {"seen": seen_xid})) for scope, query in _MOVED.items()}
    touched = tx.execute(delete(BooksTouched).returning(BooksTouched.scope, BooksTouched.key)).all()
    for name, key in touched:
        keys[SCOPES[name]].add(key)
    for finding in tx.scalars(select(BooksFinding)):
        scope = scope_of(finding.rule)
        if scope is not None and finding.document_key is not None and finding.document == scope.name:
            keys[scope].add(finding.document_key)
    return keys


def _broken_whole(tx: Session) -> list[Check]:
    """Rules that were broken and whose findings name no part: those are proved on all of the books again."""
    broken = {
        finding.rule
        for finding in tx.scalars(select(BooksFinding))
        if (scope := scope_of(finding.rule)) is None or finding.document != scope.name
    }
    return [check for check in CHECKS if check.name in broken]


def _walk(tx: Session, told: Look, *, now: datetime) -> None:
    """One part further through all the books: scope by scope in slices, then the rules that take all of them, one each."""
    tx.execute(text("SET LOCAL statement_timeout = 0"))
    watch = _watch_of(tx, now)
    step, scopes = int(watch.walk.get("step", 0)), list(SCOPES.values())
    found: list[Finding] = []
    if step < len(scopes):
        scope = scopes[step]
        keys = _rows(tx, scope.after, {"after": watch.walk.get("after", scope.first), "slice": scope.slice})
        found = _prove(tx, scope, keys)
        watch.walk = {"step": step, "after": keys[-1]} if len(keys) == scope.slice else {"step": step + 1}
    elif step < len(scopes) + len(WHOLE):
        check = WHOLE[step - len(scopes)]
        found = _run(tx, check, f"{check.query} LIMIT {FINDINGS_MAX}")
        watch.walk = {"step": step + 1}
    else:
        watch.walk, watch.round_ended_at, watch.round_began_at = {}, now, now
    told.walked += 1
    told.wrong += found
    _keep(tx, found, now=now, instead=False)


def _prove_all(tx: Session, scope: Scope, keys: Sequence[str]) -> list[Finding]:
    starts = range(0, len(keys), scope.slice)
    return [found for start in starts for found in _prove(tx, scope, keys[start : start + scope.slice])]


def _prove(tx: Session, scope: Scope, keys: Sequence[str]) -> list[Finding]:
    if not keys:
        return []
    return [found for check in scope.checks() for found in _run(tx, check, scope.query(check), {"keys": list(keys)})]


def _run(tx: Session, check: Check, query: str, values: dict[str, Any] | None = None) -> list[Finding]:
    rows = tx.connection().exec_driver_sql(query, values).all()
    return [Finding(check.name, *(str(side) for side in row)) for row in rows]


def _rows(tx: Session, query: str, values: dict[str, Any]) -> list[str]:
    return [cast("str", key) for (key,) in tx.connection().exec_driver_sql(query, values)]


def _keep(tx: Session, findings: Sequence[Finding], *, now: datetime, instead: bool) -> None:
    """Write down what is wrong, ``instead`` of what was, and tell the office if that is something new."""
    before = {(one.rule, one.subject) for one in tx.scalars(select(BooksFinding))}
    after = {(one.check, one.subject): one for one in findings}
    for row in _rows_to_keep(tx, after, now):
        new = {"expected": row["expected"], "found": row["found"]}
        tx.execute(insert(BooksFinding).values(**row).on_conflict_do_update(index_elements=["rule", "subject"], set_=new))
    gone = before - set(after) if instead else set()
    for rule, subject in gone:
        tx.execute(delete(BooksFinding).where(BooksFinding.rule == rule, BooksFinding.subject == subject))
    if gone or set(after) - before:
        wrong = len((before - gone) | set(after))
        version = int(tx.scalars(text("SELECT pg_current_xact_id()::text")).one())
        events.publish(tx, events.BOOKS_CHANGED, key="books", key_version=version, payload={"wrong": wrong})


def _rows_to_keep(tx: Session, findings: dict[tuple[str, str], Finding], now: datetime) -> Iterator[dict[str, Any]]:
    for one in findings.values():
        document = document_of(tx, one.subject)
        yield {
            "rule": one.check,
            "subject": one.subject,
            "expected": one.expected,
            "found": one.found,
            "document": document and document.kind,
            "document_key": document and document.key,
            "label": document and document.label,
            "location_id": document and document.location_id,
            "found_at": now,
        }
