"""Running the checks: one after the other, on one moment of the books."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection, IsolationLevel

from placket.verify.checks import CHECKS, Check

FINDINGS_MAX = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One discrepancy: which rule, about what, and both sides of it."""

    check: str
    subject: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a check answered; at most twenty findings of each are read."""

    check: Check
    findings: tuple[Finding, ...]
    took_s: float


def proofs(connection: Connection[Any]) -> Iterator[Proof]:
    """Run the checks in the connection's transaction, each when the last one has been looked at.

    Anything it reads should be of one moment: hand in a REPEATABLE READ transaction unless nobody else writes.
    """
    with connection.cursor() as cursor:
        for check in CHECKS:
            began = time.perf_counter()
            cursor.execute(f"{check.query} LIMIT {FINDINGS_MAX}".encode())
            findings = tuple(Finding(check.name, *(str(side) for side in row)) for row in cursor.fetchall())
            yield Proof(check, findings, time.perf_counter() - began)


def prove(connection: Connection[Any]) -> list[Finding]:
    """Everything that is wrong with the books the connection sees; nothing when they are right."""
    return [finding for proof in proofs(connection) for finding in proof.findings]


def prove_database(database_url: str) -> Iterator[Proof]:
    """Run the checks on a database by address, on one moment of it, while everybody else goes on working."""
    options = "-c work_mem=256MB -c statement_timeout=0 -c timezone=UTC"
    with psycopg.connect(database_url, options=options, application_name="placket verify") as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield from proofs(connection)
